"""A person at the pages, in a browser without scripts: she follows links, fills in fields by their names, presses what she sees."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.settings import Secret, Settings, read_settings
from bot.web import make_app
from handlers.page_links import PATH, STAYS, make_link
from handlers.world import World
from storage import accounts
from storage.accounts import Session
from tests.page_reader import Element, Page, PageForm
from tests.talk import Office, Part
from tests.telegram_standin import TOKEN
from tests.whole_talk import Filled, WholeTalk

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
            transport=httpx.ASGITransport(web.serve), base_url=ADDRESS, headers={"accept-language": "nl"}, follow_redirects=False
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


class Web(Part):
    """The web part of an office, on a loop in a thread of its own."""

    def __init__(self, office: Office, folder: Any = Path("no-settings-here")) -> None:
        self.office, self.folder = office, folder
        self.start()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="web", daemon=True)
        self.thread.start()

    def start(self) -> None:
        """Begin on the office's database as it is now, with its world."""
        self.world = page_world(self.office)
        self.app = make_app(page_settings(self.folder), self.office.database, None, self.office.clock, self.world)

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """The application that runs now."""
        await self.app(scope, receive, send)

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


class WebTalk(WholeTalk):
    """Who is signed in. `page`: what she sees."""

    @classmethod
    def of(cls, office: Office, key: str | None) -> "WebTalk":
        """The person with this key at the pages, signed in."""
        assert key, "nobody unknown is let in"
        return cls(office.part(Web, lambda: Web(office)), key)

    def __init__(self, web: Web, key: str, target: str = "") -> None:
        self.office, self.web, self.key = web.office, web, key
        self.browser = web.browser()
        self.last: tuple[PageForm, dict[str, str]] | None = None
        self.heard: set[str] = set()
        self.enter(target)

    def enter(self, target: str = "") -> None:
        """Sign in with a fresh link."""
        self.entered_at = self.office.clock()
        self.show(self.browser.get(self.web.link(self.key, target)))
        self.press("Aanmelden")

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
        """Open an address; with a new link when the eight hours of the session are over."""
        response = self.browser.get(path)
        if response.status_code == 401 and self.office.clock() >= self.entered_at + STAYS:
            self.enter()
            response = self.browser.get(path)
        return self.show(response)

    def send(self, form: PageForm, more: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send a form with more or other values."""
        return self.browser.post(form.action, data={**form.values, **more}, headers={"origin": ADDRESS, **headers})

    def press_button(self, label: str) -> str:
        return self.press_with(label, {})

    def put(self, key: str, value: str) -> str:
        return self.press_with(self.check, {f"f-{key}": value})

    def press_again(self) -> str:
        """Send what was sent last once more: a double press, or an old window."""
        assert self.last is not None
        self.show(self.send(*self.last))
        return self.screen()

    def resume(self) -> str:
        self.go("/formulier")
        return self.screen()

    def hear(self) -> str:
        """What stands among the messages of her first page that did not when she looked last."""
        found = {each.given["id"]: each.text() for each in self.go("/").root.all("article") if each.given["class"] == "message"}
        fresh, self.heard = [said for key, said in found.items() if key not in self.heard], self.heard | found.keys()
        return "\n\n".join(fresh)

    def press_with(self, label: str, more: Mapping[str, str]) -> str:
        """Press a button with other values in its form."""
        pairs = [(form, button) for form in self.page.forms for button in form.buttons]
        found = [pair for pair in pairs if pair[1][0] == label] or [pair for pair in pairs if pair[1][0].startswith(label)]
        assert found, f"No button {label!r} in:\n{self.page.text}"
        form, (_, name, value) = found[0]
        self.last = (form, {**more, **({name: value} if name else {})})
        self.show(self.send(*self.last))
        return self.screen()

    def choose(self, meaning: str) -> str:
        found = [button for form in self.page.forms for button in form.buttons if button[2].endswith(meaning)]
        assert found, f"No button means {meaning!r} in:\n{self.page.text}"
        return self.press(found[0][0])

    def fill(self, button: str = "Nakijken", **fields: str) -> str:
        """Fill in fields by their key and press a button of the form."""
        return self.press_with(button, {f"f-{key}": value for key, value in fields.items()})

    def type(self, text: str) -> str:
        self.go("/gesprek")
        form = next(each for each in self.page.forms if "typed" in each.values)
        self.show(self.send(form, {"typed": text}))
        return self.screen()

    @property
    def check(self) -> str:
        """The button that has the form read, in her language."""
        return next(label for form in self.page.forms for label, name, value in form.buttons if (name, value) == ("do", "check"))

    @property
    def whole(self) -> list[Filled] | None:
        form = next((each for each in self.page.root.all("form") if "whole" in each.given.get("class", "").split()), None)
        if form is None:
            return None
        return [filled(each) for each in form.all("div", "fieldset") if "field" in each.given.get("class", "").split()]

    def screen(self) -> str:
        """The words of the page, with what stands in its fields as the card of a chat says it."""
        return "\n".join([self.page.text, *self.filled_in])

    @property
    def buttons(self) -> list[str]:
        return [label for form in self.page.forms for label, _, _ in form.buttons]


class MiniAppTalk(WebTalk):
    """Who came in from Telegram: nobody gave her a link, the platform says who she is."""

    def enter(self, target: str = "") -> None:
        """Sign in as the script of the page does, with what the platform signs at this moment."""
        from tests.test_web_mini_app import fields, signed

        self.entered_at = self.office.clock()
        number, bot = "4211", TOKEN.partition(":")[0]
        self.office.link("telegram", bot, number, number, self.key)
        said = signed(fields(self.office.clock()))
        entered = self.browser.post("/app", data={"init_data": said}, headers={"origin": ADDRESS})
        self.show(self.browser.get(entered.json()["leads_to"]))


def filled(field: Element) -> Filled:
    """Read a field."""
    inputs, labels = field.all("input", "select"), {each.given["for"]: each.text() for each in field.all("label")}
    name = inputs[-1].given["name"]
    key = name.removeprefix("f-")
    wrong = "wrong" in field.given["class"].split()
    if field.tag == "div":
        control, label = inputs[0], field.all("label")[0].text()
        if control.tag == "select":
            options = tuple((each.given["value"], each.text()) for each in control.all("option") if each.given["value"])
            chosen = next((each.given["value"] for each in control.all("option") if "selected" in each.given), "")
            return Filled(key, label, chosen, dict(options).get(chosen, ""), wrong, options)
        read = [each.text().partition(":")[2].strip() for each in field.all("p") if each.given.get("class") == "hint"]
        offered = tuple(each.text() for each in field.all("option"))
        return Filled(key, label, control.given["value"], read[0] if read else control.given["value"], wrong, None, offered)
    radios = [each for each in inputs if each.given["type"] == "radio"]
    options = tuple((each.given["value"], labels[each.given["id"]]) for each in radios)
    chosen = next((each.given["value"] for each in radios if "checked" in each.given), "")
    return Filled(key, field.all("legend")[0].text(), chosen, dict(options).get(chosen, ""), wrong, options)


__all__ = ["ADDRESS", "KEY", "PATH", "Browser", "MiniAppTalk", "Web", "WebTalk", "page_settings", "page_world"]
