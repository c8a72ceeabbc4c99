"""What the desk reads of a patient, in words."""

from datetime import date

import phonenumbers
from django.utils.translation import gettext as _

from patients.models import ReachBy

ADULT_AT = 18  # Nearly every state's age of majority; the owner's lawyer knows the exceptions.


def on_list(given_name, family_name):
    """Garcia, Maria."""
    return f"{family_name}, {given_name}" if family_name else given_name


def in_full(given_name, family_name, preferred_name):
    """Park, Sun-hee “Sunny”."""
    name = on_list(given_name, family_name)
    return f"{name} “{preferred_name}”" if preferred_name and preferred_name != given_name else name


def age(birth_date: date | None, today):
    """Whole years, or None without a birth date."""
    if birth_date is None:
        return None
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def birth_date_shown(birth_date):
    """3/4/1987, as the desk asks for it and the search finds it."""
    return f"{birth_date.month}/{birth_date.day}/{birth_date.year}" if birth_date else ""


def phone_shown(number):
    """(919) 555-0123 for a stored +19195550123; another country's number keeps its prefix."""
    try:
        parsed = phonenumbers.parse(getattr(number, "as_e164", number) or "", None)
    except phonenumbers.NumberParseException:
        return str(number or "")
    national = parsed.country_code == 1
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, form)


def desk_alerts(*, age, birth_date, needs_step_free, reach_by, merged):
    """What the desk must not overlook, as actions; nothing clinical is ever among them."""
    alerts = []
    if merged:
        alerts.append(_("Old record"))
    if age is not None and age < ADULT_AT:
        alerts.append(_("Minor: ask who came along"))
    if birth_date is None:
        alerts.append(_("Ask for the birth date"))
    if needs_step_free:
        alerts.append(_("No stairs"))
    if reach_by == ReachBy.NOT:
        alerts.append(_("Do not contact"))
    return alerts


def strip_of(patient, today):
    """What patients/_chart_head.html reads, without what only the Summary shows."""
    years = age(patient.birth_date, today)
    return {
        "name": in_full(patient.given_name, patient.family_name, patient.preferred_name),
        "age": years,
        "alerts": desk_alerts(
            age=years,
            birth_date=patient.birth_date,
            needs_step_free=patient.needs_step_free,
            reach_by=patient.reach_by,
            merged=patient.merged_into_id is not None,
        ),
    }
