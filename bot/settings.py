"""The settings: variables that start with UURWIJZER_, of the environment or a .env file, checked when they are read."""

import difflib
import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from rules.words import LANGUAGES
from storage.terms import DEFAULTS, Terms, read_terms

if TYPE_CHECKING:
    from dotenv.parser import Original

PREFIX = "UURWIJZER_"
NAMES = (
    "DATABASE_URL", "TELEGRAM_TOKEN", "TELEGRAM_API", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_PACE",
    "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API", "HOST", "PORT", "PUBLIC_URL",
    "SECRET", "METRICS_TOKEN", "TIMEZONE", "LANGUAGE", "RULEBOOKS", "RETENTION", "NOW",
)  # fmt: skip
TELEGRAM_API = "https://api.telegram.org"
A_SECOND = 30.0  # messages that Telegram takes
SLACK_API = "https://slack.com/api"
DATABASE_FILE = "uurwijzer.db"
SHORT_SECRET = 32  # characters: below it, the key that signs links gets advice

# A password in the address of a database, also with a / or @ in it: what stands before it, and itself.
PASSWORDS = re.compile(r"(://[^:/@]*:|[?&]password=)((?<==)[^&]+|(?<=:).+(?=@))")

Parsed = TypeVar("Parsed")
Default = TypeVar("Default")


class Secret:
    """A text that is never shown by accident: only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the call that needs it."""
        return self._text

    @property
    def masked(self) -> str:
        """So much of it that one can tell it from another."""
        return f"{self._text[:4]}…{self._text[-2:]}" if len(self._text) > 12 else "…"

    def __repr__(self) -> str:
        return 'Secret("…")'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True)
class Settings:
    """Everything that may be set; None or empty means that it is not."""

    database_url: Secret  # for SQLAlchemy; may hold a password, show it with `shown_address`
    telegram_token: Secret | None
    telegram_api: str  # no slash at the end, as the other addresses
    telegram_webhook_url: str | None
    telegram_webhook_secret: Secret | None
    telegram_pace: float  # messages a second; 0: no limit
    slack_bot_tokens: tuple[Secret, ...]  # one per workspace; the next two are empty or in the same order
    slack_signing_secrets: tuple[Secret, ...]
    slack_app_tokens: tuple[Secret, ...]
    slack_api: str
    host: str
    port: int | None
    public_url: str | None
    secret: Secret | None
    metrics_token: Secret | None
    timezone: ZoneInfo
    language: str
    rulebooks: Path | None
    retention: Terms
    now: datetime | None  # local, without a zone: what the clock shows when the process starts


