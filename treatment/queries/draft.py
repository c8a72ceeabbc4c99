"""What the note's script needs to know when it begins, and after each save."""

from clinic.models import Role, RoleGrant
from clinic.walltime import local
from patients.rules import age
from scheduling.models import VisitPart
from treatment.queries.notes import last_notes, written
from treatment.queries.safety import spoken_about, verdict_line
from treatment.queries.signing import not_ready
from treatment.queries.stock import boxes_in_use, chart_settings, may_override_absolute, templates_for


def opened(note, user, *, now):
    """The answer to GET state. A fixed number of statements, whatever stands in the note."""
    (this,) = written([note])
    permitted = may_override_absolute(user)
    last = next(iter(last_notes(note.patient, note.discipline_id)), None)
    return {
        "note": {**about(this, user, now), "may_override_absolute": permitted},
        "state": this.state,
        "last": last and {**summary(last.note), "state": last.state},
        "boxes": [box_line(box, now) for box in boxes_in_use(note.location_id)],
        **judged(note, this.state, user, permitted),
    }


def judged(note, state, user, permitted):
    """What the rules say about a draft, and what is missing before it can be signed.

    `permitted`: this person may choose against absolute rules.
    """
    reasons, may_exit = not_ready(note, state, user)
    return {
        "verdicts": [verdict_line(one, state, permitted) for one in spoken_about(note, state)],
        "reasons_not_to_sign": [str(reason) for reason in reasons],
        "may_sign_all_the_same": may_exit,
    }


def about(this, user, now):
    note = this.note
    return {
        "id": str(note.pk),
        "version": note.version,
        "opened_at": note.opened_at.isoformat(),
        "signed_at": note.signed_at and note.signed_at.isoformat(),
        "editable": note.author_id == user.pk and not note.signed_at and not this.entered_in_error,
        "discipline": note.discipline.key,
        "discipline_name": note.discipline.name,
        "author": {"id": note.author_id, "name": note.author.name},
        "patient": person(note, now),
        "visit": visit_line(note),
        "entered_in_error": this.entered_in_error,
        "addenda": [addendum_line(one) for one in this.addenda],
        "settings": {"tongue_and_pulse": chart_settings().tongue_and_pulse},
        "colleagues": colleagues(user, now),
    }


def person(note, now):
    patient = note.patient
    today = local(now, note.location.tz).date() if note.location else now.date()
    return {
        "id": str(patient.pk),
        "name": patient.name,
        "called": patient.called,
        "pronouns": patient.pronouns,
        "age": age(patient.birth_date, today),
    }


def visit_line(note):
    """The visit, with the disciplines in the order that was planned; one statement."""
    if note.appointment is None:
        return None
    parts = VisitPart.objects.filter(appointment=note.appointment).order_by("position")
    return {
        "id": str(note.appointment_id),
        "starts_at": note.appointment.starts_at.isoformat(),
        "location": note.appointment.location.name,
        "part": str(note.visitpart_id),
        "part_name": note.visitpart.name,
        "planned_order": list(parts.values_list("discipline__key", flat=True)),
    }


def addendum_line(one):
    return {"kind": one.kind, "words": one.words, "at": one.at.isoformat(), "by": one.by.name}


def summary(note):
    return {"id": str(note.pk), "signed_at": note.signed_at.isoformat(), "author": note.author.name}


def box_line(box, now):
    return {
        "id": str(box.pk),
        "version": box.version,
        "size": box.size,
        "brand": box.brand,
        "lot": box.lot,
        "expires_on": box.expires_on.isoformat(),
        "press": box.press,
        "expired": box.expires_on < now.date(),
    }


def colleagues(user, now):
    """Other clinicians to hand over to, by name; one statement."""
    rows = RoleGrant.objects.in_force(now).filter(role=Role.PRACTITIONER, user__is_active=True)
    rows = rows.exclude(user=user).order_by("user__profile__name").values_list("user", "user__profile__name")
    return [{"id": pk, "name": name} for pk, name in rows]


def template_lines(user, discipline):
    return [
        {"id": str(row.pk), "version": row.version, "name": row.name, "shared": row.owner_id is None}
        for row in templates_for(user, discipline)
    ]
