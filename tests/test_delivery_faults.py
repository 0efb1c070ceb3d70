"""The platform refuses, hangs, breaks off or forgets: people are answered in the end, at most twice, and never wait for each other."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import telegram_intake
from bot.outgoing import LATER
from bot.telegram_delivery import TRIES
from bot.telegram_intake import Telegram
from bot.telegram_pace import Pace
from bot.telegram_transport import AiohttpRequest, DiscreetBot
from storage import events as stored
from storage import outbox as told
from storage.database import Database
from storage.tables import accounts, events, outbox
from tests import fault_seeds as seeds
from tests.databases import Engines
from tests.talk import Clock
from tests.telegram_people import Person
from tests.telegram_standin import Standin

HASTY = {"read_timeout": 0.25, "write_timeout": 0.05, "connect_timeout": 0.25, "pool_timeout": 0.25}
LINE = "/presentie 10/6 14u-15u praatcafé, 3 bezoekers"
# What may go wrong with a call, and how often the message is there at most: twice where nobody can know that it had arrived.
KINDS = {
    "429": 1, "500": 1, "502_html": 1, "timeout_before": 1, "reset_before": 1,
    "timeout_after_effect": 2, "reset_mid_body": 2, "bad_json": 2,
}


class Sleeper:
    """Counts the seconds instead of sleeping them; the file must be free for others meanwhile."""

    def __init__(self, file: Path) -> None:
        self.file, self.slept = file, 0.0

    async def __call__(self, seconds: float) -> None:
        self.slept += seconds
        with closing(sqlite3.connect(self.file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("ROLLBACK")
        await asyncio.sleep(0)


class Room:
    """A bot that polls the stand-in, on a database of its own, with people 1 and 2 linked."""

    def __init__(self, standin: Standin, file: Path) -> None:
        self.standin, self.clock, self.sleeper = standin, Clock(seeds.NOW), Sleeper(file)
        self.database = Database(f"sqlite:///{file}", durable=False)
        bot = DiscreetBot(
            standin.token, base_url=f"{standin.url}/bot", base_file_url=f"{standin.url}/file/bot",
            request=AiohttpRequest(**HASTY), get_updates_request=AiohttpRequest(connections=1, **HASTY),
        )
        self.telegram = Telegram(bot, self.database, seeds.WORLD, self.clock, self.sleeper, Pace(0))
        standin.idle = lambda: not self.telegram.tasks
        self.people: list[Person] = [standin.person("Lotte"), standin.person("Bram")]

        def seed(tx: Any) -> None:
            for person, row in zip(self.people, seeds.fill_pool(tx, 2, 6000, 0), strict=True):
                seeds.link(tx, row, str(person.user["id"]), "telegram", str(standin.bot["id"]))

        self.database.run(seed)

    async def settle(self, answer: bool = True) -> None:
        await self.standin.settle(8, quiet=0.005, answer=answer)

    async def tick(self, seconds: float = LATER.total_seconds() + 1) -> None:
        """A minute later."""
        self.clock.move(seconds=seconds)
        await self.telegram.send_owed_answers()
        await self.telegram.deliver_owed()

    def unsent(self) -> int:
        return int(self.database.run(stored.counts)[1])


@pytest.fixture
async def room(engines: Engines) -> AsyncIterator[Room]:
    file = Path(engines.with_tables("sqlite").removeprefix("sqlite:///"))
    async with Standin() as standin:
        found = Room(standin, file)
        await found.telegram.begin()
        polling = asyncio.create_task(found.telegram.poll())
        yield found
        standin.heal()
        found.telegram.stopping.set()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await found.telegram.end(2)
        found.database.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_message_comes_all_the_same(room: Room, kind: str) -> None:
    most = KINDS[kind]
    (lotte, _) = room.people
    room.standin.fail_next("sendMessage", kind)
    lotte.say("/saldo")
    await room.settle()
    assert 1 <= len(lotte.replies) <= most
    assert len({each.text for each in lotte.replies}) == 1
    await room.telegram.flush()
    await room.tick()
    assert room.unsent() == 0
    assert len(lotte.replies) <= most, "nothing more comes later"


@pytest.mark.parametrize("method", ["editMessageText", "answerCallbackQuery"])
@pytest.mark.parametrize("kind", [*KINDS, "400_not_modified"])
async def test_a_press_is_booked_and_shown_once(room: Room, kind: str, method: str) -> None:
    (lotte, _) = room.people
    lotte.say(LINE)
    await room.settle()
    room.standin.fail_next(method, kind)
    lotte.press("Bevestigen")
    await room.settle(answer=False)
    assert len(room.database.run(seeds.accepted)) == 1
    assert len(lotte.replies) == 1
    if (kind, method) != ("400_not_modified", "editMessageText"):
        assert lotte.last.text.startswith("Geboekt")
    if (kind, method) != ("400_not_modified", "answerCallbackQuery"):
        assert room.standin.unanswered() == []


@pytest.mark.parametrize("kind", ["500", "502_html", "timeout_before"])
async def test_a_platform_that_is_away_for_long_gets_it_later(room: Room, kind: str) -> None:
    (lotte, _) = room.people
    room.standin.fail_next("editMessageText", kind, times=None)
    lotte.say(LINE)
    await room.settle()
    lotte.press("Bevestigen")
    await asyncio.sleep(0)
    while not room.sleeper.slept or room.telegram.tasks:
        await asyncio.sleep(0.01)
    assert len(room.standin.of("editMessageText")) == TRIES
    assert len(room.database.run(seeds.accepted)) == 1, "booked, whatever the platform does"
    await room.tick(10)
    assert len(room.standin.of("editMessageText")) == TRIES, "not at once again"
    room.standin.heal()
    await room.tick()
    assert lotte.last.text.startswith("Geboekt")
    assert len(lotte.replies) == 1
    await room.settle()
    assert room.unsent() == 0


def both_ask(room: Room, times: int, *, wait: int) -> tuple[Person, Person]:
    """Lotte asks so many times, Bram once, while Telegram lets her chat wait: so many seconds."""
    (lotte, bram) = room.people
    room.standin.fail_next("sendMessage", "429", times=None, retry_after=wait, chat=lotte.chat.id)
    for _ in range(times):
        lotte.say("/saldo")
    bram.say("/saldo")
    return lotte, bram


async def test_a_long_wait_of_one_chat_holds_nobody_up(room: Room) -> None:
    lotte, bram = both_ask(room, 3, wait=300)
    await room.standin.settle(8, quiet=0.02, answer=False)
    assert bram.replies
    assert not lotte.replies
    assert room.sleeper.slept < 1
    await room.tick(200)
    assert not lotte.replies, "Telegram asked for five minutes"
    room.standin.heal()
    await room.tick(101)
    assert len(lotte.replies) == 3


async def test_short_waits_of_one_chat_never_add_up(room: Room) -> None:
    lotte, bram = both_ask(room, 20, wait=4)
    await room.settle(answer=False)
    assert len(bram.replies) == 1
    assert not lotte.replies
    assert room.sleeper.slept <= 4 * (TRIES - 1), "it waits for one of them"
    room.standin.heal()
    await room.tick()
    assert len(lotte.replies) == 20


async def test_a_group_that_is_flooded_holds_nobody_up(room: Room) -> None:
    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    room.telegram.delivery.pace = Pace(sleep=never, time=lambda: 0.0)
    outsider = room.standin.person("Iemand")
    group = room.standin.group("Ergens", [outsider])
    for number in range(telegram_intake.WINDOW + 25):
        outsider.say(f"/start x{number}", chat=group)
    (lotte, _) = room.people
    lotte.say("/saldo")
    await room.settle(answer=False)
    assert len(lotte.replies) == 1
    assert len([call for call in room.standin.of("sendMessage") if call.params["chat_id"] == str(group.chat.id)]) == 20


async def test_an_edit_of_a_lost_message_is_sent_anew(room: Room) -> None:
    (lotte, _) = room.people
    lotte.say("/presentie 10/6 14u-15u")
    await room.settle()
    lotte.last.deleted = True
    lotte.say("praatcafé")
    await room.settle()
    assert "praatcafé" in lotte.last.text


@pytest.mark.parametrize("kind", ["403", "400"])
async def test_who_blocked_the_bot_stops_nobody_else(room: Room, kind: str) -> None:
    (lotte, bram) = room.people
    room.standin.fail_next("sendMessage", kind, times=None, chat=lotte.chat.id)
    lotte.say("/saldo")
    bram.say("/saldo")
    await room.standin.settle(8, quiet=0.02, answer=False)
    assert bram.replies
    await room.telegram.flush()
    tried = len(room.standin.of("sendMessage"))
    await room.tick()
    assert len(room.standin.of("sendMessage")) == tried, "and is not tried again"


async def test_an_owed_message_to_who_blocked_the_bot_is_noted_and_the_next_one_goes(room: Room) -> None:
    (lotte, bram) = room.people
    lotte.block()
    bram.say("/saldo")
    await room.settle()

    def owe(tx: Any) -> None:
        for row in tx.execute(select(accounts.c.id).order_by(accounts.c.id)).scalars().all():
            told.owe(tx, f"report:{row}", {"told": "report", "reference": "ABC"}, room.clock(), account=row)

    room.database.run(owe)
    await room.tick()
    rows = room.database.run(lambda tx: tx.execute(select(outbox.c.failed, outbox.c.sent_at).order_by(outbox.c.account)).all())
    assert rows[0].failed == "unreachable"
    assert rows[1].failed is None
    assert rows[1].sent_at is not None
    assert len(bram.replies) == 2


async def test_a_refused_text_is_given_up_and_said_in_the_log(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    (lotte, _) = room.people
    room.standin.fail_next("sendMessage", "400", description="Bad Request: can't parse entities")
    lotte.say("/saldo")
    await room.settle(answer=False)
    await room.telegram.flush()
    await room.tick()
    assert lotte.replies == []
    assert len(room.standin.of("sendMessage")) == 1
    assert "given up" in caplog.text


@pytest.mark.parametrize("where", ["sendMessage", "getUpdates"])
async def test_a_revoked_token_stops_this_platform_and_says_so_once(room: Room, caplog: pytest.LogCaptureFixture, where: str) -> None:
    (lotte, bram) = room.people
    room.standin.fail_next(where, "401", times=None)
    lotte.say("/saldo")
    bram.say("/saldo")
    await asyncio.wait_for(room.telegram.stopping.wait(), 8)
    await asyncio.gather(*room.telegram.tasks)
    await room.tick()
    assert room.telegram.refused
    assert caplog.text.count("refuses the token") == 1
    assert room.standin.token.partition(":")[2] not in caplog.text


@pytest.mark.parametrize("kind", [*KINDS, "409", "400"])
async def test_polling_goes_on_after_anything(
    room: Room, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(telegram_intake, "POLL_SECONDS", 0)
    (lotte, _) = room.people
    lotte.say("/saldo")
    await room.settle()
    room.standin.fail_next("getUpdates", kind, times=3)
    lotte.say(LINE)
    await room.settle()
    lotte.press("Bevestigen")
    await room.settle()
    assert len(room.database.run(seeds.accepted)) == 1
    assert caplog.text.count("another process polls") <= 1


async def test_nothing_breaks_on_updates_that_make_no_sense(room: Room) -> None:
    (lotte, _) = room.people
    for body in ({"message": "no object"}, {"message": {"chat": {}}}, {"callback_query": {}}, {"poll": {"id": "1"}}, {"message": None}):
        await (await room.telegram.take({"update_id": 5, **body}))
    lotte.say("/saldo")
    await room.settle()
    assert lotte.replies
    assert room.database.run(lambda tx: len(tx.execute(select(events.c.key)).all())) == 1


async def test_chats_take_turns_and_leave_nothing_behind(room: Room) -> None:
    (lotte, bram) = room.people
    for number in range(1, 6):
        lotte.say(f"/presentie {number}/6 14u-15u praatcafé, 3 bezoekers")
        bram.say("/saldo")
    await room.settle()
    shown = [each.text for each in lotte.replies if "juni" in each.text]
    assert [f" {number} juni" in text for number, text in enumerate(shown, 1)] == [True] * 5
    await asyncio.gather(*room.telegram.tasks)
    assert room.telegram.turns == {}
