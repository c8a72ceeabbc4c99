"""Which purchase or authorization a part of a visit draws on, and what has to be written for it.

Pure: what stands and what is left comes in, the rows to write come out. Asked twice, the second answer is empty.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

AUTHORIZATION, PURCHASE = "authorization", "purchase"
EXPIRED, REFUNDED = "expired", "refunded"


class Wanted(StrEnum):
    """What should stand for one part."""

    NOTHING = "nothing"
    RESERVED = "reserved"
    CONSUMED = "consumed"


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of a visit. `on` is the visit's day on the wall; `kept` is whether the patient came for it.

    What is used up without being kept (a late cancellation, a missed visit) is a package visit that was
    reserved for it: an insurer pays for parts that were done, and nobody is charged for what was never set aside.
    `other`: of a visit of the same person that nobody changed; it takes what became free.
    """

    visitpart: UUID
    kind_of_care: int | None
    discipline: int
    on: date
    wanted: Wanted = Wanted.RESERVED
    kept: bool = True
    other: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A purchase or an authorization with what is available of it. `left`: visits by kind of care.

    An authorization counts visits of one `discipline`, whatever their kind: its `left` has one entry, under None.
    `closed`: withdrawn or refunded; nothing new is taken from it. `zone`: of the location that sold it.
    """

    id: UUID
    type: str
    first: date
    last: date
    left: dict[int | None, int] = field(default_factory=dict)
    discipline: int | None = None
    closed: bool = False
    name: str = ""
    granted: dict[int | None, int] = field(default_factory=dict)
    zone: str = ""

    def pot(self, part):
        """Under which key of `left` the part counts."""
        return None if self.type == AUTHORIZATION else part.kind_of_care

    def is_for(self, part):
        if self.type == AUTHORIZATION:
            return self.discipline == part.discipline
        return part.kind_of_care is not None and part.kind_of_care in self.left

    def is_valid(self, day):
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry of a part that nothing reverses: `kind` is reserved, consumed or expired."""

    id: UUID
    visitpart: UUID
    source: UUID
    type: str
    kind: str
    kind_of_care: int | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One entry to insert: `reverses` for what is given back, else the part's new state, or how it left."""

    kind: str
    source: UUID
    type: str
    visitpart: UUID
    kind_of_care: int | None
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """What one part draws on, or None. `beyond`: then, an authorization of its discipline, used up or out of dates.

    `lost`: the part had a source and has none now.
    """

    source: Source | None
    beyond: Source | None = None
    lost: bool = False


def choose(sources, part):
    """An authorization of the discipline that is valid that day first, then the purchase that ends soonest."""
    usable = [
        one
        for one in sources
        if not one.closed
        and one.is_for(part)
        and one.is_valid(part.on)
        and one.left.get(one.pot(part), 0) > 0
    ]
    return min(usable, key=preference, default=None)


def preference(source):
    return source.type != AUTHORIZATION, source.last, source.first, source.id


def beyond(sources, part):
    """An authorization of the discipline, which is used up or out of dates; of several the one that ends last."""
    of_discipline = [one for one in sources if one.type == AUTHORIZATION and one.is_for(part)]
    return max(of_discipline, key=lambda one: (one.last, one.first, one.id), default=None)


class Plan:
    """The difference between what stands and what is wanted. `writes` in order, `covered` by part.

    `over`: {purchase: "expired" or "refunded"} of those that have ended. `lent`: somebody else's, which parts drew
    on while the records were one: they give back to it and take nothing more.
    """

    def __init__(self, sources: Iterable[Source], over=None, lent: Iterable[Source] = ()):
        self.sources = {one.id: replace(one, left=dict(one.left)) for one in sources}
        self.lent = {one.id: replace(one, left=dict(one.left)) for one in lent}
        self.over = over or {}
        self.writes: list[Write] = []
        self.covered: dict[UUID, Covered] = {}

    def give_back(self, standing):
        self.writes.append(
            Write(
                "released",
                standing.source,
                standing.type,
                standing.visitpart,
                standing.kind_of_care,
                reverses=standing.id,
            )
        )
        self.change(standing, +1)

    def leave_with(self, standing):
        """It was given back only to see whether another part has the better claim; none has."""
        self.writes = [one for one in self.writes if one.reverses != standing.id]
        self.change(standing, -1)
        self.covered[standing.visitpart] = Covered(self.sources[standing.source])

    def change(self, standing, number):
        source = self.sources.get(standing.source) or self.lent.get(standing.source)
        if source is not None:
            pot = None if source.type == AUTHORIZATION else standing.kind_of_care
            source.left[pot] = source.left.get(pot, 0) + number

    def take(self, part, source):
        self.writes.append(Write(str(part.wanted), source.id, source.type, part.visitpart, part.kind_of_care))
        source.left[source.pot(part)] -= 1
        self.covered[part.visitpart] = Covered(source)

    def leave_what_is_over(self):
        """What came back to a purchase that has ended, and that nobody took, leaves it the way the rest did."""
        taken = {(one.source, one.visitpart) for one in self.writes if not one.reverses}
        back = [one for one in self.writes if one.reverses and (one.source, one.visitpart) not in taken]
        for one in back:
            source = self.sources.get(one.source) or self.lent.get(one.source)
            if source is None or source.id not in self.over:
                continue
            if source.left.get(one.kind_of_care, 0) > 0:
                source.left[one.kind_of_care] -= 1
                kind = self.over[source.id]
                self.writes.append(Write(kind, source.id, source.type, one.visitpart, one.kind_of_care))


