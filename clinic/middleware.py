"""Where errors become answers, once for every page."""

import logging
import sys
from uuid import UUID

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views import defaults as errors
from django_structlog.middlewares import RequestMiddleware

from clinic import audit
from clinic.logs import in_the_log
from clinic.refusal import AlreadyDone, ChartClosed, Refused, VersionMissing
from clinic.submissions import done_before

log = logging.getLogger(__name__)
DISK_FULL = "53100"
REFUSALS = {409, 422}
DENIED = {403, 404}
RETRY_AFTER = "3"  # seconds


class LoggedByPath(RequestMiddleware):
    """One line for a request and one for its answer: method and path, never what was searched for."""

    @staticmethod
    def format_request(request):
        return in_the_log(request)


def answer_faults_plainly(get_response):
    """Database away, too slow or full: 503 with Retry-After. Values a column cannot hold: 400."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, fault):
        return plain_answer(request, fault)

    middleware.process_exception = process_exception
    return middleware


def plain_answer(request, fault):
    """The answer for a fault of the database, None for any other. It asks the database nothing."""
    if isinstance(fault, (OperationalError, InterfaceError)):
        full = getattr(fault.__cause__, "pgcode", None) == DISK_FULL
        log.error("database fault", extra={"kind": type(fault).__name__})
        answer = render(request, "503.html", {"disk_full": full}, status=503)
        answer["Retry-After"] = RETRY_AFTER
        return answer
    if isinstance(fault, DataError) or is_nul(fault):
        return render(request, "400.html", status=400)
    return None


def is_nul(fault):
    """PostgreSQL keeps no NUL in a text; the driver says so before it sends one."""
    return isinstance(fault, ValueError) and "NUL (0x00)" in str(fault)


def server_error(request):
    """The last answer of all: faults outside views end here, such as a database away before a session is read."""
    return plain_answer(request, sys.exc_info()[1]) or errors.server_error(request)


def bad_request(request, exception):
    """Django tells of a session that could not be saved as of a bad request; the database may be what is away."""
    fault = exception
    while fault is not None and not isinstance(fault, (OperationalError, InterfaceError)):
        fault = fault.__cause__ or fault.__context__
    return plain_answer(request, fault) or errors.bad_request(request, exception)


def answer_refusals(get_response):
    """Refusals that no page caught beside the form, and forms that were done before."""

    def middleware(request):
        answer = get_response(request)
        if request.method == "POST" and answer.status_code in REFUSALS:
            location = done_before(request)
            return HttpResponseRedirect(location, status=303) if location else answer
        if answer.status_code == 503:  # a refusal that says so itself, its page with what was typed
            answer.headers.setdefault("Retry-After", RETRY_AFTER)
        return answer

    def process_exception(request, fault):
        if isinstance(fault, AlreadyDone):
            return HttpResponseRedirect(fault.location, status=303)
        if isinstance(fault, Refused):
            return render(request, "clinic/refused.html", {"reasons": fault.reasons}, status=fault.status)
        if isinstance(fault, ChartClosed):
            context = {"reason_at": fault.reason_at, "to_read": fault.to_read}
            return render(request, "clinic/chart_closed.html", context, status=403)
        if isinstance(fault, VersionMissing):
            reasons = [
                _("This page is out of date. Reload it to see what changed, then send the form again.")
            ]
            return render(request, "clinic/refused.html", {"reasons": reasons}, status=428)
        return None

    middleware.process_exception = process_exception
    return middleware


def note_denied(get_response):
    """A signed-in person who asks for what is not theirs: an event, as every reading is one.

    Which page and which ids, and nothing that was typed: a text in the address may be a token or a name. Pages
    that do not exist at all are nobody's.
    """

    def middleware(request):
        answer = get_response(request)
        page = request.resolver_match
        if answer.status_code in DENIED and page and request.user.is_authenticated:
            ids = {name: str(value) for name, value in page.kwargs.items() if isinstance(value, UUID | int)}
            asked = {"status": answer.status_code, "method": request.method[:10], **ids}
            audit.record(by=request.user, verb="denied", about=page.view_name[:100], **asked)
        return answer

    return middleware


def keep_private(get_response):
    """What a signed-in person sees stays out of caches and other sites."""

    def middleware(request):
        answer = get_response(request)
        answer["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith("/static/"):
            patch_cache_control(answer, no_store=True, private=True)
        return answer

    return middleware
