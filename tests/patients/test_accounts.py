"""Signing in as a patient or for one: inviting, sending again, withdrawing, switching off.

Accepting is in tests/portal.
"""

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.models import AuditEvent, Invitation, Profile, Role, RoleGrant, User
from clinic.submissions import new_key
from messaging.models import OutboxMessage
from patients.actions import accounts as actions
from patients.models import Patient, RelatedPerson
from patients.queries.accounts import access_of
from patients.rules.accounts import (
    reasons_not_to_invite_patient,
    reasons_not_to_invite_related,
    reasons_not_to_link_patient,
    reasons_not_to_link_related,
    reasons_not_to_switch,
)
from tests.cast import account
from tests.portal.links import link_of
from tests.threads import in_threads

NO_EMAIL = "Write down an e-mail address first: the invitation goes there."
INVITED = "This person is invited already. Send that invitation again, or withdraw it first."
SIGNS_IN = "This person can sign in already."
MINOR = "This patient is a minor. Invite a guardian instead, under “Guardians and companions”."
TAKEN = (
    "Another patient signs in with this e-mail address, or is invited to, and an address opens one record."
    " Write another address, or add whose address it is under “Guardians and companions” and invite them there."
)
NO_RIGHT = "Choose first what this person may do online, and save."
NO_ACCOUNT = "This person has no account. Reload the page to see where they stand."
STAFF = "This account also works here. Only an owner can change that, under “People and roles”."
ELSEWHERE = "This account also opens records of another location. Ask an owner to change it."
GONE = "This invitation was accepted or withdrawn meanwhile. Reload the page."


def post(client, route, who, **fields):
    related = isinstance(who, RelatedPerson)
    args = [who.patient_id, who.pk] if related else [who.pk]
    return client.post(reverse(f"patients:{route}", args=args), {"request_key": new_key(), **fields})


def switch(client, route, who, account):
    return post(client, route, who, version=Profile.objects.get(user=account).version)


def grandmother(cast, **fields):
    """Nora Cole, who may book for Leo, with an address."""
    row = cast.leos_grandmother
    for name, value in {"email": "nora@mail.example", "appointments": True, **fields}.items():
        setattr(row, name, value)
    row.save()
    return row


class TestRules:
    def test_inviting_a_patient(self):
        may = reasons_not_to_invite_patient
        assert may(email="a@b.example", has_account=False, age=18) == []
        assert may(email="a@b.example", has_account=False, age=None) == []
        assert may(email="a@b.example", has_account=False, age=17) == [MINOR]
        assert may(email="", has_account=False, age=40, invited=True) == [NO_EMAIL, INVITED]
        assert may(email="a@b.example", has_account=True, age=40, invited=True) == [SIGNS_IN]
        assert may(email="a@b.example", has_account=False, age=40, address_taken=True) == [TAKEN]

    def test_inviting_a_related_person(self):
        may = reasons_not_to_invite_related
        assert may(email="a@b.example", has_account=False, has_right=True, ended=False) == []
        assert may(email="a@b.example", has_account=False, has_right=False, ended=False) == [NO_RIGHT]
        assert may(email="", has_account=False, has_right=True, ended=True) == [
            "This person does not count for the patient any more."
        ]

    def test_linking_a_patient(self):
        facts = {"address_changed": False, "has_account": False, "age": 40, "opens_another": False}
        assert reasons_not_to_link_patient(**facts) == []
        assert len(reasons_not_to_link_patient(**{**facts, "address_changed": True, "age": 9})) == 2
        assert reasons_not_to_link_patient(**{**facts, "has_account": True, "age": 9}) == [
            "Somebody signs in for this record already. If that is not you, call the clinic."
        ]

    def test_linking_a_related_person(self):
        facts = {"address_changed": False, "has_account": False, "has_right": True, "ended": False}
        over = ["What you were invited to has ended. If you think that is wrong, call the clinic."]
        assert reasons_not_to_link_related(**facts) == []
        assert reasons_not_to_link_related(**{**facts, "ended": True}) == over
        assert reasons_not_to_link_related(**{**facts, "has_right": False}) == over

    def test_switching(self):
        may = reasons_not_to_switch
        assert may(has_account=True, worked_here=False, opens_unseen=False) == []
        assert may(has_account=False, worked_here=False, opens_unseen=False) == [NO_ACCOUNT]
        assert may(has_account=True, worked_here=True, opens_unseen=True) == [STAFF]
        assert may(has_account=True, worked_here=False, opens_unseen=True) == [ELSEWHERE]


