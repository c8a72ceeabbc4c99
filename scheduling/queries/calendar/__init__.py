"""The calendar: what it shows (loading), as data for the grid (feed) and as rows (listing), and what a drop means."""

from .feed import between, feed, wall
from .fitting import fits
from .landing import Landing, landing
from .listing import listing
from .loading import Asked, first_column, shown

__all__ = [
    "Asked",
    "Landing",
    "between",
    "feed",
    "first_column",
    "fits",
    "landing",
    "listing",
    "shown",
    "wall",
]
