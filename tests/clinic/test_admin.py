import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from clinic.admin import RecordAdmin, ReferenceAdmin
from clinic.database import MAY_DELETE
from clinic.models import AuditEvent, Location, OpeningHours, Room, User
from services.models import Discipline, Part, Phase, Price
from tests.rows import at, visit

REFERENCE = {
    "acupoints.acupoint",
    "acupoints.pointalias",
    "acupoints.safetyrule",
    "acupoints.term",
    "clinic.clinic",
    "clinic.location",
    "clinic.room",
    "clinic.roomkind",
    "practitioners.coverage",
    "practitioners.licensekind",
    "practitioners.practitioner",
    "messaging.text",
    "intake.redflag",
    "outcomes.measure",
    "packages.package",
    "plans.plantemplate",
    "plans.reviewrule",
    "plans.study",
    "services.code",
    "services.discipline",
    "services.kindofcare",
    "services.part",
    "services.price",
    "services.service",
    "treatment.reactionkind",
}
# Edited inside the page of the row they belong to.
INLINE = {"clinic.openinghours", "services.phase"}


def page_of(model, what="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def ours():
    return [model for label in settings.OUR_APPS for model in apps.get_app_config(label).get_models()]


def filled(client, url):
    """What the page would send unchanged: every field of the form and of its inlines."""
    context = client.get(url).context["adminform"].form, client.get(url).context["inline_admin_formsets"]
    form, inlines = context
    forms = [form]
    for inline in inlines:
        forms += [inline.formset.management_form, *inline.formset.forms]
    typed = {}
    for one in forms:
        typed |= {
            field.html_name: field.value()
            for field in one
            if field.value() is not None and field.value() is not False
        }
    return typed


def test_every_table_is_a_reference_or_a_record():
    registered = {model._meta.label_lower: type(row) for model, row in admin.site._registry.items()}
    assert set(registered) == {model._meta.label_lower for model in ours()} - INLINE
    assert {label for label, kind in registered.items() if issubclass(kind, ReferenceAdmin)} == REFERENCE
    assert {label for label, kind in registered.items() if issubclass(kind, RecordAdmin)} == set(
        registered
    ) - REFERENCE


def test_libraries_tables_are_not_edited():
    assert [admin.site.is_registered(model) for model in (Group, EmailAddress)] == [False, False]


@pytest.mark.django_db
class TestDoors:
    @pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label_lower)
    def test_an_owner_reads_every_list_and_the_log_says_so(self, cast, client_of, model):
        if model._meta.label_lower in INLINE:
            return
        assert client_of(cast.olive).get(page_of(model)).status_code == 200
        events = AuditEvent.objects.filter(by=cast.olive).values_list("verb", "object")
        assert list(events) == [("admin read", model._meta.label_lower)]

    @pytest.mark.parametrize("name", ["ana", "mei", "rita", "dana"])
    def test_nobody_else_gets_in(self, cast, client_of, name):
        client = client_of(getattr(cast, name))
        answers = [client.get(url) for url in (reverse("admin:index"), page_of(Location))]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert client.get(reverse("admin:login")).status_code == 403

    def test_strangers_are_sent_to_the_sign_in_of_the_clinic(self, client):
        answer = client.get(reverse("admin:login"))
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_login"))

    def test_reading_a_patient_is_in_the_patients_log(self, cast, client_of):
        booked = visit(
            cast.maria,
            cast.service("adjustment"),
            cast.uptown,
            at("11:00", cast.uptown),
            practitioners={"chiropractic": cast.daniel.practitioner},
            rooms={"adjusting": cast.room_4},
        )
        part = booked.parts.get()
        client = client_of(cast.olive)
        for row in (cast.maria, booked, part, part.phases.first()):
            assert client.get(page_of(type(row), "change", row.pk)).status_code == 200
        events = AuditEvent.objects.filter(by=cast.olive).values_list("verb", "patient")
        assert list(events) == [("admin read", cast.maria.pk)] * 4

    def test_free_text_is_left_out(self, cast, client_of):
        page = client_of(cast.olive).get(page_of(type(cast.maria), "change", cast.maria.pk)).content.decode()
        assert page.count("qmariazstaffnotes") == 0


