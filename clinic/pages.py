"""What pages share: refusals beside a form, rows that somebody else changed meanwhile, the page of a list."""

from django.utils.translation import gettext as _

from clinic.refusal import Refused, VersionMissing

VERSION = "version"


def refuse(form, refusal):
    """Put a refusal's reasons at the top of the form, with what was typed kept; returns the status to answer."""
    for reason in refusal.reasons:
        form.add_error(None, reason)
    return refusal.status


def posted_version(request):
    """The version of the row that the form was filled from. Raises VersionMissing (428)."""
    version = request.POST.get(VERSION, "")
    if not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise VersionMissing
    return int(version)


def lock_version(rows, pk, version):
    """The row, locked for this transaction, if it still has that version; Refused (409) if not."""
    row = rows.select_for_update(of=("self",)).get(pk=pk)
    if row.version != version:
        raise Refused(
            _("Somebody else changed this meanwhile. Compare below, then save again to keep yours."),
            conflict=True,
        )
    return row


def differences(form, row):
    """[(label, what was typed, what is stored)] for a stale form, so that both texts are on the page."""
    return [
        (bound.label, bound.value(), getattr(row, bound.name, ""))
        for bound in form
        if hasattr(row, bound.name) and str(bound.value() or "") != str(getattr(row, bound.name) or "")
    ]


def page_asked(request):
    """Which page of a list `?page=` asks for; the first for what is no number."""
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:6]) < 10_000 else 1
