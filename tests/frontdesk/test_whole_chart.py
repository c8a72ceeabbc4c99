"""The whole chart of one patient as PDF and as data: everything, nobody else's, and nothing entered in error."""

import io
import json

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from pypdf import PdfReader

from clinic.models import AuditEvent
from frontdesk.queries.whole_chart import LEFT_OUT, ROWS, model_of, sections_of
from intake.models import Condition
from patients.models import Patient
from tests.cast import NOW
from tests.outcomes.rows import TODAY, answered, nrs
from tests.treatment.rows import a_note, child, saved
from treatment.actions.after import mark_entered_in_error
from treatment.models import ContactNote, Note

pytestmark = pytest.mark.django_db


def leads_to_a_patient(model, seen=()):
    """Whether rows of this table belong to a patient, directly or through rows of another table of ours."""
    for field in model._meta.concrete_fields:
        to = field.related_model
        if not field.is_relation or to is None or to._meta.app_label not in settings.OUR_APPS:
            continue
        if to is Patient or (to not in seen and to is not model and leads_to_a_patient(to, (*seen, model))):
            return True
    return model is Patient


def test_every_table_that_leads_to_a_patient_is_in_the_chart_or_left_out_with_a_reason():
    ours = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in settings.OUR_APPS]
    found = {model for model in ours if leads_to_a_patient(model)}
    assert {model_of(label) for label in [*ROWS, *LEFT_OUT]} == found
    assert len(ROWS) > 30
    assert not ROWS.keys() & LEFT_OUT.keys()


@pytest.fixture
def chart(cast):
    Condition.objects.create(
        patient=cast.maria, name="Migraine", source="said", entered_at=NOW, entered_by=cast.mei
    )
    note = a_note(cast)
    saved(note, said_words="stiff when reversing", needlings=[child("needlings")], sets=[child("sets")])
    ContactNote.objects.create(
        patient=cast.maria, kind="call", words="sore since Tuesday", at=NOW, by=cast.mei
    )
    other = a_note(cast, patient=cast.tunde, clock="14:00")
    saved(other, said_words="nothing of Maria's")
    return note


def test_every_row_of_the_patient_and_of_nobody_else(cast, client_of, chart):
    answer = client_of(cast.mei).get(reverse("frontdesk:chart_json", args=[cast.maria.pk]))
    data = json.loads(answer.content)
    assert data["patient"] == str(cast.maria.pk)
    assert data["tables"].keys() == ROWS.keys()
    assert [row["name"] for row in data["tables"]["intake.Condition"]] == ["Migraine"]
    assert [row["said_words"] for row in data["tables"]["treatment.Note"]] == ["stiff when reversing"]
    assert [row["code"] for row in data["tables"]["treatment.Needling"]] == ["LI4"]
    assert "nothing of Maria's" not in answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="chart-2026-11-24.json"'


def test_the_document_is_a_pdf_that_another_program_reads(cast, client_of, chart):
    answer = client_of(cast.mei).get(reverse("frontdesk:chart_pdf", args=[cast.maria.pk]))
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for words in (
        "Maria Garcia",
        "Migraine",
        "stiff when reversing",
        "LI4 b",
        "sore since Tuesday",
        "A draft",
    ):
        assert words in text
    assert "nothing of" not in text


def test_a_note_entered_in_error_leaves_both(cast, client_of, chart):
    saved(chart, felt="nothing", clean_technique=True, sharps_box=True, needlings=[], sets=[])
    mark_entered_in_error(by=cast.mei, pk=chart.pk, words="wrong chart")
    assert Note.objects.filter(pk=chart.pk).exists()
    for route in ("frontdesk:chart_json", "frontdesk:chart_pdf"):
        answer = client_of(cast.mei).get(reverse(route, args=[cast.maria.pk]))
        body = answer.content
        if route.endswith("pdf"):
            body = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).encode()
        assert b"stiff when reversing" not in body


def test_scores_stand_in_the_document(cast):
    answered(cast, nrs(7), days=35)
    answered(cast, nrs(4), days=1)
    (section,) = [each for each in sections_of(cast.maria, cast.mei, TODAY) if str(each.heading) == "Scores"]
    assert section.lines == (
        "2026-10-20, Pain numeric rating scale: 7, severe",
        "2026-11-23, Pain numeric rating scale: 4, moderate",
    )


def test_an_export_is_written_down(cast, client_of, chart):
    client_of(cast.mei).get(reverse("frontdesk:chart_json", args=[cast.maria.pk]))
    event = AuditEvent.objects.get(verb="export_chart")
    assert (event.by, event.patient) == (cast.mei, cast.maria.pk)


@pytest.mark.parametrize("route", ["frontdesk:chart_json", "frontdesk:chart_pdf"])
def test_the_desk_gets_no_clinical_text(cast, client_of, route):
    assert client_of(cast.ana).get(reverse(route, args=[cast.maria.pk])).status_code == 403


def test_it_takes_one_statement_for_each_table(cast, client_of, chart, django_assert_num_queries):
    client = client_of(cast.mei)
    address = reverse("frontdesk:chart_json", args=[cast.maria.pk])
    client.get(address)
    with django_assert_num_queries(69):
        client.get(address)
    for number in range(5):
        ContactNote.objects.create(
            patient=cast.maria, kind="call", words=f"again {number}", at=NOW, by=cast.mei
        )
    with django_assert_num_queries(69):
        client.get(address)
