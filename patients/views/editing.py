from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import editing
from clinic.pages import posted_version
from clinic.panels import today_at
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients import actions
from patients.forms import PatientForm, RelatedPersonForm
from patients.models import Patient, RelatedPerson
from patients.queries import household_of
from patients.queries import search as find
from patients.queries.accounts import access_of
from patients.rules import on_list
from patients.views.accounts import addresses_of
from patients.views.finding import row_of

EITHER = ("GET", "POST")


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def both_seen(request, first, second):
    rows = Patient.objects.visible_to(request.user).in_bulk([first, second])
    if not {first, second} <= rows.keys():
        raise Http404
    return rows[first], rows[second]


@needs("register_patients", methods=EITHER)
def edit(request, pk):
    patient = patient_seen(request, pk)
    name = patient.name
    done = editing.edit(request, patient_form, patient, partial(save_patient, request, pk))
    if not done.done:
        back = reverse("patients:chart", args=[pk])
        return done.page(request, "patients/edit.html", name=name, back=back)
    messages.success(request, _("Saved."))
    return redirect("patients:chart", pk)


def patient_form(data, row):
    return PatientForm(data, instance=row)


def save_patient(request, pk, form, version, key):
    actions.edit(
        by=request.user, request_key=key, pk=pk, version=version, fields=form.values, today=today_at(request)
    )


@needs("register_patients", methods=EITHER)
def related_person(request, pk, person=None):
    """Add somebody who belongs to a patient, or change who it is and what they may do."""
    patient = patient_seen(request, pk)
    row = RelatedPerson(patient=patient)
    if person is not None:
        people = patient.related_people.filter(until=None).select_related("user__profile")
        row = get_object_or_404(people, pk=person)
    shown = {"name": row.name, "patient": patient, **signing_in(row)}
    done = editing.edit(request, related_person_form, row, partial(save_related_person, request, pk, person))
    if not done.done:
        return done.page(request, "patients/related_person.html", **shown)
    messages.success(request, _("Saved."))
    return redirect("patients:chart", pk)


def signing_in(person):
    """What a related person's page says of their account; nothing before they are written down."""
    if person.pk is None:
        return {}
    urls = addresses_of(person.patient_id, person.pk)
    return {"access": access_of(person, timezone.now()), "access_urls": urls}


def related_person_form(data, row):
    return RelatedPersonForm(data, instance=row)


def save_related_person(request, pk, person, form, version, key):
    actions.set_related_person(
        by=request.user,
        request_key=key,
        patient_pk=pk,
        pk=person,
        version=version,
        fields=form.values,
        now=timezone.now(),
    )


@needs("register_patients", methods=("POST",))
def end_related_person(request, pk, person):
    patient = patient_seen(request, pk)
    get_object_or_404(patient.related_people.filter(until=None), pk=person)
    actions.end_related_person(
        by=request.user,
        request_key=request_key(request),
        patient_pk=pk,
        pk=person,
        version=posted_version(request),
        now=timezone.now(),
    )
    messages.success(request, _("They no longer count for %(name)s.") % {"name": patient.called})
    return redirect("patients:chart", pk)


@needs("register_patients", methods=EITHER)
def household(request, pk):
    """Who belongs together: find somebody and add them."""
    if request.method != "POST":
        return household_page(request, patient_seen(request, pk))
    if not request.POST.get("member"):
        nobody = Refused(_("Choose who belongs to this household."))
        return household_page(request, patient_seen(request, pk), nobody)
    patient, other = both_seen(request, pk, uuid_posted(request, "member"))
    version, key = posted_version(request), request_key(request)
    try:
        actions.join_household(by=request.user, request_key=key, pk=pk, version=version, other_pk=other.pk)
    except Refused as refusal:
        patient.refresh_from_db()
        return household_page(request, patient, refusal)
    messages.success(request, _("%(name)s is in this household now.") % {"name": other.name})
    return redirect("patients:household", pk)


@needs("register_patients", methods=("POST",))
def leave_household(request, pk):
    patient = patient_seen(request, pk)
    try:
        actions.leave_household(
            by=request.user, request_key=request_key(request), pk=pk, version=posted_version(request)
        )
    except Refused as refusal:
        patient.refresh_from_db()
        return household_page(request, patient, refusal)
    messages.success(request, _("%(name)s is in no household now.") % {"name": patient.name})
    return redirect("patients:household", pk)


def household_page(request, patient, refusal=None):
    today, q = today_at(request), request.POST.get("q", request.GET.get("q", "")).strip()
    members = household_of(patient, request.user)
    known = {patient.pk, *(member.pk for member in members)}
    context = {
        "patient": patient,
        "name": on_list(patient.given_name, patient.family_name),
        "members": [row_of(member, today) for member in members],
        "q": q,
        "hits": [row_of(hit, today) for hit in find(request.user, q) if hit.id not in known],
        "reasons": refusal.reasons if refusal else [],
    }
    return render(request, "patients/household.html", context, status=refusal.status if refusal else 200)


def uuid_posted(request, name):
    """A record's id from a posted field; not one, not there: 404, as for somebody unknown."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as fault:
        raise Http404 from fault
