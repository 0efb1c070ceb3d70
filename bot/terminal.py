"""The terminal surface: the same conversations typed in a shell; the smallest surface, and the one to read first."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TextIO

from sqlalchemy import Connection

from bot.answering import answer
from bot.settings import Settings
from bot.wording import paragraphs
from bot.wording import say as words
from handlers.screen import Choice, Event, Screen, Text, Who, say
from handlers.world import World
from rules.typed import fold
from storage import accounts
from storage.database import BusyError, Database
from storage.instants import as_stored

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WIDTH = 78
YES_NO = ("ja", "nee", "oui", "non", "yes", "no")


def show(screen: Screen, letters: Iterator[str] | None = None) -> str:
    """A screen as plain text; its choices carry a letter that can be typed, as can their words. `letters`: those still free."""
    language = screen.language
    letters = letters or _letters()
    lines: list[str] = []
    if screen.notice is not None and screen.notice != screen.title:
        lines += [f"* {words(screen.notice, language)}", ""]
    if screen.title is not None:
        title = words(screen.title, language)
        lines += [title, "-" * min(WIDTH, max(map(len, title.splitlines() or [""])))]
    lines += paragraphs(screen.body, language)
    if screen.verdict:
        lines += ["", *(words(text, language) for text in screen.verdict)]
    lines += [f"! {words(text, language)}" for text in screen.problems]
    for file in screen.files:
        lines.append(f"[{file.name}, {len(file.content)} bytes] {words(file.caption, language)}")
    lines += [f"[{book.name}] {words(book.caption, language)}" for book in screen.workbooks]
    lines += [f"[picture] {words(picture.alternative, language)}" for picture in screen.pictures]
    if screen.asks is not None:
        lines += ["", words(screen.asks, language)]
    for row in screen.choices:
        lines.append("  " + "   ".join(f"[{next(letters)}] {words(choice.label, language)}" for choice in row))
    return "\n".join(lines)


def _letters() -> Iterator[str]:
    yield from LETTERS
    for first in LETTERS:
        for second in LETTERS:
            yield first + second


class Terminal:
    """One person at a terminal: what she types goes in as events, screens come out as text."""

    def __init__(self, database: Database, world: World, clock: Callable[[], datetime], user: str) -> None:
        self.database, self.world, self.clock, self.user = database, world, clock, user
        self.choices: list[tuple[str, str, Choice]] = []
        self.numbers = count(1)
        self.start = f"{clock().timestamp():.6f}"

    def answer(self, line: str) -> str:
        """The text that answers a typed line."""
        screen = self._handle(self._event(line))
        shown = [each for each in (screen, *screen.also) if not each.silent]
        self.choices = _named(shown)
        letters = _letters()
        return "\n\n".join(show(each, letters) for each in shown)

    def _handle(self, event: Event) -> Screen:
        def step(tx: Connection) -> Screen:
            return answer(tx, self.world, event)

        try:
            return self.database.run(step)
        except BusyError:
            return Screen(say("problems.busy"), fresh=True)

    def _event(self, line: str) -> Event:
        text = line.strip()
        event = Event(
            f"terminal:{self.user}:{self.start}:{next(self.numbers)}",
            Who("terminal", "", self.user),
            "text",
            self.clock(),
            text=text,
            chat=self.user,
        )
        if text.startswith("/"):
            name, _, rest = text[1:].partition(" ")
            return replace(event, kind="command", action=name.lower(), text=rest.strip())
        folded = fold(text)
        for letter, label, choice in self.choices:
            if folded in (letter, label):
                return replace(event, kind="press", action=choice.press, text="")
        begun = [choice for _, label, choice in self.choices if folded in YES_NO and label.startswith(folded + ",")]
        return replace(event, kind="press", action=begun[0].press, text="") if len(begun) == 1 else event


def _named(screens: list[Screen]) -> list[tuple[str, str, Choice]]:
    """The choices of what is shown, with the letter and the words that mean each."""
    flat = [(fold(words(choice.label, screen.language)), choice) for screen in screens for row in screen.choices for choice in row]
    return [(letter, label, choice) for letter, (label, choice) in zip(_letters(), flat, strict=False)]


def link_terminal(tx: Connection, person: int, user: str, now: datetime) -> None:
    """Let a terminal user be a person: whoever sits at the operator's shell needs no invitation."""
    session = accounts.read_session(tx, "terminal", "", user)
    account = accounts.ensure_account(tx, session, "terminal", "", user, user)
    accounts.change_account(tx, account, person=person, linked_at=as_stored(now), language=None)


