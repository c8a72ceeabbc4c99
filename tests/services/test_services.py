from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.models import AuditEvent, Location, RoomKind
from clinic.submissions import new_key
from services import queries
from services.models import Discipline, Part, Price, Service
from services.rules import reasons_not_to_save_service

pytestmark = pytest.mark.django_db


def said(answer):
    return [(message.level_tag, str(message)) for message in get_messages(answer.wsgi_request)]


def detail_form(service, prices=(), **changes):
    fields = {"name": service.name, "notice_minutes": service.notice_minutes, "position": service.position}
    typed = {f"price_{part.pk}_{place.pk}": amount for part, place, amount in prices}
    return {
        "request_key": new_key(),
        "version": service.version,
        "active": "on",
        **fields,
        **typed,
        **changes,
    }


def steps_form(parts, steps, **fields):
    """What the editor sends: `parts` [(name, discipline, kind)], `steps` [(part, kind, minutes, provider, room)]."""
    form = {"request_key": new_key()}
    for n in range(3):
        form[f"part{n}-name"] = parts[n][0] if n < len(parts) else ""
        form[f"part{n}-discipline"] = parts[n][1] if n < len(parts) else ""
    for n in range(10):
        part, kind, minutes, provider, room, patient = (
            steps[n] if n < len(steps) else (1, "", "", "", "", True)
        )
        row = {"part": part, "kind": kind, "minutes": minutes, "provider": provider, "room": room}
        form |= {f"step{n}-{name}": value for name, value in row.items()}
        if patient:
            form[f"step{n}-patient_present"] = "on"
    return form | fields


def test_every_service_the_clinic_starts_with_keeps_the_rules(cast):
    faults = {}
    for service in queries.services():
        parts = list(service.parts.all())
        reasons = reasons_not_to_save_service([part.name for part in parts], queries.steps_of(parts))
        faults |= {service.key: reasons} if reasons else {}
    assert faults == {}
    assert queries.services().count() == 11


class TestList:
    def test_minutes_and_the_sum_of_the_parts_prices(self, cast):
        service = cast.service("acupuncture_adjustment")
        Price.objects.all().delete()
        first, second = service.parts.all()
        Price.objects.create(part=first, location=cast.uptown, amount=90)
        Price.objects.create(part=second, location=cast.uptown, amount=55)
        Price.objects.create(part=second, location=cast.harbor, amount=60)
        locations, lines = queries.price_list()
        line = next(line for line in lines if line.service == service)
        assert [place.name for place in locations] == ["Uptown", "Harbor"]
        assert (line.minutes, line.prices) == (70, [Decimal(145), None])
        assert [discipline.key for discipline in line.disciplines] == ["acupuncture", "chiropractic"]

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_statements_does_not_grow(self, cast, count, django_assert_num_queries):
        keep = Service.objects.values_list("pk", flat=True)[:count]
        kept = queries.services().filter(pk__in=list(keep))
        with django_assert_num_queries(5):
            assert len(kept) == count
        with django_assert_num_queries(6):
            locations, lines = queries.price_list()
            render_to_string("services/list.html", {"locations": locations, "lines": lines})

    @pytest.mark.parametrize("name", ["ana", "mei", "rita", "dana"])
    @pytest.mark.parametrize("route", ["list", "new", "detail", "steps"])
    def test_only_owners(self, cast, client_of, name, route):
        args = [cast.service("massage").pk] if route in ("detail", "steps") else []
        assert client_of(getattr(cast, name)).get(reverse(f"services:{route}", args=args)).status_code == 403


