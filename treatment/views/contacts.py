"""Calls, messages and events without a visit: one box, signed as it is sent."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.panels import EITHER, Words, panel
from clinic.roles import needs
from patients.queries import charts
from treatment.actions.after import write_contact_note
from treatment.forms import ContactForm
from treatment.models import ContactNote

WORDS = Words(_("Call note"), _("Sign it"), _("Written down, on the timeline."))


@needs("write_contact", methods=EITHER)
def new_contact(request, pk):
    """Everybody on staff takes calls; who does not read the chart reads back their own words alone."""
    patient = charts.found(request.user, pk)
    reads = patient.chart_read
    shown = reverse("treatment:notes" if reads else "patients:chart", args=[patient.pk])

    def act(form, version, key):
        write_contact_note(
            by=request.user, patient=patient, request_key=key, location_shown=shown, **form.cleaned_data
        )

    def make(data, row):
        return ContactForm(data, reads=reads, initial={"kind": ContactNote.Kind.CALL})

    row, words = ContactNote(patient=patient), WORDS._replace(lead=patient.name)
    return panel(request, make=make, row=row, act=act, words=words, shown=shown)