def converse(terminal: Terminal, source: TextIO, out: TextIO, opening: str) -> int:
    """Read lines until the end of input or /stop; a prompt only where a person types."""
    typed = source.isatty()
    read = _prompt() if typed else iter(source.readline, "")
    print(opening, file=out)
    print(terminal.answer("/start"), file=out, flush=True)
    for line in read:
        if line.strip().lower() in ("/stop", "/quit", "/exit"):
            break
        if not line.strip():
            continue
        if not typed:
            print(f"\n> {line.strip()}", file=out)
        print("\n" + terminal.answer(line), file=out, flush=True)
    return 0


def _prompt() -> Iterator[str]:
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession()
    while True:
        try:
            yield session.prompt("\n> ")
        except (EOFError, KeyboardInterrupt):
            return


def opening(name: str, clock: Callable[[], datetime], settings: Settings, language: str, demo: bool) -> str:
    """The lines above the conversation: who one is, and when the clock was moved what it shows."""
    lines = [words(Text("terminal.demo" if demo else "terminal.chat", {"name": name}), language)]
    if demo or settings.now is not None:
        lines.append(words(Text("terminal.clock", {"now": clock()}), language))
    lines.append(words(Text("terminal.how"), language))
    return "\n".join(lines) + "\n"


def run_chat(settings: Settings, person: str | None, source: TextIO = sys.stdin, out: TextIO = sys.stdout) -> int:
    """The terminal chat on the configured database, as a person named by key (default: the only provider there is)."""
    from bot.assembly import make_database, make_world, operator_clock
    from bot.people import find_person

    database, world, clock = make_database(settings), make_world(settings), operator_clock(settings)
    try:
        row = database.run(lambda tx: find_person(tx, person))
        database.run(lambda tx: link_terminal(tx, row.id, f"shell:{row.key}", clock()))
        terminal = Terminal(database, world, clock, f"shell:{row.key}")
        return converse(terminal, source, out, opening(f"{row.first_name} {row.name}", clock, settings, row.language, False))
    finally:
        database.close()


def run_demo(settings: Settings, person: str | None, source: TextIO = sys.stdin, out: TextIO = sys.stdout) -> int:
    """The terminal chat on the fictional sample data, in a database of its own that is fresh at every start."""
    import tempfile
    from pathlib import Path

    from bot.assembly import make_world, operator_clock
    from bot.people import find_person
    from bot.sample_data import add_sample_request, load_sample

    settings = replace(settings, now=settings.now or datetime(2026, 6, 15, 9))
    clock, world = operator_clock(settings), make_world(settings)
    with tempfile.TemporaryDirectory(prefix="uurwijzer-demo-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'demo.sqlite'}", create=True, durable=False)
        try:
            load_sample(database, world.books, clock())
            database.run(lambda tx: add_sample_request(tx, clock()))
            row = database.run(lambda tx: find_person(tx, person or "K1"))
            database.run(lambda tx: link_terminal(tx, row.id, f"demo:{row.key}", clock()))
            terminal = Terminal(database, world, clock, f"demo:{row.key}")
            return converse(terminal, source, out, opening(f"{row.first_name} {row.name}", clock, settings, row.language, True))
        finally:
            database.close()
