"""What a piece of the input line comes to: an item, or something that was not understood."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from acupoints.rules.catalogue import LEVELS, SET_PLACES
from treatment.rules.words import DIRECTIONS

LONGEST_PLACE = 200  # characters
SIDED = ("left", "right")


class Item(NamedTuple):
    """One needling.

    `kind` is point, ashi, ear or trigger; a point has a `code`, the others a `place` in words. `side` is left, right,
    both, none (midline) or "" where it was not said. `needles` is the total of all sides. `depth_mm` is whole mm, None
    where not said. `stimulation` is electrical, manual, none or "" where not said; `hz` is text: 2, or 2/100.
    """

    kind: str
    code: str = ""
    place: str = ""
    side: str = ""
    needles: int = 1
    depth_mm: int | None = None
    angle: str = ""
    techniques: tuple[str, ...] = ()
    stimulation: str = ""
    hz: str = ""


class Says(list):
    """(sentence, words that can be added) about a piece."""

    def add(self, sentence, *endings):
        self.append((sentence, endings))


class Piece:
    """An item while it is read: fields are taken as they come."""

    is_lost = False

    def __init__(self, kind, code, start, end):
        self.kind, self.code, self.start, self.end = kind, code, start, end
        self.said, self.techniques, self.place = {}, [], []
        self.place_is_over = False

    @property
    def has_place(self):
        return self.kind != "point"

    def ends_with_direction(self):
        return bool(self.place) and self.place[-1].lower() in DIRECTIONS

    def take(self, what):
        """False where something else was said for the same field before."""
        self.place_is_over = bool(self.place)
        if what.field == "technique":
            if what.value not in self.techniques:
                self.techniques.append(what.value)
            return True
        return self.said.setdefault(what.field, what.value) == what.value

    def finished(self, catalogue):
        """(the item, or None where it cannot be told how many needles went in; what there is to say about it).

        What there is to say: sentences, each with the words that can be added to mend it.
        """
        says = Says()
        side = (
            self.side_of_point(catalogue.points[self.code], says) if self.code else self.side_of_place(says)
        )
        needles = self.needles_in(side, says)
        stimulation, hz = self.current(says)
        if needles is None:
            return None, says
        item = Item(
            self.kind,
            self.code,
            self.words_of_place(says),
            side,
            needles,
            self.said.get("depth_mm"),
            self.said.get("angle", ""),
            tuple(self.techniques),
            stimulation,
            hz,
        )
        return item, says

    def side_of_point(self, point, says):
        said = self.said.get("side")
        if point.laterality == "bilateral":
            if said == "none":
                says.add(_("%(code)s lies on both sides. Write L, R or b.") % {"code": self.code})
            return "both" if said in (None, "none") else said
        own = point.laterality if point.laterality in SIDED else "none"
        if said not in (None, own):
            says.add(only_there(self.code, own))
        return own

    def side_of_place(self, says):
        if "side" not in self.said:
            says.add(_("Side not said. Write L, R, b or midline."), "L", "R", "b")
        return self.said.get("side", "")

    def needles_in(self, side, says):
        said = self.said.get("needles")
        usual = default_needles(self.code, side)
        if said is None and usual is None:
            says.add(_("Say which level, such as HTJJ T3, or how many needles, such as x6."))
            return None
        if side == "both" and said is not None and said % 2:
            odd = _("%(number)d needles are not the same on both sides. Write left and right apart.")
            says.add(odd % {"number": said})
        return usual if said is None else said

    def current(self, says):
        """Hertz alone mean that current was given."""
        stimulation, hz = self.said.get("stimulation", ""), self.said.get("hz", "")
        if hz and stimulation in ("manual", "none"):
            says.add(_("%(hz)s Hz is for e-stim only. Take one of the two out.") % {"hz": hz})
            return stimulation, ""
        return ("electrical" if hz else stimulation), hz

    def words_of_place(self, says):
        place = " ".join(" ".join(self.place).split())
        if len(place) > LONGEST_PLACE:
            says.add(_("The place is too long. Use at most %(most)d characters.") % {"most": LONGEST_PLACE})
        if not place and self.kind == "ear":
            says.add(_("Say which ear point, such as ear shenmen R."))
        if not place and self.kind == "trigger":
            says.add(_("Say which muscle, such as trigger upper trap R."))
        return place[:LONGEST_PLACE].rstrip()


class Lost:
    """A piece that starts with something that is no point, up to the next point: nothing of it goes elsewhere.

    `codes` are the points it may mean; None: look for names spelled alike.
    """

    is_lost = True
    has_place = False

    def __init__(self, start, end, says, codes):
        self.start, self.end, self.name_end = start, end, end
        self.says, self.codes = says, codes
        self.name_is_over = codes is not None

    def take(self, _what):
        self.name_is_over = True
        return True

    def add_word(self, end):
        if not self.name_is_over:
            self.name_end = end


def default_needles(code, side):
    """One on each side; for a set, one in each of its places. None for EX-B2, of which nobody needles all 34."""
    if code == LEVELS:
        return None
    return (2 if side == "both" else 1) * SET_PLACES.get(code, 1)


def only_there(code, own):
    if own == "none":
        return _("%(code)s lies on the midline. It has no side.") % {"code": code}
    if own == "left":
        return _("%(code)s lies on the left only.") % {"code": code}
    return _("%(code)s lies on the right only.") % {"code": code}
