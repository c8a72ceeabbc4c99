"""Who may treat what at a location, and on which days: licenses read in one statement."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

DateSpan = tuple[date, date]  # first day, and the first day on which it no longer holds
FOREVER = (date.min, date.max)

STATEMENT = """
SELECT p.id, p.name, p.credentials, p.gender, d.id, d.license_needed,
       l.issued_on, l.expires_on, c.may_remove_needles
FROM practitioners_practitioner p
JOIN practitioners_practitioner_disciplines pd ON pd.practitioner_id = p.id
JOIN services_discipline d ON d.id = pd.discipline_id
LEFT JOIN (practitioners_license l JOIN practitioners_coverage c
           ON c.license_kind_id = l.kind_id AND c.state = l.state)
  ON l.practitioner_id = p.id AND l.state = %s AND c.discipline_id = d.id
WHERE p.active
ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    credentials: str
    gender: str

    @property
    def full(self):
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@dataclass(slots=True)
class Cover:
    """treats: {discipline id: {practitioner id: days}}; removes: {practitioner id: days}."""

    people: dict[int, Person] = field(default_factory=dict)
    treats: dict[int, dict[int, list[DateSpan]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    removes: dict[int, list[DateSpan]] = field(default_factory=lambda: defaultdict(list))

    def disciplines_of(self, practitioner_id):
        return sum(practitioner_id in able for able in self.treats.values())


def cover(location):
    """Active practitioners with what they may do in the location's state. One statement."""
    found = Cover()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [location.state])
        rows = cursor.fetchall()
    for pid, name, credentials, gender, discipline, needs_license, issued, expires, removes in rows:
        found.people[pid] = Person(pid, name, credentials, gender)
        if issued is not None:
            found.treats[discipline][pid].append((issued, expires))
            if removes:
                found.removes[pid].append((issued, expires))
        elif not needs_license:
            found.treats[discipline][pid].append(FOREVER)
    return found
