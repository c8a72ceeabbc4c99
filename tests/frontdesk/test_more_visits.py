"""The letter that asks an insurer for more visits: what it says of the record, and what it does not."""

import io
from datetime import date

import pytest
from django.urls import reverse
from pypdf import PdfReader

from clinic.submissions import new_key
from intake.models import Letter
from packages.actions.authorizations import ask_for_more
from packages.models import AuthorizationEntry, MoreVisits
from tests.cast import NOW
from tests.outcomes.rows import answered, nrs
from tests.packages.rows import acupuncture, approved, covered, use
from tests.plans.rows import a_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast):
    """Three visits approved after a car crash, two of them used; the pain fell from 7 to 4."""
    insurer = covered(cast, cast.maria, kind="auto", insurer="Harbor Mutual", claim_number="CL-77")
    row = approved(cast, cast.maria, visits=3, coverage=insurer)
    for day in ("2026-11-10", "2026-11-17"):
        use(
            row,
            acupuncture(cast, cast.maria, day=day, status="completed").parts.get(),
            model=AuthorizationEntry,
        )
    a_plan(cast, starts_on=date(2026, 11, 9))
    answered(cast, nrs(7), days=28, occasion="baseline")
    answered(cast, {**nrs(4), "PHQ2": {"phq_1": 0, "phq_2": 0}})
    ask_for_more(authorizations=[row.pk], now=NOW)
    return MoreVisits.objects.get()


def address(asked, patient):
    return reverse("frontdesk:more_visits_letter", args=[patient.pk, asked.pk])


def write(client, asked, patient, **values):
    given = {"request_key": new_key(), "version": asked.version, "to": "Harbor Mutual", "words": "", **values}
    return client.post(address(asked, patient), given)


def text_of(letter):
    pages = PdfReader(io.BytesIO(bytes(letter.pdf))).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_the_letter_says_what_the_record_holds_on_one_page(cast, client_of, asked):
    answer = write(client_of(cast.mei), asked, cast.maria, words="She turns her head again.")
    assert answer.status_code == 303
    letter, found = Letter.objects.get(), text_of(Letter.objects.get())
    expected = [
        "Harbor Mutual",
        "Request for more visits",
        "Patient: Maria Garcia",
        "more visits of acupuncture under your approval A-100 (CL-77)",
        "She turns her head again.",
        "2 of 3 visits are used; the approval ends on February 28, 2027.",
        "Nov 10, 2026, Nov 17, 2026",
        "on Oct 27, 2026",
        "Down 3 since Oct 27",
        "Neck pain for three months (M54.2)",
        "8 visits planned",
        str(cast.mei.practitioner),
    ]
    assert [words for words in expected if words not in found] == []
    asked.refresh_from_db()
    assert (asked.letter, asked.status, letter.kind) == (letter.pk, "to_send", "more_visits")


def test_an_insurer_reads_nothing_of_mood_and_nothing_in_the_patients_own_words(cast, client_of, asked):
    write(client_of(cast.mei), asked, cast.maria)
    found = text_of(Letter.objects.get())
    assert [
        words for words in ("PHQ", "Mood", "Drive to work", "Stiff in the morning") if words in found
    ] == []


def test_without_scores_and_plan_the_letter_leaves_them_out(cast, client_of):
    row = approved(cast, cast.tunde, visits=1, ends_on=date(2026, 11, 26))
    ask_for_more(authorizations=[row.pk], now=NOW)
    write(client_of(cast.mei), MoreVisits.objects.get(), cast.tunde)
    found = text_of(Letter.objects.get())
    assert "0 of 1 visits are used" in found
    assert [words for words in ("Scores", "Plan") if words in found] == []


def test_a_letter_for_nobody_is_refused(cast, client_of, asked):
    answer = write(client_of(cast.mei), asked, cast.maria, to=" ")
    assert (answer.status_code, Letter.objects.count()) == (422, 0)


def test_the_letter_is_for_those_who_treat(cast, client_of, asked):
    assert client_of(cast.ana).get(address(asked, cast.maria)).status_code == 403
    assert client_of(cast.olive).get(address(asked, cast.maria)).status_code == 403
    assert client_of(cast.theo).get(address(asked, cast.maria)).status_code == 404
    assert client_of(cast.mei).get(address(asked, cast.tunde)).status_code == 404


def test_it_can_be_written_again_and_the_last_one_goes_out(cast, client_of, asked):
    write(client_of(cast.mei), asked, cast.maria)
    asked.refresh_from_db()
    write(client_of(cast.mei), asked, cast.maria, words="And once more.")
    asked.refresh_from_db()
    assert "And once more." in text_of(Letter.objects.get(pk=asked.letter))
    assert Letter.objects.count() == 2
