from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.editing import edit
from clinic.models import Location
from clinic.roles import needs
from services import actions, queries
from services.forms import ServiceForm, StepsForm
from services.models import Service


@needs("manage_clinic")
def services(request):
    locations, lines = queries.price_list()
    return render(request, "services/list.html", {"locations": locations, "lines": lines})


@needs("manage_clinic", methods=("GET", "POST"))
def detail(request, pk):
    service = get_object_or_404(queries.services(), pk=pk)
    parts, places = list(service.parts.all()), list(Location.objects.filter(active=True))
    warnings = []

    def make(data, row):
        return ServiceForm(data, instance=row, parts=parts, locations=places)

    def act(form, version, key):
        fields, prices = form.chosen()
        chosen = {"service": service, "version": version, "fields": fields, "prices": prices}
        warnings.extend(actions.save_service(by=request.user, request_key=key, **chosen))

    done = edit(request, make, service, act)
    if done.done:
        return _saved(request, service, warnings)
    steps = queries.steps_in_words(parts)
    return done.page(request, "services/detail.html", places=places, service=service, steps=steps)


def _saved(request, service, warnings=()):
    messages.success(request, _("%(name)s is saved.") % {"name": service.name})
    for warning in warnings:
        messages.warning(request, warning)
    return redirect("services:detail", service.pk)


@needs("manage_clinic", methods=("GET", "POST"))
def new(request):
    made = []

    def act(form, version, key):
        fields, parts, steps = form.head.cleaned_data, form.typed_parts(), form.typed_steps()
        made.append(
            actions.add_service(by=request.user, fields=fields, parts=parts, steps=steps, request_key=key)
        )

    done = edit(request, lambda data, row: StepsForm(data, new=True), Service(), act)
    if done.done:
        return _saved(request, made[0])
    return done.page(request, "services/steps.html", title=_("New service"), back=reverse("services:list"))


@needs("manage_clinic", methods=("GET", "POST"))
def steps(request, pk):
    service = get_object_or_404(queries.services(), pk=pk)
    parts = list(service.parts.all())

    def make(data, row):
        return StepsForm(data, parts=parts, steps=queries.steps_of(parts))

    def act(form, version, key):
        typed = {"parts": form.typed_parts(), "steps": form.typed_steps()}
        actions.change_steps(by=request.user, service=service, version=version, request_key=key, **typed)

    done = edit(request, make, service, act)
    if done.done:
        return _saved(request, service)
    title, back = _("Steps of %(name)s") % {"name": service.name}, reverse("services:detail", args=[pk])
    stored = queries.steps_in_words(parts) if done.status == 409 else None
    return done.page(request, "services/steps.html", title=title, back=back, stored=stored)
