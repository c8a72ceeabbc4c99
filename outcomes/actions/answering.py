"""Answers become scores, once and for ever; hard ones become somebody's task."""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Location, Role, User
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import open_task
from outcomes.models import Activity, Assessment, Given, Occasion, Score, Status
from outcomes.queries.care import KIND, taker_of
from outcomes.queries.due import activities_of, asked_in
from outcomes.queries.measures import answerable, known, offered
from outcomes.rules.asking import IS_DUE, reasons_not_to_answer, reasons_not_to_type_in, state_of
from outcomes.rules.definitions import OWN
from outcomes.rules.scoring import is_positive, score_of, wrong_in
from outcomes.rules.sheet import reasons_not_to_keep
from patients.actions.records import refuse_merged
from patients.models import Patient
from patients.queries import ids_of


class Source(NamedTuple):
    """Who gave the answers, how, and where. `proxy`: for somebody who acts for the patient."""

    by: User | None
    how: Given
    location: Location | None = None
    proxy: bool = False


@transaction.atomic
def answer(*, source, assessment, answered, today, now, request_key=None, location=""):
    """Keep the answers to one score check. `answered` is an outcomes.rules.sheet.Answered.

    Questions may be left open: a measure without enough answers has no score, one without any has no row.
    Returns the scores written.
    """
    claim(request_key, location=location)
    row = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("patient", "lead")
        .get(pk=assessment)
    )
    state = state_of(status=row.status, due_on=row.due_on, window_days=row.window_days, today=today)
    measures = {measure.key: measure for measure in asked_in(row, answerable(), source.proxy)}
    reasons = reasons_not_to_answer(state) or reasons_not_to_keep(answered)
    if reasons:
        raise Refused(reasons, conflict=state != IS_DUE)
    given = {key: values for key, values in answered.given.items() if values and key in measures}
    refuse_wrong(measures, given, row.patient)
    if answered.named and OWN in measures:
        given[OWN] = name_activities(row, answered.named, now)
    scores = write(row, measures, given, source, now)
    row.status, row.answered_at = Status.ANSWERED, now
    row.save(update_fields=["status", "answered_at"])
    tell_clinician(row, measures, scores, source.location, now)
    audit.record(
        by=source.by,
        verb="answer score check",
        about=row,
        patient=row.patient_id,
        how=source.how,
        count=len(scores),
    )
    return scores


def refuse_wrong(measures, given, patient):
    """Refuse what no page of ours sends: items and numbers that the measure does not have."""
    own = {str(row.pk) for row in activities_of(patient)} if OWN in given else set()
    for key, values in given.items():
        wrong = (
            [one for one, value in values.items() if one not in own or not 0 <= value <= measures[OWN].most]
            if key == OWN
            else wrong_in(measures[key], values)
        )
        if wrong:
            raise Refused(_("These questions changed meanwhile. Reload the page and answer again."))


def name_activities(assessment, named, now):
    """Keep what the patient named; {activity id: number} of those that were rated."""
    if activities_of(assessment.patient):
        raise Refused(_("These questions changed meanwhile. Reload the page and answer again."))
    rated = {}
    for position, (words, number) in sorted(named.items()):
        row = Activity.objects.create(
            patient=assessment.patient, assessment=assessment, position=position, words=words, named_at=now
        )
        if number is not None:
            rated[str(row.pk)] = number
    return rated


def write(assessment, measures, given, source, now):
    return Score.objects.bulk_create(
        Score(
            patient=assessment.patient,
            assessment=assessment,
            measure=key,
            definition_sha256=measures[key].sha256,
            answers=values,
            score=score_of(measures[key], values),
            at=now,
            by=source.by,
            how=source.how,
        )
        for key, values in given.items()
        if values
    )


def tell_clinician(assessment, measures, scores, place, now):
    """A task for one named clinician, due the same working day. Its title says no reason; its page does."""
    if not any(is_positive(measures[each.measure], each.score) for each in scores):
        return None
    taker = taker_of(patient=assessment.patient, lead=assessment.lead, location=place, now=now)
    return open_task(
        kind=KIND,
        title=_("Talk with the patient in private today"),
        about=f"outcomes.assessment:{assessment.pk}",
        patient=assessment.patient,
        for_user=taker.user,
        for_role="" if taker.user else Role.PRACTITIONER,
        due_at=taker.due_at,
        now=now,
    )


@transaction.atomic
def type_in(*, by, patient, measure, total, today, now, request_key=None, location=""):
    """Keep the total of a form that was filled in on paper, such as one whose questions are not ours to show."""
    claim(request_key, location=location)
    refuse_merged(patient)
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    found = offered().get(measure)
    reasons = reasons_not_to_type_in(found, total)
    if reasons:
        raise Refused(reasons)
    assessment = Assessment.objects.create(
        patient=patient,
        measures=[measure],
        occasion=Occasion.DURING,
        due_on=today,
        window_days=0,
        lead=by,
        status=Status.ANSWERED,
        answered_at=now,
        asked_at=now,
        asked_by=by,
    )
    score = new_score(assessment, found, {}, total, by, Given.TYPED, now)
    tell_clinician(assessment, {measure: found}, [score], None, now)
    audit.record(by=by, verb="type in a score", about=score, patient=patient, measure=measure)
    return score


def new_score(assessment, measure, answers, number, by, how, now, replaces=None):
    return Score.objects.create(
        patient=assessment.patient,
        assessment=assessment,
        measure=measure.key,
        definition_sha256=measure.sha256,
        answers=answers,
        score=number,
        at=now if replaces is None else replaces.at,
        by=by,
        how=how,
        replaces=replaces,
    )


@transaction.atomic
def correct(*, by, patient, score, answers=None, total=None, now, request_key=None, location=""):
    """Put another row in the place of a wrong one, which stays: the answers again, or a typed total."""
    claim(request_key, location=location)
    # Scores are never updated, so that their own rows cannot be locked.
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    rows = Score.objects.filter(patient__in=ids_of(patient)).select_related(
        "assessment__patient", "assessment__lead"
    )
    row = rows.get(pk=score)
    measure = known().get(row.measure)
    if Score.objects.filter(replaces=row).exists():
        raise Refused(_("Somebody corrected this meanwhile. Reload the page."), conflict=True)
    number = total if row.how == Given.TYPED else score_of(measure, answers or {})
    reasons = reasons_not_to_correct(row, measure, answers, total)
    if reasons:
        raise Refused(reasons)
    made = new_score(row.assessment, measure, answers or {}, number, by, row.how, now, replaces=row)
    tell_clinician(row.assessment, {measure.key: measure}, [made], None, now)
    audit.record(by=by, verb="correct a score", about=made, patient=patient, measure=measure.key)
    return made


def reasons_not_to_correct(row, measure, answers, total):
    if row.how == Given.TYPED:
        return reasons_not_to_type_in(measure, total)
    if not answers:
        return [_("Nothing is answered yet. Answer at least one question.")]
    own = [key for key, value in answers.items() if key not in row.answers or not 0 <= value <= measure.most]
    wrong = own if measure.is_own else wrong_in(measure, answers)
    return [_("These questions changed meanwhile. Reload the page and answer again.")] if wrong else []
