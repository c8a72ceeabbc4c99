"""Selling a package, making one last longer, refunding the rest."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy

from clinic.panels import EITHER, Words, render_here, today_at
from clinic.places import here
from clinic.roles import needs
from frontdesk.forms import ExtendForm, RefundForm, SellForm
from frontdesk.queries.account import reserved_for
from frontdesk.views.account import page_of, patient_seen, settled_panel
from packages.actions import extending, refunding, selling
from packages.models import Purchase
from packages.queries import accounts, catalog
from packages.rules.selling import last_day, refund_rule
from patients.queries import related_people_of

SELL = Words(
    gettext_lazy("Sell this package"),
    gettext_lazy("Sell it"),
    gettext_lazy("Sold. Print the agreement; booked visits draw on the package where they fit."),
)
EXTEND = Words(
    gettext_lazy("Make it last longer"), gettext_lazy("Save"), gettext_lazy("It lasts longer now.")
)
REFUND = Words(
    gettext_lazy("Refund the rest"), gettext_lazy("Refund it"), gettext_lazy("Refunded. The package is over.")
)
MONTH = timedelta(days=30)


def place_of(request):
    place = here(request)
    if place is None:
        raise Http404
    return place


@needs("sell_packages")
def choose(request, pk):
    """Every package with its price at this location, what it holds, and what its visits cost one by one."""
    patient, place = patient_seen(request, pk), place_of(request)
    context = {"patient": patient, "offers": catalog.offers(place), "shown": page_of(patient)}
    return render_here(request, "frontdesk/sell_choose.html", context)


@needs("sell_packages", methods=EITHER)
def sell(request, pk, key):
    """The terms before anything is sold, then the sale. Today's visit and later ones draw on it at once."""
    patient, place, today = patient_seen(request, pk), place_of(request), today_at(request)
    offer = next(iter(catalog.offers(place, keys=[key])), None)
    if offer is None:
        raise Http404
    about = {"patient": patient, "package_key": key, "location": place, "today": today}
    words = SELL._replace(title=offer.package.name, lead=patient.name)
    terms = {"offer": offer, "refund_rule": refund_rule(), "until": last_day(today, offer.package.valid_days)}
    terms["template"] = "frontdesk/sell.html"

    def more(form):
        chosen = {name: form.cleaned_data[name] for name in ("starts_on", "payer")}
        return chosen | {"drawn": selling.draw_up(now=timezone.now(), **about, **chosen)}

    make, row = sell_form(patient, today), Purchase(patient=patient)
    return settled_panel(request, patient, row, make, selling.sell, about, more, words, **terms)


def sell_form(patient, today):
    related = related_people_of(patient, timezone.now())

    def make(data, row):
        first = {"starts_on": today, "who_pays": "patient"}
        return SellForm(data, patient=patient.called, related=related, initial=first)

    return make


def purchase_seen(patient, row):
    return get_object_or_404(accounts.every_purchase_of(patient).defer("pdf"), pk=row)


@needs("sell_packages", methods=EITHER)
def extend(request, pk, row):
    patient, today = patient_seen(request, pk), today_at(request)
    stored = purchase_seen(patient, row)

    def make(data, row):
        return ExtendForm(data, initial={"until": max(row.valid_until, today) + MONTH})

    def more(form):
        return {**form.cleaned_data, "today": today}

    words, about = EXTEND._replace(lead=stored.name), {"purchase": stored}
    return settled_panel(request, patient, stored, make, extending.extend, about, more, words)


@needs("sell_packages", methods=EITHER)
def refund(request, pk, row):
    """The sum with every line, and which booked visits go back, before anything is refunded."""
    patient = patient_seen(request, pk)
    stored = purchase_seen(patient, row)

    def make(data, row):
        return RefundForm(data)

    def more(form):
        return form.cleaned_data

    words, about = REFUND._replace(lead=stored.name), {"purchase": stored}
    shown = {"total": refunding.refund_sum(stored)[0], "booked": reserved_for(stored)}
    shown["template"] = "frontdesk/refund.html"
    return settled_panel(request, patient, stored, make, refunding.refund, about, more, words, **shown)
