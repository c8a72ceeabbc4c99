"""The words of the input line: sides, kinds of place, stimulation, techniques and their short forms."""

import re
from functools import lru_cache
from typing import NamedTuple

from acupoints.rules.catalogue import normalize, pairs_index, spelled_alike

SIDES = {
    "left": ("l", "left", "lt"),
    "right": ("r", "right", "rt"),
    "both": ("b", "bl", "bil", "bilat", "bilateral", "bilaterally", "both"),
    "none": ("midline",),
}
PLAIN = re.compile(r"[^\W_]+(?:[-_'’][^\W_]+)*")  # letters and digits, joined by a hyphen or the like

# Written with signs, which are not compared otherwise.
SIGNS = {
    "t+": ("technique", "tonify"),
    "b/l": ("side", "both"),
    "l/r": ("side", "both"),
    "r/l": ("side", "both"),
    "l+r": ("side", "both"),
    "r+l": ("side", "both"),
}
KINDS = {
    "ashi": ("ashi", "ah shi"),
    "ear": ("ear", "auricular"),
    "trigger": ("trigger", "trigger point", "trigger pt", "trp", "tp"),
}
STIMULATION = {
    "electrical": (
        "e-stim",
        "e stim",
        "ea",
        "electro",
        "electrical",
        "electroacupuncture",
        "electro acupuncture",
    ),
    "manual": ("manual", "manually"),
    "none": ("none", "no stim", "no stimulation"),
}
# Short and spoken forms of the shipped techniques; their keys and names are taken from the list itself.
TECHNIQUES = {
    "perpendicular": ("perp", "perpendicular", "straight"),
    "oblique": ("obl", "oblique", "slanted"),
    "transverse": ("trans", "transverse", "flat", "horizontal", "transverse or flat"),
    "guide_tube": ("guide tube", "guidetube", "tube"),
    "freehand": ("freehand", "free hand"),
    "pinch": ("pinch", "pinched", "pinched skin"),
    "stretch": ("stretch", "stretched", "stretched skin"),
    "even": ("even", "even method", "neutral"),
    "tonify": ("tonify", "tonifying", "tonification", "ton", "reinforce", "reinforcing", "bu"),
    "reduce": ("reduce", "reducing", "red", "sedate", "sedating", "disperse", "xie"),
    "lift_thrust": ("lift thrust", "liftthrust", "lift and thrust", "lifting and thrusting"),
    "rotate": ("rotate", "rotating", "rotation", "rot", "twirl"),
    "scrape": ("scrape", "scraping", "handle scraping"),
    "flick": ("flick", "flicking"),
    "shallow": ("shallow", "superficial", "shallow needling"),
    "threading": ("threading", "thread", "threaded"),
    "warm_needle": ("warm needle", "warming needle", "warm"),
}
# After one of these a point or a measure says where an ashi point lies: "2 cun below ST36", "near GB20".
DIRECTIONS = frozenset(
    {
        "near",
        "at",
        "by",
        "beside",
        "below",
        "beneath",
        "above",
        "under",
        "over",
        "behind",
        "between",
        "and",
        "of",
        "to",
    }
    | {"from", "off", "around", "along", "in", "on", "toward", "medial", "lateral", "superior", "inferior"}
    | {"distal", "proximal", "anterior", "posterior"}
)


class Meaning(NamedTuple):
    """`field` is side, kind, stimulation, angle or technique."""

    field: str
    value: str


class Vocabulary(NamedTuple):
    """`phrases`: {words as compared: Meaning}; `longest` of them, in words; `pairs` finds what is spelled alike;

    `written`: {the letters of a phrase: the phrase}.
    """

    phrases: dict
    longest: int
    pairs: dict
    written: dict


def vocabulary(terms):
    """Of the clinic's techniques: anything with key, name, group (`angle` or another)."""
    return _vocabulary(tuple((term.key, term.name, term.group) for term in terms))


@lru_cache(maxsize=8)
def _vocabulary(terms):
    phrases, written = {}, {}
    for form, meaning in _fixed_forms():
        phrases[words_of(form)] = meaning
    for key, name, group in terms:
        meaning = Meaning("angle" if group == "angle" else "technique", key)
        for form in (key, name, *TECHNIQUES.get(key, ())):
            phrases.setdefault(words_of(form), meaning)
    phrases.pop((), None)  # a name without a letter
    for words in phrases:
        written.setdefault("".join(words), " ".join(words))
    long = [word for word in written if len(word) > 3]
    return Vocabulary(phrases, max(len(words) for words in phrases), pairs_index(long), written)


def _fixed_forms():
    for field, table in (("side", SIDES), ("kind", KINDS), ("stimulation", STIMULATION)):
        for value, forms in table.items():
            for form in forms:
                yield form, Meaning(field, value)


def words_of(form):
    """The words of a form, as compared; none where a sign in it could change what it says: R- is not R."""
    words = tuple(bare(word) for word in form.split())
    return tuple(normalize(word) for word in words) if all(PLAIN.fullmatch(word) for word in words) else ()


def bare(word):
    """Without brackets around it and a stop after it."""
    return word.lstrip("([{").rstrip(".:!?)]}")


def nearest_words(text, known, limit=2):
    """Words of the vocabulary spelled like `text`, as they are written; none for what has digits or is short."""
    typed = normalize(text[:40])
    if len(typed) < 4 or any(character.isdigit() for character in typed):
        return ()
    alike = spelled_alike(typed, known.pairs, limit=limit, least=0.6)
    return tuple(known.written[word] for word in alike)


def risky_words(terms):
    """Words that would be read as something else if a place were printed without quotation marks."""
    forms = [
        form for table in (SIDES, KINDS, STIMULATION, TECHNIQUES) for each in table.values() for form in each
    ]
    forms += [form for term in terms for form in (term.key, term.name)]
    return {word for form in forms for word in words_of(form)}
