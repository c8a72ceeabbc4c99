"""Rights, ticks, aftercare and evidence: rules by table, without a database."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from patients.models import RelatedPerson
from portal.rules import after, home, why
from portal.rules.rights import OWN, Rights, rights_of

TODAY = date(2026, 11, 24)  # a Tuesday
NONE = {"visits": False, "forms": False, "payments": False, "health": False, "own": False}


def relation(**fields):
    return RelatedPerson(name="Nora", relation="aunt", **fields)


@pytest.mark.parametrize(
    ("given", "rights"),
    [
        ([{}], {}),
        ([{"appointments": True}], {"visits": True}),
        ([{"forms": True}], {"forms": True}),
        ([{"payments": True}], {"payments": True}),
        ([{"health_details": True}], {"health": True}),
        ([{"guardian": True}], {}),
        ([{"guardian": True, "health_details": True}], {"health": True}),
        ([{"guardian": True, "health_details": True, "may_be_told": False}], {}),
        # Who is no guardian has no “may be told”: the right alone counts.
        ([{"health_details": True, "may_be_told": False}], {"health": True}),
        ([{"appointments": True}, {"payments": True}], {"visits": True, "payments": True}),
    ],
)
def test_each_right_of_a_proxy_stands_alone(given, rights):
    assert rights_of([relation(**fields) for fields in given])._asdict() == {**NONE, **rights}


def test_ones_own_record_is_open():
    assert Rights(True, True, True, True, True) == OWN
    assert (OWN.any, Rights().any, Rights(forms=True).any) == (True, False, True)


def test_a_week_runs_from_monday():
    assert home.week_of(TODAY) == [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
    assert home.week_of(date(2026, 11, 29))[0] == date(2026, 11, 23)
    assert home.week_of(date(2026, 11, 30))[0] == date(2026, 11, 30)


def ticks(*said):
    return [SimpleNamespace(activity_id=1, on=TODAY, done=done) for done in said]


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ((), set()),
        ((True,), {(1, TODAY)}),
        ((True, False), set()),
        ((True, False, True), {(1, TODAY)}),
        ((False,), set()),
    ],
)
def test_the_last_tick_of_a_day_counts(said, standing):
    assert home.standing(ticks(*said)) == standing


@pytest.mark.parametrize(
    ("done", "wanted", "words"),
    [
        (0, 3, "0 of 3 this week"),
        (2, 3, "2 of 3 this week"),
        (3, 3, "3 of 3 this week, done"),
        (4, 3, "4 of 3 this week, done"),
    ],
)
def test_the_week_in_words(done, wanted, words):
    assert home.said(done, wanted) == words


@pytest.mark.parametrize(
    ("per_week", "words"),
    [(1, "1 time a week"), (3, "3 times a week"), (7, "Every day"), (14, "14 times a week")],
)
def test_how_often_in_words(per_week, words):
    assert home.often(per_week) == words


GONE = ["This is no longer part of your plan. Load the page again."]
NEW_DAY = ["A new day has begun since you opened this page. Load it again, then tick."]


@pytest.mark.parametrize(
    ("on", "runs", "reasons"),
    [
        (TODAY, True, []),
        (TODAY, False, GONE),
        (TODAY - timedelta(days=1), True, NEW_DAY),
        (TODAY + timedelta(days=1), True, NEW_DAY),
        (date.min, False, GONE),
    ],
)
def test_only_today_and_only_what_is_agreed_is_ticked(on, runs, reasons):
    assert home.reasons_not_to_tick(on=on, today=TODAY, runs=runs) == reasons


@pytest.mark.parametrize(
    ("days", "recent", "fresh"),
    [
        (-1, False, True),
        (0, True, True),
        (1, True, True),
        (2, True, False),
        (14, True, False),
        (15, False, False),
    ],
)
def test_advice_stands_for_two_weeks_and_unfolded_for_a_day(days, recent, fresh):
    on = TODAY - timedelta(days=days)
    assert (after.is_recent(on, TODAY), after.is_fresh(on, TODAY)) == (recent, fresh)


ACU, ADJ, CUP, WATER = (
    "aftercare_acupuncture",
    "aftercare_adjustment",
    "aftercare_cupping",
    "aftercare_water_movement",
)


@pytest.mark.parametrize(
    ("disciplines", "chosen", "keys"),
    [
        ([], [], [WATER]),
        (["massage"], [], [WATER]),
        (["acupuncture", "chiropractic"], [], [ACU, ADJ, WATER]),
        (["acupuncture"], [CUP, ACU, WATER], [ACU, CUP, WATER]),
    ],
)
def test_aftercare_follows_what_was_done_and_what_was_chosen(disciplines, chosen, keys):
    assert after.aftercare_keys(disciplines, chosen) == keys


CHEST, NECK, BACK, CALL = after.CHEST, after.NECK, after.BACK, after.CALL_US


@pytest.mark.parametrize(
    ("done", "keys"),
    [
        ({}, [CALL]),
        ({"regions": ["hand", "foot"]}, [CALL]),
        ({"regions": ["hand", "upper back"]}, [CHEST, CALL]),
        ({"regions": ["shoulder"]}, [CHEST, CALL]),
        ({"regions": ["neck"], "over_lung": True}, [CHEST, CALL]),
        ({"adjusted": [("C5", "")]}, [NECK, CALL]),
        ({"adjusted": [("", "cervical_hvla")]}, [NECK, CALL]),
        ({"adjusted": [("T4", "thoracic_hvla")]}, [CALL]),
        ({"adjusted": [("L4", "")]}, [BACK, CALL]),
        ({"adjusted": [("SI", "sacroiliac_hvla")]}, [BACK, CALL]),
        (
            {"regions": ["chest"], "adjusted": [("C2", "cervical_hvla"), ("L5", "lumbar_hvla")]},
            [CHEST, NECK, BACK, CALL],
        ),
    ],
)
def test_emergency_words_follow_what_was_done(done, keys):
    assert after.emergency_keys(**{"regions": [], "over_lung": False, "adjusted": [], **done}) == keys


def test_a_texts_paragraphs_name_the_clinics_phone_and_drop_the_numbers_of_sources():
    body = "Soreness is common [1, 2].\n\nCall us at {clinic_phone} [3]."
    assert after.paragraphs(body, phone="555-0100") == ["Soreness is common.", "Call us at 555-0100."]
    assert after.paragraphs(body, phone="", numbered=True) == [
        "Soreness is common [1, 2].",
        "Call us at  [3].",
    ]


@pytest.mark.parametrize(
    ("region", "disciplines", "keys"),
    [
        ("any", ["acupuncture"], ["not_instead_of_medical_care"]),
        ("neck", ["acupuncture"], ["studies_neck", "not_instead_of_medical_care"]),
        ("back", ["acupuncture"], ["studies_low_back", "not_instead_of_medical_care"]),
        (
            "neck",
            ["acupuncture", "chiropractic"],
            ["studies_neck", "studies_combined", "not_instead_of_medical_care"],
        ),
        ("any", ["massage"], ["massage_relief", "not_instead_of_medical_care"]),
        ("knee", [], ["not_instead_of_medical_care"]),
    ],
)
def test_words_about_studies_follow_the_plan(region, disciplines, keys):
    assert why.text_keys(region, disciplines) == keys


@pytest.mark.parametrize(
    ("visits", "split"),
    [
        (5, ([], ["MAYO", "FANG2024"])),
        (6, (["MAYO"], ["FANG2024"])),
        (8, (["MAYO"], ["FANG2024"])),
        (9, ([], ["MAYO", "FANG2024"])),
    ],
)
def test_a_source_is_named_only_for_the_number_of_visits_it_speaks_of(visits, split):
    template = SimpleNamespace(visits_min=6, visits_max=8, dose_source=["MAYO"], background=["FANG2024"])
    assert why.splits(template, visits) == split
    assert why.splits(None, visits) == ([], [])
