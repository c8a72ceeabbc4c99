"""Who opened a record: which events are openings, and who opened it on which day, for its patient and the owner."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import TruncDate, TruncMinute

from clinic.models import STAFF_ROLES, AuditEvent, Role
from patients.queries.charts import OPENED
from patients.queries.records import ids_of

# What reading is written down as, beside every verb that begins with "read".
READINGS = ("admin read", "export_chart", "open note", "see handover", OPENED)
SHOWN_FOR = timedelta(days=365)
PAGE = 25


@dataclass(frozen=True, slots=True)
class Looked:
    """One member of staff on one day: what they were here, and how often they opened the record."""

    on: date
    name: str
    roles: str
    first: datetime
    last: datetime
    times: int
    with_reason: bool


def is_reading(verb):
    return verb.startswith("read") or verb in READINGS


def openings(patient):
    """Events in which somebody who worked here at that moment opened the record, or one merged into it."""
    held = Q(by__role_grants__until=None) | Q(by__role_grants__until__gt=F("at"))
    return AuditEvent.objects.filter(
        Q(verb__startswith="read") | Q(verb__in=READINGS), patient__in=ids_of(patient)
    ).filter(held, by__role_grants__role__in=STAFF_ROLES, by__role_grants__since__lte=F("at"))


def who_looked(patient, zone, now, page=1):
    """([Looked], more): the last 12 months by day of that zone, the latest first, 25 a page. Two statements.

    One page is fetched in pieces, each of them an event: what happens within a minute counts once.
    """
    start = (page - 1) * PAGE
    days = (
        openings(patient)
        .filter(at__gte=now - SHOWN_FOR)
        .values("by", "by__profile__name", on=TruncDate("at", tzinfo=zone))
        .annotate(
            first=Min("at"),
            last=Max("at"),
            times=Count(TruncMinute("at"), distinct=True),
            with_reason=BoolOr(Q(verb=OPENED)),
            roles=ArrayAgg("by__role_grants__role", distinct=True),
        )
        .order_by("-on", "-last", "by")[start : start + PAGE + 1]
    )
    found = list(days)
    return [in_words(row) for row in found[:PAGE]], len(found) > PAGE


def in_words(row):
    return Looked(
        on=row["on"],
        name=row["by__profile__name"],
        roles=", ".join(str(Role(role).label) for role in sorted(row["roles"])),
        first=row["first"],
        last=row["last"],
        times=row["times"],
        with_reason=row["with_reason"],
    )
