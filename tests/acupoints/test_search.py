"""The point search: every way people name a point, one statement, guesses only where nothing is found."""

import pytest

from acupoints.models import Acupoint
from acupoints.queries import found, search
from clinic.models import Origin

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("BL23", "BL23"),
        ("bl 23", "BL23"),
        ("bl-23", "BL23"),
        ("UB23", "BL23"),
        ("ub 23", "BL23"),
        ("Urinary Bladder 23", "BL23"),
        ("Liv 3", "LR3"),
        ("LV3", "LR3"),
        ("H7", "HT7"),
        ("Du 20", "GV20"),
        ("Du 29", "EX-HN3"),
        ("GV29", "EX-HN3"),
        ("SJ5", "TE5"),
        ("HTJJ T3", "EX-B2-T3"),
        ("Hua Tuo Jia Ji L4", "EX-B2-L4"),
        ("EX-HN5", "EX-HN5"),
        ("ex hn 5", "EX-HN5"),
        ("N-HN-54", "N-HN-54"),
        ("Zusanli", "ST36"),
        ("Zúsānlǐ", "ST36"),
        ("zu san li", "ST36"),
        ("zu2san1li3", "ST36"),
        ("TAIYANG", "EX-HN5"),
        ("足三里", "ST36"),
        ("腎俞", "BL23"),
        ("肾俞", "BL23"),
        ("Central Treasury", "LU1"),
        ("central treas", "LU1"),
        ("Juegu", "GB39"),
    ],
)
def test_every_way_to_name_a_point(typed, code):
    assert search(typed)[0].code == code


def test_variants_of_print():
    variant = Acupoint.objects.exclude(hanzi_variants="").order_by("pk").first()
    assert search(variant.hanzi_variants)[0].code == variant.key


def test_every_point_is_found_by_its_code_pinyin_and_english_name():
    rows = list(Acupoint.objects.effective())
    assert len(rows) == 435
    codes = [(row.key, found(row.key)[0].code) for row in rows[::6]]
    assert [pair for pair in codes if pair[0] != pair[1]] == []
    for row in rows[::40]:
        for name in (row.pinyin, row.english_name, row.hanzi_traditional):
            ranks = {hit.code: hit.rank for hit in found(name)}
            assert ranks[row.key] == min(ranks.values()), (row.key, name)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("Sanli", ["LI10", "ST36"]),
        ("Wuli", ["LI13", "LR10"]),
    ],
)
def test_names_that_several_points_share_give_them_all_first(typed, codes):
    assert [hit.code for hit in search(typed) if hit.rank == 0] == codes


@pytest.mark.parametrize("typed", ["zusanlli", "Zhusanli", "taiyong", "shensu"])
def test_a_letter_wrong_still_finds_it(typed):
    wanted = {"taiyong": "EX-HN5", "shensu": "BL23"}.get(typed, "ST36")
    assert wanted in [hit.code for hit in search(typed, limit=5)]


def test_a_guess_is_made_only_where_nothing_is_found_as_typed():
    assert {hit.rank for hit in found("hegu")} == {0}
    assert {hit.rank for hit in found("zusanlli")} == {4}


@pytest.mark.parametrize(
    ("vertebra", "codes"), [("L4", ["EX-B2-L4"]), ("S1", []), ("T3", ["EX-B2-T3"]), ("C5", ["EX-B2-C5"])]
)
def test_a_vertebra_finds_the_point_beside_it_and_no_meridian(vertebra, codes):
    assert [hit.code for hit in found(vertebra)] == codes


def test_by_meridian_and_region():
    assert len(found("lung")) > 11
    assert [hit.code for hit in found("", meridian="LU")] == [f"LU{n}" for n in range(1, 12)]
    regions = {hit.region for hit in found("", region="knee")}
    assert regions == {"knee"}
    assert {hit.code for hit in found("stomach knee")} <= {hit.code for hit in found("stomach")}
    assert [hit.code for hit in found("ST36", meridian="LU")] == []


def test_li4_comes_before_what_begins_like_it():
    assert [hit.code for hit in search("LI1", limit=3)] == ["LI1", "LI10", "LI11"]


def test_the_whole_catalogue_in_its_order():
    codes = [hit.code for hit in found("")]
    assert len(codes) == 435
    assert codes[:3] == ["LU1", "LU2", "LU3"]
    assert codes.index("LI1") == 11
    assert (
        codes.index("EX-B2-C3") < codes.index("EX-B2-T1") < codes.index("EX-B2-T10") < codes.index("EX-B2-L1")
    )


@pytest.mark.parametrize(
    "typed", ["", "   ", "zusanli", "UB 23", "足三里", "nothing at all", "%", "_", "\0", "'; --"]
)
def test_one_statement_whatever_was_typed(typed, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        search(typed)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "=", "~", "\0", "…"])
def test_signs_alone_find_nothing(typed):
    assert search(typed) == []


def test_levels_of_the_upper_neck_are_not_offered():
    assert [hit.code for hit in search("HTJJ C1") if hit.code == "EX-B2-C1"] == []
    assert search("HTJJ C3")[0].code == "EX-B2-C3"


def test_the_clinics_row_counts_instead_of_ours():
    ours = Acupoint.objects.get(key="LU1")
    mine = Acupoint.objects.get(key="LU1")
    mine.pk, mine._state.adding, mine.origin, mine.english_name = None, True, Origin.CLINIC, "Middle Palace"
    mine.save()
    assert [(hit.code, hit.english) for hit in search("LU1", limit=1)] == [("LU1", "Middle Palace")]
    mine.withdrawn = True
    mine.save()
    assert [(hit.code, hit.english) for hit in search("LU1", limit=1)] == [("LU1", ours.english_name)]
