"""The Plan page: what stands on it, and how much of it somebody sees who acts for the patient."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Role, RoleGrant
from outcomes.models import Assessment
from patients.models import RelatedPerson
from plans.actions.plans import discharge, pause
from plans.models import Plan
from portal.queries import people_of
from portal.queries.page import goals_of, page_of
from tests.cast import NOW, SET_UP_AT
from tests.outcomes.rows import a_check, answered
from tests.packages.rows import acupuncture, reserve, sold
from tests.plans.rows import TODAY, given
from tests.portal.rows import GOAL, HOW, a_page, noted, planned, released, sign, ticked
from tests.treatment.rows import acupuncture_visit

pytestmark = pytest.mark.django_db
MY = "/my/"
AFTERCARE = ("aftercare_acupuncture", "aftercare_adjustment", "aftercare_water_movement")
RIGHTS = ("appointments", "forms", "payments", "health_details")


def of(patient):
    return reverse("portal:plan_of", args=[patient.pk])


def own_page(cast, patient=None):
    user = (patient or cast.rita).user
    return page_of(people_of(user, NOW)[0], user, NOW)


def acting(cast, *rights, patient=None, **fields):
    """Rita acts for Leo with these rights and no others."""
    return RelatedPerson.objects.create(
        patient=patient or cast.leo, user=cast.rita.user, name="Rita Lopez", relation="aunt", since=SET_UP_AT,
        **dict.fromkeys(rights, True), **fields,
    )  # fmt: skip


def seen_by_proxy(cast, *rights, **fields):
    """Leo's full page as Rita sees it who has these rights."""
    a_page(cast, cast.leo)
    released(*AFTERCARE)
    acting(cast, *rights, **fields)
    user = cast.rita.user
    return page_of(next(one for one in people_of(user, NOW) if one.pk == cast.leo.pk), user, NOW)


