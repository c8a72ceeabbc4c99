"""Services with what they are made of and what they cost."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from clinic.models import Location
from services.models import Phase, Service
from services.rules import Step, patient_minutes


@dataclass(frozen=True)
class Line:
    """One service on the list: `prices` are sums over its parts, one per location, None where one is missing."""

    service: Service
    minutes: int
    disciplines: list
    prices: list


def services():
    phases = Prefetch("parts__phases", Phase.objects.select_related("room_kind").order_by("position"))
    return Service.objects.prefetch_related("parts__discipline", phases, "parts__prices")


def price_list():
    """(active locations, [Line]), services in use first."""
    locations = list(Location.objects.filter(active=True))
    return locations, [_line(row, locations) for row in services().order_by("-active", "position", "id")]


def _line(service, locations):
    parts = list(service.parts.all())
    phases = [phase for part in parts for phase in part.phases.all()]
    disciplines = list(dict.fromkeys(part.discipline for part in parts))
    return Line(service, patient_minutes(phases), disciplines, [_sum(parts, place) for place in locations])


def _sum(parts, location):
    amounts = [
        next((price.amount for price in part.prices.all() if price.location_id == location.pk), None)
        for part in parts
    ]
    return None if None in amounts or not amounts else sum(amounts)


def steps_of(parts):
    """The phases of these parts (in order), as the rules and the editor take them."""
    return [
        Step(
            part=number,
            position=phase.position,
            kind=phase.kind,
            minutes=phase.minutes,
            max_minutes=phase.max_minutes,
            practitioner_needed=phase.practitioner_needed,
            room_kind=phase.room_kind_id,
            patient_present=phase.patient_present,
            same_practitioner_as=phase.same_practitioner_as,
            same_room_as=phase.same_room_as,
        )
        for number, part in enumerate(parts, start=1)
        for phase in part.phases.all()
    ]


def steps_in_words(parts):
    """[(part's name, phase, its provider, its room)] in order, the last two as people say them."""
    return [
        (
            part.name,
            phase,
            _shared(phase.same_practitioner_as, _("any") if phase.practitioner_needed else _("none")),
            _shared(phase.same_room_as, phase.room_kind.name if phase.room_kind else _("none")),
        )
        for part in parts
        for phase in part.phases.all()
    ]


def _shared(position, otherwise):
    return _("same as step %(n)s") % {"n": position} if position else otherwise
