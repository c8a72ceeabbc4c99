"""What acupuncturists of the demo write: for each complaint points, findings and words, visit by visit.

Invented, plain, and without a promise: what is written is what was found, said and done.
"""

from typing import NamedTuple


class Needle(NamedTuple):
    """`depth` in mm; `place`, `view`, `x` and `y` for what is no point of the catalogue; `count` on all sides."""

    code: str
    side: str = "both"
    depth: int = 20
    techniques: tuple[str, ...] = ()
    angle: str = ""
    hz: str = ""
    place: str = ""
    region: str = ""
    view: str = ""
    x: int = 0
    y: int = 0
    count: int = 0


class Needles(NamedTuple):
    """An acupuncturist's half: texts of one visit after the other, the last one for all that follow."""

    codes: tuple[str, ...]
    pattern: str
    tongue: tuple[str, ...]
    pulse: tuple[str, ...]
    palpation: tuple[str, ...]
    said: tuple[str, ...]
    points: tuple[Needle, ...]
    size: str = "N2030"
    minutes: int = 30
    adjunct: tuple = ()  # modality, minutes, area, side
    advice: str = ""
    next_time: str = ""


def ashi(place, region, side, x, y, *, view="back", depth=15, count=2):
    return Needle("", side, depth, (), "oblique", "", place, region, view, x, y, count)


