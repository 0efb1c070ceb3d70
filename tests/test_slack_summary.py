"""The weekly summary in Slack: tables and charts that Slack draws; where it does not take them, words and a picture, once."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot import telegram_surface, terminal
from bot.slack_figures import chart_blocks, table_block
from bot.wording import say as words
from handlers.screen import Chart, Event, Screen, Table, Who, say
from handlers.summary import summary_screen
from handlers.summary_figures import make_snapshot
from handlers.summary_posting import post_now
from handlers.summary_shown import rows
from rules.weeks import read_week
from storage import directory
from storage.tables import channels
from storage.tables import outbox as owed_messages
from tests.slack_limits import wrong_with_message
from tests.slack_people import SlackOffice, linked, shown
from tests.slack_standin import Fault, Said
from tests.talk import NOW, Office

CHANNEL = "C0SAMPLE01"  # of network NW-A in the sample
WEEK = read_week("2026-W24")
DRAWN = ["table", "data_visualization", "data_visualization"]
IN_WORDS = "oproep 2 – presentie: 40u van 48u gebruikt (83 %), op schema 45 %"


def network(office: Office) -> int:
    return int(office.run(lambda tx: tx.execute(select(channels.c.network).where(channels.c.place == CHANNEL)).scalar_one()))


def post(office: Office) -> None:
    number = network(office)
    office.run(lambda tx: post_now(tx, office.world, directory.read_network(tx, number), WEEK, office.clock()))


def in_channel(slack: SlackOffice) -> list[Said]:
    return [each for each in slack.teams[0].said if each.channel == CHANNEL and not each.only]


def kinds(said: Said) -> list[str]:
    return [each["type"] for each in said.blocks]


def tried(slack: SlackOffice, method: str = "chat.postMessage") -> list[bool]:
    """For each try to say something: whether it was with tables and charts."""
    return [any(block["type"] in DRAWN for block in sent.get("blocks", ())) for name, sent in slack.standin.calls if name == method]


def screen_of(office: Office, language: str = "nl") -> Screen:
    number = network(office)

    def step(tx: Any) -> Screen:
        row = directory.read_network(tx, number)
        return summary_screen(make_snapshot(tx, office.world, row, WEEK, office.clock()), row, language)

    return office.run(step)


def test_the_summary_in_a_channel_shows_a_table_and_charts_instead_of_a_picture(office: Office, slack: SlackOffice) -> None:
    post(office)
    slack.deliver_owed()
    (said,) = in_channel(slack)
    assert [each for each in kinds(said) if each in DRAWN] == DRAWN
    assert said.buttons[0]["text"]["text"] == "Excel"
    told = shown(said)
    assert "Factureerbaar, in hele uren per persoon" in told
    assert "Gebruikt van het budget, in %" in told
    assert "40u van 48u gebruikt" not in told  # the table says it, and says it once
    table = next(each for each in said.blocks if each["type"] == "table")
    lines = [[cell["text"] for cell in row] for row in table["rows"]]
    assert lines[0] == [
        "Oproep", "Momenten deze week", "Uren deze week", "Factureerbaar, lopende periodes", "Gebruikt van het budget", "Op schema",
        "Nog van het budget",
    ]  # fmt: skip
    assert lines[2][0] == "oproep 2 – presentie"
    assert lines[2][4:] == ["40u van 48u (83 %)", "45 %", "8u"]
    row = office.run(lambda tx: tx.execute(select(owed_messages).where(owed_messages.c.message == f"{CHANNEL}/{said.ts}")).first())
    assert row is not None
    assert tried(slack) == [True]


def test_who_does_not_see_the_blocks_is_told_all_of_it(office: Office, slack: SlackOffice) -> None:
    post(office)
    slack.deliver_owed()
    (said,) = in_channel(slack)
    assert IN_WORDS in said.text
    assert words(screen_of(office).pictures[0].alternative, "nl") in said.text


@pytest.mark.parametrize("kind", ["table", "data_visualization"])
@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "invalid_attachments", "internal_error"])
def test_refused_blocks_become_words_and_a_picture_once(office: Office, slack: SlackOffice, kind: str, code: str) -> None:
    slack.standin.refuses[kind] = code
    post(office)
    slack.deliver_owed()
    slack.deliver_owed()
    said, picture = in_channel(slack)
    assert not set(kinds(said)) & set(DRAWN)
    assert IN_WORDS in shown(said)
    assert said.buttons[0]["text"]["text"] == "Excel"
    assert picture.file == "summary.png"
    assert tried(slack)[-2:] == [True, False]
    row = office.run(lambda tx: tx.execute(select(owed_messages).where(owed_messages.c.message == f"{CHANNEL}/{said.ts}")).first())
    assert (row.failed, row.sent_at is not None) == (None, True)


def test_what_was_refused_is_not_tried_again_after_a_pause(office: Office, slack: SlackOffice) -> None:
    lotte = linked(office, slack, "K1")
    slack.standin.faults += [Fault("chat.postMessage", "invalid_blocks"), Fault("chat.postMessage", "429", retry_after=40)]
    lotte.event({"type": "app_mention", "channel": CHANNEL, "user": "U1", "ts": "1780000000.5", "text": "<@UBOT> samenvatting"})
    assert in_channel(slack) == []
    office.clock.move(seconds=90)
    slack.call(slack.slack.send_owed_answers())
    assert tried(slack) == [False]
    assert [each.file for each in in_channel(slack)] == ["", "summary.png"]


def test_another_refusal_is_not_taken_for_one_of_blocks(office: Office, slack: SlackOffice) -> None:
    slack.standin.faults.append(Fault("chat.postMessage", "is_archived"))
    post(office)
    slack.deliver_owed()
    assert in_channel(slack) == []
    assert tried(slack) == []


def test_two_doubts_do_not_become_a_third_message(office: Office, slack: SlackOffice) -> None:
    slack.standin.faults.append(Fault("chat.postMessage", "reset_after", times=5))
    post(office)
    slack.deliver_owed()
    assert tried(slack) == [True, True]


@pytest.mark.parametrize("refused", [False, True])
def test_the_command_in_a_channel_is_answered_in_the_open_with_the_same_blocks(office: Office, slack: SlackOffice, refused: bool) -> None:
    lotte = linked(office, slack, "K1")
    if refused:
        slack.standin.refuses["data_visualization"] = "invalid_blocks"
    lotte.command("/samenvatting", CHANNEL)
    said, *more = in_channel(slack)
    assert "week 25 tot nu toe" in said.text
    assert ("table" in kinds(said)) is not refused
    assert [each.file for each in more] == (["summary.png"] if refused else [])
    assert tried(slack, "respond") == ([True, False] if refused else [True])


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
@pytest.mark.parametrize("key", ["NW-A", "NW-B", "NW-C", "NW-D"])
def test_the_table_and_the_charts_keep_to_the_limits(office: Office, slack: SlackOffice, language: str, key: str) -> None:
    def step(tx: Any) -> Screen:
        row = next(each for each in directory.all_networks(tx) if each.key == key)
        return summary_screen(make_snapshot(tx, office.world, row, WEEK, office.clock()), row, language)

    screen = office.run(step)
    assert screen.table is not None
    blocks = [table_block(screen.table, language), *(chart_blocks(list(screen.pictures[0].charts), language) or [None])]
    assert None not in blocks
    assert wrong_with_message({"text": "x", "blocks": blocks}) == []
    assert json.dumps(blocks)


def test_the_table_adds_up_to_what_the_words_say(office: Office) -> None:
    number = network(office)
    row = office.run(lambda tx: directory.read_network(tx, number))
    snapshot = office.run(lambda tx: make_snapshot(tx, office.world, row, WEEK, office.clock()))
    assert sum(snapshot["billed"].values()) == snapshot["cents"] == 372767
    assert set(snapshot["billed"]) == {"O1", "O2"}


def test_what_slack_would_not_take_is_not_made() -> None:
    cell = say("card.plain", value="x")
    assert table_block(Table((cell,), ((cell,),) * 100, ()), "nl") is None
    twice = Chart("bar", cell, cell, (cell, cell), ((cell, (1, 2)),))
    assert chart_blocks([twice], "nl") is None
    one = Chart("bar", cell, cell, (cell,), ((cell, (1,)),))
    assert len(chart_blocks([one, one], "nl") or []) == 2
    assert chart_blocks([one, one, one], "nl") is None


def test_on_telegram_and_in_a_terminal_the_summary_is_words_and_a_picture(office: Office) -> None:
    screen = screen_of(office)
    said, picture = telegram_surface.show(screen, Event("k", Who("telegram", "", "1"), "owed", NOW, chat="1"))
    assert (said["method"], picture["method"]) == ("sendMessage", "sendPhoto")
    for told in (said["text"], terminal.show(screen)):
        assert IN_WORDS in told
        assert "Momenten deze week" not in told


def test_an_amount_of_several_oproepen_together_has_its_own_row(office: Office) -> None:
    number = network(office)
    row = office.run(lambda tx: directory.read_network(tx, number))
    snapshot = office.run(lambda tx: make_snapshot(tx, office.world, row, WEEK, office.clock()))
    lines = [[words(cell, "nl") for cell in line] for line in rows({**snapshot, "billed": {"O1+O2": 8669}})]
    assert [line[:4] for line in lines] == [
        ["oproep 1 – overleg", "0", "0u", "–"], ["oproep 1 – overleg + oproep 2 – presentie", "–", "–", "€\xa086,69"],
        ["oproep 2 – presentie", "0", "0u", "–"],
    ]  # fmt: skip
