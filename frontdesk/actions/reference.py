"""What every clinic starts with: disciplines, kinds of care, of rooms and of licenses, and services.

Loading again adds what is missing by key and leaves every row that exists as the clinic has it. What hangs
on a row (the phases of a service, what a license covers) comes with that row once, so that a line the
clinic removed stays removed.

Points, rules, codes and texts come from the data files of their apps: there what the clinic changed is a row of
its own, and ours follow the files (clinic.actions.reference).
"""

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

import acupoints.actions.reference
import intake.actions.reference
import messaging.actions
import outcomes.actions.reference
import packages.actions.reference
import plans.actions.reference
import services.actions
import treatment.actions.reference
from acupoints.actions.reference import refresh_search_text
from clinic import audit
from clinic.actions.reference import load, lock_loading
from clinic.models import RoomKind
from intake.actions.loading import load_forms
from practitioners.models import Coverage, LicenseKind
from services.models import Discipline, KindOfCare, Part, Phase, Service

# key, name, whether a license is needed: stretching is given by whoever the clinic lets.
DISCIPLINES = [
    ("acupuncture", "Acupuncture", True),
    ("chiropractic", "Chiropractic", True),
    ("massage", "Massage", True),
    ("stretching", "Stretching", False),
    ("nutrition", "Nutrition", True),
]
# Those of plan_templates.json, and three of visits that no package contains.
KINDS_OF_CARE = [
    ("acupuncture_visit", "Acupuncture visit"),
    ("adjustment_visit", "Adjustment visit"),
    ("massage_visit", "Massage visit"),
    ("stretching_visit", "Stretching visit"),
    ("re_evaluation", "Re-evaluation"),
    ("nutrition_consultation", "Nutrition consultation"),
    ("acupuncture_first_visit", "Acupuncture first visit"),
    ("chiropractic_first_visit", "Chiropractic first visit"),
]
ROOM_KINDS = [
    ("treatment", "Treatment room"),
    ("adjusting", "Adjusting room"),
    ("massage", "Massage room"),
    ("open", "Open floor"),
    ("consult", "Consulting room"),
]
STATES = ["NC", "NY", "IL", "GA", "FL"]
# key, name, what it covers in each of the states; the owner edits the result, since laws differ and change.
LICENSE_KINDS = [
    ("lac", "Licensed acupuncturist (L.Ac.)", ["acupuncture"]),
    ("dc", "Doctor of chiropractic (D.C.)", ["chiropractic", "stretching"]),
    ("lmt", "Licensed massage therapist (LMT)", ["massage", "stretching"]),
    ("rd", "Registered dietitian (RD)", ["nutrition"]),
]
# A chiropractor's license removes no needles unless the owner says that the state lets it.
MAY_REMOVE_NEEDLES = {"lac"}


class Minutes(NamedTuple):
    """One phase.

    `provider` is "" for nobody, "any", or the position of the phase whose provider it is; `room` is "" for
    none, a kind of room, or the position of the phase whose room it is.
    """

    position: int
    kind: str
    minutes: int
    provider: str | int
    room: str | int
    patient: bool = True
    at_most: int | None = None


class Delivered(NamedTuple):
    name: str
    discipline: str
    kind_of_care: str
    phases: list[Minutes]


ADJUSTMENT = [Minutes(1, "adjustment", 15, "any", "adjusting"), Minutes(2, "turnover", 5, "", 1, False)]

