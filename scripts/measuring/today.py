"""The Today board at the moment of loading, beside the joins that fetch its facts raw.

No ratio is set for it. The plain way reads the day's visits with their patients, parts, phases and facts, the
rooms, the promised minutes, the open calls, the gravest red flags and the needles not accounted for, as tuples, and
makes nothing of them.
"""

from clinic import walltime
from clinic.models import Location
from frontdesk.queries import board
from scripts.measuring.calendar import reader
from scripts.measuring.clock import Work

SEEN = """(EXISTS (SELECT FROM patients_patientlocation l
    WHERE l.patient_id = a.patient_id AND l.location_id = ANY(%(locations)s))
  OR EXISTS (SELECT FROM patients_careteam t WHERE t.patient_id = a.patient_id AND t.user_id = %(user)s
    AND t.since <= %(now)s AND (t.until IS NULL OR t.until > %(now)s)))"""
OF_THE_DAY = """FROM scheduling_appointment a
WHERE a.location_id = %(location)s AND a.starts_at >= %(start)s AND a.starts_at < %(end)s
  AND a.status <> 'expired' AND NOT (a.status = 'held' AND a.held_until <= %(now)s)"""
FACTS = [
    f"""SELECT a.id, a.version, a.status, a.starts_at, a.ends_at, s.name, s.first_visit, a.confirmed_at, a.held_until,
      a.walk_in, a.came_with, a.note, a.ended_reason, a.overbooked_reason, p.id, p.given_name, p.family_name,
      p.preferred_name, p.birth_date, p.phone, p.household_id, h.name
    FROM (SELECT * {OF_THE_DAY} AND {SEEN}) a JOIN services_service s ON s.id = a.service_id
    JOIN patients_patient p ON p.id = a.patient_id LEFT JOIN patients_household h ON h.id = p.household_id
    ORDER BY a.starts_at, p.family_name, p.given_name, a.id""",
    f"""SELECT vp.appointment_id, vp.id, vp.position, vp.name, d.key, vp.status, vp.reason, f.id, f.position, f.kind,
      f.starts_at, f.ends_at, f.patient_present, f.practitioner_id, f.room_id, pr.name
    FROM (SELECT a.id {OF_THE_DAY}) a JOIN scheduling_visitpart vp ON vp.appointment_id = a.id
    JOIN services_discipline d ON d.id = vp.discipline_id JOIN scheduling_visitphase f ON f.visitpart_id = vp.id
    LEFT JOIN practitioners_practitioner pr ON pr.id = f.practitioner_id ORDER BY f.position""",
    f"""SELECT t.appointment_id, t.id, t.what, t.at, t.visitphase_id, t.room_id, t.minutes, t.withdrawn
    FROM (SELECT a.id {OF_THE_DAY}) a JOIN scheduling_actualtime t ON t.appointment_id = a.id
    ORDER BY t.entered_at, t.withdrawn, t.at""",
    "SELECT id, name, kind_id FROM clinic_room WHERE location_id = %(location)s AND active ORDER BY id",
    """SELECT r.room_id, r.practitioner_id, r.starts_at, r.ends_at, r.appointment_id, b.kind, b.note
    FROM scheduling_reservation r LEFT JOIN scheduling_block b ON b.id = r.block_id
    LEFT JOIN scheduling_appointment a ON a.id = r.appointment_id
    WHERE r.live AND r.starts_at >= %(start)s - interval '12 hours' AND r.starts_at < %(end)s AND r.ends_at > %(start)s
      AND (r.expires_at IS NULL OR r.expires_at > %(now)s)
      AND COALESCE(a.location_id, b.location_id) = %(location)s ORDER BY r.starts_at, r.id""",
    """SELECT c.absence_id, count(*) FROM scheduling_call c JOIN scheduling_appointment a ON a.id = c.appointment_id
    WHERE a.location_id = %(location)s AND c.answer IN ('open', 'left_message') GROUP BY 1 ORDER BY 1""",
    f"""SELECT DISTINCT coalesce(p.merged_into_id, p.id) FROM intake_raisedflag r
    JOIN patients_patient p ON p.id = r.patient_id WHERE r.cleared_at IS NULL AND r.action = 'refer_now'
      AND coalesce(p.merged_into_id, p.id) IN (SELECT a.patient_id {OF_THE_DAY})""",
    """SELECT n.id, n.patient_id, n.needles_missing FROM treatment_note n
    WHERE n.location_id = %(location)s AND n.needles_missing > 0 AND NOT EXISTS (SELECT FROM treatment_addendum e
      WHERE e.note_id = n.id AND e.kind IN ('entered_in_error', 'needle_resolution')) ORDER BY n.opened_at""",
]


def works(now):
    location, user = Location.objects.get(), reader("front_desk")
    span = walltime.day_span(walltime.local(now, location.tz).date(), location.tz)
    values = {
        "location": location.pk,
        "start": span.start,
        "end": span.end,
        "now": now,
        "user": user.pk,
        "locations": sorted(user.location_ids),
    }

    def plain(cursor):
        found = []
        for sql in FACTS:
            cursor.execute(sql, values)
            found.append(cursor.fetchall())
        return found

    return [Work("Today board", product=lambda: board(user=user, location=location, now=now), plain=plain)]
