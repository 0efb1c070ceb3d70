"""What Slack and the database do to us: limits, time-outs, refusals, a slow database, a kill between commit and answer."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import select

from bot import slack_acknowledging
from bot.slack_acknowledging import Ack
from storage import outbox
from storage.database import BusyError
from storage.tables import accounts, events
from storage.tables import outbox as owed_messages
from tests.slack_people import SlackOffice, linked
from tests.slack_standin import Fault
from tests.talk import Office


def unsent(office: Office) -> int:
    return len(office.run(lambda tx: tx.execute(select(events.c.key).where(events.c.sent_at.is_(None))).all()))


def said(slack: SlackOffice) -> list[str]:
    return [each.text for each in slack.teams[0].said if each.user == "UBOT"]


@pytest.mark.parametrize(("kind", "answers"), [
    ("429", 1), ("500", 1), ("html", 1), ("internal_error", 1), ("reset", 1), ("reset_after", 2),
])  # fmt: skip
def test_an_answer_arrives_whatever_happened_to_the_first_try(office: Office, slack: SlackOffice, kind: str, answers: int) -> None:
    aicha = linked(office, slack)
    slack.standin.faults.append(Fault("chat.postMessage", kind, retry_after=2))
    aicha.command("/saldo")
    assert len(said(slack)) == answers  # after a broken connection it may be there: one duplicate is better than silence
    assert "nog 46u over" in said(slack)[-1]
    slack.call(slack.slack.flush())
    assert unsent(office) == 0
    assert slack.slept[0] == (2 if kind == "429" else 0.5)


def test_after_two_doubts_a_message_is_given_up(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    slack.standin.faults.append(Fault("chat.postMessage", "reset_after", times=5))
    aicha.command("/saldo")
    assert len(said(slack)) == 2


def test_a_long_pause_is_not_waited_out_and_the_answer_comes_later(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    slack.standin.faults.append(Fault("chat.postMessage", "429", retry_after=40))
    aicha.command("/saldo")
    assert said(slack) == []
    assert slack.slept == []
    assert unsent(office) == 1
    office.clock.move(seconds=90)
    slack.call(slack.slack.send_owed_answers())
    assert "nog 46u over" in said(slack)[-1]
    assert unsent(office) == 0


def test_a_kill_between_commit_and_answer_sends_it_at_the_next_start(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    aicha = linked(office, slack)

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    workspace = slack.slack.workspaces[0]
    monkeypatch.setattr(workspace, "deliver", killed)
    aicha.say("saldo")
    assert said(slack) == []
    slack.stop()
    slack.start()
    assert "nog 46u over" in said(slack)[-1]
    slack.stop()
    slack.start()
    assert len(said(slack)) == 1


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
def test_a_token_that_slack_refuses_stops_its_workspace_only(office: Office, code: str) -> None:
    slack = SlackOffice(lambda: (office.database, office.world, office.clock), teams=2)
    try:
        aicha, lotte = linked(office, slack), linked(office, slack, "K1", "U2", "T2")
        slack.standin.faults.append(Fault("chat.postMessage", code))
        aicha.command("/saldo")
        assert slack.slack.workspaces[0].refused
        assert not slack.slack.refused
        lotte.command("/saldo")
        assert "De Linde" in lotte.screen()
        assert aicha.command("/saldo").status == 503
    finally:
        slack.close()


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "user_disabled"])
def test_who_cannot_be_reached_any_more_is_noted(office: Office, slack: SlackOffice, code: str) -> None:
    linked(office, slack)
    account = int(office.run(lambda tx: tx.execute(select(accounts.c.id).where(accounts.c.platform == "slack")).scalar_one()))
    office.run(lambda tx: outbox.owe(tx, "r:1", {"told": "report", "reference": "ABC"}, office.clock(), account=account))
    slack.standin.faults.append(Fault("chat.postMessage", code))
    slack.deliver_owed()
    row = office.run(lambda tx: tx.execute(select(owed_messages).where(owed_messages.c.key == "r:1")).one())
    assert row.failed == "unreachable"
    assert office.run(lambda tx: tx.execute(select(accounts.c.chat).where(accounts.c.id == account)).scalar_one()) is None


def test_owed_messages_are_told_once_and_keep_the_pace(office: Office, slack: SlackOffice) -> None:
    linked(office, slack)
    account = int(office.run(lambda tx: tx.execute(select(accounts.c.id).where(accounts.c.platform == "slack")).scalar_one()))
    for number in range(5):
        told = {"told": "report", "reference": f"R{number}"}
        office.run(lambda tx, n=number, t=told: outbox.owe(tx, f"r:{n}", t, office.clock(), account=account))
    pace = slack.slack.workspaces[0].delivery.pace
    pace.gap, pace.to_one = 0.25, 1.0
    slack.deliver_owed()
    slack.deliver_owed()
    assert [f"R{number}" in each for number, each in enumerate(said(slack))] == [True] * 5
    assert len(slack.slept) == 4
    assert all(0.9 < each - before < 1.1 for before, each in zip([0, *slack.slept], slack.slept, strict=False))


def test_a_message_that_is_gone_is_said_anew(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    aicha.command("/saldo")
    message = aicha.sees[-1]
    button = message.buttons[0]
    slack.standin.faults.append(Fault("chat.update", "message_not_found"))
    aicha.command("/uren start")
    aicha.press("Taal / Langue")
    aicha.press_on(message, button)
    assert "3 jun" in said(slack)[-1]


# Within three seconds, also when the database is slow


class Slow:
    """A database whose steps wait until the test lets them go."""

    def __init__(self, office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        run = office.database.step

        async def step(work: object) -> object:
            await asyncio.to_thread(self.go.wait, 10)
            return await run(work)  # type: ignore[arg-type]

        monkeypatch.setattr(office.database, "step", step)
        monkeypatch.setattr(slack_acknowledging, "ACK_SECONDS", 0.05)


def settle(slack: SlackOffice) -> None:
    async def wait() -> None:
        while tasks := [task for each in slack.slack.workspaces for task in each.tasks]:
            await asyncio.wait(tasks)

    slack.call(wait())


def test_a_command_is_acknowledged_in_time_and_answered_later(office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    aicha = linked(office, slack)
    slow = Slow(office, slack, monkeypatch)
    began = time.monotonic()
    ack = aicha.act(_command(aicha, "/saldo", "C7"), settle=False)
    assert time.monotonic() - began < 1.5
    assert "Een ogenblik" in ack.body["text"]
    slow.go.set()
    settle(slack)
    assert "nog 46u over" in aicha.screen()


def _command(person: object, name: str, channel: str) -> dict[str, str]:
    url = person.office.standin.response(person.team, person.user, channel)  # type: ignore[attr-defined]
    return {
        "command": name, "text": "", "user_id": "U1", "team_id": "T1", "channel_id": channel, "response_url": url, "trigger_id": "U1.77",
    }  # fmt: skip


def test_a_form_waits_in_a_modal_that_is_open_at_once(office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    aicha = linked(office, slack)
    slow = Slow(office, slack, monkeypatch)
    aicha.act(_command(aicha, "/presentie", "C7"), settle=False)
    until = time.monotonic() + 5
    while aicha.modal is None and time.monotonic() < until:
        time.sleep(0.01)
    assert "Een ogenblik" in aicha.modal_text()
    slow.go.set()
    settle(slack)
    assert "Omschrijving" in aicha.modal_text()


def test_a_form_that_is_ready_while_the_window_to_wait_by_opens_comes_into_it(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    aicha = linked(office, slack)
    slow = Slow(office, slack, monkeypatch)
    delivery = slack.slack.workspaces[0].delivery
    asking = delivery.ask

    async def ask(method: str, **params: object) -> dict[str, object]:
        found = await asking(method, **params)
        slow.go.set()
        await asyncio.sleep(0.1)  # the form could be sent before it is known which window is open
        return found

    monkeypatch.setattr(delivery, "ask", ask)
    aicha.act(_command(aicha, "/presentie", "C7"))
    assert "Omschrijving" in aicha.modal_text()


def test_a_database_that_is_taken_for_a_while_is_waited_for(office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    aicha = linked(office, slack)
    run, turns = office.database.step, iter((True, True, True))

    async def step(work: object) -> object:
        if next(turns, False):
            raise BusyError
        return await run(work)  # type: ignore[arg-type]

    monkeypatch.setattr(office.database, "step", step)
    aicha.command("/saldo", "C7")
    assert "nog 46u over" in aicha.screen()
    assert "druk" not in aicha.screen()


def test_a_window_to_wait_by_says_it_when_the_database_stays_taken(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    aicha = linked(office, slack)
    slow = Slow(office, slack, monkeypatch)

    async def taken(work: object) -> None:
        await asyncio.to_thread(slow.go.wait, 10)
        raise BusyError

    monkeypatch.setattr(office.database, "step", taken)
    aicha.act(_command(aicha, "/presentie", "C7"), settle=False)
    slow.go.set()
    settle(slack)
    assert "Het is even druk." in aicha.modal_text()


def test_a_submitted_form_waits_and_is_booked_once(office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders")
    aicha.fill("declared", "Alles klopt")
    view = dict(aicha.modal or {})
    slow = Slow(office, slack, monkeypatch)
    body = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "view": view, "trigger_id": "U1.88"}
    ack = aicha.act(body, settle=False)
    assert ack.body["response_action"] == "update"
    aicha.team.modals["U1"] = [slack.standin.replaced(view, ack.body["view"])]
    assert "Een ogenblik" in aicha.modal_text()
    slow.go.set()
    settle(slack)
    assert "Geboekt. Referentie" in aicha.modal_text()
    assert "Geboekt. Referentie" in aicha.screen()
    assert len(office.booked("K3")) == 1


def test_when_the_database_is_taken_she_is_asked_to_try_again(office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    aicha = linked(office, slack)
    aicha.command("/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders")
    aicha.fill("declared", "Alles klopt")

    async def taken(work: object) -> None:
        raise BusyError

    with monkeypatch.context() as patch:
        patch.setattr(office.database, "step", taken)
        aicha.submit()
        assert "even" in aicha.modal_text().lower()
        aicha.say("saldo")
        assert said(slack)
    assert office.booked("K3") == []
    aicha.command("/presentie")
    aicha.submit()
    assert len(office.booked("K3")) == 1


@pytest.mark.parametrize("line", ["/uren solde", "/samenvatting", "/uren hier 14h-16h cuisine, 12 jeunes"])
def test_that_the_database_is_taken_is_said_in_each_language_and_to_her_alone(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    aicha = linked(office, slack)

    async def taken(work: object) -> None:
        raise BusyError

    monkeypatch.setattr(office.database, "step", taken)
    aicha.command(line, "C0SAMPLE01")
    (told,) = aicha.team.said
    assert told.only == "U1"
    for words in ("Het is even druk.", "Rien n'est perdu", "Nothing is lost"):
        assert words in told.text


def test_a_press_in_a_channel_at_a_taken_database_is_answered_to_who_pressed(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    lotte = linked(office, slack, "K1")
    lotte.command("/samenvatting", "C0SAMPLE01")
    week = lotte.team.said[-1]
    before = len(lotte.team.said)

    async def taken(work: object) -> None:
        raise BusyError

    monkeypatch.setattr(office.database, "step", taken)
    lotte.press_on(week, week.buttons[0])
    (told,) = lotte.team.said[before:]
    assert told.only == "U1"
    assert "Het is even druk." in told.text


def test_retries_of_an_event_have_one_effect(office: Office, slack: SlackOffice) -> None:
    aicha = linked(office, slack)
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "presentie", "ts": "1780000001.1"}
    for _ in range(4):
        aicha.act({"type": "event_callback", "team_id": "T1", "event_id": "Ev77", "event": event})
    assert len(said(slack)) == 1


def test_a_deactivation_that_could_not_be_taken_is_asked_for_again(
    office: Office, slack: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    aicha = linked(office, slack)
    gone = {"type": "user_change", "user": {"id": "U1", "team_id": "T1", "deleted": True}}

    async def busy(_: object) -> None:
        raise BusyError

    with monkeypatch.context() as patch:
        patch.setattr(slack.slack.workspaces[0].database, "step", busy)
        assert aicha.event(gone) == Ack(503)
    assert aicha.event(gone) == Ack(200)
    aicha.command("/saldo")
    assert "Ik ken je nog niet" in aicha.screen()
