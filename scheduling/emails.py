"""What we write to patients about visits. Never why somebody comes, only that and when."""

from datetime import timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic import walltime
from clinic.models import Clinic
from messaging.actions import queue, withdraw
from patients.models import ReachBy


def tell_booked(appointment, *, change, now):
    tell(appointment, change=change, now=now, kind="booked", subject=_subject_booked, body=_body_booked)


def tell_moved(appointment, *, change, now):
    tell(appointment, change=change, now=now, kind="moved", subject=_subject_moved, body=_body_booked)


def tell_cancelled(appointment, *, change, now):
    tell(
        appointment,
        change=change,
        now=now,
        kind="cancelled",
        subject=_subject_cancelled,
        body=_body_cancelled,
    )


def tell(appointment, *, change, now, kind, subject, body):
    """Queue a mail that waits until the change can no longer be undone; nothing for people without e-mail."""
    patient = appointment.patient
    if not patient.email or patient.reach_by == ReachBy.NOT or appointment.starts_at < now:
        return
    clinic = Clinic.objects.get()
    with override(patient.language):
        words = {
            "clinic": clinic.name,
            "name": patient.called,
            "when": when(appointment),
            "where": appointment.location.name,
        }
        queue(
            kind=kind,
            to=patient.email,
            subject=subject() % words,
            body=body() % words,
            about=f"change:{change.pk}",
            language=patient.language,
            not_before=now + timedelta(minutes=clinic.undo_minutes),
            now=now,
        )


def take_back(change, *, now):
    """The change was undone: what it would have told falls away."""
    withdraw(about=f"change:{change.pk}", now=now)


def when(appointment):
    local = walltime.local(appointment.starts_at, appointment.location.tz)
    return formats.date_format(local, "D M j, g:i a")


def _subject_booked():
    return _("Your visit at %(clinic)s: %(when)s")


def _subject_moved():
    return _("Your visit at %(clinic)s has moved to %(when)s")


def _subject_cancelled():
    return _("Your visit at %(clinic)s on %(when)s is canceled")


def _body_booked():
    return _(
        "Hello %(name)s,\n\nyou have an appointment on %(when)s at %(clinic)s, %(where)s.\n\nSee you then.\n"
    )


def _body_cancelled():
    return _("Hello %(name)s,\n\nyour appointment on %(when)s at %(clinic)s, %(where)s, is canceled.\n")
