"""Accepting an invitation as a patient, or as somebody who acts for one: linked once, by the right person."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent, Invitation, RoleGrant, User
from clinic.refusal import Refused
from clinic.submissions import new_key
from frontdesk.actions.merging import merge
from messaging.models import OutboxMessage
from messaging.tasks import send_due
from patients.actions import accounts as actions
from patients.models import Patient, RelatedPerson
from portal.queries import own_patients, upcoming
from tests.cast import PASSWORD
from tests.portal.links import link_of
from tests.rows import at, visit
from tests.threads import in_threads

GOOD = "seven quiet rivers run"
USED = ["This invitation was used already. Sign in with the password you chose then."]
RAN_OUT = ["This invitation has run out. Ask the clinic to send it again."]
CHANGED = ["The clinic has another e-mail address for you now. Ask it to send the invitation again."]
ENDED = ["What you were invited to has ended. If you think that is wrong, call the clinic."]
LINKED = ["Somebody signs in for this record already. If that is not you, call the clinic."]
MINOR = ["Only adults have an account of their own. Ask the clinic to invite a guardian."]
ANOTHER = [
    (
        "Your account opens another patient’s record, and an address opens one. "
        "Ask the clinic to write you down under that person’s guardians and companions instead."
    )
]
HAS_ACCOUNT = ["This address has an account already. Sign in, then open the link again."]
VISITS, PLAN = "/my/visits/", "/my/"


def change(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def invite(cast, now, who=None):
    """The link in the mail to this patient or related person; Maria where nobody is named."""
    who = who or cast.maria
    related = isinstance(who, RelatedPerson)
    pk, person = (who.patient_id, who.pk) if related else (who.pk, None)
    row = actions.invite(by=cast.ana, request_key=None, pk=pk, person=person, now=now)
    return link_of(row)


def grandmother(cast, **fields):
    """Nora Cole, who may book for Leo, with an address."""
    return change(cast.leos_grandmother, **{"email": "nora@mail.example", "appointments": True, **fields})


def choosing(**fields):
    return {"request_key": new_key(), "name": "Maria G.", "password": GOOD, "again": GOOD, **fields}


def accept(client, link):
    return client.post(link, {"request_key": new_key()})


def over(link, client=None):
    answer = (client or Client()).get(link)
    assert (answer.status_code, answer.templates[0].name) == (410, "clinic/manage/invitation_over.html")
    return answer.context["reasons"]


def user_of(row):
    return type(row).objects.get(pk=row.pk).user


@pytest.mark.django_db
class TestANewPerson:
    def test_chooses_a_password_and_sees_their_visits(self, cast, now):
        visit(
            cast.maria,
            cast.service("adjustment"),
            cast.uptown,
            at("11:00", cast.uptown, "2026-11-26"),
            practitioners={"chiropractic": cast.daniel.practitioner},
            rooms={"adjusting": cast.room_4},
        )
        link, client = invite(cast, now), Client()
        assert client.get(link).context["form"]["name"].value() == "Maria Garcia"
        answer = client.post(link, choosing())
        assert (answer.status_code, answer.url) == (302, PLAN)
        user = user_of(cast.maria)
        assert int(client.session["_auth_user_id"]) == user.pk
        assert (user.email, user.name, user.roles, user.check_password(GOOD)) == (
            cast.maria.email,
            "Maria G.",
            {"patient"},
            True,
        )
        assert [v.whose for v in client.get(VISITS).context["visits"]] == [""]
        address = EmailAddress.objects.get(user=user)
        assert (address.email, address.verified, address.primary) == (user.email, True, True)
        event = AuditEvent.objects.get(verb="accept invitation")
        assert (event.by, event.patient, event.detail) == (user, cast.maria.pk, {"given": ["patient"]})

    def test_nothing_is_linked_by_looking(self, cast, now):
        link = invite(cast, now)
        assert Client().get(link).status_code == 200
        assert Client().post(link, choosing(again="another quiet river")).status_code == 422
        assert (user_of(cast.maria), User.objects.filter(email=cast.maria.email).count()) == (None, 0)

    def test_what_was_typed_stays_when_the_password_is_refused(self, cast, now):
        answer = Client().post(invite(cast, now), choosing(password="short", again="short"))
        assert answer.status_code == 422
        assert answer.context["form"]["name"].value() == "Maria G."
        assert answer.context["form"].errors == {
            "password": ["This password is too short. It must contain at least 15 characters."]
        }

    def test_a_related_person_acts_from_now_on(self, cast, now):
        nora, client = grandmother(cast), Client()
        assert client.post(invite(cast, now, nora), choosing(name="Nora Cole")).status_code == 302
        user = user_of(nora)
        assert set(own_patients(user, now)) == {cast.leo}
        assert user_of(cast.leo) is None
        assert AuditEvent.objects.get(verb="accept invitation").patient == cast.leo.pk

    def test_the_page_does_not_name_the_patient_a_relative_is_invited_for(self, cast, now):
        page = Client().get(invite(cast, now, grandmother(cast))).content.decode()
        assert page.count("Leo") == 0

    def test_a_form_sent_twice_is_done_once(self, cast, now):
        link, client = invite(cast, now), Client()
        client.get(link)
        form = choosing()
        before = client.cookies.copy()
        assert client.post(link, form).status_code == 302
        client.cookies = before  # the second click left before the first answer came
        again = client.post(link, form)
        assert (again.status_code, again.url) == (302, PLAN)
        assert client.post(link, choosing()).status_code == 410
        assert User.objects.filter(email=cast.maria.email).count() == 1

    def test_a_form_without_its_key_does_nothing(self, cast, now):
        assert Client().post(invite(cast, now), choosing(request_key="")).status_code == 422
        assert user_of(cast.maria) is None


@pytest.mark.django_db
class TestLinksThatAreOver:
    def test_used(self, cast, now, client_of):
        link = invite(cast, now)
        Client().post(link, choosing())
        assert over(link) == USED
        assert Client().post(link, choosing()).status_code == 410
        assert over(link, client_of(user_of(cast.maria))) == USED

    def test_expired(self, cast, now):
        link = invite(cast, now)
        with time_machine.travel(now + timedelta(days=7), tick=False):
            assert over(link) == RAN_OUT
            assert Client().post(link, choosing()).status_code == 410

    def test_withdrawn(self, cast, now):
        link = invite(cast, now)
        actions.withdraw_invitation(by=cast.ana, request_key=None, pk=cast.maria.pk, now=now)
        assert over(link) == RAN_OUT

    def test_sent_again(self, cast, now):
        old = invite(cast, now)
        row = actions.invite_again(by=cast.ana, request_key=None, pk=cast.maria.pk, now=now)
        assert [Client().get(link).status_code for link in (old, link_of(row))] == [404, 200]

    def test_single_purpose(self, cast, now):
        """A patient's link opens no place on the staff, nor the other way round."""
        link = invite(cast, now)
        token = link.split("/")[-2]
        assert Client().get(reverse("clinic:accept_invitation", args=[token])).status_code == 404
        assert Client().post(reverse("clinic:accept_invitation", args=[token]), choosing()).status_code == 404
        Invitation.objects.update(patient=None)
        assert Client().get(link).status_code == 404

    def test_the_address_was_corrected_meanwhile(self, cast, now):
        """Whoever has the mail at the wrong address gets nothing."""
        link = invite(cast, now)
        change(cast.maria, email="maria@right.example")
        assert over(link) == CHANGED
        with pytest.raises(Refused):
            actions.accept_as_new(token=link.split("/")[-2], name="X", password=GOOD, now=now, shown="/")
        assert (user_of(cast.maria), User.objects.filter(email__contains="qmaria").count()) == (None, 0)

    def test_a_right_was_taken_back_or_the_person_taken_off_the_list(self, cast, now):
        nora = grandmother(cast)
        link = invite(cast, now, nora)
        change(nora, appointments=False)
        assert over(link) == ENDED
        change(nora, appointments=True, until=now)
        assert over(link) == ENDED
        with pytest.raises(Refused):
            actions.accept_as_new(token=link.split("/")[-2], name="X", password=GOOD, now=now, shown="/")
        assert user_of(nora) is None

    def test_the_patient_turned_out_to_be_a_minor(self, cast, now):
        link = invite(cast, now)
        change(cast.maria, birth_date=date(2012, 3, 14))
        assert over(link) == MINOR

    def test_a_wrong_token(self):
        assert Client().get(reverse("portal:join", args=["t" * 43])).status_code == 404


