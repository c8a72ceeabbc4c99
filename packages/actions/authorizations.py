"""Visits an insurer approved: written down, changed, withdrawn, and asked for again in time."""

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.models import Location
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import close_tasks_about, open_task
from packages.actions.ledger import lock_sources
from packages.models import (
    Authorization,
    AuthorizationEntry,
    EntryKind,
    MoreVisits,
    MoreVisitsStatus,
)
from packages.queries.balances import counts_of, current
from packages.rules.coverages import (
    ASK,
    MORE_NEXT,
    asks_for_more,
    reasons_not_to_approve,
    reasons_not_to_change_visits,
    reasons_not_to_step,
)
from patients.actions.records import refuse_merged

TASK = "more_visits"
STILL_OPEN = [status for status, following in MORE_NEXT.items() if following]


@transaction.atomic
def approve(*, by, patient, coverage, values, visits, now, request_key=None, shown=""):
    """Write down what an insurer approved. `values`: number, discipline, codes, starts_on, ends_on, note."""
    claim(request_key, location=shown)
    refuse_merged(patient)
    refuse_to_approve(coverage, values, visits)
    row = Authorization.objects.create(
        patient=patient, coverage=coverage, created_at=now, created_by=by, **values
    )
    entry(row, EntryKind.GRANTED, visits, by=by, now=now)
    audit.record(by=by, verb="approve visits", about=row, patient=patient, visits=visits)
    asked = Authorization.objects.filter(coverage=coverage, discipline=row.discipline)
    close_requests(asked, note=row.number, by=by, now=now)
    return row


def refuse_to_approve(coverage, values, visits):
    reasons = reasons_not_to_approve(
        kind=coverage.kind,
        number=values["number"],
        visits=visits,
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
    )
    if reasons:
        raise Refused(reasons)


def entry(row, kind, quantity, *, by, now, reason=""):
    return AuthorizationEntry.objects.create(
        authorization=row, kind=kind, quantity=quantity, at=now, by=by, reason=reason
    )


@transaction.atomic
def change(*, by, authorization, version, values, now, request_key=None, shown=""):
    """Number, dates, codes, discipline or note were written down wrong, or the insurer changed them."""
    row = locked(authorization, version, request_key, shown)
    refuse_to_approve(row.coverage, values, None)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    row.save()
    audit.record(by=by, verb="change approval", about=row, patient=row.patient_id, fields=changed)
    return row


@transaction.atomic
def change_visits(*, by, authorization, version, visits, reason, now, request_key=None, shown=""):
    """The insurer approved more or fewer in all: the difference is another entry, with its reason."""
    row = locked(authorization, version, request_key, shown)
    approved, left = approved_and_left(row)
    reasons = reasons_not_to_change_visits(
        withdrawn=row.withdrawn_at is not None, approved=approved, visits=visits, left=left, reason=reason
    )
    if reasons:
        raise Refused(reasons)
    kind = EntryKind.GRANTED if visits > approved else EntryKind.EXPIRED
    entry(row, kind, visits - approved, by=by, now=now, reason=reason)
    if kind == EntryKind.GRANTED:
        close_requests([row], note=reason, by=by, now=now)
    row.save(update_fields=[])
    audit.record(by=by, verb="change approved visits", about=row, patient=row.patient_id, visits=visits)
    return row


def approved_and_left(row):
    count = counts_of(authorizations=[row.pk])[row.pk][None]
    return count.granted - count.expired, count.left


