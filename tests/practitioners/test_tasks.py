"""Notices 90, 60 and 30 days before a license ends. The cast's Sam ends on 2026-12-01; Ken ended on 2026-08-01."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.models import AuditEvent, RoleGrant
from messaging.models import OutboxMessage
from practitioners.models import License, LicenseNotice
from practitioners.tasks import check_licenses, tell_owner_about_licenses
from tests.threads import in_threads

ENDS = date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.fixture
def sams(cast):
    """Sam's license is the only one that ends within a year."""
    License.objects.filter(practitioner=cast.ken.practitioner).update(expires_on=date(2028, 8, 1), version=9)
    return License.objects.get(practitioner=cast.sam.practitioner)


def told():
    """Subjects of the mails queued so far, in order."""
    return list(OutboxMessage.objects.order_by("created_at").values_list("subject", flat=True))


def on(days_left, now, ends=ENDS):
    return tell_owner_about_licenses(ends - days_left * DAY, now - days_left * DAY)


@pytest.mark.django_db
def test_each_day_of_the_last_hundred_and_after_tells_three_times(cast, sams, now):
    given = [days for days in range(100, -10, -1) if on(days, now)]
    assert given == [90, 60, 30]
    assert told() == [f"License of Sam Park ends in {days} days" for days in (90, 60, 30)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "runs, given",
    [
        ([95, 58, 57, 40], [58]),
        ([89, 59, 29], [89, 59, 29]),
        ([12, 11], [12]),
        ([0, -1], [0]),
        ([90, 90, 90], [90]),
        ([91], []),
    ],
)
def test_after_missed_days_only_the_nearest_notice_is_given(cast, sams, now, runs, given):
    assert [days for days in runs if on(days, now)] == given


@pytest.mark.django_db
def test_the_mail_says_whose_license_ends_when_and_where_to_renew_it(cast, sams, now, settings):
    settings.PUBLIC_URL = "https://clinic.example/"
    on(7, now)
    mail = OutboxMessage.objects.get()
    assert (mail.to, mail.kind, mail.about) == (cast.olive.email, "license_ends", f"license:{sams.pk}")
    assert mail.body == (
        f"The license “{sams.kind.name}” ({sams.number}, NC) of Sam Park ends on December 1, 2026.\n"
        "From that day on nobody is offered or booked with Sam Park for what it covers.\n\n"
        "When it is renewed, enter the new date and mark that you checked it:\n"
        f"https://clinic.example/clinic/providers/{sams.practitioner_id}/\n"
    )


@pytest.mark.django_db
def test_a_license_that_ended_unnoticed_is_told_of_once(cast, now):
    """Ken's: on the day the cast lives in it had ended for months."""
    tell_owner_about_licenses(date(2026, 11, 24), now)
    tell_owner_about_licenses(date(2026, 11, 25), now)
    assert sorted(told()) == ["License of Ken Moss has ended", "License of Sam Park ends in 7 days"]


@pytest.mark.django_db
def test_a_renewal_starts_anew(cast, sams, now):
    on(30, now)
    renewed = date(2028, 6, 1)
    License.objects.filter(pk=sams.pk).update(expires_on=renewed, version=9)
    assert [on(100, now, renewed), on(90, now, renewed)] == [0, 1]
    assert list(LicenseNotice.objects.order_by("expires_on").values_list("expires_on", "days")) == [
        (ENDS, 30),
        (renewed, 90),
    ]


@pytest.mark.django_db
def test_every_owner_in_force_is_told(cast, sams, now):
    RoleGrant.objects.create(user=cast.ana, role="owner", since=now - 100 * DAY)
    RoleGrant.objects.create(user=cast.dana, role="owner", since=now - 100 * DAY, until=now - 50 * DAY)
    on(30, now)
    assert sorted(OutboxMessage.objects.values_list("to", flat=True)) == [cast.ana.email, cast.olive.email]


@pytest.mark.django_db
def test_without_an_owner_the_notice_waits_for_one(cast, sams, now):
    grants = RoleGrant.objects.filter(role="owner")
    grants.update(until=now - 300 * DAY)
    assert (on(30, now), LicenseNotice.objects.count()) == (0, 0)
    grants.update(until=None)
    assert on(30, now) == 1


@pytest.mark.django_db
def test_it_is_in_the_audit_log(cast, sams, now):
    on(30, now)
    event = AuditEvent.objects.get(verb="tell_owner")
    assert (event.by, event.object, event.detail) == (None, f"practitioners.license:{sams.pk}", {"days": 30})


@pytest.mark.django_db
def test_the_day_is_the_clinics_own(cast, sams):
    """90 days before December 1 is September 2; in Uptown it begins at 04:00 UTC."""
    before, after = datetime(2026, 9, 2, 3, 59, tzinfo=UTC), datetime(2026, 9, 2, 4, 0, tzinfo=UTC)
    assert [check_licenses(before), check_licenses(after), check_licenses(after)] == [0, 1, 0]


@pytest.mark.alone
def test_two_workers_tell_once(cast, committed, now):
    results = in_threads([lambda: tell_owner_about_licenses(date(2026, 11, 24), now)] * 4)
    assert (sum(results), OutboxMessage.objects.count()) == (2, 2)
