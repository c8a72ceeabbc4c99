"""Two windows at the same moment: one note, and no save over another."""

import pytest

from tests.threads import in_threads
from tests.treatment.rows import a_note, acupuncture_visit, part_of, stored
from treatment.actions.drafts import open_note, save_draft
from treatment.actions.keeping import Stale
from treatment.models import Note, NoteSave
from treatment.rules.state import empty_state

pytestmark = pytest.mark.alone
WINDOWS = 6


def test_a_part_opened_in_six_windows_has_one_note(cast, committed):
    part, mei = part_of(acupuncture_visit(cast)).pk, cast.mei
    results = in_threads([lambda: open_note(by=mei, part=part).pk for _ in range(WINDOWS)])
    assert results == [Note.objects.get().pk] * WINDOWS


def test_of_six_saves_at_once_one_is_kept_and_five_are_told(cast, committed):
    note, mei = a_note(cast), cast.mei

    def save(number):
        state = {**empty_state(), "said_words": f"window {number}"}
        try:
            return save_draft(by=mei, pk=note.pk, version=1, state=state).state["said_words"]
        except Stale as stale:
            return stale.stored["said_words"]

    results = in_threads([lambda number=number: save(number) for number in range(WINDOWS)])
    assert set(results) == {stored(Note.objects.get())["said_words"]}
    assert (Note.objects.get().version, NoteSave.objects.count()) == (2, 2)
