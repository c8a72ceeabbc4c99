"""The audit log's hash chain: what was sealed cannot be edited, removed or cut off unnoticed.

Each minute the worker seals the events that have no seal yet (not those above an id: they commit out of
order), one numbered link each, in a table of its own: no booking waits for it. The head of the chain is
copied to a file outside the database's reach, so that a chain cut off or made anew from the start shows.
An event removed before its seal is outside the promise.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from clinic.models import AuditEvent, AuditSeal

BEFORE_THE_FIRST = "0" * 64
# Events sealed in one transaction; more than a clinic writes in an hour.
BATCH = 5000
LOCK = 5_241_970_001  # An advisory lock of our own: two workers seal one after the other.
TAIL_BYTES = 1000  # Several lines of the copied heads.
FIELDS = ("id", "at", "by_id", "verb", "object", "patient", "detail")


@dataclass(frozen=True)
class Head:
    number: int
    hash: str


@dataclass
class Verdict:
    sealed: int = 0
    faults: list[str] = field(default_factory=list)


def seal_new_events(now):
    """Seal what is not sealed yet and copy the head; how many events that were."""
    count = 0
    while True:
        done = seal_batch(now)
        count += done
        if done < BATCH:
            break
    copy_head(now)
    return count


def seal_batch(now):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        head = stored_head() or Head(0, BEFORE_THE_FIRST)
        rows = AuditEvent.objects.filter(seal=None).order_by("at", "id").values(*FIELDS)[:BATCH]
        seals = []
        for event in rows:
            head = Head(head.number + 1, link(head.number + 1, head.hash, event))
            seals.append(AuditSeal(number=head.number, event_id=event["id"], hash=head.hash, sealed_at=now))
        AuditSeal.objects.bulk_create(seals)
    return len(seals)


def link(number, previous, event):
    """sha256 of the link's number, the hash before it and the event, hexadecimal."""
    return hashlib.sha256(f"{number}:{previous}:{canonical(event)}".encode()).hexdigest()


def canonical(event):
    """One text for one event, whichever way its values are stored: keys in order, instants in UTC."""
    plain = {
        "id": str(event["id"]),
        "at": event["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "by": event["by_id"],
        "verb": event["verb"],
        "object": event["object"],
        "patient": str(event["patient"]) if event["patient"] else None,
        "detail": event["detail"],
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stored_head():
    """The last link of the chain, None before the first."""
    row = AuditSeal.objects.order_by("-number").values("number", "hash").first()
    return Head(**row) if row else None


def head_path():
    return Path(settings.AUDIT_HEAD_FILE)


def copied_heads():
    """What was copied, oldest first. Raises ValueError for a line that is not one of ours."""
    return [as_head(line) for line in head_path().read_text().splitlines()] if head_path().exists() else []


def last_copied():
    """The last of them, without reading a file that grows for years; None before the first."""
    if not head_path().exists():
        return None
    with head_path().open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        lines = file.read().decode().splitlines()
    return as_head(lines[-1]) if lines else None


def as_head(line):
    try:
        said = json.loads(line)
        return Head(int(said["number"]), str(said["hash"]))
    except (KeyError, TypeError) as fault:
        raise ValueError("a line without number and hash") from fault


def copy_head(now):
    """Add the head to the file, if it is not its last line: also what a worker that died did not copy."""
    head, copied = stored_head(), last_copied()
    if head is None or (copied and copied.number >= head.number):
        return
    line = json.dumps({"number": head.number, "hash": head.hash, "at": now.isoformat()})
    head_path().parent.mkdir(parents=True, exist_ok=True)
    with head_path().open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def verify_chain():
    """Recompute every link and compare the copied heads."""
    verdict, head, hashes = Verdict(), Head(0, BEFORE_THE_FIRST), {}
    wanted = heads_by_number(verdict)
    for seal, event in links():
        check_link(verdict, head, seal, event)
        head = Head(seal["number"], seal["hash"])
        verdict.sealed += 1
        if head.number in wanted:
            hashes[head.number] = head.hash
    check_heads(verdict, wanted, hashes, head)
    return verdict


def heads_by_number(verdict):
    try:
        return {head.number: head.hash for head in copied_heads()}
    except ValueError as fault:
        verdict.faults.append(f"The copied head in {head_path()} cannot be read: {fault}.")
        return {}


def links():
    """(seal, event or None) in order, in pages, so that a chain of any length fits into memory and time limits."""
    last = 0
    while True:
        seals = list(
            AuditSeal.objects.filter(number__gt=last)
            .order_by("number")
            .values("number", "event_id", "hash")[:BATCH]
        )
        if not seals:
            return
        events = AuditEvent.objects.filter(pk__in=[seal["event_id"] for seal in seals]).values(*FIELDS)
        by_id = {event["id"]: event for event in events}
        for seal in seals:
            yield seal, by_id.get(seal["event_id"])
        last = seals[-1]["number"]


def check_link(verdict, head, seal, event):
    number = seal["number"]
    if number != head.number + 1:
        verdict.faults.append(f"Links {head.number + 1} to {number - 1} are missing.")
    if event is None:
        verdict.faults.append(f"The event of link {number} ({seal['event_id']}) was removed.")
    elif link(number, head.hash, event) != seal["hash"]:
        verdict.faults.append(
            f"Link {number} does not fit: event {seal['event_id']} or a link before it was edited."
        )


def check_heads(verdict, wanted, hashes, head):
    if head.number and not wanted:
        verdict.faults.append(
            f"No head was copied to {head_path()}, so a chain that was cut off would not show."
        )
    if wanted and max(wanted) > head.number:
        verdict.faults.append(
            f"The chain was cut off: it ends at link {head.number}, link {max(wanted)} was copied."
        )
    for number, copied in sorted(wanted.items()):
        if number <= head.number and hashes.get(number) != copied:
            verdict.faults.append(f"Link {number} is not the one that was copied: the chain was made anew.")
