"""A proposed or booked course as pages show it: sentences, a small calendar, who pays."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic import walltime
from packages.rules.agreement import money
from plans.models import PlanVisit
from plans.queries.course import draws, names_of, progress_of
from practitioners.models import Practitioner
from scheduling.models import OCCUPIES_PATIENT, VisitPhase
from scheduling.queries.asked import names_at
from scheduling.queries.prices import prices_at
from scheduling.rules import sentences
from scheduling.rules.covering import all_beyond, uses_in_words
from services.models import Discipline

A_DAY = timedelta(days=1)


def treating(plan):
    """[(discipline, [(practitioner id, name)])] of the plan's visits, in the order in which they treat."""
    wanted = Discipline.objects.filter(
        pk__in=plan.phases.filter(closed=False).values("service__parts__discipline")
    ).order_by("pk")
    rows = (
        Practitioner.objects.filter(
            active=True, working_hours__location=plan.location_id, disciplines__in=wanted
        )
        .order_by("name", "pk")
        .values_list("disciplines", "pk", "name", "credentials")
        .distinct()
    )
    people = {}
    for discipline, pk, name, credentials in rows:
        people.setdefault(discipline, []).append((pk, f"{name}, {credentials}" if credentials else name))
    return [(one, people.get(one.pk, [])) for one in wanted]


@dataclass(frozen=True, slots=True)
class Line:
    """One visit of the proposal. `others`: other times for it, where they were asked for; `open` says so.

    `beyond`: that an insurer's approval does not reach, and what it costs.
    """

    number: int
    service: str
    offer: object
    day: str
    hours: str
    who: str
    paid: str
    beyond: str
    pinned: bool
    carried: str
    open: bool = False
    others: list = field(default_factory=list)


def lines(proposal, pinned, *, swapped=None, others=()):
    given = proposal.given
    names, zone = names_of(given), given.zone
    drawn, use = draws(proposal)
    costs = costs_beyond(proposal, use)
    service_of = {one.number: given.services[one.service].name for one in given.visits}
    return [
        Line(
            number=number,
            service=service_of[number],
            offer=offer,
            day=sentences.day(offer.starts_at, zone),
            hours=sentences.hours(offer.starts_at, offer.ends_at, zone),
            who=sentences.people(offer.phases, names),
            paid=paid_by(drawn.get(number, [])),
            beyond=costs.get(number, ""),
            pinned=number in pinned,
            carried=carrying(offer),
            open=number == swapped,
            others=[(instead(one, offer, names, zone), carrying(one)) for one in others]
            if number == swapped
            else [],
        )
        for number, offer in proposal.offers.items()
    ]


def costs_beyond(proposal, use):
    """{number: words} of visits that an approval does not reach, with their price. At most one statement."""
    if not use.beyond:
        return {}
    given = proposal.given
    service_of = {one.number: one.service for one in given.visits}
    prices, amounts = prices_at(given.services, given.plan.location_id), {}
    for part, _source in use.beyond:
        number, index = part.visitpart
        position = list(given.services[service_of[number]].parts.all())[index].position
        amounts.setdefault(number, []).append(prices[service_of[number]].get(position))
    return {number: beyond_in_words(of_visit) for number, of_visit in amounts.items()}


def beyond_in_words(amounts):
    if None in amounts:
        return _("not covered, no price set")
    return _("not covered: %(price)s") % {"price": money(sum(amounts))}


def carrying(offer):
    """How a form carries an Offer: "2026-12-01T14:00Z;1,2;3,4"."""
    return f"{offer.starts_at:%Y-%m-%dT%H:%MZ};{offer.choice}"


def instead(other, offer, names, zone):
    """Fri Nov 27, 9:30 am; and who treats, where that is somebody else."""
    when = sentences.day_and_clock(other.starts_at, zone)
    who = sentences.people(other.phases, names)
    return when if who == sentences.people(offer.phases, names) else f"{when} · {who}"


