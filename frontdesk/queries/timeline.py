"""What happened with a patient, in one line of time: visits, messages, changes.

Clinical words are only asked for where the chart is open to the reader.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, TextField, Value, When
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from intake.models import Letter
from patients.queries import ids_of
from scheduling.models import Appointment, Change
from scheduling.rules.sentences import change_in_words
from treatment.models import ContactNote, ReactionKind
from treatment.queries.notes import timeline as written_about

SHOWN = 50
KINDS = {
    "all": later("All"),
    "visits": later("Visits"),
    "messages": later("Messages"),
    "changes": later("Changes"),
}
CONTACTS = {kind.value: kind.label for kind in ContactNote.Kind}
LETTERS = {"referral": later("Referral letter"), "progress": later("Progress letter")}


@dataclass(frozen=True, slots=True)
class Line:
    """`group` is visits, messages or changes; `panel`: `url` opens beside the page."""

    at: datetime
    group: str
    title: str
    words: str = ""
    url: str = ""
    panel: bool = False


def lines_of(patient, user, show="all"):
    """Newest first, at most 50. Two statements for changes, three for visits, one for messages, up to ten for
    who reads the chart. `patient` is one of patients.queries.charts."""
    ids, reads = ids_of(patient), patient.chart_read
    found = []
    about = written_about(patient, user, SHOWN) if reads and show != "changes" else []
    if show in ("all", "visits"):
        found += visit_lines(ids, user, [one for one in about if one.kind == "note"], reads)
        found += reaction_lines(patient, [one for one in about if one.kind == "reaction"])
    if show in ("all", "messages"):
        found += message_lines([one for one in about if one.kind in ("contact", "handover")])
        found += letter_lines(patient, ids) if reads else contact_lines(ids, user)
    if show in ("all", "changes"):
        found += change_lines(ids, user)
    return sorted(found, key=lambda line: line.at, reverse=True)[:SHOWN]


def visit_lines(ids, user, notes, reads):
    rows = Appointment.objects.visible_to(user).filter(patient__in=ids, proposed_by=None)
    rows = rows.select_related("service").order_by("-starts_at")[:SHOWN]
    by_visit, alone = {}, []
    for note in notes:
        (by_visit.setdefault(note.visit, []) if note.visit else alone).append(note)
    found = [visit_line(row, by_visit.get(row.pk, []), reads) for row in rows]
    return found + [
        Line(
            note.at,
            "visits",
            _("Note without a visit"),
            signed(note),
            reverse("treatment:note", args=[note.id]),
        )
        for note in alone
    ]


def visit_line(row, notes, reads):
    title = f"{row.service.name}, {row.get_status_display()}"
    if reads and notes:
        words = " · ".join(signed(note) for note in notes)
        return Line(row.starts_at, "visits", title, words, reverse("treatment:record", args=[row.pk]))
    return Line(row.starts_at, "visits", title, url=reverse("scheduling:visit", args=[row.pk]), panel=True)


def signed(note):
    if note.entered_in_error:
        return _("%(who)s: entered in error") % {"who": note.who}
    return (_("signed %(who)s") if note.signed_at else _("%(who)s: not signed")) % {"who": note.who}


def reaction_lines(patient, entries):
    if not entries:
        return []
    names = dict(ReactionKind.objects.in_force().values_list("key", "event"))
    url = reverse("treatment:reactions", args=[patient.pk])
    return [
        Line(
            one.at,
            "visits",
            _("Reaction: %(what)s") % {"what": names.get(one.what, one.what)},
            one.words,
            url,
        )
        for one in entries
    ]


def message_lines(entries):
    return [
        Line(
            one.at,
            "messages",
            _("Handover from %(who)s to %(to)s") % {"who": one.who, "to": one.what},
            one.words,
        )
        if one.kind == "handover"
        else Line(one.at, "messages", f"{capfirst(CONTACTS.get(one.what, one.what))} ({one.who})", one.words)
        for one in entries
    ]


def contact_lines(ids, user):
    """Calls and messages of a chart that is closed: that there was one, and the words of one's own. One statement."""
    none = Value("", output_field=TextField())
    rows = ContactNote.objects.filter(patient__in=ids).order_by("-at")
    rows = rows.annotate(shown=Case(When(by=user, then="words"), default=none))
    return [
        Line(at, "messages", f"{capfirst(CONTACTS.get(kind, kind))} ({who or ''})", words)
        for at, kind, who, words in rows.values_list("at", "kind", "by__profile__name", "shown")[:SHOWN]
    ]


def letter_lines(patient, ids):
    rows = (
        Letter.objects.filter(patient__in=ids).order_by("-made_at").values_list("pk", "kind", "to", "made_at")
    )
    return [
        Line(at, "messages", _("%(letter)s to %(to)s") % {"letter": LETTERS.get(kind, kind), "to": to},
             url=reverse("intake:letter", args=[patient.pk, pk]))
        for pk, kind, to, at in rows[:SHOWN]
    ]  # fmt: skip


def change_lines(ids, user):
    visits = Appointment.objects.visible_to(user).filter(patient__in=ids)
    rows = Change.objects.filter(appointment__in=visits).order_by("-at")
    return [
        Line(one.at, "changes", change_in_words(one.verb), change_words(one), visit_url(one), panel=True)
        for one in rows.select_related("by__profile", "appointment__service")[:SHOWN]
    ]


def change_words(change):
    undone = _(", undone") if change.undone_at else ""
    return f"{change.appointment.service.name}, {change.by.name}{undone}"


def visit_url(change):
    return reverse("scheduling:visit", args=[change.appointment_id])
