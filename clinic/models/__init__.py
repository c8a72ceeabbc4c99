from .guards import Versioned, append_only, version_must_rise
from .people import STAFF_ROLES, Gender, Invitation, Profile, Role, RoleGrant, User, Workplace
from .places import (
    WEEKDAYS,
    ChartsOpenTo,
    Clinic,
    Closure,
    Location,
    OpeningHours,
    Room,
    RoomKind,
    must_be_a_zone,
)
from .records import AuditEvent, AuditSeal, Submission
from .reference import Origin, ReferenceLoad, ReferenceRow

__all__ = [
    "STAFF_ROLES",
    "WEEKDAYS",
    "AuditEvent",
    "AuditSeal",
    "ChartsOpenTo",
    "Clinic",
    "Closure",
    "Gender",
    "Invitation",
    "Location",
    "OpeningHours",
    "Origin",
    "Profile",
    "ReferenceLoad",
    "ReferenceRow",
    "Role",
    "RoleGrant",
    "Room",
    "RoomKind",
    "Submission",
    "User",
    "Versioned",
    "Workplace",
    "append_only",
    "must_be_a_zone",
    "version_must_rise",
]
