"""How a study is told: never a benefit without what it was compared with and what speaks against it."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

CHECKED = {
    "checked_against_abstract": _l("Design, size and main result checked against the published abstract"),
    "checked_against_text": _l("Checked against the official text"),
    "matched_by_content": _l("Paper found by what is said about it"),
    "partly_checked": _l("Some statements checked"),
    "size_checked": _l("Number of people and of treatments checked; rates not"),
    "not_identified": _l("Source paper could not be found"),
    "not_checked": _l("Not checked"),
    "no_source": _l("No source is named"),
    "general_knowledge": _l("General background"),
}
SURE = {"checked_against_abstract", "checked_against_text"}
# The articles the library was begun from, in the order they are spoken of.
ARTICLES = [
    ("000_", _l("First article")),
    ("004_", _l("Second article")),
]


class Said(NamedTuple):
    """What one article says about a study."""

    article: str
    words: str


class Entry(NamedTuple):
    """One study as it is shown. `compared` is never empty; `sham` is a sentence or empty; `figures` are sentences."""

    key: str
    title: str
    what: str
    condition: str
    intervention: str
    compared: str
    outcome: str
    caveat: str
    sham: str
    certainty: str
    sure: bool
    source: str
    said: tuple
    differs: tuple
    figures: tuple


def entry(study):
    return Entry(
        key=study.key,
        title=study.title,
        what=what_it_is(study),
        condition=study.condition,
        intervention=study.intervention,
        compared=compared(study),
        outcome=study.outcome,
        caveat=study.caveat or _("No caveat was written down; read the source before relying on it."),
        sham=_("Against a sham treatment some result was no different.") if study.like_sham else "",
        certainty=str(CHECKED.get(study.verification, _("Not checked"))),
        sure=study.verification in SURE,
        source=study.publication or _("Not found"),
        said=tuple(Said(article(name), words) for name, words in sorted(study.seed_says.items())),
        differs=tuple(study.differences_from_seed),
        figures=tuple(map(figure, study.figures)),
    )


def what_it_is(study):
    """Randomised trial, 2021, 896 people."""
    people = _("%(n)s people") % {"n": f"{study.n:,}"} if study.n else ""
    return ", ".join(filter(None, [study.design, str(study.year or ""), people]))


def compared(study):
    return study.control or _("Nothing: there was no comparison group, so it shows no effect of its own.")


def article(name):
    """What an article is called on the page; one we do not know keeps its name."""
    return next((str(label) for start, label in ARTICLES if name.startswith(start)), name)


ARMS = {
    "usual_care": _l("usual care"),
    "standard_acupuncture": _l("standard acupuncture"),
    "enhanced_acupuncture": _l("acupuncture with maintenance"),
}
TOLD = {"at", "measure", "what", "source"}


def figure(row):
    """RMDQ at 6 months, percent improved: usual care 29.4, standard acupuncture 39.1 (trial registry)."""
    values = [
        f"{ARMS.get(name, name.replace('_', ' '))} {value}"
        for name, value in row.items()
        if name not in TOLD and value is not None
    ]
    head = _("%(measure)s at %(at)s, %(what)s") % {
        "measure": row.get("measure", ""),
        "at": str(row.get("at", "")).replace("_", " "),
        "what": row.get("what", ""),
    }
    source = f" ({row['source']})" if row.get("source") else ""
    return f"{head}: {', '.join(values)}{source}."


# What a visit is made of, in a template's order.
STEPS = {
    "red_flag_recheck": _l("red-flag recheck"),
    "manual_acupuncture": _l("acupuncture by hand"),
    "intradermal": _l("intradermal needles"),
}


def steps_said(keys):
    """The order within a visit in words."""
    return [str(STEPS.get(key, key.replace("_", " "))) for key in keys]


def disagree(study):
    """Whether articles, or an article and the publication, say different things: shown side by side."""
    return len(study.seed_says) > 1 or bool(study.differences_from_seed)


def gives_this_dose(template, visits):
    """Whether so many visits are what the template’s source speaks of; beyond it, it is the clinic’s own dose."""
    return template.visits_min <= visits <= template.visits_max


class Dose(NamedTuple):
    """Where a template's number of visits comes from. `source` is empty where the clinic chose it."""

    source: str
    background: str
    note: str

    @property
    def said(self):
        return self.source or _("Clinic default")


def dose_of(template, titles):
    """`titles` are the studies' titles by key; a study that is not in the library keeps its key."""
    return Dose(
        source="; ".join(titles.get(key, key) for key in template.dose_source),
        background="; ".join(titles.get(key, key) for key in template.background),
        note=template.dose_note,
    )
