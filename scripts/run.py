"""The demo clinic on this machine: database, web server, worker. Ctrl-C stops what this started."""

import os
import sys
import webbrowser

from processes import PYTHON, manage, port_of, run_together, wait_until_served, with_database


def main() -> None:
    port = port_of(default=8000)
    address = f"http://127.0.0.1:{port}"
    env = {**os.environ, "PUBLIC_URL": os.environ.get("PUBLIC_URL", address)}

    def announce() -> None:
        if not wait_until_served(port):
            sys.exit("The web server does not answer; what it says is above.")
        manage("show_accounts", env=env)
        print(f"\nThe clinic is open at {address}  (Ctrl-C closes it)", flush=True)
        if _has_screen():
            webbrowser.open(address)

    def work() -> None:
        manage("migrate", "--verbosity", "0", env=env)
        # Points, rules, codes and texts of this version.
        manage("load_reference", env=env)
        # Loads the demo clinic once; on a later day adds that day.
        manage("demo", "--living", env=env)
        run_together(commands(port), env, announce)

    with_database(work)


def commands(port: int) -> dict[str, list[str]]:
    server = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    size = ["--workers", "1", "--blocking-threads", "4"]
    return {
        "web server": [
            PYTHON,
            "-m",
            "granian",
            *server,
            *size,
            "--log-level",
            "warning",
            "clinic.wsgi:application",
        ],
        "worker": [PYTHON, "manage.py", "work"],
    }


def _has_screen() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
