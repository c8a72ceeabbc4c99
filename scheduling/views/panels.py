"""What the panels of booking and of a visit share: where, toasts with Undo, answers."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from clinic.places import here

LONGEST_ADDRESS = 300


def place_or_404(request):
    """Where somebody is working; people who work nowhere have nothing to book."""
    place = here(request)
    if place is None:
        raise Http404
    return place


def see_other(address):
    return HttpResponseRedirect(address, status=303)


def safe_next(request, otherwise):
    address = request.POST.get("next", "")
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe and len(address) <= LONGEST_ADDRESS else otherwise


def say_with_undo(request, text, change_pk):
    """A toast that can be taken back; shown by the page that comes next."""
    url = reverse("scheduling:undo", args=[change_pk])
    piece = render_to_string("clinic/_undo.html", {"text": text, "url": url, "htmx": True}, request)
    messages.success(request, piece, extra_tags="undo")


def tell_calendar(request, answer):
    """A panel that brings a toast shows something that has just changed: the calendar beside it reads again."""
    if request.htmx and len(messages.get_messages(request)):
        trigger_client_event(answer, "calendar-changed")
    return answer
