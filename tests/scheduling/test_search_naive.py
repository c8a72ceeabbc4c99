"""Search and layout against the same questions asked minute by minute."""

from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.rules.grid import set_bits
from scheduling.rules.layout import arrange
from scheduling.rules.search import Preference, Supply, placed, search
from tests.scheduling.phases import phase

QUANTA = 16
KINDS = ["hands_on", "retention", "rest", "turnover", "charting"]


@st.composite
def visits(draw):
    """Two to five phases in any combination that arrange accepts."""
    specs = []
    for position in range(draw(st.integers(2, 5))):
        by = draw(st.sampled_from(["acupuncture", "chiropractic", None]))
        room = draw(st.sampled_from(["treatment", "table", None]))
        people = [one.position for one in specs if one.practitioner_needed]
        rooms = [one.position for one in specs if one.room_kind or one.same_room_as is not None]
        specs.append(
            phase(
                position,
                draw(st.sampled_from(KINDS)),
                draw(st.sampled_from([5, 10])),
                by=by,
                room=room,
                patient=draw(st.booleans()),
                who=draw(st.sampled_from([None, None, *people])) if by else None,
                where=draw(st.sampled_from([None, None, *rooms])),
            )
        )
    return specs


@st.composite
def crowded(draw):
    """Two or three treatments; each is cleaned up or written up while the next goes on."""
    specs = []
    for part in range(draw(st.integers(2, 3))):
        first = 2 * part
        specs.append(phase(first, "hands_on", draw(st.sampled_from([5, 10])), part=part))
        after = draw(st.sampled_from([{"by": None, "where": first}, {"room": None, "who": first}]))
        minutes = draw(st.sampled_from([5, 10, 15]))
        specs.append(phase(first + 1, "after", minutes, part=part, patient=False, **after))
    return specs


quanta = st.sets(st.integers(0, QUANTA - 1), max_size=3)
mostly_free = quanta.map(lambda busy: sum(1 << at for at in range(QUANTA) if at not in busy))


def resources(words):
    """{id: (what it covers, free bits)} of two or three practitioners or rooms."""
    covers = st.sampled_from([set(words), set(words), set(words[:1]), set(words[1:])])
    one = st.tuples(covers, mostly_free)
    return st.integers(2, 3).flatmap(
        lambda count: st.fixed_dictionaries(dict.fromkeys(range(1, count + 1), one))
    )


def supplied(groups, having):
    return [
        {who: free for who, (covers, free) in having.items() if group.wants <= covers} for group in groups
    ]


