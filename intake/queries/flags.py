"""Red flags that are open, and the set of questions they come from."""

import hashlib
import json

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from acupoints.models import Term
from clinic.walltime import day_span
from intake.models import RaisedFlag, RedFlag, Referral, Screening, SignOff
from intake.rules import flags as rules
from patients.models import Patient
from patients.queries import ids_of

SET = "red_flags"
AS_TUPLES = {"when", "escalates_with", "blocked_modalities"}


def questions():
    """The set that counts, in its order: what ships and what the clinic laid over it. One statement."""
    names = rules.Question._fields
    rows = RedFlag.objects.effective().order_by("key").values_list(*names)
    return tuple(
        rules.Question(
            *(tuple(value) if name in AS_TUPLES else value for name, value in zip(names, row, strict=True))
        )
        for row in rows
    )


def is_open(today=None):
    """Which red flags are open on a day: not cleared, or cleared on a physician's word that has run out.

    Worked out at each reading: nothing has to happen on the day a clearance ends. Cleared anew after that day,
    or with a newer clearance, it stays cleared.
    """
    today = today or timezone.now().date()
    words = Referral.objects.filter(flags=OuterRef("pk"))
    ran_out = words.filter(cleared_until__lt=today, cleared_until__gte=OuterRef("cleared_at__date"))
    return Q(cleared_at=None) | (Exists(ran_out) & ~Exists(words.filter(cleared_until__gte=today)))


def open_flags(patient, today=None):
    """Red flags that nobody has cleared or whose clearance ran out, gravest first, each once. Two statements."""
    rows = RaisedFlag.objects.filter(is_open(today), patient__in=ids_of(patient))
    return gravest_of_each(rows.order_by("raised_at", "pk"))


def flags_of(patient):
    """Every red flag of a patient, open or cleared, as a queryset."""
    return RaisedFlag.objects.filter(patient__in=ids_of(patient))


def gravest_of_each(rows):
    """One row for each question: a later, graver one stands for an earlier one."""
    found = {}
    for row in rows:
        before = found.get(row.flag)
        if before is None or rules.GRAVITY[row.action] < rules.GRAVITY[before.action]:
            found[row.flag] = row
    return sorted(
        found.values(), key=lambda row: (rules.GRAVITY[row.action], rules.URGENCY.index(row.urgency))
    )


def treatment_is_closed(patient, today=None):
    """Why treatment is closed, as sentences for a clinician; empty when it is not. Two statements."""
    return rules.reasons_not_to_treat(open_flags(patient, today))


def blocked_modalities(patient, today=None):
    """Ids of the modalities that open red flags close, or {"all"}. Two statements."""
    return rules.blocked(open_flags(patient, today))


def clinician_first(patient_ids, today=None):
    """Those of these patients whom the desk sends to a clinician first. One statement, merged records included.

    Whoever may have no treatment at all, for a physician to see at once or within days.
    """
    ids = set(patient_ids)
    records = Patient.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).values("pk")
    closing = Q(action=rules.REFER_NOW) | Q(blocked_modalities__contains=[rules.EVERYTHING])
    rows = RaisedFlag.objects.filter(closing & is_open(today), patient__in=records)
    found = {pk for row in rows.order_by().values_list("patient", "patient__merged_into") for pk in row}
    return found & ids


def name_closed(flags):
    """Give each flag the names of the methods it closes, as `closed`. One statement."""
    rows = Term.objects.effective().filter(kind="modality")
    names = {"all": _("every treatment"), **dict(rows.values_list("key", "name"))}
    for flag in flags:
        flag.closed = [names.get(key, key) for key in flag.blocked_modalities]
    return flags


def cleared_flags(patient, limit=20):
    rows = RaisedFlag.objects.filter(~is_open(), patient__in=ids_of(patient))
    return list(rows.select_related("cleared_by__profile").order_by("-cleared_at", "pk")[:limit])


def last_screening(patient):
    rows = Screening.objects.filter(patient__in=ids_of(patient)).select_related("by__profile")
    return rows.order_by("-at").first()


def neck_screened(patient, day, zone):
    """Whether a clinician asked about the neck on that day. Two statements.

    A recheck does not count: it asks what is new since last time, and of the regions of last time.
    """
    rows = Screening.objects.filter(patient__in=ids_of(patient), regions__contains=["neck"], response=None)
    rows = rows.exclude(asked_when="recheck").filter(by__isnull=False)
    span = day_span(day, zone)
    return rows.filter(at__gte=span.start, at__lt=span.end).exists()


def regions_asked(patient):
    """Regions that this patient was ever asked about, in the order of the screen; both when never asked."""
    rows = Screening.objects.filter(patient__in=ids_of(patient)).values_list("regions", flat=True)
    known = {region for regions in rows for region in regions}
    return [region for region in rules.REGIONS if region in known] or ["neck", "back"]


def set_sha256():
    """The hash of every question that counts, in its order: what a clinician signs. One statement."""
    rows = [list(row) for row in questions()]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def sign_offs(limit=20):
    rows = SignOff.objects.filter(what=SET).select_related("by__profile")
    return list(rows.order_by("-at", "-pk")[:limit])


def waiting_for_review():
    """Keys of the questions whose wording or severity waits for a clinician's word."""
    rows = RedFlag.objects.effective().filter(needs_clinician_review=True)
    return list(rows.order_by("key").values_list("key", flat=True))
