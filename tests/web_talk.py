"""A person at the pages, in a browser without scripts: she follows links, fills in fields by their names, presses what she sees."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from bot.settings import Secret, Settings, read_settings
from bot.web import make_app
from handlers.page_links import PATH, make_link
from handlers.world import World
from storage import accounts
from storage.accounts import Session
from tests.page_reader import Page, PageForm
from tests.talk import Office, Talk
from tests.telegram_standin import TOKEN

ADDRESS = "https://uren.example"
KEY = "a fictional key of more than 32 characters"


def page_settings(tmp: Any, **more: Any) -> Settings:
    """Settings with pages and a bot."""
    return replace(read_settings({}, tmp), public_url=ADDRESS, port=0, secret=Secret(KEY), telegram_token=Secret(TOKEN), **more)


def page_world(office: Office) -> World:
    """The office's world, with pages."""
    return replace(office.world, public_url=ADDRESS, pages_key=KEY.encode())


class Browser:
    """A browser of its own: its cookies, and no scripts. It follows no redirect by itself."""

    def __init__(self, web: "Web") -> None:
        self.web = web
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(web.app), base_url=ADDRESS, headers={"accept-language": "nl"}, follow_redirects=False
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """What it was given to keep."""
        return self.client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open an address."""
        return self.web.call(self.client.get(path, **more))

    def head(self, path: str) -> httpx.Response:
        """Ask for the headers alone, as a preview does."""
        return self.web.call(self.client.head(path))

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Post something."""
        return self.web.call(self.client.post(path, **more))


class Web:
    """The web part of an office, on a loop in a thread of its own."""

    def __init__(self, office: Office, tmp: Any) -> None:
        self.office, self.world = office, page_world(office)
        self.app = make_app(page_settings(tmp), office.database, None, office.clock, self.world)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="web", daemon=True)
        self.thread.start()

    def call(self, coroutine: Any) -> Any:
        """Run a request to its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def browser(self) -> Browser:
        """A browser that nobody is signed in to."""
        return Browser(self)

    def session(self, key: str, platform: str = "terminal", user: str = "") -> Session:
        """The account of a person, linked."""
        user = user or f"page:{key}"
        self.office.link(platform, "", user, user, key)
        return self.office.run(lambda tx: accounts.read_session(tx, platform, "", user))

    def link(self, key: str, target: str = "") -> str:
        """A fresh link for a person, without the address of the site."""
        return make_link(self.world, self.session(key), target, self.office.clock()).removeprefix(ADDRESS)

    def signed_in(self, key: str, target: str = "") -> "WebTalk":
        """A person who followed her link."""
        return WebTalk(self, key, target)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class WebTalk(Talk):
    """Who is signed in. `page`: what she sees."""

    def __init__(self, web: Web, key: str, target: str = "") -> None:
        self.office, self.web, self.key = web.office, web, key
        self.browser = web.browser()
        link = web.link(key, target)
        self.show(self.browser.get(link))
        self.press("Verder")

    def show(self, response: httpx.Response) -> Page:
        """Take in what came, and what it leads to."""
        self.response = response
        if response.status_code == 303:
            return self.show(self.browser.get(response.headers["location"]))
        if response.headers["content-type"].startswith("text/html"):
            self.page = Page(response.text)
            assert not self.page.faults(), (self.page.faults(), response.text)
        return self.page

    def go(self, path: str) -> Page:
        """Open an address."""
        return self.show(self.browser.get(path))

    def send(self, form: PageForm, more: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send a form with more or other values."""
        return self.browser.post(form.action, data={**form.values, **more}, headers={"origin": ADDRESS, **headers})

    def press(self, label: str) -> str:
        return self.press_with(label, {})

    def press_with(self, label: str, more: Mapping[str, str]) -> str:
        """Press a button with other values in its form."""
        pairs = [(form, button) for form in self.page.forms for button in form.buttons]
        found = [pair for pair in pairs if pair[1][0] == label] or [pair for pair in pairs if pair[1][0].startswith(label)]
        assert found, f"No button {label!r} in:\n{self.page.text}"
        form, (_, name, value) = found[0]
        self.show(self.send(form, {**more, **({name: value} if name else {})}))
        return self.page.text

    def choose(self, meaning: str) -> str:
        found = [button for form in self.page.forms for button in form.buttons if button[2].endswith(meaning)]
        assert found, f"No button means {meaning!r} in:\n{self.page.text}"
        return self.press(found[0][0])

    def fill(self, button: str = "Nakijken", **fields: str) -> str:
        """Fill in fields by their key and press a button of the form."""
        return self.press_with(button, {f"f-{key}": value for key, value in fields.items()})

    def say(self, text: str) -> str:
        self.go("/gesprek")
        form = next(each for each in self.page.forms if "typed" in each.values)
        self.show(self.send(form, {"typed": text}))
        return self.page.text

    def screen(self) -> str:
        return self.page.text

    @property
    def labels(self) -> list[str]:
        return [label for form in self.page.forms for label, _, _ in form.buttons]


__all__ = ["ADDRESS", "KEY", "PATH", "Browser", "Web", "WebTalk", "page_settings", "page_world"]
