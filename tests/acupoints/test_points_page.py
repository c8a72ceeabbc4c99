"""The pages of the catalogue: found as typed, the point with its place on both sides, and who may look."""

import json

import pytest
from django.urls import reverse

from acupoints.models import Acupoint
from acupoints.rules.showing import MERIDIAN_NAMES, REGIONS, cautions, pictures
from acupoints.templatetags.body import ART, NAMES
from tests.browser import assert_accessible, sign_in


@pytest.mark.django_db
class TestList:
    def url(self, **query):
        return reverse("acupoints:list", query=query)

    def test_names_code_pinyin_characters_and_region(self, cast, client_of):
        answer = client_of(cast.mei).get(self.url(q="UB23"))
        (hit,) = answer.context["hits"]
        assert (hit.code, hit.pinyin, hit.hanzi, hit.english, hit.region) == (
            *("BL23", "Shènshū", "腎俞", "Kidney Shu", "lower back/sacrum"),
        )

    def test_while_typing_only_the_rows_come(self, cast, client_of):
        answer = client_of(cast.mei).get(self.url(q="UB23"), headers={"hx-request": "true"})
        page = answer.content.decode()
        assert (page.count("<li>"), page.count("<html"), page.count("<form")) == (1, 0, 0)

    def test_filters(self, cast, client_of):
        answer = client_of(cast.mei).get(self.url(meridian="ST", region="knee"))
        assert {(hit.meridian, hit.region) for hit in answer.context["hits"]} == {("ST", "knee")}

    def test_the_first_sixty_of_all(self, cast, client_of):
        answer = client_of(cast.mei).get(self.url())
        assert (len(answer.context["hits"]), answer.context["total"]) == (60, 435)

    def test_a_guess_is_called_one(self, cast, client_of):
        page = client_of(cast.mei).get(self.url(q="zusanlli")).content.decode()
        assert page.count("Nothing is called “zusanlli”. Did you mean") == 1

    def test_nothing_found(self, cast, client_of):
        assert client_of(cast.mei).get(self.url(q="qqqqq")).content.decode().count("No point found") == 1

    @pytest.mark.parametrize("query", [{"q": "LI4"}, {"q": "lung"}, {"region": "foot"}, {}])
    def test_one_statement_beside_those_of_the_frame(self, cast, client_of, query, django_assert_num_queries):
        client = client_of(cast.mei)
        client.get(self.url())
        with django_assert_num_queries(7):
            client.get(self.url(**query))


@pytest.mark.django_db
class TestPoint:
    def test_shows_what_the_catalogue_knows(self, cast, client_of):
        answer = client_of(cast.mei).get(reverse("acupoints:point", args=["BL23"]))
        assert answer.context["names"] == ["B23", "Bladder 23", "UB23", "Urinary Bladder 23"]
        assert answer.context["risks"] == ["kidney"]
        assert answer.context["categories"] == ["back-shu: kidney"]
        page = answer.content.decode()
        assert page.count("13–25 mm (0.5–1.0 cun)") == 1

    def test_a_level_of_the_spine_is_called_by_its_vertebra(self, cast, client_of):
        answer = client_of(cast.mei).get(reverse("acupoints:point", args=["EX-B2-T3"]))
        assert answer.context["names"] == ["HJJT3", "HTJJ T3", "Hua Tuo Jia Ji T3", "Jiaji T3"]

    @pytest.mark.parametrize("code", ["EX-B2-C1", "LI99", "li4", "<b>"])
    def test_what_is_hidden_or_unknown_is_not_there(self, cast, client_of, code):
        assert client_of(cast.mei).get(reverse("acupoints:point", args=[code])).status_code == 404

    def test_two_statements_beside_those_of_the_frame(self, cast, client_of, django_assert_num_queries):
        client = client_of(cast.mei)
        client.get(reverse("acupoints:point", args=["LI4"]))
        with django_assert_num_queries(8):
            client.get(reverse("acupoints:point", args=["ST36"]))

    def test_every_point_has_pictures_of_known_views_with_marks_inside(self):
        for row in Acupoint.objects.all():
            for picture in pictures(row):
                assert picture.view in NAMES, row.key
                height = 2000 if picture.view in ("front", "back", "left", "right") else 1000
                assert picture.marks, row.key
                assert all(0 <= x <= 1000 and 0 <= y <= height for _label, x, y in picture.marks), row.key


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ana", "olive", "rita"])
def test_only_clinicians_look(cast, client_of, name):
    client = client_of(getattr(cast, name))
    urls = [reverse("acupoints:list"), reverse("acupoints:point", args=["LI4"])]
    assert [client.get(url).status_code for url in urls] == [403, 403]


