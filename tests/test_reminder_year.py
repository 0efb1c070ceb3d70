"""400 days by the hour, with outages, kills and two processes: nobody is nagged, and no money is lost without a word before it."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handlers.owed import owed_screen
from handlers.reminding import owe_reminders
from handlers.world import World
from rules.belgian_days import days_off
from rules.endings import endings
from rules.periods import BRUSSELS
from storage import outbox, preferences
from storage.balances import balances_of_many
from storage.database import Database
from storage.tables import accounts, metadata, plans
from storage.tables import outbox as outbox_rows
from tests.talk import BOOKS
from tests.test_reminders import Town, quota_town

BOOK = BOOKS["oost-vlaanderen"].with_values({"convention.valid_to": date(2028, 12, 31)})
WORLD = World({**BOOKS, "oost-vlaanderen": BOOK})
START = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 400
HOUR = timedelta(hours=1)
OUTAGES = (timedelta(minutes=59), timedelta(hours=1), timedelta(days=1), timedelta(days=9))
AWAY = {3: (date(2026, 7, 6), date(2026, 8, 2))}  # person: first and last day
WAITING = select(outbox_rows.c.id).where(outbox_rows.c.sent_at.is_(None), outbox_rows.c.failed.is_(None)).limit(1)


class _KilledError(Exception):
    pass


class Year:
    """The lives of some providers, and everything that was sent to them: (when, person, items)."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.database = Database("sqlite://")
        metadata.create_all(self.database.engine)
        self.sent: list[tuple[datetime, int, list[dict[str, Any]]]] = []
        self.lost: list[tuple[date, int, str]] = []  # the last day, whose, which grant
        self.undone: list[tuple[date, int, str]] = []
        self.grants: dict[int, tuple[int, int]] = {}  # grant: person, the weekday on which she works
        self.outages = self._outages()
        self.database.run(self._begin)

    def _outages(self) -> list[tuple[datetime, datetime]]:
        found = []
        for length in OUTAGES * 4:
            begin = START + timedelta(hours=self.dice.randrange(24 * DAYS))
            found.append((begin, begin + length))
        for night in (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)):  # the clock changes meanwhile
            found.append((night - 9 * HOUR, night + 9 * HOUR))
        return found

    def _begin(self, tx: Connection) -> None:
        town = Town(tx, 5)
        for number, person in enumerate(town.people):
            for _ in range(2):
                first = date(2025, 6, 1) + timedelta(days=self.dice.randrange(240))
                grant = town.grant("O2", [person], first, None, town.site(), minutes=self.dice.choice((240, 1200, 2880)))
                self.grants[grant] = (person, number % 5)
        for person, (first, last) in AWAY.items():
            preferences.change_preferences(tx, person, START, away_from=first, away_to=last)

    def run(self) -> None:
        for hour in range(24 * DAYS):
            now = START + hour * HOUR
            local = now.astimezone(BRUSSELS)
            if local.hour == 13:
                self.database.run(partial(self._live, today=local.date()))
            if local.hour == 23:
                self.database.run(partial(self._look, today=local.date()))
            if not any(begin <= now < end for begin, end in self.outages):
                self._tick(now)

    def _live(self, tx: Connection, today: date) -> None:
        """What people do on a day: work on their weekday, mostly register it, sometimes plan."""
        town = Town.__new__(Town)
        town.tx, town.network = tx, 1
        for grant, (person, weekday) in self.grants.items():
            if today.weekday() == weekday and person not in AWAY and self.dice.random() < 0.9:
                [held] = [each for _, each in dict(balances_of_many(tx, WORLD.books, [person], today))[person] if each.grant.id == grant]
                if held.left:
                    town.book(grant, person, today, min(held.left, self.dice.choice((25, 50, 75))))
            if self.dice.random() < 0.01:
                plan = town.plan(person, datetime(today.year, today.month, today.day, 15, tzinfo=BRUSSELS), 60)
                if self.dice.random() < 0.5:
                    tx.execute(plans.update().where(plans.c.id == plan).values(state="done"))
                else:
                    self.undone.append((today, person, f"p{plan}"))

    def _look(self, tx: Connection, today: date) -> None:
        """Note what is lost at the end of this day."""
        for person, several in balances_of_many(tx, WORLD.books, [1, 2, 3, 4, 5], today):
            for held, found in several:
                for end in endings(held.book.on(today), found, today):
                    if end.last == today and end.lost:
                        self.lost.append((today, int(person), f"g{found.grant.id}"))

    def _tick(self, now: datetime) -> None:
        if self.dice.random() < 0.02:
            with pytest.raises(_KilledError):
                self.database.run(lambda tx: self._killed(tx, now))
        for _ in range(self.dice.choice((1, 1, 2))):
            while self.database.run(lambda tx: owe_reminders(tx, WORLD, now)):
                pass
        if not self.database.run(lambda tx: tx.execute(WAITING).first()):
            return
        self.database.run(lambda tx: outbox.skip_late(tx, now))
        if self.dice.random() < 0.2:  # taken, then killed before anything was sent: due again when the lease ends
            self.database.run(lambda tx: outbox.take_owed(tx, "terminal", "", now, 2 * HOUR))
        for owed in self.database.run(lambda tx: outbox.take_owed(tx, "terminal", "", now, 2 * HOUR)):
            self.database.run(lambda tx, owed=owed: self._send(tx, owed, now))  # type: ignore[misc]

    def _killed(self, tx: Connection, now: datetime) -> None:
        owe_reminders(tx, WORLD, now)
        raise _KilledError

    def _send(self, tx: Connection, owed: outbox.Owed, now: datetime) -> None:
        assert owed_screen(tx, WORLD, owed) is not None or all(item["kind"] == "plan" for item in owed.told["items"])
        self.sent.append((now.astimezone(BRUSSELS), owed.told["person"], owed.told["items"]))
        outbox.mark_sent(tx, owed.id, now)

    def told(self, person: int, about: str, first: date, last: date) -> bool:
        """Whether she was told about a thing between two days."""
        return any(
            whose == person and first <= when.date() <= last and any(item["about"] == about for item in items)
            for when, whose, items in self.sent
        )


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_400_days_with_outages(seed: int) -> None:
    year = Year(seed)
    year.run()
    assert len(year.sent) > 60
    assert len(year.lost) >= 3
    assert len(year.undone) > 5
    a_day = Counter((person, when.date()) for when, person, _ in year.sent)
    a_week = Counter((person, when.isocalendar()[:2]) for when, person, _ in year.sent)
    assert max(a_day.values()) == 1
    assert max(a_week.values()) <= 3
    for when, person, _ in year.sent:
        assert 9 <= when.hour < 20, when
        assert when.isoweekday() != 7, when
        assert not days_off(when.year, "nl").holds(when.date()), when
        assert not (person in AWAY and AWAY[person][0] <= when.date() <= AWAY[person][1]), when
    said = Counter((person, item["id"]) for _, person, items in year.sent for item in items)
    assert max(said.values()) == 1, "each thing once a mark"
    for last, person, about in year.lost:
        assert year.told(person, about, last - timedelta(days=60), last), f"{about} of {person} was lost on {last} without a word"
    end = (START + timedelta(days=DAYS - 45)).date()
    for day, person, about in year.undone:
        assert day > end or year.told(person, about, day, day + timedelta(days=45)), f"{about} of {person} of {day} is not paid"


