from datetime import date, time

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from practitioners.models import Absence, Certification, License, LicenseKind, Practitioner, WorkingHours
from services.models import Discipline
from tests.rows import at

pytestmark = pytest.mark.django_db
LIST = "/clinic/providers/"
TODAY = date(2026, 11, 24)


def url(name, row=None):
    return reverse(f"practitioners:{name}", args=[row.pk] if row else [])


def sent(row=None, **fields):
    return {"request_key": new_key(), **({"version": row.version} if row else {}), **fields}


def count(page, *words):
    """How often each stands on the page."""
    text = " ".join(page.content.decode().split())
    return [text.count(word) for word in words]


@pytest.fixture
def mei(cast):
    return cast.mei.practitioner


@pytest.fixture
def papers(cast, mei):
    """One row of everything the owner edits."""
    Certification.objects.create(practitioner=mei, name="NCCAOM", issued_on=date(2020, 1, 1))
    Absence.objects.create(
        practitioner=mei,
        starts_at=at("08:00", cast.uptown),
        ends_at=at("18:00", cast.uptown),
        kind="ill",
        note="qfluz",
    )
    return {
        "license": License.objects.get(practitioner=mei),
        "certification": Certification.objects.get(),
        "hours": WorkingHours.objects.filter(practitioner=mei).first(),
        "absence": Absence.objects.get(),
    }


# Who sees what


@pytest.mark.parametrize("person", ["ana", "mei", "hana"])
def test_staff_see_names_and_disciplines_and_no_licenses(cast, client_of, person):
    page = client_of(getattr(cast, person)).get(LIST)
    assert page.status_code == 200
    assert count(page, "Sam Park, L.Ac.", "Dec 1, 2026", "New provider") == [1, 0, 0]


def test_the_owner_sees_the_state_of_licenses(cast, client_of):
    page = client_of(cast.olive).get(LIST)
    assert count(page, "NC: ends Dec 1, 2026", "NC: ended Aug 1, 2026", "NC: until Jun 30, 2028") == [1, 1, 3]


def test_staff_see_hours_and_that_somebody_is_away_but_not_why(cast, client_of, mei, papers):
    page = client_of(cast.ana).get(url("detail", mei))
    assert page.status_code == 200
    hours, away = "Tuesday 8:00 am – 6:00 pm", "Tue Nov 24, 8:00 am to Tue Nov 24, 6:00 pm"
    assert count(page, hours, away, "Back early") == [1, 1, 1]
    assert count(page, "qfluz", "NCCAOM", papers["license"].number, "I checked this", "/edit/") == [0] * 5


def test_the_owner_sees_everything(cast, client_of, mei, papers):
    page = client_of(cast.olive).get(url("detail", mei))
    assert count(page, "ill · qfluz", "not checked yet", "I checked this") == [1, 2, 2]


OWNERS_PAGES = ["edit", "new_license", "new_certification", "new_hours"]
OWNERS_ROWS = ["license", "certification", "hours"]


@pytest.mark.parametrize("person", ["ana", "mei", "hana", "dana"])
def test_only_owners_change_providers(cast, client_of, mei, papers, person):
    client = client_of(getattr(cast, person))
    pages = [url("new"), *(url(name, mei) for name in OWNERS_PAGES)]
    pages += [url(name, papers[name]) for name in OWNERS_ROWS]
    acts = [url(f"check_{name}", papers[name]) for name in ("license", "certification")]
    acts.append(url("remove_hours", papers["hours"]))
    assert [client.get(page).status_code for page in pages] == [403] * len(pages)
    assert [client.post(page, sent(papers["hours"])).status_code for page in pages + acts] == [403] * 11
    assert [client.get(act).status_code for act in acts] == [405] * 3


def test_patients_and_strangers_come_to_none_of_it(cast, client_of, client, mei, papers):
    pages = [LIST, url("detail", mei), url("end_absence", papers["absence"])]
    assert [client_of(cast.rita.user).get(page).status_code for page in pages] == [403] * 3
    assert [client.get(page).status_code for page in pages] == [302] * 3


def test_what_is_not_there_is_not_found(cast, client_of):
    client = client_of(cast.olive)
    names = ["detail", "edit", "license", "certification", "hours", "end_absence", "new_hours"]
    answers = [
        client.get(reverse(f"practitioners:{name}", args=[pk])) for name in names for pk in (30000, 10**12)
    ]
    assert {answer.status_code for answer in answers} == {404}


# Statements


