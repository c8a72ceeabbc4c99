"""From what somebody types to a point, and back. No database, no clock."""

import re
from bisect import bisect_left
from typing import NamedTuple

from acupoints.rules.catalogue import normalize, spelled_alike

LONGEST_TYPED = 80  # characters; no name is near that
VERTEBRA = re.compile("[clst][0-9]{1,2}")


class Found(NamedTuple):
    code: str


class Several(NamedTuple):
    """A name that several points share: ask which one."""

    codes: tuple[str, ...]


class Unknown(NamedTuple):
    """No point; `suggestions` are the codes of points spelled alike."""

    suggestions: tuple[str, ...]


class Completion(NamedTuple):
    """A point, and the name that was begun."""

    code: str
    name: str


def resolve(text, catalogue):
    """In the order of the reference data: code, name, prefix + number (leading zeros off).

    L4, S1, T3 and C5 are vertebrae, never points.
    """
    return look_up(text, catalogue) or Unknown(suggestions(text, catalogue))


def look_up(text, catalogue):
    """Found, Several, or None where no point is meant."""
    typed = normalize(text) if len(text) <= LONGEST_TYPED else ""
    if not typed or VERTEBRA.fullmatch(typed):
        return None
    if typed in catalogue.codes:
        return Found(catalogue.codes[typed])
    if typed in catalogue.names:
        codes = catalogue.names[typed]
        return Found(codes[0]) if len(codes) == 1 else Several(codes)
    numbered = catalogue.numbers.get(without_leading_zeros(typed))
    return Found(numbered) if numbered else None


def without_leading_zeros(typed):
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", typed)


def is_vertebra(text):
    return VERTEBRA.fullmatch(normalize(text[:LONGEST_TYPED])) is not None


def suggestions(text, catalogue, limit=3, least=0.5):
    """Codes of points spelled like `text`, nearest first; `least` as for spelled_alike()."""
    codes = []
    for name in spelled_alike(normalize(text[:LONGEST_TYPED]), catalogue.pairs, limit, least):
        codes += codes_named(name, catalogue)
    return tuple(dict.fromkeys(codes))[:limit]


def codes_named(normalized, catalogue):
    if normalized in catalogue.codes:
        return (catalogue.codes[normalized],)
    if normalized in catalogue.names:
        return catalogue.names[normalized]
    return (catalogue.numbers[normalized],)


def shown(code, catalogue, usual="us"):
    """A point as the clinic writes it: `us` UB23, Du20, Taiyang; `who` the code.

    What is shown can be typed again: a name that several points share is not used.
    """
    name = catalogue.usual_us.get(code, code) if usual == "us" else code
    return name if look_up(name, catalogue) == Found(code) else code


def complete(text, catalogue, limit=8):
    """Points with a name that begins like `text`, one completion each; then names that contain it.

    Whole names come first, then short ones.
    """
    typed = without_leading_zeros(normalize(text[:LONGEST_TYPED]))
    if not typed:
        return ()
    names = _beginning_with(typed, catalogue) or _containing(typed, catalogue)
    names.sort(key=lambda name: (len(name.normalized), catalogue.order[name.code]))
    first = {}
    for name in names:
        first.setdefault(name.code, name.written)
    return tuple(Completion(code, name) for code, name in list(first.items())[:limit])


def _beginning_with(typed, catalogue):
    names = catalogue.every_name
    place = bisect_left(names, (typed,))
    end = bisect_left(names, (typed + "\U0010ffff",))
    return names[place:end]


def _containing(typed, catalogue):
    if len(typed) < 3:
        return []
    return [name for name in catalogue.every_name if typed in name.normalized]
