"""What a browser posted becomes answers: pure, from {name: [values]}.

A question's field has its linkId as name; the fields of row 2 of a group that repeats `medication-2.name`, those
of a ticked line of a checklist `conditions.diabetes.since`.
"""

import re

from intake.rules.forms import (
    MOST_ROWS,
    NONE,
    NUMBERS,
    extension,
    fields_of,
    inside,
    is_rows,
    questions,
    screens_in,
    typed,
)


def answers_from(section, posted):
    """{linkId: value} of everything in the section; None for what was left empty or is no answer."""
    found = {}
    for item in questions(section):
        link = item["linkId"]
        value = rows_from(item, posted) if is_rows(item) else value_from(item, posted.get(link, []))
        found[link] = typed(item, value)
    for group in screens_in(section):
        found.update(screen_from(group, posted))
    for item in inside(section):
        link = item["linkId"]
        if extension(item, "none"):
            ticked = [child["linkId"] for child in item.get("item", ()) if found.get(child["linkId"]) is True]
            found[NONE + link] = (
                bool(posted.get(NONE + link)) and not found.get(link) and not ticked
            ) or None
    return found


def screen_from(group, posted):
    """A tick is a yes. Once something is ticked, or “None of these”, what is not ticked is a no."""
    links = [child["linkId"] for child in group["item"] if not extension(child, "off")]
    ticked = {link for link in links if posted.get(link)}
    answered = ticked or posted.get(NONE + group["linkId"])
    return {link: link in ticked if answered else None for link in links}


def value_from(item, values):
    """The value as JSON, from the texts of one field; wrong ones are sorted out by its type."""
    if item.get("repeats"):
        return values
    text = values[-1].strip() if values else ""
    if item["type"] == "boolean":
        return {"true": True, "false": False}.get(text)
    if item["type"] in NUMBERS:
        return number(text)
    return text


def number(text):
    if re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,9}\.\d{1,6}", text, re.ASCII) else None


def rows_from(item, posted):
    if extension(item, "checklist"):
        codes = posted.get(item["linkId"], [])
        return [line_from(item, f"{item['linkId']}.{code}", posted, code=code) for code in codes[:MOST_ROWS]]
    numbers = {match[1] for match in (row_name(item, name) for name in posted) if match}
    prefixes = [f"{item['linkId']}-{each}" for each in sorted(numbers, key=int)]
    return [line_from(item, prefix, posted) for prefix in prefixes[:MOST_ROWS]]


def row_name(item, name):
    return re.fullmatch(re.escape(item["linkId"]) + r"-(\d{1,3})\..+", name, re.ASCII)


def line_from(item, prefix, posted, **known):
    """One row. `known` is what the row is about: the code of a checklist's line."""
    fields = {name: field for name, field in fields_of(item).items() if name not in known}
    values = {name: value_from(field, posted.get(f"{prefix}.{name}", [])) for name, field in fields.items()}
    return {**known, **values}


def without_row(link, number, posted):
    """What was posted, without one row of a group that repeats."""
    return {name: values for name, values in posted.items() if not name.startswith(f"{link}-{number}.")}


def not_understood(section, posted):
    """linkIds of fields in which something was typed that is no answer: a date that does not exist."""
    found = []
    for item in questions(section):
        if is_rows(item) or item.get("repeats"):
            continue
        given = any(value.strip() for value in posted.get(item["linkId"], []))
        if given and typed(item, value_from(item, posted[item["linkId"]])) is None:
            found.append(item["linkId"])
    return found
