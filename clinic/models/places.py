import zoneinfo
from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .guards import Versioned, version_must_rise

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


def must_be_a_zone(name):
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name such as America/New_York.") % {"name": name}
        )


class ChartsOpenTo(models.TextChoices):
    CLINIC = "clinic", _("every provider of the locations where the patient comes")
    TEAM = "team", _("only providers who treat the patient, have treated or are booked with them")


class Clinic(Versioned):
    """The one row of settings that hold for every location."""

    name = models.CharField(_("name"), max_length=100)
    undo_minutes = models.PositiveSmallIntegerField(_("minutes in which a step can be undone"), default=10)
    hold_minutes = models.PositiveSmallIntegerField(_("minutes a hold lasts"), default=10)
    charts_open_to = models.CharField(
        _("charts are open to"),
        max_length=10,
        choices=ChartsOpenTo.choices,
        default=ChartsOpenTo.CLINIC,
        help_text=_("Everybody else opens a chart with a reason, for an hour, to read; you are told."),
    )

    class Meta:
        triggers = [version_must_rise("clinic")]
        verbose_name = _("clinic")
        verbose_name_plural = _("clinic")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_clinic"),
            models.CheckConstraint(
                condition=models.Q(charts_open_to__in=ChartsOpenTo.values), name="charts_open_to_is_known"
            ),
        ]

    def __str__(self):
        return self.name


class Location(Versioned):
    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=2, help_text=_("Two letters; licenses are checked for it.")
    )
    zone = models.CharField(_("time zone"), max_length=50, validators=[must_be_a_zone])
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    horizon_days = models.PositiveSmallIntegerField(_("days ahead that can be booked"), default=365)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        triggers = [version_must_rise("location")]
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["id"]

    def __str__(self):
        return self.name

    @property
    def tz(self):
        return zoneinfo.ZoneInfo(self.zone)


class OpeningHours(Versioned):
    """Local wall time. `closes` of 00:00 means the end of the day."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        triggers = [version_must_rise("openinghours")]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["location", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="opening_weekday_is_0_to_6"),
            models.CheckConstraint(
                condition=models.Q(closes=time(0)) | models.Q(closes__gt=models.F("opens")),
                name="opening_hours_close_after_open",
                violation_error_message=_("These hours close before they open. Change one of the two times."),
            ),
        ]

    def __str__(self):
        return f"{self.location}, {self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Closure(Versioned):
    """A time at which a location is closed although its hours say open. Visits inside stay until moved."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="closures")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        triggers = [version_must_rise("closure")]
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="closure_ends_after_start"
            ),
        ]

    def __str__(self):
        return f"{self.location}: {self.reason}"


class RoomKind(Versioned):
    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        triggers = [version_must_rise("roomkind")]
        verbose_name = _("kind of room")
        verbose_name_plural = _("kinds of room")

    def __str__(self):
        return self.name


class Room(Versioned):
    """A place for one patient. A bay with three tables is three rooms."""

    id = models.SmallAutoField(primary_key=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(_("name"), max_length=60)
    kind = models.ForeignKey(RoomKind, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind"))
    step_free = models.BooleanField(_("reached without stairs"), default=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        triggers = [version_must_rise("room")]
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["location", "id"]
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="room_name_is_unique_at_location")
        ]

    def __str__(self):
        return self.name
