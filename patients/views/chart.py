from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from clinic.models import Role
from clinic.panels import today_at
from clinic.roles import may, needs
from patients.actions import note_read
from patients.models import Patient
from patients.queries import household_of, merge_of, related_people_of, who_looked
from patients.queries.accounts import access_around
from patients.views.accounts import addresses_of
from patients.views.finding import row_of
from patients.views.pages import full_strip_of


@needs("find_patients")
def chart(request, pk):
    """The record: header strip and Summary. Opening it is written down."""
    patients = Patient.objects.visible_to(request.user)
    patient = get_object_or_404(patients.select_related("household", "merged_into", "user__profile"), pk=pk)
    note_read(by=request.user, patient=patient)
    today, now = today_at(request), timezone.now()
    related_people = related_people_of(patient, now)
    access = access_around(patient, related_people, now)
    context = {
        "patient": patient,
        "pieces_come": True,
        "strip": full_strip_of(patient, today),
        "household": [row_of(member, today) for member in household_of(patient, request.user)],
        "related_people": [(person, access[person.pk]) for person in related_people],
        "access": access[None],
        "access_urls": addresses_of(pk),
        "merge": merge_of(patient),
        "may_merge": may(request.user, "merge_patients"),
        "looked": who_looked(patient) if Role.OWNER in request.user.roles else None,
    }
    return render(request, "patients/chart.html", context)
