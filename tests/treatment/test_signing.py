"""What a note needs before it is signed; safety rules are never among it."""

from datetime import date
from uuid import UUID

import pytest

from treatment.rules.counting import Placed, Removed, balance
from treatment.rules.missing import signing_of
from treatment.rules.signing import Signing, lot_refusal, reasons_not_to_sign, retention_warning
from treatment.rules.state import cleaned

NO_NEEDLES = balance([], [])
ALL_OUT = balance([Placed("neck", "both", 2)], [Removed("neck", "left", 1), Removed("neck", "right", 1)])
ONE_MISSING = balance([Placed("neck", "both", 2)], [Removed("neck", "left", 1)])
ONE_TOO_MANY = balance([Placed("neck", "left", 1)], [Removed("neck", "left", 2)])
PRESS = balance([Placed("hand", "left", 1, press=True)], [])
COMPLETE = Signing(
    is_author=True,
    is_signed=False,
    is_entered_in_error=False,
    needles=ALL_OUT,
    exit_reason="",
    clean_technique=True,
    sharps_box=True,
    felt="nothing",
    carried=0,
)


def test_a_complete_note_is_signed():
    assert reasons_not_to_sign(COMPLETE) == []


NOTHING_WRITTEN = "Nothing is written in this note. Write what was done, or why nothing was."
COUNT_AGAIN = "Count the needles again, or use the emergency exit and say why."


@pytest.mark.parametrize(
    "changes, reasons",
    [
        ({"needles": ONE_MISSING}, ["1 needle is missing: neck, right.", COUNT_AGAIN]),
        (
            {"needles": ONE_TOO_MANY},
            ["1 more out than in: neck, left. Count again, or add what went in.", COUNT_AGAIN],
        ),
        ({"needles": ONE_MISSING, "exit_reason": "  "}, ["1 needle is missing: neck, right.", COUNT_AGAIN]),
        ({"needles": ONE_MISSING, "exit_reason": "Ambulance left with two in"}, []),
        ({"clean_technique": False}, ["Confirm clean technique."]),
        ({"sharps_box": False}, ["Confirm that the needles are in the sharps box."]),
        (
            {"needles": PRESS, "clean_technique": False, "sharps_box": False},
            ["Confirm clean technique.", "Confirm that the needles are in the sharps box."],
        ),
        ({"needles": NO_NEEDLES, "clean_technique": False, "sharps_box": False}, []),
        ({"felt": ""}, ["Ask “How do you feel?” and tap the answer."]),
        ({"felt": "something"}, []),
        ({"felt": "", "needles": NO_NEEDLES, "treated": False}, []),
        ({"says_nothing": True}, [NOTHING_WRITTEN]),
        ({"carried": 1}, ["1 field is carried over from last time. Confirm or change it."]),
        ({"carried": 12}, ["12 fields are carried over from last time. Confirm or change them."]),
        (
            {"missing_consents": ("Acupuncture",)},
            ["No signed consent: Acupuncture. Have it signed, or record that it was missing."],
        ),
        ({"is_signed": True, "felt": ""}, ["This note is signed already. Write an addendum."]),
        (
            {"is_entered_in_error": True, "felt": ""},
            ["This note is marked as entered in error. Write a new one in the right chart."],
        ),
        ({"is_author": False, "felt": ""}, ["Only the author signs a note. Write one of your own."]),
    ],
)
def test_each_reason(changes, reasons):
    assert reasons_not_to_sign(COMPLETE._replace(**changes)) == reasons


def test_all_that_is_missing_is_said_at_once():
    empty = COMPLETE._replace(
        needles=ONE_MISSING,
        clean_technique=False,
        sharps_box=False,
        felt="",
        carried=2,
        missing_consents=("Acupuncture", "Neck adjustment"),
    )
    assert reasons_not_to_sign(empty) == [
        "1 needle is missing: neck, right.",
        COUNT_AGAIN,
        "Confirm clean technique.",
        "Confirm that the needles are in the sharps box.",
        "Ask “How do you feel?” and tap the answer.",
        "2 fields are carried over from last time. Confirm or change them.",
        "No signed consent: Acupuncture. Have it signed, or record that it was missing.",
        "No signed consent: Neck adjustment. Have it signed, or record that it was missing.",
    ]


def test_a_reason_for_the_count_is_none_for_the_rest():
    note = COMPLETE._replace(needles=ONE_MISSING, exit_reason="Ambulance", clean_technique=False)
    assert reasons_not_to_sign(note) == ["Confirm clean technique."]


def test_rules_gone_against_are_not_asked_about():
    """Nothing of them reaches the signature: what was done can always be recorded."""
    assert [field for field in Signing._fields if "rule" in field or "against" in field] == []


@pytest.mark.parametrize("minutes", [None, 15, 30, 60])
def test_usual_retention_is_no_warning(minutes):
    assert retention_warning(minutes) == ""


@pytest.mark.parametrize("minutes", [0, 14, 61, 90])
def test_other_retention_is_a_warning(minutes):
    assert retention_warning(minutes) == (
        f"{minutes} minutes is outside the usual 15 to 60. Change it, or say why."
    )


@pytest.mark.parametrize("expires_on", [None, date(2026, 11, 24), date(2027, 1, 1)])
def test_a_lot_is_good_through_its_last_day(expires_on):
    assert lot_refusal(expires_on, date(2026, 11, 24)) == ""


def test_an_expired_lot_is_refused():
    assert lot_refusal(date(2026, 11, 23), date(2026, 11, 24)) == (
        "This lot expired on Nov 23, 2026. Open another box."
    )


@pytest.mark.parametrize(
    "changes, nothing",
    [
        ({}, True),
        ({"codes": ["M54.50"], "clean_technique": True, "sharps_box": True}, True),
        ({"sets": [{"id": str(UUID(int=1))}]}, True),
        ({"found_pulse": {"picks": ["wiry"]}}, False),
        ({"said_pain_now": 0}, False),
        ({"felt": "nothing"}, False),
        ({"progress": "Left before the needles"}, False),
        ({"vitals": [{"id": str(UUID(int=1)), "systolic": 120, "diastolic": 80}]}, False),
        ({"needlings": [{"id": str(UUID(int=1)), "kind": "point", "code": "LI4"}]}, False),
    ],
)
def test_what_stands_there_by_itself_says_nothing(changes, nothing):
    state, problems = cleaned(changes)
    assert problems == []
    about = {"is_author": True, "signed": False, "entered_in_error": False}
    assert (NOTHING_WRITTEN in reasons_not_to_sign(signing_of(state, **about))) == nothing
