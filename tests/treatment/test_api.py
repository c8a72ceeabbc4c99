"""The addresses that the note's script calls: JSON in, JSON out, refusals included."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from acupoints.queries import catalogue
from clinic.models import AuditEvent
from clinic.submissions import new_key
from scheduling.models import ActualTime, Status
from tests.treatment.rows import a_note, acupuncture_visit, child, full_note, part_of, saved, stored
from tests.treatment.test_signed import ready_but_for_needles, signed_note
from treatment.actions.after import mark_entered_in_error
from treatment.models import Note, Reaction, ReactionKind
from treatment.rules.state import empty_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client_of, cast):
    """`call("save", note, {…})`: Mei posts JSON; the answer's status and content."""

    def call(name, note, body, by=None):
        answer = client_of(by or cast.mei).post(
            reverse(f"treatment:{name}", args=[note.pk]), body, content_type="application/json"
        )
        return answer.status_code, answer.json()

    return call


def test_opening_leads_to_the_note_and_again_to_the_same(cast, client_of):
    part, key = part_of(acupuncture_visit(cast)), new_key()
    client, url = client_of(cast.mei), reverse("treatment:open", args=[part.pk])
    first = client.post(url, {"request_key": key})
    note = Note.objects.get()
    assert (first.status_code, first.url) == (302, reverse("treatment:note", args=[note.pk]))
    again = client.post(url, {"request_key": key})
    assert (again.status_code, again.url) == (303, reverse("treatment:of_part", args=[part.pk]))
    assert client.get(again.url).url == first.url


def test_opening_without_a_visit(cast, client_of):
    url = reverse("treatment:open_without_visit", args=[cast.maria.pk])
    answer = client_of(cast.mei).post(url, {"request_key": new_key(), "discipline": "acupuncture"})
    note = Note.objects.get()
    assert (answer.url, note.patient, note.location) == (
        reverse("treatment:note", args=[note.pk]), cast.maria, cast.uptown,
    )  # fmt: skip
    refused = client_of(cast.mei).post(url, {"request_key": new_key(), "discipline": "magic"})
    assert refused.status_code == 422


def test_the_state_says_all_the_page_needs(cast, client_of):
    last = signed_note(cast, day="2026-11-17")
    note = a_note(cast)
    answer = client_of(cast.mei).get(reverse("treatment:state", args=[note.pk])).json()
    assert set(answer) == {
        "note", "state", "last", "boxes", "verdicts", "reasons_not_to_sign", "may_sign_all_the_same",
    }  # fmt: skip
    assert answer["state"] == empty_state()
    assert (answer["last"]["id"], answer["last"]["state"]) == (str(last.pk), stored(last))
    about = answer["note"]
    assert (about["version"], about["editable"], about["discipline"]) == (1, True, "acupuncture")
    assert (about["patient"]["called"], about["patient"]["age"]) == ("Maria", 41)
    assert about["visit"]["planned_order"] == ["acupuncture"]
    assert [one["name"] for one in about["colleagues"]] == [
        "Daniel Lee",
        "Jo Ruiz",
        "Ken Moss",
        "Sam Park",
        "Theo Vance",
    ]
    assert AuditEvent.objects.filter(verb="read", patient=cast.maria.pk, by=cast.mei).count() == 1


def test_a_colleague_reads_and_does_not_write(cast, client_of, call):
    note = a_note(cast)
    answer = client_of(cast.daniel).get(reverse("treatment:state", args=[note.pk]))
    assert (answer.status_code, answer.json()["note"]["editable"]) == (200, False)
    status, answer = call("save", note, {"version": 1, "state": empty_state()}, by=cast.daniel)
    assert (status, answer["reasons"]) == (422, ["Only its author writes on a note. Open your own."])


def reading(client, note):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("treatment:state", args=[note.pk])).status_code == 200
    return len(asked)


def test_a_full_note_is_read_in_as_many_statements_as_one_with_one_point(cast, client_of):
    small, large = a_note(cast), a_note(cast, clock="13:00")
    saved(small, needlings=[child("needlings")])
    saved(large, needlings=[child("needlings", code=f"ST{number}") for number in range(36, 45)])
    client = client_of(cast.mei)
    catalogue()  # kept by the process from here on
    assert (reading(client, small), reading(client, large)) == (38, 38)


