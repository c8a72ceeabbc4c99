"""Calls, messages and events; handovers."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from clinic.submissions import new_key
from tests.treatment.rows import acupuncture_visit
from treatment.actions.after import hand_over, write_contact_note
from treatment.models import ContactNote, Handover

pytestmark = pytest.mark.django_db
HANDOVERS = reverse("treatment:handovers")


def contact_page(patient):
    return reverse("treatment:new_contact", args=[patient.pk])


def handover_page(patient, visit=None):
    query = f"?visit={visit.pk}" if visit else ""
    return reverse("treatment:new_handover", args=[patient.pk]) + query


def post(client, url, **fields):
    return client.post(url, {"request_key": new_key(), **fields})


def test_a_call_is_one_box_signed_at_once(cast, client_of, now):
    client = client_of(cast.mei)
    assert client.get(contact_page(cast.maria)).context["form"].initial == {"kind": "call"}
    answer = post(client, contact_page(cast.maria), kind="message", words="Sore since Tuesday.")
    assert (answer.status_code, answer.url) == (303, reverse("treatment:notes", args=[cast.maria.pk]))
    row = ContactNote.objects.get()
    assert (row.kind, row.words, row.by, row.at, row.patient) == (
        "message",
        "Sore since Tuesday.",
        cast.mei,
        now,
        cast.maria,
    )


def test_a_call_written_beside_another_page_leaves_that_page_where_it_is(cast, client_of):
    chart = reverse("patients:chart", args=[cast.maria.pk])
    beside = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{chart}"}
    fields = {"request_key": new_key(), "kind": "call", "words": "Sore."}
    answer = client_of(cast.mei).post(contact_page(cast.maria), fields, headers=beside)
    assert (answer.status_code, answer.templates[0].name) == (200, "clinic/panel_done.html")
    assert ("HX-Redirect" in answer, ContactNote.objects.count()) == (False, 1)


def test_a_call_without_words_is_not_kept(cast, client_of):
    answer = post(client_of(cast.mei), contact_page(cast.maria), kind="call", words="")
    assert (answer.status_code, ContactNote.objects.count()) == (422, 0)
    assert answer.context["form"].errors == {"words": ["Write a few words first."]}


def test_a_handover_goes_to_a_colleague(cast, client_of):
    booked = acupuncture_visit(cast)
    client = client_of(cast.mei)
    names = [name for _, name in client.get(handover_page(cast.maria)).context["form"].fields["to"].choices]
    assert names == ["Choose …", "Daniel Lee", "Jo Ruiz", "Ken Moss", "Sam Park", "Theo Vance"]
    answer = post(client, handover_page(cast.maria, booked), to=cast.daniel.pk, words="Go light left.")
    assert answer.status_code == 303
    row = Handover.objects.get()
    assert (row.to_user, row.words, row.by, row.appointment) == (
        cast.daniel,
        "Go light left.",
        cast.mei,
        booked,
    )


def test_another_patients_visit_is_not_named(cast, client_of):
    strange = acupuncture_visit(cast, patient=cast.rita)
    client = client_of(cast.mei)
    for url in (handover_page(cast.maria, strange), handover_page(cast.maria) + "?visit=x"):
        assert post(client, url, to=cast.daniel.pk, words="Go light.").status_code == 303
    assert set(Handover.objects.values_list("appointment", flat=True)) == {None}


@pytest.mark.parametrize("name", ["mei", "ana"])
def test_a_handover_to_nobody_who_treats_is_refused(cast, client_of, name):
    to = getattr(cast, name).pk
    answer = post(client_of(cast.mei), handover_page(cast.maria), to=to, words="x")
    assert (answer.status_code, Handover.objects.count()) == (422, 0)


def test_what_is_for_me_stands_there_until_i_have_seen_it(cast, client_of, now):
    row = hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light left.")
    reader = client_of(cast.daniel)
    assert reader.get(HANDOVERS).context["handovers"] == [row]
    assert client_of(cast.mei).get(HANDOVERS).context["handovers"] == []
    seen = reverse("treatment:seen", args=[row.pk])
    assert post(client_of(cast.mei), seen).status_code == 422
    assert post(reader, seen).status_code == 303
    row.refresh_from_db()
    assert (row.seen_at, reader.get(HANDOVERS).context["handovers"]) == (now, [])


def test_my_handovers_take_the_same_statements_for_one_and_for_three(
    cast, client_of, django_assert_num_queries
):
    client = client_of(cast.daniel)
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light.")
    client.get(HANDOVERS)
    with django_assert_num_queries(8):
        client.get(HANDOVERS)
    for patient in (cast.rita, cast.sunny):
        hand_over(by=cast.mei, patient=patient, to_user=cast.daniel, words="Go light.")
    with django_assert_num_queries(8):
        client.get(HANDOVERS)


@pytest.mark.parametrize(
    "name, statuses",
    [("ana", [200, 403, 403, 403]), ("olive", [200, 403, 403, 403]), ("theo", [404, 404, 200, 404])],
)
def test_who_must_not_see_them(cast, client_of, name, statuses):
    row = hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light left.")
    client = client_of(getattr(cast, name))
    answers = [
        client.get(contact_page(cast.maria)),
        client.get(handover_page(cast.maria)),
        client.get(HANDOVERS),
        post(client, reverse("treatment:seen", args=[row.pk])),
    ]
    assert [answer.status_code for answer in answers] == statuses


def test_the_desk_writes_a_call_note_and_reads_its_own_words_alone(cast, client_of):
    ana = client_of(cast.ana)
    page = ana.get(contact_page(cast.maria))
    assert page.content.decode().count("At the desk only you see your words") == 1
    answer = post(ana, contact_page(cast.maria), kind="call", words="Sore since Tuesday, Mei told.")
    assert (answer.status_code, answer["Location"]) == (303, reverse("patients:chart", args=[cast.maria.pk]))
    row = ContactNote.objects.get()
    assert (row.by, row.kind, row.words) == (cast.ana, "call", "Sore since Tuesday, Mei told.")
    write_contact_note(by=cast.mei, patient=cast.maria, kind="message", words="Ice helps her.")
    seen = {
        person: sorted(
            (line.title, line.words)
            for line in client_of(getattr(cast, person)).get(timeline_of(cast.maria)).context["lines"]
        )
        for person in ("ana", "olive", "mei")
    }
    mine, others = ("Call (Ana Desk)", row.words), ("Message (Mei Tan)", "Ice helps her.")
    assert seen == {
        "ana": [mine, (others[0], "")],
        "olive": [(mine[0], ""), (others[0], "")],
        "mei": [mine, others],
    }


def test_the_desk_is_refused_without_words_and_never_led_into_the_notes(cast, client_of):
    ana = client_of(cast.ana)
    assert post(ana, contact_page(cast.maria), kind="call", words=" ").status_code == 422
    assert ana.get(reverse("treatment:notes", args=[cast.maria.pk])).status_code == 403
    assert ContactNote.objects.count() == 0


def test_a_call_note_never_changes(cast):
    row = write_contact_note(by=cast.ana, patient=cast.maria, kind="call", words="Comes on Friday.")
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactNote.objects.filter(pk=row.pk).update(words="Comes on Monday.")


def timeline_of(patient):
    return reverse("frontdesk:timeline", args=[patient.pk]) + "?show=messages"
