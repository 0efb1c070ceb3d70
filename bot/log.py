"""The log: one JSON object a line on standard error, with every token and password left out.

What people type is never logged: log counts, kinds, keys and our own words, and no value that came from a person.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

LEFT_OUT = "…"
SHORTEST_SECRET = 4  # characters; a shorter one would cut holes into ordinary words

# Libraries that write a line for every request, some with the token in its address.
TALKATIVE = ("httpx", "httpcore", "aiohttp.access", "uvicorn.access", "telegram", "slack_bolt", "slack_sdk", "asyncio")

TOKENS = re.compile(
    r"(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{30,}"  # Telegram
    r"|\bx(?:ox[a-z]|app)-[A-Za-z0-9-]+"  # Slack
    r"|(?<=[?&]ticket=)[^\s\"'&]+|(?<=hooks\.slack\.com/)[^\s\"']+"  # where Slack is connected to, and answered
    r"|(?<=bearer )[^\s\"',]+"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",  # user and password in an address
    re.IGNORECASE,
)
# What SQLAlchemy and PostgreSQL add to an error: values of the row, so maybe what a person typed.
ROW_VALUES = re.compile(r"\[parameters: .*|^\s*(?:DETAIL|CONTEXT): .*|Failing row contains .*", re.MULTILINE)

# Not written as extra values: what every record has, and uvicorn's message over again with the codes of a terminal.
OWN_OF_A_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class Redaction(logging.Filter):
    """Takes secrets out of a record before anything writes it: message, arguments, extra values, exception, stack."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        whole = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        texts = {*whole, *(quote(secret, safe="") for secret in whole)}
        longest_first = sorted(texts, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if texts else None

    def clean(self, text: str) -> str:
        """Return the text with secrets, tokens and values of rows left out."""
        if self._secrets:
            text = self._secrets.sub(LEFT_OUT, text)
        return ROW_VALUES.sub(LEFT_OUT, TOKENS.sub(LEFT_OUT, text))

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record in place, so that no handler after this one sees a secret either; lets all through."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} (with values that do not fit)"
        record.msg, record.args = self.clean(message), None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        record.exc_text = self.clean(record.exc_text) if record.exc_text else None
        record.stack_info = self.clean(record.stack_info) if record.stack_info else None
        for name in record.__dict__.keys() - OWN_OF_A_RECORD:
            value = record.__dict__[name]
            if not isinstance(value, bool | int | float | None):
                record.__dict__[name] = self.clean(str(value))
        return True


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: time (UTC), level, logger, message, extra values, error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end; line breaks within are escaped by JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in OWN_OF_A_RECORD}
        if record.exc_text:
            line["error"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_log(secrets: Iterable[str], level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send everything that is logged, warned or left uncaught to `stream` (standard error) as JSON without secrets.

    `secrets` are the texts to leave out (settings.secret_texts). May be called again; the last call counts.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Redaction(secrets))
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # its report of a broken record would print the values uncleaned
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    sys.excepthook = _uncaught
    threading.excepthook = lambda thread: _uncaught(thread.exc_type, thread.exc_value, thread.exc_traceback)
    sys.unraisablehook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("bot").critical("an error that nothing caught", exc_info=(kind, error or kind(), trace))
