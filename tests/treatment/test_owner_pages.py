"""What the owner sets and reads; boxes in use; needles not accounted for."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from tests.treatment.reading_rows import needles_left, told_signed
from tests.treatment.rows import a_note, child, saved
from treatment.actions.after import mark_entered_in_error, resolve_needles
from treatment.actions.stock import open_box, permit_absolute
from treatment.models import AbsolutePermission, ChartSettings, NeedleBox
from treatment.queries.stock import chart_settings, may_override_absolute

pytestmark = pytest.mark.django_db
AGAINST, SETTINGS = reverse("treatment:against"), reverse("treatment:settings")
BOXES, NEW_BOX, NEEDLES = (
    reverse(f"treatment:{name}") for name in ("needle_boxes", "new_box", "needles_missing")
)


def post(client, url, **fields):
    return client.post(url, {"request_key": new_key(), **fields})


def test_what_went_against_a_rule_is_listed_for_the_owner(cast, client_of, django_assert_num_queries):
    note, client = a_note(cast), client_of(cast.olive)
    saved(note, against=[child("against")])
    client.get(AGAINST)
    with django_assert_num_queries(6):
        (row,) = client.get(AGAINST).context["rows"]
    assert (row.by.name, row.note.patient.name, row.reason) == ("Mei Tan", "Garcia, Maria", "shallow")
    more = [child("against", rule=f"CI00{number}") for number in range(5, 8)]
    saved(note, against=more)
    with django_assert_num_queries(6):
        assert len(client.get(AGAINST).context["rows"]) == 3


def test_tongue_and_pulse_are_switched_off_and_on(cast, client_of):
    client = client_of(cast.olive)
    assert (chart_settings().tongue_and_pulse, ChartSettings.objects.count()) == (True, 0)
    assert post(client, SETTINGS).status_code == 302
    row = ChartSettings.objects.get()
    assert row.tongue_and_pulse is False
    assert post(client, SETTINGS, version=row.version, tongue_and_pulse="on").status_code == 302
    assert chart_settings().tongue_and_pulse is True
    assert post(client, SETTINGS, version=row.version).status_code == 409
    assert post(client, SETTINGS).status_code == 428


def test_the_owner_names_who_may_choose_against_absolute_rules(cast, client_of):
    client = client_of(cast.olive)
    give, end = (reverse(f"treatment:{name}", args=[cast.mei.pk]) for name in ("permit", "end_permission"))
    assert post(client, give).status_code == 303
    assert (may_override_absolute(cast.mei), AbsolutePermission.objects.get().given_by) == (True, cast.olive)
    people = client.get(SETTINGS).context["people"]
    assert [(one.user.name, one.permission is not None) for one in people] == [
        ("Daniel Lee", False), ("Jo Ruiz", False), ("Ken Moss", False), ("Mei Tan", True), ("Sam Park", False),
        ("Theo Vance", False),
    ]  # fmt: skip
    assert post(client, end).status_code == 303
    assert may_override_absolute(cast.mei) is False
    assert post(client, end).status_code == 422


def test_nobody_who_treats_no_one_gets_the_permission(cast, client_of):
    url = reverse("treatment:permit", args=[cast.ana.pk])
    assert (post(client_of(cast.olive), url).status_code, AbsolutePermission.objects.count()) == (422, 0)


def test_a_box_is_opened_and_put_away(cast, client_of):
    client = client_of(cast.mei)
    fields = {"size": "N2030", "brand": "Seirin", "lot": "2409a", "expires_on": "2027-03-31"}
    assert post(client, NEW_BOX, **fields).status_code == 303
    box = NeedleBox.objects.get()
    assert (box.location, box.lot, box.expires_on, box.press) == (
        cast.uptown,
        "2409A",
        date(2027, 3, 31),
        False,
    )
    assert client.get(BOXES).context["boxes"] == [box]
    url = reverse("treatment:end_box", args=[box.pk])
    assert post(client, url, version=box.version).status_code == 303
    assert client.get(BOXES).context["boxes"] == []


def test_an_expired_box_is_refused(cast, client_of):
    fields = {"size": "N2030", "lot": "2409A", "expires_on": "2026-11-23"}
    answer = post(client_of(cast.mei), NEW_BOX, **fields)
    assert (answer.status_code, NeedleBox.objects.count()) == (422, 0)


def test_boxes_of_another_location_are_not_here(cast, client_of):
    box = open_box(by=cast.theo, location=cast.harbor, size="N2030", lot="H1", expires_on=date(2027, 1, 1))
    client = client_of(cast.mei)
    assert client.get(BOXES).context["boxes"] == []
    url = reverse("treatment:end_box", args=[box.pk])
    assert post(client, url, version=box.version).status_code == 404


def test_needles_not_accounted_for_stand_there_until_found(cast, client_of):
    note, client = needles_left(cast), client_of(cast.daniel)
    assert client.get(NEEDLES).context["notes"] == [note]
    resolve_needles(by=cast.mei, pk=note.pk, words="In the sheet.")
    assert client.get(NEEDLES).context["notes"] == []


def test_the_owner_opens_a_note_entered_in_error_with_a_reason(cast, client_of):
    note, client = told_signed(cast), client_of(cast.olive)
    page = reverse("treatment:error", args=[note.pk])
    assert client.get(page).status_code == 404
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    (row,) = client.get(reverse("treatment:errors")).context["rows"]
    assert (row.note, row.words) == (note, "wrong chart")
    asked = client.get(page)
    assert ("one" in asked.context, "still stiff left" in asked.content.decode()) == (False, False)
    assert client.post(page, {"reason": " "}).status_code == 422
    assert AuditEvent.objects.filter(verb="open with a reason").count() == 0
    shown = client.post(page, {"reason": "complaint of Nov 23"})
    assert shown.context["one"].said[0] == ("Pain now", "4 of 10")
    event = AuditEvent.objects.get(verb="open with a reason")
    assert (event.by, event.patient, event.detail) == (
        cast.olive,
        cast.maria.pk,
        {"reason": "complaint of Nov 23"},
    )
    assert client_of(cast.mei).get(page).status_code == 403


@pytest.mark.parametrize(
    "name, statuses",
    [
        ("ana", [403] * 7),
        ("mei", [403, 403, 403, 403, 200, 200, 200]),
        ("olive", [200, 200, 303, 303, 403, 403, 403]),
    ],
)
def test_who_must_not_see_them(cast, client_of, name, statuses):
    client, mei = client_of(getattr(cast, name)), cast.mei.pk
    permit_absolute(by=cast.olive, user=cast.mei)
    answers = [
        client.get(AGAINST),
        client.get(SETTINGS),
        post(client, reverse("treatment:permit", args=[mei])),
        post(client, reverse("treatment:end_permission", args=[mei])),
        client.get(BOXES),
        client.get(NEW_BOX),
        client.get(NEEDLES),
    ]
    assert [answer.status_code for answer in answers] == statuses
