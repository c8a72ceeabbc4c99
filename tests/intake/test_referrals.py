"""A physician is asked: from the letter to the clearance that runs out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.refusal import Refused
from intake.actions import referrals as actions
from intake.models import Referral
from intake.queries import care
from intake.rules.letters import state_of
from tests.cast import NOW
from tests.intake.rows import TODAY, answered, posted

DAY = timedelta(days=1)
NOTHING = dict.fromkeys(
    ["sent_at", "letter_at", "reply_on", "reply_seen_at", "cleared_until", "closed_at"], None
)


@pytest.mark.parametrize(
    "known,state",
    [
        ({}, "open"),
        ({"letter_at": NOW}, "written"),
        ({"letter_at": NOW, "sent_at": NOW}, "sent"),
        ({"sent_at": NOW, "reply_on": TODAY}, "replied"),
        ({"reply_on": TODAY, "reply_seen_at": NOW}, "seen"),
        ({"reply_seen_at": NOW, "cleared_until": TODAY}, "cleared"),
        ({"cleared_until": TODAY - DAY}, "expired"),
        ({"closed_at": NOW}, "closed"),
        ({"closed_at": NOW, "cleared_until": TODAY - DAY}, "expired"),
    ],
)
def test_where_a_referral_stands(known, state):
    assert state_of(**{**NOTHING, **known}, today=TODAY) == state


def opened(cast, patient=None, **more):
    values = {"to": "Dr. Amos", "why": "numb since Monday", "urgency": "same_day", **more}
    return actions.open_by_hand(by=cast.mei, patient=patient or cast.maria, values=values, now=NOW)


def sent(row, cast, on=TODAY):
    return actions.mark_sent(
        by=cast.mei, pk=row.pk, version=row.version, sent_at=NOW, sent_on=on, how="fax", today=TODAY
    )


def written(row, cast):
    actions.write_letter(
        by=cast.mei, pk=row.pk, version=row.version, found="", place=cast.uptown, now=NOW, today=TODAY
    )
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_the_whole_way(cast):
    row = sent(written(opened(cast), cast), cast)
    row = actions.file_reply(
        by=cast.mei, pk=row.pk, version=row.version, reply_on=TODAY, reply="No harm found.", today=TODAY
    )
    row = actions.see_reply(by=cast.daniel, pk=row.pk, version=row.version, now=NOW)
    row = actions.clear_until(
        by=cast.mei, pk=row.pk, version=row.version, cleared_until=TODAY + 90 * DAY, today=TODAY
    )
    states = [care.with_state(Referral.objects.get(), TODAY + days * DAY).state for days in (0, 90, 91)]
    assert (row.reply_seen_by, states) == (cast.daniel, ["cleared", "cleared", "expired"])


@pytest.mark.django_db
def test_it_is_not_sent_before_there_is_a_letter(cast):
    with pytest.raises(Refused) as refused:
        sent(opened(cast), cast)
    assert refused.value.reasons == ["Make the letter first, then mark it as sent."]


@pytest.mark.django_db
def test_it_is_not_sent_twice_or_tomorrow(cast):
    row = written(opened(cast), cast)
    with pytest.raises(Refused):
        sent(row, cast, on=TODAY + DAY)
    row = sent(row, cast)
    with pytest.raises(Refused) as refused:
        sent(row, cast)
    assert refused.value.reasons == ["It is marked as sent already. Reload the page."]


@pytest.mark.django_db
def test_a_clearance_waits_until_the_reply_was_read(cast):
    row = opened(cast)
    with pytest.raises(Refused) as refused:
        actions.clear_until(by=cast.mei, pk=row.pk, version=1, cleared_until=TODAY + DAY, today=TODAY)
    assert refused.value.reasons == ["Read the reply and mark it as seen first."]


@pytest.mark.django_db
def test_a_second_reply_is_to_be_read_again(cast):
    row = opened(cast)
    for words in ("First.", "Second."):
        row = actions.file_reply(
            by=cast.mei, pk=row.pk, version=row.version, reply_on=TODAY, reply=words, today=TODAY
        )
        state = care.with_state(row, TODAY).state
        row = actions.see_reply(by=cast.mei, pk=row.pk, version=row.version, now=NOW)
        assert state == "replied"
    assert row.reply == "First.\n\nSecond."


@pytest.mark.django_db
def test_a_closed_referral_stays_closed(cast):
    row = opened(cast)
    row = actions.close(by=cast.mei, pk=row.pk, version=row.version, why="moved away", now=NOW)
    with pytest.raises(Refused):
        actions.change(by=cast.mei, pk=row.pk, version=row.version, values={"to": "Dr. Lee"})
    assert Referral.objects.get().to == "Dr. Amos"


# ---- the list


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements_for_any_number(
    cast, client_of, django_assert_num_queries, number
):
    for patient in [cast.maria, cast.sunny, cast.rita][:number]:
        opened(cast, patient)
    client = client_of(cast.mei)
    client.get(reverse("intake:referrals"))
    # 2 session and account, 2 roles and locations, 1 location worked at, 1 the list, 1 the clinic's name
    with django_assert_num_queries(7):
        answer = client.get(reverse("intake:referrals"))
    assert len(answer.context["referrals"]) == number


@pytest.mark.django_db
def test_what_is_settled_is_not_on_the_list_and_what_ran_out_is(cast):
    row = opened(cast)
    actions.close(by=cast.mei, pk=row.pk, version=row.version, why="settled", now=NOW)
    ran_out = opened(cast, cast.sunny)
    Referral.objects.filter(pk=ran_out.pk).update(cleared_until=TODAY - DAY, closed_at=NOW, version=2)
    assert [(one.patient, one.state) for one in care.open_referrals(cast.mei, TODAY)] == [
        (cast.sunny, "expired")
    ]


@pytest.mark.django_db
def test_the_list_shows_patients_of_ones_own_locations(cast, client_of):
    opened(cast, cast.maria)
    answer = client_of(cast.theo).get(reverse("intake:referrals"))
    assert (answer.status_code, answer.context["referrals"]) == (200, [])


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["ana", "olive", "rita"])
def test_who_is_no_clinician_does_not_get_the_list(cast, client_of, who):
    assert client_of(getattr(cast, who)).get(reverse("intake:referrals")).status_code == 403


@pytest.mark.django_db
def test_a_referral_that_a_flag_opened_goes_its_way_on_its_pages(cast, client_of):
    answered(cast.maria, cast.mei, {"RF001": "yes"})
    row, client = Referral.objects.get(), client_of(cast.mei)
    shown = reverse("intake:history", args=[cast.maria.pk])

    def do(step, **fields):
        row.refresh_from_db()
        url = reverse("intake:referral_step", args=[cast.maria.pk, row.pk, step])
        assert client.get(url).status_code == 200
        answer = client.post(url, posted(version=row.version, **fields))
        assert (answer.status_code, answer.headers.get("Location")) == (303, shown), step

    do("change", to="Dr. Amos", why=row.why, urgency="emergency")
    do("letter", found="Reflexes equal.")
    do("sent", sent_on="2026-11-23", how="fax")
    do("reply", reply_on="2026-11-24", reply="MRI is clear.")
    row.refresh_from_db()
    seen = reverse("intake:reply_seen", args=[cast.maria.pk, row.pk])
    assert client.post(seen, posted(version=row.version)).status_code == 303
    do("clearance", cleared_until="2027-02-01")
    do("close", why="settled")
    row.refresh_from_db()
    assert (row.sent_at.isoformat(), row.closed_why) == ("2026-11-23T17:00:00+00:00", "settled")


@pytest.mark.django_db
def test_an_unknown_step_is_no_page(cast, client_of):
    row = opened(cast)
    url = reverse("intake:referral_step", args=[cast.maria.pk, row.pk, "shred"])
    assert client_of(cast.mei).get(url).status_code == 404
