"""The file of measures as rows: whole, hidden by the clinic, never rewritten by it."""

import json

import pytest
from django.urls import reverse

from clinic.actions.reference import load, own_row
from outcomes.actions.reference import DATA, DATASETS
from outcomes.models import Measure
from outcomes.queries.measures import answerable, known, offered
from outcomes.rules.definitions import measure_from, sha256_of
from tests.cast import NOW

FILE = json.loads((DATA / "outcome_measures.json").read_text())


@pytest.mark.django_db
def test_every_entry_of_the_file_is_a_row():
    rows = Measure.objects.order_by("position")
    assert [row.definition for row in rows] == FILE["measures"]
    assert [(row.key, row.name, row.domain) for row in rows][1] == (
        "PEG",
        "PEG pain scale",
        "pain intensity and interference",
    )


@pytest.mark.django_db
def test_loading_again_writes_nothing():
    (dataset,) = DATASETS
    assert load(dataset, now=NOW).written == 0


@pytest.mark.django_db
def test_the_clinic_names_and_hides_a_measure(cast):
    row = own_row(by=cast.olive, row=Measure.objects.get(key="BOTHER"))
    row.name = "How bothered"
    row.save()
    assert offered()["BOTHER"].name == "How bothered"
    row.hidden = True
    row.save()
    assert ("BOTHER" in offered(), "BOTHER" in answerable(), "BOTHER" in known()) == (False, False, True)


@pytest.mark.django_db
def test_the_owner_cannot_rewrite_what_a_measure_asks(cast, client_of):
    row = own_row(by=cast.olive, row=Measure.objects.get(key="PEG"))
    page = client_of(cast.olive).get(reverse("admin:outcomes_measure_change", args=[row.pk]))
    assert set(page.context["adminform"].form.fields) == {"row_version", "name", "domain", "hidden"}
    assert client_of(cast.olive).get(reverse("admin:outcomes_measure_add")).status_code == 403


def test_the_words_of_a_measure_have_a_mark_of_their_own():
    entry = FILE["measures"][1]
    changed = json.loads(json.dumps(entry))
    changed["items"][0]["text"] = "How much?"
    assert measure_from(entry).sha256 == sha256_of(entry)
    assert measure_from(changed).sha256 != measure_from(entry).sha256


def test_a_measure_as_values():
    peg = measure_from(FILE["measures"][1])
    assert (peg.least, peg.most, peg.decimals, peg.method, peg.higher_is_better) == (0, 10, 1, "mean", False)
    assert (peg.smallest, peg.percent, peg.smallest_single, peg.on_positive) == (1, 30, None, None)
    assert [item.kind for item in peg.items] == ["scale"] * 3
    assert peg.items[0].values == set(range(11))
    assert peg.citation.startswith("Krebs EE")
    pgic = measure_from(next(each for each in FILE["measures"] if each["id"] == "PGIC"))
    assert pgic.responders == {1, 2}
    assert pgic.items[0].values == {1, 2, 3, 4, 5, 6, 7}
