"""The tab Account: packages, insurance visits and who pays; and what an insurer approved, written down here."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at, wants_whole_page, whole_page
from clinic.roles import needs
from clinic.submissions import request_key
from frontdesk.actions.selling import and_settle
from frontdesk.forms import ApprovalForm, VisitsForm
from frontdesk.queries.account import account_of
from packages.actions import authorizations
from packages.models import Authorization, CoverageKind
from packages.queries import accounts
from patients.actions import note_read
from patients.models import Patient
from patients.queries import charts
from patients.rules import strip_of

SAVED = gettext_lazy("Saved. Booked visits draw on it where they fit.")
APPROVE = Words(gettext_lazy("Visits the insurer approved"), gettext_lazy("Save"), SAVED)
CHANGE = Words(gettext_lazy("Change an approval"), gettext_lazy("Save"), SAVED)
VISITS = Words(gettext_lazy("More or fewer visits"), gettext_lazy("Save"), SAVED)


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def page_of(patient):
    return reverse("frontdesk:account", args=[patient.pk])


@needs("sell_packages")
def account(request, pk):
    """What was bought and approved, what is left of it, who pays. Opening it is written down."""
    patient, today = charts.found(request.user, pk), today_at(request)
    if wants_whole_page(request):
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    context = {
        "patient": patient,
        "strip": strip_of(patient, today),
        "tab": "account",
        "writes": patient.merged_into_id is None,
        "letters": patient.chart_written,
        **account_of(patient, today),
    }
    return render_here(request, "frontdesk/account.html", context)


def insurers_of(patient, today):
    """Coverages that can approve visits."""
    rows = accounts.every_coverage_of(patient).exclude(kind=CoverageKind.SELF_PAY)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today)).order_by("-created_at", "pk")


def settled_panel(request, patient, row, make, verb, about, more, words, **context):
    """A panel whose verb changes how many visits are left. `more(form)` is what the verb wants to know of the form."""
    shown = page_of(patient)

    def act(form, version, key):
        and_settle(
            verb,
            patient=patient,
            by=request.user,
            now=timezone.now(),
            about=about,
            request_key=key,
            shown=shown,
            **({} if version is None else {"version": version}),
            **more(form),
        )

    context = {"patient": patient, **context}
    return panel(request, make=make, row=row, act=act, words=words, shown=shown, **context)


@needs("sell_packages", methods=EITHER)
def approve(request, pk):
    patient, today = patient_seen(request, pk), today_at(request)
    insurers = insurers_of(patient, today)

    def make(data, row):
        return ApprovalForm(data, coverages=insurers, is_new=True, initial={"starts_on": today})

    def more(form):
        return {**{name: form.cleaned_data[name] for name in ("coverage", "visits")}, "values": form.values}

    words, about = APPROVE._replace(lead=patient.name), {"patient": patient}
    context = {"template": "frontdesk/approve.html", "insurers": insurers}
    row = Authorization(patient=patient)
    return settled_panel(request, patient, row, make, authorizations.approve, about, more, words, **context)


def approval_seen(patient, row):
    rows = accounts.every_authorization_of(patient).select_related("coverage", "discipline")
    return get_object_or_404(rows, pk=row)


@needs("sell_packages", methods=EITHER)
def approval(request, pk, row):
    """Number, dates, codes and discipline."""
    patient = patient_seen(request, pk)
    stored = approval_seen(patient, row)
    names = ["number", "discipline", "starts_on", "ends_on", "note"]

    def make(data, row):
        first = {name: getattr(row, name) for name in names} | {"codes": ", ".join(row.codes)}
        return ApprovalForm(data, coverages=None, is_new=False, initial=first)

    def more(form):
        return {"values": form.values}

    return approval_panel(request, patient, stored, make, authorizations.change, more, CHANGE)


@needs("sell_packages", methods=EITHER)
def approved_visits(request, pk, row):
    """The insurer approved more or fewer in all."""
    patient = patient_seen(request, pk)
    stored = approval_seen(patient, row)

    def make(data, row):
        return VisitsForm(data, initial={"visits": authorizations.approved_and_left(row)[0]})

    def more(form):
        return form.cleaned_data

    return approval_panel(request, patient, stored, make, authorizations.change_visits, more, VISITS)


def approval_panel(request, patient, stored, make, verb, more, words):
    words = words._replace(lead=f"{stored.coverage}, {stored.number}")
    return settled_panel(request, patient, stored, make, verb, {"authorization": stored}, more, words)


@needs("sell_packages", methods=("POST",))
def withdraw(request, pk, row):
    """The insurer took an approval back: nothing is booked on it any more."""
    said = _("Withdrawn. Its booked visits draw on something else where they can.")
    return take(request, pk, row, authorizations.withdraw, said)


@needs("sell_packages", methods=("POST",))
def reinstate(request, pk, row):
    """It holds after all."""
    said = _("It holds again. Booked visits draw on it where they fit.")
    return take(request, pk, row, authorizations.reinstate, said)


def take(request, pk, row, verb, said):
    """One tap on an approval."""
    patient = patient_seen(request, pk)
    and_settle(
        verb,
        patient=patient,
        by=request.user,
        now=timezone.now(),
        about={"authorization": approval_seen(patient, row)},
        version=posted_version(request),
        request_key=request_key(request),
        shown=page_of(patient),
    )
    messages.success(request, said)
    return see_other(page_of(patient))
