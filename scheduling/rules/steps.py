"""How far a visit has come on its day, from facts alone, and which step is next. No database, no clock.

The way through: arrived, in a room, then for each part that stands either needles in and needles out or
started and done, and out of the door. A step is one tap and stamps one fact, two where it leads to another room.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.models import PartStatus, Status, What
from services.models import PhaseKind

CHECK_IN, IN_ROOM, FIRST_NEEDLE = "check_in", "in_room", "first_needle"
NEEDLES_IN, NEEDLES_OUT, START, DONE, LEAVE = "needles_in", "needles_out", "start", "done", "leave"
BEGINS = {
    What.FIRST_NEEDLE,
    What.LAST_NEEDLE_IN,
    What.NEEDLES_OUT,
    What.TREATMENT,
    What.ADJUSTMENT,
    What.TREATED,
}
CLOSES = {What.NEEDLES_OUT, What.TREATED}
GOES_IN = {What.FIRST_NEEDLE, What.LAST_NEEDLE_IN}
RUNNING = {Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}


@dataclass(frozen=True, slots=True)
class Phase:
    id: int
    position: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    present: bool
    practitioner: int | None
    room: int | None
    provider: str = ""

    @property
    def minutes(self):
        """As promised now: a visit that starts late may have been given a shorter one."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Part:
    id: UUID
    position: int
    name: str
    discipline: str
    status: str
    phases: tuple[Phase, ...]
    reason: str = ""

    @property
    def retention(self):
        return self.first(PhaseKind.RETENTION)

    @property
    def room(self):
        return next((phase.room for phase in self.phases if phase.room), None)

    @property
    def practitioner(self):
        return next((phase.practitioner for phase in self.phases if phase.practitioner), None)

    @property
    def present(self):
        return [phase for phase in self.phases if phase.present]

    @property
    def main(self):
        """The phase in which a part without needles is delivered."""
        return self.first(PhaseKind.ADJUSTMENT) or self.first(PhaseKind.HANDS_ON) or self.phases[0]

    def first(self, kind):
        return next((phase for phase in self.phases if phase.kind == kind), None)

    def has(self, phase_id):
        return any(phase.id == phase_id for phase in self.phases)


@dataclass(frozen=True, slots=True)
class Fact:
    id: UUID
    what: str
    at: datetime
    phase: int | None = None
    room: int | None = None
    minutes: int | None = None
    withdrawn: bool = False


def effective(rows: Iterable[Fact]):
    """The facts that hold, by time; `rows` in the order in which they were entered.

    Of one kind and phase the row entered last counts. A withdrawn row takes back the one it repeats, so that
    what stood before a correction holds again.
    """
    stacks = {}
    for row in rows:
        stack = stacks.setdefault((row.what, row.phase), [])
        if not row.withdrawn:
            stack.append(row)
            continue
        meant = (row.at, row.room, row.minutes)
        found = [one for one in stack if (one.at, one.room, one.minutes) == meant]
        if found:
            stack.remove(found[-1])
    return tuple(sorted((stack[-1] for stack in stacks.values() if stack), key=lambda fact: fact.at))


@dataclass(frozen=True, slots=True)
class Progress:
    """A visit as it stands. `facts` are effective ones, by time."""

    status: str
    parts: tuple[Part, ...]
    facts: tuple[Fact, ...]

    @property
    def standing(self):
        return [part for part in self.parts if part.status != PartStatus.NOT_DONE]

    @property
    def open(self):
        """Parts that are neither done nor not done; one that has begun comes first."""
        found = [part for part in self.parts if part.status == PartStatus.PLANNED]
        return sorted(found, key=lambda part: not self.begun(part))

    def last(self, *kinds, part=None):
        """The latest fact of these kinds, of one part if given; None if there is none."""
        return next(
            (
                fact
                for fact in reversed(self.facts)
                if fact.what in kinds and (part is None or part.has(fact.phase))
            ),
            None,
        )

    def begun(self, part):
        return self.last(*BEGINS, part=part) is not None

    @property
    def room(self):
        """The room the patient is in: none between two rooms, and none after leaving."""
        entered = self.last(What.IN_ROOM)
        if entered is None or self.last(What.LEFT) or self.status not in RUNNING:
            return None
        closed = self.last(*CLOSES)
        coming = self.open[0] if self.open else None
        if coming and not self.begun(coming) and closed and closed.at >= entered.at:
            return entered.room if coming.room in (None, entered.room) else None
        return entered.room

    @property
    def needles_in_since(self):
        """When the first needle went in of a part that stands and whose needles are not out; None if none are in."""
        pierced = [part for part in self.standing if not self.last(What.NEEDLES_OUT, part=part)]
        return next(
            (
                fact.at
                for fact in self.facts
                if fact.what in GOES_IN and any(part.has(fact.phase) for part in pierced)
            ),
            None,
        )

    @property
    def needles_are_in(self):
        return self.needles_in_since is not None


