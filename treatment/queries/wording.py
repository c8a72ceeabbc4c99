"""What the script of a note says and needs to know, as JSON: it has no words of its own."""

import base64

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from acupoints.models import TermKind
from treatment.models import PlaceKind, Stimulation
from treatment.rules.adjusting import BODY_REGIONS, modality_of
from treatment.rules.pickers import PULSE, TONGUE, VIEWS
from treatment.rules.thrusting import both_numbers

RETENTION = 30  # minutes; the clinic's default, no source


def words_of(vocabulary, *, user, note, today, boxes, codes, usual_technique):
    """What the page's script says and needs to know, as JSON."""
    names = {key: str(word) for words in (TONGUE, PULSE) for key, word in words.items()}
    return {
        "keep": {"user": str(user.pk), "note": str(note.pk), "key": keep_key(user)},
        "terms": {**names, **{term.key: term.name for terms in vocabulary.values() for term in terms}},
        "kinds": {kind.value: str(kind.label) for kind in PlaceKind},
        "views": {key: str(name) for key, name in VIEWS.items()},
        "sides": {"left": _("left"), "right": _("right"), "none": ""},
        "stimulations": {kind.value: str(kind.label) for kind in Stimulation},
        "estim": _("e-stim"),
        "elsewhere": _("elsewhere"),
        "ashi_here": _("ashi point here"),
        "box": next((box for box in boxes if not box["expired"] and not box["press"]), None),
        "boxes": boxes,
        "codes": codes,
        "code_words": code_words(),
        "retention": RETENTION,
        "today": today.isoformat(),
        "zone": str(note.location.tz) if note.location else "UTC",
        "out_of": _("{out} of {in}"),
        "not_added": _("{what} was not added."),
        "severities": {"absolute": _("Stop"), "relative": _("Say why"), "caution": _("Caution")},
        "segments": segments(vocabulary),
        "techniques": {
            term.key: {"regions": term.data.get("regions", [])}
            for term in vocabulary[TermKind.ADJUSTING_TECHNIQUE]
        },
        "modalities": modalities(vocabulary),
        "body_regions": BODY_REGIONS,
        "usual_technique": usual_technique,
        "says": says(),
        "status": status(),
        "fields": fields(),
    }


def segments(vocabulary):
    return {
        term.key: {"name": term.name, "region": term.group, "side": term.data.get("side", "")}
        for term in vocabulary[TermKind.SEGMENT]
    }


def modalities(vocabulary):
    """{technique: {region of the spine: modality}}."""
    regions = {term.group for term in vocabulary[TermKind.SEGMENT]}
    return {
        term.key: {
            region: modality_of(term.key, term.data.get("thrust", False), region) for region in regions
        }
        for term in vocabulary[TermKind.ADJUSTING_TECHNIQUE]
    }


def keep_key(user):
    """What encrypts this person's unsaved text on their device: theirs alone, and never sent to anybody else."""
    return base64.b64encode(salted_hmac("treatment.keep", str(user.pk), algorithm="sha256").digest()).decode()


def code_words():
    return {
        "lately": _("Used lately:"),
        "none": _("No such code. Look for another word of it."),
        "more": _("and {count} more: write another word"),
        "remove": _("Take away {code}"),
    }


def says():
    return {
        "removed": _("{what} was taken away."),
        "added": _("{what} added."),
        "back": _("Put back"),
        "nothing-new": _("Nothing new, kept with today’s date."),
        "neck-clear": _("Neck screen: nothing, kept with today’s date."),
        "both-numbers": both_numbers(),
        "no-pressure": _("Blood pressure is written as two whole numbers, such as 120 and 80."),
        "line-failed": _("No connection just now. The line stays; press Enter again in a moment."),
    }


def status():
    return {
        "saved": _("Saved {at}"),
        "unsaved": _("Saving …"),
        "offline": _("Offline, kept on this device"),
        "offline-not-kept": _("Offline and not kept: do not close this page"),
        "refused": _("Not saved: see above"),
        "stale": _("Not saved: compare above"),
        "signed": _("Signed meanwhile: what is here was not added. Write an addendum."),
        "signed-out": _("Kept on this device. Sign in to save."),
    }


def fields():
    return {
        "said_pain_now": _("Pain now"),
        "said_change": _("Since last time"),
        "said_after": _("After last time"),
        "said_words": _("In their own words"),
        "found_tongue": _("Tongue"),
        "found_pulse": _("Pulse"),
        "found_palpation": _("Palpation"),
        "codes": _("Diagnosis codes"),
        "pattern": _("Pattern"),
        "progress": _("Progress"),
        "response_words": _("Response"),
        "felt": _("How they feel"),
        "advice": _("Advice"),
        "next_time": _("Next time"),
        "sets": _("Boxes and times"),
        "needlings": _("Needles"),
        "counts": _("Counted out"),
        "adjuncts": _("Also done"),
        "segments": _("Findings at segments"),
        "regions": _("Movement and soft tissue"),
        "adjustments": _("Adjustments"),
        "vitals": _("Blood pressure"),
        "against": _("Reasons given"),
        "clean_technique": _("Clean technique"),
        "sharps_box": _("Sharps box"),
        "order_followed": _("Order"),
        "carried": _("Not confirmed"),
    }
