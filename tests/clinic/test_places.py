from datetime import UTC, datetime, time, timedelta

import pytest
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse

from clinic import queries
from clinic.actions import places as actions
from clinic.models import AuditEvent, Clinic, Closure, Location, Room, RoomKind
from clinic.refusal import Refused
from clinic.rules.places import (
    reasons_not_to_close,
    reasons_not_to_save_hours,
    reasons_not_to_save_location,
    reasons_not_to_use_name,
)
from clinic.submissions import new_key
from tests.rows import at, visit

MONDAY, TUESDAY = 0, 1


def sent(row=None, **fields):
    version = {"version": row.version} if row else {}
    return {"request_key": new_key(), **version, **fields}


def location_fields(row, **changes):
    names = ["name", "address", "state", "zone", "phone", "horizon_days"]
    active = {"active": "on"} if row.active else {}
    return {**{name: getattr(row, name) for name in names}, **active, **changes}


class TestRules:
    @pytest.mark.parametrize(
        "hours",
        [
            [],
            [(MONDAY, time(7), time(22))],
            [(MONDAY, time(7), time(12)), (MONDAY, time(13), time(0))],
            [(MONDAY, time(7), time(12)), (MONDAY, time(12), time(18))],
            [(MONDAY, time(0), time(0)), (TUESDAY, time(0), time(0))],
        ],
    )
    def test_hours_that_can_be(self, hours):
        assert reasons_not_to_save_hours(hours) == []

    def test_closing_before_opening(self):
        reasons = reasons_not_to_save_hours([(MONDAY, time(9), time(8)), (TUESDAY, time(9), time(9))])
        assert reasons == [
            "Monday closes before it opens. Change one of the two times.",
            "Tuesday closes before it opens. Change one of the two times.",
        ]

    @pytest.mark.parametrize("at", [time(9, 3), time(9, 0, 30)])
    def test_off_the_grid(self, at):
        assert reasons_not_to_save_hours([(MONDAY, at, time(18))]) == [
            "Monday: use times on the full five minutes."
        ]

    def test_three_openings_a_day(self):
        hours = [(MONDAY, time(7), time(8)), (MONDAY, time(9), time(10)), (MONDAY, time(11), time(12))]
        assert reasons_not_to_save_hours(hours) == ["Monday opens more than twice. Join two of its openings."]

    @pytest.mark.parametrize("second", [(time(11, 55), time(18)), (time(6), time(0))])
    def test_two_openings_at_once(self, second):
        reasons = reasons_not_to_save_hours([(MONDAY, time(7), time(12)), (MONDAY, *second)])
        assert reasons == ["Monday has two openings at the same time. Make them one, or leave a gap."]

    def test_closures(self):
        start = datetime(2026, 12, 24, tzinfo=UTC)
        assert reasons_not_to_close(start, start + timedelta(minutes=1)) == []
        assert reasons_not_to_close(start, start + timedelta(days=366)) == []
        backwards = ["The closure ends before it starts. Change one of the two."]
        assert reasons_not_to_close(start, start) == backwards
        assert reasons_not_to_close(start, start - timedelta(days=1)) == backwards
        too_long = ["A closure lasts at most a year. For longer, make the location inactive."]
        assert reasons_not_to_close(start, start + timedelta(days=366, minutes=1)) == too_long

    def test_the_last_active_location(self):
        assert reasons_not_to_save_location(active=False, others_active=1) == []
        assert reasons_not_to_save_location(active=True, others_active=0) == []
        assert reasons_not_to_save_location(active=False, others_active=0) == [
            "This is the only active location, and the clinic needs one. Activate another first."
        ]

    def test_names(self):
        assert reasons_not_to_use_name("Room 9", taken={"Room 1"}) == []
        assert reasons_not_to_use_name("room 1", taken={"Room 1"}) == [
            "“room 1” is taken. Choose another name."
        ]


