"""Sign-in of a patient, or of somebody related to one (`person`): all by POST from their pages."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.pages import posted_version
from clinic.roles import needs
from clinic.submissions import request_key
from patients.actions import accounts as actions
from patients.models import Patient

ROUTES = {
    "invite": ("patients:invite", "patients:invite_related"),
    "again": ("patients:invite_again", "patients:invite_related_again"),
    "withdraw": ("patients:withdraw_invitation", "patients:withdraw_related_invitation"),
    "activate": ("patients:activate", "patients:activate_related"),
    "deactivate": ("patients:deactivate", "patients:deactivate_related"),
}


def addresses_of(pk, person=None):
    """Where the buttons of patients/_access.html lead."""
    args = [pk] if person is None else [pk, person]
    return {name: reverse(routes[person is not None], args=args) for name, routes in ROUTES.items()}


@needs("register_patients", methods=("POST",))
def invite(request, pk, person=None):
    row = actions.invite(**asked(request, pk, person))
    messages.success(request, sent_to(row))
    return redirect(actions.page_of(pk, person))


@needs("register_patients", methods=("POST",))
def invite_again(request, pk, person=None):
    row = actions.invite_again(**asked(request, pk, person))
    messages.success(request, sent_to(row))
    return redirect(actions.page_of(pk, person))


@needs("register_patients", methods=("POST",))
def withdraw_invitation(request, pk, person=None):
    actions.withdraw_invitation(**asked(request, pk, person))
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect(actions.page_of(pk, person))


@needs("register_patients", methods=("POST",))
def set_active(request, pk, active, person=None):
    who = actions.set_active(version=posted_version(request), active=active, **asked(request, pk, person))
    said = (
        _("%(email)s can sign in again.")
        if active
        else _("%(email)s is signed out and cannot sign in any more.")
    )
    messages.success(request, said % {"email": who.user.email})
    return redirect(actions.page_of(pk, person))


def asked(request, pk, person):
    """What every action here is told; 404 for a patient, or a related person, whom this person may not see."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    if person is not None:
        get_object_or_404(patient.related_people.filter(until=None), pk=person)
    key = request_key(request)
    return {"by": request.user, "request_key": key, "pk": pk, "person": person, "now": timezone.now()}


def sent_to(row):
    return _("The invitation to %(email)s is on its way. Its link works for 7 days.") % {"email": row.email}
