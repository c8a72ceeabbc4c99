"""Texts that patients sign are handed out once somebody of the clinic has read them."""

from copy import deepcopy

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from intake.actions.asking import hand_out
from intake.actions.consenting import sign_here
from intake.actions.loading import load_forms, mark_all_read, mark_read, reword
from intake.models import Consent, Questionnaire, Response, SignOff
from intake.queries.forms import choices, latest, readings_of, unread
from intake.rules.signing import Signer, lines_of, reasons_not_to_hand_out, text_version
from intake.rules.wording import words_of
from tests.cast import NOW
from tests.intake.rows import TODAY

pytestmark = pytest.mark.django_db
KEY = "consent_acupuncture"
WAITS = "waits to be read"


@pytest.fixture
def form(cast):
    """The consent to acupuncture with a text of ours that nobody has read yet."""
    load_forms(now=NOW)
    row = latest([KEY])[KEY]
    longer = _reworded(row.definition)
    return Questionnaire.objects.create(
        key=KEY, number=row.number + 1, title=row.title, origin="shipped", definition=longer, made_at=NOW,
        shipped_sha256="1" * 64,
    )  # fmt: skip


def _reworded(definition):
    """One line of ours says something else, as after an update of the product."""
    made = deepcopy(definition)
    first = lines_of(made)[0]["text"]

    def change(node):
        if isinstance(node, dict):
            if node.get("text") == first:
                node["text"] = f"{first} And one thing more."
            for value in node.values():
                change(value)
        elif isinstance(node, list):
            for value in node:
                change(value)

    change(made)
    assert text_version(made) != text_version(definition)
    return made


def give(cast, *keys):
    return hand_out(
        by=cast.ana, patient_pk=cast.maria.pk, keys=list(keys), channel="tablet", related=None, now=NOW
    )


def sign(cast):
    return sign_here(
        by=cast.mei, patient_pk=cast.maria.pk, kind="acupuncture", signer=Signer("Maria Garcia"),
        talked_through=True, now=NOW, location="/",
    )  # fmt: skip


@pytest.mark.parametrize("unread_, reasons", [(False, 0), (True, 1)])
def test_the_rule_speaks_of_what_nobody_has_read(form, unread_, reasons):
    found = reasons_not_to_hand_out(form.title, form.definition, unread=unread_)
    assert len(found) == reasons


def test_what_needs_the_owners_words_says_that_first(cast):
    load_forms(now=NOW)
    row = latest(["privacy_notice"])["privacy_notice"]
    (reason,) = reasons_not_to_hand_out(row.title, row.definition, unread=True)
    assert "is not finished" in reason


def test_the_cast_has_read_every_finished_text(cast):
    load_forms(now=NOW)
    forms = latest()
    assert {key for key in unread(forms) if not reasons_not_to_hand_out(key, forms[key].definition)} == set()
    assert mark_all_read(by=cast.olive, today=TODAY, now=NOW) == []


def test_a_changed_text_is_neither_handed_out_nor_signed(cast, form):
    assert unread({KEY: form}) == {KEY}
    with pytest.raises(Refused, match=WAITS):
        give(cast, KEY, "health_history")
    with pytest.raises(Refused, match=WAITS):
        sign(cast)
    assert (Response.objects.count(), Consent.objects.count()) == (0, 0)
    (choice,) = (each for each in choices(cast.maria) if each.key == KEY)
    assert [WAITS in reason for reason in choice.reasons] == [True]


def test_forms_without_a_signature_wait_for_nobody(cast, form):
    give(cast, "health_history")
    assert Response.objects.get().questionnaire.key == "health_history"


def test_read_it_is_handed_out_and_signed(cast, form):
    made = mark_read(by=cast.olive, key=KEY, number=form.number, today=TODAY, now=NOW)
    assert (made.what, made.content_sha256) == (f"form:{KEY}", text_version(form.definition))
    assert readings_of(KEY)[0].clinician == "Olive Owner"
    assert AuditEvent.objects.filter(verb="read form text", by=cast.olive, at=NOW).count() == 1
    give(cast, KEY)
    assert sign(cast).kind == "acupuncture"


def test_what_the_clinic_wrote_itself_it_has_read(cast, form):
    words = words_of(form.definition)
    texts = {each.link: each.text for each in words} | {f"{KEY}_07": "Rest afterwards."}
    row = reword(
        by=cast.olive, key=KEY, number=form.number, title=form.title, texts=texts,
        asked={each.link for each in words}, now=NOW,
    )  # fmt: skip
    assert unread({KEY: row}) == set()


@pytest.mark.parametrize("number, says", [(0, "Somebody else changed this form")])
def test_another_version_than_the_one_on_the_page_is_not_read(cast, form, number, says):
    with pytest.raises(Refused, match=says):
        mark_read(by=cast.olive, key=KEY, number=number, today=TODAY, now=NOW)


def test_twice_and_unfinished_are_refused(cast, form):
    mark_read(by=cast.olive, key=KEY, number=form.number, today=TODAY, now=NOW)
    with pytest.raises(Refused, match="read already"):
        mark_read(by=cast.olive, key=KEY, number=form.number, today=TODAY, now=NOW)
    notice = latest(["privacy_notice"])["privacy_notice"]
    with pytest.raises(Refused, match="is not finished"):
        mark_read(by=cast.olive, key="privacy_notice", number=notice.number, today=TODAY, now=NOW)


def test_the_owner_reads_it_on_its_page(cast, form, client_of):
    olive, address = client_of(cast.olive), reverse("intake:form_detail", args=[KEY])
    rows = olive.get(reverse("intake:form_list")).context["rows"]
    assert {row.key for row, unfinished, _behind, waits in rows if waits and not unfinished} == {KEY}
    page = olive.get(address)
    assert (page.context["unread"], page.content.count(b"I have read it")) == (True, 1)
    posted = {"request_key": new_key(), "number": form.number}
    answer = olive.post(reverse("intake:form_read", args=[KEY]), posted)
    assert answer["Location"] == address
    page = olive.get(address)
    assert (page.context["unread"], page.content.count(b"I have read it")) == (False, 0)
    assert SignOff.objects.filter(what=f"form:{KEY}", by=cast.olive, at=NOW).count() == 1
    refused = olive.post(
        reverse("intake:form_read", args=[KEY]), {"request_key": new_key(), "number": form.number}
    )
    assert refused["Location"] == reverse("intake:form_list")


def test_nobody_but_the_owner_says_so(cast, form, client_of):
    for person in (cast.ana, cast.mei):
        answer = client_of(person).post(
            reverse("intake:form_read", args=[KEY]), {"request_key": new_key(), "number": form.number}
        )
        assert answer.status_code == 403
    assert unread({KEY: form}) == {KEY}
