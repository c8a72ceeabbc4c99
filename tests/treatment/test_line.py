"""The input line: what is understood, what is not, and that printing and parsing are each other's inverse."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acupoints.rules.catalogue import SET_PLACES
from acupoints.rules.names import resolve, shown
from tests.reference import Word, catalogue, techniques
from treatment.rules.line import Item, Problem, complete_line, parse, print_line
from treatment.rules.words import vocabulary

POINTS = catalogue()
TERMS = techniques()


def read(text):
    return parse(text, POINTS, TERMS)


def items(text):
    line = read(text)
    assert line.problems == ()
    return list(line.items)


def problems(text):
    return [(problem.text, problem.says, list(problem.offers)) for problem in read(text).problems]


def point(code, side="both", needles=None, **fields):
    return Item("point", code, "", side, needles or (2 if side == "both" else 1), **fields)


def place(kind, words, side, needles=None, **fields):
    return Item(kind, "", words, side, needles or (2 if side == "both" else 1), **fields)


def test_the_line_of_the_design():
    line = "LI4 LV3, GB20 b 25mm tonify, ST36 L e-stim 2Hz, ashi L trap x3, ear shenmen R, HTJJ L4 b"
    assert items(line) == [
        point("LI4"),
        point("LR3"),
        point("GB20", depth_mm=25, techniques=("tonify",)),
        point("ST36", "left", stimulation="electrical", hz="2"),
        place("ashi", "trap", "left", 3),
        place("ear", "shenmen", "right"),
        point("EX-B2-L4"),
    ]
    assert print_line(items(line)) == (
        "LI4 b, LR3 b, GB20 b 25mm tonify, ST36 L e-stim 2Hz, ashi L trap x3, ear shenmen R, EX-B2-L4 b"
    )


@pytest.mark.parametrize("text", ["", " ", "\n", ",;,", "+", "  ,\n; "])
def test_nothing_is_nothing(text):
    assert read(text) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "LI4,LV3",
        "LI4;LV3",
        "LI4\nLV3",
        "LI4 LV3",
        "li4 + liv3",
        "LI4 & LR 3",
        "hegu, taichong",
        "合谷，太冲",
        "LI4\r\nLV3,",
    ],
)
def test_what_parts_items(text):
    assert items(text) == [point("LI4"), point("LR3")]


@pytest.mark.parametrize(
    "word, side",
    [
        ("b", "both"), ("B", "both"), ("bl", "both"), ("bilat", "both"), ("bilateral", "both"), ("b/l", "both"),
        ("L/R", "both"), ("L", "left"), ("l", "left"), ("left", "left"), ("(L)", "left"), ("R", "right"),
        ("right", "right"), ("rt.", "right"),
    ],
)  # fmt: skip
def test_sides(word, side):
    assert items(f"GB20 {word}") == [point("GB20", side)]
    assert items(f"ashi {word} trap") == [place("ashi", "trap", side)]


def test_sides_that_go_without_saying():
    assert items("GB20 GV20 EX-HN12 EX-HN13") == [
        point("GB20", "both"),
        point("GV20", "none"),
        point("EX-HN12", "left"),
        point("EX-HN13", "right"),
    ]


def test_an_ashi_point_on_the_midline():
    assert items("ashi midline neck x2") == [place("ashi", "neck", "none", 2)]


@pytest.mark.parametrize(
    "text, item",
    [
        ("ashi trap", place("ashi", "trap", "", 1)),
        ("ear shenmen", place("ear", "shenmen", "", 1)),
        ("trigger upper trap", place("trigger", "upper trap", "", 1)),
    ],
)
def test_a_side_that_was_not_said_is_asked_for_and_the_item_stays(text, item):
    assert list(read(text).items) == [item]
    says = "Side not said. Write L, R, b or midline."
    assert problems(text) == [(text, says, [f"{text} L", f"{text} R", f"{text} b"])]
    assert items(f"{text} L") == [item._replace(side="left")]


@pytest.mark.parametrize(
    "text, item, says",
    [
        ("GV20 L", point("GV20", "none"), "GV20 lies on the midline. It has no side."),
        ("EX-HN12 R", point("EX-HN12", "left"), "EX-HN12 lies on the left only."),
        ("EX-HN13 b", point("EX-HN13", "right"), "EX-HN13 lies on the right only."),
        ("LI4 midline", point("LI4"), "LI4 lies on both sides. Write L, R or b."),
        (
            "LI4 b x3",
            point("LI4", needles=3),
            "3 needles are not the same on both sides. Write left and right apart.",
        ),
        ("ear R", place("ear", "", "right"), "Say which ear point, such as ear shenmen R."),
        ("tp R", place("trigger", "", "right"), "Say which muscle, such as trigger upper trap R."),
        (
            "LI4 manual 2Hz",
            point("LI4", stimulation="manual"),
            "2 Hz is for e-stim only. Take one of the two out.",
        ),
    ],
)
def test_what_does_not_go_together(text, item, says):
    assert list(read(text).items) == [item]
    assert problems(text) == [(text, says, [])]


@pytest.mark.parametrize(
    "written, depth",
    [
        ("25mm", 25), ("25 mm", 25), ("25MM", 25), ("7.5mm", 8), ("1 cun", 25), ("1cun", 25), ("1.5cun", 38),
        ("0.5 cun", 13), (".3cun", 8), ("0.1cun", 3), ("2.5cm", 25), ("(20mm)", 20),
    ],
)  # fmt: skip
def test_depths_are_whole_millimetres(written, depth):
    assert items(f"GB20 b {written}") == [point("GB20", depth_mm=depth)]


def test_depths_in_cun_are_those_of_the_catalogue():
    """The file's own columns in mm and in cun agree with what the line makes of cun."""
    assert [items(f"LU1 {cun}cun")[0].depth_mm for cun in ("0.1", "0.2", "0.3", "0.5", "0.8", "1.0", "1.2", "1.5")] == [
        3, 5, 8, 13, 20, 25, 30, 38,
    ]  # fmt: skip


