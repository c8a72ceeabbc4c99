"""Make a plan, and revise one: a page of its own, prefilled from a template."""

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.editing import Edit, edit
from clinic.pages import posted_version, refuse
from clinic.panels import EITHER, render_here, see_other, today_at
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from outcomes.queries.due import due
from patients.actions import note_read
from patients.queries import charts
from plans.actions import plans as actions
from plans.forms.making import HOME_ROWS, PlanForm, RevisionForm
from plans.forms.phases import how_many
from plans.models import Plan
from plans.queries import library, making, progress
from plans.rules import prefill
from plans.views.shared import head_of, plan_to_write


@needs("write_chart", methods=EITHER)
def new(request, pk):
    """The form, filled from the template that fits; choosing another one fills it anew and keeps what was typed."""
    patient = charts.written(request.user, pk)
    if request.method != "POST":
        note_read(by=request.user, patient=patient)
        return page(request, patient, blank_form(request, patient))
    if not is_sent(request):
        return page(request, patient, unsent_form(request, patient))
    form, status = bound_form(request, patient), 422
    if form.is_valid():
        try:
            make(request, patient, form)
        except Refused as refusal:
            status = refuse(form, refusal)
        else:
            messages.success(request, said_when_made(patient, today_at(request)))
            return see_other(reverse("plans:of_patient", args=[patient.pk]))
    return page(request, patient, form, status)


def is_sent(request):
    """Whether the form is to be kept; else another template was chosen or the phases were rearranged."""
    return "choose" not in request.POST and "arrange" not in request.POST


def said_when_made(patient, today):
    """Scores that were answered shortly before are the plan’s first ones."""
    return _("Plan made. The first scores are due now.") if due(patient, today) else _("Plan made.")


def make(request, patient, form):
    actions.make(
        by=request.user,
        patient=patient,
        draft=form.draft(here(request)),
        now=timezone.now(),
        request_key=request_key(request),
    )
    request.session.pop(prefill.SESSION_KEY, None)


def said_before(request, patient):
    """What the note says from which “Make plan” was pressed, if it is about this patient."""
    kept = request.session.get(prefill.SESSION_KEY) or {}
    said = dict(kept.get("values", {})) if kept.get("patient") == str(patient.pk) else {}
    service = said.pop("service", None)
    return said | ({"phase_1_service": service} if service else {})


def blank_form(request, patient, posted=None):
    """First values: of the template, then of the patient, then what was typed already."""
    posted = posted or {}
    said = said_before(request, patient)
    region = posted.get("region") or said.get("region") or making.last_region(patient)
    choices = making.choices_for(patient, region, here(request), today_at(request))
    template = chosen(choices.templates, (posted or request.GET).get("template"))
    values = first_values(request, patient, template, choices) | {"region": region} | said
    kept = {name: value for name, value in posted.items() if not prefill.is_of_template(name)}
    return built(PlanForm, None, request, patient, choices, initial=values | kept)


def unsent_form(request, patient):
    """What was typed, with another template's values or with its phases rearranged."""
    posted = typed(request)
    if "choose" in request.POST:
        return blank_form(request, patient, posted)
    choices = making.choices_for(patient, posted.get("region", ""), here(request), today_at(request))
    template = chosen(choices.templates, posted.get("template", ""))
    return built(PlanForm, None, request, patient, choices, initial=arranged(request, posted, template))


def typed(request):
    """Everything that was typed, as first values of a form that is not kept yet."""
    posted = request.POST
    ticks = [f"home_{index}" for index in range(1, HOME_ROWS + 1)]
    return {
        **dict(posted.items()),
        **{name: name in posted for name in ticks},
        "measures": posted.getlist("measures"),
    }


def arranged(request, values, template=None):
    """The same values after a button of the phases was pressed."""
    lines = prefill.lines_in(values, how_many(values))
    lines, focus = prefill.rearranged(lines, request.POST["arrange"], template)
    kept = {name: value for name, value in values.items() if not name.startswith("phase")}
    return kept | prefill.of_lines(lines) | {"focus": focus}


def chosen(templates, key):
    """The template asked for; the first that fits where none was asked for; None for “no template”."""
    if key is None:
        return templates[0] if templates else None
    return next((row for row in templates if row.key == key), None)


