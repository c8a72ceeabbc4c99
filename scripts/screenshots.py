"""Pictures of the main screens, from the demo clinic on one fixed morning: docs/screenshots/.

The same data and the same clock give the same pictures, so that a change to a screen shows in them.
"""

import os
import shutil
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django  # noqa: E402 - the path and the settings come first

django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import reverse  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from clinic.models import User  # noqa: E402
from frontdesk.actions.demo.loading import load_small  # noqa: E402
from intake.actions.asking import hand_out  # noqa: E402
from patients.models import Patient  # noqa: E402
from plans.models import Plan  # noqa: E402
from tests.browser import FLAGS, OneRequestPerConnection, Server, sign_in  # noqa: E402
from tests.database import connect, end_connections, working_in  # noqa: E402
from treatment.models import Note  # noqa: E402

NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)  # 10:42 in New York
NAME = "meridian_screenshots"
TARGET = ROOT / "docs" / "screenshots"
SIZES = {"desktop": (1366, 900), "tablet": (768, 1024), "phone": (375, 812)}
USUAL = ("desktop", "phone")


def main():
    owner = connect(settings.OWNER_URL)
    drop(owner)
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {NAME}")
    try:
        with working_in(NAME), time_machine.travel(NOW, tick=True):
            call_command("migrate", verbosity=0)
            load_small(seed=1, now=NOW)
            take_all(only=sys.argv[1:])
    finally:
        drop(owner)
        owner.close()


def drop(owner):
    end_connections(NAME)
    with owner.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")


def screens():
    """{name: (role of who looks, address, sizes)}. No role: nobody is signed in. An address may be made when used."""
    maria, ida = patient("Maria", "Garcia"), patient("Ida", "Bell")
    tunde, sunhee = patient("Tunde", "Okoye"), patient("Sun-hee", "Park")
    weekly = Plan.objects.get(patient=sunhee)
    drafts = Note.objects.filter(author=person("practitioner"), signed_at=None).order_by("-opened_at")
    signed = Note.objects.filter(patient=maria).signed().order_by("-opened_at")
    return {
        "sign-in": (None, "/account/login/", USUAL),
        "today": ("front_desk", "/today/", USUAL),
        "calendar": ("front_desk", "/calendar/", USUAL),
        "calendar-rooms": ("front_desk", "/calendar/?by=room", USUAL),
        "booking": ("front_desk", f"/calendar/?panel=book&patient={maria.pk}", USUAL),
        "patients": ("front_desk", "/patients/", USUAL),
        "chart": ("front_desk", f"/patients/{maria.pk}/", USUAL),
        "summary": ("practitioner", f"/patients/{maria.pk}/", USUAL),
        "history": ("practitioner", reverse("intake:history", args=[ida.pk]), USUAL),
        "note": ("practitioner", reverse("treatment:note", args=[drafts[0].pk]), ("desktop", "tablet")),
        "note-read": ("practitioner", reverse("treatment:note", args=[signed[0].pk]), USUAL),
        "plans": ("practitioner", "/plans/", USUAL),
        "plan": ("practitioner", reverse("plans:of_patient", args=[maria.pk]), USUAL),
        "plan-new": ("practitioner", reverse("plans:new", args=[maria.pk]), USUAL),
        "course": ("front_desk", reverse("plans:course", args=[weekly.pk]), USUAL),
        "evidence": ("practitioner", "/plans/evidence/", USUAL),
        "scores": ("practitioner", reverse("outcomes:scores", args=[maria.pk]), USUAL),
        "account": ("front_desk", reverse("frontdesk:account", args=[tunde.pk]), USUAL),
        "to-dos": ("practitioner", "/today/to-dos/", USUAL),
        "points": ("practitioner", "/points/", USUAL),
        "point": ("practitioner", "/points/LI4/", USUAL),
        "services": ("owner", "/clinic/services/", USUAL),
        "providers": ("owner", "/clinic/providers/", USUAL),
        "clinic": ("owner", "/clinic/", USUAL),
        "patient-plan": ("patient", "/my/", USUAL),
        "patient-visits": ("patient", "/my/visits/", USUAL),
        # Last: the forms it hands out would show on the board.
        "form": (None, form_address, ("phone",)),
    }


def patient(given, family):
    return Patient.objects.filter(given_name=given, family_name=family).first()


def form_address():
    """The first page of a health history that was handed out this moment."""
    _link, token = hand_out(
        by=person("front_desk"),
        patient_pk=patient("Jo", "Ruiz").pk,
        keys=["health_history", "symptoms"],
        channel="email",
        related=None,
        now=NOW,
    )
    return reverse("intake:fill_section", args=[token, "health_history", "conditions_section"])


def take_all(only):
    server = Server(("127.0.0.1", 0), OneRequestPerConnection)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    TARGET.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if program is None:
        raise SystemExit("Screenshots need Chromium: install the package chromium.")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            base = f"http://127.0.0.1:{server.server_address[1]}"
            for name, (role, address, sizes) in screens().items():
                if not only or name in only:
                    take(browser, base, name, role, address() if callable(address) else address, sizes)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def take(browser, base, name, role, address, sizes):
    for size in sizes:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=base,
            viewport={"width": width, "height": height},
            timezone_id="America/New_York",
            locale="en-US",
            reduced_motion="reduce",
        )
        context.clock.install(time=NOW)
        page = context.new_page()
        if role:
            sign_in(page, person(role))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=TARGET / f"{name}-{size}.png")
        print(f"docs/screenshots/{name}-{size}.png")
        context.close()


def person(role):
    return User.objects.filter(role_grants__role=role).order_by("pk").first()


if __name__ == "__main__":
    main()
