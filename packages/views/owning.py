"""The owner's pages: what is sold, and the cancellation policy."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.editing import edit
from clinic.panels import EITHER, render_here, see_other
from clinic.places import here
from clinic.roles import needs
from packages.actions.packages import save_package
from packages.actions.policy import set_policy
from packages.forms import PackageForm, PolicyForm
from packages.models import Policy
from packages.queries import accounts, catalog


@needs("manage_clinic")
def packages(request):
    """What the clinic sells, with prices one by one at the location being worked at."""
    place = here(request)
    rows = catalog.offers(place) if place else []
    return render_here(request, "packages/packages.html", {"offers": rows, "place": place})


@needs("manage_clinic", methods=EITHER)
def package(request, key):
    """Price and contents. The first change makes a row of the clinic's own; what was sold stays as agreed."""
    row, shown = get_object_or_404(catalog.effective(key)), reverse("packages:list")
    kinds = list(catalog.kinds_by_key().values())

    def act(form, version, asked):
        given = {**form.values, "visits": form.visits, "request_key": asked, "shown": shown}
        save_package(by=request.user, package=row, version=version, **given)

    def make(data, row):
        return PackageForm(data, kinds=kinds, initial=first_values(row, kinds))

    done = edit(request, make, row, act)
    if done.done:
        messages.success(request, _("Saved. It counts for what is sold from now on."))
        return see_other(shown)
    return done.page(request, "packages/package.html", title=row.name, back=shown)


def first_values(row, kinds):
    visits = {one["kind"]: one["visits"] for one in row.contents}
    numbers = {f"visits_{kind.pk}": visits.get(kind.key, 0) for kind in kinds}
    return {"name": row.name, "price": row.price, "valid_days": row.valid_days, **numbers}


@needs("manage_clinic", methods=EITHER)
def policy(request):
    """What a late cancellation or a missed visit costs; the newest row holds, the earlier ones stay known."""
    shown = reverse("packages:policy")
    newest = accounts.policy_in_force()

    def act(form, version, key):
        set_policy(by=request.user, now=timezone.now(), request_key=key, shown=shown, **form.cleaned_data)

    def make(data, row):
        return PolicyForm(data, instance=newest or row)

    done = edit(request, make, Policy(), act)
    if done.done:
        messages.success(request, _("Saved. It counts from now on."))
        return see_other(shown)
    return done.page(request, "packages/policy.html", earlier=accounts.policies())
