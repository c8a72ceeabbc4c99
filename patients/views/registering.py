import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.panels import today_at
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients import actions
from patients.forms import RegisterForm
from patients.models import Patient
from patients.queries import duplicates_of
from patients.rules import guess_from
from patients.views.finding import row_of
from patients.views.pages import way_back, with_patient


@needs("register_patients", methods=("GET", "POST"))
def new(request):
    """Register somebody; `name` fills in what was searched in vain, `next` is where to go with the new record."""
    if request.method != "POST":
        return page(request, RegisterForm(initial=guess_from(request.GET.get("name", ""))))
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    alike = [] if form.cleaned_data["anyway"] else duplicates_of(request.user, Patient(**form.values))
    if alike:
        return page(request, form, alike=alike, status=422)
    try:
        patient, shown = register(request, form)
    except Refused as refusal:
        return page(request, form, reasons=refusal.reasons, status=refusal.status)
    messages.success(request, _("%(name)s is registered.") % {"name": patient.name})
    return redirect(shown)


def register(request, form):
    pk = uuid.uuid4()
    back = way_back(request)
    shown = with_patient(back, pk) if back else reverse("patients:chart", args=[pk])
    patient = actions.register(
        by=request.user,
        request_key=request_key(request),
        pk=pk,
        location=here(request),
        fields=form.values,
        today=today_at(request),
        shown=shown,
    )
    return patient, shown


def page(request, form, alike=(), reasons=(), status=200):
    if alike or form["anyway"].value():
        form.ask_whether_anyway()
    context = {
        "form": form,
        "reasons": reasons,
        "next": way_back(request),
        "alike": [existing(request, patient) for patient in alike],
    }
    return render(request, "patients/new.html", context, status=status)


def existing(request, patient):
    """A likely duplicate, with the address that uses it instead of a new record."""
    row = row_of(patient, today_at(request))
    back = way_back(request)
    row["use"] = with_patient(back, patient.pk) if back else row["url"]
    return row
