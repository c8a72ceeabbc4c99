from django.shortcuts import render

from clinic.roles import needs
from patients.actions import note_read
from treatment.queries.page import editor
from treatment.views.answers import note_for
from treatment.views.reading import is_for_reading, read


@needs("read_chart")
def note(request, pk):
    """A draft opens for its author to write in; everybody else, and everybody once it is signed, reads."""
    row = note_for(request, pk)
    note_read(by=request.user, patient=row.patient)
    if is_for_reading(row, request.user):
        return read(request, row)
    return render(request, "treatment/note.html", editor(row, request.user))
