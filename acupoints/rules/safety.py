"""What speaks against a choice: the rules of contraindications.csv, for one patient. No database, no clock.

Rules speak when something is chosen; what was done can always be recorded. Absolute stops the choice, relative asks
for a reason, caution is shown. Each verdict says why and from which source.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

CHILD_UNDER, INFANT_UNDER = 18, 2  # years; the fontanelle closes in the second year
SEVERITIES = ("absolute", "relative", "caution")
EVERYBODY = "any"

# modality_groups of needles_and_modalities.json.
GROUPS = {
    "hvla": ("cervical_hvla", "thoracic_hvla", "lumbar_hvla", "sacroiliac_hvla"),
    "needling": ("manual_acupuncture", "electroacupuncture", "intradermal", "dry_needling"),
    "moxibustion": ("moxibustion_direct", "moxibustion_indirect"),
}
EVERY_MODALITY = "all"
# modality_regions of the same file, by the modality that has the region: where it acts on the body. An adjustment of
# an extremity acts on the joint adjusted.
ACTS_ON = {
    "cervical_hvla": ("neck",),
    "thoracic_hvla": ("upper back", "chest"),
    "lumbar_hvla": ("lower back/sacrum",),
    "sacroiliac_hvla": ("lower back/sacrum", "hip/buttock"),
    "flexion_distraction": ("lower back/sacrum",),
}
# Regions with a left and a right one of their own; anywhere else a condition without a side is of the whole region.
PAIRED = frozenset(
    {"shoulder", "upper arm", "elbow", "forearm", "wrist", "hand"}
    | {"hip/buttock", "thigh", "knee", "lower leg", "ankle", "foot"}
)
# The words of acupoints.csv for where something is; any other word says nothing about the place.
REGIONS = PAIRED | {"head", "face", "neck", "chest", "abdomen", "upper back", "lower back/sacrum", "perineum"}
# Where a segment of the chiropractic list lies, by its region there; a joint of a limb by its own key.
SEGMENTS_OF = {
    "cervical": "neck",
    "thoracic": "upper back",
    "rib": "upper back",
    "lumbar": "lower back/sacrum",
    "sacral": "lower back/sacrum",
    "pelvis": "lower back/sacrum",
}
JOINTS = {
    "TMJ": "face",
    "SHOU": "shoulder",
    "ACRO": "shoulder",
    "STER": "chest",
    "ELBO": "elbow",
    "WRIS": "wrist",
    "HAND": "hand",
    "HIP": "hip/buttock",
    "KNEE": "knee",
    "ANKL": "ankle",
    "FOOT": "foot",
}
# "Spinal manipulation" names no place: it is asked about as each thrust it may be.
UNNAMED_THRUST = "spinal_manipulation"

# What taking it means for the rules; CI046 counts long use of steroids as fragile skin.
MEDICATION = {
    "anticoagulant": ("anticoagulant",),
    "antiplatelet": ("antiplatelet",),
    "corticosteroid": ("corticosteroids", "fragile_skin"),
    "corticosteroids": ("corticosteroids", "fragile_skin"),
    "immunosuppressant": ("immunosuppression",),
    "immunosuppression": ("immunosuppression",),
}


class Condition(NamedTuple):
    """What a patient has, by condition code; where it matters, one of REGIONS and a side (left, right, both)."""

    code: str
    region: str = ""
    side: str = ""


class Facts(NamedTuple):
    """What is known of a patient. `age` in whole years, None where not known; `pregnant` None where not asked."""

    age: int | None = None
    conditions: tuple[Condition, ...] = ()
    pregnant: bool | None = None


class Rule(NamedTuple):
    """One row of contraindications.csv; names and values are those of its columns."""

    rule_id: str
    condition_code: str
    condition: str
    applies_type: str
    applies_to: tuple[str, ...]
    point_codes: tuple[str, ...]
    severity: str
    action: str
    rationale: str
    source: str
    needs_clinician_review: bool = False


class Choice(NamedTuple):
    """Something about to be done: a modality, at a point or in a region, on a side (left, right, both, none, "").

    A region that is none of REGIONS, such as an area in words, is asked about like one that is not known.
    """

    modality: str
    point: str = ""
    region: str = ""
    side: str = ""
    depth_mm: float | None = None


class Verdict(NamedTuple):
    """`action`: block, override_with_reason or warn. `asks_where`: it is not known whether that is the place."""

    rule_id: str
    severity: str
    action: str
    says: str
    why: str
    source: str
    asks_where: bool = False


def place_of_segment(key, region):
    """(one of REGIONS, side) of a chiropractic segment, by its key and its region in the list: KNEE_L is the left knee.

    Nothing is said of a segment that is not known.
    """
    joint, _underscore, letter = key.partition("_")
    return SEGMENTS_OF.get(region) or JOINTS.get(joint, ""), {"L": "left", "R": "right"}.get(letter, "")


def speak(choice, facts, rules, catalogue=None):
    """Verdicts on a choice, the gravest first.

    With a catalogue, a point's own region counts where the choice names none, and a depth beyond its range is said.
    """
    choice = placed(choice, catalogue)
    conditions = conditions_of(facts)
    verdicts = [verdict for rule in rules if (verdict := verdict_of(rule, choice, conditions))]
    verdicts += depth_verdicts(choice, catalogue)
    return sorted(verdicts, key=lambda verdict: (SEVERITIES.index(verdict.severity), verdict.rule_id))


def placed(choice, catalogue):
    point = catalogue.points.get(choice.point) if catalogue else None
    return choice._replace(region=point.region) if point and not choice.region else choice


def conditions_of(facts):
    """{condition code: the conditions}, with what follows from age and pregnancy."""
    found = {EVERYBODY: [Condition(EVERYBODY)]}
    for condition in facts.conditions:
        found.setdefault(condition.code, []).append(condition)
    if facts.pregnant:
        found.setdefault("pregnancy", []).append(Condition("pregnancy"))
    if facts.age is not None and facts.age < CHILD_UNDER:
        found.setdefault("child", []).append(Condition("child"))
    if facts.age is not None and facts.age < INFANT_UNDER:
        found.setdefault("infant", []).append(Condition("infant"))
    return found


def conditions_from_medication(effect):
    """The conditions that taking a medicine with this effect means: anticoagulant, antiplatelet, corticosteroids, …"""
    return tuple(Condition(code) for code in MEDICATION.get(effect, ()))


def verdict_of(rule, choice, conditions):
    """A Verdict, or None where the rule does not speak. One rule speaks once, as plainly as it can."""
    present, named = conditions.get(rule.condition_code), modalities_named(rule.applies_to)
    if not present or not modalities_of(choice) & named:
        return None
    if rule.point_codes and choice.point not in rule.point_codes:
        return None
    if is_vague(choice) and EVERY_MODALITY not in named and not named.issuperset(GROUPS["hvla"]):
        return asking_where(rule)
    if rule.applies_type != "region":
        return said(rule)
    places = {is_there(condition, choice) for condition in present}
    if True in places:
        return said(rule)
    return asking_where(rule) if None in places else None


def modalities_of(choice):
    """What a choice is, for the rules; a thrust that names no place is each one it may be."""
    if choice.modality != UNNAMED_THRUST:
        return {choice.modality, EVERY_MODALITY}
    return {UNNAMED_THRUST, EVERY_MODALITY, *(thrusts_at(choice.region) or GROUPS["hvla"])}


def thrusts_at(region):
    return {thrust for thrust in GROUPS["hvla"] if region in ACTS_ON[thrust]}


def is_vague(choice):
    """A thrust on the spine of which it is not known where."""
    return choice.modality == UNNAMED_THRUST and not thrusts_at(choice.region)


def modalities_named(names: Iterable[str]):
    """Groups resolved. "all" stays: every choice is one of all."""
    return {modality for name in names for modality in GROUPS.get(name, (name,))}


def is_there(condition, choice):
    """Whether a choice is where the condition is: True, False, or None where one of the two places is not known."""
    regions = regions_of(choice)
    if condition.region not in REGIONS or not regions:
        return None
    if condition.region not in regions:
        return False
    return same_side(condition, choice)


def regions_of(choice):
    """Where a choice acts: the regions of a thrust, and the one that was named."""
    named = {choice.region} & REGIONS
    modalities = set() if is_vague(choice) else modalities_of(choice)
    return named.union(*(ACTS_ON.get(modality, ()) for modality in modalities))


def same_side(condition, choice):
    """A thrust on the spine acts on both sides; a knee of which the side is not known may be the other one."""
    if condition.region in PAIRED and condition.side not in ("left", "right", "both"):
        return None
    on_spine = condition.region not in PAIRED and modalities_of(choice) & set(ACTS_ON)
    return bool(on_spine) or not opposite(condition.side, choice.side)


def opposite(one, other):
    return {one, other} == {"left", "right"}


def said(rule):
    return Verdict(
        rule.rule_id,
        rule.severity,
        rule.action,
        sentence(rule),
        rule.rationale,
        rule.source,
        asks_where=False,
    )


def sentence(rule):
    """Advice, not a diagnosis: what it means for the choice, and the condition it comes from."""
    if rule.condition_code == EVERYBODY:
        return {"absolute": _("Not here."), "relative": _("Needs a reason here.")}.get(
            rule.severity, _("Take care here.")
        )
    sentences = {"absolute": _("Not with: %(condition)s."), "relative": _("Needs a reason: %(condition)s.")}
    return sentences.get(rule.severity, _("Take care: %(condition)s.")) % {"condition": rule.condition}


def asking_where(rule):
    """Not known to be the same place: a caution, whatever the rule's severity."""
    says = _("Where is it? %(condition)s.") % {"condition": rule.condition}
    return Verdict(rule.rule_id, "caution", "warn", says, rule.rationale, rule.source, asks_where=True)


def depth_verdicts(choice, catalogue):
    """A caution where a needle goes deeper than the catalogue says. Points never needled have a rule of their own."""
    point = catalogue.points.get(choice.point) if catalogue else None
    if not point or point.forbidden or choice.depth_mm is None or choice.depth_mm <= point.depth_max_mm:
        return []
    says = _("%(depth)s mm is deeper than usual at %(code)s: %(least)d to %(most)d mm.") % {
        "depth": f"{choice.depth_mm:g}",
        "code": point.code,
        "least": point.depth_min_mm,
        "most": point.depth_max_mm,
    }
    why = point.caution or _("The range is for an average adult; less for thin, small or older patients.")
    return [Verdict("DEPTH", "caution", "warn", says, why, _("Point catalogue"))]


def closed_by_flags(choice, blocked):
    """Whether open red flags close a choice; `blocked` are the modalities they name, `all` among them or not."""
    return bool(modalities_of(choice) & modalities_named(blocked))
