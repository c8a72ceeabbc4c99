"""Who sees whom, asked of the database, and how soon a change counts: at the next request."""

import pytest
from django.db.models import F
from django.test import Client

from clinic.models import Clinic, RoleGrant, User, Workplace
from patients.models import CareTeam, Patient, RelatedPerson
from scheduling.models import Appointment
from tests.access.world import EVERYBODY, OPENS, OPENS_TEAM, SEES, WRITES, WRITES_TEAM
from tests.cast import NOW, PASSWORD


@pytest.mark.parametrize("person", sorted(set(SEES) - {"nobody"}))
def test_visible_to_gives_these_patients(person, at_the_clinic):
    world, _ = at_the_clinic
    row = getattr(world.cast, person)
    user = User.objects.get(pk=getattr(row, "user", row).pk)
    names = {getattr(world.cast, name).pk: name for name in EVERYBODY}
    assert {names[patient.pk] for patient in Patient.objects.visible_to(user)} == SEES[person]
    assert {names[visit.patient_id] for visit in Appointment.objects.visible_to(user)} == SEES[person]


@pytest.mark.parametrize("setting", ["clinic", "team"])
@pytest.mark.parametrize("person", sorted(set(SEES) - {"nobody"}))
def test_these_charts_are_open(person, setting, at_the_clinic):
    world, _ = at_the_clinic
    Clinic.objects.update(charts_open_to=setting, version=F("version") + 1)
    opens, writes = {"clinic": (OPENS, WRITES), "team": (OPENS_TEAM, WRITES_TEAM)}[setting]
    row = getattr(world.cast, person)
    user = User.objects.get(pk=getattr(row, "user", row).pk)
    names = {getattr(world.cast, name).pk: name for name in EVERYBODY}
    assert {names[one.pk] for one in Patient.objects.charts_read_by(user)} == opens.get(person, set())
    assert {names[one.pk] for one in Patient.objects.charts_written_by(user)} == writes.get(person, set())


def test_a_chart_that_is_open_is_of_somebody_who_is_found():
    for opens, writes in ((OPENS, WRITES), (OPENS_TEAM, WRITES_TEAM)):
        assert all(charts <= SEES[person] for person, charts in opens.items())
        assert all(charts <= opens[person] for person, charts in writes.items())
    assert all(OPENS_TEAM[person] <= charts for person, charts in OPENS.items())


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["olive", "ana", "mei", "rita", "dana"])
def test_asking_costs_the_same_however_many_there_are(person, cast, django_assert_max_num_queries):
    row = getattr(cast, person)
    user = User.objects.get(pk=getattr(row, "user", row).pk)
    # The person's roles, their locations, and the patients.
    with django_assert_max_num_queries(3):
        list(Patient.objects.visible_to(user))


@pytest.mark.django_db
class TestAChangeCountsAtTheNextRequest:
    def test_somebody_is_deactivated(self, cast, client_of):
        ana = client_of(cast.ana)
        assert ana.get("/patients/").status_code == 200
        User.objects.filter(pk=cast.ana.pk).update(is_active=False)
        answer = ana.get("/patients/")
        assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/patients/")

    def test_and_cannot_sign_in_again(self, cast):
        User.objects.filter(pk=cast.ana.pk).update(is_active=False)
        visitor = Client()
        visitor.post("/account/login/", {"login": cast.ana.email, "password": PASSWORD})
        assert visitor.get("/patients/").status_code == 302

    def test_a_role_ends(self, cast, client_of):
        ana = client_of(cast.ana)
        assert ana.get("/patients/").status_code == 200
        RoleGrant.objects.filter(user=cast.ana).update(until=NOW)
        assert ana.get("/patients/").status_code == 403

    def test_somebody_stops_working_at_a_location(self, cast, client_of):
        ana, chart = client_of(cast.ana), f"/patients/{cast.maria.pk}/"
        assert ana.get(chart).status_code == 200
        Workplace.objects.filter(user=cast.ana).delete()
        assert ana.get(chart).status_code == 404

    def test_treating_somebody_ends(self, cast, client_of):
        theo, chart = client_of(cast.theo), f"/patients/{cast.maria.pk}/"
        assert theo.get(chart).status_code == 404
        team = CareTeam.objects.create(patient=cast.maria, user=cast.theo, since=NOW, why="treating")
        assert theo.get(chart).status_code == 200
        team.until = NOW
        team.save()
        assert theo.get(chart).status_code == 404

    def test_acting_for_a_child_ends(self, cast):
        iris = User.objects.get(pk=cast.iris.user.pk)
        assert set(Patient.objects.visible_to(iris)) == {cast.iris, cast.leo}
        relation = RelatedPerson.objects.get(pk=cast.leos_mother.pk)
        relation.appointments = False
        relation.save()
        assert set(Patient.objects.visible_to(User.objects.get(pk=iris.pk))) == {cast.iris}

    def test_having_an_account_is_no_right_by_itself(self, cast):
        stranger = User.objects.create_user("somebody@else.example", PASSWORD)
        assert set(Patient.objects.visible_to(stranger)) == set()
