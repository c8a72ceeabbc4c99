"""How far a plan has come: counted from its visits each time it is asked, never stored.

Days are dates on the wall of the plan's location. Day 0 is the first treatment, or the day it is to begin.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.models import PlanStatus, RuleKind

# Days after its day on which a visit that was not given is late: clinic default.
GRACE_DAYS = 3
DONE, COMING, OPEN, MISSED = "done", "coming", "open", "missed"


@dataclass(frozen=True)
class Part:
    """A part of a visit. `kind` is the id of a kind of care, `happened` None while it is to come."""

    kind: int | None
    happened: bool | None


@dataclass(frozen=True)
class Visit:
    """One appointment of the plan's patient. `outcome` is done, coming or missed."""

    appointment: UUID
    on: date
    starts_at: datetime
    outcome: str
    parts: tuple[Part, ...]
    service: int
    plan: UUID | None = None  # the plan it was booked for, if it was booked as part of a course


@dataclass(frozen=True)
class Phase:
    kind: str
    service: int
    name: str
    visits: int
    offsets: tuple[int, ...]
    kinds: tuple[int, ...]  # ids of the kinds of care of one visit


@dataclass(frozen=True)
class Numbered:
    """Visit `number` of the plan: what became of it, or the day it should be on."""

    number: int
    state: str
    on: date
    appointment: UUID | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Counted:
    """One kind of care over the whole plan. `owed` is what is neither done nor booked."""

    kind: int
    total: int
    done: int
    booked: int

    @property
    def owed(self):
        return max(0, self.total - self.done - self.booked)


@dataclass(frozen=True)
class Review:
    """When the plan is looked at next. `due` says that it is time; `rule` is the sentence of the rule."""

    due: bool
    on: date
    at_visit: int
    rule: str

    @property
    def said(self):
        if self.due:
            return _("Look-back due: %(rule)s.") % {"rule": self.rule}
        day = date_format(self.on, "M j")
        return _("Look-back at visit %(n)s or on %(day)s, whichever comes first.") % {
            "n": self.at_visit,
            "day": day,
        }


@dataclass(frozen=True)
class Limit:
    """What a payer allows: `used` visits of `visits` within so many days, up to today."""

    text: str
    used: int
    visits: int
    within_days: int
    needs_improvement: bool

    @property
    def reached(self):
        return self.used >= self.visits


@dataclass(frozen=True)
class Progress:
    """Everything a page says about how far a plan is. Holds nothing clinical but through `plan`."""

    plan: object
    today: date
    day_zero: date
    visits: tuple[Numbered, ...]
    kinds: tuple[Counted, ...]
    behind: int
    review: Review | None = None
    limits: tuple[Limit, ...] = ()
    missed: int = 0
    extra: int = 0  # visits given beyond the plan's number
    over: int = 0  # booked visits beyond it
    paused_since: date | None = None
    phases: tuple[Phase, ...] = field(default=(), repr=False)

    @property
    def total(self):
        return len(self.visits)

    @property
    def done(self):
        return sum(visit.state == DONE for visit in self.visits)

    @property
    def booked(self):
        return sum(visit.state == COMING for visit in self.visits)

    @property
    def owed(self):
        """Visits that are neither done nor booked."""
        return self.total - self.done - self.booked

    @property
    def next(self):
        """The next booked visit, or None."""
        return next((visit for visit in self.visits if visit.state == COMING), None)

    @property
    def next_open(self):
        """The next visit to book, with the day it should be on, or None."""
        return next((visit for visit in self.visits if visit.state == OPEN), None)

    @property
    def finished(self):
        return self.done >= self.total

    @property
    def pace(self):
        """On track, 2 behind, paused: for a list."""
        if self.plan.status == PlanStatus.DISCHARGED:
            return _("discharged")
        if self.plan.status == PlanStatus.PAUSED:
            return _("paused")
        if self.finished:
            return _("all visits done")
        if self.behind:
            return ngettext("%(n)s behind", "%(n)s behind", self.behind) % {"n": self.behind}
        return _("on track")

    @property
    def said(self):
        """4 of 8, on track."""
        return _("%(done)s of %(total)s, %(pace)s") % {
            "done": self.done,
            "total": self.total,
            "pace": self.pace,
        }

    @property
    def lookback_visits(self):
        """Numbers of the visits at which the plan is looked at: one, or none."""
        return {self.review.at_visit} if self.review else set()


def counts_for(visit, plan_id, kinds, since, until):
    """Whether a visit belongs to the plan: booked for it, or of its kinds of care while it ran."""
    if visit.plan is not None:
        return visit.plan == plan_id
    if visit.on < since or (until and visit.on > until):
        return False
    return any(part.kind in kinds for part in visit.parts)


