"""Every route of ours: who may, and what its address names. A route without a line here fails the tests.

A line is the permission (a key of ROLES_OF) and how to fill the address: `nothing`, `patient`, `visit` and
`call` run through everybody's rows, the others name one row that all permitted people may open.
"""

from dataclasses import dataclass

from tests.access.world import TARGETS, TOKEN

# Who holds each permission: written out, so that a change of clinic.roles shows here.
ROLES_OF = {
    "be_signed_in": {"owner", "front_desk", "practitioner", "patient"},
    "see_the_day": {"owner", "front_desk", "practitioner"},
    "book": {"owner", "front_desk", "practitioner"},
    "run_the_day": {"owner", "front_desk", "practitioner"},
    "find_patients": {"owner", "front_desk", "practitioner"},
    "register_patients": {"owner", "front_desk", "practitioner"},
    "merge_patients": {"owner", "front_desk"},
    "record_absences": {"owner", "front_desk", "practitioner"},
    "manage_clinic": {"owner"},
    "see_own_visits": {"patient"},
}


@dataclass(frozen=True)
class Target:
    """One filling of a route's address; `about` is the patient whose visibility decides, if any."""

    kwargs: dict
    about: str | None = None
    version: int = 1


def nothing(world):
    return [Target({})]


def patient(world, name="pk"):
    rows = [(each, getattr(world.cast, each)) for each in TARGETS]
    return [Target({name: row.pk}, each, row.version) for each, row in rows]


def visit(world, name="pk"):
    return [Target({name: world.visits[each].pk}, each, world.visits[each].version) for each in TARGETS]


def call(world):
    return [Target({"pk": world.calls[each].pk}, each, world.calls[each].version) for each in TARGETS]


def series(world):
    return [Target({"pk": world.series[each].pk}, each, world.series[each].version) for each in TARGETS]


def one(row, **names):
    """The row of the world with that name, in the address as `pk` or as named."""

    def fill(world):
        found = world.rows.get(row) or getattr(world.cast, row)
        kwargs = {name: (world.rows.get(other) or getattr(world.cast, other)).pk for name, other in names.items()}
        return [Target({"pk": found.pk, **kwargs}, version=getattr(found, "version", 1))]

    return fill


def token(world):
    return [Target({"token": TOKEN})]


ROUTES = {
    "home": ("be_signed_in", nothing),
    "choose_location": ("see_the_day", nothing),
    "health_live": ("public", nothing),
    "health_ready": ("public", nothing),
    "scheduling:visit": ("see_the_day", visit),
    "clinic:manage": ("manage_clinic", nothing),
    "clinic:settings": ("manage_clinic", nothing),
    "clinic:locations": ("manage_clinic", nothing),
    "clinic:new_location": ("manage_clinic", nothing),
    "clinic:location": ("manage_clinic", one("uptown")),
    "clinic:edit_location": ("manage_clinic", one("uptown")),
    "clinic:edit_hours": ("manage_clinic", one("uptown")),
    "clinic:new_room": ("manage_clinic", lambda world: [Target({"location_pk": world.cast.uptown.pk})]),
    "clinic:edit_room": ("manage_clinic", one("room_1", location_pk="uptown")),
    "clinic:new_closure": ("manage_clinic", lambda world: [Target({"location_pk": world.cast.uptown.pk})]),
    "clinic:edit_closure": ("manage_clinic", one("closure", location_pk="uptown")),
    "clinic:lift_closure": ("manage_clinic", one("closure", location_pk="uptown")),
    "clinic:people": ("manage_clinic", nothing),
    "clinic:invite": ("manage_clinic", nothing),
    "clinic:person": ("manage_clinic", one("ana")),
    "clinic:activate": ("manage_clinic", one("ana")),
    "clinic:deactivate": ("manage_clinic", one("ana")),
    "clinic:resend_invitation": ("manage_clinic", one("invitation")),
    "clinic:withdraw_invitation": ("manage_clinic", one("invitation")),
    "clinic:accept_invitation": ("public", token),
    "practitioners:list": ("see_the_day", nothing),
    "practitioners:new": ("manage_clinic", nothing),
    "practitioners:detail": ("see_the_day", one("practitioner")),
    "practitioners:edit": ("manage_clinic", one("practitioner")),
    "practitioners:new_license": ("manage_clinic", one("practitioner")),
    "practitioners:license": ("manage_clinic", one("license")),
    "practitioners:check_license": ("manage_clinic", one("license")),
    "practitioners:new_certification": ("manage_clinic", one("practitioner")),
    "practitioners:certification": ("manage_clinic", one("certification")),
    "practitioners:check_certification": ("manage_clinic", one("certification")),
    "practitioners:new_hours": ("manage_clinic", one("practitioner")),
    "practitioners:hours": ("manage_clinic", one("hours")),
    "practitioners:remove_hours": ("manage_clinic", one("hours")),
    "practitioners:end_absence": ("record_absences", one("absence")),
}

# Addresses with a query that looks for somebody or something: each is read by everybody who may.
QUERIES = {}

# Public routes of ours, each with its reason. This list is the only place where a page becomes public.
PUBLIC = {
    "health_live": "A load balancer asks whether the process lives; it says nothing else.",
    "health_ready": "A load balancer asks whether pages can be served; it says yes or no.",
}
