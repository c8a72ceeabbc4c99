"""The body chart: every view, what is drawn in it, marks, and mirrored limbs."""

import json
from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from acupoints.templatetags.body import ART, BODY, MIRRORED, NAMES, Mark, lines, spread

VIEWS = json.loads(ART.read_text())["views"]


class Elements(HTMLParser):
    """[(name, attributes)] of everything that is opened, and the words between."""

    def __init__(self, html):
        super().__init__()
        self.found, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    def all(self, tag, css=None):
        return [attrs for name, attrs in self.found if name == tag and css in (None, attrs.get("class"))]


def drawn(tag, **context):
    return Elements(Template("{% load body %}" + tag).render(Context(context)))


def test_views_of_the_file_are_those_with_a_name():
    assert set(VIEWS) == set(NAMES)
    assert len(NAMES) == 13
    assert set(MIRRORED) == set(NAMES) - {*BODY, "head_front", "head_back"}


@pytest.mark.parametrize("view", sorted(NAMES))
def test_every_view_has_its_groups_and_its_name(view):
    chart = drawn(f'{{% body_chart "{view}" %}}')
    (svg,) = chart.all("svg")
    size = "0 0 1000 2000" if view in BODY else "0 0 1000 1000"
    assert (svg["viewbox"], svg["data-view"], svg["role"], svg["aria-label"]) == (
        *(size, view, "img", str(NAMES[view])),
    )
    classes = [attrs["class"] for attrs in chart.all("g")]
    assert classes == [
        *("bc-art", "bc-silhouette", "bc-details", "bc-contours", "bc-meridians", "bc-sides", "bc-marks"),
    ]
    assert [attrs["d"].startswith("M") for attrs in chart.all("path")] == [True] * 3
    assert [attrs for _name, attrs in chart.found if "style" in attrs] == []


def test_the_patients_left_is_named_where_both_sides_are_seen():
    front, back = (
        {word: attrs["x"] for word, attrs in zip(chart.words, chart.all("text"), strict=True)}
        for chart in (drawn('{% body_chart "front" %}'), drawn('{% body_chart "back" %}'))
    )
    assert (front, back) == ({"L": "940", "R": "60"}, {"L": "60", "R": "940"})
    assert drawn('{% body_chart "left" %}').words == []


def test_marks_are_drawn_with_their_label_and_class():
    chart = drawn(
        '{% body_chart "left" marks=marks %}', marks=[("GB20", 612, 240, "is-carried"), ("", 300, 400)]
    )
    dots = [(attrs["cx"], attrs["cy"]) for attrs in chart.all("circle")]
    assert dots == [("612", "240"), ("300", "400")]
    assert chart.words == ["GB20", "GB20"]  # the title and the text beside the dot
    assert [attrs["class"].split() for attrs in chart.all("g")[-2:]] == [
        ["bc-mark", "is-carried"],
        ["bc-mark"],
    ]
    assert [(attrs["x"], attrs["text-anchor"]) for attrs in chart.all("text")] == [("636", "start")]


def test_a_label_is_never_markup():
    chart = drawn('{% body_chart "left" marks=marks %}', marks=[("<b>&", 1, 2)])
    assert chart.words == ["<b>&", "<b>&"]
    assert chart.all("b") == []


def test_the_right_limb_is_the_left_one_mirrored():
    chart = drawn('{% body_chart "hand_dorsal" marks=marks side="right" %}', marks=[("LI4", 700, 500)])
    (svg,) = chart.all("svg")
    assert (svg["aria-label"], chart.all("g", "bc-art")[0]["transform"]) == (
        *("Back of the right hand", "translate(1000 0) scale(-1 1)"),
    )
    assert chart.all("circle")[0]["cx"] == "300"
    front = drawn('{% body_chart "front" marks=marks side="right" %}', marks=[("LI4", 700, 500)])
    assert (front.all("circle")[0]["cx"], "transform" in front.all("g", "bc-art")[0]) == ("700", False)


def test_meridians_none_one_or_all():
    def runs(tag):
        return [attrs["data-meridian"] for attrs in drawn(tag).all("path") if "data-meridian" in attrs]

    assert runs('{% body_chart "foot_sole" meridian="LU" %}') == []
    assert runs('{% body_chart "front" meridian="LU" %}') == ["LU"]
    assert sorted(runs('{% body_chart "hand_palmar" meridian="all" %}')) == ["LU", "PC"]


def test_the_art_is_made_once():
    assert lines("front") is lines("front")


def test_labels_of_marks_close_together_do_not_print_over_each_other():
    from_top = spread(
        [Mark("GB20", 460, 200), Mark("UB10", 470, 205), Mark("GB20", 540, 200), Mark("", 465, 207)]
    )
    left = [mark.text_y for mark in from_top if mark.anchor == "end" and mark.label]
    assert left == [212, 244]
    assert [mark.text_y for mark in from_top if mark.anchor == "start"] == [212]
    assert [(mark.x, mark.y) for mark in from_top if not mark.label] == [(465, 207)]
