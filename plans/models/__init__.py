from .home import HomeActivity, HomeKind, HomeTick
from .library import PlanTemplate, ReviewRule, RuleKind, Study
from .plans import Goal, PhaseKind, Plan, PlanPhase, PlanStatus, PlanVisit
from .story import PlanPause, PlanRevision, RevisionKind

__all__ = [
    "Goal",
    "HomeActivity",
    "HomeKind",
    "HomeTick",
    "PhaseKind",
    "Plan",
    "PlanPause",
    "PlanPhase",
    "PlanRevision",
    "PlanStatus",
    "PlanTemplate",
    "PlanVisit",
    "ReviewRule",
    "RevisionKind",
    "RuleKind",
    "Study",
]
