"""History, red flags, consents, referrals and letters of a chart that is closed to who asks."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from intake.actions import consenting
from intake.actions.loading import load_forms
from intake.models import Letter, Referral
from intake.queries import care
from intake.rules.signing import Signer
from patients.models import Patient
from tests.cast import NOW
from tests.intake.closed import CLOSED, opens, restricted, treats
from tests.intake.rows import TODAY, condition, flag, medicine, posted, response

pytestmark = pytest.mark.django_db
READ = ["history", "consents", "answers", "referral", "letter"]
SHOWS = ["line", "end_line", "dose", "clear_flag", "screen", "new_referral", "referral_step"]
FORMS = [*SHOWS, "new_line", "pregnancy", "sign"]
BUTTONS = ["talked_through", "take_back", "checked", "nothing_new", "neck_clear", "reply_seen"]
WORD = "qmariazpacemaker"


@pytest.fixture
def chart(cast):
    """A row of each kind in Maria's chart: {route: what its address names}, {route: what its button sends}."""
    load_forms(now=NOW)
    line, drug = condition(cast.maria, "pacemaker", name=WORD), medicine(cast.maria, "Aspirin")
    asked = Referral.objects.create(
        patient=cast.maria, to="Dr. Amos", why="numb", opened_at=NOW, opened_by=cast.mei,
        letter_at=NOW, sent_at=NOW, reply_on=TODAY, reply="No harm found.",
    )  # fmt: skip
    letter = Letter.objects.create(
        patient=cast.maria,
        kind="referral",
        to="Dr. Amos",
        data={},
        pdf=b"%PDF",
        made_at=NOW,
        made_by=cast.mei,
    )
    consent = signed(cast.mei, cast.maria)
    rows = {
        "answers": [response(cast.maria, {}).pk],
        "referral": [asked.pk],
        "letter": [letter.pk],
        "line": ["condition", line.pk],
        "end_line": ["condition", line.pk],
        "dose": [drug.pk],
        "clear_flag": [flag(cast.maria, cast.mei).pk],
        "referral_step": [asked.pk, "change"],
        "new_line": ["allergy"],
        "sign": ["adjustment"],
        "talked_through": [consent.pk],
        "take_back": [consent.pk],
        "checked": ["devices"],
        "reply_seen": [asked.pk],
    }
    versions = {"talked_through": consent, "take_back": consent, "reply_seen": asked}
    sends = {name: {"version": row.version, "why": "Says no now."} for name, row in versions.items()}
    return rows, sends


def signed(by, patient, kind="acupuncture"):
    values = {"kind": kind, "signer": Signer("Maria Garcia"), "talked_through": False, "location": "/"}
    return consenting.sign_here(by=by, patient_pk=patient.pk, now=NOW, **values)


def url(cast, chart, name):
    return reverse(f"intake:{name}", args=[cast.maria.pk, *chart[0].get(name, [])])


def reason_page(cast):
    return reverse("patients:open_with_reason", args=[cast.maria.pk])


