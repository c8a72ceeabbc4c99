from .access import TREATS, CareTeam, PatientLocation, RestrictedBecause, Restriction, Why
from .records import (
    Custody,
    Household,
    Merge,
    Patient,
    PatientQuerySet,
    ReachBy,
    RelatedPerson,
    TimeOfDay,
    plain,
)

__all__ = [
    "TREATS",
    "CareTeam",
    "Custody",
    "Household",
    "Merge",
    "Patient",
    "PatientLocation",
    "PatientQuerySet",
    "ReachBy",
    "RelatedPerson",
    "RestrictedBecause",
    "Restriction",
    "TimeOfDay",
    "Why",
    "plain",
]
