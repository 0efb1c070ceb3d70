"""Slack in the running process: over HTTP at /slack/events and by Socket Mode, with a clean end; and what `check` says of it."""

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.checking import FAULT, OK, check_all
from bot.inviting import invite_person
from bot.settings import read_settings
from bot.slack_serving import SCOPES, send_once
from bot.slack_surface import FREE
from handlers.commands import COMMAND_OF
from handlers.world import World
from storage import outbox
from storage.database import Database
from storage.tables import accounts
from tests.slack_people import SlackOffice, SlackPerson, linked
from tests.slack_standin import Body, request_of
from tests.talk import NOW, Office

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "docs" / "slack-manifest.yaml"


def variables(office: Office, slack: SlackOffice, **more: str) -> dict[str, str]:
    team = slack.teams[0]
    return {
        "UURWIJZER_DATABASE_URL": office.url, "UURWIJZER_SLACK_API": slack.standin.url, "UURWIJZER_SLACK_BOT_TOKEN": team.token,
        **{f"UURWIJZER_{name}": value for name, value in more.items()},
    }  # fmt: skip


class Serving:
    """A process of `serve`."""

    def __init__(self, settings: dict[str, str], folder: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("UURWIJZER_")}
        command = [sys.executable, "-m", "bot", "serve"]
        self.process = subprocess.Popen(
            command, cwd=folder, env={**environ, **settings, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.said = ""
        for line in self.process.stderr:
            self.said += line
            if line.startswith("ready") or self.process.poll() is not None:
                break

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Its exit code, with all that it said, once it ended by itself."""
        assert self.process.stderr is not None
        with self.process.stderr as stderr:
            self.said += stderr.read()
        return self.process.wait(15)


def post(port: int, body: Body, secret: str) -> tuple[int, bytes]:
    headers, raw = request_of(body, secret, int(time.time()))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/slack/events", raw, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(condition: object, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def aicha(office: Office, slack: SlackOffice) -> Iterator[SlackPerson]:
    person = linked(office, slack)
    slack.stop()  # the process takes over
    yield person
    slack.start()


def test_over_http_with_the_signing_secret(office: Office, slack: SlackOffice, aicha: SlackPerson, tmp_path: Path) -> None:
    port, secret = free_port(), slack.teams[0].secret
    served = Serving(variables(office, slack, SLACK_SIGNING_SECRET=secret, PORT=str(port), NOW="2026-06-15T09:00:00"), tmp_path)
    assert served.said.strip().endswith("ready"), served.said
    body = {"command": "/saldo", "text": "", "user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": "1.1", "response_url": "x"}
    status, raw = post(port, body, secret)
    assert (status, b"nog 46u over" in raw) == (200, True)
    assert post(port, body, "forged")[0] == 401
    assert post(port, {"type": "url_verification", "challenge": "abc"}, secret) == (200, b'{"challenge":"abc"}')
    wait_until(lambda: "U1" in slack.teams[0].homes)  # published at the start for who is linked
    assert served.end() == 0
    assert secret not in served.said
    assert slack.teams[0].token not in served.said


def test_by_socket_mode(office: Office, slack: SlackOffice, aicha: SlackPerson, tmp_path: Path) -> None:
    team = slack.teams[0]
    served = Serving(variables(office, slack, SLACK_APP_TOKEN=team.app_token, NOW="2026-06-15T09:00:00"), tmp_path)
    assert served.said.strip().endswith("ready"), served.said
    assert team.app_token in slack.standin.sockets
    body = {"command": "/saldo", "text": "", "user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": "1.1", "response_url": "x"}
    ack = slack.call(slack.standin.through_socket(team, "slash_commands", body))
    assert "nog 46u over" in ack["payload"]["text"]
    again = slack.call(slack.standin.through_socket(team, "slash_commands", body))
    assert "nog 46u over" not in str(again)  # delivered twice, done once
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "presentie", "ts": "1780000001.1"}
    envelope = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": event}
    slack.call(slack.standin.through_socket(team, "events_api", envelope))
    wait_until(lambda: "Wanneer was het?" in aicha.screen())
    slack.call(_cut(slack, team.app_token))
    wait_until(lambda: not slack.standin.sockets[team.app_token].closed)
    aicha.team.said.clear()
    ack = slack.call(slack.standin.through_socket(team, "slash_commands", {**body, "trigger_id": "1.2"}))
    assert "nog 46u over" in ack["payload"]["text"]
    assert served.end() == 0
    assert team.app_token not in served.said
    assert "warning" not in served.said


async def _cut(slack: SlackOffice, token: str) -> None:
    """Slack asks to connect anew, as it does every few hours."""
    old = slack.standin.sockets[token]
    slack.standin.connected.clear()
    await old.send_json({"type": "disconnect", "reason": "refresh_requested"})
    await asyncio.wait_for(slack.standin.connected.wait(), 10)


def test_a_refused_token_is_said_and_ends_what_has_nothing_else_to_do(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    settings = variables(office, slack, SLACK_APP_TOKEN="xapp-fictional-1", NOW="2026-06-15T09:00:00")
    served = Serving({**settings, "UURWIJZER_SLACK_BOT_TOKEN": "xoxb-unknown-to-slack"}, tmp_path)
    assert served.ended() == 8
    assert "UURWIJZER_SLACK_BOT_TOKEN" in served.said
    assert "xoxb-unknown" not in served.said


def test_an_app_token_that_opens_no_connection_leaves_nothing_open(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    served = Serving(variables(office, slack, SLACK_APP_TOKEN="xapp-unknown-to-slack", NOW="2026-06-15T09:00:00"), tmp_path)
    assert served.end() == 0
    assert "cannot be used yet" in served.said
    assert "Unclosed" not in served.said


def test_nothing_of_slack_is_loaded_without_its_token() -> None:
    code = (
        "import sys, bot.serving, bot.web, bot.telegram_intake, bot.checking, bot.due\n"
        "print('LOADED', sorted(each for each in sys.modules if 'slack' in each))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "LOADED []"


# What `check` says


def said_by_check(office: Office, slack: SlackOffice, tmp_path: Path, **more: str) -> list[tuple[str, str]]:
    settings = read_settings(variables(office, slack, **more), tmp_path)
    return [(each.level, each.text) for each in check_all(settings, NOW) if each.text.startswith("Slack")]


def test_check_tells_what_scope_or_address_is_missing(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    team = slack.teams[0]
    team.scopes = ",".join(SCOPES)
    fine = said_by_check(office, slack, tmp_path, SLACK_APP_TOKEN=team.app_token)
    assert [level for level, _ in fine] == [OK, OK]
    assert fine[0][1] == "Slack: comes in by Socket Mode with app token 1 (xapp…-1)"
    assert "Team T1" in fine[1][1]
    assert team.token not in str(fine)
    team.scopes = ",".join(each for each in SCOPES if each != "files:write")
    lacking = said_by_check(office, slack, tmp_path, SLACK_SIGNING_SECRET="x", PORT="0", PUBLIC_URL="https://uren.example")
    assert lacking[0] == (OK, "Slack: comes in at https://uren.example/slack/events: that address must stand in the app's manifest")
    assert lacking[1][0] == FAULT
    assert "files:write (send pictures and files)" in lacking[1][1]
    assert "UURWIJZER_PUBLIC_URL" in said_by_check(office, slack, tmp_path, SLACK_SIGNING_SECRET="x", PORT="0")[0][1]
    texts = [each.text for each in check_all(read_settings(variables(office, slack), tmp_path), NOW)]
    assert sum("nothing can come in: set UURWIJZER_SLACK_APP_TOKEN (Socket Mode), or" in text for text in texts) == 1


def test_check_says_which_token_slack_refuses(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    settings = {**variables(office, slack), "UURWIJZER_SLACK_BOT_TOKEN": "xoxb-somebody-elses"}
    found = [each.text for each in check_all(read_settings(settings, tmp_path), NOW) if "invalid_auth" in each.text]
    assert len(found) == 1
    assert "somebody" not in found[0]


def test_check_does_not_blame_the_token_when_slack_is_away(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    away = {"SLACK_API": "http://127.0.0.1:9", "SLACK_BOT_TOKEN": "xoxb-fictional-1,xoxb-fictional-2", "SLACK_APP_TOKEN": "xapp-1,xapp-2"}
    found = said_by_check(office, slack, tmp_path, **away)
    cure = "was not tried, Slack cannot be reached: check the network and UURWIJZER_SLACK_API"
    named = ("app token 1 (…)", "app token 2 (…)", "token 1 (xoxb…-1)", "token 2 (xoxb…-2)")
    assert found == [(FAULT, f"Slack: {each} {cure}") for each in named]


def test_check_says_which_app_token_opens_no_connection(office: Office, slack: SlackOffice, tmp_path: Path) -> None:
    slack.teams[0].scopes = ",".join(SCOPES)
    said = said_by_check(office, slack, tmp_path, SLACK_APP_TOKEN="xapp-somebody-elses")
    cure = "make one with connections:write under App-Level Tokens, and copy it into UURWIJZER_SLACK_APP_TOKEN"
    assert said[0] == (FAULT, f"Slack: app token 1 (xapp…es): Slack says invalid_auth: {cure}")
    assert said[1][0] == OK


def test_an_invitation_says_what_is_typed_in_slack(
    office: Office, slack: SlackOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings(variables(office, slack, SLACK_APP_TOKEN=slack.teams[0].app_token), tmp_path)
    assert invite_person(settings, "K1", None) == 0
    out, err = capsys.readouterr()
    code = out.split()[2]
    assert f"In Slack: /uren start {code}" in out
    assert "UURWIJZER_TELEGRAM_TOKEN" not in err  # which nobody needs here
    lotte = slack.person("U9")
    lotte.command(f"/uren start {code}")
    assert "Ben jij Lotte Voorbeeld?" in lotte.screen()


def test_the_manifest_asks_for_what_the_app_uses() -> None:
    text = MANIFEST.read_text(encoding="utf-8")
    for scope in SCOPES:
        assert f"- {scope}\n" in text
    for event in ("app_home_opened", "app_mention", "message.im", "user_change", "member_left_channel", "channel_archive"):
        assert f"- {event}\n" in text
    assert set(re.findall(r"command: /(\w+)\n", text)) == {"uren", *FREE}
    assert set(COMMAND_OF) >= FREE, "a command that answers that it is not known"


def test_due_says_that_slack_is_away(office: Office, slack: SlackOffice, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    token = "xoxb-unknown-to-slack"

    async def send(**more: str) -> tuple[int, bool]:
        settings = read_settings({**variables(office, slack), **{f"UURWIJZER_{name}": value for name, value in more.items()}}, tmp_path)
        database = Database(office.url)
        try:
            return await send_once(settings, database, World(books={}), lambda: NOW)
        finally:
            database.close()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.slack_delivery.TRIES", 1)
        assert asyncio.run(send(SLACK_API="http://127.0.0.1:9")) == (0, True)
    cure = "check the network and UURWIJZER_SLACK_API; what is owed is sent next time"
    assert caplog.messages[-1] == f"Slack workspace 1 cannot be used now (ClientConnectorError): {cure}"
    assert asyncio.run(send(SLACK_BOT_TOKEN=token)) == (0, True)
    assert "copy it again" in caplog.messages[-1]
    assert token not in caplog.text


def test_due_sends_what_is_owed_in_slack_and_ends(office: Office, slack: SlackOffice, aicha: SlackPerson, tmp_path: Path) -> None:
    told = {"told": "report", "reference": "ABC234"}
    account = select(accounts.c.id).where(accounts.c.platform == "slack")
    office.run(lambda tx: outbox.owe(tx, "r:1", told, office.clock(), account=tx.execute(account).scalar_one()))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UURWIJZER_")}
    settings = variables(office, slack, NOW="2026-06-15T09:01:00")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "due"], cwd=tmp_path, env={**environ, **settings, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Sent 1." in done.stdout
    assert "ABC234" in aicha.screen()
