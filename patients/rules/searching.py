"""How a search text becomes patterns: pure text, no database.

Stored `search_text` is lower case without accents: names, telephone digits, e-mail, and the birth date in the
ways people type it. Every name in it follows a space, so `% garcia%` means "a word begins with garcia".
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from patients.models import plain

LONGEST_TEXT = 80
MOST_WORDS = 6
SHORTEST_INSIDE = (
    3  # One or two letters are looked for at the start of words only: inside, they are everywhere.
)
SHORTEST_WITH_TYPO = 4
LONGEST_WITH_TYPO = 30
DATE_FORMATS = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y-%m-%d", "%Y/%m/%d", "%m%d%Y")


@dataclass(frozen=True)
class Word:
    """LIKE patterns of one word of the search: as typed, and with one typo.

    `near` is what an index can look up quickly and contains all of `typos`; both are empty where a typo
    would match nearly everybody.
    """

    inside: tuple[str, ...]
    starts: tuple[str, ...]
    whole: tuple[str, ...]
    near: tuple[str, ...] = ()
    typos: tuple[str, ...] = ()
    is_name: bool = False

    @property
    def whole_or_mistyped(self):
        """Patterns of a whole word, as typed or with one typo."""
        return (*self.whole, *(f"{typo[:-1]} %" for typo in self.typos))


def words_to_find(text):
    """The words of a search text, all of which a patient must have; empty when nothing can be looked for."""
    parts = plain(text[:LONGEST_TEXT]).replace("\0", " ").split()
    words = []
    for kind, run in groupby(parts, key=kind_of):
        if kind == "number":
            words.append(word_of_numbers(" ".join(run)))
        elif kind:
            words.extend(word_of_name(part) if kind == "name" else word_of_date(part) for part in run)
    return words[:MOST_WORDS]


def kind_of(part):
    if any(c.isalpha() or c == "@" for c in part):
        return "name"
    if date_typed(part):
        return "date"
    return "number" if digits_in(part) else None


def word_of_numbers(text):
    """Digits in any format: part of a telephone number, or of a birth date."""
    digits = digits_in(text)
    forms = [digits]
    if len(digits) >= 7:  # Stored with the country code; the 0 that other countries dial first is not.
        forms += [f"1{digits}", digits.lstrip("0")]
    if text != digits and " " not in text:
        forms.append(text)
    return word(forms, typo_in=digits if len(digits) >= 7 else "", anchor="%")


def word_of_date(text):
    day = date_typed(text)
    return word((f"{day:%Y-%m-%d}",), typo_in=f"{day.month}/{day.day}/{day.year}")


def word_of_name(text):
    """Part of a name or an e-mail address; of an address, the typo is looked for before the @."""
    before, at, _domain = text.partition("@")
    return word((text,), typo_in=before, end=f"{at}%", is_name=not at)


def word(forms, *, typo_in, anchor="% ", end="%", is_name=False):
    """`anchor` and `end` surround a typo: at the start of a word, or (for digits) anywhere."""
    forms = [escaped(form) for form in forms]
    inside = tuple(f"%{form}%" if len(form) >= SHORTEST_INSIDE else f"% {form}%" for form in forms)
    starts, whole = tuple(f"% {form}%" for form in forms), tuple(f"% {form} %" for form in forms)
    if not SHORTEST_WITH_TYPO <= len(typo_in) <= LONGEST_WITH_TYPO:
        return Word(inside, starts, whole, is_name=is_name)
    typos = tuple(f"{anchor}{typo}{end}" for typo in one_typo(typo_in))
    return Word(inside, starts, whole, near(typo_in, anchor) or typos, typos, is_name)


def near(text, anchor):
    """Few patterns that cover every text one typo away: one half of it is untouched, or the middle is swapped."""
    middle = len(text) // 2
    if len(text) < 5:
        return ()
    left, right = text[:middle], text[middle:]
    swapped = left[:-1] + right[0] + left[-1] + right[1:]
    return (f"{anchor}{escaped(left)}%", f"%{escaped(right)}%", f"{anchor}{escaped(swapped)}%")


def one_typo(text):
    """LIKE patterns of every text that one wrong, missing, extra or swapped letter away became this one."""
    cuts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    wrong = [(a, "_", b[1:]) for a, b in cuts if b]
    missing = [(a, "_", b) for a, b in cuts if b]
    extra = [(a, "", b[1:]) for a, b in cuts if b]
    swapped = [(a + b[1] + b[0], "", b[2:]) for a, b in cuts if len(b) > 1 and b[0] != b[1]]
    return sorted(
        {escaped(a) + any_letter + escaped(b) for a, any_letter, b in wrong + missing + extra + swapped}
    )


def escaped(text):
    return re.sub(r"([\\%_])", r"\\\1", text)


def digits_in(text):
    return "".join(c for c in text if c in "0123456789")


def date_typed(text) -> date | None:
    for form in DATE_FORMATS:
        try:
            # The zone does not matter: only the day is taken.
            day = datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
        if day.year >= 1850:
            return day
    return None


def guess_from(text):
    """Fields of a new record from what was searched in vain: names, a telephone number, an e-mail, a birth date."""
    fields, names, emails = {}, [], []
    for kind, run in groupby(text[:LONGEST_TEXT].replace("\0", " ").split(), key=kind_of):
        run = list(run)
        if kind == "date":
            fields["birth_date"] = date_typed(run[0])
        elif kind == "number" and len(digits_in("".join(run))) >= 7:
            fields["phone"] = " ".join(run)
        elif kind == "name":
            names += [part for part in run if "@" not in part]
            emails += [part for part in run if "@" in part]
    given, family = (names[0], " ".join(names[1:])) if names else ("", "")
    if given.endswith(","):  # Garcia, Maria
        given, family = family, given.rstrip(",")
    named = {"given_name": capital(given), "family_name": capital(family), "email": "".join(emails[:1])}
    return {name: value for name, value in {**named, **fields}.items() if value}


def capital(name):
    """Maria of maria; McCoy stays."""
    return name.title() if name.islower() else name
