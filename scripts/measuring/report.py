"""What is printed: one line for each piece of work, one for each race, and whether the figures hold."""

from scripts.measuring.clock import median, p95

COLUMNS = "{:64}{:>9}{:>8}{:>9}{:>8}{:>9}{:>8}{:>7}{:>7}{:>6}{:>9}  {}"
HEADS = (
    "milliseconds: median and 95th percentile", "wall", "p95", "CPU", "p95", "plain", "its CPU", "wall", "CPU",
    "stmts", "bytes", "",
)  # fmt: skip

# Of what there are two sizes, by how its name begins.
SIZES = {
    "chart": "30 and 300 notes",
    "a note": "2 and 20 points saved",
    "points": "at most 4 and 40 points found",
}


def show_made(made):
    print(f"Database {made.database}: {'used again' if made.again else 'made now'}")
    print(f"Loading took {made.load_seconds} s, VACUUM ANALYZE {made.vacuum_seconds} s.")
    for table, rows in made.rows.items():
        print(f"  {table:32}{rows:>12,}")


def show_heads(times, reads_server):
    whose = "client and server" if reads_server else "client only: the server is not on this machine"
    print(f"\nProduct and plain SQL in turns, {times} times each. CPU: {whose}. × are product over plain.")
    print(COLUMNS.format(*HEADS).rstrip())


def show(one, *, ratios=True):
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
            verdict(one, ratios=ratios),
        ),
        flush=True,
    )


def verdict(one, *, ratios=True):
    """By the processor's time: other work on the machine stretches the wall clock, and not evenly.

    Without `ratios` only the statements are judged: the aims are for the full size.
    """
    work = one.work
    if work.statements is not None and one.statements > work.statements:
        return f"FAILS: more than {work.statements} statements"
    if work.must is None or not ratios:
        return "not judged"
    ratio = one.ratio("cpu")
    if ratio > work.must:
        return f"FAILS: must be ≤ {work.must}×"
    return f"meets the aim of ≤ {work.aim}×" if ratio <= work.aim else f"meets the must of ≤ {work.must}×"


def fails(one, *, ratios=True):
    return verdict(one, ratios=ratios).startswith("FAILS")


def show_sizes(measured):
    """Whether the same work sends as many statements at each of its sizes."""
    counts = {}
    for one in measured:
        if one.work.sizes_of:
            counts.setdefault(one.work.sizes_of, []).append(one.statements)
    different = {name: found for name, found in counts.items() if len(set(found)) > 1}
    sizes = [words for start, words in SIZES.items() if any(name.startswith(start) for name in counts)]
    if sizes:
        print(f"\nStatements with {', '.join(sizes)}: {f'FAILS: {different}' if different else 'equal'}")
    return not different


def show_race(race):
    logged = "log not readable" if race.deadlocks is None else f"deadlocks logged {race.deadlocks}"
    each = f"{median(race.waits):.0f} ms (p95 {p95(race.waits):.0f})"
    pace = f"{len(race.waits) / race.seconds:6.1f} attempts/s, each {each}"
    ends = f"booked {race.booked}, refused {race.refused}, sent again {race.sent_again}, errors {len(race.faults)}"
    found = f"overlaps {race.overlaps}, refused but fitting later {race.fitted_later}, {logged}"
    judged = "holds" if race.holds else "FAILS"
    print(f"{race.clients:>3} clients: {pace}; {ends}; {found}  {judged}", flush=True)
    for fault in {repr(fault) for fault in race.faults}:
        print(f"      {fault}")