@pytest.mark.django_db
class TestLocations:
    def test_the_index_leads_everywhere(self, cast, client_of):
        page = client_of(cast.olive).get(reverse("clinic:manage"))
        assert [url for url, *_ in page.context["pages"]] == [
            "/clinic/locations/",
            "/clinic/services/",
            "/packages/",
            "/packages/policy/",
            "/clinic/providers/",
            "/clinic/people/",
            "/clinic/forms/",
            "/clinic/red-flags/",
            "/notes/settings/",
            "/notes/against-rules/",
            "/notes/errors/",
            "/patients/opened/",
            "/today/unassessed/",
            "/notes/reactions/",
            "/clinic/messages/",
            "/clinic/settings/",
            "/admin/",
        ]

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_takes_as_many_statements_for_three(self, cast, count, django_assert_num_queries):
        Location.objects.exclude(pk=cast.uptown.pk).update(active=False, version=F("version") + 1)
        for number in range(count - 1):
            Location.objects.create(name=f"More {number}", state="NC", zone="America/New_York")
        with django_assert_num_queries(3):
            page = render_to_string("clinic/manage/locations.html", {"locations": queries.locations()})
        assert page.count("America/New_York") == count

    def test_a_location_shows_its_week_rooms_and_closures(self, cast, client_of):
        page = client_of(cast.olive).get(reverse("clinic:location", args=[cast.uptown.pk]))
        assert page.status_code == 200
        assert [(str(day), len(rows)) for day, rows in page.context["week"][:2]] == [
            ("Monday", 1),
            ("Tuesday", 1),
        ]
        assert page.context["rooms"][0].name == "Room 1"

    def test_details_change(self, cast, client_of):
        url = reverse("clinic:edit_location", args=[cast.uptown.pk])
        answer = client_of(cast.olive).post(
            url, sent(cast.uptown, **location_fields(cast.uptown, name="Uptown North", state="va"))
        )
        assert (answer.status_code, answer.url) == (302, reverse("clinic:location", args=[cast.uptown.pk]))
        row = Location.objects.get(pk=cast.uptown.pk)
        assert (row.name, row.state, row.version) == ("Uptown North", "VA", 2)
        event = AuditEvent.objects.get(verb="change location")
        assert event.detail == {"changed": {"name": ["Uptown", "Uptown North"], "state": ["NC", "VA"]}}

    def test_a_zone_that_does_not_exist_is_explained_and_kept(self, cast, client_of):
        url = reverse("clinic:edit_location", args=[cast.uptown.pk])
        answer = client_of(cast.olive).post(
            url, sent(cast.uptown, **location_fields(cast.uptown, zone="America/Uptown"))
        )
        assert answer.status_code == 422
        assert answer.context["form"].errors["zone"] == [
            "“America/Uptown” is not a time zone. Use a name such as America/New_York."
        ]
        assert answer.context["form"]["zone"].value() == "America/Uptown"

    def test_the_last_active_location_stays_active(self, cast, client_of):
        harbor = cast.harbor
        harbor.active = False
        harbor.save()
        fields = location_fields(cast.uptown)
        del fields["active"]
        url = reverse("clinic:edit_location", args=[cast.uptown.pk])
        answer = client_of(cast.olive).post(url, sent(cast.uptown, **fields))
        assert answer.status_code == 422
        assert Location.objects.get(pk=cast.uptown.pk).active

    def test_somebody_else_was_faster(self, cast, client_of):
        """409 with both texts; sending the page's own version then keeps the second one."""
        client, url = client_of(cast.olive), reverse("clinic:edit_location", args=[cast.uptown.pk])
        stale = sent(cast.uptown, **location_fields(cast.uptown, address="1 Oak Street"))
        row = Location.objects.get(pk=cast.uptown.pk)
        row.address = "2 Pine Street"
        row.save()
        answer = client.post(url, stale)
        assert answer.status_code == 409
        assert answer.context["changes"] == [("Address", "1 Oak Street", "2 Pine Street")]
        assert Location.objects.get(pk=row.pk).address == "2 Pine Street"
        again = {**stale, "request_key": new_key(), "version": answer.context["row"].version}
        assert client.post(url, again).status_code == 302
        assert Location.objects.get(pk=row.pk).address == "1 Oak Street"

    def test_a_form_without_a_version_is_refused(self, cast, client_of):
        url = reverse("clinic:edit_location", args=[cast.uptown.pk])
        answer = client_of(cast.olive).post(url, sent(**location_fields(cast.uptown, name="X")))
        assert answer.status_code == 428

    def test_a_form_that_is_not_valid_keeps_its_own_version(self, cast, client_of):
        """Else correcting it would overwrite what somebody stored meanwhile."""
        stale = sent(cast.uptown, **location_fields(cast.uptown, zone="Nowhere"))
        Location.objects.get(pk=cast.uptown.pk).save()
        url = reverse("clinic:edit_location", args=[cast.uptown.pk])
        assert client_of(cast.olive).post(url, stale).context["row"].version == 1

    def test_a_new_location_is_added_once(self, cast, client_of):
        fields = {
            "name": "Lakeside",
            "state": "NC",
            "zone": "America/New_York",
            "horizon_days": 90,
            "active": "on",
        }
        form = sent(**fields)
        client, url = client_of(cast.olive), reverse("clinic:new_location")
        assert [client.post(url, form).status_code for _ in range(2)] == [302, 303]
        assert Location.objects.filter(name="Lakeside").count() == 1

    def test_a_name_that_is_taken(self, cast):
        fields = {"name": "uptown", "state": "NC", "zone": "America/New_York", "active": True}
        with pytest.raises(Refused) as refused:
            actions.save_location(by=cast.olive, fields=fields)
        assert refused.value.reasons == ["“uptown” is taken. Choose another name."]

    @pytest.mark.parametrize("charts_open_to", ["clinic", "team"])
    def test_settings_change(self, cast, client_of, charts_open_to):
        fields = {
            "name": "Meridian West", "undo_minutes": 15, "hold_minutes": 5, "charts_open_to": charts_open_to,
        }  # fmt: skip
        answer = client_of(cast.olive).post(reverse("clinic:settings"), sent(cast.clinic, **fields))
        assert answer.status_code == 302
        assert Clinic.objects.values(*fields).get() == fields

    @pytest.mark.parametrize("charts_open_to", [{}, {"charts_open_to": ""}, {"charts_open_to": "nobody"}])
    def test_to_whom_charts_are_open_is_one_of_two(self, cast, client_of, charts_open_to):
        fields = {"name": "Meridian West", "undo_minutes": 15, "hold_minutes": 5, **charts_open_to}
        answer = client_of(cast.olive).post(reverse("clinic:settings"), sent(cast.clinic, **fields))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["charts_open_to"])
        assert answer.context["form"]["name"].value() == "Meridian West"
        assert Clinic.objects.get().name == "Meridian Integrative Care"

    def test_both_choices_are_said_and_what_follows(self, cast, client_of):
        html = client_of(cast.olive).get(reverse("clinic:settings")).content.decode()
        assert html.count('name="charts_open_to"') == 2
        assert (
            html.count("Everybody else opens a chart with a reason, for an hour, to read; you are told.") == 1
        )


