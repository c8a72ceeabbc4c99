"""Find a patient while somebody is on the phone: one statement, whatever was typed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

from patients.models import Patient
from patients.rules.searching import words_to_find
from patients.rules.shown import age, birth_date_shown, in_full, on_list, phone_shown

# Typos are looked for only where fewer people than this are found as typed; of a number, a date or an e-mail
# address only where nobody is, since one of those names one person.
FEW = 5

COLUMNS = "id, given_name, family_name, preferred_name, pronouns, birth_date, phone, email, needs_step_free"
# Rank and sort first, then ask row by row who may be seen until there are enough: asking for everybody who was
# found took ten times as long. The lateral join keeps the order, and the outer ORDER BY says so.
SEARCH = """
WITH typed AS MATERIALIZED (
    SELECT {columns}, {rank} AS rank FROM patients_patient p WHERE merged_into_id IS NULL AND {typed}
), seen AS MATERIALIZED (
    SELECT found.* FROM (SELECT * FROM typed ORDER BY {order}) found CROSS JOIN LATERAL ({visible} LIMIT 1) may_see
    ORDER BY {order} LIMIT {limit}
), mistyped AS MATERIALIZED (
    SELECT {columns}, {mistyped_rank} AS rank FROM patients_patient p
    WHERE (SELECT COUNT(*) FROM seen) < {few} AND merged_into_id IS NULL AND {mistyped}
        AND NOT EXISTS (SELECT FROM seen WHERE seen.id = p.id)
), guessed AS (
    SELECT found.* FROM (SELECT * FROM mistyped ORDER BY {order}) found CROSS JOIN LATERAL ({visible} LIMIT 1) may_see
    ORDER BY {order} LIMIT {limit}
)
SELECT {columns} FROM (SELECT * FROM seen UNION ALL SELECT * FROM guessed) AS hits ORDER BY {order} LIMIT {limit}
"""
ORDER = "rank, family_name, given_name, id"
HAYSTACK = "(' ' || p.search_text || ' ')"
CLOSENESS = f"CASE WHEN {HAYSTACK} LIKE ANY(%s) THEN 0 WHEN {HAYSTACK} LIKE ANY(%s) THEN 1 ELSE 2 END"
MISTYPED_CLOSENESS = f"CASE WHEN {HAYSTACK} LIKE ANY(%s) THEN 3 ELSE 4 END"
TYPED = "p.search_text LIKE ANY(%s)"
# `near` goes through the index; adding an empty text keeps the many patterns with a typo from doing so too.
MISTYPED = "p.search_text LIKE ANY(%s) AND (p.search_text || '') LIKE ANY(%s)"
# Stands in the compiled rule for the time of asking.
SOME_TIME = datetime(1, 1, 1, tzinfo=UTC)
compiled = {}


@dataclass(frozen=True)
class PatientHit:
    id: UUID
    given_name: str
    family_name: str
    preferred_name: str
    pronouns: str
    birth_date: date | None
    phone_number: str
    email: str
    needs_step_free: bool

    @property
    def name(self):
        return on_list(self.given_name, self.family_name)

    @property
    def full_name(self):
        return in_full(self.given_name, self.family_name, self.preferred_name)

    @property
    def called(self):
        return self.preferred_name or self.given_name

    @property
    def phone(self):
        return phone_shown(self.phone_number)

    @property
    def born(self):
        return birth_date_shown(self.birth_date)

    def age_on(self, today):
        return age(self.birth_date, today)


def search(user, text, limit=20):
    """Patients this person may see, best first: whole words, starts of words, parts, one typo away."""
    words = words_to_find(text)
    if not words:
        return []
    try:
        sql, values = statement(user, words, limit)
    except EmptyResultSet:  # somebody who may see nobody
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [PatientHit(*row) for row in cursor.fetchall()]


def statement(user, words, limit):
    """The SQL and its values, in the order in which they stand in it."""
    visible, may_see = visible_row(user, timezone.now())
    few = FEW if any(word.is_name for word in words) else 1
    mistyped, mistyped_values = mistyped_once(words)
    sql = SEARCH.format(
        columns=COLUMNS,
        order=ORDER,
        rank=greatest(CLOSENESS, words),
        typed=" AND ".join([TYPED] * len(words)),
        mistyped_rank=greatest(MISTYPED_CLOSENESS, words),
        mistyped=mistyped,
        visible=visible,
        few=min(few, limit),
        limit=int(limit),
    )
    ranks = [list(patterns) for word in words for patterns in (word.whole, word.starts)]
    typed = [list(word.inside) for word in words]
    mistyped_ranks = [list(word.whole_or_mistyped) for word in words]
    return sql, [*ranks, *typed, *may_see, *mistyped_ranks, *mistyped_values, *may_see]


def greatest(expression, words):
    return "GREATEST(" + ", ".join([expression] * len(words)) + ")"


def mistyped_once(words):
    """A condition for one word with a typo and all others as typed, and its values."""
    cases, values = [], []
    for wrong in words:
        if wrong.typos:
            cases.append(" AND ".join(MISTYPED if word is wrong else TYPED for word in words))
            for word in words:
                values += [list(word.near), list(word.typos)] if word is wrong else [list(word.inside)]
    return "(" + " OR ".join(cases or ["FALSE"]) + ")", values


def visible_row(user, now):
    """SQL that gives a row if this person may see the patient `found`; the rule itself is `visible_to`.

    Compiling the rule took half of the time of a search, so each is compiled once for all that it reads.
    """
    key = (user.pk, user.roles, user.location_ids)
    if key not in compiled:
        if len(compiled) > 1000:
            compiled.clear()
        rows = Patient.objects.visible_to(user, at=SOME_TIME).order_by().values("pk")
        compiled[key] = rows.extra(where=["patients_patient.id = found.id"]).query.sql_with_params()
    sql, values = compiled[key]
    return sql, [now if value == SOME_TIME else value for value in values]
