"""Two records of one person become one: nothing is lost, it can be traced, and it can be undone."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from frontdesk.actions.merging import merge, undo_merge
from patients.actions import restrict
from patients.models import CareTeam, Merge, Patient, PatientLocation, RelatedPerson, Restriction
from patients.queries import ids_of, search
from scheduling.actions.steps import check_in, take_step
from scheduling.models import Appointment, Reservation, Status
from tests.rows import at, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(cast):
    """A second record of Maria, with a phone number and a visit of its own."""
    made = Patient.objects.create(
        given_name="Maria",
        family_name="Garzia",
        phone="+19195550188",
        pronouns="she/her",
        staff_notes="Old notes.",
    )
    PatientLocation.objects.create(patient=made, location=cast.uptown)
    return made


def adjustment(cast, patient, clock, day="2026-11-25", **more):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown, day),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
        **more,
    )


def merge_rows(cast, kept, merged, by=None, **chosen):
    kept, merged = Patient.objects.get(pk=kept.pk), Patient.objects.get(pk=merged.pk)
    versions = {row.pk: row.version for row in (kept, merged)}
    return merge(
        by=by or cast.ana, request_key=None, kept=kept.pk, merged=merged.pk, versions=versions, chosen=chosen
    )


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_visits_to_come_move_and_everything_else_stays(cast, old):
    past = adjustment(cast, old, "09:00", "2026-11-03", status=Status.COMPLETED)
    gone = adjustment(cast, old, "15:00", status=Status.CANCELLED)
    soon = adjustment(cast, old, "14:00")
    promised = list(Reservation.objects.filter(appointment=soon).values_list("starts_at", "room"))
    made = merge_rows(cast, cast.maria, old)
    assert [fresh(row).patient_id for row in (past, gone, soon)] == [old.pk, old.pk, cast.maria.pk]
    assert fresh(soon).version == soon.version + 1
    assert list(Reservation.objects.filter(appointment=soon).values_list("starts_at", "room")) == promised
    assert made.moved["visits"] == [str(soon.pk)]
    assert fresh(old).merged_into == cast.maria
    assert ids_of(cast.maria) == [cast.maria.pk, old.pk]


def test_a_visit_under_way_stays_with_the_record_it_began_under(cast, old):
    now = adjustment(cast, old, "10:30", "2026-11-24", status=Status.IN_TREATMENT)
    merge_rows(cast, cast.maria, old)
    assert fresh(now).patient_id == old.pk


def test_gaps_are_filled_and_what_is_there_stays_unless_chosen(cast, old):
    made = merge_rows(cast, cast.maria, old, phone=str(old.pk))
    kept = fresh(cast.maria)
    assert (kept.pronouns, kept.phone.as_e164, kept.family_name) == ("she/her", "+19195550188", "Garcia")
    assert sorted(made.moved["fields"]) == ["phone", "pronouns"]
    assert fresh(old).phone.as_e164 == "+19195550188"


def test_one_event_names_columns_and_never_values(cast, old):
    made = merge_rows(cast, cast.maria, old)
    detail = {"merged": str(old.pk), "merge": str(made.pk), "visits": 0, "fields": ["pronouns"]}
    found = AuditEvent.objects.filter(patient__isnull=False).values_list("verb", "patient", "detail")
    assert list(found) == [("merge", cast.maria.pk, detail)]


def test_searching_for_either_finds_the_kept_one(cast, old):
    merge_rows(cast, cast.maria, old)
    for typed in ("garzia", "9195550188"):
        assert search(cast.ana, typed)[0].id == cast.maria.pk
        assert old.pk not in [hit.id for hit in search(cast.ana, typed)]


def test_people_locations_care_team_and_account_come_along(cast):
    merge_rows(cast, cast.maria, cast.priya, by=cast.olive)
    assert Patient.objects.visible_to(cast.hana).filter(pk=cast.maria.pk).exists()
    merge_rows(cast, cast.mia, cast.leo)
    assert fresh(cast.leos_mother).patient_id == cast.mia.pk
    CareTeam.objects.create(patient=cast.rita, user=cast.theo, why="visit", since=timezone.now())
    merge_rows(cast, cast.tunde, cast.rita)
    assert fresh(cast.tunde).user == cast.rita.user
    assert Patient.objects.visible_to(cast.theo).filter(pk=cast.tunde.pk).exists()


def test_two_visits_at_one_time_are_named_and_nothing_changes(cast, old):
    mine = adjustment(cast, cast.maria, "14:00")
    theirs = visit(
        old,
        cast.service("massage"),
        cast.uptown,
        at("14:05", cast.uptown, "2026-11-25"),
        practitioners={"massage": cast.jo.practitioner},
        rooms={"massage": cast.room_6},
    )
    with pytest.raises(Refused) as refusal:
        merge_rows(cast, cast.maria, old)
    both = f"{mine.service.name} and {theirs.service.name}"
    assert refusal.value.reasons == [
        f"{both} are at the same time on Wed Nov 25, 2:00 pm. Move or cancel one of them first."
    ]
    assert (fresh(old).merged_into, Merge.objects.count()) == (None, 0)
    assert fresh(theirs).patient_id == old.pk


def test_canceled_and_held_visits_do_not_stand_in_the_way(cast, old):
    adjustment(cast, cast.maria, "14:00")
    adjustment(cast, old, "14:00", status=Status.CANCELLED)
    later = timezone.now().replace(hour=23)
    held = visit(
        old,
        cast.service("massage"),
        cast.uptown,
        at("14:05", cast.uptown, "2026-11-25"),
        practitioners={"massage": cast.jo.practitioner},
        rooms={"massage": cast.room_6},
        status=Status.HELD,
        held_until=later,
    )
    merge_rows(cast, cast.maria, old)
    assert fresh(held).patient_id == cast.maria.pk


@pytest.mark.parametrize("kept, merged", [("maria", "maria"), ("rita", "iris")])
def test_what_cannot_be_merged(cast, kept, merged):
    with pytest.raises(Refused):
        merge_rows(cast, getattr(cast, kept), getattr(cast, merged))
    assert Merge.objects.count() == 0


def test_an_old_record_is_not_merged_again(cast, old):
    merge_rows(cast, cast.maria, old)
    for kept, merged in [(cast.tunde, old), (old, cast.tunde)]:
        with pytest.raises(Refused) as refusal:
            merge_rows(cast, kept, merged)
        assert refusal.value.reasons == [
            "One of these was merged already. Open the record that was kept and start from there."
        ]


def test_nobody_merges_a_record_they_may_not_see(cast, old):
    with pytest.raises(Patient.DoesNotExist):
        merge_rows(cast, old, cast.priya)


def test_a_stale_version_is_a_conflict(cast, old):
    versions = {cast.maria.pk: cast.maria.version, old.pk: old.version}
    old.save()
    with pytest.raises(Refused) as refusal:
        merge(by=cast.ana, request_key=None, kept=cast.maria.pk, merged=old.pk, versions=versions, chosen={})
    assert refusal.value.status == 409


# Undoing


def everything(*patients):
    """All that a merge may touch, without versions."""
    rows = [vars(fresh(one)).copy() for one in patients]
    for row in rows:
        row.pop("_state"), row.pop("version")
    ids = [one.pk for one in patients]
    return (
        rows,
        sorted(Appointment.objects.filter(patient__in=ids).values_list("pk", "patient")),
        sorted(RelatedPerson.objects.filter(patient__in=ids).values_list("pk", "patient")),
        sorted(PatientLocation.objects.filter(patient__in=ids).values_list("location", "patient"), key=str),
        sorted(CareTeam.objects.filter(patient__in=ids, until=None).values_list("user", "patient"), key=str),
    )


def test_undoing_brings_everything_back(cast, old):
    old.birth_date, old.household = date(1985, 3, 14), cast.iris.household
    old.save()
    adjustment(cast, old, "14:00")
    RelatedPerson.objects.create(patient=old, name="Luis", relation="husband")
    CareTeam.objects.create(patient=old, user=cast.theo, why="visit", since=timezone.now())
    CareTeam.objects.create(patient=old, user=cast.daniel, why="treating", since=timezone.now())
    PatientLocation.objects.create(patient=old, location=cast.harbor)
    before = everything(cast.maria, old)
    made = merge_rows(cast, cast.maria, old, phone=str(old.pk), birth_date=str(old.pk))
    assert everything(cast.maria, old) != before
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert everything(cast.maria, old) == before
    made = fresh(made)
    assert (made.undone_at, made.undone_by) == (timezone.now(), cast.ana)


def test_an_account_comes_back(cast):
    made = merge_rows(cast, cast.tunde, cast.rita)
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert (fresh(cast.tunde).user, fresh(cast.rita).user) == (None, cast.rita.user)


def test_what_was_changed_since_is_kept(cast, old):
    made = merge_rows(cast, cast.maria, old)
    kept = fresh(cast.maria)
    kept.pronouns = "they/them"
    kept.save()
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert fresh(cast.maria).pronouns == "they/them"


def test_merges_are_undone_from_the_last_one_back(cast, old):
    first = merge_rows(cast, cast.marta, old)
    second = merge_rows(cast, cast.maria, cast.marta)
    assert fresh(old).merged_into == cast.maria
    with pytest.raises(Refused) as refusal:
        undo_merge(by=cast.ana, request_key=None, pk=first.pk)
    assert refusal.value.reasons == [
        "The record that was kept was merged into another one later. Undo that merge first."
    ]
    undo_merge(by=cast.ana, request_key=None, pk=second.pk)
    assert fresh(old).merged_into == cast.marta
    undo_merge(by=cast.ana, request_key=None, pk=first.pk)
    assert fresh(old).merged_into is None
    with pytest.raises(Refused) as refusal:
        undo_merge(by=cast.ana, request_key=None, pk=first.pk)
    assert refusal.value.reasons == ["This merge was undone already."]


# Charts


def member(patient, user, why="treating"):
    return CareTeam.objects.create(patient=patient, user=user, why=why, since=timezone.now())


def team(patient):
    rows = CareTeam.objects.filter(patient=patient, until=None)
    return sorted(rows.values_list("user__profile__name", "why"))


@pytest.mark.parametrize("which", ["kept", "merged"])
def test_a_chart_of_which_a_part_was_restricted_is_restricted_and_stays_so(cast, old, which):
    restricted = {"kept": cast.maria, "merged": old}[which]
    restrict(by=cast.ana, request_key=None, pk=restricted.pk, because="staff", now=timezone.now())
    made = merge_rows(cast, cast.maria, old)
    standing = Restriction.objects.filter(lifted_at=None)
    assert set(standing.values_list("patient", "because")) == {(cast.maria.pk, "staff"), (old.pk, "staff")}
    assert not Patient.objects.charts_read_by(cast.daniel).filter(pk__in=[cast.maria.pk, old.pk]).exists()
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert standing.count() == 2
    assert not Patient.objects.charts_read_by(cast.daniel).filter(pk__in=[cast.maria.pk, old.pk]).exists()


def test_two_restricted_charts_stay_two_restrictions_and_open_ones_none(cast, old):
    merge_rows(cast, cast.maria, old)
    assert Restriction.objects.count() == 0
    for one in (cast.marta, cast.tunde):
        restrict(by=cast.ana, request_key=None, pk=one.pk, because="wish", now=timezone.now())
    made = merge_rows(cast, cast.marta, cast.tunde)
    assert (Restriction.objects.count(), made.moved["restricted"]) == (2, None)


def test_who_treats_goes_with_the_visits_there_and_back(cast, old):
    adjustment(cast, old, "14:00")
    member(old, cast.daniel)
    made = merge_rows(cast, cast.maria, old)
    assert team(cast.maria) == [("Daniel Lee", "treating")]
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert (team(cast.maria), team(old)) == ([], [("Daniel Lee", "treating")])


def test_whoever_was_booked_with_the_kept_record_meanwhile_goes_on_treating(cast, old):
    adjustment(cast, old, "14:00")
    member(old, cast.daniel)
    made = merge_rows(cast, cast.maria, old)
    adjustment(cast, fresh(cast.maria), "16:00")
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert team(cast.maria) == team(old) == [("Daniel Lee", "treating")]


def test_needles_that_are_in_open_the_kept_chart_until_they_are_out(cast, old):
    now = visit(
        old,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at("10:30", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
    )
    check_in(by=cast.ana, pk=now.pk, checked_another_way=True)
    take_step(by=cast.mei, pk=now.pk, what="needles_in")
    made = merge_rows(cast, cast.maria, old)
    assert in_since() == {cast.maria.pk: timezone.now(), old.pk: timezone.now()}
    undo_merge(by=cast.ana, request_key=None, pk=made.pk)
    assert in_since() == {old.pk: timezone.now()}
    merge_rows(cast, cast.maria, old)
    take_step(by=cast.mei, pk=now.pk, what="needles_out")
    assert in_since() == {}


def in_since():
    rows = PatientLocation.objects.filter(needles_in_since__isnull=False)
    return dict(rows.values_list("patient", "needles_in_since"))


# The pages


def page(patient):
    return reverse("frontdesk:merge", args=[patient.pk])


def posted(cast, old, **more):
    fields = {"other": old.pk, "keep": cast.maria.pk, "request_key": new_key()}
    for row in (cast.maria, old):
        fields[f"version_{row.pk}"] = row.version
    return {**fields, **more}


def test_the_likeliest_other_record_is_offered(cast, client_of, old):
    answer = client_of(cast.ana).get(page(cast.maria))
    assert answer.context["rows"] == []
    old.phone = "+19195550111"
    old.save()
    answer = client_of(cast.ana).get(page(cast.maria))
    assert [row["id"] for row in answer.context["rows"]] == [old.pk]


def test_both_records_stand_side_by_side(cast, client_of, old):
    answer = client_of(cast.ana).get(page(cast.maria), {"other": old.pk})
    rows = {row["name"]: row for row in answer.context["rows"]}
    assert [cell["text"] for cell in rows["family_name"]["cells"]] == ["Garcia", "Garzia"]
    assert rows["given_name"]["same"] is True
    assert [cell["chosen"] for cell in rows["pronouns"]["cells"]] == [False, True]
    assert [cell["text"] for cell in rows["phone"]["cells"]] == ["(919) 555-0111", "(919) 555-0188"]
    assert list(rows) == [name for name in rows if name not in ("preferred_name", "household")]


def test_merging_on_the_page(cast, client_of, old):
    client, fields = client_of(cast.ana), posted(cast, old, family_name=old.pk)
    answer = client.post(page(cast.maria), fields)
    assert (answer.status_code, answer["Location"]) == (302, reverse("patients:chart", args=[cast.maria.pk]))
    assert fresh(cast.maria).family_name == "Garzia"
    again = client.post(page(cast.maria), fields)
    assert (again.status_code, again["Location"]) == (303, answer["Location"])
    assert Merge.objects.count() == 1
    chart = client.get(reverse("patients:chart", args=[old.pk])).content.decode()
    undo = reverse("frontdesk:undo_merge", args=[Merge.objects.get().pk])
    assert chart.count(f'action="{undo}"') == 1
    assert client.post(undo, {"request_key": new_key()}).status_code == 302
    assert fresh(old).merged_into is None


def test_the_other_record_can_be_the_one_that_stays(cast, client_of, old):
    client_of(cast.ana).post(page(cast.maria), posted(cast, old, keep=old.pk))
    assert fresh(cast.maria).merged_into == old


def test_a_refusal_keeps_what_was_chosen(cast, client_of, old):
    adjustment(cast, cast.maria, "14:00")
    visit(
        old,
        cast.service("massage"),
        cast.uptown,
        at("14:05", cast.uptown, "2026-11-25"),
        practitioners={"massage": cast.jo.practitioner},
        rooms={"massage": cast.room_6},
    )
    answer = client_of(cast.ana).post(page(cast.maria), posted(cast, old, keep=old.pk, phone=cast.maria.pk))
    assert (answer.status_code, len(answer.context["reasons"]), answer.context["keep"]) == (
        422,
        1,
        str(old.pk),
    )
    phone = next(row for row in answer.context["rows"] if row["name"] == "phone")
    assert [cell["chosen"] for cell in phone["cells"]] == [True, False]


def test_a_stale_page_is_a_conflict_and_then_shows_what_is_stored(cast, client_of, old):
    fields = posted(cast, old)
    old.pronouns = "they/them"
    old.save()
    answer = client_of(cast.ana).post(page(cast.maria), fields)
    assert (answer.status_code, answer.context["other"].version) == (409, old.version)
    del fields[f"version_{old.pk}"]
    assert client_of(cast.ana).post(page(cast.maria), {**fields, "request_key": new_key()}).status_code == 428
    assert Merge.objects.count() == 0


@pytest.mark.parametrize(
    "person, patient, status",
    [
        ("ana", "maria", 200),
        ("olive", "priya", 200),
        ("mei", "maria", 403),
        ("rita", "rita", 403),
        ("hana", "maria", 404),
    ],
)
def test_who_may_merge(cast, client_of, person, patient, status):
    assert client_of(getattr(cast, person)).get(page(getattr(cast, patient))).status_code == status


@pytest.mark.parametrize("other", ["not-an-id", "00000000-0000-4000-8000-000000000000", "priya"])
def test_an_unknown_other_record_does_not_exist(cast, client_of, other):
    other = cast.priya.pk if other == "priya" else other
    assert client_of(cast.ana).get(page(cast.maria), {"other": other}).status_code == 404


def test_nobody_undoes_a_merge_of_somebody_they_may_not_see(cast, client_of, old):
    made = merge_rows(cast, cast.maria, old)
    undo = reverse("frontdesk:undo_merge", args=[made.pk])
    for person, status in [("hana", 404), ("mei", 403), ("rita", 403)]:
        answer = client_of(getattr(cast, person)).post(undo, {"request_key": new_key()})
        assert answer.status_code == status
    assert fresh(made).undone_at is None
