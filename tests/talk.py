"""A client that talks like a person, with the same few deeds on every surface; here the terminal and Telegram.

Telegram is the real thing but for the platform: the library, over HTTP, against the stand-in of the Bot API on loopback.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from bot.answering import take_owed
from bot.book_files import read_books
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_transport import make_bot
from bot.terminal import Terminal, _named, show
from handlers import access
from handlers.screen import Screen
from handlers.world import World
from rules.book import Rulebook
from rules.periods import BRUSSELS
from rules.typed import fold
from storage import accounts, outbox
from storage.database import Database
from storage.instants import as_stored
from storage.outbox import Owed
from storage.tables import metadata, moments, people
from tests.telegram_people import Person
from tests.telegram_standin import Standin, standin_thread
from tests.telegram_world import BOT, Call, Message

T = TypeVar("T")
NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
BOOKS = read_books()
# Each surface with the person who uses it, "file:class" of tests/: a file and a line here are all that the journeys need of a new one.
CHATS = {"terminal": "talk:TerminalTalk", "telegram": "talk:TelegramTalk", "slack": "slack_talk:SlackTalk"}
SURFACES = {**CHATS, "web": "web_talk:WebTalk"}
OTHERWISE = {"modal": "modal_talk:ModalTalk", "mini app": "web_talk:MiniAppTalk"}  # Slack in windows, the pages as Telegram opens them
BUTTON = re.compile(r"\[[a-z]\] (.+?)(?=   \[[a-z]\] |$)", re.M)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **more: float) -> None:
        self.now = (self.now + timedelta(**more)).astimezone(BRUSSELS)


class Part:
    """What runs for a surface while an office is open, from the first talk that needs it."""

    def start(self) -> None:
        """Begin, on the office's database as it is now."""

    def stop(self) -> None:
        """End, as at a power cut."""

    def deliver_owed(self) -> None:
        """One round of what is owed to accounts."""

    def close(self) -> None:
        """End for good."""


P = TypeVar("P", bound=Part)


class Office:
    """One running Uurwijzer: a database with the sample people, a clock, and the surfaces that a test asks for."""

    def __init__(self, url: str, books: Mapping[str, Rulebook] = BOOKS, now: datetime = NOW) -> None:
        self.url, self.clock = url, Clock(now)
        self.world = World(books)
        self.database = Database(url, durable=False)
        self.talks: list[Talk] = []
        self.parts: list[Part] = []

    # Surfaces

    def talk(self, surface: str, key: str | None, **more: Any) -> "Talk":
        """The person with this key on a surface, linked; None: somebody unknown (not on the web)."""
        file, _, name = {**SURFACES, **OTHERWISE}[surface].partition(":")
        made: Talk = getattr(import_module(f"tests.{file}"), name).of(self, key, **more)
        self.talks.append(made)
        return made

    def terminal(self, key: str | None, user: str = "") -> "TerminalTalk":
        return self.talk("terminal", key, user=user)  # type: ignore[return-value]

    def telegram(self, key: str | None, name: str = "Lotte", language: str | None = "nl") -> "TelegramTalk":
        return self.talk("telegram", key, name=name, language=language)  # type: ignore[return-value]

    def part(self, kind: type[P], make: Callable[[], P]) -> P:
        """What runs for a surface, made at its first use."""
        found = next((each for each in self.parts if isinstance(each, kind)), None)
        if found is None:
            self.parts.append(found := make())
        return found

    @property
    def standin(self) -> Standin:
        """The stand-in of the Bot API, with the bot polling it from the first use on."""
        return self.part(TelegramPart, lambda: TelegramPart(self)).standin

    def restart(self) -> None:
        """End everything and begin anew on the same database, as after a power cut between two steps."""
        for part in self.parts:
            part.stop()
        self.database.close()
        self.database = Database(self.url, durable=False)
        for part in self.parts:
            part.start()
        for talk in self.talks:
            talk.renew()

    def deliver_owed(self) -> None:
        """One round of what is owed to accounts."""
        assert self.parts, "nothing runs that could deliver"
        for part in self.parts:
            part.deliver_owed()

    def close(self) -> None:
        for part in self.parts:
            part.close()
        self.database.close()

    # People

    def link(self, platform: str, workspace: str, user: str, chat: str, key: str) -> None:
        """Make an account somebody's without an invitation."""

        def step(tx: Connection) -> None:
            account = accounts.ensure_account(tx, accounts.read_session(tx, platform, workspace, user), platform, workspace, user, chat)
            accounts.change_account(tx, account, person=id_of(tx, key), linked_at=as_stored(self.clock()))

        self.run(step)

    def invite(self, key: str) -> str:
        """A new code for a person, as the operator hands it out."""
        return self.run(lambda tx: access.make_invite(tx, id_of(tx, key), self.clock()))

    # What is stored

    def run(self, step: Callable[[Connection], T]) -> T:
        return self.database.run(step)

    def everything(self) -> str:
        """Every cell of every table, as text."""

        def read(tx: Connection) -> str:
            rows = {name: [list(row) for row in tx.execute(select(table))] for name, table in metadata.tables.items()}
            return json.dumps(rows, default=str, ensure_ascii=False)

        return self.run(read)

    def booked(self, key: str) -> list[Any]:
        """The accepted moments that a person registered in chat, oldest first."""
        query = (
            select(moments)
            .join(people, people.c.id == moments.c.person)
            .where(people.c.key == key, moments.c.state == "accepted", moments.c.submission.startswith("draft:"))
            .order_by(moments.c.id)
        )
        return list(self.run(lambda tx: tx.execute(query).all()))


