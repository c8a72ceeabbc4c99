"""What we write to patients about visits. Never why somebody comes, only that and when."""

from datetime import timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic import walltime
from clinic.models import Clinic
from messaging.actions import queue, withdraw
from patients.models import ReachBy
from scheduling.rules.payment import visits_in_words


def tell_booked(appointment, *, change, now, uncovered=()):
    """`uncovered`: [(kind of care, price or None)] of what the patient's insurance does not cover; said first."""
    tell(
        appointment,
        change=change,
        now=now,
        kind="booked",
        subject=_subject_booked,
        body=_body_booked,
        first=lambda: _uncovered(uncovered) if uncovered else "",
    )


def tell_moved(appointment, *, change, now, uncovered=()):
    """`uncovered`: as for a booking, of a visit that an insurer's approval does not reach at its new time."""
    tell(
        appointment,
        change=change,
        now=now,
        kind="moved",
        subject=_subject_moved,
        body=_body_booked,
        first=lambda: _uncovered(uncovered) if uncovered else "",
    )


def tell_cancelled(appointment, *, change, now, taken=()):
    """`taken`: names of the kinds of care whose package visits it used up, by the policy."""
    tell(
        appointment,
        change=change,
        now=now,
        kind="cancelled",
        subject=_subject_cancelled,
        body=_body_cancelled,
        more=lambda: _taken(taken) if taken else "",
    )


def tell(appointment, *, change, now, kind, subject, body, first=str, more=str):
    """Queue a mail that waits until the change can no longer be undone; nothing for people without e-mail.

    `first` and `more` give sentences that stand before and after the rest, in the patient's language.
    """
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
            body=paragraphs(body() % words, first(), more()),
            about=f"change:{change.pk}",
            language=patient.language,
            not_before=now + timedelta(minutes=clinic.undo_minutes),
            now=now,
        )


def paragraphs(body, first, more):
    """The greeting, then what matters most, the rest, and what else there is to say."""
    greeting, _empty, rest = body.partition("\n\n")
    said = [greeting, first, rest.strip("\n"), more]
    return "\n\n".join(one for one in said if one) + "\n"


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


def _uncovered(parts):
    """What is not covered, and what it costs where the price of all of it is known."""
    words = {"visits": visits_in_words([kind for kind, _price in parts])}
    if any(price is None for _kind, price in parts):
        return (
            _("Your insurance does not cover %(visits)s of this appointment. Ask us what it costs.") % words
        )
    words["price"] = formats.number_format(sum(price for _kind, price in parts), 2)
    return _("Your insurance does not cover %(visits)s of this appointment. It costs $%(price)s.") % words


def _taken(parts):
    return _(
        "Notice came later than our cancellation policy asks for, so this uses up %(visits)s of your package."
        " If you think that is wrong, call us."
    ) % {"visits": visits_in_words(parts)}


def _body_cancelled():
    return _("Hello %(name)s,\n\nyour appointment on %(when)s at %(clinic)s, %(where)s, is canceled.\n")
