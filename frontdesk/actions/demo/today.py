"""What clinicians and patients wrote on the living day itself: a note under way, forms half done, a message."""

from datetime import timedelta

from frontdesk.actions.demo.courses import COURSES, Come
from frontdesk.actions.demo.names import FIRST_VISITS
from frontdesk.actions.demo.notes import Told, author_of, note_of, parts_of, write
from frontdesk.actions.demo.planning import MINUTE
from frontdesk.actions.demo.rows import random_id
from frontdesk.actions.demo.telling import facts_of_part
from intake.actions.answering import finish, save
from intake.actions.asking import hand_out
from intake.models import Response
from intake.rules.forms import inside, sections
from intake.rules.signing import Signer
from scheduling.models import PartStatus, Status, What
from treatment.models import Handover, Reaction

WRITING = ["tunde", "linh"]  # needles in; the note of the first of them is being written
UNWELL = "rita"
HANDED_OVER = "grace"
FORMS = ["health_history", "red_flags_back", "symptoms", "consent_acupuncture"]
RAISED = "RF005"  # weakness that gets worse: a clinician looks first
HISTORY = {
    "problem": "Low back pain down the right leg",
    "assessed": False,
    "conditions": [{"code": "asthma", "since": "2009"}],
    "medication": [
        {"name": "Ibuprofen", "class": "anti_inflammatory", "dose": "400 mg as needed", "effect": "none"}
    ],
    "no_allergies": True,
    "no_surgery": True,
    "no_implants": True,
    "no_bleeding": True,
    "pregnant": "no",
    "earlier_treatment": ["massage"],
    "earlier_effect": "Felt looser for a day.",
}
SYMPTOMS = {"pain": [{"code": "low_back_right", "kind": ["ache"], "intensity": 6}]}


def tell_today(plans, people, teller, users, desk, *, now):
    """`plans`: the visits of the day's story. `users`: {practitioner: account}, `desk` the front desk's account."""
    by_key = {row.pk: key for key, row in people.named.items()}
    told = {by_key[plan.patient.pk]: plan for plan in plans if plan.patient.pk in by_key}
    writing = next((who for who in WRITING if who in told), None)
    if writing:
        begin_note(writing, told[writing], teller, users)
    if HANDED_OVER in told:
        hand_over(told[HANDED_OVER], users, teller.rng, now=now)
    if UNWELL in told:
        note_dizziness(told[UNWELL], users, teller.rng, now=now)
    for plan in plans:
        if (plan.patient.given_name, plan.patient.family_name) in FIRST_VISITS:
            begin_forms(plan.patient, desk, now=now)


def begin_note(who, plan, teller, users):
    """Said, found and needles in; nothing counted yet, nothing confirmed."""
    course = next(course for course in COURSES if course.who == who)
    come = Come(course._replace(pains=(*course.pains, 3)), len(course.pains), plan)
    facts = facts_of_part(plan, 1)
    by = author_of(plan, 1, users)
    if plan.status != Status.IN_TREATMENT or What.LAST_NEEDLE_IN not in facts or by is None:
        return
    state = teller.said(come, course.needles)
    state |= {"progress": "", "next_time": "", "advice": {"texts": [], "words": ""}}
    teller.needle(state, course.needles, come.number, facts, done=False)
    (part,) = parts_of([plan])[plan.id]
    note = note_of(plan, part, by, state, opened_at=facts[What.FIRST_NEEDLE] - 3 * MINUTE, rng=teller.rng)
    write([Told(note, state, None)])


def hand_over(plan, users, rng, *, now):
    """From the adjuster to whoever has the needles of the same visit, once the adjuster is done."""
    at = written(plan, now - 20 * MINUTE)
    if plan.parts.get(1, ("",))[0] != PartStatus.DONE:
        return
    Handover.objects.create(
        id=random_id(rng), patient=plan.patient, appointment_id=plan.id, by_id=author_of(plan, 1, users),
        to_user_id=author_of(plan, 2, users), at=at,
        words="C5 moved easily today. She would rather lie on the left side; please look at the right shoulder.",
    )  # fmt: skip


def note_dizziness(plan, users, rng, *, now):
    """Why the adjustment did not happen; somebody asks again tomorrow."""
    if all(fact.what != What.UNWELL for fact in plan.facts):
        return
    Reaction.objects.create(
        id=random_id(rng), patient=plan.patient, appointment_id=plan.id, kind="DIZZY", grade=1,
        onset="with the needles in", duration="ten minutes", outcome="Rested, had water, went home by bus.",
        told="Front desk", words="Light-headed while lying down. Needles out at once, feet up.",
        follow_up_at=now + timedelta(days=1), at=written(plan, now - 15 * MINUTE), by_id=author_of(plan, 1, users),
    )  # fmt: skip


def written(plan, at):
    """When something was written of a visit: at this instant, or soon after the visit where that was long ago."""
    return min(at, plan.facts[-1].at + 30 * MINUTE) if plan.facts else at


def begin_forms(patient, desk, *, now):
    """Four forms by mail two days ago: two are sent, the third is begun."""
    link, _token = hand_out(
        by=desk, patient_pk=patient.pk, keys=FORMS, channel="email", related=None, now=now - timedelta(days=2)
    )
    signer = Signer(f"{patient.given_name} {patient.family_name}")
    at = now - timedelta(hours=15)
    back = Response.objects.select_related("questionnaire").get(link=link, questionnaire__key=FORMS[1])
    for key, answers in ((FORMS[0], HISTORY), (FORMS[1], screened(back.questionnaire.definition))):
        row = save(link_pk=link.pk, key=key, version=1, answers=answers, now=at)
        finish(link_pk=link.pk, key=key, version=row.version, signer=signer, now=at + 5 * MINUTE)
    save(link_pk=link.pk, key=FORMS[2], version=1, answers=SYMPTOMS, now=at + 8 * MINUTE, page="where")


def screened(definition):
    """Every question answered with no, but one."""
    links = [item["linkId"] for section in sections(definition) for item in inside(section)]
    return {link: link == RAISED for link in links if link.startswith("RF")}
