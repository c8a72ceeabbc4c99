"""The tab Account: what it shows, to whom, and that what is sold or approved covers the visits that are booked."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from frontdesk.queries.account import account_of, reserved_for
from packages.actions import authorizations, coverages, refunding
from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    Extension,
    MoreVisits,
    Purchase,
    Refund,
)
from packages.queries.accounts import standing
from patients.models import Merge, RelatedPerson
from tests.cast import NOW
from tests.packages.rows import (
    TODAY,
    acupuncture,
    approved,
    covered,
    discipline,
    prices,
    reserve,
    sold,
    use,
    with_price,
)

pytestmark = pytest.mark.django_db


def url(name, patient, *more):
    return reverse(f"frontdesk:{name}", args=[patient.pk, *more])


def text(answer):
    return " ".join(answer.content.decode().split())


def post(client, address, version=None, **values):
    given = {"request_key": new_key(), **({} if version is None else {"version": version}), **values}
    return client.post(address, given)


def draws_on(part):
    """Which purchases and approvals a part draws on."""
    bought = standing(CreditEntry, "reserved", visitpart=part.pk).values_list("purchase", flat=True)
    insured = standing(AuthorizationEntry, "reserved", visitpart=part.pk)
    return [*bought, *insured.values_list("authorization", flat=True)]


# The page


def test_what_was_bought_what_is_left_and_until_when(cast, client_of):
    bought = sold(cast, cast.maria)
    use(bought, acupuncture(cast, cast.maria, day="2026-11-17").parts.get())
    reserve(bought, acupuncture(cast, cast.maria, day="2026-12-01").parts.get())
    answer = client_of(cast.ana).get(url("account", cast.maria))
    assert answer.status_code == 200
    (one,) = answer.context["purchases"]
    assert [(line.name, line.left, line.reserved, line.used, line.of) for line in one.lines] == [
        ("Acupuncture visit", 6, 1, 1, 8),
        ("Adjustment visit", 6, 0, 0, 6),
        ("Re-evaluation", 1, 0, 0, 1),
    ]
    assert (one.state, one.last, one.owed) == ("good", date(2027, 2, 21), 14)
    assert "until Feb 21, 2027" in text(answer)
    assert "credit" not in text(answer).lower()


def test_the_history_names_the_visits(cast):
    bought = sold(cast, cast.maria)
    use(bought, acupuncture(cast, cast.maria, day="2026-11-17").parts.get(), by=cast.ana)
    found = account_of(cast.maria, TODAY)["history"]
    assert [(one.words, one.visit, one.by) for one in found] == [
        ("Acupuncture visit used", (date(2026, 11, 17), "Mei Tan"), "Ana Desk"),
        ("8 × Acupuncture visit, 6 × Adjustment visit, Re-evaluation bought", None, "Ana Desk"),
    ]


def test_checking_out_is_one_line_of_the_history(cast):
    bought = sold(cast, cast.maria)
    part = acupuncture(cast, cast.maria).parts.get()
    row = reserve(bought, part, now=NOW.replace(hour=16))
    CreditEntry.objects.create(
        purchase=bought, kind_of_care=part.kind_of_care, kind="released", quantity=1, visitpart=part.pk, reverses=row,
        at=NOW.replace(hour=17),
    )  # fmt: skip
    use(bought, part, now=NOW.replace(hour=17))
    found = [one.words for one in account_of(cast.maria, TODAY)["history"]]
    assert found[:2] == ["Acupuncture visit used", "Acupuncture visit booked"]
    assert len(found) == 3


def state(cast, patient, kind="purchases", today=TODAY):
    return [one.state for one in account_of(patient, today)[kind]]


def test_where_a_package_stands_is_one_word(cast):
    bought = sold(cast, cast.maria)
    assert state(cast, cast.maria) == ["good"]
    assert state(cast, cast.maria, today=date(2027, 2, 14)) == ["soon"]
    assert state(cast, cast.maria, today=date(2027, 2, 22)) == ["over"]
    assert state(cast, cast.maria, today=date(2026, 11, 23)) == ["later"]
    refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves", now=NOW)
    assert state(cast, cast.maria) == ["refunded"]
    one = sold(cast, cast.tunde, key="pkg_low_back", contents=[{"kind": "acupuncture_visit", "visits": 1}])
    use(one, acupuncture(cast, cast.tunde, day="2026-11-17").parts.get())
    assert state(cast, cast.tunde) == ["used"]


def test_where_an_approval_stands(cast):
    row = approved(cast, cast.maria)
    assert state(cast, cast.maria, "approvals") == ["good"]
    authorizations.withdraw(by=cast.ana, authorization=row, version=1, now=NOW)
    assert state(cast, cast.maria, "approvals") == ["withdrawn"]


def test_an_empty_account_says_what_belongs_here(cast, client_of):
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    for title in ("No package", "No approved visits", "Not asked yet"):
        assert words.count(title) == 1


def test_opening_the_account_is_written_down(cast, client_of):
    client_of(cast.ana).get(url("account", cast.maria))
    assert AuditEvent.objects.filter(verb="read", patient=cast.maria.pk, by=cast.ana).count() == 1


@pytest.mark.parametrize(
    "who, status", [("ana", 200), ("mei", 200), ("olive", 200), ("hana", 404), ("rita", 403)]
)
def test_who_opens_an_account(cast, client_of, who, status):
    sold(cast, cast.maria)
    assert client_of(getattr(cast, who)).get(url("account", cast.maria)).status_code == status


def test_the_front_desk_is_offered_no_letter(cast, client_of):
    row = approved(cast, cast.maria, visits=1, ends_on=date(2026, 11, 26))
    authorizations.ask_for_more(authorizations=[row.pk], now=NOW)
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    assert ("A provider writes the letter." in words, "Write the letter" in words) == (True, False)
    words = text(client_of(cast.mei).get(url("account", cast.maria)))
    assert ("A provider writes the letter." in words, "Write the letter" in words) == (False, True)


def test_the_account_takes_as_many_statements_with_one_row_and_with_three(
    cast, client_of, django_assert_num_queries
):
    def fill(day):
        bought = sold(cast, cast.maria)
        use(bought, acupuncture(cast, cast.maria, day=day).parts.get(), by=cast.ana)
        row = approved(cast, cast.maria)
        reserve(
            row, acupuncture(cast, cast.maria, day=day, clock="16:00").parts.get(), model=AuthorizationEntry
        )

    fill("2026-11-17")
    with django_assert_num_queries(STATEMENTS):
        account_of(cast.maria, TODAY)
    fill("2026-11-18")
    fill("2026-11-19")
    with django_assert_num_queries(STATEMENTS):
        account_of(cast.maria, TODAY)


# Balances, kinds of care, requests, entries of both, coverages, visits and who gave them.
STATEMENTS = 12


def test_the_account_of_a_merged_record_is_that_of_the_person(cast):
    sold(cast, cast.marta)
    Merge.objects.create(kept=cast.maria, merged=cast.marta, at=NOW, by=cast.ana)
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    assert [one.row.patient_id for one in account_of(cast.maria, TODAY)["purchases"]] == [cast.marta.pk]


def test_nothing_is_sold_on_an_old_record(cast, client_of):
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    prices(cast.uptown)
    with_price("pkg_neck", cast.uptown)
    words = text(client_of(cast.ana).get(url("account", cast.marta)))
    assert "Sell a package" not in words
    answer = post(
        client_of(cast.ana), url("sell_package", cast.marta, "pkg_neck"), starts_on="2026-11-24",
        who_pays="patient",
    )  # fmt: skip
    assert (answer.status_code, Purchase.objects.count()) == (422, 0)


# Selling


def sell(client, patient, key="pkg_neck", **values):
    given = {"starts_on": "2026-11-24", "who_pays": "patient", **values}
    return post(client, url("sell_package", patient, key), **given)


def test_the_terms_stand_there_before_anything_is_sold(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    words = text(client_of(cast.ana).get(url("sell", cast.maria)))
    assert ("$1,000.00" in words, "$1,170.00 one by one" in words) == (True, True)
    words = text(client_of(cast.ana).get(url("sell_package", cast.maria, "pkg_neck")))
    expected = ["$1,000.00", "$1,170.00", "($170.00 more)", "90 days", "Feb 21, 2027", "less each visit used"]
    assert [one for one in expected if one not in words] == []
    assert Purchase.objects.count() == 0


def test_a_package_without_a_price_says_so(cast, client_of):
    prices(cast.uptown)
    words = text(client_of(cast.ana).get(url("sell", cast.maria)))
    assert (words.count("No price yet"), words.count("Choose<")) == (4, 0)


def test_a_package_bought_at_check_out_covers_today(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    today, next_week = acupuncture(cast, cast.maria), acupuncture(cast, cast.maria, day="2026-12-01")
    past = acupuncture(cast, cast.maria, day="2026-11-17", status="completed")
    answer = sell(client_of(cast.ana), cast.maria)
    assert (answer.status_code, answer.url) == (303, url("account", cast.maria))
    bought = Purchase.objects.get()
    assert [draws_on(visit.parts.get()) for visit in (today, next_week, past)] == [
        [bought.pk],
        [bought.pk],
        [],
    ]


def test_who_pays_may_be_somebody_of_the_record_or_anybody(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    mother = RelatedPerson.objects.get(patient=cast.leo, name="Iris Cole")
    sell(client_of(cast.ana), cast.leo, who_pays=str(mother.pk))
    sell(client_of(cast.ana), cast.leo, who_pays="else", payer="Nora Cole")
    sell(client_of(cast.ana), cast.leo, payer="typed and not meant")
    assert sorted(Purchase.objects.values_list("payer", flat=True)) == ["", "Iris Cole", "Nora Cole"]


@pytest.mark.parametrize(
    "values, said",
    [
        ({"who_pays": "else"}, "Write the name of who pays."),
        ({"starts_on": "2026-11-23"}, "The first day has passed. Choose today or a later day."),
        ({"starts_on": "soon"}, "This is not a date. Choose a day."),
    ],
)
def test_a_sale_that_is_refused_says_why_and_sells_nothing(cast, client_of, values, said):
    with_price("pkg_neck", cast.uptown)
    answer = sell(client_of(cast.ana), cast.maria, **values)
    assert (answer.status_code, said in text(answer), Purchase.objects.count()) == (422, True, 0)


def test_a_package_of_another_name_is_not_found(cast, client_of):
    assert client_of(cast.ana).get(url("sell_package", cast.maria, "pkg_none")).status_code == 404


# Refund and extension


def test_the_refund_names_its_sum_and_the_booked_visits_before(cast, client_of):
    bought = sold(cast, cast.maria)
    use(bought, acupuncture(cast, cast.maria, day="2026-11-17").parts.get())
    reserve(bought, acupuncture(cast, cast.maria, day="2026-12-01").parts.get())
    words = text(client_of(cast.ana).get(url("refund", cast.maria, bought.pk)))
    expected = [
        "Acupuncture visit: 1 used at $90.00",
        "−$90.00",
        "$910.00",
        "Tue Dec 1, Acupuncture visit, Mei Tan",
    ]
    assert [one for one in expected if one not in words] == []
    assert reserved_for(bought) == [(date(2026, 12, 1), "Mei Tan", "Acupuncture visit")]


def test_a_refunded_packages_visits_draw_on_another_one(cast, client_of):
    bought, other = sold(cast, cast.maria), sold(cast, cast.maria, key="pkg_low_back")
    part = acupuncture(cast, cast.maria, day="2026-12-01").parts.get()
    reserve(bought, part)
    answer = post(client_of(cast.ana), url("refund", cast.maria, bought.pk), version=1, reason="moves away")
    assert (answer.status_code, Refund.objects.get().amount, draws_on(part)) == (303, 1000, [other.pk])


def test_a_refund_needs_a_reason(cast, client_of):
    bought = sold(cast, cast.maria)
    answer = post(client_of(cast.ana), url("refund", cast.maria, bought.pk), version=1, reason="")
    assert (answer.status_code, "Write why it is refunded." in text(answer)) == (422, True)
    assert Refund.objects.count() == 0


def test_a_package_made_to_last_longer_covers_later_visits(cast, client_of):
    bought = sold(cast, cast.maria)
    part = acupuncture(cast, cast.maria, day="2027-03-02").parts.get()
    answer = post(
        client_of(cast.ana), url("extend", cast.maria, bought.pk), version=1, until="2027-03-31", reason="ill"
    )
    assert (answer.status_code, draws_on(part), Extension.objects.get().reason) == (303, [bought.pk], "ill")


def test_a_package_of_another_patient_is_not_found_here(cast, client_of):
    bought = sold(cast, cast.tunde)
    for name in ("extend", "refund"):
        assert client_of(cast.ana).get(url(name, cast.maria, bought.pk)).status_code == 404


def test_the_agreement_is_downloaded_and_the_reading_written_down(cast, client_of):
    bought = sold(cast, cast.maria)
    address = reverse("packages:agreement", args=[cast.maria.pk, bought.pk])
    answer = client_of(cast.ana).get(address)
    assert (answer.content, answer["Content-Type"]) == (bytes(bought.pdf), "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="agreement-2026-11-24.pdf"'
    assert AuditEvent.objects.filter(verb="read", patient=cast.maria.pk).count() == 1
    assert client_of(cast.hana).get(address).status_code == 404


# Insurance


APPROVAL = {
    "number": "A-7",
    "visits": 12,
    "starts_on": "2026-11-24",
    "ends_on": "2027-02-28",
    "codes": "",
    "note": "",
}


def test_visits_an_insurer_approves_cover_what_is_booked(cast, client_of):
    insurer = covered(cast, cast.maria)
    part = acupuncture(cast, cast.maria, day="2026-12-01").parts.get()
    answer = post(
        client_of(cast.ana), url("approve", cast.maria), coverage=insurer.pk, discipline=discipline("acupuncture").pk,
        **{**APPROVAL, "codes": "97810, 97811"},
    )  # fmt: skip
    made = Authorization.objects.get()
    assert (answer.status_code, made.codes, draws_on(part)) == (303, ["97810", "97811"], [made.pk])


def test_codes_that_are_none_are_refused(cast, client_of):
    insurer = covered(cast, cast.maria)
    answer = post(
        client_of(cast.ana), url("approve", cast.maria), coverage=insurer.pk, discipline=discipline("acupuncture").pk,
        **{**APPROVAL, "codes": "needles"},
    )  # fmt: skip
    assert (answer.status_code, "A procedure code has five letters or digits." in text(answer)) == (422, True)


def test_without_an_insurer_the_panel_leads_to_adding_one(cast, client_of):
    covered(cast, cast.maria, kind="self_pay", insurer="")
    covered(cast, cast.maria, ends_on=date(2026, 11, 1))
    words = text(client_of(cast.ana).get(url("approve", cast.maria)))
    assert "Add the insurer first." in words
    assert reverse("packages:new_coverage", args=[cast.maria.pk]) in words


def test_a_withdrawn_approval_gives_its_visits_to_the_package(cast, client_of):
    row, part = approved(cast, cast.maria), acupuncture(cast, cast.maria, day="2026-12-01").parts.get()
    reserve(row, part, model=AuthorizationEntry)
    bought = sold(cast, cast.maria)
    client = client_of(cast.ana)
    post(client, url("withdraw", cast.maria, row.pk), version=1)
    assert draws_on(part) == [bought.pk]
    assert "It holds after all" in text(client.get(url("account", cast.maria)))
    post(client, url("reinstate", cast.maria, row.pk), version=2)
    assert draws_on(part) == [bought.pk]  # what is covered stays as it is
    later = acupuncture(cast, cast.maria, day="2026-12-08").parts.get()
    post(client, url("withdraw", cast.maria, row.pk), version=3)
    post(client, url("reinstate", cast.maria, row.pk), version=4)
    assert draws_on(later) == [bought.pk]


def test_fewer_visits_and_new_dates_are_written_down(cast, client_of):
    row = approved(cast, cast.maria)
    client = client_of(cast.ana)
    assert 'value="12"' in text(client.get(url("approved_visits", cast.maria, row.pk)))
    post(client, url("approved_visits", cast.maria, row.pk), version=1, visits=8, reason="letter of Nov 20")
    values = {**APPROVAL, "number": "A-8", "discipline": row.discipline_id}
    post(client, url("approval", cast.maria, row.pk), version=2, **values)
    row.refresh_from_db()
    assert (authorizations.approved_and_left(row), row.number) == ((8, 8), "A-8")


# Who pays


COVERAGE = {
    "kind": "auto", "insurer": "Harbor Mutual", "claim_number": "CL-1", "injured_on": "2026-10-03", "member_number": "",
    "contact": "", "starts_on": "", "ends_on": "", "note": "",
}  # fmt: skip


def test_who_pays_is_written_down_and_verified_by_one_tap(cast, client_of):
    client = client_of(cast.ana)
    post(client, reverse("packages:new_coverage", args=[cast.maria.pk]), **COVERAGE)
    row = Coverage.objects.get()
    assert "not verified" in text(client.get(url("account", cast.maria)))
    post(client, reverse("packages:verify_coverage", args=[cast.maria.pk, row.pk]), version=row.version)
    assert "verified Nov 24, 2026" in text(client.get(url("account", cast.maria)))
    row.refresh_from_db()
    assert (row.verified_by, row.injured_on) == (cast.ana, date(2026, 10, 3))


def test_two_who_change_one_coverage_do_not_overwrite_each_other(cast, client_of):
    row = covered(cast, cast.maria)
    coverages.verify(by=cast.mei, coverage=row, version=1, now=NOW)
    address = reverse("packages:coverage", args=[cast.maria.pk, row.pk])
    answer = post(client_of(cast.ana), address, version=1, **COVERAGE)
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.insurer == "Blue Ridge Health"


def test_a_request_is_marked_step_by_step(cast, client_of):
    row = approved(cast, cast.maria, visits=1, ends_on=date(2026, 11, 26))
    authorizations.ask_for_more(authorizations=[row.pk], now=NOW)
    asked = MoreVisits.objects.get()
    client = client_of(cast.ana)
    for to, version in (("sent", 1), ("refused", 2)):
        address = reverse("packages:more_step", args=[cast.maria.pk, asked.pk, to])
        assert post(client, address, version=version, note="by fax").status_code == 303
    asked.refresh_from_db()
    assert (asked.status, asked.note, asked.closed_by) == ("refused", "by fax", cast.ana)
    unknown = reverse("packages:more_step", args=[cast.maria.pk, asked.pk, "lost"])
    assert client.get(unknown).status_code == 404