class TestOnesOwnPage:
    def test_it_is_where_a_patients_day_begins(self, cast, client_of):
        answer = client_of(cast.rita).get("/")
        assert (answer.status_code, answer.url) == (302, MY)

    def test_next_visit_plan_and_goal(self, cast):
        a_page(cast, cast.rita)
        page = own_page(cast)
        assert (page.next.service, page.next.people, page.next.minutes) == (
            "Acupuncture + adjustment",
            ["Mei Tan, acupuncturist", "Daniel Lee, chiropractor"],
            70,
        )
        plan = page.plan
        assert (plan.total, plan.done, plan.booked, plan.owed, plan.lookback_visits) == (8, 4, 1, 3, {6})
        assert [goal.words for goal in page.goals] == [GOAL]

    def test_a_goal_that_was_given_up_is_gone(self, cast):
        planned(cast, cast.rita, goals=2)
        goal = Plan.objects.get().goals.get(words=GOAL)
        goal.dropped_on = TODAY
        goal.save()
        assert [goal.words for goal in own_page(cast).goals] == ["Goal 1"]

    def test_a_goal_in_a_measure_is_said_in_words(self, cast, client_of, django_assert_num_queries):
        plan = planned(cast, cast.rita)
        plan.goals.create(position=2, measure="NRS", baseline=Decimal("7.00"), target=Decimal("4.50"))
        plan.goals.create(position=3, measure="PEG", target=Decimal(3), reached_on=TODAY)
        plan.goals.create(position=4, measure="PHQ2", target=Decimal(1))  # mood is spoken of in person
        person = people_of(cast.rita.user, NOW)[0]
        running = own_page(cast).plan
        with django_assert_num_queries(2):
            found = goals_of(running, person.rights)
        assert [(goal.words, goal.own, goal.reached_on) for goal in found] == [
            (GOAL, True, None),
            ("pain intensity: from 7 to 4.5", False, None),
            ("pain intensity and interference: 3", False, TODAY),
        ]
        text = " ".join(client_of(cast.rita).get(MY).content.decode().split())
        assert f"“{GOAL}”" in text
        assert "<li>Pain intensity: from 7 to 4.5</li>" in text

    def test_the_trend_says_in_words_what_it_shows(self, cast):
        a_page(cast, cast.rita)
        (shown,) = own_page(cast).trends
        assert (shown.head, shown.trend.sentence) == (
            "7 at the start, 4 now.",
            "Down 3 since Nov 5; a drop of 2 is one people notice.",
        )

    def test_a_new_start_is_no_change(self, cast):
        answered(cast, {"NRS": {"nrs_avg": 7}}, days=30, patient=cast.rita)
        answered(cast, {"NRS": {"nrs_avg": 4}}, days=1, patient=cast.rita, occasion="baseline")
        (shown,) = own_page(cast).trends
        assert (shown.head, shown.trend.sentence) == ("", "4 on Nov 23, the first score.")

    def test_pain_stands_first_and_mood_nowhere(self, cast):
        answered(cast, {"PHQ2": {"phq_1": 3, "phq_2": 3}}, days=3, patient=cast.rita)
        answered(cast, {"BOTHER": {"bother_1": 6}}, days=2, patient=cast.rita)
        answered(cast, {"NRS": {"nrs_avg": 5}}, days=1, patient=cast.rita)
        shown = own_page(cast).trends
        assert [(one.trend.key, one.head) for one in shown] == [("NRS", ""), ("BOTHER", "")]

    def test_visits_left_by_kind_with_their_dates(self, cast):
        bought = sold(cast, cast.rita)
        booked = acupuncture(cast, cast.rita, day="2026-12-01")
        reserve(bought, booked.parts.get())
        (pot,) = own_page(cast).left.packages
        lines = {line.kind: (line.left, line.booked) for line in pot.lines}
        assert lines == {"Acupuncture visit": (7, 1), "Adjustment visit": (6, 0), "Re-evaluation": (1, 0)}
        assert (pot.until, pot.first) == (bought.valid_until, None)

    def test_a_package_that_begins_later_says_so_and_one_that_is_over_is_gone(self, cast):
        later = sold(cast, cast.rita, starts_on=TODAY + timedelta(days=5))
        over = sold(cast, cast.rita)
        over.valid_from, over.valid_until = date(2026, 8, 1), date(2026, 11, 23)
        over.save()
        assert [pot.first for pot in own_page(cast).left.packages] == [later.valid_from]

    def test_insurance_visits(self, cast):
        a_page(cast, cast.rita)
        (pot,) = own_page(cast).left.insurance
        assert (pot.name, pot.granted, pot.until) == ("Acupuncture", 12, date(2027, 2, 28))
        assert [(line.left, line.booked) for line in pot.lines] == [(12, 0)]

    def test_activities_at_home_with_this_week(self, cast):
        plan = planned(cast, cast.rita)
        first, second = plan.home_activities.order_by("position")
        ticked(first, cast.rita, days=1)
        ticked(first, cast.rita)
        ticked(second, cast.rita, days=2)  # Sunday: last week
        tucks, walk = own_page(cast).home
        assert (tucks.name, tucks.often, tucks.instructions) == ("Chin tucks", "5 times a week", HOW)
        assert (tucks.done_today, tucks.this_week) == (True, "2 of 5 this week")
        assert (walk.often, walk.done_today, walk.this_week) == ("Every day", False, "0 of 7 this week")

    @pytest.mark.parametrize(("start", "end"), [(1, None), (-10, -1)])
    def test_an_activity_that_is_not_in_force_is_not_there(self, cast, start, end):
        row = planned(cast, cast.rita, activities=1).home_activities.get()
        row.started_on = TODAY + timedelta(days=start)
        row.ended_on = end and TODAY + timedelta(days=end)
        row.save()
        assert own_page(cast).home == []

    def test_a_plan_that_rests(self, cast, client_of):
        plan = planned(cast, cast.rita)
        pause(by=cast.mei, plan=plan, version=plan.version, why="travels", now=NOW)
        page = client_of(cast.rita).get(MY).content.decode()
        assert page.count("The plan rests since Nov 24.") == 1
        assert "travels" not in page

    def test_a_plan_that_is_over_is_not_shown(self, cast, client_of):
        plan = planned(cast, cast.rita)
        discharge(by=cast.mei, plan=plan, version=plan.version, why="well again", now=NOW)
        page = client_of(cast.rita).get(MY)
        assert page.context["page"].plan is None
        assert page.content.decode().count("No plan is going on now.") == 1

    def test_nothing_is_there_yet(self, cast, client_of):
        answer = client_of(cast.rita).get(MY)
        page, text = answer.context["page"], answer.content.decode()
        assert (page.next, page.plan, page.trends, page.home, page.after, page.why, page.checks) == (
            None, None, [], [], None, None, [],
        )  # fmt: skip
        assert text.count("No visit is booked.") == 1
        assert text.count("911") == 1

    def test_what_a_note_or_the_plan_says_clinically_is_not_there(self, cast, client_of):
        a_page(cast, cast.rita)
        last = acupuncture_visit(cast, patient=cast.rita, clock="08:00", room=cast.room_2)
        last.status = "completed"
        last.save()
        noted(cast, last)
        text = client_of(cast.rita).get(MY).content.decode()
        words = ("Neck pain for three months", "M54.2", "Stiff in the morning", "qritazstaffnotes", "Room 1")
        assert [word for word in words if word in text] == []

    def test_a_member_of_staff_who_is_a_patient_sees_no_other(self, cast, client_of):
        for role in (Role.OWNER, Role.PRACTITIONER):
            RoleGrant.objects.create(user=cast.rita.user, role=role, since=SET_UP_AT)
        client = client_of(cast.rita)
        answer = client.get(MY)
        assert [place["label"] for place in answer.context["frame"].nav] == ["Plan", "Visits"]
        assert client.get(of(cast.maria)).status_code == 404


