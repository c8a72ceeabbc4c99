"""What the page of a note being written shows and offers."""

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from acupoints.models import Acupoint, Term, TermKind
from acupoints.queries import catalogue
from acupoints.rules.names import shown
from clinic.walltime import local
from intake.models import ConsentKind
from intake.queries.care import known_of
from intake.queries.consents import missing
from intake.queries.facts import alerts_of
from intake.queries.flags import open_flags
from intake.rules.flags import NECK_SCREEN, reasons_not_to_treat
from messaging.models import Text
from plans.queries.treating import for_note
from services.models import Discipline
from treatment.models import Adjustment, Compared, Side, Stimulation
from treatment.queries.diagnoses import codes_for
from treatment.queries.draft import opened
from treatment.queries.notes import handovers_to, last_notes
from treatment.queries.stock import templates_for
from treatment.queries.thrusting import screened_on_the_day, why_pressure_of
from treatment.queries.wording import words_of
from treatment.rules.missing import CONSENT
from treatment.rules.pickers import COMMON_REASONS, MOTION_WORDS, PULSE, RESPONSES, TONGUE, VIEWS
from treatment.rules.summary import lines_of

PLACES = ("key", "bilateral", "region", "english_name", "pinyin", "pneumothorax_risk")
SPOTS = (("view", "x", "y"), ("view2", "x2", "y2"), ("detail_view", "detail_x", "detail_y"))
SPINE = ("cervical", "thoracic", "lumbar", "sacral", "pelvis")
# Modalities that are not needles or adjustments: what “also done” offers.
NOT_ADJUNCTS = {"acupuncture", "chiropractic", "adjustment", "position"}
# The vocabulary of acupoints.csv, top to toe.
REGIONS = (
    *("head", "face", "neck", "chest", "abdomen", "upper back", "lower back/sacrum", "shoulder", "upper arm"),
    *("elbow", "forearm", "wrist", "hand", "hip/buttock", "thigh", "knee", "lower leg", "ankle", "foot"),
)
# Consents that are asked for before the first needle and the first adjustment.
CONSENTS = {"acupuncture": ["acupuncture"], "chiropractic": ["adjustment"]}
CALLS = ("save", "line", "speak", "copy", "apply", "needles", "sign")
BODY_VIEWS = ("back", "front", "left", "right")


def editor(note, user):
    """Everything on the page of a draft. A fixed number of statements, whatever stands in the note."""
    now = timezone.now()
    today = local(now, note.location.tz).date() if note.location else now.date()
    told, words, names = opened(note, user, now=now), vocabulary(), catalogue()
    last = next(iter(last_notes(note.patient, note.discipline_id)), None)
    before = known(note, user, today, now)
    boxes = [{**box, "label": box_label(box, words)} for box in told["boxes"]]
    return {
        "note": note,
        "head": head(note, told["note"], today),
        "settings": told["note"]["settings"],
        "last": last_shown(last, names),
        "begun": begun(note, told, now),
        "points": points_of(names),
        "words": words_of(
            words,
            user=user,
            note=note,
            today=today,
            boxes=boxes,
            codes=codes_for(note, user),
            usual_technique=usual_technique(user),
        )
        | {"consents": [consent_verdict(one) for one in before["consents"]]},
        "templates": templates_for(user, note.discipline_id),
        "boxes": boxes,
        "links": links(note),
        **before,
        **choices(words, last),
    }


def head(note, told, today):
    visit = note.appointment
    order = told["visit"]["planned_order"] if told["visit"] else []
    return {
        "name": f"{note.patient.name}"
        + (f" “{note.patient.preferred_name}”" if note.patient.preferred_name else ""),
        "chart_url": reverse("patients:chart", args=[note.patient_id]),
        "age": told["patient"]["age"],
        "pronouns": note.patient.pronouns,
        "alerts": alerts_of(note.patient, today),
        "part": note.visitpart.name if note.visitpart else note.discipline.name,
        "at": visit.starts_at if visit else note.opened_at,
        "location": note.location,
        "needles": note.discipline.key == "acupuncture",
        "discipline": note.discipline.key,
        "first_column": "body",
        "planned_order": planned(order),
        "editable": told["editable"],
    }


