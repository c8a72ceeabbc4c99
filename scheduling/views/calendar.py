"""The calendar: its page, its data, what a drop does, and blocked time."""

import uuid
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from clinic import walltime
from clinic.pages import posted_version
from clinic.places import here, places_of
from clinic.refusal import AlreadyDone, Refused, VersionMissing
from clinic.roles import needs
from clinic.submissions import request_key
from patients.models import Patient
from patients.rules import on_list
from scheduling.actions import blocking
from scheduling.actions.moving import move
from scheduling.forms.calendar import WEEK_VIEW, BlockForm, DropForm, FitsForm, LookForm
from scheduling.models import Appointment, Block, Change
from scheduling.queries import calendar
from scheduling.rules import sentences
from services.models import Service

BOOKING = ("patient", "date", "time", "provider", "room", "service")


@needs("see_the_day")
def page(request):
    """The calendar; ?panel=book opens the booking panel beside it, and by htmx is that panel."""
    booking = booking_address(request)
    if booking and request.htmx:
        return redirect(booking)
    location = here(request)
    if location is None:
        return render(request, "scheduling/calendar_nowhere.html")
    form = LookForm(request.GET)
    look, found = looked_at(request, form, location)
    context = {"look": look, "feed": feed_of(look, found), "days": calendar.listing(found)}
    context |= {"choices": found.choices, "booking": booking, "remark": form.remark}
    return render(request, "scheduling/calendar.html", context)


def booking_address(request):
    if request.GET.get("panel") != "book":
        return ""
    said = {name: request.GET[name] for name in BOOKING if request.GET.get(name)}
    return reverse("scheduling:book") + (f"?{urlencode(said)}" if said else "")


def looked_at(request, form, location):
    """(what is asked for, what the calendar shows of it to this person)"""
    now = timezone.now()
    look = form.look(walltime.local(now, location.tz).date())
    if look.view == WEEK_VIEW and look.who is None:
        look = replace(look, who=calendar.first_column(location, look.by, request.user))
    return look, calendar.shown(location, look.asked, user=request.user, now=now)


def feed_of(look, found):
    """The grid's data, with the heading and the links of the page around it."""
    today = walltime.local(found.now, found.location.tz).date()
    return {
        **calendar.feed(found),
        "view": look.view,
        "heading": heading(look.asked),
        "shown": look.date.isoformat(),
        "query": look.query,
        "links": look.links(today),
        "empty": "" if found.columns else _("Nobody works here on this day, and nothing is booked."),
    }


def heading(asked):
    if asked.days == 1:
        return date_format(asked.first, "D M j, Y")
    last = asked.first + (asked.days - 1) * walltime.DAY
    return _("%(first)s to %(last)s") % {
        "first": date_format(asked.first, "M j"),
        "last": date_format(last, "M j, Y"),
    }


@needs("see_the_day")
def feed(request):
    location = here(request)
    if location is None:
        raise Http404
    look, found = looked_at(request, LookForm(request.GET), location)
    return JsonResponse(feed_of(look, found))


@needs("book")
def fits(request):
    """Where a service fits: {column: {starts: […], free: [{start, end}, …]}} in wall-clock time."""
    location, form = here(request), FitsForm(request.GET)
    if location is None or not form.is_valid():
        raise Http404
    said = form.cleaned_data
    found = calendar.fits(
        service=get_object_or_404(Service, pk=said["service"], active=True),
        patient=said["patient"]
        and get_object_or_404(Patient.objects.visible_to(request.user), pk=said["patient"]),
        location=location,
        day=said["date"],
        by=said["by"],
        now=timezone.now(),
    )
    return JsonResponse(
        {"columns": {column: in_wall_time(fit, location.tz) for column, fit in found.items()}}
    )


def in_wall_time(fit, zone):
    return {
        "starts": [calendar.wall(start, zone) for start in fit.starts],
        "free": [calendar.between(span.start, span.end, zone) for span in fit.free],
    }


@needs("book", methods=("POST",))
def drop(request, pk):
    """A piece of a visit was dropped somewhere else: {ok, reasons, says, undo}."""
    visits = Appointment.objects.visible_to(request.user).select_related("location", "patient")
    visit = get_object_or_404(visits, pk=pk)
    try:
        change = move_to(request, visit)
    except AlreadyDone:
        change = latest_change(request, visit)
    except VersionMissing:
        return not_moved([_("This page is out of date. Reload it and move the visit again.")], 428)
    except Refused as refusal:
        stale = request.POST.get("version") != str(visit.version)
        reasons = refusal.reasons if stale else with_nearest(refusal, visit.location)
        return not_moved(reasons, refusal.status)
    return moved(change)


