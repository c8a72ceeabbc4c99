"""What the pages of this app share: the head of a chart, and the way back to where somebody came from."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.http import url_has_allowed_host_and_scheme

from patients.rules import birth_date_shown, phone_shown, strip_of

LONGEST_ADDRESS = 300  # an answer's address is kept with its submission


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


def full_strip_of(patient, today):
    """The header strip of a chart's first page: what the desk knows a person by."""
    return {
        **strip_of(patient, today),
        "born": birth_date_shown(patient.birth_date),
        "phone": phone_shown(patient.phone),
        "emergency_phone": phone_shown(patient.emergency_phone),
        "physician_phone": phone_shown(patient.physician_phone),
    }