class TestAfterAVisit:
    def after(self, cast, day="2026-11-23", service="acupuncture_adjustment", **more):
        given(cast, day, patient=cast.rita, service=service, **more)
        return own_page(cast).after

    def test_only_what_the_clinic_has_released(self, cast):
        released("aftercare_acupuncture")
        after = self.after(cast)
        assert (after.on, after.fresh) == (date(2026, 11, 23), True)
        assert [text.key for text in after.texts] == ["aftercare_acupuncture"]
        assert [text.key for text in after.emergencies] == ["call_us_after_any_visit"]

    def test_a_part_that_was_not_done_has_none(self, cast):
        released(*AFTERCARE)
        after = self.after(cast, not_done=("chiropractic",))
        assert [text.key for text in after.texts] == ["aftercare_acupuncture", "aftercare_water_movement"]

    def test_after_two_weeks_nothing(self, cast):
        assert self.after(cast, "2026-11-09") is None
        assert self.after(cast, "2026-11-10").fresh is False

    def test_a_phone_number_is_filled_in(self, cast):
        (text,) = self.after(cast).emergencies
        assert text.paragraphs[0].count("call us at (919) 555-0100") == 1

    def test_without_a_number_nobody_is_asked_to_call_it(self, cast):
        cast.uptown.phone = ""
        cast.uptown.save()
        assert self.after(cast).emergencies == []

    def test_what_a_signed_note_chose_stands_there_too(self, cast):
        released("aftercare_cupping")
        row = given(cast, "2026-11-23", patient=cast.rita)
        note = noted(cast, row, signed=False)
        note.advice = {"texts": ["aftercare_cupping"], "words": "qwordsofthenote"}
        note.save()
        assert [text.key for text in own_page(cast).after.texts] == []
        sign(note, cast.mei)
        assert [text.key for text in own_page(cast).after.texts] == ["aftercare_cupping"]

    @pytest.mark.parametrize(
        ("discipline", "children", "key"),
        [
            ("acupuncture", {"needlings": [{"region": "upper back"}]}, "chest_needles"),
            ("acupuncture", {"needlings": [{"code": "GB21", "region": ""}]}, "chest_needles"),
            ("chiropractic", {"adjustments": [{}]}, "neck_adjustment"),
            (
                "chiropractic",
                {"adjustments": [{"segment": "L5", "modality": "lumbar_hvla"}]},
                "back_adjustment",
            ),
        ],
    )
    def test_what_to_watch_for_follows_what_was_done(self, cast, discipline, children, key):
        row = given(cast, "2026-11-23", patient=cast.rita, service="acupuncture_adjustment")
        noted(
            cast,
            row,
            by=cast.mei if discipline == "acupuncture" else cast.daniel,
            discipline=discipline,
            **children,
        )
        found = [text.key for text in own_page(cast).after.emergencies]
        assert found == [f"emergency_after_{key}", "call_us_after_any_visit"]


