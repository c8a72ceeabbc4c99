"""What must hold of the calendar after anything that can happen to it, asked of the rows alone.

Shares no code with the product: SQL and sets of minutes.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import connection

from scheduling.models import Appointment, Call, Reservation, VisitPhase

OVERLAPS = """
SELECT a.id, b.id FROM scheduling_reservation a JOIN scheduling_reservation b
  ON a.id < b.id AND a.{resource}_id = b.{resource}_id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.live AND b.live AND NOT (a.{resource}_overbooked OR b.{resource}_overbooked)
"""
PATIENTS = """
SELECT a.id, b.id FROM scheduling_appointment a JOIN scheduling_appointment b
  ON a.id < b.id AND a.patient_id = b.patient_id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status IN ('booked', 'arrived', 'in_treatment') AND b.status IN ('booked', 'arrived', 'in_treatment')
"""
NEEDLESS_FLAGS = """
SELECT a.id FROM scheduling_reservation a
WHERE a.live AND a.{resource}_overbooked AND NOT EXISTS (
  SELECT 1 FROM scheduling_reservation b
  WHERE b.id <> a.id AND b.live AND a.{resource}_id = b.{resource}_id
    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)
"""

# Where needles are in by the facts and it is not kept, or kept and they are not. A withdrawn row takes one back.
NEEDLES = """
WITH standing AS (
  SELECT t.what, f.visitpart_id FROM scheduling_actualtime t JOIN scheduling_visitphase f ON f.id = t.visitphase_id
  GROUP BY t.appointment_id, t.what, f.visitpart_id, t.visitphase_id, t.at
  HAVING sum(CASE WHEN t.withdrawn THEN -1 ELSE 1 END) > 0
), needled AS (
  SELECT DISTINCT a.patient_id, a.location_id FROM standing s
  JOIN scheduling_visitpart p ON p.id = s.visitpart_id JOIN scheduling_appointment a ON a.id = p.appointment_id
  WHERE a.status = 'in_treatment' AND p.status <> 'not_done' AND s.what IN ('first_needle', 'last_needle_in')
    AND NOT EXISTS (SELECT 1 FROM standing o WHERE o.visitpart_id = p.id AND o.what = 'needles_out')
), kept AS (
  SELECT patient_id, location_id FROM patients_patientlocation WHERE needles_in_since IS NOT NULL
)
(SELECT * FROM needled EXCEPT SELECT * FROM kept) UNION (SELECT * FROM kept EXCEPT SELECT * FROM needled)
"""
# Who delivers a part of a visit that stands and is not in the team for it, or is and delivers none.
TEAMS = """
WITH delivers AS (
  SELECT a.patient_id, d.user_id, a.status FROM scheduling_appointment a
  JOIN scheduling_visitpart p ON p.appointment_id = a.id JOIN scheduling_visitphase f ON f.visitpart_id = p.id
  JOIN practitioners_practitioner d ON d.id = f.practitioner_id
  WHERE p.status <> 'not_done' AND a.status IN ('held', 'booked', 'arrived', 'in_treatment', 'completed')
), team AS (SELECT patient_id, user_id FROM patients_careteam WHERE why = 'treating' AND until IS NULL)
(SELECT patient_id, user_id FROM delivers WHERE status <> 'held' EXCEPT SELECT * FROM team)
UNION (SELECT * FROM team EXCEPT SELECT patient_id, user_id FROM delivers)
"""


def overlaps():
    """Pairs that must not be: practitioner, room or patient in two places at once."""
    found = []
    with connection.cursor() as cursor:
        for resource in ("practitioner", "room"):
            cursor.execute(OVERLAPS.format(resource=resource))
            found += [(resource, *pair) for pair in cursor.fetchall()]
        cursor.execute(PATIENTS)
        found += [("patient", *pair) for pair in cursor.fetchall()]
    return found


def needless_flags():
    """Rows flagged as double-booked that overlap nothing."""
    with connection.cursor() as cursor:
        found = []
        for resource in ("practitioner", "room"):
            cursor.execute(NEEDLESS_FLAGS.format(resource=resource))
            found += [(resource, *row) for row in cursor.fetchall()]
    return found


def minutes(rows):
    """{(resource, id, minute)} of rows with starts_at, ends_at, practitioner_id, room_id."""
    found = set()
    for row in rows:
        at = row.starts_at
        while at < row.ends_at:
            found |= {("practitioner", row.practitioner_id, at)} if row.practitioner_id else set()
            found |= {("room", row.room_id, at)} if row.room_id else set()
            at += timedelta(minutes=5)
    return found


def wrong_promises():
    """Visits whose reservations are not what their standing phases say.

    A proposal on a call list holds what the visit it is for does not hold itself; together they hold everything.
    """
    rows = defaultdict(list)
    for row in Reservation.objects.filter(appointment__isnull=False):
        rows[row.appointment_id].append(row)
    phases = defaultdict(list)
    for phase in VisitPhase.objects.exclude(visitpart__status="not_done").select_related("visitpart"):
        phases[phase.visitpart.appointment_id].append(phase)
    proposed_for = dict(Call.objects.filter(proposal__isnull=False).values_list("proposal", "appointment"))
    wrong = []
    for visit in Appointment.objects.all():
        has = minutes(rows[visit.pk])
        if visit.status == "held" and visit.pk in proposed_for:
            wanted = minutes(phases[visit.pk])
            own = minutes(rows[proposed_for[visit.pk]])
            wrong += [] if has <= wanted <= has | own else [visit.pk]
        elif visit.status in ("booked", "arrived", "in_treatment", "held"):
            wrong += [] if has == minutes(phases[visit.pk]) else [visit.pk]
        elif visit.status in ("cancelled", "no_show", "expired"):
            wrong += [visit.pk] if has else []
    return wrong


def wrong_needles():
    return asked("needles", NEEDLES)


def wrong_teams():
    """Not part of `broken`: rows that a test makes without the product's actions have no team."""
    return asked("team", TEAMS)


def asked(name, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [(name, *row) for row in cursor.fetchall()]


def broken():
    """Everything that is wrong; empty when all is well."""
    return overlaps() + needless_flags() + wrong_promises() + wrong_needles()
