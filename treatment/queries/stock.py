"""Boxes in use, templates, who may go against absolute rules, what the clinic's notes ask for."""

from django.db.models import Q

from treatment.models import AbsolutePermission, ChartSettings, NeedleBox, NoteTemplate


def boxes_in_use(location):
    """Open boxes at a location (its id), the newest of a size last."""
    return list(NeedleBox.objects.filter(location=location, ended_at=None).order_by("opened_at", "pk"))


def boxes_named(ids, location):
    """{id: box} of a location; no statement where none is named."""
    if not ids:
        return {}
    return {str(box.pk): box for box in NeedleBox.objects.filter(pk__in=ids, location=location)}


def templates_for(user, discipline):
    """The clinic's templates and this person's own, by name."""
    rows = NoteTemplate.objects.filter(Q(owner=None) | Q(owner=user), discipline=discipline, hidden=False)
    return list(rows.order_by("name", "pk"))


def may_override_absolute(user):
    return AbsolutePermission.objects.filter(user=user, ended_at=None).exists()


def chart_settings():
    return ChartSettings.objects.first() or ChartSettings()
