"""Templates as the owner changes them: the clinic's own row over ours, checked, and plans made before left alone."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.urls import reverse

from clinic.actions.reference import own_row
from clinic.models import AuditEvent
from clinic.refusal import Refused
from plans.actions import templates as actions
from plans.models import Plan, PlanTemplate
from plans.queries import library
from plans.rules import templates as rules
from plans.rules.templates import Check, reasons_not_to_save, values_of, wish_of
from tests.plans.pages import form_values, posted, shown
from tests.plans.rows import a_plan

CHANGE = reverse("plans:template_change", args=["neck_6_8"])
DAYS = "0, 4, 7, 11, 14, 21, 28"


def a_row(**changes):
    values = {
        "name": "Neck",
        "region": "neck",
        "visits": [{"visit": 1, "day": 0, "week": 1}, {"visit": 2, "day": 7, "week": 2}],
        "visits_min": 2,
        "visits_max": 3,
        "visits_planned": 2,
        "duration_weeks": 4,
        "minutes_per_visit": 60,
        "maintenance": None,
        "point_suggestions": {"local": ["GB20"], "ashi": True},
        "measures": ["NRS"],
        "outcome_schedule": [{"at": "baseline", "day": 0, "window_days": 7}],
        "dose_source": ["MAYO"],
        "dose_note": "",
        "note": "",
        "hidden": False,
    }
    return SimpleNamespace(**values | changes)


def test_a_template_goes_through_its_page_unchanged():
    row = a_row()
    after = values_of(wish_of(row), row)
    assert rules.changed({name: getattr(row, name) for name in after}, after) == ({}, {})


@pytest.mark.django_db
def test_so_does_every_template_that_ships(cast):
    for row in PlanTemplate.objects.all():
        after = values_of(wish_of(row), row)
        assert rules.changed({name: getattr(row, name) for name in after}, after) == ({}, {}), row.key


def test_days_give_visits_and_weeks():
    row = a_row()
    after = values_of(replace(wish_of(row), days=(0, 3, 15)), row)
    assert (after["visits_planned"], after["duration_weeks"]) == (3, 3)
    assert after["visits"][2] == {"visit": 3, "day": 15, "week": 3}
    assert after["point_suggestions"] == {
        "local": ["GB20"],
        "ashi": True,
    }  # what the page does not show stays


def test_maintenance_follows_the_course():
    row = a_row()
    after = values_of(replace(wish_of(row), later=(2, 14)), row)["maintenance"]
    assert after == {
        "optional": True,
        "start_day": 21,
        "end_day": 35,
        "visits_min": 2,
        "visits_max": 2,
        "spacing_days": 14,
        "visits": [{"visit": 3, "day": 21, "week": 4}, {"visit": 4, "day": 35, "week": 6}],
    }
    kept = a_row(maintenance=after | {"requires": "improvement", "visits_min": 1})
    again = values_of(replace(wish_of(kept), later=(3, 14)), kept)["maintenance"]
    assert (again["requires"], again["visits_min"], again["visits_max"]) == ("improvement", 1, 3)
    assert values_of(replace(wish_of(kept), later=None), kept)["maintenance"] is None


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"name": " "}, "Give the template a name."),
        ({"days": (1, 7)}, "The first visit is on day 0. Begin with 0."),
        ({"days": (0, 7, 7), "most": 3}, "Each visit is on a later day than the one before, up to day 730."),
        ({"days": (0, 731)}, "Each visit is on a later day than the one before, up to day 730."),
        (
            {"days": (0,)},
            "1 visit is planned. “At least” is not more than that, “at most” not fewer.",
        ),
        (
            {"most": 5},
            "The source speaks of 2 to 3 visits. Keep to them, or take the source off.",
        ),
        (
            {"points": {"local": ("GB20", "GB99")}},
            "GB99: not in the catalog of points. Correct the code, or leave it out.",
        ),
    ],
)
def test_what_speaks_against_a_template(changes, reason):
    wish = replace(wish_of(a_row()), **changes)
    assert reasons_not_to_save(wish, a_row(), {"GB20"}) == [reason]


def test_without_a_source_the_dose_is_the_clinics():
    wish = replace(wish_of(a_row()), most=12, dose_source=())
    assert reasons_not_to_save(wish, a_row(), {"GB20"}) == []


@pytest.mark.django_db
def test_the_owner_changes_a_template_on_its_page(cast, client_of, now):
    client = client_of(cast.olive)
    assert CHANGE in shown(client.get(reverse("plans:template", args=["neck_6_8"])))
    answer = posted(client, CHANGE, version=1, days=DAYS, points_local="gb20, gb21", day_16_weeks="112")
    assert answer.status_code == 303
    row = PlanTemplate.objects.in_force().get(key="neck_6_8")
    assert (row.origin, row.visits_planned, row.duration_weeks) == ("clinic", 7, 5)
    assert (row.point_suggestions["local"], row.point_suggestions["distal"][0]) == (["GB20", "GB21"], "LI4")
    assert Check("16_weeks", 112, 0) in wish_of(row).checks
    ours = PlanTemplate.objects.get(key="neck_6_8", origin="shipped")
    assert (ours.visits_planned, ours.point_suggestions["local"][:2]) == (8, ["GB20", "BL10"])
    page = shown(client.get(reverse("plans:template", args=["neck_6_8"])))
    assert "This clinic’s own, version 2." in page
    assert "Plans made before a change stay as they are." in page
    event = AuditEvent.objects.get(verb="change plan template")
    assert (event.by, event.detail["before"]["visits_planned"], event.detail["after"]["visits_planned"]) == (
        cast.olive,
        8,
        7,
    )


@pytest.mark.django_db
def test_plans_made_before_stay_and_say_so(cast, client_of, now):
    plan = a_plan(cast)
    address = reverse("plans:of_patient", args=[cast.maria.pk])
    words = "(changed since; this plan stays as it was made)"
    assert words not in shown(client_of(cast.mei).get(address))
    client = client_of(cast.olive)
    assert "1 running plan was made from it." in shown(client.get(CHANGE))
    posted(client, CHANGE, version=1, days=DAYS)
    assert plan.phases.get().offsets == [0, 3, 7, 10, 14, 21, 28, 35]
    assert words in shown(client_of(cast.mei).get(address))
    a_plan(cast, patient=cast.rita)
    assert words not in shown(client_of(cast.mei).get(reverse("plans:of_patient", args=[cast.rita.pk])))
    page = client_of(cast.mei).get(reverse("plans:new", args=[cast.leo.pk]))
    assert page.context["form"]["phase_1_gaps"].value() == "0,4,3,4,3,7,7"


@pytest.mark.django_db
def test_what_does_not_hold_is_refused_with_what_was_typed(cast, client_of, now):
    client = client_of(cast.olive)
    for changes, words in [
        ({"days": "0, x"}, "Write the days as numbers with commas: 0, 3, 7, 14."),
        ({"days": "0, 7"}, "2 visits are planned."),
        ({"later_visits": "3"}, "Say how many and how far apart, or leave both empty."),
        ({"points_distal": "LI99"}, "LI99: not in the catalog of points."),
        ({}, "Nothing was changed."),
    ]:
        answer = posted(client, CHANGE, version=1, **changes)
        assert (answer.status_code, words in shown(answer)) == (422, True), words
        for name, value in changes.items():
            assert answer.context["form"][name].value() == value
    assert not PlanTemplate.objects.filter(origin="clinic").exists()


@pytest.mark.django_db
def test_two_owners_do_not_overwrite_each_other(cast, client_of, now):
    client = client_of(cast.olive)
    row = own_row(by=cast.olive, row=PlanTemplate.objects.get(key="neck_6_8"))
    posted(client, CHANGE, version=row.version, note="First")
    answer = posted(client, CHANGE, version=row.version, note="Second")
    assert (answer.status_code, "First" in shown(answer), "Second" in shown(answer)) == (409, True, True)
    assert PlanTemplate.objects.get(pk=row.pk).note == "First"


@pytest.mark.django_db
def test_ours_counts_again(cast, client_of, now):
    client = client_of(cast.olive)
    posted(client, CHANGE, version=1, days=DAYS)
    row = PlanTemplate.objects.in_force().get(key="neck_6_8")
    url = reverse("plans:template_ours", args=["neck_6_8"])
    assert client.post(url, {"version": row.version, "request_key": "k" * 22}).status_code == 303
    assert PlanTemplate.objects.in_force().get(key="neck_6_8").visits_planned == 8
    again = shown(client.get(reverse("plans:template", args=["neck_6_8"])))
    assert "Ours counts again" in again
    assert "This clinic’s own" not in again
    client.post(url, {"version": 1, "request_key": "l" * 22})
    assert "This row is ours already." in shown(client.get(reverse("plans:templates")))


@pytest.mark.django_db
def test_a_new_template_begins_as_a_copy_and_claims_no_study(cast, client_of, now):
    client, url = client_of(cast.olive), reverse("plans:template_copy", args=["neck_6_8"])
    assert form_values(client.get(url))["dose_source"] == []
    assert posted(client, url).status_code == 422  # it has no name yet
    again = posted(client, url, name="neck pain, SHORT course of 6 to 8")
    assert "There is a template of this name." in shown(again)
    answer = posted(client, url, name="Neck, ten weekly", days="0, 7, 14", least="2", most="10")
    row = PlanTemplate.objects.get(name="Neck, ten weekly")
    assert answer["Location"] == reverse("plans:template", args=[row.key])
    assert (row.origin, row.dose_source, row.visits_planned) == ("clinic", [], 3)
    assert library.template(row.key).dose.said == "Clinic default"
    assert "Neck, ten weekly" in shown(client_of(cast.mei).get(reverse("plans:new", args=[cast.maria.pk])))
    plan = a_plan(cast, template=row)
    assert (Plan.objects.get(pk=plan.pk).template_key, plan.dose_source) == (row.key, "")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mei", "ana"])
def test_others_only_read_them(cast, client_of, now, who):
    client = client_of(getattr(cast, who))
    for name in ("template_change", "template_copy"):
        assert client.get(reverse(f"plans:{name}", args=["neck_6_8"])).status_code == 403
    assert client.post(reverse("plans:template_ours", args=["neck_6_8"])).status_code == 403


@pytest.mark.django_db
def test_a_source_cannot_be_claimed_for_another_number_of_visits(cast, now):
    row = PlanTemplate.objects.get(key="neck_6_8")
    wish = replace(wish_of(row), most=12)
    with pytest.raises(Refused) as refusal:
        actions.change_template(by=cast.olive, row=row, version=1, wish=wish)
    assert refusal.value.reasons == [
        "The source speaks of 6 to 8 visits. Keep to them, or take the source off."
    ]
    actions.change_template(by=cast.olive, row=row, version=1, wish=replace(wish, dose_source=()))
    assert library.template("neck_6_8").dose.said == "Clinic default"


@pytest.mark.django_db
def test_a_copy_takes_no_source_along(cast, now):
    row = PlanTemplate.objects.get(key="neck_6_8")
    wish = replace(wish_of(row), name="Neck, as ours")
    assert wish.dose_source == ("MAYO",)
    assert actions.copy_template(by=cast.olive, row=row, wish=wish).dose_source == []


@pytest.mark.django_db
def test_the_admin_leaves_lists_to_the_page(cast, client_of, now):
    client = client_of(cast.olive)
    row = own_row(by=cast.olive, row=PlanTemplate.objects.get(key="neck_6_8"))
    page = client.get(reverse("admin:plans_plantemplate_change", args=[row.pk]))
    form = page.context["adminform"].form
    assert {"visits", "outcome_schedule", "point_suggestions", "dose_source"} & set(form.fields) == set()
    assert "name" in form.fields
    assert reverse("plans:template", args=["neck_6_8"]) in shown(page)
    assert client.get(reverse("admin:plans_plantemplate_add")).status_code == 403