def planned(order):
    names = (
        dict(Discipline.objects.filter(key__in=order).values_list("key", "name")) if len(order) > 1 else {}
    )
    return _("Planned: %(order)s") % {"order": " → ".join(names[key] for key in order)} if names else ""


def known(note, user, today, now):
    """What must be known before anything is chosen."""
    patient, flags = note.patient, open_flags(note.patient, today)
    facts = known_of(patient, today)
    kinds = CONSENTS.get(note.discipline.key, [])
    here = reverse("treatment:note", args=[note.pk])
    return {
        "closed": reasons_not_to_treat(flags),
        "why_pressure": why_pressure_of(note, flags),
        "plan": for_note(patient, today),
        "plan_url": reverse("plans:of_patient", args=[patient.pk]),
        "facts": [*facts.conditions, *facts.medication, *facts.allergies],
        "consents": [
            {
                "kind": kind,
                "says": _("No valid consent to %(kind)s.") % {"kind": ConsentKind(kind).label},
                "url": f"{reverse('intake:sign', args=[patient.pk, kind])}?{urlencode({'next': here})}",
            }
            for kind in missing(patient, kinds, now)
        ],
        "handovers": [
            {"who": one.by.name, "words": one.words}
            for one in handovers_to(user)
            if one.patient_id == patient.pk
        ],
        "history_url": reverse("intake:history", args=[patient.pk]),
        "recheck_url": reverse("intake:screen", args=[patient.pk]),
        "nothing_new_url": reverse("intake:nothing_new", args=[patient.pk]),
        **neck_screen(note),
        "reaction_url": f"{reverse('treatment:new_reaction', args=[patient.pk])}?note={note.pk}",
    }


def neck_screen(note):
    """The row of the day’s neck screen; needles alone have none. Two statements."""
    if note.discipline.key == "acupuncture":
        return {}
    asked = urlencode({"regions": "neck", "when": NECK_SCREEN})
    return {
        "neck_screened": screened_on_the_day(note),
        "neck_clear_url": reverse("intake:neck_clear", args=[note.patient_id]),
        "neck_screen_url": f"{reverse('intake:screen', args=[note.patient_id])}?{asked}",
    }


def consent_verdict(consent):
    """As the rules say it: what was done without it can be recorded, with a reason."""
    return {
        "child": "",
        "rule": f"{CONSENT}{consent['kind']}",
        "subject": consent["kind"],
        "severity": "relative",
        "says": _("Done without a valid consent?"),
        "why": _("Have it signed here and now, or say why not."),
        "source": "",
        "asks_where": False,
        "may_override": True,
    }


def links(note):
    """Side panels that open from the note without leaving it."""
    visit = f"?visit={note.appointment_id}" if note.appointment_id else ""
    return [
        {
            "name": _("Hand over"),
            "url": reverse("treatment:new_handover", args=[note.patient_id]) + visit,
            "panel": True,
        },
        {
            "name": _("Letter"),
            "url": reverse("treatment:progress_letter", args=[note.patient_id]),
            "panel": True,
        },
        {"name": _("Make plan"), "url": reverse("treatment:make_plan", args=[note.pk]), "panel": False},
    ]


def usual_technique(user):
    """The adjusting technique this person used last; one statement."""
    rows = Adjustment.objects.filter(note__author=user).exclude(technique="")
    return rows.order_by("-note__opened_at", "-position").values_list("technique", flat=True).first() or ""


def points_of(names):
    """Points as the body chart needs them; `names` is the catalogue. One statement."""
    columns = [*PLACES, *(name for spot in SPOTS for name in spot)]
    rows = Acupoint.objects.effective().order_by("meridian", "seq", "key").values_list(*columns)
    return [_point(row, names) for row in rows]


def _point(row, names):
    code, paired, region, english, pinyin, lung, *rest = row
    spots = [rest[index : index + 3] for index in range(0, len(rest), 3)]
    return {
        "code": code,
        "label": shown(code, names),
        "name": f"{pinyin} · {english}",
        "region": region,
        "paired": paired,
        "lung": lung,
        "at": [spot for spot in spots if spot[0]],
    }


def vocabulary():
    """{kind: [Term]} of everything the note names; one statement."""
    found = {kind: [] for kind in TermKind.values}
    for term in Term.objects.effective().order_by("position", "key"):
        found[term.kind].append(term)
    return found


