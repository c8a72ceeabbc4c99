"""A section as a page draws it: every question with its field's name, its answer and what is wrong with it. Pure."""

import re
from typing import Any, NamedTuple

from intake.rules.forms import (
    MOST_ROWS,
    NONE,
    extension,
    fields_of,
    is_rows,
    options_of,
)

OTHER_KINDS = {"string": "line", "text": "text", "date": "date", "decimal": "number", "display": "display"}


class Choice(NamedTuple):
    """One line of a choice. `fields` are what a ticked line asks; `mark` its place on the body chart."""

    code: str
    label: str
    chosen: bool
    id: str
    heading: str = ""
    fields: tuple = ()
    mark: tuple | None = None


class Field(NamedTuple):
    """`kind`: display, plain, screen, checklist, rows, yes_no, one, many, scale, number, line, text, date."""

    kind: str
    link: str
    name: str
    id: str
    label: str
    value: Any = ""
    choices: tuple = ()
    fields: tuple = ()
    none: str = ""
    none_chosen: bool = False
    hint: str = ""
    required: bool = False
    hidden: bool = False
    problem: str = ""
    emergency: str = ""
    row: str = ""
    another: str = ""
    drawing: bool = False

    @property
    def none_name(self):
        return NONE + self.link


def fields(section, answers, shown, wrong, typed_in=None):
    """The fields of a section. `wrong` is {link: sentence}; `typed_in` what was posted, to show it again."""
    return [
        field_of(item, answers, shown, wrong, typed_in or {})
        for item in section["item"]
        if not extension(item, "off")
    ]


def open_questions(fields, wrong):
    """[(id or "", question, sentence)] of {link: sentence}, for the list above a section."""
    asked = {field.link: field for field in every(fields)}
    return [
        (asked[link].id, asked[link].label, says) if link in asked else ("", "", says)
        for link, says in wrong.items()
    ]


def every(fields):
    """The fields with what stands inside them; the lines of a group that repeats hold theirs in a tuple."""
    for field in fields:
        yield field
        inner = field.fields if field.kind != "rows" else [one for line in field.fields for one in line[1]]
        yield from every(inner)


def field_of(item, answers, shown, wrong, typed_in):
    link = item["linkId"]
    common = {
        "link": link,
        "name": link,
        "id": id_of(link),
        "label": item["text"],
        "none": extension(item, "none", ""),
        "none_chosen": answers.get(NONE + link) is True,
        "hint": extension(item, "hint", ""),
        "required": bool(item.get("required")),
        "hidden": link not in shown and item["type"] != "display",
        "problem": wrong.get(link, ""),
        "emergency": extension(item, "emergency", ""),
    }
    if is_rows(item):
        return rows_field(item, answers.get(link) or [], wrong, common)
    if item["type"] == "group":
        kind = "screen" if extension(item, "screen") else "plain"
        inner = [child for child in item["item"] if not extension(child, "off")]
        below = tuple(field_of(child, answers, shown, wrong, typed_in) for child in inner)
        return Field(kind, fields=below, **common)
    value = answers.get(link)
    if value is None and typed_in.get(link):
        value = typed_in[link][-1]
    return simple(item, value, common)


def simple(item, value, common):
    """A question with one field, inside a row or on its own."""
    kind = item["type"]
    if kind == "boolean":
        return Field("yes_no", value=value, **common)
    if options_of(item):
        chosen = value if isinstance(value, list) else [value]
        choices = tuple(
            Choice(code, each["valueCoding"]["display"], code in chosen, f"{common['id']}-{id_of(code)}")
            for code, each in options_of(item).items()
        )
        return Field("many" if item.get("repeats") else "one", choices=choices, value=value, **common)
    if kind == "integer" and extension(item, "min") == 0 and extension(item, "max") == 10:
        steps = tuple(
            Choice(str(n), str(n), value == n and value is not False, f"{common['id']}-{n}")
            for n in range(11)
        )
        return Field("scale", choices=steps, value=value, **common)
    shown = "" if value is None else value
    return Field(OTHER_KINDS.get(kind, "number"), value=shown, **common)


def rows_field(item, rows, wrong, common):
    if extension(item, "checklist"):
        return checklist(item, rows, common)
    filled = [line_of(item, number, row, wrong) for number, row in enumerate(rows)]
    blank = [line_of(item, len(rows), {}, {})] if len(rows) < MOST_ROWS else []
    return Field(
        "rows",
        fields=tuple(filled + blank),
        row=extension(item, "row", ""),
        another=extension(item, "another", ""),
        **common,
    )


def line_of(item, number, row, wrong):
    """(number, fields, whether it is filled) of one row of a group that repeats."""
    made = tuple(
        part(field, f"{item['linkId']}-{number}.{name}", row.get(name), wrong)
        for name, field in fields_of(item).items()
    )
    return number, made, bool(row)


def checklist(item, rows, common):
    known = {row["code"]: row for row in rows if isinstance(row, dict) and "code" in row}
    inner = fields_of(item)
    choices = []
    for code, option in options_of(inner["code"]).items():
        asks = [name for name in extension(option, "asks", "").split(",") if name in inner]
        made = tuple(
            part(inner[name], f"{item['linkId']}.{code}.{name}", known.get(code, {}).get(name), {})
            for name in asks
        )
        choices.append(
            Choice(
                code=code,
                label=option["valueCoding"]["display"],
                chosen=code in known,
                id=f"{common['id']}-{id_of(code)}",
                heading=extension(option, "heading", ""),
                fields=made,
                mark=mark_of(option),
            )
        )
    drawing = bool(extension(item, "drawing"))
    return Field("checklist", choices=tuple(choices), drawing=drawing, **common)


def mark_of(option):
    view = extension(option, "view")
    return (view, extension(option, "x"), extension(option, "y")) if view else None


def part(item, name, value, wrong):
    """A field inside a row: asked only there, so never hidden by itself."""
    common = {
        "link": name,
        "name": name,
        "id": id_of(name),
        "label": item["text"],
        "hint": extension(item, "hint", ""),
        "required": bool(item.get("required")),
        "problem": wrong.get(name, ""),
    }
    return simple(item, value, common)


def id_of(link):
    return "q-" + re.sub(r"[^A-Za-z0-9]+", "-", link)


def views_of(field):
    """The views on which a drawing has places, in order."""
    return list(dict.fromkeys(choice.mark[0] for choice in field.choices if choice.mark))
