"""A note as people read it: its state in words, section by section. No database, no clock."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from treatment.models import Compared, Felt, PlaceKind, Side, Stimulation
from treatment.rules.counting import where
from treatment.rules.pickers import MOTION_WORDS, PULSE, TONGUE
from treatment.rules.summary import picked

SEVERITIES = {"absolute": later("absolute"), "relative": later("relative"), "caution": later("caution")}


class Names(NamedTuple):
    """What keys mean. `terms`: {kind: {key: name}}; `codes`, `texts`, `people`: {key: name}; `label` of a point."""

    terms: Mapping
    codes: Mapping
    texts: Mapping
    people: Mapping
    label: Callable = str

    def of(self, kind, key):
        return self.terms.get(kind, {}).get(key) or str(key).replace("_", " ")

    def all_of(self, kind, keys):
        return ", ".join(self.of(kind, key) for key in keys)


def joined(*parts, by=", "):
    return by.join(str(part) for part in parts if part)


def rows(*pairs):
    """[(label, text)] without what is empty."""
    return [(label, text) for label, text in pairs if text]


def label_of(choices, value):
    return str(choices(value).label) if value else ""


def said(state):
    pain = state["said_pain_now"]
    return rows(
        (_("Pain now"), "" if pain is None else _("%(n)d of 10") % {"n": pain}),
        (_("Since last time"), label_of(Compared, state["said_change"])),
        (_("After last time"), state["said_after"]),
        (_("In their own words"), state["said_words"]),
    )


def found(state, names):
    return rows(
        (_("Tongue"), picked(state["found_tongue"], TONGUE)),
        (_("Pulse"), picked(state["found_pulse"], PULSE)),
        (_("Palpation"), state["found_palpation"]),
        *((_("Blood pressure"), pressure(row)) for row in state["vitals"]),
        *((names.of("segment", row["segment"]), segment_words(row, names)) for row in state["segments"]),
        *((capfirst(row["region"]), region_words(row)) for row in state["regions"]),
    )


def pressure(row):
    return f"{row['systolic'] or '–'}/{row['diastolic'] or '–'} mmHg"


def segment_words(row, names):
    return joined(
        side_words(row["side"]),
        names.all_of("listing", row["listings"]),
        _("tender") if row["tender"] else "",
        row["tone"],
        row["movement"],
    ) or _("noted")


def region_words(row):
    motion = str(MOTION_WORDS.get(row["motion"], row["motion"]))
    degrees = "" if row["degrees"] is None else f"{row['degrees']}°"
    return joined(joined(motion, degrees, by=" "), row["tone"], row["tenderness"], row["trigger_points"])


def assessed(state, names):
    codes = [names.codes.get(key, key) for key in state["codes"]]
    return rows(
        (_("Diagnosis"), joined(*codes, by="; ")),
        (_("Pattern"), state["pattern"]),
        (_("Progress"), state["progress"]),
    )


def side_words(side):
    return "" if side in ("", "none") else label_of(Side, side)


class Needle(NamedTuple):
    """One line of the table of needles."""

    name: str
    side: str
    needles: int
    depth: str
    how: str
    felt: str
    carried: bool
    against: bool
    press_until: date | None


def needles(state, names):
    gone_against = {row["subject"] for row in state["against"]}
    carried = set(state["carried"])
    return [
        Needle(
            name=place_name(row, names),
            side=side_words(row["side"]),
            needles=row["needles_in"],
            depth=_("%(mm)g mm") % {"mm": row["depth_mm"]} if row["depth_mm"] else "",
            how=joined(
                names.all_of("technique", filter(None, [row["angle"], *row["techniques"]])), current(row)
            ),
            felt=joined(names.all_of("sensation", row["sensations"]), row["discomfort"], row["unusual"]),
            carried=row["id"] in carried,
            against=bool(row["code"]) and row["code"] in gone_against,
            press_until=day_of(row["press_until"]),
        )
        for row in state["needlings"]
    ]


def place_name(row, names):
    if row["code"] and row["kind"] == "point":
        return names.label(row["code"])
    return joined(label_of(PlaceKind, row["kind"]), row["code"].replace("_", " "), row["place"], by=" ")


def current(row):
    if row["stimulation"] == "electrical":
        return joined(_("e-stim"), row["hz"], by=" ")
    return "" if row["stimulation"] in ("", "none") else label_of(Stimulation, row["stimulation"])


def day_of(text):
    return date.fromisoformat(text) if text else None


def instant_of(text):
    return datetime.fromisoformat(text) if text else None


def sets(state, names):
    """[{size, lot, expires_on, minutes, reason, started_at, ended_at}] of needles that stayed in together."""
    return [
        {
            "size": names.of("needle_size", row["size"]) if row["size"] else "",
            "lot": row["lot"],
            "expires_on": day_of(row["expires_on"]),
            "minutes": row["retention_minutes"],
            "reason": row["retention_reason"],
            "started_at": instant_of(row["started_at"]),
            "ended_at": instant_of(row["ended_at"]),
        }
        for row in state["sets"]
    ]


def adjustments(state, names):
    return [
        (
            joined(names.of("segment", row["segment"]), side_words(row["side"])),
            joined(
                names.of("adjusting_technique", row["technique"]) if row["technique"] else "",
                names.of("listing", row["listing"]) if row["listing"] else "",
            ),
            row["response"],
        )
        for row in state["adjustments"]
    ]


def adjuncts(state, names):
    minutes = _("%(n)d min")
    return [
        joined(
            capfirst(names.of("modality", row["modality"])),
            minutes % {"n": row["minutes"]} if row["minutes"] else "",
            joined(side_words(row["side"]), row["area"], by=" "),
            row["words"],
        )
        for row in state["adjuncts"]
    ]


def counted(state):
    """[(where, needles)] as they were counted out."""
    return [(where_counted(row), row["out"]) for row in state["counts"]]


def where_counted(row):
    return joined(row["region"] or _("region not said"), side_words(row["side"]))


def missing_where(spots):
    """The spots of counting.balance().missing in words."""
    return [(where(spot), number) for spot, number in spots.items()]


def confirmed(state, names):
    """[(what, who, when)] of what is confirmed by one tap each."""
    taps = (("clean_technique", _("Clean technique")), ("sharps_box", _("Needles in the sharps box")))
    return [
        (label, names.people.get(state[f"{tap}_by"], ""), instant_of(state[f"{tap}_at"]))
        for tap, label in taps
        if state[tap]
    ]


def after(state, names):
    advice = [names.texts.get(key, key) for key in state["advice"]["texts"]]
    order = {True: _("as planned"), False: _("in another order than planned")}.get(
        state["order_followed"], ""
    )
    felt = {Felt.NOTHING: _("nothing unwanted"), Felt.SOMETHING: _("a reaction")}.get(state["felt"], "")
    return rows(
        (_("Order"), order),
        (_("How they felt"), felt),
        (_("Response"), state["response_words"]),
        (_("Advice"), joined(*advice, state["advice"]["words"], by="; ")),
        (_("Next time"), state["next_time"]),
        (_("Entered later"), state["late_reason"]),
    )


def against(state, names):
    """[{says, severity, subject, reason, how, who}] of what went against a rule."""
    return [
        {
            "says": row["words"],
            "severity": SEVERITIES.get(row["severity"], row["severity"]),
            "subject": names.label(row["subject"]),
            "reason": row["reason"],
            "done": row["how"] == "done",
            "who": names.people.get(row["by"], ""),
        }
        for row in state["against"]
    ]


# ---- the body chart

# Pictures of both sides; the others show the patient's left, and the right mirrored.
WHOLE = {"front", "back", "head_front", "head_back"}
MIDDLE = 1000  # units across


def marks(needlings, spots, label):
    """{view: [(label, x, y, css)]} for the tag body_chart. `spots`: {code: (on both sides, (view, x, y))}."""
    made = {}
    for row in needlings:
        name = label(row["code"]) if row["kind"] == "point" else row["kind"]
        for view, x, y in places(row, spots):
            made.setdefault(view, []).append((name, x, y, f"is-{row['kind']}"))
    return made


def places(row, spots):
    """Where one needling stands, as [(view, x, y)]."""
    if row["kind"] != "point":
        return [(row["view"], row["x"], row["y"])] if row["view"] and row["x"] is not None else []
    if row["code"] not in spots:
        return []
    paired, spot = spots[row["code"]]
    return sided(spot, row["side"] if paired else "none")


def sided(spot, side):
    """The spot is the patient’s left; its twin stands across the middle, or in the picture of the right side."""
    view, x, y = spot
    if side == "none":
        return [(view, x, y)]
    left = [(view, x, y)] if side != "right" else []
    twin = {"left": "right"}.get(view, view if view in WHOLE else "")
    return [*left, (twin, MIDDLE - x, y)] if twin and side != "left" else left
