"""What PostgreSQL keeps about notes, whoever asks: a signed note and everything that belongs to it stands still."""

import pgtrigger


def no_truncate(table):
    """Rows go one by one or not at all: emptying the table would take signed ones along."""
    return pgtrigger.Trigger(
        name=f"{table}_no_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'rows of % are never emptied', TG_TABLE_NAME;",
    )


def stands_still_when_signed():
    """Triggers of the note itself."""
    return [
        pgtrigger.Protect(
            name="note_stands_still",
            operation=pgtrigger.Update | pgtrigger.Delete,
            condition=pgtrigger.Q(old__signed_at__isnull=False),
        ),
        no_truncate("note"),
    ]


def only_in_a_draft(table, operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete):
    """Triggers of what belongs to a note: nothing is added, changed or removed once the note is signed.

    The note's row is locked first, so that a signing under way is waited for; the second statement then sees
    whether it was signed.
    """
    return pgtrigger.Trigger(
        name=f"{table}_in_a_draft",
        operation=operation,
        when=pgtrigger.Before,
        func=(
            "PERFORM 1 FROM treatment_note WHERE id IN (OLD.note_id, NEW.note_id) FOR SHARE; "
            "IF EXISTS (SELECT 1 FROM treatment_note WHERE id IN (OLD.note_id, NEW.note_id) "
            "AND signed_at IS NOT NULL) THEN "
            "RAISE EXCEPTION 'this note is signed' USING ERRCODE = 'check_violation'; "
            "END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
        ),
    )


def belongs_to_a_draft(table):
    return [only_in_a_draft(table), no_truncate(table)]
