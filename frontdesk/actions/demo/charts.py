"""The clinical life of the demo: boxes of needles, histories, consents, notes, and what came after them."""

from calendar import monthrange
from datetime import timedelta
from random import Random

from acupoints.queries import catalogue
from clinic.models import User
from frontdesk.actions.demo import histories, notes, today
from frontdesk.actions.demo.accounts import DOMAIN
from frontdesk.actions.demo.courses import COURSES
from frontdesk.actions.demo.planning import MINUTE
from frontdesk.actions.demo.rows import random_id
from frontdesk.actions.demo.telling import Teller
from practitioners.models import Practitioner
from treatment.models import ContactNote, NeedleBox, NoteTemplate, Reaction
from treatment.queries.stock import boxes_in_use
from treatment.rules.carrying import template_of

# size, brand, lot, days until it expires (None: with this month), press needles, days ago that it was ended
BOXES = [
    ("N2030", "Seirin J-type", "SJ2409A", 620, False, None),
    ("N2025", "Seirin J-type", "SJ2411C", 540, False, None),
    ("N1625", "DBC Spring", "DB2312K", None, False, None),
    ("N2550", "DBC Spring", "DB2405R", 410, False, None),
    ("N1207", "Seirin Pyonex", "PX2502B", 700, True, None),
    ("N2030", "Seirin J-type", "SJ2402F", 200, False, 58),
]
# who, kind, days ago, who wrote it, words
CONTACTS = [
    ("tunde", "call", 6, "Mei Chen",
     "Called to say that the blood test is fine. No bruises after the last visit. Comes as planned."),
    ("ida", "call", 9, "David Okafor",
     "Her daughter asks whether the warm pack may go on the knee in the evening. Told: yes, fifteen minutes."),
    ("maria", "message", 5, "Mei Chen", "Writes that the neck is stiff after a flight; asked her to keep moving it."),
    ("walter", "event", 3, "Daniel Weiss", "X-ray report from 2017 arrived by fax and is filed."),
]  # fmt: skip
BRUISED, BRUISED_AT = "maria", 5  # number of the visit after which it was seen


def tell_charts(writer, people, location, *, seed, day):
    """Everything before today, once. `writer` holds the visits; they are written already."""
    rng = Random(f"{seed} charts")
    by_name = accounts_of_practitioners()
    open_boxes(location, by_name["Mei Chen"], rng, now=writer.now, day=day)
    histories.write_histories(people, by_name, now=writer.now, today=day)
    histories.write_consents(people, by_name, now=writer.now)
    told = notes.tell_visits(writer.comes, teller_of(location, rng), writer.users(), rng)
    notes.write(told)
    write_bruise(writer.comes, told, people, rng)
    for who, kind, days, name, words in CONTACTS:
        ContactNote.objects.create(
            id=random_id(rng), patient=people.named[who], kind=kind, words=words,
            at=writer.now - timedelta(days=days, hours=2), by=by_name[name],
        )  # fmt: skip
    save_templates(told, by_name["Mei Chen"], rng)


def tell_day(writer, plans, people, location, *, seed, day):
    """What is written on the living day. `plans`: the visits of its story."""
    teller = teller_of(location, Random(f"{seed} {day} charts"))
    desk = User.objects.get(email=f"desk@{DOMAIN}")
    today.tell_today(plans, people, teller, writer.users(), desk, now=writer.now)


def teller_of(location, rng):
    return Teller(catalogue().points, {box.size: box for box in boxes_in_use(location.pk)}, rng)


def accounts_of_practitioners():
    rows = Practitioner.objects.filter(user__isnull=False).select_related("user")
    return {row.name: row.user for row in rows}


def open_boxes(location, by, rng, *, now, day):
    """One expires with the month, and one is empty already."""
    end_of_month = day.replace(day=monthrange(day.year, day.month)[1])
    NeedleBox.objects.bulk_create(
        NeedleBox(
            id=random_id(rng), location=location, size=size, brand=brand, lot=lot, press=press,
            expires_on=end_of_month if days is None else day + timedelta(days=days),
            opened_at=now - timedelta(days=90 if ended else 57), opened_by=by,
            ended_at=now - timedelta(days=ended) if ended else None,
        )
        for size, brand, lot, days, press, ended in BOXES
    )  # fmt: skip


def write_bruise(comes, told, people, rng):
    """Seen at the next visit, followed up and closed."""
    notes_of = {one.note.appointment_id: one for one in told}
    seen = [come for come in comes if (come.course.who, come.number) == (BRUISED, BRUISED_AT)]
    for come in seen:
        note, plan = notes_of[come.plan.id].note, come.plan
        Reaction.objects.create(
            id=random_id(rng), patient=people.named[BRUISED], appointment_id=plan.id, note=note, kind="BRUISE",
            grade=1, onset="the evening of the visit", duration="six days", outcome="Gone without treatment.",
            told="The patient called", words="A bruise the size of a coin at the left forearm.",
            at=plan.ends_at + 60 * 24 * MINUTE, closed_at=plan.ends_at + timedelta(days=7), by_id=note.author_id,
        )  # fmt: skip


def save_templates(told, owner, rng):
    """The clinic's own for the neck, and one of a practitioner's for headaches."""
    for name, who, whose in (("Neck, ten points", "maria", None), ("Headache", "linh", owner)):
        needles = next(course.needles for course in COURSES if course.who == who)
        full = [
            one for one in told if one.note.codes == list(needles.codes) and len(one.state["needlings"]) > 6
        ]
        if full:
            NoteTemplate.objects.create(
                id=random_id(rng), owner=whose, name=name, discipline_id=full[0].note.discipline_id,
                content=template_of(full[0].state),
            )  # fmt: skip
