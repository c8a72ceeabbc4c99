"""Packages and approvals that were there already, made without the product's actions; and what must hold of entries."""

import re
from datetime import date
from decimal import Decimal

from django.db import connection

from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    Policy,
    Purchase,
    PurchasedVisits,
)
from services.models import Discipline, KindOfCare
from tests.cast import NOW

ACU, ADJ = "acupuncture_visit", "adjustment_visit"


def kind(key):
    return KindOfCare.objects.get(key=key)


def purchase(cast, patient, *, until="2027-02-28", start="2026-11-01", price="400.00", at=NOW, **visits):
    """A purchase by the front desk: purchase(cast, cast.maria, acupuncture_visit=3); a single one costs 100."""
    made = Purchase.objects.create(
        patient=patient,
        location=cast.uptown,
        package_key="test",
        name="Ten visits",
        price=Decimal(price),
        valid_from=date.fromisoformat(start),
        valid_until=date.fromisoformat(until),
        pdf=b"%PDF",
        sold_at=at,
        sold_by=cast.ana,
    )
    for key, count in visits.items():
        PurchasedVisits.objects.create(
            purchase=made, kind_of_care=kind(key), visits=count, single_price=Decimal(100)
        )
        CreditEntry.objects.create(
            purchase=made, kind_of_care=kind(key), kind="granted", quantity=count, at=at, by=cast.ana
        )
    return made


def authorization(
    cast, patient, visits, *, discipline="acupuncture", start="2026-11-01", until="2027-01-31", at=NOW
):
    coverage = Coverage.objects.create(
        patient=patient, kind="health_plan", insurer="Blue Plan", created_at=at, created_by=cast.ana
    )
    made = Authorization.objects.create(
        coverage=coverage,
        patient=patient,
        number="A-1",
        discipline=Discipline.objects.get(key=discipline),
        starts_on=date.fromisoformat(start),
        ends_on=date.fromisoformat(until),
        created_at=at,
        created_by=cast.ana,
    )
    AuthorizationEntry.objects.create(authorization=made, kind="granted", quantity=visits, at=at, by=cast.ana)
    return made


def policy(cast, *, late_hours=24, late=True, missed=True, at=NOW):
    return Policy.objects.create(
        late_hours=late_hours, late_takes_visit=late, no_show_takes_visit=missed, at=at, by=cast.olive
    )


def left(source):
    """What the entries of a purchase or an authorization add up to, over all kinds of care."""
    return sum(source.entries.values_list("quantity", flat=True))


# What must hold of all entries, asked of the rows alone: no code is shared with the product.

BELOW_ZERO = """
SELECT 'below zero', purchase_id::text, kind_of_care_id::text FROM packages_creditentry
 GROUP BY purchase_id, kind_of_care_id HAVING sum(quantity) < 0
UNION ALL
SELECT 'below zero', authorization_id::text, '' FROM packages_authorizationentry
 GROUP BY authorization_id HAVING sum(quantity) < 0
"""
STANDING = """
SELECT e.id, e.visitpart_id AS part, e.kind, 'purchase' AS type, s.patient_id FROM packages_creditentry e
  JOIN packages_purchase s ON s.id = e.purchase_id
 WHERE e.kind IN ('reserved', 'consumed')
   AND e.id NOT IN (SELECT reverses_id FROM packages_creditentry WHERE reverses_id IS NOT NULL)
UNION ALL
SELECT e.id, e.visitpart_id, e.kind, 'authorization', s.patient_id FROM packages_authorizationentry e
  JOIN packages_authorization s ON s.id = e.authorization_id
 WHERE e.kind IN ('reserved', 'consumed')
   AND e.id NOT IN (SELECT reverses_id FROM packages_authorizationentry WHERE reverses_id IS NOT NULL)
"""
TWICE = f"SELECT 'paid twice', part::text, '' FROM ({STANDING}) AS s GROUP BY part HAVING count(*) > 1"
DEAD = f"""
SELECT 'no live part', s.kind || ' ' || s.type, v.status || ' ' || p.status
  FROM ({STANDING}) AS s JOIN scheduling_visitpart p ON p.id = s.part
  JOIN scheduling_appointment v ON v.id = p.appointment_id
 WHERE NOT CASE
   WHEN s.kind = 'reserved' THEN v.status IN ('booked', 'arrived', 'in_treatment') AND p.status <> 'not_done'
   WHEN v.status = 'completed' THEN p.status = 'done'
   ELSE s.type = 'purchase' AND v.status IN ('cancelled', 'no_show') AND p.status <> 'not_done'
        AND (SELECT u.takes_visit AND w.id IS NULL FROM packages_policyuse u
               LEFT JOIN packages_waiver w ON w.use_id = u.id
              WHERE u.appointment_id = v.id AND NOT u.withdrawn ORDER BY u.at DESC LIMIT 1)
        AND (SELECT count(*) FILTER (WHERE NOT u.withdrawn) > count(*) FILTER (WHERE u.withdrawn)
               FROM packages_policyuse u WHERE u.appointment_id = v.id)
   END
"""
STRANGERS = f"""
SELECT 'of somebody else', s.part::text, '' FROM ({STANDING}) AS s
  JOIN scheduling_visitpart p ON p.id = s.part JOIN scheduling_appointment v ON v.id = p.appointment_id
  JOIN patients_patient a ON a.id = v.patient_id JOIN patients_patient b ON b.id = s.patient_id
 WHERE v.status IN ('booked', 'arrived', 'in_treatment')
   AND coalesce(a.merged_into_id, a.id) <> coalesce(b.merged_into_id, b.id)
"""
UNEVEN = """
SELECT 'not its opposite', r.id::text, '' FROM packages_creditentry r
  JOIN packages_creditentry e ON e.id = r.reverses_id
 WHERE (r.purchase_id, r.kind_of_care_id, r.quantity) <> (e.purchase_id, e.kind_of_care_id, -e.quantity)
    OR r.visitpart_id IS DISTINCT FROM e.visitpart_id
UNION ALL
SELECT 'not its opposite', r.id::text, '' FROM packages_authorizationentry r
  JOIN packages_authorizationentry e ON e.id = r.reverses_id
 WHERE (r.authorization_id, r.quantity) <> (e.authorization_id, -e.quantity)
    OR r.visitpart_id IS DISTINCT FROM e.visitpart_id
"""


