"""What is asked before a thrust to the neck: the day’s screen, and the blood pressure where it may tell something.

It speaks like a safety rule that asks for a reason: what was done can always be recorded. No database, no clock.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

from treatment.rules.against import Spoken
from treatment.rules.state import Problem

NECK_THRUST = "cervical_hvla"
SCREEN, PRESSURE = "before:neck_screen", "before:blood_pressure"
SEVERITY = "relative"
NECK = "neck"  # the subject: one answer holds for every segment of the neck


class Before(NamedTuple):
    """`screened`: the neck was asked about that day. `why_pressure`: why to measure it, or "". `measured`: it was."""

    screened: bool
    why_pressure: str
    measured: bool


def why_pressure(*, first_visit, re_evaluation, positive):
    """Why the blood pressure is asked for, in words; "" where nothing asks for it."""
    if first_visit:
        return _("first visit")
    if re_evaluation:
        return _("re-evaluation")
    return _("a red flag is open") if positive else ""


def has_neck_thrust(chosen):
    return any(one.choice.modality == NECK_THRUST for one in chosen)


def spoken_before(before):
    """[Spoken] about a neck thrust that was chosen."""
    found = []
    if not before.screened:
        found.append(
            asks(
                SCREEN,
                _("No neck screen today."),
                _(
                    "Ask before the thrust: headache or neck pain like never before, dizziness, vision, speech."
                ),
            )
        )
    if before.why_pressure and not before.measured:
        found.append(
            asks(
                PRESSURE,
                _("Blood pressure not measured: %(why)s.") % {"why": before.why_pressure},
                _("It is measured before a neck thrust, and written down with both numbers."),
            )
        )
    return found


def asks(rule, says, why):
    return Spoken(
        child="",
        subject=NECK,
        rule=rule,
        severity=SEVERITY,
        action="override_with_reason",
        says=says,
        why=why,
        source=_("Clinic default"),
        asks_where=False,
    )


def half_measured(state):
    """Whether a blood pressure has one number only."""
    return any(None in (row["systolic"], row["diastolic"]) for row in state["vitals"])


def half_pressures(state):
    """Problems of a blood pressure with one number: it is kept as it is, and said."""
    return [
        Problem(f"vitals/{row['id']}/{name}", both_numbers())
        for row in state["vitals"]
        for name in ("systolic", "diastolic")
        if row[name] is None
    ]


def both_numbers():
    return _("Write both numbers of the blood pressure, or take it out.")
