from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent
from intake.models import Condition, Consent, FormLink, Medication, RaisedFlag, Response, Screening, Signature
from intake.rules.links import hashed
from tests.cast import NOW
from tests.intake.handed import HISTORY, fill_in, finish_url, handed, section_url

pytestmark = pytest.mark.django_db
# What the first section asks before and after somebody says that a doctor looked at it.
AT_FIRST = "now problem assessed primary_treatment referring_physician"
OPENED = f"{AT_FIRST} assessed_by assessed_on"


@pytest.fixture
def history(cast):
    """(token, the copy to fill in) of Maria's health history."""
    link, token = handed(cast, cast.maria, "health_history")
    return token, Response.objects.get(link=link)


def test_the_first_page_names_the_forms_and_nothing_else(cast):
    _link, token = handed(cast, cast.maria, "consent_acupuncture", "health_history")
    page = Client().get(reverse("intake:fill", args=[token]))
    assert page.status_code == 200
    assert [row.questionnaire.key for row in page.context["door"].responses] == [
        "health_history",
        "consent_acupuncture",
    ]
    assert "Garcia" not in page.content.decode()


def test_an_unknown_link_is_not_found():
    assert Client().get(reverse("intake:fill", args=["x" * 43])).status_code == 404


def test_next_saves_and_goes_on_and_the_form_opens_where_it_was_left(history):
    token, row = history
    visitor = Client()
    answer = visitor.post(
        section_url(token, "health_history", "now"),
        {"version": row.version, "shown": OPENED, **HISTORY["now"]},
    )
    assert answer["Location"] == section_url(token, "health_history", "conditions_section")
    row.refresh_from_db()
    assert (row.status, row.page) == ("begun", "conditions_section")
    assert row.answers == {"problem": "Stiff neck", "assessed": True, "assessed_by": "Dr. Amos"}
    resumed = Client().get(reverse("intake:fill_form", args=[token, "health_history"]))
    assert resumed["Location"] == answer["Location"]


def test_what_an_answer_opens_is_asked_before_going_on(history):
    token, row = history
    answer = Client().post(
        section_url(token, "health_history", "now"),
        {"version": row.version, "shown": AT_FIRST, "problem": "Neck", "assessed": "true"},
    )
    assert answer["Location"] == section_url(token, "health_history", "now")


