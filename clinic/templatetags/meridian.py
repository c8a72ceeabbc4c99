"""What templates say in one way: times as people say them, and the hidden fields of a form."""

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from clinic import money as amounts
from clinic.pages import VERSION
from clinic.submissions import FIELD, new_key

register = template.Library()


@register.simple_tag
def request_key():
    """The hidden field that makes sending a form twice do it once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())


@register.simple_tag
def version(row):
    """The hidden field that keeps a form from overwriting unseen work."""
    return format_html('<input type="hidden" name="{}" value="{}">', VERSION, row.version)


@register.filter
def clock(instant, location):
    """10:30 am, in the location's own time."""
    return formats.date_format(timezone.localtime(instant, location.tz), "g:i a").replace(".", "")


@register.filter
def day(instant, location):
    """Tue Nov 24, in the location's own time."""
    return formats.date_format(timezone.localtime(instant, location.tz), "D M j")


@register.filter
def day_and_clock(instant, location):
    """Tue Nov 24, 10:30 am."""
    return _("%(day)s, %(clock)s") % {"day": day(instant, location), "clock": clock(instant, location)}


@register.filter
def money(amount):
    """$1,110.00."""
    return amounts.money(amount)


@register.simple_tag
def currency():
    """$, beside a field for a price."""
    return amounts.SYMBOL


@register.filter
def long_day(date):
    """Tuesday, November 24."""
    return formats.date_format(date, "l, F j")
