from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.panels import today_at
from clinic.roles import needs
from patients.queries import recently_opened
from patients.queries import search as find
from patients.rules import age, birth_date_shown, on_list, phone_shown
from patients.views.pages import way_back, with_patient


@needs("find_patients")
def patient_list(request):
    """The page to find somebody on; while typing, only its rows are asked for."""
    return found_page(request)


@needs("find_patients")
def search(request):
    """Below the search field of the frame; with `pick`, rows that carry a patient to the page in `next`."""
    if not request.htmx:
        return found_page(request)
    q = request.GET.get("q", "").strip()
    rows = [row_of(hit, today_at(request)) for hit in find(request.user, q, limit=8)]
    back = way_back(request)
    if not (request.GET.get("pick") and back):
        return render(request, "clinic/_search_results.html", {"q": q, "hits": rows})
    for row in rows:
        row["url"] = with_patient(back, row["id"])
    return render(request, "patients/_pick.html", {"q": q, "hits": rows, "next": back})


def found_page(request):
    q, today = request.GET.get("q", "").strip(), today_at(request)
    people = find(request.user, q, limit=50) if q else recently_opened(request.user, timezone.now())
    context = {"q": q, "rows": [row_of(person, today) for person in people]}
    return render(request, "patients/list.html#found" if request.htmx else "patients/list.html", context)


def row_of(person, today):
    """One line about a patient: `person` is a record or a hit of the search."""
    years, born = age(person.birth_date, today), birth_date_shown(person.birth_date)
    phone = phone_shown(person.phone)
    known_as = _("called %(name)s") % {"name": person.preferred_name} if person.preferred_name else ""
    return {
        "id": person.id,
        "url": reverse("patients:chart", args=[person.id]),
        "name": on_list(person.given_name, person.family_name),
        "called": person.preferred_name,
        "pronouns": person.pronouns,
        "born": born,
        "age": years,
        "phone": phone,
        "email": person.email,
        "detail": " · ".join(part for part in (known_as, born, phone or person.email) if part),
    }
