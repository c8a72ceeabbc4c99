"""What the patient is told of a bundle: one mail, which is written again where one of the visits is put back.

It says how the visits stand when it is written, not how they were wished for.
"""

import uuid

from scheduling import emails
from scheduling.actions.covering import beyond_parts
from scheduling.actions.settling import settle_visits
from scheduling.models import OCCUPIES_PATIENT
from scheduling.queries.bundles import of_bundle
from scheduling.queries.prices import prices_at
from scheduling.rules.bundles import bundle_of


def new_bundle():
    return str(uuid.uuid4())


def tell_of(bundle, *, patient, by, now):
    """Queue one mail about what was changed at once and stands. `patient`: an id. Expects the patient's lock."""
    changes = [
        one
        for one in of_bundle(patient, bundle)
        if one.undone_at is None and one.appointment.status in OCCUPIES_PATIENT and is_news(one)
    ]
    if changes and emails.can_be_told(changes[0].appointment.patient):
        visits = [one.appointment for one in changes]
        uncovered = uncovered_of(visits, settle_visits(visits, by=by, now=now))
        emails.tell_bundle(changes, now=now, uncovered=uncovered)


def is_news(change):
    """Whether the patient has to come at another time than before."""
    return change.before.get("starts_at") != change.appointment.starts_at.isoformat()


def take_mail_back(change, *, by, now):
    """A change was undone: what would have told of it falls away, or tells of the others alone."""
    withdrawn = emails.take_back(change, now=now)
    if withdrawn and bundle_of(change):
        tell_of(bundle_of(change), patient=change.appointment.patient_id, by=by, now=now)


def uncovered_of(visits, settled):
    """[(visit, [(kind of care, price or None)])] of what approvals do not reach, in the order of the visits.

    Two statements, none where all is covered.
    """
    beyond = beyond_parts(settled)
    prices = prices_at({one.service_id for one in visits}, visits[0].location_id) if beyond else {}
    return [
        (visit, [(name_of(part), prices[visit.service_id].get(part.position)) for part in beyond[visit.pk]])
        for visit in visits
        if visit.pk in beyond
    ]


def name_of(part):
    return part.kind_of_care.name if part.kind_of_care else part.name
