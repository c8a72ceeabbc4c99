"""The set-up pages and the admin in a real browser: nothing blocked by the policy, nothing axe objects to."""

import re

import pytest
from django.urls import reverse

from clinic.actions.invitations import invite
from clinic.actions.places import save_closure
from clinic.models import Closure, Invitation, Profile, User
from messaging.models import OutboxMessage
from services.models import Discipline
from tests.browser import assert_fits, axe, sign_in
from tests.rows import at

pytestmark = pytest.mark.browser
# Colors change by transitions, each element after its parent, however short they are: wait until all have arrived.
SETTLED = """
async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    do { await frame(); } while (document.getAnimations().length);
}
"""


def assert_accessible(page):
    """In both themes, each looked at once the page has taken it up."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-bs-theme={scheme}]").wait_for(state="attached")
        page.evaluate(SETTLED)
        assert axe(page) == [], (page.url, scheme)
    assert_fits(page)


@pytest.fixture
def pages(cast, committed, now):
    """Every set-up page, with something on it."""
    invite(
        by=cast.olive,
        email="nora@meridian.example",
        name="Nora New",
        roles=["owner"],
        location_ids=[],
        now=now,
    )
    times = {
        "starts_at": at("00:00", cast.uptown, "2026-11-26"),
        "ends_at": at("00:00", cast.uptown, "2026-11-27"),
    }
    closure = save_closure(by=cast.olive, location_id=cast.uptown.pk, fields={"reason": "Holiday", **times})
    uptown, service = [cast.uptown.pk], [cast.service("acupuncture_adjustment").pk]
    routes = [
        ("clinic:manage", []),
        ("clinic:settings", []),
        ("clinic:locations", []),
        ("clinic:location", uptown),
        ("clinic:edit_location", uptown),
        ("clinic:edit_hours", uptown),
        ("clinic:edit_room", [*uptown, cast.room_1.pk]),
        ("clinic:edit_closure", [*uptown, closure.pk]),
        ("clinic:people", []),
        ("clinic:person", [cast.ana.pk]),
        ("clinic:invite", []),
        ("services:list", []),
        ("services:detail", service),
        ("services:steps", service),
        ("services:new", []),
    ]
    return [reverse(route, args=args) for route, args in routes]


@pytest.mark.parametrize("width", [1366, 320])
def test_set_up_pages_are_accessible(cast, pages, open_page, width):
    page = sign_in(open_page(width=width), cast.olive)
    for url in pages:
        page.goto(url)
        assert_accessible(page)


def test_an_owner_invites_and_the_invited_person_comes_in(cast, open_page):
    owner = sign_in(open_page(), cast.olive)
    owner.goto(reverse("clinic:people"))
    owner.get_by_role("link", name="Invite").click()
    owner.get_by_label("Name").fill("Nora New")
    owner.get_by_label("E-mail").fill("nora@meridian.example")
    owner.get_by_label("front desk").check()
    owner.get_by_role("button", name="Send the invitation").click()
    assert owner.locator(".refusal li").inner_text() == (
        "Choose at least one location: front desk and providers see only where they work."
    )
    assert owner.get_by_label("E-mail").input_value() == "nora@meridian.example"
    owner.get_by_role("checkbox", name="Uptown").check()
    owner.get_by_role("button", name="Send the invitation").click()
    owner.wait_for_url("**/clinic/people/")
    guest = open_page(width=375, height=812)
    guest.goto(re.search(r"/clinic/join/[\w-]+/", OutboxMessage.objects.get().body)[0])
    assert_accessible(guest)
    guest.get_by_label("Password", exact=False).first.fill("seven quiet rivers run")
    guest.get_by_label("The same password once more").fill("seven quiet rivers run")
    guest.get_by_role("button", name="Open the clinic").click()
    guest.wait_for_url("**/today/")
    assert Invitation.objects.get().accepted_by == User.objects.get(email="nora@meridian.example")


def test_a_closure_is_recorded_and_lifted(cast, desktop):
    sign_in(desktop, cast.olive).goto(reverse("clinic:location", args=[cast.uptown.pk]))
    desktop.get_by_role("link", name="Add a closure").click()
    desktop.get_by_label("First day").fill("2026-12-24")
    desktop.get_by_label("Last day").fill("2026-12-25")
    desktop.get_by_label("Reason").fill("Holiday")
    desktop.get_by_role("button", name="Save").click()
    desktop.get_by_role("link", name="Holiday").click()
    desktop.get_by_role("button", name="Open again").click()
    desktop.get_by_text("None ahead.").wait_for()
    assert Closure.objects.filter(ends_at__gt=at("00:00", cast.uptown, "2026-11-25")).count() == 0


def test_somebody_deactivated_is_out(cast, open_page):
    desk, owner = sign_in(open_page(), cast.ana), sign_in(open_page(), cast.olive)
    desk.goto(reverse("patients:list"))
    owner.goto(reverse("clinic:person", args=[cast.ana.pk]))
    owner.get_by_role("button", name="Deactivate the account").click()
    owner.wait_for_url("**/clinic/people/")
    desk.reload()
    desk.wait_for_url("**/account/login/**")
    assert Profile.objects.get(user=cast.ana).version == 2


def test_the_admin_works_under_the_policy(cast, desktop):
    """The page fixture fails the test on anything the browser blocks."""
    sign_in(desktop, cast.olive).goto(reverse("admin:index"))
    desktop.get_by_role("link", name="Disciplines", exact=True).first.click()
    desktop.get_by_role("link", name="Massage", exact=True).click()
    desktop.locator("#id_name").fill("Massage therapy")
    desktop.locator("input[name=_save]").click()
    desktop.get_by_text("was changed successfully").wait_for()
    assert Discipline.objects.get(key="massage").name == "Massage therapy"
    desktop.goto(reverse("admin:patients_patient_changelist") + "?q=garcia")
    assert desktop.locator("#result_list tbody tr").count() == 2
    desktop.goto(reverse("admin:services_part_change", args=[cast.service("massage").parts.get().pk]))
    desktop.get_by_text("Add another Phase").click()
    assert desktop.locator(".dynamic-phases").count() == 3


def test_a_patients_visits_on_a_phone(cast, phone):
    sign_in(phone, cast.rita).goto(reverse("portal:visits"))
    assert_accessible(phone)
