"""Sends calls to Slack's Web API: at the pace that it allows, back-off as it asks, its refusals by name, an edit that fails sent anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from itertools import dropwhile
from typing import Any

import aiohttp
import orjson
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.outgoing import GivenUpError, LaterError, RefusedError, Shown, UnreachableError
from bot.slack_surface import escape

log = logging.getLogger("uurwijzer.slack")
TRIES = 5
PATIENCE = 5.0  # seconds: a longer wait that Slack asks for is not waited out with somebody's turn in hand
TIMEOUT = 10.0
A_MINUTE, TO_ONE = 240, 1.0  # messages a minute of a broadcast, seconds between two to the same place
CONNECTIONS = 16
FILE_LIMIT = 1000
Sleep = Callable[[float], Awaitable[None]]
Call = dict[str, Any]

# Nothing more can be sent there: the person left, the channel is gone or the bot is not in it.
GONE = frozenset(
    ("channel_not_found", "is_archived", "not_in_channel", "user_disabled", "user_not_found", "cannot_dm_bot", "messages_tab_disabled",
     "restricted_action", "account_inactive_user", "user_not_visible", "no_permission_to_dm", "mpim_required")
)  # fmt: skip
# Slack does not know the token any more, or the app was taken away.
REFUSED = frozenset(
    ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "org_login_required", "team_access_not_granted")
)  # fmt: skip
LOST = frozenset(("message_not_found", "cant_update_message", "edit_window_closed", "cant_edit_message"))
PASSING = frozenset(("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"))
NOT_DRAWN = frozenset(("internal_error", "fatal_error"))  # what Slack also says of blocks that it cannot draw
HOOKS = "https://hooks.slack.com/"
NOT_SENT = frozenset({"method", "draft", "optional", "file", "picture", "workbook", "caption", "url", "native", "spare"})


class _NotTakenError(GivenUpError):
    """Slack answered that it does not take it, so nothing of it is shown."""


class _PauseError(Exception):
    """Slack asks to wait so many seconds, or did not answer; `sure`: it had no effect."""

    def __init__(self, seconds: float, why: str, *, sure: bool = True) -> None:
        super().__init__(why)
        self.seconds, self.sure = seconds, sure


class Pace:
    """When the next message of a broadcast may leave; who waits for an answer does not wait for it."""

    def __init__(self, sleep: Sleep = asyncio.sleep, a_minute: float = A_MINUTE) -> None:
        self.sleep, self.gap = sleep, 60 / a_minute if a_minute else 0.0
        self.to_one = TO_ONE if a_minute else 0.0
        self.next = self.not_before = 0.0
        self.last: dict[str, float] = {}

    async def turn(self, place: str) -> None:
        """Wait until a message that nobody waits for may leave for a place."""
        now = asyncio.get_running_loop().time()
        at = max(now, self.next, self.not_before, self.last.pop(place, 0.0) + self.to_one)
        self.next, self.last[place] = at + self.gap, at
        if len(self.last) > 4096:
            del self.last[next(iter(self.last))]
        if at > now:
            await self.sleep(at - now)

    def pause(self, seconds: float) -> None:
        """Slack asked for a pause: no broadcast leaves before it is over."""
        self.not_before = max(self.not_before, asyncio.get_running_loop().time() + seconds)


class Delivery:
    """Sends what is owed, through one workspace's token."""

    def __init__(self, token: str, api: str, sleep: Sleep = asyncio.sleep, pace: Pace | None = None) -> None:
        self.token, self.api, self.sleep = token, api, sleep
        self.pace = pace or Pace(sleep)
        quiet = logging.getLogger("slack_sdk")
        self.client = AsyncWebClient(token, base_url=f"{api}/", timeout=int(TIMEOUT), retry_handlers=[], logger=quiet)

    async def open(self) -> None:
        """Open the connections on the running loop; a second call changes nothing."""
        if self.client.session is None or self.client.session.closed:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=30.0)
            times = aiohttp.ClientTimeout(total=TIMEOUT, connect=5.0)
            self.client.session = aiohttp.ClientSession(connector=connector, timeout=times, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Close every connection."""
        if self.client.session is not None:
            await self.client.session.close()

    async def send(self, calls: list[Call], *, live: bool = True) -> Shown:
        """Make the calls in their order; `live`: somebody waits for them.

        A message with tables or charts ("native") goes with them, and without its spare pictures; when Slack does not take those it goes
        in words, with its pictures. Raises UnreachableError, LaterError, GivenUpError, or RefusedError.
        """
        card = message = None
        left = calls
        while left:
            each, native = left[0], left[0].get("native")
            try:
                result = await self._carry_out({**each, **(native or {})}, live=live)
            except (_NotTakenError, _PauseError) as error:
                if native and (isinstance(error, _NotTakenError) or str(error) in NOT_DRAWN):
                    log.warning("tables and charts are not taken (%s), words and pictures go instead", error)
                    left = [{key: value for key, value in each.items() if key != "native"}, *left[1:]]
                    continue
                if isinstance(error, _PauseError):
                    later = [follows for follows in left if not follows["method"].startswith("views.")]  # those are of use now or never
                    raise LaterError(later, error.seconds, str(error)) from error
                raise
            left = left[1:] if not native else list(dropwhile(lambda follows: follows.get("spare"), left[1:]))
            if "blocks" in each and result.get("ts"):
                message = f"{result.get('channel') or each.get('channel')}/{result['ts']}"
                card = f"{each['draft']}:{message}" if each.get("draft") is not None else card
        return Shown(card, message)

    async def _carry_out(self, each: Call, *, live: bool) -> dict[str, Any]:
        method = each["method"]
        if not live and method == "chat.postMessage":
            await self.pace.turn(str(each["channel"]))
        params = {key: value for key, value in each.items() if key not in NOT_SENT and value is not None}
        once = {"file": lambda: self._upload(each), "respond": lambda: self._respond(each)}.get(method, lambda: self._call(method, params))
        try:
            return await self._again(method, once, doubtful=method in ("file", "respond", "chat.postMessage"))
        except _ApiError as error:
            return await self._refused(each, error.code, live)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One call whose answer is needed. Raises RefusedError, LaterError, or GivenUpError with the name of the refusal."""
        try:
            return await self._again(method, lambda: self._call(method, params), doubtful=False)
        except _ApiError as error:
            raise GivenUpError(f"{method}: {error.code}") from error
        except _PauseError as error:
            raise LaterError([], error.seconds, str(error)) from error

    async def is_deactivated(self, user: str) -> bool:
        """Whether somebody's account in Slack is closed. Raises as `look_up`."""
        return bool((await self.look_up("users.info", user=user)).get("user", {}).get("deleted"))

    async def look_up(self, method: str, **params: str) -> dict[str, Any]:
        """What a method answers that takes no JSON. Raises GivenUpError with the name of the refusal, LaterError or RefusedError."""
        try:
            answer = await self.client.api_call(method, http_verb="GET", params=params)
        except SlackApiError as error:
            code = str(error.response.get("error") or "")
            if code in REFUSED:
                raise RefusedError(code) from error
            if code == "ratelimited":
                raise LaterError([], float(error.response.headers.get("Retry-After", "1")), code) from error
            raise GivenUpError(f"{method}: {code}") from error
        except (TimeoutError, aiohttp.ClientError, SlackRequestError, ValueError) as error:
            raise LaterError([], 0.0, type(error).__name__) from error
        return answer.data if isinstance(answer.data, dict) else {}

    async def _again(self, method: str, once: Callable[[], Awaitable[dict[str, Any]]], *, doubtful: bool) -> dict[str, Any]:
        """Try until it is answered. Raises _PauseError when it surely had no effect."""
        doubts = 0
        for attempt in range(TRIES):
            try:
                return await once()
            except _PauseError as error:
                doubts += doubtful and not error.sure
                if doubts > 1:  # the message may be there; one duplicate is better than silence, two are not
                    raise GivenUpError(f"{method} was not answered twice") from error
                if error.seconds:
                    self.pace.pause(error.seconds)
                if error.seconds > PATIENCE or attempt == TRIES - 1:
                    raise
                level = logging.DEBUG if attempt else logging.WARNING
                log.log(level, "slack %s failed (%s), trying again", method, error)
                await self.sleep(error.seconds or min(8.0, 0.5 * 2**attempt))
        raise AssertionError  # the last round returns or raises

    async def _call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return _judged(*await self._post(f"{self.api}/{method}", params, {"Authorization": f"Bearer {self.token}"}))

    async def _post(self, address: str, params: dict[str, Any], headers: dict[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        """(status, headers, body) of what answers; past the client's own methods, which take longer than the call."""
        if self.client.session is None:
            raise _PauseError(0.0, "not open")
        kind = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with self.client.session.post(address, data=orjson.dumps(params), headers=kind | headers) as answer:
                return answer.status, answer.headers, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _PauseError(0.0, type(error).__name__) from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise _PauseError(0.0, type(error).__name__, sure=False) from error

    async def _respond(self, each: Call) -> dict[str, Any]:
        """Answer at the address that came with a command or a press: it works half an hour, for five answers."""
        body = {key: value for key, value in each.items() if key not in NOT_SENT and value is not None}
        address = str(each["url"])
        if not address.startswith((HOOKS, str(URL(self.api).origin()) + "/")):
            raise _NotTakenError("respond: the address is not Slack's")
        status, headers, answer = await self._post(address, body, {})
        if status == 429:
            raise _PauseError(_seconds(headers), "ratelimited")
        if status >= 500:
            raise _PauseError(0.0, f"status {status}")
        if status >= 400 or answer.replace(b" ", b"").startswith(b'{"ok":false'):
            raise _NotTakenError(f"respond: status {status}")
        return {}

    async def _upload(self, each: Call) -> dict[str, Any]:
        """A file in a conversation; when it cannot be, its words as a message."""
        name, content = await _made(each)
        try:
            channel = await self._conversation(str(each["channel"]))
            await self.client.files_upload_v2(
                channel=channel, file=content, filename=name, title=name, alt_txt=each["caption"][:FILE_LIMIT],
                initial_comment=None if "picture" in each else escape(each["caption"]), thread_ts=each.get("thread_ts"),
            )  # fmt: skip
        except (SlackApiError, SlackRequestError, aiohttp.ClientError, TimeoutError) as error:
            data = getattr(error.response, "data", None) if isinstance(error, SlackApiError) else None
            code = data.get("error") if isinstance(data, dict) else type(error).__name__
            log.warning("a file could not be sent (%s), its words go instead", code)
            thread = {"thread_ts": each["thread_ts"]} if each.get("thread_ts") else {}
            await self._call("chat.postMessage", {"channel": each["channel"], **thread, "text": escape(each["caption"])})
        return {}

    async def _conversation(self, place: str) -> str:
        """The conversation with a person, of which only the message methods know who is meant."""
        if not place.startswith(("U", "W")):
            return place
        answer = await self.client.conversations_open(users=[place])
        return str(answer["channel"]["id"])

    async def _refused(self, each: Call, code: str, live: bool) -> dict[str, Any]:
        method = each["method"]
        if method == "chat.update" and code in LOST:
            anew = {key: value for key, value in each.items() if key != "ts"}
            return await self._carry_out({**anew, "method": "chat.postMessage"}, live=live)
        if each.get("optional"):
            return {}
        if code in GONE:
            raise UnreachableError(code)
        raise _NotTakenError(f"{method}: {code}")


class _ApiError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _judged(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The answer to a call, or what its refusal means, raised."""
    try:
        data = orjson.loads(body)
    except ValueError:
        data = None
    data = data if isinstance(data, dict) else {}
    if data.get("ok") and status < 400:
        return data
    code = str(data.get("error") or "")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        raise _PauseError(_seconds(headers), "ratelimited")
    if code in REFUSED:
        raise RefusedError(code)
    if code in PASSING or status >= 500 or not code:
        raise _PauseError(0.0, code or f"status {status}", sure=code in PASSING)
    raise _ApiError(code)


def _seconds(headers: Mapping[str, str]) -> float:
    """How long Slack asks to wait."""
    try:
        return float(headers.get("Retry-After", "1"))
    except ValueError:
        return 1.0


async def _made(each: Call) -> tuple[str, bytes]:
    """(name, content) of the file of a call: as it is, or made of its figures, off the event loop."""
    if (file := each.get("file")) is not None:
        return file["name"], file["content"]
    if (picture := each.get("picture")) is not None:
        from bot.drawings import draw

        return f"{picture['drawing']}.png", await asyncio.to_thread(draw, picture["drawing"], picture["figures"], picture["language"])
    from bot.workbooks import make_workbook

    book = each["workbook"]
    return book["name"], await asyncio.to_thread(make_workbook, book["sheets"], book["figures"], book["language"])

