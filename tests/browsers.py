"""Chromium for the tests of the pages: where it is, what it means when it is not there, the site that it looks at.

Without Chromium these tests are left out; with BROWSER_TESTS=required in the environment, as in .ci/run, they fail.
"""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn

from bot.web import make_app
from handlers.page_links import make_link
from storage import accounts
from tests.talk import Office
from tests.web_talk import KEY, page_settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
REQUIRED = os.environ.get("BROWSER_TESTS") == "required"
HERE = bool(CHROMIUM) and find_spec("playwright") is not None
LEFT_OUT = "Chromium is not installed: on Debian or Ubuntu `sudo apt install chromium`"
PHONE, DESK = 390, 1280
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic")


class Site:
    """The pages on a port of this machine."""

    def __init__(self, office: Office, tmp: Path) -> None:
        self.office = office
        port = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{port.getsockname()[1]}"  # a browser takes a secure cookie from there
        self.world = replace(office.world, public_url=self.address, pages_key=KEY.encode())
        app = make_app(replace(page_settings(tmp), public_url=self.address), office.database, None, office.clock, self.world)
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [port]}, daemon=True)
        self.thread.start()

    def link(self, key: str, language: str = "nl") -> str:
        """A fresh link for a person, who has chosen this language."""
        self.office.link("terminal", "", f"page:{key}", "", key)
        session = self.office.run(lambda tx: accounts.read_session(tx, "terminal", "", f"page:{key}"))
        self.office.run(lambda tx: accounts.change_account(tx, session.account or 0, language=language))
        session = self.office.run(lambda tx: accounts.read_session(tx, "terminal", "", f"page:{key}"))
        return make_link(self.world, session, "", self.office.clock())

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@contextmanager
def chromium_browser() -> Iterator[Any]:
    """A running Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        sandbox = hasattr(os, "geteuid") and os.geteuid() != 0  # Chromium has none for root
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET), chromium_sandbox=sandbox)
        yield browser
        browser.close()


def press(page: Any, name: str) -> None:
    """Go to a button with the keyboard and press it."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def enter(page: Any, site: Site, key: str) -> None:
    """Follow a fresh link and go in."""
    page.goto(site.link(key))
    press(page, "Aanmelden")
