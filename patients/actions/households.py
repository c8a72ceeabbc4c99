"""Family members under one contact."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from patients.actions.records import refuse_merged
from patients.models import Household, Patient
from patients.rules import reasons_not_to_share_household


@transaction.atomic
def join_household(*, by, request_key, pk, version, other_pk):
    """Put two people into one household: the one that either of them has, else a new one."""
    claim(request_key, location=reverse("patients:household", args=[pk]))
    seen = Patient.objects.visible_to(by)
    # Both rows in the order of their ids, so that two people who do this at once never wait for each other.
    list(seen.filter(pk__in=[pk, other_pk]).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    patient = lock_version(seen, pk, version)
    other = patient if other_pk == pk else seen.get(pk=other_pk)
    refuse_apart(patient, other)
    household = patient.household or other.household
    if household is None:
        household = Household.objects.create(name=patient.family_name or patient.given_name)
    for member in (patient, other):
        if member.household_id != household.pk:
            member.household = household
            member.save()
    audit.record(by=by, verb="join household", about=household, patient=patient, other=str(other.pk))
    return household


def refuse_apart(patient, other):
    refuse_merged(patient)
    refuse_merged(other)
    reasons = reasons_not_to_share_household(
        same_record=patient.pk == other.pk,
        other_name=other.name,
        household=patient.household_id,
        other_household=other.household_id,
    )
    if reasons:
        raise Refused(reasons)


@transaction.atomic
def leave_household(*, by, request_key, pk, version):
    """Take somebody out of their household; the others stay together."""
    claim(request_key, location=reverse("patients:household", args=[pk]))
    patient = lock_version(Patient.objects.visible_to(by), pk, version)
    if patient.household_id is None:
        raise Refused(_("This person is in no household. Reload the page to see where they stand."))
    left = patient.household
    patient.household = None
    patient.save()
    audit.record(by=by, verb="leave household", about=left, patient=patient)
    return patient
