"""What chiropractors of the demo write: for each complaint segments, degrees and words, visit by visit."""

from typing import NamedTuple


class Hands(NamedTuple):
    """A chiropractor's half. `motions`: {motion: (degrees at first, degrees at last)}.

    `segments`: segment, listing, side, movement, tender. `adjusted`: segment, side, listing, technique, modality.
    """

    codes: tuple[str, ...]
    region: str
    said: tuple[str, ...]
    palpation: tuple[str, ...]
    segments: tuple[tuple, ...]
    adjusted: tuple[tuple, ...]
    motions: dict
    tone: str = ""
    tenderness: str = ""
    trigger_points: str = ""
    advice: str = ""
    next_time: str = ""


NECK_HANDS = Hands(
    codes=("ICD-10-CM M54.2", "ICD-10-CM M99.01"),
    region="neck",
    said=(
        "Stiff on waking; looking over the shoulder pulls on the left.",
        "Looser for three days, then stiff on the left again.",
        "Turns further before it pulls.",
        "Stiff after long drives only.",
    ),
    palpation=("Left side firm from C4 to C6.", "Left side softer.", "Even on both sides."),
    segments=(
        ("C5", "PL", "left", "left rotation limited", True),
        ("T2", "P", "", "extension limited", False),
    ),
    adjusted=(
        ("C5", "left", "PL", "diversified", "cervical_hvla"),
        ("T2", "", "P", "diversified", "thoracic_hvla"),
    ),
    motions={"rotation_left": (52, 72), "rotation_right": (66, 76)},
    tone="raised on the left",
    tenderness="left of C5",
    trigger_points="upper trapezius, left",
    advice="A warm pack for ten minutes if it feels sore tomorrow.",
    next_time="Measure the turn to the left.",
)
GENTLE_NECK = NECK_HANDS._replace(
    adjusted=(("C5", "left", "PL", "activator", "activator"), ("T2", "", "P", "activator", "activator")),
    motions={"rotation_left": (58, 70), "rotation_right": (64, 74)},
)
BACK_HANDS = Hands(
    codes=("ICD-10-CM M54.59", "ICD-10-CM M99.03"),
    region="lower back/sacrum",
    said=(
        "Low back locked when lifting a box ten days ago.",
        "Bends without holding on to something.",
        "Back at work for half days.",
        "Stiff in the first hour, then moves freely.",
    ),
    palpation=("Right side firm from L3 to L5.", "Right side softer, L4 still tender.", "Quiet; L4 moves."),
    segments=(("L4", "PR", "right", "extension limited", True), ("SI_R", "PI", "right", "fixed", False)),
    adjusted=(
        ("L4", "right", "PR", "diversified", "lumbar_hvla"),
        ("SI_R", "right", "PI", "thompson", "sacroiliac_hvla"),
    ),
    motions={"flexion": (42, 68), "extension": (12, 22)},
    tone="raised on the right",
    tenderness="right of L4",
    advice="Bend at the knees; walk ten minutes twice a day.",
    next_time="Measure bending forward.",
)
GENTLE_BACK = BACK_HANDS._replace(
    codes=("ICD-10-CM M54.50", "ICD-10-CM M99.03"),
    said=(
        "Back aches in the middle and below since the move.",
        "Sat through a church service without getting up.",
        "Ties the shoes standing.",
        "Aches after gardening only.",
    ),
    adjusted=(
        ("L4", "right", "PR", "flexion_distraction", "flexion_distraction"),
        ("T8", "", "P", "mobilisation", "mobilisation"),
    ),
    motions={"flexion": (35, 55), "extension": (8, 15)},
    next_time="Ask about the X-ray report.",
)
# Without a thrust: there is pain from a nerve root.
SLOW_BACK = BACK_HANDS._replace(
    codes=("ICD-10-CM M54.42", "ICD-10-CM M99.03"),
    said=(
        "Pain down the left leg; bending forward brings it on.",
        "Bends to the knees before it pulls.",
        "Puts socks on sitting.",
        "Pulls in the buttock only, leg quiet.",
    ),
    adjusted=(
        ("L5", "left", "PL", "flexion_distraction", "flexion_distraction"),
        ("SI_L", "left", "PI", "mobilisation", "mobilisation"),
    ),
    segments=(("L5", "PL", "left", "flexion limited", True), ("SI_L", "PI", "left", "fixed", False)),
    palpation=("Left side firm from L4 to the sacrum.", "Left side softer.", "Even; L5 moves."),
    motions={"flexion": (30, 60), "extension": (14, 20)},
    tone="raised on the left",
    tenderness="left of L5",
)
SHOULDER_HANDS = Hands(
    codes=("ICD-10-CM M25.511",),
    region="shoulder",
    said=(
        "Right arm does not go up sideways.",
        "Arm goes a little higher, pulls in front.",
        "Combs the hair with the right hand again.",
        "Pulls only at the very end.",
    ),
    palpation=("Joint capsule stiff on the right.", "Capsule less stiff.", "Soft end of the movement."),
    segments=(("SHOU_R", "", "right", "lifting limited", True), ("T4", "P", "", "extension limited", False)),
    adjusted=(
        ("SHOU_R", "right", "", "mobilisation", "mobilisation"),
        ("T4", "", "P", "diversified", "thoracic_hvla"),
    ),
    motions={"abduction": (85, 140), "rotation_out": (20, 45)},
    tone="raised around the right shoulder blade",
    tenderness="front of the right shoulder",
    advice="Walk the fingers up the wall, five times, twice a day.",
    next_time="Measure lifting sideways.",
)
