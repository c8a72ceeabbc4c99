"""The panel of one visit, and everything that can be done with it from there."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from clinic import audit, walltime
from clinic.pages import posted_version, refuse
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from packages.queries.balances import standing_of
from patients.models import Patient
from scheduling.actions import confirming, ending, holding, moving, policy, undoing
from scheduling.forms.booking import chosen_ids
from scheduling.forms.visit import (
    ANYONE,
    CANCEL_REASONS,
    NOT_DONE_REASONS,
    CancelForm,
    MoveForm,
    ReasonForm,
)
from scheduling.models import Appointment, Change, PartStatus
from scheduling.queries.asked import times_to_move
from scheduling.queries.gained import gained_by
from scheduling.queries.of_visit import story_of, visits_of_patient
from scheduling.queries.policy import cost_of_ending, proof_of
from scheduling.rules import sentences
from scheduling.rules.covering import paid_in_words
from scheduling.rules.payment import STILL_TO_BE_GIVEN, cost_in_words, gained_in_words, waived_in_words
from scheduling.views.panels import safe_next, say_with_undo, see_other, tell_calendar
from scheduling.views.showing import MANY, Showing, option_of


def visit_or_404(request, pk):
    rows = Appointment.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("patient", "location", "service"), pk=pk)


def reader_zone(request):
    place = here(request)
    return place.tz if place else None


@needs("see_the_day")
def page(request, pk):
    return told(request, visit_or_404(request, pk))


def told(request, visit, *, status=200, reasons=(), doing=""):
    """The panel as the visit stands now. Looking is written down, once.

    `doing`: the form that is open, "cancel" or "waive"; what was typed into it when it was sent stands there again.
    """
    audit.record(by=request.user, verb="read", about=visit, patient=visit.patient_id)
    now = timezone.now()
    story = story_of(visit, user=request.user, now=now, reader=reader_zone(request))
    context = {
        "story": story,
        "paid": paid_by(visit, story),
        "costs": costs_in_words(visit, story, now),
        "proof": proof_of(visit, changes=[line.change for line in story.changes]),
        "visit": visit,
        "patient": visit.patient,
        "reasons": reasons,
        "cancel_reasons": CANCEL_REASONS,
        "not_done_reasons": NOT_DONE_REASONS,
        "typed": request.POST if doing else {},
        "doing": doing,
        "book_again": book_again(visit),
    }
    return tell_calendar(request, render(request, "scheduling/visit.html", context, status=status))


def paid_by(visit, story):
    """What pays for each part that stands, in words; empty where nothing does and nothing will."""
    parts = [line.part for line in story.parts if line.part.status != PartStatus.NOT_DONE]
    standing = standing_of([part.pk for part in parts])
    return paid_in_words(parts, standing, to_come=visit.status in STILL_TO_BE_GIVEN)


def costs_in_words(visit, story, now):
    """{verb: what it costs by the policy}, of those endings that can be chosen now and are late or missed."""
    verbs = {"cancel": False, "no_show": True}
    costs = {
        verb: cost_of_ending(visit, missed=missed, now=now)
        for verb, missed in verbs.items()
        if verb in story.may
    }
    return {
        verb: {"said": cost_in_words(cost, visit.patient.called), "takes": bool(cost.kinds)}
        for verb, cost in costs.items()
        if cost
    }


def do(request, pk, action, said, doing=""):
    """Carry out one verb; a refusal shows the visit as it stands, with the reasons, and the form as it was sent."""
    visit = visit_or_404(request, pk)
    try:
        change = action(
            by=request.user, pk=visit.pk, version=posted_version(request), request_key=request_key(request)
        )
    except Refused as refusal:
        visit = visit_or_404(request, pk)
        return told(request, visit, status=refusal.status, reasons=refusal.reasons, doing=doing)
    words = [said % {"name": visit.patient.called}, gained_in_words(gained_by(change))]
    say_with_undo(request, " ".join(words).strip(), change.pk)
    return see_other(reverse("scheduling:visit", args=[visit.pk]))


@needs("run_the_day", methods=("POST",))
def confirm(request, pk):
    return do(request, pk, confirming.confirm, _("%(name)s is coming."))


@needs("book", methods=("POST",))
def confirm_hold(request, pk):
    return do(request, pk, holding.confirm_hold, _("Booked for %(name)s."))


@needs("run_the_day", methods=("POST",))
def no_show(request, pk):
    return do(request, pk, ending.no_show, _("%(name)s did not come."))


@needs("book", methods=("GET", "POST"))
def cancel(request, pk):
    """Why, in one tap or a few words. Its time is free at once."""
    visit = visit_or_404(request, pk)
    if request.method != "POST":
        return told(request, visit, doing="cancel")
    form = CancelForm(request.POST)
    if not form.is_valid():
        return told(request, visit, status=422, reasons=all_errors(form), doing="cancel")
    more = {"by_clinic": form.by_clinic, "waive": form.waived_because}
    more["notice_at"] = form.notice_at(visit.location.tz, timezone.now())
    said = _("Canceled for %(name)s.")
    return do(request, pk, partial(ending.cancel, reason=form.said, **more), said, doing="cancel")


@needs("book", methods=("POST",))
def waive(request, pk):
    """Give back what a late cancellation or a missed visit used up."""
    visit = visit_or_404(request, pk)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(all_errors(form))
        _made, settled = policy.waive(
            by=request.user,
            pk=visit.pk,
            reason=form.said,
            version=posted_version(request),
            request_key=request_key(request),
        )
    except Refused as refusal:
        visit = visit_or_404(request, pk)
        return told(request, visit, status=refusal.status, reasons=refusal.reasons, doing="waive")
    messages.success(request, waived_in_words(visit.patient.called, set(settled.ended.values())))
    return see_other(reverse("scheduling:visit", args=[visit.pk]))


@needs("run_the_day", methods=("POST",))
def part_not_done(request, pk, part):
    visit = visit_or_404(request, pk)
    row = get_object_or_404(visit.parts, pk=part)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return told(request, visit, status=422, reasons=all_errors(form))
    action = partial(ending.part_not_done, part=row.pk, reason=form.said)
    said = _("%(part)s is not done for %%(name)s. The rest goes on.") % {"part": row.name.replace("%", "%%")}
    return do(request, pk, action, said)


def all_errors(form):
    return [error for errors in form.errors.values() for error in errors]


@needs("book", methods=("POST",))
def undo(request, change):
    """Take back the latest change; by htmx the answer is a toast, and the panel and calendar read again."""
    visible = Appointment.objects.visible_to(request.user)
    row = get_object_or_404(Change.objects.filter(appointment__in=visible), pk=change)
    after = safe_next(request, reverse("scheduling:visit", args=[row.appointment_id]))
    try:
        undoing.undo(
            by=request.user, change_pk=row.pk, request_key=request_key(request), location_shown=after
        )
    except Refused as refusal:
        return not_undone(request, visit_or_404(request, row.appointment_id), refusal)
    messages.success(request, _("Undone."))
    if not request.htmx:
        return see_other(after)
    answer = HttpResponse(render_to_string("clinic/_toasts.html", {"oob": True}, request))
    return trigger_client_event(trigger_client_event(answer, "calendar-changed"), "visit-undone")


def not_undone(request, visit, refusal):
    """Why not, and the nearest free times, each a link that books there."""
    zone, reader = visit.location.tz, reader_zone(request)
    times = [
        (sentences.when(one.starts_at, one.ends_at, zone, reader), book_again(visit, one.starts_at))
        for one in refusal.offers
    ]
    page = {"visit": visit, "reasons": refusal.reasons, "times": times}
    answer = render(request, "scheduling/visit_not_undone.html", page, status=refusal.status)
    return retarget(reswap(answer, "innerHTML"), "#panel") if request.htmx else answer


def book_again(visit, starts_at=None):
    """The booking panel for the same person and service, at a time or at any."""
    query = {"patient": visit.patient_id, "service": visit.service_id}
    if starts_at:
        wall = walltime.local(starts_at, visit.location.tz)
        query |= {"date": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}"}
    return reverse("scheduling:book") + "?" + urlencode(query)


@needs("book", methods=("GET", "POST"))
def move(request, pk):
    """The twin of dragging: offered times, or an exact one; with the same people, or whoever is free."""
    visit = visit_or_404(request, pk)
    if request.method == "POST":
        return take_move(request, visit)
    form = MoveForm({"who": "same", **request.GET.dict()}, final=False)
    status = 200 if form.is_valid() else 422
    context = times_shown(request, visit, form)
    piece = {"chosen": "booking_chosen.html", "offers": "booking_offers.html"}.get(request.htmx.target)
    if piece is None:
        audit.record(by=request.user, verb="read", about=visit, patient=visit.patient_id)
    return render(request, f"scheduling/{piece or 'move.html'}", context, status=status)


def times_shown(request, visit, form, *, lost=(), posted=None):
    """Context of the panel that moves a visit."""
    now = timezone.now()
    found = times_asked(visit, form.cleaned_data, now)
    if lost:
        found.instead(lost)
    picked = None if lost else picked_before(request, form, found.visit, posted)
    more = "more" in request.GET
    showing = showing_of(request, visit, now)
    return {
        **showing.offers(found, picked=picked, preselect=not lost, posted=posted, more=more),
        **about(request, visit),
        "form": form,
        "nearest": bool(lost),
        "wishes_errors": all_errors(form) if posted is None else [],
        "posted": posted or {},
    }


def picked_before(request, form, layout, posted):
    """What was chosen when the form was sent, or when another time on it was tapped."""
    option = form.cleaned_data.get("offer")
    keep = option and (posted is not None or request.htmx.target == "chosen")
    return option_of(option[1], layout) if keep else None


def about(request, visit):
    return {
        "visit": visit,
        "patient": visit.patient,
        "now_at": said_time(request, visit),
        "offers_url": reverse("scheduling:move", args=[visit.pk]),
    }


def times_asked(visit, values, now):
    return times_to_move(
        visit,
        anyone=values.get("who") == ANYONE,
        first_day=values.get("date"),
        at=values.get("time"),
        now=now,
        limit=MANY,
    )


def showing_of(request, visit, now):
    return Showing(
        place=visit.location,
        patients=[visit.patient],
        service_id=visit.service_id,
        part_names=dict(visit.parts.values_list("position", "name")),
        reader=reader_zone(request),
        now=now,
        moving=visit,
    )


def said_time(request, visit):
    return sentences.when(visit.starts_at, visit.ends_at, visit.location.tz, reader_zone(request))


def take_move(request, visit):
    form, version = MoveForm(request.POST), posted_version(request)
    if not form.is_valid():
        return move_again(request, visit, form, 422)
    try:
        where = where_to(request, visit, form.cleaned_data)
        change = moving.move(
            by=request.user, pk=visit.pk, version=version, request_key=request_key(request), **where
        )
    except Refused as refusal:
        status, stale = refuse(form, refusal), visit_or_404(request, visit.pk)
        lost = refusal.offers if stale.version == version else ()
        return move_again(request, stale, form, status, lost)
    moved = visit_or_404(request, visit.pk)
    words = {"name": moved.patient.called, "when": said_time(request, moved)}
    say_with_undo(request, _("Moved: %(name)s, %(when)s.") % words, change.pk)
    return see_other(reverse("scheduling:visit", args=[visit.pk]))


def move_again(request, visit, form, status, lost=()):
    context = times_shown(request, visit, form, lost=lost, posted=request.POST)
    said = set(form.non_field_errors())
    context["remarks"] = [remark for remark in context["remarks"] if remark not in said]
    return render(request, "scheduling/move.html", context, status=status)


def where_to(request, visit, values):
    """What the action takes: a chosen time with its people and rooms, changed by hand or not, or a typed one."""
    reason = values["overbook_reason"]
    if values["offer"] is None:
        return {
            "starts_at": walltime.instant(values["date"], values["time"], visit.location.tz),
            "anyone": values["who"] == ANYONE,
            "overbook_reason": reason,
        }
    one = values["offer"][1][0]
    rooms = chosen_ids(request.POST, "where", len(one.rooms))
    return {
        "starts_at": one.starts_at,
        "practitioners": chosen_ids(request.POST, "who", len(one.practitioners)) or one.practitioners,
        "rooms": one.rooms if rooms is None else rooms,
        "pin_rooms": bool(reason) or rooms not in (None, one.rooms),
        "overbook_reason": reason,
    }


@needs("see_the_day")
def of_patient(request, pk):
    """Upcoming and past visits of one patient: a piece of the chart."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    audit.record(by=request.user, verb="read visits", about=patient, patient=patient)
    visits = visits_of_patient(patient, now=timezone.now(), reader=reader_zone(request))
    return render(request, "scheduling/visit_of_patient.html", {"patient": patient, "visits": visits})
