"""To-dos: for this person, their roles and everybody; reactions to look at again, of charts that are open to them."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.panels import (
    EITHER,
    Words,
    panel,
    render_here,
    today_at,
    wants_whole_page,
    whole_page,
)
from clinic.places import here
from clinic.roles import may, needs
from clinic.walltime import day_span
from frontdesk.forms import DoneForm
from frontdesk.queries.todos import OF_TASK, open_todos, todos_of
from messaging.actions import close_task
from messaging.models import StaffTask
from treatment.queries.reactions import follow_ups_due

WORDS = Words(_("What was done?"), _("It is done"), _("Closed, with your words."))


@needs("see_the_day")
def todos(request):
    if wants_whole_page(request):
        return whole_page(request)
    now, place = timezone.now(), here(request)
    until = day_span(today_at(request), place.tz).end if place else now
    reads = may(request.user, "read_chart")
    due = follow_ups_due(request.user, until).select_related("patient") if reads else []
    context = {"todos": todos_of(request.user, now), "due": due, "now": now}
    return render_here(request, "frontdesk/todos.html", context)


@needs("see_the_day", methods=EITHER)
def close(request, pk):
    """Closed with what was done; those with steps of their own are closed there."""
    task = get_object_or_404(open_todos(request.user).exclude(kind__in=OF_TASK), pk=pk)
    shown = reverse("frontdesk:todos")

    def act(form, version, key):
        outcome = form.cleaned_data["outcome"]
        close_task(by=request.user, pk=task.pk, outcome=outcome, request_key=key, location=shown)

    def make(data, row):
        return DoneForm(data)

    words = WORDS._replace(lead=task.title)
    return panel(request, make=make, row=StaffTask(), act=act, words=words, shown=shown)
