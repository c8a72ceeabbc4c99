"""Rules of patients: pure, without a database."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patients.rules import (
    SAME_PERSON,
    age,
    birth_date_shown,
    desk_alerts,
    guess_from,
    in_full,
    likeness,
    one_typo_apart,
    phone_shown,
    reasons_not_to_edit,
    reasons_not_to_register,
    reasons_not_to_relate,
    reasons_not_to_share_household,
    similar_names,
)
from patients.rules.merging import COMPARED, reasons_not_to_merge, reasons_not_to_undo_merge, values_to_take
from patients.rules.searching import one_typo, words_to_find

TODAY = date(2026, 11, 24)
NAMES = st.text("abcdefgilmnorstu", min_size=4, max_size=10)


def like(pattern, text):
    """PostgreSQL's LIKE, as far as the patterns use it."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and like(pattern[1:], text[1:])


def registering(**changed):
    fields = {"given_name": "Maria", "phone": "+19195550111", "email": "", "birth_date": None, "today": TODAY}
    return reasons_not_to_register(**{**fields, **changed})


def test_a_name_and_one_way_to_reach_somebody_are_enough():
    assert registering() == []
    assert registering(phone="", email="m@mail.example") == []


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"given_name": "  "}, "Write a name. The first name is enough to begin with."),
        ({"phone": ""}, "Write a phone number or an e-mail address. One of them is enough."),
        ({"birth_date": date(2026, 11, 25)}, "The birth date lies in the future. Check the year."),
        ({"birth_date": date(1887, 3, 4)}, "The birth date is more than 125 years ago. Check the year."),
    ],
)
def test_each_reason_not_to_register(changed, reason):
    assert registering(**changed) == [reason]


def test_somebody_born_today_can_be_registered():
    assert registering(birth_date=TODAY) == []


def test_a_child_may_be_reached_through_others():
    fields = {"given_name": "Leo", "phone": "", "email": "", "birth_date": None, "today": TODAY}
    assert reasons_not_to_edit(**fields, reached_through_others=True) == []
    assert reasons_not_to_edit(**fields, reached_through_others=False) == [
        "Write a phone number or an e-mail address. One of them is enough."
    ]


def test_a_related_person_has_a_name_and_a_relation():
    assert reasons_not_to_relate(name="Nora", relation="aunt") == []
    assert reasons_not_to_relate(name=" ", relation="") == [
        "Write the person's name.",
        "Write how they are related, for example mother, husband or neighbor.",
    ]


def sharing(**changed):
    fields = {"other_name": "Cole, Leo", "household": None, "other_household": None, "same_record": False}
    return reasons_not_to_share_household(**{**fields, **changed})


def test_sharing_a_household():
    assert sharing() == []
    assert sharing(household=1) == sharing(other_household=1) == []
    assert sharing(household=1, other_household=1) == ["Cole, Leo is in this household already."]
    assert sharing(household=1, other_household=2) == [
        "Cole, Leo is in another household. Take them out of it first, then add them here."
    ]
    assert sharing(same_record=True) == ["Choose somebody else: this is the same record."]


@pytest.mark.parametrize(
    "a, b, similar",
    [
        ("Garcia, Maria", "Garcia, Maria", True),
        ("Garcia, Maria", "Garcia, Marta", True),
        ("García, María", "Garcia, Maria", True),
        ("Garcia, Maria", "Gracia, Maria", True),
        ("Garcia, Maria", "Garcia, Luis", False),
        ("Cole, Leo", "Cole, Mia", False),
        ("Lee, Ann", "Lew, Ann", True),
        ("Garcia, Maria", "Okafor, Maria", False),
        ("Maria", "Garcia, Maria", False),
        ("Madonna", "Madona", True),
    ],
)
def test_names_that_are_taken_for_one_another(a, b, similar):
    assert similar_names(a, b) is similar
    assert similar_names(b, a) is similar


@given(NAMES, st.data())
def test_every_single_typo_is_one_typo_apart(name, data):
    typed = mistyped(name, data)
    assume(typed != name)
    assert one_typo_apart(name, typed)
    assert one_typo_apart(typed, name)