WHAT_A_NUMBER_MEANS = "Write what the number means: 25mm for a depth, x3 for needles, 2Hz for a frequency."


@pytest.mark.parametrize(
    "text, piece, says, offers",
    [
        ("GB20 20", "20", WHAT_A_NUMBER_MEANS, ["20mm", "x20"]),
        ("GB20 b 25", "25", WHAT_A_NUMBER_MEANS, ["25mm", "x25", "BL25"]),
        ("GB20 BL 23", "23", WHAT_A_NUMBER_MEANS, ["23mm", "x23", "BL23"]),
        ("GB20 1.5", "1.5", WHAT_A_NUMBER_MEANS, ["1.5cun"]),
        ('GB20 0.5"', '0.5"', "Write the depth in mm or cun.", ["0.5cun"]),
        ("GB20 1 inch", "1 inch", "Write the depth in mm or cun.", ["1cun"]),
        ("GB20 10-15mm", "10-15mm", "Write one depth.", ["10mm", "15mm"]),
        ("GB20 0mm", "0mm", "Write a depth from 1 to 200 mm.", []),
        ("GB20 250mm", "250mm", "Write a depth from 1 to 200 mm.", []),
        ("GB20 x0", "x0", "Write a number of needles from 1 to 99.", []),
        ("GB20 x100", "x100", "Write a number of needles from 1 to 99.", []),
        ("GB20 0Hz", "0Hz", "Write a frequency above 0 Hz.", []),
    ],
)
def test_numbers_are_never_guessed(text, piece, says, offers):
    assert list(read(text).items) == [point("GB20")]
    assert problems(text) == [(piece, says, offers)]


@pytest.mark.parametrize(
    "text, needles",
    [
        ("LI4 b x2", 2),
        ("LI4 b x4", 4),
        ("ST36 L x2", 2),
        ("ST36 L 2x", 2),
        ("ST36 L x 2", 2),
        ("ST36 L ×2", 2),
    ],
)
def test_needles_are_the_total(text, needles):
    assert items(text)[0].needles == needles


