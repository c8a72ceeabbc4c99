"""What the note offers to tap. The words are those of teaching texts; every picker has free text beside it."""

from django.utils.translation import gettext_lazy as _

TONGUE = {
    "pale": _("pale"),
    "pink": _("pink"),
    "red": _("red"),
    "purple": _("purple"),
    "swollen": _("swollen"),
    "thin": _("thin"),
    "teeth_marks": _("teeth marks"),
    "cracks": _("cracks"),
    "thin_white_coat": _("thin white coat"),
    "thick_white_coat": _("thick white coat"),
    "yellow_coat": _("yellow coat"),
    "no_coat": _("no coat"),
    "dry": _("dry"),
    "moist": _("moist"),
}
PULSE = {
    "wiry": _("wiry"),
    "slippery": _("slippery"),
    "thready": _("thready"),
    "weak": _("weak"),
    "full": _("full"),
    "floating": _("floating"),
    "deep": _("deep"),
    "rapid": _("rapid"),
    "slow": _("slow"),
    "choppy": _("choppy"),
    "tight": _("tight"),
    "soggy": _("soggy"),
}
# Movements measured in degrees, by region of the body.
MOTIONS = {
    "neck": ["flexion", "extension", "rotation_left", "rotation_right", "side_bend_left", "side_bend_right"],
    "lower back/sacrum": ["flexion", "extension", "side_bend_left", "side_bend_right"],
    "upper back": ["rotation_left", "rotation_right"],
    "shoulder": ["flexion", "abduction", "rotation_in", "rotation_out"],
    "hip/buttock": ["flexion", "extension", "rotation_in", "rotation_out"],
    "knee": ["flexion", "extension"],
}
MOTION_WORDS = {
    "flexion": _("flexion"),
    "extension": _("extension"),
    "rotation_left": _("turn left"),
    "rotation_right": _("turn right"),
    "side_bend_left": _("side bend left"),
    "side_bend_right": _("side bend right"),
    "abduction": _("abduction"),
    "rotation_in": _("rotation in"),
    "rotation_out": _("rotation out"),
}
# Reasons that people give again and again, as buttons; anything else is typed.
COMMON_REASONS = [
    _("shallow needling, thin needle"),
    _("discussed with the patient"),
    _("cleared by the physician"),
    _("long pressure afterwards"),
]
RESPONSES = [_("very relaxed"), _("relaxed"), _("less pain"), _("no change"), _("tired"), _("more movement")]
# Views of the body chart, in the order of the buttons; the first is shown.
VIEWS = {
    "back": _("Back"),
    "front": _("Front"),
    "left": _("Left"),
    "right": _("Right"),
    "head_front": _("Face"),
    "head_back": _("Head, back"),
    "head_left": _("Head, side"),
    "hand_dorsal": _("Hand, back"),
    "hand_palmar": _("Palm"),
    "foot_dorsal": _("Foot, top"),
    "foot_medial": _("Foot, inside"),
    "foot_lateral": _("Foot, outside"),
    "foot_sole": _("Sole"),
}
