"""From what somebody types to a point, and back: over the shipped catalogue, without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acupoints.rules.catalogue import SET_PLACES, Alias, Catalogue, normalize
from acupoints.rules.names import Completion, Found, Several, Unknown, complete, is_vertebra, resolve, shown
from tests.reference import catalogue, parts, rows

POINTS = rows("acupoints.csv")
ALIASES = rows("point_aliases.csv")


@pytest.mark.parametrize(
    "typed, code",
    [
        ("LI4", "LI4"),
        ("li 4", "LI4"),
        ("LI-4", "LI4"),
        ("LI004", "LI4"),
        ("CO4", "LI4"),
        ("UB23", "BL23"),
        ("Liv 3", "LR3"),
        ("Liv 03", "LR3"),
        ("lv3", "LR3"),
        ("HTJJ T3", "EX-B2-T3"),
        ("htjjt3", "EX-B2-T3"),
        ("Hua Tuo Jia Ji L5", "EX-B2-L5"),
        ("EX-B2 T03", "EX-B2-T3"),
        ("HTJJ", "EX-B2"),
        ("Du 29", "EX-HN3"),
        ("GV29", "EX-HN3"),
        ("Du 20", "GV20"),
        ("Ren 6", "CV6"),
        ("San Jiao 5", "TE5"),
        ("Large Intestine 20", "LI20"),
        ("ex-hn 5", "EX-HN5"),
        ("M-HN-9", "EX-HN5"),
        ("Hegu", "LI4"),
        ("Hégǔ", "LI4"),
        ("he gu", "LI4"),
        ("zú sān lǐ", "ST36"),
        ("Fu'ai", "SP16"),
        ("zhonglushu", "BL29"),
        ("合谷", "LI4"),
        ("太衝", "LR3"),
        ("太冲", "LR3"),
        ("腎兪", "BL23"),
        ("夾脊", "EX-B2"),
        ("Supreme Rushing", "LR3"),
        ("Stiff Neck Point", "EX-UE8"),
        ("Ear Gate", "TE21"),
        ("ＬＩ４", "LI4"),
    ],
)
def test_what_people_type(typed, code):
    assert resolve(typed, catalogue()) == Found(code)


@pytest.mark.parametrize("typed", ["L4", "S1", "T3", "C5", "l 4", "T12", "S3"])
def test_a_vertebra_is_never_a_point(typed):
    assert type(resolve(typed, catalogue())) is Unknown
    assert is_vertebra(typed)


def test_a_vertebra_is_no_point_even_where_the_clinic_names_its_meridians_so():
    own = Catalogue(catalogue().points, (*catalogue().aliases, Alias("L", "l", "prefix", "LI")))
    assert type(resolve("L4", own)) is Unknown


def test_single_letters_that_are_no_vertebra_are_meridians():
    assert [resolve(typed, catalogue()) for typed in ("H7", "K3", "P6", "B23", "G20")] == [
        Found("HT7"),
        Found("KI3"),
        Found("PC6"),
        Found("BL23"),
        Found("GB20"),
    ]


@pytest.mark.parametrize(
    "typed, codes",
    [
        ("Sanli", ("LI10", "ST36")),
        ("Wuli", ("LI13", "LR10")),
        ("Heliao", ("LI19", "TE22")),
        ("tong gu", ("BL66", "KI20")),
        ("Qiaoyin", ("GB11", "GB44")),
        ("Linqi", ("GB15", "GB41")),
        ("Yangguan", ("GB33", "GV3")),
    ],
)
def test_an_ambiguous_name_offers_what_its_note_says(typed, codes):
    assert resolve(typed, catalogue()) == Several(codes)


def test_every_ambiguous_alias_offers_the_points_of_its_note():
    ambiguous = {row["normalized"]: row["note"] for row in ALIASES if row["ambiguous"] == "true"}
    assert len(ambiguous) == 7
    for name, note in ambiguous.items():
        codes = tuple(note.removeprefix("offer: ").split(", "))
        assert set(resolve(name, catalogue()).codes) == set(codes)


@pytest.mark.parametrize(
    "typed, codes",
    [("Zhongzhu", ("KI15", "TE3")), ("Zigong", ("CV19", "EX-CA1")), ("Erjian", ("LI2", "EX-HN6"))],
)
def test_points_that_share_their_pinyin_are_asked_about(typed, codes):
    assert resolve(typed, catalogue()) == Several(codes)


@pytest.mark.parametrize(
    "typed, first",
    [("LI44", "LI4"), ("hegoo", "LI4"), ("zusanly", "ST36"), ("taixhong", "LR3"), ("EX-B2-C1", "EX-B2-C3")],
)
def test_what_is_unknown_gets_what_is_spelled_alike(typed, first):
    assert resolve(typed, catalogue()).suggestions[0] == first


@pytest.mark.parametrize("typed", ["", " ", "?", "0", "qqqq", "x" * 10_000, "9" * 10_000, "\0", "\ud800"])
def test_nothing_is_known_of_nonsense(typed):
    assert resolve(typed, catalogue()) == Unknown(())


def test_a_number_past_the_end_of_a_meridian_is_unknown():
    assert type(resolve("LI21", catalogue())) is Unknown
    assert type(resolve("LI0", catalogue())) is Unknown


def test_neck_levels_are_known_only_where_the_clinic_enabled_them():
    assert type(resolve("HTJJ C1", catalogue())) is Unknown
    assert resolve("HTJJ C1", catalogue(neck_levels=True)) == Found("EX-B2-C1")
    assert resolve("EX-B2-C2", catalogue(neck_levels=True)) == Found("EX-B2-C2")


@pytest.mark.parametrize("row", POINTS, ids=[row["code"] for row in POINTS])
def test_every_point_is_found_by_each_name_of_its_row(row):
    shipped = catalogue(neck_levels=True)
    names = [row["pinyin"], row["pinyin_plain"], row["english_name"], *parts(row["aliases"])]
    if row["row_type"] != "set_member":
        names += [row["hanzi_traditional"], row["hanzi_simplified"], *parts(row["hanzi_variants"])]
    assert resolve(row["code"], shipped) == Found(row["code"])
    assert [name for name in names if row["code"] not in codes_of(resolve(name, shipped))] == []


def codes_of(answer):
    return (
        answer.codes if isinstance(answer, Several) else (answer.code,) if isinstance(answer, Found) else ()
    )


@pytest.mark.parametrize("row", ALIASES, ids=[f"{row['alias']}-{row['target']}" for row in ALIASES])
def test_every_alias_leads_to_its_target(row):
    shipped = catalogue()
    if row["kind"] == "name":
        assert row["target"] in codes_of(resolve(row["alias"], shipped))
        return
    numbers = {"EX-B2": "T3"}.get(row["target"], "2")
    code = {"EX-B2": "EX-B2-T3"}.get(row["target"], f"{row['target']}2")
    assert resolve(f"{row['alias']} {numbers}", shipped) == Found(code)


def test_names_are_shown_as_an_american_clinic_writes_them():
    shipped = catalogue()
    codes = ["BL23", "LR3", "GV20", "CV6", "TE5", "HT7", "KI3", "PC6", "LI4", "EX-B2-T3", "EX-HN5", "N-HN-54"]
    assert [shown(code, shipped) for code in codes] == [
        "UB23", "LV3", "Du20", "Ren6", "SJ5", "H7", "K3", "P6", "LI4", "HTJJ T3", "Taiyang", "Anmian",
    ]  # fmt: skip
    assert [shown(code, shipped, usual="who") for code in codes] == codes


def test_a_name_that_several_points_share_is_not_shown():
    assert [shown(code, catalogue()) for code in ("EX-HN6", "EX-CA1")] == ["EX-HN6", "EX-CA1"]


def test_what_is_shown_can_be_typed_again():
    shipped = catalogue(neck_levels=True)
    assert len(shipped.points) == 437
    assert [
        code
        for code in shipped.points
        for usual in ("us", "who")
        if resolve(shown(code, shipped, usual), shipped) != Found(code)
    ] == []


def test_a_code_that_is_not_in_the_catalogue_is_shown_as_it_is():
    assert shown("EX-B2-C1", catalogue()) == "EX-B2-C1"


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("heg", [Completion("LI4", "Hegu")]),
        ("zu san", [Completion("ST36", "Zusanli")]),
        ("liv 3", [Completion("LR3", "LIV3")]),
        ("shou san", [Completion("LI10", "Shousanli")]),
        ("合", [Completion("LI4", "合谷"), Completion("BL55", "合阳")]),
        ("sanli", [Completion("LI10", "Sanli"), Completion("ST36", "Sanli")]),
        ("htjj l", [Completion(f"EX-B2-L{level}", f"HTJJ L{level}") for level in range(1, 6)]),
        ("ousanl", [Completion("LI10", "Shousanli")]),
        ("", []),
        ("qqq", []),
    ],
)
def test_completion_by_any_name(typed, expected):
    assert list(complete(typed, catalogue())) == expected


def test_completion_counts_up_and_stops_at_the_limit():
    assert [each.code for each in complete("ub2", catalogue(), limit=4)] == ["BL2", "BL20", "BL21", "BL22"]


def test_sets_of_which_the_number_of_places_is_known():
    sets = {row["code"] for row in POINTS if row["row_type"] == "set"}
    assert set(SET_PLACES) == sets - {"EX-B2"}


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=60))
def test_no_text_stops_the_search(text):
    assert type(resolve(text, catalogue())) in (Found, Several, Unknown)
    assert len(complete(text, catalogue())) <= 8
    assert normalize(normalize(text)) == normalize(text)