@pytest.mark.django_db
class TestInviting:
    @pytest.mark.parametrize("name", ["ana", "mei", "olive"])
    def test_staff_send_a_link_that_links_nothing_yet(self, cast, client_of, now, name):
        answer = post(client_of(getattr(cast, name)), "invite", cast.maria)
        assert (answer.status_code, answer.url) == (302, reverse("patients:chart", args=[cast.maria.pk]))
        row, mail = Invitation.objects.get(), OutboxMessage.objects.get()
        assert (row.patient, row.related, row.roles, row.email, row.name) == (
            cast.maria.pk,
            None,
            ["patient"],
            cast.maria.email,
            "Maria Garcia",
        )
        assert row.expires_at == now + timedelta(days=7)
        assert (mail.kind, mail.to, mail.about) == ("invitation", row.email, f"invitation:{row.pk}")
        assert len(row.token_sha256) == 64
        assert mail.body.count(row.token_sha256) == 0
        assert len(link_of(row).split("/")[-2]) == 43  # 256 bits
        assert Patient.objects.get(pk=cast.maria.pk).user is None
        assert User.objects.filter(email=row.email).count() == 0
        event = AuditEvent.objects.get(verb="invite")
        assert (event.by, event.patient) == (getattr(cast, name), cast.maria.pk)

    def test_the_mail_says_nothing_about_visits_or_health(self, cast, client_of):
        post(client_of(cast.ana), "invite", cast.maria)
        mail = OutboxMessage.objects.get()
        assert mail.subject == "Your account at Meridian Integrative Care"
        assert mail.body == (
            "Hello Maria Garcia,\n\nMeridian Integrative Care invites you to see your visits online. Open this"
            f" link within 7 days to begin:\n\nhttp://127.0.0.1:8000{link_of(Invitation.objects.get())}\n\n"
            "The link works once and is meant for you alone. If you did not expect it, ignore this mail.\n"
        )

    def test_a_related_person_gets_one_that_does_not_name_the_patient(self, cast, client_of):
        nora = grandmother(cast, email="Nora@Mail.example")
        answer = post(client_of(cast.ana), "invite_related", nora)
        assert answer.url == reverse("patients:related_person", args=[cast.leo.pk, nora.pk])
        row, mail = Invitation.objects.get(), OutboxMessage.objects.get()
        assert (row.patient, row.related, row.email) == (None, nora.pk, "nora@mail.example")
        assert mail.body.count("Leo") == 0
        assert AuditEvent.objects.get(verb="invite").patient == cast.leo.pk

    @pytest.mark.parametrize(
        "fields, reasons",
        [
            ({"email": ""}, [NO_EMAIL]),
            ({"appointments": False}, [NO_RIGHT]),
            ({"appointments": False, "payments": True}, None),
        ],
    )
    def test_a_related_person_needs_an_address_and_a_right(self, cast, client_of, fields, reasons):
        answer = post(client_of(cast.ana), "invite_related", grandmother(cast, **fields))
        assert answer.status_code == (422 if reasons else 302)
        assert (answer.context["reasons"] if reasons else None) == reasons
        assert Invitation.objects.count() == (0 if reasons else 1)

    def test_a_record_without_an_address(self, cast, client_of):
        answer = post(client_of(cast.ana), "invite", cast.tunde)
        assert (answer.status_code, answer.context["reasons"]) == (422, [NO_EMAIL])
        assert OutboxMessage.objects.count() == 0

    def test_a_minor_has_no_account_of_their_own(self, cast, client_of):
        answer = post(client_of(cast.ana), "invite", cast.leo)
        assert (answer.status_code, answer.context["reasons"]) == (422, [MINOR])

    def test_nobody_is_invited_twice(self, cast, client_of):
        client = client_of(cast.ana)
        post(client, "invite", cast.maria)
        assert post(client, "invite", cast.maria).context["reasons"] == [INVITED]
        assert post(client, "invite", cast.rita).context["reasons"] == [SIGNS_IN]
        assert Invitation.objects.count() == 1

    def test_the_database_holds_one_open_invitation_per_person(self, cast, now):
        row = actions.invite(by=cast.ana, request_key=None, pk=cast.maria.pk, now=now)
        row.pk, row.token_sha256 = None, "0" * 64
        with pytest.raises(IntegrityError, match="one_invitation_per_patient_waits"), transaction.atomic():
            row.save(force_insert=True)
        row.related = 1
        with pytest.raises(IntegrityError, match="invitation_links_one_person"), transaction.atomic():
            row.save(force_insert=True)

    def test_an_address_opens_one_record(self, cast, client_of):
        """A family with one address: the second one is told how, and the first one's name is not said."""
        client = client_of(cast.ana)
        Patient.objects.filter(pk=cast.marta.pk).update(email="Rita.Lopez@Meridian.example", version=9)
        assert post(client, "invite", cast.marta).context["reasons"] == [TAKEN]
        Patient.objects.filter(pk=cast.sunny.pk).update(email=cast.maria.email, version=9)
        post(client, "invite", cast.maria)
        assert post(client, "invite", cast.sunny).context["reasons"] == [TAKEN]
        assert Invitation.objects.count() == 1

    def test_the_same_address_may_be_invited_for_several_children(self, cast, client_of):
        client = client_of(cast.ana)
        for row in (cast.mias_mother, cast.leos_grandmother):
            row.email, row.appointments = "family@mail.example", True
            row.save()
            assert post(client, "invite_related", row).status_code == 302
        assert Invitation.objects.filter(email="family@mail.example").count() == 2

    def test_an_address_of_staff_may_be_a_patients(self, cast, client_of):
        Patient.objects.filter(pk=cast.maria.pk).update(email=cast.mei.email, version=9)
        assert post(client_of(cast.ana), "invite", cast.maria).status_code == 302

    def test_an_old_record_is_not_invited(self, cast, client_of):
        cast.marta.merged_into = cast.maria
        cast.marta.save()
        assert post(client_of(cast.ana), "invite", cast.marta).status_code == 422
        assert Invitation.objects.count() == 0

    @pytest.mark.parametrize("name, status", [("hana", 404), ("theo", 404), ("rita", 403), ("dana", 403)])
    def test_who_may_not(self, cast, client_of, name, status):
        client = client_of(getattr(cast, name))
        assert post(client, "invite", cast.maria).status_code == status
        assert post(client, "invite_related", cast.leos_grandmother).status_code == status
        assert Invitation.objects.count() == 0

    def test_one_form_sent_twice_invites_once(self, cast, client_of):
        client, url = client_of(cast.ana), reverse("patients:invite", args=[cast.maria.pk])
        form = {"request_key": new_key()}
        assert [client.post(url, form).status_code for _ in range(2)] == [302, 303]
        assert (Invitation.objects.count(), OutboxMessage.objects.count()) == (1, 1)


