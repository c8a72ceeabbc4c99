"""The tab History and forms, and the panels that write into it."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at, whole_page
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import history as actions
from intake.forms.history import (
    AllergyForm,
    CareForm,
    ConditionForm,
    DoseForm,
    EndForm,
    MedicationForm,
    NewMedicationForm,
    PregnancyForm,
)
from intake.models import Allergy, CareElsewhere, Checked, Condition, ListCheck, Medication, Source
from intake.queries import care, consents, facts, flags
from intake.queries import history as queries
from intake.rules.flags import closes_treatment
from intake.views.pages import note_form, page_of, patient_read, patient_written, sent, writes_in
from patients.actions import note_read
from patients.queries import charts, ids_of
from patients.rules import age, strip_of

SAVED = _l("Saved.")


class Kind(NamedTuple):
    """A kind of line of the history: its table, forms and titles."""

    model: Any
    form: Any
    new_form: Any
    new: Promise
    change: Promise


KINDS = {
    "condition": Kind(Condition, ConditionForm, ConditionForm, _l("New condition"), _l("Change a condition")),
    "medication": Kind(
        Medication, MedicationForm, NewMedicationForm, _l("New medication"), _l("Change a medication")
    ),
    "allergy": Kind(Allergy, AllergyForm, AllergyForm, _l("New allergy"), _l("Change an allergy")),
    "care": Kind(CareElsewhere, CareForm, CareForm, _l("Care elsewhere"), _l("Care elsewhere")),
}


@needs("read_chart")
def history(request, pk):
    """One screen: red flags on top, then what the patient has and takes. Opening it is written down."""
    patient = patient_read(request, pk)
    if request.htmx and not request.htmx.history_restore_request:
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    return render_here(request, "intake/history.html", context_of(patient, today_at(request)))


def context_of(patient, today):
    """Everything of the screen."""
    open_flags = flags.name_closed(flags.open_flags(patient, today))
    return {
        "patient": patient,
        "strip": strip_of(patient, today),
        "tab": "history",
        "chart_alerts": facts.alerts_of(patient, today),
        "today": today,
        "open_flags": open_flags,
        "closed": any(closes_treatment(flag) for flag in open_flags),
        "cleared": flags.cleared_flags(patient),
        "screening": flags.last_screening(patient),
        "history": queries.history_of(patient, today, age(patient.birth_date, today)),
        "referrals": care.referrals_of(patient, today),
        "letters": care.letters_of(patient),
        "consents": consents.state(patient, timezone.now()),
        "writes": writes_in(patient),
    }


@needs("find_patients")
def alerts(request, pk):
    """The part of a chart's head that is clinical: its words for who reads the chart, the action for all others."""
    patient, today = charts.found(request.user, pk), today_at(request)
    reads = patient.chart_read
    context = {
        "patient": patient,
        "chart_alerts": facts.alerts_of(patient, today) if reads else [],
        "clinician_first": not reads and bool(flags.clinician_first([patient.pk], today)),
    }
    if reads:
        actions.note_alerts_read(by=request.user, patient=patient)
    template = "intake/history_alerts.html" if request.htmx else "intake/history_alerts_page.html"
    return render_here(request, template, context)


def kind_or_404(name):
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def stored_line(kind, patient, pk):
    return get_object_or_404(kind.model.objects.filter(patient__in=ids_of(patient)), pk=pk)


@needs("write_chart", methods=EITHER)
def new_line(request, pk, kind):
    patient, found = patient_written(request, pk), kind_or_404(kind)
    row = found.model(patient=patient)
    if hasattr(row, "source"):
        row.source = Source.SAID
    return line_panel(request, patient, found, row, found.new_form, found.new)


@needs("write_chart", methods=EITHER)
def line(request, pk, kind, row):
    patient, found = patient_written(request, pk), kind_or_404(kind)
    stored = stored_line(found, patient, row)
    note_form(request, patient)
    return line_panel(request, patient, found, stored, found.form, found.change)


