"""The background worker at the tests' clock: `python -m tests.faults.worker`."""

import os
import sys
from datetime import datetime

import time_machine
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    time_machine.travel(datetime.fromisoformat(os.environ["MERIDIAN_TEST_NOW"]), tick=True).start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    execute_from_command_line(["manage.py", "work", *sys.argv[1:]])