def test_saving_answers_the_version_the_state_and_what_the_rules_say(cast, call, now):
    note, point = a_note(cast), child("needlings", code="GB21", side="left", needles_in=1)
    status, answer = call(
        "save", note, {"version": 1, "state": {"needlings": [point], "said_words": "stiff"}}
    )
    assert (status, answer["version"], answer["problems"]) == (200, 2, [])
    assert answer["saved_at"] == now.isoformat()
    assert answer["state"] == stored(note)
    assert answer["state"]["needlings"][0]["region"] == "shoulder"
    assert [(one["child"], one["subject"], one["rule"], one["severity"]) for one in answer["verdicts"]] == [
        (point["id"], "GB21", "CI004", "caution")
    ]
    assert answer["reasons_not_to_sign"][0] == "1 needle is missing: shoulder, left."


def saving(client, note, points):
    state = {
        **stored(note),
        "needlings": [child("needlings", code=code) for code in points],
        "said_words": "x",
    }
    url = reverse("treatment:save", args=[note.pk])
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(url, {"version": 1, "state": state}, content_type="application/json")
    assert answer.status_code == 200
    return len(asked)


def test_saving_twenty_points_over_http_takes_as_many_statements_as_one(cast, client_of):
    note, other, client = a_note(cast), a_note(cast, clock="13:00"), client_of(cast.mei)
    catalogue()  # kept by the process from here on
    codes = [f"ST{number}" for number in range(25, 45)]
    assert (saving(client, note, codes[:1]), saving(client, other, codes)) == (28, 28)


def test_a_stale_save_is_answered_with_both_states(cast, call):
    note = a_note(cast)
    saved(note, said_words="first window")
    status, answer = call("save", note, {"version": 1, "state": {"said_words": "second window"}})
    assert (status, answer["version"]) == (409, 2)
    assert (answer["state"]["said_words"], answer["yours"]["said_words"]) == ("first window", "second window")
    assert stored(note)["said_words"] == "first window"


def test_the_same_save_sent_twice_is_one_save(cast, call):
    note, body = a_note(cast), {"version": 1, "state": {"said_words": "stiff"}}
    first, again = call("save", note, body), call("save", note, body)
    assert (first[0], again[0], first[1]["version"], again[1]["version"]) == (200, 200, 2, 2)


@pytest.mark.parametrize(
    "body, status",
    [
        ("", 400),
        ("[]", 400),
        ("{", 400),
        ('{"version": 1, "state": {"said_pain_now": NaN}}', 400),
        ("[" * 100_000, 400),
        ('{"state": {}}', 428),
        ('{"version": "1", "state": {}}', 428),
        ('{"version": true, "state": {}}', 428),
        ('{"version": 1}', 422),
        ('{"version": 1, "state": []}', 422),
        ('{"version": 1, "state": {"needlings": [{"id": {}}]}}', 422),
        ('{"version": 1, "state": {"felt": {}, "said_change": [], "carried": {}}}', 422),
        ('{"version": 1, "state": {"said_words": "\\ud800 \\u0000"}}', 200),
    ],
)
def test_what_is_no_draft_is_answered_plainly(cast, client_of, body, status):
    note = a_note(cast)
    url = reverse("treatment:save", args=[note.pk])
    answer = client_of(cast.mei).post(url, body, content_type="application/json")
    assert answer.status_code == status
    assert (status == 200) != bool(answer.json().get("reasons"))


def test_a_form_is_no_draft(cast, client_of):
    answer = client_of(cast.mei).post(reverse("treatment:save", args=[a_note(cast).pk]), {"version": 1})
    assert answer.status_code == 400


def test_the_line_is_read_into_needlings(cast, call):
    status, answer = call("line", a_note(cast), {"text": "LV3 b 15mm, ashi L trap x3, blorp"})
    assert status == 200
    read = [(one["kind"], one["code"], one["place"], one["side"], one["needles_in"], one["depth_mm"], one["region"])
            for one in answer["items"]]  # fmt: skip
    assert read == [("point", "LR3", "", "both", 2, 15, "foot"), ("ashi", "", "trap", "left", 3, None, "")]
    assert [problem["text"] for problem in answer["problems"]] == ["blorp"]
    items = [{"id": str(uuid4()), **item} for item in answer["items"]]
    assert call("save", a_note(cast, clock="13:00"), {"version": 1, "state": {"needlings": items}})[0] == 200


