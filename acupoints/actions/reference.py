"""The files of this app: points, aliases, safety rules, and the vocabulary of treatment."""

import json
from collections import defaultdict
from pathlib import Path

from django.db import connection

from acupoints.models import Acupoint, PointAlias, SafetyRule, Term, TermKind
from acupoints.rules.searching import search_text
from clinic.actions.reference import Dataset, csv_rows

DATA = Path(__file__).resolve().parent.parent / "data"
# Levels of the neck that lie over the vertebral artery and the cord; an owner can show them.
SHIPPED_HIDDEN = frozenset({"EX-B2-C1", "EX-B2-C2"})
# Where each kind stands in the file, and which of its columns are name and group.
TERMS = [
    (TermKind.TECHNIQUE, ("insertion_and_manipulation",), "name", "group"),
    (TermKind.SENSATION, ("de_qi",), "patient_word", "polarity"),
    (TermKind.MODALITY, ("modalities",), "name", "category"),
    (TermKind.SEGMENT, ("chiropractic", "segments"), "name", "region"),
    (TermKind.ADJUSTING_TECHNIQUE, ("chiropractic", "techniques"), "name", "force"),
    (TermKind.NEEDLE_SIZE, ("needle_sizes",), "", ""),
]


def read_terms(text, model):
    """Every word of needles_and_modalities.json as a row."""
    found = json.loads(text)
    rows = [row for kind, path, name, group in TERMS for row in _terms(found, kind, path, name, group)]
    return rows + _listings(found["chiropractic"]["listings"])


def _terms(found, kind, path, name, group):
    for step in path:
        found, whole = found[step], found
    rows = []
    for position, entry in enumerate(found, start=1):
        data = {column: value for column, value in entry.items() if column not in ("id", name, group)}
        if kind == TermKind.MODALITY:
            data |= _reach(entry, whole)
        shown = entry[name] if name else f"{entry['diameter_mm']:.2f} × {entry['length_mm']} mm"
        rows.append(_term(kind, entry["id"], shown, entry[group] if group else "", position, data))
    return rows


def _reach(entry, file):
    """The groups a modality belongs to, and the regions of the body its own region acts on."""
    groups = [name for name, members in file["modality_groups"].items() if entry["id"] in members]
    regions = file["modality_regions"].get(entry["region"])
    return {"groups": groups, "regions": regions if isinstance(regions, list) else []}


def _listings(groups):
    pairs = [(group, value) for group, found in groups.items() for value in found["values"]]
    return [
        _term(TermKind.LISTING, value, value.replace("_", " "), group, position, {})
        for position, (group, value) in enumerate(pairs, start=1)
    ]


def _term(kind, key, name, group, position, data):
    return {
        "kind": kind.value,
        "key": key,
        "name": name,
        "group": group,
        "position": position,
        "data": data,
    }


def alias_key(row):
    return f"{row['normalized']} {row['kind']} {row['target']}"


DATASETS = [
    Dataset("points", Acupoint, DATA / "acupoints.csv", csv_rows(key="code"), 437, SHIPPED_HIDDEN),
    Dataset("point aliases", PointAlias, DATA / "point_aliases.csv", csv_rows(key=alias_key), 190),
    Dataset("safety rules", SafetyRule, DATA / "contraindications.csv", csv_rows(key="rule_id"), 98),
    Dataset("terms", Term, DATA / "needles_and_modalities.json", read_terms, 269),
]


def refresh_search_text():
    """Write the search text of every point whose names, or whose aliases, changed; how many those are.

    Two statements to read and at most one to write. Part of loading, and of saving a point or an alias.
    """
    prefixes, names = _aliases()
    texts = {}
    for point in Acupoint.objects.order_by():
        text = text_of(point, prefixes, names[point.key])
        if text != point.search_text:
            texts[point.pk] = text
    if texts:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE acupoints_acupoint SET search_text = fresh.text, version = version + 1"
                " FROM unnest(%s::bigint[], %s::text[]) AS fresh(id, text) WHERE acupoints_acupoint.id = fresh.id",
                [list(texts), list(texts.values())],
            )
    return len(texts)


def _aliases():
    """({meridian or set: its prefixes}, {point: its other names})."""
    prefixes, names = defaultdict(list), defaultdict(list)
    for row in PointAlias.objects.effective():
        (prefixes if row.kind == "prefix" else names)[row.target].append(row.alias)
    return prefixes, names


def text_of(point, prefixes, names):
    """The search text of one point: `UB23`, `Liv 3`, `HTJJ T3` are names made of a prefix and what follows it."""
    numbered = [f"{prefix}{point.seq}" for prefix in prefixes[point.meridian] if point.seq is not None]
    levels = [
        prefix + point.key.removeprefix(f"{stem}-")
        for stem in prefixes
        if point.key.startswith(f"{stem}-")
        for prefix in prefixes[stem]
    ]
    characters = [point.hanzi_traditional, point.hanzi_simplified, *point.hanzi_variants.split()]
    return search_text(
        code=point.key,
        names=[*numbered, *levels, *names, *point.aliases, point.pinyin_plain, *characters],
        english=[point.english_name],
        places=[point.meridian, *prefixes[point.meridian], point.region],
    )