@given(NAMES)
def test_two_typos_are_too_many(name):
    assert not one_typo_apart(name, f"x{name}x")
    assert not one_typo_apart(name, name)


def mistyped(name, data):
    at = data.draw(st.integers(0, len(name) - 2))
    kind = data.draw(st.sampled_from(["wrong", "missing", "extra", "swapped"]))
    if kind == "wrong":
        return name[:at] + "x" + name[at + 1 :]
    if kind == "missing":
        return name[:at] + name[at + 1 :]
    if kind == "extra":
        return name[:at] + "x" + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


@given(st.text("abcdefgilmnorstu", min_size=6, max_size=10), st.data())
def test_the_patterns_of_a_word_cover_every_single_typo(name, data):
    """What the index looks up (`near`) must contain everything that one typo away from the name can become."""
    typed = mistyped(name, data)
    assume(typed != name)
    (word,) = words_to_find(typed)
    stored = f"maria {name} maria"
    assert any(like(pattern, stored) for pattern in word.typos)
    assert any(like(pattern, stored) for pattern in word.near)


def test_what_a_person_typed_never_becomes_a_pattern():
    (word,) = words_to_find(r"50%_a\b")
    assert word.inside == (r"%50\%\_a\\b%",)


@pytest.mark.parametrize(
    "typed, inside",
    [
        ("García", ["%garcia%"]),
        ("maria GARCIA", ["%maria%", "%garcia%"]),
        ("(919) 555-0111", ["%9195550111%"]),
        ("+1 919.555.0111", ["%19195550111%"]),
        ("3/14/1985", ["%1985-03-14%"]),
        ("03-14-1985", ["%1985-03-14%"]),
        ("03141985", ["%1985-03-14%"]),
        ("garcia 3/14/1985", ["%garcia%", "%1985-03-14%"]),
        ("m", ["% m%"]),
        ("- , .", []),
        ("", []),
        ("\0", []),
    ],
)
def test_words_of_a_search(typed, inside):
    assert [word.inside[0] for word in words_to_find(typed)] == inside


def test_an_unfinished_date_is_found_as_digits_and_as_written():
    (word,) = words_to_find("3/14/19")
    assert word.inside == ("%31419%", "%3/14/19%")


def test_a_very_long_text_is_cut():
    (word,) = words_to_find("a" * 10_000)
    assert word.inside == (f"%{'a' * 80}%",)
    assert word.typos == ()
    assert len(words_to_find("ab cd ef gh ij kl mn op")) == 6


def test_one_typo_lists_each_pattern_once():
    assert one_typo("ab") == ["_ab", "_b", "a", "a_", "a_b", "b", "ba"]


@pytest.mark.parametrize(
    "typed, fields",
    [
        ("maria garcia", {"given_name": "Maria", "family_name": "Garcia"}),
        ("Garcia, Maria", {"given_name": "Maria", "family_name": "Garcia"}),
        ("McCoy", {"given_name": "McCoy"}),
        ("ana 919 555 0111", {"given_name": "Ana", "phone": "919 555 0111"}),
        ("ana ana@mail.example", {"given_name": "Ana", "email": "ana@mail.example"}),
        ("3/14/1985", {"birth_date": date(1985, 3, 14)}),
        ("55", {}),
    ],
)
def test_a_search_in_vain_fills_in_the_form(typed, fields):
    assert guess_from(typed) == fields


def record(**changed):
    fields = {
        "given_name": "Maria",
        "family_name": "Garcia",
        "phone": "+19195550111",
        "email": "maria@mail.example",
        "birth_date": date(1985, 3, 14),
    }
    return SimpleNamespace(**{**fields, **changed})


ELSEWHERE = {"phone": "+19195550199", "email": "other@mail.example"}


