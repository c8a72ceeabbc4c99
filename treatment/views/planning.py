"""From the note to the plan: what was found goes with it, and is typed once."""

from django.urls import reverse

from clinic.panels import see_other
from clinic.roles import needs
from plans.rules.prefill import SESSION_KEY
from treatment.queries.planning import first_values
from treatment.views.answers import note_written


@needs("write_chart")
def make_plan(request, pk):
    """Open “Make plan” filled with the note's codes and words; they are kept in the session, not in the address."""
    note = note_written(request, pk)
    request.session[SESSION_KEY] = {"patient": str(note.patient_id), "values": first_values(note)}
    return see_other(reverse("plans:new", args=[note.patient_id]))
