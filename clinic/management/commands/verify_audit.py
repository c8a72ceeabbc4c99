from django.core.management.base import BaseCommand, CommandError

from clinic.sealing import verify_chain

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Verifies the audit log's hash chain and its copied head. Fails on an edited, removed or cut-off row."
    )

    def handle(self, *args, **options):
        verdict = verify_chain()
        if verdict.faults:
            more = len(verdict.faults) - SHOWN
            lines = verdict.faults[:SHOWN] + ([f"… and {more} more."] if more > 0 else [])
            raise CommandError("\n".join(["The audit log was tampered with or damaged:", *lines]))
        self.stdout.write(f"{verdict.sealed} sealed events, chain and copied head agree.")
