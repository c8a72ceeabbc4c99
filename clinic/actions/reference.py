"""Loading of the data the product ships with: again and again, without touching what the clinic wrote.

An app names its data sets (`DATASETS` in its actions); `load` makes our rows equal to one file. A row that is
no longer in the file is hidden, never removed: notes name it by its key.
"""

import csv
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Origin, ReferenceLoad
from clinic.pages import lock_version
from clinic.refusal import Refused

# Columns that a file never has: whose row it is, and what became of it.
OURS = {"id", "version", "origin", "withdrawn", "shipped_sha256", "hidden"}
LOAD_LOCK = 7_402_119_003  # One loading at a time; a single bigint, as all of the product's locks.
TRUTH = {"true": True, "false": False}


class Dataset(NamedTuple):
    """One file and its table. `read(text, model)` gives rows as {column: value as it stands in the file}.

    `count` is how many rows the file has: a file cut short is refused. `hidden` are keys that are shipped hidden.
    """

    name: str
    model: Any
    path: Path
    read: Any
    count: int
    hidden: frozenset = frozenset()


class Loaded(NamedTuple):
    """What one loading did. `clinic` are the clinic's own rows in use, `stale` those over rows of ours that changed."""

    dataset: str
    sha256: str
    rows: int
    added: int
    changed: int
    gone: int
    clinic: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def written(self):
        return self.added + self.changed + self.gone


def lock_loading():
    """Wait for another loading to end; its rows are read after this, in a statement of their own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def load(dataset, *, now):
    """Make our rows equal to the file: one statement to read, at most two to write, and one to note it."""
    content = dataset.path.read_bytes()
    wanted = {_identity(dataset.model, row): row for row in _checked(dataset, content.decode())}
    shipped, own = _stored(dataset.model)
    added, changed = _write(dataset, wanted, shipped)
    gone = _hide_what_is_gone(dataset.model, wanted, shipped)
    now_shipped = {identity: _sha256(row) for identity, row in wanted.items()}
    stale = [name for name, sha in own.items() if sha and sha != now_shipped.get(name)]
    loaded = Loaded(
        dataset=dataset.name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(wanted),
        added=added,
        changed=changed,
        gone=gone,
        clinic=tuple(sorted(" ".join(name) for name in own)),
        stale=tuple(sorted(" ".join(name) for name in stale)),
    )
    if loaded.written:
        fields = {name: value for name, value in loaded._asdict().items() if name != "clinic"}
        ReferenceLoad.objects.create(**{**fields, "stale": list(loaded.stale)}, loaded_at=now)
    return loaded


def _checked(dataset, text):
    rows = dataset.read(text, dataset.model)
    identities = {_identity(dataset.model, row) for row in rows}
    if len(rows) != dataset.count or len(identities) != dataset.count:
        raise Refused(
            _("%(file)s has %(found)s rows instead of %(count)s. Copy the file again and load once more.")
            % {"file": dataset.path.name, "found": len(identities), "count": dataset.count}
        )
    return rows


def _identity(model, row):
    return tuple(row[name] for name in model.IDENTITY)


def _sha256(row):
    return hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _stored(model):
    """({identity: (id, version, hash)} of our rows, {identity: hash} of the clinic's rows in use)."""
    shipped, own = {}, {}
    names = ["pk", "origin", "withdrawn", "version", "shipped_sha256", *model.IDENTITY]
    for pk, origin, withdrawn, version, sha, *identity in model.objects.order_by().values_list(*names):
        if origin == Origin.SHIPPED:
            shipped[tuple(identity)] = (pk, version, sha)
        elif not withdrawn:
            own[tuple(identity)] = sha
    return shipped, own


def _write(dataset, wanted, shipped):
    """(added, changed): rows that differ from the file, in one statement."""
    model, rows, added = dataset.model, [], 0
    for identity, row in wanted.items():
        _pk, version, before = shipped.get(identity, (None, 0, None))
        sha = _sha256(row)
        if sha == before:
            continue
        added += before is None
        values = {name: _value(model._meta.get_field(name), value) for name, value in row.items()}
        hidden = row["key"] in dataset.hidden
        rows.append(
            model(**values, origin=Origin.SHIPPED, hidden=hidden, shipped_sha256=sha, version=version + 1)
        )
    if rows:
        model.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=[*model.IDENTITY, "origin"],
            update_fields=[*(columns(model) - set(model.IDENTITY)), "hidden", "shipped_sha256", "version"],
        )
    return added, len(rows) - added