def way_out(source, today):
    """How what is left of a purchase goes once it has ended: refunded, or expired. None before, and for approvals.

    An approval keeps what nobody may take any more: it is the insurer's, and no money of the patient's.
    """
    if source.type == AUTHORIZATION:
        return None
    if source.closed:
        return REFUNDED
    return EXPIRED if source.last < today else None


def plan(sources, standing, parts, *, over=None, undone=None, lent=()):
    """A Plan for parts with all that stands for them. Parts that have a source are settled first, so that what
    they give back is there for the others; those follow by day, in the order they came.

    `undone`: when the change was made that is taken back; what other visits drew then they leave to those it was
    taken from.
    """
    made, of_part, gone = Plan(sources, over, lent), defaultdict(list), defaultdict(list)
    for one in standing:
        (gone if one.kind == EXPIRED else of_part)[one.visitpart].append(one)
    open_ones, yielding = [], []
    for part in parts:
        if yields(made, part, of_part[part.visitpart], undone):
            made.give_back(of_part[part.visitpart][0])
            yielding.append(part)
        elif not keep(made, part, of_part[part.visitpart]):
            open_ones.append(part)
    for part in sorted(open_ones, key=lambda one: one.on):
        draw(made, part, gone[part.visitpart], had=bool(of_part[part.visitpart]))
    for part in sorted(yielding, key=lambda one: one.on):
        (own,) = of_part[part.visitpart]
        source = made.sources[own.source]
        if source.left[source.pot(part)] > 0:
            made.leave_with(own)
        else:
            draw(made, part, [], had=True)
    made.leave_what_is_over()
    return made


def yields(made, part, standing, undone):
    """Whether a part of another visit holds what it drew when the change was made that is now taken back."""
    drawn_then = [(one.kind, one.at) for one in standing] == [(Wanted.RESERVED, undone)]
    return part.other and undone is not None and drawn_then and keeps(made, part, standing[0])


def draw(made, part, gone, *, had):
    """A part that has no source takes one. `gone`: what it gave back to an expired package, which is its own again.

    Of a refunded package nothing comes again: its money was promised.
    """
    if may_take_anew(part):
        again = next((one for one in gone if keeps(made, part, one)), None)
        if again and not made.sources[again.source].closed:
            made.give_back(again)
            return made.take(part, made.sources[again.source])
        source = choose(made.sources.values(), part)
        if source is not None:
            return made.take(part, source)
    wanting = part.wanted == Wanted.RESERVED
    made.covered[part.visitpart] = Covered(
        None,
        beyond(made.sources.values(), part) if wanting else None,
        lost=wanting and had,
    )
    return None


def may_take_anew(part):
    return part.wanted == Wanted.RESERVED or (part.wanted == Wanted.CONSUMED and part.kept)


def keep(made, part, standing):
    """Whether the part stays with the source it has; what it does not keep is given back here.

    What is used up stays used up, even where the dates of its source were changed since.
    """
    kept = next((one for one in standing if keeps(made, part, one)), None)
    for one in standing:
        if one is not kept:
            made.give_back(one)
    if kept is None:
        return False
    source = made.sources.get(kept.source)
    if kept.kind == part.wanted:
        made.covered[part.visitpart] = Covered(source)
    else:
        made.give_back(kept)
        made.take(part, source)
    return True


def keeps(made, part, one):
    if part.wanted == Wanted.NOTHING:
        return False
    if part.wanted == Wanted.CONSUMED and not part.kept and one.type == AUTHORIZATION:
        return False
    if one.kind == part.wanted == Wanted.CONSUMED:
        return True
    source = made.sources.get(one.source)
    if source is None or not source.is_for(part):
        return False
    withdrawn = source.closed and source.type == AUTHORIZATION
    return source.is_valid(part.on) and not withdrawn
