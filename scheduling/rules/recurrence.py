"""What a weekly rule may say."""

from django.utils.translation import gettext as _

from scheduling.rules.sentences import clock

MOST = 20


def reasons_not_to_repeat(*, weekdays, count):
    if not weekdays:
        return [_("Choose at least one day of the week.")]
    if not 2 <= count <= MOST:
        return [_("A series has 2 to %(most)s visits. Book the rest as a second one.") % {"most": MOST}]
    return []


def reasons_unreal(unreal):
    """`unreal`: local dates on which the wished time does not exist because clocks go forward."""
    return [
        _("On %(day)s clocks go forward and this time does not exist. Choose another time.")
        % {"day": day.isoformat()}
        for day in unreal
    ]


def nobody_then(instant, zone):
    return _("Nobody who may do this is free with a room at %(time)s.") % {"time": clock(instant, zone)}