@pytest.mark.django_db
class TestAMergedRecord:
    def merge(self, cast, kept, merged, email_of):
        fresh = {row.pk: Patient.objects.get(pk=row.pk) for row in (kept, merged)}
        merge(
            by=cast.ana,
            request_key=None,
            kept=kept.pk,
            merged=merged.pk,
            versions={pk: row.version for pk, row in fresh.items()},
            chosen={"email": str(email_of.pk)},
        )

    def test_the_kept_record_is_linked(self, cast, now):
        link = invite(cast, now, cast.marta)
        self.merge(cast, cast.maria, cast.marta, email_of=cast.marta)
        assert Client().post(link, choosing()).status_code == 302
        assert (user_of(cast.maria).email, user_of(cast.marta)) == (cast.marta.email, None)

    def test_unless_its_address_is_another_one(self, cast, now):
        link = invite(cast, now, cast.marta)
        self.merge(cast, cast.maria, cast.marta, email_of=cast.maria)
        assert over(link) == CHANGED

    def test_or_somebody_signs_in_there(self, cast, now):
        link = invite(cast, now, cast.marta)
        self.merge(cast, cast.rita, cast.marta, email_of=cast.marta)
        assert over(link) == LINKED

    def test_a_related_person_moves_along(self, cast, now):
        nora = RelatedPerson.objects.create(
            patient=cast.marta, name="Nora", relation="friend", email="nora@mail.example", appointments=True,
            since=now,
        )  # fmt: skip
        link = invite(cast, now, nora)
        self.merge(cast, cast.maria, cast.marta, email_of=cast.maria)
        assert Client().post(link, choosing(name="Nora")).status_code == 302
        assert set(own_patients(user_of(nora), now)) == {cast.maria}


