"""What the safety rules say about a draft, or about a choice not made yet."""

from django.utils import timezone
from django.utils.translation import gettext as _

from acupoints.queries import catalogue, safety_rules
from acupoints.rules.safety import closed_by_flags, speak
from clinic.refusal import Refused
from clinic.walltime import local
from intake.queries.facts import facts_of
from intake.queries.flags import blocked_modalities
from treatment.queries.stock import may_override_absolute
from treatment.queries.thrusting import before_thrust
from treatment.rules.against import Spoken, is_answered
from treatment.rules.choices import FLAG, choices_asked, chosen_in
from treatment.rules.thrusting import has_neck_thrust, spoken_before


def spoken_about(note, state):
    """[Spoken] about everything in a draft; no statement where nothing was chosen, nine otherwise; more
    for a thrust to the neck."""
    chosen = chosen_in(state)
    return said_of(note, chosen) if chosen else []


def said_of(note, chosen):
    now = timezone.now()
    today = local(now, note.location.tz).date() if note.location else now.date()
    facts, rules, points = facts_of(note.patient, today), safety_rules(), catalogue()
    blocked = blocked_modalities(note.patient, today)
    found = []
    if has_neck_thrust(chosen):
        found += spoken_before(before_thrust(note))
    for one in chosen:
        if closed_by_flags(one.choice, blocked):
            found.append(closed(one))
        found += [as_spoken(one, verdict) for verdict in speak(one.choice, facts, rules, points)]
    return found


def as_spoken(one, verdict):
    return Spoken(
        child=one.child,
        subject=one.subject,
        rule=verdict.rule_id,
        severity=verdict.severity,
        action=verdict.action,
        says=str(verdict.says),
        why=str(verdict.why),
        source=str(verdict.source),
        asks_where=verdict.asks_where,
    )


def closed(one):
    return Spoken(
        child=one.child,
        subject=one.subject,
        rule=FLAG,
        severity="absolute",
        action="block",
        says=_("An open red flag closes this. Assess it and clear it first."),
        why=_("An answer of the red-flag screen asks for medical assessment before this treatment."),
        source=_("Red-flag screen of this patient"),
        asks_where=False,
    )


def verdicts_of(note, user, asked):
    """Lines about choices that are only being considered. `asked`: [{modality, point, region, side, depth_mm}]."""
    chosen = choices_asked(asked)
    if chosen is None:
        raise Refused(_("Say what is chosen: a method, and a point or a region."))
    permitted = may_override_absolute(user)
    return [
        verdict_line(one, {"against": []}, permitted) for one in (said_of(note, chosen) if chosen else [])
    ]


def verdict_line(spoken, state, permitted):
    """A verdict as the note's script gets it."""
    return {
        **spoken._asdict(),
        "answered": is_answered(state, spoken),
        "may_override": spoken.severity != "absolute" or permitted,
    }
