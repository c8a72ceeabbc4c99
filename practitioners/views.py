from datetime import UTC
from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from clinic.editing import edit
from clinic.pages import posted_version
from clinic.places import here
from clinic.roles import may, needs
from clinic.submissions import request_key
from clinic.walltime import instant, local
from practitioners import actions, forms, queries, rules
from practitioners.models import Certification, License, Practitioner, WorkingHours

EITHER = ("GET", "POST")
ADDED, SAVED = _l("Added."), _l("Saved.")


def form_page(request, *, make, row, act, title, shown, saved, **context):
    """A page with one form, or the page that shows what it did. See clinic.editing.edit."""
    page = edit(request, make, row, act)
    if page.done:
        messages.success(request, saved)
        return redirect(shown)
    return page.page(request, "practitioners/form.html", title=title, shown=shown, **context)


def today_here(request):
    place = here(request)
    return local(timezone.now(), place.tz).date() if place else timezone.now().date()


def soon(today):
    """Until this day a license's end is marked."""
    return today + rules.DAY * max(rules.NOTICE_DAYS)


def wall_now(zone):
    """As a field for local time shows it: without a zone, which Django would convert again."""
    return local(timezone.now(), zone).replace(tzinfo=None)


def page_of(practitioner):
    return reverse("practitioners:detail", args=[practitioner.pk])


@needs("see_the_day")
def practitioner_list(request):
    context = {
        "practitioners": queries.practitioner_list(request.user),
        "manages": may(request.user, "manage_clinic"),
        "today": today_here(request),
        "soon": soon(today_here(request)),
    }
    return render(request, "practitioners/list.html", context)


@needs("see_the_day")
def detail(request, pk):
    row = get_object_or_404(queries.practitioners_visible_to(request.user), pk=pk)
    manages, today = may(request.user, "manage_clinic"), today_here(request)
    context = {
        "practitioner": row,
        "disciplines": row.disciplines.all(),
        "hours": queries.hours_of(row),
        "absences": queries.absences_of(row, timezone.now()),
        "licenses": queries.licenses_of(row) if manages else [],
        "certifications": queries.certifications_of(row) if manages else [],
        "manages": manages,
        "records_absences": may(request.user, "record_absences"),
        "today": today,
        "soon": soon(today),
        "place": here(request),
    }
    return render(request, "practitioners/detail.html", context)


@needs("manage_clinic", methods=EITHER)
def add(request):
    shown = reverse("practitioners:list")

    def act(form, version, key):
        return actions.add_practitioner(by=request.user, location=shown, request_key=key, **form.split())

    title, row = _("New provider"), Practitioner()
    return form_page(request, make=practitioner_form, row=row, act=act, title=title, shown=shown, saved=ADDED)


@needs("manage_clinic", methods=EITHER)
def change(request, pk):
    row = get_object_or_404(queries.practitioners_visible_to(request.user), pk=pk)
    shown, title = page_of(row), _("Change %(name)s") % {"name": row.name}

    def act(form, version, key):
        sent = {"by": request.user, "version": version, "location": shown, "request_key": key}
        return actions.change_practitioner(practitioner=row, **sent, **form.split())

    return form_page(request, make=practitioner_form, row=row, act=act, title=title, shown=shown, saved=SAVED)


def practitioner_form(data, row):
    return forms.PractitionerForm(data, instance=row, accounts=queries.accounts_to_link(row, timezone.now()))


@needs("manage_clinic", methods=EITHER)
def add_license(request, pk):
    practitioner = get_object_or_404(queries.practitioners_visible_to(request.user), pk=pk)
    row, title = License(practitioner=practitioner), _("New license")
    return paper_page(request, row, forms.LicenseForm, actions.keep_license, title, ADDED)


@needs("manage_clinic", methods=EITHER)
def change_license(request, pk):
    row = get_object_or_404(queries.managed(License, request.user), pk=pk)
    keep = partial(actions.keep_license, license=row)
    return paper_page(request, row, forms.LicenseForm, keep, _("Change license"), SAVED)


@needs("manage_clinic", methods=EITHER)
def add_certification(request, pk):
    practitioner = get_object_or_404(queries.practitioners_visible_to(request.user), pk=pk)
    row, title = Certification(practitioner=practitioner), _("New certification")
    return paper_page(request, row, forms.CertificationForm, actions.keep_certification, title, ADDED)


