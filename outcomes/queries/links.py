"""What stands behind a link on the tablet."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from clinic.walltime import local
from outcomes.models import Activity, AnswerLink, Score, Status
from outcomes.queries.due import activities_of, check_on
from outcomes.queries.measures import known
from outcomes.rules.asking import reasons_not_to_answer
from outcomes.rules.scoring import is_positive


@dataclass(frozen=True, slots=True)
class Door:
    """`reasons` say why it is shut. `text_key`: what the patient is shown after hard answers, or ""."""

    link: AnswerLink
    check: object
    activities: list[Activity]
    today: object
    reasons: list[str] = field(default_factory=list)

    @property
    def answered(self):
        return self.link.assessment.status == Status.ANSWERED


def door(sha256, now):
    """The door of a link with that hash, or None. Four statements, fewer where it is shut."""
    rows = AnswerLink.objects.select_related("assessment", "patient", "location")
    link = rows.filter(token_sha256=sha256).first()
    if link is None:
        return None
    today = local(now, link.location.tz).date() if link.location else now.date()
    check = check_on(link.assessment, today)
    reasons = reasons_not_to_open(link, check, now)
    return Door(link, check, [] if reasons else activities_of(link.patient), today, reasons)


def reasons_not_to_open(link, check, now):
    reasons = reasons_not_to_answer(check.state)
    if reasons or (link.ended_at is None and link.expires_at > now):
        return reasons
    return [_("This page was closed. Please give the tablet back to us.")]


def texts_after(assessment):
    """Keys of the texts that the answers of a check call for, each once. Two statements."""
    measures = known()
    rows = Score.objects.filter(assessment=assessment, replaced_by=None).order_by("measure")
    found = [measures[row.measure] for row in rows if is_positive(measures[row.measure], row.score)]
    return list(dict.fromkeys(measure.on_positive.text_key for measure in found))
