"""Ways of repairing a course as the page shows them: what each changes, visit by visit and in a few sentences."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.queries.course_repair import CLOSER, FEWER, LATER
from plans.queries.course_shown import carrying
from plans.rules.course.repairing import given_up, what_changes
from scheduling.queries.candidates import names_in
from scheduling.rules import sentences


def shown(stand, found):
    """[{kind, title, facts, lines: [{number, was, then, who, carried}], first}] of each Way; `first` that moves any."""
    names = names_in(stand.given.world)
    first = next((way for way in found if way.changes), None)
    return [
        {
            "kind": way.kind,
            "title": title(way),
            "facts": facts(stand, way),
            "lines": [line(stand, names, number, *change) for number, change in way.changes.items()],
            "first": way is first,
        }
        for way in found
    ]


def title(way):
    if way.kind == LATER:
        return _("End later: no visit moves")
    if way.kind == FEWER:
        return _("Fewer visits")
    count = len(way.changes)
    if way.kind == CLOSER:
        said = ngettext(
            "Closer together: %(count)s visit moves", "Closer together: %(count)s visits move", count
        )
    else:
        said = ngettext("%(count)s visit moves", "%(count)s visits move", count)
    return said % {"count": count}


def facts(stand, way):
    if way.kind == FEWER:
        words = {
            "fits": way.fits,
            "count": len(stand.was),
            "day": date_format(way.planned, "D M j"),
            "out": len(stand.was) - way.fits,
        }
        return [
            _("%(fits)s of the %(count)s visits can be over by %(day)s, as planned.") % words,
            ngettext(
                "Leaving out %(out)s is a change of the plan, for whoever leads it.",
                "Leaving out %(out)s is a change of the plan, for whoever leads it.",
                words["out"],
            )
            % words,
        ]
    was = [stand.days[number] for number in sorted(stand.days)]
    then = [way.days[number] for number in sorted(way.days)]
    said = what_changes(was, then, planned=way.planned)
    return said + given_up(wider=way.wider, unpaid=len(way.unpaid))


def line(stand, names, number, was, offer):
    zone, grid = stand.given.zone, stand.given.world.grid
    return {
        "number": number,
        "was": sentences.day_and_clock(grid.instant(was.start), zone),
        "then": sentences.day_and_clock(offer.starts_at, zone),
        "who": sentences.people(offer.phases, names),
        "carried": carrying(offer),
    }
