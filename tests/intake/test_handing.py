import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from intake.actions.loading import load_forms
from intake.models import FormLink, Response
from intake.rules.links import hashed
from messaging.models import OutboxMessage
from patients.models import Patient, ReachBy
from tests.cast import NOW
from tests.intake.handed import handed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded():
    load_forms(now=NOW)


def page_of(patient):
    return reverse("intake:forms", args=[patient.pk])


def post(client, patient, *keys, to="patient", **more):
    return client.post(page_of(patient), {"request_key": new_key(), "form": keys, "to": to, **more})


def link_in(mail):
    return mail.body.split("/forms/")[1].split("/")[0]


def test_the_desk_hands_forms_out_by_mail(cast, client_of):
    answer = post(client_of(cast.ana), cast.maria, "health_history", "consent_acupuncture")
    assert answer["Location"] == page_of(cast.maria)
    link, mail = FormLink.objects.get(), OutboxMessage.objects.get(kind="forms")
    assert (mail.to, mail.subject) == (cast.maria.email, "Forms for your visit at Meridian Integrative Care")
    assert link.token_sha256 == hashed(link_in(mail))
    assert (link.expires_at - NOW).days == 14
    # Never which forms, never why.
    assert not any(word in mail.body.lower() for word in ("acupuncture", "health", "consent", "history"))
    assert sorted(row.questionnaire.key for row in Response.objects.filter(link=link)) == [
        "consent_acupuncture",
        "health_history",
    ]
    event = AuditEvent.objects.get(verb="hand out forms")
    assert (event.by, event.patient, event.detail) == (
        cast.ana,
        cast.maria.pk,
        {"channel": "email", "count": 2},
    )


def test_the_link_opens_and_nothing_keeps_its_token(cast, client_of):
    post(client_of(cast.ana), cast.maria, "symptoms")
    token = link_in(OutboxMessage.objects.get(kind="forms"))
    assert Client().get(reverse("intake:fill", args=[token])).status_code == 200
    assert not AuditEvent.objects.filter(detail__icontains=token).exists()


def test_sending_the_form_twice_hands_out_once(cast, client_of):
    ana, key = client_of(cast.ana), new_key()
    for _ in range(2):
        post(ana, cast.maria, "symptoms", request_key=key)
    assert (FormLink.objects.count(), OutboxMessage.objects.filter(kind="forms").count()) == (1, 1)


def test_a_guardian_gets_the_mail_of_a_child(cast, client_of):
    mother = cast.leos_mother
    mother.email = "iris@mail.example"
    mother.save()
    post(client_of(cast.ana), cast.leo, "symptoms", to=str(mother.pk))
    mail = OutboxMessage.objects.get(kind="forms")
    assert (mail.to, FormLink.objects.get().related_person) == ("iris@mail.example", mother)
    assert mail.body.startswith("Hello Iris Cole,")


@pytest.mark.parametrize("to", ["999999", "nobody", "", "patient"])
def test_nobody_without_an_address_gets_a_mail(cast, client_of, to):
    answer = post(client_of(cast.ana), cast.tunde, "symptoms", to=to)
    assert answer.status_code == 422
    assert answer.context["reasons"] == ["There is no e-mail address on record. Add one, or use the tablet."]
    assert not FormLink.objects.exists()


def test_who_does_not_want_to_be_contacted_gets_no_mail(cast, client_of):
    Patient.objects.filter(pk=cast.maria.pk).update(reach_by=ReachBy.NOT, version=cast.maria.version + 1)
    answer = post(client_of(cast.ana), cast.maria, "symptoms")
    assert answer.context["reasons"] == [
        "There is no e-mail address on record. Add one, or use the tablet.",
        "This patient does not want to be contacted. Use the tablet.",
    ]


def test_no_form_chosen(cast, client_of):
    answer = post(client_of(cast.ana), cast.maria)
    assert (answer.status_code, answer.context["reasons"]) == (422, ["Choose at least one form."])


def test_a_text_the_owner_has_to_supply_is_not_handed_out(cast, client_of):
    answer = post(client_of(cast.ana), cast.maria, "privacy_notice")
    assert answer.context["reasons"] == [
        "“Privacy notice” is not finished. Until the owner supplies its text under Clinic, Forms, it stays here."
    ]


def test_a_form_that_waits_moves_to_the_new_link_with_its_answers(cast, client_of):
    first, _token = handed(cast, cast.maria, "symptoms")
    row = Response.objects.get()
    row.answers, row.status = {"goal": "sleep"}, "begun"
    row.save()
    second, _token = handed(cast, cast.maria, "symptoms", "health_history")
    row.refresh_from_db()
    first.refresh_from_db()
    assert (row.link, row.answers, row.status) == (second, {"goal": "sleep"}, "begun")
    assert first.ended_at == NOW
    assert Response.objects.count() == 2


