"""The Summary, the timeline, the whole chart, letters and lists where a chart is closed to who asks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Role, RoleGrant, User
from clinic.submissions import new_key
from frontdesk.queries.todos import counts, todos_of
from intake.models import CareElsewhere
from messaging.actions import open_task
from packages.actions.authorizations import ask_for_more
from packages.models import AuthorizationEntry, MoreVisits
from scheduling.models import Status
from tests.cast import NOW
from tests.frontdesk.test_today import adjustment
from tests.intake.closed import CLOSED, opens, restricted, to_the_team, treats
from tests.intake.rows import allergy
from tests.packages.rows import acupuncture, approved, covered, use
from tests.plans.pages import shown
from treatment.actions.after import hand_over, write_contact_note
from treatment.models import Reaction

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MIXED = [
    ("chart_pieces", "read summary", ["qnickelz", "qsorez", "qlightz", 'id="summary"']),
    ("timeline", "read", ["qsorez", "qlightz"]),
]
TAKEN_AWAY = ["chart_pdf", "chart_json"]


@pytest.fixture
def chart(cast):
    """Words of Maria's chart: an allergy for its head, a call and what Mei handed over for its timeline."""
    allergy(cast.maria, "qnickelz")
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="qsorez since Tuesday")
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.jo, words="qlightz on the left")


def url(name, patient):
    return reverse(f"frontdesk:{name}", args=[patient.pk])


def reason_page(cast):
    return reverse("patients:open_with_reason", args=[cast.maria.pk])


def words_of(answer):
    assert answer.status_code == 200
    return [word for word in ("qnickelz", "qsorez", "qlightz", 'id="summary"') if word in shown(answer)]


def events(who):
    rows = AuditEvent.objects.filter(by=who, verb__startswith="read").order_by("verb")
    return list(rows.values_list("verb", flat=True))


def again(client, where, **headers):
    """The status, and whether the page offers to open the chart with a reason."""
    answer = client.get(where, **headers)
    return answer.status_code, "/open/" in shown(answer) and answer.status_code == 403


@pytest.mark.parametrize("closed", CLOSED)
def test_the_summary_opens_with_a_reason_and_to_who_treats(cast, client_of, chart, closed):
    CLOSED[closed](cast)
    daniel, jo, where = client_of(cast.daniel), client_of(cast.jo), url("summary", cast.maria)
    assert (again(daniel, where), events(cast.daniel)) == ((403, True), [])
    assert jo.get(where).status_code == 200  # was handed over to
    opens(cast.daniel, cast.maria)
    assert (again(daniel, where), events(cast.daniel)) == ((200, False), ["read summary"])


@pytest.mark.parametrize("closed", CLOSED)
def test_the_summary_is_open_to_who_treats(cast, client_of, chart, closed):
    CLOSED[closed](cast)
    treats(cast.daniel, cast.maria)
    assert client_of(cast.daniel).get(url("summary", cast.maria)).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name, verb, told", MIXED)
def test_of_a_closed_chart_the_pieces_show_what_the_desk_sees(
    cast, client_of, chart, name, verb, told, closed
):
    CLOSED[closed](cast)
    where = url(name, cast.maria)
    for who in (cast.daniel, cast.olive):
        client = client_of(who)
        answer = client.get(where, headers=HTMX)
        assert (words_of(answer), "Call" in shown(answer), verb in events(who)) == ([], True, False)
        opens(who, cast.maria)
        assert words_of(client.get(where, headers=HTMX)) == told
        assert events(who).count(verb) == 1
    assert words_of(client_of(cast.jo).get(where, headers=HTMX)) == told  # was handed over to


