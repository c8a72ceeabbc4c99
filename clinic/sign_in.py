"""Sign-in settings that are code: hashing cost, and that nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """argon2id at 19 MiB, 2 passes, 1 lane: OWASP's floor, and 32 sign-ins at once fit a small server."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False
