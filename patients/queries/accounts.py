"""Who signs in as a patient or for one: accounts, invitations, and what stands against either."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from clinic.models import STAFF_ROLES, Invitation, RoleGrant, User
from clinic.rules.people import reasons_not_to_accept
from patients.models import Patient, RelatedPerson
from patients.rules import age
from patients.rules.accounts import (
    reasons_not_to_invite_patient,
    reasons_not_to_invite_related,
    reasons_not_to_link_patient,
    reasons_not_to_link_related,
    reasons_not_to_switch,
)

RIGHTS = ("appointments", "forms", "payments", "health_details")


@dataclass(frozen=True)
class Access:
    """How somebody signs in, for staff: with an `account`, by an open invitation, or not at all.

    `email` is the address they sign in with, were invited at, or could be invited at. `until` is when an open
    invitation's link stops working. `reasons` say why nobody can be invited; empty if they can.
    """

    email: str
    account: User | None = None
    until: datetime | None = None
    ran_out: bool = False
    address_changed: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def invited(self):
        return self.until is not None


def records_of(patient):
    """The ids of the record and of those merged into it, as a subquery."""
    return Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values("pk")


def invitations_of(who):
    """Open invitations of a patient, or of a related person."""
    named = Q(related=who.pk) if is_related(who) else Q(patient__in=records_of(who))
    return Invitation.objects.waiting().filter(named)


def is_related(who):
    return isinstance(who, RelatedPerson)


def access_of(who, now):
    """One patient's, or one related person's."""
    return access_from(who, invitations_of(who).order_by("-invited_at").first(), now)


def access_around(patient, related_people, now):
    """{None: the patient's, related person's id: theirs}, in one statement."""
    named = Q(patient__in=records_of(patient)) | Q(related__in=[person.pk for person in related_people])
    open_now = {row.related: row for row in Invitation.objects.waiting().filter(named).order_by("invited_at")}
    people = {None: patient, **{person.pk: person for person in related_people}}
    return {pk: access_from(who, open_now.get(pk), now) for pk, who in people.items()}


def access_from(who, invitation, now):
    if who.user_id:
        return Access(email=who.user.email, account=who.user)
    if invitation is None:
        return Access(email=who.email, reasons=tuple(reasons_not_to_invite(who, now)))
    return Access(
        email=invitation.email,
        until=invitation.expires_at,
        ran_out=invitation.expires_at <= now,
        address_changed=invitation.email != who.email.lower(),
    )


def reasons_not_to_invite(who, now, **known):
    """Why this patient or related person cannot be invited; `known` is what costs a statement to find out."""
    facts = {"email": who.email, "has_account": who.user_id is not None, **known}
    if is_related(who):
        return reasons_not_to_invite_related(has_right=has_right(who), ended=has_ended(who, now), **facts)
    return reasons_not_to_invite_patient(age=age(who.birth_date, now.date()), **facts)


def has_right(person):
    return any(getattr(person, right) for right in RIGHTS)


def has_ended(person, now):
    return person.until is not None and person.until <= now


def address_is_taken(patient):
    """Whether another patient signs in with this patient's e-mail address, or is invited to."""
    if not patient.email:
        return False
    others = Patient.objects.exclude(pk__in=records_of(patient)).filter(user__email=patient.email.lower())
    invited = Invitation.objects.waiting().filter(email=patient.email.lower(), patient__isnull=False)
    return others.exists() or invited.exclude(patient__in=records_of(patient)).exists()


def invited_person(invitation):
    """The record, or the related person, that an invitation links: after a merge, the record that was kept."""
    if invitation.related:
        return RelatedPerson.objects.select_related("patient").get(pk=invitation.related)
    patient = Patient.objects.select_related("merged_into").get(pk=invitation.patient)
    return patient.merged_into or patient


def reasons_not_to_link(invitation, who, account, now):
    """Why accepting may not link this person; `account` is None for one that is still to be made."""
    facts = {
        "address_changed": invitation.email != who.email.lower(),
        "has_account": who.user_id is not None,
    }
    if is_related(who):
        return reasons_not_to_link_related(has_right=has_right(who), ended=has_ended(who, now), **facts)
    opens_another = account is not None and Patient.objects.filter(user=account).exclude(pk=who.pk).exists()
    years = age(who.birth_date, now.date())
    return reasons_not_to_link_patient(age=years, opens_another=opens_another, **facts)


def reasons_not_to_open(invitation, account, now):
    """What the person who opens the link reads instead of the form; the action asks again, under its locks."""
    over = reasons_not_to_accept(
        accepted_at=invitation.accepted_at,
        expires_at=invitation.expires_at,
        now=now,
        account_active=account is None or account.is_active,
    )
    return over or reasons_not_to_link(invitation, invited_person(invitation), account, now)


def reasons_not_to_switch_account(account, user, now):
    """Why this member of staff may not switch the account of a patient or related person off or on."""
    if account is None:
        return reasons_not_to_switch(has_account=False, worked_here=False, opens_unseen=False)
    acting = RelatedPerson.objects.filter(Q(until=None) | Q(until__gt=now), user=account)
    opened = Patient.objects.filter(Q(user=account) | Q(pk__in=acting.values("patient")))
    unseen = opened.exclude(pk__in=Patient.objects.visible_to(user).values("pk"))
    return reasons_not_to_switch(
        has_account=True,
        worked_here=RoleGrant.objects.filter(user=account, role__in=STAFF_ROLES).exists(),
        opens_unseen=unseen.exists(),
    )
