"""The forms the product ships with, loaded again and again; a version once made is never changed."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from intake.models import Origin, Questionnaire, SignOff
from intake.queries.forms import latest, read_as, unread
from intake.rules.screens import screen
from intake.rules.signing import reasons_not_to_hand_out, text_version
from intake.rules.wording import reasons_not_to_reword, reworded

DATA = Path(__file__).resolve().parent.parent / "data"


class Loaded(NamedTuple):
    """Keys of forms that got a new version; of forms that we changed beneath a version of the clinic's own."""

    added: list[str]
    held_back: list[str]


def shipped():
    """{key: definition} of every form in the repository."""
    files = sorted((DATA / "questionnaires").glob("*.json"))
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in files}
    flags = (DATA / "red_flags.csv").read_text("utf-8")
    return found | {f"red_flags_{region}": screen(region, flags) for region in ("neck", "back")}


def sha256_of(definition):
    return hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def load_forms(*, now, by=None):
    """A new version of each form that is new or changed here; one of the clinic's own is left in force."""
    in_force, rows, held_back = latest(), [], []
    for key, definition in shipped().items():
        row, sha256 = in_force.get(key), sha256_of(definition)
        if row is not None and row.shipped_sha256 == sha256:
            continue
        if row is not None and row.origin == Origin.CLINIC:
            held_back.append(key)
            continue
        number = row.number + 1 if row else 1
        rows.append(
            Questionnaire(
                key=key,
                number=number,
                title=definition["title"],
                origin=Origin.SHIPPED,
                definition=definition,
                shipped_sha256=sha256,
                made_at=now,
            )
        )
    Questionnaire.objects.bulk_create(rows)
    if rows:
        audit.record(
            by=by, verb="load_reference", about="intake.questionnaire", added=[row.key for row in rows]
        )
    return Loaded([row.key for row in rows], held_back)


def held_back():
    """Keys of forms that we changed since the clinic made its own version."""
    current = {key: sha256_of(definition) for key, definition in shipped().items()}
    return sorted(
        key
        for key, row in latest().items()
        if row.origin == Origin.CLINIC and key in current and row.shipped_sha256 != current[key]
    )


@transaction.atomic
def reword(*, by, key, number, title, texts, asked, now, request_key=None):
    """A version of the clinic's own: other words, questions switched off. `number` is the version it was made from."""
    claim(request_key, location=reverse("intake:form_detail", args=[key]))
    row = newest(key, number)
    reasons = reasons_not_to_reword(row.definition, title, texts, asked)
    if reasons:
        raise Refused(reasons)
    made = add_version(row, reworded(row.definition, title, texts, asked), Origin.CLINIC, now, by)
    audit.record(by=by, verb="reword form", about=made, number=made.number)
    return made


@transaction.atomic
def mark_read(*, by, key, number, today, now, request_key=None):
    """The clinic has read the text of this version: its name, the day, and the hash of the text are kept."""
    claim(request_key, location=reverse("intake:form_detail", args=[key]))
    row = newest(key, number)
    reasons = reasons_not_to_hand_out(row.title, row.definition)
    if not reasons and not unread({key: row}):
        reasons = [_("This text was read already.")]
    if reasons:
        raise Refused(reasons)
    made = SignOff.objects.create(
        what=read_as(key),
        content_sha256=text_version(row.definition),
        clinician=by.name or by.email,
        signed_on=today,
        at=now,
        by=by,
    )
    audit.record(by=by, verb="read form text", about=made, number=row.number)
    return made


def mark_all_read(*, by, today, now):
    """Every finished text that waits is read: what a clinic does before it opens. The keys."""
    forms = latest()
    waiting = [
        key for key in unread(forms) if not reasons_not_to_hand_out(forms[key].title, forms[key].definition)
    ]
    for key in waiting:
        mark_read(by=by, key=key, number=forms[key].number, today=today, now=now)
    return sorted(waiting)


@transaction.atomic
def use_ours(*, by, key, number, now, request_key=None):
    """The words we ship become the newest version again; the clinic's stay among the earlier ones."""
    claim(request_key, location=reverse("intake:form_detail", args=[key]))
    row, ours = newest(key, number), shipped().get(key)
    if ours is None or row.definition == ours:
        raise Refused(_("These are our words already."))
    made = add_version(row, ours, Origin.SHIPPED, now, by)
    audit.record(by=by, verb="use shipped form", about=made, number=made.number)
    return made


def newest(key, number):
    row = latest([key]).get(key)
    if row is None or row.number != number:
        raise Refused(
            _("Somebody else changed this form meanwhile. Load the page again to see it."), conflict=True
        )
    return row


def add_version(row, definition, origin, now, by):
    """The next version. It remembers what of ours it was laid over, so that a later change of ours is noticed."""
    ours = shipped().get(row.key)
    try:
        with transaction.atomic():
            return Questionnaire.objects.create(
                key=row.key,
                number=row.number + 1,
                title=definition["title"],
                origin=origin,
                definition=definition,
                shipped_sha256=sha256_of(ours) if ours else row.shipped_sha256,
                made_at=now,
                made_by=by,
            )
    except IntegrityError:
        raise Refused(
            _("Somebody else changed this form meanwhile. Load the page again to see it."), conflict=True
        ) from None
