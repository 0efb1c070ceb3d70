"""Whatever is delivered how often, on whichever instance: one effect, and always an answer."""

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from bot.outgoing import LATER, GivenUpError, LaterError, Shown, UnreachableError
from bot.telegram_intake import Telegram
from handlers import access
from storage import events as stored
from storage.database import Database
from storage.outbox import owe as owe_message
from storage.tables import accounts, audit, events, metadata, moments, outbox
from tests import fault_seeds as seeds
from tests.databases import ENGINES, Engines
from tests.talk import Clock

BOT = 700
LIMIT = 6000
COUNTS = (2, 3, 10)
WAYS = ("in a row", "at once", "after a restart", "on another instance")
UNEXPECTED = "Sorry, hier liep iets mis"


class Recorder:
    """Instead of the platform: keeps what was sent, or refuses it as told."""

    def __init__(self) -> None:
        self.sent: list[list[dict[str, Any]]] = []
        self.refusal: Exception | None = None
        self.numbers = itertools.count(1000)
        self.moved: dict[str, str] = {}
        self.public: set[str] = set()

    async def send(self, calls: list[dict[str, Any]], *, live: bool = True) -> Shown:
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(calls)
        cards = [each["draft"] for each in calls if each.get("draft") is not None]
        number = str(next(self.numbers))
        return Shown(f"{cards[-1]}:{number}" if cards else None, number)


class Shop:
    """Instances of the Telegram side over one database, all speaking to one recorder; `phone` makes updates."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url, self.clock, self.recorder = url, clock or Clock(seeds.NOW), Recorder()
        self.databases: list[Database] = []
        self.instances: list[Telegram] = []
        self.numbers = itertools.count(1)
        self.open()

    def open(self) -> Telegram:
        self.databases.append(Database(self.url, durable=False))
        made = Telegram(None, self.databases[-1], seeds.WORLD, self.clock)  # type: ignore[arg-type]
        made.bot_id, made.bot_name, made.delivery = BOT, "uurwijzer_bot", self.recorder
        self.instances.append(made)
        return made

    def restart(self) -> None:
        """The first instance is gone, with all it had in memory."""
        self.close()
        self.databases, self.instances = [], []
        self.open()

    def close(self) -> None:
        for each in self.instances:
            if each.noting:
                each.noting.cancel()
        for each in self.databases:
            each.close()

    async def deliver(self, update: dict[str, Any], instance: int = 0) -> list[list[dict[str, Any]]]:
        """Hand over an update, wait until it is dealt with, and return what was sent meanwhile."""
        while len(self.instances) <= instance:
            self.open()
        before = len(self.recorder.sent)
        telegram = self.instances[instance]
        await (await telegram.take(update))
        await asyncio.gather(*telegram.tasks)
        return self.recorder.sent[before:]

    async def flush(self) -> None:
        for each in self.instances:
            await each.flush()

    # What people do

    def text(self, user: int, words: str) -> dict[str, Any]:
        number = next(self.numbers)
        return {"update_id": number, "message": {"message_id": number, **_who(user), "text": words}}

    def press(self, user: int, data: str, number: int | None = None) -> dict[str, Any]:
        number = number or next(self.numbers)
        message = {"message_id": 500, **_who(user)}
        return {"update_id": number, "callback_query": {"id": f"q{number}", "from": _who(user)["from"], "message": message, "data": data}}

    def button(self, verb: str) -> str:
        """What the newest button with this verb means."""
        for calls in reversed(self.recorder.sent):
            for each in calls:
                for row in (each.get("reply_markup") or {}).get("inline_keyboard", []):
                    for one in row:
                        if verb in one["callback_data"]:
                            return str(one["callback_data"])
        raise AssertionError(f"no button {verb!r} in {self.recorder.sent[-1:]}")

    # What is stored

    def run(self, step: Callable[[Any], Any]) -> Any:
        return self.databases[0].run(step)

    def picture(self) -> str:
        """Every cell of every table but when answers were noted as sent, and where a card stands."""
        def read(tx: Any) -> str:
            tables = {name: table for name, table in metadata.tables.items() if name not in ("events", "accounts")}
            ordered = {name: select(table).order_by(*table.primary_key.columns) for name, table in tables.items()}
            rows = {name: [list(row) for row in tx.execute(query)] for name, query in ordered.items()}
            linked = select(accounts.c.user, accounts.c.person, accounts.c.language, accounts.c.pending_invite).order_by(accounts.c.id)
            rows["accounts"] = [list(row) for row in tx.execute(linked)]
            rows["events"] = [list(row) for row in tx.execute(select(events.c.key).order_by(events.c.key))]
            return json.dumps(rows, default=str)
        return str(self.run(read))


def _who(user: int) -> dict[str, Any]:
    return {"from": {"id": user, "is_bot": False, "language_code": "nl"}, "chat": {"id": user, "type": "private"}, "date": 0}


def count_events(tx: Any) -> int:
    return int(tx.execute(select(func.count()).select_from(events)).scalar_one())


def said(sent: list[list[dict[str, Any]]]) -> str:
    return " ".join(each.get("text") or "" for calls in sent for each in calls)


def answers(sent: list[list[dict[str, Any]]]) -> int:
    """How many of these are more than the end of a spinner."""
    return sum(any(each["method"] != "answerCallbackQuery" for each in calls) for calls in sent)


@pytest.fixture
def shop(request: pytest.FixtureRequest, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shop on each engine, with one linked provider, user 1."""
    monkeypatch.chdir(tmp_path)  # who was unlinked is remembered in the working folder
    engine = getattr(request, "param", "sqlite")
    url = engines.with_tables(engine)
    found = Shop(url)
    found.run(seed)
    yield found
    found.close()
    engines.drop(url)


