"""Every route is declared, and what is public is written down here with its reason."""

import io
import json

import pytest
from django.core.management import call_command
from django.urls import get_resolver

from clinic.management.commands.show_routes import routes
from clinic.models import Role
from clinic.roles import PERMISSIONS
from tests.access.table import QUERIES, ROLES_OF, ROUTES

OURS = {route.name: route for route in routes() if route.permission not in ("library", "admin")}


FORMS = "Patients fill in forms without an account; the 256-bit token in the address lets them in."
# Public routes of ours, each with its reason. This list is the only place where a page becomes public.
PUBLIC = {
    "intake:fill": FORMS,
    "intake:fill_form": FORMS,
    "intake:fill_finish": FORMS,
    "intake:fill_section": FORMS,
    "intake:fill_save": FORMS,
    "outcomes:fill": (
        "Patients answer on the clinic's tablet without an account; the 256-bit token in the address lets them in."
    ),
    "favicon": "Browsers ask for it where an answer names no icon; it leads to the clinic's mark.",
    "health_live": "A load balancer asks whether the process lives; it says nothing else.",
    "health_ready": "A load balancer asks whether pages can be served; it says yes or no.",
    "portal:join": "An invited patient has no account yet; the 256-bit token in the address lets them in.",
    "clinic:accept_invitation": "An invited person has no account yet; the 256-bit token in the address lets them in.",
}
# These ask first, by GET, for a reason.
WITH_A_FORM = {"scheduling:cancel", "scheduling:remove_block", "practitioners:end_absence"}


def undeclared_or_unnamed(found):
    """Routes that say nothing about who may, or that are public and not in the list."""
    problems = []
    for route in found:
        if route.permission == "undeclared":
            problems.append(f"{route.path}: undeclared")
        if route.permission == "public" and route.name not in PUBLIC:
            problems.append(f"{route.path}: {route.name} is public without a reason here")
    return problems


def test_every_route_says_who_may():
    assert undeclared_or_unnamed(routes()) == []


def test_the_public_routes_are_these_for_these_reasons():
    reasons = {
        name: get_resolver().resolve(route.path.replace("<str:token>", "x")).func.public_because
        for name, route in OURS.items()
        if route.permission == "public"
    }
    assert reasons == PUBLIC


def test_the_table_names_the_routes_there_are_with_their_permission():
    assert {name: route.permission for name, route in OURS.items()} == {
        name: permission for name, (permission, _) in ROUTES.items()
    }
    assert set(QUERIES) <= set(ROUTES)


def test_permissions_belong_to_these_roles():
    assert {name: set(map(str, roles)) for name, roles in PERMISSIONS.items()} == ROLES_OF
    assert set().union(*ROLES_OF.values()) == set(Role.values)


def test_what_changes_something_is_never_a_get():
    """Names that are verbs of change take POST only."""
    verbs = (
        "cancel",
        "undo",
        "remove",
        "deactivate",
        "activate",
        "end_related_person",
        "leave",
        "choose_location",
    )
    found = {
        name
        for name, route in OURS.items()
        if name.split(":")[-1].startswith(verbs) and route.methods != ("POST",)
    }
    assert found - WITH_A_FORM == set()


def test_the_command_prints_them_for_programs():
    out = io.StringIO()
    call_command("show_routes", "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert [route["path"] for route in printed] == [route.path for route in routes()]
    assert printed[0] == {
        "path": "/",
        "name": "home",
        "methods": ["GET", "HEAD"],
        "permission": "be_signed_in",
        "arguments": [],
    }


def test_the_command_prints_them_for_people():
    out = io.StringIO()
    call_command("show_routes", stdout=out)
    assert out.getvalue().splitlines()[0].split() == ["/", "be_signed_in", "GET", "HEAD", "home"]


@pytest.mark.parametrize("name", sorted(name for name, route in OURS.items() if "POST" in route.methods))
def test_a_form_from_another_site_is_refused(name, at_the_clinic):
    world, visitors = at_the_clinic
    answer = visitors.call_from_elsewhere("olive", OURS[name], ROUTES[name][1](world)[0])
    assert answer.status_code == 403
