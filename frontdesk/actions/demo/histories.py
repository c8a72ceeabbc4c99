"""What the demo's patients have, take and signed, written by the product's own actions at a time in the past."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from frontdesk.actions.demo.courses import COURSES
from intake.actions import flags, history, referrals
from intake.actions.consenting import sign
from intake.models import Allergy, CareElsewhere, Condition, Medication, Source
from intake.queries.consents import DOCUMENTS
from intake.queries.flags import questions
from intake.queries.forms import latest
from intake.rules.flags import asked
from intake.rules.signing import Signer
from patients.models import RelatedPerson

# who, code of the safety rules or "", name, region, side, year since
CONDITIONS = [
    ("tunde", "", "High blood pressure, controlled", "", "", 2016),
    ("tunde", "", "Atrial fibrillation", "", "", 2023),
    ("ida", "", "Osteoarthritis of both knees", "knee", "both", 2014),
    ("ida", "osteoporosis", "Osteoporosis", "", "", 2019),
    ("paul", "pacemaker", "Pacemaker", "chest", "left", 2021),
    ("paul", "", "Osteoarthritis of the hip", "hip/buttock", "right", 2018),
    ("sunhee", "diabetes", "Diabetes type 2", "", "", 2020),
    ("maria", "", "Migraine in earlier years", "head", "", 2006),
    ("rita", "radiculopathy", "Nerve-root pain, left leg", "lower back/sacrum", "left", 2026),
    ("walter", "", "Compression of T11, healed", "upper back", "", 2017),
    ("jo", "", "Works nights", "", "", 2022),
    ("samuel", "", "Appendix removed", "abdomen", "right", 2003),
]
# who, name, class, effect, (days before, dose, mg a day) from the first on
MEDICATION = [
    ("tunde", "Apixaban", "other", "anticoagulant", [(400, "5 mg twice a day", 10), (120, "2.5 mg twice a day", 5)]),
    ("tunde", "Lisinopril", "other", "", [(900, "10 mg a day", 10)]),
    ("ida", "Warfarin", "other", "anticoagulant", [
        (400, "5 mg a day", 5), (95, "4 mg a day", 4), (33, "3 mg a day", 3)]),
    ("ida", "Acetaminophen", "other", "", [(200, "500 mg three times a day", 1500)]),
    ("sunhee", "Metformin", "other", "", [(800, "500 mg twice a day", 1000)]),
    ("maria", "Ibuprofen", "anti_inflammatory", "", [(75, "400 mg twice a day", 800), (40, "400 mg as needed", 400)]),
    ("rita", "Naproxen", "anti_inflammatory", "", [(70, "500 mg twice a day", 1000), (20, "250 mg a day", 250)]),
    ("walter", "Tramadol", "opioid", "", [(110, "50 mg three times a day", 150), (60, "50 mg twice a day", 100)]),
    ("paul", "Bisoprolol", "other", "", [(700, "5 mg a day", 5)]),
]  # fmt: skip
ALLERGIES = [
    ("marta", "metal_allergy", "Nickel", "Rash under watch and earrings"),
    ("ida", "", "Penicillin", "Hives"),
    ("linh", "oil_allergy", "Eucalyptus oil", "Red, itching skin"),
    ("samuel", "latex_allergy", "Latex", "Itching hands"),
]


class Elsewhere(NamedTuple):
    who: str
    problem: str
    assessed_by: str
    days: int  # before loading that it was assessed
    finding: str
    primary_treatment: str = ""
    referring_physician: str = ""


CARE = [
    Elsewhere("maria", "Neck pain", "Dr. Susan Amos", 75, "No nerve signs, no imaging needed.", "Ibuprofen as needed"),
    Elsewhere("tunde", "Low back pain", "Dr. Ayodele Martins", 90, "X-ray: age-related changes.",
              "Home exercises", "Dr. Ayodele Martins"),
    Elsewhere("ida", "Knee pain, both sides", "Dr. Leonard Fischer", 140, "X-ray: moderate wear.",
              "Physical therapy until August", "Dr. Leonard Fischer"),
    Elsewhere("sunhee", "Stiff right shoulder", "Dr. Grace Kim", 60, "Ultrasound: tendons whole.",
              "", "Dr. Grace Kim"),
    Elsewhere("rita", "Pain down the left leg", "Dr. Alan Reyes", 50, "No weakness; MRI not needed for now.",
              "Naproxen, lower dose since this month"),
    Elsewhere("walter", "Back pain", "Dr. Helen Marsh", 400, "Old compression of T11.", "Tramadol"),
]  # fmt: skip
PREGNANT, DUE_IN = "grace", timedelta(days=126)
NECKS, BACKS = ["neck"], ["back"]  # whom the safety questions of which region are put to
NECK_PAIN = ["maria", "linh", "grace", "marta", "sunhee", "jo", "rebecca"]
NO_NECK_CONSENT = "samuel"  # the one whose consent is missing today
CHILDREN = ["noah", "lily"]


def write_histories(people, by_name, *, now, today):
    """`by_name`: {name of a practitioner: account}. Everything is as said at the first visit of a course."""
    authors = {course.who: by_name[course.practitioner] for course in COURSES}
    written = [who for who in authors if who in people.named]
    then = {"now": now - timedelta(days=60), "today": today - timedelta(days=60)}
    for who in written:
        write_history(who, people.named[who], authors[who], now=now, today=today, then=then)
    write_pregnancy(people.named[PREGNANT], authors[PREGNANT], now=now, today=today)
    write_referral(people.named["walter"], authors["walter"], now=now)


def write_history(who, patient, by, *, now, today, then):
    for _who, code, name, region, side, year in of(CONDITIONS, who):
        started = min(date(year, 3, 1), then["today"])
        keep(Condition, patient, by, then, code=code, name=name, region=region, side=side, started=started)
    for _who, name, kind, effect, doses in of(MEDICATION, who):
        started = today - timedelta(days=doses[0][0])
        values = {"name": name, "medication_class": kind, "effect": effect, "started": started}
        write_doses(keep(Medication, patient, by, then, **values), doses, by, now=now, today=today)
    for _who, code, substance, reaction in of(ALLERGIES, who):
        keep(Allergy, patient, by, then, code=code, substance=substance, reaction=reaction)
    for line in CARE:
        if line.who == who:
            write_care(line, patient, by, then, today=today)
    write_answers(patient, NECKS if who in NECK_PAIN else BACKS, by, now=now)
    for what in ("bleeding", "devices"):
        history.check_list(
            by=by, patient=patient, what=what, answer="unchanged", now=now - timedelta(days=11),
            today=today - timedelta(days=11),
        )  # fmt: skip


def write_answers(patient, regions, by, *, now):
    """The safety questions before the first visit, all with no, and once more since."""
    wanted = asked(questions(), regions, "intake")
    answers = {row.key: "no" for row in wanted}
    flags.screen(
        by=by,
        patient=patient,
        answers=answers,
        asked_when="intake",
        regions=regions,
        now=now - timedelta(days=60),
    )
    flags.nothing_new(by=by, patient=patient, now=now - timedelta(days=4))


def of(lines, who):
    return [line for line in lines if line[0] == who]


def keep(model, patient, by, then, **values):
    values["source"] = Source.SAID
    return history.keep(by=by, model=model, patient=patient, values=values, **then)


def write_doses(row, doses, by, *, now, today):
    for days, dose, mg in doses:
        history.add_dose(
            by=by, medication=row, version=row.version, from_day=today - timedelta(days=days), dose=dose,
            mg_per_day=Decimal(mg), now=now - timedelta(days=min(days, 60)), today=today,
        )  # fmt: skip
        row.version += 1


def write_care(line, patient, by, then, *, today):
    values = line._asdict()
    del values["who"]
    values["assessed_on"] = today - timedelta(days=values.pop("days"))
    history.keep(by=by, model=CareElsewhere, patient=patient, values={**values, "assessed": True}, **then)


def write_pregnancy(patient, by, *, now, today):
    history.check_list(
        by=by, patient=patient, what="pregnancy", answer="yes", due_on=today + DUE_IN,
        now=now - timedelta(days=32), today=today - timedelta(days=32),
    )  # fmt: skip


def write_referral(patient, by, *, now):
    """Asked for by hand, waiting for the physician."""
    values = {
        "to": "Dr. Helen Marsh",
        "why": "Pain in the middle of the back has changed little in four visits. Please look at it again.",
        "urgency": "within_1_week",
    }
    referrals.open_by_hand(by=by, patient=patient, values=values, now=now - timedelta(days=4))


def kinds_of(course):
    """What is signed before the first visit of a course."""
    kinds = ["acupuncture"] if course.needles else []
    if course.hands:
        kinds += ["adjustment"] if course.who == NO_NECK_CONSENT else ["adjustment", "neck_adjustment"]
    return kinds + (["combined_care"] if course.needles and course.hands else [])


def write_consents(people, by_name, *, now):
    """Signed the day before the course began, in front of its practitioner; for children by their mother."""
    forms = latest(DOCUMENTS.values())
    for course in COURSES:
        patient = people.named.get(course.who)
        at = now + timedelta(days=course.days[0] - 1)
        for kind in kinds_of(course) if patient else []:
            consent(patient, forms[DOCUMENTS[kind]], by_name[course.practitioner], at=at)
    guardians = RelatedPerson.objects.filter(guardian=True).select_related("patient")
    for child in [people.named[who] for who in CHILDREN]:
        guardian = guardians.get(patient=child)
        for kind in ("adjustment", "neck_adjustment"):
            form, by = forms[DOCUMENTS[kind]], by_name["Daniel Weiss"]
            consent(child, form, by, at=now - timedelta(days=30), guardian=guardian)


def consent(patient, form, by, *, at, guardian=None):
    name = guardian.name if guardian else f"{patient.given_name} {patient.family_name}"
    role = Signer(name, "guardian", guardian.pk, guardian.relation) if guardian else Signer(name)
    row = sign(
        patient=patient, form=form, answers={}, response=None, signer=role, guardian=guardian, now=at,
        witnessed_by=by,
    )  # fmt: skip
    row.talked_through_at, row.talked_through_by = at, by
    row.save()
