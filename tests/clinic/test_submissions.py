import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory

from clinic.models import Profile, Submission
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey, claim, new_key, request_key
from tests.threads import in_threads

KEY = "a-key-that-is-long-enough"


def key_of(user, body="0" * 64, key=KEY):
    return RequestKey(key=key, body_sha256=body, user_id=user.pk)


def claim_and_refuse(user):
    with transaction.atomic():
        claim(key_of(user), location="/visits/1/")
        raise Refused("No.")


def posted(user, **fields):
    request = RequestFactory().post("/somewhere/", fields)
    request.user = user
    return request


def test_keys_are_random_and_long():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {32}


@pytest.mark.django_db
class TestClaiming:
    def test_the_first_time_is_written_down(self, cast, now):
        claim(key_of(cast.ana), location="/visits/1/")
        kept = Submission.objects.get()
        assert (kept.user, kept.key, kept.answer_status) == (cast.ana, KEY, 303)
        assert (kept.answer_location, kept.at) == ("/visits/1/", now)

    def test_the_second_time_leads_to_what_the_first_one_did(self, cast):
        claim(key_of(cast.ana), location="/visits/1/")
        with pytest.raises(AlreadyDone) as done:
            claim(key_of(cast.ana), location="/visits/2/")
        assert done.value.location == "/visits/1/"
        assert Submission.objects.count() == 1

    def test_the_same_key_with_other_values_is_refused(self, cast):
        claim(key_of(cast.ana), location="/visits/1/")
        with pytest.raises(Refused) as refusal:
            claim(key_of(cast.ana, body="1" * 64), location="/visits/1/")
        assert refusal.value.reasons == [
            "This form was already sent with other values. Reload the page to start again."
        ]
        assert refusal.value.status == 422

    def test_two_people_may_have_the_same_key(self, cast):
        claim(key_of(cast.ana), location="/visits/1/")
        claim(key_of(cast.mei), location="/visits/2/")
        assert Submission.objects.count() == 2

    def test_a_refusal_gives_the_key_back(self, cast):
        with pytest.raises(Refused):
            claim_and_refuse(cast.ana)
        claim(key_of(cast.ana, body="1" * 64), location="/visits/1/")
        assert Submission.objects.get().body_sha256 == "1" * 64

    def test_without_a_key_nothing_is_claimed(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            claim(None, location="/visits/1/")

    def test_somebody_who_is_not_signed_in_is_known_by_their_session(self):
        sent = RequestKey(key=KEY, body_sha256="0" * 64, session="a-session")
        claim(sent, location="/joined/")
        with pytest.raises(AlreadyDone):
            claim(sent, location="/joined/")
        claim(RequestKey(key=KEY, body_sha256="0" * 64, session="another"), location="/joined/")
        assert Submission.objects.count() == 2


@pytest.mark.django_db
class TestReadingTheForm:
    def test_the_key_belongs_to_the_person_and_the_body(self, cast):
        first = request_key(posted(cast.ana, request_key=KEY, name="Maria"))
        again = request_key(posted(cast.ana, request_key=KEY, name="Maria", csrfmiddlewaretoken="x"))
        other = request_key(posted(cast.ana, request_key=KEY, name="Marta"))
        assert (first.key, first.user_id, first.session) == (KEY, cast.ana.pk, None)
        assert first == again
        assert first.body_sha256 != other.body_sha256

    @pytest.mark.parametrize("sent", ["", "short", "x" * 65])
    def test_a_form_without_a_proper_key_is_refused(self, cast, sent):
        with pytest.raises(Refused) as refusal:
            request_key(posted(cast.ana, request_key=sent))
        assert refusal.value.reasons == ["This page is out of date. Reload it and send the form again."]

    def test_a_visitor_is_known_by_the_session(self):
        request = posted(AnonymousUser(), request_key=KEY)
        request.session = type("Session", (), {"session_key": "abc"})()
        assert request_key(request).session == "abc"


def rename(user, release=None):
    """An action in small: claim, then change something."""
    with transaction.atomic():
        claim(key_of(user), location="/people/1/")
        if release:
            release()
        profile = Profile.objects.select_for_update().get(user=user)
        profile.name += "!"
        profile.save()
    return "done"


@pytest.mark.alone
def test_of_eight_clicks_at_once_one_acts(cast, committed):
    ana = cast.ana
    results = in_threads([lambda: rename(ana)] * 8)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDone"] * 7 + ["str"]
    assert {result.location for result in results if result != "done"} == {"/people/1/"}
    assert Profile.objects.get(user=ana).name == "Ana Desk!"


@pytest.mark.alone
def test_the_second_waits_until_the_first_is_done_or_fails(cast, committed):
    """A click that comes while the first is still at work acts if that one fails."""
    ana, first_claimed, second_started = cast.ana, threading.Event(), threading.Event()

    def first():
        def fail():
            first_claimed.set()
            second_started.wait(10)
            raise ZeroDivisionError

        return rename(ana, release=fail)

    def second():
        first_claimed.wait(10)
        second_started.set()
        return rename(ana)

    failed, done = in_threads([first, second])
    assert (type(failed), done) == (ZeroDivisionError, "done")
    assert Profile.objects.get(user=ana).name == "Ana Desk!"
