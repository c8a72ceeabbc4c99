"""The tablet: handed over by anybody on staff, answered without an account, shut behind the answers."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from messaging.models import StaffTask
from outcomes.actions import planning
from outcomes.actions.handing import hashed
from outcomes.models import AnswerLink, Score
from tests.cast import NOW
from tests.outcomes.rows import PEG, TODAY, a_check

pytestmark = pytest.mark.django_db
FULL = {f"PEG-{key}": value for key, value in PEG.items()}
HARD = {"PHQ2-phq_1": 3, "PHQ2-phq_2": 0}
SOFT = {"PHQ2-phq_1": 0, "PHQ2-phq_2": 0}


def give(client, check):
    return client.post(
        reverse("outcomes:give", args=[check.patient_id, check.pk]), {"request_key": new_key()}
    )


def tablet(cast, client_of, *measures, who=None):
    """(a browser without anybody signed in, the address that was handed over)."""
    check = a_check(cast, *measures)
    client = client_of(who or cast.ana)
    return client, give(client, check)["Location"]


def send(client, address, answers, **more):
    return client.post(address, {"request_key": new_key(), **answers, **more})


def test_the_desk_hands_it_over_and_is_signed_out(cast, client_of):
    ana, address = tablet(cast, client_of, "PEG")
    assert "_auth_user_id" not in ana.session
    page = ana.get(address)
    assert page.status_code == 200
    assert page.context["door"].link.patient == cast.maria
    assert [block.measure.key for block in page.context["blocks"]] == ["PEG"]
    link, token = AnswerLink.objects.get(), address.split("/t/")[1].strip("/")
    assert link.token_sha256 == hashed(token)
    assert (link.location, link.made_by, link.expires_at - NOW) == (cast.uptown, cast.ana, timedelta(hours=1))
    assert ana.get(reverse("outcomes:hand", args=[cast.maria.pk])).status_code == 302
    event = AuditEvent.objects.get(verb="hand over score check")
    assert (event.by, event.patient, event.detail) == (cast.ana, cast.maria.pk, {})


def test_the_page_says_nothing_but_the_name_the_person_is_called_by(cast, client_of):
    ana, address = tablet(cast, client_of, "PEG")
    words = ana.get(address).content.decode()
    assert cast.maria.called in words
    assert cast.maria.family_name not in words


def test_answers_are_kept_and_the_page_thanks(cast, client_of):
    ana, address = tablet(cast, client_of, "PEG")
    answer = send(ana, address, FULL)
    assert (answer.status_code, answer["Location"]) == (302, address)
    (score,) = Score.objects.all()
    assert (score.score, score.how, score.by) == (5, "tablet", None)
    page = ana.get(address)
    assert (page.status_code, page.context["texts"]) == (200, [])
    assert "give the tablet back" in page.content.decode()
    assert AnswerLink.objects.get().ended_at == NOW


def test_what_is_open_is_marked_and_kept_and_can_be_left_out(cast, client_of):
    ana, address = tablet(cast, client_of, "NRS", "PEG")
    answer = send(ana, address, {"NRS-nrs_avg": 4, "PEG-peg_p": 6})
    assert (answer.status_code, answer.context["left"]) == (422, 4)
    assert answer.context["open_words"] == "4 questions are still open. Answer them, or send without them."
    chosen = [
        (question.name, choice.value)
        for block in answer.context["blocks"]
        for question in block.questions
        for choice in question.choices
        if choice.chosen
    ]
    assert chosen == [("NRS-nrs_avg", 4), ("PEG-peg_p", 6)]
    assert not Score.objects.exists()
    assert send(ana, address, {"NRS-nrs_avg": 4, "PEG-peg_p": 6}, without="1").status_code == 302
    assert {row.measure: row.score for row in Score.objects.all()} == {"NRS": 4, "PEG": None}


def test_nothing_at_all_is_not_sent(cast, client_of):
    ana, address = tablet(cast, client_of, "PEG")
    answer = send(ana, address, {}, without="1")
    assert answer.status_code == 422
    assert answer.context["reasons"] == ["Nothing is answered yet. Answer at least one question."]


def test_sending_twice_is_kept_once(cast, client_of):
    ana, address = tablet(cast, client_of, "PEG")
    key = new_key()
    answers = [ana.post(address, {"request_key": key, **FULL}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert Score.objects.count() == 1


def test_own_activities_are_named_on_the_page(cast, client_of):
    ana, address = tablet(cast, client_of, "ACT3")
    answer = send(ana, address, {"ACT3-new-1": 4})
    assert answer.context["blocks"][0].questions[0].wants_words
    assert send(ana, address, {"ACT3-words-1": "Driving", "ACT3-new-1": 4}).status_code == 302
    assert Score.objects.get().score == 4


def test_hard_answers_get_a_word_and_it_is_gone_when_read(cast, client_of):
    ana, address = tablet(cast, client_of, "PHQ2")
    send(ana, address, HARD)
    page = ana.get(address)
    (title, paragraphs), *rest = page.context["texts"]
    assert (title, rest) == ("Thank you for telling us", [])
    assert paragraphs[1] == "If you have thoughts of ending your life, call or text 988 now."
    assert "tablet back" not in page.content.decode()
    # The front desk, which gets the tablet back, reads nothing of it.
    read = ana.get(f"{address}?read")
    assert read.context["texts"] == []
    assert title not in read.content.decode().replace("<title>Thank you", "")
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert ana.get(address).context["texts"] == []
    assert StaffTask.objects.get().kind == "mood_answer"


def test_other_answers_get_none(cast, client_of):
    ana, address = tablet(cast, client_of, "PHQ2")
    send(ana, address, SOFT)
    assert ana.get(address).context["texts"] == []


@pytest.mark.parametrize("shut", ["expired", "given again", "cancelled"])
def test_a_shut_page_takes_nothing(cast, client_of, shut):
    ana, address = tablet(cast, client_of, "PEG")
    check = AnswerLink.objects.get().assessment
    if shut == "given again":
        give(client_of(cast.mei), check)
    if shut == "cancelled":
        planning.cancel(by=cast.mei, patient=cast.maria, pk=check.pk, version=check.version)
    with time_machine.travel(NOW + timedelta(hours=2 if shut == "expired" else 0), tick=False):
        assert send(ana, address, FULL).status_code == 410
        page = ana.get(address)
    assert page.status_code == 410
    assert "tablet back" in page.content.decode()
    assert not Score.objects.exists()


def test_an_unknown_token_is_not_found(cast):
    assert Client().get(reverse("outcomes:fill", args=["x" * 43])).status_code == 404


def test_a_check_that_is_not_due_is_not_handed_over(cast, client_of):
    check = a_check(cast, "PEG", due_on=TODAY + timedelta(days=60))
    ana = client_of(cast.ana)
    answer = give(ana, check)
    assert answer.status_code == 422
    assert answer.context["reasons"] == ["It is too early for this. Your clinic asks you when it is time."]
    assert "_auth_user_id" in ana.session


@pytest.mark.parametrize("who", ["ana", "mei"])
def test_the_desk_sees_that_something_is_due_and_nothing_of_it(cast, client_of, who):
    a_check(cast, "PEG", "PHQ2")
    page = client_of(getattr(cast, who)).get(reverse("outcomes:hand", args=[cast.maria.pk]))
    words = page.content.decode()
    assert [check.state for check in page.context["due"]] == ["due"]
    assert not any(name in words for name in ("PEG", "PHQ", "mood", "depress"))
    assert ("All scores" in words) is (who == "mei")


def test_nothing_due_says_when_the_next_one_is(cast, client_of):
    a_check(cast, "PEG", due_on=TODAY + timedelta(days=60))
    page = client_of(cast.ana).get(reverse("outcomes:hand", args=[cast.maria.pk]))
    assert "Nothing is due" in page.content.decode()
    assert "The next one is due Sat Jan 23." in page.content.decode()


@pytest.mark.parametrize("who", ["hana", "theo"])
def test_another_location_finds_nobody(cast, client_of, who):
    check = a_check(cast, "PEG")
    client = client_of(getattr(cast, who))
    assert client.get(reverse("outcomes:hand", args=[cast.maria.pk])).status_code == 404
    assert give(client, check).status_code == 404
    assert not AnswerLink.objects.exists()


def test_one_patients_check_is_not_handed_over_under_another(cast, client_of):
    check = a_check(cast, "PEG")
    address = reverse("outcomes:give", args=[cast.rita.pk, check.pk])
    assert client_of(cast.ana).post(address, {"request_key": new_key()}).status_code == 404
