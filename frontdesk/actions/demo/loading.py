"""Which demo is loaded when."""

import random
from datetime import time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.database import as_owner
from clinic.models import AuditEvent, Clinic, Location, User
from clinic.refusal import Refused
from frontdesk.actions.demo import (
    catching,
    charts,
    closed,
    courses,
    large,
    living,
    packages,
    plans,
    rows,
    scores,
    staff,
    texts,
    weeks,
)
from frontdesk.actions.demo.accounts import DOMAIN, is_demo
from frontdesk.actions.demo.people import make_people, recall_people
from frontdesk.actions.demo.places import LAKESIDE, UPTOWN, make_places
from frontdesk.actions.demo.planning import MINUTE, Catalog, Day, Moment
from frontdesk.actions.reference import load_reference
from intake.actions.loading import mark_all_read
from practitioners.models import Practitioner
from scheduling.actions.needles import follow_needles
from scheduling.models import Block, BlockKind, Reservation, Status

OPENED = timedelta(days=2000)  # how long the accounts have been there
DAY_TOLD = "tell_demo_day"
# days from loading, local time, minutes, kind, room, practitioner, note
BLOCKS = [
    (1, time(7), 60, BlockKind.CLEANING, "Room 5", None, "Floor polish"),
    (2, time(14), 30, BlockKind.MEETING, None, "Mei Chen", "Case meeting"),
    (2, time(14), 30, BlockKind.MEETING, None, "Daniel Weiss", "Case meeting"),
    (3, time(13), 30, BlockKind.BREAK, None, "Jonas Lindqvist", ""),
]


def is_empty():
    return not Clinic.objects.exists() and not User.objects.exists()


@transaction.atomic
def load_small(*, seed, now, by=None, days=(-weeks.PAST_DAYS, weeks.FUTURE_DAYS)):
    """Load the demo clinic with its living day; refused where the database holds anything already.

    `days`: the first and the last day of the calendar, counted from today.
    """
    refuse_unless_empty()
    load_reference(by=by)
    rng = random.Random(seed)
    since = now - OPENED
    places = make_places()
    accounts = staff.make_accounts(places, since=since)
    today = Moment.of(now, places[UPTOWN].tz).day
    team = staff.make_staff(places, owner=accounts["owner"], today=today, since=since)
    mark_all_read(by=accounts["owner"], today=today, now=now)
    texts.release_texts()
    staff.make_absences(team, places, today=today)
    where = [(team[person.name], person.at) for person in staff.PEOPLE]
    people = make_people(rng, places, where, now=now)
    make_blocks(places, team, by=accounts["owner"], today=today, rng=rng)
    attendance = weeks.Attendance(people, rng)
    writer = Writer(Catalog(), rng, now, seed=seed)
    for number in range(days[0], days[1] + 1):
        for location in places.values():
            writer.add_day(location, number, attendance, people)
    for number in courses.days_before(days[0]):
        writer.add_courses(writer.day(places[UPTOWN], number), number, people)
    writer.write()
    charts.tell_charts(writer, people, places[UPTOWN], seed=seed, day=today)
    charts.tell_day(writer, writer.story, people, places[UPTOWN], seed=seed, day=today)
    closed.tell_closed_chart(places[UPTOWN], owner=accounts["owner"], seed=seed, now=now, day=today)
    plans.make_plans(people, places[UPTOWN], seed=seed, day=today)
    scores.tell_scores(people, places[UPTOWN], seed=seed, now=now, day=today)
    packages.tell_packages(people, places[UPTOWN], now=now, day=today)
    audit.record(by=by, verb="load_demo", about=f"demo:{DOMAIN}", seed=seed)
    told(by, today)


def add_today(*, seed, now, by=None):
    """Tell the day of `now`, unless it was told already; True if it was told now.

    What was booked for the days since is brought to an end first, and what stands in the way of the day's
    story moves to another time of the day.
    """
    places = {location.name: location for location in Location.objects.filter(name__in=[UPTOWN, LAKESIDE])}
    if not is_demo() or len(places) < 2:
        return False
    today = Moment.of(now, places[UPTOWN].tz).day
    if AuditEvent.objects.filter(verb=DAY_TOLD, detail__day=today.isoformat()).exists():
        return False
    catching.catch_up(places.values(), now=now, seed=seed)
    with transaction.atomic():
        rng = random.Random(f"{seed} {today}")
        people = recall_people(rng, places, now=now)
        uptown, writer = places[UPTOWN], Writer(Catalog(), rng, now, seed=seed)
        catching.make_room(uptown, people, writer.catalog, now=now)
        known = [row.pk for row in people.named.values()]
        day = Day(writer.catalog, uptown, today, rng=rng, now=now, patients=known)
        writer.plans += writer.tell(day, people, Moment.of(now, uptown.tz))
        writer.write()
        charts.tell_day(writer, writer.story, people, uptown, seed=seed, day=today)
        catching.end_of_day(places.values(), now=now, seed=seed)
        told(by, today)
    return True