# A visit to come that nothing covers, and something of the same record that it could draw on. Visits that are still on
# a record that was merged into another may wait (ADR 9): what others give back is not offered to them.
WAITING = """
SELECT 'not covered', p.id::text, v.wall_date::text FROM scheduling_visitpart p
  JOIN scheduling_appointment v ON v.id = p.appointment_id
 WHERE v.status IN ('booked', 'arrived', 'in_treatment') AND p.status <> 'not_done' AND v.starts_at > %s
   AND v.patient_id NOT IN (SELECT id FROM patients_patient WHERE merged_into_id IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM (STANDING) AS s WHERE s.part = p.id)
   AND (EXISTS (
     SELECT 1 FROM packages_purchase b JOIN packages_creditentry e ON e.purchase_id = b.id
      WHERE b.patient_id = v.patient_id AND e.kind_of_care_id = p.kind_of_care_id
        AND v.wall_date BETWEEN b.valid_from AND b.valid_until
        AND b.id NOT IN (SELECT purchase_id FROM packages_refund)
      GROUP BY b.id HAVING sum(e.quantity) > 0
   ) OR EXISTS (
     SELECT 1 FROM packages_authorization b JOIN packages_authorizationentry e ON e.authorization_id = b.id
      WHERE b.patient_id = v.patient_id AND b.discipline_id = p.discipline_id AND b.withdrawn_at IS NULL
        AND v.wall_date BETWEEN b.starts_on AND b.ends_on
      GROUP BY b.id HAVING sum(e.quantity) > 0))
""".replace("STANDING", STANDING)
STRANDED = """
SELECT 'left of a refunded package', e.purchase_id::text, '' FROM packages_creditentry e
  JOIN packages_refund r ON r.purchase_id = e.purchase_id GROUP BY e.purchase_id HAVING sum(e.quantity) <> 0
"""


def waiting(now):
    """Visits to come that wait although there is something for them, and visits that nobody can draw on."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [now])
        found = cursor.fetchall()
        cursor.execute(STRANDED)
        return found + cursor.fetchall()


def promised(tasks):
    """What to-dos about refunded packages say is to be given back, in all."""
    said = [re.search(r"\$([\d,.]+) more", title)[1] for title in tasks.values_list("title", flat=True)]
    return sum((Decimal(amount.replace(",", "")) for amount in said), Decimal(0))


def wrong():
    """Everything that is wrong with the entries; empty when all is well."""
    found = []
    with connection.cursor() as cursor:
        for question in (BELOW_ZERO, TWICE, DEAD, STRANGERS, UNEVEN):
            cursor.execute(question)
            found += cursor.fetchall()
    return found
