"""The days around: what has been in the past two weeks, and what is booked for the next six."""

from datetime import timedelta

from frontdesk.actions.demo.planning import MINUTE, happen
from scheduling.models import PartStatus, Status
from scheduling.rules.grid import QUANTUM, set_bits

PAST_DAYS, FUTURE_DAYS = 14, 42
# Share of a practitioner's hours that is booked: nearly two thirds soon, less the further away.
FULL, FAR = 0.5, 0.12
# discipline: what its practitioners are booked for, and how often.
MIX = {
    "acupuncture": [
        ("acupuncture_follow_up", 12),
        ("acupuncture_adjustment", 4),
        ("acupuncture_first", 2),
        ("re_evaluation_acupuncture", 1),
    ],
    "chiropractic": [
        ("adjustment", 12),
        ("chiropractic_first", 2),
        ("adjustment_acupuncture", 2),
        ("re_evaluation_chiropractic", 1),
    ],
    "massage": [("massage", 5)],
    "stretching": [("stretching", 1)],
    "nutrition": [("nutrition", 1)],
}
REST_DAYS = 2  # between two visits of one person
CANCELED = ["ill", "work came up", "found another time", "no longer needed"]
STEP = 3  # quanta: visits begin on the quarter hour


class Attendance:
    """Who came when: nobody twice a day, and a first visit first."""

    def __init__(self, people, rng):
        self.people, self.rng, self.last = people, rng, {}

    def choose(self, at, date, *, first_visit, gender, practitioner):
        """A patient of the location for this practitioner that day, or None."""
        if first_visit:
            waiting = self.people.newcomers[at]
            return waiting[0] if waiting else None
        for _attempt in range(8):
            row = self.rng.choice(self.people.regulars[at])
            if abs((date - self.last.get(row.pk, date - timedelta(days=99))).days) < REST_DAYS:
                continue
            if row.prefers_gender and row.prefers_gender != gender:
                continue
            return row
        return None

    def came(self, row, at, date):
        self.last[row.pk] = date
        if row in self.people.newcomers[at]:
            self.people.newcomers[at].remove(row)
            self.people.regulars[at].append(row)


def fill(day, attendance, *, share, allowed=-1):
    """Plans for one day: each practitioner's hours from morning to evening. `allowed`: bits of starts."""
    plans = []
    for practitioner in sorted(day.world.working):
        bits = list(set_bits(day.world.working[practitioner]))
        keys = services_of(day, practitioner)
        cursor = bits[0]
        while keys and cursor < bits[-1]:
            cursor += -cursor % STEP
            plan = None
            if allowed >> cursor & 1:
                plan = book_one(day, attendance, day.rng.choice(keys), cursor, practitioner)
            if plan is None:
                cursor += STEP
                continue
            plans.append(plan)
            cursor += next_gap(day, plan, practitioner, share)
    return plans


def services_of(day, practitioner):
    """Keys of what this practitioner may be booked for that day, as often as it should come."""
    names = {
        part.discipline_id: part.discipline.key
        for parts in day.catalog.parts.values()
        for part in parts.values()
    }
    return [
        key
        for discipline, name in sorted(names.items())
        if day.world.may_treat(practitioner, discipline) & day.world.working[practitioner]
        for key, weight in MIX[name]
        for _time in range(weight)
    ]


def book_one(day, attendance, key, quantum, practitioner):
    at, name = day.at(quantum), day.location.name
    service = day.catalog.services[key]
    patient = attendance.choose(
        name,
        day.date,
        first_visit=service.first_visit,
        gender=day.world.cover.people[practitioner].gender,
        practitioner=practitioner,
    )
    if patient is None:
        return None
    found = day.find(key, at, patient, practitioner=practitioner)
    if found is None or practitioner not in found.practitioners:
        return None
    attendance.came(patient, name, day.date)
    return day.plan(key, found, patient, created_at=booked_at(day, at, patient))


def booked_at(day, at, patient):
    """Some days before the visit, and before the moment of loading."""
    ahead = timedelta(days=day.rng.randint(1, 28), minutes=day.rng.randint(0, 600))
    return max(min(at - ahead, day.now - 25 * MINUTE), patient.registered_at)


def next_gap(day, plan, practitioner, share):
    """Quanta to the next visit: the hands that are needed first, and a gap that leaves the share."""
    hands = sum(
        phase.minutes
        for phase in plan.phases
        if phase.practitioner == practitioner and phase.kind != "removal"
    )
    gap = day.rng.expovariate(share / (hands * (1 - share)))
    return max(1, round((hands + min(gap, 180)) / (QUANTUM / MINUTE)))


def share_of(days_ahead):
    if days_ahead <= 7:
        return FULL
    return FULL - (FULL - FAR) * (days_ahead - 7) / (FUTURE_DAYS - 7)


def end_past(plan, rng):
    """How a visit of the past ended."""
    dice = rng.random()
    if dice < 0.06:
        return end(
            plan, Status.CANCELLED, rng.choice(CANCELED), plan.starts_at - rng.randint(3, 40) * 60 * MINUTE
        )
    if dice < 0.1:
        return end(plan, Status.NO_SHOW, "did not come", plan.starts_at + 20 * MINUTE)
    drift = timedelta(seconds=rng.randint(-60, 200))
    happen(plan, until=plan.ends_at + timedelta(hours=1), early=rng.randint(2, 14) * MINUTE, drift=drift)
    if len({phase.part for phase in plan.phases}) == 2 and rng.random() < 0.08:
        leave_out_second(plan, "no time")
    return plan


def end(plan, status, reason, at):
    plan.status, plan.ended_reason, plan.ended_at = status, reason, max(at, plan.created_at + MINUTE)
    plan.facts, plan.parts = [], {}
    return plan


def leave_out_second(plan, reason):
    """Close the second part as not done: the patient leaves after the first."""
    positions = {phase.position for phase in plan.phases if phase.part == 2}
    left = max(phase.ends_at for phase in plan.phases if phase.part == 1 and phase.patient_present)
    plan.parts[2] = (PartStatus.NOT_DONE, reason)
    plan.facts = [fact for fact in plan.facts if fact.phase not in positions]
    plan.facts[-1].at = max(left, plan.facts[-2].at + MINUTE)


def promise_future(plan, rng, now):
    """What is known of a visit to come: confirmed or not, now and then canceled."""
    if rng.random() < 0.04:
        return end(plan, Status.CANCELLED, rng.choice(CANCELED), plan.created_at + 60 * MINUTE)
    if plan.starts_at - now < timedelta(days=3) and rng.random() < 0.75:
        plan.confirmed_at = max(plan.created_at, now - timedelta(hours=rng.randint(1, 30)))
    return plan