def seed(tx: Any) -> None:
    persons = seeds.fill_pool(tx, 3, LIMIT, 0)
    seeds.link(tx, persons[0], "1", "telegram", str(BOT))
    seeds.link(tx, persons[1], "2", "telegram", str(BOT))


on_both = pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)


def conversation(shop: Shop, code: str) -> list[Callable[[], dict[str, Any]]]:
    """A whole acquaintance: link, register, look, cancel, settings, unlink; each deed made when its turn comes."""
    user = 77
    return [
        lambda: shop.text(user, f"/start {code}"),
        lambda: shop.press(user, shop.button("link:")),
        lambda: shop.text(user, "/presentie 10/6 14u-15u"),
        lambda: shop.text(user, "praatcafé"),
        lambda: shop.text(user, "3 bezoekers"),
        lambda: shop.text(user, "ja"),
        lambda: shop.press(user, shop.button(".change")),
        lambda: shop.press(user, shop.button(".back")),
        lambda: shop.press(user, shop.button(".ok")),
        lambda: shop.press(user, shop.button("saldo")),
        lambda: shop.text(user, "/overzicht"),
        lambda: shop.press(user, shop.button("moment:")),
        lambda: shop.press(user, shop.button("cancel:")),
        lambda: shop.press(user, shop.button("undo:")),
        lambda: shop.press(user, "taal:fr"),
        lambda: shop.press(user, "report"),
        lambda: shop.press(user, "export"),
        lambda: shop.press(user, "unlinkme:yes"),
    ]


async def repeat(shop: Shop, update: dict[str, Any], count: int, way: str) -> None:
    """The same update `count` times in all; the first was delivered."""
    if way == "in a row":
        for _ in range(count - 1):
            await shop.deliver(update)
    elif way == "at once":
        await asyncio.gather(*(shop.deliver(update) for _ in range(count - 1)))
    elif way == "after a restart":
        await shop.flush()
        shop.restart()
        for _ in range(count - 1):
            await shop.deliver(update)
    else:
        for _ in range(count - 1):
            await shop.deliver(update, 1)


MATRIX = [
    (engine, way, count) for engine in ENGINES for way in WAYS for count in COUNTS
    if (count == 2 if way == "after a restart" else engine == "sqlite" or count == 3)
]  # fmt: skip


