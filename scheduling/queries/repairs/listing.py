"""The call list: everybody to call about one absence or closure, what to say, and how it stands."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from clinic import walltime
from clinic.models import Clinic
from patients.models import Patient, RelatedPerson
from patients.rules.shown import ADULT_AT
from scheduling.models import Answer, Appointment, Call, Change, PartStatus, Status
from scheduling.queries.of_visit import as_placed, names_of, phases_of_visits
from scheduling.queries.repairs.affected import TO_COME, away_of, calls_about, spoiled, touched_phases
from scheduling.rules import sentences
from scheduling.rules.proposals import (
    FINAL,
    UNREACHED,
    closed_then,
    needs,
    reasons_not_to_take_back,
    somebody_is_away,
    to_say,
)


@dataclass(frozen=True, slots=True)
class CallLine:
    """One line. `say` is the proposal as a sentence, `became` how a settled visit stands now; `may` names buttons.

    `guardians` decide for the patient, each with a `number` or none; `minor` says that there should be one.
    `stays`: nothing is away any more, and the visit takes place as it was booked.
    """

    call: Call
    visit: Appointment
    was: str
    say: str
    became: str
    kept_until: datetime | None
    may: frozenset[str]
    stays: bool = False
    guardians: list = field(default_factory=list)
    minor: bool = False

    @property
    def done(self):
        return bool(self.became)


@dataclass(frozen=True, slots=True)
class CallList:
    """`to_call` have no answer yet, `to_choose` want another time that is not chosen; `missing` visits have no line."""

    cause: object
    to_call: list[CallLine]
    to_choose: list[CallLine]
    settled: list[CallLine]
    missing: int

    @property
    def begun(self):
        """Whether anybody stands on the list."""
        return bool(self.to_call or self.to_choose or self.settled)

    @property
    def people(self):
        """How many are still to be called, those who are on no line yet included."""
        return len(self.to_call) + self.missing

    @property
    def stay(self):
        return [line for line in self.settled if line.stays]

    @property
    def not_reached(self):
        return [line for line in self.to_call if line.call.messages_left == 0]

    @property
    def messages_left(self):
        return [line for line in self.to_call if line.call.messages_left]

    @property
    def run_out(self):
        return self.missing + sum("propose" in line.may for line in self.to_call)


@dataclass(frozen=True, slots=True)
class Known:
    """What all lines of a list are told from, read once."""

    cause: object
    away: object
    phases: dict
    changes: dict
    off: set
    guardians: dict
    undo_minutes: int
    now: datetime


def call_list(cause, user, *, now):
    """Everybody on the list of one absence or closure whom this person may see. Seven statements."""
    theirs = Appointment.objects.visible_to(user)
    rows = (
        calls_about(cause)
        .filter(appointment__in=theirs)
        .select_related(
            "appointment__patient",
            "appointment__service",
            "appointment__location",
            "proposal__location",
            "answered_by__profile",
        )
    )
    calls = list(rows.order_by("appointment__starts_at", "id"))
    known = known_of(calls, cause, now)
    lines = [line_of(call, known) for call in calls]
    listed = touched_phases(known.away, now).filter(visitpart__appointment__in=theirs)
    unlisted = listed.exclude(visitpart__appointment__in=calls_about(cause).values("appointment"))
    return CallList(
        cause=cause,
        to_call=[line for line in lines if not line.done and line.call.answer in UNREACHED],
        to_choose=[line for line in lines if not line.done and line.call.answer not in UNREACHED],
        settled=[line for line in lines if line.done],
        missing=unlisted.values("visitpart__appointment").distinct().count(),
    )


def known_of(calls, cause, now):
    proposals = [call.proposal_id for call in calls if call.proposal_id]
    return Known(
        cause=cause,
        away=away_of(cause),
        phases=phases_of_visits([*(call.appointment_id for call in calls), *proposals]),
        changes=changes_since(calls),
        off=spoiled(proposals),
        guardians=guardians_of({call.appointment.patient_id for call in calls}, now),
        undo_minutes=Clinic.objects.get().undo_minutes,
        now=now,
    )


def changes_since(calls):
    """{visit id: [changes]} not undone, the latest first. One statement."""
    found = defaultdict(list)
    rows = Change.objects.filter(appointment__in=[call.appointment_id for call in calls], undone_at=None)
    for change in rows.order_by("-at"):
        found[change.appointment_id].append(change)
    return found


def guardians_of(patients, now):
    """{patient id: [guardians]} as of now. One statement.

    Each has a `number`: theirs, or that of their own record as a patient.
    """
    found = defaultdict(list)
    rows = RelatedPerson.objects.filter(
        Q(until=None) | Q(until__gt=now), patient__in=patients, guardian=True, since__lte=now
    )
    own = Patient.objects.filter(user=OuterRef("user"), merged_into=None).values("phone")[:1]
    for row in rows.annotate(own_phone=Subquery(own)).order_by("name", "pk"):
        row.number = row.phone or row.own_phone
        found[row.patient_id].append(row)
    return found


def line_of(call, known):
    visit, zone, held = call.appointment, call.appointment.location.tz, call.proposal
    own = [one for one in known.phases[visit.pk] if one.visitpart.status != PartStatus.NOT_DONE]
    needed = needs(known.away, own, visit.location_id)
    settled = visit.status not in TO_COME or call.answer in FINAL or not needed
    stands = is_held(held, known)
    return CallLine(
        call=call,
        visit=visit,
        was=in_short(visit, own, zone),
        say="" if settled or not stands else sentence(call, own, known),
        became=stands_now(visit, own, zone) if settled else "",
        kept_until=held.held_until if stands and not settled else None,
        may=frozenset(what_may_be_done(call, settled, stands, known)),
        stays=settled and not needed and stays_as_booked(call, known),
        guardians=known.guardians[visit.patient_id],
        minor=is_minor(visit.patient, walltime.local(known.now, zone).date()),
    )


def is_held(held, known):
    return (
        held is not None
        and held.status == Status.HELD
        and held.held_until > known.now
        and held.pk not in known.off
    )


def is_minor(patient, day):
    years = patient.age_on(day)
    return years is not None and years < ADULT_AT


def sentence(call, own, known):
    """The proposal as it is said into the phone, in the time of where it takes place."""
    visit, held, proposed = call.appointment, call.proposal, known.phases[call.proposal_id]
    names = names_of([*own, *proposed])
    if known.away.practitioner is None:
        why = closed_then(visit.location.name)
    else:
        why = somebody_is_away(names.practitioners[known.away.practitioner])
    return to_say(
        why=why,
        same_time=held.starts_at == visit.starts_at,
        proposal=(held, [as_placed(one) for one in proposed]),
        names=names,
        zone=held.location.tz,
        elsewhere=held.location.name if held.location_id != visit.location_id else "",
    )


def in_short(visit, phases, zone):
    """Tue Nov 24, 11:00 to 11:55 am · Room 2 · Mei."""
    where = sentences.who_and_where([as_placed(one) for one in phases], names_of(phases), zone)
    return " · ".join(part for part in (sentences.when(visit.starts_at, visit.ends_at, zone), where) if part)


def stands_now(visit, phases, zone):
    """The words for a settled visit: its time if it is to come, else what became of it."""
    if visit.status in TO_COME:
        return in_short(visit, phases, zone)
    return str(visit.get_status_display())


def stays_as_booked(call, known):
    """The absence or closure was cut short, and nobody moved the visit since it was put on the list."""
    if call.appointment.status not in TO_COME or call.answer in FINAL or known.cause.version == 1:
        return False
    listed_at = call.proposal.created_at if call.proposal else known.now
    return not any(
        change.verb == "move" and change.at >= listed_at for change in known.changes[call.appointment_id]
    )


def what_may_be_done(call, settled, stands, known):
    if not settled:
        yield from ("another_time", "cancelled")
        if call.answer in UNREACHED:
            yield "left_message"
            yield "agreed" if stands else "propose"
    changes, answered = known.changes[call.appointment_id], call.answered_at
    if not reasons_not_to_take_back(
        answered=call.answer != Answer.OPEN,
        newer=any(change.at > answered for change in changes) if answered else False,
        minutes_since=(known.now - answered).total_seconds() / 60 if answered else 0,
        undo_minutes=known.undo_minutes,
    ):
        yield "undo"
