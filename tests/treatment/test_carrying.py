"""Same as last time: copied, visibly unconfirmed, and never what the patient said or felt."""

from datetime import date

import pytest

from clinic.refusal import Refused
from tests.treatment.rows import a_note, child, full_note, saved, stored
from tests.treatment.test_signed import signed_note
from treatment.actions.drafts import apply_template, confirm_carried, copy_forward
from treatment.actions.keeping import Stale
from treatment.actions.signing import NotReady, sign
from treatment.actions.stock import hide_template, open_box, save_template
from treatment.models import Needling, Note, NoteTemplate
from treatment.rules.state import empty_state

pytestmark = pytest.mark.django_db
TAKEN = ("sets", "needlings", "adjuncts", "adjustments")


def copied(cast):
    """(the new note, the answer): Maria's note of last week was signed, today's is filled from it."""
    signed_note(cast, day="2026-11-17")
    note = a_note(cast)
    return note, copy_forward(by=cast.mei, pk=note.pk, version=1)


def test_points_sets_adjuncts_and_adjustments_come_along_all_of_them_unconfirmed(cast):
    note, answer = copied(cast)
    assert [len(answer.state[kind]) for kind in TAKEN] == [1, 1, 1, 1]
    assert answer.state["carried"] == [answer.state[kind][0]["id"] for kind in TAKEN]
    assert answer.state["needlings"][0] | {"id": 0} == {
        "id": 0, "needle_set": None, "kind": "point", "code": "LI4", "place": "", "region": "hand", "side": "both",
        "view": "", "x": None, "y": None, "needles_in": 2, "depth_mm": 20.0, "angle": "", "techniques": [],
        "stimulation": "", "hz": "", "sensations": [], "discomfort": "", "unusual": "", "press_until": None,
    }  # fmt: skip
    assert list(Needling.objects.filter(note=note).values_list("confirmed", flat=True)) == [False]


def test_what_was_said_felt_counted_and_tapped_does_not_come_along(cast):
    _, answer = copied(cast)
    fields = {name: answer.state[name] for name in empty_state() if name not in (*TAKEN, "carried")}
    assert fields == {name: value for name, value in empty_state().items() if name in fields}


def test_lot_and_expiry_are_those_of_the_box_in_use_not_of_last_time(cast):
    signed_note(cast, day="2026-11-17")
    box = open_box(by=cast.mei, location=cast.uptown, size="N2030", lot="2511b", expires_on=date(2028, 1, 1))
    note = a_note(cast)
    (one,) = copy_forward(by=cast.mei, pk=note.pk, version=1).state["sets"]
    assert (one["box"], one["lot"], one["expires_on"]) == (str(box.pk), "2511B", "2028-01-01")


def test_a_changed_point_is_confirmed_by_the_change(cast):
    note, answer = copied(cast)
    point = {**answer.state["needlings"][0], "needles_in": 1}
    state = saved(note, needlings=[point]).state
    assert point["id"] not in state["carried"]
    assert len(state["carried"]) == 3
    assert Needling.objects.get(note=note).confirmed is True


def test_an_untouched_point_stays_unconfirmed_through_a_save(cast):
    note, answer = copied(cast)
    assert saved(note, said_words="fine").state["carried"] == answer.state["carried"]


def test_a_page_cannot_add_to_what_is_carried(cast):
    note = a_note(cast)
    point = child("needlings", region="hand")
    assert saved(note, needlings=[point], carried=[point["id"]]).state["carried"] == []


def test_one_and_then_all_are_confirmed(cast):
    note, answer = copied(cast)
    first, *rest = answer.state["carried"]
    one = confirm_carried(by=cast.mei, pk=note.pk, version=2, names=[first])
    assert one.state["carried"] == rest
    everything = confirm_carried(by=cast.mei, pk=note.pk, version=3, names="all")
    assert (everything.state["carried"], stored(note)["carried"]) == ([], [])


def test_a_note_is_not_signed_while_something_is_unconfirmed(cast):
    note, _ = copied(cast)
    with pytest.raises(NotReady, match="4 fields are carried over from last time"):
        sign(by=cast.mei, pk=note.pk, version=2)


def test_copying_twice_adds_no_point_twice(cast):
    note, _ = copied(cast)
    state = copy_forward(by=cast.mei, pk=note.pk, version=2).state
    assert [len(state[kind]) for kind in TAKEN[1:]] == [1, 1, 1]


def test_copying_over_a_newer_draft_is_refused(cast):
    signed_note(cast, day="2026-11-17")
    note = a_note(cast)
    saved(note, said_words="newer")
    with pytest.raises(Stale):
        copy_forward(by=cast.mei, pk=note.pk, version=1)


def test_without_a_signed_note_there_is_nothing_to_copy(cast):
    a_note(cast, day="2026-11-17")
    with pytest.raises(Refused, match="no signed note"):
        copy_forward(by=cast.mei, pk=a_note(cast).pk, version=1)


def test_a_template_is_kept_and_applied_with_its_sets_and_advice(cast):
    source = a_note(cast, day="2026-11-17")
    full_note(source)
    one = child("sets", lot="", expires_on=None)
    saved(source, sets=[one], needlings=[child("needlings", region="hand", needle_set=one["id"])],
          advice={"texts": ["aftercare_acupuncture"], "words": ""})  # fmt: skip
    template = save_template(by=cast.mei, note=source, name="Neck")
    note = a_note(cast)
    state = apply_template(by=cast.mei, pk=note.pk, version=1, template=template.pk).state
    assert [len(state[kind]) for kind in TAKEN] == [1, 1, 1, 1]
    assert state["needlings"][0]["needle_set"] == state["sets"][0]["id"] != one["id"]
    assert (state["advice"], "advice" in state["carried"]) == (
        {"texts": ["aftercare_acupuncture"], "words": ""},
        True,
    )
    assert (state["felt"], state["said_words"], state["adjustments"][0]["response"]) == ("", "", "")


def test_a_template_of_the_same_name_is_replaced(cast):
    note = a_note(cast)
    first = save_template(by=cast.mei, note=note, name="Neck")
    full_note(note)
    again = save_template(by=cast.mei, note=note, name="Neck")
    assert (again.pk, again.version, NoteTemplate.objects.count()) == (first.pk, 2, 1)


def test_somebody_elses_template_is_not_applied_and_the_clinics_is(cast):
    source = a_note(cast, day="2026-11-17")
    own = save_template(by=cast.mei, note=source, name="Neck")
    shared = save_template(by=cast.mei, note=source, name="Neck", shared=True)
    theirs = a_note(cast, by=cast.sam, who=cast.sam, room=cast.room_2)
    with pytest.raises(Refused, match="not there any more"):
        apply_template(by=cast.sam, pk=theirs.pk, version=1, template=own.pk)
    assert apply_template(by=cast.sam, pk=theirs.pk, version=1, template=shared.pk).note.pk == theirs.pk
    hide_template(by=cast.sam, pk=shared.pk, version=1)
    with pytest.raises(Refused, match="not there any more"):
        apply_template(
            by=cast.sam, pk=theirs.pk, version=Note.objects.get(pk=theirs.pk).version, template=shared.pk
        )
