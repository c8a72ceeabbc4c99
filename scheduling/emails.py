"""What we write to patients about visits. Never why somebody comes, only that and when."""

from datetime import datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from clinic import walltime
from clinic.models import Clinic
from messaging.actions import queue, withdraw
from packages.rules.agreement import money
from patients.models import ReachBy
from scheduling.rules.bundles import about
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
    if not can_be_told(patient) or appointment.starts_at < now:
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
            about=about(change),
            language=patient.language,
            not_before=now + timedelta(minutes=clinic.undo_minutes),
            now=now,
        )


def paragraphs(body, first, more):
    """The greeting, then what matters most, the rest, and what else there is to say."""
    greeting, _empty, rest = body.partition("\n\n")
    said = [greeting, first, rest.strip("\n"), more]
    return "\n\n".join(one for one in said if one) + "\n"


def can_be_told(patient):
    return bool(patient.email) and patient.reach_by != ReachBy.NOT


def tell_bundle(changes, *, now, uncovered=()):
    """One mail about several visits booked, or several moved, at once; the latest of their undo times counts.

    `changes`: in order of time, of one person at one location. `uncovered`: [(visit, [(kind of care, price or None)])]
    of what the patient's insurance does not cover; said first.
    """
    first = changes[0].appointment
    patient, clinic = first.patient, Clinic.objects.get()
    moved = changes[0].verb == "move"
    with override(patient.language):
        words = {"clinic": clinic.name, "name": patient.called, "where": first.location.name}
        words |= {"count": len(changes), "when": when(first)}
        subject, body = _moved_bundle(len(changes)) if moved else _booked_bundle(len(changes))
        days = lines(_place(one) if moved else when(one.appointment) for one in changes)
        queue(
            kind="moved" if moved else "booked",
            to=patient.email,
            subject=subject % words,
            body=paragraphs(
                f"{_('Hello %(name)s,')}\n\n{body}\n\n%(days)s" % (words | {"days": days}),
                _uncovered_bundle(uncovered) if uncovered else "",
                _("See you then."),
            ),
            about=about(changes[0]),
            language=patient.language,
            not_before=max(one.at for one in changes) + timedelta(minutes=clinic.undo_minutes),
            now=now,
        )


def lines(texts):
    return "\n".join(f"- {one}" for one in texts)


def take_back(change, *, now):
    """The change was undone: what it would have told falls away. How many messages were still waiting."""
    return withdraw(about=about(change), now=now)


def when(appointment):
    return _clock(appointment.starts_at, appointment.location)


def _clock(at, location):
    return formats.date_format(walltime.local(at, location.tz), "D M j, g:i a")


def _place(change):
    """Where a visit was moved to, and from where."""
    visit, was = change.appointment, datetime.fromisoformat(change.before["starts_at"])
    return _("%(then)s (it was %(was)s)") % {"then": when(visit), "was": _clock(was, visit.location)}


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


def _booked_bundle(count):
    return (
        ngettext("Your visit at %(clinic)s: %(when)s", "Your %(count)s visits at %(clinic)s", count),
        ngettext(
            "You have an appointment at %(clinic)s, %(where)s:",
            "You have %(count)s appointments at %(clinic)s, %(where)s:",
            count,
        ),
    )


def _moved_bundle(count):
    return (
        ngettext(
            "Your visit at %(clinic)s has moved to %(when)s",
            "%(count)s of your visits at %(clinic)s have moved",
            count,
        ),
        ngettext(
            "One of your appointments at %(clinic)s, %(where)s, has moved:",
            "%(count)s of your appointments at %(clinic)s, %(where)s, have moved:",
            count,
        ),
    )


def _uncovered_bundle(visits):
    """What is not covered, visit by visit, and what it costs where the price of all of a visit is known."""
    said = lines(
        _("%(when)s: %(visits)s, %(price)s")
        % {
            "when": when(visit),
            "visits": visits_in_words([kind for kind, _p in parts]),
            "price": _cost(parts),
        }
        for visit, parts in visits
    )
    return f"{_('Your insurance does not cover all of these appointments:')}\n\n{said}"


def _cost(parts):
    if any(price is None for _kind, price in parts):
        return _("ask us what it costs")
    return money(sum(price for _kind, price in parts))


def _uncovered(parts):
    """What is not covered, and what it costs where the price of all of it is known."""
    words = {"visits": visits_in_words([kind for kind, _price in parts])}
    if any(price is None for _kind, price in parts):
        return (
            _("Your insurance does not cover %(visits)s of this appointment. Ask us what it costs.") % words
        )
    words["price"] = _cost(parts)
    return _("Your insurance does not cover %(visits)s of this appointment. It costs %(price)s.") % words


def _taken(parts):
    return _(
        "Notice came later than our cancellation policy asks for, so this uses up %(visits)s of your package."
        " If you think that is wrong, call us."
    ) % {"visits": visits_in_words(parts)}


def _body_cancelled():
    return _("Hello %(name)s,\n\nyour appointment on %(when)s at %(clinic)s, %(where)s, is canceled.\n")
