"""Mail servers with faults, as Django mail backends. What they accept is in django.core.mail.outbox."""

import time

from django.core.mail.backends.locmem import EmailBackend


class Down(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("nobody listens")


class DiesAfterDelivery(EmailBackend):
    """The mail is out; the worker is killed before it can note that."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise SystemExit


class DiesBeforeDelivery(EmailBackend):
    def send_messages(self, messages):
        raise SystemExit


class Slow(EmailBackend):
    def send_messages(self, messages):
        time.sleep(0.02)
        return super().send_messages(messages)