def paid_by(drawn):
    """“Neck 8” or insurance; nothing where each part is paid on its own."""
    names = dict.fromkeys(source_name(source) for _kind, source in drawn if source)
    return " + ".join(names)


def source_name(source):
    return _("insurance") if source.type == "authorization" else source.name


def summary(proposal):
    """What the course uses, in the words of the booking panel, and what an insurer's approval does not reach."""
    _drawn, use = draws(proposal)
    return {"uses": uses_in_words(use), "beyond": all_beyond(use, proposal.given.plan.patient.called)}


def relaxed(proposal):
    """What would help, as (sentence, value of its button), or None."""
    one, given = proposal.relaxed, proposal.given
    if one is None:
        return None
    day = one.detail
    words, value = {
        "hours": lambda: (allow_hours(*day), f"{day[0]}-{day[1]}"),
        "people": lambda: (_("Let anyone treat who may"), str(day)),
        "spacing": lambda: (_("Let visits be a day closer together or further apart"), "1"),
        "end": lambda: (
            _("Let the course last until %(day)s") % {"day": short(given.horizon.date(day))},
            given.horizon.date(day).isoformat(),
        ),
        "week": lambda: (
            _("Come in the week of %(day)s") % {"day": short(given.horizon.date(day))},
            given.horizon.date(day).isoformat(),
        ),
        "paid": lambda: (_("Pay visits that the package does not reach on their own"), "1"),
    }[one.what]()
    sentence = _("%(what)s: %(fits)s of %(asked)s") % {
        "what": words,
        "fits": one.fits,
        "asked": proposal.course.asked,
    }
    return sentence, f"{one.what}:{value}"


def allow_hours(weekday, time):
    parts = [_("Allow %(day)s mornings"), _("Allow %(day)s afternoons"), _("Allow %(day)s evenings")]
    return parts[time] % {"day": WEEKDAYS[weekday]}


def short(day):
    return date_format(day, "M j")


def calendar(proposal):
    """Weeks from the first visit's to the last one's: [(month or "", [{day, visit number, time}])]."""
    zone = proposal.given.zone
    at = {}
    for number, offer in proposal.offers.items():
        local = walltime.local(offer.starts_at, zone)
        at[local.date()] = (number, sentences.clock(offer.starts_at, zone))
    if not at:
        return []
    day = min(at) - min(at).weekday() * A_DAY
    weeks, month = [], None
    while day <= max(at):
        days = [day + n * A_DAY for n in range(7)]
        label = date_format(days[-1], "M") if days[-1].month != month else ""
        month = days[-1].month
        weeks.append((label, [{"day": one, "visit": at.get(one)} for one in days]))
        day += 7 * A_DAY
    return weeks


def schedule_of(plan, today):
    """[{number, day, hours, who, service}] of the visits booked as a course, by time. Sixteen statements."""
    rows = list(
        PlanVisit.objects.filter(plan=plan, appointment__status__in=OCCUPIES_PATIENT)
        .select_related("appointment__service")
        .order_by("appointment__starts_at")
    )
    phases = {}
    for phase in VisitPhase.objects.filter(
        visitpart__appointment__in=[row.appointment_id for row in rows]
    ).select_related("visitpart"):
        phases.setdefault(phase.visitpart.appointment_id, []).append(phase)
    names, zone = names_at(plan.location), plan.location.tz
    numbers = {one.appointment: one.number for one in progress_of(plan, today).visits if one.appointment}
    return [
        {
            "number": numbers.get(row.appointment_id, ""),
            "day": date_format(walltime.local(row.appointment.starts_at, zone), "l, F j"),
            "hours": sentences.hours(row.appointment.starts_at, row.appointment.ends_at, zone),
            "who": treated_by(phases.get(row.appointment_id, []), names),
            "service": row.appointment.service.name,
            "pk": row.appointment_id,
        }
        for row in rows
    ]


def treated_by(phases, names):
    ids = dict.fromkeys(
        one.practitioner_id for one in sorted(phases, key=lambda one: one.starts_at) if one.practitioner_id
    )
    return sentences.then([names.practitioners[pk] for pk in ids])
