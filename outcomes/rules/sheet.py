"""The questions of a score check as a page shows them, and what was posted back. No database, no clock.

Field names are "<measure>-<item>"; of the patient's own activities "<measure>-<activity id>", and while none are
named yet "ACT3-words-1" with "ACT3-new-1" beside it.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.rules.definitions import NONE_TICKED, OWN

ACTIVITIES = (1, 2, 3)
WORDS_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Answered:
    """`given` is {measure: {item: number}}; `named` {position: (words, number or None)} of new activities."""

    given: dict = field(default_factory=dict)
    named: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    value: int
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is scale, choice or tick; a tick has one choice. `words` is the name of a text field above it, or ""."""

    name: str
    text: str
    kind: str
    choices: tuple[Choice, ...]
    low: str = ""
    high: str = ""
    words: str = ""
    typed: str = ""
    open: bool = False
    wants_words: bool = False

    @property
    def id(self):
        return f"q-{self.name}"


@dataclass(frozen=True, slots=True)
class Block:
    """The questions of one measure. `none` is the box “None of these” under a list to tick, or None."""

    measure: object
    questions: tuple[Question, ...]
    none: Question | None = None
    open: bool = False


def answers_from(measures, activities, posted):
    """What was posted, as Answered. `posted` is {name: text}; what is no whole number counts as left open."""
    given, named = {}, {}
    for measure in measures:
        if measure.is_own and not activities:
            named = named_in(posted)
            continue
        found = {key: whole(posted.get(f"{measure.key}-{key}")) for key in keys_of(measure, activities)}
        given[measure.key] = {key: value for key, value in found.items() if value is not None}
    return Answered(given, named)


def keys_of(measure, activities):
    if measure.is_own:
        return [str(activity.pk) for activity in activities]
    keys = [item.id for item in measure.items]
    return [*keys, NONE_TICKED] if is_list(measure) else keys


def is_list(measure):
    return bool(measure.items) and all(item.kind == "tick" for item in measure.items)


def named_in(posted):
    rows = {number: posted.get(f"{OWN}-words-{number}", "").strip() for number in ACTIVITIES}
    rated = {number: whole(posted.get(f"{OWN}-new-{number}")) for number in ACTIVITIES}
    return {
        number: (rows[number], rated[number])
        for number in ACTIVITIES
        if rows[number] or rated[number] is not None
    }


def whole(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else None


def blocks_of(measures, activities, answered, *, asked_again=False):
    """The page's questions with what was answered; `asked_again` marks those that are open."""
    return [block_of(measure, activities, answered, asked_again) for measure in measures]


def block_of(measure, activities, answered, asked_again):
    given = answered.given.get(measure.key, {})
    if measure.is_own:
        questions = own_questions(measure, activities, answered, asked_again)
        return Block(measure, questions, None, any(each.open or each.wants_words for each in questions))
    if is_list(measure):
        left = asked_again and not given
        none = tick(measure, NONE_TICKED, _("None of these today"), given)
        return Block(measure, tuple(tick(measure, i.id, i.text, given) for i in measure.items), none, left)
    questions = tuple(question_of(measure, item, given, asked_again) for item in measure.items)
    return Block(measure, questions, None, any(each.open for each in questions))


def question_of(measure, item, given, asked_again, *, key="", text=""):
    value = given.get(key or item.id)
    return Question(
        name=f"{measure.key}-{key or item.id}",
        text=text or item.text,
        kind=item.kind,
        choices=tuple(Choice(each.value, each.label, each.value == value) for each in item.options),
        low=item.low,
        high=item.high,
        open=asked_again and value is None,
    )


def tick(measure, key, text, given):
    return Question(f"{measure.key}-{key}", text, "tick", (Choice(1, text, given.get(key) == 1),))


def own_questions(measure, activities, answered, asked_again):
    """The activities that were named, each with its scale; before that, three to name."""
    if activities:
        given = answered.given.get(measure.key, {})
        return tuple(
            question_of(measure, measure.items[0], given, asked_again, key=str(each.pk), text=each.words)
            for each in activities
        )
    return tuple(
        to_name(measure, item, number, answered.named, asked_again)
        for number, item in zip(ACTIVITIES, measure.items, strict=True)
    )


def to_name(measure, item, number, named, asked_again):
    words, value = named.get(number, ("", None))
    begun = bool(words) or value is not None
    wanted = number == 1 and not named
    return Question(
        name=f"{measure.key}-new-{number}",
        text=_("How well can you do it today?"),
        kind=item.kind,
        choices=tuple(Choice(each.value, each.label, each.value == value) for each in item.options),
        low=item.low,
        high=item.high,
        words=f"{measure.key}-words-{number}",
        typed=words,
        open=asked_again and begun and value is None,
        wants_words=asked_again and (wanted or (begun and not words)),
    )


def still_open(blocks):
    """How many questions are open, of blocks made with `asked_again`."""
    return sum(open_in(block) for block in blocks)


def open_in(block):
    if block.none:
        return int(block.open)
    return sum(each.open or each.wants_words for each in block.questions)


def open_words(count):
    return ngettext(
        "One question is still open. Answer it, or send without it.",
        "%(count)d questions are still open. Answer them, or send without them.",
        count,
    ) % {"count": count}


def reasons_not_to_keep(answered):
    """Why these answers cannot be kept: nothing in them, or an activity without its words."""
    if not any(answered.given.values()) and not answered.named:
        return [_("Nothing is answered yet. Answer at least one question.")]
    words = [each for each, _value in answered.named.values()]
    if not all(words):
        return [_("Write down which activity you mean, or take the number away.")]
    if any(len(each) > WORDS_LENGTH for each in words):
        return [_("Keep each activity to %(count)s letters.") % {"count": WORDS_LENGTH}]
    return []
