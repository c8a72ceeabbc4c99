"""Letters: what stands in them, as a PDF that another program reads."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from clinic.refusal import Refused
from intake.actions import letters as actions
from intake.actions import referrals
from intake.models import Letter, Referral
from intake.queries.care import known_of
from intake.rules import letters as rules
from tests.cast import NOW
from tests.intake.rows import TODAY, allergy, answered, condition, medicine


def text_of(letter):
    reader = PdfReader(io.BytesIO(bytes(letter.pdf)))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def written(cast, **more):
    sections = rules.progress_sections(
        problem="neck pain", words="Much better.", known=known_of(cast.maria, TODAY), visits=()
    )
    values = {
        "by": cast.mei,
        "patient": cast.maria,
        "kind": rules.PROGRESS,
        "to": "Dr. Amos",
        "title": "Progress report",
        "sections": sections,
        "place": cast.uptown,
        "now": NOW,
        "today": TODAY,
    }
    return actions.write(**{**values, **more})


@pytest.mark.django_db
def test_a_letter_says_who_whom_and_what_is_known(cast):
    condition(cast.maria, "osteoporosis", name="weak bones")
    medicine(cast.maria, "Xarelto", "anticoagulant")
    allergy(cast.maria, "nickel", reaction="itches")
    found = text_of(written(cast))
    expected = [
        "Uptown",
        "Dr. Amos",
        "November 24, 2026",
        "Progress report",
        "Patient: Maria Garcia",
        "This is how neck pain has gone under our care.",
        "Much better.",
        "weak bones",
        "Xarelto",
        "nickel: itches",
        str(cast.mei.practitioner),
    ]
    assert [words for words in expected if words not in found] == []


@pytest.mark.django_db
def test_the_pdf_is_tagged_in_its_language_and_titled(cast):
    reader = PdfReader(io.BytesIO(bytes(written(cast).pdf)))
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"]), "/StructTreeRoot" in root) == (
        "en",
        True,
        True,
    )
    assert reader.metadata.title == "Progress report"


def test_the_same_data_give_the_same_bytes():
    frame = rules.Frame("Clinic", (), "Dr. A", "Maria", "", TODAY, "Mei")
    data = rules.letter(title="T", frame=frame, sections=[rules.Section("", ("words",))])
    assert actions.pdf_of(data, now=NOW) == actions.pdf_of(data, now=NOW)


def test_what_is_written_is_never_taken_for_markup():
    words = '#panic("x") *bold* $x$ <label> @ref \\ "quotes" // none'
    frame = rules.Frame("Clinic", (), words, words, "", TODAY, "Mei")
    data = rules.letter(title="T", frame=frame, sections=[rules.Section(words, (words,), (words,))])
    reader = PdfReader(io.BytesIO(actions.pdf_of(data, now=NOW)))
    assert " ".join(reader.pages[0].extract_text().split()).count('#panic("x") *bold* $x$ <label>') == 5


@pytest.mark.django_db
def test_a_letter_for_nobody_is_refused(cast):
    with pytest.raises(Refused) as refused:
        written(cast, to=" ")
    assert refused.value.reasons == ["Write whom the letter is for."]
    assert Letter.objects.count() == 0


@pytest.mark.django_db
def test_a_referral_letter_asks_what_the_answers_ask(cast):
    answered(cast.maria, cast.mei, {"RF001": "yes"})
    row = Referral.objects.get()
    referrals.change(
        by=cast.mei, pk=row.pk, version=1, values={"to": "Dr. Amos", "why": row.why, "urgency": row.urgency}
    )
    made = referrals.write_letter(
        by=cast.mei, pk=row.pk, version=2, found="Reflexes equal.", place=cast.uptown, now=NOW, today=TODAY
    )
    found = text_of(made)
    expected = [
        "Request for medical assessment",
        "Hoped for: emergency.",
        "trouble passing urine",
        "Cauda equina compression",
        "Reflexes equal.",
        "Please tell us",
    ]
    assert [words for words in expected if words not in found] == []
    row.refresh_from_db()
    assert (row.letter_at, made.referral) == (NOW, row)


@pytest.mark.django_db
def test_the_letter_is_downloaded_by_clinicians_and_the_reading_is_written_down(cast, client_of):
    made = written(cast)
    url = reverse("intake:letter", args=[cast.maria.pk, made.pk])
    answer = client_of(cast.daniel).get(url)
    assert (answer.content, answer.headers["Content-Type"]) == (bytes(made.pdf), "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter-2026-11-24.pdf"'
    assert client_of(cast.ana).get(url).status_code == 403
    assert client_of(cast.theo).get(url).status_code == 404


@pytest.mark.django_db
def test_a_letter_of_another_patient_is_not_found_here(cast, client_of):
    made = written(cast)
    url = reverse("intake:letter", args=[cast.sunny.pk, made.pk])
    assert client_of(cast.mei).get(url).status_code == 404
