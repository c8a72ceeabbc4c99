"""From the board to the note: one tap on a visit opens one's own note of it."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clinic.refusal import Refused
from clinic.roles import needs
from patients.models import Patient
from scheduling.models import Appointment
from treatment.queries.charts import own_part
from treatment.views.drafts import open_note


@needs("write_chart", methods=("POST",))
def open_of_visit(request, pk):
    """The part of the visit that this person's disciplines deliver; the earliest of several."""
    patients = Patient.objects.visible_to(request.user)
    visit = get_object_or_404(Appointment, pk=pk, patient__in=patients)
    part = own_part(visit, request.user)
    if part is None:
        raise Refused(_("Nothing in this visit is of your discipline. Open a note from the chart instead."))
    return open_note(request, part)