@pytest.mark.parametrize(("shop", "way", "count"), MATRIX, indirect=["shop"])
async def test_every_deed_repeated_has_one_effect(shop: Shop, way: str, count: int) -> None:
    code = shop.run(lambda tx: access.make_invite(tx, seeds.ids(tx, ["P2"])[0], seeds.NOW))
    for number, deed in enumerate(conversation(shop, code)):
        update = deed()
        first = await shop.deliver(update)
        assert answers(first) == 1, (number, first)
        assert UNEXPECTED not in said(first), number
        picture, sent = shop.picture(), len(shop.recorder.sent)
        await repeat(shop, update, count, way)
        assert shop.picture() == picture, number
        again = shop.recorder.sent[sent:]
        assert answers(again) == 0
        assert len(again) == (count - 1 if "callback_query" in update else 0), "the spinner of every press ends"
    moment = shop.run(lambda tx: tx.execute(select(moments)).one())
    told = shop.run(lambda tx: tx.execute(select(func.count()).where(audit.c.what == "link")).scalar_one())
    assert (moment.state, moment.version, told) == ("cancelled", 2, 1)
    assert shop.run(seeds.used_minutes) == 0


@on_both
async def test_every_deed_at_once_on_two_instances_has_one_effect(shop: Shop) -> None:
    code = shop.run(lambda tx: access.make_invite(tx, seeds.ids(tx, ["P2"])[0], seeds.NOW))
    shop.open()
    for number, deed in enumerate(conversation(shop, code)):
        update, sent, known = deed(), len(shop.recorder.sent), shop.run(count_events)
        await asyncio.gather(*(shop.deliver(update, instance) for instance in (0, 1, 0, 1)))
        fresh = shop.recorder.sent[sent:]
        assert answers(fresh) == 1, (number, fresh)
        assert UNEXPECTED not in said(fresh), number
        assert shop.run(count_events) == known + 1
    assert shop.run(lambda tx: tx.execute(select(moments.c.version)).scalars().all()) == [2]
    assert shop.run(seeds.used_minutes) == 0


FORM = ("/presentie 10/6 14u-15u", "praatcafé", "3 bezoekers", "ja", "bevestigen")


