from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clinic.pages import posted_version, refuse
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from frontdesk import queries
from frontdesk.forms import LongerForm, RoomForm, WalkInForm, WayForm
from frontdesk.views.today import answer, visit_here, way_back
from patients.models import Patient
from scheduling.actions import moving, slips

STALE = _("This page is out of date. Reload it and tap again.")


@needs("run_the_day", methods=("GET", "POST"))
def late(request, pk):
    """What still fits for somebody who is late; one tap takes it."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return late_page(request, visit)
    shown = way_back(request, pk)
    try:
        change = take_way(request, pk, shown)
    except Refused as refusal:
        return late_page(request, visit_here(request, pk), refusal)
    return answer(request, change, queries.said_of_move(visit_here(request, pk)), shown)


def late_page(request, visit, refusal=None):
    context = {
        "visit": visit,
        "ways": queries.late_ways(visit),
        "reasons": refusal.reasons if refusal else [],
    }
    return render(request, "frontdesk/today_late.html", context, status=refusal.status if refusal else 200)


def take_way(request, pk, shown):
    """Carry out the way out that was tapped: a move, or fewer minutes of needles."""
    form = WayForm(request.POST)
    if not form.is_valid():
        raise Refused(STALE)
    said = {
        "by": request.user,
        "pk": pk,
        "starts_at": form.cleaned_data["starts_at"],
        "practitioners": form.ids("practitioners"),
        "rooms": form.ids("rooms"),
        "version": posted_version(request),
        "request_key": request_key(request),
        "location_shown": shown,
    }
    if form.cleaned_data["minutes"]:
        return slips.start_shorter(minutes=form.cleaned_data["minutes"], **said)
    return moving.move(**said)


@needs("run_the_day", methods=("POST",))
def early(request, pk):
    """In now, if room and hands are free; else why not."""
    visit = visit_here(request, pk)
    shown = way_back(request, pk)
    change = slips.start_early(by=request.user, pk=pk, request_key=request_key(request), location_shown=shown)
    return answer(request, change, queries.said_of(visit, change), shown)


@needs("run_the_day", methods=("GET", "POST"))
def longer(request, pk):
    """Needs 5 or 10 minutes more; then who is touched, and what can be done about it."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return longer_page(request, visit)
    form = LongerForm(request.POST)
    if not form.is_valid():
        raise Refused(STALE)
    shown = way_back(request, pk, opens="longer")
    change = slips.longer(
        by=request.user,
        pk=pk,
        minutes=form.cleaned_data["minutes"],
        request_key=request_key(request),
        location_shown=shown,
    )
    return answer(request, change, queries.said_of_longer(visit, form.cleaned_data["minutes"]), shown)


def longer_page(request, visit):
    """Who is touched; beside the board nothing opens where nobody is, since the toast has said so."""
    found = queries.touched(visit)
    if request.htmx and not found["touched"]:
        return HttpResponse(status=204)
    return render(request, "frontdesk/today_longer.html", {"visit": visit, **found})


@needs("run_the_day", methods=("GET", "POST"))
def room(request, pk):
    """To another room, with the clock running on."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return room_page(request, visit)
    form, shown = RoomForm(request.POST), way_back(request, pk)
    if not form.is_valid():
        raise Refused(_("Choose a room from the list."))
    try:
        change = slips.change_room(
            by=request.user,
            pk=pk,
            room=form.cleaned_data["room"],
            request_key=request_key(request),
            location_shown=shown,
        )
    except Refused as refusal:
        return room_page(request, visit, refusal)
    return answer(request, change, queries.said_of_room(visit, change), shown)


def room_page(request, visit, refusal=None):
    context = {
        "visit": visit,
        "tiles": queries.other_rooms(request.user, visit),
        "reasons": refusal.reasons if refusal else [],
    }
    return render(request, "frontdesk/today_room.html", context, status=refusal.status if refusal else 200)


@needs("run_the_day", methods=("GET", "POST"))
def unwell(request, pk):
    """Stamp that somebody is unwell; then needles out first, and what will not happen today."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return render(request, "frontdesk/today_unwell.html", queries.about_unwell(visit))
    shown = way_back(request, pk, opens="unwell")
    change = slips.unwell(by=request.user, pk=pk, request_key=request_key(request), location_shown=shown)
    return answer(request, change, _("%(name)s is unwell.") % {"name": visit.patient.name}, shown)


@needs("run_the_day", methods=("GET", "POST"))
def walk_in(request):
    """Name and phone or somebody we know, what they come for, and the first times today."""
    if here(request) is None:
        raise Http404
    patient = patient_of(request)
    form = WalkInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid() or form.cleaned_data["choice"] is None:
        return walk_in_page(request, form, patient)
    alike = queries.alike(request.user, form) if patient is None else []
    if alike:
        return walk_in_page(request, form, patient, alike=alike, status=422)
    shown = way_back(request)
    try:
        change = walk_in_posted(request, form, patient, shown)
    except Refused as refusal:
        return walk_in_page(request, form, patient, status=refuse(form, refusal))
    return answer(request, change, _("%(name)s is here.") % {"name": change.appointment.patient.name}, shown)


def walk_in_posted(request, form, patient, shown):
    return slips.walk_in(
        by=request.user,
        patient=patient,
        new=(uuid4(), form.values),
        service=form.cleaned_data["service"],
        location=here(request),
        offer=form.cleaned_data["choice"],
        today=queries.local_today(here(request)),
        came_with=form.cleaned_data["came_with"],
        request_key=request_key(request),
        location_shown=shown,
    )


def walk_in_page(request, form, patient, alike=(), status=200):
    context = {"form": form, "patient": patient, "alike": alike}
    context |= queries.walk_in_times(form, patient, here(request))
    if request.method == "POST" and form.errors:
        status = max(status, 422)
    return render(request, "frontdesk/today_walk_in.html", context, status=status)


def patient_of(request):
    """The record that was picked, if this person may see it; None where none was."""
    asked = request.POST.get("patient") or request.GET.get("patient")
    if not asked:
        return None
    try:
        pk = UUID(asked)
    except ValueError:
        raise Http404 from None
    found = Patient.objects.visible_to(request.user).current().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
