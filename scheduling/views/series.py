"""Visits by a weekly rule: previewed with every clash, booked all or none, changed together later."""

from datetime import UTC, datetime

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.pages import refuse
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from packages.queries.balances import part_on, would_draw
from scheduling.actions.series import as_planned, book_series, cancel_series, move_series
from scheduling.forms.series import RepeatForm, SeriesChangeForm
from scheduling.models import Series
from scheduling.queries.asked import names_at, people_at
from scheduling.queries.series import changeable, plan_series, visits_of
from scheduling.queries.visits import kinds_of_parts
from scheduling.rules import sentences
from scheduling.rules.covering import all_beyond, uses_in_words
from scheduling.rules.recurrence import reasons_unreal
from scheduling.views.booking import patient_or_404
from scheduling.views.panels import place_or_404, see_other


@needs("book", methods=("GET", "POST"))
def repeat(request):
    """The rule and, once it is complete, every visit it makes; nothing is booked before all are settled."""
    place = place_or_404(request)
    asked = request.POST if request.method == "POST" else request.GET
    patient = patient_or_404(request, asked.get("patient", ""))
    form = RepeatForm(
        asked if asked.get("count") else None, people=people_at(place), initial=prefilled(asked)
    )
    rows, status = [], 200
    if form.is_bound and form.is_valid():
        rows = rows_of(form, asked, patient, place)
        if request.method == "POST" and rows and all(row.offer for row in rows):
            try:
                return book_rows(request, form, rows, patient, place)
            except Refused as refusal:
                rows, status = rows_of(form, asked, patient, place), refuse(form, refusal)
    not_booked = request.method == "POST" or (form.is_bound and not form.is_valid())
    status = 422 if not_booked and status == 200 else status
    return render(request, "scheduling/repeat.html", shown(form, rows, patient, place), status=status)


def prefilled(asked):
    """What the booking panel hands over, with the weekday of its date."""
    known = {name: asked.get(name) for name in ("service", "provider", "date", "time") if asked.get(name)}
    try:
        known["weekdays"] = [datetime.strptime(known["date"], "%Y-%m-%d").weekday()]  # noqa: DTZ007 - a date
    except (KeyError, ValueError):
        known.pop("date", None)
    return known


def rows_of(form, asked, patient, place):
    values = form.cleaned_data
    instants = walltime.occurrences(
        values["date"], values["time"], place.tz, values["weekdays"], values["count"]
    )
    unreal = [day for day in days_of(instants, place) if not walltime.is_real(day, values["time"], place.tz)]
    for reason in reasons_unreal(unreal):
        form.add_error("time", reason)
    if unreal:
        return []
    return plan_series(
        patient=patient,
        service=values["service"],
        location=place,
        instants=instants,
        now=timezone.now(),
        practitioner=values["provider"],
        chosen=settled(asked, len(instants)),
    )


def days_of(instants, place):
    return [walltime.local(instant, place.tz).date() for instant in instants]


def settled(asked, count):
    """{row number: start} of the clashes for which another time was chosen."""
    found = {}
    for number in range(count):
        try:
            found[number] = datetime.strptime(asked.get(f"row-{number}", ""), "%Y-%m-%dT%H:%MZ").replace(
                tzinfo=UTC
            )
        except ValueError:
            continue
    return found


def book_rows(request, form, rows, patient, place):
    values = form.cleaned_data
    series = book_series(
        by=request.user,
        wanted=as_planned(
            rows,
            patient=patient,
            service=values["service"],
            location=place,
            beyond_reason=values["beyond_reason"],
        ),
        weekdays=values["weekdays"],
        wall_time=values["time"],
        request_key=request_key(request),
    )
    messages.success(request, _("%(count)s visits are booked.") % {"count": len(rows)})
    return see_other(reverse("scheduling:series", args=[series.pk]))


def shown(form, rows, patient, place):
    names = names_at(place)
    lines = [
        {
            "number": number,
            "row": row,
            "wished": sentences.day(row.wished, place.tz) + ", " + sentences.clock(row.wished, place.tz),
            "sentence": said(row.offer, names, place.tz) if row.offer else "",
            "alternatives": [(one, said(one, names, place.tz)) for one in row.alternatives],
        }
        for number, row in enumerate(rows)
    ]
    clashes = sum(row.offer is None for row in rows)
    page = {"form": form, "lines": lines, "clashes": clashes, "patient": patient, "place": place}
    return page | (covering(form.cleaned_data["service"], rows, patient, place) if lines else {})


def covering(service, rows, patient, place):
    """What all of them would draw on, the first visit first, and which approvals do not reach. Three statements."""
    days = [walltime.local(row.offer.starts_at, place.tz).date() for row in rows if row.offer]
    kinds = kinds_of_parts(service.pk)
    parts = [part_on(*one, day) for day in days for one in kinds]
    (use,) = would_draw([(patient, parts)])
    return {"uses": uses_in_words(use), "beyond": all_beyond(use, patient.called)}


def said(one, names, zone):
    """Thu Nov 26, 9:30 to 10:25 am · Room 2 · Mei."""
    parts = [
        sentences.when(one.starts_at, one.ends_at, zone),
        sentences.who_and_where(one.phases, names, zone),
    ]
    return " · ".join(parts)


@needs("book", methods=("GET", "POST"))
def page(request, pk):
    """The visits of one series, and one change for several of them."""
    place = place_or_404(request)
    series = get_object_or_404(Series.objects.visible_to(request.user).select_related("patient"), pk=pk)
    visits = visits_of(series)
    form = SeriesChangeForm(request.POST or None, people=people_at(place), initial={"scope": "all"})
    if request.method == "POST":
        return take_change(request, series, visits, form)
    audit.record(by=request.user, verb="read", about=series, patient=series.patient_id)
    return series_page(request, series, visits, form)


def series_page(request, series, visits, form, status=200):
    to_come = changeable(visits, now=timezone.now())
    context = {"series": series, "visits": visits, "form": form, "to_come": to_come}
    return render(request, "scheduling/series.html", context, status=status)


def take_change(request, series, visits, form):
    """Carry it out; a refusal shows the series again, with what was typed."""
    if not form.is_valid():
        return series_page(request, series, visits, form, 422)
    try:
        change(request, series, visits, form.cleaned_data)
    except Refused as refusal:
        return series_page(request, series, visits, form, refuse(form, refusal))
    return see_other(reverse("scheduling:series", args=[series.pk]))


def change(request, series, visits, values):
    """Move or cancel, by the button that was pressed."""
    first = next((one for one in visits if one.pk == values["first"]), None)
    chosen = changeable(visits, now=timezone.now(), first=first if values["scope"] == "following" else None)
    if not chosen:
        raise Refused(_("None of these visits is still to come."))
    more = {"by": request.user, "series": series, "visits": chosen, "request_key": request_key(request)}
    if request.POST.get("do") == "cancel":
        cancel_series(reason=values["reason"], **more)
        messages.success(request, _("%(count)s visits are canceled.") % {"count": len(chosen)})
    elif values["time"] is None:
        raise Refused(_("Choose the new time."))
    else:
        move_series(wall_time=values["time"], practitioner=values["provider"], **more)
        messages.success(request, _("%(count)s visits are moved.") % {"count": len(chosen)})
