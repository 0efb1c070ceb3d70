"""The pages: signing in by a link or as a Mini App, forms as a whole, the conversations, one's own hours, a network's dashboard."""

import asyncio
import base64
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.answering import answer
from bot.mini_app import read_init_data
from bot.page_guard import (
    MINI_APP,
    TooMuchError,
    cookie_of,
    drop_cookie,
    form_token,
    from_here,
    is_form_token,
    new_token,
    origin_of,
    read_form,
    set_cookie,
)
from bot.page_words import STATIC, render, static_file
from handlers import page_links, pages
from handlers.dispatch import language_of
from handlers.page_links import STAYS, TARGETS
from handlers.screen import Event, Screen, Who, say
from handlers.whole_fields import WholeForm
from handlers.whole_form import change_whole, confirm_whole, present_whole
from handlers.world import World
from rules.typed import whole
from rules.words import LANGUAGES
from storage import accounts, scope, web_sessions
from storage.accounts import Session
from storage.database import BusyError, Database

log = logging.getLogger("uurwijzer")
OUTSIDE: Mapping[str, Any] = MappingProxyType({"who": "", "coordinates": False, "registers": False})
ON_A_PAGE = MappingProxyType({"page": True})
T = TypeVar("T")
Shown = tuple[str, dict[str, Any]]  # the template and its values
Given = WholeForm | Screen


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
        return language_of(self.session, self.event)

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
class Pages:
    """The pages on one database. `origin` and `root`: where they are seen from outside; `bot_token`: what a Mini App is signed with,
    empty without Telegram."""

    database: Database
    world: World
    clock: Callable[[], datetime]
    bot_token: str = ""
    origin: str = field(init=False)
    root: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", origin_of(self.world.public_url))
        object.__setattr__(self, "root", urlsplit(self.world.public_url).path.rstrip("/"))

    def routes(self) -> list[Route]:
        """Every route of the pages."""
        made = [
            Route("/in/{token}", self._guarded(self.door), methods=["GET"]),
            Route("/in/{token}", self._guarded(self.sign_in), methods=["POST"]),
            Route("/uit", self._guarded(self.sign_out), methods=["POST"]),
            Route("/", self._guarded(self.home), methods=["GET"]),
            Route("/gesprek", self._guarded(self.conversation), methods=["GET"]),
            Route("/gesprek", self._guarded(self.act), methods=["POST"]),
            Route("/formulier", self._guarded(self.form), methods=["GET"]),
            Route("/formulier", self._guarded(self.fill_in), methods=["POST"]),
            Route("/momenten", self._guarded(self.moments), methods=["GET"]),
            Route("/netwerk", self._guarded(self.network), methods=["GET"]),
            Route("/netwerk/{network}/momenten", self._guarded(self.network_moments), methods=["GET"]),
            Route("/netwerk/{network}/moment/{moment}", self._guarded(self.network_moment), methods=["GET"]),
        ]
        made += [Route(f"/{name}", static, methods=["GET"], name=name) for name in STATIC]
        if self.bot_token:
            made += [
                Route(MINI_APP, self._guarded(self.mini_app), methods=["GET"]),
                Route(MINI_APP, self._guarded(self.recognise), methods=["POST"]),
            ]
        return made

    # Around every page

    def _guarded(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """A page with the one door for what goes wrong; what is posted must come from here."""

        async def endpoint(request: Request) -> Response:
            if request.method == "POST" and not from_here(request, self.origin):
                return self._message(request, "refused", 403)
            try:
                return await page(request)
            except EndedError:
                gone = self._message(request, "ended", 401)
                if cookie_of(request):
                    drop_cookie(gone)
                return gone
            except ForgedError:
                return self._message(request, "refused", 403)
            except TooMuchError:
                return self._message(request, "refused", 400)
            except BusyError:
                return self._message(request, "busy", 503)
            except Exception:
                reference = secrets.token_hex(4)
                log.exception("a page could not be made, reference %s", reference)
                return self._message(request, "unexpected", 500, reference=reference)

        return endpoint

    def _message(self, request: Request, name: str, status: int, **values: Any) -> Response:
        return self._page("message", guess_language(request), status, name=name, values=values, **OUTSIDE)

    def _page(self, template: str, language: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(render(template, language, root=self.root, **values), status)

    async def _visit(self, request: Request, step: Callable[[Visit], T]) -> T:
        """Run a step for who is signed in. Raises EndedError."""
        cookie, now = cookie_of(request), self.clock()

        def run(tx: Connection) -> T:
            found = page_links.signed_in(tx, cookie, now) if cookie else None
            if found is None:
                raise EndedError
            who = Who(found.platform, found.workspace, found.user)
            event = Event(f"web:{secrets.token_hex(8)}", who, "press", now, language=guess_language(request), extra=ON_A_PAGE)
            return step(Visit(tx, self.world, found.session, event, found.id))

        return await self.database.step(run)

    async def _posted(self, request: Request, action: str) -> dict[str, str]:
        """A posted form of ours. Raises EndedError without a cookie, ForgedError when its token is not of this session, TooMuchError."""
        given = await read_form(request)
        if not cookie_of(request):
            raise EndedError
        if not is_form_token(self.world.pages_key, cookie_of(request), action, given.get("token", "")):
            raise ForgedError
        return given

    async def _show(self, request: Request, step: Callable[[Visit], Shown | None], status: int = 200) -> Response:
        """The page that a step gives; not found when it gives none."""

        def run(visit: Visit) -> tuple[Shown | None, dict[str, Any], str]:
            return step(visit), self._frame(visit, request), visit.language

        shown, frame, language = await self._visit(request, run)
        if shown is None:
            return self._page("message", language, 404, name="not_found", values={}, **frame)
        template, values = shown
        if template == "screen":
            return await self._screen(values["screen"], frame, status)
        return self._page(template, language, status, **frame, **values)

    def _frame(self, visit: Visit, request: Request) -> dict[str, Any]:
        """What stands around every page of who is signed in, and the tokens of its forms."""
        cookie = cookie_of(request)
        tokens = {name: form_token(self.world.pages_key, cookie, name) for name in ("gesprek", "formulier", "uit")}
        return {
            "who": f"{visit.session.first_name} {visit.session.name}", "tokens": tokens,
            "coordinates": bool(pages.networks_of(visit.tx, visit.session, visit.event)),
            "registers": scope.PROVIDER in visit.session.roles, "here": request.url.path if request.method == "GET" else "",
        }  # fmt: skip

    async def _screen(self, screen: Screen, frame: Mapping[str, Any], status: int) -> Response:
        """A screen as a page; one with a file is that file."""
        shown = [each for each in (screen, *screen.also) if not each.silent] or [screen]
        for each in shown:
            if each.workbooks:
                from bot.workbooks import make_workbook

                book = each.workbooks[0]
                content = await asyncio.to_thread(make_workbook, book.sheets, book.figures, each.language)
                return _download(book.name, content)
            if each.files:
                return _download(each.files[0].name, each.files[0].content)
        pictures = [await _draw(each) for each in shown]
        return self._page("screen", screen.language, status, screens=list(zip(shown, pictures, strict=True)), **frame)

    async def not_found(self, request: Request) -> Response:
        """What an address shows where nothing is: within her own frame to who is signed in."""
        if not cookie_of(request):
            return self._message(request, "not_found", 404)
        return await self._guarded(self._nothing)(request)

    async def _nothing(self, request: Request) -> Response:
        try:
            return await self._show(request, lambda visit: None)
        except EndedError:
            return self._message(request, "not_found", 404)

    # Signing in and out

    async def door(self, request: Request) -> Response:
        """What a link shows: for whom it is, and one button. It does not spend it, for previews follow links too. The browser of
        somebody else who is signed in is not told whose it is."""
        token, now, cookie = request.path_params["token"], self.clock(), cookie_of(request)
        link = page_links.read_link(self.world, token, now)
        if link is None:
            return self._message(request, "link_over", 410)

        def step(tx: Connection) -> tuple[Session | None, bool]:
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            return page_links.holder_of(tx, link, now), before is not None and before.session.person != link.person

        holder, foreign = await self.database.step(step)
        if holder is None or foreign:
            return self._message(request, "link_foreign", 409) if holder is not None else self._message(request, "link_over", 410)
        name = f"{holder.first_name} {holder.name}"
        return self._page("door", holder.language or guess_language(request), token=token, name=name, **OUTSIDE)

    async def sign_in(self, request: Request) -> Response:
        """Spend the link, once; the browser of somebody else who is signed in is left as it is."""
        now, token, cookie = self.clock(), new_token(), cookie_of(request)
        link = page_links.read_link(self.world, request.path_params["token"], now)
        if link is None:
            return self._message(request, "link_over", 410)

        def step(tx: Connection) -> bool | None:
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            if before is not None and before.session.person != link.person:
                return None
            if page_links.spend_link(tx, self.world, link, token, now) is None:
                return False
            if before is not None:
                web_sessions.end_session(tx, before.id, page_links.utc(now))
            return True

        opened = await self.database.step(step)
        if not opened:
            return self._message(request, "link_over" if opened is False else "link_foreign", 410 if opened is False else 409)
        return self._welcome(RedirectResponse(self.root + TARGETS[link.target], 303), token)

    def _welcome(self, response: Response, token: str) -> Response:
        set_cookie(response, token, int(STAYS.total_seconds()))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        await self._posted(request, "uit")
        await self._visit(request, lambda visit: web_sessions.end_session(visit.tx, visit.number, page_links.utc(visit.event.now)))
        response = self._message(request, "signed_out", 200)
        drop_cookie(response)
        return response

    async def mini_app(self, request: Request) -> Response:
        """The page that Telegram opens; its script hands over what the platform signed."""
        return self._page("mini_app", guess_language(request), **OUTSIDE)

    async def recognise(self, request: Request) -> Response:
        """Sign in with what the platform signed: the account that it names must be linked, and nobody else signed in here. Within a
        frame, where no cookie of ours comes along, and in a browser that is not the platform's, where an address can bring the data of
        somebody else, the answer is a link: its page says for whom it is and asks for a press."""
        given, now, token = await read_form(request), self.clock(), new_token()
        signed = read_init_data(given.get("init_data", ""), self.bot_token, now)
        if signed is None:
            return JSONResponse({"said": render_text("app_refused", guess_language(request))}, 403)
        workspace, cookie, by_link = self.bot_token.partition(":")[0], cookie_of(request), bool(given.get("by_link"))

        def step(tx: Connection) -> tuple[str, str, bool, str]:
            session = accounts.read_session(tx, "telegram", workspace, signed.user)
            language = session.language or guess_language(request)
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            if before is not None:
                hers = session.person is not None and before.session.person == session.person
                return language, self.root + "/" if hers else "", False, "link_foreign"
            stays = timedelta(0) if by_link else STAYS
            shown, shown_at = f"init data:{signed.signature}", datetime.fromtimestamp(signed.at, UTC)
            if not page_links.enter(tx, shown, shown_at, session, token, now, stays):
                return language, "", False, "app_refused"
            return language, page_links.make_link(self.world, session, "", now) if by_link else self.root + "/", not by_link, ""

        language, leads_to, entered, refused = await self.database.step(step)
        if not leads_to:
            foreign = refused == "link_foreign"
            return JSONResponse({"said": render_text(refused, language), "signed_in": foreign}, 409 if foreign else 403)
        answered = JSONResponse({"leads_to": leads_to, "is_link": leads_to != self.root + "/"})
        return self._welcome(answered, token) if entered else answered

    # What is on the pages

    async def home(self, request: Request) -> Response:
        """The first page: a provider's, else the network's."""

        def step(visit: Visit) -> Shown | None:
            found = pages.home(visit.tx, visit.world, visit.session, visit.event)
            if found is not None:
                return "home", {"home": found, "name": visit.session.first_name, "open": visit.session.draft is not None}
            board = pages.dashboard(visit.tx, visit.world, visit.session, visit.event, None, visit.language)
            return ("dashboard", {"board": board}) if board is not None else ("screen", {"screen": _menu(visit)})

        return await self._show(request, step)

    async def conversation(self, request: Request) -> Response:
        """What can be done, as in chat."""
        return await self._show(request, lambda visit: ("screen", {"screen": _menu(visit)}))

    async def act(self, request: Request) -> Response:
        """A button or something typed, as in chat; where that leaves a form open, the form."""
        given = await self._posted(request, "gesprek")

        def step(visit: Visit) -> Shown:
            event = visit.press(given["press"]) if given.get("press") else visit.say(given.get("typed", "").strip())
            screen = answer(visit.tx, visit.world, event, visit.session)
            return _form_of(visit, screen)

        return await self._show(request, step)

    async def form(self, request: Request) -> Response:
        """The open form as it stands."""

        def step(visit: Visit) -> Shown:
            if visit.session.draft is None:
                return "screen", {"screen": _menu(visit)}
            return _given(visit, present_whole(visit.tx, visit.world, visit.session, visit.event))

        return await self._show(request, step)

    async def fill_in(self, request: Request) -> Response:
        """What was filled in: kept and judged; with Bevestigen booked; with another button done, when nothing had changed."""
        given = await self._posted(request, "formulier")
        draft, revision = whole(given.get("draft", "")) or 0, whole(given.get("revision", "")) or 0
        raw = {name[2:]: value for name, value in given.items() if name.startswith("f-")}

        def step(visit: Visit) -> Shown:
            here = (visit.tx, visit.world, visit.session, visit.event, draft, revision)
            press = given.get("press", "")
            if given.get("do") == "confirm":
                return _given(visit, confirm_whole(*here, raw))
            found = change_whole(*here, raw, check=given.get("do") == "check")
            if not press or not isinstance(found, WholeForm) or found.revision != revision or found.problems:
                return _given(visit, found)
            return _form_of(visit, answer(visit.tx, visit.world, visit.press(press), visit.session))

        return await self._show(request, step)

    async def moments(self, request: Request) -> Response:
        """One's own moments, filtered."""
        given = dict(request.query_params)

        def step(visit: Visit) -> Shown | None:
            found = pages.own_moments(visit.tx, visit.world, visit.session, visit.event, given)
            if found is None:
                return None
            return "moments", {"found": found, "older": _turned(given, found.page + 1), "newer": _turned(given, found.page - 1)}

        return await self._show(request, step)

    async def network(self, request: Request) -> Response:
        """A network's dashboard."""
        number = whole(request.query_params.get("netwerk", ""))

        def step(visit: Visit) -> Shown | None:
            board = pages.dashboard(visit.tx, visit.world, visit.session, visit.event, number, visit.language)
            return ("dashboard", {"board": board}) if board is not None else None

        return await self._show(request, step)

    async def network_moments(self, request: Request) -> Response:
        """The moments behind a network's figures."""
        given, number = dict(request.query_params), whole(request.path_params["network"])

        def step(visit: Visit) -> Shown | None:
            if number is None:
                return None
            found = pages.network_moments(visit.tx, visit.world, visit.session, visit.event, number, given)
            if found is None:
                return None
            row, rows = found
            turned = {"older": _turned(given, rows.page + 1), "newer": _turned(given, rows.page - 1)}
            return "network_moments", {"network": row, "found": rows, **turned}

        return await self._show(request, step)

    async def network_moment(self, request: Request) -> Response:
        """One moment of a network."""
        network, moment = whole(request.path_params["network"]), whole(request.path_params["moment"])

        def step(visit: Visit) -> Shown | None:
            if network is None or moment is None:
                return None
            found = pages.network_moment(visit.tx, visit.world, visit.session, visit.event, network, moment)
            return ("network_moment", {"title": found[0], "lines": found[1], "network": network}) if found is not None else None

        return await self._show(request, step)


def _menu(visit: Visit) -> Screen:
    return answer(visit.tx, visit.world, visit.press("menu"), visit.session)


def _form_of(visit: Visit, screen: Screen) -> Shown:
    """The form behind a screen that is the card of the open draft; else the screen."""
    session = accounts.read_session(visit.tx, visit.event.who.platform, visit.event.who.workspace, visit.event.who.user)
    draft = session.draft
    if draft is None or screen.draft != draft.id or screen.also:
        return "screen", {"screen": screen}
    found = present_whole(visit.tx, visit.world, session, visit.event, problems=screen.problems)
    return ("form", {"form": found}) if isinstance(found, WholeForm) else ("screen", {"screen": screen})


def _given(visit: Visit, found: Given) -> Shown:
    return ("form", {"form": found}) if isinstance(found, WholeForm) else ("screen", {"screen": found})


def _turned(given: Mapping[str, str], page: int) -> str:
    return urlencode({**given, "pagina": page})


async def _draw(screen: Screen) -> list[tuple[str, Any]]:
    """The pictures of a screen, each as an address that holds all of it, with what it says in words."""
    found = []
    for each in screen.pictures:
        from bot.drawings import draw

        content = await asyncio.to_thread(draw, each.drawing, each.figures, screen.language)
        found.append((f"data:image/png;base64,{base64.b64encode(content).decode()}", each.alternative))
    return found


def _download(name: str, content: bytes) -> Response:
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name)
    return Response(content, media_type="application/octet-stream", headers={"content-disposition": f'attachment; filename="{safe}"'})


async def static(request: Request) -> Response:
    """A style or script of ours."""
    name = request.url.path.rpartition("/")[2]
    return Response(static_file(name), headers={"content-type": STATIC[name], "cache-control": "public, max-age=3600"})


def render_text(name: str, language: str) -> str:
    """A text of the pages without any page around it."""
    from bot.wording import say as words

    return words(say(f"pages.{name}"), language)


def guess_language(request: Request) -> str:
    """The first language of ours that a browser asks for, else Dutch."""
    for part in request.headers.get("accept-language", "").split(","):
        if (code := part.strip()[:2].lower()) in LANGUAGES:
            return code
    return "nl"
