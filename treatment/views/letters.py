"""A progress letter to a physician, made from the record at any time."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.panels import EITHER, Words, panel
from clinic.places import here
from clinic.roles import needs
from intake.models import Letter
from intake.queries.care import physicians_of
from patients.queries import charts
from treatment.actions.letters import write_progress_letter
from treatment.forms import ProgressForm

WORDS = Words(_("Progress letter"), _("Make the PDF"), _("The letter is made. It stands below."))


@needs("write_chart", methods=EITHER)
def progress_letter(request, pk):
    patient = charts.written(request.user, pk)
    shown = reverse("intake:history", args=[patient.pk])
    to = next(iter(physicians_of(patient)), "")

    def act(form, version, key):
        write_progress_letter(
            by=request.user, patient=patient, place=here(request), request_key=key, location=shown, **form.cleaned_data
        )  # fmt: skip

    def make(data, row):
        return ProgressForm(data, initial={"to": to})

    words = WORDS._replace(lead=patient.name)
    return panel(request, make=make, row=Letter(patient=patient), act=act, words=words, shown=shown)
