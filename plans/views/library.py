"""What plans are made from: the studies, and the templates with where their dose comes from; owners change those."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.editing import edit
from clinic.models import Origin
from clinic.pages import posted_version
from clinic.panels import EITHER, see_other
from clinic.refusal import Refused
from clinic.roles import may, needs
from clinic.submissions import request_key
from plans.actions import templates as actions
from plans.forms.template import TemplateForm, first_values
from plans.queries import library
from plans.queries.making import measures_to_ask
from plans.rules.phases import first_gaps
from plans.rules.templates import wish_of


@needs("read_library")
def evidence(request):
    return render(request, "plans/evidence.html", {"studies": library.studies()})


@needs("read_library")
def templates(request):
    return render(request, "plans/templates.html", {"templates": library.templates()})


def found_or_404(key):
    found = library.template(key)
    if found is None:
        raise Http404
    return found


@needs("read_library")
def template(request, key):
    found = found_or_404(key)
    named = [*found.row.dose_source, *found.row.background]
    entries, names = library.entries_of(named), dict(measures_to_ask())
    context = {
        "found": found,
        "row": found.row,
        "source": [entries[key] for key in found.row.dose_source if key in entries],
        "background": [entries[key] for key in found.row.background if key in entries],
        "measures": [names.get(key, key) for key in found.row.measures],
        "gaps": first_gaps(found.row),
        "rules": [rule for rule in library.all_rules() if not rule.payer or rule.payer == found.row.payer],
        "may_change": may(request.user, "manage_clinic"),
        "own": found.row.origin == Origin.CLINIC,
        "changed": library.changed_from_ours(found.row),
    }
    return render(request, "plans/template.html", context)


@needs("manage_clinic", methods=EITHER)
def change_template(request, key):
    """The clinic's own row of a template, made over ours when it is first saved."""
    found = found_or_404(key)
    shown = reverse("plans:template", args=[key])
    sources = library.sources_of(actions.ours_of(found.row))
    done = edit(request, template_form(sources), found.row, changing(request, found.row))
    if done.done:
        messages.success(
            request, _("Template saved. New plans begin with it; plans made before stay as they are.")
        )
        return see_other(shown)
    running = library.running_plans_of(key)
    return done.page(request, "plans/template_change.html", found=found, running=running, shown=shown)


@needs("manage_clinic", methods=EITHER)
def copy_template(request, key):
    """A new template that begins as a copy of this one."""
    found = found_or_404(key)
    blank = library.unsaved_copy(found.row)
    made = []

    def act(form, version, key):
        made.append(actions.copy_template(by=request.user, row=found.row, wish=form.wish(), request_key=key))

    done = edit(request, template_form([]), blank, act)
    if done.done:
        messages.success(request, _("Template added. It is offered when a plan is made."))
        return see_other(reverse("plans:template", args=[made[0].key]))
    shown = reverse("plans:template", args=[key])
    return done.page(request, "plans/template_change.html", found=found, copying=True, shown=shown)


def template_form(sources):
    """How clinic.editing.edit makes the form of a template as it stands. `sources`: [(key, title)] of its dose."""

    def make(data, stored):
        initial = first_values(wish_of(stored))
        return TemplateForm(data, initial=initial, measures=measures_to_ask(), sources=sources)

    return make


def changing(request, row):
    """What clinic.editing.edit does with a valid one."""

    def act(form, version, key):
        actions.change_template(by=request.user, row=row, version=version, wish=form.wish(), request_key=key)

    return act


@needs("manage_clinic", methods=("POST",))
def ours_again(request, key):
    row, shown = found_or_404(key).row, reverse("plans:template", args=[key])
    try:
        actions.ours_again(
            by=request.user, row=row, version=posted_version(request), request_key=request_key(request)
        )
    except Refused as refusal:
        messages.error(request, " ".join(map(str, refusal.reasons)))
    else:
        messages.success(request, _("Ours counts again for new plans. The clinic’s row is kept out of use."))
    return see_other(shown)
