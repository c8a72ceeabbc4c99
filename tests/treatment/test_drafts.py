"""Drafts: opened once, saved whole, never over somebody else's work."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import AuditEvent
from clinic.refusal import Refused
from patients.models import CareTeam
from scheduling.models import PartStatus, Status
from tests.treatment.rows import CHILD, a_note, acupuncture_visit, child, full_note, part_of, saved, stored
from treatment.actions.drafts import open_note, open_note_without_visit, save_draft
from treatment.actions.keeping import NotUnderstood, Stale
from treatment.models import Note, NoteSave
from treatment.queries.states import MODELS
from treatment.rules.state import empty_state

pytestmark = pytest.mark.django_db


def test_opening_twice_gives_the_same_note(cast):
    booked = acupuncture_visit(cast)
    first = open_note(by=cast.mei, part=part_of(booked).pk)
    again = open_note(by=cast.mei, part=part_of(booked).pk)
    assert (again.pk, Note.objects.count()) == (first.pk, 1)
    assert (first.patient, first.appointment, first.author) == (cast.maria, booked, cast.mei)
    assert (first.location, first.discipline.key, first.number) == (cast.uptown, "acupuncture", 1)
    assert stored(first) == empty_state()


def test_opening_is_an_event_and_makes_one_of_the_care_team(cast, now):
    note = a_note(cast)
    assert CareTeam.objects.of(cast.mei, now).filter(patient=cast.maria, why="note").count() == 1
    event = AuditEvent.objects.get(verb="open note")
    assert (event.by, event.patient, event.object) == (cast.mei, cast.maria.pk, f"treatment.note:{note.pk}")


def test_somebody_of_another_discipline_cannot_open_it(cast):
    part = part_of(acupuncture_visit(cast))
    with pytest.raises(Refused, match="not among the disciplines you practice"):
        open_note(by=cast.daniel, part=part.pk)
    assert Note.objects.count() == 0


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_a_visit_that_did_not_happen_has_no_note(cast, status):
    booked = acupuncture_visit(cast)
    booked.status = status
    booked.save()
    with pytest.raises(Refused, match="Write a contact note instead"):
        open_note(by=cast.mei, part=part_of(booked).pk)


def test_a_part_that_was_not_done_has_no_note(cast):
    part = part_of(acupuncture_visit(cast))
    part.status, part.reason = PartStatus.NOT_DONE, "unwell"
    part.save()
    with pytest.raises(Refused, match="This part was not done"):
        open_note(by=cast.mei, part=part.pk)


def test_without_a_visit_there_is_one_draft(cast):
    asked = {"by": cast.mei, "patient": cast.maria, "location": cast.uptown}
    acupuncture = part_of(acupuncture_visit(cast)).discipline
    first = open_note_without_visit(discipline=acupuncture, **asked)
    assert open_note_without_visit(discipline=acupuncture, **asked).pk == first.pk
    assert (first.visitpart, first.appointment) == (None, None)


def test_every_field_and_kind_of_child_is_read_back_as_it_was_saved(cast):
    note = a_note(cast)
    answer = saved(
        note,
        **{kind: [child(kind), child(kind)] for kind in CHILD},
        said_pain_now=4,
        said_change="better",
        said_after="sore 3 h",
        said_words="stiff",
        found_tongue={"picks": ["pale"], "words": "thin coat"},
        found_pulse={"picks": ["wiry"], "words": ""},
        found_palpation="tight",
        codes=["ICD-10-CM M54.2"],
        pattern="Liver qi",
        progress="slow",
        response_words="very relaxed",
        felt="something",
        advice={"texts": ["aftercare_acupuncture"], "words": "walk"},
        next_time="GB21",
        order_followed=True,
        late_reason="power was out",
        clean_technique=True,
    )
    state = stored(note)
    assert state == answer.state == NoteSave.objects.get(of_version=2).state
    assert [len(state[kind]) for kind in CHILD] == [2] * 9
    assert (state["said_pain_now"], state["codes"]) == (4, ["ICD-10-CM M54.2"])
    assert state["needlings"][0]["depth_mm"] == 20.0
    assert answer.note.version == 2


def test_children_keep_their_order_and_their_ids(cast):
    note = a_note(cast)
    points = [child("needlings", code=code) for code in ("LI4", "LR3", "GB20")]
    saved(note, needlings=points)
    saved(note, needlings=list(reversed(points)))
    assert [one["id"] for one in stored(note)["needlings"]] == [one["id"] for one in reversed(points)]


def test_a_stale_save_changes_nothing_and_gives_both_texts(cast):
    note = a_note(cast)
    saved(note, said_words="first window")
    with pytest.raises(Stale) as refused:
        save_draft(by=cast.mei, pk=note.pk, version=1, state={**empty_state(), "said_words": "second"})
    assert refused.value.status == 409
    assert (refused.value.stored["said_words"], refused.value.yours["said_words"]) == (
        "first window",
        "second",
    )
    assert (refused.value.version, stored(note)["said_words"]) == (2, "first window")
    assert NoteSave.objects.count() == 2


def test_a_save_whose_answer_was_lost_can_be_sent_again(cast):
    note = a_note(cast)
    state = {**empty_state(), "said_words": "stiff", "clean_technique": True, "counts": [child("counts")]}
    first = save_draft(by=cast.mei, pk=note.pk, version=1, state=state)
    again = save_draft(by=cast.mei, pk=note.pk, version=1, state=state)
    assert (again.note.version, again.state) == (2, first.state)
    assert NoteSave.objects.count() == 2


def test_only_the_author_saves(cast):
    note = a_note(cast)
    with pytest.raises(Refused, match="Only its author writes on a note"):
        save_draft(by=cast.sam, pk=note.pk, version=1, state=empty_state())


def test_every_save_is_an_event_that_names_the_version_and_no_words(cast):
    note = a_note(cast)
    saved(note, said_words="stiff")
    event = AuditEvent.objects.get(verb="save note")
    assert (event.patient, event.detail) == (cast.maria.pk, {"version": 2})


def statements(note, points):
    needlings = [child("needlings", code=f"ST{number}") for number in range(points)]
    fresh, state = Note.objects.get(pk=note.pk), {**stored(note), "needlings": needlings, "said_words": "x"}
    with CaptureQueriesContext(
        connection,
    ) as asked:
        save_draft(by=note.author, pk=note.pk, version=fresh.version, state=state)
    return len(asked)


def test_twenty_points_are_saved_in_as_many_statements_as_one(cast):
    note, other = a_note(cast), a_note(cast, clock="13:00")
    assert (statements(note, 1), statements(other, 20)) == (10, 10)


def test_earlier_saves_can_be_read(cast):
    note = a_note(cast)
    saved(note, said_words="one")
    saved(note, said_words="two")
    texts = (
        NoteSave.objects.filter(note=note).order_by("of_version").values_list("state__said_words", flat=True)
    )
    assert list(texts) == ["", "one", "two"]


@pytest.mark.parametrize(
    "wrong, where",
    [
        ({"said_pain_now": 11}, "said_pain_now"),
        ({"said_pain_now": True}, "said_pain_now"),
        ({"said_change": "worst"}, "said_change"),
        ({"felt": 3}, "felt"),
        ({"said_words": ["no"]}, "said_words"),
        ({"said_words": "x" * 10_001}, "said_words"),
        ({"found_tongue": "pale"}, "found_tongue"),
        ({"codes": "M54.2"}, "codes"),
        ({"signed_at": "2026-11-24"}, "signed_at"),
        ({"needlings": {}}, "needlings"),
        ({"needlings": [None]}, "needlings/0"),
        ({"carried": [1]}, "carried"),
        ({"clean_technique": "yes"}, "clean_technique"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name(cast, wrong, where):
    note = a_note(cast)
    with pytest.raises(NotUnderstood) as refused:
        save_draft(by=cast.mei, pk=note.pk, version=1, state={**empty_state(), **wrong})
    assert [problem.where for problem in refused.value.problems] == [where]
    assert NoteSave.objects.count() == 1


def test_needles_at_a_place_without_a_region_are_counted_out_too(cast):
    """Such as “ashi L trap”: where it lies is words, and its count has no region."""
    rows = {
        "needlings": [child("needlings", kind="ashi", code="", place="trap", side="left", needles_in=3)],
        "counts": [child("counts", region="", side="left", out=3)],
    }
    note = a_note(cast)
    saved(note, **rows)
    assert Note.objects.get(pk=note.pk).needles_missing == 0


@pytest.mark.parametrize(
    "kind, wrong",
    [
        ("needlings", {"kind": "vein"}),
        ("needlings", {"side": "up"}),
        ("needlings", {"needles_in": -1}),
        ("needlings", {"depth_mm": "deep"}),
        ("needlings", {"depth_mm": float("inf")}),
        ("needlings", {"press_until": "tomorrow"}),
        ("needlings", {"needle_set": "11111111-1111-4111-8111-111111111111"}),
        ("sets", {"started_at": "2026-11-24T10:00"}),
        ("sets", {"retention_minutes": 0}),
        ("counts", {"out": -1}),
        ("vitals", {"systolic": 900}),
        ("regions", {"degrees": 400}),
        ("against", {"severity": "grave"}),
        ("adjustments", {"segment": ""}),
        ("adjuncts", {"modality": ""}),
        ("segments", {"tender": "yes"}),
    ],
)
def test_a_child_that_cannot_be_kept_is_refused_by_its_name(cast, kind, wrong):
    note, row = a_note(cast), child(kind, **wrong)
    with pytest.raises(NotUnderstood) as refused:
        saved(note, **{kind: [row]})
    assert {problem.where for problem in refused.value.problems} == {
        f"{kind}/{row['id']}/{name}" for name in wrong
    }


def test_two_rows_of_one_id_are_refused(cast):
    note, row = a_note(cast), child("needlings")
    with pytest.raises(NotUnderstood, match="same id"):
        saved(note, needlings=[row, row])


def test_a_row_of_another_note_is_not_taken(cast):
    theirs, mine = a_note(cast), a_note(cast, clock="13:00")
    row = child("needlings")
    saved(theirs, needlings=[row])
    with pytest.raises(Refused, match="Two notes claim the same row"):
        saved(mine, needlings=[row])
    assert (len(stored(theirs)["needlings"]), len(stored(mine)["needlings"])) == (1, 0)


def test_characters_that_a_database_cannot_keep_are_left_out(cast):
    note = a_note(cast)
    saved(note, said_words="st\0iff \ud800neck")
    assert stored(note)["said_words"] == "stiff neck"


def test_taps_and_counts_carry_their_time_until_they_change(cast, now):
    note, count = a_note(cast), child("counts")
    first = saved(note, clean_technique=True, counts=[count]).state
    assert (first["clean_technique_at"], first["clean_technique_by"]) == (now.isoformat(), cast.mei.pk)
    assert (first["counts"][0]["at"], first["counts"][0]["by"]) == (now.isoformat(), cast.mei.pk)
    forged = {**count, "at": "2020-01-01T00:00:00+00:00", "by": cast.sam.pk}
    second = saved(note, counts=[forged], clean_technique_at="2020-01-01T00:00:00+00:00").state
    assert (second["counts"], second["clean_technique_at"]) == (first["counts"], now.isoformat())
    assert saved(note, clean_technique=False).state["clean_technique_at"] is None


def test_a_full_note_leaves_one_row_in_every_table(cast):
    note = a_note(cast)
    full_note(note)
    assert {kind: model.objects.filter(note=note).count() for kind, model in MODELS.items()} == dict.fromkeys(
        CHILD, 1
    )