def move_to(request, visit):
    form = DropForm(request.POST, location=visit.location)
    if not form.is_valid():
        raise Refused(form.sentences)
    target = calendar.landing(visit.pk, **form.landing)
    if target is None:
        raise Refused(
            _("This visit has changed meanwhile. Look where it is now, then move it again."), conflict=True
        )
    return move(
        by=request.user,
        pk=visit.pk,
        **target._asdict(),
        version=posted_version(request),
        request_key=request_key(request),
    )


def latest_change(request, visit):
    theirs = Change.objects.filter(appointment__in=Appointment.objects.visible_to(request.user))
    return (
        theirs.select_related("appointment__patient", "appointment__location")
        .filter(appointment=visit)
        .latest("at")
    )


def moved(change):
    visit = change.appointment
    says = _("%(name)s is moved to %(when)s.") % {
        "name": on_list(visit.patient.given_name, visit.patient.family_name),
        "when": sentences.when(visit.starts_at, visit.ends_at, visit.location.tz),
    }
    undo = reverse("scheduling:undo", args=[change.pk])
    return JsonResponse({"ok": True, "reasons": [], "says": says, "undo": undo})


def not_moved(reasons, status):
    return JsonResponse(
        {"ok": False, "reasons": [str(reason) for reason in reasons], "undo": None}, status=status
    )


def with_nearest(refusal, location):
    if not refusal.offers:
        return refusal.reasons
    times = ", ".join(
        f"{sentences.day(offer.starts_at, location.tz)} {sentences.clock(offer.starts_at, location.tz)}"
        for offer in refusal.offers
    )
    return [*refusal.reasons, _("Nearest free times: %(times)s.") % {"times": times}]


@needs("book", methods=("GET", "POST"))
def block(request):
    """Block time of a provider, a room or both."""
    location = here(request)
    if location is None:
        raise Http404
    if request.method != "POST":
        return block_page(request, BlockForm(location=location, initial=suggested(request.GET, location)))
    form = BlockForm(request.POST, location=location)
    if not form.is_valid():
        return block_page(request, form, 422)
    try:
        return redirect(blocked(request, location, form.values))
    except Refused as refusal:
        return block_page(request, form, refusal.status, refusal.reasons)


def blocked(request, location, values):
    """Block it; the address that shows the block, known beforehand: a form sent twice is sent there again."""
    pk = uuid.uuid4()
    shown = address_of_changed(pk)
    blocking.block(
        by=request.user, pk=pk, location=location, **values, request_key=request_key(request), shown=shown
    )
    return shown


def address_of_changed(pk):
    return reverse("scheduling:remove_block", args=[pk]) + "?changed=1"


def block_page(request, form, status=200, reasons=()):
    return render(
        request, "scheduling/calendar_block.html", {"form": form, "reasons": reasons}, status=status
    )


def suggested(query, location):
    """What a new block begins with: the place that was clicked, else the next hour of today."""
    soon = walltime.local(timezone.now(), location.tz).replace(minute=0) + timedelta(hours=1)
    return {
        "date": query.get("date") or soon.date(),
        "starts": query.get("time") or soon.time(),
        "ends": query.get("until"),
        "kind": query.get("kind"),
        "practitioner": query.get("provider"),
        "room": query.get("room"),
    }


@needs("book", methods=("GET", "POST"))
def remove_block(request, pk):
    """What is blocked, and the button that frees it."""
    blocks = Block.objects.filter(location__in=places_of(request))
    row = get_object_or_404(blocks.select_related("location", "practitioner", "room"), pk=pk)
    shown = address_of_changed(pk)
    if request.method == "POST":
        blocking.remove_block(by=request.user, pk=pk, request_key=request_key(request), shown=shown)
        return redirect(shown)
    answer = render(request, "scheduling/calendar_blocked.html", told(row))
    return trigger_client_event(answer, "calendar-changed") if "changed" in request.GET else answer


def told(row):
    """A block for its panel; `again` is the form filled in like it."""
    start, end = walltime.local(row.starts_at, row.location.tz), walltime.local(row.ends_at, row.location.tz)
    same = {"date": start.date(), "time": f"{start:%H:%M}", "until": f"{end:%H:%M}", "kind": row.kind}
    same |= {"provider": row.practitioner_id, "room": row.room_id}
    return {
        "blocked": row,
        "kind": row.get_kind_display().capitalize(),
        "when": sentences.when(row.starts_at, row.ends_at, row.location.tz),
        "day": start.date().isoformat(),
        "again": reverse("scheduling:block") + "?" + urlencode({k: v for k, v in same.items() if v}),
    }
