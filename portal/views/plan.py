"""The Plan page, and its ticks."""

from datetime import date

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic.panels import render_here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from outcomes.queries.due import activities_of
from outcomes.rules.sheet import Answered, blocks_of
from portal.actions import ticking
from portal.queries import people_of
from portal.queries.home import may_tick
from portal.queries.page import page_of, today_in
from portal.queries.visits import place_of
from portal.views.people import found, note_reading


@needs("see_own_plan")
def plan(request):
    """One's own plan; for somebody who is no patient here, that of the first person they act for."""
    people = people_of(request.user, timezone.now())
    if not people:
        return render(request, "portal/nobody.html")
    return show(request, people, people[0])


@needs("see_own_plan")
def plan_of(request, pk):
    people, person = found(request, pk)
    return show(request, people, person)


@needs("see_own_plan", methods=("POST",))
def tick(request, pk, activity):
    """Done today, or not after all; leads back to the page, which takes its list from there."""
    people, person = found(request, pk)
    if not may_tick(person, activity):
        raise Http404
    shown = reverse("portal:plan_of", args=[pk]) + "#home"
    try:
        ticking.tick(
            by=request.user,
            activity=activity,
            on=day_of(request),
            done=request.POST.get("done") == "1",
            today=today_in(place_of(person), timezone.now()),
            request_key=request_key(request),
            location=shown,
        )
    except Refused as refusal:
        return show(request, people, person, refusal)
    return redirect(shown)


def day_of(request):
    """The day the page was made for; one that is none never matches."""
    try:
        return date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        return date.min


def show(request, people, person, refusal=None):
    note_reading(request, person)
    page = page_of(person, request.user, timezone.now())
    context = {
        "page": page,
        "person": person,
        "people": people if len(people) > 1 else [],
        "check": page.checks[0] if page.checks else None,
        "blocks": blank_sheet(page),
        "reasons": refusal.reasons if refusal else None,
    }
    status = refusal.status if refusal else 200
    return render_here(request, "portal/plan.html", context, status=status, place=page.place)


def blank_sheet(page):
    """The questions of the first score check that is due."""
    if not page.checks:
        return []
    return blocks_of(page.checks[0].measures, activities_of(page.person.patient), Answered())
