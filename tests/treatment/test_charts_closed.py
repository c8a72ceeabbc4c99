"""Notes, reactions, handovers and records of a chart that is closed to who asks."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from patients.models import CareTeam, PatientLocation
from practitioners.models import Absence
from tests.intake.closed import CLOSED, opens, restricted, treats
from tests.treatment.notes import integrated_visit
from tests.treatment.reading_rows import needles_left, told_signed
from tests.treatment.rows import a_note, child, part_of, saved, stored
from treatment.actions.after import hand_over, mark_entered_in_error
from treatment.actions.reactions import record_reaction
from treatment.models import Handover, Note, Reaction
from treatment.queries import patients_of_lot
from treatment.queries.reactions import follow_ups_due

pytestmark = pytest.mark.django_db
WORD, CALL = "qmariazreaction", "Go light left."
BY_PATIENT = ["notes", "record", "reactions"]
BY_NOTE = ["note", "earlier", "earlier_save", "state", "saves"]
FORMS = ["progress_letter", "new_handover", "new_reaction", "follow_up", "reported"]
SHOWS = [*BY_PATIENT, *BY_NOTE, "follow_up", "reported"]
FORMS_OF_NOTE = ["add", "make_plan", "templates"]
OPENINGS = ["of_part", "open", "open_of_visit", "open_without_visit"]
JSON_POSTS = (
    *("save", "copy", "apply", "confirm", "line", "speak", "needles"),
    *("sign", "addendum", "templates", "boxes", "reaction", "handover"),
)


@pytest.fixture
def chart(cast):
    """{route: what its address names} of Maria's chart, in which Mei wrote and Daniel did not."""
    note, later = told_signed(cast, clock="12:00"), integrated_visit(cast, cast.maria, clock="14:00")
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="PNEUMO", grade=3, words=WORD)
    part, maria = part_of(later, "chiropractic").pk, cast.maria.pk
    return {
        **{name: [note.pk] for name in (*BY_NOTE, "make_plan", *JSON_POSTS)},
        **{name: [maria, row.pk] for name in ("follow_up", "reported")},
        **{name: [part] for name in ("of_part", "open")},
        "earlier_save": [note.pk, 2],
        "add": [note.pk, "addendum"],
        "record": [note.appointment_id],
        "open_of_visit": [later.pk],
    }


def url(cast, chart, name):
    return reverse(f"treatment:{name}", args=chart.get(name, [cast.maria.pk]))


def asked(client, cast, chart, name):
    address = url(cast, chart, name)
    if name == "of_part" or name not in OPENINGS:
        return client.get(address)
    return client.post(address, {"request_key": new_key(), "discipline": "chiropractic"})


def reason_page(cast):
    return reverse("patients:open_with_reason", args=[cast.maria.pk])


def said(answer):
    return answer.content.decode()


def events(who, patient, verb="read"):
    return AuditEvent.objects.filter(by=who, patient=patient.pk, verb=verb).count()


# ---- pages of a chart


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", BY_PATIENT)
def test_a_page_of_the_patient_asks_for_a_reason(cast, client_of, chart, name, closed):
    CLOSED[closed](cast)
    refused = client_of(cast.daniel).get(url(cast, chart, name))
    assert (refused.status_code, reason_page(cast) in said(refused)) == (403, True)
    assert [word in said(refused) for word in ("still stiff left", WORD)] == [False, False]
    opens(cast.daniel, cast.maria)
    assert client_of(cast.daniel).get(url(cast, chart, name)).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", BY_NOTE)
