"""The pages: one's own, the conversation, forms as a whole, one's moments, a network's dashboard with what is behind its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.answering import answer
from bot.page_doors import Doors
from bot.page_files import static
from bot.page_site import Shown, Site, Visit
from bot.page_words import STATIC
from handlers import network_pages, pages
from handlers.screen import Screen
from handlers.whole_fields import WholeForm
from handlers.whole_form import change_whole, confirm_whole, present_whole
from rules.typed import whole
from storage import accounts


@dataclass(frozen=True)
class Pages:
    """The pages of a site, with its doors."""

    site: Site
    doors: Doors

    def routes(self) -> list[Route]:
        """Every route of the pages."""
        guarded = self.site.guarded
        return [
            *self.doors.routes(),
            Route("/", guarded(self.home), methods=["GET"]),
            Route("/gesprek", guarded(self.conversation), methods=["GET"]),
            Route("/gesprek", guarded(self.act), methods=["POST"]),
            Route("/formulier", guarded(self.form), methods=["GET"]),
            Route("/formulier", guarded(self.fill_in), methods=["POST"]),
            Route("/momenten", guarded(self.moments), methods=["GET"]),
            Route("/netwerk", guarded(self.network), methods=["GET"]),
            Route("/netwerk/{network}/momenten", guarded(self.network_moments), methods=["GET"]),
            Route("/netwerk/{network}/moment/{moment}", guarded(self.network_moment), methods=["GET"]),
            *(Route(f"/{name}", static, methods=["GET"], name=name) for name in STATIC),
        ]

    async def home(self, request: Request) -> Response:
        """The first page: a provider's, else the network's with what was told its coordinator."""

        def step(visit: Visit) -> Shown | None:
            found = pages.home(visit.tx, visit.world, visit.session, visit.event, visit.language)
            if found is not None:
                return "home", {"home": found, "name": visit.session.first_name, "open": visit.session.draft is not None}
            board = network_pages.dashboard(visit.tx, visit.world, visit.session, visit.event, None, visit.language)
            if board is None:
                return _menu(visit)
            told = pages.messages(visit.tx, visit.world, visit.session, visit.event, visit.language)
            return "dashboard", {"board": board, "messages": told}

        return await self.site.show(request, step)

    async def conversation(self, request: Request) -> Response:
        """What can be done, as in chat."""
        return await self.site.show(request, _menu)

    async def act(self, request: Request) -> Response:
        """A button or something typed, as in chat; where that leaves a form open, the form."""
        given = await self.site.posted(request, "gesprek")

        def step(visit: Visit) -> Shown:
            event = visit.press(given["press"]) if given.get("press") else visit.say(given.get("typed", "").strip())
            return _form_of(visit, answer(visit.tx, visit.world, event, visit.session))

        return await self.site.show(request, step)

    async def form(self, request: Request) -> Response:
        """The open form as it stands."""

        def step(visit: Visit) -> Shown:
            if visit.session.draft is None:
                return _menu(visit)
            return _given(present_whole(visit.tx, visit.world, visit.session, visit.event))

        return await self.site.show(request, step)

    async def fill_in(self, request: Request) -> Response:
        """What was filled in: kept and judged; with Bevestigen booked; with another button done, when nothing had changed."""
        given = await self.site.posted(request, "formulier")
        draft, revision = whole(given.get("draft", "")) or 0, whole(given.get("revision", "")) or 0
        raw = {name[2:]: value for name, value in given.items() if name.startswith("f-")}

        def step(visit: Visit) -> Shown:
            here = (visit.tx, visit.world, visit.session, visit.event, draft, revision)
            press = given.get("press", "")
            if given.get("do") == "confirm":
                return _given(confirm_whole(*here, raw))
            found = change_whole(*here, raw, check=given.get("do") == "check")
            if not press or not isinstance(found, WholeForm) or found.revision != revision or found.problems:
                return _given(found)
            return _form_of(visit, answer(visit.tx, visit.world, visit.press(press), visit.session))

        return await self.site.show(request, step)

    async def moments(self, request: Request) -> Response:
        """One's own moments, filtered."""
        given = dict(request.query_params)

        def step(visit: Visit) -> Shown | None:
            found = pages.own_moments(visit.tx, visit.world, visit.session, visit.event, given)
            return ("moments", {"found": found, **_turns(given, found.page)}) if found is not None else None

        return await self.site.show(request, step)

    async def network(self, request: Request) -> Response:
        """A network's dashboard."""
        number = whole(request.query_params.get("netwerk", ""))

        def step(visit: Visit) -> Shown | None:
            board = network_pages.dashboard(visit.tx, visit.world, visit.session, visit.event, number, visit.language)
            return ("dashboard", {"board": board, "messages": ()}) if board is not None else None

        return await self.site.show(request, step)

    async def network_moments(self, request: Request) -> Response:
        """The moments behind a network's figures."""
        given, number = dict(request.query_params), whole(request.path_params["network"])

        def step(visit: Visit) -> Shown | None:
            if number is None:
                return None
            found = network_pages.network_moments(visit.tx, visit.world, visit.session, visit.event, number, given)
            if found is None:
                return None
            network, moments = found
            return "network_moments", {"network": network, "found": moments, **_turns(given, moments.page)}

        return await self.site.show(request, step)

    async def network_moment(self, request: Request) -> Response:
        """One moment of a network."""
        network, moment = whole(request.path_params["network"]), whole(request.path_params["moment"])

        def step(visit: Visit) -> Shown | None:
            if network is None or moment is None:
                return None
            found = network_pages.network_moment(visit.tx, visit.world, visit.session, visit.event, network, moment)
            return ("network_moment", {"title": found[0], "lines": found[1], "network": network}) if found is not None else None

        return await self.site.show(request, step)


def _menu(visit: Visit) -> Shown:
    return _given(answer(visit.tx, visit.world, visit.press("menu"), visit.session))


def _form_of(visit: Visit, screen: Screen) -> Shown:
    """The form behind a screen that is the card of the open draft, below what was said before it; else the screen."""
    session = accounts.read_session(visit.tx, visit.event.who.platform, visit.event.who.workspace, visit.event.who.user)
    draft = session.draft
    said, card = ([screen], screen.also[0]) if len(screen.also) == 1 else ([], screen)
    drawn = any(each.pictures or each.files or each.workbooks for each in said)
    if draft is None or card.draft != draft.id or card.also or drawn:
        return _given(screen)
    found = present_whole(visit.tx, visit.world, session, visit.event, problems=card.problems)
    return _given(found, said) if isinstance(found, WholeForm) else _given(screen)


def _given(found: WholeForm | Screen, said: Sequence[Screen] = ()) -> Shown:
    return ("form", {"form": found, "said": said}) if isinstance(found, WholeForm) else ("screen", {"screen": found})


def _turns(given: Mapping[str, str], page: int) -> dict[str, str]:
    """The queries of the pages with older and with newer ones."""
    return {"older": urlencode({**given, "pagina": page + 1}), "newer": urlencode({**given, "pagina": page - 1})}
