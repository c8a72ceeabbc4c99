"""Red flags: asked, cleared; the set of questions and a clinician's signature under it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.panels import EITHER, Words, panel, see_other, today_at
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import flags as actions
from intake.forms.care import ClearForm, RegionsForm, SignOffForm
from intake.models import AskedWhen
from intake.queries import flags as queries
from intake.rules import flags as rules
from intake.views.pages import note_form, page_of, patient_written, sent


@needs("write_chart", methods=EITHER)
def screen(request, pk):
    """The red flags of some regions, in groups; a recheck unless another moment is chosen."""
    patient = patient_written(request, pk)
    chosen = chosen_screen(request, patient)
    note_form(request, patient)
    if request.method != "POST":
        return screen_page(request, patient, chosen)
    try:
        return screened(request, patient, keep_screen(request, patient, chosen))
    except Refused as refusal:
        return screen_page(request, patient, chosen, refusal.reasons, refusal.status)


def screen_page(request, patient, chosen, reasons=(), status=200):
    questions = rules.asked(queries.questions(), chosen["regions"], chosen["when"])
    context = {
        "patient": patient,
        "chosen": RegionsForm(initial=chosen),
        "regions": chosen["regions"],
        "when": chosen["when"],
        "groups": with_answers(rules.groups(questions), given_answers(request)),
        "reasons": reasons,
        "shown": page_of(patient),
    }
    return render(request, "intake/flag_screen.html", context, status=status)


def chosen_screen(request, patient):
    """Which regions and which moment: as asked in the address or the form, else those of last time."""
    asked = request.POST if request.method == "POST" else request.GET
    regions = [one for one in asked.getlist("regions") if one in rules.REGIONS]
    when = asked.get("when", "")
    return {
        "regions": regions or queries.regions_asked(patient),
        "when": when if when in AskedWhen.values else AskedWhen.RECHECK.value,
    }


def with_answers(groups, given):
    """[(group's key, [(question, the answer so far)])]."""
    return [(group.key, [(row, given.get(row.key, "")) for row in group.questions]) for group in groups]


def given_answers(request):
    """{key of a question: "yes" | "no"}; a group's “None of these” answers what is left open in it."""
    given = {
        name.removeprefix("flag-"): value
        for name, value in request.POST.items()
        if name.startswith("flag-") and value in {"yes", "no"}
    }
    none = {name.removeprefix("none-") for name in request.POST if name.startswith("none-")}
    if none:
        for row in queries.questions():
            if row.group in none:
                given.setdefault(row.key, "no")
    return given


def keep_screen(request, patient, chosen):
    return actions.screen(
        by=request.user,
        patient=patient,
        answers=given_answers(request),
        asked_when=chosen["when"],
        regions=chosen["regions"],
        now=timezone.now(),
        request_key=request_key(request),
        location=page_of(patient),
    )


def screened(request, patient, found):
    if found:
        messages.warning(request, _("Red flags were raised. They stand on top, with what to do."))
    else:
        messages.success(request, _("No red flag."))
    return see_other(page_of(patient))


@needs("write_chart", methods=("POST",))
def nothing_new(request, pk):
    """“Anything new since last time?” None."""
    patient = patient_written(request, pk)
    actions.nothing_new(
        by=request.user,
        patient=patient,
        now=timezone.now(),
        request_key=request_key(request),
        location=page_of(patient),
    )
    messages.success(request, _("Nothing new: kept with today’s date."))
    return see_other(page_of(patient))


@needs("write_chart", methods=("POST",))
def neck_clear(request, pk):
    """The day’s screen before a neck thrust: none of its questions is a yes."""
    patient = patient_written(request, pk)
    actions.neck_clear(
        by=request.user,
        patient=patient,
        now=timezone.now(),
        request_key=request_key(request),
        location=page_of(patient),
    )
    messages.success(request, _("Neck screen: nothing, kept with today’s date."))
    return see_other(page_of(patient))


@needs("write_chart", methods=EITHER)
def clear(request, pk, row):
    patient = patient_written(request, pk)
    flag = get_object_or_404(queries.flags_of(patient), pk=row)
    note_form(request, patient)
    shown = page_of(patient)
    words = Words(_("Clear a red flag"), _("Clear it"), _("Cleared, with your reason."), flag.question)

    def act(form, version, key):
        why = form.cleaned_data["why"]
        actions.clear(pk=flag.pk, version=version, why=why, **sent(request, patient, key))

    def make(data, row):
        return ClearForm(data)

    return panel(request, make=make, row=flag, act=act, words=words, shown=shown)


@needs("manage_clinic", methods=EITHER)
def flag_set(request):
    """The questions that count, and who signed them; the owner records a clinician's signature."""
    form, reasons, status = sign_off_form(request), [], 200
    if request.method == "POST":
        try:
            return sign(request, form)
        except Refused as refusal:
            reasons, status = refusal.reasons, refusal.status
    now_sha, signed = queries.set_sha256(), queries.sign_offs()
    context = {
        "form": form,
        "reasons": reasons,
        "groups": rules.groups(queries.questions()),
        "sha256": now_sha,
        "signed": signed,
        "is_signed": bool(signed) and signed[0].content_sha256 == now_sha,
        "waiting": queries.waiting_for_review(),
    }
    return render(request, "intake/flag_set.html", context, status=status)


def sign_off_form(request):
    initial = {"sha256": queries.set_sha256(), "signed_on": today_at(request)}
    return SignOffForm(request.POST or None, initial=initial)


def sign(request, form):
    if not form.is_valid():
        raise Refused([reason for errors in form.errors.values() for reason in errors])
    shown = reverse("intake:flag_set")
    actions.sign_off(
        by=request.user,
        **form.cleaned_data,
        today=today_at(request),
        now=timezone.now(),
        request_key=request_key(request),
        location=shown,
    )
    messages.success(request, _("The signature is recorded."))
    return see_other(shown)
