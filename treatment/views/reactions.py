"""Unwanted effects: recorded from the list, looked at again, told to those who must know."""

from datetime import time
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clinic.editing import edit
from clinic.panels import EITHER, Words, panel, render_here, see_other, wants_whole_page, whole_page
from clinic.places import here
from clinic.roles import needs
from clinic.walltime import instant, local
from messaging.actions import close_task
from messaging.models import StaffTask
from patients.actions import note_read
from patients.queries import charts
from treatment.actions.reactions import WORDS as SAID
from treatment.actions.reactions import follow_up_reaction, record_reaction
from treatment.forms import FollowUpForm, ReactionForm, ReportedForm
from treatment.models import Note, Reaction
from treatment.queries import reactions as queries
from treatment.rules.reactions import grade_choices, must_be_reported, told_to
from treatment.views.pages import head_of

MORNING = time(9)
FOLLOW_UP = Words(later("How it went on"), later("Save"), later("Saved."))
REPORTED = Words(
    later("Told to others"), later("It is told"), later("Written down: somebody outside was told.")
)


def page_of(patient):
    return reverse("treatment:reactions", args=[patient.pk])


@needs("read_chart")
def reactions(request, pk):
    """A patient’s reactions, newest first. Opening them is written down."""
    patient = charts.read(request.user, pk)
    if wants_whole_page(request):
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    context = {**head_of(request, patient), "lines": queries.reactions_of(patient)}
    return render_here(request, "treatment/reactions.html", context)


@needs("write_chart", methods=EITHER)
def new_reaction(request, pk):
    """“How do you feel?”: first what it is, then with its first action on top what there is to say about it."""
    patient = charts.written(request.user, pk)
    kind = queries.kind_named(request.GET.get("kind", ""))
    query = f"?note={request.GET['note']}" if note_asked(request, patient) else "?"
    if kind is None:
        often, rare = queries.kinds_to_record()
        context = {"patient": patient, "often": often, "rare": rare, "query": query}
        return render_here(request, "treatment/reaction_kinds.html", context)
    return record(request, patient, kind, query)


def record(request, patient, kind, query):
    shown = page_of(patient)

    def act(form, version, key):
        sent = {"request_key": key, "location_shown": shown, "note": note_asked(request, patient)}
        record_reaction(by=request.user, patient=patient, kind=kind.key, **sent, **values_of(request, form))

    done = edit(request, lambda data, row: form_about(kind, data), Reaction(patient=patient), act)
    context = {"kind": kind, "patient": patient, "query": query, "shown": shown, "words": FOLLOW_UP}
    if not done.done:
        return done.page(request, "treatment/reaction.html", is_new=True, **context)
    if request.htmx:
        grave = must_be_reported(kind, done.form.cleaned_data["grade"])
        return render_here(
            request, "treatment/reaction_done.html", {**context, "report": told_to(kind) if grave else ""}
        )
    messages.success(request, _("Recorded."))
    return see_other(shown)


def form_about(kind, data, initial=None, form=ReactionForm):
    if kind is None:
        return form(data, grades=[(grade, str(grade)) for grade in range(1, 6)], initial=initial)
    grades, hours = grade_choices(kind), kind.follow_up_within_hours
    return form(data, grades=grades, usual_onset=kind.usual_onset, hours=hours, initial=initial)


def values_of(request, form):
    """What the form says, as the actions take it: a day is its morning at the location being worked at."""
    said = dict(form.cleaned_data)
    day, place = said.pop("follow_up_on"), here(request)
    zone = place.tz if place else None
    return {**said, "follow_up_at": instant(day, MORNING, zone) if day and zone else None}


def note_asked(request, patient):
    """The note of this patient that the address names, if it may be read."""
    try:
        asked = UUID(request.GET.get("note", ""))
    except ValueError:
        return None
    return Note.objects.visible_to(request.user).filter(pk=asked, patient=patient).first()


@needs("write_chart", methods=EITHER)
def reaction(request, pk, row):
    """How one went on, in the side panel, with what was said of it."""
    patient = charts.written(request.user, pk)
    stored = reaction_or_404(request, patient, row)
    if request.method == "GET":
        note_read(by=request.user, patient=patient)
    kind, shown = queries.kind_named(stored.kind), page_of(patient)

    def act(form, version, key):
        sent = {"version": version, "request_key": key, "location_shown": shown}
        follow_up_reaction(by=request.user, pk=stored.pk, **sent, **values_of(request, form))

    def make(data, row):
        return form_about(kind, data, initial_of(request, row), FollowUpForm)

    words = FOLLOW_UP._replace(lead=kind.event if kind else stored.kind)
    return panel(request, make=make, row=stored, act=act, words=words, shown=shown)


def initial_of(request, row):
    place = here(request)
    again = row.follow_up_at and place and local(row.follow_up_at, place.tz).date()
    fields = {name: getattr(row, name) for name in ("grade", "serious", *SAID)}
    return {**fields, "follow_up_on": again, "closed": row.closed_at is not None}


def reaction_or_404(request, patient, pk):
    found = queries.reaction_seen(request.user, patient, pk)
    if found is None:
        raise Http404
    return found


@needs("write_chart", methods=EITHER)
def reported(request, pk, row):
    """Somebody outside was told: the to-do about it is done."""
    patient = charts.written(request.user, pk)
    stored, shown = reaction_or_404(request, patient, row), page_of(patient)
    if request.method == "GET":
        note_read(by=request.user, patient=patient)
    about = {"kind": queries.REPORT, "about": f"treatment.reaction:{stored.pk}"}
    task = StaffTask.objects.filter(**about).order_by("-opened_at").first()
    if task is None:
        raise Http404

    def act(form, version, key):
        close_task(by=request.user, pk=task.pk, request_key=key, location=shown, **form.cleaned_data)

    def make(data, row):
        return ReportedForm(data)

    words = REPORTED._replace(lead=task.title)
    return panel(request, make=make, row=Reaction(patient=patient), act=act, words=words, shown=shown)
