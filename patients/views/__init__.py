from .accounts import invite, invite_again, set_active, withdraw_invitation
from .chart import chart
from .editing import edit, end_related_person, household, leave_household, related_person
from .finding import patient_list, search
from .registering import new

__all__ = [
    "chart",
    "edit",
    "end_related_person",
    "household",
    "invite",
    "invite_again",
    "leave_household",
    "new",
    "patient_list",
    "related_person",
    "search",
    "set_active",
    "withdraw_invitation",
]
