"""Services and prices: owners change them. Visits booked before keep the steps they were booked with."""

from pathlib import Path

from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clinic import audit
from clinic.actions.reference import Dataset, csv_rows
from clinic.models import Location
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from services.models import Code, Part, Phase, Price, Service
from services.rules import is_acupuncture_session, price_warnings, reasons_not_to_save_service

KEY_LENGTH = 40


def code_key(row):
    return f"{row['code_system']} {row['code']}"


DATASETS = [
    Dataset(
        "codes", Code, Path(__file__).resolve().parent / "data" / "codes.csv", csv_rows(key=code_key), 169
    )
]


def save_service(*, by, service, version, fields, prices, request_key=None):
    """Set name, notice and so on, and prices: {(part id, location id): amount, or None for no price}.

    Returns warnings: sentences about prices that are kept although they are unusual.
    """
    with transaction.atomic():
        claim(request_key, location=reverse("services:detail", args=[service.pk]))
        row = lock_version(Service.objects, service.pk, version)
        changed = {
            name: [getattr(row, name), value] for name, value in fields.items() if getattr(row, name) != value
        }
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        warnings, repriced = _save_prices(row, prices)
        audit.record(by=by, verb="change service", about=row, changed=changed, prices=repriced)
    return warnings


def _save_prices(service, prices):
    """(warnings, [[part, location, before, after]]) of the prices of this service's own parts."""
    warnings, changed = [], []
    places = set(Location.objects.values_list("pk", flat=True))
    for part in service.parts.select_related("discipline").prefetch_related("phases", "prices"):
        session = is_acupuncture_session(part.discipline.key, {phase.kind for phase in part.phases.all()})
        had = {price.location_id: price for price in part.prices.all()}
        for (part_id, location_id), amount in prices.items():
            if part_id != part.pk or location_id not in places:
                continue
            warnings += price_warnings(part.name, amount, acupuncture_session=session)
            before = had.get(location_id)
            if (before.amount if before else None) != amount:
                _set_price(part, location_id, before, amount)
                changed.append([part.pk, location_id, str(before.amount) if before else None, str(amount)])
    return list(dict.fromkeys(warnings)), changed


def _set_price(part, location_id, before, amount):
    if amount is None:
        before.delete()
    elif before is None:
        Price.objects.create(part=part, location_id=location_id, amount=amount)
    else:
        before.amount = amount
        before.save()


def add_service(*, by, fields, parts, steps, request_key=None):
    """`parts`: [{name, discipline, kind_of_care}] in order; `steps`: [Step] in order."""
    _refuse(parts, steps)
    with transaction.atomic():
        claim(request_key, location=reverse("services:list"))
        row = Service.objects.create(key=_free_key(fields["name"]), **fields)
        made = [Part.objects.create(service=row, position=n, **part) for n, part in enumerate(parts, start=1)]
        _write_steps(made, steps)
        audit.record(by=by, verb="add service", about=row, parts=len(made), steps=len(steps))
    return row


def change_steps(*, by, service, version, parts, steps, request_key=None):
    """Put these parts and steps in place of the service's. Parts are kept for ever: there can only be more."""
    _refuse(parts, steps)
    with transaction.atomic():
        claim(request_key, location=reverse("services:detail", args=[service.pk]))
        row = lock_version(Service.objects, service.pk, version)
        stored = list(row.parts.order_by("position"))
        if len(parts) < len(stored):
            raise Refused(
                _("A part cannot be taken away: visits were booked with it. Add a new service instead.")
            )
        row.save(update_fields=[])
        for part, fields in zip(stored, parts, strict=False):
            Part.objects.filter(pk=part.pk).update(**fields, version=part.version + 1)
        first_new = max((part.position for part in stored), default=0) + 1
        stored += [
            Part.objects.create(service=row, position=first_new + n, **fields)
            for n, fields in enumerate(parts[len(stored) :])
        ]
        Phase.objects.filter(part__service=row).delete()
        _write_steps(stored, steps)
        audit.record(by=by, verb="change steps", about=row, parts=len(stored), steps=len(steps))
    return row


def _refuse(parts, steps):
    reasons = reasons_not_to_save_service([part["name"] for part in parts], steps)
    if reasons:
        raise Refused(reasons)


def _write_steps(parts, steps):
    Phase.objects.bulk_create(
        Phase(
            part=parts[step.part - 1],
            position=step.position,
            kind=step.kind,
            minutes=step.minutes,
            max_minutes=step.max_minutes,
            practitioner_needed=step.practitioner_needed,
            room_kind_id=step.room_kind,
            patient_present=step.patient_present,
            same_practitioner_as=step.same_practitioner_as,
            same_room_as=step.same_room_as,
        )
        for step in steps
    )


def _free_key(name):
    """A key made of the name, with a number where it is taken."""
    base = (slugify(name) or "service")[:KEY_LENGTH].replace("-", "_")
    taken = set(Service.objects.filter(key__startswith=base).values_list("key", flat=True))
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, len(taken) + 3))) if key not in taken)
