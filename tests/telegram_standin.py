"""A stand-in of the Bot API on loopback, with people who talk to the bot and faults by script.

In a test:  async with Standin() as telegram: ann = telegram.person("Ann"); ann.say("/start"); await ann.settle()
For a bot in another process:  with standin_thread() as telegram: ...
By hand:  python -m tests.telegram_standin --port 8081   (a line is said; ">label" presses a button)
"""

import argparse
import asyncio
import html
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.telegram_markup import ApiError
from tests.telegram_methods import METHODS, _allow, whole
from tests.telegram_people import Group, Person
from tests.telegram_world import Call, Message, Waiting, World

__all__ = ["ApiError", "Call", "Group", "Message", "Person", "Standin", "standin_thread"]

TOKEN = "700:AAFictional-token-of-the-stand-in-000000"
BODY_LIMIT = 64 << 20
# Answers given instead of the effect: status, description.
REFUSALS = {
    "400": (400, "Bad Request: chat not found"),
    "400_not_modified": (400, "Bad Request: message is not modified"),
    "401": (401, "Unauthorized"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "404": (404, "Not Found"),
    "409": (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
    "429": (429, "Too Many Requests: retry after {retry_after}"),
    "500": (500, "Internal Server Error"),
}
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
BEFORE = {*REFUSALS, "502_html", "timeout_before", "reset_before"}
AFTER = {"timeout_after_effect", "reset_mid_body", "bad_json"}


@dataclass
class Fault:
    """One line of the fault script: for which calls, what happens, how often (None: until `heal`)."""

    method: str
    kind: str
    times: int | None = 1
    retry_after: int = 1
    description: str = ""
    chat: int | None = None


class Standin(World):
    """The server: methods at `url`/bot<token>/<method>, files at `url`/file/bot<token>/<path>.

    Leave `async with` and enter it again for an outage: chats, updates and the port stay.
    """

    def __init__(self, token: str = TOKEN, *, port: int = 0, **world: Any) -> None:
        super().__init__(**world)
        self.token, self.port = token, port
        self.polls = 0
        self.retry_delays = (0.01, 0.05, 0.2)
        self.faults: list[Fault] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._poller = 0
        self._ids = iter(range(100, 10**9))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # People and faults

    def person(self, name: str = "Ann", language_code: str | None = "nl", user_id: int | None = None) -> Person:
        """A new fictional person who has not yet written to the bot."""
        return Person(self, user_id or next(self._ids), name, language_code)

    def group(
        self, title: str, members: list[Person], *, bot: bool = True, supergroup: bool = False, channel: bool = False
    ) -> Group:
        """A new group or channel of which members[0] is the administrator and, unless `bot` is False, added the bot."""
        group = Group(self, -next(self._ids), title, members, supergroup=supergroup, channel=channel)
        if bot:
            group.add_bot(members[0])
        return group

    def fail_next(self, method: str, kind: str, times: int | None = 1, **more: Any) -> None:
        """Let the next call(s) of `method` ("*": any) go wrong; see BEFORE and AFTER for the kinds."""
        if kind not in BEFORE | AFTER:
            raise ValueError(f"no such fault: {kind}")
        self.faults.append(Fault(method.lower(), kind, times, **more))

    def heal(self) -> None:
        """Forget the rest of the fault script and let go of the calls that hang."""
        self.faults.clear()
        if self._loop:
            self._loop.call_soon_threadsafe(self._release)

    # The server

    async def __aenter__(self) -> "Standin":
        self._loop, self._closing = asyncio.get_running_loop(), False
        self._news, self._let_go = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=512, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._client = ClientSession(timeout=ClientTimeout(total=10))
        self._hooks = asyncio.create_task(self._post_updates())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hooks.cancel()
        self._release()
        self._closing = True
        self._news.set()
        with suppress(asyncio.CancelledError):
            await self._hooks
        await self._client.close()
        assert self._runner
        await self._runner.cleanup()
        self._loop = None

    def wake(self) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(self._news.set)

    def _release(self) -> None:
        self._let_go.set()
        self._let_go = asyncio.Event()

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token = request.match_info["token"]
        if token != self.token or self.logged_out:
            code = 401 if re.fullmatch(r"\d+:[\w-]{20,}", token) else 404
            return _refuse(ApiError(code, "Unauthorized" if code == 401 else "Not Found"))
        params = await _params(request)
        polling = method.lower() == "getupdates"
        with self.changed:
            call = Call(method, params)
            self.calls.append(call)
            self.requests[method] += 1
            fault = self._fault(method, params)
            if not polling:
                self.in_flight += 1
                self.note()
        try:
            return await self._answer(request, call, fault)
        finally:
            if not polling:
                with self.changed:
                    self.in_flight -= 1
                    self.note()

    async def _answer(self, request: web.Request, call: Call, fault: Fault | None) -> web.StreamResponse:
        if fault and fault.kind in BEFORE:
            return await self._fail(request, call, fault)
        try:
            result = await self._carry_out(call.method, call.params)
        except ApiError as refusal:
            call.status, call.description = refusal.code, refusal.description
            return _refuse(refusal)
        if fault:
            return await self._spoil(request, fault, result)
        call.status = 200
        return web.json_response({"ok": True, "result": result})

    async def _carry_out(self, method: str, params: dict[str, Any]) -> Any:
        if method.lower() == "getupdates":
            return await self._get_updates(params)
        with self.changed:
            if method.lower() not in METHODS:
                raise ApiError(404, "Not Found")
            result = METHODS[method.lower()](self, params)
            self.answered(method, params)
        if method.lower().endswith("webhook"):
            self._news.set()
        return result

    # Polling

    async def _get_updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        with self.changed:
            if self.webhook["url"]:
                raise ApiError(409, HOOKED)
            _allow(self, params)
            self._confirm(whole(params, "offset", 0) or 0)
            self._poller += 1
            mine = self._poller
            self._news.set()
        limit, wait = whole(params, "limit", 100) or 100, whole(params, "timeout", 0) or 0
        end = asyncio.get_running_loop().time() + wait
        self.polls += 1
        while True:
            with self.changed:
                if mine != self._poller:
                    raise ApiError(*REFUSALS["409"])
                ready = self.waiting[:limit]
                left = end - asyncio.get_running_loop().time()
                if ready or left <= 0 or self._closing:
                    for each in ready:
                        each.deliveries += 1
                    return [each.json for each in ready]
                self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)

    def _confirm(self, offset: int) -> None:
        before = len(self.waiting)
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [
                each for each in self.waiting if each.update_id >= offset or (each.again and not each.deliveries)
            ]
        if len(self.waiting) != before:
            self.note()

    # Webhook

    async def _post_updates(self) -> None:
        async with asyncio.TaskGroup() as posts:
            while True:
                with self.changed:
                    self._news.clear()
                    hook = self.webhook
                    room = hook.get("max_connections", 0) - sum(each.posting for each in self.waiting)
                    for each in [each for each in self.waiting if not each.posting][:room] if hook["url"] else []:
                        each.posting = True
                        posts.create_task(self._post(each, hook))
                await self._news.wait()
                await asyncio.sleep(0)  # a long poll that waits for the same event looks first

    async def _post(self, update: Waiting, hook: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
        tries = 0
        while self.webhook is hook and any(each is update for each in self.waiting):
            update.deliveries += 1
            try:
                async with self._client.post(hook["url"], json=update.json, headers=headers) as response:
                    problem = "" if response.status < 300 else f"Wrong response from the webhook: {response.status}"
                    body = await response.read()
            except (ClientError, OSError) as error:
                problem = f"Connection failed: {type(error).__name__}"
            if not problem:
                await self._reply_in_answer(body)
            with self.changed:
                if not problem:
                    self.waiting = [each for each in self.waiting if each is not update]
                    self.note()
                    break
                hook["error"], hook["error_date"] = problem, int(self.clock())
            await asyncio.sleep(self.retry_delays[min(tries, len(self.retry_delays) - 1)])
            tries += 1
        update.posting = False
        self._news.set()

    async def _reply_in_answer(self, body: bytes) -> None:
        with suppress(ValueError, ApiError, TypeError):
            answer = json.loads(body or b"null")
            if isinstance(answer, dict) and "method" in answer:
                self.requests[answer["method"]] += 1
                await self._carry_out(answer.pop("method"), answer)

    # Faults

    def _fault(self, method: str, params: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            here = fault.chat is None or str(fault.chat) == str(params.get("chat_id"))
            if fault.method in ("*", method.lower()) and here:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None

    async def _fail(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        call.description = fault.kind
        if fault.kind == "timeout_before":
            await self._let_go.wait()
        if fault.kind in ("timeout_before", "reset_before"):
            return _reset(request)
        if fault.kind == "502_html":  # as some proxies do, it quotes the address
            call.status = 502
            page = f"<html><h1>502 Bad Gateway</h1><p>{html.escape(str(request.url))}</p></html>"
            return web.Response(status=502, text=page, content_type="text/html")
        code, description = REFUSALS[fault.kind]
        description = fault.description or description.format(retry_after=fault.retry_after)
        call.status, call.description = code, description
        more = {"retry_after": fault.retry_after} if code == 429 else {}
        return _refuse(ApiError(code, description, **more))

    async def _spoil(self, request: web.Request, fault: Fault, result: Any) -> web.StreamResponse:
        body = json.dumps({"ok": True, "result": result}).encode()
        half = body[: len(body) // 2]
        if fault.kind == "bad_json":
            return web.Response(body=half, content_type="application/json")
        if fault.kind == "reset_mid_body":
            response = web.StreamResponse(headers={"Content-Length": str(len(body))})
            await response.prepare(request)
            await response.write(half)
        else:
            await self._let_go.wait()
        return _reset(request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self.files.get(request.match_info["path"].rpartition("/")[2])
        self.requests["file"] += 1
        if request.match_info["token"] != self.token or file is None:
            return _refuse(ApiError(404, "Not Found"))
        fault = self._fault("file", {})
        if fault and fault.kind in BEFORE:
            return await self._fail(request, Call("file", {}), fault)
        return web.Response(body=file.content, content_type="application/octet-stream")


def _refuse(refusal: ApiError) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return web.json_response(answer, status=refusal.code)


def _reset(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _params(request: web.Request) -> dict[str, Any]:
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        sent = await request.json()
        return params | (sent if isinstance(sent, dict) else {})
    for name, value in (await request.post()).items():
        params[name] = (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    return params


@contextmanager
def standin_thread(token: str = TOKEN, **options: Any) -> Iterator[Standin]:
    """A stand-in on a loop in a thread of its own, for bots in other processes; people may be used from this thread."""
    standin = Standin(token, **options)
    ready, stop = threading.Event(), asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []
    failure: list[BaseException] = []

    async def serve() -> None:
        loop.append(asyncio.get_running_loop())
        async with standin:
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # told to the thread that waits
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="telegram stand-in", daemon=True)
    thread.start()
    ready.wait(10)
    if failure:
        raise failure[0]
    try:
        yield standin
    finally:
        loop[0].call_soon_threadsafe(stop.set)
        thread.join(10)


def main(read: Callable[[], str] = sys.stdin.readline) -> None:
    """Talk to a bot by hand: it must be started with this address and token."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--port", type=int, default=8081)
    words.add_argument("--token", default=TOKEN)
    words.add_argument("--language", default="nl")
    given = words.parse_args()
    with standin_thread(given.token, port=given.port) as telegram:
        print(f"UURWIJZER_TELEGRAM_API={telegram.url} UURWIJZER_TELEGRAM_TOKEN={telegram.token}")
        person = telegram.person("Ann", given.language)
        while line := read():
            try:
                if line.startswith(">"):
                    person.press(line[1:].strip())
                else:
                    person.say(line.strip())
                telegram.settled(timeout=30)
                print(*(f"({alert['text']})" for alert in person.alerts[-1:]), person.screen(), sep="\n")
            except AssertionError as problem:
                print(problem)


if __name__ == "__main__":
    main()
