"""Two want the same at the same moment: the last hour of a pool, one draft, one invitation, one moment. One gets it."""

import asyncio
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers import access, registering
from handlers.registering import Registered
from storage.database import Database
from storage.tables import accounts, day_totals, drafts, events, moment_versions, moments, month_totals, people, postings, refusals
from tests import fault_seeds as seeds
from tests.databases import ENGINES, Engines

CROWD = 50


@pytest.fixture
def pool(database: Database) -> tuple[Database, list[int]]:
    """Fifty people who share a pool with one hour left."""
    return database, database.run(lambda tx: seeds.fill_pool(tx, CROWD, 600, 540))


def outcomes(found: list[Registered]) -> tuple[int, list[Registered]]:
    """How many were booked, and the others."""
    return sum(each.moment is not None for each in found), [each for each in found if each.moment is None]


def told_full(found: list[Registered]) -> bool:
    """Whether all were refused for the pool alone, with its balance."""
    reasons = [[(each.rule, each.asked, each.left) for each in one.verdict.findings if each.level == "refuse"] for one in found]
    return all(each == [("O2-10", 60, 0)] for each in reasons)


async def crowd(database: Database, persons: list[int], book: Any = seeds.BOOK) -> list[Registered]:
    """All of them at once, through the database thread(s)."""
    return await asyncio.gather(*(
        database.step(lambda tx, person=person: seeds.register(tx, person, f"m-{person}", book)) for person in persons
    ))


def at_once(database: Database, steps: list[Callable[[Any], Any]]) -> list[Any]:
    """Every step in a thread and a transaction of its own, started together; what each gave or raised."""
    start = threading.Barrier(len(steps))

    def run(step: Callable[[Any], Any]) -> Any:
        start.wait(10)
        try:
            return database.run(step)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


def begin_anew(database: Database) -> None:
    """Nothing is booked any more but what was used before the start."""
    def step(tx: Any) -> None:
        tx.execute(postings.delete().where(postings.c.moment.is_not(None)))
        for table in (moment_versions, moments, refusals):
            tx.execute(table.delete())
        gone = tx.execute(select(day_totals).where(day_totals.c.day == seeds.DAY)).all()
        tx.execute(day_totals.delete().where(day_totals.c.day == seeds.DAY))
        for row in gone:
            month = month_totals.update().where(month_totals.c.grant == row.grant, month_totals.c.person == row.person)
            less = month.values(minutes=month_totals.c.minutes - row.minutes)
            tx.execute(less.where(month_totals.c.month == seeds.DAY.replace(day=1)))
    database.run(step)


async def test_the_last_hour_of_a_pool_goes_to_one_of_fifty(pool: tuple[Database, list[int]]) -> None:
    database, persons = pool
    booked, others = outcomes(await crowd(database, persons))
    assert booked == 1
    assert len(others) == CROWD - 1
    assert told_full(others)
    assert database.run(seeds.used_minutes) == 600


def test_threads_with_connections_of_their_own_do_no_better(pool: tuple[Database, list[int]]) -> None:
    database, persons = pool
    for _ in range(3):
        found = at_once(database, [lambda tx, person=person: seeds.register(tx, person, f"m-{person}") for person in persons[:6]])
        booked, others = outcomes(found)
        assert (booked, told_full(others)) == (1, True)
        assert database.run(seeds.used_minutes) == 600
        begin_anew(database)


@pytest.mark.long
async def test_the_last_hour_a_hundred_times(pool: tuple[Database, list[int]]) -> None:
    database, persons = pool
    for _ in range(100):
        booked, others = outcomes(await crowd(database, persons))
        assert (booked, told_full(others)) == (1, True)
        assert database.run(seeds.used_minutes) == 600
        begin_anew(database)