def line_panel(request, patient, found, row, form_class, title):
    today, codes = today_at(request), {}
    if form_class is ConditionForm:
        codes = {"codes": queries.codes_to_choose(queries.condition_names())}

    def make(data, row):
        return form_class(data, instance=row, **codes)

    def act(form, version, key):
        pk = None if version is None else row.pk
        values = {"values": form.values, "dose": form.cleaned_data.get("dose", ""), "today": today}
        about = {"model": found.model, "patient": patient, "pk": pk, "version": version}
        actions.keep(**about, **values, **sent(request, patient, key))

    words = Words(title, _("Save"), SAVED, lead=strip_of(patient, today)["name"])
    return panel(request, make=make, row=row, act=act, words=words, shown=page_of(patient))


@needs("write_chart", methods=EITHER)
def end_line(request, pk, kind, row):
    """A line is over: it stays below. Care elsewhere ends at once, the others on a day."""
    patient, found = patient_written(request, pk), kind_or_404(kind)
    stored, today = stored_line(found, patient, row), today_at(request)
    note_form(request, patient)
    shown = page_of(patient)
    words = Words(_("End “%(line)s”") % {"line": stored}, _("End it"), _("It stands below now, as ended."))

    def act(form, version, key):
        about = {"pk": stored.pk, "version": version, **sent(request, patient, key)}
        if found.model is CareElsewhere:
            return actions.end_care(**about)
        about.pop("now")
        return actions.end(model=found.model, **form.cleaned_data, today=today, **about)

    def make(data, row):
        return EndForm(data, initial={"ended": today})

    return panel(request, make=make, row=stored, act=act, words=words, shown=shown)


@needs("write_chart", methods=EITHER)
def dose(request, pk, row):
    patient, today = patient_written(request, pk), today_at(request)
    stored, shown = stored_line(KINDS["medication"], patient, row), page_of(patient)
    note_form(request, patient)
    words = Words(_("New dose of %(name)s") % {"name": stored.name}, _("Save"), SAVED)

    def act(form, version, key):
        about = {"medication": stored, "version": version, "today": today}
        actions.add_dose(**about, **form.cleaned_data, **sent(request, patient, key))

    def make(data, row):
        return DoseForm(data, initial={"from_day": today})

    return panel(request, make=make, row=stored, act=act, words=words, shown=shown)


@needs("write_chart", methods=("POST",))
def checked(request, pk, what):
    """“Nothing new”: the list of bleeding or of devices was gone through with the patient."""
    patient = patient_written(request, pk)
    if what not in {Checked.BLEEDING, Checked.DEVICES}:
        raise Http404
    keep_check(request, patient, what, "unchanged", request_key(request))
    messages.success(request, _("Confirmed for 30 days."))
    return see_other(page_of(patient))


def keep_check(request, patient, what, answer, key, due_on=None):
    return actions.check_list(
        by=request.user,
        patient=patient,
        what=what,
        answer=answer,
        due_on=due_on,
        now=timezone.now(),
        today=today_at(request),
        request_key=key,
        location=page_of(patient),
    )


@needs("write_chart", methods=EITHER)
def pregnancy(request, pk):
    patient = patient_written(request, pk)
    words = Words(_("Pregnancy"), _("Save"), SAVED, lead=_("Asked at each visit where it may apply."))

    def act(form, version, key):
        answer, due_on = form.cleaned_data["answer"], form.cleaned_data["due_on"]
        if due_on and answer != "yes":
            raise Refused(_("A due date belongs to a yes. Choose yes, or empty the date."))
        keep_check(request, patient, Checked.PREGNANCY, answer, key, due_on)

    def make(data, row):
        return PregnancyForm(data)

    row = ListCheck(patient=patient)
    return panel(request, make=make, row=row, act=act, words=words, shown=page_of(patient))
