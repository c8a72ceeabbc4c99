"""The point search as somebody types, beside one statement written by hand for just that text.

The plain statement has the same patterns, order and rows in force; it looks for names a letter away only where
this text needs it, and leaves sorting and the limit to PostgreSQL.
"""

import json

from acupoints.queries import ALIKE, HIT, search
from acupoints.rules.searching import MERIDIANS, asked, looked_inside
from scripts.measuring.clock import Work

STATEMENTS = 1
LIMITS = (4, 40)
TYPED = ["st36", "zú sān lǐ", "三里", "bl", "chest", "gate", "zusanlli"]
COLUMNS = ", ".join(HIT[:7])
IN_FORCE = """NOT p.hidden AND (p.origin = 'clinic' AND NOT p.withdrawn OR p.origin = 'shipped' AND NOT EXISTS (
  SELECT FROM acupoints_acupoint own WHERE own.key = p.key AND own.origin = 'clinic' AND NOT own.withdrawn))"""
PLACE = """array_position(%(meridians)s, p.meridian::text), coalesce(p.seq, 999),
  p.key NOT LIKE p.meridian || '%%', p.key"""
AS_TYPED = f"""
SELECT {COLUMNS}, CASE WHEN p.search_text LIKE ANY(%(whole)s) THEN 0 WHEN p.search_text LIKE ANY(%(names)s) THEN 1
  WHEN {{starts}} THEN 2 ELSE 3 END AS rank, 0.0::float8 AS alike
FROM acupoints_acupoint p WHERE (p.search_text LIKE ANY(%(names)s) OR {{inside}}) AND {IN_FORCE}
ORDER BY rank, {PLACE} LIMIT %(limit)s
"""
GUESSED = f"""
SELECT * FROM (
  SELECT {COLUMNS}, 4, strict_word_similarity(%(name)s, p.search_text) AS alike
  FROM acupoints_acupoint p WHERE {IN_FORCE}
) p WHERE alike >= {ALIKE} ORDER BY alike DESC, {PLACE} LIMIT %(limit)s
"""


def works(_now):
    return [work(text, limit) for text in TYPED for limit in LIMITS]


def work(text, limit):
    return Work(
        name=f"points: {text}, at most {limit}",
        product=lambda: search(text, limit),
        plain=plain(text, limit),
        size=lambda hits: len(json.dumps(hits).encode()),
        agree=lambda hits, rows: [tuple(hit) for hit in hits] == [row[: len(HIT)] for row in rows],
        statements=STATEMENTS,
        sizes_of=f"points: {text}",
    )


def plain(text, limit):
    ask = asked(text)
    values = {
        "limit": limit,
        "meridians": list(MERIDIANS),
        "name": ask.names[-1],
        "names": [f"%={name}%" for name in ask.names],
        "whole": [f"%={name} %" for name in ask.names],
    }
    for number, word in enumerate(ask.words):
        values[f"starts{number}"] = [f"%={word}%", f"% {word}%"]
        around = [f"%{word}%"] if looked_inside(word) else [*values[f"starts{number}"], f"%~{word}%"]
        values[f"inside{number}"] = around
    statement = AS_TYPED.format(starts=each("starts", ask.words), inside=each("inside", ask.words))
    if not search(text, 1) or search(text, 1)[0].rank == 4:
        statement = GUESSED

    def fetch(cursor):
        cursor.execute(statement, values)
        return cursor.fetchall()

    return fetch


def each(patterns, words):
    return "(" + " AND ".join(f"p.search_text LIKE ANY(%({patterns}{n})s)" for n in range(len(words))) + ")"
