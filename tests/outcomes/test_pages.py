"""The chart's page of scores, its panels, and the page of a hard answer."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from messaging.models import StaffTask
from outcomes.models import Activity, Assessment, Score
from tests.cast import NOW
from tests.outcomes.rows import PEG, TODAY, a_check, answered, nrs, treated

pytestmark = pytest.mark.django_db
PEG_POSTED = {f"PEG-{key}": value for key, value in PEG.items()}
HARD = {"PHQ2": {"phq_1": 2, "phq_2": 2}}


def page_of(patient):
    return reverse("outcomes:scores", args=[patient.pk])


def address(name, *args):
    return reverse(f"outcomes:{name}", args=[each.pk for each in args])


def post(client, where, **fields):
    return client.post(where, {"request_key": new_key(), **fields})


# The page


def test_the_page_of_a_patient_without_scores(cast, client_of):
    page = client_of(cast.mei).get(page_of(cast.maria))
    assert (page.context["trends"], page.context["due"]) == ([], [])
    assert "No score so far" in page.content.decode()
    assert "Ask now" in page.content.decode()


def test_the_page_shows_sentence_picture_and_numbers(cast, client_of):
    answered(cast, nrs(7), days=35, occasion="baseline")
    answered(cast, nrs(4), days=1)
    page = client_of(cast.mei).get(page_of(cast.maria))
    (trend,) = page.context["trends"]
    words = page.content.decode()
    assert words.count(trend.sentence) == 2  # above the picture, and as its description
    assert '<polyline class="score-line"' in words
    assert words.count('<th scope="row">') == 2
    assert "style=" not in words.split("<main")[1]


def test_opening_it_is_written_down(cast, client_of):
    client_of(cast.mei).get(page_of(cast.maria))
    event = AuditEvent.objects.filter(verb="read").get()
    assert (event.by, event.patient) == (cast.mei, cast.maria.pk)


@pytest.mark.parametrize("times", [1, 3])
def test_the_page_takes_as_many_statements_for_one_as_for_three(
    cast, client_of, times, django_assert_num_queries
):
    for number in range(times):
        treated(cast, cast.maria, f"2026-11-{10 + number}")
        answered(cast, {**nrs(4), "PEG": PEG, **HARD}, days=number + 1, lead=cast.mei)
        a_check(cast, "NRS", due_on=TODAY + timedelta(days=60 + number))
    mei = client_of(cast.mei)
    mei.get(page_of(cast.maria))
    with django_assert_num_queries(26):
        mei.get(page_of(cast.maria))


@pytest.mark.parametrize(
    ("who", "status"), [("ana", 403), ("olive", 403), ("theo", 404), ("mei", 200), ("daniel", 200)]
)
def test_who_may_read_scores(cast, client_of, who, status):
    answered(cast, nrs(7))
    assert client_of(getattr(cast, who)).get(page_of(cast.maria)).status_code == status


def test_one_score_has_no_picture(cast, client_of):
    answered(cast, nrs(7))
    words = client_of(cast.mei).get(page_of(cast.maria)).content.decode()
    assert "score-line" not in words
    assert "7 on Nov 24, the first score." in words


def test_what_is_due_missed_and_to_come_is_listed(cast, client_of):
    a_check(cast, "NRS", due_on=TODAY - timedelta(days=30), occasion="mid_course")
    a_check(cast, "NRS", "PHQ2", occasion="re_evaluation")
    a_check(cast, "NRS", due_on=TODAY + timedelta(days=60), occasion="3_months")
    page = client_of(cast.mei).get(page_of(cast.maria))
    found = [[check.occasion for check in page.context[name]] for name in ("due", "missed", "later")]
    assert found == [["re_evaluation"], ["mid_course"], ["3_months"]]
    assert "Pain numeric rating scale, PHQ-2" in page.content.decode()


# Asking


def test_ask_now_opens_a_check(cast, client_of):
    mei, where = client_of(cast.mei), reverse("outcomes:ask", args=[cast.maria.pk])
    form = mei.get(where).context["form"]
    assert form.initial == {"measures": ["NRS", "PEG"]}
    assert len(form.fields["measures"].choices) == 8
    assert post(mei, where, measures=["NRS", "PEG"])["Location"] == page_of(cast.maria)
    row = Assessment.objects.get()
    assert (row.measures, row.occasion, row.due_on, row.lead) == (["NRS", "PEG"], "baseline", TODAY, cast.mei)
    again = post(mei, where, measures=["PEG"])
    assert again.status_code == 422
    assert again.context["form"].non_field_errors() == [
        "A score check is open already. Hand that one over, or cancel it first."
    ]


def test_asking_nothing_is_refused_and_what_is_made_up_too(cast, client_of):
    where = reverse("outcomes:ask", args=[cast.maria.pk])
    assert post(client_of(cast.mei), where).status_code == 422
    assert post(client_of(cast.mei), where, measures=["NDI"]).status_code == 422
    assert not Assessment.objects.exists()


def test_a_clinician_asks_and_taps(cast, client_of):
    check = a_check(cast, "PEG")
    mei, where = client_of(cast.mei), address("answer", cast.maria, check)
    assert [block.measure.key for block in mei.get(where).context["blocks"]] == ["PEG"]
    assert post(mei, where, **{"PEG-peg_p": 1}).status_code == 422
    assert post(mei, where, **PEG_POSTED)["Location"] == page_of(cast.maria)
    score = Score.objects.get()
    assert (score.score, score.how, score.by) == (5, "clinician", cast.mei)
    assert post(mei, where, **PEG_POSTED).status_code == 409


def test_a_check_is_cancelled(cast, client_of):
    check = a_check(cast, "PEG")
    mei, where = client_of(cast.mei), address("cancel", cast.maria, check)
    assert post(mei, where, version=7).status_code == 409
    assert post(mei, where, version=check.version)["Location"] == page_of(cast.maria)
    check.refresh_from_db()
    assert check.status == "cancelled"


@pytest.mark.parametrize("name", ["answer", "cancel", "give"])
def test_another_patients_check_is_not_found(cast, client_of, name):
    check = a_check(cast, "PEG")
    assert post(client_of(cast.mei), address(name, cast.rita, check), version=1).status_code == 404


# Totals and corrections


def test_a_total_is_typed_in(cast, client_of):
    mei, where = client_of(cast.mei), reverse("outcomes:type_in", args=[cast.maria.pk])
    choices = mei.get(where).context["form"].fields["measure"].choices
    # Those whose questions are not ours to show come first.
    assert [key for key, _name in choices][:2] == ["NDI", "ODI"]
    wrong = post(mei, where, measure="NDI", total="80")
    assert wrong.context["form"].non_field_errors() == [
        "The total of Neck Disability Index lies between 0 and 50. Look at the form again."
    ]
    assert post(mei, where, measure="NDI", total="24")["Location"] == page_of(cast.maria)
    score = Score.objects.get()
    assert (score.score, score.how) == (24, "typed")
    correct = address("correct", cast.maria, score)
    assert mei.get(correct).context["form"].initial == {"total": 24}
    post(mei, correct, total="14")
    page = mei.get(page_of(cast.maria))
    assert page.context["trends"][0].latest.words == "14, mild"
    assert mei.get(correct).status_code == 404  # the wrong row stands no more


def test_answers_are_corrected_on_the_same_questions(cast, client_of):
    (score,) = answered(cast, {"PEG": PEG}, days=2)
    mei, where = client_of(cast.mei), address("correct", cast.maria, score)
    chosen = [
        choice.value
        for question in mei.get(where).context["blocks"][0].questions
        for choice in question.choices
        if choice.chosen
    ]
    assert chosen == [6, 5, 4]
    assert post(mei, where, **PEG_POSTED | {"PEG-peg_p": 9})["Location"] == page_of(cast.maria)
    made = Score.objects.get(replaces=score)
    assert (made.score, made.at, made.by, made.how) == (6, NOW - timedelta(days=2), cast.mei, "tablet")


def test_own_activities_are_corrected_under_their_names(cast, client_of):
    (score,) = answered(cast, {}, named={1: ("Driving", 2)})
    own = str(Activity.objects.get().pk)
    mei, where = client_of(cast.mei), address("correct", cast.maria, score)
    assert mei.get(where).context["blocks"][0].questions[0].text == "Driving"
    post(mei, where, **{f"ACT3-{own}": 5})
    assert Score.objects.get(replaces=score).score == 5
    Activity.objects.update(ended_at=NOW, version=2)
    assert mei.get(address("correct", cast.maria, Score.objects.get(replaces=score))).status_code == 404


# Hard answers


def test_the_named_clinician_finds_the_steps_and_says_what_was_done(cast, client_of):
    answered(cast, HARD, lead=cast.mei)
    mei, task = client_of(cast.mei), StaffTask.objects.get()
    assert (task.for_user, task.patient) == (cast.mei, cast.maria.pk)
    where = reverse("outcomes:talk", args=[task.pk])
    said = mei.get(where).context["said"]
    assert [one.name for one in said] == ["PHQ-2"]
    assert post(mei, where, outcome=" ").context["form"].non_field_errors() == [
        "Say in a few words what was done."
    ]
    assert post(mei, where, outcome="Talked; PHQ-9 on Friday")["Location"] == page_of(cast.maria)
    task.refresh_from_db()
    assert (task.closed_by, task.outcome, task.closed_at) == (cast.mei, "Talked; PHQ-9 on Friday", NOW)
    assert [one.closed_at for one in mei.get(page_of(cast.maria)).context["talks"]] == [NOW]
    assert post(mei, where, outcome="Again").status_code == 409


def test_the_chart_says_who_talks_and_that_somebody_did(cast, client_of):
    answered(cast, HARD, lead=cast.mei)
    words = client_of(cast.daniel).get(page_of(cast.maria)).content.decode()
    assert f"Hard answers: {cast.mei.name} talks with the patient" in words
    where = reverse("outcomes:talk", args=[StaffTask.objects.get().pk])
    # A colleague who sees the chart may do it, too.
    assert post(client_of(cast.daniel), where, outcome="Talked")["Location"] == page_of(cast.maria)
    words = client_of(cast.mei).get(page_of(cast.maria)).content.decode()
    assert f"Talked with by {cast.daniel.name}, Nov 24, 2026" in words


@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("olive", 403), ("theo", 404), ("daniel", 200)])
def test_who_may_open_a_hard_answer(cast, client_of, who, status):
    answered(cast, HARD, lead=cast.mei)
    where = reverse("outcomes:talk", args=[StaffTask.objects.get().pk])
    assert client_of(getattr(cast, who)).get(where).status_code == status


def test_another_to_do_is_not_opened_here(cast, client_of):
    task = StaffTask.objects.create(
        kind="report_reaction", title="x", about="y", patient=cast.maria.pk, opened_at=NOW
    )
    assert client_of(cast.mei).get(reverse("outcomes:talk", args=[task.pk])).status_code == 404
