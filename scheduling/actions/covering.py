"""Booking beyond what an insurer approved: refused without a reason, and the patient is told first."""

from collections import defaultdict

from clinic.refusal import Refused
from packages.queries.balances import would_draw
from packages.rules.ledger import PartState
from scheduling.models import Status, VisitPart
from scheduling.rules.covering import all_beyond, beyond_in_words, reasons_not_to_book_beyond
from services.models import Price


def refuse_beyond(planned, settled):
    """Raise Refused for a visit that an approval does not reach, unless a reason came with it.

    `planned`: [(appointment, Wanted, …)] that are written and settled. Returns {visit id: [VisitPart]} of the parts
    that nothing covers. No statement where everything is covered or nobody has an approval, else one; for each hold,
    which draws on nothing yet, three.
    """
    found, rows = {}, beyond_parts(settled)
    for appointment, one, *_rest in planned:
        if appointment.status == Status.HELD:
            found[appointment.pk], said = foreseen(appointment)
        else:
            found[appointment.pk] = rows.get(appointment.pk, [])
            said = said_of(appointment, found[appointment.pk], settled)
        reason = one.beyond_reason or ("walk-in" if one.walk_in else "")
        if reasons := reasons_not_to_book_beyond(said, reason):
            raise Refused(reasons)
    return {pk: parts for pk, parts in found.items() if parts}


def beyond_parts(settled):
    """{visit id: [VisitPart]} of the parts that were settled and that an approval does not reach."""
    found = defaultdict(list)
    if settled.beyond:
        rows = VisitPart.objects.filter(pk__in=settled.beyond).select_related("kind_of_care")
        for part in rows.order_by("appointment", "position"):
            found[part.appointment_id].append(part)
    return found


def said_of(visit, parts, settled):
    said = [beyond_in_words(settled.beyond[part.pk], visit.wall_date, visit.patient.called) for part in parts]
    return list(dict.fromkeys(said))


def uncovered(visit, settled):
    """[(kind of care, price or None)] of what an approval does not reach of a visit that was just settled."""
    return prices_of(visit, beyond_parts(settled).get(visit.pk, []))


def foreseen(visit):
    """(parts, sentences) of a held visit, as if it were booked."""
    rows = list(visit.parts.select_related("kind_of_care").order_by("position"))
    states = [PartState(part.pk, part.kind_of_care_id, part.discipline_id, visit.wall_date) for part in rows]
    (use,) = would_draw([(visit.patient, states)])
    out = {part.visitpart for part, _source in use.beyond}
    return [part for part in rows if part.pk in out], all_beyond(use, visit.patient.called)


def prices_of(visit, parts):
    """[(kind of care, price or None)] of parts of a visit at its location. One statement, none for no parts."""
    if not parts:
        return []
    rows = Price.objects.filter(part__service=visit.service_id, location=visit.location_id)
    known = dict(rows.values_list("part__position", "amount"))
    return [
        (part.kind_of_care.name if part.kind_of_care else part.name, known.get(part.position))
        for part in parts
    ]