@pytest.mark.parametrize(("shop", "orders"), [("sqlite", 120), ("postgresql", 24)], indirect=["shop"])
async def test_a_form_in_every_order_is_whole_or_not_booked(shop: Shop, orders: int) -> None:
    booked = expected = 0
    for order in list(itertools.permutations(FORM))[:: 120 // orders]:
        for words in order:
            fresh = await shop.deliver(shop.text(1, words))
            assert answers(fresh) == 1, (order, words)
            assert UNEXPECTED not in said(fresh), (order, words)
        rows = shop.run(lambda tx: tx.execute(select(moments).where(moments.c.state == "accepted")).all())
        assert len(rows) == (order[:3] == FORM[:3]), "the statement and the card are each confirmed, with one word or the other"
        expected += order[:3] == FORM[:3]
        for row in rows:
            assert (row.minutes, row.submitted["answers"]["present"]) == (60, {"bezoeker": 3})
            await shop.deliver(shop.press(1, f"undo:{row.id}:{row.version}"))
        booked += len(rows)
        await shop.deliver(shop.text(1, "/annuleer"))
    assert booked == expected > 0
    assert shop.run(seeds.used_minutes) == 0


@on_both
async def test_a_press_again_under_a_new_update_shows_what_is_booked(shop: Shop) -> None:
    await shop.deliver(shop.text(1, "/presentie 10/6 14u-15u praatcafé, 3 bezoekers"))
    confirm = shop.button(".ok")
    await shop.deliver(shop.press(1, confirm))
    (moment,) = shop.run(seeds.accepted)
    for _ in range(3):
        again = await shop.deliver(shop.press(1, confirm))
        assert f"moment {moment}" in said(again)
        assert answers(again) == 1
    assert shop.run(seeds.accepted) == [moment]


async def test_two_forms_of_two_people_do_not_mix(shop: Shop) -> None:
    for one, other in zip(FORM, [FORM[0].replace("14u-15u", "16u-17u"), *FORM[1:]], strict=True):
        await asyncio.gather(shop.deliver(shop.text(1, one)), shop.deliver(shop.text(2, other)))
    rows = shop.run(lambda tx: tx.execute(select(moments.c.person, moments.c.begins).order_by(moments.c.person)).all())
    assert [begins.hour for _, begins in rows] == [12, 14]  # UTC


# What could not be sent


@on_both
async def test_an_answer_that_could_not_be_sent_is_sent_once_when_it_can(shop: Shop) -> None:
    shop.recorder.refusal = LaterError([{"method": "sendMessage", "chat_id": "1", "text": "rest"}], 0, "away")
    await shop.deliver(shop.text(1, "/saldo"))
    shop.recorder.refusal = None
    one, other = shop.instances[0], shop.open()
    shop.clock.move(seconds=LATER.total_seconds() - 1)
    await one.send_owed_answers()
    assert shop.recorder.sent == []
    shop.clock.move(seconds=2)
    await asyncio.gather(one.send_owed_answers(), other.send_owed_answers())
    assert [calls[0]["text"] for calls in shop.recorder.sent] == ["rest"], "only what was left, and by one of two"
    shop.clock.move(hours=1)
    await one.send_owed_answers()
    assert len(shop.recorder.sent) == 1


async def test_telegrams_own_waiting_time_is_kept(shop: Shop) -> None:
    shop.recorder.refusal = LaterError([{"method": "sendMessage", "chat_id": "1", "text": "rest"}], 300, "RetryAfter")
    await shop.deliver(shop.text(1, "/saldo"))
    shop.recorder.refusal = None
    for seconds, expected in ((290, 0), (20, 1)):
        shop.clock.move(seconds=seconds)
        await shop.instances[0].send_owed_answers()
        assert len(shop.recorder.sent) == expected


@on_both
async def test_the_answers_of_a_process_that_ended_are_sent_at_the_next_start(shop: Shop) -> None:
    await shop.deliver(shop.text(1, "/saldo"))
    shop.restart()  # sent, and not yet noted
    await shop.deliver(shop.text(2, "/saldo"))
    await shop.flush()
    before = len(shop.recorder.sent)
    await shop.instances[0].send_owed_answers(timedelta(0))
    assert len(shop.recorder.sent) == before + 1, "one duplicate, of the one that was not noted"
    await shop.instances[0].send_owed_answers(timedelta(0))
    assert len(shop.recorder.sent) == before + 1


async def test_a_late_card_of_a_form_that_moved_on_is_not_shown(shop: Shop) -> None:
    shop.recorder.refusal = LaterError([], 0, "away")
    start = shop.text(1, FORM[0])
    calls: list[dict[str, Any]] = []

    async def refuse(given: list[dict[str, Any]]) -> str | None:
        calls.extend(given)
        raise LaterError(given, 0, "away")

    shop.instances[0].delivery.send = refuse  # type: ignore[method-assign]
    await shop.deliver(start)
    del shop.instances[0].delivery.send
    shop.recorder.refusal = None
    await shop.deliver(shop.text(1, FORM[1]))
    shown = len(shop.recorder.sent)
    shop.clock.move(minutes=2)
    await shop.instances[0].send_owed_answers()
    assert calls, "the first card was tried"
    assert all(each.get("draft") is None for calls in shop.recorder.sent[shown:] for each in calls)


@pytest.mark.parametrize("refusal", [GivenUpError("malformed"), UnreachableError()])
async def test_what_can_never_be_sent_is_not_tried_again(shop: Shop, refusal: Exception) -> None:
    shop.recorder.refusal = refusal
    await shop.deliver(shop.text(1, "/saldo"))
    await shop.flush()
    shop.recorder.refusal = None
    shop.clock.move(hours=1)
    await shop.instances[0].send_owed_answers()
    assert shop.recorder.sent == []


@on_both
async def test_a_message_owed_to_an_account_is_sent_once_by_two_instances(shop: Shop) -> None:
    account = shop.run(lambda tx: tx.execute(select(accounts.c.id).where(accounts.c.user == "1")).scalar_one())
    for number in range(3):
        shop.run(lambda tx: owe_message(tx, f"report:{number % 2}", {"told": "report", "reference": "ABC"}, shop.clock(), account=account))  # noqa: B023
    one, other = shop.instances[0], shop.open()
    await asyncio.gather(one.deliver_owed(), other.deliver_owed(), one.deliver_owed())
    assert len(shop.recorder.sent) == 2
    assert shop.run(lambda tx: tx.execute(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))).scalar_one()) == 0


