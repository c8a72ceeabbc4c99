"""Make a plan, and revise one: a page of its own, prefilled from a template."""

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.editing import edit
from clinic.pages import refuse
from clinic.panels import EITHER, render_here, see_other, today_at
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from outcomes.queries.due import due
from patients.actions import note_read
from plans.actions import plans as actions
from plans.forms.making import HOME_ROWS, PlanForm, RevisionForm
from plans.queries import library, making
from plans.rules import prefill
from plans.views.shared import head_of, patient_seen, plan_seen


@needs("write_chart", methods=EITHER)
def new(request, pk):
    """The form, filled from the template that fits; choosing another one fills it anew and keeps what was typed."""
    patient = patient_seen(request, pk)
    if request.method != "POST" or "choose" in request.POST:
        if request.method != "POST":
            note_read(by=request.user, patient=patient)
        return page(request, patient, blank_form(request, patient))
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
    return kept.get("values", {}) if kept.get("patient") == str(patient.pk) else {}


def blank_form(request, patient):
    """First values: of the template, then of the patient, then what was typed already."""
    posted = request.POST
    said = said_before(request, patient)
    region = posted.get("region") or said.get("region") or making.last_region(patient)
    choices = making.choices_for(patient, region, here(request), today_at(request))
    template = chosen(choices.templates, (posted or request.GET).get("template"))
    values = first_values(request, patient, template, choices) | {"region": region} | said
    if posted:
        values |= {name: value for name, value in posted.items() if name not in prefill.OF_TEMPLATE}
        ticks = [f"home_{index}" for index in range(1, HOME_ROWS + 1)]
        values |= {name: name in posted for name in ticks}
    return built(PlanForm, None, request, patient, choices, template, initial=values)


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
        "service": making.usual_service(choices.services),
        "later_service": making.usual_service(choices.services),
        "purchase": str(choices.purchases[0].pk) if choices.purchases else "",
        "authorization": str(choices.authorizations[0].pk) if choices.authorizations else "",
    }


def bound_form(request, patient):
    region = request.POST.get("region", "")
    choices = making.choices_for(patient, region, here(request), today_at(request))
    template = chosen(choices.templates, request.POST.get("template", ""))
    return built(PlanForm, request.POST, request, patient, choices, template)


def built(form, data, request, patient, choices, template, **more):
    region = (data or more.get("initial", {})).get("region", "")
    return form(
        data,
        choices=choices,
        offsets=prefill.offsets_of(template),
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
        "shown": reverse("plans:of_patient", args=[patient.pk]),
    }
    template = "plans/new.html#form" if request.htmx and "choose" in request.POST else "plans/new.html"
    return render_here(request, template, context, status=status)


@needs("write_chart", methods=EITHER)
def revise(request, pk):
    """The plan as it stands, to change, with the reason."""
    plan = plan_seen(request, pk)
    draft = making.draft_of(plan)
    choices = making.choices_for(plan.patient, draft.region, plan.location, today_at(request))
    done = edit(request, revision_form(draft, choices), plan, revising(request, plan))
    shown = reverse("plans:of_patient", args=[plan.patient_id])
    if done.done:
        messages.success(request, _("Plan revised."))
        return see_other(shown)
    note_read(by=request.user, patient=plan.patient)
    context = {"plan": plan, "form": done.form, "row": done.row, "codes": choices.codes, "shown": shown}
    context |= head_of(request, plan.patient) | {"changes": done.changes}
    return render_here(request, "plans/revise.html", context, status=done.status)


def revision_form(draft, choices):
    """How clinic.editing.edit makes the form of a plan as it stands."""

    def make(data, row):
        return RevisionForm(
            data,
            initial=prefill.of_draft(draft, HOME_ROWS) | {"template": ""},
            choices=making.with_those_of(choices, draft),
            offsets=draft.phases[0].offsets,
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
