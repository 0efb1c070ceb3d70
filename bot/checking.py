"""`check`: looks at settings, content files, translations, database, tokens and clock; each finding names its cure."""

import gettext
import platform
import shutil
import sqlite3
import struct
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bot.book_files import read_books
from bot.settings import PREFIX, Settings, advice, is_loopback, serve_problems, shown_address
from rules.book import Rulebook
from rules.book_reading import BookError
from rules.typed import fold
from rules.words import LANGUAGES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database

OK, NOTE, FAULT = "ok", "note", "FAULT"
SETTINGS, CONTENT, DATABASE, PLATFORM = 3, 4, 5, 8  # exit codes by class
LEAST_FREE, FULL = 200_000_000, 1_000_000  # bytes
ENV = Path(".env")  # in the working folder, as the settings are
SOON_DAYS = (14, 60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its level, its class (an exit code), and a sentence."""

    level: str
    kind: int
    text: str

    def __str__(self) -> str:
        return f"{self.level:5} {self.text}"


def fault(kind: int, text: str) -> Finding:
    """Something that must be mended."""
    return Finding(FAULT, kind, text)


def exit_code(findings: list[Finding]) -> int:
    """0 when nothing is at fault, else the class of the first fault."""
    return next((finding.kind for finding in findings if finding.level == FAULT), 0)


def check_content(rulebooks: Path | None, today: date) -> list[Finding]:
    """Rulebooks and translations; needs no settings of a database."""
    return [*_books(rulebooks, today), *_translations()]


def check_all(settings: Settings, now: datetime, *, deep: bool = False) -> list[Finding]:
    """Everything: settings, content, database, tokens, clock; `deep`: the auditor looks now, else what it found last."""
    return [
        *_settings(settings, now), *check_content(settings.rulebooks, now.date()), *_database(settings, now, deep),
        *_telegram(settings), *_slack(settings), _pages(settings),
    ]  # fmt: skip


def _settings(settings: Settings, now: datetime) -> list[Finding]:
    found = [Finding(FAULT, SETTINGS, text) for text in serve_problems(settings)]
    found += [Finding(NOTE, SETTINGS, text) for text in advice(settings)]
    if ENV.is_file() and ENV.stat().st_mode & 0o007:
        found.append(Finding(NOTE, SETTINGS, ".env can be read by others: chmod 600 .env"))
    clock = f"the clock shows {now:%Y-%m-%d %H:%M} ({settings.timezone.key})"
    moved = ", moved by UURWIJZER_NOW" if settings.now else ""
    return [*found, Finding(OK, SETTINGS, f"settings: read; {clock}{moved}"), Finding(OK, SETTINGS, f"Python {platform.python_version()}")]


def _books(folder: Path | None, today: date) -> list[Finding]:
    try:
        books = read_books(folder)
    except BookError as error:
        return [Finding(FAULT, CONTENT, f"rulebook {fault}") for fault in error.faults]
    found = []
    for name, book in books.items():
        found.append(Finding(OK, CONTENT, f"rulebook {name}: read, {len(book.rules)} rules, {len(book.forms)} forms"))
        found += [*_ends(name, book, today), *_too_late(name, book), *_called_alike(name, book)]
    return found


def _too_late(name: str, book: Rulebook) -> list[Finding]:
    """Values that begin after the last day of the convention: nobody can register on a day on which they hold."""
    last = book.last_day()
    late = [(key, each.since) for key, history in book.values.items() for each in history if last is not None and each.since > last]
    cure = "give convention.valid_to a later value in settings.toml"
    said = [f"rulebook {name}: {key} begins {day}, after the convention ends on {last}: {cure}" for key, day in late]
    return [Finding(NOTE, CONTENT, text) for text in said]


def _called_alike(name: str, book: Rulebook) -> list[Finding]:
    """Werkvormen that share a word that people type: a line that says it can mean only one of them."""
    called: dict[str, list[str]] = {}
    for each in book.werkvormen.values():
        for word in {fold(word) for word in (*each.typed, *each.words.values())}:
            called.setdefault(word, []).append(each.id)
    alike = sorted((ids, word) for word, ids in called.items() if len(ids) > 1)
    cure = "give each words of its own in werkvormen.toml"
    said = [f'rulebook {name}: {" and ".join(ids)} are both called "{word}": {cure}' for ids, word in alike]
    return [Finding(NOTE, CONTENT, text) for text in said]


def _ends(name: str, book: Rulebook, today: date) -> list[Finding]:
    """What of a rulebook ends within 14 or 60 days, or has ended."""
    found = []
    last = book.last_day()
    if last is not None:
        left = (last - today).days
        if left < 0:
            text = f"the convention ended on {last}: load its successor, nothing can be registered after that day"
            found.append(Finding(NOTE, CONTENT, f"rulebook {name}: {text}"))
        elif (within := next((days for days in SOON_DAYS if left <= days), None)) is not None:
            text = f"the convention ends on {last}, within {within} days: load its successor"
            found.append(Finding(NOTE, CONTENT, f"rulebook {name}: {text}"))
    for key, history in book.values.items():
        ends = [dated.since for dated in history if dated.value is None and dated is history[-1]]
        for day in ends:
            if (day - today).days <= SOON_DAYS[-1]:
                text = f"{key} has no value from {day} on: give it one in settings.toml"
                found.append(Finding(NOTE, CONTENT, f"rulebook {name}: {text}"))
    return found


def _translations() -> list[Finding]:
    """Whether each catalogue has words for every text of the templates (Dutch is what they are written in)."""
    found, wanted = [], _texts_of_templates()
    for code in LANGUAGES[1:]:
        file = files("templates") / "locale" / code / "LC_MESSAGES" / "messages.mo"
        try:
            with file.open("rb") as stream:
                keys = getattr(gettext.GNUTranslations(stream), "_catalog", {})  # (text, 0) for one with a plural
        except (OSError, UnicodeDecodeError, ValueError, struct.error) as error:
            cure = "build the translations again, or install the package anew"
            found.append(fault(CONTENT, f"translation {code}: cannot be read ({type(error).__name__}): {cure}"))
            continue
        known = {key if isinstance(key, str) else key[0] for key in keys}
        found.append(Finding(OK, CONTENT, f"translation {code}: {len(keys)} texts"))
        if lacking := sorted(wanted - known):
            count = f"{len(lacking)} texts of templates/messages" if len(lacking) > 1 else "a text of templates/messages"
            found.append(fault(CONTENT, f"translation {code}: lacks {count}, such as {lacking[0]!r}: translate and compile"))
    return found


def _texts_of_templates() -> set[str]:
    """What stands in {% trans %} in the templates."""
    folder = files("templates") / "messages"
    return {text for file in folder.iterdir() if file.name.endswith(".j2") for text in _texts_of(file.read_text(encoding="utf-8"))}


@cache
def _texts_of(source: str) -> frozenset[str]:
    """What stands in {% trans %} in a template; of two forms the singular."""
    from bot.wording import environment

    said = [text for _, _, text in environment("nl").extract_translations(source)]  # type: ignore[attr-defined]
    return frozenset(text if isinstance(text, str) else text[0] for text in said)


def _database(settings: Settings, now: datetime, deep: bool) -> list[Finding]:
    from bot.opening import DatabaseError, open_database

    shown = shown_address(settings.database_url)
    try:
        database = open_database(settings)
    except DatabaseError as error:
        return [Finding(FAULT, DATABASE, f"database {shown}: {error}")]
    try:
        found = [Finding(OK, DATABASE, f"database {shown}: current")]
        if database.is_sqlite:
            damage = database.run(lambda tx: tx.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            if damage != "ok":
                cure = "stop `serve` and put the last good backup back with `uurwijzer restore`"
                return [Finding(FAULT, DATABASE, f"database {shown}: is damaged: {cure}")]
            mode = database.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar())
            found.append(Finding(OK, DATABASE, f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"))
            free = shutil.disk_usage(Path(str(database.engine.url.database)).parent).free
            level = OK if free >= LEAST_FREE else NOTE if free >= FULL else FAULT
            found.append(Finding(level, DATABASE, f"free disk: {free // 1_000_000} MB" + ("" if level == OK else ": make room")))
        else:
            version = database.run(lambda tx: tx.exec_driver_sql("SHOW server_version").scalar())
            found.append(Finding(OK, DATABASE, f"PostgreSQL {version}"))
        if told := _unwritable(database, now):
            return [*found, Finding(FAULT, DATABASE, f"database {shown}: {told}")]
        return [*found, *_audit(database, settings, now, deep)]
    finally:
        database.close()


def _unwritable(database: "Database", now: datetime) -> str | None:
    """Why nothing can be written, a sentence: a test write says so, which is undone."""
    from bot.file_errors import database_sentence
    from storage.leases import take_lease

    class Undone(Exception):
        """Takes the test write back."""

    def write(tx: "Connection") -> None:
        take_lease(tx, "check", "check", now, timedelta(0))
        raise Undone

    try:
        database.run(write)
    except Undone:
        return None
    except Exception as error:
        if told := database_sentence(error):
            return told.removesuffix(" Nothing was written.")
        raise
    raise AssertionError  # the write is always undone


def _audit(database: "Database", settings: Settings, now: datetime, deep: bool) -> list[Finding]:
    """What the auditor finds, or found last."""
    from bot.auditor import audit_now, sentences
    from storage.auditing import last_audit

    result = audit_now(database, settings, now) if deep else database.run(last_audit)
    if result is None:
        return [Finding(OK, DATABASE, "auditor: has not looked yet; it does each night, and with `check --deep`")]
    told = [Finding(FAULT if grave else NOTE, DATABASE, text) for grave, text in sentences(result)]
    state = "all is whole" if result.healthy else "not all is whole"
    return [Finding(OK, DATABASE, f"auditor: looked at {result.at:%Y-%m-%d %H:%M} UTC, {state}"), *told]


def _telegram(settings: Settings) -> list[Finding]:
    if settings.telegram_token is None:
        return [Finding(OK, PLATFORM, "Telegram: no token, that surface is off")]
    from bot.telegram_name import ask_name

    shown = settings.telegram_token.masked
    name, problem = ask_name(settings)
    if name is None:
        return [Finding(FAULT, PLATFORM, f"Telegram: token {shown}: {problem}")]
    return [Finding(OK, PLATFORM, f"Telegram: token {shown} is of @{name}")]


def _slack(settings: Settings) -> list[Finding]:
    if not settings.slack_bot_tokens:
        return [Finding(OK, PLATFORM, "Slack: no token, that surface is off")]
    from bot.slack_serving import look_at

    return [Finding(OK if fine else FAULT, PLATFORM, f"Slack: {said}") for fine, said in look_at(settings)]


def _pages(settings: Settings) -> Finding:
    """Whether there are pages, and else what they want."""
    wanted = {"PUBLIC_URL": settings.public_url, "PORT": settings.port, "SECRET": settings.secret}
    lacking = " and ".join(f"{PREFIX}{name}" for name, value in wanted.items() if value is None)
    if settings.public_url is None:
        return Finding(OK, PLATFORM, f"Pages: off, for there is no address of them: they want {lacking}")
    if lacking:
        return Finding(NOTE, PLATFORM, f"Pages: off, although {PREFIX}PUBLIC_URL is set: set {lacking} too")
    if settings.public_url.startswith("http:") and not is_loopback(settings.public_url):
        return Finding(NOTE, PLATFORM, f"Pages: nobody can sign in over http: let {PREFIX}PUBLIC_URL start with https")
    return Finding(OK, PLATFORM, f"Pages: at {settings.public_url}; /pagina gives who is linked her link")
