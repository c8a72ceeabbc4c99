"""Numbers of the input line: how deep, how many needles, how many Hertz."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from acupoints.rules.catalogue import MM_PER_CUN
from treatment.rules.words import bare

# No needle: a slip of the finger. Twice the longest size of needles_and_modalities.json.
DEEPEST_MM = 200
MOST_NEEDLES = 99  # of one item; two digits

NUMBER = r"(?:[0-9]{1,4}(?:\.[0-9]{1,3})?|\.[0-9]{1,3})"
NEEDLES = re.compile(r"[x×]([0-9]{1,4})|([0-9]{1,4})[x×]")
HERTZ = re.compile(rf"({NUMBER}(?:[/-]{NUMBER})?)hz")
DEPTH = re.compile(rf"({NUMBER})(mm|cm|cun)")
FROM_TO = re.compile(rf"({NUMBER})-({NUMBER})(mm|cm|cun)")
INCH = re.compile(rf"({NUMBER})(?:in|inch|inches|\")")
BARE = re.compile(rf"{NUMBER}(?:[/-]{NUMBER})?")
MM = {"mm": 1, "cm": 10, "cun": MM_PER_CUN}


class Measure(NamedTuple):
    """`field` is needles, depth_mm or hz. With a `problem`, `value` is as typed, and `offers` what may be meant."""

    field: str
    value: int | str
    problem: str = ""
    offers: tuple[str, ...] = ()


def measure_at(words):
    """(words used, Measure) of the one or two words given; (0, None) where they are no measure."""
    first, second = (bare(word.lower()) for word in words)
    if not first or not (first[0] in "x×." or first[0].isdigit()) or len(first) > 20:
        return 0, None
    apart = measure_of(first + second) if second and len(second) <= 6 and not is_complete(first) else None
    if apart:
        return 2, apart
    alone = measure_of(first) or bare_number(first)
    return (1, alone) if alone else (0, None)


def is_complete(word):
    return word not in ("x", "×") and not BARE.fullmatch(word)


def measure_of(word):
    if match := NEEDLES.fullmatch(word):
        return needles_of(int(match.group(1) or match.group(2)))
    if match := HERTZ.fullmatch(word):
        return hertz_of(match.group(1))
    if match := DEPTH.fullmatch(word):
        return depth_of(word, *match.groups())
    if match := FROM_TO.fullmatch(word):
        shallow, deep, unit = match.groups()
        return Measure("depth_mm", word, _("Write one depth."), (f"{shallow}{unit}", f"{deep}{unit}"))
    if match := INCH.fullmatch(word):
        number = match.group(1)
        return Measure("depth_mm", word, _("Write the depth in mm or cun."), (f"{number}cun",))
    return None


def needles_of(number):
    if 1 <= number <= MOST_NEEDLES:
        return Measure("needles", number)
    says = _("Write a number of needles from 1 to %(most)d.") % {"most": MOST_NEEDLES}
    return Measure("needles", f"x{number}", says)


def depth_of(word, number, unit):
    """In whole mm, halves up, as acupoints.csv rounds: 0.5 cun is 13 mm."""
    depth = int((Decimal(number) * MM[unit]).quantize(Decimal(1), ROUND_HALF_UP))
    if 1 <= depth <= DEEPEST_MM:
        return Measure("depth_mm", depth)
    says = _("Write a depth from 1 to %(most)d mm.") % {"most": DEEPEST_MM}
    return Measure("depth_mm", word, says)


def hertz_of(numbers):
    """One frequency or two alternating ones, as text: 2, 2/100."""
    each = [Decimal(number) for number in re.split("[/-]", numbers)]
    if 0 in each:
        return Measure("hz", numbers, _("Write a frequency above 0 Hz."))
    return Measure("hz", "/".join(plain(number) for number in each))


def plain(number):
    return f"{number.normalize():f}"


def bare_number(word):
    if not BARE.fullmatch(word):
        return None
    says = _("Write what the number means: 25mm for a depth, x3 for needles, 2Hz for a frequency.")
    return Measure("", word, says, (f"{word}mm", f"x{word}") if word.isdigit() else (f"{word}cun",))
