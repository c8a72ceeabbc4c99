from .answering import answer
from .joining import join
from .opened import opened
from .plan import plan, plan_of, tick
from .visits import visits

__all__ = ["answer", "join", "opened", "plan", "plan_of", "tick", "visits"]
