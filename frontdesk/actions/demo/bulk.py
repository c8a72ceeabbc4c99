"""Many rows for empty tables: references are checked and indexes made once, for all rows together."""

from contextlib import contextmanager

from django.db import connection

CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u') ORDER BY 1, 2
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT (indisprimary OR indisexclusion) ORDER BY 1
"""


@contextmanager
def bare(tables):
    """Inside, the tables have no references and no indexes but those of primary keys and exclusion constraints.

    Afterwards they have all they had before. The exclusion constraints stay: what they hold is few of the rows.
    For their owner, in a transaction with SET CONSTRAINTS ALL IMMEDIATE: nothing may be left to be checked.
    """
    with connection.cursor() as cursor:
        constraints = rows_of(cursor, CONSTRAINTS, tables)
        for table, name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        indexes = rows_of(cursor, INDEXES, tables)
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def rows_of(cursor, statement, tables):
    cursor.execute(statement, [list(tables)])
    return cursor.fetchall()