def test_a_note_is_not_there_until_its_chart_is_opened(cast, client_of, chart, name, closed):
    CLOSED[closed](cast)
    assert client_of(cast.daniel).get(url(cast, chart, name)).status_code == 404
    opens(cast.daniel, cast.maria)
    answer = client_of(cast.daniel).get(url(cast, chart, name))
    assert (answer.status_code, events(cast.daniel, cast.maria)) == (200, 1)


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", FORMS)
def test_who_opened_with_a_reason_gets_no_form(cast, client_of, chart, name, closed):
    CLOSED[closed](cast)
    first = client_of(cast.daniel).get(url(cast, chart, name))
    opens(cast.daniel, cast.maria)
    second = client_of(cast.daniel).get(url(cast, chart, name))
    treats(cast.daniel, cast.maria)
    third = client_of(cast.daniel).get(url(cast, chart, name))
    assert [one.status_code for one in (first, second, third)] == [403, 403, 200]
    assert ("Open to read only" in said(first), "Open to read only" in said(second)) == (False, True)
    assert WORD not in said(first) + said(second)


@pytest.mark.parametrize("name", FORMS_OF_NOTE)
def test_nothing_is_added_to_a_note_with_a_reason(cast, client_of, chart, name):
    restricted(cast)
    client, page = client_of(cast.daniel), url(cast, chart, name)
    first = client.get(page).status_code
    opens(cast.daniel, cast.maria)
    second = client.get(page).status_code
    treats(cast.daniel, cast.maria)
    assert [first, second, client.get(page).status_code < 400] == [404, 404, True]


@pytest.mark.parametrize("name", JSON_POSTS)
def test_what_the_note_s_script_sends_is_refused_with_a_reason(cast, client_of, chart, name):
    """What is no JSON is read, and answered with 400, once the chart is open to write in."""
    restricted(cast)
    client, page, found = client_of(cast.daniel), url(cast, chart, name), []
    for opening in (lambda *_: None, opens, treats):
        opening(cast.daniel, cast.maria)
        found.append(client.post(page, "no", content_type="application/json").status_code)
    assert found == [404, 404, 400]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", OPENINGS)
def test_nobody_lets_themselves_in_by_opening_a_note(cast, client_of, chart, name, closed):
    CLOSED[closed](cast)
    first = asked(client_of(cast.daniel), cast, chart, name)
    assert (first.status_code, reason_page(cast) in said(first)) == (403, True)
    opens(cast.daniel, cast.maria)
    second = asked(client_of(cast.daniel), cast, chart, name)
    assert (second.status_code, "Open to read only" in said(second)) == (403, True)
    team = CareTeam.objects.filter(user=cast.daniel).values_list("why", flat=True)
    assert (Note.objects.filter(author=cast.daniel).exists(), list(team)) == (False, ["reason"])
    treats(cast.daniel, cast.maria)
    assert asked(client_of(cast.daniel), cast, chart, name).status_code == 302
    assert Note.objects.filter(author=cast.daniel).exists() == (name != "of_part")


def test_a_visit_of_a_closed_chart_does_not_say_whose_discipline_it_is_of(cast, client_of, chart):
    restricted(cast)
    chart["open_of_visit"] = chart["record"]
    assert asked(client_of(cast.daniel), cast, chart, "open_of_visit").status_code == 403


def test_who_reads_with_a_reason_finds_no_button_that_would_be_refused(cast, client_of, chart):
    restricted(cast)
    opens(cast.daniel, cast.maria)
    client = client_of(cast.daniel)
    writing = ["new_handover", "new_reaction", "follow_up", "reported", "add", "open", "open_without_visit"]
    addresses = {name: url(cast, chart, name) for name in writing}
    addresses["export"] = reverse("frontdesk:chart_pdf", args=[cast.maria.pk])
    pages = [url(cast, chart, name) for name in ("notes", "reactions", "note")]

    def found():
        text = "".join(said(client.get(page)) for page in pages)
        return {name for name, address in addresses.items() if f'"{address}"' in text}

    assert found() == set()
    treats(cast.daniel, cast.maria)
    assert found() == set(addresses)


def test_the_call_note_is_everybodys_and_leads_where_its_writer_may_go(cast, client_of, chart):
    restricted(cast)
    client, page = client_of(cast.daniel), url(cast, chart, "new_contact")
    shown = []
    for opening in (lambda *_: None, opens):
        opening(cast.daniel, cast.maria)
        assert client.get(page).status_code == 200
        answer = client.post(page, {"request_key": new_key(), "kind": "call", "words": "She called."})
        shown.append(answer["Location"])
    assert shown == [reverse("patients:chart", args=[cast.maria.pk]), url(cast, chart, "notes")]


