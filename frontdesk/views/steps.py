from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from clinic.pages import refuse
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from frontdesk import queries
from frontdesk.forms import CheckInForm, HouseholdForm, ReasonForm, StepForm, TimeForm
from frontdesk.views.today import answer, redirect_to, visit_here, way_back
from patients.models import Household
from scheduling.actions import steps
from scheduling.actions.ending import part_not_done


@needs("run_the_day", methods=("GET", "POST"))
def check_in(request, pk):
    """Ask the birth date, and with a minor who came along; then the patient is here."""
    visit = visit_here(request, pk)
    form = CheckInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return check_in_page(request, visit, form)
    shown = way_back(request, pk)
    try:
        change = steps.check_in(
            pk=pk,
            born=form.cleaned_data["born"],
            same_name=bool(queries.twins_today(visit)),
            **said_by_all(request, form, shown),
        )
    except Refused as refusal:
        return check_in_page(request, visit, form, refuse(form, refusal))
    return answer(request, change, _("%(name)s is here.") % {"name": visit.patient.name}, shown)


def said_by_all(request, form, shown):
    """What checking in one person and a household have in common."""
    return {
        "by": request.user,
        "checked_another_way": form.cleaned_data["another_way"],
        "came_with": form.who_came,
        "request_key": request_key(request),
        "location_shown": shown,
    }


def check_in_page(request, visit, form, status=200):
    context = {"visit": visit, "form": form, **queries.about_check_in(visit)}
    if form.is_bound and not form.is_valid():
        status = max(status, 422)
    return render(request, "frontdesk/today_check_in.html", context, status=status)


@needs("run_the_day", methods=("GET", "POST"))
def check_in_all(request, pk):
    """A household at once: one question for each, one name for who came along."""
    visits = household_here(request, pk)
    form = HouseholdForm(request.POST or None, visits=visits)
    if request.method != "POST" or not form.is_valid():
        return household_page(request, visits, form)
    shown = way_back(request)
    try:
        changes = steps.check_in_all(
            pks=[visit.pk for visit in visits], born=form.born, **said_by_all(request, form, shown)
        )
    except Refused as refusal:
        return household_page(request, visits, form, refuse(form, refusal))
    names = {visit.pk: visit.patient.name for visit in visits}
    for change in changes:
        answer(request, change, _("%(name)s is here.") % {"name": names[change.appointment_id]}, shown)
    return redirect_to(shown)


def household_here(request, pk):
    household = get_object_or_404(Household, pk=pk)
    visits = queries.household_today(request.user, here(request), household) if here(request) else []
    if not visits:
        raise Http404
    return visits


def household_page(request, visits, form, status=200):
    context = {
        "visits": visits,
        "form": form,
        "household": visits[0].patient.household,
        **queries.about_household(visits),
    }
    if form.is_bound and not form.is_valid():
        status = max(status, 422)
    return render(request, "frontdesk/today_check_in_all.html", context, status=status)


@needs("run_the_day", methods=("POST",))
def step(request, pk):
    """The next step, one tap."""
    visit = visit_here(request, pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        raise Refused(_("This page is out of date. Reload it and tap again."))
    shown = way_back(request, pk, opens="unwell" if request.POST.get("opens") == "unwell" else "")
    change = steps.take_step(
        by=request.user,
        pk=pk,
        what=form.cleaned_data["what"],
        part=form.cleaned_data["part"],
        room=form.cleaned_data["room"],
        request_key=request_key(request),
        location_shown=shown,
    )
    return answer(request, change, queries.said_of(visit, change), shown)


@needs("run_the_day", methods=("GET", "POST"))
def untreated(request, pk):
    """A part that was not ticked off: done, or not done and why. Without a part they go and all is closed."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return untreated_page(request, visit)
    form, shown = ReasonForm(request.POST), way_back(request, pk)
    if not form.is_valid():
        return untreated_page(request, visit, form.errors["reason"], 422)
    try:
        change = not_happening(request, visit, form.cleaned_data["reason"], shown)
    except Refused as refusal:
        return untreated_page(request, visit_here(request, pk), refusal.reasons, refusal.status)
    return answer(request, change, queries.said_of_not_done(visit, change), shown)


def not_happening(request, visit, reason, shown):
    said = {
        "by": request.user,
        "pk": visit.pk,
        "reason": reason,
        "request_key": request_key(request),
        "location_shown": shown,
    }
    part = request.POST.get("part")
    if not part:
        return steps.leave_untreated(**said)
    row = next((one for one in visit.parts.all() if str(one.pk) == part), None)
    if row is None:
        raise Http404
    return part_not_done(part=row.pk, **said)


def untreated_page(request, visit, reasons=(), status=200):
    context = {"reasons": reasons, **queries.about_open_parts(visit)}
    return render(request, "frontdesk/today_untreated.html", context, status=status)


@needs("run_the_day", methods=("GET", "POST"))
def times(request, pk):
    """What was stamped when, and a way to say when it really was."""
    visit = visit_here(request, pk)
    if request.method != "POST":
        return times_page(request, visit)
    form, shown = TimeForm(request.POST), way_back(request, pk)
    if not form.is_valid():
        return times_page(request, visit, form, status=422)
    try:
        change = steps.correct_time(
            by=request.user,
            pk=pk,
            fact=form.cleaned_data["fact"],
            at=form.at(visit.wall_date, visit.location.tz),
            request_key=request_key(request),
            location_shown=shown,
        )
    except Refused as refusal:
        return times_page(request, visit, form, status=refuse(form, refusal))
    return answer(request, change, _("The time is corrected."), shown)


def times_page(request, visit, form=None, status=200):
    context = {"visit": visit, "form": form, "facts": queries.facts_of(visit)}
    return render(request, "frontdesk/today_times.html", context, status=status)
