from django.core.management.base import BaseCommand, CommandError

from frontdesk.actions.demo.accounts import PASSPHRASE, accounts_to_show, is_demo


class Command(BaseCommand):
    help = "Print an address and the password for each role. Only where the demo clinic is loaded."

    def handle(self, **options):
        if not is_demo():
            raise CommandError("This is not the demo clinic. Accounts are invited by an owner.")
        rows = accounts_to_show()
        if not rows:
            raise CommandError("The accounts of the demo have been given passwords of their own.")
        width = max(len(email) for _role, email in rows)
        for role, email in rows:
            self.stdout.write(f"{role.label:<14}{email:<{width}}  {PASSPHRASE}")
