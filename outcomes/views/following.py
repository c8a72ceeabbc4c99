"""Hard answers: who talks with whom, the steps, and what was done."""

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.panels import EITHER, Words, clock_of, panel
from clinic.places import here
from clinic.roles import needs
from messaging.actions import close_task
from outcomes.forms import TalkForm
from outcomes.models import Assessment
from outcomes.queries import care
from outcomes.queries.talks import reasons_and_steps
from outcomes.views.pages import page_of, patient_written
from patients.actions import note_read

WORDS = Words(_("Talk with the patient"), _("It is done"), _("Written down and closed."))


@needs("write_chart", methods=EITHER)
def talk(request, pk):
    """One of them: why, the steps, and what was done. Any clinician who writes in the chart may do it."""
    task = care.talk(pk)
    if task is None:
        raise Http404
    patient = patient_written(request, task.patient)
    note_read(by=request.user, patient=patient)
    sent = {"by": request.user, "pk": task.pk, "now": timezone.now(), "location": page_of(patient)}

    def act(form, version, key):
        close_task(request_key=key, **sent, **form.cleaned_data)

    known = {"task": task, "patient": patient, "said": reasons_and_steps(task)}
    with clock_of(here(request)):
        return talk_panel(request, act, known)


def talk_panel(request, act, known):
    patient = known["patient"]
    words, row, shown = WORDS._replace(lead=patient.name), Assessment(patient=patient), page_of(patient)
    known = {"template": "outcomes/talk.html", **known}
    return panel(
        request, make=lambda data, row: TalkForm(data), row=row, act=act, words=words, shown=shown, **known
    )
