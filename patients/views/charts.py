"""Opening a chart with a reason, restricting one, and for the owner what was opened so."""

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clinic.editing import edit
from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at
from clinic.roles import needs
from clinic.submissions import request_key
from patients import actions
from patients.forms import OpenForm, RestrictForm
from patients.models import Restriction
from patients.queries import charts
from patients.rules import strip_of

RESTRICT = Words(
    later("Restrict this chart"),
    later("Restrict it"),
    later("Restricted: open to those who treat the patient, and to others with a reason."),
    later("It stays open to those who treat the patient or did. Only the owner lifts it."),
)


@needs("read_chart", methods=EITHER)
def open_with_reason(request, pk):
    """Asks for the reason, and then leads to the chart, which is open for an hour."""
    patient = charts.found(request.user, pk)
    shown = reverse("patients:chart", args=[pk])
    if patient.chart_read and request.method != "POST":
        return see_other(shown)

    def act(form, version, key):
        reason = form.cleaned_data["reason"]
        actions.open_with_reason(by=request.user, request_key=key, pk=pk, reason=reason, now=timezone.now())

    done = edit(request, lambda data, row: OpenForm(data), Restriction(patient=patient), act)
    if done.done:
        messages.success(request, _("Open for an hour, to read."))
        return see_other(shown)
    context = {"patient": patient, "strip": strip_of(patient, today_at(request))}
    return done.page(request, "patients/open_with_reason.html", **context)


@needs("restrict_charts", methods=EITHER)
def restrict(request, pk):
    patient = charts.found(request.user, pk)

    def act(form, version, key):
        because = form.cleaned_data["because"]
        actions.restrict(by=request.user, request_key=key, pk=pk, because=because, now=timezone.now())

    shown = reverse("patients:chart", args=[pk])
    row = Restriction(patient=patient)
    return panel(
        request, make=lambda data, row: RestrictForm(data), row=row, act=act, words=RESTRICT, shown=shown
    )


@needs("manage_clinic", methods=("POST",))
def lift_restriction(request, pk):
    patient, version = charts.found(request.user, pk), posted_version(request)
    actions.lift_restriction(
        by=request.user, request_key=request_key(request), pk=patient.pk, version=version, now=timezone.now()
    )
    messages.success(request, _("The chart is open again as the clinic has set it."))
    return see_other(reverse("patients:chart", args=[pk]))


@needs("manage_clinic")
def opened(request):
    """What was opened with a reason: by whom, whose, when and why."""
    return render_here(request, "patients/opened.html", {"rows": charts.opened_with_a_reason()})
