"""How far visits have come: parts with phases and facts, as plain values. Two statements for any number of visits."""

from collections import defaultdict

from scheduling.models import ActualTime, VisitPhase
from scheduling.rules.steps import Fact, Part, Phase, Progress, effective

PHASE = (
    "visitpart__appointment",
    "visitpart",
    "visitpart__position",
    "visitpart__name",
    "visitpart__discipline__key",
    "visitpart__status",
    "visitpart__reason",
    "id",
    "position",
    "kind",
    "starts_at",
    "ends_at",
    "patient_present",
    "practitioner",
    "room",
    "practitioner__name",
)
FACT = ("appointment", "id", "what", "at", "visitphase", "room", "minutes", "withdrawn")


def progress_of(visit):
    """The progress of one visit."""
    return progress_of_all({visit.pk: visit.status})[visit.pk]


def progress_of_all(statuses):
    """{visit id: Progress}, from {visit id: status}."""
    parts, facts = parts_of(list(statuses)), facts_of(list(statuses))
    return {
        pk: Progress(status, tuple(parts.get(pk, ())), effective(facts.get(pk, ())))
        for pk, status in statuses.items()
    }


def parts_of(ids):
    rows = VisitPhase.objects.filter(visitpart__appointment__in=ids).order_by("position").values_list(*PHASE)
    named, phases = {}, defaultdict(list)
    for visit, part, position, name, discipline, status, reason, *phase in rows:
        named.setdefault((visit, part), (position, name, discipline, status, reason))
        phases[part].append(Phase(*phase[:-1], phase[-1] or ""))
    found = defaultdict(list)
    for (visit, part), (position, name, discipline, status, reason) in named.items():
        found[visit].append(Part(part, position, name, discipline, status, tuple(phases[part]), reason))
    for parts in found.values():
        parts.sort(key=lambda part: part.position)
    return found


def facts_of(ids):
    """In the order in which they were entered; what takes back comes after what it takes back."""
    rows = ActualTime.objects.filter(appointment__in=ids).order_by("entered_at", "withdrawn", "at")
    found = defaultdict(list)
    for visit, *fact in rows.values_list(*FACT):
        found[visit].append(Fact(*fact))
    return found
