"""A chart that is open to those who treat alone: of somebody who works here. It was opened with a reason yesterday."""

from datetime import date, time, timedelta
from random import Random

from clinic import walltime
from frontdesk.actions.demo.charts import accounts_of_practitioners
from frontdesk.actions.demo.rows import random_id
from patients.actions import join_care_team, open_with_reason, restrict
from patients.models import Patient, PatientLocation, RestrictedBecause, Why
from treatment.models import ContactNote

WHO = ("Jonas", "Lindqvist", date(1987, 8, 30))
TREATED_BY, OPENED_BY = "Mei Chen", "Daniel Weiss"
SINCE = timedelta(days=120)
OPENED_AT = time(16, 20)
SAID = "Right shoulder sore after long days at the table; asked him to rest it at lunch. No numbness."
REASON = "He stopped me in the hall: is the shoulder stretch safe for him before the weekend?"


def tell_closed_chart(location, *, owner, seed, now, day):
    """Once. Everybody's setting stays as it is: the charts of the clinic's patients are open to its providers."""
    rng, since, by_name = Random(f"{seed} closed"), now - SINCE, accounts_of_practitioners()
    given, family, born = WHO
    row = Patient(
        id=random_id(rng), given_name=given, family_name=family, birth_date=born, phone="+17045550198",
        registered_at=since,
    )  # fmt: skip
    row.search_text = row.text_to_search()
    row.save(force_insert=True)
    PatientLocation.objects.create(patient=row, location=location)
    restrict(by=owner, request_key=None, pk=row.pk, because=RestrictedBecause.STAFF, now=since)
    treats = by_name[TREATED_BY]
    ContactNote.objects.create(
        id=random_id(rng), patient=row, kind="call", words=SAID, at=now - timedelta(days=8), by=treats
    )
    join_care_team(patient=row, user=treats, why=Why.NOTE, now=now - timedelta(days=8))
    opened_at = walltime.instant(day - timedelta(days=1), OPENED_AT, location.tz)
    open_with_reason(by=by_name[OPENED_BY], request_key=None, pk=row.pk, reason=REASON, now=opened_at)
