"""The tablet goes to the patient: staff see that something is due, never what it asks."""

from django.contrib.auth import logout
from django.shortcuts import redirect
from django.utils import timezone

from clinic.panels import render_here, today_at
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from outcomes.actions.handing import hand_over
from outcomes.queries.due import checks_of, upcoming
from outcomes.views.pages import assessment_of
from patients.actions import note_read
from patients.queries import charts


@needs("hand_out_forms")
def hand(request, pk):
    """What is due, with the button that hands it over."""
    patient = charts.found(request.user, pk)
    note_read(by=request.user, patient=patient)
    return hand_page(request, patient)


def hand_page(request, patient, refusal=None):
    is_due, is_later, _missed = upcoming(checks_of(patient, today_at(request)))
    context = {
        "patient": patient,
        "due": is_due,
        "later": is_later,
        "reasons": refusal.reasons if refusal else None,
    }
    return render_here(request, "outcomes/hand.html", context, status=refusal.status if refusal else 200)


@needs("hand_out_forms", methods=("POST",))
def give(request, pk, row):
    """This browser becomes the patient's: whoever was signed in is signed out before the questions open."""
    patient = charts.found(request.user, pk)
    check = assessment_of(patient, row)
    try:
        _link, token = hand_over(
            by=request.user,
            patient=patient,
            assessment=check.pk,
            place=here(request),
            today=today_at(request),
            now=timezone.now(),
            request_key=request_key(request),
        )
    except Refused as refusal:
        return hand_page(request, patient, refusal)
    logout(request)
    return redirect("outcomes:fill", token)
