"""Sign-in settings that are code: hashing cost, that nobody signs up by themselves, and how mail leaves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sites.shortcuts import get_current_site

from clinic import emails


class TunedArgon2(Argon2PasswordHasher):
    """argon2id at 19 MiB, 2 passes, 1 lane: OWASP's floor, and 32 sign-ins at once fit a small server."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def send_mail(self, template_prefix, email, context):
        """By the outbox, as every mail: a mail server that is down or slow holds up no page."""
        site = get_current_site(self.request)
        shown = {"request": self.request, "email": email, "current_site": site, **context}
        mail = self.render_mail(template_prefix, email, shown)
        emails.send_account_mail(to=email, subject=mail.subject, body=mail.body)
