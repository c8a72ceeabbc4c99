"""What a visit occupies, counted from its start.

Offsets and lengths are in quanta of 5 minutes (see scheduling.rules.grid).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from scheduling.rules.grid import QUANTUM_MINUTES

RETENTION = "retention"

Interval = tuple[int, int]  # offset from the start of the visit and length, in quanta


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """A phase as its service defines it; positions count through the whole visit.

    same_practitioner_as and same_room_as are positions of earlier phases. A phase that
    names an earlier room occupies that room, with or without a room kind of its own.
    """

    part: int
    position: int
    kind: str
    minutes: int
    discipline: str
    practitioner_needed: bool
    room_kind: str | None
    patient_present: bool
    same_practitioner_as: int | None = None
    same_room_as: int | None = None


@dataclass(frozen=True, slots=True)
class PhaseNeed:
    """A phase of one visit: key is its position, the groups are indexes into the Visit's."""

    key: int
    minutes: int
    practitioner_group: int | None
    room_group: int | None
    patient_present: bool
    kind: str
    part: int


@dataclass(frozen=True, slots=True)
class Group:
    """Phases that share one practitioner, or that share one room.

    wants: the disciplines, or the room kinds, that whoever is chosen must all cover.
    intervals: when the group is occupied, in order; adjacent phases are one interval.
    clashes: the groups of the same sort occupied at overlapping minutes, by index.
    """

    wants: frozenset[str]
    intervals: tuple[Interval, ...]
    clashes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Visit:
    """The phases of one visit, each with its interval, and the groups they form.

    patient_quanta: how long the patient is there, without gaps. quanta: until everything
    is over, turnover and charting included.
    """

    phases: tuple[PhaseNeed, ...]
    intervals: tuple[Interval, ...]
    practitioner_groups: tuple[Group, ...]
    room_groups: tuple[Group, ...]
    patient_quanta: int
    quanta: int

    @property
    def retentions(self) -> list[Interval]:
        """The intervals with needles in and perhaps nobody in the room."""
        pairs = zip(self.phases, self.intervals, strict=True)
        return [interval for phase, interval in pairs if phase.kind == RETENTION]


def lay_out(phases: Sequence[PhaseSpec | PhaseNeed]) -> list[Interval]:
    """Offset and length of each phase, in quanta from the start of the visit.

    Phases with the patient follow one another. A phase without the patient begins when the
    phase before it in the list ends and delays nobody: turnover runs while the patient
    rests elsewhere. ValueError unless minutes are a positive multiple of 5.
    """
    intervals = []
    patient_until = end_before = 0
    for phase in phases:
        length, rest = divmod(phase.minutes, QUANTUM_MINUTES)
        if rest or length < 1:
            raise ValueError(
                f"The minutes of a phase are a multiple of {QUANTUM_MINUTES}, not {phase.minutes}."
            )
        offset = patient_until if phase.patient_present else end_before
        end_before = offset + length
        if phase.patient_present:
            patient_until = end_before
        intervals.append((offset, length))
    return intervals


def arrange(specs: Iterable[PhaseSpec]) -> Visit:
    """The visit these phases make.

    ValueError where they cannot make one: positions out of order, a phase that shares the
    practitioner or room of a phase that has none, or one practitioner or room wanted twice
    at the same minutes.
    """
    specs = tuple(specs)
    positions = [spec.position for spec in specs]
    if positions != sorted(set(positions)):
        raise ValueError(f"Phases come in the order of their positions, each once: {positions}.")
    intervals = tuple(lay_out(specs))
    people = _group_numbers(
        (spec.position, spec.practitioner_needed, spec.same_practitioner_as) for spec in specs
    )
    rooms = _group_numbers((spec.position, _in_a_room(spec), spec.same_room_as) for spec in specs)
    return Visit(
        phases=tuple(_need(spec, people, rooms) for spec in specs),
        intervals=intervals,
        practitioner_groups=_groups(people, [spec.discipline for spec in specs], specs, intervals),
        room_groups=_groups(rooms, [spec.room_kind for spec in specs], specs, intervals),
        patient_quanta=sum(s.minutes for s in specs if s.patient_present) // QUANTUM_MINUTES,
        quanta=max((offset + length for offset, length in intervals), default=0),
    )


def _in_a_room(spec: PhaseSpec) -> bool:
    return spec.room_kind is not None or spec.same_room_as is not None


def _need(spec: PhaseSpec, people: Mapping[int, int], rooms: Mapping[int, int]) -> PhaseNeed:
    return PhaseNeed(
        key=spec.position,
        minutes=spec.minutes,
        practitioner_group=people.get(spec.position),
        room_group=rooms.get(spec.position),
        patient_present=spec.patient_present,
        kind=spec.kind,
        part=spec.part,
    )


def _group_numbers(phases: Iterable[tuple[int, bool, int | None]]) -> dict[int, int]:
    """Group number by position, from (position, whether it occupies, same as)."""
    numbers: dict[int, int] = {}
    count = 0
    for position, occupies, same_as in phases:
        if same_as is not None:
            if not occupies or same_as not in numbers:
                raise ValueError(f"Phase {position} has nothing to share with phase {same_as}.")
            numbers[position] = numbers[same_as]
        elif occupies:
            numbers[position] = count
            count += 1
    return numbers


def _groups(
    numbers: Mapping[int, int],
    wants: Sequence[str | None],
    specs: Sequence[PhaseSpec],
    intervals: Sequence[Interval],
) -> tuple[Group, ...]:
    count = len(set(numbers.values()))
    occupied: list[list[Interval]] = [[] for _ in range(count)]
    wanted: list[set[str]] = [set() for _ in range(count)]
    for spec, interval, want in zip(specs, intervals, wants, strict=True):
        number = numbers.get(spec.position)
        if number is not None:
            occupied[number].append(interval)
            wanted[number].update([want] if want else [])
    joined = [_joined(one) for one in occupied]
    return tuple(
        Group(frozenset(wanted[number]), joined[number], _clashes(number, joined)) for number in range(count)
    )


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """In order, adjacent ones as one; ValueError if two overlap."""
    joined: list[Interval] = []
    for offset, length in sorted(intervals):
        end_before = sum(joined[-1]) if joined else -1
        if offset < end_before:
            raise ValueError("Two phases at the same minutes share one practitioner or room.")
        if offset == end_before:
            joined[-1] = (joined[-1][0], joined[-1][1] + length)
        else:
            joined.append((offset, length))
    return tuple(joined)


def _clashes(number: int, occupied: Sequence[Sequence[Interval]]) -> frozenset[int]:
    """The other groups that are occupied at some of the same minutes."""
    own = _extent(occupied[number])
    others = (other for other in range(len(occupied)) if other != number)
    return frozenset(other for other in others if own & _extent(occupied[other]))


def _extent(intervals: Iterable[Interval]) -> int:
    """The quanta of the intervals as bits."""
    return reduce(or_, (((1 << length) - 1) << offset for offset, length in intervals), 0)