class Talk:
    """What a person can do: say something, press a button that she sees, read the screen."""

    office: Office

    @classmethod
    def of(cls, office: Office, key: str | None) -> "Talk":
        """The person with this key, linked; None: somebody unknown."""
        raise NotImplementedError

    def say(self, text: str) -> str:
        """Type a text; returns what comes back."""
        raise NotImplementedError

    def press(self, label: str) -> str:
        """Press the button that reads `label` or starts with it; returns what comes back."""
        raise NotImplementedError

    def screen(self) -> str:
        """All that the last deed brought: texts, buttons in brackets, the short answer to a press."""
        raise NotImplementedError

    @property
    def labels(self) -> list[str]:
        """The buttons in sight."""
        raise NotImplementedError

    def choose(self, meaning: str) -> str:
        """Press the button that means this, whatever it reads."""
        raise NotImplementedError

    def press_again(self) -> str:
        """Do the last press once more, as it was: a double press, or one in an old window."""
        raise NotImplementedError

    def hear(self) -> str:
        """What comes to her now without asking, the newest last; its buttons can be pressed. Empty when there is nothing."""
        raise NotImplementedError

    def resume(self) -> str:
        """Take up what is open; returns it."""
        return self.say("/start")

    def renew(self) -> None:
        """The surface was started anew."""

    def do(self, *deeds: str) -> str:
        """Several deeds: "[label]" presses, anything else is typed."""
        for deed in deeds:
            self.press(deed.strip("[]")) if deed.startswith("[") else self.say(deed)
        return self.screen()


class TerminalTalk(Talk):
    """A person at the terminal."""

    @classmethod
    def of(cls, office: Office, key: str | None, user: str = "") -> "TerminalTalk":
        user = user or f"shell:{key}"
        if key:
            office.link("terminal", "", user, user, key)
        return cls(office, user)

    def __init__(self, office: Office, user: str) -> None:
        self.office, self.user, self.shown = office, user, ""
        self.terminal = Terminal(office.database, office.world, office.clock, user)

    def renew(self) -> None:
        self.terminal = Terminal(self.office.database, self.office.world, self.office.clock, self.user)
        self.say("/start")  # as the chat does when it begins

    def say(self, text: str) -> str:
        self.shown = self.terminal.answer(text)
        return self.shown

    def press(self, label: str) -> str:
        wanted = fold(label)
        options = [(letter, folded) for letter, folded, _ in self.terminal.choices]
        found = [letter for letter, folded in options if folded == wanted] or [
            letter for letter, folded in options if folded.startswith(wanted)
        ]
        assert found, f"No choice {label!r} in:\n{self.shown}"
        return self.say(found[0])

    def choose(self, meaning: str) -> str:
        found = [letter for letter, _, choice in self.terminal.choices if choice.press.endswith(meaning)]
        assert found, f"No choice means {meaning!r} in:\n{self.shown}"
        return self.say(found[0])

    def hear(self) -> str:
        screens = [screen for owed, screen in self.office.run(self._take) if owed.chat == self.user]
        if screens:
            self.terminal.choices = _named(screens)
            self.shown = "\n\n".join(show(each) for each in screens)
        return self.shown if screens else ""

    def _take(self, tx: Connection) -> list[tuple[Owed, Screen]]:
        now = self.office.clock()
        taken = take_owed(tx, self.office.world, "terminal", "", now, timedelta(minutes=1), lambda screen, event: [{"screen": screen}])
        for owed, _ in taken:
            outbox.mark_sent(tx, owed.id, now)
        return [(owed, call["screen"]) for owed, [call] in taken]

    def screen(self) -> str:
        return self.shown

    @property
    def labels(self) -> list[str]:
        return BUTTON.findall(self.shown)


