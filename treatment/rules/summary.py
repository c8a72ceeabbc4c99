"""A note in a few lines: as the next note, the chart and a letter show it. No database, no clock."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treatment.rules.pickers import PULSE, TONGUE

SIDES = {"left": "L", "right": "R", "both": "b"}
CHANGES = {"better": _("better"), "same": _("the same"), "worse": _("worse")}


def needling_words(needling, label=str):
    """“GB20 b, 20 mm, e-stim 2 Hz”: as acupuncturists write it."""
    name = label(needling["code"]) if needling["code"] else f"{needling['kind']} {needling['place']}".strip()
    head = " ".join(filter(None, [name, SIDES.get(needling["side"], "")]))
    if needling["kind"] != "point" and needling["needles_in"] > 1:
        head += f" x{needling['needles_in']}"
    depth = _("%(mm)g mm") % {"mm": needling["depth_mm"]} if needling["depth_mm"] else ""
    current = " ".join(["e-stim", needling["hz"]]).strip() if needling["stimulation"] == "electrical" else ""
    return ", ".join(filter(None, [head, depth, current]))


def adjustment_words(adjustment):
    return " ".join(filter(None, [adjustment["segment"], adjustment["listing"], adjustment["response"]]))


def picked(value, words):
    picks = [str(words.get(pick, pick)) for pick in value.get("picks", [])]
    return ", ".join([*picks, *filter(None, [value.get("words", "")])])


def lines_of(state, label=str):
    """The lines of a note, empty ones left out; `state` as rules.state describes it."""
    pain, change = state["said_pain_now"], CHANGES.get(state["said_change"], "")
    minutes = next((row["retention_minutes"] for row in state["sets"] if row["retention_minutes"]), None)
    tongue, pulse = picked(state["found_tongue"], TONGUE), picked(state["found_pulse"], PULSE)
    needles = "; ".join(needling_words(one, label) for one in state["needlings"])
    kept = ngettext("%(n)d minute in", "%(n)d minutes in", minutes) % {"n": minutes} if minutes else ""
    lines = [
        ", ".join(filter(None, [_("pain %(n)d") % {"n": pain} if pain is not None else "", str(change)])),
        state["said_words"],
        _("tongue %(words)s") % {"words": tongue} if tongue else "",
        _("pulse %(words)s") % {"words": pulse} if pulse else "",
        state["found_palpation"],
        " · ".join(filter(None, [needles, kept if needles else ""])),
        ", ".join(adjustment_words(one) for one in state["adjustments"]),
        ", ".join(one["modality"].replace("_", " ") for one in state["adjuncts"]),
        state["response_words"],
        _("next: %(words)s") % {"words": state["next_time"]} if state["next_time"] else "",
    ]
    return [line for line in lines if line]
