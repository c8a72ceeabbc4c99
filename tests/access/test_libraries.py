"""Routes that are not ours, once for each person: no fault, nobody's private words, and the admin for owners."""

import pytest

from clinic.management.commands.show_routes import routes
from tests.access.matrix import Cell, faults, told
from tests.access.world import ROLES

ARGUMENTS = {
    "<path:object_id>": "1",
    "<path:content_type_id>": "1",
    r"^confirm-email/(?P<key>[-:\w]+)/$": "confirm-email/abc/",
    r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-set-password/",
    "(?P<url>.*)$": "nothing/",
}
SHOWN = frozenset({200, 302, 400, 403, 404, 405})
KEPT_OUT = frozenset({302, 403})


def filled(path):
    """The address with its arguments; a list of apps in the admin becomes the first of them."""
    for pattern, value in ARGUMENTS.items():
        path = path.replace(pattern, value)
    if "(?P<app_label>" in path:
        path = path.split("^(?P<app_label>")[0] + path.split(">")[1].split("|")[0].split(")")[0] + "/"
    assert "(?P" not in path, path
    assert "<" not in path, path
    return path.replace("^", "")


def addresses(permission):
    return sorted({filled(route.path) for route in routes() if route.permission == permission})


@pytest.mark.parametrize("url", addresses("library"))
def test_pages_of_the_sign_in_library(url, at_the_clinic):
    _, visitors = at_the_clinic
    wrong = []
    for person in ROLES:
        # Its views may pass HEAD on or refuse it; what they say is judged.
        cell = Cell(person, "GET", url, SHOWN)
        wrong += faults(visitors.call(cell), cell)
    assert not wrong, told(wrong)


@pytest.mark.parametrize("url", addresses("admin"))
def test_the_admin_is_for_owners(url, at_the_clinic):
    _, visitors = at_the_clinic
    wrong = []
    for person in ROLES:
        way_out = url.startswith(("/admin/login/", "/admin/logout/", "/admin/jsi18n/"))
        cell = Cell(person, "GET", url, SHOWN if person == "olive" or way_out else KEPT_OUT)
        wrong += faults(visitors.call(cell), cell)
    assert not wrong, told(wrong)
