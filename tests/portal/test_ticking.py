"""The one thing a patient changes on the plan: what was done at home today."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from patients.models import RelatedPerson
from plans.actions.plans import discharge, pause
from plans.models import HomeTick, Plan
from portal.actions.ticking import tick
from tests.cast import NOW, SET_UP_AT
from tests.plans.rows import TODAY
from tests.portal.rows import planned, ticked
from tests.threads import in_threads

GONE = ["This is no longer part of your plan. Load the page again."]
NEW_DAY = ["A new day has begun since you opened this page. Load it again, then tick."]


def activity_of(cast, patient=None):
    return planned(cast, patient or cast.rita, activities=1).home_activities.get()


def say(cast, row, done=True, **more):
    values = {"on": TODAY, "today": TODAY, "now": NOW, **more}
    return tick(by=cast.rita.user, activity=row.pk, done=done, **values)


def url_of(patient, row):
    return reverse("portal:tick", args=[patient.pk, row.pk])


def form(done="1", on="2026-11-24", **more):
    return {"request_key": new_key(), "done": done, "on": on, **more}


def ticks():
    return list(HomeTick.objects.order_by("at", "pk").values_list("on", "done", "by__email"))


@pytest.mark.django_db
class TestTicking:
    def test_a_tick_and_taking_it_back_are_two_rows(self, cast):
        row = activity_of(cast)
        say(cast, row)
        say(cast, row, done=False, now=NOW + timedelta(minutes=1))
        email = cast.rita.user.email
        assert ticks() == [(TODAY, True, email), (TODAY, False, email)]

    def test_ticked_twice_is_ticked_once(self, cast):
        row = activity_of(cast)
        assert say(cast, row).pk == say(cast, row).pk
        assert len(ticks()) == 1

    def test_what_was_never_ticked_needs_no_taking_back(self, cast):
        assert say(cast, activity_of(cast), done=False) is None
        assert ticks() == []

    def test_each_is_an_event_about_the_patient(self, cast):
        say(cast, activity_of(cast))
        event = AuditEvent.objects.get(verb="tick activity at home")
        assert (event.by_id, event.patient, event.detail) == (
            cast.rita.user_id,
            cast.rita.pk,
            {"on": "2026-11-24", "done": True},
        )

    @pytest.mark.parametrize("on", [TODAY - timedelta(days=1), TODAY + timedelta(days=1), date.min])
    def test_another_day_is_refused(self, cast, on):
        with pytest.raises(Refused) as refused:
            say(cast, activity_of(cast), on=on)
        assert (refused.value.reasons, refused.value.status) == (NEW_DAY, 409)
        assert ticks() == []

    def test_a_plan_that_is_over_is_refused(self, cast):
        row = activity_of(cast)
        plan = Plan.objects.get()
        discharge(by=cast.mei, plan=plan, version=plan.version, why="well", now=NOW)
        with pytest.raises(Refused) as refused:
            say(cast, row)
        assert refused.value.reasons == GONE

    def test_an_activity_that_has_ended_is_refused(self, cast):
        row = activity_of(cast)
        row.ended_on = TODAY - timedelta(days=1)
        row.save()
        with pytest.raises(Refused) as refused:
            say(cast, row)
        assert refused.value.reasons == GONE

    def test_while_the_plan_rests_one_may_still_do_something_at_home(self, cast):
        row = activity_of(cast)
        plan = Plan.objects.get()
        pause(by=cast.mei, plan=plan, version=plan.version, why="travels", now=NOW)
        assert say(cast, row).done is True


@pytest.mark.django_db
class TestThePage:
    def test_one_tap_and_another_takes_it_back(self, cast, client_of):
        row, client = activity_of(cast), client_of(cast.rita)
        shown = reverse("portal:plan_of", args=[cast.rita.pk])
        for done, after in (("1", True), ("0", False)):
            answer = client.post(url_of(cast.rita, row), form(done))
            assert (answer.status_code, answer.url) == (302, f"{shown}#home")
            (line,) = client.get(shown).context["page"].home
            assert line.done_today is after

    def test_the_same_tap_sent_twice_is_done_once(self, cast, client_of):
        row, client, sent = activity_of(cast), client_of(cast.rita), form()
        assert [client.post(url_of(cast.rita, row), sent).status_code for _ in range(2)] == [302, 303]
        assert len(ticks()) == 1

    def test_a_page_left_open_over_night_says_so_and_keeps_its_place(self, cast, client_of):
        row = activity_of(cast)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            answer = client_of(cast.rita).post(url_of(cast.rita, row), form())
        assert (answer.status_code, answer.templates[0].name) == (409, "portal/plan.html")
        assert answer.context["reasons"] == NEW_DAY
        assert answer.content.decode().count(NEW_DAY[0]) == 1

    def test_what_is_no_longer_there_says_so(self, cast, client_of):
        row = activity_of(cast)
        row.ended_on = TODAY - timedelta(days=1)
        row.save()
        answer = client_of(cast.rita).post(url_of(cast.rita, row), form())
        assert (answer.status_code, answer.context["page"].home) == (409, [])
        # The list is what htmx takes from the page: the sentence stands in it.
        section = answer.content.decode().split('id="home"')[1].split("</section>")[0]
        assert section.count(GONE[0]) == 1

    @pytest.mark.parametrize("on", ["", "yesterday", "2026-13-41", "9" * 40])
    def test_what_is_no_day_is_refused(self, cast, client_of, on):
        assert client_of(cast.rita).post(url_of(cast.rita, activity_of(cast)), form(on=on)).status_code == 409
        assert ticks() == []

    def test_an_evening_is_still_today_where_the_patient_comes(self, cast, client_of):
        """At 9 in the evening in Uptown it is tomorrow in Greenwich."""
        row = activity_of(cast)
        with time_machine.travel("2026-11-25T02:00:00+00:00", tick=False):
            assert client_of(cast.rita).post(url_of(cast.rita, row), form()).status_code == 302
        assert [on for on, _done, _by in ticks()] == [TODAY]

    def test_without_the_key_of_a_form_nothing_is_done(self, cast, client_of):
        sent = {"done": "1", "on": "2026-11-24"}
        assert client_of(cast.rita).post(url_of(cast.rita, activity_of(cast)), sent).status_code == 422
        assert ticks() == []

    def test_somebody_elses_activity_is_not_found(self, cast, client_of):
        theirs, client = activity_of(cast, cast.maria), client_of(cast.rita)
        answers = [client.post(url_of(patient, theirs), form()) for patient in (cast.rita, cast.maria)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert ticks() == []

    @pytest.mark.parametrize(
        ("rights", "status"),
        [
            ({"health_details": True}, 302),
            ({"appointments": True, "forms": True, "payments": True}, 404),
            ({"health_details": True, "guardian": True, "may_be_told": False}, 404),
        ],
    )
    def test_a_proxy_ticks_who_sees_health_details(self, cast, client_of, rights, status):
        row = activity_of(cast, cast.leo)
        RelatedPerson.objects.create(
            patient=cast.leo, user=cast.rita.user, name="Rita", relation="aunt", since=SET_UP_AT, **rights
        )
        assert client_of(cast.rita).post(url_of(cast.leo, row), form()).status_code == status
        assert len(ticks()) == (status == 302)

    @pytest.mark.parametrize("name", ["ana", "mei", "olive", "dana"])
    def test_staff_tick_nothing(self, cast, client_of, name):
        row = activity_of(cast)
        assert client_of(getattr(cast, name)).post(url_of(cast.rita, row), form()).status_code == 403

    def test_nobody_gets_it(self, cast, client_of):
        assert client_of(cast.rita).get(url_of(cast.rita, activity_of(cast))).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "seen"), [(0, "1 of 5 this week"), (1, "1 of 5 this week"), (2, "0 of 5 this week")]
)
def test_a_week_begins_on_monday(cast, client_of, at, seen):
    row = activity_of(cast)
    ticked(row, cast.rita, days=at)
    page = client_of(cast.rita).get("/my/").context["page"]
    assert [line.this_week for line in page.home] == [seen]


@pytest.mark.alone
def test_two_phones_that_tick_at_once_write_one_row(cast, committed):
    row, user = activity_of(cast), cast.rita.user
    results = in_threads(
        [
            lambda: tick(by=user, activity=row.pk, on=TODAY, done=True, today=TODAY, now=NOW).pk
            for _ in range(4)
        ]
    )
    assert len(set(results)) == 1
    assert HomeTick.objects.count() == 1
