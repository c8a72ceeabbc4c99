"""A refusal is an answer, not an error: it says why, and what can be done instead."""


class Refused(Exception):
    """An action that was not done. `reasons` are sentences for the person; nothing was changed.

    `conflict` is true where somebody else was faster (409 instead of 422); `offers` are the nearest
    free times, where there are any.
    """

    def __init__(self, reasons, *, conflict=False, offers=()):
        self.reasons = [reasons] if isinstance(reasons, str) else list(reasons)
        self.conflict = conflict
        self.offers = list(offers)
        super().__init__("; ".join(str(reason) for reason in self.reasons))

    @property
    def status(self):
        return 409 if self.conflict else 422


class VersionMissing(Exception):
    """A form arrived without the version of the row it edits: 428."""


class AlreadyDone(Exception):
    """The same form arrived before and was done. `location` shows what it did."""

    def __init__(self, location):
        self.location = location
        super().__init__(location)


class ChartClosed(Exception):
    """A chart that is not open to this person. `reason_at` is the page where it opens with a reason, if it may;
    `to_read`: it is open already, to read and not to write in.
    """

    def __init__(self, reason_at="", *, to_read=False):
        self.reason_at, self.to_read = reason_at, to_read
        super().__init__(reason_at)