@pytest.mark.django_db
class TestAgainAndWithdrawn:
    def test_sending_again_goes_to_the_address_of_now(self, cast, client_of, now):
        client = client_of(cast.ana)
        post(client, "invite", cast.maria)
        old = Invitation.objects.get()
        Patient.objects.filter(pk=cast.maria.pk).update(email="maria@new.example", version=9)
        assert post(client, "invite_again", cast.maria).status_code == 302
        row = Invitation.objects.get()
        assert (row.email, row.token_sha256 == old.token_sha256) == ("maria@new.example", False)
        first, second = OutboxMessage.objects.order_by("withdrawn_at", "to")
        assert {(one.to, one.withdrawn_at) for one in (first, second)} == {
            ("maria@new.example", None),
            (cast.maria.email, now),
        }

    def test_what_stands_against_inviting_stands_against_sending_again(self, cast, client_of):
        client = client_of(cast.ana)
        post(client, "invite", cast.maria)
        Patient.objects.filter(pk=cast.maria.pk).update(birth_date=date(2015, 1, 1), version=9)
        assert post(client, "invite_again", cast.maria).context["reasons"] == [MINOR]
        assert OutboxMessage.objects.filter(withdrawn_at=None).count() == 1

    def test_withdrawing_takes_the_mail_back(self, cast, client_of, now):
        client = client_of(cast.ana)
        post(client, "invite", cast.maria)
        assert post(client, "withdraw_invitation", cast.maria).status_code == 302
        assert OutboxMessage.objects.get().withdrawn_at == now
        assert Invitation.objects.waiting().count() == 0
        assert post(client, "withdraw_invitation", cast.maria).context["reasons"] == [GONE]
        assert post(client, "invite_again", cast.maria).context["reasons"] == [GONE]
        assert post(client, "invite", cast.maria).status_code == 302

    def test_an_invitation_of_a_merged_record_is_looked_after_on_the_kept_one(self, cast, client_of, now):
        client = client_of(cast.ana)
        post(client, "invite", cast.marta)
        cast.marta.merged_into = cast.maria
        cast.marta.save()
        assert access_of(cast.maria, now).invited
        assert post(client, "withdraw_invitation", cast.maria).status_code == 302

    def test_those_of_related_people(self, cast, client_of):
        client, nora = client_of(cast.ana), grandmother(cast)
        post(client, "invite_related", nora)
        assert post(client, "invite_related_again", nora).status_code == 302
        assert post(client, "withdraw_related_invitation", nora).status_code == 302
        assert Invitation.objects.waiting().count() == 0

    def test_owners_do_not_find_them_among_staff(self, cast, client_of):
        post(client_of(cast.ana), "invite", cast.maria)
        client, row = client_of(cast.olive), Invitation.objects.get()
        assert list(client.get(reverse("clinic:people")).context["invitations"]) == []
        for route in ("resend_invitation", "withdraw_invitation"):
            answer = client.post(reverse(f"clinic:{route}", args=[row.pk]), {"request_key": new_key()})
            assert answer.status_code == 422
        assert Invitation.objects.waiting().count() == 1