@pytest.mark.django_db
class TestWithAnAccount:
    def test_a_member_of_staff_is_a_patient_too(self, cast, client_of, now):
        change(cast.maria, email=cast.mei.email)
        link = invite(cast, now)
        anonymous = Client().get(link)
        assert (anonymous.status_code, anonymous.templates[0].name) == (200, "portal/join_as.html")
        assert anonymous.context["sign_in"] == f"/account/login/?next={link}"
        assert Client().post(link, choosing()).status_code == 403
        answer = accept(client_of(cast.mei), link)
        assert (answer.status_code, answer.url) == (302, PLAN)
        mei = User.objects.get(pk=cast.mei.pk)
        assert (user_of(cast.maria), mei.roles) == (mei, {"practitioner", "patient"})
        assert mei.check_password(PASSWORD)
        assert over(link, client_of(cast.mei)) == USED

    def test_a_patient_acts_for_somebody_too(self, cast, client_of, now):
        """Iris, herself a patient, is invited for Mia as well: one account, three people."""
        row = change(cast.mias_mother, email=cast.iris.user.email, appointments=True)
        assert accept(client_of(cast.iris), invite(cast, now, row)).status_code == 302
        assert set(own_patients(cast.iris.user, now)) == {cast.iris, cast.leo, cast.mia}
        assert RoleGrant.objects.filter(user=cast.iris.user).count() == 1

    def test_a_proxy_becomes_a_patient(self, cast, now):
        nora, client = grandmother(cast), Client()
        client.post(invite(cast, now, nora), choosing(name="Nora Cole"))
        change(cast.sunny, email=nora.email)
        assert accept(client, invite(cast, now, cast.sunny)).status_code == 302
        assert set(own_patients(user_of(nora), now)) == {cast.leo, cast.sunny}

    def test_an_account_opens_one_record(self, cast, client_of, now):
        """The address became that of another patient after the invitation left."""
        link = invite(cast, now)
        User.objects.filter(pk=cast.rita.user_id).update(email=cast.maria.email)
        assert over(link, client_of(User.objects.get(pk=cast.rita.user_id))) == ANOTHER
        with pytest.raises(Refused) as refused:
            actions.accept_as(
                by=User.objects.get(pk=cast.rita.user_id), token=link.split("/")[-2], now=now, shown="/"
            )
        assert (refused.value.reasons, user_of(cast.maria)) == (ANOTHER, None)

    @pytest.mark.parametrize("name", ["rita", "ana"])
    def test_somebody_else_is_signed_in(self, cast, client_of, now, name):
        link, client = invite(cast, now), client_of(getattr(cast, name))
        page = client.get(link)
        assert (page.status_code, page.templates[0].name) == (200, "portal/join_as.html")
        assert page.content.decode().count(f'href="{reverse("account_logout")}"') == 1
        assert accept(client, link).status_code == 403
        assert client.post(link, choosing()).status_code == 403
        with pytest.raises(Refused):
            actions.accept_as(by=cast.ana, token=link.split("/")[-2], now=now, shown="/")
        assert user_of(cast.maria) is None

    def test_an_account_that_is_switched_off_is_not_opened_by_it(self, cast, now):
        change(cast.maria, email=cast.dana.email)
        User.objects.filter(pk=cast.dana.pk).update(is_active=False)
        assert over(invite(cast, now)) == ["Your account is switched off. Ask the clinic’s owner."]

    def test_the_account_is_made_while_the_form_is_open(self, cast, now):
        link = invite(cast, now)
        User.objects.create_user(cast.maria.email, PASSWORD, name="Maria")
        token = link.split("/")[-2]
        with pytest.raises(Refused) as refused:
            actions.accept_as_new(token=token, name="X", password=GOOD, now=now, shown="/")
        assert refused.value.reasons == HAS_ACCOUNT


