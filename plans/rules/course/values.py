"""What is asked of the search and what it answers. Days are numbers from the first day of one Horizon."""

from dataclasses import dataclass, field
from datetime import date, timedelta

People = tuple[int, ...]  # practitioner ids, group by group of a visit's layout

MORNING, AFTERNOON, EVENING = range(3)
NOON_HOUR, EVENING_HOUR = 12, 17
ANY_TIME = frozenset((MORNING, AFTERNOON, EVENING))
ANY_DAY = frozenset(range(7))

# The cost of a course is a whole number, and less is better. A day off the ideal spacing hurts with its square, so
# that two visits a day off are better than one visit two days off.
OFF_SPACING = 20  # times (days between two visits − ideal days)²
LATER = 40  # for each day that the first visit waits
OTHER_PERSON = 30  # for each discipline in which somebody else treats than at the visit before
ALLOWED_TOO = 40  # for each visit in hours that the patient gave only when asked for more
LOOSE = 2  # for each person whose day is cut with free time on both sides
CHANGED = 100_000  # for each visit that is not where it was: above what anything else can add up to


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days looked at: day 0 is `first`."""

    first: date
    days: int

    def number(self, day: date) -> int:
        return (day - self.first).days

    def date(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def weekday(self, number: int) -> int:
        return (self.first.weekday() + number) % 7


@dataclass(frozen=True, slots=True)
class Spot:
    """A time for one visit: its day, the quantum it starts at, and who treats."""

    day: int
    start: int
    people: People


@dataclass(frozen=True, slots=True)
class Ask:
    """One visit of the course, in order. `table` names what kind of visit it is.

    The days since the visit before lie between least_gap and most_gap; for the first one they do not count.
    `pinned`: exactly there. `was`: where it stands now, and leaving that counts as a change. `settled`: a visit
    that is over or cannot change; it is there so that the next one keeps its distance.
    """

    number: int
    table: object
    least_gap: int
    ideal_gap: int
    most_gap: int
    first_day: int
    last_day: int
    pinned: Spot | None = None
    was: Spot | None = None
    settled: Spot | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the patient wants. Nothing outside is offered, whoever relaxes a wish makes other Wishes.

    `also`: hours, as (weekday, time of day), given in addition. `people`: {discipline: ids that may treat}; a
    discipline that is not named is open to everybody. `away`: days on which the patient cannot come.
    """

    weekdays: frozenset[int] = ANY_DAY
    times: frozenset[int] = ANY_TIME
    also: frozenset[tuple[int, int]] = frozenset()
    people: dict[int, frozenset[int]] = field(default_factory=dict)
    away: frozenset[int] = frozenset()

    def cost_of_hours(self, weekday: int, time: int) -> int | None:
        """None where the patient cannot come."""
        if weekday in self.weekdays and time in self.times:
            return 0
        return ALLOWED_TOO if (weekday, time) in self.also else None


@dataclass(frozen=True, slots=True)
class Course:
    """The answer: the spots of the first visits, as many as fit. `asked` visits were wanted.

    `optimal` is proved by the way it was found: no other course of as many visits costs less.
    """

    spots: tuple[Spot, ...]
    cost: int
    asked: int
    optimal: bool = True

    @property
    def whole(self) -> bool:
        return len(self.spots) == self.asked