def test_send_again_makes_a_new_address(cast, client_of):
    link, token = handed(cast, cast.maria, "symptoms")
    address = reverse("intake:send_forms_again", args=[cast.maria.pk, link.pk])
    client_of(cast.ana).post(address, {"request_key": new_key(), "version": link.version})
    assert Client().get(reverse("intake:fill", args=[token])).status_code == 404
    mails = OutboxMessage.objects.filter(kind="forms").order_by("withdrawn_at")
    assert [mail.withdrawn_at for mail in mails] == [NOW, None]
    assert Client().get(reverse("intake:fill", args=[link_in(mails[1])])).status_code == 200


def test_withdraw_closes_the_form(cast, client_of):
    _link, token = handed(cast, cast.maria, "symptoms")
    row = Response.objects.get()
    address = reverse("intake:withdraw_form", args=[cast.maria.pk, row.pk])
    client_of(cast.ana).post(address, {"request_key": new_key(), "version": row.version})
    row.refresh_from_db()
    assert row.status == "withdrawn"
    page = Client().get(reverse("intake:fill", args=[token]))
    assert "nothing left to do" in page.content.decode()
    assert OutboxMessage.objects.get(kind="forms").withdrawn_at == NOW


def test_the_tablet_signs_the_staff_out(cast, client_of):
    ana = client_of(cast.ana)
    answer = post(ana, cast.maria, "consent_acupuncture", to="tablet")
    assert answer["Location"].startswith("/forms/")
    assert ana.get(answer["Location"]).status_code == 200
    assert ana.get(page_of(cast.maria)).status_code == 302
    assert not OutboxMessage.objects.exists()
    assert (FormLink.objects.get().expires_at - NOW).seconds == 2 * 60 * 60


def test_after_the_last_form_the_tablet_asks_to_be_given_back(cast, client_of):
    ana = client_of(cast.ana)
    start = post(ana, cast.maria, "consent_acupuncture", to="tablet")["Location"]
    row = Response.objects.get()
    finish = f"{start}consent_acupuncture/finish/"
    ana.post(finish, {"version": row.version, "who": "patient", "name": "Maria Garcia"})
    page = ana.get(start)
    assert "Please give the tablet back to us." in page.content.decode()
    assert FormLink.objects.get().ended_at == NOW
    assert ana.get(f"{start}consent_acupuncture/finish/")["Location"] == start


@pytest.mark.parametrize("person", ["ana", "olive"])
def test_who_does_not_treat_sees_how_far_it_is_and_never_what_it_says(cast, client_of, person):
    handed(cast, cast.maria, "symptoms", "health_history")
    row = Response.objects.get(questionnaire__key="symptoms")
    row.answers, row.status, row.done_at, row.done_by_name = {"goal": "qsecretz"}, "done", NOW, "Maria"
    row.save()
    page = client_of(getattr(cast, person)).get(page_of(cast.maria))
    assert [each.questionnaire.key for each in page.context["done"]] == ["symptoms"]
    assert [each.status for each in page.context["waiting"]] == ["asked"]
    assert "qsecretz" not in page.content.decode()
    answers = reverse("intake:answers", args=[cast.maria.pk, row.pk])
    assert answers not in page.content.decode()
    assert client_of(getattr(cast, person)).get(answers).status_code == 403


def test_a_clinician_reads_it_and_that_is_written_down(cast, client_of):
    handed(cast, cast.maria, "symptoms")
    row = Response.objects.get()
    row.answers, row.status, row.done_at, row.done_by_name = {"goal": "sleep"}, "done", NOW, "Maria"
    row.save()
    page = client_of(cast.mei).get(reverse("intake:answers", args=[cast.maria.pk, row.pk]))
    assert page.context["answers"] == [("What would you like to be able to do again?", "sleep")]
    assert AuditEvent.objects.get(verb="read", by=cast.mei).patient == cast.maria.pk


def test_the_page_costs_the_same_with_one_form_and_with_six(cast, client_of, django_assert_num_queries):
    ana = client_of(cast.ana)
    handed(cast, cast.maria, "symptoms")
    ana.get(page_of(cast.maria))
    with django_assert_num_queries(17):
        ana.get(page_of(cast.maria))
    handed(cast, cast.maria, "health_history", "red_flags_neck", "red_flags_back", "release_of_records")
    handed(cast, cast.maria, "consent_acupuncture", channel="tablet")
    with django_assert_num_queries(17):
        ana.get(page_of(cast.maria))
