"""JSON in, JSON out: what the note's script sends, and how refusals are answered."""

import json
from functools import wraps
from uuid import UUID

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from clinic.refusal import Refused, VersionMissing
from treatment.actions.keeping import NotUnderstood, Stale
from treatment.actions.signing import NotReady
from treatment.models import Note
from treatment.queries.notes import notes_written, with_people


class NotJson(Exception):
    """The body is no JSON object: 400."""


def in_json(view):
    """Answer a refusal as JSON with its status, where a page would show it beside the form."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            return JsonResponse(view(request, *args, **kwargs))
        except NotJson:
            return JsonResponse({"reasons": [_("This did not arrive whole. Reload the page.")]}, status=400)
        except VersionMissing:
            reasons = [_("This page is out of date. Reload it to see what changed.")]
            return JsonResponse({"reasons": reasons}, status=428)
        except Refused as refusal:
            return JsonResponse(told(refusal), status=refusal.status)

    return answered


def told(refusal):
    answer = {"reasons": [str(reason) for reason in refusal.reasons]}
    if isinstance(refusal, Stale):
        answer |= {"version": refusal.version, "state": refusal.stored, "yours": refusal.yours}
    elif isinstance(refusal, NotUnderstood):
        answer["problems"] = [problem._asdict() for problem in refusal.problems]
    elif isinstance(refusal, NotReady):
        answer["may_sign_all_the_same"] = refusal.may_exit
    return answer


def body_of(request):
    """The JSON object that was sent."""
    if request.content_type != "application/json":
        raise NotJson
    try:
        found = json.loads(request.body, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    return found


def no_number(_name):
    raise ValueError


def version_in(body):
    version = body.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 10**9:
        raise VersionMissing
    return version


def text_in(body, name, limit=10_000):
    """A text without what PostgreSQL cannot keep; refused when it is none."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise Refused(_("This text is too long or no text. Shorten it and try again."))
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip()


def number_in(body, name, most=2_000_000_000):
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refused(_("A number is missing or cannot be. Reload the page and try again."))
    return value


def flag_in(body, name):
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Refused(_("This must be yes or no."))
    return value


def uuid_in(body, name):
    try:
        return UUID(body.get(name))
    except (ValueError, TypeError, AttributeError):
        raise Refused(_("Choose one of the list.")) from None


def note_for(request, pk):
    """The note, if this person reads its chart; 404 otherwise."""
    return get_object_or_404(with_people(Note.objects.visible_to(request.user)), pk=pk)


def note_written(request, pk):
    """The note, if this person writes in its chart; 404 otherwise."""
    return get_object_or_404(notes_written(request.user), pk=pk)
