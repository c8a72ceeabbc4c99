"""Guards that PostgreSQL keeps, whoever writes: append-only rows and rising versions."""

import pgtrigger
from django.db import models


def append_only(table):
    """Triggers under which rows of `table` can be added and never changed, removed or truncated."""
    return [
        pgtrigger.Protect(name=f"{table}_keeps_rows", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"{table}_no_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func="RAISE EXCEPTION 'rows of % are kept for ever', TG_TABLE_NAME;",
        ),
    ]


def version_must_rise(table):
    """A trigger that refuses an update which does not raise `version`: nobody overwrites unseen work."""
    return pgtrigger.Trigger(
        name=f"{table}_version_rises",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        func=(
            "IF NEW.version <= OLD.version THEN "
            "RAISE EXCEPTION 'version of % must rise', TG_TABLE_NAME USING ERRCODE = 'check_violation'; "
            "END IF; RETURN NEW;"
        ),
    )


class Versioned(models.Model):
    """A row that a form edits. Saving raises `version`; bulk updates must set F("version") + 1."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        super().save(*args, **kwargs)
