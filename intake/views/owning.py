"""The owner's pages: the forms there are, their words, their versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.panels import today_at
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import loading
from intake.queries.forms import latest, readings_of, unread, versions_of
from intake.rules.fields import fields
from intake.rules.forms import inside, sections
from intake.rules.signing import lines_of, reasons_not_to_hand_out
from intake.rules.wording import words_of


@needs("manage_clinic")
def form_list(request):
    forms, behind = latest(), loading.held_back()
    waiting = unread(forms)
    rows = [
        (row, reasons_not_to_hand_out(row.title, row.definition), key in behind, key in waiting)
        for key, row in forms.items()
    ]
    return render(request, "intake/owner_list.html", {"rows": rows})


@needs("manage_clinic", methods=("GET", "POST"))
def form_detail(request, key):
    row = latest([key]).get(key)
    if row is None:
        raise Http404
    if request.method == "GET":
        return detail_page(request, row)
    try:
        values = {"by": request.user, "key": key, "number": number_posted(request), "now": timezone.now()}
        loading.reword(**values, **words_posted(request, row), request_key=request_key(request))
    except Refused as refusal:
        return detail_page(request, row, refusal)
    messages.success(request, _("Saved as a new version. Forms under way keep the version they began with."))
    return redirect("intake:form_detail", key)


@needs("manage_clinic", methods=("POST",))
def use_our_form(request, key):
    values = {"by": request.user, "key": key, "number": number_posted(request), "now": timezone.now()}
    loading.use_ours(**values, request_key=request_key(request))
    messages.success(request, _("Our words count again, as a new version."))
    return redirect("intake:form_detail", key)


@needs("manage_clinic", methods=("POST",))
def form_read(request, key):
    """The owner has read the text that is signed: from now on it can be handed out."""
    values = {"by": request.user, "key": key, "number": number_posted(request), "now": timezone.now()}
    try:
        loading.mark_read(**values, today=today_at(request), request_key=request_key(request))
    except Refused as refusal:
        messages.error(request, " ".join(refusal.reasons))
        return redirect("intake:form_list")
    messages.success(request, _("Noted with your name and today’s date. It can be handed out."))
    return redirect("intake:form_detail", key)


@needs("manage_clinic")
def form_version(request, key, number):
    """A version as patients see it; nothing can be sent."""
    row = next((each for each in versions_of(key) if each.number == number), None)
    if row is None:
        raise Http404
    drawn = []
    for section in sections(row.definition):
        shown = [each["linkId"] for each in inside(section)]
        drawn.append((section, fields(section, {}, shown, {})))
    context = {"row": row, "sections": drawn, "lines": lines_of(row.definition)}
    return render(request, "intake/owner_preview.html", context)


# What the pages above share.


def number_posted(request):
    text = request.POST.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def words_posted(request, row):
    links = [each.link for each in words_of(row.definition)]
    fixed = {each.link for each in words_of(row.definition) if not each.optional}
    return {
        "title": request.POST.get("title", ""),
        "texts": {link: request.POST.get(f"text.{link}", "") for link in links},
        "asked": set(request.POST.getlist("asked")) | fixed,
    }


def detail_page(request, row, refusal=None):
    words = words_of(row.definition)
    if refusal:
        posted = words_posted(request, row)
        words = [
            each._replace(text=posted["texts"][each.link], asked=each.link in posted["asked"])
            for each in words
        ]
    context = {
        "row": row,
        "title": request.POST.get("title", row.title),
        "words": words,
        "versions": versions_of(row.key),
        "unfinished": reasons_not_to_hand_out(row.title, row.definition),
        "unread": bool(unread({row.key: row})),
        "readings": readings_of(row.key),
        "behind": row.key in loading.held_back(),
        "reasons": refusal.reasons if refusal else None,
    }
    return render(request, "intake/owner_detail.html", context, status=refusal.status if refusal else 200)
