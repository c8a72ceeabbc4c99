"""Whose page was asked for, and that it was opened."""

from django.http import Http404
from django.utils import timezone

from patients.actions import note_read
from portal.queries import people_of


def found(request, pk):
    """(everybody whose pages this account opens, the one asked for); 404 for anybody else."""
    people = people_of(request.user, timezone.now())
    person = next((one for one in people if one.pk == pk), None)
    if person is None:
        raise Http404
    return people, person


def note_reading(request, person):
    """Somebody who opens another person's record is written down; reading one's own is no disclosure."""
    if not person.rights.own:
        note_read(by=request.user, patient=person.patient)
