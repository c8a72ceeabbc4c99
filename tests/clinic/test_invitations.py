import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher
from django.test import Client
from django.urls import reverse

from clinic.actions import invitations as actions
from clinic.models import AuditEvent, Invitation, RoleGrant, User
from clinic.refusal import Refused
from clinic.submissions import new_key
from messaging.models import OutboxMessage
from messaging.tasks import send_due
from tests.cast import PASSWORD
from tests.threads import in_threads

GOOD = "seven quiet rivers run"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/clinic/join/([\w-]+)/)\n")


def invite(cast, now, email="nora.new@meridian.example", roles=("front_desk",), places=None):
    """The invitation and the address of its link, as the mail says it."""
    location_ids = [cast.uptown.pk] if places is None else places
    row = actions.invite(
        by=cast.olive, email=email, name="Nora New", roles=list(roles), location_ids=location_ids, now=now
    )
    return row, link_of(row)


def link_of(row):
    mail = OutboxMessage.objects.filter(about=f"invitation:{row.pk}").latest("created_at", "id")
    return LINK.search(mail.body)[1]


def choosing(**fields):
    return {"request_key": new_key(), "name": "Nora New", "password": GOOD, "again": GOOD, **fields}


@pytest.mark.django_db
class TestInviting:
    def send(self, cast, client_of, **fields):
        form = {"request_key": new_key(), "name": "Nora New", "email": "Nora.New@Meridian.example"}
        typed = {"roles": ["front_desk"], "locations": [cast.uptown.pk], **fields}
        return client_of(cast.olive).post(reverse("clinic:invite"), {**form, **typed})

    def test_the_mail_holds_the_only_copy_of_the_token(self, cast, client_of, now):
        answer = self.send(cast, client_of)
        assert (answer.status_code, answer.url) == (302, reverse("clinic:people"))
        row = Invitation.objects.get()
        mail = OutboxMessage.objects.get()
        token = LINK.search(mail.body)[2]
        assert len(token) == 43  # 256 bits
        assert row.token_sha256 == actions.hashed(token) != token
        assert (row.email, row.roles, row.location_ids) == (
            "nora.new@meridian.example",
            ["front_desk"],
            [cast.uptown.pk],
        )
        assert row.expires_at == now + timedelta(days=7)
        assert (mail.kind, mail.to, mail.not_before) == ("invitation", "nora.new@meridian.example", now)
        assert AuditEvent.objects.get(by=cast.olive).verb == "invite"

    def test_the_link_is_forgotten_once_the_mail_has_left(self, cast, client_of, now, mailoutbox):
        _row, link = invite(cast, now)
        assert send_due(now) == 1
        assert mailoutbox[0].body.count(link) == 1
        assert OutboxMessage.objects.get().body == ""
        assert Client().get(link).status_code == 200

    def test_a_desk_without_a_location_is_refused_and_nothing_is_sent(self, cast, client_of):
        answer = self.send(cast, client_of, locations=[])
        assert answer.status_code == 422
        assert answer.context["form"]["email"].value() == "Nora.New@Meridian.example"
        assert (Invitation.objects.count(), OutboxMessage.objects.count()) == (0, 0)

    def test_one_open_invitation_per_address(self, cast, client_of):
        self.send(cast, client_of)
        assert self.send(cast, client_of).status_code == 422
        assert Invitation.objects.count() == 1

    def test_sending_again_replaces_the_link(self, cast, client_of, now):
        row, old = invite(cast, now)
        url = reverse("clinic:resend_invitation", args=[row.pk])
        assert client_of(cast.olive).post(url, {"request_key": new_key()}).status_code == 302
        mails = OutboxMessage.objects.filter(about=f"invitation:{row.pk}")
        assert mails.exclude(withdrawn_at=None).count() == 1
        new = LINK.search(mails.get(withdrawn_at=None).body)[1]
        assert [Client().get(link).status_code for link in (old, new)] == [404, 200]

    def test_a_withdrawn_one_opens_nothing_and_leaves_the_list(self, cast, client_of, now):
        row, link = invite(cast, now)
        client, url = client_of(cast.olive), reverse("clinic:withdraw_invitation", args=[row.pk])
        assert client.post(url, {"request_key": new_key()}).status_code == 302
        assert Client().get(link).status_code == 410
        assert list(client.get(reverse("clinic:people")).context["invitations"]) == []
        assert OutboxMessage.objects.get().withdrawn_at == now
        assert client.post(url, {"request_key": new_key()}).status_code == 422

    @pytest.mark.parametrize("name", ["ana", "mei", "rita"])
    @pytest.mark.parametrize("route", ["resend_invitation", "withdraw_invitation"])
    def test_only_owners_may(self, cast, client_of, now, name, route):
        row, _link = invite(cast, now)
        url = reverse(f"clinic:{route}", args=[row.pk])
        assert client_of(getattr(cast, name)).post(url, {"request_key": new_key()}).status_code == 403


