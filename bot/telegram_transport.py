"""The wire to Telegram: python-telegram-bot's request interface carried by aiohttp.

The bot token is part of every address, so nothing that leaves this module (error, log line, repr) holds an address.
"""

import asyncio
import errno
import logging
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import orjson
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientTimeout, FormData

# At DEBUG the library writes the address, and with every call what people typed.
logging.getLogger("telegram.Bot").setLevel(logging.INFO)

CONNECTIONS = 16
KEEP_ALIVE = 30.0


class Unsent(NetworkError):
    """Nothing of the request left this machine: sending it again cannot double anything."""


class UnsentInTime(Unsent, TimedOut):
    """No connection came free or was made in time; nothing of the request left this machine."""


class Doubtful(NetworkError):
    """The request left this machine and its answer did not arrive: it may have been carried out."""


class DoubtfulInTime(Doubtful, TimedOut):
    """No answer in time; the request may have been carried out."""


class AiohttpRequest(BaseRequest):
    """A transport for `telegram.Bot` with at most `connections` kept-alive connections.

    Times are in seconds, None is for ever. A request ends at the latest after the sum of its four times; a download
    after `read_timeout` without a byte. `initialize` imports aiohttp: commands that open no connection start without.
    """

    __slots__ = ("_connections", "_proxy", "_session", "_times", "_upload_time")

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        read_timeout: float | None = 10.0,
        write_timeout: float | None = 10.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 5.0,
        media_write_timeout: float | None = 30.0,
        proxy: str | None = None,
    ) -> None:
        self._connections = connections
        self._proxy = proxy
        self._times = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        self._upload_time = media_write_timeout
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer when a call does not say; the library adds a long poll's own time to it."""
        return self._times[0]

    async def initialize(self) -> None:
        """Open the session on the running loop; a second call changes nothing."""
        import aiohttp

        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "Uurwijzer"},
                trust_env=False,
            )

    async def shutdown(self) -> None:
        """Close every connection; what still waits for an answer gets NetworkError. `initialize` opens again."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request and return (HTTP status, body).

        Raises Unsent or UnsentInTime when nothing was sent, Doubtful or DoubtfulInTime when it may have been carried out.
        """
        if self._session is None or self._session.closed:
            raise Unsent("The transport is not open")
        uploads = request_data is not None and request_data.contains_files
        defaults = (self._times[0], self._upload_time if uploads else self._times[1], *self._times[2:])
        given = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        read, write, connect, pool = (
            usual if value is self.DEFAULT_NONE else value for value, usual in zip(given, defaults, strict=True)
        )
        try:
            async with (
                asyncio.timeout(_sum(read, write, connect, pool)) as deadline,
                self._session.request(
                    method,
                    _address(url),
                    timeout=_timeout(read, connect, pool),
                    proxy=self._proxy,
                    allow_redirects=False,
                    **_body(request_data),
                ) as response,
            ):
                if method == "GET":  # a file: it may take long as long as bytes keep coming
                    deadline.reschedule(None)
                body = await response.read()
                return response.status, body if response.status < 300 else _discreet(response.status, body)
        except Exception as problem:  # whatever it is, its text may hold the address
            failure = _failure(problem)
        # Raised outside the except block: an error that is logged must not bring its cause, whose text is the address.
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer of the Bot API; Doubtful when it is none. The library's own would log the whole answer."""
        try:
            answer = orjson.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not ("result" in answer or "description" in answer):
            raise Doubtful("Telegram's answer is not readable")
        return answer