def test_the_line_completes_at_the_cursor(cast, call):
    _, answer = call("line", a_note(cast), {"text": "LI4, GB2", "cursor": 8})
    assert answer["offers"][0]["code"] == "GB2"


def test_the_rules_speak_about_a_choice_that_is_not_made_yet(cast, call):
    asked = {"choices": [{"modality": "manual_acupuncture", "point": "ST17", "side": "left"}]}
    status, answer = call("speak", a_note(cast), asked)
    (verdict,) = (one for one in answer["verdicts"] if one["severity"] == "absolute")
    assert (status, verdict["rule"], verdict["action"], verdict["may_override"]) == (
        200,
        "CI001",
        "block",
        False,
    )
    assert call("speak", a_note(cast, clock="13:00"), {"choices": [{"point": "ST17"}]})[0] == 422


def test_same_as_last_time_and_confirmed(cast, call):
    signed_note(cast, day="2026-11-17")
    note = a_note(cast)
    _, answer = call("copy", note, {"version": 1})
    assert (answer["version"], len(answer["state"]["carried"])) == (2, 4)
    _, answer = call("confirm", note, {"version": 2, "names": "all"})
    assert (answer["version"], answer["state"]["carried"]) == (3, [])
    assert call("confirm", note, {"version": 3, "names": 4})[0] == 422


def test_templates_are_kept_listed_and_applied(cast, client_of, call):
    note = a_note(cast)
    full_note(note)
    _, answer = call("templates", note, {"name": "Neck", "shared": False})
    (line,) = answer["templates"]
    assert (line["name"], line["shared"]) == ("Neck", False)
    other = a_note(cast, clock="13:00")
    listed = client_of(cast.mei).get(reverse("treatment:templates", args=[other.pk])).json()
    assert listed["templates"] == [line]
    _, answer = call("apply", other, {"version": 1, "template": line["id"]})
    assert len(answer["state"]["carried"]) == 4


def test_boxes_are_opened_where_the_note_is(cast, call):
    body = {"size": "N2030", "brand": "Seirin", "lot": "2409a", "expires_on": "2027-03-01", "press": False}
    status, answer = call("boxes", a_note(cast), body)
    assert (status, [(box["lot"], box["expired"]) for box in answer["boxes"]]) == (200, [("2409A", False)])
    status, answer = call("boxes", a_note(cast, clock="13:00"), {**body, "expires_on": "2026-01-01"})
    assert (status, answer["reasons"]) == (422, ["This lot expired on Jan 1, 2026. Open another box."])


def test_needles_in_is_a_fact_of_the_visit(cast, call):
    note = a_note(cast)
    status, answer = call("needles", note, {"what": "needles_in"})
    assert (status, answer["reasons"]) == (422, ["Check Maria in first."])
    visit = note.appointment
    visit.status = Status.ARRIVED
    visit.save()
    assert call("needles", note, {"what": "needles_in"})[0] == 200
    assert call("needles", note, {"what": "needles_out"})[0] == 200
    facts = list(
        ActualTime.objects.filter(appointment=visit)
        .order_by("entered_at", "what")
        .values_list("what", flat=True)
    )
    assert sorted(facts) == ["last_needle_in", "needles_out"]
    assert call("needles", note, {"what": "dance"})[0] == 422


def test_signing_says_what_is_missing_and_takes_a_reason_for_needles(cast, call):
    note = ready_but_for_needles(cast)
    status, answer = call("sign", note, {"version": 2})
    assert (status, answer["may_sign_all_the_same"], len(answer["reasons"])) == (422, True, 2)
    status, answer = call("sign", note, {"version": 2, "emergency_reason": "fire alarm"})
    assert (status, Note.objects.get(pk=note.pk).emergency_reason) == (200, "fire alarm")
    assert call("save", note, {"version": 3, "state": empty_state()})[1]["reasons"] == [
        "This note is signed. Write an addendum instead."
    ]


def test_signing_writes_what_nobody_answered_on_the_owners_list(cast, call):
    note = a_note(cast)
    saved(
        note,
        needlings=[child("needlings", code="ST17", side="left", needles_in=1)],
        counts=[child("counts", region="chest", side="left", out=1)],
        against=[child("against", rule="consent:acupuncture")],
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
    )
    assert call("sign", note, {"version": 2})[0] == 200
    lines = [(row["rule"], row["subject"], row["how"], row["reason"]) for row in stored(note)["against"]]
    assert lines == [("consent:acupuncture", "GB20", "chosen", "shallow"), ("CI001", "ST17", "done", "")]


