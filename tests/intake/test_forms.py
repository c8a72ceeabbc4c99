"""Definitions and answers, without a database."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.actions.loading import shipped
from intake.rules.fields import fields
from intake.rules.forms import (
    Asked,
    emergencies,
    extension,
    inside,
    is_rows,
    kept,
    options_of,
    problems,
    questions,
    scores,
    sections,
    visible,
)
from intake.rules.posted import answers_from, not_understood
from intake.rules.signing import exact_text, in_words
from intake.rules.walking import FINISH, asked, left_at, next_to
from intake.rules.wording import reasons_not_to_reword, reworded, words_of

DATA = Path(__file__).resolve().parents[2]
FORMS = shipped()
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def boolean(link, *when, **more):
    return {"linkId": link, "text": link, "type": "boolean", "enableWhen": list(when), **more}


def when(link, answer=True, operator="="):
    return {"question": link, "operator": operator, "answerBoolean": answer}


def form(*items, **more):
    return {
        "title": "T",
        "item": [{"linkId": "s", "text": "S", "type": "group", "item": list(items)}],
        **more,
    }


def option(code, points=None):
    more = {"extension": [{"url": ORDINAL, "valueDecimal": points}]} if points is not None else {}
    return {"valueCoding": {"code": code, "display": code.upper()}, **more}


def scored(link, *when):
    return {
        "linkId": link, "text": link, "type": "choice", "enableWhen": list(when),
        "answerOption": [option("never", 0), option("often", 3)],
        "extension": [{"url": "urn:meridian:score", "valueString": "mood"}],
    }  # fmt: skip


class TestWhatIsAsked:
    def test_a_question_waits_for_its_answer(self):
        made = form(boolean("a"), boolean("b", when("a")))
        assert visible(made, {}) == {"s", "a"}
        assert visible(made, {"a": True}) == {"s", "a", "b"}
        assert visible(made, {"a": "yes"}) == {"s", "a"}

    def test_what_hangs_on_a_hidden_question_is_hidden_too(self):
        made = form(boolean("a"), boolean("b", when("a")), boolean("c", when("b")))
        assert visible(made, {"a": False, "b": True}) == {"s", "a"}
        assert kept(made, {"a": False, "b": True, "c": True}) == {"a": False}

    def test_questions_that_wait_for_each_other_are_never_asked(self):
        made = form(boolean("a", when("b")), boolean("b", when("a")))
        assert visible(made, {"a": True, "b": True}) == {"s"}

    def test_all_or_any(self):
        both = [when("a"), when("b")]
        all_of = form(boolean("a"), boolean("b"), boolean("c", *both))
        any_of = form(boolean("a"), boolean("b"), boolean("c", *both, enableBehavior="any"))
        assert "c" not in visible(all_of, {"a": True})
        assert "c" in visible(any_of, {"a": True})

    @pytest.mark.parametrize(
        ("operator", "wanted", "value", "shown"),
        [
            (">", 3, 4, True), (">", 3, 3, False), (">=", 3, 3, True), ("<", 3, 2, True), ("<=", 3, 4, False),
            ("=", 3, 3, True), ("!=", 3, 4, True), ("!=", 3, 3, False), ("!=", 3, None, False), ("=", 3, True, False),
        ],
    )  # fmt: skip
    def test_numbers(self, operator, wanted, value, shown):
        condition = {"question": "n", "operator": operator, "answerInteger": wanted}
        made = form({"linkId": "n", "text": "n", "type": "integer"}, boolean("a", condition))
        assert ("a" in visible(made, {"n": value})) is shown

    def test_exists_and_one_of_a_list(self):
        many = {
            "linkId": "m",
            "text": "m",
            "type": "choice",
            "repeats": True,
            "answerOption": [option("x"), option("y")],
        }
        made = form(
            many,
            boolean("any", when("m", True, "exists")),
            boolean("none", when("m", False, "exists")),
            boolean("x", {"question": "m", "operator": "=", "answerCoding": {"code": "x"}}),
        )
        assert visible(made, {"m": ["x", "y"]}) == {"s", "m", "any", "x"}
        assert visible(made, {"m": []}) == {"s", "m", "none"}

    def test_what_is_switched_off_is_not_asked(self):
        off = [{"url": "urn:meridian:off", "valueBoolean": True}]
        made = form(boolean("a", required=True, extension=off), boolean("b", when("a")))
        assert visible(made, {"a": True}) == {"s"}
        assert problems(made, {}) == []


class TestScores:
    def test_a_sum_once_everything_asked_is_answered(self):
        made = form(scored("a"), scored("b"))
        assert scores(made, {"a": "often", "b": "never"}) == {"mood": 3}
        assert scores(made, {"a": "often"}) == {}

    def test_hidden_questions_do_not_count_and_are_not_waited_for(self):
        made = form(boolean("q"), scored("a"), scored("b", when("q")))
        assert scores(made, {"a": "often", "b": "often"}) == {"mood": 3}
        assert scores(made, {"q": True, "a": "often", "b": "often"}) == {"mood": 6}


class TestShippedForms:
    def test_there_are_these(self):
        assert sorted(FORMS) == [
            "consent_acupuncture", "consent_adjustment", "consent_combined", "consent_neck_adjustment",
            "health_history", "practice_policies", "privacy_notice", "red_flags_back", "red_flags_neck",
            "release_of_records", "symptoms",
        ]  # fmt: skip

    @pytest.mark.parametrize("key", sorted(FORMS))
    def test_every_question_has_a_name_of_its_own_and_can_be_drawn(self, key):
        definition = FORMS[key]
        links = [item["linkId"] for section in definition["item"] for item in inside(section)]
        assert len(links) == len(set(links))
        for section in sections(definition):
            drawn = fields(section, {}, [each["linkId"] for each in inside(section)], {})
            assert len(drawn) == len(section["item"])
        known = set(links)
        for section in definition["item"]:
            for item in inside(section):
                assert {each["question"] for each in item.get("enableWhen", ())} <= known

    def test_codes_of_the_history_are_those_of_the_safety_rules(self):
        rules = (DATA / "acupoints/data/contraindications.csv").read_text("utf-8")
        known = {line.split(",")[1] for line in rules.splitlines()[1:]}
        items = {item["linkId"]: item for s in FORMS["health_history"]["item"] for item in inside(s)}
        for link in ("conditions", "allergies", "implants"):
            code = next(each for each in items[link]["item"] if each["linkId"].endswith(".code"))
            assert set(options_of(code)) - known <= {"other"}, link
        effects = next(each for each in items["medication"]["item"] if each["linkId"] == "medication.effect")
        assert set(options_of(effects)) - known == {"none"}

    def test_regions_are_those_of_the_points(self):
        items = [item for s in FORMS["health_history"]["item"] for item in inside(s) if is_rows(item)]
        used = {
            code
            for rows in items
            for field in rows["item"]
            if field["linkId"].endswith(".region")
            for code in options_of(field)
        }
        points = (DATA / "acupoints/data/acupoints.csv").read_text("utf-8")
        assert used
        assert all(f",{region}," in points for region in used)

    def test_safety_questions_come_in_groups_of_three_to_six(self):
        for region in ("neck", "back"):
            groups = [
                item
                for section in sections(FORMS[f"red_flags_{region}"])
                for item in inside(section)
                if extension(item, "screen")
            ]
            assert all(3 <= len(group["item"]) <= 6 for group in groups)
            assert len(groups) == {"neck": 7, "back": 6}[region]

    def test_the_question_about_ending_ones_life_stands_alone(self):
        for region in ("neck", "back"):
            last = sections(FORMS[f"red_flags_{region}"])[-1]
            assert [item["linkId"] for item in questions(last)] == ["RF043"]
            assert extension(last, "private") is True
            assert emergencies(FORMS[f"red_flags_{region}"], {"RF043": True}) == ["emergency_988"]

    def test_headache_questions_are_asked_when_there_is_a_headache(self):
        screen = FORMS["red_flags_neck"]
        for answers, shown in [({}, False), ({"headache": False}, False), ({"headache": True}, True)]:
            assert ({"headaches", "RF036"} <= visible(screen, answers)) is shown

    def test_nothing_ticked_is_no_answer_and_one_tick_answers_the_group(self):
        group = next(s for s in sections(FORMS["red_flags_back"]) if s["linkId"] == "emergency_any")
        assert set(answers_from(group, {}).values()) == {None}
        ticked = answers_from(group, {"RF032": ["true"], "no_screen_emergency_any": ["1"]})
        assert ticked == {"RF005": False, "RF032": True, "RF039": False, "no_screen_emergency_any": None}
        none = answers_from(group, {"no_screen_emergency_any": ["1"]})
        assert none == {"RF005": False, "RF032": False, "RF039": False, "no_screen_emergency_any": True}


class TestWalking:
    def test_next_back_and_where_it_was_left(self):
        history = FORMS["health_history"]
        links = asked(history, {})
        assert links[0] == "now"
        assert next_to(history, {}, "now", 1) == links[1]
        assert next_to(history, {}, "now", -1) == "now"
        assert next_to(history, {}, links[-1], 1) == FINISH
        assert (left_at(history, {}, ""), left_at(history, {}, links[2])) == ("now", links[2])
        assert left_at(FORMS["consent_acupuncture"], {}, "") == FINISH


class TestWording:
    def test_only_the_words_change(self):
        before = FORMS["symptoms"]
        texts = {each.link: each.text for each in words_of(before)}
        links = set(texts)
        assert reworded(before, before["title"], texts, links) == before
        assert reasons_not_to_reword(before, before["title"], texts, links) == ["Nothing was changed."]
        after = reworded(before, "Pain", texts | {"goal": "What do you miss?"}, links - {"started"})
        assert after["title"] == "Pain"
        assert ("goal" in visible(after, {}), "started" in visible(after, {})) == (True, False)
        assert reworded(after, before["title"], texts, links) == before

    def test_headings_and_the_statement_stay(self):
        before = FORMS["consent_acupuncture"]
        texts = {each.link: each.text for each in words_of(before)}
        for link in ("agreement", "statement"):
            assert reasons_not_to_reword(before, "T", texts, set(texts) - {link}) == [
                "Headings and the line above the signature stay. Change their words instead."
            ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=4,
)


def links_of(definition):
    links = [item["linkId"] for section in sections(definition) for item in inside(section)]
    return [*links, *(f"no_{link}" for link in links)]


def plausible(definition):
    """Values near what each question takes, so that more than the first check is reached."""
    codes = [
        code
        for s in definition["item"]
        for i in inside(s)
        for c in [i, *i.get("item", ())]
        for code in options_of(c)
    ]
    value = JSON | st.sampled_from([True, False, 0, 10, "2026-02-30", *codes])
    rows = st.lists(
        st.dictionaries(st.sampled_from(["code", "name", "kind", "since"]), value, max_size=4), max_size=4
    )
    return st.dictionaries(
        st.sampled_from(links_of(definition)), value | st.lists(value, max_size=4) | rows, max_size=25
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_answers_crash_a_form_and_hidden_questions_never_count(data):
    key = data.draw(st.sampled_from(sorted(FORMS)))
    definition = FORMS[key]
    answers = data.draw((plausible(definition) if links_of(definition) else JSON) | JSON)
    found = kept(definition, answers)
    shown = visible(definition, answers)
    assert {link.removeprefix("no_") for link in found} <= shown
    # What counts is JSON, counts again, and asks the same.
    assert json.loads(json.dumps(found)) == found
    assert kept(definition, found) == found
    assert visible(definition, found) == shown
    for problem in problems(definition, answers):
        assert problem.section in shown
    scores(definition, answers)
    emergencies(definition, answers)
    exact_text(definition, answers)
    assert len(in_words(definition, answers)) <= len(found)
    for section in sections(definition):
        fields(section, found, shown, {})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_posted_form_crashes_and_what_it_gives_is_well_typed(data):
    definition = FORMS[data.draw(st.sampled_from(["health_history", "symptoms", "red_flags_neck"]))]
    section = data.draw(st.sampled_from(sections(definition)))
    links = [item["linkId"] for item in inside(section)]
    name = st.sampled_from([*links, *(f"no_{each}" for each in links)]) | st.builds(
        "{}-{}.{}".format,
        st.sampled_from(links),
        st.integers(0, 2000),
        st.sampled_from(["name", "since", "what"]),
    )
    posted = data.draw(st.dictionaries(name, st.lists(st.text(max_size=12), max_size=4), max_size=12))
    answers = {link: value for link, value in answers_from(section, posted).items() if value is not None}
    asked_here = Asked(definition, answers)
    for link, value in answers.items():
        if not link.startswith("no_") and asked_here.shown(link):
            assert asked_here.answer(link) == value
    not_understood(section, posted)
