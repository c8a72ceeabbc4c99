from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.places import here
from clinic.refusal import Refused, VersionMissing
from clinic.roles import needs
from clinic.submissions import request_key
from frontdesk.actions import merging
from patients.models import Patient
from patients.queries import closest_records, merge_seen
from patients.queries import search as find
from patients.rules import birth_date_shown, on_list, phone_shown
from patients.rules.merging import COMPARED, is_blank


@needs("merge_patients", methods=("GET", "POST"))
def merge(request, pk):
    """Choose the other record, then compare both side by side and say which one to keep."""
    patients = Patient.objects.visible_to(request.user).select_related("household")
    patient = get_object_or_404(patients, pk=pk)
    other_pk = request.POST.get("other", request.GET.get("other"))
    if not other_pk:
        return choose_page(request, patient, status=422 if request.method == "POST" else 200)
    other = get_object_or_404(patients, pk=uuid_of(other_pk))
    if request.method != "POST":
        return compare_page(request, patient, other)
    try:
        made = merge_posted(request, patient, other)
    except Refused as refusal:
        return compare_page(request, *seen_both(request, pk, other.pk), refusal)
    messages.success(
        request, _("These two are one record now. The old one can still be opened, and the merge undone.")
    )
    return redirect("patients:chart", made.kept_id)


@needs("merge_patients", methods=("POST",))
def undo_merge(request, pk):
    made = merge_seen(request.user, pk)
    if made is None:
        raise Http404
    merging.undo_merge(by=request.user, request_key=request_key(request), pk=pk)
    messages.success(request, _("These are two records again."))
    return redirect("patients:chart", made.merged_id)


def seen_both(request, first, second):
    """Both records as they are now; 404 unless this person may see each."""
    rows = Patient.objects.visible_to(request.user).select_related("household").in_bulk([first, second])
    if not {first, second} <= rows.keys():
        raise Http404
    return rows[first], rows[second]


def merge_posted(request, patient, other):
    kept = other if request.POST.get("keep") == str(other.pk) else patient
    merged = patient if kept is other else other
    return merging.merge(
        by=request.user,
        request_key=request_key(request),
        kept=kept.pk,
        merged=merged.pk,
        versions={row.pk: version_of(request, row) for row in (kept, merged)},
        chosen={name: request.POST[name] for name in COMPARED if name in request.POST},
    )


def version_of(request, row):
    """The version of one of the two records when the page was made; both are edited, so both are asked for."""
    version = request.POST.get(f"version_{row.pk}", "")
    if not version.isdigit() or len(version) > 9:
        raise VersionMissing
    return int(version)


def choose_page(request, patient, status=200):
    q = request.GET.get("q", "").strip()
    found = find(request.user, q) if q else closest_records(request.user, patient)
    rows = [described(record) for record in found if record.id != patient.pk]
    context = {"patient": patient, "q": q, "rows": rows}
    return render(request, "frontdesk/merge_choose.html", context, status=status)


def described(record):
    born, phone = birth_date_shown(record.birth_date), phone_shown(record.phone)
    detail = " · ".join(part for part in (born, phone, record.email) if part)
    return {"id": record.id, "name": on_list(record.given_name, record.family_name), "detail": detail}


def compare_page(request, patient, other, refusal=None):
    keep = request.POST.get("keep") or str(min((patient, other), key=lambda row: row.registered_at).pk)
    context = {
        "patient": patient,
        "other": other,
        "keep": keep,
        "rows": [row for name in COMPARED if (row := compared(name, patient, other, keep, request.POST))],
        "reasons": refusal.reasons if refusal else [],
        "records": [record_line(row, here(request)) for row in (patient, other)],
    }
    return render(request, "frontdesk/merge.html", context, status=refusal.status if refusal else 200)


def record_line(row, place):
    registered = timezone.localtime(row.registered_at, place.tz if place else None)
    return {"pk": row.pk, "id_text": str(row.pk), "name": row.name, "day": date_format(registered, "M j, Y")}


def compared(name, patient, other, keep, typed):
    """One line of the comparison; None where both are empty."""
    values = [getattr(patient, name), getattr(other, name)]
    if all(is_blank(value) for value in values):
        return None
    blank = [is_blank(value) for value in values]
    fuller = str((other if blank[0] else patient).pk) if any(blank) else keep
    shown = [words(row, name) for row in (patient, other)]
    chosen = typed.get(name, fuller)
    return {
        "name": name,
        "label": Patient._meta.get_field(name).verbose_name,
        "same": values[0] == values[1],
        "cells": [
            {"pk": row.pk, "text": text, "chosen": chosen == str(row.pk)}
            for row, text in zip((patient, other), shown, strict=True)
        ],
    }


def words(row, name):
    """A value as people read it."""
    value = getattr(row, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "birth_date":
        return birth_date_shown(value)
    if name.endswith("phone"):
        return phone_shown(value)
    if name == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    display = getattr(row, f"get_{name}_display", None)
    return "" if is_blank(value) else str(display() if display else value)


def uuid_of(text):
    try:
        return UUID(text)
    except ValueError as fault:
        raise Http404 from fault