@pytest.mark.django_db
class TestHours:
    def url(self, cast):
        return reverse("clinic:edit_hours", args=[cast.uptown.pk])

    def test_hours_are_replaced(self, cast, client_of):
        form = sent(
            cast.uptown,
            opens_0_0="08:00", closes_0_0="12:00", opens_0_1="13:00", closes_0_1="18:30",
            opens_5_0="09:00", closes_5_0="00:00",
        )  # fmt: skip
        answer = client_of(cast.olive).post(self.url(cast), form)
        assert answer.status_code == 302
        assert list(cast.uptown.opening_hours.values_list("weekday", "opens", "closes")) == [
            (0, time(8), time(12)),
            (0, time(13), time(18, 30)),
            (5, time(9), time(0)),
        ]
        assert Location.objects.get(pk=cast.uptown.pk).version == 2

    def test_the_form_starts_with_what_is_stored(self, cast, client_of):
        form = client_of(cast.olive).get(self.url(cast)).context["form"]
        assert (form["opens_0_0"].initial, form["closes_6_0"].initial) == (time(7), time(22))

    def test_one_time_without_the_other(self, cast, client_of):
        answer = client_of(cast.olive).post(self.url(cast), sent(cast.uptown, opens_0_0="08:00"))
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"closes_0_0": ["Fill in both times, or neither."]}

    def test_impossible_hours_change_nothing(self, cast, client_of):
        form = sent(cast.uptown, opens_0_0="18:00", closes_0_0="08:00")
        answer = client_of(cast.olive).post(self.url(cast), form)
        assert answer.status_code == 422
        assert cast.uptown.opening_hours.count() == 7


