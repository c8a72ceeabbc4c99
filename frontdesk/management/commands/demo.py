from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.refusal import Refused
from frontdesk.actions.demo import loading


class Command(BaseCommand):
    help = "Load the demo clinic: invented people on a living day (small), or the clinic of the measurements (large)."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=["small", "large"], default="small")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is a clinic already"
        )
        parser.add_argument(
            "--living",
            action="store_true",
            help="load where empty; on a later day add that day; else do nothing",
        )

    def handle(self, *, size, seed, **options):
        now = timezone.now()
        if loading.is_empty():
            self.load(size, seed, now, options)
        elif options["living"]:
            if loading.add_today(seed=seed, now=now):
                self.stdout.write("The demo clinic has come to today.")
        elif not options["if_empty"]:
            raise CommandError("This database already holds a clinic. Load the demo into an empty one.")

    def load(self, size, seed, now, options):
        try:
            loading.load_small(seed=seed, now=now)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("The demo clinic is loaded. `manage.py show_accounts` says who can sign in.")
