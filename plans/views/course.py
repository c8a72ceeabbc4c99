"""A whole course on one page: wishes, a proposal that holds nothing, and booking all of it or none."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic import walltime
from clinic.panels import render_here, see_other
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients.actions import note_read
from plans.actions.course import Chosen, book_course, first_of, undo_course
from plans.forms.course import TIME_OF, WishForm, carried
from plans.models import PlanStatus
from plans.queries.course import alternatives, load, propose, spot_of
from plans.queries.course_shown import calendar, lines, relaxed, schedule_of, summary, treating
from plans.views.shared import head_of, plan_seen
from scheduling.actions.courses import VisitLost
from scheduling.queries.bundles import latest_bundle
from scheduling.rules.covering import SAY_TELL_FIRST

UNDO_SECONDS = 30
ADDED_TO = {"hours": "also", "week": "come", "people": "anyone"}  # relaxation: field that collects them


@needs("book")
def course(request, pk):
    """Times for all visits that are not booked yet, for these wishes."""
    plan = plan_seen(request, pk)
    note_read(by=request.user, patient=plan.patient)
    return course_page(request, plan, request.GET)


def course_page(request, plan, asked, *, reasons=(), was=None, status=200):
    """The page for what is asked: a query as the form sends it. `was`: visits that stay if they can."""
    form = form_for(plan, asked)
    context = head_of(request, plan.patient) | {"plan": plan, "form": form, "reasons": list(reasons)}
    context |= {"posted": request.POST}
    context["active"] = plan.status == PlanStatus.ACTIVE
    if form.is_valid():
        context |= found(plan, form.wanted(), asked, was)
    else:
        status = 422 if "starts" in asked else status
    template = "plans/course_found.html" if request.htmx else "plans/course.html"
    return render_here(request, template, context, status, place=plan.location)


def form_for(plan, asked):
    kinds = treating(plan)
    data = asked if "starts" in asked else defaults(plan, kinds)
    return WishForm(given_way(data), treating=kinds, gender=plan.patient.prefers_gender)


def defaults(plan, kinds):
    """What is known of the patient, and whoever leads the plan for their own discipline."""
    data = QueryDict(mutable=True)
    tomorrow = timezone.localdate(timezone=plan.location.tz) + timedelta(days=1)
    data["starts"] = max(tomorrow, plan.starts_on).isoformat()
    data.setlist("weekdays", [str(number) for number in range(7)])
    time = TIME_OF.get(plan.patient.prefers_time)
    data.setlist("times", [str(time)] if time is not None else ["0", "1", "2"])
    for discipline, people in kinds:
        if plan.lead_id in dict(people):
            data[f"provider_{discipline.pk}"] = str(plan.lead_id)
    return data


def given_way(data):
    """The data with the relaxation that was pressed, written as "what:detail"."""
    what, _colon, detail = data.get("relax", "").partition(":")
    if not what:
        return data
    data = data.copy()
    if what in ADDED_TO:
        field = ADDED_TO[what]
        data[field] = f"{data.get(field, '')} {detail}".strip()
    if what == "people":
        data[f"provider_{detail}"] = ""
    elif what == "end":
        data["until"] = detail
    elif what in {"spacing", "paid"}:
        data["wider" if what == "spacing" else "singly"] = "on"
    return data


def found(plan, wanted, asked, was):
    """The proposal for these wishes and pins, as the page shows it."""
    given = load(plan, wanted, now=timezone.now())
    pinned, stay = held(given, asked, was)
    proposal = propose(given, wanted, pinned=pinned, was=stay)
    swapped = asked.get("swap", "")
    number = int(swapped) if is_number(swapped) and int(swapped) in proposal.offers else None
    others = alternatives(proposal, number) if number else []
    return {
        "proposal": proposal,
        "lines": lines(proposal, pinned, swapped=number, others=others),
        "weeks": calendar(proposal),
        "relaxed": relaxed(proposal),
        "summary": summary(proposal),
        "wishes": asked.urlencode() if "starts" in asked else "",
    }


def held(given, asked, was):
    """({number: Spot} that are pinned, those that stay if they can).

    Where one visit is swapped, all the others stay; `was` is what stood on a page whose booking failed.
    """
    stood = spots_in(given, asked, "at")
    pinned = {int(n): stood[int(n)] for n in asked.getlist("pin") if is_number(n) and int(n) in stood}
    taken = spots_in(given, asked, "take")
    if taken or asked.get("swap"):
        return pinned | taken, {n: spot for n, spot in stood.items() if n not in taken}
    if was is None:
        return pinned, None
    read = {n: carried(text) for n, text in was.items()}
    return pinned, {n: spot for n, one in read.items() if one and (spot := spot_of(given, *one[:2]))}


def is_number(text):
    return text.isascii() and text.isdigit() and len(text) <= 3


def spots_in(given, asked, name):
    """{number: Spot} of the fields name-1, name-2, …; what cannot be read is left out."""
    spots = {}
    for one in given.visits:
        read = carried(asked.get(f"{name}-{one.number}", ""))
        spot = read and spot_of(given, *read[:2])
        if spot:
            spots[one.number] = spot
    return spots


@needs("book", methods=("POST",))
def book(request, pk):
    """All visits as they are proposed, or none: then the page says which was lost, and the nearest that fits."""
    plan = plan_seen(request, pk)
    posted = {int(name[6:]): text for name, text in request.POST.items() if is_visit(name)}
    chosen = [Chosen(n, *read) for n, text in sorted(posted.items()) if (read := carried(text))]
    wishes = QueryDict(request.POST.get("wishes", "")[:5000])
    if request.POST.get("beyond_reason", "").strip() and "patient_knows" not in request.POST:
        return course_page(request, plan, wishes, reasons=[SAY_TELL_FIRST], was=posted, status=422)
    try:
        rows = book_chosen(request, plan, chosen, form_for(plan, wishes))
    except VisitLost as lost:
        return lost_page(request, plan, wishes, lost, chosen, posted)
    except Refused as refusal:
        return course_page(request, plan, wishes, reasons=refusal.reasons, was=posted, status=refusal.status)
    say_booked(request, plan, rows)
    return see_other(reverse("plans:schedule", args=[plan.pk]))


def book_chosen(request, plan, chosen, form):
    return book_course(
        by=request.user,
        plan=plan,
        chosen=chosen,
        away=form.wanted().away if form.is_valid() else (),
        beyond_reason=request.POST.get("beyond_reason", "").strip()[:200],
        request_key=request_key(request),
    )


def is_visit(name):
    return name.startswith("visit-") and is_number(name[6:])


def lost_page(request, plan, wishes, lost, chosen, posted):
    number = chosen[lost.index].number
    reasons = [
        _("Visit %(number)s: %(reason)s") % {"number": number, "reason": reason} for reason in lost.reasons
    ]
    reasons.append(
        _("Nothing is booked. Below is the nearest that fits; the other visits stay where they were.")
    )
    return course_page(request, plan, wishes, reasons=reasons, was=posted, status=lost.status)


def say_booked(request, plan, rows):
    text = ngettext("%(count)s visit is booked.", "%(count)s visits are booked.", len(rows))
    first = rows[0].appointment
    say_with_undo(request, plan, text % {"count": len(rows)}, first, latest_bundle(first))


def say_with_undo(request, plan, text, first, bundle):
    """A toast that takes back all of what was done at once with the appointment `first`."""
    words = {
        "text": text,
        "url": reverse("plans:course_undo", args=[plan.pk, first.pk], query={"of": bundle}),
        "label": _("Undo all"),
        "seconds": UNDO_SECONDS,
    }
    messages.success(request, render_to_string("clinic/_undo.html", words, request), extra_tags="undo")


@needs("book", methods=("POST",))
def undo(request, pk, first):
    """Take back all visits that were booked, or moved, at once with this one: those of the bundle in the query."""
    plan = plan_seen(request, pk)
    visit = first_of(plan, first)
    if visit is None:
        raise Http404
    bundle, key = request.GET.get("of", ""), request_key(request)
    try:
        verb, count = undo_course(by=request.user, plan=plan, first=visit, bundle=bundle, request_key=key)
    except Refused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return see_other(reverse("plans:schedule", args=[plan.pk]))
    messages.success(request, back_in_words(verb, count))
    return see_other(reverse("plans:schedule" if verb == "move" else "plans:course", args=[plan.pk]))


def back_in_words(verb, count):
    if verb == "move":
        said = ngettext("%(count)s visit is back.", "%(count)s visits are back.", count)
    else:
        said = ngettext("%(count)s visit is taken back.", "%(count)s visits are taken back.", count)
    return said % {"count": count}


@needs("book")
def schedule(request, pk):
    """The visits of a plan that are booked, to read out and to print."""
    plan = plan_seen(request, pk)
    note_read(by=request.user, patient=plan.patient)
    today = walltime.local(timezone.now(), plan.location.tz).date()
    context = head_of(request, plan.patient) | {"plan": plan, "visits": schedule_of(plan, today)}
    return render_here(request, "plans/course_schedule.html", context, place=plan.location)
