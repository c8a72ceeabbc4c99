"""From the board to the note: one tap on a visit opens one's own note of it."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clinic.refusal import Refused
from clinic.roles import needs
from patients.queries import charts
from scheduling.models import Appointment
from treatment.queries.charts import own_part
from treatment.views.drafts import begun


@needs("write_chart", methods=("POST",))
def open_of_visit(request, pk):
    """The part of the visit that this person's disciplines deliver; the earliest of several."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user), pk=pk)
    charts.written(request.user, visit.patient_id)
    part = own_part(visit, request.user)
    if part is None:
        raise Refused(_("Nothing in this visit is of your discipline. Open a note from the chart instead."))
    return begun(request, part)
