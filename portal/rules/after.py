"""What a patient reads after a visit: which of the clinic's texts, for how long. No database, no clock."""

import re
from datetime import timedelta

# How long the advice of a visit stands on the page: clinic default.
SHOWN_FOR = timedelta(days=14)
FRESH_FOR = timedelta(days=1)
WATER = "aftercare_water_movement"
BY_DISCIPLINE = {"acupuncture": "aftercare_acupuncture", "chiropractic": "aftercare_adjustment"}
CALL_US = "call_us_after_any_visit"
CHEST, NECK, BACK = (
    "emergency_after_chest_needles",
    "emergency_after_neck_adjustment",
    "emergency_after_back_adjustment",
)
NEAR_THE_LUNG = {"chest", "upper back", "shoulder"}
LOW_BACK = {"lumbar_hvla", "sacroiliac_hvla", "flexion_distraction"}
SOURCES = re.compile(r"\s*\[\d+(?:, \d+)*\]")


def is_recent(on, today):
    return on <= today <= on + SHOWN_FOR


def is_fresh(on, today):
    """Whether the visit was today or yesterday: then the advice stands unfolded."""
    return today <= on + FRESH_FOR


def aftercare_keys(disciplines, chosen):
    """Keys of the texts after a visit: those of what was done, and those that a signed note chose."""
    of_kind = [BY_DISCIPLINE[key] for key in disciplines if key in BY_DISCIPLINE]
    return list(dict.fromkeys([*of_kind, *chosen, WATER]))


def emergency_keys(*, regions, over_lung, adjusted):
    """Keys of the emergency texts. `regions` that were needled; `adjusted` [(segment, modality)]."""
    found = []
    if over_lung or NEAR_THE_LUNG & set(regions):
        found.append(CHEST)
    if any(segment.startswith("C") or modality == "cervical_hvla" for segment, modality in adjusted):
        found.append(NECK)
    if any(segment[:1] in ("L", "S") or modality in LOW_BACK for segment, modality in adjusted):
        found.append(BACK)
    return [*found, CALL_US]


def paragraphs(body, *, phone, numbered=False):
    """A text's paragraphs with the clinic's telephone in its place, and without the numbers of its sources."""
    filled = body.replace("{clinic_phone}", phone)
    return (filled if numbered else SOURCES.sub("", filled)).split("\n\n")
