"""Who opened one's record: what counts, by day and person, for the patient alone."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from clinic import audit
from clinic.models import Role, RoleGrant
from patients.actions import note_read, open_with_reason, restrict
from patients.models import Patient, RelatedPerson
from patients.queries import who_looked
from patients.queries.charts import OPENED
from patients.queries.looking import PAGE, READINGS, is_reading
from tests.cast import NOW, SET_UP_AT
from tests.patients.rows import merge_into, patient

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def read(by, of, at=NOW, verb="read"):
    with time_machine.travel(at, tick=False):
        audit.record(by=by, verb=verb, about=of, patient=of)


def looked(cast, of=None, page=1):
    rows, _more = who_looked(of or cast.rita, cast.uptown.tz, NOW, page)
    return [(f"{row.on:%m-%d}", row.name, row.times, row.with_reason) for row in rows]


def url(of):
    return reverse("portal:opened", args=[of.pk])


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


class TestWhatCounts:
    @pytest.mark.parametrize("verb", [*READINGS, "read", "read summary", "read_alerts"])
    def test_every_reading(self, cast, verb):
        read(cast.mei, cast.rita, verb=verb)
        assert looked(cast) == [("11-24", "Mei Tan", 1, verb == OPENED)]

    @pytest.mark.parametrize("verb", ["book", "edit", "sign note", "restrict chart", "denied"])
    def test_nothing_else(self, cast, verb):
        read(cast.mei, cast.rita, verb=verb)
        assert looked(cast) == []

    def test_what_views_write_down_about_a_patient_is_reading(self):
        told = [
            (path, verb)
            for path in ROOT.glob("*/views/*.py")
            for call in re.findall(
                r"audit\.record\((.*?)\n    ?\S|audit\.record\((.*?)\)\n", path.read_text(), re.S
            )
            for verb in re.findall(r'verb="([^"]+)"', "".join(call))
        ]
        assert len(told) > 5
        assert [(path, verb) for path, verb in told if not is_reading(verb) and verb != "look up lot"] == []

    def test_staff_alone_as_they_were_at_that_moment(self, cast):
        grant = RoleGrant.objects.get(user=cast.ana)
        grant.until = NOW - timedelta(days=2)
        grant.save()
        read(cast.ana, cast.rita, NOW - timedelta(days=3))
        read(cast.ana, cast.rita, NOW - timedelta(days=1))
        read(cast.rita.user, cast.rita)
        read(None, cast.rita)
        assert looked(cast) == [("11-21", "Ana Desk", 1, False)]

    def test_a_proxy_who_looks_is_no_member_of_staff(self, cast, client_of):
        RelatedPerson.objects.create(
            patient=cast.rita, user=cast.iris.user, name="Iris", relation="friend", appointments=True,
            since=SET_UP_AT,
        )  # fmt: skip
        assert client_of(cast.iris).get(reverse("portal:plan_of", args=[cast.rita.pk])).status_code == 200
        assert looked(cast) == []

    def test_records_that_were_merged_count_together(self, cast):
        old = patient(cast, "Rita", "Lopes")
        read(cast.mei, old)
        read(cast.ana, cast.rita, NOW + timedelta(minutes=1))
        merge_into(cast, kept=cast.rita, merged=old)
        assert looked(cast) == [("11-24", "Ana Desk", 1, False), ("11-24", "Mei Tan", 1, False)]

    def test_a_year_and_no_longer(self, cast):
        RoleGrant.objects.filter(user=cast.mei).update(since=NOW - timedelta(days=2000))
        read(cast.mei, cast.rita, NOW - timedelta(days=365))
        read(cast.mei, cast.rita, NOW - timedelta(days=365, seconds=1))
        assert [times for _on, _name, times, _why in looked(cast)] == [1]


class TestFolding:
    def test_by_person_and_day_and_within_a_minute_once(self, cast):
        for seconds in (0, 20, 300, 301, 4000):
            read(cast.mei, cast.rita, NOW + timedelta(seconds=seconds))
        read(cast.mei, cast.rita, NOW - timedelta(days=1))
        read(cast.ana, cast.rita, NOW + timedelta(seconds=4100))
        assert looked(cast) == [
            ("11-24", "Ana Desk", 1, False),
            ("11-24", "Mei Tan", 3, False),
            ("11-23", "Mei Tan", 1, False),
        ]

    def test_the_day_is_the_one_on_the_clinics_wall(self, cast):
        read(cast.mei, cast.rita, datetime(2026, 11, 24, 4, 59, tzinfo=UTC))
        read(cast.mei, cast.rita, datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
        assert [on for on, *_ in looked(cast)] == ["11-24", "11-23"]

    def test_who_has_two_roles_is_counted_once(self, cast):
        RoleGrant.objects.create(user=cast.mei, role=Role.OWNER, since=SET_UP_AT)
        RoleGrant.objects.create(user=cast.mei, role=Role.PATIENT, since=SET_UP_AT)
        read(cast.mei, cast.rita)
        (row,), more = who_looked(cast.rita, cast.uptown.tz, NOW)
        assert (row.roles, row.times, more) == ("owner, provider", 1, False)


class TestThePage:
    def test_who_what_they_are_and_when(self, cast, client_of):
        restrict(by=cast.ana, request_key=None, pk=cast.rita.pk, because="wish", now=NOW)
        open_with_reason(by=cast.daniel, request_key=None, pk=cast.rita.pk, reason="qreasonz", now=NOW)
        read(cast.ana, cast.rita, NOW - timedelta(hours=1))
        read(cast.ana, cast.rita, NOW - timedelta(minutes=30))
        read(cast.olive, cast.rita, NOW - timedelta(days=40))
        text = words(client_of(cast.rita).get(url(cast.rita)))
        assert "Tuesday, November 24, 2026 Daniel Lee , provider with a reason 10:42 am" in text
        assert "Ana Desk , front desk 9:42 am to 10:12 am, 2 times" in text
        assert "Thursday, October 15, 2026 Olive Owner , owner 11:42 am" in text
        assert text.count("with a reason 10:42") == 1
        assert "qreasonz" not in text

    def test_nobody_looked(self, cast, client_of):
        assert "Nobody opened your record" in words(client_of(cast.rita).get(url(cast.rita)))

    def test_the_plan_leads_there_from_ones_own_page_alone(self, cast, client_of):
        assert client_of(cast.rita).get("/my/").content.decode().count(url(cast.rita)) == 1
        leos = client_of(cast.iris).get(reverse("portal:plan_of", args=[cast.leo.pk]))
        assert (leos.status_code, leos.content.decode().count("/opened/")) == (200, 0)

    def test_who_acts_for_somebody_has_no_right_to_it(self, cast, client_of):
        RelatedPerson.objects.filter(pk=cast.leos_mother.pk).update(
            appointments=True, forms=True, payments=True, health_details=True, version=2
        )
        assert client_of(cast.iris).get(url(cast.leo)).status_code == 404
        assert client_of(cast.iris).get(url(cast.iris)).status_code == 200
        assert client_of(cast.iris).get(url(cast.rita)).status_code == 404

    @pytest.mark.parametrize("person", ["ana", "mei", "olive"])
    def test_staff_are_not_asked_here(self, cast, client_of, person):
        assert client_of(getattr(cast, person)).get(url(cast.rita)).status_code == 403

    def test_the_page_of_a_record_that_was_merged_is_gone(self, cast, client_of):
        merge_into(cast, kept=cast.maria, merged=cast.rita)
        kept = Patient.objects.get(pk=cast.maria.pk)
        assert client_of(cast.rita).get(url(cast.rita)).status_code == 404
        assert kept.merged_into_id is None

    def test_it_comes_in_pages(self, cast, client_of):
        for days in range(PAGE + 2):
            read(cast.mei, cast.rita, NOW - timedelta(days=days))
        first, second = (client_of(cast.rita).get(url(cast.rita), {"page": page}) for page in (1, 2))
        assert (len(first.context["looked"]), len(second.context["looked"])) == (PAGE, 2)
        assert ("Earlier days" in words(first), "Later days" in words(first)) == (True, False)
        assert ("Earlier days" in words(second), "Later days" in words(second)) == (False, True)

    @pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "²"])
    def test_a_page_that_is_none_is_the_first(self, cast, client_of, page):
        note_read(by=cast.mei, patient=cast.rita)
        assert len(client_of(cast.rita).get(url(cast.rita), {"page": page}).context["looked"]) == 1

    @pytest.mark.parametrize("many", [1, 20])
    def test_the_number_of_statements_is_fixed(self, cast, client_of, django_assert_num_queries, many):
        for number in range(many):
            read([cast.mei, cast.ana, cast.olive][number % 3], cast.rita, NOW - timedelta(days=number))
        client = client_of(cast.rita)
        with django_assert_num_queries(11):
            client.get(url(cast.rita))
