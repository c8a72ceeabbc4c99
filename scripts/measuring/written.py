"""Charts for the measurements: visits with signed notes of both disciplines, and drafts to be saved.

Made once with the database, by the owner of the tables. Two patients have as many notes as are measured; one of
50 others has 20, so that the planner sees a clinic and not a patient.
"""

import random
import uuid
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from acupoints.models import Acupoint
from clinic import walltime
from clinic.database import as_owner
from clinic.models import Location, User
from intake.models import Allergy, Condition, Medication, MedicationDose
from patients.models import Patient
from practitioners.models import Practitioner
from scheduling.models import Appointment, Change, PartStatus, Status, VisitPart, VisitPhase
from scripts.measuring.calendar import reader
from services.models import Part, Service
from treatment.actions.drafts import open_note_without_visit, save_draft
from treatment.models import (
    Addendum,
    Adjustment,
    ContactNote,
    Handover,
    NeedleCount,
    NeedleSet,
    Needling,
    Note,
    Reaction,
    RegionFinding,
    SegmentFinding,
    Vitals,
)
from treatment.rules.state import empty_state

NOTES = (30, 300)  # the charts that are opened
POINTS = (2, 20)  # the drafts that are saved
AROUND, NOTES_AROUND = 50, 20
EVERY = timedelta(days=4)
BOOKED_BEFORE = timedelta(days=2, minutes=7)  # at no other line's minute: a timeline has one order only
SECOND_PART, SIGNED_AFTER = timedelta(minutes=60), timedelta(minutes=90)
POINTS_OF_A_NOTE = ["GV20", "LI4", "LR3", "ST36", "SP6", "GB20", "BL23", "BL25", "GB34", "KI3"]


class Team(NamedTuple):
    """Who writes what, where: `practitioners` and `authors` by the position of the part."""

    location: Location
    service: Service
    parts: list
    practitioners: list
    authors: list