@pytest.mark.parametrize("more", [0, 3])
def test_the_lists_statements_do_not_depend_on_its_rows(cast, client_of, more, django_assert_num_queries):
    for number in range(more):
        row = Practitioner.objects.create(name=f"Person {number}")
        row.disciplines.set(Discipline.objects.all())
        License.objects.create(
            practitioner=row,
            kind=LicenseKind.objects.first(),
            number=f"P-{number}",
            state="NC",
            issued_on=date(2020, 1, 1),
            expires_on=date(2028, 1, 1),
        )
    owner, desk = client_of(cast.olive), client_of(cast.ana)
    # Session, account, roles, practitioners, disciplines, licenses; for the frame locations and the clinic.
    with django_assert_num_queries(8):
        owner.get(LIST)
    # Without licenses; with the desk's places of work.
    with django_assert_num_queries(8):
        desk.get(LIST)


@pytest.mark.parametrize("more", [0, 3])
def test_a_providers_statements_do_not_depend_on_rows(
    cast, client_of, mei, papers, more, django_assert_num_queries
):
    for number in range(more):
        WorkingHours.objects.create(
            practitioner=mei,
            location=cast.uptown,
            weekday=number,
            starts=time(19),
            ends=time(20),
            valid_from=TODAY,
        )
        Certification.objects.create(
            practitioner=mei, name=f"C{number}", issued_on=TODAY, verified_by=cast.olive, verified_on=TODAY
        )
    owner = client_of(cast.olive)
    # Session, account, roles, the row, disciplines, hours, absences, licenses, certifications; frame as above.
    with django_assert_num_queries(11):
        owner.get(url("detail", mei))


# Forms


def test_a_new_provider(cast, client_of):
    fields = {"name": "Ada Stone", "credentials": "LMT", "active": "on"}
    massage = Discipline.objects.get(key="massage")
    answer = client_of(cast.olive).post(url("new"), sent(**fields, disciplines=[massage.pk]))
    assert (answer.status_code, answer.url) == (302, LIST)
    assert list(Practitioner.objects.get(name="Ada Stone").disciplines.all()) == [massage]


def edited(mei, **more):
    disciplines = [row.pk for row in mei.disciplines.all()]
    return {
        "name": mei.name,
        "credentials": mei.credentials,
        "active": "on",
        "disciplines": disciplines,
        **more,
    }


def test_a_provider_is_changed_and_shown(cast, client_of, mei):
    client = client_of(cast.olive)
    answer = client.post(url("edit", mei), sent(mei, **edited(mei, name="Mei Tan-Lee", user=cast.mei.pk)))
    assert (answer.status_code, answer.url) == (302, url("detail", mei))
    assert count(client.get(answer.url), "<h1>Mei Tan-Lee, L.Ac.</h1>") == [1]


def test_sending_the_same_form_twice_changes_once(cast, client_of, mei):
    client, form = client_of(cast.olive), sent(mei, **edited(mei, name="Mei Tan-Lee"))
    answers = [client.post(url("edit", mei), form) for _time in range(2)]
    mei.refresh_from_db()
    assert ([answer.status_code for answer in answers], mei.version) == ([302, 303], 2)


def test_a_form_without_its_version_is_out_of_date(cast, client_of, mei):
    assert client_of(cast.olive).post(url("edit", mei), sent(**edited(mei))).status_code == 428


def test_a_stale_form_shows_both_texts_and_can_be_sent_again(cast, client_of, mei):
    form = sent(mei, **edited(mei, name="Mine"))
    mei.name = "Theirs"
    mei.save()
    client = client_of(cast.olive)
    answer = client.post(url("edit", mei), form)
    assert answer.status_code == 409
    assert count(answer, "<td>Mine</td><td>Theirs</td>", 'name="version" value="2"') == [1, 1]
    again = client.post(url("edit", mei), sent(mei, **edited(mei, name="Mine")))
    mei.refresh_from_db()
    assert (again.status_code, mei.name) == (302, "Mine")


def test_a_form_that_is_not_valid_keeps_what_was_typed_and_the_version_it_came_with(cast, client_of, mei):
    form = sent(mei, **edited(mei, name="", credentials="qtyped"))
    mei.save()
    answer = client_of(cast.olive).post(url("edit", mei), form)
    assert answer.status_code == 422
    assert count(answer, 'value="qtyped"', 'name="version" value="1"') == [1, 1]


def license_fields(**more):
    kind = LicenseKind.objects.get(key="lac").pk
    fields = {
        "kind": kind,
        "number": "L-77",
        "state": "nc",
        "issued_on": "2026-01-01",
        "expires_on": "2028-01-01",
    }
    return {**fields, **more}


