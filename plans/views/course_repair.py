"""A booked course repaired: at most three ways, the one with the fewest changes first."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
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
from plans.queries.course_repair import ILL, away_of, standing, ways
from plans.queries.course_repair_shown import shown
from plans.views.course import is_visit, say_with_undo
from plans.views.shared import head_of, plan_seen
from scheduling.actions.courses import VisitLost
from scheduling.rules.bundles import bundle_of


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
        context |= {"open": stand.progress.owed, "revises": plan.patient.chart_written}
    elif form.is_bound:
        status = 422
    return render_here(request, "plans/course_repair.html", context, status, place=plan.location)


def take(request, plan):
    posted = sorted((int(name[6:]), text) for name, text in request.POST.items() if is_visit(name))
    chosen = [Chosen(n, *read) for n, text in posted if (read := carried(text))]
    try:
        changes = moved(request, plan, chosen)
    except VisitLost as lost:
        return lost_page(request, plan, lost, chosen[lost.index].number)
    except Refused as refusal:
        return repair_page(request, plan, reasons=refusal.reasons, status=refusal.status)
    text = ngettext("%(count)s visit is moved.", "%(count)s visits are moved.", len(changes))
    first = changes[0]
    say_with_undo(request, plan, text % {"count": len(changes)}, first.appointment, bundle_of(first))
    return see_other(reverse("plans:schedule", args=[plan.pk]))


def moved(request, plan, chosen):
    """What was asked on the page (its query is in the address still) says on which days the patient is away."""
    now, form = timezone.now(), RepairForm(request.GET)
    ill = form.is_valid() and form.cleaned_data["reason"] == ILL
    return move_course(
        by=request.user,
        plan=plan,
        chosen=chosen,
        standing=standing(plan, Wanted(), now=now),
        away=away_of(plan, form.cleaned_data["until"], now=now) if ill else (),
        request_key=request_key(request),
    )


def lost_page(request, plan, lost, number):
    reasons = [_("Visit %(number)s: %(reason)s") % {"number": number, "reason": one} for one in lost.reasons]
    reasons.append(_("Nothing has moved. Below are the ways on from here."))
    return repair_page(request, plan, reasons=reasons, status=lost.status)
