from dataclasses import replace
from decimal import Decimal

import pytest

from services.rules import (
    Step,
    is_acupuncture_session,
    patient_minutes,
    price_warnings,
    reasons_not_to_save_service,
)

TREATMENT, ADJUSTING = 1, 2
FOLLOW_UP = [
    Step(1, 1, "hands_on", 15, room_kind=TREATMENT),
    Step(1, 2, "retention", 30, max_minutes=60, practitioner_needed=False, same_room_as=1),
    Step(1, 3, "removal", 5, same_practitioner_as=1, same_room_as=1),
    Step(1, 4, "rest", 5, practitioner_needed=False, same_room_as=1),
    Step(1, 5, "turnover", 5, practitioner_needed=False, patient_present=False, same_room_as=1),
]
PARTS = ["Acupuncture"]


def changed(position, **fields):
    """The follow-up with one step changed."""
    return [replace(step, **fields) if step.position == position else step for step in FOLLOW_UP]


def reasons(steps, parts=PARTS):
    return reasons_not_to_save_service(parts, steps)


def test_the_follow_up_can_be_saved():
    assert reasons(FOLLOW_UP) == []


def test_the_patient_is_told_the_minutes_with_the_patient():
    assert patient_minutes(FOLLOW_UP) == 55


def test_anybody_may_take_the_needles_out():
    assert reasons(changed(3, same_practitioner_as=None)) == []


def test_a_service_has_parts_and_steps():
    assert reasons(FOLLOW_UP, []) == ["Name at least one part: the share that one discipline delivers."]
    assert reasons([]) == ["Add at least one step."]
    assert reasons(FOLLOW_UP, ["Acupuncture", "Adjustment"]) == [
        "Part 2, Adjustment, has no steps. Add one or leave the part out."
    ]
    assert reasons(changed(5, part=2)) == [
        "A step belongs to a part that has no name. Name the part, or choose another."
    ]


def test_parts_do_not_interleave():
    steps = changed(2, part=2)
    assert reasons(steps, ["Acupuncture", "Adjustment"])[0] == (
        "The steps of a part stand together, in the order of the parts."
    )


@pytest.mark.parametrize("minutes", [0, 4, 12, 245])
def test_minutes_lie_on_the_grid(minutes):
    assert reasons(changed(1, minutes=minutes)) == ["Step 1: use 5 to 240 minutes, in steps of 5."]


@pytest.mark.parametrize("longest", [25, 62])
def test_the_longest_time(longest):
    assert reasons(changed(2, max_minutes=longest)) == [
        "Step 2: the longest time is at least the shortest, in steps of 5."
    ]


@pytest.mark.parametrize("positions", [[1, 2, 2, 4, 5], [2, 1, 3, 4, 5], [0, 2, 3, 4, 5]])
def test_steps_are_numbered_in_order(positions):
    steps = [
        replace(step, position=position, same_room_as=None, same_practitioner_as=None, room_kind=TREATMENT)
        for step, position in zip(FOLLOW_UP, positions, strict=True)
    ]
    assert reasons(steps) == [
        "Steps are numbered 1, 2, 3 and so on through the whole service, each number once."
    ]


@pytest.mark.parametrize("other", [0, 3, 4, 9])
def test_only_an_earlier_step_can_be_shared(other):
    assert reasons(changed(3, same_practitioner_as=other)) == [
        f"Step 3: it can share only with an earlier step, not with step {other}."
    ]


def test_a_step_without_a_provider_or_room_has_none_to_share():
    assert reasons(changed(3, same_practitioner_as=2)) == ["Step 3: step 2 has no provider to share."]
    assert reasons(changed(1, room_kind=None))[0] == "Step 2: step 1 has no room to share."


def test_a_shared_room_is_of_one_kind():
    assert reasons(changed(4, room_kind=TREATMENT)) == []
    assert reasons(changed(4, room_kind=ADJUSTING)) == [
        "Step 4: it shares the room of step 1 and asks for another kind."
    ]


def test_a_step_that_needs_nobody_shares_nobody():
    assert reasons(changed(4, same_practitioner_as=1)) == ["Step 4: it names a provider and needs none."]


def test_a_step_occupies_something():
    steps = changed(5, same_room_as=None)
    assert reasons(steps) == ["Step 5: it occupies nobody: choose a provider, a room or the patient."]


def test_the_patient_is_there_first_and_not_for_turnover():
    assert reasons(changed(5, patient_present=True)) == [
        "Step 5: the patient is not there for turnover and charting."
    ]
    assert reasons(changed(1, patient_present=False))[0] == (
        "Step 1: the patient is there. Turnover and charting come after."
    )


def test_with_needles_in_the_provider_is_free_and_the_patient_in_a_room():
    sentence = "Step 2: with needles in, the patient rests in a room and the provider is free."
    assert reasons(changed(2, practitioner_needed=True)) == [sentence]
    assert reasons(changed(2, same_room_as=None)) == [sentence]


def test_needles_go_in_before_they_stay_in():
    assert reasons(changed(1, kind="history")) == [
        "Step 2: needles go in first: put a hands-on step with a provider before it."
    ]


@pytest.mark.parametrize(
    "fields", [{"kind": "rest"}, {"practitioner_needed": False, "same_practitioner_as": None}]
)
def test_somebody_takes_the_needles_out(fields):
    assert reasons(changed(3, **fields)) == [
        "Step 2: needles come out again: put a step “needles out” with a provider after it."
    ]


@pytest.mark.parametrize("position", [2, 3])
def test_needles_do_not_change_rooms(position):
    steps = changed(position, same_room_as=None, room_kind=TREATMENT)
    assert reasons(steps) == ["Step 2: from the first needle to the last one out the room is the same."]


def test_what_runs_at_the_same_minutes_shares_nothing():
    """Turnover starts when the needles are out, while the patient still rests in that room."""
    steps = [
        *FOLLOW_UP[:3],
        Step(1, 4, "turnover", 5, practitioner_needed=False, patient_present=False, same_room_as=1),
        Step(1, 5, "rest", 5, practitioner_needed=False, same_room_as=1),
    ]
    assert reasons(steps) == [
        "Steps 4 and 5 run at the same minutes and share a provider or room. Separate them."
    ]
    elsewhere = [*steps[:4], replace(steps[4], same_room_as=None)]
    assert reasons(elsewhere) == []


def test_twelve_hours_at_most():
    steps = [Step(1, n, "hands_on", 240, room_kind=ADJUSTING) for n in range(1, 5)]
    assert reasons(steps) == ["A visit is at most 12 hours long. Shorten the steps."]
    assert reasons(steps[:3]) == []


@pytest.mark.parametrize("amount", ["50.00", "95", "150.00"])
def test_a_usual_price(amount):
    assert price_warnings("Acupuncture", Decimal(amount), acupuncture_session=True) == []


@pytest.mark.parametrize("amount", ["49.99", "150.01", "0"])
def test_an_unusual_price_is_said_and_not_refused(amount):
    assert price_warnings("Acupuncture", Decimal(amount), acupuncture_session=True) == [
        f"Acupuncture at ${amount}: acupuncture sessions are usually $50 to $150. It is saved as typed."
    ]


def test_only_acupuncture_sessions_have_a_usual_price():
    assert price_warnings("Massage", Decimal(10), acupuncture_session=False) == []
    assert price_warnings("Acupuncture", None, acupuncture_session=True) == []
    assert is_acupuncture_session("acupuncture", {"hands_on", "retention"})
    assert not is_acupuncture_session("acupuncture", {"history", "hands_on"})
    assert not is_acupuncture_session("massage", {"retention"})
