from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.panels import today_at
from clinic.places import here
from clinic.roles import needs
from frontdesk.queries.whole_chart import rows_of, sections_of
from intake.actions.letters import pdf_of
from intake.queries.care import frame_of
from intake.rules.letters import letter
from patients.queries import charts


@needs("write_chart")
def as_pdf(request, pk):
    """The whole chart as a document, for a records request."""
    patient, today = asked_for(request, pk), today_at(request)
    frame = frame_of(patient=patient, to="", by=request.user, location=here(request), on=today)
    sections = sections_of(patient, request.user, today)
    data = letter(title=_("Chart"), frame=frame, sections=sections) | {"signed": [frame.signed, frame.clinic]}
    answer = HttpResponse(pdf_of(data, now=timezone.now()), content_type="application/pdf")
    return as_file(answer, f"chart-{today:%Y-%m-%d}.pdf")


@needs("write_chart")
def as_json(request, pk):
    """The same with every row, for another system."""
    patient, now = asked_for(request, pk), timezone.now()
    data = {"made_at": now, "patient": patient.pk, "tables": rows_of(patient)}
    return as_file(JsonResponse(data), f"chart-{today_at(request):%Y-%m-%d}.json")


def asked_for(request, pk):
    """The patient, with the export written down. Opened with a reason, a chart is there to read, not to take away."""
    patient = charts.written(request.user, pk)
    audit.record(by=request.user, verb="export_chart", about=patient, patient=patient)
    return patient


def as_file(answer, name):
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
