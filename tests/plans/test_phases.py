"""The phases of a plan: how far apart their visits lie, and how they are added, taken out and moved on its page."""

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from plans.actions import plans as actions
from plans.models import Plan, PlanVisit
from plans.queries.making import draft_of
from plans.queries.progress import of_patient
from plans.rules import prefill
from plans.rules.making import PhaseWish, reasons_about
from plans.rules.phases import gaps_of, laid_out, offsets_after
from plans.rules.prefill import MOST_PHASES, rearranged
from tests.cast import NOW
from tests.packages.rows import approved
from tests.plans.pages import posted, shown
from tests.plans.rows import TODAY, a_plan, booked, given

ACUPUNCTURE, BOTH = "acupuncture_follow_up", "acupuncture_adjustment"


@pytest.mark.parametrize(
    "offsets, before, gaps", [((0, 3, 7), 0, [0, 3, 4]), ((49, 63), 35, [14, 14]), ((), 5, [])]
)
def test_gaps(offsets, before, gaps):
    assert gaps_of(offsets, before) == gaps


@pytest.mark.parametrize(
    "kept, visits, least, most, offsets",
    [
        ([0, 3, 4], 2, 2, 7, (0, 3)),  # cut off
        ([0, 3, 4], 5, 2, 7, (0, 3, 7, 11, 15)),  # carried on at its last distance
        ([0], 3, 1, 14, (0, 7, 14)),
        ([], 3, 10, 14, (0, 10, 20)),  # a week, if it may be
        ([0, 3, 4, 7], 4, 5, 6, (0, 5, 10, 16)),  # what was typed counts, not the days before it
    ],
)
def test_a_phase_is_laid_out(kept, visits, least, most, offsets):
    assert offsets_after(None, laid_out(kept, visits, least, most)) == offsets


def test_a_later_phase_follows_the_last_visit():
    assert offsets_after(35, laid_out([14, 14, 14], 3, 13, 17)) == (49, 63, 77)
    assert offsets_after(35, laid_out([0, 3], 2, 2, 10)) == (42, 45)  # it began the plan before


def some_lines(*kinds):
    return [prefill.line(kind, [0, 7], 6, 10, service=index) for index, kind in enumerate(kinds, start=1)]


def services(lines):
    return [one["service"] for one in lines]


@pytest.mark.parametrize(
    "what, order, focus",
    [
        ("up-2", [2, 1, 3], "down-1"),
        ("up-3", [1, 3, 2], "up-2"),
        ("down-1", [2, 1, 3], "down-2"),
        ("down-2", [1, 3, 2], "up-3"),
        ("out-1", [2, 3], "line-1"),
        ("out-3", [1, 2], "line-2"),
        ("up-1", [1, 2, 3], ""),
        ("down-3", [1, 2, 3], ""),
        ("out-4", [1, 2, 3], ""),
        ("out-0", [1, 2, 3], ""),
        ("sideways-2", [1, 2, 3], ""),
        ("up-²", [1, 2, 3], ""),
        ("", [1, 2, 3], ""),
    ],
)
def test_the_buttons_of_a_phase(what, order, focus):
    lines, found = rearranged(some_lines("active", "active", "maintenance"), what)
    assert (services(lines), found) == (order, focus)


def test_the_only_phase_stays():
    assert services(rearranged(some_lines("active"), "out-1")[0]) == [1]


def test_phases_are_added_where_they_belong():
    lines, focus = rearranged(some_lines("active", "maintenance"), "more")
    assert [(one["kind"], one["visits"], one["least"], one["most"]) for one in lines] == [
        ("active", 2, 6, 10),
        ("active", 4, 6, 10),
        ("maintenance", 2, 6, 10),
    ]
    assert (services(lines), focus) == ([1, 1, 2], "visits-2")
    lines, focus = rearranged(some_lines("active"), "maintenance")
    assert (lines[1]["kind"], lines[1]["gaps"], lines[1]["row"]) == ("maintenance", "14,14,14", "")
    full = some_lines(*["active"] * MOST_PHASES)
    assert rearranged(full, "more") == (full, "")


def test_maintenance_comes_last(cast):
    first = PhaseWish("active", "Acupuncture", 4, (0, 7, 14, 21), 6, 10)
    later = replace(first, kind="maintenance")
    for phases, reasons in [
        ((first, later), []),
        ((later, first), ["Maintenance comes after the treatment. Move it below."]),
        ((later,), ["A plan has at least one visit. Say how many."]),
    ]:
        draft = a_draft_of(phases)
        assert reasons_about(draft, {"M54.2"}) == reasons


def a_draft_of(phases):
    values = {"condition": "Neck pain", "region": "neck", "lead": "Mei", "location": None, "starts_on": TODAY}
    return actions.rules.Draft(**values, phases=tuple(phases))


