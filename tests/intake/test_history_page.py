"""The tab History and forms: who reads it, what it costs, and that what is written there arrives."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from intake.models import (
    Allergy,
    CareElsewhere,
    Condition,
    ListCheck,
    Medication,
    RaisedFlag,
    Screening,
    SignOff,
)
from intake.queries.flags import set_sha256
from intake.rules.flags import asked
from tests.browser import assert_accessible, sign_in
from tests.intake.rows import allergy, condition, flag, medicine, posted, questions, response

HTMX = {"HX-Request": "true"}
DB = pytest.mark.django_db


def url(name, patient, *args):
    return reverse(f"intake:{name}", args=[patient.pk, *args])


@DB
@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_statements_for_any_number_of_lines(
    cast, client_of, django_assert_num_queries, number
):
    for index in range(number):
        flag(cast.maria, cast.mei, key=f"RF00{index + 1}")
        condition(cast.maria, name=f"condition {index}")
        medicine(cast.maria, f"medicine {index}")
        allergy(cast.maria, f"allergy {index}")
        response(cast.maria, {})
    client = client_of(cast.mei)
    client.get(url("history", cast.maria))
    # 2 session and account, 2 roles and locations, 1 location worked at, 1 the patient, 3 the reading noted,
    # 3 open flags with what they close, 2 cleared ones, 2 the last screen, 6 alerts, 8 the history,
    # 2 referrals, 2 letters, 3 consents, 1 the clinic's name
    with django_assert_num_queries(38):
        answer = client.get(url("history", cast.maria))
    assert len(answer.context["history"].conditions) == number


@DB
@pytest.mark.parametrize("who,status", [("ana", 403), ("olive", 403), ("rita", 403), ("theo", 404)])
def test_who_does_not_read_it(cast, client_of, who, status):
    answer = client_of(getattr(cast, who)).get(url("history", cast.maria))
    assert answer.status_code == status


@DB
def test_each_opening_is_written_down(cast, client_of):
    client_of(cast.mei).get(url("history", cast.maria))
    event = AuditEvent.objects.get(verb="read")
    assert (event.by, event.patient) == (cast.mei, cast.maria.pk)


@DB
def test_a_panel_that_was_done_brings_the_whole_page(cast, client_of):
    answer = client_of(cast.mei).get(url("history", cast.maria), headers=HTMX)
    assert answer.headers["HX-Redirect"] == url("history", cast.maria)
    assert AuditEvent.objects.filter(verb="read").count() == 0


@DB
@pytest.mark.parametrize(
    "kind,fields,model,expected",
    [
        (
            "condition",
            {"code": "epilepsy", "source": "said"},
            Condition,
            {"code": "epilepsy", "name": "Epilepsy"},
        ),
        (
            "condition",
            {"name": "migraine", "region": "head", "side": "left", "source": "letter"},
            Condition,
            {"code": "", "region": "head", "side": "left", "source": "letter"},
        ),
        (
            "medication",
            {"name": "Xarelto", "medication_class": "other", "effect": "anticoagulant", "source": "said"},
            Medication,
            {"effect": "anticoagulant"},
        ),
        (
            "allergy",
            {"code": "metal_allergy", "substance": "nickel", "source": "said"},
            Allergy,
            {"substance": "nickel"},
        ),
        (
            "care",
            {"problem": "neck", "assessed": "false"},
            CareElsewhere,
            {"problem": "neck", "assessed": False},
        ),
    ],
)
def test_a_line_is_added_and_changed(cast, client_of, kind, fields, model, expected):
    client = client_of(cast.mei)
    new = url("new_line", cast.maria, kind)
    assert client.get(new, headers=HTMX).status_code == 200
    answer = client.post(new, posted(**fields))
    assert (answer.status_code, answer.headers["Location"]) == (303, url("history", cast.maria))
    row = model.objects.get()
    assert {name: getattr(row, name) for name in expected} == expected
    change = url("line", cast.maria, kind, row.pk)
    assert client.get(change).status_code == 200
    assert client.post(change, posted(version=row.version, **fields)).status_code == 303
    row.refresh_from_db()
    assert row.version == 2


@DB
def test_what_was_typed_stays_when_it_is_refused(cast, client_of):
    answer = client_of(cast.mei).post(
        url("new_line", cast.maria, "condition"),
        posted(name="migraine", started="2030-01-01", source="said"),
        headers=HTMX,
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("“Since” is in the future. Choose a day that has been." in page, "migraine" in page) == (
        True,
        True,
    )


@DB
def test_a_condition_needs_a_name_or_a_kind(cast, client_of):
    answer = client_of(cast.mei).post(url("new_line", cast.maria, "condition"), posted(source="said"))
    assert (answer.status_code, Condition.objects.count()) == (422, 0)


@DB
def test_a_line_ends_and_its_version_is_asked_for(cast, client_of):
    row, client = condition(cast.maria, name="migraine"), client_of(cast.mei)
    end = url("end_line", cast.maria, "condition", row.pk)
    assert client.post(end, posted(ended="2026-11-20")).status_code == 428
    assert client.post(end, posted(version=1, ended="2026-11-20", why="healed")).status_code == 303
    row.refresh_from_db()
    assert (row.ended.isoformat(), row.ended_why) == ("2026-11-20", "healed")


@DB
def test_a_dose_is_added_to_its_medicine(cast, client_of):
    row = medicine(cast.maria, "Oxycodone", kind="opioid")
    answer = client_of(cast.mei).post(
        url("dose", cast.maria, row.pk),
        posted(version=1, from_day="2026-11-20", dose="10 mg", mg_per_day="10"),
    )
    assert (answer.status_code, row.doses.get().dose) == (303, "10 mg")


@DB
def test_lists_are_confirmed_in_one_tap(cast, client_of):
    client = client_of(cast.mei)
    assert client.post(url("checked", cast.maria, "bleeding"), posted()).status_code == 303
    assert client.post(url("checked", cast.maria, "pregnancy"), posted()).status_code == 404
    assert [(row.what, row.answer) for row in ListCheck.objects.all()] == [("bleeding", "unchanged")]


@DB
def test_pregnancy_is_asked_with_its_due_date(cast, client_of):
    client = client_of(cast.mei)
    wrong = client.post(url("pregnancy", cast.maria), posted(answer="no", due_on="2027-03-01"))
    assert (wrong.status_code, ListCheck.objects.count()) == (422, 0)
    assert (
        client.post(url("pregnancy", cast.maria), posted(answer="yes", due_on="2027-03-01")).status_code
        == 303
    )
    assert ListCheck.objects.get().due_on.isoformat() == "2027-03-01"


@DB
@pytest.mark.parametrize("kind", ["secret", "flag"])
def test_an_unknown_kind_of_line_is_no_page(cast, client_of, kind):
    assert client_of(cast.mei).get(url("new_line", cast.maria, kind)).status_code == 404


@DB
def test_a_line_of_another_patient_is_not_found_here(cast, client_of):
    row = condition(cast.sunny, name="migraine")
    assert client_of(cast.mei).get(url("line", cast.maria, "condition", row.pk)).status_code == 404


# ---- red flags on the page


def answers_of(**given):
    return {f"flag-{row.key}": given.get(row.key, "no") for row in asked(questions(), ["back"], "recheck")}


@DB
def test_red_flags_are_asked_and_raised(cast, client_of):
    client, screen = client_of(cast.mei), url("screen", cast.maria)
    fields = {"regions": ["back"], "when": "recheck"}
    assert client.get(screen, fields, headers=HTMX).status_code == 200
    answer = client.post(screen, posted(**fields, **answers_of(RF001="yes")))
    assert (answer.status_code, RaisedFlag.objects.get().flag) == (303, "RF001")
    page = client.get(url("history", cast.maria)).content.decode()
    assert "Treatment is closed until a clinician clears these with a reason." in page


@DB
def test_none_of_these_answers_a_whole_group_but_for_a_yes_in_it(cast, client_of):
    groups = {f"none-{row.group}": "on" for row in questions()}
    fields = posted(regions=["back"], when="recheck", **groups, **{"flag-RF027": "yes"})
    assert client_of(cast.mei).post(url("screen", cast.maria), fields).status_code == 303
    given = Screening.objects.get().answers
    assert [key for key, answer in given.items() if answer == "yes"] == ["RF027"]


@DB
def test_an_answer_left_out_is_asked_for_and_the_others_are_kept(cast, client_of):
    fields = posted(regions=["back"], when="recheck", **{"flag-RF001": "yes"})
    answer = client_of(cast.mei).post(url("screen", cast.maria), fields, headers=HTMX)
    assert (answer.status_code, RaisedFlag.objects.count()) == (422, 0)
    assert 'id="flag-RF001-yes" value="yes" checked' in answer.content.decode()


@DB
def test_nothing_new_is_one_tap(cast, client_of):
    assert client_of(cast.mei).post(url("nothing_new", cast.maria), posted()).status_code == 303
    assert Screening.objects.get().asked_when == "recheck"


@DB
def test_a_flag_is_cleared_with_a_reason(cast, client_of):
    row, client = flag(cast.maria, cast.mei), client_of(cast.mei)
    clear = url("clear_flag", cast.maria, row.pk)
    assert client.post(clear, posted(version=1, why="")).status_code == 422
    assert client.post(clear, posted(version=1, why="examined")).status_code == 303
    row.refresh_from_db()
    assert (row.cleared_by, row.cleared_why) == (cast.mei, "examined")


@DB
@pytest.mark.parametrize("who", ["ana", "olive"])
def test_the_desk_and_the_owner_clear_nothing(cast, client_of, who):
    row = flag(cast.maria, cast.mei)
    answer = client_of(getattr(cast, who)).post(
        url("clear_flag", cast.maria, row.pk), posted(version=1, why="examined")
    )
    row.refresh_from_db()
    assert (answer.status_code, row.cleared_at) == (403, None)


@DB
def test_the_owner_records_who_signed_the_set(cast, client_of):
    client, page = client_of(cast.olive), reverse("intake:flag_set")
    assert client.get(page).context["is_signed"] is False
    fields = posted(clinician="Dr. Lee", signed_on="2026-11-20", sha256=set_sha256())
    assert client.post(page, fields).status_code == 303
    assert (client.get(page).context["is_signed"], SignOff.objects.get(what="red_flags").clinician) == (
        True,
        "Dr. Lee",
    )
    assert client.get(page).context["waiting"] == ["RF008", "RF023", "RF042"]


@DB
def test_a_signature_without_a_name_is_refused(cast, client_of):
    fields = posted(clinician="", signed_on="2026-11-20", sha256=set_sha256())
    answer = client_of(cast.olive).post(reverse("intake:flag_set"), fields)
    assert (answer.status_code, SignOff.objects.filter(what="red_flags").count()) == (422, 0)


# ---- in a browser


@pytest.mark.browser
def test_a_clinician_asks_red_flags_and_writes_a_medicine_beside_the_chart(cast, desktop):
    sign_in(desktop, cast.mei)
    desktop.goto(url("history", cast.maria))
    assert_accessible(desktop)
    desktop.get_by_role("link", name="Add a medication").click()
    desktop.locator("#id_name").fill("Xarelto")
    desktop.locator("#id_medication_class").select_option("other")
    desktop.get_by_label("Means for treatment").select_option("anticoagulant")
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Save").click()
    desktop.get_by_text("blood thinner (Xarelto)").wait_for()
    desktop.get_by_role("link", name="Yes, ask").click()
    desktop.get_by_text("Asked about: neck, back").wait_for()
    for box in desktop.get_by_label("None of these").all():
        box.check()
    for key in ("RF008", "RF027"):  # alone in their groups at a recheck
        desktop.locator(f"#flag-{key}-no").check()
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Save").click()
    desktop.locator("#toasts").get_by_text("No red flag.").wait_for()
    assert (Medication.objects.get().effect, RaisedFlag.objects.count()) == ("anticoagulant", 0)


@pytest.mark.browser
def test_the_head_of_the_summary_shows_alerts_to_a_clinician_on_a_phone(cast, phone):
    flag(cast.maria, cast.mei)
    medicine(cast.maria, "Xarelto", "anticoagulant")
    sign_in(phone, cast.mei)
    phone.goto(reverse("patients:chart", args=[cast.maria.pk]))
    phone.get_by_text("blood thinner (Xarelto)").wait_for()
    assert_accessible(phone)