@pytest.mark.django_db
class TestAccepting:
    def test_a_new_person_chooses_a_password_and_is_in(self, cast, now):
        row, link = invite(
            cast, now, roles=["front_desk", "practitioner"], places=[cast.uptown.pk, cast.harbor.pk]
        )
        client = Client()
        assert client.get(link).context["form"]["name"].value() == "Nora New"
        answer = client.post(link, choosing(name="Nora Newman"))
        assert (answer.status_code, answer.url) == (302, "/")
        user = User.objects.get(email="nora.new@meridian.example")
        assert int(client.session["_auth_user_id"]) == user.pk
        assert (user.name, user.roles, user.location_ids) == (
            "Nora Newman",
            {"front_desk", "practitioner"},
            {cast.uptown.pk, cast.harbor.pk},
        )
        assert user.check_password(GOOD)
        assert identify_hasher(user.password).algorithm == "argon2"
        address = EmailAddress.objects.get(user=user)
        assert (address.email, address.verified, address.primary) == (user.email, True, True)
        row.refresh_from_db()
        assert (row.accepted_by_id, row.accepted_at) == (user.pk, now)
        assert AuditEvent.objects.get(verb="accept invitation").by_id == user.pk

    def test_it_opens_once(self, cast, now):
        _row, link = invite(cast, now)
        Client().post(link, choosing())
        again = Client().post(link, choosing(password=GOOD * 2, again=GOOD * 2))
        assert again.status_code == 410
        assert again.context["reasons"] == [
            "This invitation was used already. Sign in with the password you chose then."
        ]
        assert User.objects.get(email="nora.new@meridian.example").check_password(GOOD)

    def test_it_runs_out_after_seven_days(self, cast, now):
        _row, link = invite(cast, now)
        with time_machine.travel(now + timedelta(days=7, seconds=-1), tick=False):
            assert Client().get(link).status_code == 200
        with time_machine.travel(now + timedelta(days=7), tick=False):
            assert Client().post(link, choosing()).status_code == 410
        assert User.objects.filter(email="nora.new@meridian.example").count() == 0

    @pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 3000])
    def test_a_guessed_token_opens_nothing(self, cast, token):
        assert Client().get(reverse("clinic:accept_invitation", args=[token])).status_code == 404

    @pytest.mark.parametrize(
        "password, again, field, error",
        [
            (
                "fourteen chars",
                "fourteen chars",
                "password",
                "This password is too short. It must contain at least 15 characters.",
            ),
            (GOOD, GOOD + "!", "again", "The two passwords differ. Type the same one twice."),
            (
                "nora.new@meridian.example",
                "nora.new@meridian.example",
                "password",
                "The password is too similar to the e-mail.",
            ),
        ],
    )
    def test_passwords_that_are_refused(self, cast, now, password, again, field, error):
        _row, link = invite(cast, now)
        answer = Client().post(link, choosing(password=password, again=again))
        assert answer.status_code == 422
        assert answer.context["form"].errors == {field: [error]}
        assert User.objects.filter(email="nora.new@meridian.example").count() == 0

    def test_a_form_sent_twice_is_done_once(self, cast, now):
        _row, link = invite(cast, now)
        client, form = Client(), choosing()
        before = client.cookies.copy()
        assert client.post(link, form).status_code == 302
        client.cookies = before  # the second click left before the first answer came
        again = client.post(link, form)
        assert (again.status_code, again.url) == (302, "/")
        assert client.post(link, choosing()).status_code == 410

    def test_a_form_without_its_key_does_nothing(self, cast, now):
        _row, link = invite(cast, now)
        assert Client().post(link, choosing(request_key="")).status_code == 422
        assert Invitation.objects.get().accepted_at is None


@pytest.mark.django_db
class TestAcceptingWithAnAccount:
    def test_roles_are_added_after_sign_in(self, cast, client_of, now):
        _row, link = invite(cast, now, email=cast.ana.email, roles=["practitioner"], places=[cast.harbor.pk])
        anonymous = Client().get(link)
        assert anonymous.status_code == 200
        assert anonymous.context["sign_in"] == f"{reverse('account_login')}?next={link}"
        assert Client().post(link, choosing()).status_code == 403
        answer = client_of(cast.ana).post(link, {"request_key": new_key()})
        assert (answer.status_code, answer.url) == (302, "/")
        ana = User.objects.get(pk=cast.ana.pk)
        assert (ana.roles, ana.location_ids) == (
            {"front_desk", "practitioner"},
            {cast.uptown.pk, cast.harbor.pk},
        )
        assert ana.check_password(PASSWORD)

    @pytest.mark.parametrize("email", ["nora.new@meridian.example", "hana.desk@meridian.example"])
    def test_somebody_else_cannot_take_it(self, cast, client_of, now, email):
        _row, link = invite(cast, now, email=email, roles=["owner"])
        assert client_of(cast.ana).post(link, {"request_key": new_key()}).status_code == 403
        assert RoleGrant.objects.filter(user=cast.ana, role="owner").count() == 0

    def test_the_action_itself_refuses_another_address(self, cast, now):
        row, link = invite(cast, now, email=cast.hana.email, roles=["owner"])
        with pytest.raises(Refused):
            actions.accept_as(by=cast.ana, token=link.split("/")[-2], now=now)
        row.refresh_from_db()
        assert row.accepted_at is None

    def test_a_deactivated_account_is_not_opened_by_it(self, cast, now):
        _row, link = invite(cast, now, email=cast.ana.email, roles=["owner"])
        User.objects.filter(pk=cast.ana.pk).update(is_active=False)
        answer = Client().get(link)
        assert (answer.status_code, answer.context["reasons"]) == (
            410,
            ["Your account is switched off. Ask the clinic’s owner."],
        )


@pytest.mark.alone
def test_two_browsers_open_one_invitation(cast, committed, now):
    """One account, one password; the other reads why."""
    _row, link = invite(cast, now)
    passwords = [GOOD + " one", GOOD + " two"]
    results = in_threads(
        [lambda p=p: Client().post(link, choosing(password=p, again=p)).status_code for p in passwords]
    )
    assert sorted(results) == [302, 422] or sorted(results) == [302, 410]
    user = User.objects.get(email="nora.new@meridian.example")
    assert user.check_password(passwords[results.index(302)])
