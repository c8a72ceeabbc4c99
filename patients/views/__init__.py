from .accounts import invite, invite_again, set_active, withdraw_invitation
from .chart import chart
from .charts import lift_restriction, open_with_reason, opened, restrict
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
    "lift_restriction",
    "new",
    "open_with_reason",
    "opened",
    "patient_list",
    "related_person",
    "restrict",
    "search",
    "set_active",
    "withdraw_invitation",
]
