"""What the matrix walks through: the cast with visits, blocks, calls and invitations, and who may see whom.

`SEES` is written down here, not computed: the product's `visible_to` is what is being tested.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from clinic.models import Closure, Invitation
from intake.actions.loading import load_forms
from intake.models import Consent, FormLink, Questionnaire, Response, Signature
from intake.rules.links import hashed
from messaging.models import OutboxMessage, StaffTask
from patients.models import CareTeam, Merge, PatientLocation, RelatedPerson, Restriction
from practitioners.models import Absence, Certification
from scheduling.models import ActualTime, Block, Call, Change, Reservation, Series, Status, What
from services.models import Price, Service
from tests.access.accounts import accounts_of_everybody
from tests.access.beside_notes import beside_notes_of_everybody
from tests.access.histories import histories_of_everybody
from tests.access.plans import plans_of_everybody
from tests.access.scores import scores_of_everybody
from tests.cast import NOW, SET_UP_AT, canary
from tests.rows import at, visit
from treatment.actions.drafts import open_note, save_draft
from treatment.rules.state import empty_state

UPTOWN = {"maria", "marta", "sunny", "iris", "leo", "mia", "tunde", "rita"}
EVERYBODY = UPTOWN | {"priya"}

# Person: the patients whom they may find. Nobody else is in any answer to them.
SEES = {
    "olive": EVERYBODY,  # the owner
    "ana": UPTOWN,
    "mei": UPTOWN,
    "daniel": UPTOWN,
    "hana": {"priya"},  # Harbor's front desk
    "theo": {"priya", "sunny"},  # Harbor's practitioner, whom Sunny's last visit was moved to
    "rita": {"rita"},
    "iris": {"iris", "leo"},  # Mia's record names her, too, but gives her no right on line
    "dana": set(),  # worked here until October
    "nobody": set(),  # not signed in
}
# Mei treated Mia until October, and everybody else of Uptown's targets today.
TREATED_BY_MEI = {"maria", "rita", "leo", "sunny", "tunde"}
# Person: the patients whose chart they read, as the clinic is set at first; who is not named reads none.
OPENS = {
    "olive": {"leo"},  # the owner treats nobody; opened Leo's with a reason
    "mei": TREATED_BY_MEI | {"marta", "iris"},  # all of Uptown but Mia: restricted, and not hers any more
    "daniel": UPTOWN - {"mia"},  # Rita's, which is restricted, with a reason
    "theo": {"priya", "sunny"},  # who comes to Harbor, and whom he treats
}
# And those in whose chart they write: not in what was opened with a reason.
WRITES = {
    "mei": TREATED_BY_MEI | {"marta", "iris"},
    "daniel": UPTOWN - {"mia", "rita"},
    "theo": {"priya", "sunny"},
}
# The same where charts are open to those who treat alone.
OPENS_TEAM = {
    "olive": {"leo"},
    "mei": TREATED_BY_MEI,
    "daniel": {"rita", "sunny"},  # with a reason; needles are in, and he is on duty
    "theo": {"priya", "sunny"},
}
WRITES_TEAM = {"mei": TREATED_BY_MEI, "daniel": {"sunny"}, "theo": {"priya", "sunny"}}
WORKS_AT = {
    "olive": {"uptown", "harbor"},
    "ana": {"uptown"},
    "mei": {"uptown"},
    "daniel": {"uptown"},
    "hana": {"harbor"},
    "theo": {"harbor"},
}
ROLES = {
    "olive": "owner",
    "ana": "front_desk",
    "hana": "front_desk",
    "mei": "practitioner",
    "daniel": "practitioner",
    "theo": "practitioner",
    "rita": "patient",
    "iris": "patient",
    "dana": None,
    "nobody": None,
}
STAFF = {"olive", "ana", "mei", "daniel", "hana", "theo"}
# One patient for each relation somebody can have.
TARGETS = ["maria", "priya", "rita", "leo", "mia", "sunny", "tunde"]
TOKEN = "t" * 43


@dataclass
class World:
    cast: object
    visits: dict = field(default_factory=dict)
    calls: dict = field(default_factory=dict)
    series: dict = field(default_factory=dict)
    related: dict = field(default_factory=dict)
    changes: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    form_links: dict = field(default_factory=dict)
    responses: dict = field(default_factory=dict)
    consents: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)
    reactions: dict = field(default_factory=dict)
    handovers: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    medicines: dict = field(default_factory=dict)
    flags: dict = field(default_factory=dict)
    referrals: dict = field(default_factory=dict)
    letters: dict = field(default_factory=dict)
    purchases: dict = field(default_factory=dict)
    coverages: dict = field(default_factory=dict)
    approvals: dict = field(default_factory=dict)
    requests: dict = field(default_factory=dict)
    checks: dict = field(default_factory=dict)
    given: dict = field(default_factory=dict)
    talks: dict = field(default_factory=dict)
    plans: dict = field(default_factory=dict)
    activities: dict = field(default_factory=dict)


def build_world(cast):
    """Rows of every kind that an address can name, in an empty copy of the template."""
    world = World(cast)
    relations(cast)
    for number, name in enumerate(sorted(EVERYBODY)):
        world.visits[name] = visit_of(cast, name, number)
        world.changes[name] = world.visits[name].changes.get()
    clinic_rows(world)
    for name in TARGETS:
        world.calls[name] = Call.objects.create(absence=world.rows["absence"], appointment=world.visits[name])
        world.series[name] = series_of(world, name)
        world.related[name] = RelatedPerson.objects.create(
            patient=getattr(cast, name), name=canary(name, "related_name"), relation="aunt"
        )
    forms_of_everybody(world)
    notes_of_everybody(world)
    beside_notes_of_everybody(world, TARGETS)
    histories_of_everybody(world, TARGETS)
    accounts_of_everybody(world, TARGETS)
    scores_of_everybody(world, TARGETS, TOKEN)
    plans_of_everybody(world, TARGETS)
    charts_open_and_closed(world)
    return world


def charts_open_and_closed(world):
    """Who treats whom, whose chart is restricted, and what was opened with a reason: see OPENS."""
    cast, earlier = world.cast, NOW - timedelta(minutes=10)
    # Whoever writes a note treats; that of Mia is over.
    CareTeam.objects.filter(patient=cast.mia, user=cast.mei).update(until=earlier)
    made = {"since": earlier, "by": cast.olive}
    world.rows["restriction"] = Restriction.objects.create(patient=cast.rita, because="staff", **made)
    Restriction.objects.create(patient=cast.mia, because="relative", **made)
    for user, patient in ((cast.olive, cast.leo), (cast.daniel, cast.rita)):
        until = NOW + timedelta(minutes=50)
        CareTeam.objects.create(patient=patient, user=user, since=earlier, until=until, why="reason")
    PatientLocation.objects.filter(patient=cast.sunny).update(needles_in_since=earlier)


def notes_of_everybody(world):
    """A draft by whoever treats them, with words that only clinicians may read."""
    for name in TARGETS:
        part, author = world.visits[name].parts.get(), world.cast.theo if name == "priya" else world.cast.mei
        note = world.notes[name] = open_note(by=author, part=part.pk)
        words = {**empty_state(), "said_words": canary(name, "note_words")}
        save_draft(by=author, pk=note.pk, version=1, state=words)
        world.notes[name].version = 2


def forms_of_everybody(world):
    """A form that is done, with words in it that only those who treat may read, a consent, and a form that waits."""
    load_forms(now=NOW)
    symptoms = Questionnaire.objects.filter(key="symptoms").latest("number")
    for name in TARGETS:
        patient = getattr(world.cast, name)
        values = {"patient": patient, "questionnaire": symptoms, "asked_at": NOW}
        link = world.form_links[name] = FormLink.objects.create(
            patient=patient, channel="email", token_sha256=hashed(name), sent_to="forms@mail.example",
            made_at=NOW, made_by=world.cast.ana, expires_at=NOW + timedelta(days=14),
        )  # fmt: skip
        world.responses[name] = Response.objects.create(
            link=link, status="done", done_at=NOW, done_by_name="Somebody",
            answers={"better_with": canary(name, "form_answer")}, **values,
        )  # fmt: skip
        signature = Signature.objects.create(
            patient=patient, document="consent_acupuncture", document_version="0" * 64,
            text=canary(name, "signed_text"), name="Somebody", at=NOW,
        )  # fmt: skip
        world.consents[name] = Consent.objects.create(
            patient=patient, kind="acupuncture", signature=signature, given_at=NOW
        )
        Response.objects.create(link=link, answers={"started": canary(name, "form_answer")}, **values)
    # Whoever has this token may fill in Maria's symptoms.
    open_link = FormLink.objects.create(
        patient=world.cast.maria, channel="tablet", token_sha256=hashed(TOKEN), made_at=NOW,
        made_by=world.cast.ana, expires_at=NOW + timedelta(days=14),
    )  # fmt: skip
    Response.objects.create(link=open_link, patient=world.cast.maria, questionnaire=symptoms, asked_at=NOW)


def relations(cast):
    october = datetime(2026, 10, 1, tzinfo=UTC)
    CareTeam.objects.create(patient=cast.sunny, user=cast.theo, since=october, why="treating")
    # Theo treated Tunde for a while; that is over.
    CareTeam.objects.create(
        patient=cast.tunde, user=cast.theo, since=SET_UP_AT, until=october, why="treating"
    )
    # Rita booked for Tunde until October, too.
    RelatedPerson.objects.create(
        patient=cast.tunde, name="Rita Lopez", relation="friend", user=cast.rita.user, appointments=True,
        since=SET_UP_AT, until=october,
    )  # fmt: skip


def visit_of(cast, name, number):
    """An acupuncture visit of an hour, today; a second one tomorrow, so that lists have several."""
    harbor = name == "priya"
    place = cast.harbor if harbor else cast.uptown
    who = (cast.theo if harbor else cast.mei).practitioner
    room = cast.harbor_1 if harbor else cast.room_1
    for day in ("2026-11-25", "2026-11-24"):
        made = visit(
            getattr(cast, name),
            cast.service("acupuncture_follow_up"),
            place,
            at(f"{9 + number:02}:00", place, day),
            practitioners={"acupuncture": who},
            rooms={"treatment": room},
            by=cast.hana if harbor else cast.ana,
            note=f"Visit: {canary(name, 'visit_note')}",
            entered_later_reason=canary(name, "entered_later"),
            overbooked_reason=canary(name, "overbooked"),
            ended_reason=canary(name, "ended_reason"),
            came_with=canary(name, "came_with"),
        )
        Change.objects.create(appointment=made, verb="book", at=made.created_at, by=cast.ana)
    ActualTime.objects.create(appointment=made, what=What.ARRIVED, at=NOW, by=cast.ana, entered_at=NOW)
    return made


def series_of(world, name):
    made = Series.objects.create(
        patient=getattr(world.cast, name),
        weekdays=[0, 3],
        wall_time=time(9),
        created_at=NOW,
        created_by=world.cast.ana,
    )
    row = world.visits[name]
    row.series = made
    row.save()
    return made


def clinic_rows(world):
    cast, day = world.cast, timedelta(days=1)
    mei = cast.mei.practitioner
    block = Block.objects.create(
        location=cast.uptown, practitioner=mei, room=cast.room_2, starts_at=at("18:30", cast.uptown),
        ends_at=at("19:00", cast.uptown), kind="other", note=canary("mei", "block_note"), created_by=cast.ana,
    )  # fmt: skip
    Reservation.objects.create(
        block=block, practitioner=mei, room=cast.room_2, starts_at=block.starts_at, ends_at=block.ends_at
    )
    adjustment = Service.objects.get(key="adjustment")
    world.rows = {
        "absence": Absence.objects.create(
            practitioner=mei,
            starts_at=NOW + day,
            ends_at=NOW + 2 * day,
            kind="ill",
            note=canary("mei", "absence_note"),
        ),
        "block": block,
        "certification": Certification.objects.create(
            practitioner=mei, name="Clean needle", issued_on=date(2020, 1, 1)
        ),
        "closure": Closure.objects.create(
            location=cast.uptown, starts_at=NOW + 30 * day, ends_at=NOW + 31 * day, reason="Stocktaking"
        ),
        "household": cast.leo.household,
        "hours": mei.working_hours.first(),
        "invitation": invitation(cast),
        "license": mei.licenses.get(),
        "message": OutboxMessage.objects.create(
            kind="invitation",
            to="new.person@meridian.example",
            subject="Welcome",
            body="Come in.",
            message_id="<1@meridian.example>",
            created_at=NOW,
            not_before=NOW,
            dead_at=NOW,
        ),
        "merge": Merge.objects.create(kept=cast.maria, merged=cast.marta, at=NOW, by=cast.ana, undone_at=NOW),
        "part": adjustment.parts.get(),
        "phase": adjustment.parts.get().phases.first(),
        "price": Price.objects.create(part=adjustment.parts.get(), location=cast.uptown, amount=65),
        "service": adjustment,
        "practitioner": mei,
        "hold": hold(cast),
        "todo": StaffTask.objects.create(
            kind="call_back", title="Call the printer", about="clinic:1", opened_at=NOW
        ),
    }


def invitation(cast):
    return Invitation.objects.create(
        email="new.person@meridian.example", name="New Person", roles=["front_desk"], location_ids=[cast.uptown.pk],
        token_sha256="0" * 64, invited_by=cast.olive, expires_at=NOW + timedelta(days=3),
    )  # fmt: skip


def hold(cast):
    """A time held for Maria while she decides."""
    return visit(
        cast.maria, cast.service("adjustment"), cast.uptown, at("16:00", cast.uptown, "2026-11-26"),
        practitioners={"chiropractic": cast.daniel.practitioner}, rooms={"adjusting": cast.room_4},
        status=Status.HELD, by=cast.ana, held_until=NOW + timedelta(minutes=10),
    )  # fmt: skip


def private_words(name):
    """What stands in this patient's rows and in no other, in lower case: free text, address, names."""
    fields = ["staff_notes", "physician_name", "emergency_name", "email", "related_name", *CLINICAL]
    notes = ["visit_note", "entered_later", "overbooked", "ended_reason", "came_with"]
    return [canary(name, each) for each in fields + notes + ACCOUNT + OWN_WORDS] + NAMES[name]


