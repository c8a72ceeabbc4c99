"""Red flags: which questions are asked, and what a yes leads to. Wording is advice, never a diagnosis."""

from typing import NamedTuple

from django.utils.translation import gettext as _

REFER_NOW, REFER_ROUTINE, CAUTION = "refer_now", "refer_routine", "caution"
GRAVITY = {REFER_NOW: 0, REFER_ROUTINE: 1, CAUTION: 2}
URGENCY = ["emergency", "same_day", "within_48_hours", "within_1_week", "within_4_weeks", "none", ""]
# A headache is asked about as a headache and as a neck; every region with the rows of both.
REGIONS = {
    "neck": {"neck", "both"},
    "back": {"back", "both"},
    "headache": {"headache", "neck", "both"},
}
NECK_SCREEN = "neck_screen"
# The screen before a neck thrust asks what a recheck asks about the neck.
ASKED_AS = {NECK_SCREEN: "recheck"}
EVERYTHING = "all"
EMERGENCY_GROUPS = "emergency_"
SEE_DOCTOR_TODAY = "see_doctor_today"
EMERGENCY_TEXTS = ["emergency_911", "emergency_988"]
YES = {"yes", "true", True}


class Question(NamedTuple):
    """A row of the red-flag set that counts; columns of red_flags.csv."""

    key: str
    region: str
    category: str
    group: str
    when: tuple[str, ...]
    online_booking: bool
    question: str
    positive_answer: str
    action: str
    stop_booking: bool
    create_referral: bool
    referral_urgency: str
    emergency: bool
    patient_text_key: str
    escalates_with: tuple[str, ...]
    escalated_action: str
    escalated_urgency: str
    action_text: str
    blocked_modalities: tuple[str, ...]
    suspected: str
    clinician_note: str
    source: str


class Group(NamedTuple):
    """Questions asked as one block, with one “None of these”."""

    key: str
    questions: tuple[Question, ...]


class Raised(NamedTuple):
    """A positive answer and what follows from it, escalated where other answers make it graver."""

    question: Question
    action: str
    urgency: str
    emergency: bool
    stop_booking: bool
    create_referral: bool
    blocked: tuple[str, ...]
    text_key: str


def asked(questions, regions, when):
    """The questions for these regions at that moment (a value of AskedWhen), in the order of the set."""
    wanted = set().union(*(REGIONS[region] for region in regions))
    moment = ASKED_AS.get(when, when)
    return tuple(row for row in questions if row.region in wanted and moment in row.when)


def asked_online(questions, regions):
    """The short set that a patient answers before booking online."""
    wanted = set().union(*(REGIONS[region] for region in regions))
    return tuple(row for row in questions if row.region in wanted and row.online_booking)


def groups(questions):
    """Blocks in the order in which the first question of each comes, emergencies before everything else."""
    found = {}
    for row in questions:
        found.setdefault(row.group, []).append(row)
    made = [Group(key, tuple(rows)) for key, rows in found.items()]
    return tuple(sorted(made, key=lambda group: not group.key.startswith(EMERGENCY_GROUPS)))


def is_positive(question, answer):
    answer = answer.strip().lower() if isinstance(answer, str) else answer
    said = "yes" if answer in YES else "no"
    return answer is not None and answer != "" and said == question.positive_answer


def raised(questions, answers):
    """What follows from `answers` ({key: "yes" | "no" | True | False}), gravest first."""
    positive = {row.key for row in questions if is_positive(row, answers.get(row.key))}
    found = [follows(row, positive) for row in questions if row.key in positive]
    return sorted(found, key=lambda one: (GRAVITY[one.action], URGENCY.index(one.urgency)))


def follows(row, positive):
    if row.escalated_action and positive & set(row.escalates_with):
        return escalated(row)
    return Raised(
        row,
        row.action,
        row.referral_urgency,
        row.emergency,
        row.stop_booking,
        row.create_referral,
        row.blocked_modalities,
        row.patient_text_key,
    )


def escalated(row):
    """Graver with another answer: sent to a physician now, so everything but an examination is closed."""
    now = row.escalated_action == REFER_NOW
    return Raised(
        row,
        row.escalated_action,
        row.escalated_urgency,
        row.emergency,
        row.stop_booking or now,
        row.create_referral or now,
        (EVERYTHING,) if now else row.blocked_modalities,
        row.patient_text_key or (SEE_DOCTOR_TODAY if now else ""),
    )


def texts_to_show(found):
    """Keys of the texts a patient reads at once: emergencies first, each once."""
    keys = list(dict.fromkeys(one.text_key for one in found if one.text_key))
    return sorted(keys, key=lambda key: EMERGENCY_TEXTS.index(key) if key in EMERGENCY_TEXTS else 9)


def gravest_urgency(found):
    return min((one.urgency for one in found), key=URGENCY.index, default="none")


def is_news(one, open_actions):
    """Whether it says more than what is open already; `open_actions` is {key: gravest open action}."""
    before = open_actions.get(one.question.key)
    return before is None or GRAVITY[one.action] < GRAVITY[before]


def blocked(open_flags):
    """Ids of the modalities that open flags close, {"all"} among them or empty."""
    return {name for flag in open_flags for name in flag.blocked_modalities}


def reasons_not_to_treat(open_flags):
    """Why no treatment may be chosen, for a clinician; an examination stays open."""
    closing = [flag for flag in open_flags if closes_treatment(flag)]
    return [
        _("Red flag: %(question)s — %(what)s") % {"question": flag.question, "what": flag.action_text}
        for flag in closing
    ]


def closes_treatment(flag):
    """What the desk reads as “Clinician first”."""
    return flag.action == REFER_NOW or EVERYTHING in flag.blocked_modalities


def reasons_not_to_screen(answers, questions):
    """Every question that was asked needs its answer."""
    left = [row for row in questions if row.key not in answers]
    if not left:
        return []
    return [
        _("Still open: %(question)s Choose yes or no.") % {"question": row.question} for row in left[:3]
    ] + ([_("And %(count)s more.") % {"count": len(left) - 3}] if len(left) > 3 else [])


def reasons_not_to_clear(*, why, is_open):
    reasons = []
    if not is_open:
        reasons.append(_("This red flag is cleared already. Reload the page."))
    if not why.strip():
        reasons.append(_("Write why it is cleared: what was examined or who assessed it."))
    return reasons
