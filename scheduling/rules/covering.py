"""What a visit would draw on, in the desk's words. `use` is packages.queries.balances.Use."""

from collections import defaultdict

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from packages.rules.ledger import AUTHORIZATION, PURCHASE
from scheduling.rules.sentences import listed

SAY_TELL_FIRST = later("Tell the patient first that nothing covers this visit, then tick that they know.")


def uses_in_words(use):
    """“Uses 1 acupuncture visit + 1 adjustment visit (3 and 2 left, until Mar 30). Insurance: none.”"""
    drawn, single = defaultdict(list), []
    for part, one in zip(use.parts, use.covered, strict=True):
        if one.source is not None:
            drawn[one.source.id].append(part)
        elif one.beyond is None:
            single.append(part)
    found = [one for one in use.sources if one.id in drawn]
    sources = sorted(found, key=lambda one: (one.type != PURCHASE, one.last, one.id))
    said = [source_in_words(one, drawn[one.id], use.kinds) for one in sources]
    if single:
        said.append(_("Paid singly: %(visits)s.") % {"visits": visits(single, use.kinds)})
    if all(one.type == PURCHASE for one in sources) and not use.beyond:
        said.append(_("Insurance: none."))
    return " ".join(said)


def source_in_words(source, parts, kinds):
    day = date_format(source.last, "M j")
    if source.type == PURCHASE:
        words = {"visits": visits(parts, kinds), "left": how_many_left(source, parts), "day": day}
        return _("Uses %(visits)s (%(left)s left, until %(day)s).") % words
    words = {**of_how_many(source), "visits": visits(parts, kinds), "day": day}
    return _("Insurance pays for %(visits)s (%(left)s of %(granted)s left, until %(day)s).") % words


def visits(parts, kinds):
    """“1 acupuncture visit + 1 adjustment visit”, of several visits “8 × acupuncture visit”."""
    count = defaultdict(int)
    for part in parts:
        count[kinds.get(part.kind_of_care, _("visit")).lower()] += 1
    return " + ".join(f"{number} × {kind}" if number > 1 else f"1 {kind}" for kind, number in count.items())


def how_many_left(source, parts):
    """“3”, or “3 and 2” where the parts are of two kinds."""
    kinds = dict.fromkeys(part.kind_of_care for part in parts)
    return listed(str(source.left[kind]) for kind in kinds)


def of_how_many(source):
    return {"left": source.left.get(None, 0), "granted": source.granted.get(None, 0)}


def beyond_in_words(source, on, name):
    """Why an insurer's approval does not cover a visit on that day.

    “Maria's insurance visits are used up (0 of 12 left, until Dec 3).”
    """
    words = {**of_how_many(source), "name": name, "day": date_format(source.last, "M j")}
    if source.closed:
        return _("%(name)s’s insurance visits were taken back by the insurer.") % words
    if on < source.first:
        words["day"] = date_format(source.first, "M j")
        return _("%(name)s’s insurance visits begin on %(day)s (%(left)s of %(granted)s left).") % words
    if on > source.last:
        return _("%(name)s’s insurance visits ended on %(day)s (%(left)s of %(granted)s left).") % words
    return _("%(name)s’s insurance visits are used up (%(left)s of %(granted)s left, until %(day)s).") % words


def paid_in_words(parts, standing, *, to_come):
    """“Acupuncture: package · Adjustment: insurance”, of the parts of one visit and what stands for them.

    `to_come`: a part that is still to be given and has nothing is paid singly; of an ended one that is not said.
    """
    types = {one.visitpart: one.type for one in standing}
    how = {PURCHASE: _("package"), AUTHORIZATION: _("insurance")}
    said = [
        _("%(part)s: %(how)s") % {"part": part.name, "how": how.get(types.get(part.pk), _("singly"))}
        for part in parts
        if part.pk in types or to_come
    ]
    return " · ".join(said)


def lost_in_words(kinds):
    """Moved there, parts of these kinds of care are past the last day of what they draw on. Empty for none."""
    if not kinds:
        return ""
    return _("At this time neither a package nor insurance covers %(visits)s any more.") % {
        "visits": listed(_("the %(kind)s") % {"kind": kind.lower()} for kind in kinds)
    }


def all_beyond(use, name):
    """One sentence for each approval that does not reach."""
    said = [beyond_in_words(source, part.on, name) for part, source in use.beyond]
    return list(dict.fromkeys(said))


def reasons_not_to_book_beyond(sentences, reason):
    """Empty if nothing is beyond an approval, or somebody says why it is booked and that the patient knows."""
    if not sentences or reason.strip():
        return []
    return [
        *sentences,
        _("Nothing covers this visit. Say why it is booked all the same, and that the patient knows."),
    ]