LAST_SAID = "Managing well at work; tight only at the end of the day."
NECK = Needles(
    codes=("ICD-10-CM M54.2",),
    pattern="Qi and blood stagnation, Small Intestine and Gallbladder channels",
    tongue=("pink", "thin_white_coat"),
    pulse=("wiry",),
    palpation=(
        "Tight band along both upper trapezii, more on the left. Tender at GB20 left.",
        "Upper trapezius still firm on the left; right side softer.",
        "Tone even on both sides; a small tender spot left of C5.",
    ),
    said=(
        "Neck stiff since a week of long days at the screen. Turning left while driving is hard.",
        "Slept better the first two nights, then tight again by Friday.",
        "Turning left is easier. Headache once, after a late meeting.",
        LAST_SAID,
    ),
    points=(
        Needle("GB20", depth=20, techniques=("even",), angle="oblique"),
        Needle("BL10", depth=15),
        Needle("GV14", "none", 15),
        Needle("SI3", depth=13, techniques=("reduce",)),
        Needle("LI4", depth=15, techniques=("reduce",)),
        Needle("TE5", depth=20),
        Needle("GB34", depth=30),
        Needle("GB39", depth=15),
        Needle("LR3", depth=15, techniques=("even",)),
        ashi("left upper trapezius", "shoulder", "left", 420, 352),
    ),
    adjunct=("infrared", 15, "upper back", "both"),
    advice="A short break from the screen each hour; turn the head slowly to each side five times.",
    next_time="Look at the left upper trapezius again.",
)
HEADACHE = Needles(
    codes=("ICD-10-CM G44.219",),
    pattern="Liver yang rising, neck tension",
    tongue=("pink", "thin_white_coat"),
    pulse=("wiry", "thready"),
    palpation=(
        "Both temples and the base of the skull tender.",
        "Base of the skull tender on the right; temples quiet.",
        "Light tenderness at GB20 right only.",
    ),
    said=(
        "A band around the head three or four afternoons a week.",
        "Two headaches since last time, shorter than before.",
        "One headache this week, after a night of little sleep.",
        "No headache since last time; jaw feels tight in the morning.",
    ),
    points=(
        Needle("GB20", depth=20, angle="oblique"),
        Needle("EX-HN5", depth=10, angle="oblique"),
        Needle("GV20", "none", 15, angle="transverse"),
        Needle("EX-HN3", "none", 10, angle="transverse"),
        Needle("LI4", depth=15, techniques=("reduce",)),
        Needle("TE5", depth=20),
        Needle("PC6", depth=15),
        Needle("ST36", depth=30, techniques=("tonify",)),
        Needle("GB34", depth=30),
        Needle("LR3", depth=15, techniques=("reduce",)),
    ),
    size="N2025",
    advice="Keep a headache diary: when, how long, what came before.",
    next_time="Go through the diary.",
)
LOW_BACK = Needles(
    codes=("ICD-10-CM M54.59",),
    pattern="Kidney qi deficiency with stagnation in the lower back",
    tongue=("pale", "teeth_marks"),
    pulse=("deep", "weak"),
    palpation=(
        "Paraspinal muscles tight from L3 to the sacrum, both sides. Thin needles, long pressure afterwards.",
        "Right side looser, left side as before. No bruise from last time.",
        "Tone nearly even; tender at BL25 left only.",
    ),
    said=(
        "Low back aches after standing at work; sitting down helps.",
        "Could stand through one shift before it ached.",
        "Walked the dog for half an hour on two days.",
        "Ache only after carrying; no pain at night.",
    ),
    points=(
        Needle("BL23", depth=20, techniques=("tonify",)),
        Needle("BL25", depth=25),
        Needle("BL26", depth=25),
        Needle("GV4", "none", 15, angle="oblique"),
        Needle("GV3", "none", 15, angle="oblique"),
        Needle("BL57", depth=30),
        Needle("BL62", depth=10),
        Needle("GB34", depth=30),
        Needle("SI3", depth=13),
        ashi("left of L4", "lower back/sacrum", "left", 455, 780, depth=20),
    ),
    size="N2030",
    adjunct=("infrared", 20, "lower back/sacrum", "both"),
    advice="Change between sitting and standing; press on any spot that bleeds for five minutes.",
    next_time="Ask about the blood test.",
)
SCIATICA = Needles(
    codes=("ICD-10-CM M54.42",),
    pattern="Stagnation in the Bladder and Gallbladder channels, left",
    tongue=("purple", "thin_white_coat"),
    pulse=("wiry", "tight"),
    palpation=(
        "Left buttock tender over GB30; calf soft, not swollen.",
        "Left buttock less tender; lower back tight.",
        "Only GB30 left tender on deep pressure.",
    ),
    said=(
        "Pain from the left buttock to the calf; worse when driving.",
        "Pain stops above the knee most days.",
        "Drove for an hour with one stop.",
        "Tightness in the buttock, nothing below it.",
    ),
    points=(
        Needle("BL23", depth=20),
        Needle("BL25", depth=25),
        Needle("GB30", "left", 50, ("even",), hz="2"),
        Needle("GB31", "left", 30),
        Needle("BL40", "left", 20),
        Needle("BL57", "left", 30, hz="2"),
        Needle("GB34", "both", 30),
        Needle("BL60", "left", 15),
        Needle("LI4", depth=15),
        Needle("LR3", depth=15),
    ),
    size="N2550",
    advice="Short walks, two or three a day.",
    next_time="Test the straight leg raise first.",
)
KNEE = Needles(
    codes=("ICD-10-CM M17.0",),
    pattern="Painful obstruction, cold and damp, both knees",
    tongue=("pale", "moist"),
    pulse=("slow", "deep"),
    palpation=(
        "Both knees a little warm at the inner side; no fluid. Fine needles, five minutes of pressure.",
        "Right knee quiet, left inner side tender. Small bruise at the left shin fading.",
        "Both knees quiet; thigh muscles firm.",
    ),
    said=(
        "Stairs are hard, the way down more than the way up.",
        "One flight of stairs went without stopping.",
        "Went to the market on foot, rested once.",
        "Stiff for ten minutes in the morning, then fine.",
    ),
    points=(
        Needle("ST34", depth=25),
        Needle("ST35", depth=15, angle="oblique"),
        Needle("EX-LE4", depth=15, angle="oblique"),
        Needle("ST36", depth=25, techniques=("tonify",)),
        Needle("SP9", depth=20),
        Needle("SP10", depth=25),
        Needle("GB34", depth=25),
        Needle("SP6", depth=15),
        Needle("LI11", depth=20),
        Needle("GV20", "none", 13, angle="transverse"),
    ),
    size="N1625",
    minutes=25,
    advice="Keep walking as far as is comfortable; press on any spot that bleeds for five minutes.",
    next_time="Ask for the latest INR.",
)
SHOULDER = Needles(
    codes=("ICD-10-CM M25.511",),
    pattern="Stagnation in the Large Intestine channel, right shoulder",
    tongue=("pink", "thin_white_coat"),
    pulse=("tight",),
    palpation=(
        "Front of the right shoulder tender; arm lifts to shoulder height.",
        "Less guarding; tender at LI15 and behind the joint.",
        "Tender only at the end of the movement.",
    ),
    said=(
        "Cannot reach the top shelf with the right arm; lies on the left at night.",
        "Slept on the right side for part of the night.",
        "Can fasten the seat belt without help of the left hand.",
        "Reaches the shelf with a little pull at the end.",
    ),
    points=(
        Needle("LI15", "right", 25),
        Needle("TE14", "right", 25),
        Needle("LI11", "right", 25, ("reduce",)),
        Needle("TE5", "right", 20),
        Needle("LI4", depth=15, techniques=("reduce",)),
        Needle("ST38", "right", 30, ("rotate",)),
        Needle("GB34", "left", 30),
        Needle("GB20", depth=20, angle="oblique"),
        Needle("GV14", "none", 15),
        ashi("front of the right shoulder", "shoulder", "right", 295, 420, view="front"),
    ),
    adjunct=("cupping", 8, "shoulder", "right"),
    advice="Let the arm swing like a pendulum for one minute, three times a day.",
    next_time="Measure how far the arm lifts.",
)
PREGNANT_NECK = Needles(
    codes=("ICD-10-CM M54.2",),
    pattern="Tension in the neck, Gallbladder channel",
    tongue=("pink", "moist"),
    pulse=("slippery",),
    palpation=(
        "Neck and both shoulders tight; treated lying on the left side.",
        "Neck softer, right side still firm; side-lying.",
        "Tone even; side-lying comfortable.",
    ),
    said=(
        "Neck tight from sleeping on one side.",
        "Better for two days after last time.",
        "Sleeps with a second pillow; neck easier in the morning.",
        "Tight after a day of driving, otherwise well.",
    ),
    points=(
        Needle("GB20", depth=15, angle="oblique"),
        Needle("BL10", depth=13),
        Needle("GV20", "none", 13, angle="transverse"),
        Needle("EX-HN3", "none", 8, angle="transverse"),
        Needle("SI3", depth=10),
        Needle("TE5", depth=15),
        Needle("PC6", depth=13),
        Needle("HT7", depth=8),
        Needle("GB34", depth=25),
        Needle("ST36", depth=25, techniques=("tonify",)),
    ),
    size="N1625",
    minutes=20,
    advice="Sleep on the left side with a pillow between the knees.",
    next_time="Ask about the pregnancy first.",
)
SLEEP = Needles(
    codes=("ICD-10-CM G47.00",),
    pattern="Heart and Kidney not in harmony",
    tongue=("red", "no_coat"),
    pulse=("thready", "rapid"),
    palpation=("Upper abdomen tense, hands cool.", "Abdomen soft.", "Hands warm, abdomen soft."),
    said=(
        "Lies awake for two hours most nights; neck aches in the morning.",
        "Fell asleep sooner on three nights.",
        "Woke once a night, slept again.",
        "Sleeps through on weekends.",
    ),
    points=(
        Needle("GV20", "none", 15, angle="transverse"),
        Needle("EX-HN3", "none", 10, angle="transverse"),
        Needle("HT7", depth=10),
        Needle("PC6", depth=15),
        Needle("SP6", depth=20, techniques=("tonify",)),
        Needle("KI3", depth=10, techniques=("tonify",)),
        Needle("KI6", depth=10),
        Needle("LR3", depth=15),
        Needle("ST36", depth=25),
        Needle("GB20", depth=20, angle="oblique"),
    ),
    size="N1625",
    advice="The same bedtime each day, no screen in the last hour.",
    next_time="Ask about the night shifts.",
)
HIP = Needles(
    codes=("ICD-10-CM M25.551",),
    pattern="Painful obstruction, Gallbladder channel, right hip",
    tongue=("pale", "thin_white_coat"),
    pulse=("slow", "wiry"),
    palpation=(
        "Tender behind the right hip. No current: pacemaker.",
        "Less tender behind the hip; thigh tight at the outer side.",
        "Tender on deep pressure only.",
    ),
    said=(
        "Right hip hurts when getting out of the car.",
        "Getting up is easier; walks with the cane as before.",
        "Slept on the right side.",
        "Walked to the mailbox without the cane.",
    ),
    points=(
        Needle("GB29", "right", 30),
        Needle("GB30", "right", 50),
        Needle("GB31", "right", 30),
        Needle("GB34", depth=30),
        Needle("BL23", depth=20),
        Needle("BL40", "right", 20),
        Needle("BL57", "right", 30),
        Needle("KI3", depth=10),
        Needle("LI4", depth=15),
        ashi("behind the right hip", "hip/buttock", "right", 610, 950, depth=30),
    ),
    size="N2550",
    advice="Stand up slowly and count to three before walking.",
    next_time="Ask about the walk to the mailbox.",
)
