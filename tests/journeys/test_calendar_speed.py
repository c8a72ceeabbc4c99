"""How fast the calendar of a full day opens in a real browser; it needs the machine to itself."""

from datetime import date, time
from itertools import product
from time import perf_counter

import pytest
from playwright.sync_api import expect

from clinic.models import Room
from practitioners.models import License, LicenseKind, Practitioner, WorkingHours
from services.models import Discipline
from tests.browser import sign_in
from tests.rows import at, visit

CALENDAR = "/calendar/"


def full_days(cast, *days):
    """Twelve providers at work, in twelve rooms, with nine visits each."""
    people = Practitioner.objects.filter(working_hours__location=cast.uptown).distinct()
    for number in range(12 - people.count()):
        one_more(cast, number)
    rooms = [
        Room.objects.create(location=cast.uptown, name=f"T{n}", kind=cast.room_1.kind) for n in range(12)
    ]
    for who, room in zip(people.all(), rooms, strict=True):
        for day, hour in product(days, range(8, 17)):
            visit(
                cast.maria,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                at(f"{hour:02}:00", cast.uptown, day),
                practitioners={"acupuncture": who},
                rooms={"treatment": room},
                status="completed",
            )


def one_more(cast, number):
    made = Practitioner.objects.create(name=f"Person {number}", credentials="L.Ac.")
    made.disciplines.set(Discipline.objects.filter(key="acupuncture"))
    License.objects.create(
        practitioner=made, kind=LicenseKind.objects.get(key="lac"), number=f"N{number}", state="NC",
        issued_on=date(2020, 1, 1), expires_on=date(2030, 1, 1),
    )  # fmt: skip
    for weekday in range(7):
        WorkingHours.objects.create(
            practitioner=made, location=cast.uptown, weekday=weekday, starts=time(8), ends=time(18),
            valid_from=date(2026, 1, 1),
        )  # fmt: skip


# Milliseconds from a click until the other day is drawn.
GO = """
(name) => new Promise((done) => {
    const began = Date.now();
    const seen = new MutationObserver(() => done(Date.now() - began));
    seen.observe(document.getElementById("calendar"), { attributeFilter: ["data-drawn"] });
    document.querySelector(`[data-link="${name}"]`).click();
})
"""


def measured(cast, desktop):
    """(opening, another day) in ms, the best of several: what else the machine does is not what is measured."""
    full_days(cast, "2026-11-25", "2026-11-26")
    sign_in(desktop, cast.ana)
    desktop.goto(CALENDAR + "?date=2026-11-25")
    expect(desktop.locator("#calendar[data-drawn]")).to_be_visible()
    assert desktop.locator(".ec-body .ec-day").count() == 12
    opening = []
    for _time in range(5):
        began = perf_counter()
        desktop.goto(CALENDAR + "?date=2026-11-25", wait_until="commit")
        desktop.wait_for_selector("#calendar[data-drawn]")
        opening.append((perf_counter() - began) * 1000)
    others = [desktop.evaluate(GO, name) for name in ["later", "earlier"] * 3]
    print(f"calendar of 12 providers: opens in {min(opening):.0f} ms, another day in {min(others):.0f} ms")
    return min(opening), min(others)


@pytest.mark.alone
def test_twelve_providers_open_quickly_on_a_busy_machine_too(cast, desktop):
    opening, another = measured(cast, desktop)
    assert opening < 3000
    assert another < 1500


@pytest.mark.torture
@pytest.mark.alone
def test_twelve_providers_open_within_a_second_and_another_day_in_300_ms(cast, desktop):
    """The aim, on a machine that does nothing else."""
    opening, another = measured(cast, desktop)
    assert opening < 1000
    assert another < 300
