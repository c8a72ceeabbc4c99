"""A few questions answered on the Plan page: kept once, open ones marked, hard answers met with a word."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from clinic.submissions import new_key
from messaging.models import StaffTask
from outcomes.models import Activity, Assessment, Score
from patients.models import RelatedPerson
from tests.cast import NOW, SET_UP_AT
from tests.outcomes.rows import TODAY, a_check

pytestmark = pytest.mark.django_db
PEG = {"PEG-peg_p": "6", "PEG-peg_e": "5", "PEG-peg_g": "4"}
MOOD = {"PHQ2-phq_1": "3", "PHQ2-phq_2": "2"}
TITLE = "Thank you for telling us"


def url_of(check, patient=None):
    return reverse("portal:answer", args=[(patient or check.patient).pk, check.pk])


def sent(*answers, **more):
    return {
        "request_key": new_key(),
        **{key: value for each in answers for key, value in each.items()},
        **more,
    }


def kept():
    return list(Score.objects.order_by("measure").values_list("measure", "score", "how", "by__email"))


def proxy(cast, **rights):
    return RelatedPerson.objects.create(
        patient=cast.leo, user=cast.rita.user, name="Rita", relation="aunt", since=SET_UP_AT, **rights
    )


class TestThePlanPage:
    def test_offers_what_is_due(self, cast, client_of):
        check = a_check(cast, "PEG", patient=cast.rita)
        answer = client_of(cast.rita).get("/my/")
        text = answer.content.decode()
        assert answer.context["check"].pk == check.pk
        assert (text.count("3 quick questions"), text.count(f'action="{url_of(check)}"')) == (1, 1)

    @pytest.mark.parametrize(
        ("due_in", "window", "offered"), [(0, 7, 1), (7, 7, 1), (8, 7, 0), (-7, 7, 1), (-8, 7, 0)]
    )
    def test_only_within_its_days(self, cast, client_of, due_in, window, offered):
        a_check(cast, "PEG", patient=cast.rita, due_on=TODAY + timedelta(days=due_in), window_days=window)
        assert len(client_of(cast.rita).get("/my/").context["page"].checks) == offered


class TestAnswering:
    def test_answers_are_kept_with_who_gave_them_and_how(self, cast, client_of):
        check = a_check(cast, "PEG", patient=cast.rita)
        client = client_of(cast.rita)
        answer = client.post(url_of(check), sent(PEG))
        assert (answer.status_code, answer.url) == (302, url_of(check))
        assert kept() == [("PEG", 5, "portal", cast.rita.user.email)]
        thanks = client.get(answer.url)
        assert (thanks.templates[0].name, thanks.context["texts"]) == ("portal/thanks.html", [])
        assert client.get("/my/").context["page"].checks == []

    def test_what_is_left_open_is_marked_and_what_was_chosen_stays(self, cast, client_of):
        check = a_check(cast, "PEG", patient=cast.rita)
        answer = client_of(cast.rita).post(url_of(check), sent({"PEG-peg_p": "6"}))
        assert (answer.status_code, answer.templates[0].name) == (422, "portal/questions.html")
        questions = answer.context["blocks"][0].questions
        assert [question.open for question in questions] == [False, True, True]
        assert [choice.value for choice in questions[0].choices if choice.chosen] == [6]
        assert kept() == []

    def test_open_ones_can_be_left_out(self, cast, client_of):
        check = a_check(cast, "PEG", "NRS", patient=cast.rita)
        answer = client_of(cast.rita).post(url_of(check), sent({"NRS-nrs_avg": "4"}, without="1"))
        assert answer.status_code == 302
        assert kept() == [("NRS", 4, "portal", cast.rita.user.email)]

    def test_nothing_at_all_is_not_kept(self, cast, client_of):
        check = a_check(cast, "PEG", patient=cast.rita)
        answer = client_of(cast.rita).post(url_of(check), sent(without="1"))
        assert (answer.status_code, answer.context["reasons"]) == (
            422,
            ["Nothing is answered yet. Answer at least one question."],
        )

    def test_sent_twice_is_kept_once(self, cast, client_of):
        check, client, form = a_check(cast, "PEG", patient=cast.rita), client_of(cast.rita), sent(PEG)
        assert [client.post(url_of(check), form).status_code for _ in range(2)] == [302, 303]
        assert len(kept()) == 1

    def test_from_a_second_page_it_is_refused_and_the_first_answers_stay(self, cast, client_of):
        check, client = a_check(cast, "PEG", patient=cast.rita), client_of(cast.rita)
        client.post(url_of(check), sent(PEG))
        answer = client.post(url_of(check), sent(PEG))
        assert answer.status_code == 409
        assert answer.context["reasons"] == [
            "This is answered already. Thank you, there is nothing left to do."
        ]
        assert len(kept()) == 1

    @pytest.mark.parametrize("days", [-20, 20])
    def test_too_early_or_too_late_says_so(self, cast, client_of, days):
        check = a_check(cast, "PEG", patient=cast.rita, due_on=TODAY + timedelta(days=days))
        client = client_of(cast.rita)
        answer = client.get(url_of(check))
        assert (answer.templates[0].name, answer.context["answered"]) == ("portal/thanks.html", False)
        assert client.post(url_of(check), sent(PEG)).status_code == 409
        assert kept() == []

    def test_ones_own_activities_are_named_and_rated(self, cast, client_of):
        check = a_check(cast, "ACT3", patient=cast.rita)
        own = {"ACT3-words-1": "Park the car", "ACT3-new-1": "3"}
        assert client_of(cast.rita).post(url_of(check), sent(own)).status_code == 302
        assert Activity.objects.get().words == "Park the car"
        assert kept() == [("ACT3", 3, "portal", cast.rita.user.email)]


class TestHardAnswers:
    def test_become_a_clinicians_task_and_a_word_to_the_patient(self, cast, client_of):
        check = a_check(cast, "PHQ2", patient=cast.rita, lead=cast.mei)
        client = client_of(cast.rita)
        thanks = client.get(client.post(url_of(check), sent(MOOD)).url)
        assert [title for _key, title, _paragraphs in thanks.context["texts"]] == [TITLE]
        assert thanks.content.decode().count("call or text 988") == 1
        task = StaffTask.objects.get(kind="mood_answer")
        assert (task.for_user, task.patient) == (cast.mei, cast.rita.pk)

    def test_the_word_is_not_shown_for_ever(self, cast, client_of):
        check = a_check(cast, "PHQ2", patient=cast.rita)
        client = client_of(cast.rita)
        client.post(url_of(check), sent(MOOD))
        with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
            assert client_of(cast.rita).get(url_of(check)).context["texts"] == []

    def test_somebody_who_acts_for_the_patient_is_never_shown_it(self, cast, client_of):
        check = a_check(cast, "PHQ2", "NRS", patient=cast.leo)
        proxy(cast, forms=True)
        client = client_of(cast.rita)
        client.post(url_of(check), sent(MOOD, {"NRS-nrs_avg": "4"}, without="1"))
        assert kept() == [("NRS", 4, "portal", cast.rita.user.email)]
        assert client.get(url_of(check)).context["texts"] == []


class TestWhoMay:
    @pytest.mark.parametrize(
        ("rights", "status"),
        [
            ({"forms": True}, 200),
            ({"appointments": True, "payments": True, "health_details": True}, 404),
            ({}, 404),
        ],
    )
    def test_a_proxy_with_the_right_to_forms(self, cast, client_of, rights, status):
        check = a_check(cast, "NRS", patient=cast.leo)
        proxy(cast, **rights)
        assert client_of(cast.rita).get(url_of(check)).status_code == status

    def test_a_proxy_is_not_asked_what_is_the_patients_alone(self, cast, client_of):
        check = a_check(cast, "PHQ2", "ACT3", patient=cast.leo)
        proxy(cast, forms=True)
        client = client_of(cast.rita)
        assert client.get(url_of(check)).status_code == 404
        assert client.post(url_of(check), sent(MOOD)).status_code == 404

    def test_questions_of_others_are_not_found(self, cast, client_of):
        check, client = a_check(cast, "PEG", patient=cast.maria), client_of(cast.rita)
        for patient in (cast.maria, cast.rita):
            assert client.get(url_of(check, patient)).status_code == 404
            assert client.post(url_of(check, patient), sent(PEG)).status_code == 404
        assert Assessment.objects.get().status == "open"

    @pytest.mark.parametrize("name", ["ana", "mei", "olive", "dana"])
    def test_staff_answer_elsewhere(self, cast, client_of, name):
        check = a_check(cast, "PEG", patient=cast.rita)
        assert client_of(getattr(cast, name)).get(url_of(check)).status_code == 403