class TelegramTalk(Talk):
    """A person with Telegram on her phone."""

    @classmethod
    def of(cls, office: Office, key: str | None, name: str = "Lotte", language: str | None = "nl") -> "TelegramTalk":
        person = office.standin.person(name, language)
        number = str(person.user["id"])
        if key:
            office.link("telegram", str(BOT["id"]), number, number, key)
            person.chat.refusal = None
        return cls(office, person)

    def __init__(self, office: Office, person: Person) -> None:
        self.office, self.person = office, person
        self.shown = ""
        self.calls: list[Call] = []

    def say(self, text: str) -> str:
        return self.act(lambda: self.person.say(text))

    def press(self, label: str) -> str:
        return self.act(lambda: self.person.press(label))

    def choose(self, meaning: str) -> str:
        found = [
            (message.message_id, button["callback_data"])
            for message in reversed(self.person.replies)
            for row in message.buttons
            for button in row
            if button["callback_data"].endswith(meaning)
        ]
        assert found, f"No button means {meaning!r}"
        return self.act(lambda: self.person.press_data(*found[0]))

    def press_again(self) -> str:
        return self.act(self.person.repress)

    def hear(self) -> str:
        return self.act(self.office.deliver_owed, answered=False)

    def act(self, deed: Callable[[], object], *, answered: bool = True) -> str:
        """Anything that a person of the stand-in can do; returns what comes back, empty for silence."""
        made = len(self.office.standin.calls)
        before = {each.message_id: _look(each) for each in self.person.replies}
        alerts = len(self.person.alerts)
        deed()
        self.office.standin.settled(quiet=0.001, answer=answered)
        self.calls = [call for call in self.office.standin.calls[made:] if call.method != "getUpdates"]
        for call in self.calls:
            check_limits(call.params)
        fresh = [
            each for each in self.person.replies if before.get(each.message_id, ("", ""))[0] != each.text or each.message_id not in before
        ]
        changed = [each for each in self.person.replies if each not in fresh and before[each.message_id] != _look(each) and each.labels]
        notices = [f"* {alert['text']}" for alert in self.person.alerts[alerts:] if alert.get("text")]
        self.shown = "\n\n".join([*notices, *(each.screen() for each in (*fresh, *changed))])
        return self.shown

    def screen(self) -> str:
        return self.shown

    @property
    def labels(self) -> list[str]:
        return self.person.last.labels

    def data(self, label: str) -> str:
        """What the newest button with this label carries."""
        found = [
            button["callback_data"]
            for message in reversed(self.person.replies)
            for row in message.buttons
            for button in row
            if button["text"].startswith(label)
        ]
        assert found, f"No button {label!r}"
        return str(found[0])

    def forge(self, data: str) -> str:
        """A press that no button offered."""
        return self.act(lambda: self.person.press_data(self.person.last.message_id, data))


class TelegramPart(Part):
    """The stand-in of the Bot API, and the bot that polls it."""

    def __init__(self, office: Office) -> None:
        self.office, self.open = office, ExitStack()
        self.standin = self.open.enter_context(standin_thread())
        self.start()

    def start(self) -> None:
        self.bot = _Bot(self.standin, self.office)
        self.standin.idle = self.bot.idle

    def stop(self) -> None:
        self.bot.stop()

    def deliver_owed(self) -> None:
        self.bot.call(self.bot.telegram.deliver_owed())
        self.standin.settled(quiet=0.001)

    def close(self) -> None:
        self.stop()
        self.open.close()


class _Bot:
    """The Telegram surface on a loop in a thread of its own."""

    def __init__(self, standin: Standin, office: Office) -> None:
        self.standin, self.busy = standin, 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="bot", daemon=True)
        self.thread.start()
        self.telegram = self.call(self._begin(office))

    async def _begin(self, office: Office) -> Telegram:
        telegram = _Counted(make_bot(self.standin.token, self.standin.url), office.database, office.world, office.clock, pace=Pace(0))
        telegram.watch = self
        await telegram.begin()
        self.poll = asyncio.create_task(telegram.poll())
        return telegram

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def idle(self) -> bool:
        return self.busy == 0

    def count(self, more: int) -> None:
        self.busy += more
        with self.standin.changed:
            self.standin.note()

    def stop(self) -> None:
        self.call(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self) -> None:
        self.poll.cancel()
        await asyncio.gather(self.poll, return_exceptions=True)
        await self.telegram.end()


class _Counted(Telegram):
    """Tells when an update is wholly dealt with, so that nobody needs to wait by the clock."""

    watch: _Bot

    async def _handle(self, update: dict[str, Any], committed: "asyncio.Future[None]") -> None:
        self.watch.count(1)
        try:
            await super()._handle(update, committed)
        finally:
            self.watch.count(-1)


def id_of(tx: Connection, key: str) -> int:
    """The id of the person with this key."""
    return int(tx.execute(select(people.c.id).where(people.c.key == key)).scalar_one())


def check_limits(params: Mapping[str, Any]) -> None:
    """What the platform takes: text of 1 to 4096 units, buttons with words and 1 to 64 bytes, a notice of at most 200."""
    if "text" in params and "callback_query_id" not in params:
        assert 0 < len(params["text"].encode("utf-16-le")) // 2 <= 4096, params
    assert "callback_query_id" not in params or len(params.get("text") or "") <= 200, params
    for row in (read_markup(params) or {}).get("inline_keyboard", []):
        for button in row:
            assert button["text"].strip(), params
            assert 0 < len(button["callback_data"].encode()) <= 64, params


def read_markup(params: Mapping[str, Any]) -> Any:
    """The keyboard of a call."""
    markup = params.get("reply_markup")
    return json.loads(markup) if isinstance(markup, str) else markup


def _look(message: Message) -> tuple[str, str]:
    return message.text, json.dumps(message.markup)


__all__ = ["BOOKS", "NOW", "Clock", "Office", "Talk", "TelegramTalk", "TerminalTalk", "check_limits", "id_of", "read_markup"]
