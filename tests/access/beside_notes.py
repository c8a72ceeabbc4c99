"""What is written beside the notes of each patient of the matrix, with words that only clinicians may read."""

from datetime import date

from messaging.models import StaffTask
from tests.cast import NOW, canary
from treatment.models import Addendum, ContactNote, Handover, NeedleBox, NeedleSet, Note, Reaction

LOT = "L7"


def beside_notes_of_everybody(world, names):
    """`reactions` and `handovers` of the world, a call note of each patient, and needles of one lot in every note."""
    mei = world.cast.mei
    world.rows["box"] = NeedleBox.objects.create(
        location=world.cast.uptown, size="N2030", lot=LOT, expires_on=date(2027, 3, 1), opened_at=NOW, opened_by=mei
    )  # fmt: skip
    for name in names:
        said = {"patient": getattr(world.cast, name), "by": mei, "at": NOW}
        world.reactions[name] = Reaction.objects.create(
            kind="BRUISE", grade=1, note=world.notes[name], words=canary(name, "reaction_words"), **said
        )
        StaffTask.objects.create(
            kind="report_reaction", title="Report to: the board", for_role="practitioner", opened_at=NOW,
            about=f"treatment.reaction:{world.reactions[name].pk}", patient=said["patient"].pk,
        )  # fmt: skip
        world.handovers[name] = Handover.objects.create(
            to_user=world.cast.daniel, words=canary(name, "handover_words"), **said
        )
        ContactNote.objects.create(
            kind="call", words=canary(name, "contact_words"), **said | {"by": world.cast.jo}
        )
        NeedleSet.objects.create(note=world.notes[name], position=0, lot=LOT)
    world.rows["note_in_error"] = note_in_error(world)


def note_in_error(world):
    """A second note about Maria, which its author took out of the chart."""
    acupuncture = world.notes["maria"].discipline
    note = Note.objects.create(
        patient=world.cast.maria, author=world.cast.mei, discipline=acupuncture, location=world.cast.uptown, number=9,
        opened_at=NOW,
    )  # fmt: skip
    Addendum.objects.create(
        note=note, kind="entered_in_error", words="wrong chart", at=NOW, by=world.cast.mei
    )
    return note
