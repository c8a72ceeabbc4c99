"""Days between two visits. Days on which the patient is away do not count against the longest distance."""


def furthest(day: int, most: int, away) -> int:
    """The earliest day the visit before may have: `most` days back, and one more for each day away between."""
    before, gap = day - 1, 1
    while gap + (before not in away) <= most:
        gap += before not in away
        before -= 1
    return before


def off(before: int, day: int, ideal: int, away) -> int:
    """How many days two visits are off their ideal distance, whether or not the days away between them count."""
    gap = day - before
    counted = gap - sum(before < one < day for one in away) if away else gap
    return max(0, counted - ideal, ideal - gap)
