"""The state of a small Telegram with one bot in it: chats, messages, updates that wait, and when all is answered."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_markup import ApiError

BOT = {
    "id": 700,
    "is_bot": True,
    "first_name": "Uurwijzer",
    "username": "uurwijzer_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
VISIBLE = ("send", "edit", "delete", "copy", "forward")


@dataclass
class File:
    """A file that went over the wire."""

    file_id: str
    name: str
    content: bytes
    kind: str
    caption: str = ""


@dataclass
class Message:
    """One message as the chat shows it now."""

    chat: "Chat"
    message_id: int
    sender: dict[str, Any]
    date: int
    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    markup: dict[str, Any] | None = None
    content: dict[str, Any] = field(default_factory=dict)
    file: File | None = None
    edits: int = 0
    deleted: bool = False

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"])

    @property
    def buttons(self) -> list[list[dict[str, Any]]]:
        """The rows of inline buttons under it."""
        return (self.markup or {}).get("inline_keyboard", [])

    @property
    def labels(self) -> list[str]:
        """The words on its inline buttons, in reading order."""
        return [button["text"] for row in self.buttons for button in row]

    def screen(self) -> str:
        """Text and buttons as one string to compare with a kept one."""
        parts = [f"<{self.file.kind} {self.file.name}>"] if self.file else []
        parts += [self.text] if self.text else []
        rows = ["".join(f"[{button['text']}]" for button in row) for row in self.buttons]
        keys = [
            "".join(f"({key if isinstance(key, str) else key['text']})" for key in row)
            for row in (self.markup or {}).get("keyboard", [])
        ]
        return "\n".join(parts + ([""] if rows or keys else []) + rows + keys)

    def json(self) -> dict[str, Any]:
        """The message as the Bot API writes it."""
        words = {"caption": "caption_entities"} if self.file else {"text": "entities"}
        ((text_key, entities_key),) = words.items()
        inline = {"reply_markup": {"inline_keyboard": self.buttons}} if self.buttons else {}
        return {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat.json(),
            "date": self.date,
            **({text_key: self.text} if self.text else {}),
            **({entities_key: self.entities} if self.entities else {}),
            **({"edit_date": self.date + self.edits} if self.edits else {}),
            **self.content,
            **inline,
        }


@dataclass
class Chat:
    """A private chat with one person, or a group."""

    id: int
    kind: str
    names: dict[str, Any]
    messages: dict[int, Message] = field(default_factory=dict)
    open_to_bot: bool = False
    refusal: ApiError | None = None
    actions: list[str] = field(default_factory=list)
    menu_button: dict[str, Any] | None = None

    def json(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, **self.names}


@dataclass
class Waiting:
    """An update on its way to the bot."""

    update_id: int
    json: dict[str, Any]
    about: str
    deliveries: int = 0
    again: bool = False
    posting: bool = False


@dataclass
class Call:
    """One request of the bot, and how it was answered (0: not at all)."""

    method: str
    params: dict[str, Any]
    status: int = 0
    description: str = ""


class World:
    """Everything that both ends see. One lock guards it, so people may live in another thread than the server."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.changed = threading.Condition(threading.RLock())
        self.bot = dict(BOT)
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Any] = {}
        self.files: dict[str, File] = {}
        self.waiting: list[Waiting] = []
        self.allowed: set[str] | None = None
        self.queries: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.commands: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.dropped = 0
        self.logged_out = False
        self.privacy = True
        self.calls: list[Call] = []
        self.requests: Counter[str] = Counter()
        self.in_flight = 0
        self.activity = 0
        self.idle: Callable[[], bool] = lambda: True
        self._owed: list[tuple[int, str, str]] = []
        self._next = {"update": 1000, "message": 10, "query": 1, "file": 1}

    # What both ends use

    def number(self, what: str) -> int:
        self._next[what] += 1
        return self._next[what]

    def note(self) -> None:
        """Say that something happened (call it holding the lock)."""
        self.activity += 1
        self.changed.notify_all()

    def wake(self) -> None:
        """Overridden by the server: a poll or a webhook may have something to do."""

    def add(self, chat: Chat, sender: dict[str, Any], **fields: Any) -> Message:
        """A new message in the chat."""
        message = Message(chat, self.number("message"), sender, int(self.clock()), **fields)
        chat.messages[message.message_id] = message
        return message

    def keep(self, name: str, content: bytes, kind: str, caption: str = "") -> File:
        file = File(f"file-{self.number('file')}", name, content, kind, caption)
        self.files[file.file_id] = file
        return file

    def push(self, kind: str, body: dict[str, Any], about: str, *, owed: tuple[int, str] | None = None) -> int:
        """Queue an update for the bot; `owed` = (chat, query id or "") when a person waits for an answer to it."""
        with self.changed:
            update_id = self.number("update")
            if kind in (UNASKED if self.allowed is None else set()) or (self.allowed and kind not in self.allowed):
                return update_id
            self.waiting.append(Waiting(update_id, {"update_id": update_id, kind: body}, about))
            if owed:
                self._owed.append((*owed, about))
            self.note()
        self.wake()
        return update_id

    def redeliver(self, update: dict[str, Any]) -> None:
        """Send an update once more under its own id, as after a lost confirmation."""
        with self.changed:
            self.waiting.append(Waiting(update["update_id"], update, "an update again", again=True))
            self.note()
        self.wake()

    def answered(self, method: str, params: dict[str, Any]) -> None:
        """A call went well: cross off what it answers (call it holding the lock)."""
        if method.lower() == "answercallbackquery":
            self._owed = [owed for owed in self._owed if owed[1] != params.get("callback_query_id")]
        elif method.lower().startswith(VISIBLE) and method.lower() != "sendchataction":
            said = [owed for owed in self._owed if not owed[1] and str(owed[0]) == str(params.get("chat_id"))]
            if said:
                self._owed.remove(said[0])

    # What tests ask

    def of(self, method: str) -> list[Call]:
        """The calls of one method, oldest first."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def unanswered(self) -> list[str]:
        """Ids of the presses that still show a spinner."""
        return [query for query in self.queries if query not in self.answers]

    async def settle(self, timeout: float = 5.0, quiet: float = 0.03, answer: bool = True) -> None:
        """Wait until the bot has taken every update and answered it, and has then been quiet for `quiet` seconds.

        With `answer` False an update need not be answered. `idle` may be set to a test's own "nothing is owed".
        AssertionError with what is missing after `timeout` seconds.
        """
        await asyncio.to_thread(self.settled, timeout, quiet, answer)

    def settled(self, timeout: float = 5.0, quiet: float = 0.03, answer: bool = True) -> None:
        """`settle` for a test without a loop."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                missing, seen = self._missing(answer), self.activity
                left = end - time.monotonic()
                if not missing and not self.changed.wait_for(lambda seen=seen: self.activity != seen, quiet):
                    if not answer:
                        self._owed.clear()
                    return
                if missing and left <= 0:
                    raise AssertionError(f"After {timeout} s: {missing}. Last calls: {self._tail()}")
                if missing:
                    self.changed.wait(min(left, 0.2))

    def _missing(self, answer: bool) -> str:
        if self.waiting:
            return f"not confirmed: {[each.about for each in self.waiting]}"
        if self.in_flight:
            return "a call is under way"
        if answer and self._owed:
            return f"not answered: {[about for _chat, _query, about in self._owed]}"
        return "" if self.idle() else "the bot is not idle"

    def _tail(self) -> str:
        return (
            "; ".join(f"{call.method} {call.status} {call.description}".strip() for call in self.calls[-8:]) or "none"
        )
