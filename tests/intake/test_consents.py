from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic.refusal import Refused
from clinic.submissions import new_key
from intake.actions.consenting import sign_here
from intake.actions.loading import load_forms, reword
from intake.models import Consent, Response, Signature
from intake.queries.consents import missing, state
from intake.queries.forms import latest
from intake.rules.signing import Signer, exact_text, text_version
from intake.rules.wording import words_of
from messaging.models import Text
from tests.cast import NOW
from tests.intake.handed import finish_url, handed

pytestmark = pytest.mark.django_db
KINDS = ["acupuncture", "adjustment", "neck_adjustment", "combined_care"]


@pytest.fixture(autouse=True)
def loaded():
    load_forms(now=NOW)


def status(patient, kind="acupuncture", at=NOW):
    return {each.kind: each.status for each in state(patient, at)}[kind]


def signed(cast, patient, kind="acupuncture", signer=None, now=NOW, **more):
    signer = signer or Signer("Maria Garcia")
    values = {
        "by": cast.mei,
        "patient_pk": patient.pk,
        "kind": kind,
        "talked_through": False,
        "location": "/",
    }
    return sign_here(**values | more, signer=signer, now=now)


def sign_url(patient, kind="acupuncture"):
    return reverse("intake:sign", args=[patient.pk, kind])


def posted(page, **more):
    return {
        "request_key": new_key(),
        "text": page.context["text_version"],
        "who": "patient",
        "name": "Maria Garcia",
        **more,
    }


def test_nothing_is_agreed_to_at_first(cast):
    assert missing(cast.maria, KINDS, NOW) == KINDS
    assert [each.kind for each in state(cast.maria, NOW)] == [
        *KINDS, "policies", "release_of_records", "privacy",
    ]  # fmt: skip


def test_signed_through_the_link_it_counts_for_a_year(cast):
    link, token = handed(cast, cast.maria, "consent_acupuncture")
    row = Response.objects.get(link=link)
    answer = Client().post(
        finish_url(token, "consent_acupuncture"),
        {"version": row.version, "who": "patient", "name": " Maria G. "},
    )
    assert answer.status_code == 302
    signature = Signature.objects.get()
    definition = latest()["consent_acupuncture"].definition
    assert (signature.name, signature.relation, signature.at, signature.response_id) == (
        "Maria G.",
        "",
        NOW,
        row.pk,
    )
    assert (signature.text, signature.document_version) == (exact_text(definition), text_version(definition))
    assert missing(cast.maria, KINDS, NOW) == KINDS[1:]
    assert status(cast.maria, at=NOW + timedelta(days=364)) == "valid"
    assert status(cast.maria, at=NOW + timedelta(days=365)) == "expired"


def test_it_names_what_the_study_list_and_the_law_want_named():
    """S19: the risks that have to be in each text, and the right to stop."""
    texts = {key: exact_text(form.definition).lower() for key, form in latest().items()}
    for word in ("bruising", "soreness", "dizziness", "fainting", "headache", "punctured lung", "nerve", "organ",
                 "bleeding", "infection", "allergic reaction", "other choices", "stop at any time"):  # fmt: skip
        assert word in texts["consent_acupuncture"], word
    assert "stroke" in texts["consent_neck_adjustment"]


@pytest.mark.parametrize(
    "key", [f"consent_{each}" for each in ("acupuncture", "adjustment", "neck_adjustment", "combined")]
)
def test_the_lines_are_those_of_the_texts_we_ship(key):
    text = Text.objects.get(key=key, origin="shipped")
    lines = {each.link: each.text for each in words_of(latest()[key].definition)}
    assert {each["id"]: each["text"] for each in text.items} == {
        link: said for link, said in lines.items() if link.startswith(key)
    }


def test_another_text_is_asked_for_anew(cast):
    signed(cast, cast.maria)
    row = latest()["consent_acupuncture"]
    words = words_of(row.definition)
    texts = {each.link: each.text for each in words} | {"consent_acupuncture_07": "It replaces nothing."}
    reword(
        by=cast.olive, key="consent_acupuncture", number=row.number, title=row.title, texts=texts,
        asked={each.link for each in words}, now=NOW,
    )  # fmt: skip
    assert status(cast.maria) == "changed"
    assert missing(cast.maria, ["acupuncture"], NOW) == ["acupuncture"]


def test_taken_back_it_does_not_count(cast, client_of):
    consent = signed(cast, cast.maria)
    mei = client_of(cast.mei)
    address = reverse("intake:take_back", args=[cast.maria.pk, consent.pk])
    silent = mei.post(address, {"request_key": new_key(), "version": consent.version})
    assert (silent.status_code, status(cast.maria)) == (422, "valid")
    mei.post(address, {"request_key": new_key(), "version": consent.version, "why": "Rather not."})
    assert status(cast.maria) == "withdrawn"
    signed(cast, cast.maria)
    assert status(cast.maria) == "valid"


