"""`manage.py load_reference`: our data as this version ships it, with what the clinic changed left alone."""

from django.core.management.base import BaseCommand, CommandError

from clinic.refusal import Refused
from frontdesk.actions.reference import load_everything
from intake.actions.loading import held_back


class Command(BaseCommand):
    help = "Loads points, rules, codes and texts again; says what the clinic changed and what should be looked at."

    def handle(self, *args, **options):
        try:
            added, files = load_everything()
        except Refused as refusal:
            raise CommandError("\n".join(map(str, refusal.reasons))) from None
        self.stdout.write(f"{added} rows of services, disciplines and licenses added.")
        for loaded in files:
            self.stdout.write(
                f"{loaded.dataset}: {loaded.rows} rows ({loaded.sha256[:12]}), {loaded.added} added,"
                f" {loaded.changed} changed, {loaded.gone} no longer shipped."
            )
            if loaded.clinic:
                self.stdout.write(f"  The clinic's own, left alone: {', '.join(loaded.clinic)}.")
            if loaded.stale:
                self.stdout.write(
                    f"  Ours changed beneath the clinic's: {', '.join(loaded.stale)}. Compare them in the admin."
                )
        for key in held_back():
            self.stdout.write(
                f"Form {key}: ours changed beneath the clinic's own version. Compare them under Forms."
            )
