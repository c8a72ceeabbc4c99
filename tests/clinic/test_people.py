from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.urls import reverse

from clinic import queries
from clinic.actions import people as actions
from clinic.models import AuditEvent, Profile, Role, RoleGrant, User
from clinic.refusal import Refused
from clinic.rules.people import (
    LAST_OWNER,
    reasons_not_to_accept,
    reasons_not_to_change_roles,
    reasons_not_to_deactivate,
    reasons_not_to_invite,
)
from clinic.submissions import new_key
from tests.cast import account
from tests.threads import in_threads

NO_ROLE = "Choose at least one role. To end somebody's access, deactivate the account."
NO_PLACE = "Choose at least one location: front desk and providers see only where they work."


def sent(person=None, **fields):
    version = {"version": Profile.objects.get(user=person).version} if person else {}
    return {"request_key": new_key(), **version, **fields}


def in_force(person, now):
    return sorted(RoleGrant.objects.in_force(now).filter(user=person).values_list("role", flat=True))


class TestRules:
    def test_roles(self):
        change = reasons_not_to_change_roles
        assert change(["owner"], [], is_last_owner=False) == []
        assert change(["front_desk"], [1], is_last_owner=False) == []
        assert change(["front_desk"], [], is_last_owner=False) == [NO_PLACE]
        assert change([], [1], is_last_owner=False) == [NO_ROLE]
        assert change(["patient"], [], is_last_owner=False) == [NO_ROLE]
        assert change(["owner", "practitioner"], [1], is_last_owner=True) == []
        assert change(["practitioner"], [1], is_last_owner=True) == [LAST_OWNER]

    def test_deactivating(self):
        assert reasons_not_to_deactivate(is_last_owner=False, is_self=False) == []
        assert reasons_not_to_deactivate(is_last_owner=True, is_self=True) == [LAST_OWNER]
        assert reasons_not_to_deactivate(is_last_owner=False, is_self=True) == [
            "You cannot deactivate your own account. Ask another owner."
        ]

    def test_inviting(self):
        assert reasons_not_to_invite(["owner"], [], open_already=False) == []
        assert reasons_not_to_invite([], [], open_already=True) == [
            NO_ROLE,
            "This address has an open invitation. Send that one again, or withdraw it first.",
        ]

    def test_accepting(self, now):
        later, earlier = now + timedelta(seconds=1), now - timedelta(days=1)
        accept = reasons_not_to_accept
        assert accept(accepted_at=None, expires_at=later, now=now) == []
        run_out = ["This invitation has run out. Ask the clinic to send it again."]
        assert accept(accepted_at=None, expires_at=now, now=now) == run_out
        used = ["This invitation was used already. Sign in with the password you chose then."]
        assert accept(accepted_at=earlier, expires_at=later, now=now) == used
        off = ["Your account is switched off. Ask the clinic’s owner."]
        assert accept(accepted_at=None, expires_at=later, now=now, account_active=False) == off


@pytest.mark.django_db
class TestList:
    def test_it_names_staff_of_now_and_before_and_no_patients(self, cast, client_of):
        page = client_of(cast.olive).get(reverse("clinic:people"))
        assert [person.name for person in page.context["people"]] == [
            "Ana Desk",
            "Dana Former",
            "Daniel Lee",
            "Hana Desk",
            "Jo Ruiz",
            "Ken Moss",
            "Mei Tan",
            "Olive Owner",
            "Sam Park",
            "Theo Vance",
        ]
        grants = {person.name: [grant.role for grant in person.grants] for person in page.context["people"]}
        assert (grants["Dana Former"], grants["Olive Owner"]) == ([], ["owner"])

    @pytest.mark.parametrize("more", [0, 2])
    def test_the_number_of_statements_does_not_grow(self, cast, now, more, django_assert_num_queries):
        for number in range(more):
            account(f"More {number}", [Role.FRONT_DESK], [cast.uptown, cast.harbor])
        with django_assert_num_queries(4):
            context = {"people": queries.staff(now), "invitations": queries.waiting_invitations(), "now": now}
            page = render_to_string("clinic/manage/people.html", context)
        assert page.count("@meridian.example") == 10 + more

    def test_a_patients_account_has_no_page_here(self, cast, client_of):
        url = reverse("clinic:person", args=[cast.rita.user_id])
        assert client_of(cast.olive).get(url).status_code == 404


