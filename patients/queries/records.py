"""What belongs to a record: the ones merged into it, the household, the people around it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Q

from clinic.models import AuditEvent
from patients.models import Merge, Patient
from patients.rules import SAME_PERSON, likeness
from patients.rules.searching import digits_in, escaped, plain

RECENT_DAYS = 14


@dataclass(frozen=True)
class Recipient:
    """To whom a message goes, and in which language. An empty address means that none can be sent."""

    email: str
    name: str
    language: str


def recipient(patient):
    return Recipient(email=patient.email, name=patient.called, language=patient.language)


def ids_of(patient):
    """The record's id and those of all records merged into it, for every question about one person.

    Merging keeps `merged_into` one step long, so one statement finds them all.
    """
    return [
        patient.pk,
        *Patient.objects.filter(merged_into=patient.pk).order_by("pk").values_list("pk", flat=True),
    ]


def household_of(patient, user):
    """The other members that this person may see, by age."""
    if patient.household_id is None:
        return []
    members = Patient.objects.visible_to(user).current().filter(household=patient.household_id)
    return list(members.exclude(pk=patient.pk).order_by("birth_date", "given_name", "pk"))


def related_people_of(patient, now):
    """Who may come along or decide, as of now: guardians first."""
    people = patient.related_people.filter(Q(until=None) | Q(until__gt=now)).select_related("user__profile")
    return list(people.order_by("-guardian", "name", "pk"))


def duplicates_of(user, candidate, limit=5):
    """Records that are probably the same person as `candidate`, which need not be stored; likeliest first.

    One statement: the index finds whoever shares a phone number, an e-mail, a birth date or the full name,
    and the rule looks at those.
    """
    patterns = [f"%{escaped(text)}%" for text in shared_texts(candidate) if text.strip()]
    if not patterns:
        return []
    rows = Patient.objects.visible_to(user).current().exclude(pk=getattr(candidate, "pk", None))
    rows = rows.extra(where=["search_text LIKE ANY(%s)"], params=[patterns])
    points = [(likeness(candidate, row), row) for row in rows.order_by("pk")]
    likely = sorted((pair for pair in points if pair[0] >= SAME_PERSON), key=lambda pair: -pair[0])
    return [row for _points, row in likely[:limit]]


def shared_texts(candidate):
    full_name = plain(f"{candidate.given_name} {candidate.family_name}").strip()
    born = f"{candidate.birth_date:%Y-%m-%d}" if candidate.birth_date else ""
    return [
        full_name,
        digits_in(candidate.phone.as_e164 if candidate.phone else ""),
        plain(candidate.email),
        born,
    ]


def closest_records(user, patient):
    """What merging proposes to compare with a record."""
    return duplicates_of(user, patient)


def recently_opened(user, now, limit=20):
    """Records this person opened in the last two weeks, newest first."""
    since = now - timedelta(days=RECENT_DAYS)
    events = AuditEvent.objects.filter(by=user, verb="read", at__gte=since, patient__isnull=False)
    latest = (
        events.values("patient")
        .annotate(last=Max("at"))
        .order_by("-last")
        .values_list("patient", flat=True)[:limit]
    )
    order = {pk: place for place, pk in enumerate(latest)}
    rows = Patient.objects.visible_to(user).current().filter(pk__in=order)
    return sorted(rows, key=lambda row: order[row.pk])


def merge_seen(user, pk):
    """A merge of two records that this person may both see, else None."""
    seen = Patient.objects.visible_to(user)
    return Merge.objects.filter(pk=pk, kept__in=seen, merged__in=seen).first()


def merge_of(patient):
    """The merge that made this an old record; None for a current one."""
    if patient.merged_into_id is None:
        return None
    return Merge.objects.filter(merged=patient, undone_at=None).order_by("-at").first()
