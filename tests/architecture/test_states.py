"""docs/states.md draws the life of a visit exactly as scheduling/rules/life.py has it."""

from scheduling.models import OCCUPIES_PATIENT, Status
from scheduling.rules.life import NEXT_STATUSES
from tests.architecture.source import ROOT

DRAWING = ROOT / "docs" / "states.md"


def drawn():
    """The table as a diagram, its arrows in the order of the statuses."""
    order = list(Status)
    arrows = [
        f"    {before.value} --> {after.value}"
        for before in order
        for after in order
        if after in NEXT_STATUSES[before]
    ]
    ends = [f"    {status.value} --> [*]" for status in order if not NEXT_STATUSES[status]]
    first = [f"    [*] --> {status.value}" for status in (Status.HELD, Status.BOOKED)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *first, *arrows, *ends, "```"])


def test_the_drawing_is_the_table():
    text = DRAWING.read_text()
    assert text[text.index("```mermaid") : text.rindex("```") + 3] == drawn()


def test_every_status_has_a_line_and_leads_only_to_statuses():
    assert set(NEXT_STATUSES) == set(Status)
    assert set().union(*NEXT_STATUSES.values()) <= set(Status)


def test_what_occupies_the_patient_is_not_over():
    assert all(NEXT_STATUSES[status] for status in OCCUPIES_PATIENT)
