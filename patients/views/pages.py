"""What the pages of this app share: today's date, and the way back to where somebody came from."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.places import here
from patients.rules import age, birth_date_shown, desk_alerts, in_full, phone_shown

LONGEST_ADDRESS = 300  # an answer's address is kept with its submission


def today_at(request):
    """The date on the wall of the location being worked at."""
    place = here(request)
    return timezone.localtime(timezone.now(), place.tz).date() if place else timezone.now().date()


def way_back(request):
    """The page of this site that asked for a patient (`next`); empty if there is none or it leads elsewhere."""
    address = request.POST.get("next", request.GET.get("next", ""))
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe and len(address) <= LONGEST_ADDRESS else ""


def with_patient(address, pk):
    """The address with ?patient=<id> in its query."""
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "patient"]
    return urlunsplit(("", "", parts.path, urlencode([*query, ("patient", pk)]), parts.fragment))


def strip_of(patient, today):
    """The header strip of a chart: what the desk knows a person by."""
    years = age(patient.birth_date, today)
    return {
        "name": in_full(patient.given_name, patient.family_name, patient.preferred_name),
        "age": years,
        "born": birth_date_shown(patient.birth_date),
        "phone": phone_shown(patient.phone),
        "emergency_phone": phone_shown(patient.emergency_phone),
        "physician_phone": phone_shown(patient.physician_phone),
        "alerts": desk_alerts(
            age=years,
            birth_date=patient.birth_date,
            needs_step_free=patient.needs_step_free,
            reach_by=patient.reach_by,
            merged=patient.merged_into_id is not None,
        ),
    }