# Names and numbers that belong to one patient only, as pages may write them.
NAMES = {
    "maria": ["garcia, maria", "maria garcia", "555-0111"],
    "marta": ["marta", "555-0112"],
    "sunny": ["sun-hee", "555-0113"],
    "iris": ["iris", "555-0114"],
    "leo": ["leo"],
    "mia": ["mia"],
    "tunde": ["tunde", "okafor", "555-0115"],
    "priya": ["priya", "shah", "555-0116"],
    "rita": ["rita", "lopez", "555-0117"],
}
# Staff's own words about a person, and about each other: on no page for patients, not even their own.
FOR_STAFF_ONLY = ["staff_notes", "visit_note", "entered_later", "overbooked", "ended_reason"]
# What stands in an account: for staff, and on no page for patients.
ACCOUNT = [
    *("payer", "entry_reason", "member_number", "coverage_note"),
    *("approval_number", "approval_note", "request_note"),
]
FOR_STAFF_ONLY += ACCOUNT
# Clinical text: for those to whom the chart is open, so for no front desk and no patient.
CLINICAL = [
    *("form_answer", "signed_text", "note_words", "history_words", "condition", "medicine"),
    *("flag_question", "flag_action", "flag_suspected", "referral_why", "letter_to", "letter_words"),
    *("reaction_words", "handover_words", "contact_words"),
    *("plan_condition", "plan_symptoms", "plan_why"),
]
# For those who treat and for the patient, never for whoever acts for them.
OWN_WORDS = ["plan_goal", "home_name", "home_how", "activity"]
# What a proxy with the right to appointments alone does not see of the person they act for.
NOT_FOR_A_PROXY = ["physician_name", "emergency_name", "email"]


