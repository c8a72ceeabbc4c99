"""The reference data: what it holds, that services can be laid out, and that loading again changes nothing."""

import pytest

from clinic.models import RoomKind
from frontdesk.actions.reference import load_reference
from practitioners.models import Coverage, LicenseKind
from scheduling.queries.offers import visit_of
from services.models import Discipline, KindOfCare, Part, Phase, Service

pytestmark = pytest.mark.django_db

# key: minutes told to the patient, minutes until everything is over, rooms one after another
LENGTHS = {
    "acupuncture_first": (80, 85, ["treatment"]),
    "acupuncture_follow_up": (55, 60, ["treatment"]),
    "chiropractic_first": (45, 50, ["adjusting"]),
    "adjustment": (15, 20, ["adjusting"]),
    "massage": (50, 60, ["massage"]),
    "stretching": (30, 30, ["open"]),
    "re_evaluation_acupuncture": (30, 35, ["treatment"]),
    "re_evaluation_chiropractic": (30, 35, ["adjusting"]),
    "nutrition": (45, 50, ["consult"]),
    "acupuncture_adjustment": (70, 75, ["treatment", "adjusting"]),
    "adjustment_acupuncture": (70, 75, ["adjusting", "treatment"]),
}


def counts():
    models = [Discipline, KindOfCare, RoomKind, LicenseKind, Coverage, Service, Part, Phase]
    return [model.objects.count() for model in models]


def test_counts():
    assert counts() == [5, 8, 5, 4, 30, 11, 13, 43]


def test_loading_again_adds_nothing():
    before = counts()
    assert load_reference() == 0
    assert counts() == before


def test_what_the_clinic_changed_stays():
    massage = Service.objects.get(key="massage")
    massage.name = "Deep massage"
    massage.save()
    Phase.objects.filter(part__service=massage, kind="turnover").delete()
    Coverage.objects.filter(state="FL").delete()
    load_reference()
    massage.refresh_from_db()
    assert massage.name == "Deep massage"
    assert Phase.objects.filter(part__service=massage).count() == 1
    assert Coverage.objects.filter(state="FL").count() == 0


def test_what_is_missing_comes_back():
    LicenseKind.objects.filter(key="rd").update(key="dietitian", version=2)
    assert load_reference() == 1
    assert LicenseKind.objects.filter(key="rd").count() == 1


@pytest.mark.parametrize("key", LENGTHS)
def test_services_can_be_laid_out(key):
    visit = visit_of(Service.objects.get(key=key))
    kinds = dict(RoomKind.objects.values_list("pk", "key"))
    rooms = [kinds[kind] for group in visit.room_groups for kind in group.wants]
    assert (visit.patient_quanta * 5, visit.quanta * 5, rooms) == LENGTHS[key]


def test_acupuncture_then_adjustment_in_order():
    phases = Phase.objects.filter(part__service__key="acupuncture_adjustment").order_by("position")
    rows = phases.values_list("kind", "minutes", "practitioner_needed", "room_kind__key", "patient_present")
    assert list(rows) == [
        ("hands_on", 15, True, "treatment", True),
        ("retention", 30, False, "treatment", True),
        ("removal", 5, True, "treatment", True),
        ("turnover", 5, False, "treatment", False),
        ("rest", 5, False, None, True),
        ("adjustment", 15, True, "adjusting", True),
        ("turnover", 5, False, "adjusting", False),
    ]


def test_whoever_needles_takes_the_needles_out():
    removals = Phase.objects.filter(kind="removal").select_related("part__service")
    for removal in removals:
        same = Phase.objects.get(part__service=removal.part.service, position=removal.same_practitioner_as)
        assert same.part == removal.part
        assert same.practitioner_needed
        assert removal.same_room_as is not None
    assert removals.count() == 4


def test_only_acupuncturists_remove_needles():
    kinds = Coverage.objects.filter(may_remove_needles=True).values_list(
        "license_kind__key", "discipline__key"
    )
    assert set(kinds) == {("lac", "acupuncture")}
    assert kinds.count() == 5


def test_kinds_of_care_are_those_of_the_plan_templates_and_three_of_single_visits():
    assert list(KindOfCare.objects.order_by("key").values_list("key", flat=True)) == [
        "acupuncture_first_visit",
        "acupuncture_visit",
        "adjustment_visit",
        "chiropractic_first_visit",
        "massage_visit",
        "nutrition_consultation",
        "re_evaluation",
        "stretching_visit",
    ]
