"""The owner's set-up pages: the index, the clinic's settings, locations, rooms, closures."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from clinic import queries
from clinic.actions import places as actions
from clinic.editing import edit
from clinic.forms.places import ClosureForm, HoursForm, LocationForm, RoomForm, SettingsForm
from clinic.models import WEEKDAYS, Clinic, Closure, Location, Room
from clinic.pages import posted_version
from clinic.roles import needs
from clinic.submissions import request_key

# (route, label, what is there, icon); other apps' pages are named by string.
SET_UP = [
    ("clinic:locations", _l("Locations"), _l("Rooms, opening hours, closures, time zone"), "geo-alt"),
    (
        "services:list",
        _l("Services and prices"),
        _l("What can be booked, its steps, its price"),
        "list-check",
    ),
    ("packages:list", _l("Packages"), _l("What is sold ahead: visits, price, validity"), "tags"),
    (
        "packages:policy",
        _l("Cancellation policy"),
        _l("What late cancellations and missed visits cost"),
        "calendar-x",
    ),
    ("practitioners:list", _l("Providers"), _l("Licenses, working hours, time away"), "person-badge"),
    ("clinic:people", _l("People and roles"), _l("Who may sign in, and invitations"), "people"),
    ("intake:form_list", _l("Forms"), _l("Questions, consents and their wording"), "card-checklist"),
    ("intake:flag_set", _l("Red flags"), _l("The questions, and a clinician’s sign-off"), "flag"),
    ("treatment:settings", _l("Notes"), _l("What notes ask for, who may go against rules"), "journal-text"),
    (
        "treatment:against",
        _l("Against a rule"),
        _l("What was chosen or done all the same"),
        "shield-exclamation",
    ),
    ("treatment:errors", _l("Entered in error"), _l("Notes that were taken out of charts"), "journal-text"),
    ("patients:opened", _l("Opened with a reason"), _l("Charts and notes, by whom and why"), "unlock"),
    (
        "frontdesk:unassessed",
        _l("Without an assessment"),
        _l("Who was treated here and no physician is known to have looked"),
        "patch-check",
    ),
    ("treatment:rates", _l("Reactions"), _l("How often, by kind and by needle lot"), "heart-pulse"),
    ("messaging:outbox", _l("Messages"), _l("What waits, and what could not be delivered"), "envelope"),
    ("clinic:settings", _l("Settings"), _l("The clinic’s name, undo, holds, who opens a chart"), "gear"),
    (
        "admin:index",
        _l("Reference data"),
        _l("Disciplines, kinds of room, what licenses cover"),
        "journal-text",
    ),
]


@needs("manage_clinic")
def manage(request):
    return render(
        request, "clinic/manage/index.html", {"pages": [(reverse(route), *rest) for route, *rest in SET_UP]}
    )


@needs("manage_clinic", methods=("GET", "POST"))
def settings(request):
    row = get_object_or_404(Clinic, pk=1)

    def act(form, version, key):
        actions.save_settings(by=request.user, version=version, fields=form.cleaned_data, request_key=key)

    done = edit(request, lambda data, row: SettingsForm(data, instance=row), row, act)
    if done.done:
        messages.success(request, _("Saved."))
        return redirect("clinic:manage")
    return done.page(request, "clinic/manage/form.html", title=_("Settings"), back=reverse("clinic:manage"))


@needs("manage_clinic")
def locations(request):
    return render(request, "clinic/manage/locations.html", {"locations": queries.locations()})


@needs("manage_clinic")
def location(request, pk):
    row = get_object_or_404(Location, pk=pk)
    hours = list(row.opening_hours.all())
    context = {
        "location": row,
        "week": [(day, [h for h in hours if h.weekday == weekday]) for weekday, day in WEEKDAYS],
        "rooms": queries.rooms_of(row),
        "closures": queries.closures_of(row, timezone.now()),
    }
    return render(request, "clinic/manage/location.html", context)


@needs("manage_clinic", methods=("GET", "POST"))
def edit_location(request, pk=None):
    row = get_object_or_404(Location, pk=pk) if pk else Location()
    title = _("Details of %(name)s") % {"name": row.name} if pk else _("New location")

    def act(form, version, key):
        nonlocal row
        row = actions.save_location(
            by=request.user, pk=pk, version=version, fields=form.cleaned_data, request_key=key
        )

    done = edit(request, lambda data, row: LocationForm(data, instance=row), row, act)
    if done.done:
        messages.success(request, _("%(name)s is saved.") % {"name": row.name})
        return redirect("clinic:location", row.pk)
    back = actions.page_of(pk) if pk else reverse("clinic:locations")
    return done.page(request, "clinic/manage/form.html", title=title, back=back)


@needs("manage_clinic", methods=("GET", "POST"))
def edit_hours(request, pk):
    row = get_object_or_404(Location, pk=pk)

    def act(form, version, key):
        actions.save_hours(
            by=request.user, location_id=pk, version=version, hours=form.hours(), request_key=key
        )

    done = edit(request, lambda data, row: HoursForm(data, initial=HoursForm.initial_of(row)), row, act)
    if done.done:
        messages.success(request, _("The opening hours are saved."))
        return redirect("clinic:location", pk)
    return done.page(request, "clinic/manage/hours.html", location=row)


@needs("manage_clinic", methods=("GET", "POST"))
def edit_room(request, location_pk, pk=None):
    place = get_object_or_404(Location, pk=location_pk)
    row = get_object_or_404(Room, pk=pk, location=place) if pk else Room(location=place)
    title = row.name if pk else _("New room at %(name)s") % {"name": place.name}

    def act(form, version, key):
        fields = form.cleaned_data
        actions.save_room(
            by=request.user, location_id=place.pk, pk=pk, version=version, fields=fields, request_key=key
        )

    done = edit(request, lambda data, row: RoomForm(data, instance=row), row, act)
    if done.done:
        messages.success(request, _("The room is saved."))
        return redirect("clinic:location", place.pk)
    return done.page(request, "clinic/manage/form.html", title=title, back=actions.page_of(place.pk))


@needs("manage_clinic", methods=("GET", "POST"))
def edit_closure(request, location_pk, pk=None):
    place = get_object_or_404(Location, pk=location_pk)
    row = get_object_or_404(Closure, pk=pk, location=place) if pk else Closure(location=place)

    def act(form, version, key):
        fields = form.fields_in(place.tz)
        actions.save_closure(
            by=request.user, location_id=place.pk, pk=pk, version=version, fields=fields, request_key=key
        )

    done = edit(
        request, lambda data, row: ClosureForm(data, initial=ClosureForm.initial_of(row, place.tz)), row, act
    )
    if done.done:
        messages.success(
            request, _("The closure is saved. Visits already booked then stay until they are moved.")
        )
        return redirect("clinic:location", place.pk)
    return done.page(request, "clinic/manage/closure.html", location=place, closure=row if pk else None)


@needs("manage_clinic", methods=("POST",))
def lift_closure(request, location_pk, pk):
    row = get_object_or_404(Closure, pk=pk, location=location_pk)
    version, key = posted_version(request), request_key(request)
    actions.lift_closure(by=request.user, closure=row, version=version, now=timezone.now(), request_key=key)
    messages.success(request, _("The closure is lifted: this time can be booked again."))
    return redirect("clinic:location", location_pk)
