"""What a history says today: which lines count, what is due to be asked again, what a form's answers become."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Clinic's default: the lists of bleeding and of devices are gone through again after this long.
CONFIRM_EVERY = timedelta(days=30)
# A code of the safety rules that holds for a time only, as the rule's own words say it.
HOLDS_FOR = {
    "recent_surgery": timedelta(weeks=12),
    "whiplash_acute": timedelta(hours=72),
    "recent_botox_filler": timedelta(weeks=2),
}
MAY_BE_PREGNANT_FROM, MAY_BE_PREGNANT_UNTIL = (
    10,
    56,
)  # clinic's default; the answer “cannot apply” ends the asking
AFTER_DUE_DATE = timedelta(days=21)
LONGEST_PREGNANCY = timedelta(days=294)  # 42 weeks, where no due date is known
BLEEDING = {"bleeding_disorder", "low_platelets", "anticoagulant", "antiplatelet"}
DEVICES = {
    "pacemaker",
    "icd",
    "neurostimulator",
    "metal_implant",
    "joint_replacement",
    "heart_valve",
    "breast_implant",
}
# What taking a medicine means for treatment, by condition code.
EFFECT_WORDS = {
    "anticoagulant": gettext_lazy("thins the blood"),
    "antiplatelet": gettext_lazy("keeps platelets from clotting"),
    "corticosteroids": gettext_lazy("steroid, for weeks or longer"),
    "immunosuppression": gettext_lazy("lowers the immune system"),
}
THINS_THE_BLOOD = {"anticoagulant", "antiplatelet"}
NO_CODE = {"", "other", "none", "bruises_easily"}
WHOLE_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")


def is_current(*, started, ended, today):
    """Whether a line of the history counts on this day; the day it ends is its last."""
    return (started is None or started <= today) and (ended is None or ended >= today)


def holds(*, code, started, ended, today):
    """Whether the safety rules ask about this line today. Without a start nothing runs out by itself."""
    if not is_current(started=started, ended=ended, today=today):
        return False
    length = HOLDS_FOR.get(code)
    return length is None or started is None or today - started <= length


def is_due(last_on, today):
    """Whether a list has to be gone through again: never done, or more than 30 days ago."""
    return last_on is None or today - last_on > CONFIRM_EVERY


def pregnant(*, answer, answered_on, due_on, today):
    """True, False, or None where it has to be asked. A no is good for the day it was said."""
    if answer == "never":
        return False
    if answer == "no":
        return False if answered_on == today else None
    if answer == "yes":
        ends = due_on + AFTER_DUE_DATE if due_on else answered_on + LONGEST_PREGNANCY
        return True if today <= ends else None
    return None


def pregnancy_is_asked(*, age, answer, answered_on, due_on, today):
    """Whether it is asked at today's visit: where it may apply, and nothing is known for today."""
    if answer == "never" or (age is not None and not MAY_BE_PREGNANT_FROM <= age < MAY_BE_PREGNANT_UNTIL):
        return False
    return pregnant(answer=answer, answered_on=answered_on, due_on=due_on, today=today) is None


def reasons_not_to_keep(*, started, ended, today):
    reasons = []
    if started and started > today:
        reasons.append(_("“Since” is in the future. Choose a day that has been."))
    if started and ended and ended < started:
        reasons.append(_("It ends before it starts. Correct one of the two days."))
    return reasons


def reasons_not_to_end(*, started, ended, already, today):
    reasons = reasons_not_to_keep(started=started, ended=ended, today=today)
    if already:
        reasons.append(_("This line has ended already. Reload the page."))
    if ended > today:
        reasons.append(_("“Until” is in the future. Choose today or an earlier day."))
    return reasons


# ---- what a filled-in health history becomes


class Line(NamedTuple):
    """A condition, a medicine or an allergy as a form said it. `code` is the condition code, effect or kind."""

    code: str = ""
    name: str = ""
    region: str = ""
    side: str = ""
    started: date | None = None
    words: str = ""
    medication_class: str = "other"
    dose: str = ""
    reaction: str = ""


class Care(NamedTuple):
    problem: str
    assessed: bool | None
    assessed_by: str
    assessed_on: date | None
    primary_treatment: str
    referring_physician: str


class Taken(NamedTuple):
    """`checks` are (what, answer, due date) of lists that were gone through."""

    conditions: tuple[Line, ...]
    medication: tuple[Line, ...]
    allergies: tuple[Line, ...]
    checks: tuple[tuple[str, str, date | None], ...]
    care: Care | None


def taken(answers, names):
    """The lines that the answers of a health history become. `names` says a condition code in words."""
    implants = entries(answers, "implants")
    bleeding = entries(answers, "bleeding")
    conditions = [condition(one, names) for one in entries(answers, "conditions") + implants + bleeding]
    return Taken(
        conditions=tuple(
            line for line in [*conditions, *map(operation, entries(answers, "surgery"))] if line.name
        ),
        medication=tuple(line for line in map(medicine, entries(answers, "medication")) if line.name),
        allergies=tuple(
            line for line in (allergy(one, names) for one in entries(answers, "allergies")) if line.name
        ),
        checks=tuple(checks(answers, implants, bleeding)),
        care=care(answers),
    )


