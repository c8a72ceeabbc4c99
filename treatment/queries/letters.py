"""What a letter says of the treatment: the course of pain and the last visits, from signed notes alone."""

from django.utils.translation import gettext as _

from acupoints.queries import catalogue
from acupoints.rules.names import shown
from clinic.walltime import local
from intake.rules.letters import Section
from patients.queries import ids_of
from treatment.models import Note
from treatment.queries.notes import with_people, written
from treatment.rules.summary import lines_of

VISITS = 6  # the last ones; a physician reads a page


def course_of(patient):
    """Sections of a letter; empty without a signed note. A fixed number of statements."""
    notes = Note.objects.standing().signed().filter(patient__in=ids_of(patient)).order_by("-opened_at", "pk")
    last = written(list(with_people(notes).select_related("location")[:VISITS]))
    names = catalogue()
    lines = [line_of(one, lambda code: shown(code, names)) for one in last]
    pains = notes.exclude(said_pain_now=None).order_by("opened_at", "pk").select_related("location")
    first, latest = pains.first(), pains.last()
    change = (pain_words(first, latest),) if first and first != latest else ()
    return [Section(_("Course"), change, tuple(lines))] if lines else []


def pain_words(first, latest):
    return _("Pain %(first)d of 10 on %(began)s, %(latest)d on %(now)s.") % {
        "first": first.said_pain_now,
        "began": day_of(first),
        "latest": latest.said_pain_now,
        "now": day_of(latest),
    }


def day_of(note):
    """The date on the wall where the note was written."""
    return f"{(local(note.opened_at, note.location.tz) if note.location else note.opened_at):%Y-%m-%d}"


def line_of(one, label):
    return f"{day_of(one.note)}, {one.note.discipline.name}: " + "; ".join(lines_of(one.state, label))