@pytest.mark.parametrize(
    "text, needles",
    [
        ("LI4", 2), ("LI4 L", 1), ("GV20", 1), ("sishencong", 4), ("bafeng", 8), ("bafeng L", 4), ("baxie R", 4),
        ("shixuan", 10), ("xiyan", 4), ("yaotongdian L", 2), ("ashi L trap", 1), ("ear shenmen b", 2),
    ],
)  # fmt: skip
def test_one_needle_on_each_side_or_in_each_place_of_a_set(text, needles):
    assert items(text)[0].needles == needles


def test_the_paravertebral_set_asks_for_a_level_or_a_number():
    assert read("HTJJ b").items == ()
    assert problems("HTJJ b") == [
        ("HTJJ b", "Say which level, such as HTJJ T3, or how many needles, such as x6.", [])
    ]
    assert items("HTJJ b x6") == [point("EX-B2", needles=6)]


@pytest.mark.parametrize(
    "written, stimulation, hz",
    [
        ("e-stim", "electrical", ""), ("estim 2Hz", "electrical", "2"), ("EA 2/100Hz", "electrical", "2/100"),
        ("electro 2-100 hz", "electrical", "2/100"), ("e stim 100 Hz", "electrical", "100"),
        ("2Hz", "electrical", "2"), ("electroacupuncture 2.50Hz", "electrical", "2.5"), ("manual", "manual", ""),
        ("none", "none", ""), ("no stim", "none", ""),
    ],
)  # fmt: skip
def test_stimulation(written, stimulation, hz):
    assert items(f"ST36 L {written}") == [point("ST36", "left", stimulation=stimulation, hz=hz)]


@pytest.mark.parametrize(
    "written, key",
    [
        ("tonify", "tonify"), ("T+", "tonify"), ("reinforcing", "tonify"), ("bu", "tonify"), ("reduce", "reduce"),
        ("sedate", "reduce"), ("xie", "reduce"), ("even", "even"), ("Even method", "even"),
        ("lifting and thrusting", "lift_thrust"), ("lift-thrust", "lift_thrust"), ("rotate", "rotate"),
        ("warm needle", "warm_needle"), ("Handle scraping", "scrape"), ("guide tube", "guide_tube"),
        ("pinched skin", "pinch"),
    ],
)  # fmt: skip
def test_techniques_and_their_short_forms(written, key):
    assert items(f"ST36 L {written}") == [point("ST36", "left", techniques=(key,))]


@pytest.mark.parametrize("term", TERMS, ids=[term.key for term in TERMS])
def test_every_technique_of_the_list_is_understood_by_key_and_name(term):
    field = {"angle": {"angle": term.key}}.get(term.group, {"techniques": (term.key,)})
    assert items(f"ST36 {term.key}") == items(f"ST36 {term.name}") == [point("ST36", **field)]


def test_a_technique_of_the_clinic_is_understood_and_one_it_hides_is_not():
    own = (Word("bird_pecking", "Bird pecking", "manipulation"),)
    assert parse("ST36 bird pecking", POINTS, own).items[0].techniques == ("bird_pecking",)
    assert parse("ST36 tonify", POINTS, own).problems[0].text == "tonify"


def test_angles_and_techniques_in_any_order():
    assert items("GB20 obl even 20mm rotate R e-stim even") == [
        point(
            "GB20",
            "right",
            depth_mm=20,
            angle="oblique",
            techniques=("even", "rotate"),
            stimulation="electrical",
        )
    ]


@pytest.mark.parametrize(
    "text, piece",
    [("GB20 L R", "R"), ("GB20 10mm 20mm", "20mm"), ("GB20 obl flat", "flat"), ("LI4 x2 x4", "x4")],
)
def test_saying_two_things_is_a_problem_and_the_first_stays(text, piece):
    assert problems(text) == [(piece, "Something else was said before. Take one of the two out.", [])]
    assert read(text).items == read(text.removesuffix(piece)).items


