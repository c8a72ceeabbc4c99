"""A plan made, revised, looked at, paused, resumed, ended: what is kept, what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEvent
from clinic.refusal import Refused
from outcomes.models import Assessment
from plans.actions import plans as actions
from plans.models import Goal, Plan, PlanStatus, PlanTemplate, RevisionKind, Study
from plans.queries.making import draft_of
from plans.rules.making import GoalWish, HomeWish
from tests.cast import NOW
from tests.plans.rows import TODAY, WORDS, a_draft, a_plan

pytestmark = pytest.mark.django_db


def refusal_of(cast, **changes):
    with pytest.raises(Refused) as refusal:
        a_plan(cast, **changes)
    return refusal.value.reasons


def test_a_plan_from_a_template(cast, now):
    plan = a_plan(cast)
    source = Study.objects.get(key="MAYO").title
    assert (plan.template_key, plan.dose_source, plan.status) == ("neck_6_8", source, PlanStatus.ACTIVE)
    assert len(plan.template_sha256) == 64
    phase = plan.phases.get()
    assert (phase.visits, phase.offsets, phase.min_days, phase.max_days) == (
        8,
        [0, 3, 7, 10, 14, 21, 28, 35],
        2,
        10,
    )
    assert plan.goals.get().words == WORDS
    assert plan.home_activities.get().started_on == TODAY
    revision = plan.revisions.get()
    assert (revision.kind, revision.by, revision.after["condition"]) == (
        RevisionKind.CREATED,
        cast.mei,
        "Neck pain for three months",
    )


def test_making_a_plan_sets_its_score_checks_with_the_first_due_now(cast, now):
    plan = a_plan(cast)
    rows = Assessment.objects.filter(plan=plan.pk).order_by("due_on")
    assert [(row.occasion, (row.due_on - TODAY).days) for row in rows] == [
        ("baseline", 0),
        ("mid_course", 28),
        ("3_months", 91),
        ("6_months", 182),
        ("12_months", 365),
    ]
    assert {tuple(row.measures) for row in rows} == {("NRS", "PEG")}
    assert {row.lead for row in rows} == {cast.mei}


def test_the_audit_names_the_plan_and_no_clinical_word(cast, now):
    plan = a_plan(cast)
    event = AuditEvent.objects.get(verb="make plan")
    assert (event.patient, event.detail) == (cast.maria.pk, {"template": "neck_6_8"})
    assert event.object == f"plans.plan:{plan.pk}"


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"condition": " "}, "Name the condition, or choose a diagnosis code."),
        (
            {"diagnosis_codes": ("M54.2", "XX.1")},
            "XX.1 is not in the catalog. Choose a diagnosis code from the list.",
        ),
        ({"phases": ()}, "A plan has at least one visit. Say how many."),
        ({"goals": (GoalWish(measure="NRS"),)}, "Give NRS a target, or leave it out."),
    ],
)
def test_what_a_plan_needs(cast, now, changes, reason):
    assert refusal_of(cast, **changes) == [reason]
    assert not Plan.objects.exists()


def test_a_plan_does_not_begin_in_the_past(cast, now):
    draft = a_draft(cast, starts_on=TODAY - timedelta(days=1))
    with pytest.raises(Refused) as refusal:
        actions.make(by=cast.mei, patient=cast.maria, draft=draft, now=NOW)
    assert refusal.value.reasons == ["The first treatment lies in the past. Choose today or a later day."]


def test_spacing_is_in_order(cast, now):
    phase = a_draft(cast).phases[0]
    assert refusal_of(cast, phases=(replace(phase, min_days=9, max_days=3),)) == [
        "The most days between two visits cannot be fewer than the least."
    ]


def test_a_second_plan_for_a_region_says_why(cast, now):
    first = a_plan(cast)
    assert refusal_of(cast) == [
        "There is a plan for this region already. Revise it, or say why another one runs beside it."
    ]
    beside = a_plan(cast, why_beside="The jaw is treated on its own.")
    assert beside.revisions.get().why == "The jaw is treated on its own."
    a_plan(cast, region="back", condition="Low back pain", diagnosis_codes=("M54.50",))
    actions.discharge(by=cast.mei, plan=beside, version=1, why="Done", now=NOW)
    actions.discharge(by=cast.mei, plan=first, version=1, why="Done", now=NOW)
    a_plan(cast)  # nothing stands beside it any more


def test_a_template_that_is_off_is_refused(cast, now):
    medicare = PlanTemplate.objects.get(key="medicare_clbp")
    assert refusal_of(cast, template=medicare) == [
        "This template is off. Choose another one, or ask the owner to switch it on."
    ]


def test_a_merged_record_gets_no_plan(cast, now):
    cast.maria.merged_into = cast.rita
    cast.maria.save()
    assert refusal_of(cast) == ["This is an old record. Open the one it was merged into."]


def test_a_revision_keeps_who_why_and_what(cast, now):
    plan = a_plan(cast)
    draft = draft_of(plan)
    phase = replace(draft.phases[0], visits=10, offsets=(*draft.phases[0].offsets, 42, 49))
    goals = (*draft.goals, GoalWish(measure="NRS", baseline=Decimal("6.00"), target=Decimal("4.00")))
    changed = replace(draft, phases=(phase,), goals=goals, home=(HomeWish("movement", "Tai chi", 2),))
    actions.revise(by=cast.daniel, plan=plan, version=1, draft=changed, why="Slower than hoped.", now=NOW)
    last = plan.revisions.order_by("-at", "kind").get(kind=RevisionKind.REVISED)
    assert (last.by, last.why) == (cast.daniel, "Slower than hoped.")
    assert (last.before["phases"], last.after["phases"]) == (
        ["8 × Acupuncture follow-up, 2 to 10 days apart"],
        ["10 × Acupuncture follow-up, 2 to 10 days apart"],
    )
    assert sorted(last.after) == ["goals", "home", "phases"]
    assert plan.phases.get().visits == 10  # the same row: booked visits point at it
    assert list(plan.goals.filter(dropped_on=None).values_list("words", "measure")) == [
        (WORDS, ""),
        ("", "NRS"),
    ]
    assert list(plan.home_activities.values_list("name", "ended_on")) == [
        ("Chin tucks", TODAY),
        ("Tai chi", None),
    ]


def test_another_number_of_visits_than_the_source_speaks_of_is_a_clinic_default(cast, now):
    plan = a_plan(cast)
    assert plan.dose_source == Study.objects.get(key="MAYO").title
    for visits, source in [(9, ""), (6, plan.dose_source), (5, "")]:
        draft = draft_of(plan)
        offsets = tuple(range(0, visits * 7, 7))
        changed = replace(draft, phases=(replace(draft.phases[0], visits=visits, offsets=offsets),))
        plan.refresh_from_db()
        actions.revise(by=cast.mei, plan=plan, version=plan.version, draft=changed, why="More, less", now=NOW)
        assert Plan.objects.get().dose_source == source
    phase = replace(a_draft(cast).phases[0], visits=10, offsets=tuple(range(0, 70, 7)))
    other = a_plan(cast, region="back", phases=(phase,), diagnosis_codes=("M54.50",))
    assert (other.dose_source, other.template_key) == ("", "neck_6_8")


def test_a_revision_that_changes_nothing_is_refused(cast, now):
    plan = a_plan(cast)
    with pytest.raises(Refused) as refusal:
        actions.revise(by=cast.mei, plan=plan, version=1, draft=draft_of(plan), why="Looked at it.", now=NOW)
    assert refusal.value.reasons == ["Nothing was changed. Change something, or go back."]


def test_a_revision_without_a_reason_or_on_an_old_version_is_refused(cast, now):
    plan = a_plan(cast)
    changed = replace(draft_of(plan), condition="Neck pain")
    with pytest.raises(Refused) as refusal:
        actions.revise(by=cast.mei, plan=plan, version=1, draft=changed, why=" ", now=NOW)
    assert refusal.value.reasons == ["Say why, in a few words."]
    actions.revise(by=cast.mei, plan=plan, version=1, draft=changed, why="Shorter", now=NOW)
    with pytest.raises(Refused) as refusal:
        actions.revise(by=cast.mei, plan=plan, version=1, draft=changed, why="Again", now=NOW)
    assert refusal.value.conflict


def test_a_dropped_phase_is_closed_and_stays(cast, now):
    first = a_draft(cast).phases[0]
    later = replace(first, kind="maintenance", visits=3, offsets=(49, 63, 77))
    plan = a_plan(cast, phases=(first, later))
    changed = replace(draft_of(plan), phases=draft_of(plan).phases[:1])
    actions.revise(by=cast.mei, plan=plan, version=1, draft=changed, why="Not wanted.", now=NOW)
    assert list(plan.phases.values_list("kind", "closed")) == [("active", False), ("maintenance", True)]


def test_pause_resume_and_discharge(cast, now):
    plan = a_plan(cast)
    actions.pause(by=cast.mei, plan=plan, version=1, why="Travels", now=NOW)
    pause = plan.pauses.get()
    assert (pause.from_on, pause.until_on, pause.why) == (TODAY, None, "Travels")
    with pytest.raises(Refused) as refusal:
        actions.pause(by=cast.mei, plan=plan, version=2, why="Again", now=NOW)
    assert refusal.value.reasons == ["This plan is paused already."]
    actions.resume(by=cast.mei, plan=plan, version=2, now=NOW + timedelta(days=7))
    pause.refresh_from_db()
    assert pause.until_on == date(2026, 12, 1)
    actions.discharge(by=cast.mei, plan=plan, version=3, why="Goals reached", now=NOW + timedelta(days=8))
    plan.refresh_from_db()
    assert (plan.status, plan.ended_why) == (PlanStatus.DISCHARGED, "Goals reached")
    checks = Assessment.objects.filter(plan=plan.pk).order_by("due_on")
    assert list(checks.values_list("occasion", "status")) == [
        ("baseline", "cancelled"),
        ("mid_course", "cancelled"),
        ("3_months", "open"),
        ("6_months", "open"),
        ("12_months", "open"),
    ]
    kinds = list(plan.revisions.order_by("at").values_list("kind", flat=True))
    assert sorted(kinds) == ["created", "discharged", "paused", "resumed"]


@pytest.mark.parametrize("step", ["pause", "discharge", "review"])
def test_a_step_has_a_reason(cast, now, step):
    plan = a_plan(cast)
    with pytest.raises(Refused) as refusal:
        getattr(actions, step)(by=cast.mei, plan=plan, version=1, why=" ", now=NOW)
    assert refusal.value.reasons == ["Say why, in a few words."]


def test_a_plan_that_is_over_is_changed_no_more(cast, now):
    plan = a_plan(cast)
    actions.discharge(by=cast.mei, plan=plan, version=1, why="Moved away", now=NOW)
    plan.refresh_from_db()
    refused = ["This plan is over. Make a new one."]
    for step in ("pause", "discharge", "review"):
        with pytest.raises(Refused) as refusal:
            getattr(actions, step)(by=cast.mei, plan=plan, version=2, why="x", now=NOW)
        assert refusal.value.reasons[:1] == refused
    goal = plan.goals.get()
    with pytest.raises(Refused) as refusal:
        actions.mark_goal(by=cast.mei, plan=plan, goal=goal, version=1, reached=True, today=TODAY)
    assert refusal.value.reasons == refused


def test_a_look_back_counts_from_now(cast, now):
    plan = a_plan(cast)
    actions.review(by=cast.mei, plan=plan, version=1, why="Sleeps better.", now=NOW)
    plan.refresh_from_db()
    assert plan.reviewed_at == NOW
    assert plan.revisions.get(kind=RevisionKind.REVIEWED).why == "Sleeps better."


def test_a_goal_is_reached_and_not_after_all(cast, now):
    plan = a_plan(cast)
    goal = plan.goals.get()
    actions.mark_goal(by=cast.mei, plan=plan, goal=goal, version=1, reached=True, today=TODAY)
    assert Goal.objects.get().reached_on == TODAY
    actions.mark_goal(by=cast.mei, plan=plan, goal=goal, version=2, reached=False, today=TODAY)
    assert Goal.objects.get().reached_on is None


@pytest.mark.parametrize(
    "change",
    [
        {"status": "sleeping"},
        {"status": "discharged"},
        {"condition": ""},
        {"ended_why": "Because", "ended_at": NOW},
    ],
)
def test_the_database_keeps_a_plan_whole(cast, now, change):
    plan = a_plan(cast)
    for name, value in change.items():
        setattr(plan, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.save()


def test_the_database_keeps_one_open_pause(cast, now):
    plan = a_plan(cast)
    plan.pauses.create(from_on=TODAY, why="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.pauses.create(from_on=TODAY, why="two")


@pytest.mark.parametrize("wrong", [{"words": ""}, {"words": "", "measure": "NRS"}])
def test_the_database_refuses_an_empty_goal(cast, now, wrong):
    plan = a_plan(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.goals.create(position=9, **wrong)
