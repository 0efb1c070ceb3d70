"""The log: lines that a machine can read, and no token, password or typed word in them whatever goes wrong."""

import io
import json
import logging
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.log import set_up_log

BOT_TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz_-01234"  # fictional, as every token here
SECRETS = ("s3cret/canary with space", "abc")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log wrote; afterwards the process logs as before."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook, sys.unraisablehook)
    root.handlers = []
    stream = io.StringIO()
    set_up_log(SECRETS, stream=stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    logging.raiseExceptions = True


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_record_is_one_line_of_json(written: io.StringIO) -> None:
    values = {"network": "nw-1", "count": 2, "known": True}
    logging.getLogger("bot.delivery").warning("sent %d\nof %d", 2, 3, extra=values)
    (line,) = lines(written)
    assert list(line) == ["time", "level", "logger", "message", "network", "count", "known"]
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "bot.delivery",
        "message": "sent 2\nof 3",
        **values,
    }


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (BOT_TOKEN, BOT_TOKEN),
        (f"https://api.telegram.org/bot{BOT_TOKEN}/getMe", "AAabcdef"),
        (f"https://proxy/?to=bot{BOT_TOKEN.replace(':', '%3A')}", "AAabcdef"),
        ("xoxb-1234-abcDEF", "abcDEF"),
        ("xapp-1-A0-123-abcdef", "A0-123"),
        ("400, message='no', url='wss://wss-primary.slack.com/link/?ticket=0f6-abcDEF&app_id=1'", "abcDEF"),
        ("cannot post to https://hooks.slack.com/commands/T1/123/abcDEF", "abcDEF"),
        ("Authorization: Bearer abcDEF.123", "abcDEF"),
        ("postgresql+psycopg://uurwijzer:hunter2@db/uurwijzer", "hunter2"),
        ("before s3cret/canary with space after", "s3cret"),
        ("https://h/?code=s3cret%2Fcanary%20with%20space", "s3cret"),
    ],
)
def test_no_secret_is_written_wherever_it_stands(written: io.StringIO, text: str, secret: str) -> None:
    log = logging.getLogger("anywhere.at.all")
    log.info("told: " + text)
    log.info("told: %s and %r", text, [text])
    log.info("told: %(it)s", {"it": text})
    log.info("told: %d", text)  # a mistake of ours: the value does not fit
    log.info("told", extra={"it": text, "them": [text]}, stack_info=True)
    try:
        try:
            raise KeyError(text)
        except KeyError as error:
            raise ValueError(f"no {text}") from error
    except ValueError:
        log.exception("told")
    sys.excepthook(RuntimeError, RuntimeError(text), None)
    threading.excepthook(threading.ExceptHookArgs((RuntimeError, RuntimeError(text), None, None)))
    warnings.warn(text, stacklevel=1)
    assert len(lines(written)) == 9
    assert secret not in written.getvalue()
    assert written.getvalue().count("…") >= 9


def test_other_handlers_get_the_cleaned_record_too(written: io.StringIO) -> None:
    other = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(other))
    try:
        raise ValueError(BOT_TOKEN)
    except ValueError:
        logging.getLogger("bot").exception("with %s", BOT_TOKEN)
    assert "with …" in other.getvalue()
    assert BOT_TOKEN not in other.getvalue()


def test_a_secret_of_three_letters_does_not_cut_holes_into_words(written: io.StringIO) -> None:
    logging.getLogger("bot").info("abcdef")
    assert lines(written)[0]["message"] == "abcdef"


def test_ordinary_text_stays_as_it_is(written: io.StringIO) -> None:
    text = "12:30 till 14:00, moment 2026-000123, https://uren.example.be:8080/x, 3 bearers, e-mail@example.be"
    logging.getLogger("bot").info(text)
    assert lines(written)[0]["message"] == text


def test_a_long_row_of_digits_does_not_hold_the_log_up(written: io.StringIO) -> None:
    begin = time.process_time()
    logging.getLogger("bot").info("1" * 20_000)
    assert time.process_time() - begin < 0.5  # some ms; a reader that starts anew at each digit takes seconds
    assert lines(written)[0]["message"] == "1" * 20_000


def test_values_of_a_row_in_a_database_error_are_left_out(written: io.StringIO) -> None:
    text = (
        'duplicate key value violates unique constraint "drafts_pkey"\n'
        "DETAIL:  Key (note)=(what someone typed) already exists.\n"
        "[SQL: INSERT INTO drafts (note) VALUES (%s)]\n"
        "[parameters: ('what someone typed',)]"
    )
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logging.getLogger("storage").exception("not stored")
    error = str(lines(written)[0]["error"])
    assert "what someone typed" not in error
    assert "drafts_pkey" in error
    assert "INSERT INTO drafts" in error


def test_libraries_that_log_every_request_are_quiet(written: io.StringIO) -> None:
    for name in ("httpx", "httpcore.connection", "aiohttp.access", "uvicorn.access"):
        logging.getLogger(name).info("GET /bot1:x/getUpdates")
        logging.getLogger(name).warning("slow")
    assert [line["message"] for line in lines(written)] == ["slow"] * 4


def test_a_process_that_falls_writes_its_last_line_to_standard_error_as_json() -> None:
    program = f"from bot.log import set_up_log; set_up_log([]); raise SystemError('at {BOT_TOKEN}')"
    root = Path(__file__).parent.parent
    result = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "")
    line = json.loads(result.stderr)
    assert (line["level"], line["message"]) == ("critical", "an error that nothing caught")
    assert line["error"].endswith("SystemError: at …")


def test_the_message_with_the_colours_of_a_terminal_is_not_written_again(written: io.StringIO) -> None:
    coloured = "Started server process [\x1b[36m%d\x1b[0m]"
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7, extra={"color_message": coloured})
    (line,) = lines(written)
    assert (line["message"], "color_message" in line) == ("Started server process [7]", False)
