"""What the chart pages of this app share: whose chart, and where its panels lead."""

from django.urls import reverse
from django.utils import timezone

from patients.actions import note_read
from patients.queries import charts


def patient_read(request, pk):
    """The patient whose chart a page shows: 404 for one who is not found, 403 where the chart is closed."""
    return charts.read(request.user, pk)


def patient_written(request, pk):
    """The patient in whose chart a form writes."""
    return charts.written(request.user, pk)


def note_form(request, patient):
    """A form that shows what stands in the chart: opening it is a reading, sending it an event of its own."""
    if request.method == "GET":
        note_read(by=request.user, patient=patient)


def writes_in(patient):
    """Whether the page offers what writes: the chart is open to write in, and not that of a merged record."""
    return patient.chart_written and patient.merged_into_id is None


def page_of(patient):
    return reverse("intake:history", args=[patient.pk])


def sent(request, patient, key):
    """What every action of a panel is sent: who, when, the form's key, and the page that shows what it did."""
    return {"by": request.user, "now": timezone.now(), "request_key": key, "location": page_of(patient)}
