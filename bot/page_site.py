"""Around every page: who visits, what may be posted, the page made before what it did is committed, and what is said when that fails."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bot.page_files import as_file, blanks, with_pictures
from bot.page_guard import TooMuchError, cookie_of, drop_cookie, form_token, from_here, is_form_token, origin_of, read_form
from bot.page_words import render, words_of
from handlers import network_pages, page_links
from handlers.language import language_of
from handlers.screen import Event, Screen, Who
from handlers.world import World
from rules.words import LANGUAGES
from storage import scope
from storage.accounts import Session
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer")
OUTSIDE: Mapping[str, Any] = MappingProxyType({"who": "", "coordinates": False, "registers": False})
ON_A_PAGE = MappingProxyType({"page": True})
FORMS = ("gesprek", "formulier", "uit")  # what a page can post, each with a token of its own
T = TypeVar("T")
Shown = tuple[str, Mapping[str, Any]]  # the template and its values
Page = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Visit:
    """Who is at a page: her sign-in as it stands in this transaction, and the event that every handler wants."""

    tx: Connection
    world: World
    session: Session
    event: Event
    number: int

    @property
    def language(self) -> str:
        """Her language."""
        return language_of(self.world, self.session, self.event)

    def press(self, action: str) -> Event:
        """The event of a button."""
        return replace(self.event, kind="press", action=action)

    def say(self, text: str) -> Event:
        """The event of something typed, which may be a command."""
        if text.startswith("/"):
            name, _, rest = text[1:].partition(" ")
            return replace(self.event, kind="command", action=name.lower(), text=rest.strip())
        return replace(self.event, kind="text", text=text)


class EndedError(Exception):
    """There is no live sign-in behind a request."""


class ForgedError(Exception):
    """What was posted is no form of this session."""


@dataclass(frozen=True)
class Site:
    """Where the pages stand, and how they are seen from outside: `origin` and `root`."""

    database: Database
    world: World
    clock: Callable[[], datetime]
    origin: str = field(init=False)
    root: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", origin_of(self.world.public_url))
        object.__setattr__(self, "root", urlsplit(self.world.public_url).path.rstrip("/"))

    def guarded(self, page: Page) -> Page:
        """A page with the one way out for what goes wrong; what is posted must come from here."""

        async def endpoint(request: Request) -> Response:
            try:
                return await self._answered(request, page)
            except Exception:
                reference, language = secrets.token_hex(4), guess_language(request, self.world.language)
                log.exception("a page could not be made, reference %s", reference)
                try:
                    return self.message(request, "unexpected", 500, reference=reference)
                except Exception:  # what stands around every page is broken too
                    return PlainTextResponse(words_of("unexpected", language, reference=reference), 500)

        return endpoint

    async def _answered(self, request: Request, page: Page) -> Response:
        if request.method == "POST" and not from_here(request, self.origin):
            return self.message(request, "refused", 403)
        try:
            return await page(request)
        except EndedError:
            gone = self.message(request, "ended", 401)
            if cookie_of(request):
                drop_cookie(gone)
            return gone
        except ForgedError:
            return self.message(request, "refused", 403)
        except TooMuchError:
            return self.message(request, "refused", 400)
        except BusyError:
            return self.message(request, "busy", 503)

    def message(self, request: Request, name: str, status: int, *, home: bool = False, **values: Any) -> Response:
        """A page that says one thing, to whoever it is; `home`: with the way to the first page."""
        language = guess_language(request, self.world.language)
        return self.page("message", language, status, name=name, values=values, home=home, **OUTSIDE)

    def page(self, template: str, language: str, status: int = 200, **values: Any) -> Response:
        """A page outside any sign-in."""
        return HTMLResponse(render(template, language, root=self.root, **values), status)

    async def visit(self, request: Request, step: Callable[[Visit], T]) -> T:
        """Run a step for who is signed in. Raises EndedError."""
        cookie, now = cookie_of(request), self.clock()

        def run(tx: Connection) -> T:
            found = page_links.signed_in(tx, cookie, now) if cookie else None
            if found is None:
                raise EndedError
            who = Who(found.platform, found.workspace, found.user)
            language = guess_language(request, self.world.language)
            event = Event(f"web:{secrets.token_hex(8)}", who, "press", now, language=language, extra=ON_A_PAGE)
            return step(Visit(tx, self.world, found.session, event, found.id))

        return await self.database.step(run)

    async def posted(self, request: Request, action: str) -> dict[str, str]:
        """A posted form of ours. Raises EndedError without a cookie, ForgedError when its token is not of this session, TooMuchError."""
        given = await read_form(request)
        if not cookie_of(request):
            raise EndedError
        if not is_form_token(self.world.pages_key, cookie_of(request), action, given.get("token", "")):
            raise ForgedError
        return given

    async def show(self, request: Request, step: Callable[[Visit], Shown | None]) -> Response:
        """The page that a step gives, not found when it gives none. It is made in the step's transaction: where it cannot be made,
        nothing has happened. What then remains, pictures and files, changes nothing."""

        def run(visit: Visit) -> tuple[str, int, Sequence[Screen]]:
            shown = step(visit)
            template, values = shown or ("message", {"name": "not_found", "values": {}, "home": False})
            screen: Screen | None = values["screen"] if template == "screen" else None
            screens = _heard(screen) if screen is not None else []
            if screen is not None:
                values = {"screens": list(zip(screens, blanks(screens), strict=True))}
            shown_in = screen or values.get("form")  # a form or screen may have changed her language
            language = shown_in.language if shown_in is not None else visit.language
            html = render(template, language, root=self.root, **self._frame(visit, request), **values)
            return html, 200 if shown else 404, screens

        html, status, screens = await self.visit(request, run)
        return await as_file(screens) or HTMLResponse(await with_pictures(html, screens), status)

    def _frame(self, visit: Visit, request: Request) -> dict[str, Any]:
        """What stands around every page of who is signed in, and the tokens of its forms."""
        cookie = cookie_of(request)
        return {
            "who": f"{visit.session.first_name} {visit.session.name}",
            "tokens": {name: form_token(self.world.pages_key, cookie, name) for name in FORMS},
            "coordinates": network_pages.coordinates(visit.tx, visit.session, visit.event),
            "registers": scope.PROVIDER in visit.session.roles, "here": request.url.path if request.method == "GET" else "",
        }  # fmt: skip

    async def not_found(self, request: Request) -> Response:
        """What an address shows where nothing is: within her own frame to who is signed in."""
        if not cookie_of(request):
            return self.message(request, "not_found", 404)
        return await self.guarded(self._nothing)(request)

    async def _nothing(self, request: Request) -> Response:
        try:
            return await self.show(request, lambda visit: None)
        except EndedError:
            return self.message(request, "not_found", 404)


def _heard(screen: Screen) -> Sequence[Screen]:
    """A screen and what follows it, without what is silent."""
    return [each for each in (screen, *screen.also) if not each.silent] or [screen]


def guess_language(request: Request, other: str) -> str:
    """The first language of ours that a browser asks for, else the `other`."""
    for part in request.headers.get("accept-language", "").split(","):
        if (code := part.strip()[:2].lower()) in LANGUAGES:
            return code
    return other
