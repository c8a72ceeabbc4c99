"""From a clinical row in the admin, which has no text there, the way to the chart leads through a reason."""

import pytest
from django.urls import reverse

from tests.cast import canary
from tests.treatment.rows import a_note, saved


@pytest.mark.django_db
def test_a_note_shows_no_words_and_leads_to_the_reason(cast, client_of):
    note = a_note(cast)
    saved(note, said_words=canary("maria", "note_words"))
    olive = client_of(cast.olive)
    page = olive.get(reverse("admin:treatment_note_change", args=[note.pk])).content.decode()
    way = reverse("patients:open_with_reason", args=[cast.maria.pk])
    assert canary("maria", "note_words") not in page
    assert f'href="{way}"' in page
    assert "Why you open it" in olive.get(way).content.decode()
