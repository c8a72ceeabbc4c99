from datetime import date, time, timedelta

import pytest

from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey, new_key
from clinic.timespan import TimeSpan
from practitioners import actions, queries
from practitioners.models import Absence, Certification, License, LicenseKind, Practitioner, WorkingHours
from services.models import Discipline
from tests.rows import at
from tests.threads import in_threads

TODAY = date(2026, 11, 24)


def events():
    """(verb, detail) of what was done in this test."""
    return list(
        AuditEvent.objects.exclude(verb="load_reference").order_by("at").values_list("verb", "detail")
    )


def license_values(**more):
    values = {"kind": LicenseKind.objects.get(key="lac"), "number": "L-77", "state": "NC", "issuer": "Board"}
    return {**values, "issued_on": date(2026, 1, 1), "expires_on": date(2028, 1, 1), **more}


def hours_values(cast, starts=time(18), ends=time(20), **more):
    values = {"location": cast.uptown, "starts": starts, "ends": ends}
    return {**values, "valid_from": TODAY, "valid_until": None, **more}


@pytest.mark.django_db
def test_a_practitioner_is_added_with_disciplines(cast):
    massage = Discipline.objects.get(key="massage")
    values = {"name": "Ada Stone", "credentials": "LMT", "gender": "", "user": None, "active": True}
    row = actions.add_practitioner(by=cast.olive, values=values, disciplines=[massage], location="/")
    kept = Practitioner.objects.get(pk=row.pk)
    assert (str(kept), list(kept.disciplines.all())) == ("Ada Stone, LMT", [massage])
    assert events() == [("add_practitioner", {})]


@pytest.mark.django_db
def test_a_change_names_what_changed(cast):
    mei = cast.mei.practitioner
    actions.change_practitioner(
        by=cast.olive,
        practitioner=mei,
        version=mei.version,
        values={"name": "Mei Tan-Lee", "credentials": mei.credentials},
        disciplines=[*mei.disciplines.all(), Discipline.objects.get(key="massage")],
        location="/",
    )
    mei.refresh_from_db()
    assert (mei.name, mei.version, mei.disciplines.count()) == ("Mei Tan-Lee", 2, 2)
    assert events() == [("change_practitioner", {"changed": ["name", "disciplines"]})]


@pytest.mark.django_db
def test_an_account_belongs_to_one_practitioner(cast):
    values = {"name": "Ada Stone", "user": cast.mei}
    with pytest.raises(Refused) as refusal:
        actions.add_practitioner(by=cast.olive, values=values, disciplines=[], location="/")
    assert refusal.value.reasons == ["This account already belongs to Mei Tan. Choose another one."]


@pytest.mark.django_db
def test_a_stale_form_changes_nothing(cast):
    mei = cast.mei.practitioner
    with pytest.raises(Refused) as refusal:
        actions.change_practitioner(
            by=cast.olive, practitioner=mei, version=7, values={"name": "X"}, disciplines=[], location="/"
        )
    mei.refresh_from_db()
    assert (refusal.value.status, mei.name, mei.disciplines.count()) == (409, "Mei Tan", 1)


def keep(cast, values, checked=False, **more):
    return actions.keep_license(
        by=cast.olive,
        practitioner=cast.mei.practitioner,
        values=values,
        checked=checked,
        today=TODAY,
        location="/",
        **more,
    )


@pytest.mark.django_db
def test_a_checked_license_says_who_and_when(cast):
    row = keep(cast, license_values(), checked=True)
    assert (row.verified_by, row.verified_on) == (cast.olive, TODAY)
    assert [verb for verb, _detail in events()] == ["add_license"]


@pytest.mark.django_db
def test_a_change_that_nobody_checked_takes_the_mark_away(cast):
    row = keep(cast, license_values(), checked=True)
    same = keep(cast, license_values(), license=row, version=1)
    assert same.verified_on == TODAY
    changed = keep(cast, license_values(expires_on=date(2030, 1, 1)), license=row, version=2)
    assert (changed.verified_by, changed.verified_on) == (None, None)


@pytest.mark.django_db
def test_a_license_number_is_recorded_once(cast):
    keep(cast, license_values())
    with pytest.raises(Refused) as refusal:
        keep(cast, license_values())
    assert refusal.value.reasons == ["Number L-77 in NC is already recorded for Mei Tan. Check the number."]
    assert keep(cast, license_values(state="IL")).state == "IL"


@pytest.mark.django_db
def test_a_license_expires_after_its_issue(cast):
    with pytest.raises(Refused) as refusal:
        keep(cast, license_values(expires_on=date(2026, 1, 1)))
    assert refusal.value.reasons == ["A license expires after the day it was issued. Check both dates."]
    assert License.objects.filter(number="L-77").count() == 0


@pytest.mark.django_db
def test_a_certification_is_kept_and_checked(cast):
    values = {"name": "NCCAOM", "number": "", "issuer": "", "issued_on": TODAY, "expires_on": None}
    sent = {"by": cast.olive, "today": TODAY, "location": "/"}
    row = actions.keep_certification(practitioner=cast.mei.practitioner, values=values, checked=False, **sent)
    actions.check(row=row, version=1, **sent)
    row = Certification.objects.get()
    assert (row.verified_by, row.verified_on, row.version) == (cast.olive, TODAY, 2)
    assert [verb for verb, _detail in events()] == ["add_certification", "check_certification"]


@pytest.mark.django_db
def test_the_same_form_adds_a_license_once(cast):
    key = RequestKey(key=new_key(), body_sha256="0" * 64, user_id=cast.olive.pk)
    keep(cast, license_values(), request_key=key)
    with pytest.raises(AlreadyDone):
        keep(cast, license_values(), request_key=key)
    assert License.objects.filter(number="L-77").count() == 1


