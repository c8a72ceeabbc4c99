"""Whose pages an account may open: its own record, and those it may act for. Being staff adds nothing."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q

from clinic.models import Role
from patients.models import Patient, RelatedPerson
from portal.rules.rights import OWN, Rights, rights_of


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose pages can be opened, and how far."""

    patient: Patient
    rights: Rights

    @property
    def pk(self):
        return self.patient.pk

    @property
    def called(self):
        return self.patient.called


def own_patients(user, now):
    """The person's own record and those they may act for about visits."""
    acting = RelatedPerson.objects.acting(user, now)
    return Patient.objects.current().filter(Q(user=user) | Q(pk__in=acting.values("patient")))


def people_of(user, now):
    """[Person] with at least one right: oneself first, then by name. Two statements."""
    if Role.PATIENT not in user.roles:
        return []
    relations = RelatedPerson.objects.filter(Q(until=None) | Q(until__gt=now), user=user, since__lte=now)
    acted_for = relations.filter(patient=OuterRef("pk"))
    rows = Patient.objects.current().filter(Q(user=user) | Exists(acted_for)).order_by("given_name", "pk")
    rows = rows.prefetch_related(Prefetch("related_people", relations, to_attr="relations"))
    people = [person_of(row, user) for row in rows]
    return sorted((one for one in people if one.rights.any), key=lambda one: not one.rights.own)


def person_of(row, user):
    own = row.user_id == user.pk
    return Person(row, OWN if own else rights_of(row.relations))
