"""Booking beyond what an insurer approved: not without a reason, and the patient is told first."""

from datetime import datetime

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from messaging.models import OutboxMessage
from packages.models import AuthorizationEntry
from scheduling.actions.booking import Wanted, book
from scheduling.actions.holding import confirm_hold
from scheduling.models import Appointment
from services.models import Part, Price
from tests.packages.entries import authorization, left, purchase
from tests.scheduling.test_book_page import PANEL, plain

pytestmark = pytest.mark.django_db
USED_UP = "Maria’s insurance visits are used up (0 of 1 left, until Jan 31)."


def wanted(cast, *, key="acupuncture_follow_up", hour=9, day=27, patient=None, **more):
    at = datetime(2026, 11, day, hour, tzinfo=cast.uptown.tz)
    return Wanted(patient or cast.maria, cast.service(key), cast.uptown, at, **more)


def booked(cast, *, held=False, **more):
    (visit,) = book(by=cast.ana, wanted=[wanted(cast, **more)], held=held)
    return visit


@pytest.fixture
def used_up(cast, now):
    """Maria's insurer has approved one visit of acupuncture, and it is booked."""
    approved = authorization(cast, cast.maria, 1)
    booked(cast, hour=15)
    assert left(approved) == 0
    return approved


@pytest.mark.parametrize("held", [False, True])
def test_booking_beyond_is_refused_and_says_why(cast, used_up, held):
    before = Appointment.objects.count()
    with pytest.raises(Refused) as refusal:
        booked(cast, held=held)
    assert refusal.value.reasons == [
        USED_UP,
        "Nothing covers this visit. Say why it is booked all the same, and that the patient knows.",
    ]
    assert Appointment.objects.count() == before


@pytest.mark.parametrize("held", [False, True])
def test_with_a_reason_it_is_booked_and_the_reason_is_kept(cast, used_up, held):
    booked(cast, held=held, beyond_reason="pays herself")
    event = AuditEvent.objects.get(verb="hold" if held else "book", detail__has_key="beyond_reason")
    assert event.detail["beyond_reason"] == "pays herself"


def test_a_reason_is_not_kept_where_it_was_not_needed(cast, now):
    booked(cast, beyond_reason="pays herself")
    assert "beyond_reason" not in AuditEvent.objects.get(verb="book").detail


def test_another_discipline_another_person_and_a_package_need_no_reason(cast, used_up):
    booked(cast, key="adjustment")
    booked(cast, patient=cast.marta)
    source = purchase(cast, cast.maria, acupuncture_visit=1)
    booked(cast, hour=11)
    assert left(source) == 0


def test_of_a_family_one_that_is_beyond_refuses_all(cast, used_up):
    before = Appointment.objects.count()
    with pytest.raises(Refused):
        book(by=cast.ana, wanted=[wanted(cast, patient=cast.iris, key="adjustment"), wanted(cast, hour=11)])
    assert Appointment.objects.count() == before


def test_whoever_walks_in_is_booked(cast, used_up):
    assert booked(cast, walk_in=True).pk


def test_the_mail_says_first_that_nothing_covers_it_and_what_it_costs(cast, used_up):
    part = Part.objects.get(service=cast.service("acupuncture_follow_up"))
    Price.objects.create(part=part, location=cast.uptown, amount="90.00")
    booked(cast, beyond_reason="pays herself")
    bodies = OutboxMessage.objects.filter(kind="booked").values_list("body", flat=True)
    (mail,) = [body for body in bodies if "insurance" in body]
    assert mail.split("\n\n")[:2] == [
        "Hello Maria,",
        "Your insurance does not cover the acupuncture visit of this appointment. It costs $90.00.",
    ]


def test_without_a_price_the_mail_says_to_ask(cast, used_up):
    booked(cast, beyond_reason="pays herself")
    bodies = " ".join(OutboxMessage.objects.values_list("body", flat=True))
    assert "Ask us what it costs." in bodies


def test_a_hold_that_becomes_a_booking_tells_the_patient_too(cast, used_up):
    held = booked(cast, held=True, beyond_reason="pays herself")
    confirm_hold(by=cast.ana, pk=held.pk)
    bodies = " ".join(OutboxMessage.objects.values_list("body", flat=True))
    assert "Your insurance does not cover" in bodies


# In the panel


def panel(client, patient, service, **more):
    query = {"patient": patient.pk, "service": service.pk, **more}
    return client.get(reverse("scheduling:book"), query, headers=PANEL)


def post(client, answer, **values):
    chosen = next(one["value"] for one in answer.context["offers"] if one["checked"])
    data = {"request_key": new_key(), "offer": chosen, "do": "book", **values}
    return client.post(reverse("scheduling:book"), data, headers=PANEL)


def test_the_panel_says_what_the_chosen_time_uses(cast, client_of, now):
    purchase(cast, cast.maria, until="2027-03-30", acupuncture_visit=3)
    answer = panel(client_of(cast.ana), cast.maria, cast.service("acupuncture_follow_up"))
    assert "Uses 1 acupuncture visit (3 left, until Mar 30). Insurance: none." in plain(
        answer.content.decode()
    )


def test_the_panel_warns_and_books_with_a_reason_and_a_tick(cast, client_of, used_up):
    client, service = client_of(cast.ana), cast.service("acupuncture_follow_up")
    answer = panel(client, cast.maria, service)
    assert answer.context["chosen"]["beyond"] == [USED_UP]
    form = {"patient": cast.maria.pk, "service": service.pk}
    before = Appointment.objects.count()
    refused = post(client, answer, **form)
    assert (refused.status_code, USED_UP in refused.content.decode()) == (422, True)
    untold = post(client, answer, **form, beyond_reason="pays herself")
    assert (untold.status_code, "Tell the patient first" in untold.content.decode()) == (422, True)
    assert "pays herself" in untold.content.decode()
    assert Appointment.objects.count() == before
    done = post(client, answer, **form, beyond_reason="pays herself", patient_knows="on")
    assert done.status_code == 303
    assert Appointment.objects.count() == before + 1
    assert AuthorizationEntry.objects.filter(kind="reserved").count() == 1


def test_a_series_says_what_all_of_it_uses_and_needs_the_reason(cast, client_of, now):
    authorization(cast, cast.maria, 2)
    client, service = client_of(cast.ana), cast.service("acupuncture_follow_up")
    rule = {
        "patient": cast.maria.pk,
        "service": service.pk,
        "weekdays": [0, 3],
        "date": "2026-11-26",
        "time": "09:00",
        "count": 3,
    }
    page = client.get(reverse("scheduling:repeat"), rule, headers=PANEL)
    assert page.context["uses"] == ("Insurance pays for 2 × acupuncture visit (2 of 2 left, until Jan 31).")
    assert page.context["beyond"] == ["Maria’s insurance visits are used up (0 of 2 left, until Jan 31)."]
    sent = client.post(reverse("scheduling:repeat"), {**rule, "request_key": new_key()}, headers=PANEL)
    assert (sent.status_code, Appointment.objects.count()) == (422, 0)
    more = {"request_key": new_key(), "beyond_reason": "pays the third", "patient_knows": "on"}
    assert client.post(reverse("scheduling:repeat"), {**rule, **more}, headers=PANEL).status_code == 303
    assert (Appointment.objects.count(), AuthorizationEntry.objects.filter(kind="reserved").count()) == (3, 2)
