"""Several threads at one moment, for races over the same rows."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def in_threads(calls, *, timeout=60):
    """Run the callables at the same moment, each in a thread; what each returned or raised, in order.

    A barrier holds all of them until the last has its database connection.
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            connections["default"].ensure_connection()
            barrier.wait(timeout)
            return call()
        except Exception as fault:  # noqa: BLE001 - the test judges what each thread got
            return fault
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout) for future in [pool.submit(run, call) for call in calls]]