def test_a_license_is_added_and_checked(cast, client_of, mei):
    client = client_of(cast.olive)
    answer = client.post(url("new_license", mei), sent(**license_fields(checked="on")))
    row = License.objects.get(number="L-77")
    assert (answer.status_code, row.state, row.verified_by, row.verified_on) == (302, "NC", cast.olive, TODAY)
    assert count(client.get(answer.url), "checked by Olive Owner, Nov 24, 2026") == [1]


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"expires_on": "2025-01-01"}, "A license expires after the day it was issued. Check both dates."),
        ({"state": "Carolina"}, "Enter the state’s two letters, for example NC."),
        ({"number": ""}, "This field is required."),
        ({"expires_on": "2028-02-30"}, "Enter a valid date."),
    ],
)
def test_a_license_that_cannot_be_is_answered_with_a_sentence(cast, client_of, mei, wrong, sentence):
    answer = client_of(cast.olive).post(url("new_license", mei), sent(**license_fields(**wrong)))
    assert answer.status_code == 422
    assert count(answer, sentence)[0] >= 1
    assert License.objects.filter(practitioner=mei).count() == 1


def test_a_taken_number_is_said_with_its_holder(cast, client_of, mei):
    taken = License.objects.get(practitioner=cast.sam.practitioner)
    answer = client_of(cast.olive).post(url("new_license", mei), sent(**license_fields(number=taken.number)))
    assert answer.status_code == 422
    sentence = f"Number {taken.number} in NC is already recorded for Sam Park. Check the number."
    assert count(answer, sentence) == [1]


def test_i_checked_this(cast, client_of, mei, papers):
    client = client_of(cast.olive)
    for name in ("license", "certification"):
        answer = client.post(url(f"check_{name}", papers[name]), sent(papers[name]))
        papers[name].refresh_from_db()
        assert (answer.status_code, papers[name].verified_by, papers[name].verified_on) == (
            302,
            cast.olive,
            TODAY,
        )


def test_a_license_and_a_certification_are_changed(cast, client_of, mei, papers):
    client = client_of(cast.olive)
    client.post(url("license", papers["license"]), sent(papers["license"], **license_fields()))
    fields = {"name": "NCCAOM Dipl.", "issued_on": "2020-01-01"}
    client.post(url("certification", papers["certification"]), sent(papers["certification"], **fields))
    assert License.objects.get(pk=papers["license"].pk).number == "L-77"
    assert Certification.objects.get().name == "NCCAOM Dipl."


def hours_fields(cast, **more):
    return {
        "location": cast.uptown.pk,
        "starts": "18:00",
        "ends": "20:00",
        "valid_from": "2026-11-24",
        **more,
    }


def test_hours_for_several_days(cast, client_of, mei):
    answer = client_of(cast.olive).post(url("new_hours", mei), sent(**hours_fields(cast, weekdays=[0, 3])))
    assert (answer.status_code, answer.url) == (302, url("detail", mei))
    added = WorkingHours.objects.filter(practitioner=mei, starts=time(18))
    assert list(added.values_list("weekday", "valid_from")) == [(0, TODAY), (3, TODAY)]


def test_hours_that_overlap_are_answered_with_the_hours_they_overlap(cast, client_of, mei):
    form = sent(**hours_fields(cast, weekdays=[1], starts="17:00"))
    answer = client_of(cast.olive).post(url("new_hours", mei), form)
    assert answer.status_code == 422
    sentence = "This overlaps Tuesday 8:00 am–6:00 pm at Uptown. Change those hours or end them first."
    assert count(answer, sentence, 'value="17:00"') == [1, 1]


def test_hours_get_a_last_day(cast, client_of, mei, papers):
    row = papers["hours"]
    fields = {"weekday": row.weekday, "location": cast.uptown.pk, "starts": "08:00", "ends": "18:00"}
    dates = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    answer = client_of(cast.olive).post(url("hours", row), sent(row, **fields, **dates))
    row.refresh_from_db()
    assert (answer.status_code, row.valid_until) == (302, date(2026, 12, 31))


def test_hours_are_removed(cast, client_of, mei, papers):
    answer = client_of(cast.olive).post(url("remove_hours", papers["hours"]), sent(papers["hours"]))
    assert (answer.status_code, answer.url) == (302, url("detail", mei))
    assert WorkingHours.objects.filter(pk=papers["hours"].pk).count() == 0


def test_back_early_is_in_the_locations_own_time(cast, client_of, papers):
    row, client = papers["absence"], client_of(cast.ana)
    assert count(client.get(url("end_absence", row)), 'value="2026-11-24T10:42"') == [1]
    answer = client.post(url("end_absence", row), sent(row, back_at="2026-11-24T13:30"))
    row.refresh_from_db()
    assert (answer.status_code, row.ends_at) == (302, at("13:30", cast.uptown))


def test_back_later_is_refused_with_what_was_typed(cast, client_of, papers):
    row = papers["absence"]
    answer = client_of(cast.ana).post(url("end_absence", row), sent(row, back_at="2026-11-24T19:00"))
    assert answer.status_code == 422
    sentence = "This would not end earlier. To make it longer, record another absence."
    assert count(answer, sentence, 'value="2026-11-24T19:00"') == [1, 1]
