"""Whose chart is open to whom: the rule as a table, and who is on duty where."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F
from django.db.models.expressions import RawSQL

from clinic.models import ChartsOpenTo, Clinic, Location, User, Workplace
from patients.models import CareTeam, Patient, PatientLocation, Restriction, Why
from practitioners.models import ON_DUTY, Absence, WorkingHours, on_duty_values
from tests.cast import NOW
from tests.patients.rows import merge_into, patient

pytestmark = pytest.mark.django_db
CLOSED, READ, WRITTEN = "closed", "read", "written"


def open_to(user, of, at=NOW):
    """What this person may do with the chart, by each way of asking for it; they agree."""
    rows = Patient.objects.filter(pk=of.pk)
    reads, writes = rows.charts_read_by(user, at).exists(), rows.charts_written_by(user, at).exists()
    row = rows.with_chart(user, at).get()
    assert (row.chart_read, row.chart_written) == (reads, writes)
    return WRITTEN if writes else READ if reads else CLOSED


def team_alone():
    Clinic.objects.update(charts_open_to=ChartsOpenTo.TEAM, version=F("version") + 1)


def restricted(cast, of):
    return Restriction.objects.create(patient=of, because="wish", since=NOW, by=cast.ana)


def member(user, of, why, since=NOW, until=None):
    if why == Why.REASON:
        until = until or since + timedelta(minutes=60)
    return CareTeam.objects.create(patient=of, user=user, why=why, since=since, until=until)


def needles_in(cast, of, since=NOW):
    PatientLocation.objects.filter(patient=of).update(needles_in_since=since)


class TestTheRule:
    """Maria comes to Uptown, where Daniel works; Theo works in Harbor. Olive owns the clinic and treats nobody."""

    @pytest.mark.parametrize(
        "person, clinic, team, shut",
        [
            ("daniel", WRITTEN, CLOSED, CLOSED),
            ("theo", CLOSED, CLOSED, CLOSED),
            ("olive", CLOSED, CLOSED, CLOSED),
            ("ana", CLOSED, CLOSED, CLOSED),
            ("dana", CLOSED, CLOSED, CLOSED),
        ],
    )
    def test_who_works_where_the_patient_comes(self, cast, person, clinic, team, shut):
        user = getattr(cast, person)
        assert open_to(user, cast.maria) == clinic
        row = restricted(cast, cast.maria)
        assert open_to(user, cast.maria) == shut
        row.lifted_at, row.lifted_by = NOW, cast.olive
        row.save()
        assert open_to(user, cast.maria) == clinic
        team_alone()
        assert open_to(user, cast.maria) == team

    @pytest.mark.parametrize("person", ["daniel", "theo"])
    @pytest.mark.parametrize(
        "why, found",
        [
            (Why.TREATING, WRITTEN),
            (Why.NOTE, WRITTEN),
            (Why.HANDOVER, WRITTEN),
            (Why.PLAN, WRITTEN),
            (Why.BOOKING, CLOSED),
            (Why.REASON, READ),
        ],
    )
    @pytest.mark.parametrize("closed_by", ["setting", "restriction"])
    def test_who_treats_or_has_a_reason(self, cast, person, why, found, closed_by):
        team_alone() if closed_by == "setting" else restricted(cast, cast.maria)
        user = getattr(cast, person)
        assert open_to(user, cast.maria) == CLOSED
        member(user, cast.maria, why)
        assert open_to(user, cast.maria) == found
        assert open_to(user, cast.marta) == (
            WRITTEN if (person, closed_by) == ("daniel", "restriction") else CLOSED
        )

    @pytest.mark.parametrize("why", Why.values)
    @pytest.mark.parametrize(
        "person, by_reason", [("ana", CLOSED), ("dana", CLOSED), ("olive", READ), ("rita", CLOSED)]
    )
    def test_no_relation_makes_anybody_else_a_clinician(self, cast, why, person, by_reason):
        user = cast.rita.user if person == "rita" else getattr(cast, person)
        member(user, cast.maria, why)
        assert open_to(user, cast.maria) == (by_reason if why == Why.REASON else CLOSED)

    @pytest.mark.parametrize("why, found", [(Why.TREATING, WRITTEN), (Why.REASON, READ)])
    def test_a_relation_holds_from_its_beginning_to_its_end(self, cast, why, found):
        team_alone()
        member(cast.daniel, cast.maria, why, NOW, NOW + timedelta(minutes=60))
        at = [-1, 0, 3599, 3600]
        seen = [open_to(cast.daniel, cast.maria, NOW + timedelta(seconds=second)) for second in at]
        assert seen == [CLOSED, found, found, CLOSED]

    def test_when_it_closes_again_is_the_latest_end(self, cast):
        for minutes in (60, 20):
            member(cast.theo, cast.maria, Why.REASON, NOW, NOW + timedelta(minutes=minutes))
        row = Patient.objects.with_chart(cast.theo, NOW).get(pk=cast.maria.pk)
        assert (row.chart_opened_until, row.chart_restricted) == (NOW + timedelta(minutes=60), False)

    @pytest.mark.parametrize(
        "person, found", [("daniel", WRITTEN), ("theo", CLOSED), ("ana", CLOSED), ("olive", CLOSED)]
    )
    def test_needles_are_in(self, cast, person, found):
        team_alone()
        restricted(cast, cast.maria)
        needles_in(cast, cast.maria)
        assert open_to(getattr(cast, person), cast.maria) == found
        assert open_to(getattr(cast, person), cast.marta) == CLOSED

    def test_needles_are_in_and_the_provider_is_off(self, cast):
        team_alone()
        needles_in(cast, cast.maria)
        WorkingHours.objects.filter(practitioner=cast.daniel.practitioner, weekday=1).delete()
        assert open_to(cast.daniel, cast.maria) == CLOSED

    def test_needles_that_nobody_noted_as_out_do_not_keep_it_open(self, cast):
        team_alone()
        needles_in(cast, cast.maria, NOW - timedelta(hours=12))
        assert open_to(cast.daniel, cast.maria) == CLOSED
        needles_in(cast, cast.maria, NOW - timedelta(hours=11, minutes=59))
        assert open_to(cast.daniel, cast.maria) == WRITTEN

    def test_an_old_record_is_part_of_the_kept_ones_chart(self, cast):
        old = patient(cast)
        merge_into(cast, kept=cast.maria, merged=old)
        team_alone()
        assert open_to(cast.daniel, old) == CLOSED
        member(cast.daniel, cast.maria, Why.TREATING)
        assert open_to(cast.daniel, old) == WRITTEN
        Clinic.objects.update(charts_open_to=ChartsOpenTo.CLINIC, version=F("version") + 1)
        assert open_to(cast.jo, old) == WRITTEN
        restricted(cast, cast.maria)
        assert open_to(cast.jo, old) == CLOSED

    @pytest.mark.parametrize("change", ["role", "account", "workplace"])
    def test_what_somebody_is_counts_from_the_next_request(self, cast, change):
        if change == "role":
            cast.daniel.role_grants.update(until=NOW)
        elif change == "account":
            User.objects.filter(pk=cast.daniel.pk).update(is_active=False)
        else:
            Workplace.objects.filter(user=cast.daniel).delete()
        assert open_to(User.objects.get(pk=cast.daniel.pk), cast.maria) == CLOSED


def on_duty(user, at=NOW):
    return list(
        Location.objects.filter(pk__in=RawSQL(ON_DUTY, on_duty_values(user, at))).values_list(
            "name", flat=True
        )
    )


class TestOnDuty:
    """Mei works in Uptown (New York's zone), Theo in Harbor (Chicago's). It is a Tuesday."""

    def alone_on(self, person, weekday, **fields):
        rows = WorkingHours.objects.filter(practitioner=person.practitioner)
        rows.exclude(weekday=weekday).delete()
        rows.update(**fields, version=F("version") + 1)

    def test_where_there_are_hours_that_day(self, cast):
        assert (on_duty(cast.mei), on_duty(cast.theo)) == (["Uptown"], ["Harbor"])
        assert (on_duty(cast.ana), on_duty(cast.olive)) == ([], [])

    @pytest.mark.parametrize(
        "clock, found",
        [
            (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), []),
            (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), ["Harbor"]),
            (datetime(2026, 11, 25, 5, 59, tzinfo=UTC), ["Harbor"]),
            (datetime(2026, 11, 25, 6, 0, tzinfo=UTC), []),
        ],
    )
    def test_the_weekday_is_the_one_on_the_locations_wall(self, cast, clock, found):
        self.alone_on(cast.theo, 1)
        assert on_duty(cast.theo, clock) == found

    @pytest.mark.parametrize(
        "first, last, found",
        [
            (date(2026, 11, 24), None, ["Uptown"]),
            (date(2026, 11, 25), None, []),
            (date(2026, 1, 1), date(2026, 11, 24), ["Uptown"]),
            (date(2026, 1, 1), date(2026, 11, 23), []),
        ],
    )
    def test_hours_count_while_they_are_valid(self, cast, first, last, found):
        self.alone_on(cast.mei, 1, valid_from=first, valid_until=last)
        assert on_duty(cast.mei) == found

    @pytest.mark.parametrize(
        "begins, ends, withdrawn, found",
        [
            (0, 60, False, []),
            (-60, 0, False, ["Uptown"]),
            (1, 60, False, ["Uptown"]),
            (-60, 60, False, []),
            (-60, 60, True, ["Uptown"]),
        ],
    )
    def test_who_is_away_at_that_moment_is_not(self, cast, begins, ends, withdrawn, found):
        Absence.objects.create(
            practitioner=cast.mei.practitioner, kind="leave", starts_at=NOW + timedelta(minutes=begins),
            ends_at=NOW + timedelta(minutes=ends), withdrawn_at=NOW if withdrawn else None,
        )  # fmt: skip
        assert on_duty(cast.mei) == found

    def test_who_treats_here_no_more_is_not(self, cast):
        row = cast.mei.practitioner
        row.active = False
        row.save()
        assert on_duty(cast.mei) == []

    def test_the_hour_does_not_count(self, cast):
        self.alone_on(cast.mei, 1)
        assert on_duty(cast.mei, datetime(2026, 11, 25, 4, 30, tzinfo=UTC)) == ["Uptown"]
