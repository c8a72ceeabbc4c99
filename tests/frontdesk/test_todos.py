"""To-dos: who has which, where they lead, how they end; reactions to look at again on Today."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Role
from clinic.submissions import new_key
from frontdesk.queries.todos import OF_TASK, address_of, counts, todos_of
from messaging.actions import open_task
from messaging.models import StaffTask
from tests.cast import NOW
from treatment.models import Reaction

pytestmark = pytest.mark.django_db
PAGE = reverse("frontdesk:todos")


def todo(title="Call the printer", about="clinic:1", **more):
    return open_task(kind=more.pop("kind", "call_back"), title=title, about=about, now=NOW, **more)


def again(patient, by, due, **more):
    return Reaction.objects.create(
        patient=patient, kind="AE-LOCAL", grade=1, words="sore for hours", follow_up_at=due, at=NOW - timedelta(days=2),
        by=by, **more,
    )  # fmt: skip


def titles(client):
    return sorted(one.task.title for one in client.get(PAGE).context["todos"])


def close(client, task, **posted):
    return client.post(reverse("frontdesk:close_todo", args=[task.pk]), {"request_key": new_key(), **posted})


def test_everybody_has_their_own(cast, client_of):
    todo("for all", about="a:1")
    todo("for the desk", about="a:2", for_role=Role.FRONT_DESK)
    todo("for providers", about="a:3", for_role=Role.PRACTITIONER)
    todo("for Mei", about="a:4", for_user=cast.mei)
    assert titles(client_of(cast.ana)) == ["for all", "for the desk"]
    assert titles(client_of(cast.mei)) == ["for Mei", "for all", "for providers"]
    assert titles(client_of(cast.daniel)) == ["for all", "for providers"]
    assert client_of(cast.rita.user).get(PAGE).status_code == 403


def test_due_ones_come_first_and_late_ones_say_so(cast):
    todo("some day", about="a:1")
    todo("tomorrow", about="a:2", due_at=NOW + timedelta(days=1))
    todo("yesterday", about="a:3", due_at=NOW - timedelta(days=1))
    found = todos_of(cast.ana, NOW)
    assert [(one.task.title, one.overdue) for one in found] == [
        ("yesterday", True),
        ("tomorrow", False),
        ("some day", False),
    ]


def test_of_patients_elsewhere_nothing_stands_here(cast, client_of):
    todo("Ask for new signatures", about=f"of_age:{cast.leo.pk}", patient=cast.leo, for_role=Role.FRONT_DESK)
    assert titles(client_of(cast.ana)) == ["Ask for new signatures"]
    assert titles(client_of(cast.hana)) == []


def test_one_by_name_stands_there_without_the_name_of_a_patient_out_of_sight(cast, client_of):
    todo("Look again", about="a:1", patient=cast.leo, for_user=cast.hana)
    page = client_of(cast.hana).get(PAGE)
    (one,) = page.context["todos"]
    assert (one.patient, one.url, one.mine) == (None, "", True)
    assert cast.leo.name not in page.content.decode()


@pytest.mark.parametrize(
    "kind, route",
    [
        ("clinician_first", "intake:history"),
        ("report_reaction", "treatment:reactions"),
        ("of_age", "intake:forms"),
        ("more_visits", "frontdesk:account"),
        ("anything", "patients:chart"),
    ],
)
def test_each_leads_to_where_it_is_done(cast, kind, route):
    task = todo(kind=kind, patient=cast.maria)
    assert address_of(task) == reverse(route, args=[cast.maria.pk])


def test_press_needles_lead_to_the_note_and_without_its_id_to_the_chart(cast):
    pk = "11111111-1111-4111-8111-111111111111"
    task = todo(kind="press_needles", about=f"treatment.note:{pk}", patient=cast.maria)
    assert address_of(task) == reverse("treatment:note", args=[pk])
    odd = todo(kind="press_needles", about="somewhere", patient=cast.maria)
    assert address_of(odd) == reverse("patients:chart", args=[cast.maria.pk])


def test_closed_with_words_it_is_gone_and_kept(cast, client_of):
    task, ana = todo(patient=cast.maria), client_of(cast.ana)
    assert close(ana, task, outcome=" ").status_code == 422
    answer = close(ana, task, outcome="called, comes on Friday")
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    row = StaffTask.objects.get(pk=task.pk)
    assert (row.closed_at, row.closed_by, row.outcome) == (NOW, cast.ana, "called, comes on Friday")
    assert AuditEvent.objects.filter(verb="close task", patient=cast.maria.pk).count() == 1
    assert titles(ana) == []
    assert close(ana, task, outcome="twice").status_code == 404


def test_nobody_closes_what_is_not_theirs(cast, client_of):
    task = todo(for_user=cast.mei)
    for person in (cast.ana, cast.daniel, cast.olive):
        assert close(client_of(person), task, outcome="done").status_code == 404
    assert StaffTask.objects.get(pk=task.pk).closed_at is None


def test_one_with_steps_of_its_own_is_not_closed_here(cast, client_of):
    (kind,) = OF_TASK
    task, mei = todo(kind=kind, patient=cast.maria, for_user=cast.mei), client_of(cast.mei)
    (one,) = mei.get(PAGE).context["todos"]
    assert (one.closes_here, one.url) == (False, reverse("outcomes:talk", args=[task.pk]))
    assert close(mei, task, outcome="talked").status_code == 404


def test_reactions_are_counted_on_today_and_listed_for_providers_alone(cast, client_of):
    again(cast.maria, cast.mei, NOW - timedelta(hours=3))
    again(cast.rita, cast.mei, NOW + timedelta(hours=2))
    again(cast.sunny, cast.mei, NOW + timedelta(days=1))
    again(cast.maria, cast.mei, NOW, closed_at=NOW)
    for person in (cast.ana, cast.mei):
        board = client_of(person).get(reverse("frontdesk:today"))
        assert {need.kind: need.count for need in board.context["board"].needs} == {"look_again": 2}
        assert "sore for hours" not in board.content.decode()
    desk = client_of(cast.ana).get(PAGE)
    assert (list(desk.context["due"]), cast.maria.name in desk.content.decode()) == ([], False)
    listed = client_of(cast.mei).get(PAGE)
    assert [row.patient for row in listed.context["due"]] == [cast.maria, cast.rita]
    assert "sore for hours" not in listed.content.decode()


def test_todays_line_counts_to_dos(cast, client_of):
    todo(about="a:1")
    todo(about="a:2", for_role=Role.PRACTITIONER)
    end = NOW + timedelta(hours=12)
    assert (counts(cast.ana, end), counts(cast.mei, end)) == ((1, 0), (2, 0))
    page = client_of(cast.mei).get(reverse("frontdesk:today")).content.decode()
    assert page.count(f'<a href="{PAGE}"><b>2</b> to-dos</a>') == 1


def test_the_list_takes_the_same_statements_for_one_and_for_six(cast, client_of, django_assert_num_queries):
    ana = client_of(cast.ana)
    todo(about="a:0", patient=cast.maria)
    ana.get(PAGE)
    with django_assert_num_queries(LIST):
        ana.get(PAGE)
    for number, patient in enumerate([cast.rita, cast.sunny, cast.leo, cast.mia, cast.marta], 1):
        todo(about=f"a:{number}", patient=patient)
    with django_assert_num_queries(LIST):
        ana.get(PAGE)


LIST = 8
