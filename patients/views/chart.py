from django.utils import timezone

from clinic.models import Role
from clinic.panels import render_here, today_at
from clinic.places import here
from clinic.roles import may, needs
from patients.actions import note_read
from patients.queries import charts, household_of, merge_of, related_people_of, who_looked
from patients.queries.accounts import access_around
from patients.views.accounts import addresses_of
from patients.views.finding import row_of
from patients.views.pages import full_strip_of


@needs("find_patients")
def chart(request, pk):
    """The record: header strip and Summary. Opening it is written down."""
    patient = charts.found(request.user, pk)
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
        "restriction": charts.restriction_of(patient) if patient.chart_restricted else None,
        "reason_page": "" if patient.chart_read else charts.reason_page(request.user, pk),
        "looked": looked_at(request, patient, now) if Role.OWNER in request.user.roles else None,
    }
    return render_here(request, "patients/chart.html", context)


def looked_at(request, patient, now):
    """Who opened the record lately, by the wall of the location being worked at."""
    place = here(request)
    looked, _more = who_looked(patient, place.tz if place else timezone.get_current_timezone(), now)
    return looked