def test_saying_the_same_twice_is_none():
    assert items("GB20 L left 10mm 10mm") == [point("GB20", "left", depth_mm=10)]


@pytest.mark.parametrize("sign", ["R+", "R-", "L-", "b*"])
def test_a_side_with_a_sign_is_no_side(sign):
    assert list(read(f"LI4 {sign}").items) == [point("LI4")]
    assert [problem.text for problem in read(f"LI4 {sign}").problems] == [sign]


UNKNOWN = "“%s” is not understood. Write a point’s code or name, or pick one."


def test_what_follows_something_unknown_is_not_given_to_the_point_before():
    line = read("LI4 QX99 R 25mm ST36 L")
    assert list(line.items) == [point("LI4"), point("ST36", "left")]
    assert line.problems == (Problem("QX99 R 25mm", UNKNOWN % "QX99", (), 4, 15),)


def test_offers_keep_what_was_written_after_the_name():
    assert problems("zusanly L 20mm")[0][2][0] == "ST36 L 20mm"
    assert problems("LI44 b")[0][2][0] == "LI4 b"
    assert problems("ST36L 20mm")[0][2] == ["ST36 L 20mm"]


def test_several_points_of_a_name_are_offered():
    assert problems("sanli b 20mm") == [
        ("sanli b 20mm", "Several points are called “sanli”. Pick one.", ["LI10 b 20mm", "ST36 b 20mm"])
    ]


def test_a_misspelled_word_is_a_problem_of_its_own():
    assert list(read("GB20 tonfy 20mm").items) == [point("GB20", depth_mm=20)]
    assert problems("GB20 tonfy 20mm") == [
        ("tonfy", "“tonfy” is not understood. Pick a word, or write another.", ["tonify"])
    ]


def test_a_misspelled_point_is_not_taken_for_a_word_about_the_point_before():
    line = read("LI4 taichon R 25mm")
    assert list(line.items) == [point("LI4")]
    assert [(each.text, each.offers[0]) for each in line.problems] == [("taichon R 25mm", "LR3 R 25mm")]


@pytest.mark.parametrize(
    "vertebra, beside", [("L4", ["EX-B2-L4 b"]), ("T3", ["EX-B2-T3 b"]), ("C5", ["EX-B2-C5 b"]), ("S1", [])]
)
def test_a_vertebra_is_no_point(vertebra, beside):
    text = f"{vertebra} b"
    says = f"“{vertebra}” is a vertebra. For the points beside it write HTJJ and the vertebra."
    assert problems(text) == [(text, says, beside)]
    assert read(text).items == ()


def test_a_level_the_clinic_has_not_enabled():
    assert problems("HTJJ C1 b") == [
        ("HTJJ C1 b", "“HTJJ” has no such level in this clinic’s catalogue.", [])
    ]
    assert parse("HTJJ C1 b", catalogue(neck_levels=True), TERMS).items == (point("EX-B2-C1"),)


