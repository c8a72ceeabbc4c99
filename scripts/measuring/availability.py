"""Availability of 14 days, beside the statements that fetch its facts and nothing else.

The plain way reads the busy minutes in one scan and the rules of people and rooms in a few more statements,
raw, as tuples. It works nothing out of them: no SQL that does was as fast as these (multiranges took four
times as long), so the ratio holds all that finding, choosing and ranking cost.
"""

from datetime import timedelta

from clinic.models import Location
from clinic.timespan import TimeSpan
from practitioners.models import Practitioner
from scheduling.queries.offers import Wishes, availability
from scripts.measuring.clock import Work
from services.models import Service

DAYS = timedelta(days=14)
SERVICES = [
    "acupuncture_adjustment",
    "acupuncture_follow_up",
]  # integrated: two people, two rooms; a plain one
AIM, MUST, STATEMENTS = 2, 3, 8

BUSY = """
SELECT practitioner_id, room_id,
  floor(date_part('epoch', starts_at - %(from)s) / 300)::int, ceil(date_part('epoch', ends_at - %(from)s) / 300)::int
FROM scheduling_reservation
WHERE live AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
  AND (expires_at IS NULL OR expires_at > %(now)s)
"""
RULES = [
    """SELECT h.practitioner_id, h.weekday, h.starts, h.ends, h.valid_from, h.valid_until
    FROM practitioners_workinghours h JOIN practitioners_practitioner p ON p.id = h.practitioner_id AND p.active
    WHERE h.location_id = %(location)s""",
    "SELECT weekday, opens, closes FROM clinic_openinghours WHERE location_id = %(location)s",
    """SELECT starts_at, ends_at FROM clinic_closure
    WHERE location_id = %(location)s AND starts_at < %(end)s AND ends_at > %(start)s""",
    """SELECT practitioner_id, starts_at, ends_at FROM practitioners_absence
    WHERE withdrawn_at IS NULL AND starts_at < %(end)s AND ends_at > %(start)s""",
    """SELECT p.id, p.name, p.credentials, p.gender, pd.discipline_id, c.may_remove_needles, l.issued_on, l.expires_on
    FROM practitioners_practitioner p JOIN practitioners_practitioner_disciplines pd ON pd.practitioner_id = p.id
    JOIN practitioners_license l ON l.practitioner_id = p.id AND l.state = %(state)s
    JOIN practitioners_coverage c
      ON c.license_kind_id = l.kind_id AND c.state = l.state AND c.discipline_id = pd.discipline_id
    WHERE p.active""",
    "SELECT id, name, kind_id, step_free FROM clinic_room WHERE location_id = %(location)s AND active",
    """SELECT part.position, f.position, f.kind, f.minutes, part.discipline_id, f.practitioner_needed, f.room_kind_id,
      f.patient_present, f.same_practitioner_as, f.same_room_as
    FROM services_phase f JOIN services_part part ON part.id = f.part_id
    WHERE part.service_id = %(service)s ORDER BY f.position""",
]


def works(now):
    return [work(now, key, one) for key in SERVICES for one in (True, False)]


def work(now, key, one):
    """For one practitioner who treats this, or for any of them."""
    location, service = Location.objects.get(), Service.objects.get(key=key)
    whom = Practitioner.objects.order_by("pk").first().pk if one else None
    window = TimeSpan(now, now + DAYS)

    def product():
        return availability(
            service=service, location=location, window=window, now=now, wishes=Wishes(practitioner=whom)
        )

    return Work(
        name=f"availability, 14 days, {key}, {'one practitioner' if one else 'any'}",
        product=product,
        plain=plain(location, service, window, now),
        must=MUST,
        aim=AIM,
        statements=STATEMENTS,
    )


def plain(location, service, window, now):
    values = {
        "from": window.start - timedelta(hours=12),
        "start": window.start,
        "end": window.end + timedelta(hours=2),
        "now": now,
        "location": location.pk,
        "state": location.state,
        "service": service.pk,
    }

    def fetch(cursor):
        found = []
        for sql in (BUSY, *RULES):
            cursor.execute(sql, values)
            found.append(cursor.fetchall())
        return found

    return fetch
