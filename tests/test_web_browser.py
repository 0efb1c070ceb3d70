"""The pages in a real browser, at the width of a phone and of a desk, by keyboard; needs Chromium and playwright, else it is left out."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bot.web import make_app
from handlers.page_links import make_link
from storage import accounts
from tests.talk import Office
from tests.web_talk import KEY, page_settings

CHROMIUM = shutil.which("chromium") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed here")
WIDTHS = (390, 1280)


class Site:
    """The pages on a port of this machine."""

    def __init__(self, office: Office, tmp: Path) -> None:
        self.office = office
        port = socket.create_server(("127.0.0.1", 0))
        address = f"http://localhost:{port.getsockname()[1]}"  # a browser takes a secure cookie from there
        self.world = replace(office.world, public_url=address, pages_key=KEY.encode())
        app = make_app(replace(page_settings(tmp), public_url=address), office.database, None, office.clock, self.world)
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [port]}, daemon=True)
        self.thread.start()

    def link(self, key: str) -> str:
        """A fresh link for a person."""
        self.office.link("terminal", "", f"page:{key}", "", key)
        session = self.office.run(lambda tx: accounts.read_session(tx, "terminal", "", f"page:{key}"))
        return make_link(self.world, session, "", self.office.clock())

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def site(office: Office, tmp_path: Path) -> Iterator[Site]:
    found = Site(office, tmp_path)
    yield found
    found.close()


@pytest.fixture
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_registration_by_keyboard_alone(site: Site, chromium: Any, width: int, scripts: bool) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, java_script_enabled=scripts)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.link("K3"))
    press(page, "Verder")
    press(page, "Presentie")
    for label, text in (("Datum", "gisteren 14u-16u30"), ("Omschrijving", "kookactiviteit"), ("Aanwezig", "12 jongeren, 2 begeleiders")):
        page.get_by_label(label, exact=True).focus()
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    with page.expect_navigation() if scripts else nullcontext():
        page.keyboard.press("Space")
    if not scripts:
        press(page, "Nakijken")
    assert "Dit kan: 2u30" in page.inner_text("main")
    press(page, "Bevestigen")
    assert "Geboekt" in page.inner_text("h1")
    assert not said, "nothing is blocked or broken"
    assert site.office.booked("K3")[0].minutes == 150
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(site: Site, chromium: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    for key, paths in (("K1", ("", "momenten", "gesprek")), ("C-1", ("netwerk", "netwerk/1/momenten"))):
        page.goto(site.link(key))
        press(page, "Verder")
        for path in paths:
            page.goto(f"{site.world.public_url}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        press(page, "Afmelden")
    context.close()


def test_what_is_wrong_is_read_first(site: Site, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(site.link("K3"))
    press(page, "Verder")
    press(page, "Presentie")
    press(page, "Nakijken")
    assert page.evaluate("document.activeElement.id") == "wrong"


def press(page: Any, name: str) -> None:
    """Go to a button with the keyboard and press it."""
    page.get_by_role("button", name=name, exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