class DiscreetBot(Bot):
    """`telegram.Bot` whose repr and start-up error keep the token to themselves."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "DiscreetBot"

    @property
    def poller(self) -> BaseRequest:
        """The transport for getUpdates."""
        return self._request[0]

    async def initialize(self) -> None:
        """Open the transports and ask Telegram who we are; InvalidToken when it refuses the token."""
        try:
            await super().initialize()
            return
        except InvalidToken:
            refused = InvalidToken("Telegram refuses the bot token")
        raise refused

    async def shutdown(self) -> None:
        """Let go of the transports, also of a bot that never came to its beginning."""
        await super().shutdown()
        for request in self._request:
            await request.shutdown()


def make_bot(token: str, api: str = "https://api.telegram.org", *, proxy: str | None = None) -> DiscreetBot:
    """A bot on two of our transports: one connection that polls, and CONNECTIONS for everything else."""
    return DiscreetBot(
        token,
        base_url=f"{api.rstrip('/')}/bot",
        base_file_url=f"{api.rstrip('/')}/file/bot",
        request=AiohttpRequest(proxy=proxy),
        get_updates_request=AiohttpRequest(connections=1, proxy=proxy),
    )


async def call(bot: Bot, method: str, **params: Any) -> Any:
    """Call a Bot API method ("sendMessage") and return its `result` as it came: dicts, lists, True.

    Parameters that are None are left out; telegram objects, lists, datetimes and InputFile are written as the library
    writes them. Raises telegram.error like any method of Bot. It skips the Message object that the library builds of
    every answer; `Bot.do_api_request` would do as well, but warns at every method that Bot knows.
    """
    return await bot.request.post(f"{bot.base_url}/{method}", _data(params))


async def fetch_updates(bot: DiscreetBot, offset: int, wait: int, **params: Any) -> list[dict[str, Any]]:
    """Confirm every update below `offset` and return the next ones as raw JSON; waits at most `wait` seconds for one.

    It has a connection of its own, and `wait` comes on top of the read time-out (with `call` it would not).
    """
    data = _data({"offset": offset, "timeout": wait, **params})
    seconds = None if bot.poller.read_timeout is None else bot.poller.read_timeout + wait
    updates: Any = await bot.poller.post(f"{bot.base_url}/getUpdates", data, read_timeout=seconds)
    return list(updates)


def pause(refusal: RetryAfter) -> float:
    """Seconds that Telegram asks to wait (the library is changing the type of `retry_after`)."""
    asked = refusal.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


class _Json:
    """A request without files, as the Bot API takes it too: objects and lists inside the one JSON, not each in a text of its own.
    It stands in for the library's RequestData, which is final and costs as much as all the rest of a call."""

    __slots__ = ("json_payload",)
    contains_files = False

    def __init__(self, json_payload: bytes) -> None:
        self.json_payload = json_payload


def _data(params: dict[str, Any]) -> RequestData:
    given = {name: value for name, value in params.items() if value is not None}
    try:
        return cast("RequestData", _Json(orjson.dumps(given, option=orjson.OPT_PASSTHROUGH_DATETIME)))
    except TypeError:  # files, telegram objects, datetimes: the library writes them
        return RequestData([RequestParameter.from_input(name, value) for name, value in given.items()])


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if data.contains_files:
        return {"data": _form(data)}
    return {"data": data.json_payload, "headers": {"Content-Type": "application/json"}}


def _form(data: RequestData) -> "FormData":
    from aiohttp import FormData

    # Names stay UTF-8 as they are (quote_fields=False): Telegram does not read the encoded form of a file's name.
    form = FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=" ".join(filename.splitlines()), content_type=kind)
    return form


def _sum(*times: float | None) -> float | None:
    return None if None in times else sum(time for time in times if time is not None)


@lru_cache(maxsize=64)
def _timeout(read: float | None, connect: float | None, pool: float | None) -> "ClientTimeout":
    from aiohttp import ClientTimeout

    return ClientTimeout(total=None, connect=_sum(connect, pool), sock_connect=connect, sock_read=read)


@lru_cache(maxsize=64)
def _address(url: str) -> Any:
    from yarl import URL

    return URL(url, encoded=True)


def _failure(problem: Exception) -> TelegramError:
    """The error for the caller: it names the kind of problem, never its text."""
    import aiohttp

    code = errno.errorcode.get(getattr(problem, "errno", None) or 0)
    what = type(problem).__name__ + (f", {code}" if code else "")
    if isinstance(problem, aiohttp.ConnectionTimeoutError):
        return UnsentInTime("No connection to Telegram in time")
    if isinstance(problem, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        return Unsent(f"No connection to Telegram ({what})")
    if isinstance(problem, TimeoutError):
        return DoubtfulInTime("Telegram did not answer in time")
    return Doubtful(f"The connection to Telegram failed ({what})")


def _discreet(status: int, body: bytes) -> bytes:
    """A refusal as Telegram writes it; of a proxy's page, which may quote the address, only the status."""
    try:
        answer = orjson.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("description"), str):
        answer = {}
    parameters = answer.get("parameters")
    kept = {
        "ok": False,
        "description": answer.get("description", f"HTTP status {status} without an answer of Telegram"),
        "parameters": {
            name: value
            for name, value in (parameters if isinstance(parameters, dict) else {}).items()
            if name in ("retry_after", "migrate_to_chat_id") and type(value) is int
        },
    }
    return orjson.dumps(kept)
