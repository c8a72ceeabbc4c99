"""Practitioners, their licenses, weekly hours and absences: every verb that changes them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from practitioners import emails, queries, rules
from practitioners.models import (
    Absence,
    Certification,
    License,
    LicenseKind,
    LicenseNotice,
    Practitioner,
    WorkingHours,
)


def add_practitioner(*, by, values, disciplines, location, request_key=None):
    with transaction.atomic():
        claim(request_key, location=location)
        row = Practitioner(**values)
        refuse_taken_account(row)
        row.save()
        row.disciplines.set(disciplines)
        audit.record(by=by, verb="add_practitioner", about=row)
    return row


def change_practitioner(*, by, practitioner, version, values, disciplines, location, request_key=None):
    with transaction.atomic():
        claim(request_key, location=location)
        row = lock_version(Practitioner.objects, practitioner.pk, version)
        changed = set_fields(row, values)
        refuse_taken_account(row)
        if set(disciplines) != set(row.disciplines.all()):
            row.disciplines.set(disciplines)
            changed.append("disciplines")
        row.save()
        audit.record(by=by, verb="change_practitioner", about=row, changed=changed)
    return row


def refuse_taken_account(row):
    """One at a time for each account, so that the second of two who choose one reads this."""
    if row.user_id is None:
        return
    User.objects.select_for_update(of=("self",)).get(pk=row.user_id)
    holder = queries.holder_of_account(row.user_id, except_pk=row.pk)
    if holder:
        raise Refused(
            _("This account already belongs to %(holder)s. Choose another one.") % {"holder": holder.name}
        )


def set_fields(row, values):
    """Put the values into the row; the names of those that differ (in a new row all), for the audit."""
    changed = sorted(
        name for name, value in values.items() if row._state.adding or getattr(row, name) != value
    )
    for name in changed:
        setattr(row, name, values[name])
    return changed


def keep_license(
    *, by, practitioner, values, checked, today, location, license=None, version=None, request_key=None
):
    """Add a license, or change one at that version. `checked`: the owner looked it up with the issuer today.

    A change that nobody checked takes the mark of an earlier check away.
    """
    with transaction.atomic():
        claim(request_key, location=location)
        row = (
            lock_version(License.objects, license.pk, version)
            if license
            else License(practitioner=practitioner)
        )
        changed = set_fields(row, values)
        refuse_if(rules.reasons_not_to_keep_license(issued_on=row.issued_on, expires_on=row.expires_on))
        refuse_taken_number(row)
        mark_checked(row, by if checked else None, today, changed)
        row.save()
        audit.record(by=by, verb="change_license" if license else "add_license", about=row, changed=changed)
    return row


def refuse_taken_number(row):
    """One at a time for each kind, so that the second of two who add one number reads this, too."""
    LicenseKind.objects.select_for_update().get(pk=row.kind_id)
    holder = queries.holder_of_license(row.state, row.kind, row.number, except_pk=row.pk)
    if holder:
        words = {"number": row.number, "state": row.state, "holder": holder.name}
        raise Refused(
            _("Number %(number)s in %(state)s is already recorded for %(holder)s. Check the number.") % words
        )


def keep_certification(
    *, by, practitioner, values, checked, today, location, certification=None, version=None, request_key=None
):
    """Add a certification, or change one at that version; `checked` as in keep_license."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = (
            lock_version(Certification.objects, certification.pk, version)
            if certification
            else Certification(practitioner=practitioner)
        )
        changed = set_fields(row, values)
        refuse_if(rules.reasons_not_to_keep_certification(issued_on=row.issued_on, expires_on=row.expires_on))
        mark_checked(row, by if checked else None, today, changed)
        row.save()
        verb = "change_certification" if certification else "add_certification"
        audit.record(by=by, verb=verb, about=row, changed=changed)
    return row


def mark_checked(row, by, today, changed):
    if by:
        row.verified_by, row.verified_on = by, today
    elif changed:
        row.verified_by, row.verified_on = None, None


def check(*, by, row, version, today, location, request_key=None):
    """The owner looked a license or certification up with its issuer, and it is as written here."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = lock_version(type(row).objects, row.pk, version)
        row.verified_by, row.verified_on = by, today
        row.save()
        audit.record(by=by, verb=f"check_{row._meta.model_name}", about=row)
    return row


def add_hours(*, by, practitioner, weekdays, values, location, request_key=None):
    """One line of weekly hours for each weekday, all or none."""
    with transaction.atomic():
        claim(request_key, location=location)
        lock(practitioner)
        kept = list(queries.hours_of(practitioner))
        rows = [WorkingHours(practitioner=practitioner, weekday=weekday, **values) for weekday in weekdays]
        refuse_if([reason for row in rows for reason in rules.reasons_not_to_set_hours(row, kept)])
        for row in rows:
            row.save()
        audit.record(by=by, verb="add_working_hours", about=practitioner, rows=[str(row.pk) for row in rows])
    return rows


def change_hours(*, by, hours, version, values, location, request_key=None):
    """Change one line of weekly hours; an end date is how hours end."""
    with transaction.atomic():
        claim(request_key, location=location)
        lock(hours.practitioner)
        row = lock_version(WorkingHours.objects, hours.pk, version)
        changed = set_fields(row, values)
        others = queries.hours_of(row.practitioner).exclude(pk=row.pk)
        refuse_if(rules.reasons_not_to_set_hours(row, others))
        row.save()
        audit.record(by=by, verb="change_working_hours", about=row, changed=changed)
    return row


def remove_hours(*, by, hours, version, location, request_key=None):
    """Take away a line that was a mistake. Hours that were worked are ended instead, and stay."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = lock_version(WorkingHours.objects, hours.pk, version)
        audit.record(by=by, verb="remove_working_hours", about=row, was=str(row))
        row.delete()


def create_absence(*, practitioner, span, kind, note=""):
    """The row alone. For scheduling's action, which holds the locks, finds the visits and writes the audit event."""
    return Absence.objects.create(
        practitioner=practitioner, starts_at=span.start, ends_at=span.end, kind=kind, note=note
    )


def end_absence_early(*, by, absence, version, ends_at, location, request_key=None):
    """Somebody is back sooner, or is not away at all. It only gives time back: none of scheduling's locks."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = lock_version(Absence.objects, absence.pk, version)
        refuse_if(rules.reasons_not_to_end_absence(ends_at=row.ends_at, ends_new=ends_at))
        was = row.ends_at
        if ends_at > row.starts_at:
            row.ends_at = ends_at
        else:
            row.withdrawn_at = timezone.now()
        row.save()
        audit.record(by=by, verb="end_absence_early", about=row, was=was.isoformat())
    return row


def tell_owners_about_license(*, ending, days, now):
    """Queue the mails of one notice, unless it was given before; whether it was given now."""
    with transaction.atomic():
        owners = queries.owners(now)
        if not owners:
            return False
        _notice, first = LicenseNotice.objects.get_or_create(
            license_id=ending.license_id, expires_on=ending.expires_on, days=days, defaults={"at": now}
        )
        if first:
            for owner in owners:
                emails.license_ends(owner=owner, ending=ending, now=now)
            audit.record(
                by=None, verb="tell_owner", about=f"practitioners.license:{ending.license_id}", days=days
            )
        return first


def lock(practitioner):
    """One change of somebody's weekly hours at a time: two that overlap cannot both pass the rule."""
    Practitioner.objects.select_for_update().get(pk=practitioner.pk)


def refuse_if(reasons):
    if reasons:
        raise Refused(list(dict.fromkeys(reasons)))