def test_choosing_against_an_absolute_rule_needs_the_owners_permission(cast, call):
    note = a_note(cast)
    row = child("against", rule="CI001", subject="ST17", severity="caution", how="chosen")
    _, answer = call("save", note, {"version": 1, "state": {"against": [row]}})
    assert (answer["state"]["against"], [one["where"] for one in answer["problems"]]) == (
        [],
        [f"against/{row['id']}"],
    )
    _, answer = call("save", note, {"version": 1, "state": {"against": [{**row, "how": "done"}]}})
    assert [(one["severity"], one["how"]) for one in answer["state"]["against"]] == [("absolute", "done")]


def test_addenda_are_written_through_the_note(cast, call):
    note = signed_note(cast)
    status, _ = call("addendum", note, {"kind": "addendum", "words": "She called."})
    assert (status, note.addenda.get().words) == (200, "She called.")
    assert call("addendum", note, {"kind": "poem", "words": "x"})[0] == 422


def test_earlier_saves_are_listed_and_read(cast, client_of):
    note = a_note(cast)
    saved(note, said_words="one")
    client, url = client_of(cast.mei), reverse("treatment:saves", args=[note.pk])
    assert [one["version"] for one in client.get(url).json()["saves"]] == [2, 1]
    assert client.get(f"{url}?version=2").json()["state"]["said_words"] == "one"
    assert [client.get(f"{url}?version={asked}").status_code for asked in ("9", "x", "²")] == [422, 422, 422]


def test_a_reaction_is_recorded_and_answered_with_what_to_do_first(cast, call):
    columns = {"event": "Faint", "first_action": "Needles out, lie down.", "stops_session": True}
    ReactionKind.objects.create(
        key="T_FAINT", external_report="grade_2_or_more", report_to="The carrier", **columns
    )
    note, body = a_note(cast), {"kind": "T_FAINT", "grade": 2, "serious": False, "onset": "at once"}
    status, answer = call("reaction", note, body)
    row = Reaction.objects.get()
    assert (status, row.note, row.onset, row.patient) == (200, note, "at once", cast.maria)
    assert answer == {
        "id": str(row.pk),
        "version": 1,
        "first_action": "Needles out, lie down.",
        "stops_session": True,
        "report_to": "The carrier",
        "follow_up_at": None,
    }
    bad = [{"grade": 9}, {"grade": "2"}, {"kind": "NOTHING"}, {"serious": 1}, {"follow_up_at": "tomorrow"}]
    assert [call("reaction", note, {**body, **wrong})[0] for wrong in bad] == [422] * 5
    assert Reaction.objects.count() == 1


def test_a_handover_is_left(cast, call):
    status, _ = call("handover", a_note(cast), {"to": cast.daniel.pk, "words": "Go light left."})
    assert status == 200
    assert call("handover", a_note(cast, clock="13:00"), {"to": cast.ana.pk, "words": "x"})[0] == 422


JSON_POSTS = (
    *("save", "copy", "apply", "confirm", "line", "speak", "needles"),
    *("sign", "addendum", "templates", "boxes", "reaction", "handover"),
)


@pytest.mark.parametrize("name", JSON_POSTS)
@pytest.mark.parametrize("person, status", [("ana", 403), ("olive", 403), ("theo", 404), ("mei", 400)])
def test_who_gets_in(cast, client_of, name, person, status):
    note = a_note(cast)
    client = client_of(getattr(cast, person))
    answer = client.post(reverse(f"treatment:{name}", args=[note.pk]), "no", content_type="application/json")
    assert answer.status_code == status


@pytest.mark.parametrize("name", ["state", "saves"])
@pytest.mark.parametrize("person, status", [("ana", 403), ("olive", 404), ("theo", 404), ("daniel", 200)])
def test_who_reads(cast, client_of, name, person, status):
    url = reverse(f"treatment:{name}", args=[a_note(cast).pk])
    assert client_of(getattr(cast, person)).get(url).status_code == status


def test_a_note_entered_in_error_is_not_there_for_others(cast, client_of):
    note = a_note(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    url = reverse("treatment:state", args=[note.pk])
    assert [client_of(person).get(url).status_code for person in (cast.mei, cast.daniel)] == [200, 404]
