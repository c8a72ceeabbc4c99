"""A real Chromium against the application, served by threads of this process at the test's frozen clock."""

import re
import shutil
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import sync_playwright

from tests.cast import PASSWORD

AXE = Path(__file__).resolve().parent.parent / "build" / "static" / "vendor" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What a refusal that the page shows looks like on the console: Chromium's line, and htmx's.
SHOWN_REFUSAL = re.compile(
    r"(server responded with a status of|Response Status Error Code) (409|413|422|428|429)\b"
)
# A click that a finger or mouse made, Enter, and a run of typing in one field are one action each.
COUNT_ACTIONS = """
(() => {
    const add = () => sessionStorage.setItem("actions", 1 + Number(sessionStorage.getItem("actions")));
    let typing = null, passedOn = null;
    // A label passes its click on to its box, which then changes: one action.
    addEventListener("click", (e) => {
        if (!e.isTrusted || !e.detail) return;
        const again = e.target === passedOn, box = e.target.closest("label")?.control ?? e.target;
        passedOn = box === e.target ? null : box;
        typing = /^(radio|checkbox)$/.test(box.type) ? box : null;
        if (!again) add();
    }, true);
    addEventListener("keydown", (e) => { if (e.isTrusted && e.key === "Enter") { typing = null; add(); } }, true);
    addEventListener("input", (e) => { if (typing !== e.target) { typing = e.target; add(); } }, true);
})();
"""
# The calendar's own grid marks days in a way this one rule does not know; see the equal list beside it.
RUN_AXE = """
async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    const inGrid = (node) => document.querySelector(node.target[0])?.closest(".ec");
    const isKnown = (rule, node) => rule === "aria-required-children" && inGrid(node);
    return found.violations
        .map((v) => ({ id: v.id, help: v.help, nodes: v.nodes.filter((n) => !isKnown(v.id, n)).map((n) => n.html) }))
        .filter((v) => v.nodes.length);
}
"""


class OneRequestPerConnection(QuietWSGIRequestHandler):
    """No keep-alive, so that every thread ends with its answer, before the database is dropped."""

    protocol_version = "HTTP/1.0"


class Server(ThreadedWSGIServer):
    daemon_threads = False
    request_queue_size = 128


@pytest.fixture
def live_server_url(committed):
    server = Server(("127.0.0.1", 0), OneRequestPerConnection)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def chromium():
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    assert program, "Browser tests need Chromium: install the package chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server_url, now):
    """`open_page(width=320, scheme="dark")`: a page with cookies of its own. Its faults fail the test at the end."""
    contexts, faults = [], []

    def open_page(width=1366, height=900, scheme="light", zone="America/New_York", touch=False):
        context = chromium.new_context(
            base_url=live_server_url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            timezone_id=zone,
            locale="en-US",
            has_touch=touch,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(COUNT_ACTIONS)
        context.clock.install(time=now)
        listen(context, faults)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def listen(context, faults):
    """Note what must not happen. Chromium asks for /favicon.ico on answers that are no pages of ours."""

    def console(message):
        asked_by_chromium = message.location["url"].endswith("/favicon.ico")
        if message.type == "error" and not asked_by_chromium and not SHOWN_REFUSAL.search(message.text):
            faults.append(f"console: {message.text}")

    def answered(response):
        missing = response.status >= 400 and "/static/" in response.url
        if response.status >= 500 or missing:
            faults.append(f"{response.status} {response.request.method} {response.url}")

    context.on("console", console)
    context.on("weberror", lambda fault: faults.append(f"script: {fault.error}"))
    context.on("response", answered)


@pytest.fixture
def desktop(open_page):
    return open_page()


@pytest.fixture
def phone(open_page):
    return open_page(width=375, height=812, touch=True)


def sign_in(page, person):
    """Give the page that person's session; `sign_in_by_form` is for the tests that are about signing in."""
    client = Client()
    client.force_login(getattr(person, "user", person))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/"}]
    )
    return page


def sign_in_by_form(page, person, password=PASSWORD):
    page.goto("/account/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(getattr(person, "user", person).email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def taps(page):
    """How many actions the person took on this page so far: clicks, Enter, and fields typed into."""
    return page.evaluate("() => Number(sessionStorage.getItem('actions'))")


def axe(page):
    """Violations of accessibility rules on the page as it stands: [{id, help, nodes}]."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    return page.evaluate(RUN_AXE)


def assert_accessible(page):
    """No violation in either color theme, and nothing wider than the screen."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == [], scheme
    assert_fits(page)


TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width);
    return [`wider than ${width}`, ...wide.slice(-5).map((one) => one.outerHTML.slice(0, 200))];
}"""


def assert_fits(page):
    """No sideways scrolling of the page as a whole; says what stands out."""
    assert page.evaluate(TOO_WIDE) == []