async def test_an_owed_message_waits_for_the_platform_and_not_for_other_platforms(shop: Shop) -> None:
    def owe(tx: Any) -> None:
        (person,) = seeds.ids(tx, ["P0"])
        for number in range(40):
            seeds.link(tx, person, f"slack-{number}", "slack", "T1")
        rows = tx.execute(select(accounts.c.id).order_by(accounts.c.platform, accounts.c.id)).scalars().all()
        for row in rows:
            owe_message(tx, f"report:{row}", {"told": "report", "reference": "ABC"}, shop.clock(), account=row)

    shop.run(owe)
    shop.recorder.refusal = LaterError([], 0, "away")
    await shop.instances[0].deliver_owed()
    shop.recorder.refusal = None
    await shop.instances[0].deliver_owed()
    assert shop.recorder.sent == [], "not again at once"
    shop.clock.move(seconds=61)
    await shop.instances[0].deliver_owed()
    assert len(shop.recorder.sent) == 2


# The table of events


def test_an_event_is_claimed_once_and_its_answer_kept(database: Database) -> None:
    now = seeds.NOW
    database.run(lambda tx: stored.claim(tx, "telegram:1:1", {"calls": []}, now))
    with pytest.raises(stored.RepeatedError):
        database.run(lambda tx: stored.claim(tx, "telegram:1:1", {"calls": [1]}, now))
    database.run(lambda tx: stored.claim(tx, "telegram:1:2", None, now))
    database.run(lambda tx: stored.claim(tx, "telegram:11:3", {"calls": [3]}, now))
    take = lambda older=0, at=now: database.run(lambda tx: stored.take_unsent(tx, "telegram:1:", at, timedelta(seconds=older)))  # noqa: E731
    assert take() == [("telegram:1:1", {"calls": []})], "of this bot, and only where an answer is owed"
    assert take(60, now + timedelta(seconds=30)) == [], "taken for a minute"
    assert len(take(60, now + timedelta(seconds=61))) == 1
    database.run(lambda tx: stored.put_back(tx, "telegram:1:1", {"calls": ["rest"]}, now))
    assert take() == [("telegram:1:1", {"calls": ["rest"]})]
    database.run(lambda tx: stored.mark_sent(tx, ["telegram:1:1"], now))
    assert take() == []
    assert database.run(stored.counts) == (0, 1)


def test_an_effect_of_a_repeated_event_is_undone(database: Database) -> None:
    (person,) = database.run(lambda tx: seeds.fill_pool(tx, 1, 600, 0))

    def step(tx: Any, submission: str) -> None:
        seeds.register(tx, person, submission)
        stored.claim(tx, "telegram:1:1", None, seeds.NOW)

    database.run(lambda tx: step(tx, "one"))
    with pytest.raises(stored.RepeatedError):
        database.run(lambda tx: step(tx, "two"))
    assert len(database.run(seeds.accepted)) == 1


def test_what_answers_said_goes_after_two_days_and_the_key_after_ninety(database: Database) -> None:
    database.run(lambda tx: stored.claim(tx, "telegram:1:1", {"calls": ["words"]}, seeds.NOW))
    for hours, reply, handled in ((47, {"calls": ["words"]}, True), (49, None, True), (91 * 24, None, False)):
        later = seeds.NOW + timedelta(hours=hours)
        database.run(lambda tx: stored.empty_old_replies(tx, later))  # noqa: B023
        assert database.run(lambda tx: stored.stored_reply(tx, "telegram:1:1")) == reply
        assert database.run(lambda tx: tx.execute(select(events.c.key)).scalars().all()) == ["telegram:1:1"] * handled


