"""Who pays, and requests for more visits: panels beside the tab Account. Agreements to download."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, see_other, today_at
from clinic.roles import needs
from clinic.submissions import request_key
from packages.actions import authorizations, coverages
from packages.forms import CoverageForm, NoteForm
from packages.models import Coverage, MoreVisits, MoreVisitsStatus
from packages.queries import accounts
from packages.views.pages import account_of, patient_seen
from patients.actions import note_read
from patients.queries import ids_of

NEW = Words(
    gettext_lazy("Who pays"), gettext_lazy("Save"), gettext_lazy("Saved. Verify it with the insurer.")
)
CHANGE = Words(gettext_lazy("Who pays"), gettext_lazy("Save"), gettext_lazy("Saved."))
STEPS = {
    MoreVisitsStatus.SENT: Words(
        gettext_lazy("Mark the letter as sent"), gettext_lazy("It is sent"), gettext_lazy("Marked as sent.")
    ),
    MoreVisitsStatus.APPROVED: Words(
        gettext_lazy("More visits are approved"),
        gettext_lazy("Approved"),
        gettext_lazy("Now add the visits: as a new approval, or to this one."),
    ),
    MoreVisitsStatus.REFUSED: Words(
        gettext_lazy("More visits are refused"), gettext_lazy("Refused"), gettext_lazy("Noted.")
    ),
    MoreVisitsStatus.NOT_NEEDED: Words(
        gettext_lazy("No more visits are needed"), gettext_lazy("Not needed"), gettext_lazy("Noted.")
    ),
}


@needs("sell_packages", methods=EITHER)
def new_coverage(request, pk):
    patient = patient_seen(request, pk)
    return coverage_panel(request, patient, Coverage(patient=patient), NEW)


@needs("sell_packages", methods=EITHER)
def coverage(request, pk, row):
    patient = patient_seen(request, pk)
    return coverage_panel(
        request, patient, get_object_or_404(accounts.every_coverage_of(patient), pk=row), CHANGE
    )


def coverage_panel(request, patient, row, words):
    shown = account_of(patient)

    def act(form, version, key):
        coverages.save_coverage(
            by=request.user,
            patient=patient,
            pk=row.pk,
            version=version,
            values=form.values,
            today=today_at(request),
            now=timezone.now(),
            request_key=key,
            shown=shown,
        )

    words = words._replace(lead=patient.name)
    return panel(request, make=coverage_form, row=row, act=act, words=words, shown=shown)


def coverage_form(data, row):
    return CoverageForm(data, instance=row)


@needs("sell_packages", methods=("POST",))
def verify(request, pk, row):
    """One tap: the insurer was asked today, and it holds."""
    patient = patient_seen(request, pk)
    coverages.verify(
        by=request.user,
        coverage=get_object_or_404(accounts.every_coverage_of(patient), pk=row),
        version=posted_version(request),
        now=timezone.now(),
        request_key=request_key(request),
        shown=account_of(patient),
    )
    messages.success(request, _("Verified today by you."))
    return see_other(account_of(patient))


@needs("sell_packages", methods=EITHER)
def more_step(request, pk, row, to):
    """A request for more visits was sent, or answered."""
    if to not in STEPS:
        raise Http404
    patient = patient_seen(request, pk)
    rows = MoreVisits.objects.visible_to(request.user).filter(patient__in=ids_of(patient))
    stored, shown = get_object_or_404(rows, pk=row), account_of(patient)
    sent = {"by": request.user, "request": stored, "to": to, "shown": shown}

    def act(form, version, key):
        authorizations.step(now=timezone.now(), version=version, request_key=key, **sent, **form.cleaned_data)

    def make(data, row):
        return NoteForm(data)

    return panel(request, make=make, row=stored, act=act, words=STEPS[to], shown=shown)


@needs("sell_packages")
def agreement(request, pk, row):
    """The PDF as it was handed out."""
    patient = patient_seen(request, pk)
    found = get_object_or_404(accounts.every_purchase_of(patient), pk=row)
    note_read(by=request.user, patient=patient)
    answer = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{found.valid_from:%Y-%m-%d}.pdf"'
    return answer
