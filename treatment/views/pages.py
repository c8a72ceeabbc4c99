"""What the pages of this app share: whose chart, its head, side panels and where they lead."""

from contextlib import contextmanager
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from clinic.editing import edit
from clinic.places import here
from clinic.walltime import local
from intake.queries.facts import alerts_of
from patients.models import Patient
from patients.rules import age, desk_alerts, in_full

EITHER = ("GET", "POST")


def today_at(request):
    """The date on the wall of the location being worked at."""
    place, now = here(request), timezone.now()
    return local(now, place.tz).date() if place else now.date()


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of the tab Notes."""
    today = today_at(request)
    years = age(patient.birth_date, today)
    return {
        "patient": patient,
        "tab": "notes",
        "chart_alerts": alerts_of(patient, today),
        "strip": {
            "name": in_full(patient.given_name, patient.family_name, patient.preferred_name),
            "age": years,
            "alerts": desk_alerts(
                age=years,
                birth_date=patient.birth_date,
                needs_step_free=patient.needs_step_free,
                reach_by=patient.reach_by,
                merged=patient.merged_into_id is not None,
            ),
        },
    }


def see_other(address):
    return HttpResponseRedirect(address, status=303)


@contextmanager
def clock_of(place):
    """Dates as the wall of that location shows them."""
    with timezone.override(place.tz if place else None):
        yield


def render_here(request, template, context, status=200, place=None):
    with clock_of(place or here(request)):
        return render(request, template, context, status=status)


def wants_whole_page(request):
    """Whether a panel's form, which was done, asks for the page that shows it."""
    return request.htmx and not request.htmx.history_restore_request


def whole_page(request):
    return HttpResponse(headers={"HX-Redirect": request.get_full_path()})


class Words(NamedTuple):
    """What a panel says: its title, its button, the toast when it is done, a line below the title."""

    title: str
    button: str
    saved: str
    lead: str = ""


def panel(request, *, make, row, act, words, shown, template="treatment/panel.html", **context):
    """One form in the side panel; done, it leads to `shown`. See clinic.editing.edit for `make` and `act`."""
    done = edit(request, make, row, act)
    if done.done:
        messages.success(request, words.saved)
        return after(request, words, shown)
    is_new = row._state.adding
    return done.page(request, template, words=words, shown=shown, is_new=is_new, **context)


def after(request, words, shown):
    """What follows a form that was done: the page that shows it, unless the panel stands beside another one."""
    if not request.htmx:
        return see_other(shown)
    if (request.htmx.current_url_abs_path or "").partition("?")[0] == shown:
        return HttpResponse(headers={"HX-Redirect": shown})
    return render(request, "treatment/panel_done.html", {"words": words, "shown": shown})
