"""The statements that scripts.measuring.chart sets beside the product."""

from treatment.queries.states import MODELS
from treatment.rules.state import CHILDREN, STAMPED

LISTED, OF_A_PATIENT = 50, 60
# The record and those merged into it; whether the reader may see each of them.
IDS = """ANY(ARRAY(SELECT %(patient)s::uuid
  UNION ALL SELECT id FROM patients_patient WHERE merged_into_id = %(patient)s))"""
SEEN = """(EXISTS (SELECT FROM patients_patientlocation l
    WHERE l.patient_id = {row}.patient_id AND l.location_id = ANY(%(locations)s))
  OR EXISTS (SELECT FROM patients_careteam t WHERE t.patient_id = {row}.patient_id AND t.user_id = %(user)s
    AND t.since <= %(now)s AND (t.until IS NULL OR t.until > %(now)s)))"""
WRONG = """EXISTS (SELECT FROM treatment_addendum e WHERE e.note_id = n.id AND e.kind = 'entered_in_error')"""
READABLE = f"{SEEN.format(row='n')} AND (NOT {WRONG} OR n.author_id = %(user)s)"


def values_of(patient, user, now, **more):
    return {
        "patient": patient.pk,
        "user": user.pk,
        "now": now,
        "locations": sorted(user.location_ids),
        **more,
    }


def child_columns(kind):
    columns = {field.name: field.column for field in MODELS[kind]._meta.concrete_fields}
    stamps = ["at", "by"] if kind in STAMPED else []
    return ", ".join(f'{columns[name]} AS "{name}"' for name in ["id", *CHILDREN[kind], *stamps])


def children_of(kind):
    """One value: the children of note n as JSON, in their order."""
    return f"""coalesce((SELECT json_agg(c) FROM (SELECT {child_columns(kind)} FROM {MODELS[kind]._meta.db_table}
      WHERE note_id = n.id ORDER BY position) c), '[]')"""


def whole_notes(which):
    """A row for each note: itself, its names and everything that hangs on it."""
    return f"""
    SELECT to_json(n), who.name, d.name, a.starts_at, l.name, part.name, coalesce((SELECT json_agg(e ORDER BY e.at)
        FROM treatment_addendum e WHERE e.note_id = n.id), '[]'), {", ".join(map(children_of, CHILDREN))}
    FROM treatment_note n JOIN clinic_profile who ON who.user_id = n.author_id
    JOIN services_discipline d ON d.id = n.discipline_id LEFT JOIN clinic_location l ON l.id = n.location_id
    LEFT JOIN scheduling_appointment a ON a.id = n.appointment_id
    LEFT JOIN scheduling_visitpart part ON part.id = n.visitpart_id WHERE {which}
    """


LAST_NOTE = whole_notes(f"""n.patient_id = {IDS} AND n.discipline_id = %(discipline)s AND n.signed_at IS NOT NULL
  AND NOT {WRONG} ORDER BY n.opened_at DESC, n.id LIMIT 1""")
VISIT_RECORD = whole_notes(f"""n.appointment_id = %(visit)s AND {READABLE}
  ORDER BY part.position, n.opened_at, n.id""")
NOTES_LISTED = whole_notes(f"""n.patient_id = {IDS} AND {READABLE}
  ORDER BY coalesce(a.starts_at, n.opened_at) DESC, n.opened_at DESC, n.id LIMIT 26""")

