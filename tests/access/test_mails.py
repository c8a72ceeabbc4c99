"""Every kind of mail the product writes, caused for people of the matrix and searched for words that are not for it."""

import ast
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings

from clinic.actions import invitations
from intake.actions.adulthood import announce
from intake.actions.asking import hand_out
from messaging.models import OutboxMessage
from patients.actions import open_with_reason
from patients.actions.accounts import invite
from patients.models import Patient, RelatedPerson
from practitioners.tasks import check_licenses
from scheduling.actions.booking import Wanted, book
from scheduling.actions.courses import book_visits
from scheduling.actions.ending import cancel
from scheduling.actions.moving import move
from tests.access.matrix import found_in
from tests.access.world import forbidden_in_mail
from tests.cast import NOW, canary


def wanted(cast, patient, hour, **more):
    starts_at = datetime(2026, 11, 27, hour, tzinfo=cast.uptown.tz)
    return Wanted(patient, cast.service("acupuncture_follow_up"), cast.uptown, starts_at, **more)


def visits(cast, client):
    (booked,) = book(by=cast.ana, wanted=[wanted(cast, cast.maria, 9, note=canary("maria", "visit_note"))])
    move(by=cast.ana, pk=booked.pk, starts_at=booked.starts_at + timedelta(hours=2), anyone=True)
    cancel(by=cast.ana, pk=booked.pk, reason=canary("maria", "ended_reason"))
    mei = (cast.mei.practitioner.pk,)
    course = [wanted(cast, cast.sunny, hour, practitioners=mei) for hour in (14, 16)]
    book_visits(by=cast.ana, wanted=course)


def accounts(cast, client):
    invite(by=cast.ana, request_key=None, pk=cast.maria.pk, now=NOW)
    RelatedPerson.objects.filter(pk=cast.leos_grandmother.pk).update(
        email="nora@else.example", appointments=True, version=2
    )
    invite(by=cast.ana, request_key=None, pk=cast.leo.pk, person=cast.leos_grandmother.pk, now=NOW)
    invitations.invite(
        by=cast.olive, email="new@else.example", name="New", roles=["practitioner"],
        location_ids=[cast.uptown.pk], now=NOW,
    )  # fmt: skip
    client.post("/account/password/reset/", {"email": cast.rita.user.email})


def forms(cast, client):
    hand_out(by=cast.ana, patient_pk=cast.sunny.pk, keys=["symptoms"], channel="email", related=None, now=NOW)


def of_age(cast, client):
    address = f"{canary('iris', 'email')}@mail.example"
    RelatedPerson.objects.filter(pk=cast.leos_mother.pk).update(email=address, version=2)
    Patient.objects.filter(pk=cast.leo.pk).update(birth_date=date(2008, 12, 1), version=cast.leo.version + 1)
    announce(patient=Patient.objects.get(pk=cast.leo.pk), now=NOW)


def owners(cast, client):
    open_with_reason(
        by=cast.daniel, request_key=None, pk=cast.mia.pk, reason=canary("mia", "condition"), now=NOW
    )
    check_licenses(NOW)


CAUSES = [visits, accounts, forms, of_age, owners]


def kinds_in(source):
    """The kinds of mail that this module queues; a name stands for the text it is given there."""
    tree = ast.parse(source)
    said = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    kinds = [
        each.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for each in node.keywords
        if each.arg == "kind"
    ]
    texts = [text for kind in kinds for text in ast.walk(said.get(getattr(kind, "id", ""), kind))]
    return {
        text.value
        for text in texts
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value
    }


def product():
    paths = [path for app in settings.OUR_APPS for path in (settings.BASE_DIR / app).rglob("*.py")]
    return [path for path in paths if "migrations" not in path.parts]


def kinds_in_the_code():
    return set().union(*(kinds_in(path.read_text()) for path in product() if path.name == "emails.py"))


def written(world, visitors, cause):
    before = set(OutboxMessage.objects.values_list("pk", flat=True))
    with visitors.log.kept():
        cause(world.cast, visitors.clients["nobody"])
    return list(OutboxMessage.objects.exclude(pk__in=before))


def leaks(mails):
    """What stands in these mails and not for their readers."""
    return [
        f"{mail.kind} to {mail.to} says “{word}”"
        for mail in mails
        for word in found_in(f"{mail.subject}\n{mail.body}", forbidden_in_mail(mail.to))
    ]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_no_mail_says_what_is_not_for_its_reader(cause, at_the_clinic):
    mails = written(*at_the_clinic, cause)
    assert mails
    assert leaks(mails) == []


def test_these_are_all_the_mails_there_are(at_the_clinic):
    seen = {mail.kind for cause in CAUSES for mail in written(*at_the_clinic, cause)}
    assert seen == kinds_in_the_code()
    assert len(seen) >= 8


def test_mails_are_queued_where_they_are_counted():
    imports = {
        path.name
        for path in product()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "messaging.actions"
        if "queue" in {each.name for each in node.names}
    }
    assert imports == {"emails.py"}


def test_a_mail_that_says_why_is_noticed(at_the_clinic, monkeypatch):
    monkeypatch.setattr(
        "scheduling.emails._body_cancelled", lambda: f"You said: {canary('maria', 'ended_reason')}"
    )
    found = leaks(written(*at_the_clinic, visits))
    assert [line.split(" says ")[1] for line in found] == ["“qmariazendedreason”"]


def test_a_mail_that_names_somebody_else_is_noticed(at_the_clinic, monkeypatch):
    monkeypatch.setattr("scheduling.emails._body_cancelled", lambda: "Tunde Okafor comes instead.")
    found = leaks(written(*at_the_clinic, visits))
    assert {line.split(" says ")[1] for line in found} == {"“tunde”", "“okafor”"}


def test_a_kind_that_nobody_causes_is_noticed():
    assert kinds_in(
        'KIND = "a"\nqueue(kind=KIND, to=x)\nqueue(kind="b" if moved else "c")\nf(other="d")'
    ) == {
        "a",
        "b",
        "c",
    }
