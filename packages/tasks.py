"""Looked at each hour, done when due."""

from packages.actions.authorizations import ask_for_more_everywhere
from packages.actions.expiring import expire_due


def expire_packages(now):
    expire_due(now=now)


def ask_for_more_visits(now):
    ask_for_more_everywhere(now=now)
