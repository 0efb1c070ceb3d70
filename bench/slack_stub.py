"""The fastest stand-in of Slack: ready answers of the Web API, and connections that send requests, over bare asyncio protocols.

It checks nothing; tests use tests/slack_standin.py.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from bench.whole_messages import WholeMessages
from bot.slack_signature import sign

TEAM, TOKEN, SECRET = "T1", "xoxb-fictional-bench", "fictional-signing-secret"
PATH = "/slack/events"
READY = {
    b"auth.test": b'{"ok":true,"team_id":"T1","team":"Bench","user_id":"UB","user":"uurwijzer","bot_id":"B1","url":"http://127.0.0.1/"}',
    b"chat.postMessage": b'{"ok":true,"channel":"D1","ts":"1790000000.000100"}',
    b"views.open": b'{"ok":true,"view":{"id":"V1","hash":"h1"}}',
}
Answer = tuple[float, int, bytes]  # seconds until it came, status, body


class WebApi:
    """What answers for Slack. `opened`: the last view that was opened for each trigger; `posted`: how many messages were."""

    def __init__(self) -> None:
        self.url = ""
        self.posted = 0
        self.opened: dict[str, dict[str, Any]] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Call(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/api"

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def answer(self, method: bytes, body: bytes) -> bytes:
        """The answer to a call, as JSON."""
        if method == b"views.open":
            given = json.loads(body)
            self.opened[given["trigger_id"]] = given["view"]
        elif method == b"chat.postMessage":
            self.posted += 1
        return READY.get(method, b'{"ok":true}')


class _Call(WholeMessages):
    def __init__(self, api: WebApi) -> None:
        super().__init__()
        self._api = api

    def took(self, head: bytes, body: bytes) -> None:
        answer = self._api.answer(head.split(b" ", 2)[1].rpartition(b"/")[2], body)
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)


class Line(WholeMessages):
    """A connection from Slack, which is kept; one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """(status, body) of the answer. ConnectionError when there is none."""
        if self.transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def took(self, head: bytes, body: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head.split(b" ", 2)[1]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())


@asynccontextmanager
async def lines(port: int, count: int) -> AsyncIterator[list[Line]]:
    """So many connections to a port of loopback, closed afterwards. OSError when nobody listens."""
    loop = asyncio.get_running_loop()
    found: list[Line] = []
    try:
        for _ in range(count):
            found.append((await loop.create_connection(Line, "127.0.0.1", port))[1])
        yield found
    finally:
        for each in found:
            each.transport.close()


async def ask_all(open_: Sequence[Line], requests: Sequence[bytes]) -> list[Answer]:
    """The answers to all requests, in their order; as many in flight as there are connections."""
    left: Iterator[tuple[int, bytes]] = iter(enumerate(requests))
    found: dict[int, Answer] = {}

    async def work(line: Line) -> None:
        for number, request in left:
            begun = time.perf_counter()
            status, body = await line.ask(request)
            found[number] = time.perf_counter() - begun, status, body

    await asyncio.gather(*(work(line) for line in open_))
    return [found[number] for number in range(len(requests))]


def request_of(body: dict[str, Any]) -> bytes:
    """The signed request with which Slack sends this now."""
    raw = urlencode(body if "command" in body else {"payload": json.dumps(body)}).encode()
    stamp = str(int(time.time()))
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        f"Accept-Encoding: gzip,deflate\r\nAccept: application/json,*/*\r\nX-Slack-Signature: {sign(SECRET, stamp, raw)}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


def command(user: int, name: str, number: int) -> dict[str, Any]:
    """A slash command that a person typed in a channel."""
    return {
        "token": "fictional", "team_id": TEAM, "team_domain": "bench", "channel_id": "C1", "channel_name": "algemeen",
        "user_id": f"U{user}", "user_name": f"p{user}", "command": f"/{name}", "text": "", "api_app_id": "A1",
        "is_enterprise_install": "false", "response_url": "http://127.0.0.1/never", "trigger_id": f"{user}.{number}",
    }  # fmt: skip


def submission(user: int, view: dict[str, Any], values: dict[str, str], number: int) -> dict[str, Any]:
    """A modal submitted with these values in its fields, by the field that each block is about; else what stands there at first."""
    held = {
        **view, "id": f"V{user}", "team_id": TEAM, "hash": f"1790000000.h{number}", "root_view_id": f"V{user}", "previous_view_id": None,
        "clear_on_close": False, "notify_on_close": False, "external_id": "", "app_id": "A1", "app_installed_team_id": TEAM, "bot_id": "B1",
        "state": {"values": {
            each["block_id"]: {"filled": _given(each["element"], values.get(each["block_id"].partition("~")[0]))}
            for each in view["blocks"] if each["type"] == "input"
        }},
    }  # fmt: skip
    return {
        "type": "view_submission", "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": f"U{user}", "username": f"p{user}", "team_id": TEAM}, "api_app_id": "A1",
        "token": "fictional", "trigger_id": f"{user}.{number}", "view": held, "response_urls": [],
        "is_enterprise_install": False, "enterprise": None,
    }  # fmt: skip


def _given(element: dict[str, Any], value: str | None) -> dict[str, Any]:
    match element["type"]:
        case "static_select":
            return {"type": "static_select", "selected_option": next(each for each in element["options"] if value in (None, each["value"]))}
        case "datepicker":
            return {"type": "datepicker", "selected_date": value}
        case "timepicker":
            return {"type": "timepicker", "selected_time": value}
        case kind:
            return {"type": kind, "value": value}