class TestHereAndNow:
    def test_signed_by_name_and_back_to_where_it_was_missing(self, cast, client_of):
        mei, back = client_of(cast.mei), f"/patients/{cast.maria.pk}/"
        page = mei.get(sign_url(cast.maria), {"next": back})
        assert page.status_code == 200
        assert "a punctured lung" in page.content.decode()
        answer = mei.post(sign_url(cast.maria), posted(page, next=back, talked="1"))
        assert answer["Location"] == back
        consent = Consent.objects.get()
        assert (consent.kind, consent.talked_through_by, consent.signature.witnessed_by) == (
            "acupuncture", cast.mei, cast.mei,
        )  # fmt: skip
        assert missing(cast.maria, ["acupuncture"], NOW) == []

    def test_nothing_leads_to_another_site(self, cast, client_of):
        mei = client_of(cast.mei)
        page = mei.get(sign_url(cast.maria), {"next": "https://evil.example/"})
        assert page.context["back"] == reverse("intake:consents", args=[cast.maria.pk])

    def test_a_text_nobody_read_is_not_signed(self, cast, client_of):
        mei = client_of(cast.mei)
        page = mei.get(sign_url(cast.maria))
        answer = mei.post(sign_url(cast.maria), posted(page, text="0" * 64))
        assert (answer.status_code, Signature.objects.count()) == (422, 0)

    def test_without_a_name_it_is_refused(self, cast, client_of):
        mei = client_of(cast.mei)
        page = mei.get(sign_url(cast.maria))
        answer = mei.post(sign_url(cast.maria), posted(page, name=" "))
        assert (answer.status_code, answer.context["reasons"]) == (422, ["Type your name."])

    def test_the_desk_does_not(self, cast, client_of):
        assert client_of(cast.ana).get(sign_url(cast.maria)).status_code == 403

    def test_a_copy_that_was_still_asked_for_falls_away(self, cast):
        link, _token = handed(cast, cast.maria, "consent_acupuncture")
        signed(cast, cast.maria)
        link.refresh_from_db()
        assert Response.objects.get(link=link).status == "withdrawn"
        assert link.ended_at == NOW

    def test_a_text_that_is_not_finished_is_not_signed(self, cast):
        with pytest.raises(Refused, match="not finished"):
            signed(cast, cast.maria, "privacy")


class TestMinors:
    def test_a_child_does_not_sign(self, cast):
        with pytest.raises(Refused, match="A guardian signs for a patient under 18"):
            signed(cast, cast.leo, signer=Signer("Leo Cole"))

    def test_a_registered_guardian_does(self, cast):
        consent = signed(cast, cast.leo, signer=Signer("Iris Cole", "guardian", cast.leos_mother.pk))
        assert (consent.signature.relation, consent.signature.related_person) == ("mother", cast.leos_mother)
        assert missing(cast.leo, ["acupuncture"], NOW) == []

    def test_a_named_adult_who_comes_along_does_not(self, cast):
        with pytest.raises(Refused, match="not registered"):
            signed(cast, cast.leo, signer=Signer("Nora Cole", "guardian", cast.leos_grandmother.pk))
        with pytest.raises(Refused, match="Only the patient or a registered guardian"):
            signed(cast, cast.leo, signer=Signer("Nora Cole", "helper"))

    def test_another_childs_guardian_does_not(self, cast):
        with pytest.raises(Refused, match="not registered"):
            signed(cast, cast.leo, signer=Signer("Iris Cole", "guardian", cast.mias_mother.pk))

    def test_the_page_offers_guardians_alone(self, cast):
        _link, token = handed(cast, cast.leo, "consent_acupuncture", channel="tablet")
        page = Client().get(finish_url(token, "consent_acupuncture")).content.decode()
        assert 'value="patient"' not in page
        assert f'value="guardian-{cast.leos_mother.pk}"' in page
        assert "Nora" not in page


def test_what_is_missing_costs_three_statements(cast, django_assert_num_queries):
    maria = cast.maria
    with django_assert_num_queries(3):
        missing(maria, KINDS, NOW)
    for kind in KINDS:
        signed(cast, cast.maria, kind)
    with django_assert_num_queries(3):
        assert missing(maria, KINDS, NOW) == []


def test_the_page_says_where_each_stands(cast, client_of):
    signed(cast, cast.maria)
    page = client_of(cast.mei).get(reverse("intake:consents", args=[cast.maria.pk]))
    assert [each.status for each in page.context["states"]] == ["valid", *["missing"] * 6]
    assert client_of(cast.ana).get(reverse("intake:consents", args=[cast.maria.pk])).status_code == 403
