"""What the worker runs for the calendar; named in clinic/management/commands/work.py."""

from scheduling.actions import holding
from scheduling.actions.calls import give_back_unneeded
from scheduling.actions.holding import sweep_live

__all__ = ["expire_holds", "sweep_live"]


def expire_holds(now=None):
    """End holds that ran out, and proposals that nobody needs any more."""
    return holding.expire_holds(now) + give_back_unneeded()
