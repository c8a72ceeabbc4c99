"""The booking panel: for whom, what, when."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from clinic import audit, walltime
from clinic.models import Clinic
from clinic.pages import refuse
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients.models import Patient
from patients.queries import household_of, search
from scheduling.actions.booking import Wanted
from scheduling.actions.booking import book as book_visits
from scheduling.forms.booking import WEEKDAYS_ONLY, BookingForm, Picked, chosen_ids
from scheduling.models import Status
from scheduling.queries.asked import (
    Answer,
    Ask,
    answer,
    part_names_of,
    rooms_at,
    short_people_at,
)
from scheduling.queries.of_visit import latest_change, usual, visits_of_patient
from scheduling.queries.offers import visit_of
from scheduling.queries.together import How
from scheduling.rules import sentences
from scheduling.views.panels import place_or_404, say_with_undo, see_other
from scheduling.views.showing import MANY, Showing, option_of

# What a link into the panel may carry, and what is kept while somebody is looked for.
KEPT = ["service", "day", "date", "time", "time_of_day", "provider", "room"]


@needs("book", methods=("GET", "POST"))
def book(request):
    """Opened by a name (?patient=) or by a free place (?date=&time=&provider=|room=): then for whom comes first."""
    place = place_or_404(request)
    if request.method == "POST":
        return take_booking(request, place)
    if not request.GET.get("patient"):
        return render(request, "scheduling/booking_search.html", search_context(request))
    patient = patient_or_404(request, request.GET["patient"])
    audit.record(by=request.user, verb="read", about=patient, patient=patient)
    return opened(request, place, patient)


@needs("book")
def offers(request):
    """The times for what is wished, or what belongs to the chosen one: a piece of the panel."""
    place = place_or_404(request)
    patient = patient_or_404(request, request.GET.get("patient", ""))
    household = household_of(patient, request.user)
    form = form_of(request.GET, place, household, final=False)
    valid = form.is_valid()
    wishes = Wishes(place, patient, household, form)
    only_chosen = request.htmx.target == "chosen"
    context = wishes.context(more=bool(request.GET.get("more")), keep=only_chosen)
    piece = "scheduling/booking_chosen.html" if only_chosen else "scheduling/booking_offers.html"
    page = {**context, "form": form, "wishes_errors": [] if valid else wish_errors(form)}
    answered = render(request, piece, page, status=200 if valid or not wishes.service else 422)
    return trigger_client_event(answered, "service-chosen", wishes.for_calendar())


def patient_or_404(request, text):
    patient = patient_named(request, text)
    if patient is None:
        raise Http404
    return patient


def patient_named(request, text):
    """The record with that id if this person may see it, else None."""
    try:
        pk = UUID(text)
    except ValueError:
        return None
    return Patient.objects.visible_to(request.user).current().filter(pk=pk).first()


def search_context(request, page="scheduling:book"):
    """The empty panel. `next` is this panel with what the calendar filled in; Enter without a script looks here."""
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    typed = request.GET.get("q", "").strip()
    own = reverse(page) + ("?" + urlencode(kept) if kept else "")
    hits = [
        (hit, reverse(page) + "?" + urlencode({**kept, "patient": hit.id}))
        for hit in (search(request.user, typed, limit=8) if typed else [])
    ]
    asked_for = said_place(kept.get("date", ""), kept.get("time", ""))
    return {
        "page": reverse(page),
        "kept": kept,
        "q": typed,
        "hits": hits,
        "next": own,
        "asked_for": asked_for,
    }


def said_place(date, time):
    """The free place that was clicked, as people say it; nothing for what is no date."""
    try:
        moment = datetime.fromisoformat(f"{date} {time or '00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return ""
    if not time:
        return sentences.day(moment, UTC)
    return sentences.day_and_clock(moment, UTC)


def form_of(data, place, household, *, final):
    people, rooms = short_people_at(place), [(pk, name) for pk, name, _kind in rooms_at(place)]
    return BookingForm(data, people=people, rooms=rooms, household=household, final=final)


class Wishes:
    """What the panel is asked for, as far as it can be read, and how it is shown."""

    def __init__(self, place, patient, household, form, *, now=None):
        values = getattr(form, "cleaned_data", {})
        self.place, self.patient, self.form = place, patient, form
        self.now = now or timezone.now()
        self.values, self.service = values, values.get("service")
        also = set(values.get("also") or [])
        self.patients = [patient, *(one for one in household if str(one.pk) in also)]

    @property
    def today(self):
        return walltime.local(self.now, self.place.tz).date()

    def ask(self, limit=MANY):
        values, day = self.values, self.values.get("day") or ""
        weekdays = range(5) if day == WEEKDAYS_ONLY else [int(day)] if day.isdecimal() else []
        return Ask(
            service=self.service,
            location=self.place,
            patients=tuple(self.patients),
            how=values.get("how") or How.BACK,
            provider=values.get("provider"),
            weekdays=frozenset(weekdays),
            time_of_day=values.get("time_of_day") or "",
            first_day=values.get("date"),
            at=values.get("time"),
            room=values.get("room"),
            limit=limit,
        )

    def showing(self):
        return Showing(
            place=self.place,
            patients=self.patients,
            service_id=self.service.pk,
            part_names=part_names_of(self.service),
            reader=self.place.tz,
            now=self.now,
        )

    def context(self, *, more=False, lost=(), keep=False, posted=None):
        """Context of the offers. `lost`: the nearest free times after somebody else was faster; `keep`: the
        chosen time stays on the list."""
        if self.service is None:
            return {}
        showing, option = self.showing(), self.values.get("offer")
        found = Answer(visit_of(self.service)) if lost else answer(self.ask(), now=self.now)
        picked = option_of(option[1], found.visit) if option else None
        if lost:
            found.options, found.near = [(one,) for one in lost], True
            found.taken = picked[0] if picked and len(picked) == 1 else None
            return {**showing.offers(found, preselect=False), "nearest": True}
        usable = picked if keep and picked and len(picked) == len(self.patients) else None
        return {**showing.offers(found, picked=usable, posted=posted, more=more)}

    def for_calendar(self):
        """The detail of the event that lets the calendar light up the gaps."""
        service = self.service
        return {
            "service": service.pk if service else None,
            "patient": str(self.patient.pk),
            "provider": self.values.get("provider"),
        }


def wish_errors(form):
    """Sentences for the fields that are wished with; the service is asked for in its own place."""
    return [error for name, errors in form.errors.items() if name != "service" for error in errors]


def opened(request, place, patient):
    """The panel for a patient, filled with what they usually come for and when they like to."""
    household, now = household_of(patient, request.user), timezone.now()
    visits = visits_of_patient(patient, now=now, reader=place.tz)
    data = request.GET.copy()
    for name, value in usual_wishes(request, patient, visits).items():
        data.setdefault(name, value)
    data.setdefault("how", How.BACK)
    form = form_of(data, place, household, final=False)
    valid = form.is_valid()
    if not data.get("service"):
        form.errors.pop("service", None)
    return panel(
        request, place, patient, form, visits=visits, status=200 if valid or not form.errors else 422
    )


def usual_wishes(request, patient, visits):
    """The usual service; and unless the calendar named a time or a person, the usual provider and time of day."""
    service, provider = usual(visits)
    wishes = {"service": str(service.pk)} if service else {}
    if any(request.GET.get(name) for name in ("time", "provider", "room")):
        return wishes
    wishes["time_of_day"] = patient.prefers_time
    if provider and not patient.anyone_is_fine:
        wishes["provider"] = str(provider)
    return wishes


def panel(request, place, patient, form, *, visits=None, status=200, lost=(), posted=None):
    """The whole panel, first opened or after a refusal with everything that was typed."""
    household = household_of(patient, request.user) if patient else []
    wishes = Wishes(place, patient, household, form)
    shown = wishes.context(lost=lost, keep=posted is not None, posted=posted) if patient else {}
    said = set(form.non_field_errors())
    page = {
        **(person_context(request, wishes, visits) if patient else search_context(request)),
        **shown,
        "remarks": [remark for remark in shown.get("remarks", []) if remark not in said],
        "form": form,
        "patient": patient,
        "household": household,
        "hold_minutes": Clinic.objects.get().hold_minutes,
        "posted": posted or {},
    }
    answered = render(request, "scheduling/booking.html", page, status=status)
    if patient is None or wishes.service is None:
        return answered
    return trigger_client_event(answered, "service-chosen", wishes.for_calendar())


def person_context(request, wishes, visits):
    """What stands under the name."""
    patient, place = wishes.patient, wishes.place
    visits = visits or visits_of_patient(patient, now=wishes.now, reader=place.tz)
    return {
        "about": about(patient, visits, wishes.form, wishes.today),
        "next_visit": visits.upcoming[0] if visits.upcoming else None,
    }


def about(patient, visits, form, today):
    """What the desk wants to know while booking: age, pronouns, what they prefer."""
    _service, provider = usual(visits)
    with_whom = dict(form.fields["provider"].choices).get(provider, "")
    return sentences.about_patient(
        age=patient.age_on(today),
        pronouns=patient.pronouns,
        prefers_time=patient.get_prefers_time_display() if patient.prefers_time else "",
        usually_with=with_whom,
        step_free=patient.needs_step_free,
        anyone=patient.anyone_is_fine,
    )


def take_booking(request, place):
    """Book or hold what was chosen; a refusal shows the panel again, with what is free instead."""
    patient = patient_named(request, request.POST.get("patient", ""))
    household = household_of(patient, request.user) if patient else []
    form = form_of(request.POST, place, household, final=True)
    if patient is None:
        form.add_error(None, _("This person is not in your clinic's records. Find the patient again."))
    if not form.is_valid():
        return panel(request, place, patient, form, status=422, posted=request.POST)
    try:
        visits = carry_out(request, Wishes(place, patient, household, form))
    except Refused as refusal:
        status, lost = refuse(form, refusal), refusal.offers
        return panel(request, place, patient, form, status=status, lost=lost, posted=request.POST)
    say_booked(request, visits, place)
    return see_other(reverse("scheduling:visit", args=[visits[0].pk]))


def carry_out(request, wishes):
    hold = request.POST.get("do") == "hold"
    wanted = [
        Wanted(
            patient=patient,
            service=wishes.service,
            location=wishes.place,
            starts_at=one.starts_at,
            practitioners=one.practitioners,
            rooms=one.rooms,
            pin_rooms=pinned or bool(wishes.values["overbook_reason"]),
            overbook_reason=wishes.values["overbook_reason"],
            note=wishes.values["note"],
            beyond_reason=wishes.values["beyond_reason"],
        )
        for patient, one, pinned in picks_of(request, wishes)
    ]
    return book_visits(by=request.user, wanted=wanted, request_key=request_key(request), held=hold)


def picks_of(request, wishes):
    """[(patient, start with people and rooms, whether the rooms were chosen by hand)]."""
    option = wishes.values["offer"]
    picks = typed_time(wishes) if option is None else option[1]
    if option is None or len(picks) > 1:
        return [(patient, one, False) for patient, one in zip(wishes.patients, picks, strict=True)]
    (one,) = picks
    people = chosen_ids(request.POST, "who", len(one.practitioners))
    rooms = chosen_ids(request.POST, "where", len(one.rooms))
    by_hand = rooms is not None and rooms != one.rooms
    changed = type(one)(one.starts_at, people or one.practitioners, rooms if rooms is not None else one.rooms)
    return [(wishes.patient, changed, by_hand)]


def typed_time(wishes):
    """The exact time that was typed, where nothing was chosen: free, or double-booked with a reason."""
    found = answer(wishes.ask(limit=1), now=wishes.now)
    start = walltime.instant(wishes.values["date"], wishes.values["time"], wishes.place.tz)
    if found.options and found.options[0][0].starts_at == start:
        if wishes.values["provider"] or wishes.values["room"] or wishes.values["overbook_reason"]:
            return found.options[0]
        # Nobody was named: who is booked is settled when the others have been waited for, not before.
        return [Picked(one.starts_at, None, None) for one in found.options[0]]
    if found.taken and wishes.values["overbook_reason"]:
        return [found.taken]
    raise Refused(found.remarks or [_("Nothing is free then. Choose one of the times below.")])


def say_booked(request, visits, place):
    """One visit can be undone from its toast; those of a family each on their own panel."""
    first = visits[0]
    ends_at = max(one.ends_at for one in visits)
    when = sentences.when(first.starts_at, ends_at, first.location.tz, place.tz)
    words = {"name": sentences.listed(one.patient.called for one in visits), "when": when}
    text = _("Held: %(name)s, %(when)s.") if first.status == Status.HELD else _("Booked: %(name)s, %(when)s.")
    if len(visits) > 1:
        messages.success(request, f"{text % words} {_('Each visit has its own Undo.')}")
    else:
        say_with_undo(request, text % words, latest_change(first).pk)
