"""A note as it reads, what is added to it later, and the saves of its draft."""

from typing import Any, NamedTuple

from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.panels import EITHER, Words, panel, render_here, wants_whole_page, whole_page
from clinic.roles import needs
from patients.actions import note_read
from treatment.actions import after
from treatment.forms import AddendumForm, ErrorForm, ResolutionForm
from treatment.models import Addendum
from treatment.queries.charts import patient_of
from treatment.queries.notes import Written, notes_written, saved_state, saves_of, written
from treatment.queries.reading import readings
from treatment.rules.after import reasons_not_to_add
from treatment.views.answers import note_for, note_written
from treatment.views.pages import head_of

KIND = Addendum.Kind


class Addition(NamedTuple):
    """What can be added to a note: its form, action and words."""

    form: Any
    act: Any
    title: Promise
    button: Promise
    saved: Promise


ADDITIONS = {
    KIND.ADDENDUM: Addition(
        AddendumForm, after.add_addendum, _("Addendum"), _("Sign the addendum"), _("Added below the note.")
    ),
    KIND.NEEDLE_RESOLUTION: Addition(
        ResolutionForm,
        after.resolve_needles,
        _("Where the needles were"),
        _("Sign it"),
        _("Written down. The board does not show it any more."),
    ),
    KIND.ENTERED_IN_ERROR: Addition(
        ErrorForm,
        after.mark_entered_in_error,
        _("Entered in error"),
        _("Take the note out of the chart"),
        _("This note has left the chart."),
    ),
}


def is_for_reading(note, user):
    """Whether this person only reads the note: it is signed, somebody else’s, entered in error, or its chart is
    open to them to read alone."""
    if note.signed_at or note.author_id != user.pk:
        return True
    return not notes_written(user).standing().filter(pk=note.pk).exists()


def read(request, note):
    """A note as it reads, with what was added after signing. For `treatment.views.page.note`."""
    if wants_whole_page(request):
        return whole_page(request)
    (this,) = written([note])
    (one,) = readings([this])
    patient = patient_of(note, request.user)
    context = {
        **head_of(request, patient),
        "one": one,
        "note": note,
        "additions": additions(this, request.user) if patient.chart_written else [],
        "colleague_writes": not note.signed_at,
    }
    return render_here(request, "treatment/reading.html", context, place=one.location)


def additions(this, user):
    """[(kind, title)] of what this person may add to the note now."""
    note = this.note
    known = {
        "words": "-",
        "is_author": note.author_id == user.pk,
        "signed": note.signed_at is not None,
        "entered_in_error": this.entered_in_error,
        "needles_missing": note.needles_missing and not resolved(this),
    }
    return [(kind, found.title) for kind, found in ADDITIONS.items() if not reasons_not_to_add(kind, **known)]


def resolved(this):
    return any(one.kind == KIND.NEEDLE_RESOLUTION for one in this.addenda)


@needs("write_chart", methods=EITHER)
def add(request, pk, kind):
    """One addendum, in the side panel."""
    if kind not in ADDITIONS:
        raise Http404
    note, found = note_written(request, pk), ADDITIONS[kind]
    shown = reverse("treatment:note", args=[note.pk])

    def act(form, version, key):
        sent = {"request_key": key, "location_shown": shown}
        found.act(by=request.user, pk=note.pk, words=form.cleaned_data["words"], **sent)

    def make(data, row):
        return found.form(data)

    words = Words(found.title, found.button, found.saved, lead=note.patient.name)
    return panel(request, make=make, row=Addendum(note=note), act=act, words=words, shown=shown)


@needs("read_chart")
def earlier(request, pk):
    """The saves of a draft, newest first."""
    note = note_for(request, pk)
    note_read(by=request.user, patient=note.patient)
    context = {**head_of(request, patient_of(note, request.user)), "note": note, "saves": saves_of(note)}
    return render_here(request, "treatment/earlier.html", context, place=note.location)


@needs("read_chart")
def earlier_save(request, pk, version):
    """The draft as it was saved with that version."""
    note = note_for(request, pk)
    found = saved_state(note, version)
    if found is None:
        raise Http404
    note_read(by=request.user, patient=note.patient)
    (one,) = readings([Written(note, found.state)])
    context = {**head_of(request, patient_of(note, request.user)), "note": note, "one": one, "save": found}
    return render_here(request, "treatment/earlier_save.html", context, place=one.location)
