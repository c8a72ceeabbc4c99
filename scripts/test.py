"""`make test`: checks, all tests in three stages, figures, and one line that totals them.

Everything runs even when something before it failed, so that one run tells all. PYTEST_ARGS is passed on.
`scripts/test.py torture` runs the large figures of the trust programme instead.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
RESULTS = ROOT / "build" / "test-results"
BYTECODE = ROOT / "build" / "bytecode"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_TESTS = 5  # pytest's exit code where it found none

CHECKS = {
    "lint": [BIN / "ruff", "check"],
    "format": [BIN / "ruff", "format", "--check"],
    "import contracts": [BIN / "lint-imports"],
    "templates": [BIN / "djlint", ".", "--lint", "--quiet"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
}
STAGES = {
    "rolled back": ["-n", "2", "-m", "not browser and not alone and not torture"],
    "browser": ["-n", "2", "-m", "browser and not torture"],
    "alone": ["-m", "alone and not torture"],
}
# -rP: what was done, and how often, is the result of a long run.
TORTURE = {
    "torture, shared": ["-n", "2", "-rP", "-m", "torture and not alone"],
    "torture, alone": ["-rP", "-m", "torture and alone"],
}


@dataclass(frozen=True)
class Outcome:
    passed: int
    failed: int


def main(arguments: list[str]) -> int:
    torture = arguments == ["torture"]
    RESULTS.mkdir(parents=True, exist_ok=True)
    browser_missing = missing_browser()
    if browser_missing:
        print(browser_missing)
    failing = [] if torture else [name for name, command in CHECKS.items() if not check(name, command)]
    outcomes = [run_stage(name, options) for name, options in (TORTURE if torture else STAGES).items()]
    if not torture and not check("figures", [sys.executable, "scripts/figures.py"]):
        failing.append("figures")
    if browser_missing:
        failing.append("browser")
    if failing:
        print(f"Checks that failed: {', '.join(failing)}")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes) + len(failing)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def check(name: str, command: list) -> bool:
    heading(name)
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment(), check=False)
    return done.returncode == 0


def environment() -> dict[str, str]:
    """This one, with bytecode that is kept: where it may not lie beside the sources, it lies in build/.

    Tests start many processes (workers, web servers, commands), and each would compile everything for itself.
    """
    kept = dict(os.environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept["PYTHONPYCACHEPREFIX"] = str(BYTECODE)
    return kept


def run_stage(name: str, options: list[str]) -> Outcome:
    heading(f"tests: {name}")
    report = RESULTS / f"{name.replace(',', '').replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    extra = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", *options, f"--junitxml={report}", *extra],
        cwd=ROOT,
        # Playwright's loop makes Django think that it is called from asynchronous code.
        env={**environment(), "DJANGO_ALLOW_ASYNC_UNSAFE": "true"},
        check=False,
    )
    outcome = read_outcome(report, done.returncode, narrowed=bool(extra))
    print(f"{name}: {outcome.passed} passed, {outcome.failed} failed, {time.monotonic() - started:.0f} s")
    if name == "browser" and outcome.failed and outcome.passed:
        return run_once_more(outcome)
    return outcome


def run_once_more(outcome: Outcome) -> Outcome:
    """Browser tests that failed, once more and one at a time: a busy machine is told apart from a fault.

    It says so in the output; what fails twice has failed.
    """
    print(f"browser: {outcome.failed} failed beside others and are run once more, alone")
    again = run_stage("browser again", ["-m", "browser and not torture", "--last-failed"])
    return Outcome(outcome.passed + again.passed, again.failed)


def read_outcome(report: Path, exit_code: int, *, narrowed: bool) -> Outcome:
    """A skipped test counts as failed: it shows nothing. So does a stage without tests, or one that broke."""
    if exit_code == NO_TESTS:
        if not narrowed:
            print("This stage found no tests.")
        return Outcome(0, 0 if narrowed else 1)
    passed = failed = 0
    if report.exists():
        for suite in xml.parse(report).getroot().iter("testsuite"):
            bad = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
            failed += bad
            passed += int(suite.get("tests", 0)) - bad
    if exit_code and not failed:
        failed = 1
    return Outcome(max(passed, 0), failed)


def missing_browser() -> str | None:
    """None where a Chromium works, installing one if this may; else a sentence that says what to do."""
    if find_chromium():
        return None
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print("Installing Chromium for the browser tests …", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run([apt, "update", "-qq"], check=False, **quiet)
        subprocess.run([apt, "install", "-y", "-qq", "chromium"], check=False, **quiet)
        if find_chromium():
            return None
    return "There is no Chromium for the browser tests. Install one (on Debian: apt install chromium)."


def find_chromium() -> str | None:
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        # On some systems the name is only a stand-in that asks to install the real one.
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    return None


def heading(text: str) -> None:
    print(f"\n=== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