class SettingsError(ValueError):
    """Settings that cannot be used; `problems` has a sentence for each: the variable, what is wrong, the cure."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_settings(environ: Mapping[str, str], folder: Path, languages: Collection[str] = LANGUAGES) -> Settings:
    """Read the settings from the environment and `folder`/.env; the environment goes first.

    An empty value is the same as none. Relative paths start in `folder`, the working directory. Raises
    SettingsError with every problem at once; no problem repeats a secret.
    """
    problems: list[str] = []
    file = _read_file(folder / ".env", problems)
    given = {name: value for name, value in {**file, **environ}.items() if name.upper().startswith(PREFIX)}
    problems += [_unknown(name) for name in sorted(given.keys() - {PREFIX + known for known in NAMES})]

    def read(name: str, parse: Callable[[str], Parsed], default: Default) -> Parsed | Default:
        text = given.get(PREFIX + name, "").strip()
        try:
            return parse(text) if text else default
        except ValueError as error:
            problems.append(f"{PREFIX}{name} {error}.")
            return default

    settings = Settings(
        database_url=read("DATABASE_URL", lambda text: _database(text, folder), _sqlite(folder / DATABASE_FILE)),
        telegram_token=read("TELEGRAM_TOKEN", _telegram_token, None),
        telegram_api=read("TELEGRAM_API", _address, TELEGRAM_API),
        telegram_webhook_url=read("TELEGRAM_WEBHOOK_URL", _address, None),
        telegram_webhook_secret=read("TELEGRAM_WEBHOOK_SECRET", _webhook_secret, None),
        telegram_pace=read("TELEGRAM_PACE", _pace, A_SECOND),
        slack_bot_tokens=read("SLACK_BOT_TOKEN", lambda text: _slack(text, "xapp-", "SLACK_APP_TOKEN"), ()),
        slack_signing_secrets=read("SLACK_SIGNING_SECRET", lambda text: _slack(text, "xoxb-", "SLACK_BOT_TOKEN"), ()),
        slack_app_tokens=read("SLACK_APP_TOKEN", lambda text: _slack(text, "xoxb-", "SLACK_BOT_TOKEN"), ()),
        slack_api=read("SLACK_API", _address, SLACK_API),
        host=read("HOST", _host, "127.0.0.1"),
        port=read("PORT", _port, None),
        public_url=read("PUBLIC_URL", _address, None),
        secret=read("SECRET", Secret, None),
        metrics_token=read("METRICS_TOKEN", Secret, None),
        timezone=read("TIMEZONE", _timezone, ZoneInfo("Europe/Brussels")),
        language=read("LANGUAGE", lambda text: _language(text, languages), "nl"),
        rulebooks=read("RULEBOOKS", lambda text: _existing_folder(folder / text), None),
        retention=read("RETENTION", read_terms, DEFAULTS),
        now=read("NOW", _local_time, None),
    )
    problems = problems or _that_disagree(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def serve_problems(settings: Settings) -> list[str]:
    """Return why `serve` must not start with these settings, a sentence each; empty when it may."""
    problems = []
    surfaces = [
        ("TELEGRAM", settings.telegram_token, settings.telegram_api),
        ("SLACK", settings.slack_bot_tokens, settings.slack_api),
    ]
    for name, token, address in surfaces:
        if settings.now and token and not is_loopback(address):
            problems.append(
                f"{PREFIX}NOW moves the clock and a {name.capitalize()} token is set: real people would get wrong "
                f"dates. Remove {PREFIX}NOW, or let {PREFIX}{name}_API point to this machine."
            )
    if settings.telegram_webhook_url and settings.port is None:
        problems.append(f"{PREFIX}TELEGRAM_WEBHOOK_URL is set but no port is open to receive on: set {PREFIX}PORT.")
    if settings.slack_bot_tokens and not settings.slack_app_tokens and not settings.slack_signing_secrets:
        problems.append(
            f"{PREFIX}SLACK_BOT_TOKEN is set but nothing can come in: set {PREFIX}SLACK_APP_TOKEN (Socket Mode), or "
            f"{PREFIX}SLACK_SIGNING_SECRET and {PREFIX}PORT."
        )
    if settings.slack_signing_secrets and not settings.slack_app_tokens and settings.port is None:
        problems.append(
            f"{PREFIX}SLACK_SIGNING_SECRET is set but no port is open to receive on: set {PREFIX}PORT, or "
            f"{PREFIX}SLACK_APP_TOKEN for Socket Mode."
        )
    return problems


def advice(settings: Settings) -> list[str]:
    """Return what `check` should say about settings that work but may not be meant so, a sentence each."""
    remarks = []
    if settings.now:
        remarks.append(f"{PREFIX}NOW is set: the clock starts at {settings.now.isoformat(sep=' ')}, not today.")
    if settings.secret and len(settings.secret.reveal()) < SHORT_SECRET:
        remarks.append(f"{PREFIX}SECRET has under {SHORT_SECRET} characters and could be guessed: use a random one.")
    for name, address in (("TELEGRAM_API", settings.telegram_api), ("PUBLIC_URL", settings.public_url)):
        if address and address.startswith("http:") and not is_loopback(address):
            remarks.append(f"{PREFIX}{name} starts with http: what is sent there can be read on the way; use https.")
    return remarks


def secret_texts(settings: Settings) -> tuple[str, ...]:
    """Return every secret as text, for the log to leave out; of the database's address its password."""
    found = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        secrets = value if isinstance(value, tuple) else (value,)
        if field.name != "database_url":
            found += [secret.reveal() for secret in secrets if isinstance(secret, Secret)]
    for _, password in PASSWORDS.findall(settings.database_url.reveal()):
        found += [password, unquote(password)]
    return tuple(found)


def shown_address(database_url: Secret) -> str:
    """Return the database's address without its password."""
    return PASSWORDS.sub(r"\1…", database_url.reveal())


