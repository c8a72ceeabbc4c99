"""A chart opened with a reason, restricted, and open again: the actions and their pages."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import F
from django.urls import reverse

from clinic.models import AuditEvent, ChartsOpenTo, Clinic, Role, RoleGrant
from clinic.refusal import Refused
from clinic.submissions import new_key
from messaging.models import OutboxMessage, StaffTask
from patients.actions import join_care_team, lift_restriction, open_with_reason, restrict
from patients.models import CareTeam, Patient, Restriction, Why
from patients.queries.charts import OPENED, opened_with_a_reason
from tests.cast import NOW, SET_UP_AT
from tests.patients.rows import merge_into, patient

pytestmark = pytest.mark.django_db
REASON = "qreasonz: covers for Mei today"


@pytest.fixture
def team_alone(cast):
    Clinic.objects.update(charts_open_to=ChartsOpenTo.TEAM, version=F("version") + 1)


def url(name, of):
    return reverse(f"patients:{name}", args=[of.pk])


def opens(by, of, reason=REASON, now=NOW):
    return open_with_reason(by=by, request_key=None, pk=of.pk, reason=reason, now=now)


def restricts(by, of, because="wish"):
    return restrict(by=by, request_key=None, pk=of.pk, because=because, now=NOW)


def lifts(by, of, version=1):
    return lift_restriction(by=by, request_key=None, pk=of.pk, version=version, now=NOW)


def sent(client, name, of, **typed):
    return client.post(url(name, of), {"request_key": new_key(), **typed})


def may(user, of):
    rows = Patient.objects.filter(pk=of.pk)
    return rows.charts_read_by(user).exists(), rows.charts_written_by(user).exists()


@pytest.mark.usefixtures("team_alone")
class TestOpeningWithAReason:
    def test_it_is_an_event_with_the_reason(self, cast, client_of):
        answer = sent(client_of(cast.daniel), "open_with_reason", cast.maria, reason=f"  {REASON} ")
        assert (answer.status_code, answer["Location"]) == (303, url("chart", cast.maria))
        event = AuditEvent.objects.get(verb=OPENED)
        assert (event.by, event.patient, event.object) == (
            cast.daniel,
            cast.maria.pk,
            f"patients.patient:{cast.maria.pk}",
        )
        assert event.detail == {"reason": REASON}

    def test_every_owner_is_told_without_the_patients_name_or_the_reason(self, cast):
        RoleGrant.objects.create(user=cast.jo, role=Role.OWNER, since=SET_UP_AT)
        RoleGrant.objects.create(user=cast.ken, role=Role.OWNER, since=SET_UP_AT, until=NOW)
        opens(cast.daniel, cast.maria)
        mails = list(OutboxMessage.objects.filter(kind="chart_opened"))
        assert {mail.to for mail in mails} == {cast.olive.email, cast.jo.email}
        for mail in mails:
            text = f"{mail.subject} {mail.body} {mail.about}"
            assert ("Daniel Lee" in text, reverse("patients:opened") in text) == (True, True)
            assert [
                word for word in ("Maria", "Garcia", str(cast.maria.pk), "qreasonz") if word in text
            ] == []

    def test_owners_have_a_to_do_and_nobody_else(self, cast):
        opens(cast.daniel, cast.maria)
        task = StaffTask.objects.get(kind="chart_opened")
        event = AuditEvent.objects.get(verb=OPENED)
        assert (task.for_role, task.for_user, task.patient, task.title, task.about) == (
            "owner",
            None,
            cast.maria.pk,
            "Daniel Lee opened a chart with a reason",
            f"clinic.auditevent:{event.pk}",
        )

    @pytest.mark.parametrize("person", ["daniel", "olive"])
    def test_it_is_open_for_60_minutes_to_read(self, cast, person):
        user = getattr(cast, person)
        assert may(user, cast.maria) == (False, False)
        opens(user, cast.maria)
        for seconds, found in ((0, True), (3599, True), (3600, False)):
            with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
                assert may(user, cast.maria) == (found, False)
        assert may(cast.jo, cast.maria) == (False, False)

    def test_twice_is_once(self, cast, client_of):
        client, key = client_of(cast.daniel), new_key()
        first = [
            sent(client, "open_with_reason", cast.maria, reason="One", request_key=key) for _time in "12"
        ]
        again = sent(client, "open_with_reason", cast.maria, reason="Two")
        assert [answer.status_code for answer in (*first, again)] == [303, 303, 303]
        assert CareTeam.objects.filter(why=Why.REASON).count() == OutboxMessage.objects.count() == 1
        assert AuditEvent.objects.get(verb=OPENED).detail == {"reason": "One"}

    def test_again_after_the_hour(self, cast):
        opens(cast.daniel, cast.maria)
        later = NOW + timedelta(minutes=60)
        with time_machine.travel(later, tick=False):
            opens(cast.daniel, cast.maria, now=later)
            assert may(cast.daniel, cast.maria) == (True, False)
        assert AuditEvent.objects.filter(verb=OPENED).count() == StaffTask.objects.count() == 2

    @pytest.mark.parametrize("reason, kept", [("", ""), ("   ", "   "), ("a" * 301, "a" * 301)])
    def test_without_a_reason_it_stays_closed_and_what_was_typed_stays(self, cast, client_of, reason, kept):
        answer = sent(client_of(cast.daniel), "open_with_reason", cast.maria, reason=reason)
        assert (answer.status_code, answer.context["form"]["reason"].value()) == (422, kept)
        assert may(cast.daniel, cast.maria) == (False, False)
        assert OutboxMessage.objects.count() == CareTeam.objects.count() == 0

    def test_the_action_asks_for_the_reason_too(self, cast):
        with pytest.raises(Refused):
            opens(cast.daniel, cast.maria, reason=" ")

    def test_what_is_open_is_left_as_it_is(self, cast, client_of):
        join_care_team(patient=cast.maria, user=cast.daniel, why=Why.TREATING, now=NOW)
        answer = client_of(cast.daniel).get(url("open_with_reason", cast.maria))
        assert (answer.status_code, answer["Location"]) == (303, url("chart", cast.maria))
        assert opens(cast.daniel, cast.maria) is None
        assert AuditEvent.objects.filter(verb=OPENED).count() == OutboxMessage.objects.count() == 0

    @pytest.mark.parametrize(
        "person, status", [("ana", 403), ("theo", 404), ("hana", 403), ("rita", 403), ("dana", 403)]
    )
    def test_who_may_not(self, cast, client_of, person, status):
        client = client_of(getattr(cast, person))
        assert client.get(url("open_with_reason", cast.maria)).status_code == status
        assert sent(client, "open_with_reason", cast.maria, reason=REASON).status_code == status
        assert CareTeam.objects.count() == 0

    def test_the_page_says_what_follows(self, cast, client_of):
        html = client_of(cast.daniel).get(url("open_with_reason", cast.maria)).content.decode()
        for said in ("for an hour", "Your reason is kept with your name", "the owner is told"):
            assert html.count(said) == 1


class TestTheChart:
    @pytest.mark.parametrize("person, offered", [("daniel", 1), ("olive", 1), ("ana", 0)])
    def test_a_closed_one_shows_what_the_desk_sees_and_offers_the_door(
        self, cast, client_of, person, offered
    ):
        restricts(cast.ana, cast.maria)
        answer = client_of(getattr(cast, person)).get(url("chart", cast.maria))
        html = answer.content.decode()
        assert (answer.status_code, html.count(url("open_with_reason", cast.maria))) == (200, offered)
        assert html.count(">restricted chart<") == 1
        assert html.count(reverse("frontdesk:summary", args=[cast.maria.pk])) == 0

    def test_opened_it_says_until_when_and_open_it_says_nothing(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        opens(cast.daniel, cast.maria)
        html = client_of(cast.daniel).get(url("chart", cast.maria)).content.decode()
        assert html.count("Opened with a reason: yours to read until 11:42 am.") == 1
        assert html.count(url("open_with_reason", cast.maria)) == 0
        join_care_team(patient=cast.maria, user=cast.daniel, why=Why.TREATING, now=NOW)
        html = client_of(cast.daniel).get(url("chart", cast.maria)).content.decode()
        assert html.count("Opened with a reason") == 0


class TestRestricting:
    @pytest.mark.parametrize("because", ["staff", "relative", "wish"])
    @pytest.mark.parametrize("person", ["ana", "mei", "olive"])
    def test_each_cause_by_anybody_on_staff(self, cast, client_of, because, person):
        by = getattr(cast, person)
        answer = sent(client_of(by), "restrict", cast.maria, because=because)
        assert (answer.status_code, answer["Location"]) == (303, url("chart", cast.maria))
        row = Restriction.objects.get()
        assert (row.patient, row.because, row.by, row.since) == (cast.maria, because, by, NOW)
        event = AuditEvent.objects.get(verb="restrict chart")
        assert (event.patient, event.detail) == (cast.maria.pk, {"because": because})
        assert may(cast.daniel, cast.maria) == (False, False)

    @pytest.mark.parametrize("because", ["", "nosy"])
    def test_a_cause_that_is_none(self, cast, client_of, because):
        answer = sent(client_of(cast.ana), "restrict", cast.maria, because=because)
        assert (answer.status_code, Restriction.objects.count()) == (422, 0)

    def test_those_who_treat_the_patient_keep_it(self, cast):
        join_care_team(patient=cast.maria, user=cast.mei, why=Why.NOTE, now=NOW)
        restricts(cast.ana, cast.maria)
        assert may(cast.mei, cast.maria) == (True, True)

    def test_twice_is_refused_and_the_same_form_is_once(self, cast, client_of):
        client, key = client_of(cast.ana), new_key()
        for _time in "12":
            assert sent(client, "restrict", cast.maria, because="wish", request_key=key).status_code == 303
        answer = sent(client, "restrict", cast.maria, because="staff")
        assert (answer.status_code, "restricted already" in answer.content.decode()) == (422, True)
        assert Restriction.objects.get().because == "wish"

    def test_an_old_record_is_not_restricted_by_itself(self, cast, client_of):
        old = patient(cast)
        merge_into(cast, kept=cast.maria, merged=old)
        answer = sent(client_of(cast.ana), "restrict", old, because="wish")
        assert (answer.status_code, Restriction.objects.count()) == (422, 0)
        assert client_of(cast.ana).get(url("chart", old)).content.decode().count("/restrict/") == 0

    def test_records_merged_into_it_are_restricted_too(self, cast):
        old = patient(cast)
        merge_into(cast, kept=cast.maria, merged=old)
        restricts(cast.ana, cast.maria, "staff")
        rows = Restriction.objects.order_by("because").values_list("patient", "because")
        assert set(rows) == {(cast.maria.pk, "staff"), (old.pk, "staff")}
        assert may(cast.daniel, old) == (False, False)
        lifts(cast.olive, cast.maria)
        assert Restriction.objects.filter(lifted_at=None).count() == 0

    @pytest.mark.parametrize("person, status", [("hana", 404), ("rita", 403), ("dana", 403)])
    def test_who_may_not(self, cast, client_of, person, status):
        client = client_of(getattr(cast, person))
        assert sent(client, "restrict", cast.maria, because="wish").status_code == status
        assert Restriction.objects.count() == 0

    @pytest.mark.parametrize("person, said", [("ana", 0), ("daniel", 0), ("olive", 1), ("mei", 1)])
    def test_why_is_said_to_those_who_read_the_chart_and_to_the_owner(self, cast, client_of, person, said):
        join_care_team(patient=cast.maria, user=cast.mei, why=Why.TREATING, now=NOW)
        restricts(cast.ana, cast.maria, "relative")
        html = client_of(getattr(cast, person)).get(url("chart", cast.maria)).content.decode()
        assert html.count("is close to somebody who works here") == said


class TestLifting:
    def test_the_owner_lifts_it_and_the_row_stays(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        answer = sent(client_of(cast.olive), "lift_restriction", cast.maria, version=1)
        assert (answer.status_code, answer["Location"]) == (303, url("chart", cast.maria))
        row = Restriction.objects.get()
        assert (row.lifted_at, row.lifted_by, row.version) == (NOW, cast.olive, 2)
        assert AuditEvent.objects.get(verb="lift restriction").patient == cast.maria.pk
        assert may(cast.daniel, cast.maria) == (True, True)
        assert restricts(cast.mei, cast.maria).lifted_at is None

    @pytest.mark.parametrize("person", ["ana", "mei", "daniel", "hana", "rita"])
    def test_nobody_else_does(self, cast, client_of, person):
        restricts(cast.ana, cast.maria)
        answer = sent(client_of(getattr(cast, person)), "lift_restriction", cast.maria, version=1)
        assert (answer.status_code, Restriction.objects.get().lifted_at) == (403, None)
        html = client_of(cast.ana).get(url("chart", cast.maria)).content.decode()
        assert html.count(url("lift_restriction", cast.maria)) == 0

    @pytest.mark.parametrize("version, status", [({"version": "2"}, 409), ({}, 428), ({"version": "x"}, 428)])
    def test_a_page_that_is_out_of_date(self, cast, client_of, version, status):
        restricts(cast.ana, cast.maria)
        answer = sent(client_of(cast.olive), "lift_restriction", cast.maria, **version)
        assert (answer.status_code, Restriction.objects.get().lifted_at) == (status, None)

    def test_one_that_is_lifted_already(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        lifts(cast.olive, cast.maria)
        assert sent(client_of(cast.olive), "lift_restriction", cast.maria, version=2).status_code == 422


class TestTheOwnersList:
    def test_who_whose_when_and_why(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        opens(cast.daniel, cast.maria)
        html = client_of(cast.olive).get(reverse("patients:opened")).content.decode()
        for said in ("Daniel Lee", "Garcia, Maria", REASON, "Tue Nov 24, 10:42 am"):
            assert html.count(said) == 1

    @pytest.mark.parametrize("many", [1, 4])
    def test_two_statements(self, cast, django_assert_num_queries, many):
        people = [cast.maria, cast.marta, cast.sunny, cast.tunde][:many]
        for one in people:
            restricts(cast.ana, one)
            opens(cast.daniel, one)
        with django_assert_num_queries(2):
            rows = [(event.by.name, of.pk) for event, of in opened_with_a_reason()]
        assert sorted(rows) == sorted(("Daniel Lee", one.pk) for one in people)

    def test_nothing_was_opened(self, cast, client_of):
        html = client_of(cast.olive).get(reverse("patients:opened")).content.decode()
        assert html.count("Nothing was opened with a reason") == 1

    @pytest.mark.parametrize("person", ["ana", "mei", "rita"])
    def test_it_is_the_owners(self, cast, client_of, person):
        assert client_of(getattr(cast, person)).get(reverse("patients:opened")).status_code == 403


class TestThePageThatRefuses:
    """The tab Notes of a chart that is closed, as every page of a chart answers."""

    def asked(self, client, of, **headers):
        return client.get(reverse("treatment:notes", args=[of.pk]), **headers)

    @pytest.mark.parametrize("htmx", [{}, {"HTTP_HX_REQUEST": "true"}])
    def test_it_offers_the_door_and_has_one_sentence_for_a_toast(self, cast, client_of, htmx):
        restricts(cast.ana, cast.maria)
        answer = self.asked(client_of(cast.daniel), cast.maria, **htmx)
        html = answer.content.decode()
        assert (answer.status_code, html.count(url("open_with_reason", cast.maria))) == (403, 1)
        assert html.count("<p data-say>This chart is open to those who treat the patient.") == 1
        assert html.count("Maria") == 0

    def test_that_it_was_refused_is_written_down(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        self.asked(client_of(cast.daniel), cast.maria)
        event = AuditEvent.objects.get(verb="denied")
        assert (event.by, event.object, event.detail["pk"]) == (
            cast.daniel,
            "treatment:notes",
            str(cast.maria.pk),
        )

    @pytest.mark.parametrize("person", ["daniel", "olive"])
    def test_opened_it_reads(self, cast, client_of, person):
        restricts(cast.ana, cast.maria)
        client = client_of(getattr(cast, person))
        assert self.asked(client, cast.maria).status_code == 403
        opens(getattr(cast, person), cast.maria)
        assert self.asked(client, cast.maria).status_code == 200

    def test_what_is_open_to_read_is_not_written_in(self, cast, client_of):
        restricts(cast.ana, cast.maria)
        opens(cast.daniel, cast.maria)
        answer = client_of(cast.daniel).get(reverse("treatment:new_handover", args=[cast.maria.pk]))
        html = answer.content.decode()
        assert (answer.status_code, html.count("Open to read only"), html.count("data-say")) == (403, 1, 1)
        assert html.count(url("open_with_reason", cast.maria)) == 0
