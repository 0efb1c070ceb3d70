"""A stand-in of Slack on loopback: the Web API over HTTP, answers at response addresses, Socket Mode, people and faults by script.

It refuses what Slack would refuse (tests/slack_limits.py) and keeps what people see: conversations, modals, Homes.
"""

import asyncio
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import WSMsgType, web

from bot.slack_signature import sign
from tests.slack_limits import wrong_with_message, wrong_with_view

Body = dict[str, Any]
NO_JSON = {"users.info", "conversations.info"}  # these take their arguments in the address or as a form
VISIBLE = {"chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.update", "views.publish", "respond"}


@dataclass
class Said:
    """One message as a conversation shows it now. `only`: the one person who sees it, when it is ephemeral."""

    channel: str
    ts: str
    text: str
    blocks: list[Body]
    user: str
    only: str = ""
    thread: str = ""
    response: str = ""
    file: str = ""

    @property
    def buttons(self) -> list[Body]:
        return [element for block in self.blocks if block["type"] == "actions" for element in block["elements"]]


@dataclass
class Fault:
    """What happens instead of, or after, so many calls of a method."""

    method: str
    kind: str  # an error code, or: 429, 500, html, reset, reset_after
    times: int = 1
    retry_after: int = 1


@dataclass
class Team:
    """A workspace with the app in it."""

    id: str
    token: str
    secret: str
    app_token: str
    bot: str = "UBOT"
    said: list[Said] = field(default_factory=list)
    modals: dict[str, list[Body]] = field(default_factory=dict)
    homes: dict[str, Body] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    deactivated: set[str] = field(default_factory=set)
    channels: dict[str, Body] = field(default_factory=dict)  # by id, what differs from a private channel of this workspace
    scopes: str = ""


