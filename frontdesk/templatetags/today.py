"""Times to the second, as the board and its forms need them."""

from django import template
from django.utils import formats, timezone

register = template.Library()


@register.filter
def clock_seconds(instant, location):
    """10:42:07."""
    return formats.date_format(timezone.localtime(instant, location.tz), "g:i:s")


@register.filter
def clock_field(instant, location):
    """10:42:07 as a time field takes it: 24 hours."""
    return timezone.localtime(instant, location.tz).strftime("%H:%M:%S")