def test_what_was_missed_is_caught_up_after_any_time_down() -> None:
    heard: dict[timedelta, list[date]] = defaultdict(list)
    for down in (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=9)):
        database = Database("sqlite://")
        metadata.create_all(database.engine)

        def begin(tx: Connection) -> None:
            quota_town(tx)
            preferences.add_missing(tx, datetime(2026, 3, 23, 9, tzinfo=BRUSSELS), 10)
            assert tx.execute(select(accounts.c.id)).scalar_one()

        database.run(begin)
        up = datetime(2026, 3, 23, 9, tzinfo=BRUSSELS) + down  # nine days are over the change of the clock
        for now in (up, up + timedelta(minutes=1), up + timedelta(days=1), up + timedelta(days=2)):
            database.run(lambda tx, now=now: owe_reminders(tx, WORLD, now))  # type: ignore[misc]
            for owed in database.run(lambda tx, now=now: outbox.take_owed(tx, "terminal", "", now, HOUR)):  # type: ignore[misc]
                heard[down].append(now.astimezone(BRUSSELS).date())
                database.run(lambda tx, owed=owed, now=now: outbox.mark_sent(tx, owed.id, now))  # type: ignore[misc]
    assert [len(days) for days in heard.values()] == [1, 1, 1, 1]
    assert heard[timedelta(days=9)] == [date(2026, 4, 1)]