class SlackStandin:
    """The server. `calls`: every call, as (method, parameters); `wrong`: what Slack would have refused; `refuses`: kinds of blocks that
    it does not know, with what it says of them."""

    def __init__(self) -> None:
        self.teams: dict[str, Team] = {}
        self.calls: list[tuple[str, Body]] = []
        self.wrong: list[str] = []
        self.faults: list[Fault] = []
        self.refuses: dict[str, str] = {}
        self.exchanged: set[str] = set()
        self.numbers = itertools.count(1)
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.acks: dict[str, asyncio.Future[Body]] = {}
        self.uploads: dict[str, Body] = {}
        self.responses: dict[str, tuple[Team, str, str]] = {}
        self.url = ""
        self._runner: web.AppRunner | None = None
        self.connected = asyncio.Event()

    def team(self, number: int = 1, scopes: str = "") -> Team:
        made = Team(f"T{number}", f"xoxb-fictional-{number}", f"fictional-secret-{number}", f"xapp-fictional-{number}", scopes=scopes)
        self.teams[made.token] = made
        return made

    async def start(self) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/respond/{id}", self._respond)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/socket/{token}", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}/api"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def ts(self) -> str:
        return f"1780000000.{next(self.numbers):06d}"

    # The Web API

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.content_type == "application/json":
            params: Body = await request.json()
        else:
            given = {**request.query, **await request.post()}
            params = {key: _loaded(value) for key, value in given.items()}
        if method == "apps.connections.open":
            return self._open_connection(token)
        fault = self._fault(method)
        if fault is not None and fault.kind != "reset_after":
            return await self._faulty(fault, request)
        team = self.teams.get(token)
        if team is None:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        self.calls.append((method, params))
        if method in NO_JSON and request.content_type == "application/json":
            return web.json_response({"ok": False, "error": "invalid_arguments"})
        answer = self._answer(team, method, params)
        if fault is not None:
            request.transport.close()  # type: ignore[union-attr]
        return web.json_response(answer, headers={"x-oauth-scopes": team.scopes})

    def _fault(self, method: str) -> Fault | None:
        for each in self.faults:
            if each.method in (method, "*") and each.times > 0:
                each.times -= 1
                return each
        return None

    async def _faulty(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        match fault.kind:
            case "429":
                headers = {"Retry-After": str(fault.retry_after)}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            case "500":
                return web.json_response({}, status=500)
            case "html":
                return web.Response(text="<html>502</html>", status=502, content_type="text/html")
            case "reset":
                request.transport.close()  # type: ignore[union-attr]
                return web.Response()
        return web.json_response({"ok": False, "error": fault.kind})

    def _unknown(self, params: Body) -> Body | None:
        kinds = [each["type"] for each in params.get("blocks", ()) if each["type"] in self.refuses]
        return {"ok": False, "error": self.refuses[kinds[0]]} if kinds else None

    def _answer(self, team: Team, method: str, params: Body) -> Body:
        if refused := self._unknown(params):
            return refused
        match method:
            case "auth.test":
                return {"ok": True, "team_id": team.id, "team": f"Team {team.id}", "user_id": team.bot, "user": "uurwijzer"}
            case "users.info":
                return {"ok": True, "user": {"id": params["user"], "deleted": params["user"] in team.deactivated}}
            case "conversations.info":
                if params["channel"] in team.gone:
                    return {"ok": False, "error": "channel_not_found"}
                usual = {"id": params["channel"], "name": "team-voorbeeld", "is_private": True, "is_shared": False, "is_ext_shared": False}
                return {"ok": True, "channel": {**usual, **team.channels.get(params["channel"], {})}}
            case "chat.postMessage":
                return self._post(team, params)
            case "chat.postEphemeral":
                return self._checked(wrong_with_message(params)) or self._hidden(team, params["channel"], params["user"], params)
            case "chat.update":
                return self._update(team, params)
            case "chat.delete":
                found = _find(team, params["channel"], params["ts"])
                if found is None:
                    return {"ok": False, "error": "message_not_found"}
                team.said.remove(found)
                return {"ok": True}
            case "conversations.open":
                return {"ok": True, "channel": {"id": _direct(str(params["users"]).strip("[]'\" ").split(",")[0])}}
            case "views.open" | "views.push":
                return self._open_view(team, method, params)
            case "views.update":
                return self._update_view(team, params)
            case "views.publish":
                if refused := self._checked(wrong_with_view(params["view"])):
                    return refused
                team.homes[params["user_id"]] = {**params["view"], "id": f"VH{params['user_id']}", "hash": f"h{next(self.numbers)}"}
                return {"ok": True, "view": team.homes[params["user_id"]]}
            case "files.getUploadURLExternal":
                number = f"F{next(self.numbers)}"
                self.uploads[number] = dict(params)
                return {"ok": True, "file_id": number, "upload_url": self.url.replace("/api", f"/upload/{number}")}
            case "files.completeUploadExternal":
                files = params["files"] if isinstance(params["files"], list) else json.loads(params["files"])
                for each in files:
                    name = self.uploads[each["id"]]["filename"]
                    said = str(params.get("initial_comment") or "")
                    team.said.append(Said(params["channel_id"], self.ts(), said, [], team.bot, file=name))
                return {"ok": True, "files": [{"id": each["id"]} for each in files]}
        return {"ok": False, "error": "unknown_method"}

    def _checked(self, wrong: list[str]) -> Body | None:
        self.wrong += wrong
        return {"ok": False, "error": "invalid_blocks"} if wrong else None

    def _post(self, team: Team, params: Body) -> Body:
        place = str(params["channel"])
        if place in team.gone:
            return {"ok": False, "error": "channel_not_found"}
        if "blocks" in params and (refused := self._checked(wrong_with_message(params))):
            return refused
        channel = _direct(place) if place.startswith("U") else place
        said = Said(channel, self.ts(), params["text"], params.get("blocks", []), team.bot, thread=params.get("thread_ts") or "")
        team.said.append(said)
        return {"ok": True, "channel": channel, "ts": said.ts, "message": {}}

    def _update(self, team: Team, params: Body) -> Body:
        found = _find(team, params["channel"], params["ts"])
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        if refused := self._checked(wrong_with_message(params)):
            return refused
        found.text, found.blocks = params["text"], params["blocks"]
        return {"ok": True, "channel": found.channel, "ts": found.ts}

    def _hidden(self, team: Team, channel: str, user: str, params: Body) -> Body:
        thread = params.get("thread_ts") or ""
        said = Said(channel, self.ts(), params["text"], params.get("blocks", []), team.bot, only=user, thread=thread)
        team.said.append(said)
        return {"ok": True, "message_ts": said.ts}

    # Modals

    def _open_view(self, team: Team, method: str, params: Body) -> Body:
        user = str(params["trigger_id"]).partition(".")[0]
        if str(params["trigger_id"]).endswith("expired"):
            return {"ok": False, "error": "expired_trigger_id"}
        if params["trigger_id"] in self.exchanged:  # each is good for one modal
            return {"ok": False, "error": "exchanged_trigger_id"}
        if refused := self._checked(wrong_with_view(params["view"])):
            return refused
        view = {**params["view"], "id": f"V{next(self.numbers)}", "hash": f"h{next(self.numbers)}", "state": {"values": {}}}
        self.exchanged.add(params["trigger_id"])
        team.modals[user] = [*(team.modals.get(user, []) if method == "views.push" else []), view]
        self.keep_values(view, {})
        return {"ok": True, "view": view}

    def _update_view(self, team: Team, params: Body) -> Body:
        for stack in team.modals.values():
            for number, view in enumerate(stack):
                if view["id"] == params["view_id"]:
                    if params.get("hash") not in (None, view["hash"]):
                        return {"ok": False, "error": "hash_conflict"}
                    if refused := self._checked(wrong_with_view(params["view"])):
                        return refused
                    stack[number] = self.replaced(view, params["view"])
                    return {"ok": True, "view": stack[number]}
        return {"ok": False, "error": "not_found"}

    def replaced(self, old: Body, new: Body) -> Body:
        """A view in the place of another: what was filled in stays where block and action are called the same."""
        made = {**new, "id": old["id"], "hash": f"h{next(self.numbers)}", "state": {"values": {}}}
        self.keep_values(made, old["state"]["values"])
        return made

    @staticmethod
    def keep_values(view: Body, before: Body) -> None:
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                kept = (before.get(block["block_id"]) or {}).get(element["action_id"])
                view["state"]["values"][block["block_id"]] = {element["action_id"]: kept or _initial(element)}

    # Answers elsewhere

    def response(self, team: Team, user: str, channel: str) -> str:
        """An address at which a command or a press can be answered."""
        number = f"R{next(self.numbers)}"
        self.responses[number] = (team, user, channel)
        return self.url.replace("/api", f"/respond/{number}")

    async def _respond(self, request: web.Request) -> web.Response:
        params = await request.json()
        self.calls.append(("respond", params))
        fault = self._fault("respond")
        if fault is not None:
            return web.Response(status=int(fault.kind))
        if refused := self._unknown(params):
            return web.json_response(refused)
        team, user, channel = self.responses[request.match_info["id"]]
        self.answered(team, user, channel, params, str(request.url))
        return web.Response(text="ok")

    def answered(self, team: Team, user: str, channel: str, params: Body, url: str = "") -> None:
        """A message that answers a command or a press, in the acknowledgement or at its address."""
        wrong = wrong_with_message(params)
        self.wrong += wrong
        only = "" if params.get("response_type") == "in_channel" else user
        old = next((each for each in team.said if each.response and each.response == url), None)
        if params.get("replace_original") and old is not None:
            old.text, old.blocks = params["text"], params.get("blocks", [])
            return
        team.said.append(Said(channel, self.ts(), params["text"], params.get("blocks", []), team.bot, only))

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploads[request.match_info["id"]]["content"] = await request.read()
        return web.Response(text="OK", content_type="text/plain")

    # Socket Mode

    def _open_connection(self, token: str) -> web.Response:
        if token not in {each.app_token for each in self.teams.values()}:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "url": self.url.replace("http", "ws").replace("/api", f"/socket/{token}")})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets[request.match_info["token"]] = socket
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.connected.set()
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                given = json.loads(message.data)
                if (waiting := self.acks.pop(given.get("envelope_id", ""), None)) is not None and not waiting.done():
                    waiting.set_result(given)
        return socket

    async def through_socket(self, team: Team, kind: str, payload: Body) -> Body:
        """Send an envelope and wait for its acknowledgement."""
        number = f"E{next(self.numbers)}"
        self.acks[number] = asyncio.get_running_loop().create_future()
        envelope = {"type": kind, "envelope_id": number, "payload": payload, "accepts_response_payload": True}
        await self.sockets[team.app_token].send_json(envelope)
        return await asyncio.wait_for(self.acks[number], 5)


