"""The clinic's cancellation policy at work: a late cancellation or a missed visit is judged, taken back or waived."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.models import PolicyUse, Waiver
from packages.queries.accounts import policy_in_force
from scheduling.actions.changing import lock_visit
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.settling import settle_visits
from scheduling.queries.policy import standing_uses, waiver_of
from scheduling.rules.payment import judged, takes


def judge(visit, *, missed, by, now, notice_at=None, waive=""):
    """Write down what the policy says of a visit that was just ended; `waive`: why it costs nothing all the same.

    `notice_at`: when the patient told us, if it is entered only now.

    Part of the ending's transaction, before the visit is settled. One statement where the policy says nothing.
    """
    policy, told_at = policy_in_force(), notice_at or now
    if not judged(policy, missed=missed, starts_at=visit.starts_at, now=told_at):
        return
    use = PolicyUse.objects.create(
        appointment=visit.pk,
        patient_id=visit.patient_id,
        policy=policy,
        missed=missed,
        notice_at=None if missed else told_at,
        takes_visit=takes(policy, missed=missed),
        at=now,
        by=by,
    )
    if waive.strip():
        Waiver.objects.create(use=use, reason=waive.strip()[:200], at=now, by=by)


def take_back(visit, *, by, now):
    """The ending was undone, so nothing was late or missed. One statement where nothing was judged."""
    use = standing_uses([visit.pk]).get(visit.pk)
    if use is None:
        return
    PolicyUse.objects.create(
        appointment=visit.pk,
        patient_id=use.patient_id,
        policy=use.policy,
        missed=use.missed,
        notice_at=use.notice_at,
        takes_visit=use.takes_visit,
        withdrawn=True,
        at=now,
        by=by,
    )


@all_or_nothing
def waive(*, by, pk, reason, version=None, request_key=None, location_shown=None):
    """Give back what a late cancellation or a missed visit used up, with a reason. Returns (Waiver, Settled)."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    if not reason.strip():
        raise Refused(_("Say why it is waived, in a word or two: it helps whoever looks at this later."))
    visit, now = lock_visit(pk, version=version)
    use = standing_uses([pk]).get(pk)
    if use is None:
        raise Refused(_("The policy has taken nothing for this visit. Reload the page to see how it stands."))
    if waiver_of(use) is not None:
        raise Refused(_("This is waived already. Reload the page to see how it stands."))
    made = Waiver.objects.create(use=use, reason=reason.strip()[:200], at=now, by=by)
    settled = settle_visits([visit], by=by, now=now)
    visit.save()
    audit.record(by=by, verb="waive", about=visit, patient=visit.patient_id, reason=made.reason)
    return made, settled