# key, name, whether it is for a first visit, parts. Phases are numbered through the whole service.
SERVICES = [
    ("acupuncture_first", "Acupuncture, first visit", True, [
        Delivered("Acupuncture, first visit", "acupuncture", "acupuncture_first_visit", [
            Minutes(1, "history", 25, "any", "treatment"),
            Minutes(2, "hands_on", 15, 1, 1),
            Minutes(3, "retention", 30, "", 1, at_most=60),
            Minutes(4, "removal", 5, 1, 1),
            Minutes(5, "rest", 5, "", 1),
            Minutes(6, "turnover", 5, "", 1, False),
        ]),
    ]),
    ("acupuncture_follow_up", "Acupuncture follow-up", False, [
        Delivered("Acupuncture", "acupuncture", "acupuncture_visit", [
            Minutes(1, "hands_on", 15, "any", "treatment"),
            Minutes(2, "retention", 30, "", 1, at_most=60),
            Minutes(3, "removal", 5, 1, 1),
            Minutes(4, "rest", 5, "", 1),
            Minutes(5, "turnover", 5, "", 1, False),
        ]),
    ]),
    ("chiropractic_first", "Chiropractic, first visit", True, [
        Delivered("Chiropractic, first visit", "chiropractic", "chiropractic_first_visit", [
            Minutes(1, "history", 20, "any", "adjusting"),
            Minutes(2, "hands_on", 15, 1, 1),
            Minutes(3, "adjustment", 10, 1, 1),
            Minutes(4, "turnover", 5, "", 1, False),
        ]),
    ]),
    ("adjustment", "Adjustment", False, [
        Delivered("Adjustment", "chiropractic", "adjustment_visit", ADJUSTMENT),
    ]),
    ("massage", "Massage", False, [
        Delivered("Massage", "massage", "massage_visit", [
            Minutes(1, "hands_on", 50, "any", "massage"),
            Minutes(2, "turnover", 10, "", 1, False),
        ]),
    ]),
    ("stretching", "Stretching", False, [
        Delivered("Stretching", "stretching", "stretching_visit", [
            Minutes(1, "hands_on", 30, "any", "open"),
        ]),
    ]),
    ("re_evaluation_acupuncture", "Re-evaluation (acupuncture)", False, [
        Delivered("Re-evaluation", "acupuncture", "re_evaluation", [
            Minutes(1, "history", 10, "any", "treatment"),
            Minutes(2, "hands_on", 20, 1, 1),
            Minutes(3, "turnover", 5, "", 1, False),
        ]),
    ]),
    ("re_evaluation_chiropractic", "Re-evaluation (chiropractic)", False, [
        Delivered("Re-evaluation", "chiropractic", "re_evaluation", [
            Minutes(1, "history", 10, "any", "adjusting"),
            Minutes(2, "hands_on", 20, 1, 1),
            Minutes(3, "turnover", 5, "", 1, False),
        ]),
    ]),
    ("nutrition", "Nutrition consultation", False, [
        Delivered("Nutrition consultation", "nutrition", "nutrition_consultation", [
            Minutes(1, "history", 10, "any", "consult"),
            Minutes(2, "hands_on", 35, 1, 1),
            Minutes(3, "charting", 5, 1, "", False),
        ]),
    ]),
    # The rest before the adjustment needs no treatment room; that room is made ready meanwhile.
    ("acupuncture_adjustment", "Acupuncture + adjustment", False, [
        Delivered("Acupuncture", "acupuncture", "acupuncture_visit", [
            Minutes(1, "hands_on", 15, "any", "treatment"),
            Minutes(2, "retention", 30, "", 1, at_most=60),
            Minutes(3, "removal", 5, 1, 1),
            Minutes(4, "turnover", 5, "", 1, False),
            Minutes(5, "rest", 5, "", ""),
        ]),
        Delivered("Adjustment", "chiropractic", "adjustment_visit", [
            Minutes(6, "adjustment", 15, "any", "adjusting"),
            Minutes(7, "turnover", 5, "", 6, False),
        ]),
    ]),
    ("adjustment_acupuncture", "Adjustment + acupuncture", False, [
        Delivered("Adjustment", "chiropractic", "adjustment_visit", ADJUSTMENT),
        Delivered("Acupuncture", "acupuncture", "acupuncture_visit", [
            Minutes(3, "hands_on", 15, "any", "treatment"),
            Minutes(4, "retention", 30, "", 3, at_most=60),
            Minutes(5, "removal", 5, 3, 3),
            Minutes(6, "rest", 5, "", 3),
            Minutes(7, "turnover", 5, "", 3, False),
        ]),
    ]),
]  # fmt: skip


