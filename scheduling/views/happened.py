"""“It happened”: visits that are entered after they took place."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.pages import refuse
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from scheduling.actions.booking import Wanted
from scheduling.actions.past import it_happened
from scheduling.forms.booking import ID, HappenedForm
from scheduling.queries.asked import part_names_of, people_at, rooms_at
from scheduling.queries.candidates import group_labels
from scheduling.queries.of_visit import latest_change
from scheduling.queries.offers import visit_of
from scheduling.views.booking import patient_named, patient_or_404, search_context
from scheduling.views.panels import place_or_404, say_with_undo, see_other
from services.models import Service


@needs("book", methods=("GET", "POST"))
def happened(request):
    """“It happened”: a visit that took place and is entered now, with the reason why only now."""
    place = place_or_404(request)
    if request.method == "POST":
        return take_happened(request, place)
    if not request.GET.get("patient"):
        return render(
            request, "scheduling/booking_search.html", search_context(request, "scheduling:happened")
        )
    patient = patient_or_404(request, request.GET["patient"])
    audit.record(by=request.user, verb="read", about=patient, patient=patient)
    form = happened_form(None, request.GET, place)
    return happened_page(request, patient, form)


def happened_page(request, patient, form, status=200):
    page = {"form": form, "patient": patient, "groups": form.groups()}
    return render(request, "scheduling/happened.html", page, status=status)


def happened_form(data, asked, place):
    """The form with selects for whoever the chosen service needs. `asked` names the service."""
    service = service_named(asked.get("service", ""))
    people, rooms = happened_groups(service, place) if service else ((), ())
    today = walltime.local(timezone.now(), place.tz).date()
    initial = {"date": today, **asked.dict()} if data is None else None
    return HappenedForm(data, initial=initial, people=people, rooms=rooms)


def service_named(text):
    return Service.objects.filter(pk=text, active=True).first() if ID.fullmatch(text) else None


def happened_groups(service, place):
    """([(label, people)], [(label, rooms)]): everybody who works here, and the rooms of the kind."""
    visit = visit_of(service)
    with_whom, in_which = group_labels(visit, part_names_of(service))
    people, rooms = people_at(place), rooms_at(place)
    return (
        [(_("%(part)s with") % {"part": label}, people) for label in with_whom],
        [
            (
                _("%(part)s in") % {"part": label},
                [(pk, name) for pk, name, kind in rooms if group.wants <= {kind}],
            )
            for label, group in zip(in_which, visit.room_groups, strict=True)
        ],
    )


def take_happened(request, place):
    patient = patient_named(request, request.POST.get("patient", ""))
    form = happened_form(request.POST, request.POST, place)
    if patient is None:
        form.add_error(None, _("This person is not in your clinic's records. Find the patient again."))
    if not form.is_valid():
        return happened_page(request, patient, form, status=422)
    try:
        visit = enter(request, place, patient, form)
    except Refused as refusal:
        return happened_page(request, patient, form, status=refuse(form, refusal))
    change = latest_change(visit)
    say_with_undo(request, _("Entered: %(name)s.") % {"name": patient.called}, change.pk)
    return see_other(reverse("scheduling:visit", args=[visit.pk]))


def enter(request, place, patient, form):
    values = form.cleaned_data
    wanted = Wanted(
        patient=patient,
        service=values["service"],
        location=place,
        starts_at=walltime.instant(values["date"], values["time"], place.tz),
        practitioners=form.group_ids("who"),
        rooms=form.group_ids("where"),
        note=values["note"],
    )
    key = request_key(request)
    return it_happened(by=request.user, wanted=wanted, reason=values["reason"], request_key=key)
