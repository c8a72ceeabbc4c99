"""What the chart pages of this app share: whose chart, its head, side panels and where they lead."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from clinic.editing import edit
from clinic.places import here
from clinic.walltime import local
from patients.models import Patient
from patients.rules import age, desk_alerts, in_full


def today_at(request):
    """The date on the wall of the location being worked at."""
    place, now = here(request), timezone.now()
    return local(now, place.tz).date() if place else now.date()


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def page_of(patient):
    return reverse("intake:history", args=[patient.pk])


def strip_of(patient, today):
    """What patients/_chart_head.html reads, without what only the Summary shows."""
    years = age(patient.birth_date, today)
    merged = patient.merged_into_id is not None
    return {
        "name": in_full(patient.given_name, patient.family_name, patient.preferred_name),
        "age": years,
        "alerts": desk_alerts(
            age=years,
            birth_date=patient.birth_date,
            needs_step_free=patient.needs_step_free,
            reach_by=patient.reach_by,
            merged=merged,
        ),
    }


def see_other(address):
    return HttpResponseRedirect(address, status=303)


def render_here(request, template, context, status=200):
    """The page with its dates as the wall of the location being worked at shows them."""
    place = here(request)
    with timezone.override(place.tz if place else None):
        return render(request, template, context, status=status)


def whole_page(request):
    """A page asked for by a panel's form, which was done: the browser loads it whole."""
    return HttpResponse(headers={"HX-Redirect": request.get_full_path()})


class Words(NamedTuple):
    """What a panel says: its title, a line below it, its button, and the toast when it is done."""

    title: str
    button: str
    saved: str
    lead: str = ""


def panel(request, *, make, row, act, words, shown, **context):
    """One form in the side panel; done, it leads to `shown`. See clinic.editing.edit for `make` and `act`."""
    done = edit(request, make, row, act)
    if done.done:
        messages.success(request, words.saved)
        return see_other(shown)
    is_new = row._state.adding
    return done.page(request, "intake/history_panel.html", words=words, shown=shown, is_new=is_new, **context)
