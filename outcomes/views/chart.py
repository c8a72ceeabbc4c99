"""The scores of one patient, for those who treat: read, ask, type in, correct."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at, wants_whole_page, whole_page
from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from outcomes.actions import answering, planning
from outcomes.forms import AskForm, CorrectedTotalForm, TypedForm
from outcomes.models import Assessment, Given, Score
from outcomes.queries import care, due, trends
from outcomes.queries.measures import answerable, known, offered
from outcomes.rules.sheet import Answered
from outcomes.views.pages import (
    assessment_of,
    head_of,
    is_sent,
    note_form,
    page_of,
    patient_written,
    posted_answers,
    sheet_of,
    zone_of,
)
from patients.actions import note_read
from patients.queries import charts, ids_of

ASK = Words(later("Ask now"), later("Ask for these"), later("Asked. Hand over the tablet, or ask yourself."))
TYPED = Words(later("Type in a total"), later("Keep the total"), later("Kept."))
CORRECT = Words(
    later("Correct a score"), later("Put this in its place"), later("Corrected. The earlier one is kept.")
)
QUICK = ["NRS", "PEG"]  # what is asked between the planned checks


@needs("read_chart")
def scores(request, pk):
    """Every measure over time, what is due, and hard answers. Opening it is written down."""
    patient = charts.read(request.user, pk)
    if wants_whole_page(request):
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    head = head_of(request, patient)
    is_due, is_later, is_missed = due.upcoming(due.checks_of(patient, head["today"]))
    context = {
        **head,
        "due": is_due,
        "later": is_later,
        "missed": is_missed,
        "trends": trends.of_patient(patient, zone=zone_of(request)),
        "talks": care.talks_about(patient),
        "corrects": patient.chart_written,
        "writes": patient.chart_written and patient.merged_into_id is None,
    }
    return render_here(request, "outcomes/scores.html", context)


@needs("write_chart", methods=EITHER)
def ask(request, pk):
    """Ask for some measures today."""
    patient = patient_written(request, pk)
    choices = [(key, measure.name) for key, measure in answerable().items()]

    def make(data, row):
        return AskForm(data, choices=choices, initial={"measures": QUICK})

    def act(form, version, key):
        planning.ask_now(**form.cleaned_data, **sent_by(request, patient, key))

    return beside(request, patient, ASK, make, act)


@needs("write_chart", methods=EITHER)
def type_in(request, pk):
    """The total of a paper form."""
    patient, measures = patient_written(request, pk), offered().values()
    # Those whose questions are not ours to show come first: they are what is typed in.
    ordered = sorted(measures, key=lambda measure: measure.answerable)
    choices = [(measure.key, measure.name) for measure in ordered if not measure.responders]

    def make(data, row):
        return TypedForm(data, choices=choices)

    def act(form, version, key):
        answering.type_in(**form.cleaned_data, **sent_by(request, patient, key))

    return beside(request, patient, TYPED, make, act)


@needs("write_chart", methods=EITHER)
def answer(request, pk, row):
    """A clinician asks the questions and taps the answers."""
    patient, today = patient_written(request, pk), today_at(request)
    check, activities = due.check_on(assessment_of(patient, row), today), due.activities_of(patient)
    note_form(request, patient)
    answered = posted_answers(request, check.measures, activities) if request.method == "POST" else Answered()
    sheet = sheet_of(request, check.measures, activities, answered)
    if request.method == "GET" or not is_sent(request, sheet):
        return questions_page(request, patient, check, sheet)
    sent = sent_by(request, patient, request_key(request))
    source = answering.Source(sent.pop("by"), Given.CLINICIAN, here(request))
    del sent["patient"]
    try:
        answering.answer(source=source, assessment=check.pk, answered=answered, **sent)
    except Refused as refusal:
        return questions_page(request, patient, check, sheet, refusal)
    messages.success(request, _("The answers are kept."))
    return see_other(page_of(patient))


def questions_page(request, patient, check, sheet, refusal=None, title=""):
    context = {
        **head_of(request, patient),
        **sheet,
        "check": check,
        "title": title or _("Score check"),
        "shown": page_of(patient),
        "reasons": refusal.reasons if refusal else None,
    }
    status = refusal.status if refusal else 422 if sheet["left"] else 200
    return render_here(request, "outcomes/answer.html", context, status=status)


@needs("write_chart", methods=EITHER)
def correct(request, pk, row):
    """Another row in the place of a wrong one."""
    patient = patient_written(request, pk)
    rows = Score.objects.visible_to(request.user).filter(patient__in=ids_of(patient), replaced_by=None)
    score = get_object_or_404(rows, pk=row)
    note_form(request, patient)
    measure = known().get(score.measure)
    if measure is None:
        raise Http404
    if score.how == Given.TYPED:
        return correct_total(request, patient, score)
    return correct_answers(request, patient, score, measure)


def correct_total(request, patient, score):
    def make(data, row):
        return CorrectedTotalForm(data, initial={"total": score.score})

    def act(form, version, key):
        put_in_place(request, patient, score, key, total=form.cleaned_data["total"])

    return beside(request, patient, CORRECT, make, act)


def correct_answers(request, patient, score, measure):
    activities = [each for each in due.activities_of(patient) if str(each.pk) in score.answers]
    if measure.is_own and not activities:
        raise Http404
    sent = request.method == "POST"
    answered = (
        posted_answers(request, [measure], activities) if sent else Answered({measure.key: score.answers})
    )
    sheet, refusal = sheet_of(request, [measure], activities, answered), None
    if sent and is_sent(request, sheet):
        try:
            put_in_place(
                request, patient, score, request_key(request), answers=answered.given.get(measure.key)
            )
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, CORRECT.saved)
            return see_other(page_of(patient))
    return questions_page(request, patient, None, sheet, refusal, CORRECT.title)


def put_in_place(request, patient, score, key, **new):
    sent = sent_by(request, patient, key)
    del sent["today"]
    answering.correct(score=score.pk, **sent, **new)


@needs("write_chart", methods=("POST",))
def cancel(request, pk, row):
    patient = patient_written(request, pk)
    planning.cancel(
        by=request.user,
        patient=patient,
        pk=assessment_of(patient, row).pk,
        version=posted_version(request),
        request_key=request_key(request),
        location=page_of(patient),
    )
    messages.success(request, _("This score check is not asked any more."))
    return see_other(page_of(patient))


# What the pages above share.


def beside(request, patient, words, make, act):
    """A form in the side panel."""
    words, row = words._replace(lead=patient.name), Assessment(patient=patient)
    return panel(request, make=make, row=row, act=act, words=words, shown=page_of(patient))


def sent_by(request, patient, key):
    """What every form here sends."""
    return {
        "by": request.user,
        "patient": patient,
        "today": today_at(request),
        "now": timezone.now(),
        "request_key": key,
        "location": page_of(patient),
    }
