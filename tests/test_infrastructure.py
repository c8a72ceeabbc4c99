"""The fixtures keep what tests/README.md promises."""

import os

import pytest
from django.db import connection
from django.utils import timezone
from zeal.errors import NPlusOneError

from clinic.models import Profile
from patients.models import Patient
from scripts.test import ROOT, environment
from services.models import Service
from tests import database
from tests.cast import NOW
from tests.conftest import WatchfulClient
from tests.rows import at, timetable, visit
from tests.threads import in_threads

pytestmark = pytest.mark.filterwarnings("error")


def names_of(cast):
    return Profile.objects.filter(user=cast.ana).values_list("name", flat=True).get()


class TestRollingBack:
    """The same test twice: neither sees what the other wrote."""

    @pytest.mark.django_db
    @pytest.mark.parametrize("time", [1, 2])
    def test_what_a_test_writes_is_gone_afterwards(self, cast, time):
        assert names_of(cast) == "Ana Desk"
        profile = cast.ana.profile
        profile.name = "Anna"
        profile.save()

    @pytest.mark.parametrize("time", [1, 2])
    def test_what_is_committed_stays_in_a_copy(self, cast, committed, time):
        assert names_of(cast) == "Ana Desk"
        profile = cast.ana.profile
        profile.name = "Anna"
        profile.save()
        assert in_threads([lambda: names_of(cast)] * 2) == ["Anna", "Anna"]


def test_what_is_done_with_waits_and_is_dropped_together(databases, monkeypatch):
    mine = [database.LOCKS, database.RETIRED]
    databases.run("SELECT pg_advisory_lock(%s, hashtext(%s))", *mine)  # No other worker drops them meanwhile.
    monkeypatch.setattr(database, "ENOUGH", 1_000)
    waiting = [databases.retire(databases.copy()) for _ in range(2)]
    found = databases.existing()
    monkeypatch.setattr(database, "ENOUGH", 1)
    waiting.append(databases.retire(databases.copy()))
    left = databases.existing()
    databases.run("SELECT pg_advisory_unlock(%s, hashtext(%s))", *mine)
    assert found >= set(waiting[:2])
    assert left.isdisjoint(waiting)


def test_processes_of_a_run_keep_bytecode_and_not_beside_the_sources_where_that_is_not_wanted(monkeypatch):
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert environment() == dict(os.environ)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    rest = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    assert environment() == {**rest, "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode")}


@pytest.mark.django_db
def test_the_clock_stands_still_at_the_cast_s_morning(now):
    assert timezone.now() == now == NOW == timezone.now()


@pytest.mark.alone
def test_the_clock_runs_where_threads_wait():
    first = timezone.now()
    assert NOW <= first < timezone.now()


def test_threads_give_back_what_went_wrong(committed):
    def fail():
        raise ZeroDivisionError

    done, failed = in_threads([lambda: Patient.objects.count(), fail])
    assert (done, type(failed)) == (9, ZeroDivisionError)
    assert connection.settings_dict["NAME"] == committed


@pytest.mark.django_db
def test_a_page_that_asks_for_each_of_its_rows_fails(client_of, cast, settings):
    settings.ROOT_URLCONF = "tests.slow_urls"
    client = client_of(cast.olive)
    assert isinstance(client, WatchfulClient)
    with pytest.raises(NPlusOneError):
        client.get("/slow/")


@pytest.mark.django_db
def test_a_visit_has_the_phases_of_its_service_one_after_another(cast):
    made = visit(
        cast.maria,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at("13:00", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4},
    )
    clock = [
        (
            phase.kind,
            f"{phase.starts_at.astimezone(cast.uptown.tz):%H:%M}",
            f"{phase.ends_at.astimezone(cast.uptown.tz):%H:%M}",
        )
        for part in made.parts.all()
        for phase in part.phases.all()
    ]
    assert clock == [
        ("hands_on", "13:00", "13:15"),
        ("retention", "13:15", "13:45"),
        ("removal", "13:45", "13:50"),
        ("turnover", "13:50", "13:55"),
        ("rest", "13:50", "13:55"),
        ("adjustment", "13:55", "14:10"),
        ("turnover", "14:10", "14:15"),
    ]
    assert made.ends_at == at("14:10", cast.uptown)
    reserved = made.reservations.order_by("starts_at", "id").values_list("practitioner__name", "room__name")
    assert list(reserved) == [
        ("Mei Tan", "Room 1"),
        (None, "Room 1"),
        ("Mei Tan", "Room 1"),
        (None, "Room 1"),
        ("Daniel Lee", "Room 4"),
        (None, "Room 4"),
    ]


@pytest.mark.django_db
def test_the_timetable_of_every_service_is_as_long_as_its_phases_with_the_patient():
    for service in Service.objects.all():
        phases = [phase for part in service.parts.all() for phase in part.phases.all()]
        present = sum(phase.minutes for phase in phases if phase.patient_present)
        times = timetable(phases, NOW)
        last = max(times[phase.position][1] for phase in phases if phase.patient_present)
        assert (last - NOW).total_seconds() == present * 60