class TestDetail:
    def save(self, client, service, **more):
        return client.post(reverse("services:detail", args=[service.pk]), detail_form(service, **more))

    def test_name_and_prices_are_saved(self, cast, client_of):
        service = cast.service("acupuncture_follow_up")
        Price.objects.all().delete()
        part = service.parts.get()
        prices = [(part, cast.uptown, "95.50"), (part, cast.harbor, "")]
        answer = self.save(client_of(cast.olive), service, prices=prices, name="Acupuncture visit")
        assert (answer.status_code, answer.url) == (302, reverse("services:detail", args=[service.pk]))
        assert said(answer) == [("success", "Acupuncture visit is saved.")]
        assert list(Price.objects.values_list("part", "location", "amount")) == [
            (part.pk, cast.uptown.pk, Decimal("95.50"))
        ]
        event = AuditEvent.objects.get(verb="change service")
        assert event.detail == {
            "changed": {"name": ["Acupuncture follow-up", "Acupuncture visit"]},
            "prices": [[part.pk, cast.uptown.pk, None, "95.50"]],
        }

    def test_a_price_changes_and_goes(self, cast, client_of):
        service, client = cast.service("massage"), client_of(cast.olive)
        Price.objects.all().delete()
        part = service.parts.get()
        Price.objects.create(part=part, location=cast.uptown, amount=80)
        self.save(client, service, prices=[(part, cast.uptown, "85")])
        price = Price.objects.get()
        assert (price.amount, price.version) == (85, 2)
        self.save(client, Service.objects.get(pk=service.pk), prices=[(part, cast.uptown, "")])
        assert Price.objects.count() == 0

    @pytest.mark.parametrize("amount", ["40", "151"])
    def test_an_unusual_acupuncture_price_is_saved_with_a_warning(self, cast, client_of, amount):
        service = cast.service("acupuncture_follow_up")
        part = service.parts.get()
        answer = self.save(client_of(cast.olive), service, prices=[(part, cast.uptown, amount)])
        assert said(answer) == [
            ("success", "Acupuncture follow-up is saved."),
            (
                "warning",
                f"Acupuncture at ${amount}: acupuncture sessions are usually $50 to $150. It is saved as typed.",
            ),
        ]
        assert Price.objects.get(part=part, location=cast.uptown).amount == Decimal(amount)

    @pytest.mark.parametrize("amount", ["-1", "abc", "1.234", "99999999999"])
    def test_what_is_no_price_is_refused(self, cast, client_of, amount):
        service = cast.service("massage")
        part = service.parts.get()
        answer = self.save(client_of(cast.olive), service, prices=[(part, cast.uptown, amount)])
        assert answer.status_code == 422
        assert answer.context["form"][f"price_{part.pk}_{cast.uptown.pk}"].value() == amount

    def test_a_stale_form_shows_both(self, cast, client_of):
        service, client = cast.service("massage"), client_of(cast.olive)
        stale = detail_form(service, name="Massage A")
        self.save(client, service, name="Massage B")
        answer = client.post(reverse("services:detail", args=[service.pk]), stale)
        assert answer.status_code == 409
        assert answer.context["changes"] == [("Name", "Massage A", "Massage B")]

    def test_a_service_that_is_not_there(self, cast, client_of):
        assert client_of(cast.olive).get(reverse("services:detail", args=[999_999_999])).status_code == 404


