"""From the board to one's own note: one tap, the right part, and only for those who treat."""

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from scheduling.actions.steps import check_in, take_step
from tests.treatment.notes import integrated_visit
from tests.treatment.rows import acupuncture_visit
from treatment.models import Note

pytestmark = pytest.mark.django_db


def tap(client, visit):
    return client.post(reverse("treatment:open_of_visit", args=[visit.pk]), {"request_key": new_key()})


def test_each_of_two_disciplines_opens_its_own_part(cast, client_of):
    visit = integrated_visit(cast, cast.maria)
    for person, discipline in ((cast.mei, "acupuncture"), (cast.daniel, "chiropractic")):
        answer = tap(client_of(person), visit)
        note = Note.objects.get(author=person)
        assert (answer.status_code, answer.url) == (302, reverse("treatment:note", args=[note.pk]))
        assert (note.visitpart.discipline.key, note.patient) == (discipline, cast.maria)


def test_a_second_tap_opens_the_same_note(cast, client_of):
    visit = acupuncture_visit(cast)
    client = client_of(cast.mei)
    assert tap(client, visit).url == tap(client, visit).url
    assert Note.objects.count() == 1


def test_what_is_of_another_discipline_is_said(cast, client_of):
    answer = tap(client_of(cast.daniel), acupuncture_visit(cast))
    assert answer.status_code == 422
    assert "of your discipline" in answer.content.decode()
    assert not Note.objects.exists()


def test_the_board_offers_it_to_those_who_treat_and_not_to_the_desk(cast, client_of):
    visit = acupuncture_visit(cast, clock="10:40")
    check_in(by=cast.ana, pk=visit.pk, checked_another_way=True)
    address = reverse("treatment:open_of_visit", args=[visit.pk])

    def offered(person):
        return address in client_of(person).get(reverse("frontdesk:today")).content.decode()

    assert (offered(cast.mei), offered(cast.ana)) == (True, False)
    take_step(by=cast.ana, pk=visit.pk, what="in_room")
    assert (offered(cast.mei), offered(cast.ana)) == (True, False)
