"""The way in for what Slack sends over HTTP, past the web part's routes and pages: it costs as little as it can."""

from typing import Any

import orjson

from bot.page_guard import Receive, Send
from bot.slack_intake import Slack

EVENTS_PATH = "/slack/events"
BODY_LIMIT = 1_000_000
READ = frozenset((b"content-type", b"x-slack-request-timestamp", b"x-slack-signature", b"x-slack-retry-num"))  # of the headers


class SlackDoor:
    """An application that lets Slack's requests in and hands everything else to `app`."""

    def __init__(self, app: Any, slack: Slack) -> None:
        self.app, self.slack = app, slack

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != EVENTS_PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        raw, more = bytearray(), True
        while more:
            message = await receive()
            raw += message.get("body", b"")
            more = message.get("more_body", False)
            if len(raw) > BODY_LIMIT:
                await _answer(send, 413)
                return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in READ}
        ack = await self.slack.receive(headers, bytes(raw))
        await _answer(send, ack.status, b"" if ack.body is None else orjson.dumps(ack.body))


async def _answer(send: Send, status: int, content: bytes = b"") -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
