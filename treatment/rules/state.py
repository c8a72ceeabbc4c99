"""A draft as one piece of JSON: what may stand in it, cleaned. No database, no clock.

A state is {field: value, …, kind: [child, …]}. Fields are columns of the note; children keep the id the page
gave them and the order they stand in. What only the server knows (`SERVER_KEYS`, the `at` and `by` of a count)
is ignored when a page sends it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from treatment.models import Compared, Felt, PlaceKind, Side, Stimulation
from treatment.models.children import AgainstRule

SHORT, LINE, TEXT = 80, 200, 10_000
MOST_ROWS = 200


class Problem(NamedTuple):
    """`where` names the field, or kind and child: "said_pain_now", "needlings/<id>/side"."""

    where: str
    says: str


class Wrong(Exception):
    """A value that cannot stand there; its text says what can."""


class Asked(NamedTuple):
    """How one value is cleaned, and what stands for nothing."""

    clean: Callable
    empty: object = ""


def text(limit=TEXT):
    def clean(value):
        if not isinstance(value, str):
            raise Wrong(_("This must be text."))
        # What PostgreSQL cannot keep: NUL, and halves of characters.
        kept = value.replace("\0", "").encode("utf-8", "ignore").decode().strip()
        if len(kept) > limit:
            raise Wrong(_("This is too long. Shorten it to %(limit)s characters.") % {"limit": limit})
        return kept

    return Asked(clean)


def lot(value):
    """In capitals, so that one question finds every needle of a lot."""
    return text(60).clean(value).upper()


def whole(low, high, empty=None):
    def clean(value):
        if value is None and empty is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(
                _("This must be a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}
            )
        return value

    return Asked(clean, empty)


def millimetres(value):
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 200:
        raise Wrong(_("A depth is between 0 and 200 mm."))
    return round(float(value), 1)


def one_of(*values, empty=""):
    def clean(value):
        if value != empty and value not in values:
            raise Wrong(_("Choose one of: %(values)s.") % {"values": ", ".join(map(str, values))})
        return value

    return Asked(clean, empty)


def flag(value):
    if not isinstance(value, bool):
        raise Wrong(_("This must be yes or no."))
    return value


def maybe(value):
    return None if value is None else flag(value)


def texts(value):
    if not isinstance(value, list) or len(value) > 40:
        raise Wrong(_("This must be a list of at most 40."))
    one = text(SHORT).clean
    return [kept for each in value if (kept := one(each))]


def uuid_or_none(value):
    if value in (None, ""):
        return None
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Wrong(_("This does not name a row.")) from None


def day(value):
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError):
        raise Wrong(_("Write the date as year-month-day.")) from None


def instant(value):
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC).isoformat() if found.tzinfo else _no_zone()
    except (ValueError, TypeError, OverflowError):
        raise Wrong(_("This is not a time with its zone.")) from None


def _no_zone():
    raise ValueError


def picks_and_words(name):
    """{name: [keys], "words": text}: from pickers, with free text beside."""

    def clean(value):
        if not isinstance(value, dict):
            raise Wrong(_("This must have choices and words."))
        return {name: texts(value.get(name, [])), "words": text().clean(value.get("words", ""))}

    return Asked(clean, {name: [], "words": ""})


SIDE = one_of(*Side.values)
KEYS = Asked(texts, [])
COUNT = whole(0, 200, empty=0)

FIELDS = {
    "said_pain_now": whole(0, 10),
    "said_change": one_of(*Compared.values),
    "said_after": text(),
    "said_words": text(),
    "found_tongue": picks_and_words("picks"),
    "found_pulse": picks_and_words("picks"),
    "found_palpation": text(),
    "codes": KEYS,
    "pattern": text(),
    "progress": text(),
    "response_words": text(),
    "felt": one_of(*Felt.values),
    "advice": picks_and_words("texts"),
    "next_time": text(),
    "clean_technique": Asked(flag, False),
    "sharps_box": Asked(flag, False),
    "order_followed": Asked(maybe, None),
    "late_reason": text(LINE),
}
CHILDREN = {
    "sets": {
        "size": text(SHORT),
        "lot": Asked(lot),
        "expires_on": Asked(day, None),
        "box": Asked(uuid_or_none, None),
        "retention_minutes": whole(1, 600),
        "retention_reason": text(LINE),
        "started_at": Asked(instant, None),
        "ended_at": Asked(instant, None),
    },
    "needlings": {
        "needle_set": Asked(uuid_or_none, None),
        "kind": one_of(*PlaceKind.values, empty=None),
        "code": text(SHORT),
        "place": text(LINE),
        "region": text(SHORT),
        "side": SIDE,
        "view": text(20),
        "x": whole(-100, 2100),
        "y": whole(-100, 2100),
        "needles_in": COUNT,
        "depth_mm": Asked(millimetres, None),
        "angle": text(SHORT),
        "techniques": KEYS,
        "stimulation": one_of(*Stimulation.values),
        "hz": text(20),
        "sensations": KEYS,
        "discomfort": text(),
        "unusual": text(),
        "press_until": Asked(day, None),
    },
    "counts": {"region": text(SHORT), "side": SIDE, "out": COUNT},
    "adjuncts": {
        "modality": text(SHORT),
        "minutes": whole(0, 600),
        "area": text(SHORT),
        "side": SIDE,
        "words": text(),
    },
    "segments": {
        "segment": text(SHORT),
        "listings": KEYS,
        "tender": Asked(flag, False),
        "tone": text(LINE),
        "movement": text(LINE),
        "side": SIDE,
    },
    "regions": {
        "region": text(SHORT),
        "motion": text(SHORT),
        "degrees": whole(0, 360),
        "tone": text(LINE),
        "tenderness": text(LINE),
        "trigger_points": text(LINE),
    },
    "adjustments": {
        "segment": text(SHORT),
        "side": SIDE,
        "listing": text(SHORT),
        "technique": text(SHORT),
        "modality": text(SHORT),
        "response": text(),
    },
    "vitals": {"systolic": whole(30, 300), "diastolic": whole(10, 250)},
    "against": {
        "rule": text(SHORT),
        "words": text(),
        "severity": one_of("absolute", "relative", "caution"),
        "subject": text(120),
        "reason": text(500),
        "how": one_of(*AgainstRule.How.values, empty="chosen"),
    },
}
# What must not be empty, and what to do about it.
NEEDED = {
    ("needlings", "kind"): later("Say what kind of place this is."),
    ("adjuncts", "modality"): later("Choose what was done."),
    ("segments", "segment"): later("Choose the segment."),
    ("regions", "region"): later("Choose the region."),
    ("adjustments", "segment"): later("Choose the segment."),
    ("against", "rule"): later("Say which rule this is about."),
}
# Stamped by the server when the page sets what they belong to.
SERVER_KEYS = ("clean_technique_at", "clean_technique_by", "sharps_box_at", "sharps_box_by")
STAMPED = ("counts", "against")
TAPS = ("clean_technique", "sharps_box")


def empty_state():
    fields = {name: fresh(asked.empty) for name, asked in FIELDS.items()}
    return {**fields, **dict.fromkeys(SERVER_KEYS), "carried": [], **{kind: [] for kind in CHILDREN}}


def fresh(value):
    """A copy, so that nobody shares a list."""
    if isinstance(value, dict):
        return {key: fresh(each) for key, each in value.items()}
    return list(value) if isinstance(value, list) else value


def cleaned(raw):
    """(state, problems) of what a page sent; a state with problems is not kept.

    A field that is not sent is empty: a page sends the whole draft.
    """
    if not isinstance(raw, dict):
        return empty_state(), [Problem("", _("The note did not arrive whole. Reload the page."))]
    problems = [
        Problem(str(name)[:SHORT], _("Notes have no such field. Reload the page."))
        for name in raw
        if name not in empty_state()
    ]
    state = empty_state()
    for name, asked in FIELDS.items():
        state[name] = clean_value(raw, name, asked, name, problems)
    state["carried"] = clean_value(raw, "carried", Asked(names, []), "carried", problems)
    for kind in CHILDREN:
        state[kind] = clean_children(kind, raw.get(kind, []), problems)
    return state, problems + loose_ends(state)


def names(value):
    if not isinstance(value, list) or len(value) > 2000 or not all(isinstance(one, str) for one in value):
        raise Wrong(_("This must be a list of names."))
    return list(dict.fromkeys(value))


def clean_value(row, name, asked, where, problems):
    if name not in row:
        return fresh(asked.empty)
    try:
        return asked.clean(row[name])
    except Wrong as wrong:
        problems.append(Problem(where, str(wrong)))
        return fresh(asked.empty)


def clean_children(kind, rows, problems):
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        problems.append(Problem(kind, _("This must be a list of at most %(most)s.") % {"most": MOST_ROWS}))
        return []
    found = []
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            problems.append(Problem(f"{kind}/{number}", _("The note did not arrive whole. Reload the page.")))
            continue
        found.append(clean_child(kind, row, f"{kind}/{number}", problems))
    return found


def clean_child(kind, row, where, problems):
    child = {"id": clean_value(row, "id", Asked(uuid_or_none, None), f"{where}/id", problems)}
    if child["id"] is None:
        problems.append(Problem(f"{where}/id", _("The note did not arrive whole. Reload the page.")))
    where = f"{kind}/{child['id']}" if child["id"] else where
    for name, asked in CHILDREN[kind].items():
        child[name] = clean_value(row, name, asked, f"{where}/{name}", problems)
        if (kind, name) in NEEDED and not child[name]:
            problems.append(Problem(f"{where}/{name}", str(NEEDED[kind, name])))
    return child


def loose_ends(state):
    """Problems that show only when the whole is seen: ids given twice, needles of a set that is not there."""
    problems = []
    ids = [child["id"] for kind in CHILDREN for child in state[kind] if child["id"]]
    if len(ids) != len(set(ids)):
        problems.append(Problem("", _("Two rows of this note have the same id. Reload the page.")))
    sets = {one["id"] for one in state["sets"]}
    for needling in state["needlings"]:
        if needling["needle_set"] and needling["needle_set"] not in sets:
            problems.append(
                Problem(f"needlings/{needling['id']}/needle_set", _("Choose a set of needles of this note."))
            )
    return problems
