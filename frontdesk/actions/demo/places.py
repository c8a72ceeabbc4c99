"""Where the demo works. Open 7 to 22 every day, so that it is alive whenever somebody looks."""

from datetime import time
from decimal import Decimal

from clinic.models import WEEKDAYS, Clinic, Location, OpeningHours, Room, RoomKind
from services.models import Part, Price

OPENS, CLOSES = time(7), time(22)
CLINIC = "Uptown Integrative"
UPTOWN, LAKESIDE = "Uptown", "Lakeside"
LOCATIONS = [
    (UPTOWN, "America/New_York", "NC", "412 North Tryon Street, Charlotte, NC 28202", "(704) 555-0100"),
    (LAKESIDE, "America/Chicago", "IL", "95 East Lake Street, Chicago, IL 60601", "(312) 555-0100"),
]
# location, name, kind, reached without stairs
ROOMS = [
    (UPTOWN, "Room 1", "treatment", True),
    (UPTOWN, "Room 2", "treatment", True),
    (UPTOWN, "Room 3", "treatment", True),
    (UPTOWN, "Room 4", "treatment", True),
    (UPTOWN, "Room 5", "treatment", False),
    (UPTOWN, "Adjusting 1", "adjusting", True),
    (UPTOWN, "Adjusting 2", "adjusting", True),
    (UPTOWN, "Adjusting 3", "adjusting", False),
    (UPTOWN, "Massage", "massage", True),
    (UPTOWN, "Studio", "open", True),
    (LAKESIDE, "Lake 1", "treatment", True),
    (LAKESIDE, "Lake 2", "treatment", True),
    (LAKESIDE, "Lake adjusting", "adjusting", True),
    (LAKESIDE, "Lake consulting", "consult", True),
]
# kind of care: price in Uptown, in Lakeside. Acupuncture stays within 50 to 150.
PRICES = {
    "acupuncture_first_visit": ("135.00", "145.00"),
    "acupuncture_visit": ("95.00", "105.00"),
    "chiropractic_first_visit": ("120.00", "130.00"),
    "adjustment_visit": ("65.00", "70.00"),
    "massage_visit": ("110.00", "115.00"),
    "stretching_visit": ("55.00", "60.00"),
    "re_evaluation": ("80.00", "85.00"),
    "nutrition_consultation": ("100.00", "110.00"),
}


def make_places(*, locations=LOCATIONS, rooms=ROOMS):
    """{name: location}, with hours, rooms and prices. Needs the reference data."""
    Clinic.objects.create(id=1, name=CLINIC)
    made = {}
    for name, zone, state, address, phone in locations:
        made[name] = Location.objects.create(name=name, zone=zone, state=state, address=address, phone=phone)
    OpeningHours.objects.bulk_create(
        OpeningHours(location=location, weekday=weekday, opens=OPENS, closes=CLOSES)
        for location in made.values()
        for weekday, _name in WEEKDAYS
    )
    kinds = {kind.key: kind for kind in RoomKind.objects.all()}
    Room.objects.bulk_create(
        Room(location=made[at], name=name, kind=kinds[kind], step_free=step_free)
        for at, name, kind, step_free in rooms
    )
    make_prices(list(made.values()))
    return made


def make_prices(locations):
    parts = Part.objects.select_related("kind_of_care").order_by("id")
    Price.objects.bulk_create(
        Price(part=part, location=location, amount=Decimal(PRICES[part.kind_of_care.key][number]))
        for part in parts
        for number, location in enumerate(locations)
    )
