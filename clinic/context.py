"""What every page of the frame shows."""

import re
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic, Role
from clinic.places import here, places_of
from clinic.roles import may

# (route, label, icon, permission): what the bar offers, in order.
STAFF_NAV = [
    ("frontdesk:today", _("Today"), "sun", "see_the_day"),
    ("scheduling:calendar", _("Calendar"), "calendar3", "see_the_day"),
    ("patients:list", _("Patients"), "people", "find_patients"),
    ("plans:list", _("Plans"), "signpost", "see_plan_dates"),
    ("acupoints:list", _("Points"), "person-standing", "treat"),
    ("clinic:manage", _("Clinic"), "gear", "manage_clinic"),
]
IN_A_CHART = re.compile("/(charts|patients)/[0-9a-f-]{36}/")
PATIENT_NAV = [
    ("portal:plan", _("Plan"), "clipboard-check", "see_own_plan"),
    ("portal:visits", _("Visits"), "calendar3", "see_own_visits"),
]


def frame(request):
    """Lazily evaluated by templates: pages without the frame cost no statement."""
    return {"frame": Frame(request)}


class Frame:
    def __init__(self, request):
        self.request = request

    @property
    def user(self):
        return getattr(self.request, "user", None)

    @property
    def nav(self):
        items = STAFF_NAV if self.is_staff and not self.among_patients else PATIENT_NAV
        places = [
            {"url": reverse(route), "label": label, "icon": icon}
            for route, label, icon, permission in items
            if may(self.user, permission)
        ]
        here_at = self.place_of(self.request.path, places)
        return [{**place, "active": place["url"] == here_at} for place in places]

    def place_of(self, path, places):
        """The place a page belongs to: a chart's pages to Patients, whichever app they are of."""
        if self.is_staff and IN_A_CHART.search(path):
            return reverse("patients:list")
        # One address can be the beginning of another: the longest is where the page stands.
        around = [place["url"] for place in places if path.startswith(place["url"])]
        return max(around, key=len, default="")

    @property
    def is_staff(self):
        return may(self.user, "see_the_day")

    @property
    def among_patients(self):
        """Whether this is a patient's page: staff who are patients here see it as every patient does."""
        return self.request.path.startswith(reverse("portal:plan"))

    @property
    def is_owner(self):
        return self.user.is_authenticated and Role.OWNER in self.user.roles

    @property
    def roles(self):
        return sorted(self.user.roles)

    @property
    def person_name(self):
        return self.user.name

    @cached_property
    def clinic_name(self):
        clinic = Clinic.objects.first()
        return clinic.name if clinic else "Meridian"

    @property
    def location(self):
        return here(self.request)

    @property
    def locations(self):
        return places_of(self.request)

    @property
    def search_url(self):
        return reverse("patients:search")

    @property
    def book_url(self):
        return reverse("scheduling:calendar") + "?panel=book"

    @property
    def server_now(self):
        return timezone.now()
