"""The body charts as SVG, from the line art of body_art.json: `{% body_chart "front" marks=marks %}`.

A page that shows one puts acupoints/body.css into its styles. Marks are (label, x, y) or (label, x, y, class) in
the units of the view; a script finds `g.bc-marks` and adds its own.
"""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()
ART = Path(__file__).resolve().parent.parent / "data" / "body_art.json"
BODY = ("front", "back", "left", "right")
NAMES = {
    "front": _("Body from the front"),
    "back": _("Body from the back"),
    "left": _("Body from the left side"),
    "right": _("Body from the right side"),
    "head_front": _("Head from the front"),
    "head_back": _("Head from the back"),
    "head_left": _("Head from the left side"),
    "hand_palmar": _("Left palm"),
    "hand_dorsal": _("Back of the left hand"),
    "foot_dorsal": _("Left foot from above"),
    "foot_medial": _("Left foot from the inner side"),
    "foot_lateral": _("Left foot from the outer side"),
    "foot_sole": _("Left sole"),
}
# The same art mirrored: what it shows then.
MIRRORED = {
    "head_left": _("Head from the right side"),
    "hand_palmar": _("Right palm"),
    "hand_dorsal": _("Back of the right hand"),
    "foot_dorsal": _("Right foot from above"),
    "foot_medial": _("Right foot from the inner side"),
    "foot_lateral": _("Right foot from the outer side"),
    "foot_sole": _("Right sole"),
}
# Where both sides of the patient are seen: on which half of the picture the patient's left is.
LEFT_IS_ON_THE_RIGHT = {"front": True, "head_front": True, "back": False, "head_back": False}


LABEL_HEIGHT = 32  # units of a view


class Mark(NamedTuple):
    label: str
    x: int
    y: int
    css: str = ""
    lower: int = 0  # how far its label stands below its dot, so that no two print over each other

    @property
    def text_x(self):
        """The label stands beside its dot, on the outer side."""
        return self.x + (24 if self.x >= 500 else -24)

    @property
    def anchor(self):
        return "start" if self.x >= 500 else "end"

    @property
    def text_y(self):
        return self.y + 12 + self.lower


def spread(marks):
    """The marks with their labels apart: on each side of the picture one below the other."""
    lowest, placed = {}, []
    for mark in sorted(marks, key=lambda one: one.y):
        least = lowest.get(mark.anchor, mark.text_y) if mark.label else mark.text_y
        placed.append(mark._replace(lower=max(0, least - mark.text_y)))
        if mark.label:
            lowest[mark.anchor] = placed[-1].text_y + LABEL_HEIGHT
    return placed


@register.inclusion_tag("acupoints/_body.html")
def body_chart(view, marks=(), side="left", meridian=""):
    """One view. `side="right"` mirrors a close-up of a limb or of the side of the head; marks are mirrored with it.

    Of the meridians only `meridian` is drawn, or all of them when it is "all".
    """
    width, height = size(view)
    mirrored = side == "right" and view in MIRRORED
    shown = [Mark(*mark) for mark in marks]
    if mirrored:
        shown = [mark._replace(x=width - mark.x) for mark in shown]
    shown = spread(shown)
    return {
        "view": view,
        "name": body_name(view, side),
        "width": width,
        "height": height,
        "kind": "bc-body" if view in BODY else "bc-closeup",
        "mirrored": mirrored,
        "art": lines(view),
        "meridians": runs(view, meridian),
        "sides": sides(view),
        "marks": shown,
    }


@register.simple_tag
def body_name(view, side="left"):
    """What a view shows, in words."""
    return MIRRORED[view] if side == "right" and view in MIRRORED else NAMES[view]


@cache
def art():
    return json.loads(ART.read_text())


def size(view):
    found = art()["views"][view]
    return found["width"], found["height"]


@cache
def lines(view):
    """Silhouette, details and contours as safe SVG, one path each."""
    found = art()["views"][view]
    groups = [(name, " ".join(found[name])) for name in ("silhouette", "details", "contours")]
    return format_html_join("", '<g class="bc-{}"><path d="{}"/></g>', groups)


@cache
def runs(view, meridian):
    """The runs of one meridian, of all, or of none."""
    if not meridian:
        return SafeString("")
    paths = [
        (code, " ".join(found[view]))
        for code, found in art()["meridians"].items()
        if view in found and meridian in ("all", code)
    ]
    return format_html_join("", '<path data-meridian="{}" d="{}"/>', paths)


def sides(view):
    """Where the letters L and R of the patient's sides stand, as SVG; nothing where one side is seen."""
    if view not in LEFT_IS_ON_THE_RIGHT:
        return ""
    width, height = size(view)
    left = width - 60 if LEFT_IS_ON_THE_RIGHT[view] else 60
    y = 90 if height == width else 60
    return format_html(
        '<text class="bc-side" x="{}" y="{}">{}</text><text class="bc-side" x="{}" y="{}">{}</text>',
        *(left, y, _("L"), width - left, y, _("R")),
    )
