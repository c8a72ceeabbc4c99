"""The points, and every name somebody may type for one, as values. No database, no clock."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MM_PER_CUN = 25  # for needle length; needles_and_modalities.json, cun_to_mm

# Places of a set on one side (on the midline: all of them), counted from the `location` of acupoints.csv.
# EX-B2 stands for 17 levels on each side, of which nobody needles all: it has no usual number.
SET_PLACES = {
    "EX-HN1": 4,
    "EX-UE2": 2,
    "EX-UE7": 2,
    "EX-UE9": 4,
    "EX-UE10": 4,
    "EX-UE11": 5,
    "EX-LE1": 2,
    "EX-LE5": 2,
    "EX-LE10": 4,
    "EX-LE12": 5,
}
LONGEST_MISSPELLING = 40  # letters; what is longer is no name, and is compared by its beginning
LEVELS = "EX-B2"  # the set whose members are named by a vertebra


class Point(NamedTuple):
    """One row of acupoints.csv, as far as rules and charts need it.

    `hanzi` holds every form in print, traditional first. Depths are in mm, of an average adult. `view, x, y`
    place the patient's left point; `laterality` is bilateral, midline, left or right.
    """

    code: str
    meridian: str
    pinyin: str
    pinyin_plain: str
    hanzi: tuple[str, ...]
    english: str
    region: str
    surface: str
    bilateral: bool
    laterality: str
    depth_min_mm: int
    depth_max_mm: int
    angles: tuple[str, ...]
    forbidden: bool
    pregnancy: str
    over_lung: bool
    risk_tags: tuple[str, ...]
    caution: str
    view: str
    x: int
    y: int


class Alias(NamedTuple):
    """One row of point_aliases.csv. `kind` is prefix (target: a meridian or EX-B2) or name (target: a point)."""

    alias: str
    normalized: str
    kind: str
    target: str
    usual_us: bool = False
    ambiguous: bool = False
    note: str = ""


class Name(NamedTuple):
    """A name of a point: as compared, as written, and whose."""

    normalized: str
    written: str
    code: str


def normalize(text):
    """Lower case, letters and digits only, tones and accents off: what names are compared by."""
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return "".join(character for character in decomposed if character.isalnum())


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The points a clinic uses, by code, with what is typed for them. Lookups are built once, when first used.

    A point that is hidden is simply not in `points`; aliases of points that are not there mean nothing.
    """

    points: Mapping[str, Point]
    aliases: tuple[Alias, ...] = ()

    @cached_property
    def order(self):
        """{code: its place in the catalogue}."""
        return {code: place for place, code in enumerate(self.points)}

    @cached_property
    def codes(self):
        """{normalized code: code}."""
        return {normalize(code): code for code in self.points}

    @cached_property
    def names(self):
        """{normalized name: the codes it may mean, in the catalogue's order}."""
        return self._by_name(self._given_names)

    @cached_property
    def numbers(self):
        """{normalized prefix + number or vertebra: code}: ub23, liv3, htjjt3."""
        return {name.normalized: name.code for name in self._numbered_names}

    @cached_property
    def usual_us(self):
        """{code: what an American clinic writes for it}."""
        prefixes = {
            each.target: each.alias for each in self.aliases if each.kind == "prefix" and each.usual_us
        }
        plain = {each.target: each.alias for each in self.aliases if each.kind == "name" and each.usual_us}
        return {code: plain.get(code) or _with_prefix(code, prefixes) for code in self.points}

    @cached_property
    def every_name(self):
        """All names, codes and numbered forms, sorted by what is compared."""
        codes = [Name(normalized, code, code) for normalized, code in self.codes.items()]
        return sorted({*codes, *self._given_names, *self._numbered_names})

    @cached_property
    def pairs(self):
        """For what is spelled wrong: see pairs_of()."""
        return pairs_index({name.normalized for name in self.every_name})

    @cached_property
    def _given_names(self):
        names = [
            Name(each.normalized, each.alias, each.target)
            for each in self.aliases
            if each.kind == "name" and each.target in self.points
        ]
        for point in self.points.values():
            # A level is written with its vertebra; the characters are those of the whole set.
            characters = () if point.code.startswith(f"{LEVELS}-") else point.hanzi
            names += [
                Name(normalize(written), written, point.code)
                for written in (point.pinyin, point.pinyin_plain, point.english, *characters)
                if written
            ]
        return names

    @cached_property
    def _numbered_names(self):
        prefixes = {}
        for each in self.aliases:
            if each.kind == "prefix":
                prefixes.setdefault(each.target, []).append(each)
        names = []
        for code in self.points:
            meridian, number = split_code(code)
            for prefix in prefixes.get(meridian, ()):
                apart = " " if " " in prefix.alias or meridian == LEVELS else ""
                written = f"{prefix.alias}{apart}{number}"
                names.append(Name(prefix.normalized + number.lower(), written, code))
        return names

    def _by_name(self, names):
        found = {}
        for name in names:
            found.setdefault(name.normalized, set()).add(name.code)
        return {key: tuple(sorted(codes, key=self.order.get)) for key, codes in found.items()}


def split_code(code):
    """LI4 is (LI, 4); EX-B2-T3 is (EX-B2, T3); others have no number of their own."""
    level = re.fullmatch(r"(EX-B2)-([CTL]\d+)", code) or re.fullmatch(r"([A-Z]{2})(\d+)", code)
    return level.groups() if level else (code, "")


def _with_prefix(code, prefixes):
    meridian, number = split_code(code)
    if not number or meridian not in prefixes:
        return code
    return f"{prefixes[meridian]} {number}" if meridian == LEVELS else f"{prefixes[meridian]}{number}"


def pairs_of(word):
    """The pairs of neighboring letters of a word, its ends marked: words that share many are spelled alike."""
    marked = f"^{word}$"
    return {marked[place : place + 2] for place in range(len(marked) - 1)}


def pairs_index(words):
    """{pair of letters: words that have it}."""
    index = {}
    for word in sorted(words):
        for pair in pairs_of(word):
            index.setdefault(pair, []).append(word)
    return index


def spelled_alike(word, index, limit=3, least=0.5):
    """Words of `index` most like `word`, best first; `least` is the share of common pairs (Dice), 0–1."""
    pairs = pairs_of(word[:LONGEST_MISSPELLING])
    shared = {}
    for pair in pairs:
        for other in index.get(pair, ()):
            shared[other] = shared.get(other, 0) + 1
    scores = [(2 * count / (len(pairs) + len(other) + 1), other) for other, count in shared.items()]
    best = sorted((-score, other) for score, other in scores if score >= least)
    return [other for _score, other in best[:limit]]
