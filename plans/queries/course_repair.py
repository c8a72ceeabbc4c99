"""A booked course that cannot stay as it is: at most three ways on, the one with the fewest changes first."""

from dataclasses import dataclass, replace

from clinic import walltime
from plans.models import Plan
from plans.queries.course import Given, Proposal, Wanted, load, propose, spot_of
from plans.queries.course_shown import carrying
from plans.queries.progress import of_plans
from plans.rules.course.values import Spot
from plans.rules.progress import COMING
from scheduling.models import VisitPhase
from scheduling.queries.candidates import names_in
from scheduling.rules import sentences

MOST = 3
ILL, AWAY, PACE = "ill", "away", "pace"


@dataclass(frozen=True, slots=True)
class Way:
    """One way on. `changes`: {number of the visit: (was, Offer)} of those that move."""

    proposal: Proposal
    changes: dict[int, tuple]


@dataclass(frozen=True, slots=True)
class Standing:
    """The visits still to come: {number: appointment id}, and where each of them is now."""

    given: Given
    ids: dict[int, object]
    was: dict[int, Spot]

    @property
    def touched(self):
        """Numbers of visits that cannot stay: somebody who treats is not there any more."""
        service = {one.number: one.service for one in self.given.visits}
        return {
            number
            for number, spot in self.was.items()
            if self.given.tables[service[number]].cost_at(spot.start, spot.people) is None
        }


def standing(plan, wanted, *, now):
    """What is booked and still to come. The day of today's visits is not touched."""
    today = walltime.local(now, plan.location.tz).date()
    numbered = of_plans(Plan.objects.filter(pk=plan.pk), today)[0].visits
    coming = {one.number: one for one in numbered if one.state == COMING and one.on > today}
    ids = {number: one.appointment for number, one in coming.items()}
    given = load(plan, wanted, now=now, numbers=set(coming), ignoring=list(ids.values()))
    people = people_of(given, ids)
    was = {n: spot_of(given, one.starts_at, people[n]) for n, one in coming.items()}
    return Standing(given, ids, {n: spot for n, spot in was.items() if spot})


def people_of(given, ids):
    """{number: who treats, group by group of the service as it is now}. One statement."""
    number_of, found = {pk: number for number, pk in ids.items()}, {number: {} for number in ids}
    for phase in VisitPhase.objects.filter(visitpart__appointment__in=ids.values()).select_related(
        "visitpart"
    ):
        found[number_of[phase.visitpart.appointment_id]][phase.position] = phase.practitioner_id
    service = {one.number: one.service for one in given.visits}
    return {
        number: tuple(by_group(given.tables[service[number]].visit, phases))
        for number, phases in found.items()
    }


def by_group(visit, phases):
    for group in range(len(visit.practitioner_groups)):
        position = next(one.key for one in visit.phases if one.practitioner_group == group)
        yield phases.get(position) or 0


def ways(plan, reason, until, *, now):
    """(Standing, [Way]): at most three, each whole, with the fewest changes first; none where nothing has to change."""
    today = walltime.local(now, plan.location.tz).date()
    wanted = Wanted(starts=today)
    if reason == ILL:
        wanted = replace(wanted, away_from=today, away_until=until)
    stand = standing(plan, wanted, now=now)
    if not stand.was:
        return stand, []
    found = whole_ways(stand, attempts(stand, wanted, reason))
    if not found:  # distances give way last
        wider = [(replace(one, wider=True), was) for one, was in attempts(stand, wanted, reason)]
        found = whole_ways(stand, wider)
    return stand, found[:MOST]


def whole_ways(stand, tries):
    """Those in which every visit has a place and something moves, each once, the fewest changes first."""
    found = {}
    for wanted, was in tries:
        proposal = propose(stand.given, wanted, was=was)
        changes = changes_of(stand, proposal)
        if proposal.whole and changes:
            found.setdefault(tuple(sorted(proposal.spots.items())), Way(proposal, changes))
    return sorted(found.values(), key=lambda way: len(way.changes))


def attempts(stand, wanted, reason):
    """[(wishes, visits that stay if they can)]: the fewest changes; all anew from the first that has to change; the
    same people at other times."""
    first = min(stand.was)
    if reason == PACE:
        anew = replace(wanted, starts=stand.given.today)
        keep_next = {first: stand.was[first]}
        return [(anew, {}), (anew, keep_next)]
    hit = stand.touched if reason == AWAY else days_hit(stand, wanted)
    if not hit:
        return []
    before = {number: spot for number, spot in stand.was.items() if number < min(hit)}
    same = replace(wanted, people=people_now(stand))
    return [(wanted, stand.was), (same if reason == AWAY else wanted, before), (same, stand.was)]


def days_hit(stand, wanted):
    away = {stand.given.horizon.number(day) for day in wanted.away}
    return {number for number, spot in stand.was.items() if spot.day in away}


def people_now(stand):
    """{discipline: who treats it at the first visit to come}."""
    first = min(stand.was)
    service = next(one.service for one in stand.given.visits if one.number == first)
    treating = stand.given.tables[service].treating
    return {
        discipline: who
        for wants, who in zip(treating, stand.was[first].people, strict=True)
        for discipline in wants
    }


def changes_of(stand, proposal):
    return {
        number: (stand.was[number], proposal.offers[number])
        for number, spot in proposal.spots.items()
        if number in stand.was and spot != stand.was[number]
    }


def shown(stand, found):
    """[(how many visits move, [(number, was, then, how a form carries it)])]."""
    names, zone, grid = names_in(stand.given.world), stand.given.zone, stand.given.world.grid
    return [
        [
            {
                "number": number,
                "was": sentences.day_and_clock(grid.instant(was.start), zone),
                "then": sentences.day_and_clock(offer.starts_at, zone),
                "who": sentences.people(offer.phases, names),
                "carried": carrying(offer),
            }
            for number, (was, offer) in way.changes.items()
        ]
        for way in found
    ]
