"""Notes entered in error, for the owner: opened with a reason, which is written down."""

from django.http import Http404

from clinic import audit
from clinic.panels import EITHER, render_here
from clinic.roles import needs
from patients.queries.charts import OPENED
from treatment.forms import ReasonForm
from treatment.queries import owning as queries
from treatment.queries.notes import written
from treatment.queries.reading import readings


@needs("manage_clinic")
def in_error(request):
    """What was taken out of charts, by whom and why; what the notes say is not here."""
    rows = queries.notes_in_error(request.user)
    return render_here(request, "treatment/errors.html", {"rows": rows})


@needs("manage_clinic", methods=EITHER)
def opened(request, pk):
    """One of them. Without a reason it asks for one; with one it is shown, once."""
    note = queries.note_in_error(request.user, pk)
    if note is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"note": note, "form": form}
        return render_here(request, "treatment/error_asked.html", context, 422 if form.is_bound else 200)
    detail = {"reason": form.cleaned_data["reason"]}
    audit.record(by=request.user, verb=OPENED, about=note, patient=note.patient_id, **detail)
    (one,) = readings(written([note]))
    return render_here(request, "treatment/error_read.html", {"note": note, "one": one}, place=one.location)
