"""A plan template changed for this clinic: a row of its own over ours. Plans made before stay as they are."""

import secrets
from dataclasses import replace

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from acupoints.models import Acupoint
from clinic import audit
from clinic.actions.reference import columns, own_row, use_ours_again
from clinic.models import Origin
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from plans.models import PlanTemplate
from plans.rules import templates as rules


@transaction.atomic
def change_template(*, by, row, version, wish, request_key=None):
    """Write the clinic's own row; made over ours where there is none yet. Returns it."""
    claim(request_key, location=reverse("plans:template", args=[row.key]))
    row = lock_version(PlanTemplate.objects, row.pk, version)
    reasons = rules.reasons_not_to_save(wish, ours_of(row), known_points())
    values = rules.values_of(wish, row)
    before, after = rules.changed({name: getattr(row, name) for name in values}, values)
    if reasons or not after:
        raise Refused(reasons or _("Nothing was changed. Change something, or go back."))
    mine = own_row(by=by, row=row) if row.origin == Origin.SHIPPED else row
    for name, value in after.items():
        setattr(mine, name, value)
    mine.save()
    audit.record(by=by, verb="change plan template", about=mine, key=mine.key, before=before, after=after)
    return mine


@transaction.atomic
def copy_template(*, by, row, wish, request_key=None):
    """A template of the clinic alone, begun from another one. Its dose is the clinic's: no study gave it."""
    claim(request_key, location=reverse("plans:templates"))
    wish = replace(wish, dose_source=())
    names = {kept.name.casefold() for kept in PlanTemplate.objects.in_force()}
    reasons = rules.reasons_not_to_save(wish, row, known_points())
    if wish.name.strip().casefold() in names:
        reasons.append(_("There is a template of this name. Give it another one."))
    if reasons:
        raise Refused(reasons)
    mine = PlanTemplate(origin=Origin.CLINIC, key=f"clinic_{secrets.token_hex(4)}")
    for name in columns(PlanTemplate) - {"key"}:
        setattr(mine, name, getattr(row, name))
    for name, value in {**rules.values_of(wish, row), "seed_articles": []}.items():
        setattr(mine, name, value)
    mine.save()
    audit.record(by=by, verb="add plan template", about=mine, key=mine.key, like=row.key)
    return mine


def known_points():
    return set(Acupoint.objects.effective().values_list("key", flat=True))


def ours_of(row):
    """The template as it ships; the clinic's own where there is no other."""
    return PlanTemplate.objects.filter(key=row.key, origin=Origin.SHIPPED).first() or row


@transaction.atomic
def ours_again(*, by, row, version, request_key=None):
    """The clinic's row goes out of use and is kept; ours counts for new plans."""
    claim(request_key, location=reverse("plans:template", args=[row.key]))
    return use_ours_again(by=by, row=row, version=version)
