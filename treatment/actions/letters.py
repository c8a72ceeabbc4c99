"""Letters from what the notes hold; intake makes and keeps the PDF."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.walltime import local
from intake.actions.letters import write
from intake.queries.care import known_of
from intake.rules.letters import PROGRESS, progress_sections
from treatment.queries.letters import course_of


def write_progress_letter(*, by, patient, place, to, problem="", words="", request_key=None, location=""):
    """How it goes: the writer's words, the course of the signed notes, and what the history holds."""
    now = timezone.now()
    today = local(now, place.tz).date() if place else now.date()
    sections = progress_sections(
        problem=problem, words=words, known=known_of(patient, today), visits=course_of(patient)
    )
    return write(
        by=by,
        patient=patient,
        kind=PROGRESS,
        to=to,
        title=_("Progress report"),
        sections=sections,
        place=place,
        now=now,
        today=today,
        request_key=request_key,
        location=location,
    )
