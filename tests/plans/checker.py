"""Whether a booked course may stand, asked of the rows alone: SQL and dates, no code of the search.

`broken(plan)` is a list of sentences; empty when everything holds.
"""

from itertools import pairwise

from django.db import connection, transaction

TAKEN_TWICE = """
SELECT '{resource} ' || a.{resource}_id || ' is in two places at ' || a.starts_at
FROM scheduling_reservation a
JOIN scheduling_reservation b ON b.id <> a.id AND b.{resource}_id = a.{resource}_id
  AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.appointment_id = ANY(%(visits)s::uuid[])
"""
PATIENT_TWICE = """
SELECT 'the patient is in two visits at ' || a.starts_at
FROM scheduling_appointment a
JOIN scheduling_appointment b ON b.id <> a.id AND b.patient_id = a.patient_id
  AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.id = ANY(%(visits)s::uuid[]) AND b.status IN ('booked', 'arrived', 'in_treatment')
"""
UNLICENSED = """
SELECT p.name || ' may not give ' || d.key || ' on ' || v.wall_date
FROM scheduling_visitphase f
JOIN scheduling_visitpart part ON part.id = f.visitpart_id
JOIN scheduling_appointment v ON v.id = part.appointment_id
JOIN clinic_location l ON l.id = v.location_id
JOIN services_discipline d ON d.id = part.discipline_id
JOIN practitioners_practitioner p ON p.id = f.practitioner_id
WHERE v.id = ANY(%(visits)s::uuid[]) AND NOT (
  EXISTS (SELECT FROM practitioners_practitioner_disciplines pd
          WHERE pd.practitioner_id = p.id AND pd.discipline_id = d.id)
  AND (NOT d.license_needed OR EXISTS (
    SELECT FROM practitioners_license n
    JOIN practitioners_coverage c ON c.license_kind_id = n.kind_id AND c.state = n.state
      AND c.discipline_id = d.id
    WHERE n.practitioner_id = p.id AND n.state = l.state
      AND (n.issued_on IS NULL OR n.issued_on <= v.wall_date)
      AND (n.expires_on IS NULL OR n.expires_on > v.wall_date))))
"""
NOT_AT_WORK = """
SELECT p.name || ' is not at work at ' || f.starts_at
FROM scheduling_visitphase f
JOIN scheduling_visitpart part ON part.id = f.visitpart_id
JOIN scheduling_appointment v ON v.id = part.appointment_id
JOIN clinic_location l ON l.id = v.location_id
JOIN practitioners_practitioner p ON p.id = f.practitioner_id
WHERE v.id = ANY(%(visits)s::uuid[]) AND (
  NOT EXISTS (
    SELECT FROM practitioners_workinghours h
    WHERE h.practitioner_id = p.id AND h.location_id = l.id
      AND h.weekday = extract(isodow FROM f.starts_at AT TIME ZONE l.zone) - 1
      AND h.starts <= (f.starts_at AT TIME ZONE l.zone)::time
      AND (h.ends >= (f.ends_at AT TIME ZONE l.zone)::time OR h.ends = '00:00')
      AND h.valid_from <= v.wall_date AND (h.valid_until IS NULL OR h.valid_until > v.wall_date))
  OR EXISTS (SELECT FROM practitioners_absence a
             WHERE a.practitioner_id = p.id AND a.withdrawn_at IS NULL
               AND a.starts_at < f.ends_at AND a.ends_at > f.starts_at)
  OR EXISTS (SELECT FROM clinic_closure c WHERE c.location_id = l.id
               AND c.starts_at < f.ends_at AND c.ends_at > f.starts_at))
"""
WRONG_ROOM = """
SELECT 'room ' || coalesce(r.name, '-') || ' is not right for ' || f.kind || ' at ' || f.starts_at
FROM scheduling_visitphase f
JOIN scheduling_visitpart part ON part.id = f.visitpart_id
JOIN scheduling_appointment v ON v.id = part.appointment_id
JOIN services_part sp ON sp.service_id = v.service_id AND sp.position = part.position
JOIN services_phase sf ON sf.part_id = sp.id AND sf.position = f.position
LEFT JOIN clinic_room r ON r.id = f.room_id
WHERE v.id = ANY(%(visits)s::uuid[]) AND (
  (sf.room_kind_id IS NOT NULL AND (r.id IS NULL OR r.kind_id <> sf.room_kind_id OR r.location_id <> v.location_id))
  OR (sf.practitioner_needed AND f.practitioner_id IS NULL))
"""
NOT_THE_SERVICE = """
SELECT 'visit ' || pv.number || ' is not of its phase'
FROM plans_planvisit pv
JOIN plans_planphase ph ON ph.id = pv.phase_id
JOIN scheduling_appointment v ON v.id = pv.appointment_id
WHERE pv.plan_id = %(plan)s AND v.service_id <> ph.service_id
"""
VISITS = """
SELECT pv.number, v.wall_date, ph.min_days, ph.max_days, v.id, v.status
FROM plans_planvisit pv
JOIN plans_planphase ph ON ph.id = pv.phase_id
JOIN scheduling_appointment v ON v.id = pv.appointment_id
WHERE pv.plan_id = %(plan)s ORDER BY v.starts_at
"""
# What was reserved of a package or an authorization lies within its dates and does not exceed it.
OUT_OF_DATES = """
SELECT 'a visit on ' || v.wall_date || ' is paid out of dates'
FROM scheduling_visitpart part
JOIN scheduling_appointment v ON v.id = part.appointment_id
JOIN {entries} e ON e.visitpart_id = part.id AND e.kind = 'reserved'
JOIN {sources} s ON s.id = e.{source}_id
WHERE v.id = ANY(%(visits)s::uuid[])
  AND NOT EXISTS (SELECT FROM {entries} back WHERE back.reverses_id = e.id)
  AND NOT v.wall_date BETWEEN s.{first} AND s.{last}
"""
OVERDRAWN = """
SELECT 'more is taken than there is of ' || {source}_id FROM {entries}
GROUP BY {source}_id{pot} HAVING sum(quantity) < 0
"""
SOURCES = [
    {
        "entries": "packages_creditentry",
        "sources": "packages_purchase",
        "source": "purchase",
        "first": "valid_from",
        "last": "valid_until",
        "pot": ", kind_of_care_id",
    },
    {
        "entries": "packages_authorizationentry",
        "sources": "packages_authorization",
        "source": "authorization",
        "first": "starts_on",
        "last": "ends_on",
        "pot": "",
    },
]


