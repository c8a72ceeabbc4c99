"""A form's definition and what was answered: what is asked, what is missing, what it scores.

A definition has the shape of a FHIR Questionnaire; its top-level groups are the sections, one screen each. What
FHIR has no word for stands in extensions named `urn:meridian:…` (see `extension`). Answers are a dictionary
{linkId: value}: true/false, number, text, ISO date, code, a list of codes, or, for a group that repeats, a list
of rows {last word of the linkId: value}. `no_<linkId>` true means that "None of these" was tapped.

Nothing here trusts the answers: whatever JSON they are, what is hidden or of another type does not count.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

URN = "urn:meridian:"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
LONGEST = {"string": 255, "text": 5000}
MOST_ROWS = 60
NONE = "no_"
NUMBERS = {"integer", "decimal"}
CHOICES = {"choice", "open-choice"}


class Problem(NamedTuple):
    """Why a form is not complete: which section, which question, and what to do."""

    section: str
    link: str
    says: str


def extension(item, name, default=None):
    """The value of our extension of that name: asks, another, checklist, document, drawing, emergency,
    heading, hint, max, min, minutes, months, none, off, private, row, score, screen, signature, statement,
    view, x, y."""
    for each in item.get("extension", ()):
        if each["url"] == URN + name:
            return next(value for key, value in each.items() if key.startswith("value"))
    return default


def sections(definition):
    """The screens of a form, without those that are switched off and without the text to sign."""
    return [
        item for item in definition["item"] if not extension(item, "off") and not extension(item, "document")
    ]


def document_of(definition):
    """The group of lines that is signed, or None."""
    return next((item for item in definition["item"] if extension(item, "document")), None)


def last_word(link):
    return link.rpartition(".")[2]


def is_rows(item):
    """Whether the answer is a list of rows, so that what is inside belongs to a row."""
    return item["type"] == "group" and bool(item.get("repeats"))


def inside(item) -> Iterator[dict]:
    """The item and what it contains, in order; not the fields of rows, nothing that is switched off."""
    if extension(item, "off"):
        return
    yield item
    if not is_rows(item):
        for child in item.get("item", ()):
            yield from inside(child)


def questions(section):
    """What can be answered in a section, in order: no headings, no plain groups."""
    return [item for item in inside(section) if is_rows(item) or item["type"] not in ("group", "display")]


def fields_of(rows):
    """The fields of a group that repeats, by the last word of their linkId."""
    return {
        last_word(child["linkId"]): child for child in rows.get("item", ()) if not extension(child, "off")
    }


def options_of(item):
    return {each["valueCoding"]["code"]: each for each in item.get("answerOption", ())}


def empty(value):
    return value is None or value is False or value == "" or value == [] or value == {}


# Types


def typed(item, value):
    """The value as this question keeps it, or None where it is no answer to it."""
    if is_rows(item):
        return typed_rows(item, value)
    if item.get("repeats"):
        given = value if isinstance(value, list) else []
        kept = [each for each in (typed_one(item, one) for one in given[:MOST_ROWS]) if each is not None]
        return list(dict.fromkeys(kept)) or None
    return typed_one(item, value)


def typed_one(item, value):
    kind = item["type"]
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind in NUMBERS:
        return typed_number(item, value)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    value = value.strip()
    if kind == "date":
        return value if is_date(value) else None
    if kind == "choice" and value not in options_of(item):
        return None
    return value if len(value) <= LONGEST.get(kind, LONGEST["string"]) else None


def typed_number(item, value):
    allowed = int if item["type"] == "integer" else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        return None
    least, most = extension(item, "min", -1_000_000), extension(item, "max", 1_000_000)
    return value if least <= value <= most else None


def is_date(text):
    try:
        return (
            bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII)) and date.fromisoformat(text).year >= 1850
        )
    except ValueError:
        return False


def typed_rows(item, value):
    """Rows with what is well-typed in them; a row of a checklist needs its code, another row something."""
    fields = fields_of(item)
    rows = []
    for row in (value if isinstance(value, list) else [])[:MOST_ROWS]:
        given = row if isinstance(row, dict) else {}
        kept = {name: typed(field, given.get(name)) for name, field in fields.items()}
        kept = {name: each for name, each in kept.items() if each is not None}
        if kept and ("code" in kept or not extension(item, "checklist")):
            rows.append(kept)
    return rows or None


# What is asked


def visible(definition, answers):
    """The linkIds of everything that is asked, given these answers."""
    return Asked(definition, answers).links()


class Asked:
    """Works out what is asked. A hidden question counts as unanswered, so what hangs on it is hidden, too."""

    def __init__(self, definition, answers):
        self.answers = answers if isinstance(answers, dict) else {}
        self.items, self.parents, self.known = {}, {}, {}
        for section in sections(definition):
            self._note(section, None)

    def _note(self, item, parent):
        if extension(item, "off"):
            return
        self.items[item["linkId"]], self.parents[item["linkId"]] = item, parent
        if not is_rows(item):
            for child in item.get("item", ()):
                self._note(child, item["linkId"])

    def links(self):
        return frozenset(link for link in self.items if self.shown(link))

    def shown(self, link):
        if link not in self.items:
            return False
        if link not in self.known:
            self.known[link] = False  # Questions that wait for each other are never asked.
            parent = self.parents[link]
            self.known[link] = (parent is None or self.shown(parent)) and self.enabled(self.items[link])
        return self.known[link]

    def enabled(self, item):
        conditions = item.get("enableWhen", ())
        enough = any if item.get("enableBehavior") == "any" else all
        return not conditions or enough(self.holds(each) for each in conditions)

    def holds(self, condition):
        value = self.answer(condition["question"])
        wanted = next(each for key, each in condition.items() if key.startswith("answer"))
        wanted = wanted["code"] if isinstance(wanted, dict) else wanted
        if condition["operator"] == "exists":
            return (value is not None) == wanted
        return value is not None and compares(condition["operator"], value, wanted)

    def answer(self, link):
        """The answer, if it is one and its question is asked."""
        return typed(self.items[link], self.answers.get(link)) if self.shown(link) else None


def compares(operator, value, wanted):
    if isinstance(value, list):
        given = [each.get("code") if isinstance(each, dict) else each for each in value]
        return (wanted in given) == (operator == "=") if operator in ("=", "!=") else False
    if operator in ("=", "!="):
        return (type(value) is type(wanted) and value == wanted) == (operator == "=")
    if isinstance(value, bool) or isinstance(value, str) != isinstance(wanted, str):
        return False
    return {
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[operator]


# What was answered


def kept(definition, answers):
    """The answers that count: of questions that are asked, and of their type."""
    asked = Asked(definition, answers)
    found = {}
    for section in sections(definition):
        for item in inside(section):
            link = item["linkId"]
            value = asked.answer(link) if item["type"] != "display" else None
            if value is not None:
                found[link] = value
            elif extension(item, "none") and asked.shown(link) and asked.answers.get(NONE + link) is True:
                found[NONE + link] = True
    return found


def screens_in(section):
    """Groups of yes/no questions with one “None of these”."""
    return [item for item in inside(section) if extension(item, "screen")]


def problems(definition, answers):
    """Why the form is not complete, in the order of the form; empty: it can be sent."""
    found = kept(definition, answers)
    shown = visible(definition, answers)
    return [problem for section in sections(definition) for problem in _problems(section, found, shown)]


def _problems(section, found, shown):
    in_screens = {child["linkId"] for group in screens_in(section) for child in group["item"]}
    for group in screens_in(section):
        asked = [each["linkId"] for each in group["item"] if each["linkId"] in shown]
        if asked and not all(link in found for link in asked):
            says = _("Tick what applies, or “%(none)s”.") % {"none": extension(group, "none")}
            yield Problem(section["linkId"], group["linkId"], says)
    for item in questions(section):
        link = item["linkId"]
        if link in in_screens or link not in shown:
            continue
        if item.get("required") and link not in found and NONE + link not in found:
            yield Problem(section["linkId"], link, wanted(item))
        elif is_rows(item):
            yield from _row_problems(section, item, found.get(link, []))


def _row_problems(section, item, rows):
    for number, row in enumerate(rows):
        for name, field in fields_of(item).items():
            if field.get("required") and name not in row:
                says = _("%(what)s: please fill this in, or remove the line.") % {"what": field["text"]}
                yield Problem(section["linkId"], f"{item['linkId']}-{number}.{name}", says)


def wanted(item):
    if extension(item, "none"):
        return _("Choose what applies, or “%(none)s”.") % {"none": extension(item, "none")}
    if item["type"] == "boolean" or item["type"] in CHOICES:
        return _("Please choose an answer.")
    return _("Please answer this.")


def emergencies(definition, answers):
    """Keys of the emergency texts that these answers call for, each once, in order."""
    found = kept(definition, answers)
    keys = [
        extension(item, "emergency")
        for section in sections(definition)
        for item in inside(section)
        if found.get(item["linkId"]) is True and extension(item, "emergency")
    ]
    return list(dict.fromkeys(keys))


def scores(definition, answers):
    """{name: sum} of every score whose questions are all answered. An option counts what FHIR calls its
    ordinal value, a number itself. A question names its score in the extension `score`."""
    found, sums, incomplete = kept(definition, answers), {}, set()
    shown = visible(definition, answers)
    for section in sections(definition):
        for item in inside(section):
            name = extension(item, "score")
            if not name or item["linkId"] not in shown:
                continue
            points = points_of(item, found.get(item["linkId"]))
            if points is None:
                incomplete.add(name)
            else:
                sums[name] = sums.get(name, 0) + points
    return {name: total for name, total in sums.items() if name not in incomplete}


def points_of(item, value):
    if item["type"] in NUMBERS:
        return value
    chosen = value if isinstance(value, list) else [value]
    options = options_of(item)
    points = [ordinal(options[code]) for code in chosen if code in options]
    return sum(points) if points and None not in points else None


def ordinal(option):
    return next(
        (each["valueDecimal"] for each in option.get("extension", ()) if each["url"] == ORDINAL), None
    )


def lines_and_questions(definition) -> Iterator[tuple[dict, int]]:
    """(item, depth) of every section, question, line and field of a row, switched off or not, in order."""

    def below(item, depth):
        yield item, depth
        for child in item.get("item", ()):
            # What a checklist's lines are is its choices, not a text of its own.
            if not (extension(item, "checklist") and last_word(child["linkId"]) == "code"):
                yield from below(child, depth + 1)

    for section in definition["item"]:
        yield from below(section, 0)