def test_four_processes_fight_for_the_last_hour(pool: tuple[Database, list[int]]) -> None:
    database, persons = pool
    context = get_context("fork")
    start = context.Barrier(4)
    read, write = os.pipe()

    def fight(some: list[int]) -> None:
        own = Database(database.url)
        start.wait(20)
        found = asyncio.run(crowd(own, some))
        own.close()
        booked, others = outcomes(found)
        os.write(write, (json.dumps([booked, len(others), told_full(others)]) + "\n").encode())

    processes = [context.Process(target=fight, args=(persons[number::4],)) for number in range(4)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(60)
    os.close(write)
    with os.fdopen(read) as told:
        results = [json.loads(line) for line in told]
    assert len(results) == 4
    assert sum(booked for booked, _, _ in results) == 1
    assert sum(refused for _, refused, _ in results) == CROWD - 1
    assert all(full for _, _, full in results)
    assert database.run(seeds.used_minutes) == 600


@pytest.mark.parametrize("engine", ENGINES)
def test_without_the_locks_the_last_hour_is_booked_twice(engines: Engines, engine: str) -> None:
    """The canary: were it silent, the races above would prove nothing."""
    url = engines.with_tables(engine)
    database = Database(url, locking=False)
    persons = database.run(lambda tx: seeds.fill_pool(tx, 6, 600, 540))
    for _ in range(100):
        at_once(database, [lambda tx, person=person: seeds.register(tx, person, f"m-{person}") for person in persons])
        if overbooked := database.run(seeds.used_minutes) > 600:
            break
        begin_anew(database)
    database.close()
    engines.drop(url)
    assert overbooked, "in none of 100 rounds"


async def test_grants_apart_that_are_one_pool_of_their_site_are_locked_together(database: Database) -> None:
    persons = database.run(lambda tx: seeds.fill_pool(tx, 12, 600, 540, apart=True))
    for _ in range(5):
        booked, others = outcomes(await crowd(database, persons, seeds.BY_SITE))
        assert (booked, told_full(others)) == (1, True)
        assert database.run(seeds.used_minutes) == 600
        begin_anew(database)


def test_one_person_cannot_be_in_two_places(database: Database) -> None:
    def two_grants(tx: Any) -> int:
        (person,) = seeds.fill_pool(tx, 1, 600, 0)
        seeds.add_consultation(tx, person)
        return person

    person = database.run(two_grants)
    for _ in range(5):
        found = at_once(database, [
            lambda tx: seeds.register(tx, person, "pool"),
            lambda tx: seeds.register_consultation(tx, person, "consultation"),
        ])
        booked, others = outcomes(found)
        assert booked == 1
        assert [each.rule for each in others[0].verdict.findings if each.level == "refuse"] == ["DRV-02"]
        begin_anew(database)


def test_an_invitation_is_used_by_one(database: Database) -> None:
    for number in range(4):
        def step(tx: Any) -> tuple[int, str]:
            person = seeds.add_person(tx, f"N{number}")  # noqa: B023 - runs at once
            return person, access.make_invite(tx, person, seeds.NOW)

        person, code = database.run(step)
        users = [f"{number}-{other}" for other in range(3)]
        screens = [database.run(lambda tx, user=user: seeds.said(tx, user, f"s-{user}", f"/start {code}")) for user in users]  # noqa: B023
        meant = {seeds.button(screen, "link:") for screen in screens}
        assert len(meant) == 1
        found = at_once(database, [lambda tx, user=user: seeds.pressed(tx, user, f"l-{user}", min(meant)) for user in users])  # noqa: B023
        titles = sorted(each.title.key for each in found)
        assert titles == ["access.wrong_code", "access.wrong_code", "personal.hello"]
        assert database.run(lambda tx: tx.execute(select(func.count()).where(accounts.c.person == person)).scalar_one()) == 1  # noqa: B023


@pytest.fixture
def draft(database: Database) -> tuple[Database, Callable[[], str], int]:
    """A person with two accounts, "a" and "b", and a function that opens a card she can confirm; it gives what Bevestigen means."""
    def people_of(tx: Any) -> int:
        (person,) = seeds.fill_pool(tx, 1, 6000, 0)
        seeds.link(tx, person, "a")
        seeds.link(tx, person, "b")
        return person

    person = database.run(people_of)
    number = iter(range(1000))

    def card() -> str:
        hour = 8 + next(number)
        words = f"/presentie LDC 10/6 {hour}u-{hour}u45 praatcafé, 3 bezoekers"
        screen = database.run(lambda tx: seeds.said(tx, "a", f"card-{hour}", words))
        return seeds.button(screen, ".ok")

    return database, card, person


def test_one_draft_confirmed_on_two_accounts_is_one_moment(draft: tuple[Database, Callable[[], str], int]) -> None:
    database, card, _ = draft
    for round_ in range(6):
        meant = card()
        found = at_once(database, [lambda tx, user=user: seeds.pressed(tx, user, f"{round_}-{user}", meant) for user in "ab"])  # noqa: B023
        assert [each.title.key for each in found] == ["receipt.booked", "receipt.booked"], found
        assert sorted(bool(each.title.values["again"]) for each in found) == [False, True]
        assert len(database.run(seeds.accepted)) == round_ + 1
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(refusals)).scalar_one()) == 0


