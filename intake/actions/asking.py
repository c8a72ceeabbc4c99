"""Handing out forms: by mail or on the tablet; sending again, taking back."""

import secrets

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from intake import emails
from intake.models import FormLink, Response, ResponseStatus
from intake.queries.forms import WAITING, addressees, hindrances, latest, told_of
from intake.rules.links import TOKEN_BYTES, hashed, lasts, reasons_not_to_hand_out_to
from patients.models import Patient, ReachBy
from patients.queries import ids_of


@transaction.atomic
def hand_out(*, by, patient_pk, keys, channel, related, now, request_key=None):
    """Ask for these forms through one link. Returns (link, token); the token is kept nowhere.

    A form that waits already keeps its answers and moves to the new link. `related` is the guardian who gets
    the mail, None for the patient.
    """
    claim(request_key, location=reverse("intake:forms", args=[patient_pk]))
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=patient_pk)
    to = addressee(patient, related, now) if channel == FormLink.Channel.EMAIL else None
    forms = latest(keys)
    reasons = reasons_not_to_hand_out_to(
        channel=channel,
        email=to.email if to else "",
        may_contact=patient.reach_by != ReachBy.NOT,
        keys=forms,
        merged=patient.merged_into_id is not None,
    )
    for hindered in hindrances(forms).values():
        reasons += hindered
    if reasons:
        raise Refused(reasons)
    link, token = new_link(by, patient, channel, to, now)
    ask(by, link, forms, now)
    if to:
        emails.send_link(
            link, address_of(token), called=to.name, language=patient.language, count=len(forms), now=now
        )
    audit.record(by=by, verb="hand out forms", about=link, patient=patient, channel=channel, count=len(forms))
    return link, token


def addressee(patient, related, now):
    """Who gets the mail: the patient, or the guardian of that id; None without an address."""
    people = addressees(patient, told_of(patient, now))
    return next((each for each in people if each.related == related), None)


def new_link(by, patient, channel, to, now):
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = FormLink.objects.create(
        patient=patient,
        channel=channel,
        token_sha256=hashed(token),
        sent_to=to.email if to else "",
        related_person_id=to.related if to else None,
        made_at=now,
        made_by=by,
        expires_at=now + lasts(channel),
    )
    return link, token


def ask(by, link, forms, now):
    """The copies to fill in: those that wait already move to this link, with what was answered."""
    mine = Response.objects.filter(patient__in=ids_of(link.patient), status__in=WAITING)
    waiting = list(mine.select_for_update(of=("self",)).select_related("questionnaire", "link"))
    moved = [row for row in waiting if row.questionnaire.key in forms]
    for row in moved:
        before, row.link = row.link, link
        row.save(update_fields=["link"])
        end_if_empty(before, now)
    new = set(forms) - {row.questionnaire.key for row in moved}
    Response.objects.bulk_create(
        Response(patient=link.patient, questionnaire=forms[key], link=link, asked_at=now, asked_by=by)
        for key in sorted(new)
    )


def end_if_empty(link, now):
    """A link through which nothing is waiting any more is closed, its mail taken back."""
    if link is None or link.ended_at or Response.objects.filter(link=link, status__in=WAITING).exists():
        return
    link.ended_at = now
    link.save(update_fields=["ended_at"])
    emails.take_back(link, now=now)


@transaction.atomic
def send_again(*, by, patient_pk, link_pk, version, now, request_key=None):
    """A new address for the same forms, good for another 14 days; the one before stops working."""
    claim(request_key, location=reverse("intake:forms", args=[patient_pk]))
    patient = Patient.objects.visible_to(by).get(pk=patient_pk)
    links = FormLink.objects.filter(patient__in=ids_of(patient), channel=FormLink.Channel.EMAIL)
    link = lock_version(links, link_pk, version)
    waiting = Response.objects.filter(link=link, status__in=WAITING).count()
    to = addressee(patient, link.related_person_id, now)
    if not waiting:
        raise Refused(_("Nothing is left to fill in through this link. Reload the page."))
    if to is None:
        raise Refused(_("There is no e-mail address on record any more. Add one, or use the tablet."))
    emails.take_back(link, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link.token_sha256, link.sent_to, link.expires_at = hashed(token), to.email, now + lasts(link.channel)
    link.ended_at = None
    link.save()
    emails.send_link(
        link, address_of(token), called=to.name, language=patient.language, count=waiting, now=now
    )
    audit.record(by=by, verb="send forms again", about=link, patient=patient)
    return link


@transaction.atomic
def withdraw(*, by, patient_pk, response_pk, version, now, request_key=None):
    """A form is no longer needed; what was answered in it stays, and counts for nothing."""
    claim(request_key, location=reverse("intake:forms", args=[patient_pk]))
    patient = Patient.objects.visible_to(by).get(pk=patient_pk)
    rows = Response.objects.filter(patient__in=ids_of(patient)).select_related("link")
    row = lock_version(rows, response_pk, version)
    if row.status not in WAITING:
        raise Refused(_("This form is done or was withdrawn meanwhile. Reload the page."))
    row.status = ResponseStatus.WITHDRAWN
    row.save(update_fields=["status"])
    end_if_empty(row.link, now)
    audit.record(by=by, verb="withdraw form", about=row, patient=patient)
    return row


def address_of(token):
    return settings.PUBLIC_URL.rstrip("/") + reverse("intake:fill", args=[token])
