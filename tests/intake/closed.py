"""Maria's chart closed to Daniel, who works where she comes, and what opens it to somebody."""

from django.db.models import F

from clinic.models import Clinic
from patients.actions import join_care_team, open_with_reason, restrict
from patients.models import Why
from tests.cast import NOW


def restricted(cast):
    restrict(by=cast.ana, request_key=None, pk=cast.maria.pk, because="wish", now=NOW)


def to_the_team(cast):
    Clinic.objects.update(charts_open_to="team", version=F("version") + 1)


CLOSED = {"restricted": restricted, "team": to_the_team}


def opens(who, patient):
    open_with_reason(by=who, request_key=None, pk=patient.pk, reason="She called about her back.", now=NOW)


def treats(who, patient):
    join_care_team(patient=patient, user=who, why=Why.TREATING, now=NOW)
