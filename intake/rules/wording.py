"""The owner's words in a form: what can be reworded or switched off, and what cannot. Pure."""

from copy import deepcopy
from typing import NamedTuple

from django.utils.translation import gettext as _

from intake.rules.forms import URN, extension, lines_and_questions

LONGEST_WORDS = 20_000
OFF = {"url": URN + "off", "valueBoolean": True}


class Words(NamedTuple):
    """One text of a form. `optional` is false for what the form cannot do without: headings, the statement."""

    link: str
    text: str
    asked: bool
    optional: bool
    depth: int


def words_of(definition):
    """Every text of a form that the owner may change, in order."""
    return [
        Words(
            link=item["linkId"],
            text=item["text"],
            asked=not extension(item, "off"),
            optional=depth > 0 and not extension(item, "statement"),
            depth=depth,
        )
        for item, depth in lines_and_questions(definition)
    ]


def reworded(definition, title, texts, asked):
    """The definition with these texts; what is not among `asked` is switched off. Nothing else changes."""
    made = deepcopy(definition)
    made["title"] = title.strip()
    for item, _depth in lines_and_questions(made):
        link = item["linkId"]
        item["text"] = texts.get(link, item["text"]).strip()
        rest = [each for each in item.get("extension", []) if each["url"] != OFF["url"]]
        item["extension"] = rest if link in asked else [*rest, OFF]
        if not item["extension"]:
            del item["extension"]
    return made


def reasons_not_to_reword(before, title, texts, asked):
    reasons = []
    words = words_of(before)
    if not title.strip() or len(title.strip()) > 120:
        reasons.append(_("The form needs a title of at most 120 characters."))
    if any(not texts.get(each.link, "").strip() for each in words):
        reasons.append(_("A text is empty. Switch its question off instead."))
    if any(len(texts.get(each.link, "")) > LONGEST_WORDS for each in words):
        reasons.append(_("A text is longer than 20,000 characters. Shorten it."))
    if any(not each.optional and each.link not in asked for each in words):
        reasons.append(_("Headings and the line above the signature stay. Change their words instead."))
    if not reasons and reworded(before, title, texts, asked) == before:
        reasons.append(_("Nothing was changed."))
    return reasons
