"""Side panels: one form beside the page it belongs to, and what follows when it is done."""

from contextlib import contextmanager
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from clinic.editing import edit
from clinic.places import here
from clinic.walltime import local

EITHER = ("GET", "POST")


class Words(NamedTuple):
    """What a panel says: its title, its button, the toast when it is done, a line below the title."""

    title: str
    button: str
    saved: str
    lead: str = ""


def panel(request, *, make, row, act, words, shown, template="clinic/panel_form.html", **context):
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
    return render(request, "clinic/panel_done.html", {"words": words, "shown": shown})


def see_other(address):
    return HttpResponseRedirect(address, status=303)


def wants_whole_page(request):
    """Whether a panel's form, which was done, asks for the page that shows it."""
    return request.htmx and not request.htmx.history_restore_request


def whole_page(request):
    """A page asked for by a panel's form, which was done: the browser loads it whole."""
    return HttpResponse(headers={"HX-Redirect": request.get_full_path()})


def today_at(request):
    """The date on the wall of the location being worked at."""
    place, now = here(request), timezone.now()
    return local(now, place.tz).date() if place else now.date()


@contextmanager
def clock_of(place):
    """Dates as the wall of that location shows them."""
    with timezone.override(place.tz if place else None):
        yield


def render_here(request, template, context, status=200, place=None):
    """The page with its dates as the wall of a location shows them: the one being worked at, unless named."""
    with clock_of(place or here(request)):
        return render(request, template, context, status=status)
