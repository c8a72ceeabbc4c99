"""Who may sign what, what exactly is signed, and how long it counts. Pure."""

import hashlib
import re
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from intake.rules.forms import (
    document_of,
    extension,
    fields_of,
    is_rows,
    kept,
    options_of,
    questions,
    sections,
)

ADULT_AT = 18  # Nearly every state's age of majority; the owner's lawyer knows the exceptions.
PLACEHOLDER = re.compile(r"\{[^{}]+\}")
LONGEST_NAME = 150


class Signer(NamedTuple):
    """Whose name it is: the patient's, a registered guardian's (`guardian` is the relation's id), a helper's."""

    name: str
    role: str = "patient"  # patient, guardian, helper
    guardian: int | None = None
    relation: str = ""


class Given(NamedTuple):
    """A consent as it was signed."""

    document_version: str
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    by_guardian: bool


def lines_of(definition):
    document = document_of(definition)
    rows = document["item"] if document else []
    return [each for each in rows if not extension(each, "off")]


def statement_of(definition):
    """What stands directly over the signature."""
    return next((each["text"] for each in lines_of(definition) if extension(each, "statement")), "")


def exact_text(definition, answers=None):
    """Everything that is signed, as one text: title, what was filled in, every line, the statement."""
    filled = [f"{label}: {said}" for label, said in in_words(definition, answers or {})]
    return "\n\n".join([definition["title"], *filled, *(each["text"] for each in lines_of(definition))])


def text_version(definition):
    """SHA-256 of the text itself: it changes when a word of it changes, and only then."""
    return hashlib.sha256(exact_text(definition).encode()).hexdigest()


def in_words(definition, answers):
    """[(question, answer)] of everything that counts, as a person reads it."""
    found = kept(definition, answers)
    rows = []
    for section in sections(definition):
        for item in questions(section):
            link = item["linkId"]
            if link in found:
                rows.append((item["text"], answer_in_words(item, found[link])))
            elif found.get(f"no_{link}"):
                rows.append((item["text"], extension(item, "none")))
    return rows


def answer_in_words(item, value):
    if is_rows(item):
        return "; ".join(row_in_words(item, row) for row in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    names = {code: each["valueCoding"]["display"] for code, each in options_of(item).items()}
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(names.get(each, str(each)) for each in chosen)


def row_in_words(item, row):
    fields = fields_of(item)
    return ", ".join(answer_in_words(fields[name], row[name]) for name in fields if name in row)


def reasons_not_to_hand_out(title, definition, *, unread=False):
    """A text that the owner has not supplied, or nobody of the clinic has read, is not handed out."""
    if not any(PLACEHOLDER.search(each["text"]) for each in lines_of(definition)):
        waits = _("“%(form)s” waits to be read. The owner reads it under Clinic, Forms, and says so there.")
        return [waits % {"form": title}] if unread else []
    reason = _(
        "“%(form)s” is not finished. Until the owner supplies its text under Clinic, Forms, it stays here."
    )
    return [reason % {"form": title}]


def reasons_not_to_sign(signer, *, age, guardians, signature):
    """Why this name cannot stand under the form. `guardians` are ids of guardians who may sign now; `signature`
    is false for a form that only says who filled it in. Nobody's age is guessed: without a birth date the
    patient signs."""
    reasons = []
    if not signer.name.strip():
        reasons.append(_("Type your name."))
    if len(signer.name) > LONGEST_NAME:
        reasons.append(_("This name is too long. Shorten it."))
    if signer.role not in ("patient", "guardian", "helper"):
        reasons.append(_("Say who you are."))
    if signer.role == "guardian" and signer.guardian not in guardians:
        reasons.append(_("This guardian is not registered, or may not sign. Ask the clinic."))
    if signature and signer.role == "helper":
        reasons.append(_("Only the patient or a registered guardian can sign. A person who helps cannot."))
    if signature and signer.role == "patient" and is_minor(age):
        reasons.append(_("A guardian signs for a patient under 18. Ask the clinic to register one."))
    return reasons


def is_minor(age):
    return age is not None and age < ADULT_AT


def birthday_of_age(birth_date):
    """The day somebody comes of age; born on February 29: on March 1."""
    if birth_date is None:
        return None
    try:
        return birth_date.replace(year=birth_date.year + ADULT_AT)
    except ValueError:
        return date(birth_date.year + ADULT_AT, 3, 1)


def state_of(given, *, current_version, age, at):
    """Whether a consent counts: valid, missing, expired, changed, guardian_ended, withdrawn."""
    if given is None:
        return "missing"
    if given.withdrawn_at is not None and given.withdrawn_at <= at:
        return "withdrawn"
    if given.expires_at is not None and given.expires_at <= at:
        return "expired"
    if given.document_version != current_version:
        return "changed"
    # What a guardian signed ends with the last day of being a minor.
    return "guardian_ended" if given.by_guardian and not is_minor(age) else "valid"
