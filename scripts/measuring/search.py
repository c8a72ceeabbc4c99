"""Patient search as somebody types, beside one statement written by hand for just that text.

The plain statement has the same patterns, the same order and the same rule of who may be seen, and looks for
typos only where this text needs them: whoever wrote it knew the answer, the product does not.
"""

import json

from django.db import connection

from patients.models import Patient
from patients.queries import search
from patients.queries.searching import FEW
from patients.rules.searching import digits_in, words_to_find
from scripts.measuring.calendar import reader
from scripts.measuring.clock import Work

AIM, MUST, STATEMENTS = 3, 3, 1
LIMIT = 20
AS_TYPED = "p.search_text LIKE ANY(%(inside{n})s)"
MISTYPED = "p.search_text LIKE ANY(%(near{n})s) AND (p.search_text || '') LIKE ANY(%(typos{n})s)"
RANK = """CASE WHEN (' ' || p.search_text || ' ') LIKE ANY(%(whole{n})s) THEN 0
  WHEN (' ' || p.search_text || ' ') LIKE ANY(%(starts{n})s) THEN 1 ELSE 2 END"""
MISTYPED_RANK = "CASE WHEN (' ' || p.search_text || ' ') LIKE ANY(%(mistyped{n})s) THEN 3 ELSE 4 END"
# Sorted first and seen last: who may be seen is asked row by row of the first 20, not of everybody found.
PLAIN = """
SELECT id, given_name, family_name, preferred_name, pronouns, birth_date, phone, email, needs_step_free FROM (
  SELECT p.* FROM patients_patient p WHERE merged_into_id IS NULL AND ({found})
  ORDER BY {rank}, family_name, given_name, p.id OFFSET 0
) p CROSS JOIN LATERAL (
  SELECT FROM patients_patientlocation l WHERE l.patient_id = p.id AND l.location_id = ANY(%(locations)s)
  UNION ALL SELECT FROM patients_careteam t WHERE t.patient_id = p.id AND t.user_id = %(user)s
    AND t.since <= %(now)s AND (t.until IS NULL OR t.until > %(now)s)
  LIMIT 1
) may_see LIMIT {limit}
"""


def works(now):
    user = reader("front_desk")
    return [work(user, now, what, text) for what, text in typical()]


def typical():
    """[(what it is, what is typed)], all of one patient of the demo, whoever comes first."""
    rows = Patient.objects.filter(
        family_name__regex="^[A-Z][a-z]{5,7}$", given_name__regex="^[A-Z][a-z]{4,6}$"
    )
    one = rows.exclude(email="").order_by("id").first()
    given, family = one.given_name.lower(), one.family_name.lower()
    return [
        ("three letters", family[:3]),
        ("last name", family),
        ("first name", given),
        ("first name, start of the last", f"{given} {family[:3]}"),
        ("last name, two letters swapped", family[:2] + family[3] + family[2] + family[4:]),
        ("nobody's name", "wqzyxk"),
        ("last four digits", digits_in(str(one.phone))[-4:]),
        ("birth date", f"{one.birth_date.month}/{one.birth_date.day}/{one.birth_date.year}"),
        ("e-mail", one.email.partition(".")[0]),
    ]


def work(user, now, what, text):
    return Work(
        name=f"search: {what}",
        product=lambda: search(user, text, LIMIT),
        plain=plain(user, now, words_to_find(text)),
        size=lambda hits: len(json.dumps([[hit.full_name, hit.phone, hit.email] for hit in hits]).encode()),
        agree=lambda hits, rows: [str(hit.id) for hit in hits] == [str(row[0]) for row in rows],
        must=MUST,
        aim=AIM,
        statements=STATEMENTS,
    )


def plain(user, now, words):
    values = {"locations": sorted(user.location_ids), "user": user.pk, "now": now}
    for number, word in enumerate(words):
        for name in ("inside", "starts", "whole", "near", "typos"):
            values[f"{name}{number}"] = list(getattr(word, name))
        values[f"mistyped{number}"] = list(word.whole_or_mistyped)
    sql = as_typed(words)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if len(cursor.fetchall()) < (FEW if any(word.is_name for word in words) else 1):
            sql = with_typos(words)

    def fetch(cursor):
        cursor.execute(sql, values)
        return cursor.fetchall()

    return fetch


def as_typed(words):
    return statement(found=each(AS_TYPED, words), rank=greatest(RANK, words))


def with_typos(words):
    """All words as typed, or each of them in turn with one typo; these come after those."""
    typed = each(AS_TYPED, words)
    ways = [f"({typed})"]
    for wrong, word in enumerate(words):
        if word.typos:
            forms = [MISTYPED if number == wrong else AS_TYPED for number in range(len(words))]
            ways.append("(" + " AND ".join(form.format(n=n) for n, form in enumerate(forms)) + ")")
    rank = f"CASE WHEN {typed} THEN {greatest(RANK, words)} ELSE {greatest(MISTYPED_RANK, words)} END"
    return statement(found=" OR ".join(ways), rank=rank)


def statement(*, found, rank):
    return PLAIN.format(found=found, rank=rank, limit=LIMIT)


def each(form, words):
    return " AND ".join(form.format(n=number) for number in range(len(words)))


def greatest(form, words):
    return "GREATEST(" + ", ".join(form.format(n=number) for number in range(len(words))) + ")"
