"""What runs in the background. Everything here may run again at any time and does nothing twice."""

from intake.actions import adulthood as actions
from intake.queries import adulthood


def sweep_birthdays(now):
    """Daily, looked at each hour: who comes of age in a week is told, whose day it is decides alone."""
    day = adulthood.today(now)
    for patient in adulthood.comes_soon(day):
        actions.announce(patient=patient, now=now)
    for patient in adulthood.has_come(day):
        actions.come_of_age(patient=patient, now=now)
