"""What parts of services cost at a location."""

from collections import defaultdict

from services.models import Price


def prices_at(services, location):
    """{service id: {position of the part: amount}} of services (ids) at a location (id). One statement."""
    found = defaultdict(dict)
    rows = Price.objects.filter(part__service__in=services, location=location)
    for service, position, amount in rows.values_list("part__service", "part__position", "amount"):
        found[service][position] = amount
    return found
