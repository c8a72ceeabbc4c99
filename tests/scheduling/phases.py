"""Phases, visits and bits for the tests of layout and search."""

from scheduling.rules.layout import PhaseSpec


def phase(position, kind, minutes, by="acupuncture", room="treatment", part=0, **more):
    """A phase with the patient present; by=None or room=None occupies none."""
    return PhaseSpec(
        part=part,
        position=position,
        kind=kind,
        minutes=minutes,
        discipline=by or "acupuncture",
        practitioner_needed=by is not None,
        room_kind=room,
        patient_present=more.pop("patient", True),
        same_practitioner_as=more.pop("who", None),
        same_room_as=more.pop("where", None),
    )


FOLLOW_UP = [
    phase(0, "hands_on", 15),
    phase(1, "retention", 30, by=None, where=0),
    phase(2, "removal", 5, who=0, where=0),
    phase(3, "rest", 5, by=None, room="lounge"),
    phase(4, "turnover", 5, by=None, where=0, patient=False),
]
INTEGRATED = [
    phase(0, "hands_on", 15),
    phase(1, "retention", 30, by=None, where=0),
    phase(2, "removal", 5, who=0, where=0),
    phase(3, "turnover", 10, by=None, where=0, patient=False),
    phase(4, "adjustment", 15, by="chiropractic", part=1),
    phase(5, "charting", 5, by="chiropractic", room=None, part=1, who=4, patient=False),
]


def bits(*ranges):
    """Set bits of the half-open ranges."""
    return sum(1 << index for begin, end in ranges for index in range(begin, end))
