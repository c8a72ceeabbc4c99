"""python -m clinic.postgres start | stop | status | psql"""

import os
import sys

from clinic.postgres import Unavailable, binary, is_running, log_path, pid, start, stop, urls


def main(arguments: list[str]) -> int:
    match arguments:
        case ["start"]:
            print("PostgreSQL is started." if start() else "PostgreSQL is running already.")
        case ["stop"]:
            print("PostgreSQL is stopped." if stop() else "PostgreSQL was not running.")
        case ["status"]:
            running = is_running()
            print(
                f"PostgreSQL is running (process {pid()}); log: {log_path()}" if running else "Not running."
            )
            return 0 if running else 3
        case ["psql", *rest]:
            program = str(binary("psql"))
            os.execv(program, [program, urls()[1], *rest])
        case _:
            print("Usage: python -m clinic.postgres start | stop | status | psql [arguments of psql]")
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Unavailable as reason:
        sys.exit(str(reason))