@cache
def forbidden_words(person, team=False):
    """The words that no answer to this person may contain, in lower case; `team`: as the clinic may be set."""
    words = [word for name in EVERYBODY - SEES[person] for word in private_words(name)]
    if person not in STAFF:
        words += [canary(name, each) for name in SEES[person] for each in FOR_STAFF_ONLY]
        words += [canary("mei", "block_note"), canary("mei", "absence_note")]
    closed = SEES[person] - (OPENS_TEAM if team else OPENS).get(person, set())
    words += [canary(name, each) for name in closed for each in CLINICAL]
    words += [canary(name, each) for name in closed - {person} for each in OWN_WORDS]
    if person == "iris":
        words += [canary("leo", each) for each in NOT_FOR_A_PROXY]
    return frozenset(words)


@cache
def forbidden_in_mail(to):
    """The words that stand in no mail to this address: reasons, and whatever is another's."""
    names = [name for name in EVERYBODY if to == f"{canary(name, 'email')}@mail.example"]
    # Who acts for somebody is told of that person's visits, too.
    about = {name for own in names for name in SEES.get(own, {own})}
    never = ["staff_notes", *CLINICAL, *OWN_WORDS, *FOR_STAFF_ONLY]
    words = [canary(name, each) for name in EVERYBODY for each in never]
    words += [word for name in EVERYBODY - about for word in private_words(name)]
    return frozenset([*words, canary("mei", "block_note"), canary("mei", "absence_note")])


@cache
def forbidden_in_logs():
    """Everybody's private words: none stands in a log."""
    return frozenset(word for name in EVERYBODY for word in private_words(name))
