"""A person at the pages, in a browser without scripts: she follows links, fills in fields by their names, presses what she sees."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from bot.settings import Secret, Settings, read_settings
from bot.web import make_app
from handlers.commands import COMMAND_OF
from handlers.page_links import PATH, make_link
from handlers.world import World
from rules.typed import fold
from storage import accounts
from storage.accounts import Session
from tests.page_reader import Element, Page, PageForm
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


class Web:
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


class WebTalk(Talk):
    """Who is signed in. `page`: what she sees. An answer to a question goes into its field; to change one is to go to that field."""

    def __init__(self, web: Web, key: str, target: str = "") -> None:
        self.office, self.web, self.key = web.office, web, key
        self.browser = web.browser()
        self.field: str | None = None  # where she went to change something; empty: she has yet to say where
        self.present: list[str] = []  # who was there, as far as she chose
        self.last: tuple[PageForm, dict[str, str]] | None = None
        self.heard: set[str] = set()
        self.enter(target)

    def enter(self, target: str = "") -> None:
        """Sign in with a fresh link."""
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
        """Open an address; with a new link when the session is over."""
        response = self.browser.get(path)
        if response.status_code == 401:
            self.enter()
            response = self.browser.get(path)
        return self.show(response)

    def send(self, form: PageForm, more: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send a form with more or other values."""
        return self.browser.post(form.action, data={**form.values, **more}, headers={"origin": ADDRESS, **headers})

    def press(self, label: str) -> str:
        """Press a button; of a form also: go to a field ("Wijzig", then its name), choose an option, take the last answer back."""
        whole = self.whole
        if whole is None or any(each.startswith(label) for each in self.buttons):
            self.field = None
            return self.press_with(label, {})
        named = [each.key for each in whole if each.label.startswith(label)]
        if label == "Wijzig":
            self.field = ""
        elif label == "Terug" and self.field is not None:
            self.field = None
        elif named and not self.field:
            self.field = named[0]
        elif (at := self.at) is not None and at.key == "present" and label not in ("Terug", "Annuleren"):
            return self.count(label)
        else:
            return self.say(label)
        return self.screen()

    def count(self, label: str) -> str:
        """Say who was there by the buttons of a chat, which are words on a page: a role, how many, Klaar."""
        if label.startswith("Klaar"):
            said, self.present = ", ".join(self.present) or label.partition(": ")[2], []
            return self.say(said)
        if label[0].isdigit() and not label.isdecimal():
            return self.say(label)
        if label.isdecimal():
            self.present[-1] = f"{label} {self.present[-1]}"
        elif label != "Andere rollen":
            self.present.append(label)
        return self.screen()

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

    def say(self, text: str) -> str:
        """Fill in the open question, or the field that she went to; what is no answer is typed in the conversation."""
        if self.whole is not None and fold(text.lstrip("/")) not in {*COMMAND_OF, "terug", "bevestigen"} and not text.startswith("/"):
            words = fold(text)
            if found := [label for label in self.buttons if fold(label) == words]:
                return self.press(found[0])
            at = self.at
            if at is not None and (value := at.value_of(text)) is not None:
                self.field = None
                return self.press_with(self.check, {f"f-{at.key}": value})
        self.go("/gesprek")
        form = next(each for each in self.page.forms if "typed" in each.values)
        self.show(self.send(form, {"typed": text}))
        return self.screen()

    @property
    def at(self) -> "Filled | None":
        """The field that is next: where she went, else the first that is open or wrong."""
        return next((each for each in self.whole or [] if (each.key == self.field if self.field else each.wrong or not each.value)), None)

    @property
    def check(self) -> str:
        """The button that has the form read, in her language."""
        return next(label for form in self.page.forms for label, name, value in form.buttons if (name, value) == ("do", "check"))

    @property
    def whole(self) -> "list[Filled] | None":
        """The fields of the form in sight."""
        form = next((each for each in self.page.root.all("form") if "whole" in each.given.get("class", "").split()), None)
        if form is None:
            return None
        return [filled(each) for each in form.all("div", "fieldset") if "field" in each.given.get("class", "").split()]

    def screen(self) -> str:
        """The words of the page, with what stands in its fields as the card of a chat says it."""
        return "\n".join([self.page.text, *(f"{each.label}: {each.said}" for each in self.whole or [] if each.value)])

    @property
    def buttons(self) -> list[str]:
        """What the buttons read."""
        return [label for form in self.page.forms for label, _, _ in form.buttons]

    @property
    def labels(self) -> list[str]:
        """The buttons, what can be chosen in the fields of a form, and what the open field offers while she types."""
        chosen = [label for each in self.whole or [] for _, label in each.options or ()]
        return [*self.buttons, *chosen, *(self.at.offered if self.whole is not None and self.at is not None else ())]


@dataclass(frozen=True)
class Filled:
    """A field of a form: what it holds, in words too; `options`: value and label of what can be chosen, None for what is typed, for which
    something may be `offered`."""

    key: str
    label: str
    value: str
    said: str
    wrong: bool
    options: tuple[tuple[str, str], ...] | None
    offered: tuple[str, ...] = ()

    def value_of(self, text: str) -> str | None:
        """What a person who means this text fills in or chooses; None when it is none of the options."""
        if self.options is None:
            return text
        words = fold(text)
        for fits in (str.__eq__, str.startswith, str.__contains__):
            if found := [value for value, label in self.options if fits(fold(label), words)]:
                return found[0]
        return self.options[0][0] if self.key == "declared" and words in ("ja", "klopt", "oui") else None


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


__all__ = ["ADDRESS", "KEY", "PATH", "Browser", "Web", "WebTalk", "page_settings", "page_world"]