def test_a_number_is_never_joined_to_a_number():
    assert list(read("LI1 4").items) == [point("LI1")]
    assert problems("LI1 4")[0][0] == "4"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ear shen men b 7mm", [place("ear", "shen men", "both", depth_mm=7)]),
        ("ear apex R", [point("EX-HN6", "right")]),
        ("ear gate L", [point("TE21", "left")]),
        (
            "auricular point zero L, ear lung R",
            [place("ear", "point zero", "left"), place("ear", "lung", "right")],
        ),
        ("trigger point upper trap L", [place("trigger", "upper trap", "left")]),
        ("TrP glut med R x2", [place("trigger", "glut med", "right", 2)]),
        ("tp R QL", [place("trigger", "QL", "right")]),
        ("ah shi R L4 paraspinal x3", [place("ashi", "L4 paraspinal", "right", 3)]),
        ("ashi L near GB20 x2", [place("ashi", "near GB20", "left", 2)]),
        ("ashi L 2 cun below ST36", [place("ashi", "2 cun below ST36", "left")]),
        ("ashi L behind ear", [place("ashi", "behind ear", "left")]),
        ("ashi L between BL23 and Liv 3", [place("ashi", "between BL23 and Liv 3", "left")]),
        ("ashi L trap GB20", [place("ashi", "trap", "left"), point("GB20")]),
        ("ear shenmen R hegu", [place("ear", "shenmen", "right"), point("LI4")]),
        ('ashi L "left of T3, even" x2', [place("ashi", "left of T3, even", "left", 2)]),
        ("ashi L “2 fingers up”", [place("ashi", "2 fingers up", "left")]),
        ("ashi R", [place("ashi", "", "right")]),
    ],
)
def test_places_in_words(text, expected):
    assert items(text) == expected
    assert items(print_line(expected)) == expected


def test_a_place_is_printed_in_quotation_marks_where_it_could_be_read_otherwise():
    written = [
        "trap",
        "upper trap",
        "even",
        "behind the ear",
        "2 cun below ST36",
        "L4 paraspinal",
        "left, low",
    ]
    assert [print_line([place("ashi", words, "left")]) for words in written] == [
        "ashi L trap",
        "ashi L upper trap",
        'ashi L "even"',
        'ashi L "behind the ear"',
        'ashi L "2 cun below ST36"',
        'ashi L "L4 paraspinal"',
        'ashi L "left, low"',
    ]


def test_an_open_quotation_mark_is_named():
    assert problems('ashi L "trap') == [
        ('"trap', "A quotation mark is missing at the end. Add it, or take this one out.", [])
    ]


def test_a_place_too_long_is_cut_and_said():
    line = read(f"ashi L {'a' * 150} {'b' * 150}")
    assert [len(item.place) for item in line.items] == [200]
    assert [problem.says for problem in line.problems] == [
        "The place is too long. Use at most 200 characters."
    ]


def test_problems_say_where_they_are():
    text = "LI4, qqqq b; GB20 20, L4"
    assert [text[each.start : each.end] for each in read(text).problems] == ["qqqq b", "20", "L4"]
    assert [each.text for each in read(text).problems] == ["qqqq b", "20", "L4"]


def test_the_line_can_be_printed_as_the_clinic_writes_points():
    printed = print_line(items("BL23 b, LR3 L, GV20"), name=lambda code: shown(code, POINTS))
    assert printed == "UB23 b, LV3 L, Du20"
    assert items(printed) == items("BL23 b, LR3 L, GV20")


def test_no_word_of_the_line_is_a_point():
    """Otherwise one of the two could never be typed."""
    words = [word for phrase in vocabulary(TERMS).phrases for word in phrase]
    assert [word for word in words if type(resolve(word, POINTS)).__name__ != "Unknown"] == []


@pytest.mark.parametrize("code", list(POINTS.points))
def test_every_point_can_be_typed_and_printed(code):
    text = f"{code} x6"
    assert [item.code for item in items(text)] == [code]
    assert items(print_line(items(text))) == items(text)


# Completion


def completed(text, cursor=None):
    cursor = len(text) if cursor is None else cursor
    return [
        text[: each.start] + each.insert + text[each.end :]
        for each in complete_line(text, cursor, POINTS, TERMS)
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("heg", ["LI4"]),
        ("LI4, zu san", ["LI4, ST36"]),
        ("LI4 b taich", ["LI4 b LR3"]),
        ("LI4 b sanli", ["LI4 b LI10", "LI4 b ST36"]),
        ("GB20 b tonif", ["GB20 b tonify"]),
        ("ashi L HTJJ L5", ["ashi L EX-B2-L5"]),
        ("ashi L hegu", []),
        ("LI4 b", []),
        ("hegu ", []),
        ("", []),
        ("LI4, ", []),
        ("qqqq", []),
    ],
)
def test_completion(text, expected):
    assert completed(text) == expected