def test_who_is_told_that_nothing_was_booked_has_nothing_booked(draft: tuple[Database, Callable[[], str], int]) -> None:
    database, card, _ = draft
    booked = 0
    for round_ in range(8):
        meant = card()
        cancel = meant.replace(".ok", ".cancel")
        confirmed, cancelled = at_once(database, [
            lambda tx: seeds.pressed(tx, "a", f"{round_}-a", meant), lambda tx: seeds.pressed(tx, "b", f"{round_}-b", cancel),  # noqa: B023
        ])
        now = len(database.run(seeds.accepted))
        if now > booked:
            assert (confirmed.title.key, cancelled.title.key) == ("receipt.booked", "receipt.booked")
        else:
            assert cancelled.title.key == "registration.cancelled"
            assert confirmed.title.key == "problems.stale_nothing_open"
        booked = now


def test_two_forms_opened_at_once_leave_one_open(draft: tuple[Database, Callable[[], str], int]) -> None:
    database, _, person = draft
    for round_ in range(5):
        at_once(database, [lambda tx, user=user: seeds.said(tx, user, f"{round_}-{user}", "/presentie LDC gisteren") for user in "ab"])  # noqa: B023
        query = select(func.count()).where(drafts.c.person == person, drafts.c.state == "open")
        assert database.run(lambda tx: tx.execute(query).scalar_one()) == 1  # noqa: B023


def test_the_same_event_at_once_on_two_instances_is_handled_once(draft: tuple[Database, Callable[[], str], int]) -> None:
    database, card, _ = draft
    for round_ in range(5):
        meant = card()
        found = at_once(database, [lambda tx: seeds.pressed(tx, "a", f"same-{round_}", meant)] * 3)  # noqa: B023
        assert sorted(type(each).__name__ for each in found) == ["RepeatedError", "RepeatedError", "Screen"]
        assert len(database.run(seeds.accepted)) == round_ + 1
    keys = select(func.count()).where(events.c.key.startswith("same-"))
    assert database.run(lambda tx: tx.execute(keys).scalar_one()) == 5


def test_strangers_who_say_hello_twice_at_once_are_one_account(database: Database) -> None:
    code = database.run(lambda tx: access.make_invite(tx, seeds.add_person(tx, "N"), seeds.NOW))
    hello = [lambda tx, number=number: seeds.said(tx, "stranger", f"hello-{number}", f"/start {code}") for number in range(3)]
    found = at_once(database, hello)
    assert {each.title.key for each in found} == {"access.are_you"}


@pytest.mark.parametrize("deeds", [("correct", "cancel"), ("correct", "correct"), ("cancel", "cancel")])
def test_one_moment_changed_twice_at_once_adds_up(database: Database, deeds: tuple[str, str]) -> None:
    """Through the functions themselves, below the lock of a person's conversation."""
    (person,) = database.run(lambda tx: seeds.fill_pool(tx, 1, 600, 0))
    for round_ in range(5):
        moment = database.run(lambda tx: seeds.register(tx, person, f"m-{round_}").moment)  # noqa: B023

        def deed(kind: str, minutes: int) -> Callable[[Any], Any]:
            def step(tx: Any) -> Any:
                row = tx.execute(select(moments).where(moments.c.id == moment)).one()  # noqa: B023
                if kind == "cancel":
                    return registering.cancel(tx, seeds.BOOK, row, seeds.NOW)
                return registering.correct(tx, seeds.BOOK, row, seeds.presence(tx, person, minutes), {}, seeds.NOW)
            return step

        found = at_once(database, [deed(deeds[0], 90), deed(deeds[1], 30)])
        for each in found:
            assert isinstance(each, registering.CancelledError) or each.accepted, each
        row, versions, used = database.run(lambda tx: (
            tx.execute(select(moments).where(moments.c.id == moment)).one(),  # noqa: B023
            tx.execute(select(moment_versions.c.version).where(moment_versions.c.moment == moment)).scalars().all(),  # noqa: B023
            seeds.used_minutes(tx),
        ))
        assert sorted(versions) == list(range(1, row.version + 1))
        assert used == (row.minutes if row.state == "accepted" else 0)
        if "cancel" in deeds:
            assert row.state == "cancelled", "what was cancelled stays cancelled"
        begin_anew(database)


def test_people_are_not_kept_waiting_by_each_other(database: Database) -> None:
    """Different people at different sites: nobody is refused or told to come back later."""
    persons = database.run(lambda tx: seeds.fill_pool(tx, 8, 6000, 0))
    found = at_once(database, [lambda tx, person=person: seeds.register(tx, person, f"m-{person}") for person in persons])
    assert outcomes(found)[0] == 8
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(people)).scalar_one()) == 8
