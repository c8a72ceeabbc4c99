"""The page of a course: wishes, proposal, pins, other times, booking, what was lost, taking back, printing."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from plans.models import PlanStatus, PlanVisit
from practitioners.models import WorkingHours
from scheduling.actions.booking import Wanted as One
from scheduling.actions.booking import book
from scheduling.models import Appointment, Status
from scheduling.queries.bundles import latest_bundle
from tests.plans.checker import broken
from tests.plans.courses import a_plan, proposed

pytestmark = pytest.mark.django_db
ALL_DAY = [("weekdays", str(n)) for n in range(7)] + [("times", str(n)) for n in range(3)]
WISHES = [("starts", "2026-11-25"), *ALL_DAY]


def url(plan, name="course"):
    return reverse(f"plans:{name}", args=[plan.pk])


def page(client, plan, *more, wishes=WISHES):
    return client.get(f"{url(plan)}?{urlencode([*wishes, *more])}")


def carried(answer, name="visit"):
    """{number: value} of the hidden fields that carry the proposal."""
    found = re.findall(rf'name="{name}-(\d+)" value="([^"]+)"', answer.content.decode())
    return {int(number): value for number, value in found}


def post(client, plan, values, *, wishes=WISHES, key=None, **more):
    fields = {f"visit-{number}": value for number, value in values.items()}
    return client.post(
        url(plan, "course_book"),
        {**fields, "wishes": urlencode(wishes), "request_key": key or new_key(), **more},
    )


def test_the_page_opens_with_a_proposal_by_what_is_known(cast, client_of):
    cast.maria.prefers_time = "afternoon"
    cast.maria.save()
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 3), ("acupuncture_follow_up", 1)))
    answer = client_of(cast.ana).get(url(plan))
    assert answer.status_code == 200
    form = answer.context["form"]
    acupuncture = plan.phases.get(position=2).service.parts.get().discipline_id
    assert form["times"].value() == ["1"]
    assert form[f"provider_{acupuncture}"].value() == str(cast.mei.practitioner.pk)
    assert [line.number for line in answer.context["lines"]] == [1, 2, 3, 4]
    assert {line.offer.starts_at.hour >= 17 for line in answer.context["lines"]} == {True}  # noon in Uptown
    assert answer.context["lines"][0].who == "Mei, then Dr. Lee"


def test_the_desk_reads_no_reason_for_the_plan(cast, client_of):
    plan = a_plan(cast)
    for name in ("course", "schedule"):
        assert "qplanzcondition" not in client_of(cast.ana).get(url(plan, name)).content.decode()


@pytest.mark.parametrize("name", ["course", "schedule"])
def test_who_may_not_see_the_patient_finds_no_page(cast, client_of, name):
    plan = a_plan(cast)
    assert client_of(cast.hana).get(url(plan, name)).status_code == 404
    assert client_of(cast.rita).get(url(plan, name)).status_code == 403
    assert client_of(cast.hana).post(url(plan, "course_book"), {"request_key": new_key()}).status_code == 404


def test_the_page_sends_the_same_number_of_statements_for_two_visits_and_for_twelve(
    cast, client_of, django_assert_num_queries
):
    short = a_plan(cast, phases=(("acupuncture_follow_up", 2),))
    long = a_plan(cast, cast.marta, phases=(("acupuncture_follow_up", 12),))
    client = client_of(cast.ana)
    client.get(url(short))
    with django_assert_num_queries(36):
        client.get(url(short))
    with django_assert_num_queries(36):
        client.get(url(long))


def test_booking_from_the_page_and_undoing_all(cast, client_of):
    plan = a_plan(cast)
    client = client_of(cast.ana)
    answer = post(client, plan, carried(page(client, plan)))
    assert (answer.status_code, answer.url) == (303, url(plan, "schedule"))
    first = PlanVisit.objects.get(plan=plan, number=1).appointment
    shown = client.get(answer.url)
    undo = reverse("plans:course_undo", args=[plan.pk, first.pk], query={"of": latest_bundle(first)})
    assert f'action="{undo}"' in shown.content.decode()
    assert [one["number"] for one in shown.context["visits"]] == [1, 2, 3, 4]
    assert shown.context["visits"][0]["who"] == "Mei"
    back = client.post(undo, {"request_key": new_key()})
    assert (back.status_code, back.url) == (303, url(plan))
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 0
    assert len(carried(client.get(url(plan)))) == 4


def test_undo_of_somebody_elses_visit_is_not_found(cast, client_of):
    plan, other = a_plan(cast), a_plan(cast, cast.marta)
    client = client_of(cast.ana)
    post(client, plan, carried(page(client, plan)))
    first = PlanVisit.objects.get(plan=plan, number=1).appointment_id
    mixed = reverse("plans:course_undo", args=[other.pk, first])
    assert client.post(mixed, {"request_key": new_key()}).status_code == 404
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 4


def test_a_visit_that_was_lost_is_named_and_the_nearest_is_shown(cast, client_of):
    plan = a_plan(cast)
    client = client_of(cast.ana)
    values = carried(page(client, plan))
    third = proposed(plan).offers[3]
    book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                third.starts_at,
                practitioners=third.practitioners,
            )
        ],
    )
    answer = post(client, plan, values)
    assert answer.status_code == 409
    assert answer.context["reasons"][0].startswith("Visit 3: ")
    assert answer.context["reasons"][-1] == (
        "Nothing is booked. Below is the nearest that fits; the other visits stay where they were."
    )
    again = carried(answer)
    assert [number for number in values if again[number] != values[number]] == [3]
    assert post(client, plan, again).status_code == 303
    assert broken(plan) == []


def test_a_pin_stays_while_the_rest_is_looked_for_again(cast, client_of):
    plan = a_plan(cast)
    client = client_of(cast.ana)
    before = carried(page(client, plan))
    afternoon = [("starts", "2026-11-25"), ("times", "1"), *ALL_DAY[:7]]
    fields = [(f"at-{number}", value) for number, value in before.items()]
    answer = page(client, plan, *fields, ("pin", "2"), wishes=afternoon)
    after = carried(answer)
    assert after[2].split(";")[:2] == before[2].split(";")[:2]
    assert {number for number in after if after[number] == before[number]} <= {2}
    assert [line.pinned for line in answer.context["lines"]] == [False, True, False, False]


def test_another_time_for_one_visit_leaves_the_others(cast, client_of):
    plan = a_plan(cast, spacing=(2, 5))
    client = client_of(cast.ana)
    before = carried(page(client, plan))
    fields = [(f"at-{number}", value) for number, value in before.items()]
    answer = page(client, plan, *fields, ("swap", "2"))
    assert carried(answer) == before
    others = answer.context["lines"][1].others
    assert 1 <= len(others) <= 9
    taken = others[-1][1]
    after = carried(page(client, plan, *fields, ("take-2", taken)))
    assert after[2] == taken
    assert {number for number in before if after[number] != before[number]} == {2}


def test_what_would_help_is_one_button(cast, client_of):
    plan = a_plan(cast, spacing=(3, 4))
    client = client_of(cast.ana)
    mondays = [("starts", "2026-11-30"), ("weekdays", "0"), ("times", "0")]
    answer = page(client, plan, wishes=mondays)
    assert len(carried(answer)) == 1
    sentence, value = answer.context["relaxed"]
    assert sentence == "Allow Thursday mornings: 4 of 4"
    assert value == "hours:3-0"
    allowed = page(client, plan, ("relax", value), wishes=mondays)
    assert len(carried(allowed)) == 4
    assert allowed.context["form"]["also"].value() == "3-0"


def test_every_promise_of_what_would_help_is_kept(cast, client_of):
    """Maria wants a man, and Sam has left."""
    cast.maria.prefers_gender = "male"
    cast.maria.save()
    WorkingHours.objects.filter(practitioner=cast.sam.practitioner).delete()
    plan = a_plan(cast, spacing=(3, 4))
    client = client_of(cast.ana)
    answer = page(client, plan)
    assert len(carried(answer)) == 0
    sentence, value = answer.context["relaxed"]
    assert sentence == "Let anyone treat who may: 4 of 4"
    assert len(carried(page(client, plan, ("relax", value)))) == 4


@pytest.mark.parametrize(
    "more, what, sentence",
    [
        ([("until", "2026-11-30")], "end", "Let the course last until Dec 14: 4 of 4"),
        (
            [("away_from", "2026-11-26"), ("away_until", "2026-12-06"), ("until", "2026-12-07")],
            "end",
            "Let the course last until Dec 21: 4 of 4",
        ),
    ],
)
def test_an_end_that_is_too_soon(cast, client_of, more, what, sentence):
    plan = a_plan(cast, spacing=(3, 7))
    client = client_of(cast.ana)
    answer = page(client, plan, *more)
    said, value = answer.context["relaxed"]
    assert (value.partition(":")[0], said) == (what, sentence)
    wishes = [*WISHES, *more]
    assert len(carried(page(client, plan, ("relax", value), wishes=wishes))) == 4


@pytest.mark.parametrize(
    "more, field, words",
    [
        ([("starts", "")], "starts", "Choose the first day."),
        (
            [("starts", "2026-11-25"), ("until", "2026-11-01")],
            "until",
            "Choose a day after the first one, within a year.",
        ),
        (
            [("starts", "2026-11-25"), ("away_until", "2026-12-01")],
            "away_until",
            "Choose the first day away, then a later day within four months.",
        ),
    ],
)
def test_wishes_that_make_no_sense(cast, client_of, more, field, words):
    answer = client_of(cast.ana).get(f"{url(a_plan(cast))}?{urlencode([*more, *ALL_DAY])}")
    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [words]


@pytest.mark.parametrize(
    "starts, status, visits", [("1890-01-01", 422, 0), ("2190-01-01", 200, 0), ("2001-01-01", 200, 4)]
)
def test_days_far_away(cast, client_of, starts, status, visits):
    answer = page(client_of(cast.ana), a_plan(cast), wishes=[("starts", starts), *ALL_DAY])
    assert (answer.status_code, len(carried(answer))) == (status, visits)


def test_no_day_at_all(cast, client_of):
    answer = client_of(cast.ana).get(f"{url(a_plan(cast))}?starts=2026-11-25&times=1")
    assert answer.context["form"].errors["weekdays"] == ["Choose at least one day."]


@pytest.mark.parametrize(
    "value", ["", "x", "2026-12-01T14:00Z", "2026-12-01T14:00Z;a;b", "9999-01-01T00:00Z;1;1"]
)
def test_made_up_times_book_nothing(cast, client_of, value):
    plan = a_plan(cast)
    answer = post(client_of(cast.ana), plan, {1: value})
    assert answer.status_code in {409, 422}
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "value", ["x", "9999-01-01T00:00Z;1;1", "2026-11-26T14:00Z;999999;1", "2026-11-26T14:01Z;1"]
)
def test_made_up_times_in_the_question_change_nothing(cast, client_of, value):
    plan = a_plan(cast)
    client = client_of(cast.ana)
    answer = page(client, plan, ("at-1", value), ("swap", "7"), ("pin", "9"), ("relax", "what:ever"))
    assert answer.status_code == 200
    assert len(carried(answer)) == 4


def test_a_plan_that_is_paused_shows_why(cast, client_of):
    plan = a_plan(cast, status=PlanStatus.PAUSED)
    answer = client_of(cast.ana).get(url(plan))
    assert "This plan is not active. Resume it, then book its visits." in answer.content.decode()
    assert 'id="book-course"' not in answer.content.decode()


def test_the_answer_to_htmx_is_the_middle_of_the_page(cast, client_of):
    plan = a_plan(cast)
    answer = client_of(cast.ana).get(f"{url(plan)}?{urlencode(WISHES)}", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="course"')