def two_phases(cast):
    """Four visits of both disciplines, then four of acupuncture, then maintenance."""
    return (
        PhaseWish("active", cast.service(BOTH), 4, (0, 3, 7, 10), 2, 7),
        PhaseWish("active", cast.service(ACUPUNCTURE), 4, (17, 24, 31, 38), 6, 10),
        PhaseWish("maintenance", cast.service(ACUPUNCTURE), 3, (52, 66, 80), 13, 17),
    )


def stored(plan):
    rows = plan.phases.filter(closed=False).order_by("position").select_related("service")
    return [(row.kind, row.service.key, row.visits, row.offsets) for row in rows]


@pytest.fixture
def plan(cast, now):
    return a_plan(cast, phases=two_phases(cast))


@pytest.mark.django_db
def test_every_phase_is_on_the_page_and_goes_through_it_unchanged(cast, client_of, plan):
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    before = stored(plan)
    answer = posted(client, url, version=plan.version, symptoms="Less stiff", why="Better")
    assert answer.status_code == 303
    assert stored(plan) == before
    assert sorted(plan.revisions.get(kind="revised").after) == ["symptoms"]


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [True, False])
def test_phases_are_rearranged_before_anything_is_kept(cast, client_of, plan, htmx):
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    before = stored(plan)
    headers = {"HX-Request": "true"} if htmx else {}
    values = {"arrange": "down-1", "version": plan.version, "why": "Half typed", "goal_2": "Sleep"}
    page = client.post(url, whole(client.get(url)) | values, headers=headers)
    assert (page.status_code, stored(plan)) == (200, before)
    assert ("<html" in shown(page)) is not htmx
    assert 'data-dirty="1"' in shown(page)
    form = page.context["form"]
    assert [form[name].value() for name in ("why", "goal_2", "phase_1_visits", "phase_1_service")] == [
        "Half typed",
        "Sleep",
        "4",
        str(cast.service(ACUPUNCTURE).pk),
    ]
    assert form["measures"].value() == ["NRS", "PEG"]
    done = posted(client, url, page, version=plan.version, why="Needles alone first", arrange=None)
    assert done.status_code == 303
    assert stored(plan) == [
        ("active", ACUPUNCTURE, 4, [0, 7, 14, 21]),
        ("active", BOTH, 4, [28, 31, 35, 38]),
        ("maintenance", ACUPUNCTURE, 3, [52, 66, 80]),
    ]
    told = plan.revisions.get(kind="revised")
    assert (told.why, sorted(told.after)) == ("Needles alone first", ["goals", "phases"])


def whole(page):
    """Everything the form sends, as text."""
    values = {}
    for field in page.context["form"]:
        if field.value() is not None and field.value() is not False and field.value() != "":
            values[field.html_name] = field.value()
    return values


@pytest.mark.django_db
def test_a_phase_is_added_and_one_taken_out(cast, client_of, plan):
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    page = client.post(url, whole(client.get(url)) | {"arrange": "out-2", "version": 1})
    page = client.post(url, whole(page) | {"arrange": "more", "version": 1})
    assert page.context["form"].count == 3
    done = posted(client, url, page, version=1, phase_2_visits="2", why="Shorter")
    assert done.status_code == 303
    assert stored(plan) == [
        ("active", BOTH, 4, [0, 3, 7, 10]),
        ("active", BOTH, 2, [17, 24]),
        ("maintenance", ACUPUNCTURE, 3, [38, 52, 66]),
    ]
    assert plan.phases.filter(closed=True).count() == 1
    positions = list(plan.phases.order_by("position").values_list("position", "closed"))
    assert positions == [(1, False), (2, False), (3, False), (4, True)]


