from django import template

from practitioners.rules import clock

register = template.Library()


@register.filter
def wall(at):
    """10:30 am, of a time that has no day: weekly hours."""
    return clock(at)
