"""A day and a week of the calendar as the grid gets them, beside the join that fetches the same facts raw.

The product's answer is the JSON of the feed. The plain way fetches the tuples that it is made of, whom of
the patients the reader may see, and the few rows of columns, hours and other times; it makes nothing of them.
"""

import json
from datetime import timedelta

from clinic import walltime
from clinic.models import Location, User
from frontdesk.actions.demo.accounts import SHOWN
from practitioners.models import Practitioner
from scheduling.queries import calendar
from scripts.measuring.clock import Work

AIM, MUST, STATEMENTS = 2.5, 4, 4

PHASES = """
SELECT a.id::text, a.patient_id::text, a.version, a.status, a.starts_at, a.ends_at, a.confirmed_at IS NOT NULL,
  a.held_until, a.overbooked_reason <> '', s.name, p.given_name, p.family_name, p.preferred_name,
  vp.status, vp.position, f.position, f.kind, d.key, f.practitioner_id, f.room_id, f.starts_at, f.ends_at,
  f.patient_present
FROM scheduling_appointment a
JOIN scheduling_visitpart vp ON vp.appointment_id = a.id
JOIN scheduling_visitphase f ON f.visitpart_id = vp.id
JOIN services_service s ON s.id = a.service_id
JOIN services_discipline d ON d.id = vp.discipline_id
JOIN patients_patient p ON p.id = a.patient_id
WHERE a.location_id = %(location)s AND a.starts_at >= %(from)s AND a.starts_at < %(end)s AND a.ends_at > %(start)s
  AND a.status = ANY('{{held,booked,arrived,in_treatment,completed,cancelled,no_show}}')
  AND (a.held_until IS NULL OR a.held_until > %(now)s) {whose}
ORDER BY a.starts_at, a.id, f.position
"""
SEEN = """
SELECT l.patient_id::text FROM patients_patientlocation l
WHERE l.patient_id = ANY(%(patients)s::uuid[]) AND l.location_id = ANY(%(locations)s)
UNION SELECT t.patient_id::text FROM patients_careteam t
WHERE t.patient_id = ANY(%(patients)s::uuid[]) AND t.user_id = %(user)s
  AND t.since <= %(now)s AND (t.until IS NULL OR t.until > %(now)s)
"""
OF_ONE = """AND EXISTS (SELECT FROM scheduling_visitphase g JOIN scheduling_visitpart gp ON gp.id = g.visitpart_id
  WHERE gp.appointment_id = a.id AND g.practitioner_id = %(who)s)"""
OTHERS = [
    """SELECT 'block', practitioner_id, room_id, starts_at, ends_at, kind, note FROM scheduling_block
    WHERE location_id = %(location)s AND removed_at IS NULL
      AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
    UNION ALL SELECT 'elsewhere', r.practitioner_id, NULL, r.starts_at, r.ends_at, '', ''
    FROM scheduling_reservation r JOIN scheduling_appointment a ON a.id = r.appointment_id
    WHERE r.live AND r.practitioner_id IS NOT NULL AND a.location_id <> %(location)s
      AND r.starts_at >= %(from)s AND r.starts_at < %(end)s AND r.ends_at > %(start)s
      AND (r.expires_at IS NULL OR r.expires_at > %(now)s)
    UNION ALL SELECT 'away', practitioner_id, NULL, starts_at, ends_at, kind, '' FROM practitioners_absence
    WHERE withdrawn_at IS NULL AND starts_at < %(end)s AND ends_at > %(start)s
    UNION ALL SELECT 'closed', NULL, NULL, starts_at, ends_at, '', reason FROM clinic_closure
    WHERE location_id = %(location)s AND starts_at < %(end)s AND ends_at > %(start)s""",
    "SELECT weekday, opens, closes FROM clinic_openinghours WHERE location_id = %(location)s",
    """SELECT p.id, p.name, p.credentials, p.active, h.weekday, h.starts, h.ends, h.valid_from, h.valid_until
    FROM practitioners_practitioner p
    JOIN practitioners_workinghours h ON h.practitioner_id = p.id AND h.location_id = %(location)s ORDER BY p.id""",
]


def works(now):
    location, user = Location.objects.get(), reader("front_desk")
    today = walltime.local(now, location.tz).date()
    first = Practitioner.objects.order_by("pk").first().pk
    return [
        work("calendar, a day", location, user, now, calendar.Asked(today + timedelta(days=1))),
        work("calendar, a week of one", location, user, now, calendar.Asked(today, days=7, who=first)),
    ]


def reader(role):
    """The account of the demo with this role, its roles and locations read, as in a request."""
    user = User.objects.get(email=SHOWN[role])
    return user if user.roles and user.location_ids is not None else None


def work(name, location, user, now, asked):
    def product():
        return json.dumps(calendar.feed(calendar.shown(location, asked, user=user, now=now)))

    return Work(
        name=name,
        product=product,
        plain=plain(location, user, now, asked),
        size=lambda answer: len(answer.encode()),
        must=MUST,
        aim=AIM,
        statements=STATEMENTS,
    )


def plain(location, user, now, asked):
    span = asked.span(location.tz)
    values = {
        "location": location.pk,
        "from": span.start - timedelta(hours=12),
        "start": span.start,
        "end": span.end,
        "now": now,
        "user": user.pk,
        "locations": sorted(user.location_ids),
        "who": asked.who,
    }
    phases = PHASES.format(whose=OF_ONE if asked.who else "")

    def fetch(cursor):
        cursor.execute(phases, values)
        found = [cursor.fetchall()]
        asked_of = {**values, "patients": list({row[1] for row in found[0]})}
        for sql in (SEEN, *OTHERS):
            cursor.execute(sql, asked_of)
            found.append(cursor.fetchall())
        return found

    return fetch
