"""Messages from one practitioner to another about a patient."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clinic.models import User
from clinic.panels import EITHER, Words, panel, render_here, see_other, wants_whole_page, whole_page
from clinic.roles import needs
from clinic.submissions import request_key
from patients.queries import charts
from treatment.actions.after import hand_over, see_handover
from treatment.actions.reading import note_listed
from treatment.forms import HandoverForm
from treatment.models import Handover
from treatment.queries.charts import visit_seen
from treatment.queries.draft import colleagues
from treatment.queries.notes import handovers_to

WORDS = Words(
    later("Hand over"), later("Send it"), later("Sent. It stands on their board until they have seen it.")
)


@needs("write_chart", methods=EITHER)
def new_handover(request, pk):
    """To a colleague, in the side panel. `?visit=` names the visit it is about."""
    patient = charts.written(request.user, pk)
    visit = visit_asked(request, patient)
    shown = reverse("treatment:notes", args=[patient.pk])

    def act(form, version, key):
        to_user = User.objects.filter(pk=form.cleaned_data["to"], is_active=True).first()
        sent = {"appointment": visit, "request_key": key, "location_shown": shown}
        hand_over(by=request.user, patient=patient, to_user=to_user, words=form.cleaned_data["words"], **sent)

    def make(data, row):
        return HandoverForm(data, people=colleagues(request.user, timezone.now()))

    row, words = Handover(patient=patient), WORDS._replace(lead=patient.name)
    return panel(request, make=make, row=row, act=act, words=words, shown=shown)


def visit_asked(request, patient):
    """The visit of this patient that the address names, else none."""
    try:
        asked = UUID(request.GET.get("visit", ""))
    except ValueError:
        return None
    found = visit_seen(request.user, asked)
    return found if found and found.patient_id == patient.pk else None


@needs("treat")
def handovers(request):
    """Messages to this person that they have not seen. What they read here is written down for each patient."""
    if wants_whole_page(request):
        return whole_page(request)
    rows = handovers_to(request.user)
    note_listed(by=request.user, rows=[one for one in rows if one.chart_read])
    return render_here(request, "treatment/handovers.html", {"handovers": rows})


@needs("write_chart", methods=("POST",))
def seen(request, pk):
    row = get_object_or_404(Handover.objects.visible_to(request.user), pk=pk)
    charts.written(request.user, row.patient_id)
    shown = reverse("treatment:handovers")
    see_handover(by=request.user, pk=row.pk, request_key=request_key(request), location_shown=shown)
    messages.success(request, _("Marked as seen."))
    return see_other(shown)
