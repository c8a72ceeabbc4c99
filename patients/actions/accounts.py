"""Signing in as a patient or for one: invited by staff, linked by accepting, switched off and on again.

`person` is the id of somebody related to the patient; None means the patient. Every action locks the
invitation before the record it links, so that accepting and withdrawing never wait for each other.
"""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.actions import invitations
from clinic.actions.people import switch
from clinic.models import Invitation, Role, User
from clinic.queries import clinic_name
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import withdraw
from patients import emails
from patients.actions.records import refuse_merged
from patients.models import Patient, RelatedPerson
from patients.queries.accounts import (
    address_is_taken,
    invitations_of,
    invited_person,
    is_related,
    reasons_not_to_invite,
    reasons_not_to_link,
    reasons_not_to_switch_account,
)

# Whose page opens the link: named by string, since the patients' own pages stand above this app.
OPENS = "portal:join"


@transaction.atomic
def invite(*, by, request_key, pk, now, person=None):
    """Send a link to the e-mail address on the record. Nothing is linked before it is accepted."""
    claim(request_key, location=page_of(pk, person))
    patient, who = _locked(by, pk, person)
    _refuse_invitation(who, now, invited=invitations_of(who).exists())
    named = {"related": person} if person else {"patient": pk}
    row = Invitation(roles=[Role.PATIENT.value], invited_by=by, **named)
    _send(row, patient, who, now)
    audit.record(by=by, verb="invite", about=row, patient=patient)
    return row


@transaction.atomic
def invite_again(*, by, request_key, pk, now, person=None):
    """A new link, to the address that is on the record now; the one before stops working."""
    claim(request_key, location=page_of(pk, person))
    patient, who = _seen(by, pk, person)
    row = invitations.lock_waiting(invitations_of(who))
    _refuse_invitation(who, now)
    withdraw(about=row.cause, now=now)
    _send(row, patient, who, now)
    audit.record(by=by, verb="invite again", about=row, patient=patient)
    return row


@transaction.atomic
def withdraw_invitation(*, by, request_key, pk, now, person=None):
    claim(request_key, location=page_of(pk, person))
    patient, who = _seen(by, pk, person)
    row = invitations.lock_waiting(invitations_of(who))
    invitations.close(by=by, row=row, now=now, patient=patient)
    return row


def accept_as_new(*, token, name, password, now, shown, request_key=None):
    """Make an account for the invitation's address and link it; returns it. `shown` is the page that follows."""
    password_hash = make_password(password)
    with transaction.atomic():
        claim(request_key, location=shown)
        row = invitations.lock_open(Invitation.objects.for_patients(), token, now)
        user = invitations.make_account(row, name, password_hash)
        _link(row, user, now)
    return user


@transaction.atomic
def accept_as(*, by, token, now, shown, request_key=None):
    """Link the account of the same address that is signed in. `shown` is the page that follows."""
    claim(request_key, location=shown)
    row = invitations.lock_open(Invitation.objects.for_patients(), token, now)
    invitations.refuse_another_address(row, by)
    # One account accepts one invitation after the other: it opens one record.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    _link(row, by, now)
    return by


@transaction.atomic
def set_active(*, by, request_key, pk, version, active, now, person=None):
    """Switch the account off or on again; its sessions end at once. `version` is the account's profile's."""
    claim(request_key, location=page_of(pk, person))
    patient, who = _seen(by, pk, person)
    reasons = reasons_not_to_switch_account(who.user, by, now)
    if reasons:
        raise Refused(reasons)
    switch(by=by, person=who.user, version=version, active=active, now=now, patient=patient)
    return who


def page_of(pk, person=None):
    """Where somebody's sign-in is looked after."""
    if person is None:
        return reverse("patients:chart", args=[pk])
    return reverse("patients:related_person", args=[pk, person])


def _seen(by, pk, person):
    """(patient, whom it is about). DoesNotExist for what this person may not see."""
    patient = Patient.objects.visible_to(by).get(pk=pk)
    refuse_merged(patient)
    return patient, patient.related_people.get(pk=person) if person else patient


def _locked(by, pk, person):
    """As `_seen`, with the patient's row locked: two of the desk invite the same people one after the other."""
    Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    return _seen(by, pk, person)


def _refuse_invitation(who, now, invited=False):
    taken = {} if is_related(who) else {"address_taken": address_is_taken(who)}
    reasons = reasons_not_to_invite(who, now, invited=invited, **taken)
    if reasons:
        raise Refused(reasons)


def _send(row, patient, who, now):
    row.email = who.email.lower()
    row.name = who.name if is_related(who) else f"{who.given_name} {who.family_name}".strip()[:150]
    link = invitations.new_link(row, OPENS, now)
    emails.send_invitation(row, link, clinic_name=clinic_name(), language=patient.language, now=now)


def _link(row, user, now):
    who = _lock(invited_person(row))
    reasons = reasons_not_to_link(row, who, user, now)
    if reasons:
        raise Refused(reasons)
    who.user = user
    who.save(update_fields=["user"])
    invitations.note_accepted(row, user, now, patient=who.patient if is_related(who) else who)


def _lock(who):
    """The same row as it stands now, locked until the end of the transaction."""
    rows = RelatedPerson.objects.select_related("patient") if is_related(who) else Patient.objects
    row = rows.select_for_update(of=("self",)).get(pk=who.pk)
    if not is_related(row) and row.merged_into_id:
        raise Refused(_("The clinic is changing this record just now. Open the link again."), conflict=True)
    return row
