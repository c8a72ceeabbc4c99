"""What is printed: one line for each piece of work, one for each race, and whether the figures hold."""

from scripts.measuring.clock import median, p95

COLUMNS = "{:58}{:>9}{:>8}{:>9}{:>8}{:>9}{:>8}{:>7}{:>7}{:>6}{:>9}  {}"
HEADS = (
    "milliseconds: median and 95th percentile", "wall", "p95", "CPU", "p95", "plain", "its CPU", "wall", "CPU",
    "stmts", "bytes", "",
)  # fmt: skip


def show_made(made):
    print(f"Database {made.database}: {'used again' if made.again else 'made now'}")
    print(f"Loading took {made.load_seconds} s, VACUUM ANALYZE {made.vacuum_seconds} s.")
    for table, rows in made.rows.items():
        print(f"  {table:32}{rows:>12,}")


def show_heads(times, reads_server):
    whose = "client and server" if reads_server else "client only: the server is not on this machine"
    print(f"\nProduct and plain SQL in turns, {times} times each. CPU: {whose}. × are product over plain.")
    print(COLUMNS.format(*HEADS).rstrip())


def show(one):
    product, plain = one.product, one.plain
    print(
        COLUMNS.format(
            one.work.name,
            f"{median(product.wall):.2f}",
            f"{p95(product.wall):.2f}",
            f"{median(product.cpu):.2f}",
            f"{p95(product.cpu):.2f}",
            f"{median(plain.wall):.2f}",
            f"{median(plain.cpu):.2f}",
            f"{one.ratio('wall'):.2f}×",
            f"{one.ratio('cpu'):.2f}×",
            one.statements,
            f"{one.bytes:,}" if one.bytes is not None else "–",
            verdict(one),
        ),
        flush=True,
    )


def verdict(one):
    """On the processor's time: other work on the machine stretches the wall clock, and not evenly."""
    work = one.work
    if work.must is None:
        return "no aim set"
    if work.statements is not None and one.statements > work.statements:
        return f"FAILS: more than {work.statements} statements"
    ratio = one.ratio("cpu")
    if ratio > work.must:
        return f"FAILS: must be ≤ {work.must}×"
    return f"meets the aim of ≤ {work.aim}×" if ratio <= work.aim else f"meets the must of ≤ {work.must}×"


def fails(one):
    return verdict(one).startswith("FAILS")


def show_race(race):
    logged = "log not readable" if race.deadlocks is None else f"deadlocks logged {race.deadlocks}"
    print(
        f"{race.clients:>3} clients: {len(race.waits) / race.seconds:6.1f} attempts/s, each {median(race.waits):.0f} ms"
        f" (p95 {p95(race.waits):.0f}); booked {race.booked}, refused {race.refused}, errors {len(race.faults)};"
        f" overlaps {race.overlaps}, refused but fitting later {race.fitted_later}, {logged}"
        f"  {'holds' if race.holds else 'FAILS'}",
        flush=True,
    )
    for fault in {repr(fault) for fault in race.faults}:
        print(f"      {fault}")
