"""Questions over many patients: a lot, rates of reactions, needles not accounted for, rules gone against."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q

from patients.models import Patient
from scheduling.models import Appointment, Status
from treatment.models import Addendum, AgainstRule, NeedleSet, Note, Reaction, ReactionKind
from treatment.models.notes import errors
from treatment.queries.notes import with_people
from treatment.rules.rates import per_thousand


def patients_of_lot(lot, user):
    """Standing notes with a needle of this lot, newest first: of every patient whom this person finds, since a
    recall must reach them all. Nothing of what the notes say may be shown beside them. One statement."""
    sets = NeedleSet.objects.filter(lot=lot.strip().upper(), note=OuterRef("pk"))
    rows = Note.objects.found_by(user).standing().filter(Exists(sets))
    return list(with_people(rows).order_by("-opened_at", "pk"))


@dataclass(frozen=True, slots=True)
class Rate:
    """`reactions` of this kind or lot, in `visits`; per 1,000 with one decimal, None without a visit."""

    key: str
    name: str
    reactions: int
    visits: int

    @property
    def per_thousand(self) -> Decimal | None:
        return per_thousand(self.reactions, self.visits)


@dataclass(frozen=True, slots=True)
class Rates:
    visits: int
    kinds: list[Rate]
    lots: list[Rate]


def reaction_rates(since, until):
    """Reactions recorded from `since` to before `until`, by kind and by needle lot. Five statements.

    Kinds are counted per completed visit of that time, lots per note that used the lot; a reaction after
    needles of two lots counts for both.
    """
    visits = Appointment.objects.filter(
        status=Status.COMPLETED, starts_at__gte=since, starts_at__lt=until
    ).count()
    reactions = Reaction.objects.filter(at__gte=since, at__lt=until).filter(
        Q(note=None) | ~Exists(Addendum.objects.filter(note=OuterRef("note"), kind="entered_in_error"))
    )
    by_kind = dict(reactions.values_list("kind").annotate(Count("pk")).order_by("kind"))
    names = dict(ReactionKind.objects.effective().values_list("key", "event"))
    kinds = [Rate(key, names.get(key, key), count, visits) for key, count in by_kind.items()]
    lots = lot_rates(reactions, since, until)
    return Rates(visits, sorted(kinds, key=lambda rate: (-rate.reactions, rate.name)), lots)


def lot_rates(reactions, since, until):
    notes = Note.objects.standing().filter(opened_at__gte=since, opened_at__lt=until)
    used = dict(
        NeedleSet.objects.exclude(lot="")
        .filter(note__in=notes)
        .values_list("lot")
        .annotate(Count("note", distinct=True))
        .order_by("lot")
    )
    pairs = NeedleSet.objects.exclude(lot="").filter(note__in=reactions.values("note"))
    of_note = reactions.exclude(note=None).values("note").annotate(many=Count("pk"))
    many = Counter({row["note"]: row["many"] for row in of_note})
    counted = Counter()
    for lot, note in set(pairs.values_list("lot", "note")):
        counted[lot] += many[note]
    found = [Rate(lot, lot, counted[lot], used.get(lot, 0)) for lot in sorted({*used, *counted})]
    return sorted(found, key=lambda rate: (-rate.reactions, rate.key))


def needles_unaccounted(location):
    """Notes at the location with needles in and not counted out, oldest first. One statement.

    They stay until the count balances or somebody writes where the needles were.
    """
    return list(unaccounted_at(location))


def needles_to_find(location, user):
    """The same notes, each with whether its chart is open to this person. One statement."""
    return list(unaccounted_at(location).with_chart(user))


def unaccounted_at(location):
    resolved = Addendum.objects.filter(note=OuterRef("pk"), kind=Addendum.Kind.NEEDLE_RESOLUTION)
    rows = Note.objects.filter(location=location, needles_missing__gt=0)
    rows = rows.filter(~Exists(errors()) & ~Exists(resolved))
    return with_people(rows).order_by("opened_at", "pk")


def against_rules(since, user):
    """The owner's list: what was chosen or done against a rule since then, newest first. One statement.

    Each with `chart_read`: whether this person reads the chart that the words belong to.
    """
    opened = Patient.objects.charts_read_by(user).filter(pk=OuterRef("note__patient"))
    rows = AgainstRule.objects.filter(at__gte=since).annotate(chart_read=Exists(opened))
    rows = rows.exclude(Exists(Addendum.objects.filter(note=OuterRef("note"), kind="entered_in_error")))
    return list(rows.select_related("note__patient", "note__discipline", "by__profile").order_by("-at", "pk"))
