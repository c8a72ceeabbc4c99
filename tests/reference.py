"""The reference data as values, straight from the files that are shipped: for tests without a database."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from acupoints.rules.catalogue import Alias, Catalogue, Point
from acupoints.rules.safety import Rule

DATA = Path(__file__).resolve().parents[1] / "acupoints" / "data"
HIDDEN = {"EX-B2-C1", "EX-B2-C2"}  # until the owner enables them


class Word(NamedTuple):
    """A technique as acupoints.queries.terms("technique") gives it, as far as the rules look."""

    key: str
    name: str
    group: str


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts(cell):
    return tuple(cell.split(";")) if cell else ()


@cache
def catalogue(neck_levels=False):
    """The catalogue of a clinic that enabled EX-B2 at C1 and C2, or did not."""
    points = [point_of(row) for row in rows("acupoints.csv") if neck_levels or row["code"] not in HIDDEN]
    aliases = tuple(alias_of(row) for row in rows("point_aliases.csv"))
    return Catalogue({point.code: point for point in points}, aliases)


def point_of(row):
    forms = [row["hanzi_traditional"], row["hanzi_simplified"], *parts(row["hanzi_variants"])]
    same = (
        "code",
        "meridian",
        "pinyin",
        "pinyin_plain",
        "region",
        "surface",
        "laterality",
        "pregnancy",
        "view",
    )
    return Point(
        **{name: row[name] for name in same},
        hanzi=tuple(dict.fromkeys(forms)),
        english=row["english_name"],
        bilateral=row["bilateral"] == "true",
        depth_min_mm=int(row["depth_min_mm"]),
        depth_max_mm=int(row["depth_max_mm"]),
        angles=parts(row["angles"]),
        forbidden=row["needling_forbidden"] == "true",
        over_lung=row["pneumothorax_risk"] == "true",
        risk_tags=parts(row["risk_tags"]),
        caution=row["caution"],
        x=int(row["x"]),
        y=int(row["y"]),
    )


def alias_of(row):
    flags = {name: row[name] == "true" for name in ("usual_us", "ambiguous")}
    return Alias(row["alias"], row["normalized"], row["kind"], row["target"], **flags, note=row["note"])


@cache
def vocabulary():
    return json.loads((DATA / "needles_and_modalities.json").read_text(encoding="utf-8"))


@cache
def techniques():
    return tuple(
        Word(row["id"], row["name"], row["group"]) for row in vocabulary()["insertion_and_manipulation"]
    )


@cache
def safety_rules():
    return tuple(rule_of(row) for row in rows("contraindications.csv"))


def rule_of(row):
    lists = {name: parts(row[name]) for name in ("applies_to", "point_codes")}
    review = row["needs_clinician_review"] == "true"
    return Rule(**{**row, **lists, "needs_clinician_review": review})
