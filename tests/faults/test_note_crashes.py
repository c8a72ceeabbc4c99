"""A note in a real Chromium while the server is killed, the session ends, or the tab is closed: nothing typed is lost.

The control has no keeper on the device: there the text of a closed tab is gone, and the test says so.
"""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.browser import sign_in
from tests.faults.serving import WebServer, url_of
from tests.treatment.rows import a_note
from treatment.models import Note

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

WITHOUT_KEEPER = "delete Object.getPrototypeOf(window).indexedDB; delete window.indexedDB;"
WORDS = "still stiff left when reversing, since the drive to Raleigh"


@pytest.fixture
def browser(chromium, now):
    """`browser()`: a window with cookies of its own, at the tests' clock; lost connections are what is tested."""
    contexts = []

    def browser():
        context = chromium.new_context(viewport={"width": 1366, "height": 900}, locale="en-US")
        context.set_default_timeout(15_000)
        context.clock.install(time=now)
        contexts.append(context)
        return context

    yield browser
    for context in contexts:
        context.close()


@pytest.fixture
def server(committed, tmp_path):
    with WebServer(url_of(committed), tmp_path) as running:
        yield running


@pytest.fixture
def address(server, cast):
    return f"http://127.0.0.1:{server.port}/notes/{a_note(cast).pk}/"


def opened(context, person, address):
    page = context.new_page()
    sign_in(page, person)
    page.goto(address)
    expect(page.locator("#saving")).to_contain_text("Saved")
    return page


def words_of(address):
    return Note.objects.get(pk=address.split("/")[-2]).said_words


def saved(page):
    expect(page.locator("#saving")).to_contain_text("Saved", timeout=30_000)


def test_the_server_is_killed_between_keystroke_and_save_and_the_page_waits_for_it(
    cast, browser, server, address
):
    page = opened(browser(), cast.mei, address)
    page.locator("#said_words").type(WORDS[:20])
    server.kill()
    page.locator("#said_words").type(WORDS[20:])
    expect(page.locator("#saving")).to_contain_text("kept on this device")
    server.start()
    saved(page)
    assert words_of(address) == WORDS


def test_the_tab_is_closed_while_the_server_is_down_and_the_text_is_there_again(
    cast, browser, server, address
):
    context = browser()
    page = opened(context, cast.mei, address)
    server.kill()
    page.locator("#said_words").type(WORDS)
    expect(page.locator("#saving")).to_contain_text("kept on this device")
    page.close(run_before_unload=False)
    server.start()
    assert words_of(address) == ""
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#said_words")).to_have_value(WORDS)
    saved(page)
    assert words_of(address) == WORDS
    page.wait_for_timeout(500)
    assert kept_on_the_device(page) == 0


def test_control_without_a_keeper_the_text_of_a_closed_tab_is_lost(cast, browser, server, address):
    context = browser()
    context.add_init_script(WITHOUT_KEEPER)
    page = opened(context, cast.mei, address)
    server.kill()
    page.locator("#said_words").type(WORDS)
    expect(page.locator("#saving")).to_contain_text("not kept")
    page.close(run_before_unload=False)
    server.start()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#said_words")).to_have_value("")


def test_what_is_kept_opens_only_for_the_same_person(cast, browser, server, address):
    context = browser()
    page = opened(context, cast.mei, address)
    server.kill()
    page.locator("#said_words").type(WORDS)
    expect(page.locator("#saving")).to_contain_text("kept on this device")
    page.close(run_before_unload=False)
    server.start()
    other = context.new_page()
    sign_in(other, cast.sam)
    other.goto(address)
    assert WORDS not in other.content()
    assert WORDS not in other.evaluate(EVERYTHING_KEPT)
    other.close()
    page = context.new_page()
    sign_in(page, cast.mei)
    page.goto(address)
    expect(page.locator("#said_words")).to_have_value(WORDS)


def test_the_session_ends_while_typing_and_after_signing_in_again_it_is_saved(cast, browser, server, address):
    context = browser()
    page = opened(context, cast.mei, address)
    Session.objects.all().delete()
    page.locator("#said_words").type(WORDS)
    expect(page.locator("#saving")).to_contain_text("Sign in to save")
    expect(page.locator("#sign-in-again")).to_be_visible()
    assert words_of(address) == ""
    sign_in(page, cast.mei)
    saved(page)
    assert words_of(address) == WORDS


def kept_on_the_device(page):
    return page.evaluate(
        """async () => {
            const database = await new Promise((done) => {
                const asked = indexedDB.open("meridian-notes", 1);
                asked.onsuccess = () => done(asked.result);
            });
            return await new Promise((done) => {
                const asked = database.transaction("drafts").objectStore("drafts").count();
                asked.onsuccess = () => done(asked.result);
            });
        }"""
    )


EVERYTHING_KEPT = """async () => {
    const names = await indexedDB.databases();
    const database = await new Promise((done) => {
        const asked = indexedDB.open(names[0].name, 1);
        asked.onsuccess = () => done(asked.result);
    });
    const rows = await new Promise((done) => {
        const asked = database.transaction("drafts").objectStore("drafts").getAll();
        asked.onsuccess = () => done(asked.result);
    });
    const text = (buffer) => new TextDecoder().decode(buffer);
    const stores = [localStorage, sessionStorage].map((store) => JSON.stringify(store));
    return [...stores, ...rows.map((row) => text(row.sealed))].join(" ");
}"""