def first_values(request, patient, template, choices):
    me = getattr(request.user, "practitioner", None)
    today = today_at(request)
    proposed = making.goals_proposed(patient, template.measures if template else [], here(request).tz)
    return {
        **prefill.of_template(template),
        **prefill.of_goal(proposed[0] if proposed else None),
        **prefill.at_home(),
        "lead": me.pk if me else None,
        "starts_on": making.next_visit_on(patient, today) or today,
        "phase_1_service": making.usual_service(choices.services),
        "purchase": str(choices.purchases[0].pk) if choices.purchases else "",
        "authorization": str(choices.authorizations[0].pk) if choices.authorizations else "",
    }


def bound_form(request, patient):
    region = request.POST.get("region", "")
    choices = making.choices_for(patient, region, here(request), today_at(request))
    return built(PlanForm, request.POST, request, patient, choices)


def built(form, data, request, patient, choices, **more):
    region = (data or more.get("initial", {})).get("region", "")
    return form(
        data,
        choices=choices,
        measures=making.measures_to_ask(),
        others=making.running_in(patient, region),
        **more,
    )


def page(request, patient, form, status=200):
    key = form["template"].value()
    context = head_of(request, patient) | {
        "form": form,
        "found": library.template(key) if key else None,
        "packages": making.packages_for(key, form["region"].value(), here(request)),
        "codes": form.choices.codes,
        "unsent": request.method == "POST",
        "shown": reverse("plans:of_patient", args=[patient.pk]),
    }
    in_place = request.htmx and not is_sent(request)
    template = "plans/new.html#form" if in_place else "plans/new.html"
    return render_here(request, template, context, status=status)


@needs("write_chart", methods=EITHER)
def revise(request, pk):
    """The plan as it stands, to change, with the reason."""
    plan = plan_to_write(request, pk)
    draft = making.draft_of(plan)
    choices = making.choices_for(plan.patient, draft.region, plan.location, today_at(request))
    make = revision_form(draft, making.with_those_of(choices, draft))
    if "arrange" in request.POST:
        return rearranging(request, plan, make)
    done = edit(request, make, plan, revising(request, plan))
    if done.done:
        messages.success(request, said_when_revised(request, plan))
        return see_other(reverse("plans:of_patient", args=[plan.patient_id]))
    note_read(by=request.user, patient=plan.patient)
    return revision_page(request, plan, done)


def said_when_revised(request, plan):
    """With fewer visits than are booked, what is to be done."""
    rows = Plan.objects.visible_to(request.user).filter(pk=plan.pk)
    over = next((one.over for one in progress.of_plans(rows, today_at(request))), 0)
    if not over:
        return _("Plan revised.")
    return ngettext(
        "Plan revised. %(n)s booked visit is more than it has now: cancel it, or plan it.",
        "Plan revised. %(n)s booked visits are more than it has now: cancel them, or plan them.",
        over,
    ) % {"n": over}


def rearranging(request, plan, make):
    """The form as it was typed, with its phases rearranged; nothing is kept yet."""
    plan.version = posted_version(request)
    return revision_page(request, plan, Edit(make(None, plan, arranged(request, typed(request))), plan))


def revision_page(request, plan, done):
    context = head_of(request, plan.patient) | {
        "plan": plan,
        "form": done.form,
        "row": done.row,
        "changes": done.changes,
        "codes": done.form.choices.codes,
        "unsent": request.method == "POST",
        "shown": reverse("plans:of_patient", args=[plan.patient_id]),
    }
    in_place = request.htmx and "arrange" in request.POST
    template = "plans/revise.html#form" if in_place else "plans/revise.html"
    return render_here(request, template, context, status=done.status)


def revision_form(draft, choices):
    """How clinic.editing.edit makes the form of a plan as it stands; `values` stand for those of the plan."""

    def make(data, row, values=None):
        return RevisionForm(
            data,
            initial=values or prefill.of_draft(draft, HOME_ROWS) | {"template": ""},
            choices=choices,
            measures=making.measures_to_ask(),
        )

    return make


def revising(request, plan):
    """What clinic.editing.edit does with a valid one."""

    def act(form, version, key):
        actions.revise(
            by=request.user,
            plan=plan,
            version=version,
            draft=form.draft(plan.location),
            why=form.cleaned_data["why"],
            now=timezone.now(),
            request_key=key,
        )

    return act
