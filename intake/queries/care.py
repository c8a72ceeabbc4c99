"""Referrals, letters, and what a letter says of a record."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clinic.models import Clinic
from intake.models import Allergy, CareElsewhere, Condition, Letter, Medication, MedicationDose, Referral
from intake.rules import history, letters
from patients.models import Patient
from patients.queries import ids_of
from patients.rules import birth_date_shown
from practitioners.models import Practitioner


def every_referral_of(patient):
    """As a queryset; one statement of its own for the merged records."""
    return Referral.objects.filter(patient__in=ids_of(patient))


def referrals_of(patient, today):
    """Referrals of a patient, newest first, each with its state. Three statements."""
    rows = every_referral_of(patient).prefetch_related("flags")
    return [with_state(row, today) for row in rows.order_by("-opened_at", "pk")]


def open_referrals(user, today, limit=200):
    """What is not settled, and clearances that ran out, in the charts open to this person. One statement."""
    seen = Patient.objects.charts_read_by(user).filter(pk=OuterRef("patient"))
    again = Referral.objects.filter(patient=OuterRef("patient"), opened_at__gt=OuterRef("opened_at"))
    ran_out = Q(cleared_until__lt=today) & ~Exists(again)
    rows = Referral.objects.filter(Exists(seen)).filter(Q(closed_at=None) | ran_out)
    rows = rows.select_related("patient").order_by("opened_at", "pk")[:limit]
    return [with_state(row, today) for row in rows]


def with_state(row, today):
    row.state = letters.state_of(
        sent_at=row.sent_at,
        letter_at=row.letter_at,
        reply_on=row.reply_on,
        reply_seen_at=row.reply_seen_at,
        cleared_until=row.cleared_until,
        closed_at=row.closed_at,
        today=today,
    )
    row.state_words = letters.STATES[row.state]
    row.urgency_words = letters.URGENCY_WORDS.get(row.urgency, row.urgency)
    return row


def letters_of(patient):
    """Letters of a patient, newest first, without their contents. Two statements."""
    rows = Letter.objects.filter(patient__in=ids_of(patient)).defer("pdf", "data")
    return list(rows.select_related("made_by__profile").order_by("-made_at", "pk"))


def letters_visible_to(user):
    return Letter.objects.filter(patient__in=Patient.objects.charts_read_by(user))


def frame_of(*, patient, to, by, location, on):
    """What every letter carries. `location` is where the writer works; None leaves its address out."""
    clinic = Clinic.objects.first()
    provider = Practitioner.objects.filter(user=by).first()
    born = birth_date_shown(patient.birth_date)
    lines = (location.name, location.address, location.phone) if location else ()
    return letters.Frame(
        clinic=clinic.name if clinic else "Meridian",
        clinic_lines=tuple(line for line in lines if line),
        to=to,
        patient=f"{patient.given_name} {patient.family_name}".strip(),
        born=born,
        on=on,
        signed=str(provider or by.name or by.email),
    )


def known_of(patient, today):
    """The history's lines that count today, as a letter says them. Five statements."""
    ids = ids_of(patient)

    def current(model):
        rows = model.objects.filter(patient__in=ids).order_by("entered_at", "pk")
        return [row for row in rows if history.is_current(started=row.started, ended=row.ended, today=today)]

    medicines = current(Medication)
    doses = MedicationDose.objects.filter(medication__in=[row.pk for row in medicines])
    latest = {dose.medication_id: dose.dose for dose in doses.order_by("from_day", "at", "pk")}
    return letters.Known(
        conditions=tuple(condition_line(row) for row in current(Condition)),
        medication=tuple(
            ", ".join(part for part in (row.name, latest.get(row.pk), since(row)) if part)
            for row in medicines
        ),
        allergies=tuple(
            ": ".join(part for part in (row.substance, row.reaction) if part) for row in current(Allergy)
        ),
    )


def condition_line(row):
    place = " ".join(part for part in (row.get_side_display() if row.side else "", row.region) if part)
    return ", ".join(part for part in (row.name, place, since(row)) if part)


def since(row):
    if not row.started:
        return ""
    return _("since %(date)s") % {"date": birth_date_shown(row.started)}


def physicians_of(patient):
    """Whom letters can go to: [name], the most recent first, each once. Two statements."""
    rows = CareElsewhere.objects.filter(patient__in=ids_of(patient)).order_by("-entered_at", "pk")
    found = rows.values_list("referring_physician", "assessed_by")
    names = [name for pair in found for name in pair if name]
    return list(dict.fromkeys([*names, *([patient.physician_name] if patient.physician_name else [])]))