@pytest.mark.django_db
class TestAfterwards:
    def test_the_link_is_forgotten_once_the_mail_has_left(self, cast, now, mailoutbox):
        link = invite(cast, now)
        assert send_due(now) == 1
        assert mailoutbox[0].body.count(link) == 1
        assert OutboxMessage.objects.get().body == ""
        assert Client().get(link).status_code == 200

    def test_being_switched_off_shuts_the_door(self, cast, now):
        client = Client()
        client.post(invite(cast, now), choosing())
        user = user_of(cast.maria)
        actions.set_active(by=cast.ana, request_key=None, pk=cast.maria.pk, version=1, active=False, now=now)
        assert client.get(VISITS).status_code == 302
        Client().post("/account/login/", {"login": user.email, "password": GOOD})
        assert upcoming(User.objects.get(pk=user.pk), now) == []


@pytest.mark.alone
def test_two_browsers_accept_one_invitation(cast, committed, now):
    """One account, one password; the other reads why."""
    link = invite(cast, now)
    passwords = [GOOD + " one", GOOD + " two"]
    results = in_threads(
        [lambda p=p: Client().post(link, choosing(password=p, again=p)).status_code for p in passwords]
    )
    assert sorted(results) in ([302, 410], [302, 422])
    assert user_of(cast.maria).check_password(passwords[results.index(302)])


@pytest.mark.alone
def test_one_account_accepts_for_two_records_at_once(cast, committed, now, client_of):
    """Both were invited at one address, which only a corrected record makes possible: one of them is linked."""
    first = invite(cast, now)
    second = invite(cast, now, cast.marta)
    change(cast.marta, email=cast.maria.email)
    Invitation.objects.update(email=cast.maria.email)
    user = User.objects.create_user(cast.maria.email, PASSWORD, name="Maria")
    tokens = [link.split("/")[-2] for link in (first, second)]
    calls = [
        lambda token=token: actions.accept_as(
            by=User.objects.get(pk=user.pk), token=token, now=now, shown="/"
        )
        for token in tokens
    ]
    results = in_threads(calls)
    assert sorted(type(result).__name__ for result in results) == ["Refused", "User"]
    assert [result.reasons for result in results if isinstance(result, Refused)] == [ANOTHER]
    assert Patient.objects.filter(user=user).count() == 1


@pytest.mark.alone
def test_accepting_while_the_desk_withdraws(cast, committed, now):
    """Either the link was faster, or it is over: never both, never a deadlock."""
    token = invite(cast, now).split("/")[-2]
    accepted, withdrawn = in_threads(
        [
            lambda: actions.accept_as_new(token=token, name="Maria", password=GOOD, now=now, shown="/"),
            lambda: actions.withdraw_invitation(
                by=User.objects.get(pk=cast.ana.pk), request_key=None, pk=cast.maria.pk, now=now
            ),
        ]
    )
    assert isinstance(accepted, Refused) != isinstance(withdrawn, Refused)
    assert (user_of(cast.maria) is None) == isinstance(accepted, Refused)
