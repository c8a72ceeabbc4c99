"""A measure as its file defines it, read into values. No database, no clock."""

import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal

OWN = "ACT3"  # the patient's own activities: its items are named by the patient
NONE_TICKED = "none"  # "None of these": told apart from a list that nobody looked at
HIGHER = "higher_is_better"


@dataclass(frozen=True, slots=True)
class Option:
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` is scale, choice or tick. A scale's ends carry words in `low` and `high`."""

    id: str
    text: str
    kind: str
    options: tuple[Option, ...]
    low: str = ""
    high: str = ""

    @property
    def values(self):
        return {option.value for option in self.options}


@dataclass(frozen=True, slots=True)
class Band:
    least: int
    most: int
    label: str


@dataclass(frozen=True, slots=True)
class OnPositive:
    """What follows a score from `least` on: a clinician's task, with its steps and the text the patient is shown."""

    least: int
    steps: tuple[str, ...]
    text_key: str


@dataclass(frozen=True, slots=True)
class Measure:
    """`smallest` is the change people notice, in points; `percent` the same as a share of the first score."""

    key: str
    name: str
    domain: str
    recall: str
    instruction: str
    citation: str
    items: tuple[Item, ...]
    method: str
    use: str
    decimals: int
    least: int
    most: int
    higher_is_better: bool
    responders: frozenset
    bands: tuple[Band, ...]
    smallest: Decimal | None
    percent: int | None
    smallest_single: Decimal | None
    source: str
    alerts: tuple[tuple[str, str], ...]
    on_positive: OnPositive | None
    sha256: str

    @property
    def answerable(self):
        """Whether a patient can answer it: the items of some are restricted and not shipped."""
        return bool(self.items)

    @property
    def is_mood(self):
        """Answers that are the patient's alone: never shown to whoever acts for them."""
        return self.on_positive is not None

    @property
    def is_own(self):
        return self.key == OWN


def measure_from(definition, name=""):
    """A Measure of one entry of the file; `name` is what the clinic calls it."""
    scoring, mcid = definition["scoring"], definition.get("mcid") or {}
    return Measure(
        key=definition["id"],
        name=name or definition["name"],
        domain=definition["domain"],
        recall=definition.get("recall", ""),
        instruction=definition.get("instruction", ""),
        citation=definition.get("citation", ""),
        items=tuple(item_from(entry) for entry in definition["items"]),
        method=scoring["method"],
        use=scoring.get("use", ""),
        decimals=scoring.get("decimals", 0),
        least=scoring["min"],
        most=scoring["max"],
        higher_is_better=scoring["direction"] == HIGHER,
        responders=frozenset(int(each) for each in re.findall(r"\d+", scoring.get("responder", ""))),
        bands=tuple(Band(each["min"], each["max"], each["label"]) for each in definition.get("bands", [])),
        smallest=decimal(mcid.get("absolute")),
        percent=mcid.get("relative_percent"),
        smallest_single=decimal(mcid.get("single_activity")),
        source=mcid.get("source", ""),
        alerts=tuple((each["when"], each["action"]) for each in definition.get("alerts", [])),
        on_positive=on_positive_from(definition.get("on_positive")),
        sha256=sha256_of(definition),
    )


def decimal(number):
    return None if number is None else Decimal(str(number))


def item_from(entry):
    response = entry["response"]
    kind = {"integer_scale": "scale", "choice": "choice", "tick": "tick"}[response["type"]]
    if kind == "scale":
        options = [Option(value, str(value)) for value in range(response["min"], response["max"] + 1)]
    elif kind == "choice":
        options = [Option(each["value"], each["label"]) for each in response["options"]]
    else:
        options = [Option(1, entry["text"])]
    low, high = response.get("min_label", ""), response.get("max_label", "")
    return Item(entry["id"], entry["text"], kind, tuple(options), low, high)


def on_positive_from(entry):
    if not entry:
        return None
    (least,) = re.fullmatch(r"score >= (\d+)", entry["when"]).groups()
    return OnPositive(int(least), tuple(entry["steps"]), entry["patient_text_key"])


def sha256_of(definition):
    return hashlib.sha256(json.dumps(definition, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
