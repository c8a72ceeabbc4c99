"""Pages across patients: rates of reactions, a lot, rules gone against, what the clinic sets, boxes, needles."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from acupoints.queries import terms
from clinic import audit
from clinic.editing import edit
from clinic.models import User
from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at
from clinic.places import here
from clinic.roles import needs
from clinic.submissions import request_key
from treatment.actions import stock
from treatment.actions.reading import note_listed
from treatment.actions.settings import save_chart_settings
from treatment.forms import BoxForm, PeriodForm, SettingsForm
from treatment.models import NeedleBox
from treatment.queries import owning as queries
from treatment.queries.counts import against_rules, needles_to_find, patients_of_lot, reaction_rates
from treatment.queries.stock import chart_settings

YEAR = timedelta(days=365)
BOX = Words(later("Open a box"), later("Open it"), later("This box is in use now."))


@needs("see_rates")
def rates(request):
    """Reactions per 1,000 visits by kind and by lot, with their counts."""
    today = today_at(request)
    form = PeriodForm(request.GET or None, initial={"since": today - YEAR, "until": today})
    good = form.is_bound and form.is_valid()
    first, last = (form.cleaned_data[name] if good else form.initial[name] for name in ("since", "until"))
    since, until = midnight(request, first), midnight(request, last + timedelta(days=1))
    context = {"form": form, "rates": reaction_rates(since, until), "since": first, "until": last}
    return render_here(request, "treatment/rates.html", context)


def midnight(request, day):
    place = here(request)
    zone = place.tz if place else timezone.get_current_timezone()
    return datetime.combine(day, time(), tzinfo=zone)


@needs("see_rates")
def lot(request):
    """From a lot to every patient who was needled from it."""
    asked = request.GET.get("lot", "")[:60].replace("\0", "").strip()
    notes = patients_of_lot(asked, request.user) if asked else None
    people = len({note.patient_id for note in notes}) if notes else 0
    if people:
        audit.record(by=request.user, verb="look up lot", about=f"lot:{asked.upper()}", patients=people)
    return render_here(request, "treatment/lot.html", {"lot": asked, "notes": notes, "people": people})


@needs("manage_clinic")
def against(request):
    """What was chosen or done against a rule in the last year, newest first. What is read here is written down."""
    rows = against_rules(timezone.now() - YEAR, request.user)
    note_listed(by=request.user, rows=[row.note for row in rows if row.chart_read])
    return render_here(request, "treatment/against.html", {"rows": rows})


@needs("manage_clinic", methods=EITHER)
def settings(request):
    """What notes ask for, and who may go against absolute rules."""
    row, shown = chart_settings(), reverse("treatment:settings")

    def act(form, version, key):
        save_chart_settings(
            by=request.user, version=version, request_key=key, location_shown=shown, **form.cleaned_data
        )

    done = edit(request, lambda data, row: SettingsForm(data, instance=row), row, act)
    if done.done:
        messages.success(request, _("Saved."))
        return redirect(shown)
    people = queries.permitted_clinicians(timezone.now())
    return done.page(request, "treatment/settings.html", people=people, is_new=row._state.adding)


@needs("manage_clinic", methods=("POST",))
def permit(request, user, given):
    """Give a named clinician the permission to go against absolute rules, or end it."""
    row = get_object_or_404(User, pk=user)
    act = stock.permit_absolute if given else stock.end_absolute
    shown = reverse("treatment:settings")
    act(by=request.user, user=row, request_key=request_key(request), location_shown=shown)
    messages.success(request, _("Permission given.") if given else _("Permission ended."))
    return see_other(shown)


@needs("write_chart")
def boxes(request):
    """Boxes of needles in use here."""
    place = here(request)
    rows = queries.boxes_at(place) if place else []
    context = {"boxes": rows, "place": place, "today": today_at(request)}
    return render_here(request, "treatment/boxes.html", context)


@needs("write_chart", methods=EITHER)
def new_box(request):
    place, shown = here(request), reverse("treatment:needle_boxes")
    if place is None:
        raise Http404

    def act(form, version, key):
        stock.open_box(
            by=request.user, location=place, request_key=key, location_shown=shown, **form.cleaned_data
        )

    def make(data, row):
        return BoxForm(data, sizes=[(term.key, term.name) for term in terms("needle_size")])

    words = BOX._replace(lead=place.name)
    return panel(request, make=make, row=NeedleBox(location=place), act=act, words=words, shown=shown)


@needs("write_chart", methods=("POST",))
def end_box(request, pk):
    place = here(request)
    box = get_object_or_404(NeedleBox.objects.filter(location=place), pk=pk)
    shown, sent = reverse("treatment:needle_boxes"), {"version": posted_version(request)}
    stock.end_box(by=request.user, pk=box.pk, request_key=request_key(request), location_shown=shown, **sent)
    messages.success(request, _("The box is put away."))
    return see_other(shown)


@needs("treat")
def needles(request):
    """Notes of this location with needles not accounted for, oldest first, of closed charts as well."""
    place = here(request)
    rows = needles_to_find(place, request.user) if place else []
    return render_here(request, "treatment/needles.html", {"notes": rows})
