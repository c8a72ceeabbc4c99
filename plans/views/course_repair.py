"""A booked course repaired: at most three ways, the one with the fewest changes first."""

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from clinic.panels import EITHER, render_here, see_other
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients.actions import note_read
from plans.actions.course import Chosen
from plans.actions.course_repair import move_course
from plans.forms.course import RepairForm, carried
from plans.queries.course import Wanted
from plans.queries.course_repair import shown, standing, ways
from plans.views.course import is_visit
from plans.views.shared import head_of, plan_seen


@needs("book", methods=EITHER)
def repair(request, pk):
    """Say what happened, see the ways on, take one."""
    plan = plan_seen(request, pk)
    if request.method == "POST":
        return take(request, plan)
    note_read(by=request.user, patient=plan.patient)
    return repair_page(request, plan)


def repair_page(request, plan, *, reasons=(), status=200):
    form = RepairForm(request.GET if "reason" in request.GET else None)
    context = head_of(request, plan.patient) | {"plan": plan, "form": form, "reasons": list(reasons)}
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        stand, found = ways(plan, values["reason"], values["until"], now=timezone.now())
        context |= {"asked": True, "ways": shown(stand, found), "coming": len(stand.ids)}
    elif form.is_bound:
        status = 422
    return render_here(request, "plans/course_repair.html", context, status, place=plan.location)


def take(request, plan):
    posted = sorted((int(name[6:]), text) for name, text in request.POST.items() if is_visit(name))
    chosen = [Chosen(n, *read) for n, text in posted if (read := carried(text))]
    try:
        ids = standing(plan, Wanted(), now=timezone.now()).ids
        moved = move_course(
            by=request.user, plan=plan, chosen=chosen, ids=ids, request_key=request_key(request)
        )
    except Refused as refusal:
        return repair_page(request, plan, reasons=refusal.reasons, status=refusal.status)
    text = ngettext("%(count)s visit is moved.", "%(count)s visits are moved.", len(moved))
    messages.success(request, text % {"count": len(moved)})
    return see_other(reverse("plans:schedule", args=[plan.pk]))
