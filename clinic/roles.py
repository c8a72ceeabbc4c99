"""Who may do what: one table, printed by `manage.py show_routes`, and the decorator that holds it."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed

from clinic.models import STAFF_ROLES, Role

OWNER, DESK, CLINICIAN, PATIENT = Role.OWNER, Role.FRONT_DESK, Role.PRACTITIONER, Role.PATIENT

PERMISSIONS = {
    "be_signed_in": frozenset(Role),
    "see_the_day": STAFF_ROLES,
    "book": STAFF_ROLES,
    "run_the_day": STAFF_ROLES,
    "find_patients": STAFF_ROLES,
    "register_patients": STAFF_ROLES,
    "merge_patients": frozenset({OWNER, DESK}),
    "record_absences": STAFF_ROLES,
    # Whose charts is another question: PatientQuerySet.charts_read_by and charts_written_by.
    "read_chart": frozenset({OWNER, CLINICIAN}),
    "write_chart": frozenset({CLINICIAN}),
    "treat": frozenset({CLINICIAN}),
    "restrict_charts": STAFF_ROLES,
    "write_contact": STAFF_ROLES,
    "see_rates": frozenset({OWNER, CLINICIAN}),
    "see_unassessed": frozenset({OWNER, CLINICIAN}),
    "hand_out_forms": STAFF_ROLES,
    "sell_packages": STAFF_ROLES,
    "manage_clinic": frozenset({OWNER}),
    "read_library": frozenset({OWNER, CLINICIAN}),
    "see_plan_dates": STAFF_ROLES,
    "see_own_visits": frozenset({PATIENT}),
    "see_own_plan": frozenset({PATIENT}),
}


def may(user, permission):
    return user.is_authenticated and bool(user.roles & PERMISSIONS[permission])


def answered(view, request, *args, **kwargs):
    """HEAD is answered as GET, so that no view takes it for a form; the server leaves the body out."""
    asked = request.method
    if asked == "HEAD":
        request.method = "GET"
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = asked


def needs(permission, methods=("GET",)):
    """Only people with the permission get in (403), only by these methods (405). HEAD goes with GET."""
    assert permission in PERMISSIONS, permission
    allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            if not may(request.user, permission):
                raise PermissionDenied
            return answered(view, request, *args, **kwargs)

        guarded.permission, guarded.methods = permission, allowed
        return guarded

    return decorate


def public(reason, methods=("GET",)):
    """A page without sign-in. Every one is named, with its reason, in tests/access/test_routes.py."""
    allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            return answered(view, request, *args, **kwargs)

        guarded.permission, guarded.methods, guarded.public_because = "public", allowed, reason
        return login_not_required(guarded)

    return decorate
