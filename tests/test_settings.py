"""What an operator may set, what is said when it is wrong, that no secret is ever shown, and the clock."""

import copy
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import make_clock
from bot.settings import (
    NAMES,
    Secret,
    Settings,
    SettingsError,
    advice,
    read_settings,
    secret_texts,
    serve_problems,
    shown_address,
)
from storage.terms import DEFAULTS

TOKEN = "123456:" + "A" * 35  # fictional, as every token here
BRUSSELS = ZoneInfo("Europe/Brussels")


def read(folder: Path, **values: str) -> Settings:
    return read_settings({f"UURWIJZER_{name}": value for name, value in values.items()}, folder)


def problems(folder: Path, **values: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read(folder, **values)
    return refused.value.problems


def test_nothing_set_is_a_bot_without_surfaces_on_a_file_beside_it(tmp_path: Path) -> None:
    settings = read_settings({"PATH": "/usr/bin", "TELEGRAM_TOKEN": "someone else's"}, tmp_path)
    assert settings == Settings(
        database_url=Secret(f"sqlite:///{tmp_path}/uurwijzer.db"),
        telegram_token=None,
        telegram_api="https://api.telegram.org",
        telegram_pace=30.0,
        telegram_webhook_url=None,
        telegram_webhook_secret=None,
        slack_bot_tokens=(),
        slack_signing_secrets=(),
        slack_app_tokens=(),
        slack_api="https://slack.com/api",
        host="127.0.0.1",
        port=None,
        public_url=None,
        secret=None,
        metrics_token=None,
        timezone=BRUSSELS,
        language="nl",
        rulebooks=None,
        retention=DEFAULTS,
        now=None,
    )
    assert serve_problems(settings) == advice(settings) == []


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("DATABASE_URL", "sqlite:////var/lib/hours.db", "database_url", Secret("sqlite:////var/lib/hours.db")),
        ("DATABASE_URL", "sqlite:///hours.db", "database_url", Secret("sqlite:///{folder}/hours.db")),
        ("DATABASE_URL", "postgres://u:p@h/n", "database_url", Secret("postgresql+psycopg://u:p@h/n")),
        ("DATABASE_URL", "postgresql://u:p@h/n", "database_url", Secret("postgresql+psycopg://u:p@h/n")),
        ("TELEGRAM_TOKEN", f" {TOKEN} ", "telegram_token", Secret(TOKEN)),
        ("TELEGRAM_TOKEN", "", "telegram_token", None),
        ("TELEGRAM_API", "http://127.0.0.1:8081/", "telegram_api", "http://127.0.0.1:8081"),
        ("SLACK_BOT_TOKEN", "xoxb-1, xoxb-2", "slack_bot_tokens", (Secret("xoxb-1"), Secret("xoxb-2"))),
        ("SLACK_API", "http://[::1]:9/api", "slack_api", "http://[::1]:9/api"),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "8080", "port", 8080),
        ("PUBLIC_URL", "https://uren.example.be/", "public_url", "https://uren.example.be"),
        ("SECRET", "s", "secret", Secret("s")),
        ("METRICS_TOKEN", "m", "metrics_token", Secret("m")),
        ("TIMEZONE", "Europe/Paris", "timezone", ZoneInfo("Europe/Paris")),
        ("LANGUAGE", "fr", "language", "fr"),
        ("NOW", "2026-06-15T09:00:00", "now", datetime(2026, 6, 15, 9)),
        ("NOW", "2026-06-15", "now", datetime(2026, 6, 15)),
    ],
)
def test_each_setting_is_read(tmp_path: Path, name: str, value: str, field: str, expected: object) -> None:
    if isinstance(expected, Secret):
        expected = Secret(expected.reveal().format(folder=tmp_path))
    assert getattr(read(tmp_path, **{name: value}), field) == expected