@pytest.mark.django_db
class TestSwitching:
    def test_off_at_once_and_on_again(self, cast, client_of):
        rita, ana = client_of(cast.rita), client_of(cast.ana)
        assert rita.get(reverse("portal:visits")).status_code == 200
        sessions = Session.objects.count()
        assert switch(ana, "deactivate", cast.rita, cast.rita.user).status_code == 302
        assert Session.objects.count() == sessions - 1
        answer = rita.get(reverse("portal:visits"))
        assert answer.url == f"{reverse('account_login')}?next={reverse('portal:visits')}"
        assert switch(ana, "activate", cast.rita, cast.rita.user).status_code == 302
        assert User.objects.get(pk=cast.rita.user_id).roles == {"patient"}
        events = AuditEvent.objects.filter(patient=cast.rita.pk).order_by("at")
        assert sorted(events.values_list("verb", "by")) == [
            ("activate account", cast.ana.pk),
            ("deactivate account", cast.ana.pk),
        ]

    def test_a_proxys(self, cast, client_of):
        ana = client_of(cast.ana)
        assert switch(ana, "deactivate_related", cast.leos_mother, cast.iris.user).status_code == 302
        assert User.objects.get(pk=cast.iris.user_id).is_active is False
        assert switch(ana, "activate_related", cast.leos_mother, cast.iris.user).status_code == 302
        assert User.objects.get(pk=cast.iris.user_id).is_active is True

    def test_an_account_that_works_here_or_did_is_the_owners(self, cast, client_of, now):
        for role, until in ((Role.FRONT_DESK, None), (Role.OWNER, now - timedelta(days=30))):
            RoleGrant.objects.filter(user=cast.rita.user).update(role=role, until=until)
            answer = switch(client_of(cast.ana), "deactivate", cast.rita, cast.rita.user)
            assert (answer.status_code, answer.context["reasons"]) == (422, [STAFF])
        assert User.objects.get(pk=cast.rita.user_id).is_active is True

    def test_an_account_that_opens_a_record_elsewhere_is_not_this_desks(self, cast, client_of, now):
        elsewhere = RelatedPerson.objects.create(
            patient=cast.priya, user=cast.rita.user, name="Rita Lopez", relation="friend", appointments=True,
            since=now,
        )  # fmt: skip
        ana, olive = client_of(cast.ana), client_of(cast.olive)
        assert switch(ana, "deactivate", cast.rita, cast.rita.user).context["reasons"] == [ELSEWHERE]
        assert switch(olive, "deactivate", cast.rita, cast.rita.user).status_code == 302
        elsewhere.until = now
        elsewhere.save()
        assert switch(ana, "activate", cast.rita, cast.rita.user).status_code == 302

    def test_without_an_account_there_is_nothing_to_switch(self, cast, client_of):
        answer = post(client_of(cast.ana), "deactivate", cast.maria, version=1)
        assert (answer.status_code, answer.context["reasons"]) == (422, [NO_ACCOUNT])

    def test_a_stale_or_missing_version(self, cast, client_of):
        ana = client_of(cast.ana)
        assert post(ana, "deactivate", cast.rita, version=99).status_code == 409
        assert post(ana, "deactivate", cast.rita).status_code == 428
        assert User.objects.get(pk=cast.rita.user_id).is_active is True

    @pytest.mark.parametrize("name, status", [("hana", 404), ("rita", 403), ("dana", 403)])
    def test_who_may_not(self, cast, client_of, name, status):
        assert (
            switch(client_of(getattr(cast, name)), "deactivate", cast.rita, cast.rita.user).status_code
            == status
        )


