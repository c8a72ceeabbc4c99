"""Who is treated here without any medical assessment."""

import pytest
from django.urls import reverse

from frontdesk.queries.unassessed import unassessed
from intake.models import CareElsewhere
from scheduling.models import Status
from tests.cast import NOW
from tests.frontdesk.test_today import adjustment

pytestmark = pytest.mark.django_db
PAGE = reverse("frontdesk:unassessed")


def care(patient, assessed):
    return CareElsewhere.objects.create(patient=patient, problem="neck", assessed=assessed, entered_at=NOW)


def treated(cast, patient, clock="09:00", **more):
    return adjustment(cast, patient, clock, status=Status.COMPLETED, **more)


def test_who_was_treated_and_never_assessed_is_listed(cast):
    treated(cast, cast.maria)
    treated(cast, cast.sunny, "09:30")
    care(cast.sunny, False)
    treated(cast, cast.rita, "10:00")
    care(cast.rita, True)
    adjustment(cast, cast.tunde, "11:00")
    assert [(row.name, row.visits, row.asked) for row in unassessed(cast.mei)] == [
        ("Park, Sun-hee", 1, True),
        ("Garcia, Maria", 1, False),
    ]


def test_an_assessment_on_a_merged_record_counts(cast):
    treated(cast, cast.maria)
    care(cast.marta, True)
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    assert unassessed(cast.mei) == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_statements_for_any_number(
    cast, client_of, django_assert_num_queries, number
):
    clocks = ["08:00", "08:30", "09:00"]
    for patient, clock in list(zip([cast.maria, cast.sunny, cast.rita], clocks, strict=True))[:number]:
        treated(cast, patient, clock)
    client = client_of(cast.mei)
    client.get(PAGE)
    # 2 session and account, 2 roles and locations, 3 the list, 1 location worked at, 1 the clinic's name
    with django_assert_num_queries(9):
        answer = client.get(PAGE)
    assert len(answer.context["rows"]) == number


@pytest.mark.parametrize("who,status", [("ana", 403), ("rita", 403), ("theo", 200)])
def test_who_may_read_it(cast, client_of, who, status):
    treated(cast, cast.maria)
    answer = client_of(getattr(cast, who)).get(PAGE)
    assert (answer.status_code, b"Garcia" in answer.content) == (status, False)


def test_an_owner_who_reads_no_charts_sees_names_alone(cast, client_of):
    treated(cast, cast.maria)
    care(cast.maria, False)
    page = client_of(cast.olive).get(PAGE).content.decode()
    clinical = ("nobody has assessed it", "not asked yet", reverse("intake:history", args=[cast.maria.pk]))
    assert (page.count("Garcia, Maria"), [page.count(words) for words in clinical]) == (1, [0, 0, 0])
    assert page.count(f'href="{reverse("patients:chart", args=[cast.maria.pk])}"') == 1
    assert page.count("where a chart is open to you") == 1
    provider = client_of(cast.mei).get(PAGE).content.decode()
    assert [provider.count(words) for words in clinical[:2]] == [1, 0]
    assert provider.count("where a chart is open to you") == 0
    assert client_of(cast.olive).get(reverse("clinic:manage")).content.decode().count(f'href="{PAGE}"') == 1
