"""What keeps the pages safe: strict headers on every answer, the origin of what is posted, a token per form, the cookie."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "__Host-uurwijzer"  # a browser takes a cookie of this name only with Secure, for / and for no other host
MINI_APP = "/app"
FORM_LIMIT, FIELDS = 65_536, 200
# No frame of the ordinary pages; the page of the Mini App runs inside the platform's.
FRAMES = "https://web.telegram.org"
SCRIPT = "https://telegram.org"

_POLICY = (
    "default-src 'none'; script-src 'self'{script}; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {frames}"
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer browsers would post "Origin: null"
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
ORDINARY = {
    **_ALWAYS,
    "content-security-policy": _POLICY.format(script="", frames="'none'"),
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
FRAMED = {**_ALWAYS, "content-security-policy": _POLICY.format(script=f" {SCRIPT}", frames=FRAMES)}

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Guarded:
    """An application whose every answer has the headers; those that it sets itself stay. `mini_app`: the one path that the platform
    may frame. `https`: say that there is no other way in."""

    def __init__(self, app: Any, mini_app: str, *, https: bool) -> None:
        self.app, self.mini_app = app, mini_app
        strict = {"strict-transport-security": "max-age=31536000"} if https else {}
        private = {"cache-control": "no-store"}
        self.ordinary, self.framed = _raw({**ORDINARY, **strict, **private}), _raw({**FRAMED, **strict, **private})

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = self.framed if scope["path"] == self.mini_app else self.ordinary

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                message = {**message, "headers": [*given, *((name, value) for name, value in headers if name not in names)]}
            await send(message)

        await self.app(scope, receive, guarded)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def new_token() -> str:
    """What a browser shows to be known again: 256 random bits."""
    return secrets.token_urlsafe(32)


def cookie_of(request: Request) -> str:
    """The token of the browser's cookie; empty without one."""
    return request.cookies.get(COOKIE, "")


def set_cookie(response: Response, token: str, seconds: int) -> None:
    """Give the browser its token; no script can read it, and no other site can send it along when it posts."""
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response) -> None:
    """Take the token back."""
    response.set_cookie(COOKIE, "", max_age=0, path="/", secure=True, httponly=True, samesite="lax")


def origin_of(address: str) -> str:
    """The origin of a web address: scheme, host and port."""
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def from_here(request: Request, origin: str) -> bool:
    """Whether a browser posted this from one of our own pages; what does not say where it comes from did not."""
    return request.headers.get("origin", "") == origin


def form_token(key: bytes, cookie: str, action: str) -> str:
    """The token of one form of one session: it is of no use for another form, another session or another person."""
    return hmac.new(key, f"page form:{hashlib.sha256(cookie.encode()).hexdigest()}:{action}".encode(), "sha256").hexdigest()


def is_form_token(key: bytes, cookie: str, action: str, given: str) -> bool:
    """Whether a posted token is that of this form and session."""
    return bool(cookie) and hmac.compare_digest(form_token(key, cookie, action).encode(), given.encode())


class TooMuchError(ValueError):
    """A form that is larger than any of ours, or is no form."""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form; of a name that stands there more than once the last value that is not empty.

    Raises TooMuchError.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise TooMuchError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise TooMuchError
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise TooMuchError from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if value or name not in found:
            found[name] = value
    return found