@dataclass(frozen=True, slots=True)
class Step:
    """`key` is what a form posts, `what` the fact it stamps; `room`: to be in this room, too."""

    key: str
    what: str
    part: Part | None = None
    phase: Phase | None = None
    room: int | None = None


def next_step(progress: Progress):
    """The one step that comes next; None when the visit is over or has not become a booking."""
    if progress.status == Status.BOOKED:
        return Step(CHECK_IN, What.ARRIVED)
    if progress.status not in RUNNING:
        return None
    coming = progress.open[0] if progress.open else None
    if coming is None:
        return Step(LEAVE, What.LEFT)
    if progress.last(What.IN_ROOM) is None and not progress.begun(coming):
        return into_room(coming)
    return next_of_part(progress, coming)


def into_room(part):
    first = next((phase for phase in part.phases if phase.room), part.phases[0])
    return Step(IN_ROOM, What.IN_ROOM, part, first, first.room)


def next_of_part(progress, part):
    elsewhere = part.room if not progress.begun(part) and part.room != progress.room else None
    if part.retention:
        if progress.last(What.LAST_NEEDLE_IN, part=part):
            removal = part.first(PhaseKind.REMOVAL) or part.retention
            return Step(NEEDLES_OUT, What.NEEDLES_OUT, part, removal)
        if elsewhere:  # hands-on comes before the last needle: they are in the room for it
            return into_room(part)
        return Step(NEEDLES_IN, What.LAST_NEEDLE_IN, part, part.retention)
    if progress.begun(part):
        return Step(DONE, What.TREATED, part, part.present[-1])
    starts = What.ADJUSTMENT if part.main.kind == PhaseKind.ADJUSTMENT else What.TREATMENT
    return Step(START, starts, part, part.main, elsewhere)


def step_named(progress, key, part_id=None):
    """The step of this name that can be taken now, of one part if given, not only the one that is next."""
    coming = next_step(progress)
    if coming and coming.key == key and (part_id is None or (coming.part and coming.part.id == part_id)):
        return coming
    if key == LEAVE:
        return Step(LEAVE, What.LEFT)
    for part in progress.open:
        if part_id in (None, part.id):
            found = steps_of_part(part).get(key)
            if found:
                return found
    return None


def steps_of_part(part):
    """Every step of a part by its name, whatever has happened."""
    steps = [into_room(part), Step(DONE, What.TREATED, part, part.present[-1])]
    if part.retention:
        removal = part.first(PhaseKind.REMOVAL) or part.retention
        before = part.first(PhaseKind.HANDS_ON) or part.retention
        steps = [
            into_room(part),
            Step(FIRST_NEEDLE, What.FIRST_NEEDLE, part, before),
            Step(NEEDLES_IN, What.LAST_NEEDLE_IN, part, part.retention),
            Step(NEEDLES_OUT, What.NEEDLES_OUT, part, removal),
        ]
    else:
        starts = What.ADJUSTMENT if part.main.kind == PhaseKind.ADJUSTMENT else What.TREATMENT
        steps.append(Step(START, starts, part, part.main))
    return {step.key: step for step in steps}


def button(step, room_name=""):
    """What the button of a step says."""
    if step.key == IN_ROOM:
        return _("To %(room)s") % {"room": room_name} if room_name else _("To the room")
    if step.key == START:
        word = (
            _("Adjustment")
            if step.what == What.ADJUSTMENT
            else _("Start %(part)s") % {"part": step.part.name}
        )
        return _("%(step)s in %(room)s") % {"step": word, "room": room_name} if step.room else word
    return {
        CHECK_IN: _("Check in"),
        FIRST_NEEDLE: _("First needle"),
        NEEDLES_IN: _("Needles in"),
        NEEDLES_OUT: _("Needles out"),
        DONE: _("Done"),
        LEAVE: _("Check out"),
    }[step.key]