def _hide_what_is_gone(model, wanted, shipped):
    gone = [pk for identity, (pk, _version, sha) in shipped.items() if sha and identity not in wanted]
    if not gone:
        return 0
    rows = model.objects.filter(pk__in=gone)
    return rows.update(hidden=True, shipped_sha256="", version=F("version") + 1)


def columns(model):
    """The columns a file gives, by name."""
    derived = set(getattr(model, "DERIVED", ()))
    return {field.name for field in model._meta.concrete_fields} - OURS - derived


def _value(field, value):
    """What stands in a file as the column takes it; text that is no such value is refused by its name."""
    if not isinstance(value, str):
        return value
    try:
        if isinstance(field, models.BooleanField):
            return TRUTH[value] if value or not field.null else None
        if isinstance(field, models.IntegerField):
            return int(value) if value or not field.null else None
        if isinstance(field, models.DecimalField):
            return Decimal(value)
    except (KeyError, ValueError, ArithmeticError):
        raise Refused(
            _("“%(value)s” does not fit the column %(column)s.") % {"value": value, "column": field.name}
        ) from None
    return listed(value) if isinstance(field, ArrayField | models.JSONField) else value


def listed(cell):
    """The values of a cell that holds a list."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def csv_rows(*, key):
    """A reader of a CSV file that has the table's columns. `key` names the column that is the key, or makes it."""

    def read(text, model):
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = {"key" if name == key else name for name in reader.fieldnames or ()}
        _check_columns(model, names | {"key"})
        rows = list(reader)
        _check_cells(rows)
        if callable(key):
            return [{**row, "key": key(row)} for row in rows]
        return [{"key" if name == key else name: value for name, value in row.items()} for row in rows]

    return read


def _check_cells(rows):
    """Every line has as many cells as the file has columns: the reader puts None where one is missing or too many."""
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise Refused(
                _("Row %(number)s of the file is not whole. Copy the file again.") % {"number": number}
            )


def _check_columns(model, found):
    wrong = sorted(found ^ columns(model))
    if wrong:
        raise Refused(
            _("The file and the table %(table)s do not have the same columns: %(columns)s.")
            % {"table": model._meta.label, "columns": ", ".join(wrong)}
        )


def own_row(*, by, row):
    """The clinic's row laid over one of ours, made (or taken up again) with our values; owners then edit it."""
    with transaction.atomic():
        shipped = type(row).objects.select_for_update().get(pk=row.pk)
        if shipped.origin != Origin.SHIPPED:
            raise Refused(_("This row is the clinic’s own already. Change it directly."))
        same = {name: getattr(shipped, name) for name in shipped.IDENTITY}
        mine = type(row).objects.filter(origin=Origin.CLINIC, **same).first()
        if mine and not mine.withdrawn:
            return mine
        mine = mine or type(row)(origin=Origin.CLINIC, **same)
        for name in {*columns(type(row)), *getattr(row, "DERIVED", ()), "hidden", "shipped_sha256"}:
            setattr(mine, name, getattr(shipped, name))
        mine.withdrawn = False
        mine.save()
        audit.record(by=by, verb="lay over reference", about=mine)
    return mine


def use_ours_again(*, by, row, version):
    """Withdraw the clinic's row: ours counts again. Returns our row; a row only the clinic has is hidden instead."""
    with transaction.atomic():
        mine = lock_version(type(row).objects, row.pk, version)
        if mine.origin != Origin.CLINIC:
            raise Refused(_("This row is ours already."))
        same = {name: getattr(mine, name) for name in mine.IDENTITY}
        shipped = type(row).objects.filter(origin=Origin.SHIPPED, **same).first()
        if shipped is None:
            raise Refused(
                _("Only this clinic has this row. Mark it as hidden if it is not to be used any more.")
            )
        mine.withdrawn = True
        mine.save()
        audit.record(by=by, verb="use shipped reference", about=mine)
    return shipped
