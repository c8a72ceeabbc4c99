"""The clinic as in production, on this machine: HTTPS, production settings, two server processes, worker.

The certificate signs itself: browsers warn once. It and the secret are made once and stay in `.data/`.
Data is that of this checkout's database; nothing of the demo is loaded, only what every clinic starts with.
"""

import datetime
import hashlib
import ipaddress
import os
import secrets
import socket
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from processes import PYTHON, ROOT, manage, port_of, run_together, wait_until_served, with_database

DATA = ROOT / ".data"
KEY, CERTIFICATE, SECRET = DATA / "serve.key", DATA / "serve.crt", DATA / "secret-key"
COLLECTED_STAMP = ROOT / "build" / "collected.stamp"
NAMES = ["localhost", socket.gethostname()]
YEARS = 2


def main() -> None:
    port = port_of(default=8443)
    address = f"https://localhost:{port}"

    def announce() -> None:
        if not wait_until_served(port, CERTIFICATE):
            sys.exit("The web server does not answer; what it says is above.")
        print(f"\nThe clinic is open at {address}  (Ctrl-C closes it)", flush=True)

    def work() -> None:
        make_certificate()
        env = production(address)
        manage("migrate", "--verbosity", "0", env=env)
        manage("load_reference", env=env)
        collect_static_files(env)
        run_together(commands(port), env, announce)

    with_database(work)


def production(address: str) -> dict[str, str]:
    if not SECRET.exists():
        write_private(SECRET, secrets.token_urlsafe(64).encode())
    chosen = {
        "SECRET_KEY": SECRET.read_text(),
        "ALLOWED_HOSTS": ",".join([*NAMES, "127.0.0.1", "[::1]"]),
        "PUBLIC_URL": address,
    }
    return {**chosen, **os.environ, "MERIDIAN_ENV": "production"}


def commands(port: int) -> dict[str, list[str]]:
    server = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    https = ["--ssl-certificate", str(CERTIFICATE), "--ssl-keyfile", str(KEY)]
    size = ["--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"]
    options = [*server, *https, *size, "--log-level", "warning"]
    return {
        "web server": [PYTHON, "-m", "granian", *options, "clinic.wsgi:application"],
        "worker": [PYTHON, "manage.py", "work"],
    }


def collect_static_files(env: dict[str, str]) -> None:
    """Compressing takes half a minute, so it is left out while no file has changed."""
    folders = [ROOT / "build" / "static", *ROOT.glob("*/static")]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    states = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}\n" for path in files]
    packages = (ROOT / ".venv" / "packages.stamp").read_text()
    wanted = hashlib.sha256("".join([*states, packages]).encode()).hexdigest()
    if not COLLECTED_STAMP.exists() or COLLECTED_STAMP.read_text() != wanted:
        print("Collecting and compressing static files …", flush=True)
        manage("collectstatic", "--no-input", "--clear", "--verbosity", "0", env=env)
        COLLECTED_STAMP.write_text(wanted)


def make_certificate() -> None:
    if CERTIFICATE.exists() and KEY.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    alternatives = [x509.DNSName(each) for each in NAMES]
    alternatives += [x509.IPAddress(ipaddress.ip_address(each)) for each in ("127.0.0.1", "::1")]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    write_private(KEY, key.private_bytes(serialization.Encoding.PEM, form, plain))
    CERTIFICATE.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main()
