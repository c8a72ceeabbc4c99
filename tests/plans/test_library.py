"""The library: never a benefit without comparator and caveat; dose and background told apart; who reads it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse

from clinic.actions.reference import own_row
from plans.actions.reference import DATASETS
from plans.models import PlanTemplate, ReviewRule, Study
from plans.queries import library
from plans.rules import library as rules
from plans.rules.phases import days_of, phases_of, spacing

HERE = Path(__file__).resolve().parent.parent.parent
EVIDENCE = json.loads((HERE / "plans/data/evidence.json").read_text())["studies"]
TEMPLATES = json.loads((HERE / "packages/data/plan_templates.json").read_text())


def shown(client, name, *args):
    answer = client.get(reverse(f"plans:{name}", args=args))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_every_row_of_the_files_is_there(cast):
    assert [Study.objects.count(), PlanTemplate.objects.count(), ReviewRule.objects.count()] == [16, 10, 8]
    assert {name: count for name, _m, _p, _r, count, _h in DATASETS} == {
        "studies": 16,
        "plan templates": 10,
        "review rules": 8,
    }
    study = Study.objects.get(key="BIA2025")
    assert (study.n, study.verification, len(study.figures)) == (
        800,
        "checked_against_abstract",
        len(study.figures),
    )
    assert study.figures == next(row for row in EVIDENCE if row["key"] == "BIA2025")["figures"]


@pytest.mark.django_db
def test_review_rules_say_what_the_templates_file_says(cast):
    said = {row["id"]: row["text"] for row in TEMPLATES["rules"]}
    assert {row.key: row.text for row in ReviewRule.objects.exclude(kind="limit")} == said
    limits = ReviewRule.objects.filter(kind="limit").order_by("visits")
    assert [(row.payer, row.visits, row.within_days) for row in limits] == [
        ("medicare", 12, 90),
        ("medicare", 20, 365),
    ]


@pytest.mark.django_db
def test_no_benefit_without_comparator_and_caveat(cast):
    for entry in library.studies():
        assert entry.outcome, entry.key
        assert entry.compared, entry.key
        assert entry.caveat, entry.key
        assert entry.certainty, entry.key
        assert entry.source, entry.key


@pytest.mark.parametrize(
    "key, compared",
    [
        ("CHERKIN2009", "simulated acupuncture; usual care"),
        ("WITT2009", "Nothing: there was no comparison group, so it shows no effect of its own."),
    ],
)
@pytest.mark.django_db
def test_what_it_was_compared_with(cast, key, compared):
    assert rules.entry(Study.objects.get(key=key)).compared == compared


@pytest.mark.django_db
def test_results_like_sham_say_so(cast):
    like = {entry.key for entry in library.studies() if entry.sham}
    assert like == {"SRPAIN", "IRNICH2001", "FANG2024", "CHERKIN2009"}
    # Read out of the words: each of these studies says itself that it was no better than a sham.
    for key in like:
        study = Study.objects.get(key=key)
        words = f"{study.outcome} {study.caveat}".lower()
        assert any(said in words for said in ("sham", "placebo", "simulated")), key


@pytest.mark.django_db
def test_sources_that_disagree_stand_side_by_side(cast):
    entry = rules.entry(Study.objects.get(key="CHEN2021"))
    assert [side.article for side in entry.said] == ["First article", "Second article"]
    assert len(entry.differs) == 5
    assert rules.disagree(Study.objects.get(key="CHEN2021"))
    assert not rules.disagree(SimpleNamespace(seed_says={"one": "x"}, differences_from_seed=[]))


def test_a_figure_names_its_arms_and_source():
    row = {
        "at": "3_months",
        "measure": "RMDQ",
        "what": "percent improved",
        "usual_care": 29.9,
        "standard_acupuncture": 42.0,
        "enhanced_acupuncture": None,
        "source": "registry",
    }
    assert rules.figure(row) == (
        "RMDQ at 3 months, percent improved: usual care 29.9, standard acupuncture 42.0 (registry)."
    )


@pytest.mark.django_db
def test_dose_and_background_are_told_apart(cast):
    found = library.template("neck_6_8")
    assert found.dose.source == Study.objects.get(key="MAYO").title
    assert Study.objects.get(key="FANG2024").title in found.dose.background
    assert "No listed trial tested this dose" in found.dose.note
    none = library.template("return_of_pain")
    assert (none.dose.source, none.dose.said) == ("", "Clinic default")


@pytest.mark.django_db
def test_medicare_is_off_until_the_owner_says_otherwise(cast):
    assert library.template("medicare_clbp").off
    assert "medicare_clbp" not in {row.key for row in library.fitting("back")}
    row = own_row(by=cast.olive, row=PlanTemplate.objects.get(key="medicare_clbp"))
    row.hidden = False
    row.save()
    assert "medicare_clbp" in {row.key for row in library.fitting("back")}


@pytest.mark.parametrize(
    "region, first", [("neck", "neck_6_8"), ("back", "back_6_8"), ("knee", "return_of_pain")]
)
@pytest.mark.django_db
def test_templates_that_fit_come_first(cast, region, first):
    assert library.fitting(region)[0].key == first


@pytest.mark.django_db
def test_phases_of_a_template(cast):
    active, later = phases_of(PlanTemplate.objects.get(key="bia_enhanced"))
    assert (active.visits, active.offsets[-1], active.min_days, active.max_days) == (15, 77, 2, 10)
    assert (later.visits, later.offsets, later.min_days, later.max_days) == (
        6,
        (98, 112, 126, 140, 154, 168),
        13,
        17,
    )


def test_spacing_and_days():
    assert spacing((0, 3, 7)) == (2, 7)
    assert spacing((0, 1, 2)) == (1, 4)
    assert spacing((5,)) == (1, 14)
    assert days_of([{"day": 0}, {"day": 3}]) == (0, 3)


@pytest.mark.django_db
def test_the_pages_name_what_they_must(cast, client_of, django_assert_num_queries):
    client = client_of(cast.mei)
    text = shown(client, "evidence")
    assert "Against a sham treatment some result was no different." in text
    assert "Source paper could not be found" in text
    assert "off" in shown(client, "templates")
    medicare = shown(client, "template", "medicare_clbp")
    assert "Who may furnish it" in medicare
    assert "Medicare pays for 12 visits in 90 days" in medicare
    assert "Medicare pays" not in shown(client, "template", "neck_6_8")
    assert "No study gives this dose: it is a clinic default." in shown(client, "template", "cs_article_2")
    assert client.get(reverse("plans:template", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("name, statements", [("evidence", 7), ("templates", 8)])
@pytest.mark.django_db
def test_statements(cast, client_of, name, statements, django_assert_num_queries):
    client = client_of(cast.mei)
    client.get(reverse(f"plans:{name}"))
    with django_assert_num_queries(statements):
        client.get(reverse(f"plans:{name}"))


@pytest.mark.parametrize("who, status", [("mei", 200), ("olive", 200), ("ana", 403)])
@pytest.mark.django_db
def test_who_reads_the_library(cast, client_of, who, status):
    client = client_of(getattr(cast, who))
    for name in ("evidence", "templates"):
        assert client.get(reverse(f"plans:{name}")).status_code == status


@pytest.mark.django_db
def test_only_the_owner_is_led_to_change_a_template(cast, client_of):
    address = reverse("plans:template_change", args=["neck_6_8"])
    assert address in shown(client_of(cast.olive), "template", "neck_6_8")
    assert address not in shown(client_of(cast.mei), "template", "neck_6_8")
    assert client_of(cast.olive).get(address).status_code == 200