def broken(plan, *, days_looser=0, away=(), windows=None):
    """`days_looser`: what a distance may be off the plan's; `away`: dates that do not count.

    `windows(starts_at)` is False for a time the patient did not want.
    """
    rows = asked(VISITS, plan=plan.pk)
    standing = [row for row in rows if row[5] not in ("cancelled", "no_show", "expired")]
    visits = [str(row[4]) for row in standing]
    found = []
    for resource in ("practitioner", "room"):
        found += said(TAKEN_TWICE.format(resource=resource), visits=visits)
    for sql in (PATIENT_TWICE, UNLICENSED, NOT_AT_WORK, WRONG_ROOM):
        found += said(sql, visits=visits)
    found += said(NOT_THE_SERVICE, plan=plan.pk)
    for names in SOURCES:
        found += said(OUT_OF_DATES.format(**names), visits=visits) + said(OVERDRAWN.format(**names))
    found += wrong_distances(standing, days_looser, away)
    if windows:
        found += [f"{at} was not wanted" for (at,) in asked(STARTS, visits=visits) if not windows(at)]
    return found


STARTS = "SELECT starts_at FROM scheduling_appointment WHERE id = ANY(%(visits)s::uuid[])"


def wrong_distances(rows, looser, away):
    """In order, no two on one day, and no nearer or farther than the later one's phase says."""
    found = []
    for (_n, before, *_), (number, day, least, most, *_rest) in pairwise(rows):
        gap = (day - before).days
        lost = len([one for one in away if before < one < day])
        if gap < 1:
            found.append(f"visit {number} is not after the one before")
        elif gap < least - looser or gap - lost > most + looser:
            found.append(f"visit {number} comes after {gap} days")
    return found


def said(sql, **values):
    return [row[0] for row in asked(sql, **values)]


def asked(sql, **values):
    """A check may take longer than a request may: beside ten times the visits some read them all."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")
        cursor.execute(sql, values)
        return cursor.fetchall()
