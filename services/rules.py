"""What a service must be made of, and what its price is measured against. Minutes throughout."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.money import about
from services.models import PhaseKind

GRID_MINUTES = 5
SHORTEST, LONGEST = 5, 240
LONGEST_VISIT = 12 * 60
ACUPUNCTURE = "acupuncture"
NEEDLED_BY = {PhaseKind.HANDS_ON}
# US dollars for one acupuncture session. Source COST of the evidence catalogue, "Session price range": a market
# statement, undated and local. Outside it a price is kept, with a warning.
ACUPUNCTURE_SESSION_PRICES = (Decimal(50), Decimal(150))


@dataclass(frozen=True)
class Step:
    """A phase as it is typed: `part` counts parts from 1, positions count through the whole service."""

    part: int
    position: int
    kind: str
    minutes: int
    max_minutes: int | None = None
    practitioner_needed: bool = True
    room_kind: object = None
    patient_present: bool = True
    same_practitioner_as: int | None = None
    same_room_as: int | None = None

    @property
    def in_a_room(self):
        return self.room_kind is not None or self.same_room_as is not None


def patient_minutes(phases):
    """How long the patient is there: what they are told."""
    return sum(phase.minutes for phase in phases if phase.patient_present)


def is_acupuncture_session(discipline_key, kinds):
    """Needles stay in: a re-evaluation by an acupuncturist is none."""
    return discipline_key == ACUPUNCTURE and PhaseKind.RETENTION in kinds


def price_warnings(name, amount, *, acupuncture_session):
    """Sentences to show beside a price that is kept all the same."""
    low, high = ACUPUNCTURE_SESSION_PRICES
    if not acupuncture_session or amount is None or low <= amount <= high:
        return []
    text = _(
        "%(name)s at %(amount)s: acupuncture sessions are usually %(low)s to %(high)s. It is saved as typed."
    )
    return [text % {"name": name, "amount": about(amount), "low": about(low), "high": about(high)}]


def reasons_not_to_save_service(part_names, steps):
    """`part_names`: in order; `steps`: in order of their positions, which count from 1."""
    if not part_names:
        return [_("Name at least one part: the share that one discipline delivers.")]
    if not steps:
        return [_("Add at least one step.")]
    reasons = _parts_that_do_not_fit(part_names, steps)
    reasons += [reason for step in steps for reason in _wrong_alone(step)]
    reasons += [reason for step in steps for reason in _wrong_reference(step, {s.position: s for s in steps})]
    positions = [step.position for step in steps]
    if positions != sorted(set(positions)) or positions[0] < 1:
        reasons.append(_("Steps are numbered 1, 2, 3 and so on through the whole service, each number once."))
    if not steps[0].patient_present:
        reasons.append(_("Step 1: the patient is there. Turnover and charting come after."))
    if patient_minutes(steps) > LONGEST_VISIT:
        reasons.append(_("A visit is at most 12 hours long. Shorten the steps."))
    return reasons or _needles(steps) + _taken_twice(steps)


def _parts_that_do_not_fit(part_names, steps):
    numbers = [step.part for step in steps]
    reasons = [
        _("Part %(part)s, %(name)s, has no steps. Add one or leave the part out.")
        % {"part": number, "name": name}
        for number, name in enumerate(part_names, start=1)
        if number not in numbers
    ]
    if any(number > len(part_names) for number in numbers):
        reasons.append(_("A step belongs to a part that has no name. Name the part, or choose another."))
    if numbers != sorted(numbers):
        reasons.append(_("The steps of a part stand together, in the order of the parts."))
    return reasons


def _wrong_alone(step):
    reasons = []
    if step.minutes % GRID_MINUTES or not SHORTEST <= step.minutes <= LONGEST:
        reasons.append(_("use 5 to 240 minutes, in steps of 5"))
    if step.max_minutes is not None and (step.max_minutes < step.minutes or step.max_minutes % GRID_MINUTES):
        reasons.append(_("the longest time is at least the shortest, in steps of 5"))
    if not (step.patient_present or step.practitioner_needed or step.in_a_room):
        reasons.append(_("it occupies nobody: choose a provider, a room or the patient"))
    if step.kind in (PhaseKind.TURNOVER, PhaseKind.CHARTING) and step.patient_present:
        reasons.append(_("the patient is not there for turnover and charting"))
    if step.kind == PhaseKind.RETENTION and (step.practitioner_needed or not step.in_a_room):
        reasons.append(_("with needles in, the patient rests in a room and the provider is free"))
    return [_at(step, reason) for reason in reasons]


def _at(step, reason):
    return _("Step %(step)s: %(reason)s.") % {"step": step.position, "reason": reason}


def _wrong_reference(step, steps):
    reasons = []
    for other, occupied, missing in (
        (step.same_practitioner_as, "practitioner_needed", _("step %(other)s has no provider to share")),
        (step.same_room_as, "in_a_room", _("step %(other)s has no room to share")),
    ):
        if other is None:
            continue
        if other not in steps or other >= step.position:
            reasons.append(
                _("it can share only with an earlier step, not with step %(other)s") % {"other": other}
            )
        elif not getattr(steps[other], occupied):
            reasons.append(missing % {"other": other})
    room = steps.get(step.same_room_as)
    if room and step.room_kind and room.room_kind and step.room_kind != room.room_kind:
        reasons.append(
            _("it shares the room of step %(other)s and asks for another kind") % {"other": room.position}
        )
    if step.same_practitioner_as is not None and not step.practitioner_needed:
        reasons.append(_("it names a provider and needs none"))
    return [_at(step, reason) for reason in reasons]


def _needles(steps):
    """From the first needle to the last one out the room is the same, and somebody takes them out."""
    reasons = []
    rooms = _roots(steps, "same_room_as")
    for number, step in enumerate(steps):
        if step.kind != PhaseKind.RETENTION:
            continue
        before = [
            s
            for s in steps[:number]
            if s.part == step.part and s.kind in NEEDLED_BY and s.practitioner_needed
        ]
        after = [s for s in steps[number + 1 :] if s.part == step.part and s.kind == PhaseKind.REMOVAL]
        if not before:
            reasons.append(
                _at(
                    step,
                    _("needles go in first: put a hands-on step with a provider before it"),
                )
            )
        if not after or not after[0].practitioner_needed:
            reasons.append(
                _at(step, _("needles come out again: put a step “needles out” with a provider after it"))
            )
        with_needles = [*before[-1:], step, *after[:1]]
        if len({rooms.get(s.position) for s in with_needles}) > 1:
            reasons.append(_at(step, _("from the first needle to the last one out the room is the same")))
    return reasons


def _roots(steps, same_as):
    """The first step whose provider or room each step has, by position; steps without one are left out."""
    roots = {}
    for step in steps:
        other = getattr(step, same_as)
        occupied = step.practitioner_needed if same_as == "same_practitioner_as" else step.in_a_room
        if other is not None:
            roots[step.position] = roots.get(other, other)
        elif occupied:
            roots[step.position] = step.position
    return roots


def _taken_twice(steps):
    """Steps that run at the same minutes share no provider and no room."""
    spans, patient_until, end_before = {}, 0, 0
    for step in steps:
        start = patient_until if step.patient_present else end_before
        end_before = start + step.minutes
        patient_until = end_before if step.patient_present else patient_until
        spans[step.position] = (start, end_before)
    reasons = set()
    for same_as in ("same_practitioner_as", "same_room_as"):
        roots = _roots(steps, same_as)
        for first in roots:
            for second in roots:
                overlap = spans[first][0] < spans[second][1] and spans[second][0] < spans[first][1]
                if first < second and roots[first] == roots[second] and overlap:
                    reasons.add((first, second))
    text = _(
        "Steps %(first)s and %(second)s run at the same minutes and share a provider or room. Separate them."
    )
    return [text % {"first": first, "second": second} for first, second in sorted(reasons)]