@pytest.mark.django_db
class TestRecords:
    @pytest.mark.parametrize(
        "model", [model for model in ours() if model._meta.label_lower not in REFERENCE | INLINE],
        ids=lambda model: model._meta.label_lower,
    )  # fmt: skip
    def test_none_is_added(self, cast, client_of, model):
        client = client_of(cast.olive)
        assert [
            client.get(page_of(model, "add")).status_code,
            client.post(page_of(model, "add")).status_code,
        ] == [403] * 2

    @pytest.mark.parametrize("name", ["maria", "ana", "leos_mother"])
    def test_none_is_changed_or_deleted(self, cast, client_of, name):
        row, client = getattr(cast, name), client_of(cast.olive)
        assert client.post(page_of(type(row), "change", row.pk), {"email": "x@y.example"}).status_code == 403
        assert client.post(page_of(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403

    def test_no_password_is_on_the_page(self, cast):
        # Not the watchful one: two accounts are read one by one, the reader's and this one.
        client = Client()
        client.force_login(cast.olive)
        answer = client.get(page_of(User, "change", cast.ana.pk))
        shown = [
            name for _title, options in answer.context["adminform"].fieldsets for name in options["fields"]
        ]
        assert shown == ["email", "is_active", "date_joined", "last_login"]
        assert answer.content.decode().count("argon2") == 0


@pytest.mark.django_db
class TestReference:
    def test_a_change_raises_the_version_and_is_logged(self, cast, client_of):
        row, client = Discipline.objects.get(key="massage"), client_of(cast.olive)
        url = page_of(Discipline, "change", row.pk)
        typed = filled(client, url)
        assert client.post(url, {**typed, "name": "Massage therapy"}).status_code == 302
        after = Discipline.objects.get(pk=row.pk)
        assert (after.name, after.version) == ("Massage therapy", row.version + 1)
        event = AuditEvent.objects.get(verb="admin change")
        assert (event.object, event.detail["changed"]) == (
            f"services.discipline:{row.pk}",
            [{"changed": {"fields": ["Name"]}}],
        )

    def test_a_stale_page_overwrites_nothing(self, cast, client_of):
        row, client = Discipline.objects.get(key="massage"), client_of(cast.olive)
        url = page_of(Discipline, "change", row.pk)
        typed = filled(client, url)
        row.name = "Bodywork"
        row.save()
        answer = client.post(url, {**typed, "name": "Massage therapy"})
        assert answer.context["adminform"].form.non_field_errors() == [
            "Somebody else changed this meanwhile. Open it again and repeat your change."
        ]
        assert Discipline.objects.get(pk=row.pk).name == "Bodywork"

    @pytest.mark.parametrize("label", sorted(REFERENCE))
    def test_only_what_the_application_may_delete_can_be(self, cast, client_of, label):
        model = apps.get_model(label)
        row = model.objects.first() or Price.objects.create(
            part=Part.objects.first(), location=cast.uptown, amount=90
        )
        expected = 200 if model._meta.db_table in MAY_DELETE else 403
        assert client_of(cast.olive).get(page_of(model, "delete", row.pk)).status_code == expected

    def test_a_price_can_be_deleted(self, cast, client_of):
        row = Price.objects.create(part=Part.objects.first(), location=cast.harbor, amount=90)
        url = page_of(Price, "delete", row.pk)
        assert client_of(cast.olive).post(url, {"post": "yes"}).status_code == 302
        assert Price.objects.filter(pk=row.pk).count() == 0
        assert AuditEvent.objects.get(verb="admin delete").object == f"services.price:{row.pk}"

    def test_rooms_are_added(self, cast, client_of):
        typed = {"location": cast.uptown.pk, "name": "Room 12", "kind": cast.room_1.kind_id, "active": "on"}
        assert client_of(cast.olive).post(page_of(Room, "add"), typed).status_code == 302
        assert Room.objects.get(name="Room 12").version == 1
        assert AuditEvent.objects.filter(verb="admin add").count() == 1

    def test_opening_hours_keep_their_rules(self, cast, client_of):
        client, url = client_of(cast.olive), page_of(Location, "change", cast.uptown.pk)
        typed = filled(client, url)
        backwards = {"opening_hours-0-opens": "18:00", "opening_hours-0-closes": "08:00"}
        answer = client.post(url, {**typed, **backwards})
        backwards_form = answer.context["inline_admin_formsets"][0].formset.forms[0]
        assert backwards_form.non_field_errors() == [
            "These hours close before they open. Change one of the two times."
        ]
        assert client.post(url, {**typed, "opening_hours-0-DELETE": "on"}).status_code == 302
        assert OpeningHours.objects.filter(location=cast.uptown).count() == 6

    def test_steps_keep_their_rules(self, cast, client_of):
        part = cast.service("acupuncture_adjustment").parts.first()
        client, url = client_of(cast.olive), page_of(Part, "change", part.pk)
        typed = filled(client, url)
        assert client.post(url, {**typed, "phases-0-minutes": "20"}).status_code == 302
        assert Phase.objects.get(part=part, position=1).minutes == 20
        typed = filled(client, url)
        answer = client.post(url, {**typed, "phases-0-minutes": "12"})
        assert answer.context["inline_admin_formsets"][0].formset.non_form_errors() == [
            "Step 1: use 5 to 240 minutes, in steps of 5."
        ]
        assert Phase.objects.get(part=part, position=1).minutes == 20

    def test_an_unusual_price_is_saved_with_a_warning(self, cast, client_of):
        part = cast.service("acupuncture_follow_up").parts.get()
        Price.objects.all().delete()
        typed = {"part": part.pk, "location": cast.uptown.pk, "amount": "40"}
        answer = client_of(cast.olive).post(page_of(Price, "add"), typed, follow=True)
        assert next(str(message) for message in answer.context["messages"]) == (
            "Acupuncture at $40: acupuncture sessions are usually $50 to $150. It is saved as typed."
        )
        assert Price.objects.get().amount == 40
