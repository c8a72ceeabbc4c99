"""A red flag that closes everything is “Clinician first”; a clearance that ran out closes again by itself."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clinic.refusal import Refused
from intake.actions.flags import clear
from intake.models import RaisedFlag, Referral
from intake.queries import care, flags
from intake.queries.facts import alerts_of
from intake.rules.flags import closes_treatment
from tests.cast import NOW
from tests.intake.rows import TODAY, answered, flag

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "action, blocked, closes",
    [
        ("refer_now", ["all"], True),
        ("refer_now", [], True),
        ("refer_routine", ["all"], True),
        ("refer_routine", ["cervical_hvla"], False),
        ("caution", [], False),
    ],
)
def test_who_is_seen_by_a_clinician_first(cast, action, blocked, closes):
    row = flag(cast.maria, cast.mei, action=action, blocked=blocked)
    assert closes_treatment(row) is closes
    assert flags.clinician_first([cast.maria.pk, cast.rita.pk]) == ({cast.maria.pk} if closes else set())


@pytest.mark.parametrize("key, regions", [("RF031", ["back"]), ("RF037", ["headache"])])
def test_the_routine_referrals_that_block_everything_are_such(cast, key, regions):
    (row,) = answered(cast.maria, cast.mei, {key: "yes"}, regions=regions)
    assert (row.action, row.blocked_modalities) == ("refer_routine", ["all"])
    assert flags.clinician_first([cast.maria.pk]) == {cast.maria.pk}


def cleared(cast, until, *, at=NOW - 30 * DAY):
    """A flag that Mei cleared on a physician's word which holds until that day."""
    row = flag(cast.maria, cast.mei)
    referral = Referral.objects.create(
        patient=cast.maria,
        why="Numb",
        opened_at=NOW - 40 * DAY,
        cleared_until=until,
        reply_on=TODAY - 31 * DAY,
    )
    referral.flags.set([row])
    RaisedFlag.objects.filter(pk=row.pk).update(
        cleared_at=at, cleared_by=cast.mei, cleared_why="letter of Dr. Amos", version=2
    )
    return RaisedFlag.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    "until, is_open",
    [(TODAY - DAY, True), (TODAY, False), (TODAY + DAY, False), (date(2026, 11, 1), True)],
)
def test_the_day_after_its_last_day_it_is_open_again(cast, until, is_open):
    row = cleared(cast, until)
    assert flags.open_flags(cast.maria, TODAY) == ([row] if is_open else [])
    assert flags.clinician_first([cast.maria.pk], TODAY) == ({cast.maria.pk} if is_open else set())
    assert bool(flags.treatment_is_closed(cast.maria, TODAY)) is is_open
    assert flags.blocked_modalities(cast.maria, TODAY) == ({"all"} if is_open else set())
    assert [alert.words for alert in alerts_of(cast.maria, TODAY)] == (
        ["red flag: refer now"] if is_open else []
    )


def test_the_same_day_it_is_said_and_listed(cast, client_of):
    row = cleared(cast, TODAY - DAY)
    page = client_of(cast.mei).get(reverse("intake:history", args=[cast.maria.pk]))
    assert (page.context["open_flags"], page.context["closed"], page.context["cleared"]) == ([row], True, [])
    assert page.content.count(b"clearance ran out") >= 1
    assert [(one.patient, one.state) for one in care.open_referrals(cast.mei, TODAY)] == [
        (cast.maria, "expired")
    ]


def test_a_newer_clearance_keeps_it_cleared(cast):
    row = cleared(cast, TODAY - DAY)
    newer = Referral.objects.create(
        patient=cast.maria, why="Again", opened_at=NOW - DAY, cleared_until=TODAY + 90 * DAY
    )
    newer.flags.set([row])
    assert flags.open_flags(cast.maria, TODAY) == []


def test_cleared_by_a_clinician_after_that_day_it_stays_cleared(cast):
    cleared(cast, TODAY - 10 * DAY, at=NOW - 5 * DAY)
    assert flags.open_flags(cast.maria, TODAY) == []


def test_without_a_clearance_what_is_cleared_stays_cleared(cast):
    row = cleared(cast, None)
    assert flags.open_flags(cast.maria, TODAY) == []
    with pytest.raises(Refused, match="cleared already"):
        clear(by=cast.mei, pk=row.pk, version=row.version, why="once more", now=NOW)


def test_it_is_cleared_anew_and_keeps_the_earlier_reason(cast):
    row = cleared(cast, TODAY - DAY)
    clear(by=cast.daniel, pk=row.pk, version=row.version, why="new letter", now=NOW)
    row.refresh_from_db()
    assert (row.cleared_at, row.cleared_by) == (NOW, cast.daniel)
    assert row.cleared_why == "letter of Dr. Amos\n\nnew letter"
    assert flags.open_flags(cast.maria, TODAY) == []
    assert [one.pk for one in flags.cleared_flags(cast.maria)] == [row.pk]


def test_the_desk_reads_clinician_first_and_not_why(cast, client_of):
    cleared(cast, TODAY - DAY)
    page = client_of(cast.ana).get(reverse("intake:alerts", args=[cast.maria.pk])).content.decode()
    assert page.lower().count("clinician first") >= 1
    assert "Dr. Amos" not in page
