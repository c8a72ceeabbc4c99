"""What the worker runs for the calendar; named in clinic/management/commands/work.py."""

from scheduling.actions.holding import expire_holds, sweep_live

__all__ = ["expire_holds", "sweep_live"]
