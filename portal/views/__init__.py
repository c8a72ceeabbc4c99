from .answering import answer
from .joining import join
from .plan import plan, plan_of, tick
from .visits import visits

__all__ = ["answer", "join", "plan", "plan_of", "tick", "visits"]