def pairs(terms):
    return [(term.key, capfirst(term.name)) for term in terms]


def choices(words, last):
    """What each picker of the page offers. One statement: advice."""
    angles = [term for term in words[TermKind.TECHNIQUE] if term.group == "angle"]
    others = [term for term in words[TermKind.TECHNIQUE] if term.group != "angle"]
    adjuncts = [term for term in words[TermKind.MODALITY] if is_adjunct(term)]
    return {
        "angles": pairs(angles),
        "techniques": pairs(others),
        "sensations": pairs(words[TermKind.SENSATION]),
        "sizes": [(term.key, term.name) for term in words[TermKind.NEEDLE_SIZE]],
        "adjusting": pairs(words[TermKind.ADJUSTING_TECHNIQUE]),
        "listings": pairs(words[TermKind.LISTING]),
        "adjuncts": pairs(adjuncts),
        "advice": [
            (key, title)
            for key, title in Text.objects.effective()
            .filter(group="aftercare")
            .order_by("key")
            .values_list("key", "title")
        ],
        "stimulations": Stimulation.choices,
        "sides": Side.choices,
        "motions": MOTION_WORDS.items(),
        "regions": REGIONS,
        "body_views": {view: name for view, name in VIEWS.items() if view in BODY_VIEWS},
        "closeups": {view: name for view, name in VIEWS.items() if view not in BODY_VIEWS},
        "scale": range(11),
        "changes": [(value, capfirst(name)) for value, name in Compared.choices],
        "responses": RESPONSES,
        "common_reasons": COMMON_REASONS,
        "pickers": pickers(last),
        **spine(words[TermKind.SEGMENT]),
    }


def is_adjunct(term):
    data = term.data
    return not (data.get("uses_needles") or data.get("is_thrust") or term.group in NOT_ADJUNCTS)


def box_label(box, words):
    """0.20 × 30 mm, lot 2409A, to Mar 2027."""
    sizes = {term.key: term.name for term in words[TermKind.NEEDLE_SIZE]}
    size = sizes.get(box["size"], box["size"]) + (_(" press needles") if box["press"] else "")
    till = date_format(date.fromisoformat(box["expires_on"]), "M Y")
    says = (
        _("%(size)s, lot %(lot)s, expired %(till)s")
        if box["expired"]
        else _("%(size)s, lot %(lot)s, to %(till)s")
    )
    return says % {"size": size, "lot": box["lot"], "till": till}


def pickers(last):
    state = last.state if last else {}
    return [
        {
            "field": field,
            "name": name,
            "choices": words.items(),
            "last": said(state.get(field) or {}, words),
        }
        for field, name, words in (
            ("found_tongue", _("Tongue"), TONGUE),
            ("found_pulse", _("Pulse"), PULSE),
        )
    ]


def said(value, words):
    picks = [str(words.get(pick, pick)) for pick in value.get("picks", [])]
    return ", ".join([*picks, *filter(None, [value.get("words")])])


def spine(segments):
    groups = {}
    for term in segments:
        groups.setdefault(term.group, []).append(term)
    named = {
        "cervical": _("Neck"),
        "thoracic": _("Chest"),
        "lumbar": _("Low back"),
        "sacral": _("Sacrum"),
        "pelvis": _("Pelvis"),
    }
    return {
        "spine": [{"name": named[key], "segments": groups[key]} for key in SPINE if key in groups],
        "joints": [term for key, terms in groups.items() if key not in SPINE for term in terms],
    }


def begun(note, told, now):
    """What the script starts from."""
    urls = {name: reverse(f"treatment:{name}", args=[note.pk]) for name in CALLS}
    return {
        "state": told["state"],
        "version": note.version,
        "savedAt": now.isoformat(),
        "urls": urls,
        "missing": told["reasons_not_to_sign"],
        "verdicts": told["verdicts"],
    }


def last_shown(last, names):
    """Last time in a few lines, for the column of what must be known; None before there is one."""
    if last is None:
        return None
    return {
        "at": last.note.opened_at,
        "author": last.note.author.name,
        "pain": last.state["said_pain_now"],
        "lines": lines_of(last.state, label=lambda code: shown(code, names)),
        "copies": any(last.state[kind] for kind in ("needlings", "adjuncts", "adjustments")),
    }
