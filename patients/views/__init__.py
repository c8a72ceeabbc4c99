from .chart import chart
from .editing import edit, end_related_person, household, leave_household, related_person
from .finding import patient_list, search
from .registering import new

__all__ = [
    "chart",
    "edit",
    "end_related_person",
    "household",
    "leave_household",
    "new",
    "patient_list",
    "related_person",
    "search",
]
