"""A note of the demo as a state: what somebody writes down at one visit of a course. No database."""

from datetime import UTC

from frontdesk.actions.demo.planning import MINUTE
from frontdesk.actions.demo.rows import random_id
from scheduling.models import What
from treatment.rules.picking import needles_of
from treatment.rules.state import CHILDREN, empty_state, fresh

FELT = ["very relaxed", "relaxed", "less pain", "more movement", "tired"]
SENSATIONS = ["heaviness", "soreness", "spreading", "warmth", "tingling"]


class Teller:
    """`points` are those of the catalogue by code; `boxes` {size: box in use}; `rng` gives ids and small things."""

    def __init__(self, points, boxes, rng):
        self.points, self.boxes, self.rng = points, boxes, rng

    def child(self, of, /, **values):
        empty = {name: fresh(asked.empty) for name, asked in CHILDREN[of].items()}
        return {"id": str(random_id(self.rng)), **empty, **values}

    def tell(self, come, half, *, by, at, facts):
        """The finished note. `facts`: {what: when} of the visit's part; `at`: when it was written."""
        state = self.said(come, half)
        if come.course.needles is half:
            self.needle(state, half, come.number, facts, done=True)
            self.count_out(state, by=by, at=at)
            stamp_taps(state, by=by, at=at)
        else:
            self.adjust(state, come, half)
        state["felt"] = "nothing"
        state["response_words"] = self.rng.choice(FELT)
        return state

    def said(self, come, half):
        """What every note of the course has: said, assessed, advice."""
        number = come.number
        pains = come.course.pains
        after = {"better": "Easier until the weekend.", "same": "No lasting change."}
        change = "" if number == 0 else "better" if pains[number] < pains[number - 1] else "same"
        return {
            **empty_state(),
            "said_pain_now": pains[number],
            "said_change": change,
            "said_after": after.get(change, ""),
            "said_words": nth(half.said, number),
            "found_palpation": nth(half.palpation, number),
            "codes": list(half.codes),
            "advice": {"texts": [aftercare(come, half)], "words": half.advice},
            "next_time": half.next_time,
            "progress": "" if number < 2 else "As planned; fewer visits from next month.",
        }

    def needle(self, state, half, number, facts, *, done):
        """Needles in, and out again if `done`."""
        state["pattern"] = half.pattern
        state["found_tongue"] = {"picks": list(half.tongue), "words": ""}
        state["found_pulse"] = {"picks": list(half.pulse), "words": ""}
        box = self.boxes.get(half.size)
        of = self.child(
            "sets",
            size=half.size,
            lot=box.lot if box else "",
            expires_on=box.expires_on.isoformat() if box else None,
            box=str(box.pk) if box else None,
            retention_minutes=half.minutes,
            started_at=stamp(facts.get(What.FIRST_NEEDLE)),
            ended_at=stamp(facts.get(What.NEEDLES_OUT)) if done else None,
        )
        state["sets"] = [of]
        # A first visit goes in with fewer needles.
        points = half.points[:6] if number == 0 else half.points
        state["needlings"] = [self.needling(needle, of["id"]) for needle in points]
        if done and half.adjunct:
            modality, minutes, area, side = half.adjunct
            state["adjuncts"] = [
                self.child("adjuncts", modality=modality, minutes=minutes, area=area, side=side)
            ]

    def needling(self, needle, of):
        point = self.points.get(needle.code)
        return self.child(
            "needlings",
            needle_set=of,
            kind="point" if point else "ashi",
            code=needle.code,
            place=needle.place,
            region=point.region if point else needle.region,
            side=needle.side,
            view="" if point else needle.view,
            x=None if point else needle.x,
            y=None if point else needle.y,
            needles_in=needle.count or (2 if needle.side == "both" else 1),
            depth_mm=float(needle.depth),
            angle=needle.angle or "perpendicular",
            techniques=list(needle.techniques),
            stimulation="electrical" if needle.hz else "manual" if needle.techniques else "",
            hz=needle.hz,
            sensations=[self.rng.choice(SENSATIONS)] if self.rng.random() < 0.4 else [],
        )

    def count_out(self, state, *, by, at):
        placed = needles_of(state).missing
        state["counts"] = [
            {
                **self.child("counts", region=spot.region, side=spot.side, out=number),
                "at": stamp(at),
                "by": by,
            }
            for spot, number in placed.items()
        ]

    def adjust(self, state, come, half):
        """Findings by segment and in degrees, and what was adjusted."""
        number, of = come.number, len(come.course.pains)
        if number == 0:
            state["vitals"] = [
                self.child("vitals", systolic=self.rng.randint(112, 138), diastolic=self.rng.randint(70, 86))
            ]
        state["segments"] = [
            self.child(
                "segments", segment=segment, listings=[listing] if listing else [], side=side,
                movement=movement, tender=tender and number < of - 1,
            )
            for segment, listing, side, movement, tender in half.segments
        ]  # fmt: skip
        state["regions"] = [
            self.child(
                "regions", region=half.region, motion=motion, degrees=between(first, last, number, of),
                tone=half.tone if number < 3 else "", tenderness=half.tenderness if number < 4 else "",
                trigger_points=half.trigger_points if number < 2 else "",
            )
            for motion, (first, last) in half.motions.items()
        ]  # fmt: skip
        state["adjustments"] = [
            self.child(
                "adjustments", segment=segment, side=side, listing=listing, technique=technique,
                modality=modality, response="moves freely" if number else "moves a little",
            )
            for segment, side, listing, technique, modality in half.adjusted
        ]  # fmt: skip


def stamp_taps(state, *, by, at):
    """Clean technique and the sharps box, each tapped by the author."""
    for tap in ("clean_technique", "sharps_box"):
        state[tap], state[f"{tap}_at"], state[f"{tap}_by"] = True, stamp(at), by


def aftercare(come, half):
    return "aftercare_acupuncture" if come.course.needles is half else "aftercare_adjustment"


def nth(texts, number):
    return texts[min(number, len(texts) - 1)]


def between(first, last, number, of):
    """Even steps from the first visit to the last."""
    return round(first + (last - first) * number / max(1, of - 1))


def stamp(at):
    return at.astimezone(UTC).isoformat() if at else None


def facts_of_part(plan, position):
    """{what: when} of one part of a visit, and of the visit as a whole."""
    phases = {phase.position for phase in plan.phases if phase.part == position}
    return {fact.what: fact.at for fact in plan.facts if fact.phase in phases or fact.phase is None}


def written_at(plan):
    """A few minutes after the patient left."""
    return (plan.left_at or plan.ends_at) + 6 * MINUTE
