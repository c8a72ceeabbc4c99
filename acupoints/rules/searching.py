"""How a point is searched: pure text, no database.

Stored `search_text` is lower case without accents. A name of the point (code, alias, pinyin, characters) is
written `=bl23 `, a word of the English name plain, a word of meridian or region `~chest`; each follows a space.
So "=bl23 " means the whole name, "=bl" its beginning.
"""

import re
import unicodedata
from typing import NamedTuple

LONGEST_TEXT = 80
MOST_WORDS = 6
# Shorter words are looked for at the start of words only: inside, they are everywhere.
SHORTEST_INSIDE = 3
TONES = re.compile(r"(?:[a-z]+[1-5]){2,}")


class Asked(NamedTuple):
    """What was typed: the words, and as one name, with tone numbers taken off where it has some."""

    words: tuple[str, ...]
    names: tuple[str, ...]


def plain(text):
    """Lower case without accents and tone marks."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def squeezed(text):
    """Letters and digits only: `EX-HN 3` is exhn3, `Zú sān lǐ` is zusanli."""
    return "".join(c for c in plain(text) if c.isalnum())


def asked(text):
    """The words and names of a search text; nothing to look for when there are no words."""
    text = text[:LONGEST_TEXT].replace("\0", " ")
    joined = re.sub(r"([a-z])[\s.\-]+(\d)", r"\1\2", plain(text))
    words = tuple(word for part in joined.split() if (word := squeezed(part)))[:MOST_WORDS]
    name = squeezed(text)
    names = (name, re.sub(r"\d", "", name)) if TONES.fullmatch(name) else (name,)
    return Asked(words, names if words else ())


def looked_inside(word):
    """Whether a word is looked for inside other words: long ones, and characters."""
    return len(word) >= SHORTEST_INSIDE or not word.isascii()


def search_text(*, code, names, english, places):
    """The stored text of one point; all arguments but the code are lists of texts."""
    tokens = dict.fromkeys(f"={squeezed(name)}" for name in (code, *names) if squeezed(name))
    words = dict.fromkeys(squeezed(word) for name in english for word in name.split())
    around = dict.fromkeys(f"~{squeezed(word)}" for place in places for word in re.split(r"[\s/]+", place))
    return f" {' '.join([*tokens, *words, *around])} "


# Channels in the order in which they are taught, then the sets of extra points.
MERIDIANS = (
    *("LU", "LI", "ST", "SP", "HT", "SI", "BL", "KI", "PC", "TE", "GB", "LR", "GV", "CV"),
    *("EX-HN", "EX-CA", "EX-B", "EX-UE", "EX-LE"),
)
SPINE = {"C": 0, "T": 1, "L": 2}
LEVEL = re.compile(r"EX-B2-([CTL])(\d+)")


def place_of(code, meridian, seq):
    """Sorts points as the catalogue lists them: by channel and number; levels of EX-B2 after it, down the spine."""
    channel = MERIDIANS.index(meridian) if meridian in MERIDIANS else len(MERIDIANS)
    if level := LEVEL.fullmatch(code):
        return (channel, 2, SPINE[level[1]], int(level[2]), code)
    # Codes of other lists (N-HN-54) come after those of the set.
    return (channel, seq or 999, 0 if code.startswith(meridian) else 1, 0, code)