def entries(answers, link):
    """A repeated question's answers as {part: value}; a bare code counts as {"code": …}."""
    given = answers.get(link) or []
    given = given if isinstance(given, list) else [given]
    found = []
    for one in given:
        if isinstance(one, dict):
            found.append({str(name).rpartition(".")[2]: value for name, value in one.items()})
        elif isinstance(one, str):
            found.append({"code": one})
    return [one for one in found if one.get("code") != "none"]


def text(value, longest=150):
    return str(value).strip()[:longest] if isinstance(value, (str, int, float)) else ""


def code_of(one, part="code"):
    given = one.get(part)
    code = text(given, 40) if isinstance(given, str) else ""
    return "" if code in NO_CODE else code


def day(value):
    """A whole date, or None: a year alone is kept in words, never made into a day."""
    match = WHOLE_DATE.match(text(value))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def since(value):
    """(day, words): “2019” gives no day, and stays as it was written."""
    found = day(value)
    said = text(value)
    return found, "" if found or not said else _("since %(when)s") % {"when": said}


def condition(one, names):
    code = code_of(one)
    started, words = since(one.get("since"))
    fallback = _("bruises easily or bleeds long") if one.get("code") == "bruises_easily" else ""
    name = text(one.get("name")) or names.get(code, "") or fallback or code.replace("_", " ")
    return Line(code, name, text(one.get("region"), 40), text(one.get("side"), 5), started, words)


def operation(one):
    started, words = since(one.get("when"))
    region, side = text(one.get("region"), 40), text(one.get("side"), 5)
    # Without a day it cannot be told to be recent: the words stand in the history.
    return Line("recent_surgery" if started else "", text(one.get("what")), region, side, started, words)


def medicine(one):
    started, words = since(one.get("since"))
    kind = text(one.get("class"), 20)
    kind = kind if kind in {"opioid", "anti_inflammatory"} else "other"
    return Line(
        code_of(one, "effect"),
        text(one.get("name")),
        started=started,
        words=words,
        medication_class=kind,
        dose=text(one.get("dose"), 80),
    )


def allergy(one, names):
    code = code_of(one)
    name = text(one.get("substance")) or names.get(code, "") or code.replace("_", " ")
    return Line(code, name, reaction=text(one.get("reaction"), 200))


def checks(answers, implants, bleeding):
    if "implants" in answers or answers.get("no_implants"):
        yield "devices", "changed" if implants else "unchanged", None
    if "bleeding" in answers or answers.get("no_bleeding"):
        yield "bleeding", "changed" if bleeding else "unchanged", None
    answer = text(answers.get("pregnant"), 10)
    if answer in {"yes", "no", "unsure"}:
        yield "pregnancy", answer, day(answers.get("due_on")) if answer == "yes" else None


def care(answers):
    assessed = answers.get("assessed")
    assessed = assessed if isinstance(assessed, bool) else {"yes": True, "no": False}.get(text(assessed))
    problem = text(answers.get("problem"))
    if assessed is None and not problem:
        return None
    return Care(
        problem=problem or _("what they come for"),
        assessed=assessed,
        assessed_by=text(answers.get("assessed_by")),
        assessed_on=day(answers.get("assessed_on")),
        primary_treatment=text(answers.get("primary_treatment"), 2000),
        referring_physician=text(answers.get("referring_physician")),
    )


# ---- a medicine's dose over time


def same(line, known):
    """What makes two lines one: the code where there is one, else the name; and the place."""
    return (known.code or known.name.casefold(), known.region, known.side) == (
        line.code or line.name.casefold(),
        line.region,
        line.side,
    )


class Step(NamedTuple):
    """One stretch of a dose line, in units of the drawing: from x to x2 at height y."""

    x: int
    x2: int
    y: int


WIDTH, HEIGHT = 200, 40


def dose_steps(doses, *, until):
    """A line of dose over time: [(day, mg a day)] in order, drawn to `until`. Empty with fewer than two amounts."""
    known = [(on, float(amount)) for on, amount in doses if amount is not None and on <= until]
    if len(known) < 2:
        return []
    first, span = known[0][0], max((until - known[0][0]).days, 1)
    top = max(amount for _on, amount in known) or 1
    ends = [on for on, _amount in known[1:]] + [until]
    return [
        Step(
            round((on - first).days / span * WIDTH),
            round((end - first).days / span * WIDTH),
            round(HEIGHT - amount / top * (HEIGHT - 4) - 2),
        )
        for (on, amount), end in zip(known, ends, strict=True)
    ]


def path_of(steps):
    """The line as an SVG path: level, then up or down."""
    return "".join(
        f"{'M' if number == 0 else 'L'}{one.x} {one.y}L{one.x2} {one.y}" for number, one in enumerate(steps)
    )