def load_large(*, seed, now, history=1, past=large.PAST, future=large.FUTURE, patients=large.PATIENTS):
    """Load the clinic of the measurements, as the owner of the tables; the number of visits."""
    with as_owner() as connection, transaction.atomic():
        refuse_unless_empty()
        # Nothing is left to be checked at the end: meanwhile the tables' constraints go and come back.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return large.load_large(seed=seed, now=now, past=past * history, future=future, patients=patients)


def refuse_unless_empty():
    if not is_empty():
        raise Refused(_("This database already holds a clinic. Load the demo into an empty one."))


def told(by, day):
    audit.record(by=by, verb=DAY_TOLD, about=f"demo:{DOMAIN}", day=day.isoformat())


class Writer:
    """Collects the plans of all days and writes them together.

    `story` are those of the living day, `comes` the visits of courses.
    """

    def __init__(self, catalog, rng, now, *, seed):
        self.catalog, self.rng, self.now = catalog, rng, now
        self.plans, self.story, self.comes = [], [], []
        # Courses draw from numbers of their own: the rest of the clinic stays as it is without them.
        self.course_rng = random.Random(f"{seed} courses")

    def add_day(self, location, number, attendance, people):
        moment = Moment.of(self.now, location.tz)
        day = self.day(location, number)
        if number < 0:
            plans = weeks.fill(day, attendance, share=weeks.FULL)
            self.plans += [weeks.end_past(plan, self.rng) for plan in plans]
            if location.name == UPTOWN:
                self.add_courses(day, number, people)
        elif number > 0:
            plans = weeks.fill(day, attendance, share=weeks.share_of(number))
            self.plans += [weeks.promise_future(plan, self.rng, self.now) for plan in plans]
        elif location.name == UPTOWN:
            self.plans += self.tell(day, people, moment)
            self.plans += living.tell_around(day, attendance, moment, self.rng)
        else:
            plans = weeks.fill(day, attendance, share=living.SHARE)
            self.plans += [living.as_of(plan, moment, self.rng) for plan in plans]

    def day(self, location, number):
        date = Moment.of(self.now, location.tz).day + timedelta(days=number)
        return Day(self.catalog, location, date, rng=self.rng, now=self.now)

    def add_courses(self, day, number, people):
        """After the day is full: the visits of courses take what is left."""
        day.rng = self.course_rng
        found = courses.visits_on(day, number, people)
        self.comes += found
        self.plans += [come.plan for come in found]

    def tell(self, day, people, moment):
        before = len(people.rows)
        self.story = living.tell(day, people, moment, held_from=self.now)
        people.write_since(before)
        return self.story

    def users(self):
        """{practitioner: account}."""
        return dict(Practitioner.objects.filter(user__isnull=False).values_list("pk", "user_id"))

    def write(self):
        desk = User.objects.get(email=f"desk@{DOMAIN}")
        scribe = rows.Scribe(self.catalog, desk, self.users(), self.rng, self.now)
        scribe.write(self.plans)
        scribe.write_care()
        for plan in self.plans:
            if plan.status == Status.IN_TREATMENT:
                follow_needles(plan.patient, plan.location.pk)


def make_blocks(places, team, *, by, today, rng):
    """A cleaning, a meeting and a break: short times without a patient."""
    uptown = places[UPTOWN]
    rooms = {room.name: room for room in uptown.rooms.all()}
    for days, starts, minutes, kind, room, name, note in BLOCKS:
        starts_at = walltime.instant(today + timedelta(days=days), starts, uptown.tz)
        row = Block.objects.create(
            id=rows.random_id(rng),
            location=uptown,
            room=rooms.get(room),
            practitioner=team.get(name),
            starts_at=starts_at,
            ends_at=starts_at + minutes * MINUTE,
            kind=kind,
            note=note,
            created_by=by,
        )
        Reservation.objects.create(
            block=row,
            room=row.room,
            practitioner=row.practitioner,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