@dataclass(frozen=True, slots=True)
class Stage:
    """What goes on: `kind` is preparing, needles, treating, resting, waiting or over; `until` when it should end.

    `phase` is the promised one that it belongs to, so that how late it runs can be told.
    """

    kind: str
    since: datetime
    until: datetime | None = None
    phase: Phase | None = None
    part: Part | None = None


def stage(progress: Progress):
    """What goes on with somebody who is in treatment; None before and after."""
    entered = progress.last(What.IN_ROOM)
    if progress.status != Status.IN_TREATMENT:
        return None
    coming = progress.open[0] if progress.open else None
    if coming and progress.begun(coming):
        return stage_of_part(progress, coming)
    closed = progress.last(*CLOSES)
    if coming and entered and not (closed and closed.at >= entered.at):
        return preparing(progress, coming, entered.at)
    return resting(progress, closed, entered)


def preparing(progress, part, since):
    goal = part.retention or part.main
    before = [phase for phase in part.present if phase.position < goal.position]
    until = since + promised(progress, before) if before else None
    return Stage("preparing", since, until, before[-1] if before else goal, part)


def promised(progress, phases):
    """How long these phases take: as promised, and so much longer as somebody has said."""
    longer = [fact for fact in progress.facts if fact.what == What.LONGER]
    more = sum(fact.minutes or 0 for fact in longer if fact.phase in {phase.id for phase in phases})
    return timedelta(minutes=more + sum(phase.minutes for phase in phases))


def stage_of_part(progress, part):
    needle = progress.last(What.LAST_NEEDLE_IN, part=part)
    if part.retention and not needle:
        entered = progress.last(What.IN_ROOM) or progress.last(*BEGINS, part=part)
        return preparing(progress, part, entered.at)
    phases = [part.retention] if needle else part.present[part.present.index(part.main) :]
    began = needle or progress.last(What.ADJUSTMENT, What.TREATMENT, part=part)
    began = began or progress.last(*BEGINS, part=part)
    until = began.at + promised(progress, phases)
    return Stage("needles" if needle else "treating", began.at, until, phases[-1], part)


def resting(progress, closed, entered):
    since = closed or entered
    if since is None:
        return None
    part = next((part for part in progress.parts if closed and part.has(closed.phase)), None)
    rest = part.first(PhaseKind.REST) if part and closed.what == What.NEEDLES_OUT else None
    if rest is None:
        return Stage("waiting" if progress.open else "over", since.at)
    return Stage("resting", since.at, since.at + timedelta(minutes=rest.minutes), rest, part)


def words(kind, discipline=""):
    """What a tile says is going on."""
    if kind == "treating":
        return _("adjusting") if discipline == "chiropractic" else _("in treatment")
    return {
        "preparing": _("getting ready"),
        "needles": _("needles in"),
        "resting": _("resting"),
        "waiting": _("waiting for the next part"),
        "over": _("ready to leave"),
    }[kind]


def reasons_not_to_step(progress, key, step, *, called):
    """Empty if this step can be taken now. Facts are refused only where they would be untrue."""
    if progress.status == Status.BOOKED:
        return [_("Check %(name)s in first.") % {"name": called}]
    if progress.status not in RUNNING:
        return [
            _("This visit is %(status)s. Reload the page to see how it stands.")
            % {"status": Status(progress.status).label}
        ]
    if step is None or taken(progress, step):
        return [_("This was recorded already. Correct its time if it is wrong.")]
    return reasons_not_to_leave(progress) if key == LEAVE else []


def taken(progress, step):
    if step.part is None or step.key == IN_ROOM:
        return False
    return progress.last(step.what, part=step.part) is not None


def reasons_not_to_leave(progress):
    """A visit is not over while a part is neither done nor not done."""
    if progress.needles_are_in:
        return [_("The needles are still in. Take them out first, then check out.")]
    return [
        _("%(part)s is neither done nor not done. Say which, then check out.") % {"part": part.name}
        for part in progress.open
    ]


def reasons_not_to_correct(at, *, now, starts_at):
    if at > now:
        return [_("This time has not come yet. Write when it happened.")]
    if abs(at - starts_at) > timedelta(hours=14):
        return [_("This is another day than the visit's. Write a time of that day.")]
    return []