def test_a_timeline_is_an_event_however_it_is_asked_for(cast, client_of, chart):
    for headers in (HTMX, {}):
        client_of(cast.mei).get(url("timeline", cast.maria) + "?show=messages", headers=headers)
    assert events(cast.mei) == ["read", "read"]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_the_whole_chart_is_taken_away_by_who_treats_alone(cast, client_of, chart, name, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(name, cast.maria)
    assert again(daniel, where) == (403, True)
    opens(cast.daniel, cast.maria)
    answer = daniel.get(where)
    assert (answer.status_code, "Open to read only" in shown(answer)) == (403, True)
    assert not AuditEvent.objects.filter(verb="export_chart").exists()
    treats(cast.daniel, cast.maria)
    assert daniel.get(where).status_code == 200
    assert AuditEvent.objects.get(verb="export_chart").by == cast.daniel


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_an_owner_who_treats_nobody_takes_no_chart_away(cast, client_of, chart, name):
    opens(cast.olive, cast.maria)
    assert client_of(cast.olive).get(url(name, cast.maria)).status_code == 403


# ---- the letter for more visits


@pytest.fixture
def asked(cast):
    insurer = covered(cast, cast.maria, kind="auto", insurer="Harbor Mutual", claim_number="CL-77")
    row = approved(cast, cast.maria, visits=2, coverage=insurer)
    part = acupuncture(cast, cast.maria, day="2026-11-10", status="completed").parts.get()
    use(row, part, model=AuthorizationEntry)
    ask_for_more(authorizations=[row.pk], now=NOW)
    return MoreVisits.objects.get()


@pytest.mark.parametrize("closed", CLOSED)
def test_a_letter_for_more_visits_is_written_by_who_treats(cast, client_of, asked, closed):
    CLOSED[closed](cast)
    daniel, account = client_of(cast.daniel), url("account", cast.maria)
    where = reverse("frontdesk:more_visits_letter", args=[cast.maria.pk, asked.pk])

    def sent():
        values = {"request_key": new_key(), "version": asked.version, "to": "Harbor Mutual", "words": ""}
        return daniel.post(where, values).status_code

    assert (again(daniel, where), sent(), where in shown(daniel.get(account))) == ((403, True), 403, False)
    opens(cast.daniel, cast.maria)
    assert (daniel.get(where).status_code, sent(), where in shown(daniel.get(account))) == (403, 403, False)
    treats(cast.daniel, cast.maria)
    assert (where in shown(daniel.get(account)), daniel.get(where).status_code, sent()) == (True, 200, 303)


# ---- lists


def todo(kind, patient, **more):
    return open_task(kind=kind, title="Look", about=f"{kind}:{new_key()}", patient=patient, now=NOW, **more)


def led_to(who):
    (one,) = todos_of(who, NOW)
    return one.url, one.panel


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize(
    "kind, route", [("clinician_first", "intake:history"), ("report_reaction", "treatment:reactions")]
)
def test_a_to_do_in_a_closed_chart_stays_and_leads_to_the_record(cast, kind, route, closed):
    CLOSED[closed](cast)
    todo(kind, cast.maria, for_role=Role.PRACTITIONER)
    assert led_to(cast.daniel) == (reverse("patients:chart", args=[cast.maria.pk]), False)
    opens(cast.daniel, cast.maria)
    assert led_to(cast.daniel) == (reverse(route, args=[cast.maria.pk]), False)


def test_hard_answers_are_talked_about_by_who_writes_in_the_chart(cast, client_of):
    restricted(cast)
    task = todo("mood_answer", cast.maria, for_user=cast.daniel)
    record = (reverse("patients:chart", args=[cast.maria.pk]), False)
    assert led_to(cast.daniel) == record
    opens(cast.daniel, cast.maria)
    assert led_to(cast.daniel) == record
    assert f'hx-get="{record[0]}"' not in shown(client_of(cast.daniel).get(reverse("frontdesk:todos")))
    treats(cast.daniel, cast.maria)
    assert led_to(cast.daniel) == (reverse("outcomes:talk", args=[task.pk]), True)


def test_a_to_do_outside_the_chart_leads_where_it_did(cast):
    restricted(cast)
    todo("of_age", cast.maria)
    assert led_to(cast.daniel) == (reverse("intake:forms", args=[cast.maria.pk]), False)


def test_a_chart_opened_with_a_reason_is_a_to_do_of_the_owner(cast, client_of):
    restricted(cast)
    opens(cast.daniel, cast.maria)
    assert led_to(cast.olive) == (reverse("patients:opened"), False)
    assert todos_of(cast.daniel, NOW) == []
    assert client_of(cast.olive).get(led_to(cast.olive)[0]).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
def test_reactions_to_look_at_again_stand_where_the_chart_is_open(cast, client_of, closed):
    for patient in (cast.maria, cast.rita):
        Reaction.objects.create(
            patient=patient, kind="AE-LOCAL", grade=1, words="sore", follow_up_at=NOW, at=NOW, by=cast.mei
        )
    treats(cast.daniel, cast.rita)
    CLOSED[closed](cast)
    end = NOW + timedelta(hours=12)

    def found(who):
        due = client_of(who).get(reverse("frontdesk:todos")).context["due"]
        return [row.patient.given_name for row in due], counts(who, end)[1]

    assert found(cast.daniel) == (["Rita"], 1)
    assert found(cast.olive) == ([], 2)  # to see that somebody asks, as the desk does
    assert found(cast.ana) == ([], 2)
    opens(cast.daniel, cast.maria)
    assert sorted(found(cast.daniel)[0]) == ["Maria", "Rita"]


def test_what_somebody_said_of_physicians_stands_where_the_chart_is_open(cast, client_of):
    to_the_team(cast)
    treats(cast.daniel, cast.rita)
    for patient, clock in ((cast.maria, "09:00"), (cast.rita, "10:00")):
        adjustment(cast, patient, clock, status=Status.COMPLETED)
        CareElsewhere.objects.create(patient=patient, problem="neck", assessed=False, entered_at=NOW)
    client, where = client_of(cast.daniel), reverse("frontdesk:unassessed")

    def told():
        page = client.get(where)
        names = [(row.name, row.open) for row in page.context["rows"]]
        return (
            names,
            shown(page).count("nobody has assessed it"),
            "where a chart is open to you" in shown(page),
        )

    assert told() == ([("Lopez, Rita", True), ("Garcia, Maria", False)], 1, True)
    opens(cast.daniel, cast.maria)
    assert told() == ([("Lopez, Rita", True), ("Garcia, Maria", True)], 2, False)


def test_the_board_counts_handovers_and_notes_for_those_who_treat(cast, client_of, chart):
    def kinds(who):
        board = client_of(who).get(reverse("frontdesk:today")).context["board"]
        return {need.kind for need in board.needs} & {"handovers", "unsigned"}

    assert kinds(cast.jo) == {"handovers"}
    RoleGrant.objects.filter(user=cast.jo).update(role=Role.OWNER)
    assert kinds(User.objects.get(pk=cast.jo.pk)) == set()


@pytest.mark.parametrize("closed", CLOSED)
def test_the_board_offers_a_note_in_charts_that_are_open_to_write_in(
    cast, client_of, closed, django_assert_num_queries
):
    visit = adjustment(cast, cast.maria, "11:00", status=Status.ARRIVED)
    CLOSED[closed](cast)
    note = f'action="{reverse("treatment:open_of_visit", args=[visit.pk])}"'
    jo, board = client_of(cast.jo), reverse("frontdesk:board")

    def offered():
        page = shown(jo.get(board + "?show=everyone", headers=HTMX))
        return "Garcia, Maria" in page, note in page

    assert offered() == (True, False)
    opens(cast.jo, cast.maria)
    assert offered() == (True, False)
    treats(cast.jo, cast.maria)
    assert offered() == (True, True)
    adjustment(cast, cast.rita, "12:00", status=Status.ARRIVED)
    with django_assert_num_queries(BOARD):
        offered()


BOARD = 19