DATASETS = [
    *acupoints.actions.reference.DATASETS,
    *intake.actions.reference.DATASETS,
    *treatment.actions.reference.DATASETS,
    *services.actions.DATASETS,
    *messaging.actions.DATASETS,
    *outcomes.actions.reference.DATASETS,
    *packages.actions.reference.DATASETS,
    *plans.actions.reference.DATASETS,
]


def load_reference(*, by=None):
    """Add what is missing and load the data files; the number of rows that were written."""
    added, files = load_everything(by=by)
    return added + sum(loaded.written for loaded in files)


@transaction.atomic
def load_everything(*, by=None):
    """(rows of this module that were added, what became of each data file)."""
    lock_loading()
    added = _add_plain_tables() + _add_license_kinds()
    for position, service in enumerate(SERVICES, start=1):
        added += _add_service(position * 10, *service)
    now = timezone.now()
    files = [load(dataset, now=now) for dataset in DATASETS]
    forms = load_forms(now=now, by=by)
    added += len(forms.added)
    refresh_search_text()
    written = {loaded.dataset: loaded.written for loaded in files if loaded.written}
    if added or written:
        audit.record(by=by, verb="load_reference", about="clinic.reference", added=added, written=written)
    return added, files


def _add_plain_tables():
    added = 0
    for key, name, needed in DISCIPLINES:
        added += _add(Discipline, key, name=name, license_needed=needed)[1]
    for model, rows in [(KindOfCare, KINDS_OF_CARE), (RoomKind, ROOM_KINDS)]:
        for key, name in rows:
            added += _add(model, key, name=name)[1]
    return added


def _add_license_kinds():
    added = 0
    disciplines = {row.key: row for row in Discipline.objects.all()}
    for key, name, covered in LICENSE_KINDS:
        kind, is_new = _add(LicenseKind, key, name=name)
        added += is_new
        if is_new:
            Coverage.objects.bulk_create(
                Coverage(
                    license_kind=kind,
                    state=state,
                    discipline=disciplines[discipline],
                    may_remove_needles=key in MAY_REMOVE_NEEDLES,
                )
                for state in STATES
                for discipline in covered
            )
    return added


def _add_service(position, key, name, first_visit, parts):
    service, is_new = _add(Service, key, name=name, first_visit=first_visit, position=position)
    for number, delivered in enumerate(parts if is_new else [], start=1):
        part = Part.objects.create(
            service=service,
            position=number,
            name=delivered.name,
            discipline=Discipline.objects.get(key=delivered.discipline),
            kind_of_care=KindOfCare.objects.get(key=delivered.kind_of_care),
        )
        Phase.objects.bulk_create(_phases(part, delivered.phases, _kinds_by_position(parts)))
    return is_new


def _phases(part, phases, kinds):
    """Rows of one part; a phase in an earlier phase's room names that room's kind too."""
    return [
        Phase(
            part=part,
            position=phase.position,
            kind=phase.kind,
            minutes=phase.minutes,
            max_minutes=phase.at_most,
            practitioner_needed=phase.provider != "",
            room_kind=kinds[phase.position],
            patient_present=phase.patient,
            same_practitioner_as=phase.provider if isinstance(phase.provider, int) else None,
            same_room_as=phase.room if isinstance(phase.room, int) else None,
        )
        for phase in phases
    ]


def _kinds_by_position(parts):
    rows = {kind.key: kind for kind in RoomKind.objects.all()}
    kinds = {}
    for phase in (phase for part in parts for phase in part.phases):
        kinds[phase.position] = kinds[phase.room] if isinstance(phase.room, int) else rows.get(phase.room)
    return kinds


def _add(model, key, **values):
    return model.objects.get_or_create(key=key, defaults=values)