@pytest.mark.django_db
class TestRooms:
    def test_a_room_is_added_and_edited(self, cast, client_of):
        client, kind = client_of(cast.olive), RoomKind.objects.get(key="massage")
        url = reverse("clinic:new_room", args=[cast.uptown.pk])
        assert client.post(url, sent(name="Room 8", kind=kind.pk, active="on")).status_code == 302
        row = Room.objects.get(name="Room 8")
        assert (row.location_id, row.kind_id, row.step_free, row.active) == (
            cast.uptown.pk,
            kind.pk,
            False,
            True,
        )
        url = reverse("clinic:edit_room", args=[cast.uptown.pk, row.pk])
        answer = client.post(url, sent(row, name="Room 8", kind=kind.pk, step_free="on"))
        assert answer.status_code == 302
        row.refresh_from_db()
        assert (row.step_free, row.active, row.version) == (True, False, 2)

    def test_two_rooms_of_one_name(self, cast, client_of):
        url = reverse("clinic:new_room", args=[cast.uptown.pk])
        answer = client_of(cast.olive).post(url, sent(name="Room 1", kind=cast.room_1.kind_id, active="on"))
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["“Room 1” is taken. Choose another name."]

    def test_a_room_of_another_location_is_not_found(self, cast, client_of):
        url = reverse("clinic:edit_room", args=[cast.harbor.pk, cast.room_1.pk])
        assert client_of(cast.olive).get(url).status_code == 404


