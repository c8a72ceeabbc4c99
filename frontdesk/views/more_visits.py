"""The panel that writes the letter for more visits: for those who treat, as it speaks of scores and the plan."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinic.panels import EITHER, Words, panel, today_at
from clinic.places import here
from clinic.roles import needs
from frontdesk.actions.more_visits import write_letter
from frontdesk.forms import MoreVisitsLetterForm
from frontdesk.views.account import page_of
from packages.models import MoreVisits
from patients.queries import charts, ids_of

WORDS = Words(
    gettext_lazy("Ask for more visits"),
    gettext_lazy("Make the PDF"),
    gettext_lazy("The letter is made. Send it, then mark it as sent."),
)


@needs("write_chart", methods=EITHER)
def letter(request, pk, row):
    patient = charts.written(request.user, pk)
    rows = MoreVisits.objects.visible_to(request.user).filter(patient__in=ids_of(patient))
    names = ["patient", "authorization__coverage", "authorization__discipline"]
    stored, shown = get_object_or_404(rows.select_related(*names), pk=row), page_of(patient)
    given = {"asked": stored, "place": here(request), "today": today_at(request), "location": shown}

    def act(form, version, key):
        write_letter(by=request.user, now=timezone.now(), request_key=key, **given, **form.cleaned_data)

    def make(data, row):
        return MoreVisitsLetterForm(data, initial={"to": row.authorization.coverage.insurer})

    words = WORDS._replace(lead=patient.name)
    return panel(request, make=make, row=stored, act=act, words=words, shown=shown)
