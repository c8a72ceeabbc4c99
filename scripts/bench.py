"""`make bench`: how fast the heart of the product is, each piece beside the best plain SQL for the same work.

    make bench                        the figures of the aims: 250,000 visits in the past
    .venv/bin/python scripts/bench.py --history 10      ten times the past: loading takes that much longer
    .venv/bin/python scripts/bench.py --quick           small figures, to see that it works

Ends with 1 where a must is missed, a race went wrong, or the number of statements depends on the number of rows.
"""

import argparse
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from scripts.measuring import availability, calendar, races, report, scratch, search, today  # noqa: E402
from scripts.measuring.clock import TIMES, count_statements, measure, server_clock  # noqa: E402

SUBJECTS = [availability, calendar, search, today]


def main(arguments):
    asked = asked_for(arguments)
    small = scratch.made(scratch.QUICK)
    if asked.quick:
        holds = run(small, asked.times, ratios=False)
    else:
        made = scratch.made(scratch.with_history(scratch.FULL, asked.history))
        holds = run(made, asked.times)
        holds &= same_statements(small, made)
    print("\nEverything holds." if holds else "\nSomething FAILS; it is marked above.")
    return 0 if holds else 1


def asked_for(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--history", type=int, default=1, help="so many times 250,000 visits in the past")
    parser.add_argument("--quick", action="store_true", help="small figures")
    parser.add_argument("--times", type=int, default=TIMES, help="repetitions of each measurement")
    return parser.parse_args(arguments)


def run(made, times, *, ratios=True):
    report.show_made(made)
    holds = True
    with scratch.working_in(made.database):
        report.show_heads(times, reads_server=server_clock()() is not None)
        for work in works(made.now):
            measured = measure(work, times=times)
            report.show(measured, ratios=ratios)
            holds &= not report.fails(measured, ratios=ratios)
    print(f"\n{races.ATTEMPTS} attempts at one day, in a copy of the database")
    with scratch.copy_of(made.database) as copy, scratch.working_in(copy):
        for race in races.races(made.now):
            report.show_race(race)
            holds &= race.holds
    return holds


def works(now):
    return [work for subject in SUBJECTS for work in subject.works(now)]


def same_statements(small, large):
    """Whether every piece of work sends as many statements to the small database as to the large one."""
    counts = [statements_in(made) for made in (small, large)]
    different = {name: (few, counts[1][name]) for name, few in counts[0].items() if few != counts[1][name]}
    print(f"\nStatements with {small.rows['scheduling_appointment']:,} and"
          f" {large.rows['scheduling_appointment']:,} visits: {different or 'equal'}")  # fmt: skip
    return not different


def statements_in(made):
    with scratch.working_in(made.database):
        return {work.name: count_statements(work) for work in works(made.now)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