TIMELINE = f"""
(SELECT 'note', n.opened_at AS at, n.id, who.name, d.key, '', n.signed_at, n.appointment_id, {WRONG}
 FROM treatment_note n JOIN clinic_profile who ON who.user_id = n.author_id
 JOIN services_discipline d ON d.id = n.discipline_id
 WHERE n.patient_id = {IDS} AND {READABLE} ORDER BY n.opened_at DESC LIMIT {LISTED})
UNION ALL (SELECT 'contact', c.at, c.id, who.name, c.kind, c.words, NULL, NULL, false
 FROM treatment_contactnote c JOIN clinic_profile who ON who.user_id = c.by_id
 WHERE c.patient_id = {IDS} ORDER BY c.at DESC LIMIT {LISTED})
UNION ALL (SELECT 'reaction', r.at, r.id, who.name, r.kind, r.words, NULL, NULL, false
 FROM treatment_reaction r JOIN clinic_profile who ON who.user_id = r.by_id
 WHERE r.patient_id = {IDS} ORDER BY r.at DESC LIMIT {LISTED})
UNION ALL (SELECT 'handover', h.at, h.id, who.name, told.name, h.words, NULL, NULL, false
 FROM treatment_handover h JOIN clinic_profile who ON who.user_id = h.by_id
 JOIN clinic_profile told ON told.user_id = h.to_user_id
 WHERE h.patient_id = {IDS} ORDER BY h.at DESC LIMIT {LISTED})
ORDER BY at DESC
"""
# (when, what, the visit it links to, words): the 50 lines of the Summary's timeline.
EVERYTHING_THAT_HAPPENED = f"""
(SELECT a.starts_at AS at, 'visit', a.id, s.name || ', ' || a.status || coalesce((
   SELECT string_agg(who.name, ', ') FROM treatment_note n JOIN clinic_profile who ON who.user_id = n.author_id
   WHERE n.appointment_id = a.id AND {READABLE}), '')
 FROM scheduling_appointment a JOIN services_service s ON s.id = a.service_id
 WHERE a.patient_id = {IDS} AND {SEEN.format(row="a")}
   AND NOT EXISTS (SELECT FROM scheduling_call k WHERE k.proposal_id = a.id) ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT n.opened_at, 'note', NULL, who.name FROM treatment_note n
 JOIN clinic_profile who ON who.user_id = n.author_id
 WHERE n.patient_id = {IDS} AND n.appointment_id IS NULL AND {READABLE} ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT c.at, 'contact', NULL, c.words FROM treatment_contactnote c
 WHERE c.patient_id = {IDS} ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT r.at, 'reaction', NULL, r.kind || r.words FROM treatment_reaction r
 WHERE r.patient_id = {IDS} ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT h.at, 'handover', NULL, h.words FROM treatment_handover h
 WHERE h.patient_id = {IDS} ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT m.made_at, 'letter', NULL, m."to" FROM intake_letter m
 WHERE m.patient_id = {IDS} ORDER BY 1 DESC LIMIT {LISTED})
UNION ALL (SELECT ch.at, 'change', a.id, ch.verb || s.name || who.name FROM scheduling_appointment a
 JOIN scheduling_change ch ON ch.appointment_id = a.id JOIN services_service s ON s.id = a.service_id
 JOIN clinic_profile who ON who.user_id = ch.by_id
 WHERE a.patient_id = {IDS} AND {SEEN.format(row="a")} ORDER BY 1 DESC LIMIT {LISTED})
ORDER BY 1 DESC LIMIT {LISTED}
"""
THE_RECORD = f"""SELECT p.*, h.name FROM patients_patient p LEFT JOIN patients_household h ON h.id = p.household_id
  WHERE p.id = %(patient)s AND {SEEN.format(row="p").replace("p.patient_id", "p.id")}"""
STANDING = f"""
SELECT 'condition', code, name, started, ended FROM intake_condition WHERE patient_id = {IDS}
UNION ALL SELECT 'medication', effect, name, started, ended FROM intake_medication WHERE patient_id = {IDS}
UNION ALL SELECT 'allergy', code, substance, started, ended FROM intake_allergy WHERE patient_id = {IDS}
UNION ALL SELECT 'flag', flag, action, NULL, NULL FROM intake_raisedflag
  WHERE patient_id = {IDS} AND cleared_at IS NULL
UNION ALL (SELECT 'pregnancy', answer, '', day, due_on FROM intake_listcheck
  WHERE patient_id = {IDS} AND what = 'pregnancy' ORDER BY at DESC LIMIT 1)
"""
CONTACTS = f"""SELECT c.id, c.at, c.kind, c.words, who.name FROM treatment_contactnote c
  JOIN clinic_profile who ON who.user_id = c.by_id WHERE c.patient_id = {IDS} ORDER BY c.at DESC, c.id LIMIT 20"""
HANDOVERS = f"""SELECT h.id, h.at, h.words, who.name, told.name FROM treatment_handover h
  JOIN clinic_profile who ON who.user_id = h.by_id JOIN clinic_profile told ON told.user_id = h.to_user_id
  WHERE h.patient_id = {IDS} ORDER BY h.at DESC, h.id LIMIT 10"""
PAIN = f"""SELECT coalesce(a.starts_at, n.opened_at) AS at, n.appointment_id, n.id, n.said_pain_now
  FROM treatment_note n LEFT JOIN scheduling_appointment a ON a.id = n.appointment_id
  WHERE n.patient_id = {IDS} AND {SEEN.format(row="n")} AND n.signed_at IS NOT NULL AND NOT {WRONG}
    AND n.said_pain_now IS NOT NULL ORDER BY at DESC LIMIT 40"""