@pytest.mark.django_db
class TestClosures:
    def add(self, client, cast, **fields):
        url = reverse("clinic:new_closure", args=[cast.uptown.pk])
        return client.post(url, sent(**{"reason": "Holiday", **fields}))

    def test_whole_days_on_the_locations_clock(self, cast, client_of):
        answer = self.add(client_of(cast.olive), cast, first_day="2026-11-26", last_day="2026-11-27")
        assert answer.status_code == 302
        row = Closure.objects.get()
        assert (row.starts_at, row.ends_at) == (
            datetime(2026, 11, 26, 5, tzinfo=UTC),
            datetime(2026, 11, 28, 5, tzinfo=UTC),
        )

    def test_the_form_shows_again_what_was_recorded(self, cast, client_of):
        client = client_of(cast.olive)
        whole = {"first_day": "2026-11-26", "last_day": "2026-11-27"}
        part = {
            "first_day": "2026-12-01",
            "from_time": "13:00",
            "last_day": "2026-12-01",
            "until_time": "15:30",
        }
        self.add(client, cast, **whole)
        self.add(client, cast, **part)
        for row, typed in zip(Closure.objects.order_by("starts_at"), [whole, part], strict=True):
            url = reverse("clinic:edit_closure", args=[cast.uptown.pk, row.pk])
            initial = client.get(url).context["form"].initial
            said = {
                name: str(value)[:10].removesuffix(":00")
                for name, value in initial.items()
                if value is not None
            }
            assert said == {**typed, "reason": "Holiday"}

    @pytest.mark.parametrize(
        "typed, said",
        [
            ({"first_day": "2026-11-26", "last_day": "2026-11-26"}, "Thu Nov 26, all day"),
            ({"first_day": "2026-11-26", "last_day": "2026-11-27"}, "Thu Nov 26 – Fri Nov 27, all day"),
            (
                {
                    "first_day": "2026-11-26",
                    "from_time": "13:00",
                    "last_day": "2026-11-26",
                    "until_time": "17:05",
                },
                "Thu Nov 26, 1:00 pm – Thu Nov 26, 5:05 pm",
            ),
        ],
    )
    def test_times_as_people_say_them(self, cast, client_of, now, typed, said):
        self.add(client_of(cast.olive), cast, **typed)
        assert [times for _row, times in queries.closures_of(cast.uptown, now)] == [said]

    def test_visits_are_no_reason_against_it(self, cast, client_of):
        visit(
            cast.maria,
            cast.service("adjustment"),
            cast.uptown,
            at("11:00", cast.uptown),
            practitioners={"chiropractic": cast.daniel.practitioner},
            rooms={"adjusting": cast.room_4},
        )
        assert (
            self.add(client_of(cast.olive), cast, first_day="2026-11-24", last_day="2026-11-24").status_code
            == 302
        )

    def test_an_end_before_the_start(self, cast, client_of):
        answer = self.add(client_of(cast.olive), cast, first_day="2026-11-27", last_day="2026-11-26")
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == [
            "The closure ends before it starts. Change one of the two."
        ]
        assert Closure.objects.count() == 0

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
    def test_days_that_nobody_means(self, cast, client_of, day):
        assert self.add(client_of(cast.olive), cast, first_day=day, last_day=day).status_code == 422

    def test_lifting_one_that_is_on_opens_from_now(self, cast, client_of, now):
        client = client_of(cast.olive)
        self.add(client, cast, first_day="2026-11-24", last_day="2026-11-25")
        row = Closure.objects.get()
        url = reverse("clinic:lift_closure", args=[cast.uptown.pk, row.pk])
        assert client.post(url, sent(row)).status_code == 302
        lifted = Closure.objects.get()
        assert (lifted.starts_at, lifted.ends_at) == (row.starts_at, now)

    def test_lifting_one_to_come_leaves_no_minute_closed(self, cast, client_of, now):
        client = client_of(cast.olive)
        self.add(client, cast, first_day="2026-12-24", last_day="2026-12-26")
        row = Closure.objects.get()
        url = reverse("clinic:lift_closure", args=[cast.uptown.pk, row.pk])
        assert client.post(url, sent(row)).status_code == 302
        lifted = Closure.objects.get()
        assert (lifted.starts_at, lifted.ends_at) == (now - timedelta(seconds=1), now)
        had = AuditEvent.objects.get(verb="lift closure").detail["had"]
        assert had == ["2026-12-24T05:00:00+00:00", "2026-12-27T05:00:00+00:00"]


ROUTES = [
    "manage",
    "settings",
    "locations",
    "new_location",
    "location",
    "edit_location",
    "edit_hours",
    "new_room",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ana", "mei", "rita", "dana"])
@pytest.mark.parametrize("route", [*ROUTES, "new_closure", "people", "invite"])
def test_only_owners_set_up(cast, client_of, name, route):
    args = [] if route in ("manage", "settings", "locations", "new_location", "people", "invite") else [1]
    assert client_of(getattr(cast, name)).get(reverse(f"clinic:{route}", args=args)).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "back", ["//evil.example/", "https://evil.example/", 'None"><img src=x>', "home", ""]
)
def test_choosing_a_location_leads_back_to_an_address_of_this_site_only(cast, client_of, back):
    sent = {"location": str(cast.uptown.pk), "next": back}
    answer = client_of(cast.ana).post(reverse("choose_location"), sent)
    assert (answer.status_code, answer.url) == (302, reverse("home"))


@pytest.mark.django_db
@pytest.mark.parametrize("location", ["²", "999999", "-1", "x"])
def test_a_location_that_is_none_chooses_nothing(cast, client_of, location):
    answer = client_of(cast.ana).post(
        reverse("choose_location"), {"location": location, "next": "/calendar/"}
    )
    assert (answer.status_code, answer.url) == (302, "/calendar/")