def test_completion_works_in_the_middle_of_the_line():
    assert completed("LI4, heg, GB20 b", cursor=8) == ["LI4, LI4, GB20 b"]


# Properties


SOME_WORDS = """
LI4 LV3 GB20 b L R bl left 25mm 1 cun 1.5cun 0.5" tonify T+ even obl perp flat e-stim EA 2Hz 2/100Hz hz manual none no
stim x3 x2 x 3 25 , ; + & ashi ear trigger point tp trap upper below near of and shenmen sanli hegu apex gate HTJJ L4
T3 C1 S1 EX-UE9 GV20 EX-HN12 UB 23 Liv 3 san jiao 5 " "x, (L) warm needle handle scraping lifting tonfy qqqq ST36L 太冲
“ ” midline 2-3mm mm R+ ' . behind stretched skin
"""
WORDS = st.sampled_from([*SOME_WORDS.split(), "\n", "\0"])
LINES = st.lists(WORDS, max_size=25).map(" ".join)


def check(text):
    line = read(text)
    printed = print_line(line.items)
    again = read(printed)
    assert again.items == line.items
    assert print_line(again.items) == printed
    assert all(0 <= each.start < each.end <= len(text) and each.says for each in line.problems)
    for cursor in (0, len(text) // 2, len(text)):
        complete_line(text, cursor, POINTS, TERMS)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(LINES)
def test_parse_print_parse_is_the_identity(text):
    check(text)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_no_text_stops_the_line(text):
    check(text)


SIDES = st.sampled_from(["left", "right", "both"])
PLACES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"“”„'), max_size=30)
FIELDS = {
    "needles": st.sampled_from([1, 2, 4, 5, 8, 10]) | st.integers(1, 99),
    "depth_mm": st.none() | st.integers(1, 200),
    "angle": st.sampled_from(["", "oblique", "perpendicular", "transverse"]),
    "techniques": st.lists(
        st.sampled_from([term.key for term in TERMS if term.group != "angle"]), unique=True, max_size=3
    ).map(tuple),
}
CURRENT = st.sampled_from(
    [("", ""), ("manual", ""), ("none", ""), ("electrical", ""), ("electrical", "2/100")]
)


@st.composite
def any_item(draw):
    fields = {name: draw(values) for name, values in FIELDS.items()}
    stimulation, hz = draw(CURRENT)
    kind = draw(st.sampled_from(["point", "ashi", "ear", "trigger"]))
    if kind != "point":
        words, side = draw(PLACES), draw(SIDES | st.sampled_from(["none", ""]))
        return Item(kind, "", words, side, **fields, stimulation=stimulation, hz=hz)
    code = draw(st.sampled_from(list(POINTS.points)) | st.sampled_from(["EX-B2", *SET_PLACES]))
    own = {"midline": "none", "left": "left", "right": "right"}.get(POINTS.points[code].laterality)
    return Item("point", code, "", own or draw(SIDES), **fields, stimulation=stimulation, hz=hz)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(any_item(), max_size=5))
def test_any_items_survive_printing(some):
    assert list(read(print_line(some)).items) == some


@pytest.mark.parametrize(
    "piece",
    [
        "a,",
        "LI4 ",
        '"',
        '" ',
        "x",
        "1 ",
        "ashi ",
        "near LI4 ",
        "ashi L near LI4 ",
        "\u0301\u0316",
        "sanli,",
        "qq ",
        "ear apex ",
    ],
)
def test_ten_thousand_characters_take_no_longer_than_their_share(piece):
    """Ten times the text takes about ten times as long, and nowhere near a hundred times."""
    short, long = (piece * (size // len(piece)) for size in (1_000, 10_000))
    read(short)
    assert seconds(long) < max(40 * seconds(short), 0.1)


def seconds(text):
    """The least of two."""
    spans = []
    for _again in range(2):
        start = process_time()
        read(text)
        spans.append(process_time() - start)
    return min(spans)