MOVEMENT = f"""SELECT f.region, f.motion, coalesce(a.starts_at, n.opened_at) AS at, f.degrees
  FROM treatment_note n JOIN treatment_regionfinding f ON f.note_id = n.id
  LEFT JOIN scheduling_appointment a ON a.id = n.appointment_id
  WHERE n.patient_id = {IDS} AND {SEEN.format(row="n")} AND n.signed_at IS NOT NULL AND NOT {WRONG}
    AND f.degrees IS NOT NULL ORDER BY f.region, f.motion, at, f.position"""
UNSEEN = f"""SELECT h.id, h.words, who.name FROM treatment_handover h JOIN clinic_profile who ON who.user_id = h.by_id
  WHERE h.patient_id = {IDS} AND h.to_user_id = %(user)s AND h.seen_at IS NULL"""
VISITS = f"""SELECT a.id, a.starts_at, a.ends_at, a.status, s.name, f.kind, f.starts_at, f.ends_at, pr.name, r.name
  FROM (SELECT * FROM scheduling_appointment WHERE patient_id = {IDS} ORDER BY starts_at DESC LIMIT {OF_A_PATIENT}) a
  JOIN services_service s ON s.id = a.service_id JOIN scheduling_visitpart vp ON vp.appointment_id = a.id
  JOIN scheduling_visitphase f ON f.visitpart_id = vp.id
  LEFT JOIN practitioners_practitioner pr ON pr.id = f.practitioner_id LEFT JOIN clinic_room r ON r.id = f.room_id
  ORDER BY a.starts_at DESC, f.position"""
LINES = f"""
SELECT 'condition', h.id, h.code, h.name, h.region || h.side, h.started, h.ended, h.source, h.words, who.name
  FROM intake_condition h LEFT JOIN clinic_profile who ON who.user_id = h.entered_by_id WHERE h.patient_id = {IDS}
UNION ALL
SELECT 'medication', h.id, h.effect, h.name, h.medication_class, h.started, h.ended, h.source, h.words, who.name
  FROM intake_medication h LEFT JOIN clinic_profile who ON who.user_id = h.entered_by_id WHERE h.patient_id = {IDS}
UNION ALL
SELECT 'allergy', h.id, h.code, h.substance, h.reaction, h.started, h.ended, h.source, h.words, who.name
  FROM intake_allergy h LEFT JOIN clinic_profile who ON who.user_id = h.entered_by_id WHERE h.patient_id = {IDS}
"""
DOSES = f"""SELECT d.* FROM intake_medicationdose d JOIN intake_medication m ON m.id = d.medication_id
  WHERE m.patient_id = {IDS} ORDER BY d.from_day, d.at, d.id"""
CHECKS = f"""SELECT DISTINCT ON (k.what) k.*, who.name FROM intake_listcheck k
  LEFT JOIN clinic_profile who ON who.user_id = k.by_id WHERE k.patient_id = {IDS} ORDER BY k.what, k.at DESC"""
FORMS = f"""SELECT r.id, r.status, r.asked_at, q.key, q.number FROM intake_response r
  JOIN intake_questionnaire q ON q.id = r.questionnaire_id WHERE r.patient_id = {IDS} AND r.status <> 'withdrawn'"""
FLAGS = f"SELECT * FROM intake_raisedflag WHERE patient_id = {IDS} ORDER BY raised_at, id"
SCREENING = f"SELECT * FROM intake_screening WHERE patient_id = {IDS} ORDER BY at DESC LIMIT 1"
CARE = f"SELECT * FROM intake_careelsewhere WHERE patient_id = {IDS} AND ended_at IS NULL"
REFERRALS = f"SELECT * FROM intake_referral WHERE patient_id = {IDS} ORDER BY opened_at DESC, id"
LETTERS = f"""SELECT m.id, m.kind, m."to", m.made_at FROM intake_letter m WHERE m.patient_id = {IDS}"""
CONSENTS = f"""SELECT c.*, s.name, s.relation, s.document_version FROM intake_consent c
  JOIN intake_signature s ON s.id = c.signature_id WHERE c.patient_id = {IDS} ORDER BY c.given_at DESC, c.id"""
DOCUMENTS = (
    """SELECT DISTINCT ON (key) key, number, definition FROM intake_questionnaire ORDER BY key, number DESC"""
)
BESIDE_THE_LINES = [
    THE_RECORD, DOSES, CHECKS, FORMS, FLAGS, SCREENING, CARE, REFERRALS, LETTERS, CONSENTS, DOCUMENTS,
]  # fmt: skip
BESIDE_THE_NOTES = [THE_RECORD, STANDING, CONTACTS, HANDOVERS]
OF_THE_SUMMARY = [THE_RECORD, STANDING, PAIN, MOVEMENT, VISIT_RECORD, UNSEEN, VISITS]
