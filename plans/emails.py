"""What we write to patients about a whole course: when they come, never why."""

from datetime import timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic import walltime
from clinic.models import Clinic
from messaging.actions import queue
from patients.models import ReachBy


def about(first):
    """What the mail about a course is filed under: its first appointment."""
    return f"course:{first.pk}"


def tell_course(plan, visits, *, uncovered=False, now):
    """One mail with all dates, once the booking can no longer be undone; nothing for people without e-mail.

    `uncovered`: some of them are beyond what an insurer approved, and the patient was told.
    """
    patient, first = plan.patient, visits[0]
    if not patient.email or patient.reach_by == ReachBy.NOT:
        return
    clinic = Clinic.objects.get()
    with override(patient.language):
        words = {
            "clinic": clinic.name,
            "name": patient.called,
            "where": plan.location.name,
            "count": len(visits),
            "paid": _("As we told you, your insurance does not cover all of these visits.\n\n")
            if uncovered
            else "",
            "days": "\n".join(f"- {when(one, plan.location.tz)}" for one in visits),
        }
        queue(
            kind="booked",
            to=patient.email,
            subject=_("Your %(count)s visits at %(clinic)s") % words,
            body=_(
                "Hello %(name)s,\n\nyou have %(count)s appointments at %(clinic)s, %(where)s:\n\n%(days)s\n\n"
                "%(paid)sSee you then.\n"
            )
            % words,
            about=about(first),
            language=patient.language,
            not_before=now + timedelta(minutes=clinic.undo_minutes),
            now=now,
        )


def when(visit, zone):
    return formats.date_format(walltime.local(visit.starts_at, zone), "D M j, g:i a")