class TestSteps:
    def cupping(self, **more):
        """A new service of two steps in a treatment room."""
        discipline = Discipline.objects.get(key="acupuncture").pk
        room = f"kind_{RoomKind.objects.get(key='treatment').pk}"
        fields = {"name": "Cupping", "notice_minutes": 60, "position": 200}
        steps = [(1, "hands_on", 20, "any", room, True), (1, "turnover", 5, "", "same_1", False)]
        return steps_form([("Cupping", discipline)], steps, **{**fields, **more})

    def test_a_new_service_of_parts_and_steps(self, cast, client_of):
        answer = client_of(cast.olive).post(reverse("services:new"), self.cupping())
        made = Service.objects.get(key="cupping")
        assert (answer.status_code, answer.url) == (302, reverse("services:detail", args=[made.pk]))
        part = made.parts.get()
        assert (part.name, part.position, part.discipline.key) == ("Cupping", 1, "acupuncture")
        assert list(
            part.phases.values_list(
                "position", "kind", "minutes", "practitioner_needed", "same_room_as", "room_kind__key"
            )
        ) == [(1, "hands_on", 20, True, None, "treatment"), (2, "turnover", 5, False, 1, "treatment")]

    def test_two_services_of_one_name_have_two_keys(self, cast, client_of):
        client = client_of(cast.olive)
        for _ in range(2):
            client.post(reverse("services:new"), self.cupping())
        assert sorted(Service.objects.filter(name="Cupping").values_list("key", flat=True)) == [
            "cupping",
            "cupping_2",
        ]

    def test_the_rules_speak_and_keep_what_was_typed(self, cast, client_of):
        answer = client_of(cast.olive).post(reverse("services:new"), self.cupping(**{"step0-minutes": 12}))
        assert answer.status_code == 422
        assert answer.context["form"].reasons == ["Step 1: use 5 to 240 minutes, in steps of 5."]
        assert answer.context["form"].steps[0]["minutes"].value() == "12"
        assert Service.objects.filter(name="Cupping").count() == 0

    def test_a_step_without_minutes_is_pointed_at(self, cast, client_of):
        answer = client_of(cast.olive).post(reverse("services:new"), self.cupping(**{"step1-minutes": ""}))
        assert [(field.html_name, error) for field, error in answer.context["form"].errors()] == [
            ("step1-minutes", "Say how many minutes.")
        ]

    def test_rows_left_empty_renumber_the_rest(self, cast, client_of):
        discipline = Discipline.objects.get(key="massage").pk
        room = f"kind_{RoomKind.objects.get(key='massage').pk}"
        steps = [
            (2, "", "", "", "", True),
            (2, "hands_on", 30, "any", room, True),
            (2, "", "", "", "", True),
            (2, "turnover", 5, "", "same_2", False),
        ]
        form = steps_form(
            [("", ""), ("Massage", discipline)], steps, name="Short", notice_minutes=0, position=1
        )
        assert client_of(cast.olive).post(reverse("services:new"), form).status_code == 302
        phases = Service.objects.get(name="Short").parts.get().phases
        assert list(phases.values_list("position", "same_room_as")) == [(1, None), (2, 1)]

    def test_the_editor_opens_with_what_is_stored_and_saves_it_unchanged(self, cast, client_of):
        service, client = cast.service("acupuncture_adjustment"), client_of(cast.olive)
        url = reverse("services:steps", args=[service.pk])
        before = queries.steps_of(list(queries.services().get(pk=service.pk).parts.all()))
        form = client.get(url).context["form"]
        typed = {"request_key": new_key(), "version": service.version}
        for row in [*form.parts, *form.steps]:
            typed |= {field.html_name: field.value() for field in row if field.value() not in (None, False)}
        assert client.post(url, typed).status_code == 302
        assert queries.steps_of(list(queries.services().get(pk=service.pk).parts.all())) == before
        assert Service.objects.get(pk=service.pk).version == service.version + 1

    def test_a_part_is_never_taken_away(self, cast, client_of):
        service = cast.service("acupuncture_adjustment")
        form = self.cupping(version=service.version)
        answer = client_of(cast.olive).post(reverse("services:steps", args=[service.pk]), form)
        assert answer.status_code == 422
        assert answer.context["form"].reasons == [
            "A part cannot be taken away: visits were booked with it. Add a new service instead."
        ]
        assert Part.objects.filter(service=service).count() == 2

    def test_stale_steps_are_shown_beside_the_stored_ones(self, cast, client_of):
        service = cast.service("massage")
        form = self.cupping(version=service.version)
        service.save()
        answer = client_of(cast.olive).post(reverse("services:steps", args=[service.pk]), form)
        assert answer.status_code == 409
        assert [phase.minutes for _part, phase, _who, _room in answer.context["stored"]] == [50, 10]


def test_inactive_locations_have_no_column(cast):
    harbor = Location.objects.get(pk=cast.harbor.pk)
    harbor.active = False
    harbor.save()
    assert [place.name for place in queries.price_list()[0]] == ["Uptown"]
