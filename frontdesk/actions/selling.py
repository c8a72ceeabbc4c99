"""What changes how many visits a patient has left, and in the same step what the booked visits draw on.

Visits lie above packages: a package sold at check-out covers today's visit because both are done here together.
"""

from scheduling.actions.locking import all_or_nothing
from scheduling.actions.settling import hold_patient, settle_open


@all_or_nothing
def and_settle(verb, *, patient, by, now, about, **asked):
    """Do a verb of packages.actions, then settle the patient's visits of today and later; what the verb returned.

    `about` is what the verb is about, by the name it has there. Whoever books or cancels for this patient meanwhile
    waits, so that no visit is counted twice.
    """
    hold_patient(patient)
    done = verb(by=by, now=now, **about, **asked)
    settle_open(patient=patient, by=by, now=now)
    return done
