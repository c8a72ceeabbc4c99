"""Beside the draft: the input line, safety, stamps, signing, addenda, templates, boxes, reactions, handovers."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusal import Refused
from clinic.roles import needs
from treatment.actions import after, reactions, stock
from treatment.actions.needles import stamp_needles
from treatment.actions.signing import sign as sign_note
from treatment.models import Addendum, ReactionKind
from treatment.queries.draft import box_line, template_lines
from treatment.queries.safety import verdicts_of
from treatment.queries.stock import boxes_in_use
from treatment.queries.typed import read_line
from treatment.rules.reactions import must_be_reported
from treatment.views.answers import (
    body_of,
    flag_in,
    in_json,
    note_written,
    number_in,
    text_in,
    uuid_in,
    version_in,
)

ADD = {
    Addendum.Kind.ADDENDUM: after.add_addendum,
    Addendum.Kind.ENTERED_IN_ERROR: after.mark_entered_in_error,
    Addendum.Kind.NEEDLE_RESOLUTION: after.resolve_needles,
}


@needs("write_chart", methods=("POST",))
@in_json
def line(request, pk):
    note_written(request, pk)
    body = body_of(request)
    cursor = number_in(body, "cursor", most=10_000) if body.get("cursor") is not None else None
    return read_line(text_in(body, "text"), cursor)


@needs("write_chart", methods=("POST",))
@in_json
def speak(request, pk):
    note, body = note_written(request, pk), body_of(request)
    return {"verdicts": verdicts_of(note, request.user, body.get("choices"))}


@needs("write_chart", methods=("POST",))
@in_json
def needles(request, pk):
    note, body = note_written(request, pk), body_of(request)
    change = stamp_needles(by=request.user, note=note, what=text_in(body, "what", 20))
    return {"at": change.at.isoformat(), "change": str(change.pk)}


@needs("write_chart", methods=("POST",))
@in_json
def sign(request, pk):
    note, body = note_written(request, pk), body_of(request)
    signed = sign_note(
        by=request.user,
        pk=note.pk,
        version=version_in(body),
        exit_reason=text_in(body, "emergency_reason", 500),
    )
    return {"signed_at": signed.signed_at.isoformat(), "version": signed.version}


@needs("write_chart", methods=("POST",))
@in_json
def addendum(request, pk):
    note, body = note_written(request, pk), body_of(request)
    add = ADD.get(text_in(body, "kind", 20))
    if add is None:
        raise Refused(_("Choose what kind of addendum this is."))
    row = add(by=request.user, pk=note.pk, words=text_in(body, "words"))
    return {"id": str(row.pk), "at": row.at.isoformat()}


@needs("write_chart", methods=("GET", "POST"))
@in_json
def templates(request, pk):
    note = note_written(request, pk)
    if request.method == "POST":
        body = body_of(request)
        shared = flag_in(body, "shared")
        stock.save_template(by=request.user, note=note, name=text_in(body, "name", 100), shared=shared)
    return {"templates": template_lines(request.user, note.discipline_id)}


@needs("write_chart", methods=("POST",))
@in_json
def boxes(request, pk):
    note, body = note_written(request, pk), body_of(request)
    if note.location is None:
        raise Refused(_("This note belongs to no location. Open the box on a visit’s note."))
    stock.open_box(
        by=request.user,
        location=note.location,
        size=text_in(body, "size", 80),
        brand=text_in(body, "brand", 80),
        lot=text_in(body, "lot", 60),
        expires_on=day_in(body, "expires_on"),
        press=flag_in(body, "press"),
        instead_of=uuid_in(body, "ends") if body.get("ends") else None,
    )
    return {"boxes": [box_line(box, timezone.now()) for box in boxes_in_use(note.location_id)]}


def day_in(body, name):
    try:
        return date.fromisoformat(text_in(body, name, 10))
    except ValueError:
        raise Refused(_("Write the date as year-month-day.")) from None


@needs("write_chart", methods=("POST",))
@in_json
def reaction(request, pk):
    note, body = note_written(request, pk), body_of(request)
    said = {name: text_in(body, name) for name in reactions.WORDS}
    row = reactions.record_reaction(
        by=request.user,
        patient=note.patient,
        note=note,
        kind=text_in(body, "kind", 80),
        grade=number_in(body, "grade", most=5),
        serious=flag_in(body, "serious"),
        follow_up_at=instant_in(body, "follow_up_at"),
        **said,
    )
    return reaction_line(row)


def instant_in(body, name):
    """An aware time, or None where none was sent."""
    if not body.get(name):
        return None
    try:
        found = datetime.fromisoformat(text_in(body, name, 40))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused(_("Write the time with its zone."))
    return found


def reaction_line(row):
    kind = ReactionKind.objects.effective().get(key=row.kind)
    told = kind.report_to if must_be_reported(kind, row.grade) else ""
    return {
        "id": str(row.pk),
        "version": row.version,
        "first_action": kind.first_action,
        "stops_session": kind.stops_session,
        "report_to": told,
        "follow_up_at": row.follow_up_at and row.follow_up_at.isoformat(),
    }


@needs("write_chart", methods=("POST",))
@in_json
def handover(request, pk):
    note, body = note_written(request, pk), body_of(request)
    to_user = User.objects.filter(pk=number_in(body, "to"), is_active=True).first()
    row = after.hand_over(
        by=request.user,
        patient=note.patient,
        appointment=note.appointment,
        to_user=to_user,
        words=text_in(body, "words"),
    )
    return {"id": str(row.pk), "at": row.at.isoformat()}
