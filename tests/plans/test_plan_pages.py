"""Plan and progress, the list, making and revising: what is shown to whom, and in how many statements."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from plans.actions import plans as actions
from plans.models import Plan, PlanStatus
from plans.rules.making import GoalWish, HomeWish
from plans.rules.prefill import SESSION_KEY
from tests.cast import NOW
from tests.outcomes.rows import answered, nrs
from tests.plans.pages import form_values, posted, shown
from tests.plans.rows import TODAY, WORDS, a_draft, a_plan, booked, given

pytestmark = pytest.mark.django_db


def page_of(cast, client_of, who, patient=None):
    answer = client_of(who).get(reverse("plans:of_patient", args=[(patient or cast.maria).pk]))
    assert answer.status_code == 200
    return answer


@pytest.fixture
def plan(cast, now):
    """Three of eight given since November 2, the next on the 27th."""
    plan = a_plan(
        cast,
        starts_on=date(2026, 11, 2),
        goals=(GoalWish(words=WORDS), GoalWish(measure="NRS", baseline=Decimal(6), target=Decimal(4))),
    )
    for day in ("2026-11-02", "2026-11-05", "2026-11-10"):
        given(cast, day)
    booked(cast, "2026-11-27")
    return plan


def test_a_clinician_reads_the_whole_plan(cast, client_of, plan):
    text = shown(page_of(cast, client_of, cast.mei))
    for words in (
        "Neck pain for three months",
        "3 of 8 done",
        "2 behind",
        "Fri Nov 27, 10:00 am",
        "Acupuncture visit: 3 of 8 done, 1 booked, 4 to book",
        "Look-back at visit 6 or on Nov 30, whichever comes first.",
        WORDS,
        "Pain numeric rating scale",
        "6 → 4",
        "Chin tucks",
        "0 of 5 this week",
        "by Mei Tan",
    ):
        assert words in text, words


def test_the_desk_sees_visits_pace_and_dates_and_nothing_clinical(cast, client_of, plan):
    text = shown(page_of(cast, client_of, cast.ana))
    for words in ("Plan from Nov 2, 2026", "3 of 8 done", "2 behind", "Fri Nov 27, 10:00 am"):
        assert words in text, words
    for words in (
        "Neck pain",
        WORDS,
        "Chin tucks",
        "M54.2",
        "Stiff",
        "numeric rating",
        "by Mei Tan",
        "Revise",
    ):
        assert words not in text, words


def test_the_desk_is_told_that_questions_are_due(cast, client_of, plan):
    text = shown(page_of(cast, client_of, cast.ana))
    assert reverse("outcomes:hand", args=[cast.maria.pk]) in text
    whole = f'"{reverse("outcomes:scores", args=[cast.maria.pk])}"'
    assert whole not in text
    assert whole in shown(page_of(cast, client_of, cast.mei))


@pytest.mark.parametrize("who, reads", [("mei", 1), ("ana", 0)])
def test_reading_a_plan_is_an_event(cast, client_of, plan, who, reads):
    page_of(cast, client_of, getattr(cast, who))
    assert AuditEvent.objects.filter(verb="read", patient=cast.maria.pk).count() == reads


def test_the_head_of_a_chart_says_how_far_the_plan_is(cast, client_of, plan):
    for who in (cast.mei, cast.ana):
        answer = client_of(who).get(
            reverse("plans:strip", args=[cast.maria.pk]), headers={"HX-Request": "true"}
        )
        assert "Plan 3 of 8, 2 behind" in shown(answer)
        assert "next Fri Nov 27, 10:00 am" in shown(answer)
        assert "Neck" not in shown(answer)
    # Without a plan, too, it says something: a line is kept for it, so that nothing moves when it comes.
    for headers in ({}, {"HX-Request": "true"}):
        none = client_of(cast.ana).get(reverse("plans:strip", args=[cast.rita.pk]), headers=headers)
        assert shown(none).count("No plan yet") == 1


def test_an_empty_page_offers_the_first_step(cast, client_of, now):
    text = shown(page_of(cast, client_of, cast.mei))
    assert "No plan yet" in text
    assert reverse("plans:new", args=[cast.maria.pk]) in text
    assert reverse("plans:new", args=[cast.maria.pk]) not in shown(page_of(cast, client_of, cast.ana))


@pytest.mark.parametrize("who", ["mei", "ana"])
def test_the_page_costs_the_same_with_more_of_everything(
    cast, client_of, plan, who, django_assert_max_num_queries, django_assert_num_queries
):
    client, url = client_of(getattr(cast, who)), reverse("plans:of_patient", args=[cast.maria.pk])
    client.get(url)
    with django_assert_max_num_queries(80) as first:
        client.get(url)
    a_plan(cast, region="back", condition="Low back pain", diagnosis_codes=("M54.50",))
    for day in ("2026-11-12", "2026-11-13", "2026-11-17"):
        given(cast, day)
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_the_list_names_what_plans_want(cast, client_of, plan):
    second = a_plan(cast, patient=cast.rita)
    answer = client_of(cast.ana).get(reverse("plans:list"))
    text = shown(answer)
    assert text.index("Garcia, Maria") < text.index(second.patient.name)  # behind comes before nothing booked
    assert "1 behind" in text
    assert "nothing booked" in text
    assert "Neck pain" not in text
    assert "Neck pain" in shown(client_of(cast.mei).get(reverse("plans:list")))


def test_an_ended_plan_leaves_the_list(cast, client_of, plan):
    actions.discharge(by=cast.mei, plan=plan, version=plan.version, why="Goals reached", now=NOW)
    assert "No plans are running here" in shown(client_of(cast.ana).get(reverse("plans:list")))


def test_when_pain_comes_back_after_the_course_a_few_visits_are_suggested(cast, client_of, plan):
    for days, pain in [(20, 6), (10, 2), (1, 6)]:
        answered(cast, nrs(pain), days=days)
    assert "Pain has come back." not in shown(page_of(cast, client_of, cast.mei))  # visits are still to come
    actions.discharge(by=cast.mei, plan=plan, version=plan.version, why="Goals reached", now=NOW)
    text = shown(page_of(cast, client_of, cast.mei))
    assert "Pain has come back." in text
    assert "Pain numeric rating scale: 6 now, 2 at its best; a rise of 2 is one people notice." in text
    assert "in the trial they gave no clear extra benefit" in text
    assert "Pain has come back." not in shown(page_of(cast, client_of, cast.ana))
    address = reverse("plans:new", args=[cast.maria.pk]) + "?template=return_of_pain"
    assert address in text
    form = client_of(cast.mei).get(address).context["form"]
    assert (form["template"].value(), form["phase_1_visits"].value()) == ("return_of_pain", 3)
    # Where the patient stands now is where the next goal begins.
    assert (form["goal_measure"].value(), form["goal_baseline"].value(), form["goal_target"].value()) == (
        "NRS",
        6,
        4,
    )


def test_without_improvement_by_visit_eight_the_page_asks_to_stop_or_refer(cast, client_of, now):
    a_plan(cast, starts_on=date(2026, 10, 1), measures=("NRS", "RMDQ"))
    for day in range(1, 9):
        given(cast, f"2026-11-{day:02}", clock="17:00")
    answered(cast, nrs(6), days=40)
    answered(cast, nrs(5), days=2)
    assert "Stop or refer?" in shown(page_of(cast, client_of, cast.mei))
    answered(cast, nrs(3), days=1)
    assert "Stop or refer?" not in shown(page_of(cast, client_of, cast.mei))


def test_two_values_make_a_plan_from_the_page(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    answer = posted(client, url, code="M54.2 Neck pain", goal_1="Sleep through")
    assert (answer.status_code, answer["Location"]) == (
        303,
        reverse("plans:of_patient", args=[cast.maria.pk]),
    )
    plan = Plan.objects.get()
    assert (plan.condition, plan.diagnosis_codes, plan.lead, plan.template_key) == (
        "Neck pain",
        ["M54.2"],
        cast.mei.practitioner,
        "neck_6_8",
    )
    assert (plan.phases.get().service.key, plan.phases.get().visits) == ("acupuncture_follow_up", 8)
    assert [goal.words for goal in plan.goals.all()] == ["Sleep through"]
    assert plan.measures == ["NRS", "PEG", "BOTHER", "ACT3", "PGIC", "GAD2", "PHQ2"]


def test_the_same_form_twice_makes_one_plan(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    key = new_key()
    for _time in range(2):
        assert posted(client, url, code="M54.2", request_key=key).status_code == 303
        client.get(url)
    assert Plan.objects.count() == 1


def test_another_template_fills_the_form_anew_and_keeps_what_was_typed(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    answer = posted(client, url, choose="1", template="bia_enhanced", goal_1="Garden", region="back")
    form = answer.context["form"]
    assert (form["phase_1_visits"].value(), form.count) == (15, 1)
    assert form["goal_1"].value() == "Garden"
    assert "RMDQ" in form["measures"].value()
    assert "BackInAction" in shown(answer)
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"code": "NOPE"}, "NOPE is not in the catalog."),
        ({"code": ""}, "Name the condition, or choose a diagnosis code."),
        ({"code": "M54.2", "phase_1_visits": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"code": "M54.2", "home_6": "on"}, "Say what is to be done and how often, or take the tick away."),
        (
            {"code": "M54.2", "phase_1_least": "9", "phase_1_most": "3"},
            "The most days between two visits cannot be fewer than the least.",
        ),
        ({"code": "M54.2", "goal_measure": "NRS"}, "Give NRS a target, or leave it out."),
    ],
)
def test_a_form_that_does_not_hold_is_answered_with_what_was_typed(cast, client_of, now, changes, words):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    answer = posted(client, url, goal_2="Climb stairs", **changes)
    assert answer.status_code == 422
    assert words in shown(answer)
    assert "Climb stairs" in shown(answer)
    assert not Plan.objects.exists()


def test_what_the_note_says_is_on_the_form(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    session = client.session
    session[SESSION_KEY] = {"patient": str(cast.maria.pk), "values": {"code": "M54.50", "region": "back"}}
    session.save()
    form = client.get(url).context["form"]
    assert (form["code"].value(), form["template"].value()) == ("M54.50", "back_6_8")
    other = client.get(reverse("plans:new", args=[cast.rita.pk])).context["form"]
    assert other["code"].value() in ("", None)  # it is about somebody else


def test_the_desk_makes_and_changes_no_plan(cast, client_of, plan):
    client = client_of(cast.ana)
    for name in ("revise", "review", "pause", "discharge"):
        assert client.get(reverse(f"plans:{name}", args=[plan.pk])).status_code == 403
    assert client.get(reverse("plans:new", args=[cast.maria.pk])).status_code == 403
    assert client.post(reverse("plans:resume", args=[plan.pk])).status_code == 403


def test_a_revision_from_the_page(cast, client_of, plan):
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    assert form_values(client.get(url))["phase_1_visits"] == 8
    answer = posted(client, url, version=plan.version, phase_1_visits="10", why="Slower than hoped.")
    assert answer.status_code == 303
    text = shown(page_of(cast, client_of, cast.mei))
    assert "Slower than hoped." in text
    assert "3 of 10 done" in text
    again = posted(client, url, version=plan.version, phase_1_visits="12", why="Again")
    assert again.status_code == 409


def test_a_revision_that_was_only_looked_at_changes_nothing(cast, client_of, plan):
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    answer = posted(client, url, version=plan.version, why="Looked.")
    assert answer.status_code == 422
    assert "Nothing was changed." in shown(answer)


def test_steps_from_the_page(cast, client_of, plan):
    client = client_of(cast.mei)

    def sent(name, **values):
        plan.refresh_from_db()
        url = reverse(f"plans:{name}", args=[plan.pk])
        return client.post(url, {"request_key": new_key(), "version": plan.version, **values}).status_code

    assert sent("pause", why="") == 422
    assert sent("pause", why="Travels") == 303
    plan.refresh_from_db()
    assert plan.status == PlanStatus.PAUSED
    assert sent("resume") == 303
    assert sent("review", why="Sleeps better") == 303
    assert sent("discharge", why="Goals reached") == 303
    plan.refresh_from_db()
    assert (plan.status, plan.reviewed_at) == (PlanStatus.DISCHARGED, NOW)
    assert "Goals reached" in shown(page_of(cast, client_of, cast.mei))
    assert sent("resume") == 303  # the page says why not
    assert "This plan is not paused." in shown(client.get(reverse("plans:of_patient", args=[cast.maria.pk])))


def test_a_goal_from_the_page(cast, client_of, plan):
    client, goal = client_of(cast.mei), plan.goals.get(words=WORDS)
    url = reverse("plans:goal", args=[plan.pk, goal.pk])
    client.post(url, {"request_key": new_key(), "version": 1, "reached": "1"})
    goal.refresh_from_db()
    assert goal.reached_on == TODAY
    client.post(url, {"request_key": new_key(), "version": 2})
    goal.refresh_from_db()
    assert goal.reached_on is None
    other = a_plan(cast, region="back", condition="Back", diagnosis_codes=("M54.50",))
    assert client.post(reverse("plans:goal", args=[other.pk, goal.pk]), {"version": 3}).status_code == 404


def test_a_package_and_home_activities_are_kept_through_a_revision(cast, client_of, now):
    plan = a_plan(
        cast, home=(HomeWish("mind", "Body scan", 3, "ten minutes"), HomeWish("exercise", "Walk", 7))
    )
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    posted(client, url, version=plan.version, symptoms="Less stiff", why="Better")
    plan.refresh_from_db()
    assert plan.symptoms == "Less stiff"
    assert [(row.name, row.ended_on) for row in plan.home_activities.all()] == [
        ("Body scan", None),
        ("Walk", None),
    ]
    assert sorted(plan.revisions.get(kind="revised").after) == ["symptoms"]


def test_a_draft_and_its_form_are_the_same(cast, client_of, now):
    """What the page shows of a plan, sent back, is the plan: nothing changes by itself."""
    draft = a_draft(cast)
    plan = a_plan(cast)
    stored = actions.draft_of(plan)
    assert (stored.phases, stored.goals, stored.home, stored.measures) == (
        draft.phases,
        draft.goals,
        draft.home,
        draft.measures,
    )
