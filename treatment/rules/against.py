"""Rules gone against: which verdicts have an answer in the note, and the lines for those that have none."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from treatment.rules.state import Problem


class Spoken(NamedTuple):
    """A verdict of the safety rules about something in a note. `subject` is what was chosen, in words."""

    child: str
    subject: str
    rule: str
    severity: str
    action: str
    says: str
    why: str
    source: str
    asks_where: bool


# A caution is shown; only these ask for an answer.
ASKS = {"absolute", "relative"}


def is_answered(state, spoken):
    return any(row["rule"] == spoken.rule and row["subject"] == spoken.subject for row in state["against"])


def unanswered(state, spoken, *, by, now, new_id):
    """Rows of `against` for verdicts that ask for an answer and have none: done, without a reason."""
    rows = {
        (each.rule, each.subject): {
            "id": new_id(),
            "rule": each.rule,
            "words": each.says,
            "severity": each.severity,
            "subject": each.subject,
            "reason": "",
            "how": "done",
            "at": now,
            "by": by,
        }
        for each in spoken
        if each.severity in ASKS and not each.asks_where and not is_answered(state, each)
    }
    return list(rows.values())


def newly_against(state, before):
    """Rows of `against` that were not there before."""
    held = {row["id"] for row in before["against"]}
    return [row for row in state["against"] if row["id"] not in held]


def with_severities(state, severities):
    """The state with the severity that each rule has, whatever the page said. `severities`: {rule: severity}."""
    rows = [{**row, "severity": severities.get(row["rule"], row["severity"])} for row in state["against"]]
    return {**state, "against": rows}


def without_forbidden(state, before, *, may_override):
    """(state, problems). Choosing against an absolute rule needs the owner's permission; what was done is kept."""
    new = {row["id"] for row in newly_against(state, before)}
    refused = [
        row
        for row in state["against"]
        if row["id"] in new and row["severity"] == "absolute" and row["how"] == "chosen" and not may_override
    ]
    says = _("Only clinicians whom the owner has named may choose this. If it was done, record it as done.")
    problems = [Problem(f"against/{row['id']}", says) for row in refused]
    return {**state, "against": [row for row in state["against"] if row not in refused]}, problems