def test_a_folder_of_rulebooks_is_found_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "mijn regels").mkdir()
    assert read(tmp_path, RULEBOOKS="mijn regels").rulebooks == tmp_path / "mijn regels"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "hours.db", "is no address of a database we know: write sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "mysql://u:p@h/n", "is no address of a database we know"),
        ("DATABASE_URL", "sqlite://", "is no address of a database we know"),
        ("TELEGRAM_TOKEN", "AAAA", "is no bot token (digits, a colon, letters and digits): copy it again"),
        ("TELEGRAM_API", "127.0.0.1:8081", "is no web address: write https://HOST"),
        ("TELEGRAM_API", "https://:80", "is no web address: write https://HOST"),
        ("PUBLIC_URL", "https://uren.example.be?x=1", "is no web address"),
        ("TELEGRAM_WEBHOOK_SECRET", "with space", "may hold 1 to 256 letters"),
        ("SLACK_BOT_TOKEN", "xoxb-1,,xoxb-2", "has an empty place between its commas"),
        ("SLACK_BOT_TOKEN", "xapp-1", "holds a value that starts with xapp-: that one belongs in UURWIJZER_SLACK_A"),
        ("SLACK_APP_TOKEN", "xoxb-1", "holds a value that starts with xoxb-: that one belongs in UURWIJZER_SLACK_B"),
        ("HOST", "http://localhost", "must be an address of this machine"),
        ("PORT", "http", "must be a whole number up to 65535, it is 'http': write for example 8080."),
        ("PORT", "65536", "must be a whole number up to 65535"),
        ("PORT", "²", "must be a whole number up to 65535"),
        ("TIMEZONE", "Europe/Brussel", "is no time zone, it is 'Europe/Brussel': write for example Europe/Brussels."),
        ("TIMEZONE", "Europe/Gent", "is no time zone, it is 'Europe/Gent': write for example Europe/Brussels."),
        ("TIMEZONE", "Europe", "is no time zone"),
        ("TIMEZONE", "../etc/passwd", "is no time zone"),
        ("LANGUAGE", "de", "must be one of nl, fr, en, it is 'de': choose one of them."),
        ("RULEBOOKS", "not-there", "must be a folder"),
        ("NOW", "tomorrow", "must be a local date and time without a zone, it is 'tomorrow': write 2026-06-15T09"),
        ("NOW", "2026-06-15T09:00:00Z", "must be a local date and time without a zone"),
    ],
)
def test_a_wrong_value_is_named_with_its_cure(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    found = problems(tmp_path, **{name: value})
    assert len(found) == 1
    assert found[0].startswith(f"UURWIJZER_{name} {sentence}")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, PORT="x", LANGUAGE="x", TELEGRAM_TOKN="x", COLOUR_OF_THE_BUTTONS="x")
    assert [sentence.split()[0].removeprefix("UURWIJZER_") for sentence in found] == [
        "COLOUR_OF_THE_BUTTONS", "TELEGRAM_TOKN", "PORT", "LANGUAGE",
    ]  # fmt: skip
    assert found[0].endswith(" is not a setting: remove it; the operator guide lists all settings.")
    assert found[1] == "UURWIJZER_TELEGRAM_TOKN is not a setting: did you mean UURWIJZER_TELEGRAM_TOKEN?"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"TELEGRAM_WEBHOOK_URL": "https://h/x"}, "belong together and one is missing"),
        ({"TELEGRAM_WEBHOOK_SECRET": "s"}, "belong together and one is missing"),
        ({"TELEGRAM_WEBHOOK_URL": "http://h/x", "TELEGRAM_WEBHOOK_SECRET": "s"}, "Telegram calls https only"),
        ({"SLACK_BOT_TOKEN": "xoxb-1,xoxb-2", "SLACK_APP_TOKEN": "xapp-1"}, "holds 1 and UURWIJZER_SLACK_BOT_TOKEN 2"),
        ({"SLACK_BOT_TOKEN": "xoxb-1,xoxb-2", "SLACK_APP_TOKEN": "xapp-1,xapp-1"}, "holds the same token twice"),
        ({"SLACK_SIGNING_SECRET": "s"}, "holds 1 and UURWIJZER_SLACK_BOT_TOKEN 0"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(tmp_path: Path, values: dict[str, str], sentence: str) -> None:
    found = problems(tmp_path, **values)
    assert len(found) == 1
    assert sentence in found[0]


def test_the_file_is_read_and_the_environment_goes_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "\ufeff# our bot\n"
        f"UURWIJZER_TELEGRAM_TOKEN='{TOKEN}'\n"
        "export UURWIJZER_LANGUAGE=fr  # most of us\n"
        "UURWIJZER_PORT=8080\nUURWIJZER_HOST=\nOTHER_PROGRAM=yes\nUURWIJZER_SECRET=a$HOME${HOME}b\n"
    )
    settings = read(tmp_path, PORT="9090", LANGUAGE="")
    assert settings.telegram_token == Secret(TOKEN)
    assert (settings.language, settings.port, settings.host) == ("nl", 9090, "127.0.0.1")
    assert settings.secret == Secret("a$HOME${HOME}b")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"UURWIJZER_PORT=80\nwhat is this\n", ".env, line 2, is no setting: write NAME=value there."),
        (b"UURWIJZER_PORT\n", ".env, line 1, is no setting: write NAME=value there."),
        (b"UURWIJZER_HOST=\xff\xfe", ".env cannot be read (UnicodeDecodeError): make it a UTF-8 text file"),
        (b"UURWIJZER_PROT=80\n", "UURWIJZER_PROT is not a setting: did you mean UURWIJZER_PORT?"),
        (b"# ours\n\nTELEGRAM_TOKEN=1:a\n", ".env, line 3: TELEGRAM_TOKEN is not a setting: did you mean UURWIJZER_TELEGRAM_TOKEN?"),
        (b"UURWIJZR_PORT=80\n", ".env, line 1: UURWIJZR_PORT is not a setting: did you mean UURWIJZER_PORT?"),
        (b"UURWIJZER_SECRET=     # 32 letters\n", ".env, line 1: what stands behind UURWIJZER_SECRET= is a comment: write the value"),
        (b"uurwijzer_port=80\n", "uurwijzer_port is not a setting: did you mean UURWIJZER_PORT?"),
    ],
)
def test_a_file_with_a_mistake_is_named_with_the_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / ".env").write_bytes(content)
    found = problems(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(sentence)


SECRETS = {
    "DATABASE_URL": "postgresql://uurwijzer:canary0@db/uurwijzer",
    "TELEGRAM_TOKEN": "123456:canary1",
    "TELEGRAM_WEBHOOK_URL": "https://uren.example.be/telegram/webhook",
    "TELEGRAM_WEBHOOK_SECRET": "canary2",
    "SLACK_BOT_TOKEN": "xoxb-canary3,xoxb-canary4",
    "SLACK_SIGNING_SECRET": "canary5,canary6",
    "SLACK_APP_TOKEN": "xapp-canary7,xapp-canary8",
    "SECRET": "canary9",
    "METRICS_TOKEN": "canary10",
}


def test_no_way_of_printing_the_settings_shows_a_secret(tmp_path: Path) -> None:
    settings = read(tmp_path, **SECRETS)
    printed = [
        repr(settings),
        str(settings),
        f"{settings.telegram_token} {settings.telegram_token!r:>40} {settings.slack_bot_tokens}",
        repr(dataclasses.asdict(settings)),
        repr(copy.deepcopy(settings)),
        json.dumps(dataclasses.asdict(settings), default=str),
        shown_address(settings.database_url),
        *advice(settings),
        *serve_problems(settings),
    ]
    assert not [text for text in printed if "canary" in text]
    assert 'Secret("…")' in printed[0]
    assert shown_address(settings.database_url) == "postgresql+psycopg://uurwijzer:…@db/uurwijzer"


@pytest.mark.parametrize("wrong", ["DATABASE_URL", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SLACK_BOT_TOKEN"])
def test_no_problem_repeats_a_secret(tmp_path: Path, wrong: str) -> None:
    spoilt = {**SECRETS, wrong: "canary [x@/:,,"}
    assert "canary" not in "".join(problems(tmp_path, **spoilt))


def test_the_log_is_told_every_secret(tmp_path: Path) -> None:
    texts = secret_texts(read(tmp_path, **{**SECRETS, "DATABASE_URL": "postgresql://u:can%40ry/0@db/uurwijzer"}))
    for name, value in SECRETS.items():
        if name not in ("DATABASE_URL", "TELEGRAM_WEBHOOK_URL"):
            assert set(value.split(",")) <= set(texts), name
    assert {"can%40ry/0", "can@ry/0"} <= set(texts)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"TELEGRAM_TOKEN": TOKEN}, "UURWIJZER_TELEGRAM_API"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": "https://localhost.example.be"}, "UURWIJZER_TELEGRAM_API"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": "http://127.0.0.1:8081"}, None),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": "http://localhost:8081"}, None),
        ({"TELEGRAM_TOKEN": TOKEN, "SLACK_API": "http://localhost:8081"}, "UURWIJZER_TELEGRAM_API"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "UURWIJZER_SLACK_API"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API": "http://[::1]:8081"}, None),
        ({}, None),
    ],
)
def test_a_moved_clock_never_meets_real_people(tmp_path: Path, values: dict[str, str], refused: str | None) -> None:
    found = serve_problems(read(tmp_path, NOW="2026-06-15T09:00:00", **values))
    assert [refused in sentence for sentence in found] == ([True] if refused else [])
    assert serve_problems(read(tmp_path, **values)) == []


def test_a_surface_that_is_called_from_outside_needs_a_port(tmp_path: Path) -> None:
    webhook = {"TELEGRAM_WEBHOOK_URL": "https://h/telegram/webhook", "TELEGRAM_WEBHOOK_SECRET": "s"}
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
    for values in (webhook, slack):
        assert "set UURWIJZER_PORT" in serve_problems(read(tmp_path, **values))[0]
        assert serve_problems(read(tmp_path, PORT="80", **values)) == []
    assert serve_problems(read(tmp_path, **slack, SLACK_APP_TOKEN="xapp-1")) == []
    (told,) = serve_problems(read(tmp_path, SLACK_BOT_TOKEN="xoxb-1", PORT="80"))
    assert told.startswith("UURWIJZER_SLACK_BOT_TOKEN is set but nothing can come in: set UURWIJZER_SLACK_APP_TOKEN (Socket Mode), or ")


def test_advice_for_what_works_but_may_not_be_meant(tmp_path: Path) -> None:
    settings = read(tmp_path, NOW="2026-06-15", SECRET="short", PUBLIC_URL="http://uren.example.be")
    assert [sentence.split()[0] for sentence in advice(settings)] == [
        "UURWIJZER_NOW", "UURWIJZER_SECRET", "UURWIJZER_PUBLIC_URL",
    ]  # fmt: skip
    assert advice(read(tmp_path, SECRET="x" * 32, PUBLIC_URL="http://localhost:8080")) == []


def test_every_setting_that_is_known_is_one_of_the_settings() -> None:
    fields = {field.name.upper() for field in dataclasses.fields(Settings)}
    one_per_workspace = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}
    assert fields == {name + "S" if name in one_per_workspace else name for name in NAMES}


def test_the_moved_clock_starts_at_now_and_runs_on() -> None:
    seconds = [1000.0]
    clock = make_clock(datetime(2026, 6, 15, 9), BRUSSELS, lambda: seconds[0])
    assert clock().isoformat() == "2026-06-15T09:00:00+02:00"
    seconds[0] += 90
    assert clock().isoformat() == "2026-06-15T09:01:30+02:00"


def test_the_moved_clock_goes_through_the_change_of_summer_time() -> None:
    seconds = [0.0]
    clock = make_clock(datetime(2026, 10, 25, 1, 30), BRUSSELS, lambda: seconds[0])
    seconds[0] = 2 * 3600
    assert clock().isoformat() == "2026-10-25T02:30:00+01:00"


def test_without_now_it_is_the_clock_of_the_system() -> None:
    clock = make_clock(None, BRUSSELS)
    before = datetime.now(UTC)
    assert before <= clock() <= datetime.now(UTC)
    assert clock().tzinfo is BRUSSELS