@pytest.mark.django_db
class TestShown:
    """What the chart and the related person's page offer."""

    def buttons(self, answer):
        html = answer.content.decode()
        return [
            name for name in ("invite/", "again/", "withdraw/", "/activate/", "/deactivate/") if name in html
        ]

    def chart(self, client, patient):
        return client.get(reverse("patients:chart", args=[patient.pk]))

    def test_one_step_at_a_time(self, cast, client_of, now):
        client = client_of(cast.ana)
        assert self.buttons(self.chart(client, cast.maria)) == ["invite/"]
        post(client, "invite", cast.maria)
        assert self.buttons(self.chart(client, cast.maria)) == ["again/", "withdraw/"]
        assert self.buttons(self.chart(client, cast.rita)) == ["/deactivate/"]
        switch(client, "deactivate", cast.rita, cast.rita.user)
        assert self.buttons(self.chart(client, cast.rita)) == ["/activate/"]

    @pytest.mark.parametrize("name, reasons", [("tunde", (NO_EMAIL,)), ("leo", (MINOR,))])
    def test_why_not_instead_of_a_button(self, cast, client_of, name, reasons):
        answer = self.chart(client_of(cast.ana), getattr(cast, name))
        assert answer.context["access"].reasons == reasons
        assert self.buttons(answer) == []

    def test_an_old_record_offers_nothing(self, cast, client_of):
        cast.rita.merged_into = cast.maria
        cast.rita.save()
        assert self.buttons(self.chart(client_of(cast.ana), cast.rita)) == []

    def test_a_changed_address_and_a_link_that_ran_out(self, cast, client_of, now):
        client = client_of(cast.ana)
        post(client, "invite", cast.maria)
        assert access_of(cast.maria, now).ran_out is False
        assert access_of(cast.maria, now + timedelta(days=7)).ran_out is True
        cast.maria.email = "maria@new.example"
        cast.maria.save()
        assert access_of(cast.maria, now).address_changed is True
        assert self.chart(client, cast.maria).content.decode().count("Send it again.") == 1

    def test_the_related_persons_page(self, cast, client_of):
        client, nora = client_of(cast.ana), grandmother(cast)
        page = reverse("patients:related_person", args=[cast.leo.pk, nora.pk])
        assert self.buttons(client.get(page)) == ["invite/"]
        post(client, "invite_related", nora)
        assert self.buttons(client.get(page)) == ["again/", "withdraw/"]
        theirs = reverse("patients:related_person", args=[cast.leo.pk, cast.leos_mother.pk])
        assert self.buttons(client.get(theirs)) == ["/deactivate/"]
        new = client.get(reverse("patients:new_related_person", args=[cast.leo.pk]))
        assert self.buttons(new) == []

    def test_the_chart_says_who_signs_in(self, cast, client_of, now):
        client, nora = client_of(cast.ana), grandmother(cast)
        post(client, "invite_related", nora)
        found = {
            person.name: (access.account, access.invited)
            for person, access in self.chart(client, cast.leo).context["related_people"]
        }
        assert found == {"Iris Cole": (cast.iris.user, False), "Nora Cole": (None, True)}


@pytest.mark.alone
def test_two_of_the_desk_invite_one_patient_at_once(cast, committed, now):
    """One invitation and one mail; the other reads that it was done."""
    second = account("Second Desk", [Role.FRONT_DESK], [cast.uptown])
    calls = [
        lambda by=by: actions.invite(
            by=User.objects.get(pk=by.pk), request_key=None, pk=cast.maria.pk, now=now
        )
        for by in (cast.ana, second)
    ]
    results = in_threads(calls)
    assert sorted(type(result).__name__ for result in results) == ["Invitation", "Refused"]
    assert [result.reasons for result in results if hasattr(result, "reasons")] == [[INVITED]]
    assert (Invitation.objects.count(), OutboxMessage.objects.count()) == (1, 1)
