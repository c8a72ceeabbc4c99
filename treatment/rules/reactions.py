"""Unwanted effects: what may be recorded, what must be told to others, when to look again. No database, no clock."""

from datetime import timedelta

from django.utils.translation import gettext as _

FROM_GRADE = {"always": 1, "grade_2_or_more": 2, "grade_3_or_more": 3}


def reasons_not_to_record(kind, grade):
    """`kind` is a ReactionKind or None. Staff's own injuries belong in a sharps log, never in a chart."""
    if kind is None:
        return [_("Choose what happened from the list.")]
    if kind.subject != "patient":
        return [_("This happened to staff. Write it in the sharps log, not in a patient’s chart.")]
    if grade not in range(1, 6):
        return [_("Choose how severe it was, from 1 to 5.")]
    return []


def must_be_reported(kind, grade):
    """Whether somebody outside is to be told: `report_to` of the kind says who."""
    return grade >= FROM_GRADE.get(kind.external_report, 6)


def told_to(kind):
    """Whom to tell, in words: the list separates them by semicolons."""
    return ", ".join(one.strip() for one in kind.report_to.split(";"))


def look_again_at(kind, at):
    """When to ask how they are, by the kind's own hours; None where it has none."""
    hours = kind.follow_up_within_hours
    return at + timedelta(hours=hours) if hours else None


def grade_choices(kind):
    """[(grade, words)] as the list says them of this kind; 4 and 5 mean the same whatever happened."""
    own = [(1, kind.grade_1), (2, kind.grade_2), (3, kind.grade_3)]
    said = [(grade, f"{grade}: {words}" if words else str(grade)) for grade, words in own]
    return [*said, (4, _("4: life-threatening")), (5, _("5: fatal"))]
