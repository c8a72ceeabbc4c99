"""Boxes of needles, templates, and who may go against absolute rules."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Role
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import local
from treatment.models import AbsolutePermission, NeedleBox, NoteSave, NoteTemplate
from treatment.rules.carrying import template_of
from treatment.rules.signing import lot_refusal


@transaction.atomic
def open_box(
    *,
    by,
    location,
    size,
    lot,
    expires_on,
    brand="",
    press=False,
    instead_of=None,
    request_key=None,
    location_shown=None,
):
    """A new box is in use at the location. `instead_of`: the id of the one it replaces."""
    claim(request_key, location=location_shown)
    now = timezone.now()
    refusal = lot_refusal(expires_on, local(now, location.tz).date())
    missing = _("Write the size and the lot from the label.")
    reasons = [missing] if not (size.strip() and lot.strip()) else [refusal] if refusal else []
    if reasons:
        raise Refused(reasons)
    box = NeedleBox.objects.create(
        location=location,
        size=size.strip(),
        lot=lot.strip().upper(),
        expires_on=expires_on,
        brand=brand.strip(),
        press=press,
        opened_at=now,
        opened_by=by,
    )
    if instead_of:
        end(NeedleBox.objects.select_for_update().filter(location=location, pk=instead_of).first(), now)
    audit.record(by=by, verb="open box", about=box)
    return box


@transaction.atomic
def end_box(*, by, pk, version, request_key=None, location_shown=None):
    """This box is empty or put away. Ending it twice changes nothing."""
    claim(request_key, location=location_shown)
    box = lock_version(NeedleBox.objects.all(), pk, version)
    end(box, timezone.now())
    audit.record(by=by, verb="end box", about=box)
    return box


def end(box, now):
    if box and box.ended_at is None:
        box.ended_at = now
        box.save()


@transaction.atomic
def save_template(*, by, note, name, shared=False, request_key=None, location_shown=None):
    """Keep what a note holds as a template of this name: one's own, or the clinic's if `shared`.

    One's own template of the same name and discipline is replaced.
    """
    claim(request_key, location=location_shown)
    if not name.strip():
        raise Refused(_("Give the template a name."))
    state = NoteSave.objects.filter(note=note).order_by("-of_version").first().state
    owner = None if shared else by
    row = (
        NoteTemplate.objects.select_for_update(of=("self",))
        .filter(owner=owner, discipline=note.discipline_id, name=name.strip()[:100])
        .first()
    ) or NoteTemplate(owner=owner, discipline_id=note.discipline_id, name=name.strip()[:100])
    row.content, row.hidden = template_of(state), False
    row.save()
    audit.record(by=by, verb="save template", about=row)
    return row


@transaction.atomic
def hide_template(*, by, pk, version, request_key=None, location_shown=None):
    """Offer a template no more. The clinic's may be hidden by every clinician, a personal one by its owner."""
    claim(request_key, location=location_shown)
    row = lock_version(NoteTemplate.objects.all(), pk, version)
    if row.owner_id not in (None, by.pk):
        raise Refused(_("This template is somebody else’s. Ask them to put it away."))
    row.hidden = True
    row.save()
    audit.record(by=by, verb="hide template", about=row)
    return row


@transaction.atomic
def permit_absolute(*, by, user, request_key=None, location_shown=None):
    """The owner lets this clinician choose against absolute rules, with a reason each time."""
    claim(request_key, location=location_shown)
    refuse_unless_owner(by)
    if Role.PRACTITIONER not in user.roles:
        raise Refused(_("Only a provider can have this permission."))
    AbsolutePermission.objects.bulk_create(
        [AbsolutePermission(user=user, given_by=by, at=timezone.now())], ignore_conflicts=True
    )
    row = AbsolutePermission.objects.get(user=user, ended_at=None)
    audit.record(by=by, verb="permit absolute", about=row, user=user.pk)
    return row


@transaction.atomic
def end_absolute(*, by, user, request_key=None, location_shown=None):
    claim(request_key, location=location_shown)
    refuse_unless_owner(by)
    row = AbsolutePermission.objects.select_for_update().filter(user=user, ended_at=None).first()
    if row is None:
        raise Refused(_("This provider has no such permission. Reload the page."))
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    audit.record(by=by, verb="end absolute", about=row, user=user.pk)
    return row


def refuse_unless_owner(user):
    if Role.OWNER not in user.roles:
        raise Refused(_("Only an owner gives or ends this permission."))