@pytest.mark.django_db
def test_a_new_plan_has_as_many_phases_as_are_added(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    page = client.post(url, whole(client.get(url)) | {"arrange": "maintenance", "goal_1": "Garden"})
    assert (page.status_code, Plan.objects.count()) == (200, 0)
    assert page.context["form"]["goal_1"].value() == "Garden"
    page = client.post(url, whole(page) | {"arrange": "more"})
    done = posted(client, url, page, code="M54.2")
    assert done.status_code == 303
    assert stored(Plan.objects.get()) == [
        ("active", ACUPUNCTURE, 8, [0, 3, 7, 10, 14, 21, 28, 35]),
        ("active", ACUPUNCTURE, 4, [42, 49, 56, 63]),
        ("maintenance", ACUPUNCTURE, 3, [77, 91, 105]),
    ]


@pytest.mark.django_db
def test_another_template_brings_its_own_phases(cast, client_of, now):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    page = client.post(url, whole(client.get(url)) | {"arrange": "maintenance"})
    page = client.post(url, whole(page) | {"choose": "1", "template": "bia_enhanced"})
    form = page.context["form"]
    assert (form.count, form["phase_1_visits"].value()) == (1, 15)
    page = client.post(url, whole(page) | {"arrange": "maintenance"})
    form = page.context["form"]
    assert [form[f"phase_2_{name}"].value() for name in ("visits", "least", "most")] == [6, 13, 17]


@pytest.mark.django_db
def test_a_phase_that_goes_on_keeps_its_row(cast, plan):
    """Booked visits point at it, wherever it is moved."""
    rows = list(plan.phases.order_by("position"))
    visit = booked(cast, "2026-11-27", service=BOTH)
    link = PlanVisit.objects.create(
        plan=plan, phase=rows[0], number=1, appointment=visit, linked_at=NOW, linked_by=cast.ana
    )
    draft = draft_of(plan)
    first, second, later = draft.phases
    moved = replace(draft, phases=(second, replace(first, visits=3, offsets=(24, 27, 31)), later))
    actions.revise(by=cast.mei, plan=plan, version=1, draft=moved, why="Needles first", now=NOW)
    link.refresh_from_db()
    assert (link.phase.position, link.phase.service.key, link.phase.visits) == (2, BOTH, 3)
    assert [row.pk for row in plan.phases.order_by("position")] == [rows[1].pk, rows[0].pk, rows[2].pk]


@pytest.mark.django_db
def test_a_row_of_another_plan_is_not_taken(cast, plan):
    other = a_plan(cast, patient=cast.rita)
    theirs = other.phases.get()
    draft = draft_of(plan)
    wrong = replace(draft, phases=(replace(draft.phases[0], visits=2, offsets=(0, 3), row=theirs.pk),))
    actions.revise(by=cast.mei, plan=plan, version=1, draft=wrong, why="Mixed up", now=NOW)
    theirs.refresh_from_db()
    assert (theirs.plan_id, theirs.visits) == (other.pk, 8)
    assert plan.phases.filter(closed=False).get().visits == 2


@pytest.mark.django_db
def test_visits_booked_beyond_the_plan_are_said(cast, client_of, now):
    plan = a_plan(cast, starts_on=date(2026, 11, 2))
    given(cast, "2026-11-10")
    for day in ("2026-11-27", "2026-11-30"):
        booked(cast, day)
    client, url = client_of(cast.mei), reverse("plans:revise", args=[plan.pk])
    posted(client, url, version=plan.version, phase_1_visits="2", why="Better already")
    page = client.get(reverse("plans:of_patient", args=[cast.maria.pk]))
    told = "Plan revised. 1 booked visit is more than it has now: cancel it, or plan it."
    assert told in shown(page)
    assert "1 booked beyond the plan" in shown(page)
    assert [(one.over, one.extra) for one in of_patient(cast.maria, TODAY)] == [(1, 0)]


@pytest.mark.django_db
def test_another_first_day_alone_is_a_revision(cast, now):
    plan = a_plan(cast)
    changed = replace(draft_of(plan), starts_on=date(2026, 12, 1))
    actions.revise(by=cast.mei, plan=plan, version=1, draft=changed, why="Travels first", now=NOW)
    assert plan.revisions.get(kind="revised").after == {"starts_on": "2026-12-01"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong, status",
    [
        ({"phases": "x"}, 422),
        ({"phases": "-3"}, 303),  # one phase
        ({"phases": "999"}, 303),
        ({"phases": "8"}, 422),
        ({"phase_1_gaps": "1,b"}, 422),
        ({"phase_1_row": "x"}, 422),
        ({"phase_1_kind": "rest"}, 422),
        ({"phase_1_service": "0"}, 422),
    ],
)
def test_a_form_that_was_tampered_with(cast, client_of, now, wrong, status):
    client, url = client_of(cast.mei), reverse("plans:new", args=[cast.maria.pk])
    assert posted(client, url, code="M54.2", **wrong).status_code == status
    assert [plan.phases.count() for plan in Plan.objects.all()] == ([1] if status == 303 else [])


@pytest.mark.django_db
def test_the_plans_page_shows_the_phases_and_what_it_draws_on(cast, client_of, now):
    phases = [replace(one, order_rule="Acupuncture, then Adjustment") for one in two_phases(cast)[:1]]
    plan = a_plan(cast, phases=(*phases, *two_phases(cast)[1:]))
    plan.authorization = approved(cast, cast.maria)
    plan.save()
    for who in (cast.mei, cast.ana):
        text = shown(client_of(who).get(reverse("plans:of_patient", args=[cast.maria.pk])))
        for words in (
            "4 × Acupuncture + adjustment, 2 to 7 days apart",
            "(Acupuncture, then Adjustment)",
            "4 × Acupuncture follow-up, 6 to 10 days apart",
            "Maintenance: 3 × Acupuncture follow-up, 13 to 17 days apart",
            f"<dt>Insurance visits</dt><dd>{plan.authorization.coverage} {plan.authorization.number}</dd>",
        ):
            assert words in text, words