# Anything, in any order


class Deliveries(RuleBasedStateMachine):
    """People type and press what they see or once saw; old updates come again, on either instance; instances restart."""

    url: str
    updates: Bundle[dict[str, Any]] = Bundle("updates")
    WORDS = (
        "/presentie 10/6 14u-15u praatcafé, 3 bezoekers", "/presentie", "10/6 14u-15u", "praatcafé", "3 bezoekers", "ja", "bevestigen",
        "terug", "/annuleer", "/saldo", "/overzicht", "/presentie 11/6 9u-10u praatcafé, 4 bezoekers", "watte?",
    )

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.shop = Shop(self.url)
        self.handled: set[int] = set()

    @initialize()
    def begin(self) -> None:
        def empty(tx: Any) -> None:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())
            seed(tx)
        self.shop.run(empty)

    def give(self, update: dict[str, Any], instance: int) -> None:
        booked, picture = self.booked(), self.shop.picture()
        fresh = self.loop.run_until_complete(self.shop.deliver(update, instance))
        new = update["update_id"] not in self.handled
        self.handled.add(update["update_id"])
        assert UNEXPECTED not in said(fresh)
        assert answers(fresh) == new, "an answer, and one only"
        if "callback_query" in update:
            assert sum(each["method"] == "answerCallbackQuery" for calls in fresh for each in calls) == 1
        if not new:
            assert self.shop.picture() == picture
        assert self.booked() - booked in (0, 1) if new else self.booked() == booked

    def booked(self) -> int:
        return len(self.shop.run(seeds.accepted) or ()) + self.cancelled()

    def cancelled(self) -> int:
        query = select(func.count()).select_from(moments).where(moments.c.state == "cancelled")
        return int(self.shop.run(lambda tx: tx.execute(query).scalar_one()))

    @rule(target=updates, user=st.sampled_from((1, 2)), words=st.sampled_from(WORDS), instance=st.integers(0, 1))
    def type(self, user: int, words: str, instance: int) -> dict[str, Any]:
        update = self.shop.text(user, words)
        self.give(update, instance)
        return update

    @rule(target=updates, user=st.sampled_from((1, 2)), back=st.integers(0, 6), which=st.integers(0, 9), instance=st.integers(0, 1))
    def press(self, user: int, back: int, which: int, instance: int) -> dict[str, Any]:
        shown = [
            one["callback_data"] for calls in self.shop.recorder.sent[-1 - back :] for each in calls
            for row in (each.get("reply_markup") or {}).get("inline_keyboard", []) for one in row
            if not one["callback_data"].startswith("unlink")
        ]
        update = self.shop.press(user, shown[which % len(shown)] if shown else "menu")
        self.give(update, instance)
        return update

    @rule(update=updates, instance=st.integers(0, 1))
    def come_again(self, update: dict[str, Any], instance: int) -> None:
        self.give(update, instance)

    @rule()
    def restart(self) -> None:
        self.shop.restart()

    @invariant()
    def the_ledger_adds_up(self) -> None:
        query = select(func.coalesce(func.sum(moments.c.minutes), 0)).where(moments.c.state == "accepted")
        total = self.shop.run(lambda tx: tx.execute(query).scalar_one())
        assert self.shop.run(seeds.used_minutes) == total <= LIMIT

    def teardown(self) -> None:
        self.shop.close()
        self.loop.close()


def deliveries(engines: Engines, engine: str, examples: int, steps: int) -> None:
    url = engines.with_tables(engine)
    machine = type("Here", (Deliveries,), {"url": url})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    ))  # fmt: skip
    engines.drop(url)


def test_old_updates_come_again_among_new_ones(engines: Engines) -> None:
    deliveries(engines, "sqlite", 10, 25)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_old_updates_come_again_for_long(engines: Engines, engine: str) -> None:
    deliveries(engines, engine, 300, 50)