@pytest.mark.parametrize("name", [*BY_PATIENT, *BY_NOTE])
def test_an_owner_who_treats_nobody_reads_with_a_reason_alone(cast, client_of, chart, name):
    client, page = client_of(cast.olive), url(cast, chart, name)
    assert client.get(page).status_code == (403 if name in BY_PATIENT else 404)
    opens(cast.olive, cast.maria)
    answer = client.get(page)
    assert (answer.status_code, events(cast.olive, cast.maria)) == (200, 1)
    boxes = reverse("treatment:needle_boxes")
    assert boxes not in said(answer)


@pytest.mark.parametrize("name", SHOWS)
def test_every_view_is_written_down_once(cast, client_of, chart, name):
    assert client_of(cast.daniel).get(url(cast, chart, name)).status_code == 200
    assert events(cast.daniel, cast.maria) == 1


# ---- lists across patients


def test_a_handover_to_me_stays_when_its_chart_is_closed(cast, client_of, chart):
    row = Handover.objects.create(
        patient=cast.maria, to_user=cast.daniel, words=CALL, by=cast.mei, at=Note.objects.get().signed_at
    )
    restricted(cast)
    client, page = client_of(cast.daniel), reverse("treatment:handovers")
    seen = reverse("treatment:seen", args=[row.pk])
    shown = said(client.get(page))
    assert [text in shown for text in ("Garcia, Maria", reason_page(cast), CALL)] == [True, True, False]
    assert client.post(seen, {"request_key": new_key()}).status_code == 404
    assert events(cast.daniel, cast.maria, "read in a list") == 0
    opens(cast.daniel, cast.maria)
    shown = said(client.get(page))
    assert [text in shown for text in ("Garcia, Maria", reason_page(cast), CALL)] == [True, False, True]
    assert events(cast.daniel, cast.maria, "read in a list") == 1
    assert client.post(seen, {"request_key": new_key()}).status_code == 403
    treats(cast.daniel, cast.maria)
    assert client.post(seen, {"request_key": new_key()}).status_code == 303


def test_handing_over_opens_the_chart_to_who_gets_it(cast, client_of, chart):
    restricted(cast)
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words=CALL)
    client = client_of(cast.daniel)
    pages = [reverse("treatment:handovers"), url(cast, chart, "notes")]
    assert [CALL in said(client.get(page)) for page in pages] == [True, True]


def test_needles_not_accounted_for_stand_there_whosever_chart_it_is(cast, client_of):
    note = needles_left(cast)
    restricted(cast)
    client, page = client_of(cast.daniel), reverse("treatment:needles_missing")
    address = reverse("treatment:note", args=[note.pk])
    for opened in (False, True):
        shown = said(client.get(page))
        assert ("Garcia, Maria" in shown, "1 missing" in shown) == (True, True)
        assert (address in shown, reason_page(cast) in shown) == (opened, not opened)
        opens(cast.daniel, cast.maria)


def test_a_recall_finds_everybody_who_was_needled_from_the_lot(cast, client_of):
    note = a_note(cast)
    saved(note, sets=[child("sets")], said_words="still stiff left")
    restricted(cast)
    assert patients_of_lot("2409A", cast.daniel) == [note]
    page = client_of(cast.daniel).get(reverse("treatment:lot") + "?lot=2409A")
    assert ("Garcia, Maria" in said(page), "still stiff left" in said(page)) == (True, False)


