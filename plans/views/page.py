"""Plan and progress of one patient, and the steps a plan takes."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at, wants_whole_page, whole_page
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients.actions import note_read
from patients.queries import charts
from plans.actions import plans as actions
from plans.forms.making import WhyForm
from plans.queries.page import of_patient_page, open_of, running, visits_left
from plans.queries.progress import running_of
from plans.rules.listing import counts, in_order
from plans.views.shared import head_of, plan_to_write

STEPS = {
    "review": (
        actions.review,
        Words(
            _l("Look back at the plan"),
            _l("Carry on as agreed"),
            _l("Written down. The next look-back is counted from today."),
            _l("Say what you found. To change the visits, revise the plan; to end it, discharge."),
        ),
    ),
    "pause": (
        actions.pause,
        Words(
            _l("Pause the plan"),
            _l("Pause it"),
            _l("Paused. Nothing falls behind until it is resumed."),
            _l("Visits that are booked stay booked: cancel them in the calendar if they are not wanted."),
        ),
    ),
    "discharge": (
        actions.discharge,
        Words(
            _l("End the plan"),
            _l("Discharge"),
            _l("The plan is over."),
            _l(
                "Visits that are booked stay booked. Scores are still asked for at 16 weeks, 3, 6 and 12 months."
            ),
        ),
    ),
}

LABELS = {"review": _l("What you found")}


@needs("see_plan_dates")
def of_patient(request, pk):
    """The tab: for who reads the chart the whole plan, for others its visits, pace, packages and dates."""
    patient = charts.found(request.user, pk)
    if wants_whole_page(request):
        return whole_page(request)
    reads = patient.chart_read
    if reads:
        note_read(by=request.user, patient=patient)
    place = here(request)
    whole = of_patient_page(patient, today_at(request), zone=place and place.tz, reads=reads)
    context = head_of(request, patient) | {
        "whole": whole,
        "reads": reads,
        "writes": patient.chart_written and patient.merged_into_id is None,
    }
    return render_here(request, "plans/plan.html", context)


@needs("see_plan_dates")
def strip(request, pk):
    """The part of a chart's head that speaks of the plan: pace, next visit, visits left. Nothing clinical."""
    patient = charts.found(request.user, pk)
    today = today_at(request)
    context = {
        "patient": patient,
        "progress": running_of(patient, today),
        "left": visits_left(patient, today),
    }
    template = "plans/_strip.html" if request.htmx else "plans/strip.html"
    return render_here(request, template, context)


@needs("see_plan_dates")
def plans(request):
    """Running plans, those that want something first; what for, where the chart is open."""
    place = None if request.GET.get("all") else here(request)
    rows = in_order(running(request.user, today_at(request), location=place))
    opened = open_of(request.user, [progress.plan for progress, _wants in rows])
    context = {"rows": rows, "counts": counts(rows), "place": place, "opened": opened}
    return render_here(request, "plans/list.html", context)


@needs("write_chart", methods=EITHER)
def step(request, pk, step):
    """Look back, pause or end: each with its reason."""
    plan = plan_to_write(request, pk)
    do, words = STEPS[step]

    def act(form, version, key):
        do(
            by=request.user,
            plan=plan,
            version=version,
            why=form.cleaned_data["why"],
            now=timezone.now(),
            request_key=key,
        )

    def make(data, row):
        return WhyForm(data, label=LABELS.get(step))

    shown = reverse("plans:of_patient", args=[plan.patient_id])
    return panel(request, make=make, row=plan, act=act, words=words, shown=shown)


@needs("write_chart", methods=("POST",))
def resume(request, pk):
    plan = plan_to_write(request, pk)
    version = posted_version(request)
    return done(
        request,
        plan,
        lambda key: actions.resume(
            by=request.user, plan=plan, version=version, now=timezone.now(), request_key=key
        ),
        _("Resumed. The days of the visits moved by the pause."),
    )


@needs("write_chart", methods=("POST",))
def goal(request, pk, row):
    """Reached, or not after all."""
    plan = plan_to_write(request, pk)
    stored = get_object_or_404(plan.goals.filter(dropped_on=None), pk=row)
    reached, version = "reached" in request.POST, posted_version(request)
    return done(
        request,
        plan,
        lambda key: actions.mark_goal(
            by=request.user,
            plan=plan,
            goal=stored,
            version=version,
            reached=reached,
            today=today_at(request),
            request_key=key,
        ),
        _("Goal reached.") if reached else _("The goal is open again."),
    )


def done(request, plan, act, said):
    """Do it and show the plan; a refusal is said at the top of the page."""
    try:
        act(request_key(request))
    except Refused as refusal:
        messages.error(request, " ".join(map(str, refusal.reasons)))
    else:
        messages.success(request, said)
    return see_other(reverse("plans:of_patient", args=[plan.patient_id]))
