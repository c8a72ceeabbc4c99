"""What a note says that a plan begins with."""

from plans.rules.making import region_of
from services.models import Code


def first_values(note):
    """First values of the plan's form; a note without codes says nothing of the region. Two statements."""
    keys = list(note.codes)[:2]
    rows = {row.key: row for row in Code.objects.effective().filter(key__in=keys)}
    found = [rows[key] for key in keys if key in rows]
    values = {name: row.code for name, row in zip(("code", "code_2"), found, strict=False)}
    if found:
        values["region"] = region_of(found[0].region)
    if note.said_words:
        values["symptoms"] = note.said_words[:2000]
    service = note.appointment and note.appointment.service
    if service and not service.first_visit:
        values["service"] = service.pk
    return values
