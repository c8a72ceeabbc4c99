"""The page of a draft: who writes in it, what it carries, and how many statements it takes."""

import json

import pytest
from django.urls import reverse

from acupoints.models import Acupoint
from intake.models import Allergy, Condition
from tests.cast import NOW
from tests.intake.rows import flag
from tests.treatment.notes import consented, integrated_visit
from tests.treatment.rows import a_note, child, part_of, saved
from treatment.actions.drafts import open_note
from treatment.queries.wording import keep_key

pytestmark = pytest.mark.django_db


def page(client_of, person, note):
    return client_of(person).get(reverse("treatment:note", args=[note.pk]))


def test_the_author_writes_and_a_colleague_reads(cast, client_of):
    note = a_note(cast)
    assert page(client_of, cast.mei, note).templates[0].name == "treatment/note.html"
    assert page(client_of, cast.daniel, note).templates[0].name == "treatment/reading.html"
    assert page(client_of, cast.ana, note).status_code == 403


def test_every_point_in_use_is_on_the_chart(cast, client_of):
    points = page(client_of, cast.mei, a_note(cast)).context["points"]
    assert {point["code"] for point in points} == set(
        Acupoint.objects.effective().values_list("key", flat=True)
    )
    assert len(points) == 361 + 76 - 2  # C1 and C2 of EX-B2 are hidden until the owner shows them
    (hand,) = [point for point in points if point["code"] == "LI4"]
    assert (hand["paired"], hand["region"]) == (True, "hand")


def test_history_and_what_is_closed_stand_beside_the_points(cast, client_of):
    Allergy.objects.create(
        patient=cast.maria, code="metal_allergy", substance="nickel", source="said", entered_at=NOW
    )
    Condition.objects.create(
        patient=cast.maria, code="epilepsy", name="Epilepsy", source="said", entered_at=NOW
    )
    flag(cast.maria, cast.mei)
    context = page(client_of, cast.mei, a_note(cast)).context
    assert context["facts"] == ["Epilepsy", "nickel"]
    assert len(context["closed"]) == 1
    assert [alert.words for alert in context["head"]["alerts"]] == ["red flag: refer now", "allergy: nickel"]


def test_a_missing_consent_is_asked_for_by_name(cast, client_of):
    note = a_note(cast)
    assert [one["kind"] for one in page(client_of, cast.mei, note).context["consents"]] == ["acupuncture"]
    consented(cast.maria, "acupuncture", by=cast.ana)
    assert page(client_of, cast.mei, note).context["consents"] == []


def test_an_adjustment_asks_for_its_own_consent_and_shows_the_planned_order(cast, client_of):
    booked = integrated_visit(cast, cast.maria)
    note = open_note(by=cast.daniel, part=part_of(booked, "chiropractic").pk)
    context = page(client_of, cast.daniel, note).context
    assert [one["kind"] for one in context["consents"]] == ["adjustment"]
    assert context["head"]["planned_order"] == "Planned: Acupuncture → Chiropractic"
    assert [region["name"] for region in context["spine"]] == [
        "Neck",
        "Chest",
        "Low back",
        "Sacrum",
        "Pelvis",
    ]
    assert context["words"]["modalities"]["diversified"]["cervical"] == "cervical_hvla"


def test_the_key_of_what_is_kept_is_each_persons_own(cast):
    assert keep_key(cast.mei) == keep_key(cast.mei)
    assert keep_key(cast.mei) != keep_key(cast.sam)
    assert len(keep_key(cast.mei)) == 44  # 32 bytes


def test_what_the_script_starts_from_is_json_with_the_state(cast, client_of):
    note = saved(a_note(cast), said_words="</script><b>stiff", needlings=[child("needlings")]).note
    answer = page(client_of, cast.mei, note)
    begun = answer.context["begun"]
    assert begun["version"] == note.version
    assert begun["state"]["said_words"] == "</script><b>stiff"
    assert b"</script><b>stiff" not in answer.content
    assert json.dumps(begun)


def test_as_many_statements_for_twenty_points_as_for_one(cast, client_of, django_assert_num_queries):
    note = a_note(cast)
    address = reverse("treatment:note", args=[note.pk])
    client = client_of(cast.mei)
    saved(note, needlings=[child("needlings")])
    client.get(address)
    with django_assert_num_queries(PAGE):
        client.get(address)
    codes = ["LI4", "LR3", "GB20", "ST36", "SI3", "GB21", "BL10", "GV20", "HT7", "PC6"] * 2
    saved(note, needlings=[child("needlings", code=code) for code in codes])
    with django_assert_num_queries(PAGE):
        client.get(address)


PAGE = 75
