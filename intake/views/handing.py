"""Staff hand out forms and see how far they are, never what they say."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.pages import posted_version
from clinic.panels import today_at
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import asking
from intake.models import FormLink
from intake.queries.forms import WAITING, addressees, choices, link_of, of_patient, response_of, told_of
from patients.actions import note_read
from patients.queries import charts
from patients.rules import strip_of

TABLET = FormLink.Channel.TABLET


@needs("hand_out_forms", methods=("GET", "POST"))
def forms(request, pk):
    """What was handed out and how far it is, and the forms to hand out next."""
    patient = charts.found(request.user, pk)
    if request.method == "GET":
        note_read(by=request.user, patient=patient)
        return page(request, patient)
    tablet = request.POST.get("to") == TABLET
    try:
        _link, token = asking.hand_out(
            by=request.user,
            patient_pk=pk,
            keys=request.POST.getlist("form"),
            now=timezone.now(),
            request_key=request_key(request),
            **way_chosen(request.POST.get("to", "")),
        )
    except Refused as refusal:
        return page(request, patient, refusal)
    return hand_over(request, token) if tablet else sent(request, pk)


@needs("hand_out_forms", methods=("POST",))
def send_forms_again(request, pk, link):
    asking.send_again(link_pk=found(request, pk, link_of, link).pk, **sent_with(request, pk))
    messages.success(request, _("Sent again, with a new link. The one before does not work any more."))
    return redirect("intake:forms", pk)


@needs("hand_out_forms", methods=("POST",))
def withdraw_form(request, pk, response):
    asking.withdraw(response_pk=found(request, pk, response_of, response).pk, **sent_with(request, pk))
    messages.success(request, _("The form is not asked for any more."))
    return redirect("intake:forms", pk)


# What the pages above share.


def found(request, pk, query, row):
    """A row of a patient whom this person may see; 404 for another patient's."""
    patient = charts.found(request.user, pk)
    mine = query(patient, row)
    if mine is None:
        raise Http404
    return mine


def sent_with(request, pk):
    """What every button here sends."""
    return {
        "by": request.user,
        "patient_pk": pk,
        "version": posted_version(request),
        "now": timezone.now(),
        "request_key": request_key(request),
    }


def page(request, patient, refusal=None):
    now = timezone.now()
    rows = of_patient(patient)
    context = {
        "patient": patient,
        "strip": strip_of(patient, today_at(request)),
        "tab": "forms",
        "waiting": [row for row in rows if row.status in WAITING],
        "done": [row for row in rows if row.status not in WAITING],
        "links": open_links(rows),
        "now": now,
        "choices": choices(patient),
        "chosen": request.POST.getlist("form"),
        "to": request.POST.get("to", ""),
        "addressees": addressees(patient, told_of(patient, now)),
        "reasons": refusal.reasons if refusal else None,
    }
    return render(request, "intake/hand.html", context, status=refusal.status if refusal else 200)


def open_links(rows):
    """The mailed links through which something waits, newest first."""
    found = {row.link_id: row.link for row in rows if row.status in WAITING and row.link}
    return [link for link in found.values() if link.channel == FormLink.Channel.EMAIL]


def way_chosen(to):
    """channel and related of what was chosen: "tablet", "patient", or the id of a guardian."""
    if to == TABLET:
        return {"channel": TABLET, "related": None}
    number = int(to) if to.isascii() and to.isdigit() and len(to) < 10 else None
    return {"channel": FormLink.Channel.EMAIL, "related": number}


def hand_over(request, token):
    """This browser becomes the patient's: whoever was signed in is signed out before the forms open."""
    logout(request)
    return redirect("intake:fill", token)


def sent(request, pk):
    count = len(set(request.POST.getlist("form")))
    said = ngettext("%(count)d form is on its way.", "%(count)d forms are on their way.", count)
    messages.success(request, said % {"count": count})
    return redirect("intake:forms", pk)
