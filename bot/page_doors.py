"""The doors of the pages: in by a link that works once, in as a Mini App, and out again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.mini_app import read_init_data
from bot.page_guard import MINI_APP, cookie_of, drop_cookie, new_token, read_form, set_cookie
from bot.page_site import OUTSIDE, Site, guess_language
from bot.page_words import words_of
from handlers import page_links
from handlers.page_links import STAYS, TARGETS
from storage import accounts, web_sessions
from storage.accounts import Session
from storage.instants import as_stored


@dataclass(frozen=True)
class Doors:
    """The ways in and out. `bot_token`: what a Mini App is signed with, empty without Telegram."""

    site: Site
    bot_token: str = ""

    def routes(self) -> list[Route]:
        """The route of each door."""
        guarded = self.site.guarded
        made = [
            Route("/in/{token}", guarded(self.door), methods=["GET"]),
            Route("/in/{token}", guarded(self.sign_in), methods=["POST"]),
            Route("/uit", guarded(self.sign_out), methods=["POST"]),
        ]
        if self.bot_token:
            made += [
                Route(MINI_APP, guarded(self.mini_app), methods=["GET"]),
                Route(MINI_APP, guarded(self.recognise), methods=["POST"]),
            ]
        return made

    async def door(self, request: Request) -> Response:
        """What a link shows: for whom it is, and one button. It does not spend it, for previews follow links too. The browser of
        somebody else who is signed in is not told whose it is."""
        site, token, now, cookie = self.site, request.path_params["token"], self.site.clock(), cookie_of(request)
        link = page_links.read_link(site.world, token, now)

        def step(tx: Connection) -> tuple[Session | None, Session | None]:
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            holder = page_links.holder_of(tx, link, now) if link is not None else None
            return holder, before.session if before is not None else None

        holder, before = await site.database.step(step)
        if holder is None:
            return self._refused(request, "link_over", 410, signed_in=before is not None)
        if before is not None and before.person != holder.person:
            return self._refused(request, "link_foreign", 409, signed_in=True)
        name = f"{holder.first_name} {holder.name}"
        return site.page("door", holder.language or guess_language(request, self.site.world.language), token=token, name=name, **OUTSIDE)

    async def sign_in(self, request: Request) -> Response:
        """Spend the link, once, and lead on: a page that then cannot be made can be opened again. The browser of somebody else who is
        signed in is left as it is."""
        site, now, token, cookie = self.site, self.site.clock(), new_token(), cookie_of(request)
        link = page_links.read_link(site.world, request.path_params["token"], now)

        def step(tx: Connection) -> tuple[str, bool]:
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            if link is not None and before is not None and before.session.person != link.person:
                return "link_foreign", True
            if link is None or page_links.spend_link(tx, site.world, link, token, now) is None:
                return "link_over", before is not None
            if before is not None:
                web_sessions.end_session(tx, before.id, as_stored(now))
            return "", True

        wrong, signed_in = await site.database.step(step)
        if wrong or link is None:
            return self._refused(request, wrong, 409 if wrong == "link_foreign" else 410, signed_in=signed_in)
        return _welcome(RedirectResponse(site.root + TARGETS[link.target], 303), token)

    def _refused(self, request: Request, name: str, status: int, *, signed_in: bool) -> Response:
        """Why a link leads nowhere; who is `signed_in` here, whoever that is, finds the way to her page."""
        return self.site.message(request, name, status, home=signed_in)

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        await self.site.posted(request, "uit")
        response = self.site.message(request, "signed_out", 200)
        await self.site.visit(request, lambda visit: web_sessions.end_session(visit.tx, visit.number, as_stored(visit.event.now)))
        drop_cookie(response)
        return response

    async def mini_app(self, request: Request) -> Response:
        """The page that Telegram opens; its script hands over what the platform signed."""
        return self.site.page("mini_app", guess_language(request, self.site.world.language), **OUTSIDE)

    async def recognise(self, request: Request) -> Response:
        """Sign in with what the platform signed: the account that it names must be linked, and nobody else signed in here. Within a
        frame, where no cookie of ours comes along, and in a browser that is not the platform's, where an address can bring the data of
        somebody else, the answer is a link: its page says for whom it is and asks for a press."""
        site, given, now, token = self.site, await read_form(request), self.site.clock(), new_token()
        signed = read_init_data(given.get("init_data", ""), self.bot_token, now)
        if signed is None:
            return JSONResponse({"said": words_of("app_refused", guess_language(request, self.site.world.language))}, 403)
        workspace, cookie, by_link = self.bot_token.partition(":")[0], cookie_of(request), bool(given.get("by_link"))

        def step(tx: Connection) -> tuple[str, str, bool, str]:
            session = accounts.read_session(tx, "telegram", workspace, signed.user)
            language = session.language or guess_language(request, self.site.world.language)
            before = page_links.signed_in(tx, cookie, now) if cookie else None
            if before is not None:
                hers = session.person is not None and before.session.person == session.person
                return language, site.root + "/" if hers else "", False, "link_foreign"
            stays = timedelta(0) if by_link else STAYS
            shown, shown_at = f"init data:{signed.signature}", datetime.fromtimestamp(signed.at, UTC)
            if not page_links.enter(tx, shown, shown_at, session, token, now, stays):
                return language, "", False, "app_refused"
            return language, page_links.make_link(site.world, session, "", now) if by_link else site.root + "/", not by_link, ""

        language, leads_to, entered, refused = await site.database.step(step)
        if not leads_to:
            foreign = refused == "link_foreign"
            return JSONResponse({"said": words_of(refused, language), "signed_in": foreign}, 409 if foreign else 403)
        answered = JSONResponse({"leads_to": leads_to, "is_link": leads_to != site.root + "/"})
        return _welcome(answered, token) if entered else answered


def _welcome(response: Response, token: str) -> Response:
    set_cookie(response, token, int(STAYS.total_seconds()))
    return response
