"""A note saved from its page, with 2 and with 20 points, beside the fewest statements that write the same rows.

Two drafts take turns at being 20 and 25 mm deep at every point, so that each save changes every needling. The
product's is saved by `save_draft`; its twin by hand: lock and read, then one string of statements, which rewrites the
rows that differ and nothing else. Both write the note, the needlings, the save and the audit event, and both commit.
"""

import json

from django.db.models import Count
from django.utils import timezone

from clinic import audit
from clinic.models import AuditEvent
from scripts.measuring.clock import Work
from scripts.measuring.written import POINTS
from treatment.actions.drafts import save_draft
from treatment.models import Needling, Note, NoteSave
from treatment.queries.states import note_state

STATEMENTS = 7
DEPTHS = (25.0, 20.0)
READ = """
SELECT n.version, s.state FROM treatment_note n
JOIN treatment_notesave s ON s.note_id = n.id AND s.of_version = n.version
WHERE n.id = %(note)s AND n.author_id = %(by)s AND n.signed_at IS NULL AND NOT EXISTS (
  SELECT FROM treatment_addendum a WHERE a.note_id = n.id AND a.kind = 'entered_in_error')
FOR UPDATE OF n
"""
WRITE = """
UPDATE treatment_note SET version = version + 1, carried = %(carried)s, needles_missing = 0 WHERE id = %(note)s;
UPDATE treatment_needling n SET depth_mm = r.depth_mm
FROM jsonb_to_recordset(%(needlings)s) r(id uuid, depth_mm numeric) WHERE n.id = r.id AND n.note_id = %(note)s;
INSERT INTO treatment_notesave (id, note_id, of_version, state, at, by_id)
VALUES (gen_random_uuid(), %(note)s, %(version)s, %(state)s, %(now)s, %(by)s);
INSERT INTO clinic_auditevent (id, at, by_id, verb, object, patient, detail)
VALUES (gen_random_uuid(), %(now)s, %(by)s, 'save note', %(object)s, %(patient)s, %(detail)s);
COMMIT
"""


def works(_now):
    drafts = drafts_by_points()
    return [work(points, *drafts[points][:2]) for points in POINTS]


def drafts_by_points():
    """{points: the drafts that have so many}, as scripts.measuring.written made them."""
    counts = Needling.objects.filter(note__signed_at=None).values_list("note").annotate(Count("pk"))
    rows = Note.objects.select_related("author").in_bulk([note for note, _points in counts])
    found = {}
    for note, points in counts.order_by("note"):
        found.setdefault(points, []).append(rows[note])
    return found


def work(points, note, twin):
    return Work(
        name=f"a note of {points} points saved",
        product=saving(note),
        plain=plain(twin),
        agree=lambda _saved, _plain: written_about(note) == written_about(twin),
        statements=STATEMENTS,
        sizes_of="a note saved",
    )


def saving(note):
    """Each call saves the draft as the page would: the state it was answered, with every depth changed."""
    kept = {"version": note.version, "state": note_state(note)}

    def product():
        saved = save_draft(
            by=note.author, pk=note.pk, version=kept["version"], state=deepened(kept["state"], DEPTHS)
        )
        kept.update(version=saved.note.version, state=saved.state)
        return saved

    return product


def deepened(state, depths):
    first, second = depths
    return {
        **state,
        "needlings": [
            {**one, "depth_mm": second if one["depth_mm"] == first else first} for one in state["needlings"]
        ],
    }


def plain(note):
    values = {
        "note": note.pk,
        "by": note.author_id,
        "object": audit.name_of(note),
        "patient": note.patient_id,
    }

    def save(cursor):
        cursor.execute("BEGIN;" + READ, values)
        version, state = cursor.fetchone()
        state = deepened(json.loads(state), DEPTHS)
        sent = {
            "now": timezone.now(),
            "version": version + 1,
            "state": json.dumps(state),
            "needlings": json.dumps(state["needlings"]),
            "carried": json.dumps(state["carried"]),
            "detail": json.dumps({"version": version + 1}),
        }
        cursor.execute(WRITE, {**values, **sent})

    return save


def written_about(note):
    """What stands about a draft, without the ids in which twins differ."""
    fresh = Note.objects.get(pk=note.pk)
    latest = NoteSave.objects.get(note=note, of_version=fresh.version)
    saves = NoteSave.objects.filter(note=note).count()
    events = AuditEvent.objects.filter(object=audit.name_of(note), verb="save note")
    told = [detail["version"] for detail in events.order_by("at").values_list("detail", flat=True)]
    return (fresh.version, without_ids(note_state(fresh)), without_ids(latest.state), saves, told)


def without_ids(value):
    if isinstance(value, dict):
        return {key: without_ids(one) for key, one in value.items() if key not in ("id", "needle_set")}
    return [without_ids(one) for one in value] if isinstance(value, list) else value
