"""The owner's pages: packages with their prices, and the cancellation policy."""

from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from packages.models import Package, Policy
from tests.packages.rows import kind, prices

pytestmark = pytest.mark.django_db
PACKAGES = reverse("packages:list")
POLICY = reverse("packages:policy")


def text(answer):
    return " ".join(answer.content.decode().split())


def address(key="pkg_neck"):
    return reverse("packages:package", args=[key])


def save(client, version, **values):
    given = {
        "request_key": new_key(),
        "version": version,
        "name": "Neck relief",
        "price": "950",
        "valid_days": "60",
        f"visits_{kind('acupuncture_visit').pk}": "8",
        **values,
    }
    return client.post(address(), given)


def test_every_package_with_what_its_visits_cost_one_by_one(cast, client_of):
    prices(cast.uptown)
    words = text(client_of(cast.olive).get(PACKAGES))
    assert (words.count("no price: not sold"), words.count("$1,170.00")) == (4, 1)
    assert "8 × Acupuncture visit" in words


def test_the_list_takes_as_many_statements_whatever_there_is(cast, client_of, django_assert_num_queries):
    client = client_of(cast.olive)
    client.get(PACKAGES)
    # Session, user with roles and locations, the frame, and three of the list.
    with django_assert_num_queries(STATEMENTS):
        client.get(PACKAGES)
    for number in range(3):
        Package.objects.create(
            key=f"own_{number}", name="Own", contents=[{"kind": "massage_visit", "visits": 2}], valid_days=30
        )
    with django_assert_num_queries(STATEMENTS):
        client.get(PACKAGES)


STATEMENTS = 8


def test_the_owner_sets_a_price(cast, client_of):
    client = client_of(cast.olive)
    assert 'value="8"' in text(client.get(address()))
    answer = save(client, 1)
    assert (answer.status_code, answer.url) == (303, PACKAGES)
    row = Package.objects.effective().get(key="pkg_neck")
    assert (row.price, row.valid_days, row.contents) == (
        Decimal(950),
        60,
        [{"kind": "acupuncture_visit", "visits": 8}],
    )
    assert "$950.00" in text(client.get(PACKAGES))


@pytest.mark.parametrize(
    "values, said",
    [
        ({"name": ""}, "Give the package a name."),
        ({"price": "-1"}, "A price is not below zero."),
        ({"price": "much"}, "Write the price as a number, for example 950."),
        ({"valid_days": ""}, "Write for how many days it is valid, for example 90."),
        ({"valid_days": "1096"}, "A package is valid for 1 to 1095 days."),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed_kept(cast, client_of, values, said):
    answer = save(client_of(cast.olive), 1, **values)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert Package.objects.filter(origin="clinic").count() == 0


def test_two_owners_do_not_overwrite_each_other(cast, client_of):
    client = client_of(cast.olive)
    save(client, 1)
    row = Package.objects.effective().get(key="pkg_neck")
    assert save(client, row.version, price="900").status_code == 303
    answer = save(client, row.version, price="850")
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.price == 900


def test_a_package_that_is_none_is_not_found(cast, client_of):
    assert client_of(cast.olive).get(address("pkg_none")).status_code == 404


@pytest.mark.parametrize("who", ["ana", "mei", "rita"])
@pytest.mark.parametrize("page", [PACKAGES, POLICY, address()])
def test_only_the_owner_sets_prices_and_policy(cast, client_of, who, page):
    assert client_of(getattr(cast, who)).get(page).status_code == 403


def test_the_policy_is_set_and_its_earlier_versions_stay(cast, client_of):
    client = client_of(cast.olive)
    assert "No policy yet" in text(client.get(POLICY))
    for hours, late in ((24, ""), (12, "on")):
        given = {"request_key": new_key(), "late_hours": hours, "late_takes_visit": late, "text": "Call us."}
        assert client.post(POLICY, given).status_code == 303
    words = text(client.get(POLICY))
    assert (words.count("Late: less than"), "Late uses up the visit." in words) == (2, True)
    assert sorted(Policy.objects.values_list("late_hours", "late_takes_visit", "no_show_takes_visit")) == [
        (12, True, False),
        (24, False, False),
    ]


def test_packages_and_policy_are_reached_from_the_clinics_page(cast, client_of):
    words = text(client_of(cast.olive).get(reverse("clinic:manage")))
    assert (words.count(f'href="{PACKAGES}"'), words.count(f'href="{POLICY}"')) == (1, 1)