class Naive:
    """The same questions asked minute by minute and phase by phase."""

    def __init__(self, specs, people, rooms):
        self.specs, self.times = specs, self.minutes(specs)
        self.people = {who: (covers, self.free(held)) for who, (covers, held) in people.items()}
        self.rooms = {who: (covers, self.free(held)) for who, (covers, held) in rooms.items()}

    @staticmethod
    def free(held):
        return {minute for minute in range(QUANTA * 5) if held & 1 << minute // 5}

    @staticmethod
    def minutes(specs):
        """For each phase its minutes after the start, walking the patient through."""
        walked, patient_at, before_ends = [], 0, 0
        for spec in specs:
            begins = patient_at if spec.patient_present else before_ends
            before_ends = begins + spec.minutes
            patient_at = before_ends if spec.patient_present else patient_at
            walked.append(range(begins, before_ends))
        return walked

    def choices(self, having, start, wants, same_as):
        """Every way to give each phase somebody, without anybody being in two places."""
        able = []
        for spec, walked in zip(self.specs, self.times, strict=True):
            if not wants(spec) and same_as(spec) is None:
                able.append([None])
                continue
            when = {start + minute for minute in walked}
            able.append(
                [who for who, (covers, free) in having.items() if when <= free]
                if wants(spec) is None
                else [who for who, (covers, free) in having.items() if wants(spec) in covers and when <= free]
            )
        return [pick for pick in product(*able) if self.holds(pick, same_as)]

    def holds(self, pick, same_as):
        busy = set()
        for spec, who, walked in zip(self.specs, pick, self.times, strict=True):
            if same_as(spec) is not None and pick[same_as(spec)] != who:
                return False
            for minute in walked if who is not None else ():
                if (who, minute) in busy:
                    return False
                busy.add((who, minute))
        return True

    def people_at(self, start):
        return self.choices(
            self.people,
            start,
            lambda spec: spec.discipline if spec.practitioner_needed else None,
            lambda spec: spec.same_practitioner_as,
        )

    def rooms_at(self, start):
        return self.choices(self.rooms, start, lambda spec: spec.room_kind, lambda spec: spec.same_room_as)

    def covered(self, start, held, counts):
        """Whether the bits hold every minute of the phases that count."""
        free = self.free(held)
        return all(
            start + minute in free
            for spec, walked in zip(self.specs, self.times, strict=True)
            if counts(spec)
            for minute in walked
        )


def arranged(specs):
    """The visit, or leave the example out; the refusal has a test of its own."""
    try:
        return arrange(specs)
    except ValueError:
        assume(False)


world = {
    "specs": visits() | crowded(),
    "people": resources(["acupuncture", "chiropractic"]),
    "rooms": resources(["treatment", "table"]),
}


@settings(derandomize=True, deadline=None, max_examples=100)
@given(**world, patient=mostly_free, duty=mostly_free, allowed=mostly_free, require_duty=st.booleans())
def test_options_are_exactly_the_starts_found_minute_by_minute(
    specs, people, rooms, patient, duty, allowed, require_duty
):
    visit, naive = arranged(specs), Naive(specs, people, rooms)
    given_supply = Supply(
        supplied(visit.practitioner_groups, people), supplied(visit.room_groups, rooms), patient, duty
    )
    found = search(visit, given_supply, allowed=allowed, require_duty=require_duty)
    expected = [
        start
        for start in set_bits(allowed)
        if naive.covered(5 * start, patient, lambda spec: spec.patient_present)
        and (not require_duty or naive.covered(5 * start, duty, lambda spec: spec.kind == "retention"))
        and naive.people_at(5 * start)
        and naive.rooms_at(5 * start)
    ]
    assert [option.start for option in found.options()] == expected
    assert set(expected) <= set(set_bits(found.starts))
    for option in found.options():
        laid = placed(visit, option)
        assert tuple(one.practitioner for one in laid) in naive.people_at(5 * option.start)
        assert tuple(one.room for one in laid) in naive.rooms_at(5 * option.start)


def total(visit, picks, free, start, cost, versatility):
    """Cost, leftover and versatility of (group, id) pairs; leftover counted bit by bit."""
    left = 0
    for group, who in picks:
        inside = {start + o + n for o, length in visit[group].intervals for n in range(length)}
        around = set()
        for offset, length in visit[group].intervals:
            for at, step in ((start + offset - 1, -1), (start + offset + length, 1)):
                while at >= 0 and at not in inside and free[who] & 1 << at:
                    around.add(at)
                    at += step
        left += len(around)
    return (
        sum(cost.get(who, 0) for _, who in picks),
        left,
        sum(versatility.get(who, 0) for _, who in picks),
    )


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    **world,
    cost=st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(0, 2)),
    versatility=st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(0, 2)),
)
def test_no_other_choice_is_better(specs, people, rooms, cost, versatility):
    visit, naive = arranged(specs), Naive(specs, people, rooms)
    plenty = (1 << QUANTA) - 1
    given_supply = Supply(
        supplied(visit.practitioner_groups, people), supplied(visit.room_groups, rooms), plenty
    )
    wish = Preference(practitioner_cost=cost, practitioner_versatility=versatility)
    free = {who: held for who, (_, held) in people.items()}
    for option in search(visit, given_supply, allowed=plenty, preference=wish).options(limit=4):
        totals = [
            total(
                visit.practitioner_groups,
                {(need.practitioner_group, who) for need, who in zip(visit.phases, pick, strict=True)}
                - {(None, None)},
                free,
                option.start,
                cost,
                versatility,
            )
            for pick in naive.people_at(5 * option.start)
        ]
        own = list(enumerate(option.practitioners))
        mine = total(visit.practitioner_groups, own, free, option.start, cost, versatility)
        assert mine == min(totals)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(visits())
def test_what_arrange_refuses_could_never_be_booked(specs):
    covers = {"acupuncture", "chiropractic", "treatment", "table"}
    always = dict.fromkeys([1, 2, 3], (covers, (1 << QUANTA) - 1))
    naive = Naive(specs, always, always)
    try:
        visit = arrange(specs)
    except ValueError:
        assert not (naive.people_at(0) and naive.rooms_at(0))
    else:
        assert visit.quanta * 5 == max(walked.stop for walked in naive.times)
