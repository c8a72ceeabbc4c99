from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from clinic.models import Role
from clinic.places import here
from clinic.roles import needs
from frontdesk import queries
from scheduling.models import Appointment

PANELS = {"longer", "unwell"}  # what a step can leave open in the side panel


@needs("see_the_day")
def page(request):
    """The Today board; by htmx only what is on it."""
    return show(request)


@needs("see_the_day")
def board(request):
    """What the page asks for every 20 seconds and after each step; without script the page itself."""
    return show(request)


def show(request):
    location = here(request)
    if location is None:
        return render(request, "frontdesk/today_nowhere.html")
    practitioner, mine = whose(request)
    made = queries.board(
        user=request.user,
        location=location,
        now=timezone.now(),
        practitioner=practitioner if mine else None,
    )
    context = {"board": made, "location": location, "can_be_mine": practitioner is not None, **after(request)}
    if not request.htmx or request.htmx.history_restore_request:
        return render(request, "frontdesk/today.html", context)
    if not on_the_board(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    answer = render(request, "frontdesk/today_board.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#board", "innerHTML"
    return answer


def on_the_board(request):
    """Whether the page that asks has a board: a step from another page's panel loads that page again."""
    path = (request.htmx.current_url_abs_path or "").partition("?")[0].partition("#")[0]
    return path in {"", reverse("frontdesk:today"), reverse("frontdesk:board")}


def whose(request):
    """(this person as a provider or None, whether only theirs is shown): providers see their own first."""
    roles = request.user.roles
    practitioner = queries.own_practitioner(request.user) if Role.PRACTITIONER in roles else None
    asked = request.GET.get("show", "")
    mine = asked == "mine" if asked in {"mine", "everyone"} else not roles & {Role.OWNER, Role.FRONT_DESK}
    return practitioner, practitioner is not None and mine


def after(request):
    """What a step leaves behind: the row that has the focus, a panel that opens or closes."""
    opens, visit = request.GET.get("opens"), request.GET.get("visit", "")
    found = {"focus": visit, "closes": "closes" in request.GET}
    if opens in PANELS and len(visit) == 36:
        found["opens"] = reverse(f"frontdesk:{opens}", args=[visit])
    return found


def way_back(request, pk=None, opens=""):
    """Where a step's answer leads: the board, or without script the page with the ways out."""
    if opens and not request.htmx:
        return reverse(f"frontdesk:{opens}", args=[pk])
    query = {"show": request.POST.get("show", "")[:10], "visit": pk or "", "opens": opens}
    if request.POST.get("panel"):
        query["closes"] = "1"
    query = urlencode({name: value for name, value in query.items() if value})
    name = "frontdesk:board" if request.htmx else "frontdesk:today"
    return reverse(name) + (f"?{query}" if query else "")


def answer(request, change, text, shown):
    """A toast that can take the step back, and the way to the board."""
    context = {"text": text, "change": change.pk, "show": request.POST.get("show", "")[:10]}
    toast = render_to_string("frontdesk/today_undo.html", context, request)
    messages.success(request, toast, extra_tags="undo")
    return redirect_to(shown)


def redirect_to(shown):
    found = redirect(shown)
    found.status_code = 303
    return found


def visit_here(request, pk):
    """A visit that this person may see; everything else does not exist."""
    rows = Appointment.objects.visible_to(request.user).select_related("patient", "service", "location")
    if here(request) is None:
        raise Http404
    return get_object_or_404(rows, pk=pk)
