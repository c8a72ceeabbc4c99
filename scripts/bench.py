"""`make bench`: how fast the heart of the product is, each piece beside the best plain SQL for the same work.

    make bench                        the figures of the aims: 250,000 visits in the past
    .venv/bin/python scripts/bench.py --history 10      ten times the past: loading takes that much longer
    .venv/bin/python scripts/bench.py --quick           small figures, to see that it works
    .venv/bin/python scripts/bench.py --quick --only chart note points      some pieces of work, and no races

Ends with 1 where a must is missed, a race went wrong, a plain statement gives another answer, or the number of
statements depends on the number of rows.
"""

import argparse
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from scripts.measuring import (  # noqa: E402
    availability,
    calendar,
    chart,
    course,
    note,
    points,
    races,
    report,
    scratch,
    search,
    today,
)
from scripts.measuring.clock import TIMES, count_statements, measure, server_clock  # noqa: E402

READING = {
    "availability": availability,
    "calendar": calendar,
    "search": search,
    "today": today,
    "points": points,
}
# Opening a chart is written down: these work in a copy of the database, as the races do.
WRITING = {"chart": chart, "note": note}
COURSES = 10  # of each length, at each fill


def main(arguments):
    asked = asked_for(arguments)
    small = scratch.made(scratch.QUICK)
    if asked.quick:
        holds = run(small, asked.times, only=asked.only, ratios=False)
    else:
        made = scratch.made(scratch.with_history(scratch.FULL, asked.history))
        holds = run(made, asked.times, only=asked.only)
        holds &= same_statements(small, made, asked.only)
    print("\nEverything holds." if holds else "\nSomething FAILS; it is marked above.")
    return 0 if holds else 1


def asked_for(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--history", type=int, default=1, help="so many times 250,000 visits in the past")
    parser.add_argument("--quick", action="store_true", help="small figures")
    parser.add_argument("--times", type=int, default=TIMES, help="repetitions of each measurement")
    parser.add_argument(
        "--only", nargs="+", choices=[*READING, *WRITING, "course"], help="these, and no races"
    )
    return parser.parse_args(arguments)


def run(made, times, *, only=None, ratios=True):
    report.show_made(made)
    with scratch.working_in(made.database):
        report.show_heads(times, reads_server=server_clock()() is not None)
        measured = measure_all(works(READING, made.now, only), times, ratios)
    with scratch.copy_of(made.database) as copy, scratch.working_in(copy):
        measured += measure_all(works(WRITING, made.now, only), times, ratios)
        holds = not any(report.fails(one, ratios=ratios) for one in measured)
        holds &= report.show_sizes(measured)
        if not only or "course" in only:
            holds &= course.run(made.now, COURSES)
        return holds if only else holds & race_all(made.now)


def measure_all(works, times, ratios):
    measured = []
    for work in works:
        measured.append(measure(work, times=times))
        report.show(measured[-1], ratios=ratios)
    return measured


def race_all(now):
    """Whether all races hold."""
    print(f"\n{races.ATTEMPTS} attempts at one day, in a copy of the database")
    holds = True
    for race in races.races(now):
        report.show_race(race)
        holds &= race.holds
    return holds


def works(subjects, now, only=None):
    return [
        work for name, subject in subjects.items() if not only or name in only for work in subject.works(now)
    ]


def same_statements(small, large, only=None):
    """Whether every piece of work sends as many statements to the small database as to the large one."""
    counts = [statements_in(made, only) for made in (small, large)]
    different = {name: (few, counts[1][name]) for name, few in counts[0].items() if few != counts[1][name]}
    print(f"\nStatements with {small.rows['scheduling_appointment']:,} and"
          f" {large.rows['scheduling_appointment']:,} visits: {different or 'equal'}")  # fmt: skip
    return not different


def statements_in(made, only=None):
    with scratch.working_in(made.database):
        counts = {work.name: count_statements(work) for work in works(READING, made.now, only)}
    with scratch.copy_of(made.database) as copy, scratch.working_in(copy):
        return counts | {work.name: count_statements(work) for work in works(WRITING, made.now, only)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
