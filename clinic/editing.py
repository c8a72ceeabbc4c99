"""Pages that edit one row: what is on the page after each outcome, so that nothing typed is lost."""

from dataclasses import dataclass, field

from django.shortcuts import render
from django.utils.formats import localize
from django.utils.translation import gettext as _

from clinic.pages import posted_version, refuse
from clinic.refusal import Refused
from clinic.submissions import request_key

DONE = 303


@dataclass
class Edit:
    """One form page. `row` carries the version the page must send next time."""

    form: object
    row: object
    status: int = 200
    changes: list = field(default_factory=list)

    @property
    def done(self):
        return self.status == DONE

    def page(self, request, template, **context):
        shown = {"form": self.form, "row": self.row, "changes": self.changes, **context}
        return render(request, template, shown, status=self.status)


def edit(request, make, row, act):
    """Show the form of a row, or do what it asks.

    `make(data, row)` builds the form with the row's values as initial ones; `act(form, version, key)` calls
    the action, with None as version for a new row. A form that is not valid or refused keeps the version that
    was posted; after a conflict the page carries the stored version and both texts.
    """
    if request.method != "POST":
        return Edit(make(None, row), row)
    version = None if row._state.adding else posted_version(request)
    form = make(request.POST, row)
    status, refusal = _try(request, form, version, act)
    if status == 409 and version is not None:
        return _conflict(request, make, row, refusal)
    if version is not None:
        row.version = version
    return Edit(form, row, status)


def _try(request, form, version, act):
    """(status, refusal or None)."""
    if not form.is_valid():
        return 422, None
    try:
        act(form, version, request_key(request))
    except Refused as refusal:
        return refuse(form, refusal), refusal
    return DONE, None


def _conflict(request, make, row, refusal):
    stored = type(row)._default_manager.get(pk=row.pk)
    version = stored.version
    form = make(request.POST, stored)
    form.is_valid()
    status = refuse(form, refusal)
    stored.version = version
    changes = [
        (form[name].label, said(form[name], form[name].value()), said(form[name], form[name].initial))
        for name in form.changed_data
    ]
    return Edit(form, stored, status, changes)


def said(bound, value):
    """A field's value in words: the label of a choice, yes or no, times without seconds."""
    choices = dict(getattr(bound.field, "choices", None) or [])
    labels = {str(getattr(key, "value", key)): str(label) for key, label in choices.items()}
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(labels.get(str(one), str(one)) for one in value)) or _("nothing")
    if hasattr(value, "strftime"):
        value = localize(value)
    return labels.get(str(value), str(value)) if value not in (None, "") else _("nothing")
