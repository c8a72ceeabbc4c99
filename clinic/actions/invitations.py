"""Invitations: a door for one person, opened once from an e-mail within seven days."""

import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit, emails, queries
from clinic.actions.people import give_roles, set_workplaces
from clinic.models import Invitation, Profile, User, Workplace
from clinic.refusal import Refused
from clinic.rules.people import INVITATION_LASTS, reasons_not_to_accept, reasons_not_to_invite
from clinic.submissions import claim

TOKEN_BYTES = 32  # 256 bits


def hashed(token):
    return hashlib.sha256(token.encode()).hexdigest()


def invite(*, by, email, name, roles, location_ids, now, request_key=None):
    email = email.lower()
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:people"))
        open_already = queries.has_open_invitation(email, now)
        reasons = reasons_not_to_invite(roles, location_ids, open_already=open_already)
        if reasons:
            raise Refused(reasons)
        row = Invitation(
            email=email, name=name, roles=sorted(roles), location_ids=sorted(location_ids), invited_by=by
        )
        _send(row, now)
        audit.record(by=by, verb="invite", about=row, roles=row.roles, locations=row.location_ids)
    return row


def send_again(*, by, invitation, now, request_key=None):
    """A new link, good for another seven days; the one before stops working."""
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:people"))
        row = lock_waiting(queries.waiting_invitations().filter(pk=invitation.pk))
        emails.withdraw_invitation(row, now=now)
        _send(row, now)
        audit.record(by=by, verb="invite again", about=row)
    return row


def withdraw(*, by, invitation, now, request_key=None):
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:people"))
        row = lock_waiting(queries.waiting_invitations().filter(pk=invitation.pk))
        close(by=by, row=row, now=now)
    return row


def accept_as_new(*, token, name, password, now, request_key=None):
    """Make the account the invitation is for; returns it. The address is proven by the link."""
    password_hash = make_password(password)
    with transaction.atomic():
        claim(request_key, location=reverse("home"))
        row = lock_open(Invitation.objects.for_staff(), token, now)
        user = make_account(row, name, password_hash)
        set_workplaces(user, row.location_ids)
        note_accepted(row, user, now, locations=row.location_ids)
    return user


def accept_as(*, by, token, now, request_key=None):
    """Add the invitation's roles and locations to the account of the same address that is signed in."""
    with transaction.atomic():
        claim(request_key, location=reverse("home"))
        row = lock_open(Invitation.objects.for_staff(), token, now)
        refuse_another_address(row, by)
        Workplace.objects.bulk_create(
            [Workplace(user=by, location_id=pk) for pk in row.location_ids], ignore_conflicts=True
        )
        note_accepted(row, by, now, locations=row.location_ids)
    return by


def _send(row, now):
    link = new_link(row, "clinic:accept_invitation", now)
    emails.send_invitation(row, link, clinic_name=queries.clinic_name(), now=now)


# What follows is part of other actions' transactions: those above, and the ones for patients.


def new_link(row, route, now):
    """Save the invitation with a new token, good for seven days; the address that opens it, kept nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row.token_sha256, row.invited_at, row.expires_at = hashed(token), now, now + INVITATION_LASTS
    row.save()
    return settings.PUBLIC_URL.rstrip("/") + reverse(route, args=[token])


def close(*, by, row, now, patient=None):
    """The row stays; an invitation that ends when it was sent is one that was withdrawn."""
    row.expires_at = row.invited_at
    row.save()
    emails.withdraw_invitation(row, now=now)
    audit.record(by=by, verb="withdraw invitation", about=row, patient=patient)


def lock_waiting(rows):
    """The newest of these invitations, locked. Refused if none waits any more."""
    row = rows.waiting().select_for_update().order_by("-invited_at").first()
    if row is None:
        raise Refused(_("This invitation was accepted or withdrawn meanwhile. Reload the page."))
    return row


def lock_open(rows, token, now):
    """The invitation among `rows` that this token opens, locked. Refused if it is over."""
    row = rows.select_for_update().get(token_sha256=hashed(token))
    account = User.objects.filter(email=row.email).first()
    reasons = reasons_not_to_accept(
        accepted_at=row.accepted_at,
        expires_at=row.expires_at,
        now=now,
        account_active=account is None or account.is_active,
    )
    if reasons:
        raise Refused(reasons)
    return row


def make_account(row, name, password_hash):
    """A new account for the invitation's address, which the link has proven."""
    try:
        with transaction.atomic():
            user = User.objects.create(email=row.email, password=password_hash)
    except IntegrityError:
        raise Refused(_("This address has an account already. Sign in, then open the link again.")) from None
    Profile.objects.create(user=user, name=name)
    EmailAddress.objects.create(user=user, email=row.email, verified=True, primary=True)
    return user


def refuse_another_address(row, user):
    if row.email != user.email:
        raise Refused(_("This invitation is for another address. Sign out, then open the link again."))


def note_accepted(row, user, now, **detail):
    """The invitation is used up and its roles are the account's; `detail` goes into the audit."""
    row.accepted_by, row.accepted_at = user, now
    row.save()
    given = give_roles(user, row.roles, now)
    audit.record(by=user, verb="accept invitation", about=row, given=given, **detail)