def write(now):
    now = now.replace(microsecond=0)
    with as_owner(), transaction.atomic():
        found, rng = team(), random.Random("charts")
        patients = list(Patient.objects.filter(merged_into=None).order_by("-id"))
        charts = [*NOTES, *[NOTES_AROUND] * (len(patients) // AROUND)]
        regions = dict(Acupoint.objects.effective().values_list("key", "region"))
        rows = defaultdict(list)
        for patient, many in zip(patients, charts, strict=False):
            add_history(rows, found, patient, now)
            for number in range(many // len(found.parts)):
                add_visit(rows, found, patient, now - EVERY * (number + 1), number, rng, regions)
            add_around(rows, found, patient, now, many)
        keep(rows)
        others = patients[len(charts) :]
        for patient, points in zip(others, [one for one in POINTS for _twin in "ab"], strict=False):
            draft(found, patient, points, regions)


def team():
    service = Service.objects.get(key="acupuncture_adjustment")
    parts = list(Part.objects.filter(service=service).select_related("discipline").order_by("position"))
    mei = Practitioner.objects.get(user=reader("practitioner"))
    others = Practitioner.objects.exclude(user=None).order_by("pk")
    whose = [mei if part.discipline.key == "acupuncture" else others.filter(disciplines=part.discipline).first()
             for part in parts]  # fmt: skip
    authors = [User.objects.get(pk=one.user_id) for one in whose]
    return Team(Location.objects.get(), service, parts, whose, authors)


def add_history(rows, team, patient, now):
    entered = {"patient": patient, "source": "said", "entered_at": now - EVERY, "entered_by": team.authors[0]}
    rows[Condition] += [
        Condition(code=code, name=name, **entered)
        for code, name in [("hypertension", "High blood pressure"), ("", "Hay fever"), ("", "Migraine")]
    ]
    for name, kind in [("Tramadol", "opioid"), ("Lisinopril", "other")]:
        medicine = Medication(name=name, medication_class=kind, **entered)
        dose = MedicationDose(
            medication=medicine, from_day=now.date() - EVERY, dose="10 mg", mg_per_day=10, at=now
        )
        rows[Medication].append(medicine)
        rows[MedicationDose].append(dose)
    rows[Allergy].append(Allergy(substance="Nickel", **entered))


def new_id(rng):
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def add_visit(rows, team, patient, about, number, rng, regions):
    """A visit that was, with a note for each of its parts."""
    starts = about.replace(minute=0, second=0)
    wall = walltime.local(starts, team.location.tz)
    visit = Appointment(
        id=new_id(rng), patient=patient, service=team.service, location=team.location, starts_at=starts,
        ends_at=starts + 2 * SECOND_PART, wall_date=wall.date(), wall_time=wall.time(), status=Status.COMPLETED,
        created_at=starts - BOOKED_BEFORE, created_by=team.authors[0],
    )  # fmt: skip
    rows[Appointment].append(visit)
    booked = Change(
        id=new_id(rng), appointment=visit, verb="book", at=visit.created_at, by=team.authors[0],
        before={"status": str(Status.CANCELLED), "ended_reason": "booking undone"},
    )  # fmt: skip
    rows[Change].append(booked)
    for place, delivered in enumerate(team.parts):
        begins = starts + place * SECOND_PART
        part = VisitPart(
            id=new_id(rng), appointment=visit, position=delivered.position, name=delivered.name,
            discipline=delivered.discipline, kind_of_care_id=delivered.kind_of_care_id, status=PartStatus.DONE,
        )  # fmt: skip
        phase = VisitPhase(
            visitpart=part, position=delivered.position, kind="hands_on", minutes=45, starts_at=begins,
            practitioner=team.practitioners[place], ends_at=begins + timedelta(minutes=45),
        )  # fmt: skip
        rows[VisitPart].append(part)
        rows[VisitPhase].append(phase)
        add_note(rows, team, part, begins, team.authors[place], number, rng, regions)


def add_note(rows, team, part, opened, author, number, rng, regions):
    visit = part.appointment
    note = Note(
        id=new_id(rng), appointment=visit, visitpart=part, patient=visit.patient, location=team.location,
        author=author, discipline=part.discipline, opened_at=opened, said_pain_now=8 - number % 7,
        said_change="better", said_words="Stiff when reversing the car, less at night.",
        found_palpation="Tender along the upper trapezius.", progress="Turns further than last time.",
        found_tongue={"picks": ["pale"], "words": ""}, found_pulse={"picks": ["wiry"], "words": ""},
        response_words="Calm.", felt="nothing", advice={"texts": [], "words": "Drink water."},
        next_time="Same points.", clean_technique_at=opened, clean_technique_by=author,
        sharps_box_at=opened, sharps_box_by=author, order_followed=True,
    )  # fmt: skip
    rows[Note].append(note)
    add = add_needles if part.discipline.key == "acupuncture" else add_findings
    add(rows, note, rng, regions)
    if number % 10 == 0:
        words, at = "The patient called: no reaction.", opened + timedelta(days=1)
        rows[Addendum].append(
            Addendum(id=new_id(rng), note=note, kind="addendum", words=words, at=at, by=author)
        )


def add_needles(rows, note, rng, regions):
    """Ten points on both sides, of one set, counted out by region."""
    needles = NeedleSet(
        id=new_id(rng), note=note, position=0, size="N2030", lot="2409A", retention_minutes=30,
        started_at=note.opened_at, ended_at=note.opened_at + timedelta(minutes=30),
    )  # fmt: skip
    rows[NeedleSet].append(needles)
    counted = defaultdict(int)
    for position, code in enumerate(POINTS_OF_A_NOTE):
        counted[regions[code]] += 2
        needling = Needling(
            id=new_id(rng), note=note, position=position, needle_set=needles, kind="point", code=code,
            region=regions[code], side="both", needles_in=2, depth_mm=20, techniques=["even"],
            stimulation="manual", sensations=["distension"],
        )  # fmt: skip
        rows[Needling].append(needling)
    rows[NeedleCount] += [
        NeedleCount(
            id=new_id(rng), note=note, position=position, region=region, out=out, at=needles.ended_at, by=note.author
        )
        for position, (region, out) in enumerate(counted.items())
    ]  # fmt: skip


def add_findings(rows, note, rng, _regions):
    for position, segment in enumerate(["C5", "T4", "L4"]):
        of_note = {"note": note, "position": position}
        rows[SegmentFinding].append(
            SegmentFinding(
                id=new_id(rng), segment=segment, listings=["PL"], tender=True, side="left", **of_note
            )
        )
        rows[RegionFinding].append(
            RegionFinding(
                id=new_id(rng), region="neck", motion="rotation right", degrees=50 + position, **of_note
            )
        )
        rows[Adjustment].append(
            Adjustment(id=new_id(rng), segment=segment, side="left", technique="diversified", **of_note)
        )
    rows[Vitals].append(Vitals(id=new_id(rng), note=note, position=0, systolic=128, diastolic=82))


def add_around(rows, team, patient, now, many):
    """Calls, reactions and handovers: as many more as there are notes."""
    first, second = team.authors
    for number in range(many // 6):
        at = now - EVERY * (5 * number + 1) + timedelta(minutes=7)
        rows[ContactNote].append(
            ContactNote(patient=patient, kind="call", words="Asked for an earlier time.", at=at, by=first)
        )
        if number % 2:
            at += timedelta(minutes=1)
            rows[Handover].append(
                Handover(patient=patient, to_user=second, words="Mind the neck.", by=first, at=at, seen_at=at)
            )
            at += timedelta(minutes=1)
            rows[Reaction].append(Reaction(patient=patient, kind="AE001", grade=1, at=at, by=first))


def keep(rows):
    """Children before their notes are signed: afterwards the database refuses them. Addenda come after that."""
    for model in [Medication, Appointment, VisitPart, VisitPhase, Change, Note]:
        model.objects.bulk_create(rows.pop(model), batch_size=2000)
    addenda = rows.pop(Addendum)
    for model, children in rows.items():
        model.objects.bulk_create(children, batch_size=2000)
    unsigned = Note.objects.filter(signed_at=None)
    unsigned.update(signed_at=F("opened_at") + SIGNED_AFTER, signed_by=F("author"), version=F("version") + 1)
    Addendum.objects.bulk_create(addenda)


def draft(team, patient, points, regions):
    """A draft with so many points, by the product's own actions."""
    by, discipline = team.authors[0], team.parts[0].discipline
    note = open_note_without_visit(by=by, patient=patient, discipline=discipline, location=team.location)
    save_draft(by=by, pk=note.pk, version=note.version, state=draft_state(points, regions))


def draft_state(points, regions):
    """What a note page sends: so many points of one set, their regions filled in."""
    needle_set = str(uuid.uuid4())
    needlings = [
        {"id": str(uuid.uuid4()), "needle_set": needle_set, "kind": "point", "code": code, "region": region,
         "side": "both", "needles_in": 2, "depth_mm": 20.0, "techniques": ["even"], "stimulation": "manual"}
        for code, region in sorted(regions.items())[:points]
    ]  # fmt: skip
    sets = [{"id": needle_set, "size": "N2030", "lot": "2409A", "retention_minutes": 30}]
    said = {"said_pain_now": 5, "said_words": "Stiff when reversing the car.", "found_palpation": "Tender."}
    sent = {name: value for name, value in empty_state().items() if not name.endswith(("_at", "_by"))}
    return {**sent, **said, "sets": sets, "needlings": needlings}
