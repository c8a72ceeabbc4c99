import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from clinic.refusal import Refused
from clinic.submissions import new_key
from intake.actions import loading
from intake.actions.asking import hand_out
from intake.actions.loading import load_forms, reword, use_ours
from intake.models import Questionnaire, Response
from intake.queries.forms import latest, versions_of
from intake.rules.signing import reasons_not_to_hand_out
from intake.rules.wording import words_of
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded():
    load_forms(now=NOW)


def newest(key):
    return latest([key])[key]


def words_to_post(key, **changed):
    row = newest(key)
    words = words_of(row.definition)
    texts = {f"text.{each.link}": changed.pop(each.link, each.text) for each in words}
    return {
        "request_key": new_key(),
        "number": row.number,
        "title": row.title,
        "asked": [each.link for each in words if each.asked],
        **texts,
        **changed,
    }


def detail(key):
    return reverse("intake:form_detail", args=[key])


def older(key, origin):
    """A version in force that was made when ours was still another."""
    row = newest(key)
    return Questionnaire.objects.create(
        key=key,
        number=row.number + 1,
        title="Pain",
        origin=origin,
        definition={**row.definition, "title": "Pain"},
        shipped_sha256="0" * 64,
        made_at=NOW,
    )


class TestLoading:
    def test_loading_again_writes_nothing(self):
        before = Questionnaire.objects.count()
        assert load_forms(now=NOW) == ([], [])
        assert Questionnaire.objects.count() == before

    def test_a_form_that_we_change_becomes_a_new_version(self):
        older("symptoms", "shipped")
        assert load_forms(now=NOW) == (["symptoms"], [])
        after = newest("symptoms")
        assert (after.title, after.origin) == ("Your symptoms", "shipped")
        assert after.number == versions_of("symptoms")[1].number + 1

    def test_one_of_the_clinics_own_is_left_in_force_and_that_is_said(self, cast, client_of):
        own = older("symptoms", "clinic")
        assert load_forms(now=NOW) == ([], ["symptoms"])
        assert newest("symptoms") == own
        page = client_of(cast.olive).get(reverse("intake:form_list"))
        assert [row.key for row, _unfinished, behind, _unread in page.context["rows"] if behind] == [
            "symptoms"
        ]

    def test_a_version_is_never_changed(self):
        row = newest("symptoms")
        for act in (row.delete, lambda: Questionnaire.objects.filter(pk=row.pk).update(title="x")):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


def test_the_owner_supplies_the_privacy_notice(cast, client_of):
    row = newest("privacy_notice")
    assert reasons_not_to_hand_out(row.title, row.definition) != []
    text = "We keep your record for ten years. Ask Olive for a copy."
    answer = client_of(cast.olive).post(
        detail("privacy_notice"), words_to_post("privacy_notice", privacy_text=text)
    )
    assert answer["Location"] == detail("privacy_notice")
    row = newest("privacy_notice")
    assert (row.origin, row.made_by) == ("clinic", cast.olive)
    hand_out(
        by=cast.ana,
        patient_pk=cast.maria.pk,
        keys=["privacy_notice"],
        channel="tablet",
        related=None,
        now=NOW,
    )
    assert Response.objects.get().questionnaire == row


def test_a_question_is_switched_off_and_on_again(cast, client_of):
    posted = words_to_post("symptoms")
    posted["asked"].remove("started")
    olive = client_of(cast.olive)
    olive.post(detail("symptoms"), posted)
    assert {each.link: each.asked for each in words_of(newest("symptoms").definition)}["started"] is False
    posted = words_to_post("symptoms")
    olive.post(detail("symptoms"), {**posted, "asked": [*posted["asked"], "started"]})
    assert newest("symptoms").definition == loading.shipped()["symptoms"]


def test_a_form_under_way_keeps_its_version(cast, client_of):
    before = newest("symptoms")
    hand_out(
        by=cast.ana, patient_pk=cast.maria.pk, keys=["symptoms"], channel="tablet", related=None, now=NOW
    )
    client_of(cast.olive).post(detail("symptoms"), words_to_post("symptoms", goal="What do you miss?"))
    assert Response.objects.get().questionnaire == before
    assert newest("symptoms").number == before.number + 1


def test_an_empty_text_is_refused_and_what_was_typed_stays(cast, client_of):
    answer = client_of(cast.olive).post(
        detail("symptoms"), words_to_post("symptoms", goal=" ", started="How did all this begin?")
    )
    assert (answer.status_code, answer.context["reasons"]) == (
        422,
        ["A text is empty. Switch its question off instead."],
    )
    assert "How did all this begin?" in answer.content.decode()


def test_somebody_else_was_faster(cast):
    row = newest("symptoms")
    words = words_of(row.definition)
    texts = {each.link: each.text for each in words}
    links = {each.link for each in words}
    values = {"by": cast.olive, "key": "symptoms", "number": row.number, "texts": texts, "asked": links}
    reword(**values, title="Pain", now=NOW)
    with pytest.raises(Refused, match="Somebody else changed this form") as refused:
        reword(**values, title="Aches", now=NOW)
    assert refused.value.status == 409


def test_our_words_count_again(cast, client_of):
    olive = client_of(cast.olive)
    olive.post(detail("symptoms"), words_to_post("symptoms", goal="What do you miss?"))
    own = newest("symptoms")
    olive.post(
        reverse("intake:use_our_form", args=["symptoms"]), {"request_key": new_key(), "number": own.number}
    )
    row = newest("symptoms")
    assert (row.number, row.origin, row.definition) == (
        own.number + 1,
        "shipped",
        loading.shipped()["symptoms"],
    )
    assert versions_of("symptoms")[1] == own
    with pytest.raises(Refused, match="our words already"):
        use_ours(by=cast.olive, key="symptoms", number=row.number, now=NOW)


def test_a_preview_shows_every_question(cast, client_of):
    row = newest("health_history")
    page = client_of(cast.olive).get(reverse("intake:form_version", args=["health_history", row.number]))
    shown = page.content.decode()
    assert all(
        each.text.split("(")[0].strip() in shown for each in words_of(row.definition) if "’" not in each.text
    )
    assert (
        client_of(cast.olive).get(reverse("intake:form_version", args=["symptoms", 999])).status_code == 404
    )


@pytest.mark.parametrize("person", ["ana", "mei"])
def test_only_the_owner_changes_words(cast, client_of, person):
    assert client_of(getattr(cast, person)).get(detail("symptoms")).status_code == 403


def test_the_list_costs_the_same_whatever_is_in_it(cast, client_of, django_assert_num_queries):
    olive = client_of(cast.olive)
    olive.get(reverse("intake:form_list"))
    with django_assert_num_queries(8):
        olive.get(reverse("intake:form_list"))
    olive.post(detail("symptoms"), words_to_post("symptoms", goal="What do you miss?"))
    olive.get(reverse("intake:form_list"))  # says that it was saved
    with django_assert_num_queries(8):
        olive.get(reverse("intake:form_list"))