def test_the_owners_list_says_that_a_rule_was_gone_against_and_in_an_open_chart_which(cast, client_of):
    saved(a_note(cast), against=[child("against", words="She is pregnant.")])
    client, page = client_of(cast.olive), reverse("treatment:against")
    texts = ("Garcia, Maria", "Mei Tan", "She is pregnant.", "GB20", "shallow")
    shown = said(client.get(page))
    assert [text in shown for text in texts] == [True, True, False, False, False]
    assert reason_page(cast) in shown
    assert events(cast.olive, cast.maria, "read in a list") == 0
    opens(cast.olive, cast.maria)
    shown = said(client.get(page))
    assert [text in shown for text in texts] == [True] * 5
    assert events(cast.olive, cast.maria, "read in a list") == 1


def test_the_owner_looks_after_notes_entered_in_error_without_opening_a_chart(cast, client_of):
    note = told_signed(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    restricted(cast)
    client = client_of(cast.olive)
    assert len(client.get(reverse("treatment:errors")).context["rows"]) == 1
    shown = client.post(reverse("treatment:error", args=[note.pk]), {"reason": "complaint of Nov 23"})
    assert shown.context["one"].said[0] == ("Pain now", "4 of 10")
    assert client.get(reverse("treatment:notes", args=[cast.maria.pk])).status_code == 403


def test_reactions_to_look_at_again_are_of_open_charts(cast, chart, now):
    until = now + timedelta(days=30)
    assert follow_ups_due(cast.daniel, until).count() == 1
    restricted(cast)
    assert [follow_ups_due(one, until).count() for one in (cast.daniel, cast.mei)] == [0, 1]


# ---- who is in the room


def test_a_chart_that_closes_while_somebody_writes_loses_nothing(cast, client_of):
    note, client = a_note(cast), client_of(cast.mei)
    page = reverse("treatment:note", args=[note.pk])
    client.get(page)
    restricted(cast)
    body = {"version": note.version, "state": {**stored(note), "said_words": "half a sentence"}}
    sent = client.post(
        reverse("treatment:save", args=[note.pk]), json.dumps(body), content_type="application/json"
    )
    assert (sent.status_code, Note.objects.get().said_words) == (200, "half a sentence")
    assert client.get(page).templates[0].name == "treatment/note.html"


def test_a_draft_in_a_chart_that_its_author_only_reads_is_read(cast, client_of, now):
    note = a_note(cast)
    restricted(cast)
    CareTeam.objects.filter(user=cast.mei).update(until=now)
    opens(cast.mei, cast.maria)
    answer = client_of(cast.mei).get(reverse("treatment:note", args=[note.pk]))
    assert (answer.templates[0].name, answer.context["additions"]) == ("treatment/reading.html", [])


def needles_in(cast, at, since):
    PatientLocation.objects.update_or_create(
        patient=cast.maria, location=at, defaults={"needles_in_since": since}
    )


def away(cast, now):
    Absence.objects.create(
        practitioner=cast.daniel.practitioner,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
        kind="ill",
    )


def test_who_is_on_duty_reads_and_writes_while_needles_are_in(cast, client_of, now):
    restricted(cast)
    needles_in(cast, cast.uptown, now - timedelta(minutes=20))
    client = client_of(cast.daniel)
    assert client.get(reverse("treatment:notes", args=[cast.maria.pk])).status_code == 200
    page = reverse("treatment:new_reaction", args=[cast.maria.pk]) + "?kind=FAINT"
    assert client.post(page, {"request_key": new_key(), "grade": 2, "words": "Pale."}).status_code == 303
    assert Reaction.objects.get().by == cast.daniel


@pytest.mark.parametrize("but", ["away", "elsewhere", "out"])
def test_needles_open_it_to_nobody_else_and_no_longer(cast, client_of, now, but):
    restricted(cast)
    place = cast.harbor if but == "elsewhere" else cast.uptown
    needles_in(cast, place, None if but == "out" else now - timedelta(minutes=20))
    if but == "away":
        away(cast, now)
    client = client_of(cast.daniel)
    assert client.get(reverse("treatment:notes", args=[cast.maria.pk])).status_code == 403
    page = reverse("treatment:new_reaction", args=[cast.maria.pk]) + "?kind=FAINT"
    assert client.post(page, {"request_key": new_key(), "grade": 2}).status_code == 403
    assert not Reaction.objects.exists()
