"""The input line of a note: what acupuncturists write, read into items and printed again.

`LI4 LV3, GB20 b 25mm tonify, ST36 L e-stim 2Hz, ashi L trap x3, ear shenmen R, HTJJ L4 b`

Commas, semicolons and line ends part items; so does the start of the next point. Words in "quotation marks" are always
the place of an ashi, ear or trigger point. Nothing is guessed: what is not understood comes back as a problem with
the nearest offers. Time grows with the length of the text, whatever it holds.
"""

import re
from typing import NamedTuple

from acupoints.rules.catalogue import SET_PLACES, normalize
from acupoints.rules.names import complete, look_up
from treatment.rules.pieces import Item, default_needles
from treatment.rules.reading import LONGEST_POINT, Problem, Reading, clean, tokens_of
from treatment.rules.words import risky_words, vocabulary, words_of

SIDE_LETTERS = {"left": "L", "right": "R", "both": "b", "none": "midline", "": ""}


class Line(NamedTuple):
    """Items stay in with a problem of their own (a side not said); what could not be read is in problems only."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]


class LineCompletion(NamedTuple):
    """`insert` may replace text[start:end]. For a point `code` is set, and `name` is the name that was begun."""

    start: int
    end: int
    insert: str
    code: str
    name: str


def parse(text, catalogue, terms):
    """`terms`: the clinic's techniques, anything with key, name and group."""
    reading = Reading(text, catalogue, vocabulary(terms))
    reading.read()
    problems = sorted(reading.problems, key=lambda problem: (problem.start, problem.end))
    return Line(tuple(reading.items), tuple(problems))


def print_line(items, terms=(), name=str):
    """The items as a line that parses to the same items. `name` turns a code into what is shown for it."""
    risky = risky_words(terms)
    return ", ".join(print_item(item, risky, name) for item in items)


def print_item(item, risky, name):
    # Of a set the number is always shown: nobody has it in mind.
    usual = None if item.code in SET_PLACES else default_needles(item.code, item.side)
    words = [
        *whereabouts(item, risky, name),
        "" if item.needles == usual else f"x{item.needles}",
        "" if item.depth_mm is None else f"{item.depth_mm}mm",
        item.angle,
        *item.techniques,
        "e-stim" if item.stimulation == "electrical" else item.stimulation,
        f"{item.hz}Hz" if item.hz else "",
    ]
    return " ".join(filter(None, words))


def whereabouts(item, risky, name):
    """As people write it: GV20, ST36 L, ashi L trap, ear shenmen R."""
    side = SIDE_LETTERS[item.side]
    if item.kind == "point":
        return [name(item.code), "" if item.side == "none" else side]
    place = print_place(item.place, risky)
    return [item.kind, side, place] if item.kind == "ashi" else [item.kind, place, side]


def print_place(place, risky):
    """In quotation marks, unless each word can only be a word."""
    plain = all(re.fullmatch("[A-Za-z][A-Za-z'-]+", word) for word in place.split(" "))
    if not place or (plain and risky.isdisjoint(words_of(place))):
        return place
    return f'"{place}"'


def complete_line(text, cursor, catalogue, terms=(), limit=8):
    """What the words before the cursor may become: points by any name, then words about the point before them."""
    words, known = words_before(clean(text), cursor), vocabulary(terms)
    meanings = [known.phrases.get(words_of(word.text)) for word in words]
    ended = text[cursor - 1 : cursor].isspace()
    if not words or (meanings[-1] and len(words) > 1):
        return ()
    for first, word in enumerate(words):
        typed = " ".join(each.text for each in words[first:])
        if ended and look_up(typed, catalogue):
            return ()
        points = () if first and meanings[first] else complete(typed, catalogue, limit)
        if points and may_start(typed, meanings):
            return tuple(
                LineCompletion(word.start, cursor, each.code, each.code, each.name) for each in points
            )
    return () if ended or len(words) == 1 else words_begun(words[-1], cursor, known, limit)


def may_start(typed, meanings):
    """In the words of a place only what is written as a code starts a point."""
    in_place = any(meaning and meaning.field == "kind" for meaning in meanings)
    return not in_place or any(letter.isdigit() for letter in typed)


def words_before(text, cursor):
    """The words between the last comma, semicolon or line end and the cursor."""
    words = []
    for token in tokens_of(text[:cursor]):
        words = [*words[1 - LONGEST_POINT :], token] if token.kind == "word" else []
    return words


def words_begun(word, cursor, known, limit):
    """One form of each meaning, the shortest first."""
    typed = normalize(word.text)
    begun = sorted((len(key), key) for key in known.written if typed and key.startswith(typed))
    forms = {
        known.phrases[words_of(known.written[key])]: known.written[key] for _length, key in reversed(begun)
    }
    chosen = sorted(forms.values(), key=lambda form: (len(form), form))[:limit]
    return tuple(LineCompletion(word.start, cursor, form, "", form) for form in chosen)


__all__ = ["Item", "Line", "Problem", "complete_line", "default_needles", "parse", "print_line"]
