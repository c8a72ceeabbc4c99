"""Visits that will not happen: cancelled, missed, or one part of them not done."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.refusal import Refused
from clinic.submissions import claim
from patients.models import Why
from scheduling import emails
from scheduling.actions.caring import join, leave_care
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.needles import follow_needles, needles_are_noted
from scheduling.actions.occupying import derive_again, release
from scheduling.actions.policy import judge
from scheduling.actions.settling import settle_only, settle_visits
from scheduling.models import PartStatus, Status, VisitPart
from scheduling.rules.life import reasons_not_to_become
from scheduling.rules.payment import reasons_not_to_have_told


@all_or_nothing
def cancel(
    *,
    by,
    pk,
    reason,
    by_clinic=False,
    notice_at=None,
    waive="",
    version=None,
    request_key=None,
    location_shown=None,
):
    """Cancel a visit or a hold; its time is free at once. Returns the Change, which can be undone.

    Late, it is judged by the clinic's policy, unless it is the clinic that cancels (`by_clinic`); `notice_at` is when
    the patient told us, now if None, and `waive` why it costs nothing all the same.
    """
    return end(
        Status.CANCELLED,
        "cancel",
        by=by,
        pk=pk,
        reason=reason,
        version=version,
        key=request_key,
        shown=location_shown,
        by_clinic=by_clinic,
        notice_at=notice_at,
        waive=waive,
    )


@all_or_nothing
def no_show(*, by, pk, reason="", version=None, request_key=None, location_shown=None):
    """The patient did not come; the rest of the time is free at once. Judged by the clinic's policy."""
    return end(
        Status.NO_SHOW,
        "no_show",
        by=by,
        pk=pk,
        reason=reason or _("did not come"),
        version=version,
        key=request_key,
        shown=location_shown,
    )


def end(
    status,
    verb,
    *,
    by,
    pk,
    reason,
    version,
    key,
    shown,
    by_clinic=False,
    notice_at=None,
    waive="",
    last=True,
):
    """`last` of those that one step ends: what they give back, other visits take once all of them have ended."""
    claim(key, location=shown or reverse("scheduling:visit", args=[pk]))
    if not reason.strip():
        raise Refused(_("Say why, in a word or two: it helps whoever looks at this later."))
    visit, now = lock_visit(pk, version=version)
    refuse_if(reasons_not_to_end(visit, status, notice_at=notice_at, now=now))
    before = snapshot(visit)
    visit.status, visit.ended_reason, visit.held_until = status, reason.strip()[:200], None
    visit.save()
    release([visit])
    join({(visit.patient_id, by.pk, Why.BOOKING)}, now)
    if last:
        leave_care(visit.patient, now)
    if before["status"] != Status.HELD and not by_clinic:
        missed = status == Status.NO_SHOW
        judge(visit, missed=missed, by=by, now=now, notice_at=notice_at, waive=waive)
    settle = settle_visits if last else settle_only
    taken = settle([visit], by=by, now=now).drawn
    detail = {"notice_at": notice_at.isoformat()} if notice_at else {}
    change = record_change(visit, verb, by=by, now=now, before=before, reason=visit.ended_reason, **detail)
    if status == Status.CANCELLED and before["status"] != Status.HELD:
        emails.tell_cancelled(visit, change=change, now=now, taken=kinds_of(taken))
    return change


def reasons_not_to_end(visit, status, *, notice_at, now):
    reasons = reasons_not_to_become(visit.status, status)
    if status == Status.NO_SHOW and visit.starts_at > now:
        reasons = [_("This visit has not begun yet. Cancel it instead.")]
    if notice_at:
        reasons += reasons_not_to_have_told(notice_at, booked_at=visit.created_at, now=now)
    return reasons


def refuse_if(reasons):
    if reasons:
        raise Refused(reasons)


def kinds_of(parts):
    """Names of the kinds of care of the parts with these ids, in order; no statement for none."""
    if not parts:
        return []
    rows = VisitPart.objects.filter(pk__in=parts).order_by("position")
    return list(rows.values_list("kind_of_care__name", flat=True))


@all_or_nothing
def part_not_done(*, by, pk, part, reason, version=None, request_key=None, location_shown=None):
    """Close one part as not done; its people and rooms are free at once, the rest of the visit goes on.

    `part` is the part's id. Returns the Change.
    """
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    if not reason.strip():
        raise Refused(
            _("Choose why this part is not done: unwell, provider away, patient's wish, or no time.")
        )
    visit, now = lock_visit(pk, version=version)
    row = visit.parts.select_for_update().get(pk=part)
    if row.status != PartStatus.PLANNED:
        raise Refused(
            _("%(part)s is closed already. Reload the page to see how it stands.") % {"part": row.name}
        )
    if visit.status not in {Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}:
        raise Refused(_("This visit is over. Reload the page to see how it stands."))
    if not visit.parts.exclude(pk=row.pk).exclude(status=PartStatus.NOT_DONE).exists():
        raise Refused(
            _("This is the only part of the visit. Cancel the visit instead, or check the patient out.")
        )
    before = snapshot(visit)
    row.status, row.reason = PartStatus.NOT_DONE, reason.strip()[:200]
    row.save()
    visit.save()
    derive_again(visit)
    leave_care(visit.patient, now)
    if visit.status == Status.IN_TREATMENT and needles_are_noted(visit.patient, visit.location_id):
        follow_needles(visit.patient, visit.location_id)
    settle_visits([visit], by=by, now=now)
    return record_change(
        visit, "part_not_done", by=by, now=now, before=before, part=row.name, reason=row.reason
    )