@transaction.atomic
def withdraw(*, by, authorization, version, now, request_key=None, shown=""):
    """The insurer took it back: nothing is booked on it any more; what was used stays used."""
    row = locked(authorization, version, request_key, shown)
    if row.withdrawn_at:
        raise Refused(_("This approval is withdrawn already. Reload the page."))
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    audit.record(by=by, verb="withdraw approval", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def reinstate(*, by, authorization, version, now, request_key=None, shown=""):
    """It holds after all: visits can be booked on it again."""
    row = locked(authorization, version, request_key, shown)
    if not row.withdrawn_at:
        raise Refused(_("This approval holds already. Reload the page."))
    row.withdrawn_at = None
    row.save(update_fields=["withdrawn_at"])
    audit.record(by=by, verb="reinstate approval", about=row, patient=row.patient_id)
    return row


def locked(authorization, version, request_key, shown):
    """The row, claimed and locked with all of the patient's sources."""
    claim(request_key, location=shown)
    lock_sources({current(authorization.patient).pk})
    return lock_version(Authorization.objects.select_related("coverage"), authorization.pk, version)


# Asking for more


def ask_for_more_everywhere(*, now):
    """The daily look: every approval that runs out of days or visits; how many requests were opened."""
    today = today_somewhere(now)
    rows = Authorization.objects.filter(withdrawn_at=None, starts_on__lte=today, ends_on__gte=today)
    return ask_for_more(authorizations=rows.values_list("pk", flat=True), now=now)


@transaction.atomic
def ask_for_more(*, authorizations, now):
    """Open a request and a to-do for those of these (ids) that are due; how many were opened.

    Part of the caller's transaction: whoever books or uses an approved visit calls it. Again and again is once: a
    request that was answered is opened anew only after more visits were approved.
    """
    today = today_somewhere(now)
    counts = counts_of(authorizations=authorizations) if authorizations else {}
    if not counts:
        return 0
    due = [row for row in approvals(list(counts)) if is_due(row, counts[row.pk][None], today)]
    for row in due:
        open_request(row, now=now)
    return len(due)


def approvals(ids):
    """Approvals that still hold, each with when it was last granted visits and last asked for more."""
    rows = Authorization.objects.filter(pk__in=ids, withdrawn_at=None).select_related("discipline")
    granted = Max("entries__at", filter=Q(entries__kind=EntryKind.GRANTED))
    return rows.annotate(granted_at=granted, asked_at=Max("requests__opened_at")).order_by("pk")


def is_due(row, count, today):
    asked_since = row.asked_at is not None and row.asked_at >= row.granted_at
    return not asked_since and asks_for_more(
        left=count.left,
        taken=count.used + count.reserved,
        owed=count.owed,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        today=today,
    )


def open_request(row, *, now):
    """Two at once: the second leaves the first one's row alone."""
    MoreVisits.objects.bulk_create(
        [MoreVisits(authorization=row, patient_id=row.patient_id, opened_at=now)], ignore_conflicts=True
    )
    open_task(kind=TASK, title=ASK, about=about(row.pk), patient=row.patient_id, now=now)
    audit.record(by=None, verb="ask for more visits", about=row, patient=row.patient_id)


def about(pk):
    return f"authorization:{pk}"


def today_somewhere(now):
    """Today at the clinic's first location: an approval belongs to none."""
    place = Location.objects.order_by("pk").first()
    return walltime.local(now, place.tz).date() if place else now.date()


@transaction.atomic
def step(*, by, request, version, to, note, now, request_key=None, shown=""):
    """A request for more visits was sent, answered, or is not needed any more; its to-do closes with the answer."""
    claim(request_key, location=shown)
    row = lock_version(MoreVisits.objects.all(), request.pk, version)
    reasons = reasons_not_to_step(status=row.status, to=to, note=note)
    if reasons:
        raise Refused(reasons)
    row.status, row.note = to, note.strip()
    if to == MoreVisitsStatus.SENT:
        row.sent_at = now
    else:
        row.answered_at, row.closed_by = now, by
        outcome = MoreVisitsStatus(to).label
        close_tasks_about(by=by, kind=TASK, about=about(row.authorization_id), outcome=outcome, now=now)
    row.save()
    audit.record(by=by, verb="step request for visits", about=row, patient=row.patient_id, to=to)
    return row


def close_requests(authorizations, *, note, by, now):
    """More visits came: what asks for them is answered, and its to-do is done. Part of the caller's action.

    Also where the letter was never sent from here: the insurer was asked some other way. One statement for none.
    """
    rows = MoreVisits.objects.filter(authorization__in=authorizations, status__in=STILL_OPEN)
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        row.status, row.answered_at, row.closed_by = MoreVisitsStatus.APPROVED, now, by
        row.note = note.strip()
        row.save()
        about_it = {"kind": TASK, "about": about(row.authorization_id)}
        close_tasks_about(by=by, outcome=MoreVisitsStatus.APPROVED.label, now=now, **about_it)
        audit.record(
            by=by, verb="step request for visits", about=row, patient=row.patient_id, to=row.status.value
        )


@transaction.atomic
def keep_letter(*, request, letter):
    """The letter that goes with a request; part of the caller's action. `letter` is its id."""
    row = MoreVisits.objects.select_for_update(of=("self",)).get(pk=request.pk)
    row.letter = letter
    row.save(update_fields=["letter"])
    return row
