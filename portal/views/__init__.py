from .joining import join
from .visits import visits

__all__ = ["join", "visits"]
