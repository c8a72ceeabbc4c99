"""Reactions: recorded from the list, looked at again, told to others, counted."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from messaging.models import StaffTask
from scheduling.models import Status
from tests.treatment.rows import a_note, child, saved
from treatment.actions.reactions import record_reaction
from treatment.models import Reaction

pytestmark = pytest.mark.django_db
TOLD_TO = (
    "malpractice carrier, state board (where the state asks for it), treating physician,"
    " FDA MedWatch (if the needle or device failed)"
)
HTMX = {"HX-Request": "true"}
LIST = 21  # statements
RATES, LOT = reverse("treatment:rates"), reverse("treatment:lot")


def list_page(patient):
    return reverse("treatment:reactions", args=[patient.pk])


def new_page(patient, kind="", note=None):
    query = f"?note={note.pk}&" if note else "?"
    return reverse("treatment:new_reaction", args=[patient.pk]) + query + f"kind={kind}"


def row_page(row, name="follow_up"):
    return reverse(f"treatment:{name}", args=[row.patient_id, row.pk])


def post(client, url, **fields):
    return client.post(url, {"request_key": new_key(), **fields})


def test_what_happens_often_stands_first_and_nothing_of_staff(cast, client_of):
    found = client_of(cast.mei).get(new_page(cast.maria)).context
    often, rare = ([kind.key for kind in found[name]] for name in ("often", "rare"))
    assert often[:4] == ["BRUISE", "CUP_MARK", "FATIGUE", "HEADACHE"]
    assert {"PNEUMO", "FAINT", "DIZZY"} < set(rare)
    assert (len(often) + len(rare), "SHARPS" in {*often, *rare}) == (36, False)


def test_the_first_action_and_the_words_of_each_grade_come_at_once(cast, client_of):
    found = client_of(cast.mei).get(new_page(cast.maria, "BRUISE")).context
    assert found["kind"].first_action.startswith("Press with clean cotton for two minutes")
    assert found["form"].fields["grade"].choices == [
        (1, "1: Small mark, no pain"),
        (2, "2: Painful or larger than a palm"),
        (3, "3: Needs drainage or transfusion"),
        (4, "4: life-threatening"),
        (5, "5: fatal"),
    ]
    assert found["form"].initial == {}


def test_a_reaction_is_recorded_with_its_note(cast, client_of, now):
    note = a_note(cast)
    answer = post(
        client_of(cast.mei),
        new_page(cast.maria, "BRUISE", note),
        grade=1,
        onset="at once",
        outcome="fading",
        told="nobody",
        follow_up_on="2026-11-26",
    )
    assert (answer.status_code, answer.url) == (303, list_page(cast.maria))
    row = Reaction.objects.get()
    assert (row.kind, row.grade, row.serious, row.note, row.appointment, row.by) == (
        "BRUISE", 1, False, note, note.appointment, cast.mei,
    )  # fmt: skip
    assert (row.onset, row.outcome, row.told) == ("at once", "fading", "nobody")
    assert row.follow_up_at.astimezone(cast.uptown.tz).isoformat() == "2026-11-26T09:00:00-05:00"


def test_a_reportable_one_says_whom_to_tell_and_opens_a_to_do(cast, client_of):
    client = client_of(cast.mei)
    fields = {"request_key": new_key(), "grade": 3}
    answer = client.post(new_page(cast.maria, "PNEUMO"), fields, headers=HTMX)
    assert (answer.status_code, answer.context["report"]) == (200, TOLD_TO)
    line = client.get(list_page(cast.maria)).context["lines"][0]
    assert (line.event, line.report.closed_at) == ("Lung puncture", None)
    assert line.report.title == f"Report to: {TOLD_TO}"


def test_once_told_the_to_do_is_done(cast, client_of):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="PNEUMO", grade=3)
    client = client_of(cast.daniel)
    assert post(client, row_page(row, "reported"), outcome="").status_code == 422
    assert post(client, row_page(row, "reported"), outcome="Board, 10:50").status_code == 303
    task = StaffTask.objects.get(kind="report_reaction")
    assert (task.closed_by, task.outcome) == (cast.daniel, "Board, 10:50")
    assert post(client, row_page(row, "reported"), outcome="again").status_code == 409


def test_what_need_not_be_told_has_no_page_about_telling(cast, client_of):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="BRUISE", grade=1)
    assert client_of(cast.mei).get(row_page(row, "reported")).status_code == 404


def test_severity_is_asked_for(cast, client_of):
    answer = post(client_of(cast.mei), new_page(cast.maria, "BRUISE"))
    assert answer.context["form"].errors == {"grade": ["Choose how severe it was."]}
    assert (answer.status_code, Reaction.objects.count()) == (422, 0)


def test_it_is_looked_at_again_until_it_is_over(cast, client_of, now):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="BRUISE", grade=1, onset="at once")
    client = client_of(cast.daniel)
    initial = client.get(row_page(row)).context["form"].initial
    assert (initial["grade"], initial["onset"], initial["follow_up_on"]) == (1, "at once", date(2026, 11, 27))
    sent = {"version": 1, "grade": 2, "onset": "at once", "duration": "3 days", "closed": "on"}
    assert post(client, row_page(row), **sent).status_code == 303
    row.refresh_from_db()
    assert (row.grade, row.duration, row.closed_at, row.follow_up_at) == (2, "3 days", now, None)


def test_a_stale_page_shows_both_texts(cast, client_of):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="BRUISE", grade=1)
    client = client_of(cast.daniel)
    post(client, row_page(row), version=1, grade=2)
    answer = post(client, row_page(row), version=1, grade=3)
    assert (answer.status_code, answer.context["row"].version) == (409, 2)
    assert next((typed, stored) for _label, typed, stored in answer.context["changes"]) == (
        "3: Needs drainage or transfusion", "2: Painful or larger than a palm",
    )  # fmt: skip


def test_another_patients_reaction_is_not_found(cast, client_of):
    row = record_reaction(by=cast.mei, patient=cast.rita, kind="BRUISE", grade=1)
    row.patient_id = cast.maria.pk
    assert client_of(cast.mei).get(row_page(row)).status_code == 404


def test_the_list_takes_the_same_statements_for_one_and_for_three(cast, client_of, django_assert_num_queries):
    note, client = a_note(cast), client_of(cast.daniel)
    saved(note, sets=[child("sets")])
    record_reaction(by=cast.mei, patient=cast.maria, note=note, kind="BRUISE", grade=1)
    client.get(list_page(cast.maria))
    with django_assert_num_queries(LIST):
        assert client.get(list_page(cast.maria)).context["lines"][0].lots == ["2409A"]
    for _ in range(2):
        record_reaction(by=cast.mei, patient=cast.maria, note=note, kind="PNEUMO", grade=3)
    with django_assert_num_queries(LIST):
        assert len(client.get(list_page(cast.maria)).context["lines"]) == 3


# ---- across patients


def test_rates_stand_with_their_counts(cast, client_of):
    note = a_note(cast, day="2026-11-20")
    note.appointment.status = Status.COMPLETED
    note.appointment.save()
    saved(note, sets=[child("sets", lot="A1")])
    record_reaction(by=cast.mei, patient=cast.maria, note=note, kind="BRUISE", grade=1)
    for person in (cast.olive, cast.mei):
        found = client_of(person).get(RATES).context["rates"]
        assert [(row.name, row.reactions, row.visits, str(row.per_thousand)) for row in found.kinds] == [
            ("Bruising", 1, 1, "1000.0")
        ]
        assert [(row.name, row.reactions, row.visits) for row in found.lots] == [("A1", 1, 1)]


def test_rates_of_other_days_are_others(cast, client_of):
    record_reaction(by=cast.mei, patient=cast.maria, kind="BRUISE", grade=1)
    client = client_of(cast.olive)
    assert client.get(f"{RATES}?since=2026-11-25&until=2026-11-30").context["rates"].kinds == []
    assert len(client.get(f"{RATES}?since=2026-11-24&until=2026-11-24").context["rates"].kinds) == 1
    turned = client.get(f"{RATES}?since=2026-11-25&until=2026-11-01").context
    assert turned["form"].non_field_errors() == [
        "The first day is after the last one. Change one of the two."
    ]


def test_a_lot_leads_to_every_patient_the_reader_may_see(cast, client_of):
    for patient, clock in ((cast.maria, "08:00"), (cast.rita, "09:00")):
        saved(a_note(cast, patient=patient, clock=clock), sets=[child("sets", lot="2409A")])
    found = {
        name: client_of(getattr(cast, name)).get(f"{LOT}?lot=2409a").context["people"]
        for name in ("olive", "mei", "theo")
    }
    assert found == {"olive": 2, "mei": 2, "theo": 0}
    assert client_of(cast.mei).get(LOT).context["notes"] is None


@pytest.mark.parametrize("name, statuses", [("ana", [403] * 6), ("olive", [403, 403, 403, 403, 200, 200]),
                                            ("theo", [404, 404, 404, 404, 200, 200])])  # fmt: skip
def test_who_must_not_see_them(cast, client_of, name, statuses):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="PNEUMO", grade=3)
    pages = [
        list_page(cast.maria),
        new_page(cast.maria, "BRUISE"),
        row_page(row),
        row_page(row, "reported"),
        RATES,
        LOT,
    ]
    client = client_of(getattr(cast, name))
    assert [client.get(page).status_code for page in pages] == statuses
