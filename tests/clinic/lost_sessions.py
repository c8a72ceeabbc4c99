"""Sessions of a database that is away when they are read, or when they are saved."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError

WHEN_SAVED = "s" * 32  # the key of a session that can be read; every other one cannot


class SessionStore(db.SessionStore):
    def __init__(self, session_key=None):
        super().__init__(session_key)
        self.modified = session_key == WHEN_SAVED

    def load(self):
        if self.session_key == WHEN_SAVED:
            return {"chosen": 1}
        raise OperationalError("server closed the connection")

    def save(self, must_create=False):
        """As Django's own: what the database said is the context of what is raised."""
        try:
            raise OperationalError("server closed the connection")
        except OperationalError:
            raise UpdateError  # noqa: B904 - Django does not chain it either