@pytest.mark.django_db
class TestPictures:
    def spots(self, code):
        return [
            (picture.view, picture.side, [(x, y) for _label, x, y in picture.marks])
            for picture in pictures(Acupoint.objects.get(key=code))
        ]

    def test_a_paired_point_is_on_both_sides(self):
        row = Acupoint.objects.get(key="LU1")
        assert self.spots("LU1") == [("front", "left", [(row.x, row.y), (1000 - row.x, row.y)])]

    def test_a_point_of_the_midline_is_one(self):
        assert self.spots("CV12")[0][2] == [(500, Acupoint.objects.get(key="CV12").y)]

    def test_a_point_of_one_side_is_one(self):
        row = Acupoint.objects.exclude(laterality__in=["bilateral", "midline"]).order_by("key").first()
        assert len(self.spots(row.key)[0][2]) == 1

    def test_a_close_up_of_a_limb_comes_for_both_limbs(self):
        row = Acupoint.objects.get(key="LI4")
        assert self.spots("LI4")[1:] == [
            ("hand_dorsal", "left", [(row.detail_x, row.detail_y)]),
            ("hand_dorsal", "right", [(row.detail_x, row.detail_y)]),
        ]

    def test_the_side_of_the_body_comes_with_its_twin(self):
        row = Acupoint.objects.filter(view="left", bilateral=True).order_by("pk").first()
        assert self.spots(row.key)[:2] == [
            ("left", "left", [(row.x, row.y)]),
            ("right", "left", [(1000 - row.x, row.y)]),
        ]

    def test_a_close_up_that_is_the_main_chart_comes_once(self):
        assert [(view, side) for view, side, _spots in self.spots("KI1")] == [
            *(("foot_sole", "left"), ("foot_sole", "right"), ("front", "left")),
        ]

    def test_a_set_shows_all_its_places(self):
        views = {view: places for view, _side, places in self.spots("EX-B2")}
        assert len(views["back"]) == 34


@pytest.mark.django_db
class TestWords:
    def test_cautions(self):
        said = {
            code: list(map(str, cautions(Acupoint.objects.get(key=code)))) for code in ("ST17", "LI4", "ST36")
        }
        assert said["ST17"].count("Not needled: a landmark, or for moxa only.") == 1
        assert said["ST17"].count("No moxa here.") == 1
        assert said["LI4"].count("In pregnancy: avoid.") == 1
        assert said["ST36"] == []

    def test_every_meridian_and_region_of_the_data_has_its_place_in_the_filters(self):
        rows = Acupoint.objects.values_list("meridian", "region")
        assert {meridian for meridian, _region in rows} == set(MERIDIAN_NAMES)
        assert {region for _meridian, region in rows} == set(REGIONS)

    def test_the_data_of_outlines_and_art_are_of_one_size(self):
        outline = json.loads((ART.parent / "body_outline.json").read_text())["views"]
        assert {name: (view["width"], view["height"]) for name, view in outline.items()} == {
            name: (view["width"], view["height"])
            for name, view in json.loads(ART.read_text())["views"].items()
        }


@pytest.mark.browser
def test_somebody_types_chooses_and_sees_the_place(cast, desktop):
    sign_in(desktop, cast.mei)
    desktop.goto("/points/")
    assert_accessible(desktop)
    desktop.get_by_label("Code, name, characters or what it is called").fill("zu san li")
    desktop.get_by_role("heading", name="1 point").wait_for()
    desktop.get_by_role("link", name="ST36").click()
    desktop.get_by_role("heading", name="ST36 Zúsānlǐ").wait_for()
    assert desktop.get_by_role("img", name="Body from the front").locator(".bc-mark circle").count() == 2
    assert_accessible(desktop)


@pytest.mark.browser
def test_a_filter_alone_on_a_phone(cast, phone):
    sign_in(phone, cast.mei)
    phone.goto("/points/")
    phone.get_by_label("Meridian").select_option("LU")
    phone.get_by_role("heading", name="11 points").wait_for()
    assert_accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