class TestWhyThisPlan:
    def test_studies_with_comparison_and_caveat(self, cast):
        planned(cast, cast.rita)
        why = own_page(cast).why
        assert why.dose_said == "Mayo Clinic patient guidance on acupuncture (patient guidance)"
        assert [entry.key for entry in why.source] == ["MAYO"]
        assert [entry.key for entry in why.background] == ["FANG2024", "VICKERS2012"]
        assert all(entry.compared and entry.caveat for entry in [*why.source, *why.background])
        assert why.background[0].sham == "Against a sham treatment some result was no different."
        assert why.texts == []

    def test_the_clinics_words_once_it_released_them_with_their_sources(self, cast):
        released("studies_neck", "studies_combined", "studies_low_back")
        planned(cast, cast.rita)
        texts = own_page(cast).why.texts
        assert [text.title for text in texts] == [
            "Neck pain: what studies found, and what they did not",
            "Acupuncture and adjustment together",
        ]
        assert [entry.key for entry in texts[0].sources] == [
            "CHEN2021", "FANG2024", "VICKERS2012", "IRNICH2001", "META2020",
        ]  # fmt: skip
        # One of its sources is the clinic itself: no list of studies, and no numbers in the words.
        assert (texts[1].sources, texts[1].paragraphs[0].count("[1]")) == ([], 0)

    def test_more_visits_than_the_template_allows_have_no_source(self, cast):
        phase = planned(cast, cast.rita).phases.get()
        phase.visits, phase.offsets = 9, list(range(9))
        phase.save()
        why = own_page(cast).why
        assert (why.dose_said, why.source) == ("", [])
        assert [entry.key for entry in why.background] == ["MAYO", "FANG2024", "VICKERS2012"]

    def test_a_dose_of_the_clinics_own_is_called_that(self, cast, client_of):
        plan = planned(cast, cast.rita)
        plan.template_key, plan.dose_source = "", ""
        plan.save()
        text = client_of(cast.rita).get(MY).content.decode()
        assert text.count("Why this plan?") == 0
        released("not_instead_of_medical_care")
        text = client_of(cast.rita).get(MY).content.decode()
        assert text.count("Its number of visits is our own choice; no study in our list tested it.") == 1