def add(cast, weekdays, values):
    return actions.add_hours(
        by=cast.olive, practitioner=cast.mei.practitioner, weekdays=weekdays, values=values, location="/"
    )


@pytest.mark.django_db
def test_hours_for_several_weekdays_are_added_together(cast):
    rows = add(cast, [0, 2], hours_values(cast))
    assert [(row.weekday, row.starts, row.ends) for row in rows] == [
        (0, time(18), time(20)),
        (2, time(18), time(20)),
    ]
    assert [verb for verb, _detail in events()] == ["add_working_hours"]


@pytest.mark.django_db
def test_hours_that_overlap_are_refused_as_a_whole(cast):
    WorkingHours.objects.filter(practitioner=cast.mei.practitioner, weekday=0).delete()
    before = WorkingHours.objects.count()
    with pytest.raises(Refused) as refusal:
        add(cast, [0, 1], hours_values(cast, time(17), time(20)))
    assert refusal.value.reasons == [
        "This overlaps Tuesday 8:00 am–6:00 pm at Uptown. Change those hours or end them first."
    ]
    assert WorkingHours.objects.count() == before


@pytest.mark.django_db
def test_hours_may_be_changed_over_their_own_time(cast):
    row = WorkingHours.objects.get(practitioner=cast.mei.practitioner, weekday=1)
    changed = actions.change_hours(
        by=cast.olive,
        hours=row,
        version=1,
        values=hours_values(cast, time(9), time(17), weekday=1, valid_until=date(2026, 12, 31)),
        location="/",
    )
    assert (changed.starts, changed.valid_until, changed.version) == (time(9), date(2026, 12, 31), 2)


@pytest.mark.django_db
def test_removed_hours_are_gone_and_the_log_says_what_they_were(cast):
    row = WorkingHours.objects.get(practitioner=cast.mei.practitioner, weekday=1)
    actions.remove_hours(by=cast.olive, hours=row, version=1, location="/")
    assert WorkingHours.objects.filter(pk=row.pk).count() == 0
    assert events() == [("remove_working_hours", {"was": "Mei Tan, L.Ac., Tuesday 08:00–18:00"})]


@pytest.mark.django_db
def test_an_absence_is_a_row_and_nothing_else(cast):
    uptown = cast.uptown
    span = TimeSpan(at("12:00", uptown), at("18:00", uptown))
    actions.create_absence(practitioner=cast.mei.practitioner, span=span, kind="ill", note="back tomorrow")
    row = Absence.objects.get()
    assert (row.practitioner, row.starts_at, row.ends_at, row.kind, row.note) == (
        cast.mei.practitioner,
        span.start,
        span.end,
        "ill",
        "back tomorrow",
    )
    assert events() == []


@pytest.mark.django_db
def test_somebody_is_back_early(cast):
    span = TimeSpan(at("08:00", cast.uptown), at("18:00", cast.uptown))
    row = actions.create_absence(practitioner=cast.mei.practitioner, span=span, kind="ill")
    back = span.start + timedelta(hours=4)
    actions.end_absence_early(by=cast.ana, absence=row, version=1, ends_at=back, location="/")
    row.refresh_from_db()
    assert (row.ends_at, row.version) == (back, 2)
    assert events() == [("end_absence_early", {"was": span.end.isoformat()})]
    with pytest.raises(Refused) as refusal:
        actions.end_absence_early(by=cast.ana, absence=row, version=2, ends_at=span.end, location="/")
    assert refusal.value.reasons == ["This would not end earlier. To make it longer, record another absence."]


@pytest.mark.alone
def test_of_two_owners_who_add_overlapping_hours_at_once_one_is_refused(cast, committed):
    """Without the lock on the practitioner both would pass the rule."""
    by, mei, values = cast.olive, cast.mei.practitioner, hours_values(cast)

    def add_them():
        return actions.add_hours(by=by, practitioner=mei, weekdays=[0], values=dict(values), location="/")

    results = in_threads([add_them] * 4)
    assert sum(isinstance(result, list) for result in results) == 1
    assert {type(result) for result in results} == {list, Refused}
    assert WorkingHours.objects.filter(practitioner=mei, weekday=0).count() == 2


@pytest.mark.alone
def test_of_two_owners_who_add_one_license_number_at_once_one_is_told(cast, committed):
    by, mei, values = cast.olive, cast.mei.practitioner, license_values()

    def add_it():
        sent = {"by": by, "practitioner": mei, "checked": False, "today": TODAY, "location": "/"}
        return actions.keep_license(values=dict(values), **sent)

    results = in_threads([add_it] * 4)
    assert sorted(type(result).__name__ for result in results) == ["License", "Refused", "Refused", "Refused"]


@pytest.mark.django_db
def test_an_absence_that_does_not_happen_is_withdrawn_and_takes_no_time(cast):
    mei = cast.mei.practitioner
    span = TimeSpan(at("08:00", cast.uptown), at("18:00", cast.uptown))
    row = actions.create_absence(practitioner=mei, span=span, kind="leave")
    assert mei.pk not in queries.working_spans(cast.uptown, span)
    actions.end_absence_early(by=cast.ana, absence=row, version=1, ends_at=span.start, location="/")
    row.refresh_from_db()
    assert (row.ends_at, row.withdrawn_at is None) == (span.end, False)
    assert queries.working_spans(cast.uptown, span)[mei.pk] == [span]
    assert list(queries.absences_of(mei, span.start)) == []
