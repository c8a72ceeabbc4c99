"""What a patient agreed to, for clinicians; signing by name, here and now; what a form says."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from clinic.pages import posted_version
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import consenting
from intake.queries.consents import consent_of, document_for, state
from intake.queries.forms import hindrances, response_of, signers_of
from intake.rules.forms import document_of, sections
from intake.rules.signing import in_words, is_minor, lines_of, text_version
from intake.views.filling import signer_from
from intake.views.pages import patient_read, patient_written, writes_in
from patients.actions import note_read
from patients.rules import age

LONGEST_ADDRESS = 300  # an answer's address is kept with its submission


@needs("read_chart")
def consents(request, pk):
    patient = patient_read(request, pk)
    note_read(by=request.user, patient=patient)
    states = state(patient, timezone.now())
    context = {"patient": patient, "states": states, "writes": writes_in(patient)}
    return render(request, "intake/consents.html", context)


@needs("write_chart", methods=("GET", "POST"))
def sign(request, pk, kind):
    """The consent by name, on this device, and then back to where it was missing."""
    patient = patient_written(request, pk)
    form = document_for(kind)
    if form is None:
        raise Http404
    back = way_back(request) or reverse("intake:consents", args=[pk])
    if request.method == "GET":
        return sign_page(request, patient, form, back)
    try:
        consenting.sign_here(patient_pk=pk, kind=kind, location=back, **signed(request))
    except Refused as refusal:
        return sign_page(request, patient, form, back, refusal)
    messages.success(request, _("Signed: %(form)s.") % {"form": form.title})
    return redirect(back)


@needs("write_chart", methods=("POST",))
def talked_through(request, pk, consent):
    consenting.note_talked_through(**about(request, pk, consent))
    messages.success(request, _("Noted: you talked it through."))
    return redirect("intake:consents", pk)


@needs("write_chart", methods=("POST",))
def take_back(request, pk, consent):
    consenting.take_back(why=request.POST.get("why", ""), **about(request, pk, consent))
    messages.success(request, _("Taken back. It does not count any more and stays on record."))
    return redirect("intake:consents", pk)


@needs("read_chart")
def answers(request, pk, response):
    """One filled-in form, as it was answered."""
    patient = patient_read(request, pk)
    row = response_of(patient, response)
    if row is None:
        raise Http404
    note_read(by=request.user, patient=patient)
    definition = row.questionnaire.definition
    context = {
        "patient": patient,
        "row": row,
        "answers": in_words(definition, row.answers),
        "signature": row.signatures.first() if document_of(definition) else None,
    }
    return render(request, "intake/answers.html", context)


# What the pages above share.


def about(request, pk, consent):
    """The consent that a button names, as its actions take it; 404 for another patient's."""
    patient = patient_written(request, pk)
    if consent_of(patient, consent) is None:
        raise Http404
    return {
        "by": request.user,
        "patient_pk": patient.pk,
        "consent_pk": consent,
        "version": posted_version(request),
        "now": timezone.now(),
        "location": reverse("intake:consents", args=[pk]),
        "request_key": request_key(request),
    }


def signed(request):
    """What the page sends: a name, whose it is, and under which text."""
    return {
        "by": request.user,
        "signer": signer_from(request.POST),
        "talked_through": "talked" in request.POST,
        "seen": request.POST.get("text", ""),
        "now": timezone.now(),
        "request_key": request_key(request),
    }


def way_back(request):
    """The page of this site that asked for the signature (`next`); empty if there is none or it leads away."""
    address = request.POST.get("next", request.GET.get("next", ""))
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe and len(address) <= LONGEST_ADDRESS else ""


def sign_page(request, patient, form, back, refusal=None):
    now = timezone.now()
    reasons = refusal.reasons if refusal else hindrances({form.key: form})[form.key]
    context = {
        "patient": patient,
        "form": form,
        "lines": lines_of(form.definition),
        "text_version": text_version(form.definition),
        "has_questions": bool(sections(form.definition)),
        "guardians": signers_of(patient, now),
        "minor": is_minor(age(patient.birth_date, now.date())),
        "typed": request.POST,
        "back": back,
        "reasons": reasons,
    }
    return render(request, "intake/sign.html", context, status=refusal.status if refusal else 200)