class TestWhoActsForOthers:
    def test_chooses_whose_page(self, cast, client_of):
        client = client_of(cast.iris)
        answer = client.get(MY)
        assert [one.called for one in answer.context["people"]] == ["Iris", "Leo"]
        assert answer.context["person"].pk == cast.iris.pk
        assert client.get(of(cast.leo)).context["person"].pk == cast.leo.pk

    def test_who_is_no_patient_begins_with_the_first_they_act_for(self, cast, client_of):
        nora = cast.leos_grandmother
        cast.rita.user = None
        cast.rita.save()
        nora.user, nora.payments = RoleGrant.objects.get(user__email="rita.lopez@meridian.example").user, True
        nora.save()
        answer = client_of(nora.user).get(MY)
        assert (answer.context["person"].pk, answer.context["people"]) == (cast.leo.pk, [])

    def test_whose_rights_have_ended_reads_that(self, cast, client_of):
        row = acting(cast, "appointments")
        client = client_of(cast.rita)
        cast.rita.user = None
        cast.rita.save()
        assert client.get(MY).status_code == 200
        row.until = NOW
        row.save()
        answer = client.get(MY)
        assert (answer.status_code, answer.templates[0].name) == (200, "portal/nobody.html")
        assert client.get(of(cast.leo)).status_code == 404

    def test_a_relation_without_a_right_opens_nothing(self, cast, client_of):
        acting(cast)
        assert [one.pk for one in people_of(cast.rita.user, NOW)] == [cast.rita.pk]
        assert client_of(cast.rita).get(of(cast.leo)).status_code == 404

    @pytest.mark.parametrize(
        ("right", "there"),
        [
            ("appointments", {"next", "plan"}),
            ("forms", {"checks"}),
            ("payments", {"left"}),
            ("health_details", {"trends", "home", "after", "why"}),
        ],
    )
    def test_each_right_opens_its_part(self, cast, right, there):
        page = seen_by_proxy(cast, right)
        parts = ("next", "plan", "goals", "trends", "left", "home", "after", "why", "checks")
        assert {name for name in parts if getattr(page, name)} == there

    def test_own_words_instructions_and_mood_are_for_nobody_else(self, cast, client_of):
        named = {1: ("qactivitywords", 4)}
        answered(cast, {"PHQ2": {"phq_1": 3, "phq_2": 3}}, days=9, patient=cast.leo, named=named)
        page = seen_by_proxy(cast, *RIGHTS)
        assert (page.goals, [one.instructions for one in page.home]) == ([], ["", ""])
        assert [one.trend.key for one in page.trends] == ["NRS"]
        text = client_of(cast.rita).get(of(cast.leo)).content.decode()
        assert [word for word in (GOAL, HOW, "qactivitywords", "PHQ") if word in text] == []

    def test_mood_and_own_activities_are_not_asked_of_somebody_else(self, cast):
        Assessment.objects.all().delete()
        a_check(cast, "NRS", "PHQ2", "GAD2", "ACT3", patient=cast.leo)
        acting(cast, "forms")
        user = cast.rita.user
        person = next(one for one in people_of(user, NOW) if one.pk == cast.leo.pk)
        (check,) = page_of(person, user, NOW).checks
        assert [measure.key for measure in check.measures] == ["NRS"]

    def test_a_guardian_who_is_not_to_be_told_sees_no_health(self, cast):
        page = seen_by_proxy(cast, *RIGHTS, guardian=True, may_be_told=False)
        assert (page.trends, page.home, page.after, page.why) == ([], [], None, None)
        assert (page.plan.total, bool(page.left)) == (8, True)

    def test_opening_it_is_written_down_and_opening_ones_own_is_not(self, cast, client_of):
        client = client_of(cast.iris)
        client.get(MY)
        client.get(of(cast.leo))
        reads = AuditEvent.objects.filter(verb="read").values_list("patient", "by")
        assert list(reads) == [(cast.leo.pk, cast.iris.user_id)]


class TestWhoGetsIn:
    @pytest.mark.parametrize("name", ["ana", "mei", "olive", "dana"])
    def test_who_is_no_patient_does_not(self, cast, client_of, name):
        client = client_of(getattr(cast, name))
        assert [client.get(url).status_code for url in (MY, of(cast.rita))] == [403, 403]

    @pytest.mark.parametrize("name", ["maria", "mia", "priya", "leo"])
    def test_pages_of_others_are_not_found(self, cast, client_of, name):
        assert client_of(cast.rita).get(of(getattr(cast, name))).status_code == 404

    def test_a_merged_record_is_read_with_the_one_it_went_into(self, cast):
        planned(cast, cast.marta)
        cast.marta.merged_into = cast.rita
        cast.marta.save()
        assert own_page(cast).plan.total == 8

    def test_the_bar_marks_the_page_one_is_on(self, cast, client_of):
        client = client_of(cast.rita)
        for url, marked in ((MY, "Plan"), ("/my/visits/", "Visits"), (of(cast.rita), "Plan")):
            nav = client.get(url).context["frame"].nav
            assert [place["label"] for place in nav if place["active"]] == [marked]
        assert [place["label"] for place in nav] == ["Plan", "Visits"]


@pytest.mark.parametrize("relations", [0, 3])
def test_whose_pages_are_two_statements(cast, relations, django_assert_num_queries):
    for patient in (cast.leo, cast.mia, cast.maria)[:relations]:
        acting(cast, "forms", patient=patient)
    user = cast.rita.user
    assert user.roles == {"patient"}
    with django_assert_num_queries(2):
        assert len(people_of(user, NOW)) == 1 + relations


@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_statements_is_fixed(cast, many, django_assert_num_queries):
    plan = a_page(cast, cast.rita, activities=many, goals=many, packages=many)
    released(*AFTERCARE)
    for activity in plan.home_activities.all():
        ticked(activity, cast.rita)
    for days in range(many):
        answered(cast, {"PEG": {"peg_p": 6, "peg_e": 5, "peg_g": 4}}, days=days, patient=cast.rita)
    user = cast.rita.user
    person = people_of(user, NOW)[0]
    with django_assert_num_queries(42):
        page_of(person, user, NOW)
