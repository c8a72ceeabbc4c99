"""What plans are made from: the studies, and the templates with where their dose comes from."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from clinic.roles import may, needs
from plans.queries import library
from plans.rules.phases import first_gaps


@needs("read_library")
def evidence(request):
    return render(request, "plans/evidence.html", {"studies": library.studies()})


@needs("read_library")
def templates(request):
    return render(request, "plans/templates.html", {"templates": library.templates()})


@needs("read_library")
def template(request, key):
    found = library.template(key)
    if found is None:
        raise Http404
    named = [*found.row.dose_source, *found.row.background]
    entries = library.entries_of(named)
    context = {
        "found": found,
        "row": found.row,
        "source": [entries[key] for key in found.row.dose_source if key in entries],
        "background": [entries[key] for key in found.row.background if key in entries],
        "gaps": first_gaps(found.row),
        "rules": [rule for rule in library.all_rules() if not rule.payer or rule.payer == found.row.payer],
        "edit_url": edit_url(request, found.row),
    }
    return render(request, "plans/template.html", context)


def edit_url(request, row):
    """Where the owner lays the clinic's own row over ours."""
    if not may(request.user, "manage_clinic"):
        return ""
    return reverse("admin:plans_plantemplate_change", args=[row.pk])
