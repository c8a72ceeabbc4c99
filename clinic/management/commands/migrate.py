from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection

from clinic.database import application_role, as_owner, grant


class Command(migrate.Command):
    """Migrates as the owner role, then grants the application's role what it may do."""

    def handle(self, *args, **options):
        with as_owner():
            super().handle(*args, **options)
            call_command("createcachetable", "clinic_cache", verbosity=0)
            with connection.cursor() as cursor:
                grant(cursor, application_role())