def test_what_is_missing_is_said_and_the_rest_is_saved(history):
    token, row = history
    answer = Client().post(
        section_url(token, "health_history", "now"),
        {"version": row.version, "shown": "now", "problem": "Neck"},
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    shown = AT_FIRST
    answer = Client().post(
        section_url(token, "health_history", "now"),
        {"version": row.version, "shown": shown, "problem": "Neck"},
    )
    assert answer.status_code == 422
    assert answer.context["wrong"] == {"assessed": "Please choose an answer."}
    assert answer.context["open"] == [
        ("q-assessed", "Has a doctor looked at this problem?", "Please choose an answer.")
    ]
    assert answer.content.decode().count('href="#q-assessed-q"') == 1
    assert answer.content.decode().count('id="q-assessed-q"') == 1
    row.refresh_from_db()
    assert row.answers == {"problem": "Neck"}


def test_it_can_be_answered_later(history):
    token, row = history
    shown = AT_FIRST
    answer = Client().post(
        section_url(token, "health_history", "now"), {"version": row.version, "shown": shown, "later": "1"}
    )
    assert answer["Location"] == section_url(token, "health_history", "conditions_section")
    page = Client().get(finish_url(token, "health_history"))
    assert ("now", "What brings you") in page.context["missing"]


def test_the_page_saves_by_itself(history):
    token, row = history
    address = reverse("intake:fill_save", args=[token, "health_history", "now"])
    answer = Client().post(address, {"version": row.version, "problem": "Neck", "assessed": "true"})
    row.refresh_from_db()
    assert answer.json() == {
        "version": row.version,
        "shown": [
            "now", "problem", "assessed", "assessed_by", "assessed_on", "primary_treatment", "referring_physician",
        ],
    }  # fmt: skip
    assert row.answers == {"problem": "Neck", "assessed": True}


def test_the_same_save_twice_is_saved_once(history):
    token, row = history
    address = reverse("intake:fill_save", args=[token, "health_history", "now"])
    first = Client().post(address, {"version": row.version, "problem": "Neck"}).json()
    again = Client().post(address, {"version": row.version, "problem": "Neck"})
    assert (again.status_code, again.json()) == (200, first)


def test_a_stale_save_is_not_laid_over(history):
    token, row = history
    address = reverse("intake:fill_save", args=[token, "health_history", "now"])
    Client().post(address, {"version": row.version, "problem": "Neck"})
    assert Client().post(address, {"version": row.version, "problem": "Back"}).status_code == 409
    page = Client().post(
        section_url(token, "health_history", "now"), {"version": row.version, "problem": "Back"}
    )
    assert page.status_code == 409
    row.refresh_from_db()
    assert row.answers == {"problem": "Neck"}


def test_a_page_without_version_is_428(history):
    token, _row = history
    assert Client().post(section_url(token, "health_history", "now"), {"problem": "x"}).status_code == 428


def test_a_line_is_added_and_removed(history):
    token, row = history
    address = section_url(token, "health_history", "medication_section")
    two = {
        "medication-0.name": "Warfarin",
        "medication-0.class": "other",
        "medication-1.name": "Aspirin",
        "medication-1.class": "other",
    }
    answer = Client().post(address, {"version": row.version, "shown": "", "stay": "medication", **two})
    assert answer["Location"] == address
    row.refresh_from_db()
    assert [each["name"] for each in row.answers["medication"]] == ["Warfarin", "Aspirin"]
    Client().post(address, {"version": row.version, "shown": "", "remove": "medication-0", **two})
    row.refresh_from_db()
    assert [each["name"] for each in row.answers["medication"]] == ["Aspirin"]


def test_a_date_that_does_not_exist_is_said_and_stays_on_the_page(history):
    token, row = history
    shown = OPENED
    answer = Client().post(
        section_url(token, "health_history", "now"),
        {"version": row.version, "shown": shown, **HISTORY["now"], "assessed_on": "2026-02-31"},
    )
    assert answer.status_code == 422
    assert list(answer.context["wrong"]) == ["assessed_on"]
    assert 'value="2026-02-31"' in answer.content.decode()


def test_the_whole_history_is_sent(cast, history):
    token, row = history
    visitor = Client()
    answer = fill_in(visitor, token, "health_history", row)
    assert answer["Location"] == finish_url(token, "health_history")
    row.refresh_from_db()
    answer = visitor.post(
        finish_url(token, "health_history"),
        {"version": row.version, "who": "patient", "name": "Maria Garcia"},
    )
    assert answer["Location"] == reverse("intake:fill", args=[token])
    row.refresh_from_db()
    assert (row.status, row.done_at, row.done_by_name, row.done_by_relation) == (
        "done", NOW, "Maria Garcia", "",
    )  # fmt: skip
    assert row.answers["medication"] == [
        {"name": "Warfarin", "class": "other", "effect": "anticoagulant", "dose": "5 mg a day"}
    ]
    assert row.answers["conditions"] == [{"code": "diabetes", "since": "2019"}]
    assert row.answers["implants"] == [{"code": "pacemaker"}]
    page = visitor.get(reverse("intake:fill", args=[token]))
    assert "nothing left to do" in page.content.decode()
    # And the record has it.
    assert list(Medication.objects.filter(patient=cast.maria).values_list("name", "effect")) == [
        ("Warfarin", "anticoagulant")
    ]
    assert "diabetes" in Condition.objects.filter(patient=cast.maria).values_list("code", flat=True)
    events = AuditEvent.objects.filter(patient=cast.maria.pk).values_list("verb", flat=True)
    assert sorted(events) == ["begin form", "fill in form", "hand out forms"]


def test_an_incomplete_form_is_not_sent(history):
    token, row = history
    answer = Client().post(
        finish_url(token, "health_history"), {"version": row.version, "who": "patient", "name": "Maria"}
    )
    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.status == "asked"


def test_sending_twice_sends_once(cast):
    link, token = handed(cast, cast.maria, "consent_acupuncture")
    row = Response.objects.get(link=link)
    posted = {"version": row.version, "who": "patient", "name": "Maria Garcia"}
    first = Client().post(finish_url(token, "consent_acupuncture"), posted)
    again = Client().post(finish_url(token, "consent_acupuncture"), posted)
    assert first["Location"] == again["Location"] == reverse("intake:fill", args=[token])
    assert (Signature.objects.count(), Consent.objects.count()) == (1, 1)


def test_an_emergency_answer_shows_its_text_at_once(cast):
    link, token = handed(cast, cast.maria, "red_flags_neck")
    row = Response.objects.get(link=link)
    page = Client().get(section_url(token, "red_flags_neck", "emergency_neck"))
    # There before anything is answered: the page shows it by itself at the tap.
    assert [key for key, _title, _body in page.context["texts"]] == ["emergency_911"]
    assert page.context["emergency"] == []
    address = reverse("intake:fill_save", args=[token, "red_flags_neck", "emergency_neck"])
    Client().post(address, {"version": row.version, "RF015": "true"})
    page = Client().get(section_url(token, "red_flags_neck", "emergency_neck"))
    assert [key for key, _title, _body in page.context["emergency"]] == ["emergency_911"]
    assert "911" in page.context["emergency"][0][2][0]


def test_a_screen_raises_flags_when_it_is_sent(cast):
    link, token = handed(cast, cast.maria, "red_flags_back")
    row, visitor = Response.objects.get(link=link), Client()
    answers = {
        "emergency_back": {"RF002": "true"},
        "emergency_any": {"no_screen_emergency_any": "1"},
        "nerves_balance": {"no_screen_nerves_balance": "1"},
        "injury_bone": {"no_screen_injury_bone": "1"},
        "belly_leg": {"no_screen_belly_leg": "1"},
        "whole_body": {"RF023": "true"},
        "mood": {"RF043": "false"},
    }
    fill_in(visitor, token, "red_flags_back", row, answers)
    row.refresh_from_db()
    posted = {"version": row.version, "who": "patient", "name": "Maria Garcia"}
    assert visitor.post(finish_url(token, "red_flags_back"), posted).status_code == 302
    screening = Screening.objects.get(patient=cast.maria)
    assert (screening.regions, screening.asked_when, screening.response_id) == (["back"], "intake", row.pk)
    yes = {key for key, said in screening.answers.items() if said == "yes"}
    assert yes == {"RF002", "RF023"}
    assert set(RaisedFlag.objects.values_list("flag", flat=True)) == {"RF002", "RF023"}


class TestAClosedLink:
    def test_runs_out_after_14_days(self, cast, history):
        token, row = history
        with time_machine.travel(NOW + timedelta(days=14), tick=False):
            page = Client().get(reverse("intake:fill", args=[token]))
            saved = Client().post(
                reverse("intake:fill_save", args=[token, "health_history", "now"]),
                {"version": row.version, "problem": "Neck"},
            )
        assert page.status_code == 410
        assert "Call us and we send you a new one." in page.content.decode()
        assert saved.status_code == 422

    def test_is_ended_by_the_clinic(self, cast, history):
        token, _row = history
        link = FormLink.objects.get(token_sha256=hashed(token))
        link.ended_at = NOW
        link.save()
        page = Client().get(section_url(token, "health_history", "now"))
        assert page.status_code == 410
        assert "ended by the clinic" in page.content.decode()


def test_pages_cost_the_same_however_much_was_answered(cast, history, django_assert_num_queries):
    token, row = history
    visitor = Client()
    # The link, its copies, the clinic's name.
    with django_assert_num_queries(3):
        visitor.get(section_url(token, "health_history", "medication_section"))
    rows = [{"name": f"Medicine {n}", "class": "other"} for n in range(12)]
    Response.objects.filter(pk=row.pk).update(answers={"medication": rows}, version=row.version + 1)
    with django_assert_num_queries(3):
        visitor.get(section_url(token, "health_history", "medication_section"))
