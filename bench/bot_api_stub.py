"""The fastest stand-in of the Bot API: ready answers over a bare asyncio protocol, so that the bot is what is measured.

It checks nothing; tests use tests/telegram_standin.py.
"""

import asyncio
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bench.whole_messages import WholeMessages

TOKEN = "700:AAFictional-token-of-the-stand-in-000000"
BATCH = 100
NUMBER = rb'%s["=:]+\s*"?(-?\d+)'
OFFSET, CHAT, MESSAGE = (re.compile(NUMBER % name) for name in (b"offset", b"chat_id", b"message_id"))
COUNTED = (b"sendMessage", b"editMessageText", b"answerCallbackQuery")
ME = (
    b'{"id":700,"is_bot":true,"first_name":"Uurwijzer","username":"uurwijzer_bot","can_join_groups":true,'
    b'"can_read_all_group_messages":false,"supports_inline_queries":false}'
)
SENT = (
    b'{"message_id":%d,"from":{"id":700,"is_bot":true,"first_name":"Uurwijzer","username":"uurwijzer_bot"},'
    b'"chat":{"id":%d,"first_name":"Ann","type":"private"},"date":1790000000,"text":"Welke datum?"}'
)
OnCall = Callable[["Stub", str, bytes], None]


class Stub:
    """Queued updates and counted calls. `on_call(stub, method, body)` runs in the stub's thread before the answer."""

    def __init__(self, on_call: OnCall | None = None) -> None:
        self.url = ""
        self.fed = 0
        self.calls: dict[str, int] = {}
        self._on_call = on_call
        self._updates: deque[tuple[int, bytes]] = deque()
        self._polls: list[Talk] = []
        self._answers = 0
        self._message = 1000
        self._changed = threading.Condition(threading.RLock())
        self._loop: asyncio.AbstractEventLoop | None = None

    def feed(self, updates: list[dict[str, Any]]) -> None:
        """Queue updates; each gets its update_id here."""
        with self._changed:
            for update in updates:
                self.fed += 1
                self._updates.append((self.fed, json.dumps({"update_id": self.fed, **update}).encode()))
        if self._loop:
            self._loop.call_soon_threadsafe(self._serve_polls)

    def feed_texts(self, count: int) -> int:
        """Queue `count` texts of 50 people; returns the number of answers that an echo bot gives."""
        self.feed([{"message": text_message(1 + each % 50, each, f"hallo {each}")} for each in range(count)])
        return count

    def wait(self, answers: int, patience: float) -> None:
        """Wait for that many answers since the last wait; AssertionError after `patience` seconds."""
        end = time.monotonic() + patience
        with self._changed:
            while self._answers < answers:
                left = end - time.monotonic()
                assert left > 0, f"{self._answers} of {answers} answers after {patience} s; calls: {self.calls}"
                self._changed.wait(left)
            self._answers -= answers

    def refuses(self, method: bytes, body: bytes) -> int:
        """The seconds after which a call may be tried again; 0: it is taken. This stub knows no limits."""
        return 0

    def answer(self, method: bytes, body: bytes, talk: "Talk") -> bytes | None:
        """The `result` of a call as JSON; None for a poll that has to wait."""
        name = method.decode()
        self.calls[name] = self.calls.get(name, 0) + 1
        if method == b"getUpdates":
            return self._poll(body, talk)
        if self._on_call:
            self._on_call(self, name, body)
        if method in COUNTED:
            with self._changed:
                self._answers += 1
                self._changed.notify_all()
        if method == b"getMe":
            return ME
        if method.startswith((b"send", b"edit")) and method != b"sendChatAction":
            chat, message = CHAT.search(body), MESSAGE.search(body)
            self._message += 1
            return SENT % (int(message[1]) if message else self._message, int(chat[1]) if chat else 1)
        return b"true"

    def _poll(self, body: bytes, talk: "Talk") -> bytes | None:
        offset = OFFSET.search(body)
        with self._changed:
            while offset and self._updates and self._updates[0][0] < int(offset[1]):
                self._updates.popleft()
            if self._updates:
                return b"[%s]" % b",".join(self._updates[each][1] for each in range(min(BATCH, len(self._updates))))
        self._polls.append(talk)
        return None

    def _serve_polls(self) -> None:
        waiting, self._polls = self._polls, []
        for talk in waiting:
            result = self._poll(b"", talk)
            if result is not None:
                talk.send(result)


class Talk(WholeMessages):
    """One connection of the bot."""

    def __init__(self, stub: Stub) -> None:
        super().__init__()
        self._stub = stub

    def took(self, head: bytes, body: bytes) -> None:
        """Answer a call of a method, or keep it waiting."""
        method = head.split(b" ", 2)[1].rpartition(b"/")[2].partition(b"?")[0]
        if wait := self._stub.refuses(method, body):
            self.write(b"429 Too Many Requests", b'{"ok":false,"error_code":429,"parameters":{"retry_after":%d}}' % wait)
        elif (result := self._stub.answer(method, body, self)) is not None:
            self.send(result)

    def send(self, result: bytes) -> None:
        self.write(b"200 OK", b'{"ok":true,"result":%s}' % result)

    def write(self, status: bytes, body: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self.transport.write(head % (status, len(body)) + body)


def text_message(person: int, number: int, text: str) -> dict[str, Any]:
    """A private text message as Telegram sends it; a command is marked as one."""
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text.startswith("/") else []
    who = {"id": person, "first_name": "Ann", "language_code": "nl"}
    return {
        "message_id": number,
        "from": {**who, "is_bot": False},
        "chat": {"id": person, "first_name": "Ann", "type": "private"},
        "date": 1790000000,
        "text": text,
        **({"entities": entities} if entities else {}),
    }


@contextmanager
def stub_thread(on_call: OnCall | None = None, stub: Stub | None = None) -> Iterator[Stub]:
    """A stub on a loop in a thread of its own; its `url` is the API's address."""
    stub, ready = stub or Stub(on_call), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await loop.create_server(lambda: Talk(stub), "127.0.0.1", 0)
        stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        stub._loop = loop
        ready.set()
        with suppress(asyncio.CancelledError):
            await server.serve_forever()

    task = loop.create_task(serve())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield stub
    finally:
        stub._loop = None
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()
