"""A note in a few lines, and which modality an adjustment is."""

import pytest

from treatment.rules.adjusting import modality_of
from treatment.rules.state import empty_state
from treatment.rules.summary import lines_of

NEEDLING = {
    "kind": "point", "code": "GB20", "place": "", "side": "both", "needles_in": 2, "depth_mm": 20,
    "stimulation": "", "hz": "",
}  # fmt: skip


def lines(**changes):
    return lines_of({**empty_state(), **changes})


def test_nothing_written_is_no_line():
    assert lines() == []


def test_the_lines_stand_in_the_order_of_the_note():
    assert lines(
        said_pain_now=4,
        said_change="better",
        said_words="slept through",
        found_tongue={"picks": ["pale"], "words": ""},
        found_pulse={"picks": ["wiry"], "words": "left more"},
        needlings=[NEEDLING, {**NEEDLING, "kind": "ashi", "code": "", "place": "trap", "side": "left", "needles_in": 3,
                              "depth_mm": None}],
        sets=[{"retention_minutes": 30}],
        adjustments=[{"segment": "C5", "listing": "PL", "response": "moved"}],
        next_time="go light left",
    ) == [
        "pain 4, better",
        "slept through",
        "tongue pale",
        "pulse wiry, left more",
        "GB20 b, 20 mm; ashi trap L x3 · 30 minutes in",
        "C5 PL moved",
        "next: go light left",
    ]  # fmt: skip


def test_pain_of_zero_is_said():
    assert lines(said_pain_now=0) == ["pain 0"]


def test_a_point_is_called_as_the_clinic_calls_it():
    assert lines_of(
        {**empty_state(), "needlings": [{**NEEDLING, "code": "LR3"}]}, label={"LR3": "LV3"}.get
    ) == ["LV3 b, 20 mm"]


@pytest.mark.parametrize(
    "technique, thrust, region, modality",
    [
        ("diversified", True, "cervical", "cervical_hvla"),
        ("diversified", True, "rib", "thoracic_hvla"),
        ("thompson", True, "pelvis", "sacroiliac_hvla"),
        ("gonstead", True, "extremity", "extremity_adjustment"),
        ("activator", False, "cervical", "activator"),
        ("logan", False, "sacral", "mobilisation"),
        ("", True, "cervical", ""),
    ],
)
def test_the_modality_of_an_adjustment(technique, thrust, region, modality):
    assert modality_of(technique, thrust, region) == modality
