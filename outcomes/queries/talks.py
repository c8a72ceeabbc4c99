"""What stands on the page of a task about hard answers."""

from dataclasses import dataclass

from outcomes.models import Score
from outcomes.queries.measures import known
from outcomes.rules.change import in_words
from outcomes.rules.scoring import is_positive


@dataclass(frozen=True, slots=True)
class Said:
    """`answers` are [(question, answer)] of the measure that called; `steps` what its file asks to do."""

    name: str
    words: str
    answers: tuple
    steps: tuple[str, ...]


def reasons_and_steps(task):
    """[Said] of each measure whose answers called for the task. Two statements."""
    assessment, measures = task.about.partition(":")[2], known()
    rows = Score.objects.filter(assessment=assessment, replaced_by=None).order_by("measure")
    found = [(measures[row.measure], row) for row in rows if row.measure in measures]
    return [said(measure, row) for measure, row in found if is_positive(measure, row.score)]


def said(measure, row):
    answers = []
    for item in measure.items:
        labels = {option.value: option.label for option in item.options}
        if item.id in row.answers:
            answers.append((item.text, labels.get(row.answers[item.id], str(row.answers[item.id]))))
    return Said(measure.name, in_words(measure, row.score), tuple(answers), measure.on_positive.steps)