@pytest.mark.parametrize(
    "changed, same",
    [
        ({}, True),
        ({**ELSEWHERE}, True),
        ({**ELSEWHERE, "birth_date": None}, True),
        ({"given_name": "Marie", "birth_date": None}, True),
        ({"given_name": "María José", "phone": "+19195550199"}, True),
        ({"family_name": "Lopez", "phone": "+19195550199"}, True),
        ({"given_name": "Luis"}, False),
        ({"given_name": "Luis", "birth_date": date(2015, 1, 1)}, False),
        ({**ELSEWHERE, "birth_date": date(1990, 1, 1)}, False),
        ({**ELSEWHERE, "family_name": "Okafor"}, True),
        ({**ELSEWHERE, "family_name": "Okafor", "birth_date": None}, False),
    ],
)
def test_who_is_probably_the_same_person(changed, same):
    assert (likeness(record(), record(**changed)) >= SAME_PERSON) is same


def test_what_the_desk_reads():
    assert in_full("Sun-hee", "Park", "Sunny") == "Park, Sun-hee “Sunny”"
    assert in_full("Maria", "Garcia", "Maria") == "Garcia, Maria"
    assert in_full("Maria", "", "") == "Maria"
    assert [age(date(1985, 11, day), TODAY) for day in (24, 25)] == [41, 40]
    assert age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age(None, TODAY) is None
    assert birth_date_shown(date(1987, 3, 4)) == "3/4/1987"
    assert phone_shown("+19195550111") == "(919) 555-0111"
    assert phone_shown("+442071838750") == "+44 20 7183 8750"
    assert phone_shown("") == phone_shown(None) == ""


def alerts(**changed):
    fields = {"age": 40, "birth_date": TODAY, "needs_step_free": False, "reach_by": "call", "merged": False}
    return desk_alerts(**{**fields, **changed})


def test_alerts_are_actions():
    assert alerts() == []
    assert alerts(age=17) == ["Minor: ask who came along"]
    assert alerts(age=18) == []
    assert alerts(age=None, birth_date=None) == ["Ask for the birth date"]
    assert alerts(needs_step_free=True, reach_by="not", merged=True) == [
        "Old record",
        "No stairs",
        "Do not contact",
    ]


def merging(**changed):
    fields = {
        "same_record": False,
        "kept_is_old": False,
        "merged_is_old": False,
        "both_have_accounts": False,
        "overlaps": [],
    }
    return reasons_not_to_merge(**{**fields, **changed})


def test_reasons_not_to_merge():
    old = "One of these was merged already. Open the record that was kept and start from there."
    accounts = (
        "Both people sign in with accounts of their own. Ask the owner to close one of the accounts first."
    )
    assert merging() == []
    assert merging(same_record=True) == ["Choose another record: one record cannot be merged with itself."]
    assert merging(kept_is_old=True) == merging(merged_is_old=True) == [old]
    assert merging(both_have_accounts=True, overlaps=["two visits"]) == [accounts, "two visits"]
    assert reasons_not_to_undo_merge(undone=False, kept_is_old=False) == []
    assert reasons_not_to_undo_merge(undone=True, kept_is_old=True) == ["This merge was undone already."]
    assert reasons_not_to_undo_merge(undone=False, kept_is_old=True) == [
        "The record that was kept was merged into another one later. Undo that merge first."
    ]


def test_a_gap_is_filled_and_a_choice_is_followed():
    empty = dict.fromkeys(
        name for name in COMPARED if name not in ("given_name", "family_name", "phone", "email")
    )
    names = {"given_name": "Maria", "family_name": "Garcia"}
    kept = SimpleNamespace(**{**empty, **names, "phone": "", "email": "a@mail.example"}, pk=UUID(int=1))
    merged = SimpleNamespace(
        **{**empty, **names, "phone": "+1919", "email": "b@mail.example"}, pk=UUID(int=2)
    )
    assert values_to_take(kept, merged, {}) == {"phone": "+1919"}
    assert values_to_take(kept, merged, {"email": str(merged.pk)}) == {
        "phone": "+1919",
        "email": "b@mail.example",
    }
    assert values_to_take(kept, merged, {"phone": str(kept.pk), "email": str(kept.pk)}) == {}
    assert values_to_take(merged, kept, {"phone": str(kept.pk)}) == {"phone": ""}
