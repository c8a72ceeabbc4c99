"""A note as it reads, what is added to it, and its earlier saves."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from tests.treatment.reading_rows import needles_left, told_note, told_signed
from treatment.actions.after import add_addendum, mark_entered_in_error
from treatment.models import Addendum

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
STATEMENTS = 33


def page_of(note):
    return reverse("treatment:note", args=[note.pk])


def add_page(note, kind):
    return reverse("treatment:add", args=[note.pk, kind])


def post(client, url, **fields):
    return client.post(url, {"request_key": new_key(), **fields})


def test_a_signed_note_reads_in_four_sections(cast, client_of):
    one = client_of(cast.daniel).get(page_of(told_signed(cast))).context["one"]
    assert one.said == [
        ("Pain now", "4 of 10"),
        ("Since last time", "better"),
        ("In their own words", "still stiff left when reversing"),
    ]
    assert one.found == [
        ("Tongue", "pale, teeth marks"),
        ("Pulse", "wiry"),
        ("Palpation", "tight band at the left trapezius"),
        ("Blood pressure", "128/82 mmHg"),
    ]
    assert one.assessed == [("Diagnosis", "M54.2 Neck pain"), ("Pattern", "Liver qi")]
    assert one.after == [
        ("How they felt", "nothing unwanted"),
        ("Response", "very relaxed"),
        ("Advice", "After acupuncture; ice"),
        ("Next time", "look at the film"),
    ]


def test_needles_stand_in_a_table_and_on_the_body(cast, client_of):
    one = client_of(cast.daniel).get(page_of(told_signed(cast))).context["one"]
    table = [
        (row.name, row.side, row.needles, row.depth, row.how, row.felt, row.against) for row in one.needles
    ]
    assert table == [
        ("GB20", "both sides", 2, "20 mm", "Reinforcing", "tingling", True),
        ("LI4", "both sides", 2, "20 mm", "e-stim 2 Hz", "", False),
        ("ashi point left trapezius", "left", 3, "", "", "", False),
    ]
    assert [(view, [mark[0] for mark in marks]) for view, marks in one.charts] == [
        ("back", ["GB20", "GB20", "LI4", "LI4", "ashi"])
    ]
    left, right = (mark for mark in one.charts[0][1] if mark[0] == "LI4")
    assert left[1] + right[1] == 1000
    assert left[1] < right[1]
    assert one.counted[-1] == ("shoulder, left", 3)
    assert (one.needles_in, one.missing) == (7, [])


def test_rules_gone_against_and_taps_say_who(cast, client_of, now):
    one = client_of(cast.daniel).get(page_of(told_signed(cast))).context["one"]
    assert [(row["subject"], row["reason"], row["who"], row["done"]) for row in one.against] == [
        ("GB20", "shallow", "Mei Tan", False),
        ("acupuncture", "shallow", "Mei Tan", False),
    ]
    assert one.confirmed == [
        ("Clean technique", "Mei Tan", now),
        ("Needles in the sharps box", "Mei Tan", now),
    ]


def test_reading_takes_a_fixed_number_of_statements(cast, client_of, django_assert_num_queries):
    """A note without codes and advice asks for the names of neither."""
    told, plain = told_signed(cast), needles_left(cast, clock="14:00")
    client = client_of(cast.daniel)
    client.get(page_of(told))
    with django_assert_num_queries(STATEMENTS):
        client.get(page_of(told))
    with django_assert_num_queries(STATEMENTS - 2):
        client.get(page_of(plain))


def test_a_colleague_reads_a_draft_and_cannot_add_to_it(cast, client_of):
    note = told_note(cast)
    answer = client_of(cast.daniel).get(page_of(note))
    assert (answer.templates[0].name, answer.context["additions"]) == ("treatment/reading.html", [])
    answer = post(client_of(cast.daniel), add_page(note, "addendum"), words="more")
    assert (answer.status_code, Addendum.objects.count()) == (422, 0)


def test_reading_is_written_down(cast, client_of):
    note = told_signed(cast)
    client_of(cast.daniel).get(page_of(note))
    assert AuditEvent.objects.filter(verb="read", by=cast.daniel, patient=cast.maria.pk).count() == 1


def test_who_may_add_what(cast, client_of):
    note = needles_left(cast)
    kinds = {
        name: [kind for kind, _ in client_of(getattr(cast, name)).get(page_of(note)).context["additions"]]
        for name in ("mei", "daniel")
    }
    assert kinds == {
        "mei": ["addendum", "needle_resolution", "entered_in_error"],
        "daniel": ["addendum", "needle_resolution"],
    }


def test_an_addendum_is_signed_and_stands_below(cast, client_of, now):
    note = told_signed(cast)
    client = client_of(cast.daniel)
    answer = post(client, add_page(note, "addendum"), words="Film of October seen.")
    assert (answer.status_code, answer.url) == (303, page_of(note))
    (row,) = client.get(page_of(note)).context["one"].addenda
    assert (row.words, row.by.name, row.at) == ("Film of October seen.", "Daniel Lee", now)


def test_an_addendum_sent_twice_is_added_once(cast, client_of):
    note, key = told_signed(cast), new_key()
    client = client_of(cast.daniel)
    for _ in range(2):
        answer = client.post(add_page(note, "addendum"), {"request_key": key, "words": "Once."})
        assert (answer.status_code, answer.url) == (303, page_of(note))
    assert Addendum.objects.count() == 1


def test_an_addendum_from_the_panel_loads_the_page_again(cast, client_of):
    note = told_signed(cast)
    client = client_of(cast.daniel)
    beside = {**HTMX, "HX-Current-URL": f"http://testserver{page_of(note)}"}
    answer = client.post(
        add_page(note, "addendum"), {"request_key": new_key(), "words": "More."}, headers=beside
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (200, page_of(note))
    assert client.get(page_of(note), headers=HTMX)["HX-Redirect"] == page_of(note)


def test_an_empty_addendum_is_asked_for_its_words(cast, client_of):
    answer = post(client_of(cast.daniel), add_page(told_signed(cast), "addendum"), words=" ")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"words": ["Write a few words first."]}


def test_needles_found_leave_the_board_and_cannot_be_found_twice(cast, client_of):
    note, client = needles_left(cast), client_of(cast.daniel)
    assert client.get(page_of(note)).context["one"].missing == [("hand, right", 1)]
    assert post(client, add_page(note, "needle_resolution"), words="In the sheet.").status_code == 303
    answer = client.get(page_of(note))
    assert (answer.context["one"].is_resolved, answer.context["additions"][1:]) == (True, [])


def test_entered_in_error_takes_the_note_from_everybody_but_its_author(cast, client_of):
    note = told_signed(cast)
    assert post(client_of(cast.daniel), add_page(note, "entered_in_error"), words="x").status_code == 422
    assert (
        post(client_of(cast.mei), add_page(note, "entered_in_error"), words="wrong chart").status_code == 303
    )
    answer = client_of(cast.mei).get(page_of(note))
    assert (answer.context["one"].is_wrong, answer.context["additions"]) == (True, [])
    assert client_of(cast.daniel).get(page_of(note)).status_code == 404
    assert client_of(cast.daniel).get(add_page(note, "addendum")).status_code == 404


def test_a_draft_entered_in_error_is_read_and_not_written(cast, client_of):
    note = told_note(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    assert client_of(cast.mei).get(page_of(note)).templates[0].name == "treatment/reading.html"


def test_there_are_three_kinds_of_addenda(cast, client_of):
    assert client_of(cast.mei).get(add_page(told_signed(cast), "praise")).status_code == 404


def test_earlier_saves_are_listed_and_read(cast, client_of):
    note, client = told_signed(cast), client_of(cast.daniel)
    saves = client.get(reverse("treatment:earlier", args=[note.pk])).context["saves"]
    assert [(version, who) for version, _at, who in saves] == [(2, "Mei Tan"), (1, "Mei Tan")]
    first, second = (
        client.get(reverse("treatment:earlier_save", args=[note.pk, version])).context["one"]
        for version in (1, 2)
    )
    assert (first.is_empty, second.said[0], len(second.needles)) == (True, ("Pain now", "4 of 10"), 3)
    assert client.get(reverse("treatment:earlier_save", args=[note.pk, 9])).status_code == 404


@pytest.mark.parametrize(
    "name, statuses",
    [("ana", [403] * 4), ("olive", [404, 403, 404, 404]), ("theo", [404] * 4), ("rita", [403] * 4)],
)
def test_who_must_not_read(cast, client_of, name, statuses):
    note = told_signed(cast)
    add_addendum(by=cast.mei, pk=note.pk, words="more")
    client = client_of(getattr(cast, name))
    pages = [
        page_of(note),
        add_page(note, "addendum"),
        reverse("treatment:earlier", args=[note.pk]),
        reverse("treatment:earlier_save", args=[note.pk, 1]),
    ]
    assert [client.get(page).status_code for page in pages] == statuses