@pytest.mark.django_db
class TestChanging:
    def save(self, client, person, **fields):
        return client.post(reverse("clinic:person", args=[person.pk]), sent(person, **fields))

    def test_roles_begin_and_end(self, cast, client_of, now):
        answer = self.save(
            client_of(cast.olive),
            cast.ana,
            name="Ana Maria Desk",
            roles=["practitioner"],
            locations=[cast.harbor.pk],
        )
        assert (answer.status_code, answer.url) == (302, reverse("clinic:people"))
        ana = User.objects.get(pk=cast.ana.pk)
        later = now + timedelta(seconds=1)
        assert (ana.name, in_force(ana, later), ana.location_ids) == (
            "Ana Maria Desk",
            ["practitioner"],
            {cast.harbor.pk},
        )
        assert RoleGrant.objects.get(user=ana, role="front_desk").until == now
        event = AuditEvent.objects.get(verb="change person")
        assert event.detail == {
            "given": ["practitioner"],
            "ended": ["front_desk"],
            "locations": [cast.harbor.pk],
        }

    def test_it_counts_from_the_next_request(self, cast, client_of):
        ana, olive = client_of(cast.ana), client_of(cast.olive)
        assert ana.get(reverse("clinic:manage")).status_code == 403
        self.save(olive, cast.ana, name="Ana Desk", roles=["owner"])
        assert ana.get(reverse("clinic:manage")).status_code == 200
        self.save(olive, cast.ana, name="Ana Desk", roles=["front_desk"], locations=[cast.uptown.pk])
        assert ana.get(reverse("clinic:manage")).status_code == 403

    def test_a_patients_role_stays(self, cast, client_of, now):
        RoleGrant.objects.create(user=cast.ana, role=Role.PATIENT, since=now - timedelta(days=1))
        self.save(client_of(cast.olive), cast.ana, name="Ana", roles=["owner"])
        assert in_force(cast.ana, now + timedelta(seconds=1)) == ["owner", "patient"]

    def test_a_role_that_was_to_end_later_ends_now(self, cast, client_of, now):
        RoleGrant.objects.filter(user=cast.ana).update(until=now + timedelta(days=30))
        self.save(client_of(cast.olive), cast.ana, name="Ana", roles=["owner"])
        assert in_force(cast.ana, now + timedelta(seconds=1)) == ["owner"]

    def test_the_last_owner_stays_owner(self, cast, client_of, now):
        answer = self.save(
            client_of(cast.olive), cast.olive, name="Olive", roles=["front_desk"], locations=[cast.uptown.pk]
        )
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == [LAST_OWNER]
        assert answer.context["form"]["roles"].value() == ["front_desk"]
        assert in_force(cast.olive, now) == ["owner"]

    def test_an_owner_who_cannot_sign_in_does_not_count(self, cast, now):
        other = account("Second Owner", [Role.OWNER], [])
        User.objects.filter(pk=other.pk).update(is_active=False)
        with pytest.raises(Refused) as refused:
            actions.set_active(by=other, person=cast.olive, version=1, active=False, now=now)
        assert refused.value.reasons == [LAST_OWNER]

    def test_a_stale_page_shows_both(self, cast, client_of):
        client = client_of(cast.olive)
        stale = sent(cast.ana, name="Ana A.", roles=["front_desk"], locations=[cast.uptown.pk])
        self.save(client, cast.ana, name="Ana B.", roles=["front_desk"], locations=[cast.uptown.pk])
        answer = client.post(reverse("clinic:person", args=[cast.ana.pk]), stale)
        assert answer.status_code == 409
        assert answer.context["changes"] == [("Name", "Ana A.", "Ana B.")]

    @pytest.mark.parametrize("fields", [{"roles": ["patient"]}, {"roles": ["king"]}, {"locations": [999]}])
    def test_choices_that_are_none(self, cast, client_of, fields):
        typed = {"name": "Ana", "roles": ["owner"], "locations": [], **fields}
        assert self.save(client_of(cast.olive), cast.ana, **typed).status_code == 422


@pytest.mark.django_db
class TestDeactivating:
    def test_the_person_is_out_at_once_and_may_return(self, cast, client_of):
        ana, olive = client_of(cast.ana), client_of(cast.olive)
        sessions = Session.objects.count()
        answer = olive.post(reverse("clinic:deactivate", args=[cast.ana.pk]), sent(cast.ana))
        assert answer.status_code == 302
        assert Session.objects.count() == sessions - 1
        assert ana.get(reverse("choose_location")).status_code == 302
        assert ana.get(reverse("choose_location")).url.startswith(reverse("account_login"))
        olive.post(reverse("clinic:activate", args=[cast.ana.pk]), sent(cast.ana))
        assert User.objects.get(pk=cast.ana.pk).roles == {"front_desk"}
        verbs = AuditEvent.objects.filter(by=cast.olive).values_list("verb", flat=True)
        assert sorted(verbs) == ["activate account", "deactivate account"]

    def test_nobody_deactivates_themself(self, cast, client_of):
        account("Second Owner", [Role.OWNER], [])
        url = reverse("clinic:deactivate", args=[cast.olive.pk])
        assert client_of(cast.olive).post(url, sent(cast.olive)).status_code == 422
        assert User.objects.get(pk=cast.olive.pk).is_active

    @pytest.mark.parametrize("name", ["ana", "mei", "rita"])
    def test_only_owners_may(self, cast, client_of, name):
        url = reverse("clinic:deactivate", args=[cast.hana.pk])
        assert client_of(getattr(cast, name)).post(url, sent(cast.hana)).status_code == 403


@pytest.mark.alone
def test_two_owners_cannot_remove_each_other(cast, committed, now):
    second = account("Second Owner", [Role.OWNER], [])

    def remove(by, person):
        return lambda: actions.set_active(
            by=User.objects.get(pk=by.pk),
            person=User.objects.get(pk=person.pk),
            version=1,
            active=False,
            now=now,
        )

    results = in_threads([remove(cast.olive, second), remove(second, cast.olive)])
    refused = [result for result in results if isinstance(result, Refused)]
    assert [refusal.reasons for refusal in refused] == [[LAST_OWNER]]
    owners = RoleGrant.objects.in_force(now).filter(role=Role.OWNER, user__is_active=True)
    assert owners.count() == 1
