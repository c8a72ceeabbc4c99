"""What a point's page says in words."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

MERIDIAN_NAMES = {
    "LU": _("Lung"),
    "LI": _("Large intestine"),
    "ST": _("Stomach"),
    "SP": _("Spleen"),
    "HT": _("Heart"),
    "SI": _("Small intestine"),
    "BL": _("Bladder"),
    "KI": _("Kidney"),
    "PC": _("Pericardium"),
    "TE": _("Triple energizer"),
    "GB": _("Gallbladder"),
    "LR": _("Liver"),
    "GV": _("Governor vessel"),
    "CV": _("Conception vessel"),
    "EX-HN": _("Extra points, head and neck"),
    "EX-CA": _("Extra points, chest and abdomen"),
    "EX-B": _("Extra points, back"),
    "EX-UE": _("Extra points, arm and hand"),
    "EX-LE": _("Extra points, leg and foot"),
}
REGIONS = (
    *("head", "face", "neck", "chest", "abdomen", "upper back", "lower back/sacrum", "perineum", "shoulder"),
    *(
        "upper arm",
        "elbow",
        "forearm",
        "wrist",
        "hand",
        "hip/buttock",
        "thigh",
        "knee",
        "lower leg",
        "ankle",
        "foot",
    ),
)
RISKS = {
    "artery": _("artery"),
    "vein": _("vein"),
    "nerve": _("nerve"),
    "eye": _("eye"),
    "medulla": _("medulla"),
    "spinal_cord": _("spinal cord"),
    "kidney": _("kidney"),
    "liver": _("liver"),
    "spleen": _("spleen"),
    "heart": _("heart"),
    "bladder": _("bladder"),
    "peritoneum": _("peritoneum"),
    "rectum": _("rectum"),
    "joint": _("joint"),
    "breast": _("breast"),
    "sternal_foramen": _("gap in the breastbone"),
    "fontanelle": _("fontanelle"),
    "scalp": _("scalp"),
    "mucosa": _("mucosa"),
    "perineum": _("perineum"),
    "facial_zone": _("danger zone of the face"),
    "pneumothorax": _("lung"),
}
MOXA = {
    "avoid_direct": _("No direct moxa here."),
    "classical_caution": _("The classics name it among points without moxa."),
    "forbidden": _("No moxa here."),
}
PREGNANCY = {"caution": _("In pregnancy: with care."), "avoid": _("In pregnancy: avoid.")}


class Picture(NamedTuple):
    """One chart of a point: the view, whose side of it, and its marks as (label, x, y)."""

    view: str
    side: str
    marks: tuple


def places(point):
    """[(view, x, y)] of the patient's left or only point: the main one first, the close-up last."""
    found = [(point.view, point.x, point.y)]
    if point.view2:
        found.append((point.view2, point.x2, point.y2))
    found += [_place(text) for text in point.extra_xy]
    if point.detail_view and point.detail_view not in {view for view, _x, _y in found}:
        found.append((point.detail_view, point.detail_x, point.detail_y))
    return found


def _place(text):
    view, x, y = text.split(":")
    return (view, int(x), int(y))


TWO_SIDED = ("front", "back", "head_front", "head_back")


def pictures(point):
    """The charts to draw: one for each view with both sides marked, two where one side is seen at a time."""
    by_view = {}
    for view, x, y in places(point):
        by_view.setdefault(view, []).append((x, y))
    drawn = []
    for view, spots in by_view.items():
        drawn += [_two_sided(point, view, spots)] if view in TWO_SIDED else _one_sided(point, view, spots)
    return drawn


def _two_sided(point, view, spots):
    twins = [(1000 - x, y) for x, y in spots if point.bilateral and x != 500]
    marks = dict.fromkeys([*spots, *twins])
    return Picture(view, "left", tuple(_labelled(point, marks)))


def _one_sided(point, view, spots):
    """Sides of the body have two pictures; limbs are drawn as the left one, with a mirrored twin."""
    marks = tuple(_labelled(point, spots))
    pictures = [Picture(view, "left", marks)]
    if point.bilateral and view == "left":
        twins = [(1000 - x, y) for x, y in spots]
        pictures.append(Picture("right", "left", tuple(_labelled(point, twins))))
    elif point.bilateral:
        pictures.append(Picture(view, "right", marks))
    return pictures


def _labelled(point, spots):
    """The code at the first place only: a set of sixteen would be all text."""
    return [
        (point.key if number == 0 or len(spots) <= 2 else "", x, y) for number, (x, y) in enumerate(spots)
    ]


def cautions(point):
    """Sentences to read before needling."""
    said = []
    if point.needling_forbidden:
        said.append(_("Not needled: a landmark, or for moxa only."))
    if point.pneumothorax_risk:
        said.append(_("Over the lung: shallow and angled only."))
    if "classical_no_needle" in point.risk_tags:
        said.append(_("The classics name it among points not to be needled."))
    said += [
        sentences[value]
        for sentences, value in ((PREGNANCY, point.pregnancy), (MOXA, point.moxa_rule))
        if value in sentences
    ]
    return [point.caution, *said] if point.caution else said


def risks(point):
    """Structures in reach of the needle."""
    return [RISKS[tag] for tag in point.risk_tags if tag in RISKS]
