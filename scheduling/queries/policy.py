"""The cancellation policy as it bears on visits: what it will cost, what it took, and what proves it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from clinic import walltime
from intake.models import Consent, ConsentKind
from messaging.models import OutboxMessage
from packages.models import PolicyUse
from packages.queries.accounts import policy_in_force
from packages.queries.balances import current, standing_of
from packages.rules.ledger import PURCHASE
from patients.queries import ids_of
from scheduling.models import VisitPart
from scheduling.rules.bundles import about as mail_about
from scheduling.rules.payment import NEVER_TOOK_PLACE, STILL_TO_BE_GIVEN, judged, takes

CONFIRMS = {"booked", "moved", "reminder"}  # kinds of messages that told the patient when to come


@dataclass(frozen=True, slots=True)
class Cost:
    """What ending a visit now costs. `kinds`: of care, the package visits it uses up, often none."""

    missed: bool
    hours: int
    kinds: list[str]
    accepted_on: date | None = None


def cost_of_ending(visit, *, missed, now):
    """The Cost of canceling now or of having missed it; None where the policy has nothing to say.

    One statement, and where it is late or missed up to four more.
    """
    policy = policy_in_force() if visit.status in STILL_TO_BE_GIVEN else None
    if not judged(policy, missed=missed, starts_at=visit.starts_at, now=now):
        return None
    kinds = kinds_on_packages(visit, "reserved") if takes(policy, missed=missed) else []
    signed = accepted(visit.patient, now) if kinds else None
    day = walltime.local(signed.given_at, visit.location.tz).date() if signed else None
    return Cost(missed, policy.late_hours, kinds, day)


def kinds_on_packages(visit, kind):
    """Kinds of care of the parts for which a package visit stands reserved or consumed. Two statements."""
    parts = list(
        VisitPart.objects.filter(appointment=visit).select_related("kind_of_care").order_by("position")
    )
    standing = standing_of([part.pk for part in parts])
    paid = {one.visitpart for one in standing if one.type == PURCHASE and one.kind == kind}
    return [part.kind_of_care.name for part in parts if part.pk in paid]


def accepted(patient, at):
    """The Consent by which somebody accepted the practice's policies, the latest given by then. Two statements."""
    rows = Consent.objects.filter(
        patient__in=ids_of(current(patient)), kind=ConsentKind.POLICIES, given_at__lte=at
    ).filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))
    return rows.select_related("signature").order_by("-given_at", "pk").first()


def standing_uses(visit_ids):
    """{visit id: PolicyUse} of those judged late or missed and not taken back since, with their waiver. One statement.

    A row that is withdrawn takes one before it back; counted, because two of them may bear the same instant.
    """
    given, uses, withdrawn = {}, defaultdict(int), defaultdict(int)
    rows = PolicyUse.objects.filter(appointment__in=visit_ids)
    rows = rows.select_related("policy", "waiver__by__profile", "by__profile")
    for use in rows.order_by("at", "pk"):
        if use.withdrawn:
            withdrawn[use.appointment] += 1
        else:
            uses[use.appointment] += 1
            given[use.appointment] = use
    return {pk: use for pk, use in given.items() if uses[pk] > withdrawn[pk]}


def waiver_of(use):
    return getattr(use, "waiver", None)


def takes_visit(visit_ids):
    """Ids of those visits whose package visits the policy uses up, and nobody waived. One statement."""
    uses = standing_uses(visit_ids)
    return {pk for pk, use in uses.items() if use.takes_visit and waiver_of(use) is None}


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything about one late cancellation or missed visit in one place.

    `kinds`: of care, the package visits that are used up; `signed`: the Consent, or None; `told`: messages
    that told the patient when to come, with when they were sent.
    """

    use: PolicyUse
    waiver: object
    kinds: list[str]
    signed: object
    told: list

    @property
    def may_waive(self):
        return self.waiver is None and bool(self.kinds)


def proof_of(visit, *, changes):
    """The Proof of a visit that was canceled or missed, else None. `changes`: all changes of the visit.

    One statement where there is none, six where there is.
    """
    use = standing_uses([visit.pk]).get(visit.pk) if visit.status in NEVER_TOOK_PLACE else None
    if use is None:
        return None
    about = [mail_about(change) for change in changes]
    sent = OutboxMessage.objects.filter(about__in=about, kind__in=CONFIRMS, sent_at__isnull=False)
    return Proof(
        use=use,
        waiver=waiver_of(use),
        kinds=kinds_on_packages(visit, "consumed"),
        signed=accepted(visit.patient, use.at),
        told=list(sent.order_by("sent_at").values("kind", "sent_at")),
    )
