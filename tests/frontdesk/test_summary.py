"""The Summary of a chart: pain over time, the last visit, what happened when, and who reads which of it."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from scheduling.actions.confirming import confirm
from tests.treatment.reading_rows import adjusting_note, needles_left, signed_now, told_note, told_signed
from tests.treatment.rows import a_note, acupuncture_visit, child, saved
from tests.treatment.test_records import both
from treatment.actions.after import hand_over, mark_entered_in_error, write_contact_note
from treatment.actions.reactions import record_reaction
from treatment.rules.trend import BOTTOM, TOP, trend

HTMX = {"HX-Request": "true"}
SUMMARY, TIMELINE = 26, 17  # statements
database = pytest.mark.django_db


# ---- the picture


def day(number):
    return date(2026, 10, number)


@pytest.mark.parametrize(
    "points, says",
    [
        ([(day(20), 7), (day(27), 4)], "Down 3 since Oct 20; 2 is a change people notice."),
        ([(day(20), 4), (day(27), 5)], "Up 1 since Oct 20; 2 is a change people notice."),
        ([(day(20), 4), (day(24), 9), (day(27), 4)], "The same as on Oct 20."),
        ([(day(20), 4)], "4 of 10 on Oct 20; one value is no trend yet."),
    ],
)
def test_the_sentence_says_what_the_line_shows(points, says):
    assert trend(points).sentence == says


def test_without_values_there_is_no_picture():
    assert trend([]) is None


def test_ten_is_on_top_and_nothing_at_the_bottom_and_days_keep_their_distance():
    drawn = trend([(day(1), 10), (day(2), 0), (day(5), 5)])
    assert [dot.y for dot in drawn.dots] == [TOP, BOTTOM, (TOP + BOTTOM) // 2]
    first, second, third = (dot.x for dot in drawn.dots)
    assert (third - second) == 3 * (second - first)


def test_several_values_of_one_day_stand_side_by_side():
    xs = [dot.x for dot in trend([(day(1), 3), (day(1), 4)]).dots]
    assert (len(set(xs)), xs == sorted(xs)) == (2, True)


def test_the_band_stays_inside_the_scale():
    top, height = trend([(day(1), 10)]).band
    assert (top, top + height) == (TOP, trend([(day(1), 8)]).dots[0].y)


# ---- the page


def summary_page(patient):
    return reverse("frontdesk:summary", args=[patient.pk])


def timeline_page(patient, show="all"):
    return reverse("frontdesk:timeline", args=[patient.pk]) + f"?show={show}"


def with_pain(cast, clock, on, pain):
    note = a_note(cast, clock=clock, day=on)
    saved(note, said_pain_now=pain)
    return signed_now(note)


@database
def test_pain_is_drawn_from_signed_notes_by_the_day_of_the_visit(cast, client_of):
    with_pain(cast, "10:00", "2026-11-03", 7)
    with_pain(cast, "10:00", "2026-11-10", 4)
    saved(a_note(cast, clock="10:00", day="2026-11-17"), said_pain_now=1)
    wrong = with_pain(cast, "12:00", "2026-11-12", 9)
    mark_entered_in_error(by=cast.mei, pk=wrong.pk, words="wrong chart")
    drawn = client_of(cast.daniel).get(summary_page(cast.maria)).context["trend"]
    assert [(dot.at, dot.pain) for dot in drawn.dots] == [(date(2026, 11, 3), 7), (date(2026, 11, 10), 4)]


@database
def test_the_last_visit_shows_both_disciplines_in_a_few_lines(cast, client_of):
    told_signed(cast, day="2026-11-10")
    booked = both(cast)
    signed_now(adjusting_note(cast, booked))
    last = client_of(cast.mei).get(summary_page(cast.maria)).context["last"]
    assert [(note.discipline.key, lines) for note, lines in last] == [("chiropractic", ["C5 moves freely"])]


@database
def test_movement_says_how_it_was_and_how_it_is(cast, client_of):
    for on, degrees in (("2026-10-20", 45), ("2026-11-03", 60)):
        note = a_note(cast, day=on)
        saved(
            note,
            regions=[
                child("regions", motion="rotation_right", degrees=degrees),
                child("regions", motion="flexion", degrees=50),
                child("regions", region="shoulder", motion="", degrees=None, tone="tight"),
            ],
        )
        signed_now(note)
    saved(a_note(cast, clock="13:00"), regions=[child("regions", motion="rotation_right", degrees=10)])
    moved = client_of(cast.daniel).get(summary_page(cast.maria)).context["moved"]
    assert moved == [("Neck, flexion", "50°"), ("Neck, turn right", "45° on Oct 20, 60° now")]


@database
def test_the_summary_takes_the_same_statements_for_one_note_and_for_three(
    cast, client_of, django_assert_num_queries
):
    client = client_of(cast.daniel)
    with_pain(cast, "10:00", "2026-11-03", 7)
    client.get(summary_page(cast.maria), headers=HTMX)
    with django_assert_num_queries(SUMMARY):
        client.get(summary_page(cast.maria), headers=HTMX)
    for on in ("2026-11-10", "2026-11-17"):
        with_pain(cast, "10:00", on, 4)
    with django_assert_num_queries(SUMMARY):
        client.get(summary_page(cast.maria), headers=HTMX)


@database
def test_reading_the_summary_is_an_event_of_its_own(cast, client_of):
    client_of(cast.mei).get(summary_page(cast.maria), headers=HTMX)
    assert AuditEvent.objects.filter(verb="read summary", by=cast.mei, patient=cast.maria.pk).count() == 1


def lived(cast):
    """A visit of each kind of line, newest at the end of this list."""
    note = told_signed(cast, day="2026-11-17")
    booked = acupuncture_visit(cast, clock="14:00")
    confirm(by=cast.ana, pk=booked.pk, version=booked.version)
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore since Tuesday.")
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light left.")
    record_reaction(by=cast.mei, patient=cast.maria, note=note, kind="BRUISE", grade=1, words="left neck")
    return note


@database
def test_the_timeline_tells_a_clinician_everything(cast, client_of):
    note, client = lived(cast), client_of(cast.daniel)
    found = {
        show: sorted(
            (line.title, line.words) for line in client.get(timeline_page(cast.maria, show)).context["lines"]
        )
        for show in ("visits", "messages", "changes")
    }
    assert found == {
        "visits": [
            ("Acupuncture follow-up, booked", ""),
            ("Acupuncture follow-up, booked", "signed Mei Tan"),
            ("Reaction: Bruising", "left neck"),
        ],
        "messages": [
            ("Call (Mei Tan)", "Sore since Tuesday."),
            ("Handover from Mei Tan to Daniel Lee", "Go light left."),
        ],
        "changes": [("Confirmed", "Acupuncture follow-up, Ana Desk")],
    }  # fmt: skip
    everything = client.get(timeline_page(cast.maria)).context["lines"]
    assert len(everything) == 6
    assert everything[-1].url == reverse("treatment:record", args=[note.appointment_id])


@database
def test_the_front_desk_sees_visits_and_changes_and_no_clinical_word(cast, client_of):
    lived(cast)
    answer = client_of(cast.ana).get(timeline_page(cast.maria))
    lines = answer.context["lines"]
    assert sorted((line.title, line.words) for line in lines) == [
        ("Acupuncture follow-up, booked", ""),
        ("Acupuncture follow-up, booked", ""),
        ("Call (Mei Tan)", ""),
        ("Confirmed", "Acupuncture follow-up, Ana Desk"),
    ]  # fmt: skip
    body = answer.content.decode()
    assert [word for word in ("Sore", "light left", "Bruising", "left neck", "signed") if word in body] == []


@database
def test_the_timeline_takes_the_same_statements_for_few_lines_and_for_many(
    cast, client_of, django_assert_num_queries
):
    client = client_of(cast.daniel)
    lived(cast)
    client.get(timeline_page(cast.maria), headers=HTMX)
    with django_assert_num_queries(TIMELINE):
        client.get(timeline_page(cast.maria), headers=HTMX)
    for number, clock in enumerate(("15:00", "16:00")):
        told_note(cast, clock=clock)
        write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words=f"Call {number}.")
    with django_assert_num_queries(TIMELINE):
        client.get(timeline_page(cast.maria), headers=HTMX)


@database
def test_the_board_says_what_notes_have_left_open(cast, client_of):
    needles_left(cast)
    told_note(cast, clock="13:00")
    hand_over(by=cast.daniel, patient=cast.maria, to_user=cast.mei, words="Go light left.")
    needs = {
        name: [
            (need.kind, need.count, need.urgent)
            for need in client_of(getattr(cast, name)).get(reverse("frontdesk:today")).context["board"].needs
            if need.kind in ("needles_missing", "handovers", "unsigned")
        ]
        for name in ("ana", "mei", "hana")
    }
    assert needs == {
        "ana": [("needles_missing", 1, True)],
        "mei": [("needles_missing", 1, True), ("handovers", 1, False), ("unsigned", 1, False)],
        "hana": [],
    }


@database
@pytest.mark.parametrize("name, statuses", [("ana", [403, 200]), ("olive", [403, 200]), ("theo", [404, 404]),
                                            ("hana", [403, 404]), ("rita", [403, 403])])  # fmt: skip
def test_who_must_not_see_them(cast, client_of, name, statuses):
    client = client_of(getattr(cast, name))
    pages = [summary_page(cast.maria), timeline_page(cast.maria)]
    assert [client.get(page).status_code for page in pages] == statuses
