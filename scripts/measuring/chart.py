"""A chart opened that has 30 and 300 notes: what it asks, and its pages, beside the statements for the same rows.

The notes, the visit record and the timeline are compared value by value. A page is the whole request, from the
session to the last byte, with all that it fetches by itself; the plain way fetches the rows that it shows, raw, and
the page's links are compared with their ids.
"""

import re

from django.db.models import Count
from django.test import Client
from django.urls import reverse

from patients.models import Patient
from scheduling.models import Appointment
from scripts.measuring import chart_sql as sql
from scripts.measuring.calendar import reader
from scripts.measuring.clock import Work
from scripts.measuring.written import NOTES
from services.models import Discipline
from treatment.models import Note
from treatment.queries.notes import last_notes, timeline, visit_record
from treatment.rules.state import CHILDREN, FIELDS, TAPS

STATEMENTS = {
    "timeline": 5,
    "last note": 12,
    "visit record": 11,
    "Summary": 59,
    "Notes": 34,
    "History": 36,
}
FIELDS_COMPARED = [name for name in FIELDS if name not in TAPS]
NOTE_LINK = re.compile(rb'class="tnum" href="/notes/([0-9a-f-]{36})/"')
VISIT_LINK = re.compile(rb'<a href="[^"]*/visits/([0-9a-f-]{36})/"')
HISTORY_LINK = re.compile(
    rb'btn-tiny" href="[^"]*/history/(?:condition|medication|allergy)/([0-9a-f-]{36})/"'
)
PAGE = 25


def works(now):
    user, discipline = reader("practitioner"), Discipline.objects.get(key="acupuncture")
    return [work for many in NOTES for work in works_on(many, user, discipline, now)]


def patient_with(many):
    """The patient of scripts.measuring.written who has so many notes."""
    counts = Note.objects.values("patient").annotate(many=Count("pk"))
    return Patient.objects.get(pk=counts.get(many=many)["patient"])


def works_on(many, user, discipline, now):
    patient = patient_with(many)
    visit = Note.objects.filter(patient=patient).order_by("-opened_at").first().appointment_id
    visit = Appointment.objects.select_related("patient").get(pk=visit)
    values = sql.values_of(patient, user, now, discipline=discipline.pk, visit=visit.pk)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)

    def one(what, product, statements, agree):
        return Work(
            name=f"chart of {many} notes: {what}",
            product=product,
            plain=plain(statements, values),
            size=len if what in PAGES else None,
            agree=agree,
            statements=STATEMENTS[what],
            sizes_of=f"chart: {what}",
        )

    asked = [
        one("timeline", lambda: timeline(patient, user), [sql.TIMELINE], same_entries),
        one("last note", lambda: last_notes(patient, discipline), [sql.LAST_NOTE], same_notes),
        one("visit record", lambda: visit_record(visit, user), [sql.VISIT_RECORD], same_notes),
    ]
    pages = [one(what, page(client, patient, what), PAGES[what][0], PAGES[what][1]) for what in PAGES]
    return asked + pages


def plain(statements, values):
    def fetch(cursor):
        found = []
        for statement in statements:
            cursor.execute(statement, values)
            found.append(cursor.fetchall())
        return found

    return fetch


def page(client, patient, what):
    """The page and the pieces it fetches by itself, as one text."""
    first, *pieces = [reverse(route, args=[patient.pk]) for route in ROUTES[what]]

    def opened():
        answers = [
            client.get(first),
            *[client.get(piece, headers={"hx-request": "true"}) for piece in pieces],
        ]
        if any(answer.status_code != 200 for answer in answers):
            raise ValueError(f"{what}: {[answer.status_code for answer in answers]}")
        return b"\n".join(answer.content for answer in answers)

    return opened


def same_entries(entries, found):
    return [
        (one.kind, one.at, str(one.id), one.who, one.what, one.words, one.signed_at,
         str(one.visit) if one.visit else None, one.entered_in_error)
        for one in entries
    ] == [(*row[:2], str(row[2]), *row[3:7], str(row[7]) if row[7] else None, row[8]) for row in found[0]]  # fmt: skip


def same_notes(written, found):
    """Every field and every child, and the ids of what was added."""
    mine = [
        (
            str(one.note.pk), one.note.author.name, one.note.discipline.name,
            {name: one.state[name] for name in FIELDS_COMPARED},
            {kind: one.state[kind] for kind in CHILDREN},
            [str(added.pk) for added in one.addenda],
        )
        for one in written
    ]  # fmt: skip
    theirs = [
        (note["id"], author, discipline, {name: note[name] for name in FIELDS_COMPARED},
         dict(zip(CHILDREN, children, strict=True)), [added["id"] for added in addenda])
        for note, author, discipline, _starts_at, _location, _part, addenda, *children in found[0]
    ]  # fmt: skip
    return bool(mine) and mine == theirs


def same_links_of_notes(html, found):
    return linked(NOTE_LINK, html) == [row[0]["id"] for row in found[0]][:PAGE]


def same_lines_of_time(html, found):
    """Of the timeline, which comes last: each line, with the visit it leads to or none.

    Visits booked together stand at one instant, in either order; the order is compared by "timeline".
    """
    lines = html[html.index(b'<ol class="timeline">') :].split(b"<li>")[1:]
    visits = [match[1].decode() if (match := VISIT_LINK.search(line)) else "" for line in lines]
    return sorted(visits) == sorted(str(row[2] or "") for row in found[0])


def same_links_of_history(html, found):
    return sorted(linked(HISTORY_LINK, html)) == sorted(str(row[1]) for row in found[0])


def linked(pattern, html):
    """The ids in these links of a page, in their order; a page without any is not the one that was meant."""
    found = [one.decode() for one in pattern.findall(html)]
    if not found:
        raise ValueError("The page has none of the links that are compared.")
    return found


ROUTES = {
    "Summary": ["patients:chart", "frontdesk:chart_pieces"],
    "Notes": ["treatment:notes"],
    "History": ["intake:history"],
}
PAGES = {
    "Summary": ([sql.EVERYTHING_THAT_HAPPENED, *sql.OF_THE_SUMMARY], same_lines_of_time),
    "Notes": ([sql.NOTES_LISTED, *sql.BESIDE_THE_NOTES], same_links_of_notes),
    "History": ([sql.LINES, *sql.BESIDE_THE_LINES], same_links_of_history),
}
