from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.database import as_owner
from frontdesk.actions.demo import loading


class Command(BaseCommand):
    help = "Load the demo clinic: invented people on a living day (small), or the clinic of the measurements (large)."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=["small", "large"], default="small")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--history", type=int, default=1, help="large only: so many times 250,000 visits in the past"
        )
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
        if size == "large":
            loading.load_large(seed=seed, now=now, history=options["history"])
        else:
            loading.load_small(seed=seed, now=now)
        # The planner knows the tables at once, not after a minute.
        with as_owner() as connection, connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.stdout.write("The demo clinic is loaded. `manage.py show_accounts` says who can sign in.")
