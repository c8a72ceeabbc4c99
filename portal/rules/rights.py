"""What somebody may look at on a patient's pages: all of one's own, and of somebody else's what was given."""

from typing import NamedTuple


class Rights(NamedTuple):
    """The four rights of a proxy, each on its own. `own`: it is the person's own record, mood and free text too."""

    own: bool = False
    visits: bool = False
    forms: bool = False
    payments: bool = False
    health: bool = False

    @property
    def any(self):
        return any(self)


OWN = Rights(own=True, visits=True, forms=True, payments=True, health=True)


def rights_of(relations):
    """Of the relations in force between one account and one patient; each adds its own."""
    return Rights(
        visits=any(one.appointments for one in relations),
        forms=any(one.forms for one in relations),
        payments=any(one.payments for one in relations),
        health=any(told_of_health(one) for one in relations),
    )


def told_of_health(relation):
    """A guardian who is not to be told about health is not told here either, whatever else was ticked."""
    return relation.health_details and (relation.may_be_told or not relation.guardian)
