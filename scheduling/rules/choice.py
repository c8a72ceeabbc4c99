"""With whom and where: one candidate for each group of a visit.

Practitioners and rooms are chosen by the same code, each in a Pool of their own, because a
practitioner never stands in the way of a room.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from scheduling.rules.grid import free_runs
from scheduling.rules.layout import Group, Interval

EVERY_START = -1  # a Python integer with all bits set, however many there are

Score = tuple[int, int, int]  # preference cost, leftover quanta, versatility: less is better
Ranking = list[tuple[Score, int]]  # candidates by id, best first
NOTHING: Score = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates for all groups of one sort; made by pool().

    free, fits: for each group, {id: free bits} and {id: starts at which it is free for all
    of the group's intervals}. clusters: groups that clash, directly or through others, and
    so are chosen together. cost, versatility: by id, 0 for whoever is not named.
    """

    groups: tuple[Group, ...]
    clusters: list[list[int]]
    free: Sequence[Mapping[int, int]]
    fits: Sequence[Mapping[int, int]]
    cost: Mapping[int, int]
    versatility: Mapping[int, int]

    def choose(self, start: int) -> tuple[int, ...] | None:
        """One id for each group; None if and only if no choice avoids a clash.

        The choice has the least cost; then it leaves the least free time right before and
        after, so that long gaps stay whole; then it is the least versatile (all three
        summed over the groups); then the lowest id.
        """
        rankings = [self._ranking(number, start) for number in range(len(self.groups))]
        if not all(rankings):
            return None
        chosen: dict[int, int] = {}
        for cluster in self.clusters:
            best = _cheapest(cluster, self.groups, rankings)
            if best is None:
                return None
            chosen |= best
        return tuple(chosen[number] for number in range(len(self.groups)))

    def _ranking(self, number: int, start: int) -> Ranking:
        able = [who for who, bits in self.fits[number].items() if bits >> start & 1]
        if len(able) == 1:  # nothing to compare it with
            return [(NOTHING, able[0])]
        return sorted((self._score(number, who, start), who) for who in able)

    def _score(self, number: int, who: int, start: int) -> Score:
        left = leftover(self.groups[number].intervals, self.free[number][who], start)
        return self.cost.get(who, 0), left, self.versatility.get(who, 0)


def pool(
    groups: tuple[Group, ...],
    free: Sequence[Mapping[int, int]],
    *,
    cost: Mapping[int, int],
    versatility: Mapping[int, int],
) -> Pool:
    """ValueError unless there is one mapping {id: free bits} for each group."""
    fits = [
        {who: fit(group.intervals, bits) for who, bits in candidates.items()}
        for group, candidates in zip(groups, free, strict=True)
    ]
    return Pool(groups, _clusters(groups), free, fits, cost, versatility)


def fit(intervals: Iterable[Interval], free: int) -> int:
    """The starts at which the free bits cover all the intervals."""
    runs = (free_runs(free, length) >> offset for offset, length in intervals)
    return reduce(and_, runs, EVERY_START)


def leftover(intervals: Sequence[Interval], free: int, start: int) -> int:
    """Free quanta right before and right after the intervals, each gap counted once.

    The intervals are free, in order and not adjacent.
    """
    total = end_before = 0
    for offset, length in intervals:
        begin = start + offset
        end = begin + length
        gap_begin = (~free & ((1 << begin) - 1)).bit_length()
        if gap_begin >= end_before:
            total += begin - gap_begin
        else:  # free since the interval before, which has counted up to the end of this run
            total -= _run(free, begin)
        total += _run(free, end)
        end_before = end
    return total


def _run(free: int, index: int) -> int:
    """How many set bits follow one another from the index on."""
    busy = ~(free >> index)
    return (busy & -busy).bit_length() - 1


def _clusters(groups: Sequence[Group]) -> list[list[int]]:
    clusters: list[list[int]] = []
    for number, group in enumerate(groups):
        touched = [one for one in clusters if group.clashes.intersection(one)]
        clusters = [one for one in clusters if one not in touched]
        clusters.append(sorted(sum(touched, [number])))
    return clusters


def _cheapest(
    cluster: Sequence[int], groups: Sequence[Group], rankings: Sequence[Ranking]
) -> dict[int, int] | None:
    """Branch and bound: the choice of least total score without a clash, by group."""
    floors = [rankings[number][0][0] for number in cluster]
    best: dict[int, int] | None = None
    least = NOTHING

    def place(depth: int, spent: Score, taken: dict[int, int]) -> None:
        nonlocal best, least
        if depth == len(cluster):
            best, least = taken, spent
            return
        number = cluster[depth]
        for score, who in rankings[number]:
            now = _total([spent, score])
            if best is not None and _total([now, *floors[depth + 1 :]]) >= least:
                return  # the ranking ascends, so nobody further on does better
            if all(taken.get(other) != who for other in groups[number].clashes):
                place(depth + 1, now, {**taken, number: who})

    place(0, NOTHING, {})
    return best


def _total(scores: Iterable[Score]) -> Score:
    """Field by field; the order of scores (cost before leftover) survives the addition."""
    costs, leftovers, versatilities = zip(*scores, strict=True)
    return sum(costs), sum(leftovers), sum(versatilities)