def request_of(body: Body, secret: str, stamp: int, *, form: bool | None = None) -> tuple[dict[str, str], bytes]:
    """(headers, body) of the signed request with which Slack sends this."""
    if "command" in body:
        raw, kind = urlencode(body), "application/x-www-form-urlencoded"
    elif form or (form is None and body.get("type") not in ("event_callback", "url_verification")):
        raw, kind = urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded"
    else:
        raw, kind = json.dumps(body), "application/json"
    signature = sign(secret, str(stamp), raw.encode())
    return {"content-type": kind, "x-slack-request-timestamp": str(stamp), "x-slack-signature": signature}, raw.encode()


KEPT = {"static_select": "selected_option", "datepicker": "selected_date", "timepicker": "selected_time"}
GIVEN = {"static_select": "initial_option", "datepicker": "initial_date", "timepicker": "initial_time"}


def _initial(element: Mapping[str, Any]) -> Body:
    kind = element["type"]
    return {"type": kind, KEPT.get(kind, "value"): element.get(GIVEN.get(kind, "initial_value"))}


def _find(team: Team, channel: str, ts: str) -> Said | None:
    return next((each for each in team.said if (each.channel, each.ts) == (channel, ts) and not each.only), None)


def _direct(user: str) -> str:
    return f"D{user[1:]}" if user.startswith("U") else user


def _loaded(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
    except ValueError:
        return value


__all__ = ["Fault", "Said", "SlackStandin", "Team", "request_of"]