@needs("manage_clinic", methods=EITHER)
def change_certification(request, pk):
    row = get_object_or_404(queries.managed(Certification, request.user), pk=pk)
    keep = partial(actions.keep_certification, certification=row)
    return paper_page(request, row, forms.CertificationForm, keep, _("Change certification"), SAVED)


def paper_page(request, row, form_class, keep, title, saved):
    """What licenses and certifications share."""
    shown = page_of(row.practitioner)

    def act(form, version, key):
        sent = {"by": request.user, "version": version, "location": shown, "request_key": key}
        return keep(practitioner=row.practitioner, today=today_here(request), **sent, **form.split())

    def make(data, row):
        return form_class(data, instance=row)

    return form_page(request, make=make, row=row, act=act, title=title, shown=shown, saved=saved)


@needs("manage_clinic", methods=("POST",))
def check_license(request, pk):
    return checked(request, get_object_or_404(queries.managed(License, request.user), pk=pk))


@needs("manage_clinic", methods=("POST",))
def check_certification(request, pk):
    return checked(request, get_object_or_404(queries.managed(Certification, request.user), pk=pk))


def checked(request, row):
    shown = page_of(row.practitioner)
    actions.check(
        by=request.user,
        row=row,
        version=posted_version(request),
        today=today_here(request),
        location=shown,
        request_key=request_key(request),
    )
    messages.success(request, _("Marked as checked by you today."))
    return redirect(shown)


@needs("manage_clinic", methods=EITHER)
def add_hours(request, pk):
    practitioner = get_object_or_404(queries.practitioners_visible_to(request.user), pk=pk)
    shown, title = page_of(practitioner), _("New weekly hours")
    row = WorkingHours(practitioner=practitioner, location=here(request), valid_from=today_here(request))

    def act(form, version, key):
        sent = {"by": request.user, "location": shown, "request_key": key}
        return actions.add_hours(practitioner=practitioner, **sent, **form.split())

    def make(data, row):
        return forms.NewHoursForm(data, instance=row)

    return form_page(request, make=make, row=row, act=act, title=title, shown=shown, saved=ADDED)


@needs("manage_clinic", methods=EITHER)
def change_hours(request, pk):
    row = get_object_or_404(queries.managed(WorkingHours, request.user), pk=pk)
    shown, title = page_of(row.practitioner), _("Change weekly hours")
    remove = reverse("practitioners:remove_hours", args=[row.pk])

    def act(form, version, key):
        sent = {"by": request.user, "version": version, "location": shown, "request_key": key}
        return actions.change_hours(hours=row, values=form.cleaned_data, **sent)

    def make(data, row):
        return forms.HoursForm(data, instance=row)

    page = {"make": make, "row": row, "act": act, "title": title, "shown": shown, "saved": SAVED}
    return form_page(request, **page, remove=remove)


@needs("manage_clinic", methods=("POST",))
def remove_hours(request, pk):
    row = get_object_or_404(queries.managed(WorkingHours, request.user), pk=pk)
    shown = page_of(row.practitioner)
    actions.remove_hours(
        by=request.user,
        hours=row,
        version=posted_version(request),
        location=shown,
        request_key=request_key(request),
    )
    messages.success(request, _("The hours were removed."))
    return redirect(shown)


@needs("record_absences", methods=EITHER)
def end_absence(request, pk):
    row = get_object_or_404(queries.absences_visible_to(request.user), pk=pk)
    shown, zone = page_of(row.practitioner), getattr(here(request), "tz", UTC)
    title = _("%(name)s is back early") % {"name": row.practitioner.name}

    def act(form, version, key):
        typed = form.cleaned_data["back_at"]
        sent = {"by": request.user, "version": version, "location": shown, "request_key": key}
        return actions.end_absence_early(
            absence=row, ends_at=instant(typed.date(), typed.time(), zone), **sent
        )

    def make(data, row):
        return forms.BackEarlyForm(data, initial={"back_at": wall_now(zone)})

    return form_page(request, make=make, row=row, act=act, title=title, shown=shown, saved=SAVED)
