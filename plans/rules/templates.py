"""A plan template as its page edits it: from the row to what is typed and back, and what speaks against it. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_VISITS = 60
LATEST_DAY = 730
# Groups of suggested points that are lists of codes; the others are kept as they are.
POINTS = ("local", "distal", "calming")


class Check(NamedTuple):
    """When scores are asked for: around which day from the first treatment, give or take `window` days."""

    at: str
    day: int
    window: int


@dataclass(frozen=True)
class Wish:
    """A template as somebody wants it. `later`: (visits, days apart) of the maintenance, or None."""

    name: str
    region: str
    days: tuple[int, ...]
    least: int
    most: int
    minutes: int
    later: tuple[int, int] | None
    points: dict[str, tuple[str, ...]]
    measures: tuple[str, ...]
    checks: tuple[Check, ...]
    dose_source: tuple[str, ...]
    dose_note: str
    note: str
    hidden: bool


def wish_of(row):
    """The row as it stands."""
    later = row.maintenance or {}
    return Wish(
        name=row.name,
        region=row.region,
        days=tuple(visit["day"] for visit in row.visits),
        least=row.visits_min,
        most=row.visits_max,
        minutes=row.minutes_per_visit,
        later=(len(later["visits"]), later["spacing_days"]) if later else None,
        points={group: tuple(row.point_suggestions.get(group, ())) for group in POINTS},
        measures=tuple(row.measures),
        checks=tuple(Check(one["at"], one["day"], one["window_days"]) for one in row.outcome_schedule),
        dose_source=tuple(row.dose_source),
        dose_note=row.dose_note,
        note=row.note,
        hidden=row.hidden,
    )


def reasons_not_to_save(wish, ours, known_points):
    """`ours` is the template as it ships; `known_points` the codes of the catalog."""
    reasons = [] if wish.name.strip() else [_("Give the template a name.")]
    reasons += reasons_about_days(wish)
    if not 1 <= wish.least <= len(wish.days) <= wish.most <= MOST_VISITS:
        reasons.append(
            ngettext(
                "%(n)s visit is planned. “At least” is not more than that, “at most” not fewer.",
                "%(n)s visits are planned. “At least” is not more than that, “at most” not fewer.",
                len(wish.days),
            )
            % {"n": len(wish.days)}
        )
    if wish.dose_source and (wish.least < ours.visits_min or wish.most > ours.visits_max):
        reasons.append(
            _("The source speaks of %(least)s to %(most)s visits. Keep to them, or take the source off.")
            % {"least": ours.visits_min, "most": ours.visits_max}
        )
    unknown = [code for codes in wish.points.values() for code in codes if code not in known_points]
    if unknown:
        reasons.append(
            _("%(codes)s: not in the catalog of points. Correct the code, or leave it out.")
            % {"codes": ", ".join(unknown)}
        )
    return reasons


def reasons_about_days(wish):
    days = wish.days
    if not days or days[0] != 0:
        return [_("The first visit is on day 0. Begin with 0.")]
    if list(days) != sorted(set(days)) or days[-1] > LATEST_DAY:
        return [
            _("Each visit is on a later day than the one before, up to day %(day)s.") % {"day": LATEST_DAY}
        ]
    return []


def values_of(wish, row):
    """{column: value}. What the page does not show stays as it is in the row."""
    same = wish.days == wish_of(row).days
    return {
        "name": wish.name.strip(),
        "region": wish.region,
        "visits": row.visits if same else numbered(wish.days, 1),
        "visits_planned": len(wish.days),
        "visits_min": wish.least,
        "visits_max": wish.most,
        "duration_weeks": row.duration_weeks if same else wish.days[-1] // 7 + 1,
        "minutes_per_visit": wish.minutes,
        "maintenance": maintenance(wish, row, same),
        "point_suggestions": {
            **{group: codes for group, codes in row.point_suggestions.items() if group not in POINTS},
            **{
                group: list(codes)
                for group, codes in wish.points.items()
                if codes or group in row.point_suggestions
            },
        },
        "measures": row.measures if set(wish.measures) == set(row.measures) else list(wish.measures),
        "outcome_schedule": [
            {"at": one.at, "day": one.day, "window_days": one.window} for one in wish.checks
        ],
        "dose_source": list(wish.dose_source),
        "dose_note": wish.dose_note.strip(),
        "note": wish.note.strip(),
        "hidden": wish.hidden,
    }


def numbered(days, first):
    return [
        {"visit": number, "day": day, "week": day // 7 + 1} for number, day in enumerate(days, start=first)
    ]


def maintenance(wish, row, same_days):
    """The visits that may follow, one after another; as they stand where nothing about them was changed."""
    if wish.later is None:
        return None
    if same_days and wish.later == wish_of(row).later:
        return row.maintenance
    visits, every = wish.later
    days = [wish.days[-1] + every * number for number in range(1, visits + 1)]
    return {
        **(row.maintenance or {"optional": True}),
        "start_day": days[0],
        "end_day": days[-1],
        "visits_min": min(visits, (row.maintenance or {}).get("visits_min", visits)),
        "visits_max": visits,
        "spacing_days": every,
        "visits": numbered(days, len(wish.days) + 1),
    }


def changed(before, after):
    """({column: value} before, {column: value} after) of what differs; lists are compared as they are."""
    names = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}