def said(answer):
    return answer.content.decode()


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", READ)
def test_a_page_opens_with_a_reason(cast, chart, client_of, name, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(cast, chart, name)
    answer = daniel.get(where)
    assert answer.status_code == 403
    assert reason_page(cast) in said(answer)
    opens(cast.daniel, cast.maria)
    assert daniel.get(where).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", READ)
def test_a_page_is_open_to_who_treats(cast, chart, client_of, name, closed):
    CLOSED[closed](cast)
    treats(cast.daniel, cast.maria)
    assert client_of(cast.daniel).get(url(cast, chart, name)).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_for_who_treats(cast, chart, client_of, name, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(cast, chart, name)
    assert reason_page(cast) in said(daniel.get(where))
    opens(cast.daniel, cast.maria)
    for answer in (daniel.get(where), daniel.post(where, posted(version=1))):
        assert answer.status_code == 403
        assert "Open to read only" in said(answer)
    treats(cast.daniel, cast.maria)
    assert daniel.get(where).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_is_for_who_treats(cast, chart, client_of, name, closed):
    CLOSED[closed](cast)
    daniel, where, sends = client_of(cast.daniel), url(cast, chart, name), chart[1].get(name, {})
    assert daniel.post(where, posted(**sends)).status_code == 403
    opens(cast.daniel, cast.maria)
    assert daniel.post(where, posted(**sends)).status_code == 403
    treats(cast.daniel, cast.maria)
    assert daniel.post(where, posted(**sends)).status_code in (302, 303)


@pytest.mark.parametrize("name", READ)
def test_an_owner_who_treats_nobody_reads_with_a_reason(cast, chart, client_of, name):
    olive, where = client_of(cast.olive), url(cast, chart, name)
    answer = olive.get(where)
    assert answer.status_code == 403
    assert reason_page(cast) in said(answer)
    opens(cast.olive, cast.maria)
    assert olive.get(where).status_code == 200


@pytest.mark.parametrize("name", ["history", "consents", "referral"])
def test_who_reads_with_a_reason_is_offered_nothing_that_would_be_refused(cast, chart, client_of, name):
    written = [url(cast, chart, one) for one in [*FORMS, *BUTTONS]]
    offered = [one for one in written if one in said(client_of(cast.mei).get(url(cast, chart, name)))]
    assert offered
    restricted(cast)
    for who in (cast.daniel, cast.olive):
        opens(who, cast.maria)
        page = said(client_of(who).get(url(cast, chart, name)))
        assert [one for one in written if one in page] == []


def test_an_owner_is_not_led_to_the_list_of_referrals(cast, chart, client_of):
    opens(cast.olive, cast.maria)
    listed = f'href="{reverse("intake:referrals")}"'
    assert listed not in said(client_of(cast.olive).get(url(cast, chart, "history")))
    assert listed in said(client_of(cast.mei).get(url(cast, chart, "history")))


@pytest.mark.parametrize("name", [*READ, *SHOWS])
def test_what_shows_the_chart_is_written_down_once(cast, chart, client_of, name):
    client_of(cast.mei).get(url(cast, chart, name))
    assert AuditEvent.objects.filter(by=cast.mei, patient=cast.maria.pk, verb="read").count() == 1


@pytest.mark.parametrize("closed", CLOSED)
def test_the_head_says_the_action_until_the_chart_is_open(cast, chart, client_of, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(cast, chart, "alerts")
    for who in (cast.daniel, cast.olive):
        page = said(client_of(who).get(where))
        assert "Clinician first" in page
        assert WORD not in page
    assert not AuditEvent.objects.filter(verb="read_alerts").exists()
    opens(cast.daniel, cast.maria)
    page = said(daniel.get(where))
    assert "Clinician first" not in page
    assert WORD in page
    assert AuditEvent.objects.filter(verb="read_alerts", patient=cast.maria.pk).count() == 1


@pytest.mark.parametrize("closed", CLOSED)
def test_referrals_that_wait_are_those_of_open_charts(cast, chart, client_of, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), reverse("intake:referrals")
    assert daniel.get(where).context["referrals"] == []
    treats(cast.daniel, cast.maria)
    assert [one.patient for one in daniel.get(where).context["referrals"]] == [cast.maria]


def test_letters_are_those_of_open_charts(cast, chart):
    restricted(cast)
    assert [list(care.letters_visible_to(who)) for who in (cast.daniel, cast.olive, cast.ana)] == [[], [], []]
    opens(cast.daniel, cast.maria)
    assert [one.pk for one in care.letters_visible_to(cast.daniel)] == chart[0]["letter"]


@pytest.mark.parametrize("who", ["olive", "ana"])
def test_referrals_that_wait_are_a_clinicians_work(cast, chart, client_of, who):
    assert client_of(getattr(cast, who)).get(reverse("intake:referrals")).status_code == 403


@pytest.mark.parametrize("closed", CLOSED)
def test_forms_are_handed_out_whosever_chart_it_is_and_read_where_it_is_open(cast, chart, client_of, closed):
    CLOSED[closed](cast)
    where, answers = url(cast, chart, "forms"), url(cast, chart, "answers")
    for who in (cast.ana, cast.olive, cast.daniel):
        answer = client_of(who).get(where)
        assert answer.status_code == 200
        assert answers not in said(answer)
    opens(cast.daniel, cast.maria)
    assert answers in said(client_of(cast.daniel).get(where))
    sent = client_of(cast.ana).post(where, posted(form="symptoms", to="tablet"))
    assert sent.status_code == 302


def test_a_consent_is_not_written_by_who_reads_with_a_reason(cast, chart):
    restricted(cast)
    opens(cast.daniel, cast.maria)
    (consent,) = chart[0]["take_back"]
    about = {"by": cast.daniel, "patient_pk": cast.maria.pk, "consent_pk": consent, "version": 1, "now": NOW}
    acts = [
        lambda: signed(cast.daniel, cast.maria, "adjustment"),
        lambda: consenting.note_talked_through(**about, location="/"),
        lambda: consenting.take_back(**about, why="Says no now.", location="/"),
    ]
    for act in acts:
        with pytest.raises(Patient.DoesNotExist):
            act()