def progress(plan, *, phases, visits, pauses, rules, today):
    """`visits` are those that belong to the plan, in order of time; `pauses` [(from, until or None)]."""
    done = [visit for visit in visits if visit.outcome == DONE]
    coming = [visit for visit in visits if visit.outcome == COMING]
    zero = done[0].on if done else (coming[0].on if coming else plan.starts_on)
    offsets = [day for phase in phases for day in phase.offsets]
    days = days_of(offsets, zero, pauses, today)
    behind = late(days, today) - len(done) if plan.status == PlanStatus.ACTIVE else 0
    return Progress(
        plan=plan,
        today=today,
        day_zero=zero,
        visits=tuple(number(done, coming, days)),
        kinds=tuple(count_kinds(phases, visits)),
        behind=max(0, behind),
        review=review_of(plan, rules, done, zero, today, len(offsets)),
        limits=tuple(limits_of(rules, done, today)),
        missed=sum(visit.outcome == MISSED for visit in visits),
        extra=max(0, len(done) - len(offsets)),
        over=min(len(coming), max(0, len(done) + len(coming) - len(offsets))),
        paused_since=next((start for start, end in pauses if end is None), None),
        phases=tuple(phases),
    )


def days_of(offsets, zero, pauses, today):
    """The day of each visit; a pause moves those that lay after its beginning by as long as it lasted."""
    days = [zero + timedelta(days=offset) for offset in offsets]
    for start, end in pauses:
        length = max(timedelta(0), min(end or today, today) - start)
        days = [day + length if day >= start else day for day in days]
    return days


def number(done, coming, days):
    """The plan's visits in order: given ones first, then booked ones, then days still to be booked."""
    states = [(DONE, visit) for visit in done] + [(COMING, visit) for visit in coming]
    for index, day in enumerate(days):
        if index < len(states):
            state, visit = states[index]
            yield Numbered(index + 1, state, visit.on, visit.appointment, visit.starts_at)
        else:
            yield Numbered(index + 1, OPEN, day)


def late(days, today):
    """How many visits should have been given by now, a few days' grace left."""
    return sum(day + timedelta(days=GRACE_DAYS) < today for day in days)


def count_kinds(phases, visits):
    """Each kind of care of the plan, in the order it first comes; a part that was not done is owed again."""
    totals = {}
    for phase in phases:
        for kind in phase.kinds:
            totals[kind] = totals.get(kind, 0) + phase.visits
    parts = [(visit.outcome, part) for visit in visits for part in visit.parts]
    for kind, total in totals.items():
        of_kind = [(outcome, part) for outcome, part in parts if part.kind == kind]
        yield Counted(
            kind=kind,
            total=total,
            done=sum(outcome == DONE and part.happened is True for outcome, part in of_kind),
            booked=sum(outcome == COMING and part.happened is not False for outcome, part in of_kind),
        )


def review_of(plan, rules, done, zero, today, total):
    """The next review by the rules in force, counted from the last one; none for a plan that is over."""
    rule = next((rule for rule in rules if rule.kind == RuleKind.REVIEW), None)
    if rule is None or plan.status == PlanStatus.DISCHARGED or not (rule.at_visit or rule.at_day):
        return None
    since = plan.reviewed_at.date() if plan.reviewed_at else zero
    before = sum(visit.on <= since for visit in done) if plan.reviewed_at else 0
    # Nothing is carried on by itself: after the last visit the plan is looked at, too.
    at_visit = min(before + (rule.at_visit or total), max(total, before + 1))
    on = since + timedelta(days=rule.at_day or 3650)
    due = bool(done) and plan.status == PlanStatus.ACTIVE and (len(done) >= at_visit or today >= on)
    return Review(due=due, on=on, at_visit=at_visit, rule=rule.text)


def limits_of(rules, done, today):
    for rule in rules:
        if rule.kind == RuleKind.LIMIT:
            after = today - timedelta(days=rule.within_days)
            used = sum(visit.on > after for visit in done)
            yield Limit(rule.text, used, rule.visits, rule.within_days, rule.needs_improvement)


def reasons_to_stop(rules, done, better):
    """Sentences where a stop rule speaks. `better` is {measure: percent better than at the start, or None}."""
    for rule in rules:
        if rule.kind != RuleKind.STOP or done < (rule.at_visit or 0):
            continue
        known = [better[name] for name in rule.measures if better.get(name) is not None]
        if known and max(known) < (rule.percent or 0):
            yield rule.text