def is_loopback(address: str) -> bool:
    """Tell whether an address (https://host:port/...) is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _read_file(path: Path, problems: list[str]) -> dict[str, str]:
    if not path.exists():
        return {}
    from dotenv.parser import parse_stream

    found = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for line in parse_stream(stream):
                if line.error or (line.key is not None and line.value is None):
                    problems.append(f".env, line {line.original.line}, is no setting: write NAME=value there.")
                elif line.key is not None and line.value is not None:
                    found[line.key] = line.value
                    problems += _mistaken(line.key, line.value, line.original)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f".env cannot be read ({type(error).__name__}): make it a UTF-8 text file that you may read.")
    return found


def _mistaken(key: str, value: str, original: "Original") -> list[str]:
    """What is surely a mistake in a line of .env, which others may share: one of our names without (or nearly with) the prefix."""
    start = len(original.string) - len(original.string.lstrip())  # it may begin with empty lines
    where = f".env, line {original.line + original.string[:start].count(chr(10))}"
    name = key.upper()
    if name.startswith(PREFIX):
        comment = original.string.partition("=")[2].lstrip(" \t").startswith("#") and value == ""
        return [f"{where}: what stands behind {key}= is a comment: write the value before the #, or in quotes."] if comment else []
    full = [PREFIX + name] if name in NAMES else difflib.get_close_matches(name, [PREFIX + known for known in NAMES], n=1, cutoff=0.85)
    return [f"{where}: {key} is not a setting: did you mean {full[0]}?"] if full else []


def _unknown(name: str) -> str:
    nearest = difflib.get_close_matches(name.upper().removeprefix(PREFIX), NAMES, n=1)
    cure = f"did you mean {PREFIX}{nearest[0]}?" if nearest else "remove it; the operator guide lists all settings."
    return f"{name} is not a setting: {cure}"


def _that_disagree(settings: Settings) -> list[str]:
    problems = []
    if (settings.telegram_webhook_url is None) != (settings.telegram_webhook_secret is None):
        problems.append(
            f"{PREFIX}TELEGRAM_WEBHOOK_URL and {PREFIX}TELEGRAM_WEBHOOK_SECRET belong together and one is missing: set "
            "both, or neither for long polling."
        )
    if (settings.telegram_webhook_url or "").startswith("http:") and settings.telegram_api == TELEGRAM_API:
        problems.append(f"{PREFIX}TELEGRAM_WEBHOOK_URL starts with http and Telegram calls https only: use https.")
    workspaces = len(settings.slack_bot_tokens)
    others = [("SLACK_SIGNING_SECRET", settings.slack_signing_secrets), ("SLACK_APP_TOKEN", settings.slack_app_tokens)]
    for name, secrets in others:
        if secrets and len(secrets) != workspaces:
            problems.append(
                f"{PREFIX}{name} holds {len(secrets)} and {PREFIX}SLACK_BOT_TOKEN {workspaces}: give one per "
                "workspace in both, joined by commas in the same order."
            )
    if len({each.reveal() for each in settings.slack_app_tokens}) < len(settings.slack_app_tokens):
        problems.append(
            f"{PREFIX}SLACK_APP_TOKEN holds the same token twice, and Slack would send what is of one workspace to the other: "
            "make an app in each workspace, with a token of its own."
        )
    return problems


def _sqlite(path: Path) -> Secret:
    return Secret(f"sqlite:///{path}")


def _database(text: str, folder: Path) -> Secret:
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return Secret(text) if rest.startswith(("/:memory:", "/file:")) else _sqlite(folder / rest[1:])
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return Secret(f"postgresql+psycopg://{rest}")
    raise ValueError("is no address of a database we know: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def _telegram_token(text: str) -> Secret:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", text):
        raise ValueError("is no bot token (digits, a colon, letters and digits): copy it again from @BotFather")
    return Secret(text)


def _webhook_secret(text: str) -> Secret:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("may hold 1 to 256 letters A-Z and a-z, digits, _ and - only: choose another")
    return Secret(text)


def _slack(text: str, misplaced: str, name: str) -> tuple[Secret, ...]:
    items = [item.strip() for item in text.split(",")]
    if not all(items):
        raise ValueError("has an empty place between its commas: give one value per workspace")
    if any(item.startswith(misplaced) for item in items):
        raise ValueError(f"holds a value that starts with {misplaced}: that one belongs in {PREFIX}{name}")
    return tuple(Secret(item) for item in items)


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s?#]*)?", text):
        raise ValueError("is no web address: write https://HOST, with a port and a path when they are needed")
    return text.rstrip("/")


def _host(text: str) -> str:
    if re.search(r"[\s/]", text):
        raise ValueError(f"must be an address of this machine, it is {text!r}: write 127.0.0.1, or 0.0.0.0 for all")
    return text


def _pace(text: str) -> float:
    try:
        pace = float(text.replace(",", "."))
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 1000:
        raise ValueError("is no number of messages a second: give one from 1 to 1000, or 0 for no limit")
    return pace


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise ValueError(f"must be a whole number up to 65535, it is {text!r}: write for example 8080")
    return int(text)


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        nearest = difflib.get_close_matches(text, sorted(available_timezones()), n=1, cutoff=0.8) or ["Europe/Brussels"]
        raise ValueError(f"is no time zone, it is {text!r}: write for example {nearest[0]}") from None


def _language(text: str, languages: Collection[str]) -> str:
    if text not in languages:
        raise ValueError(f"must be one of {', '.join(languages)}, it is {text!r}: choose one of them")
    return text


def _existing_folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"must be a folder, {str(path)!r} is none: make it, or correct the path")
    return path


def _local_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise ValueError(f"must be a local date and time without a zone, it is {text!r}: write 2026-06-15T09:00:00")
    return moment
