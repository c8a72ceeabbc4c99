"""The agreement about a package: plain values in the shape packages/data/agreement.typ reads."""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.money import money
from packages.rules.selling import refund_rule, singly


class Parties(NamedTuple):
    """Between whom: the clinic with the lines of its address, the patient, who pays (empty: the patient)."""

    clinic: str
    clinic_lines: tuple[str, ...]
    patient: str
    payer: str


class Terms(NamedTuple):
    """What was agreed. `policy` is the clinic's text about visits that are missed, may be empty."""

    name: str
    price: object
    lines: tuple
    valid_from: object
    valid_until: object
    note: str
    first_visits: str
    policy: str


def long_date(day):
    return date_format(day, "F j, Y")


def visits(number):
    return ngettext("%(n)s visit", "%(n)s visits", number) % {"n": number}


def agreement(parties, terms, *, on):
    """The data of the PDF, as JSON values."""
    payer = parties.payer or parties.patient
    return {
        "title": _("Agreement: %(name)s") % {"name": terms.name},
        "author": parties.clinic,
        "lang": "en",
        "clinic": {"name": parties.clinic, "lines": [line for line in parties.clinic_lines if line]},
        "date": long_date(on),
        "about": [
            _("Patient: %(name)s") % {"name": parties.patient},
            _("Paid by: %(name)s") % {"name": payer},
        ],
        "heads": [_("What it holds"), _("Visits"), _("Price of one"), _("One by one")],
        "rows": [
            [line.name, str(line.visits), money(line.single), money(line.total)] for line in terms.lines
        ],
        "sums": sums(terms),
        "sections": [{"heading": heading, "words": words} for heading, words in sections(terms) if words],
        "sign": [_("Signature of who pays"), _("Date")],
        "foot": terms.name,
    }


def sums(terms):
    total = singly(terms.lines)
    rows = [
        [_("All visits bought one by one"), money(total)],
        [_("Price of the package"), money(terms.price)],
    ]
    if total > terms.price:
        rows.append([_("Less than one by one"), money(total - terms.price)])
    return rows


def sections(terms):
    valid = _(
        "From %(first)s to %(last)s, both days included. A visit not had by then expires. Ask us before if you need"
        " more time."
    ) % {"first": long_date(terms.valid_from), "last": long_date(terms.valid_until)}
    return [
        (_("How long it is valid"), valid),
        (_("If you end it early"), refund_rule()),
        (_("Late cancellations and missed visits"), terms.policy),
        (_("First visits"), sentence(terms.first_visits)),
        (_("What we do not promise"), no_promise(terms.note)),
    ]


def no_promise(note):
    words = _("A package is a number of visits, not a promise of a result. You can stop at any time.")
    return f"{words} {sentence(note)}".strip()


def sentence(words):
    """With a capital at its start and a full stop at its end."""
    words = words.strip()
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('.') else '.'}" if words else ""
