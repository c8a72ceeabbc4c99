"""What stands in the history of each patient of the matrix, with words that only those who treat may read."""

from clinic.documents import pdf_of
from intake.models import Condition, Letter, Medication, RaisedFlag, Referral, Screening
from tests.cast import NOW, canary


def histories_of_everybody(world, names):
    """`lines`, `medicines`, `flags`, `referrals` and `letters` of the world, a row of each for every patient."""
    for name in names:
        patient, mei = getattr(world.cast, name), world.cast.mei
        said = {"source": "said", "entered_at": NOW, "words": canary(name, "history_words")}
        world.lines[name] = Condition.objects.create(
            patient=patient, code="epilepsy", name=canary(name, "condition"), **said
        )
        world.medicines[name] = Medication.objects.create(
            patient=patient, name=canary(name, "medicine"), medication_class="other", effect="anticoagulant", **said
        )  # fmt: skip
        world.flags[name] = flag_of(name, patient, mei)
        world.referrals[name] = Referral.objects.create(
            patient=patient, to="Dr. Amos", why=canary(name, "referral_why"), opened_at=NOW, opened_by=mei
        )
        letter = world.letters[name] = Letter.objects.create(
            patient=patient, kind="progress", to=canary(name, "letter_to"), data={}, made_at=NOW, made_by=mei,
            pdf=pdf_saying(canary(name, "letter_words")),
        )  # fmt: skip
        letter.version = 1


def pdf_saying(words):
    return pdf_of(
        b'#set document(title: "A letter")\n#json(bytes(sys.inputs.data)).words', {"words": words}, now=NOW
    )


def flag_of(name, patient, by):
    screening = Screening.objects.create(
        patient=patient, asked_when="intake", regions=["back"], answers={"RF001": "yes"}, at=NOW, by=by
    )
    return RaisedFlag.objects.create(
        patient=patient, screening=screening, flag="RF001", question=canary(name, "flag_question"),
        action="refer_now", urgency="emergency", action_text=canary(name, "flag_action"),
        suspected=canary(name, "flag_suspected"), blocked_modalities=["all"], raised_at=NOW,
    )  # fmt: skip
