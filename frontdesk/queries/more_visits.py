"""What a request for more visits says of the record: visits used, scores at the start and now, the plan."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.rules.letters import Section
from outcomes.queries import trends
from packages.models import AuthorizationEntry, EntryKind
from packages.queries.accounts import standing
from packages.queries.balances import counts_of
from plans.queries.progress import running_of
from scheduling.models import VisitPart


def sections_of(asked, words, *, zone, today):
    """Sections of the letter about packages.models.MoreVisits. One page: no mood, no words of the patient's own."""
    approval, patient = asked.authorization, asked.patient
    opening = (
        _("To whom it may concern,"),
        opening_of(approval),
        *[line for line in words.splitlines() if line.strip()],
    )
    return [
        Section("", opening),
        Section(_("Visits used"), (counted(approval),), tuple(visit_lines(approval))),
        Section(_("Scores at the start and now"), lines=tuple(score_lines(patient, zone))),
        Section(_("Plan"), lines=tuple(plan_lines(patient, today))),
    ]


def opening_of(approval):
    claim = approval.coverage.claim_number or approval.coverage.member_number
    known = {"discipline": approval.discipline.name.lower(), "number": approval.number}
    if not claim:
        return _("we ask for more visits of %(discipline)s under your approval %(number)s.") % known
    return _("we ask for more visits of %(discipline)s under your approval %(number)s (%(claim)s).") % {
        **known,
        "claim": claim,
    }


def counted(approval):
    one = counts_of(authorizations=[approval.pk])[approval.pk][None]
    return _("%(used)s of %(approved)s visits are used; the approval ends on %(date)s.") % {
        "used": one.used,
        "approved": one.granted - one.expired,
        "date": long_date(approval.ends_on),
    }


def visit_lines(approval):
    """The dates of the visits that were used, in one line."""
    used = standing(AuthorizationEntry, EntryKind.CONSUMED, authorization=approval).values("visitpart")
    days = VisitPart.objects.filter(pk__in=used).order_by("appointment__wall_date")
    found = [date_format(day, "M j, Y") for day in days.values_list("appointment__wall_date", flat=True)]
    return [", ".join(found)] if found else []


def score_lines(patient, zone):
    """Each measure from its baseline to its latest score. Mood is nobody's but the clinician's."""
    found = trends.of_patient(patient, zone=zone, proxy=True)
    return [
        _("%(measure)s: %(first)s on %(began)s, %(latest)s on %(now)s. %(sentence)s")
        % {
            "measure": trend.measure.name,
            "first": trend.baseline.words,
            "began": date_format(trend.baseline.on, "M j, Y"),
            "latest": trend.latest.words,
            "now": date_format(trend.latest.on, "M j, Y"),
            "sentence": trend.sentence,
        }
        for trend in found
    ]


def plan_lines(patient, today):
    running = running_of(patient, today)
    if running is None:
        return []
    plan, codes = running.plan, ", ".join(running.plan.diagnosis_codes)
    planned = ngettext(
        "%(total)s visit planned, %(done)s done, %(owed)s still to come.",
        "%(total)s visits planned, %(done)s done, %(owed)s still to come.",
        running.total,
    ) % {"total": running.total, "done": running.done, "owed": running.total - running.done}
    return [f"{plan.condition} ({codes})" if codes else plan.condition, planned]


def long_date(day):
    return date_format(day, "F j, Y")
