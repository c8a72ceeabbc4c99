"""The clinic's own row of a package: its price and its contents."""

from django.db import transaction

from clinic import audit
from clinic.actions.reference import own_row
from clinic.models import Origin
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.models import Package
from packages.rules.selling import reasons_not_to_save_package


@transaction.atomic
def save_package(*, by, package, version, name, price, valid_days, visits, request_key=None, shown=""):
    """Change what is sold from now on; what was sold stays as agreed. `visits` is {key of a kind of care: number}."""
    claim(request_key, location=shown)
    reasons = reasons_not_to_save_package(name=name, visits=visits, price=price, valid_days=valid_days)
    if reasons:
        raise Refused(reasons)
    row = lock_version(Package.objects.all(), package.pk, version)
    if row.origin == Origin.SHIPPED:
        row = own_row(by=by, row=row)
    row.name, row.price, row.valid_days = name.strip(), price, valid_days
    row.contents = [{"kind": kind, "visits": number} for kind, number in visits.items() if number]
    row.save()
    audit.record(by=by, verb="set package", about=row, package=row.key, price=str(price or ""))
    return row
