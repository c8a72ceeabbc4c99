"""What the safety rules are asked about: each needling, adjunct and adjustment as a choice. No database, no clock."""

from typing import NamedTuple

from acupoints.rules.safety import Choice, place_of_segment

BLEEDING = "prick_to_bleed"
FLAG = "FLAG"  # stands for a rule where open red flags close a method
AT_MOST = 100


class Chosen(NamedTuple):
    """`child` is the id in the state, or the page's own for what is only considered; `subject` its name in words."""

    child: str
    subject: str
    choice: Choice


def chosen_in(state):
    """Everything in a draft that a rule could speak about."""
    return [
        *(
            Chosen(one["id"], one["code"] or one["place"] or one["kind"], needle(one))
            for one in state["needlings"]
        ),
        *(
            Chosen(one["id"], one["modality"], Choice(one["modality"], region=one["area"], side=one["side"]))
            for one in state["adjuncts"]
        ),
        *(Chosen(one["id"], one["segment"], thrust(one)) for one in state["adjustments"] if one["modality"]),
    ]


def thrust(adjustment):
    """On the spine the modality itself says where it acts; of a joint its key says where and on which side."""
    region, side = place_of_segment(adjustment["segment"], "")
    return Choice(adjustment["modality"], region=region, side=side or adjustment["side"])


def needle(needling):
    return Choice(
        modality_of_needling(needling),
        point=needling["code"] if needling["kind"] == "point" else "",
        region=needling["region"],
        side=needling["side"],
        depth_mm=needling["depth_mm"],
    )


def modality_of_needling(needling):
    if needling["press_until"]:
        return "intradermal"
    if needling["stimulation"] == "electrical":
        return "electroacupuncture"
    if BLEEDING in (needling["angle"], *needling["techniques"]):
        return BLEEDING
    return "dry_needling" if needling["kind"] == "trigger" else "manual_acupuncture"


def choices_asked(asked):
    """Choices that a page asks about, or None where they make no sense."""
    if not isinstance(asked, list) or len(asked) > AT_MOST or not all(isinstance(one, dict) for one in asked):
        return None
    found = []
    for one in asked:
        words = [one.get(name, "") for name in ("modality", "point", "region", "side")]
        child = one.get("id", "")
        depth = one.get("depth_mm")
        if not all(isinstance(word, str) for word in (child, *words)) or not words[0]:
            return None
        if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int | float)):
            return None
        found.append(Chosen(child, words[1] or words[2] or words[0], Choice(*words, depth_mm=depth)))
    return found
