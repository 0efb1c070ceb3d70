"""Databases and submissions for races and kills: many fictional people who share the last hour of one pool."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time

from sqlalchemy import Connection, func, select

from handlers import dispatch, registering
from handlers.screen import Event, Screen, Who
from handlers.world import World
from rules.book import Rulebook
from rules.facts import Submission
from rules.periods import to_utc
from storage import accounts, events
from storage.case_store import CaseStore
from storage.instants import as_stored
from storage.tables import day_totals, grants, memberships, moments, networks, people, postings, sites
from tests.talk import BOOKS

BOOK = BOOKS["oost-vlaanderen"].with_values({}, [(date(2024, 1, 1), 9000)])
BY_SITE = BOOK.with_values({"quota.period": "calendar"}, [(date(2024, 1, 1), 9000)])
WORLD = World(BOOKS)
NOW = to_utc(datetime(2026, 6, 15, 9))
DAY, EVENING = date(2026, 6, 10), time(20)


def fill_pool(tx: Connection, count: int, limit: int, used: int, *, apart: bool = False) -> list[int]:
    """`count` providers with one oproep 2 pool of `limit` minutes at site LDC, `used` of them gone; returns their ids.

    `apart`: each holds a grant of her own, which is one pool only where the quota is that of the site (A-01, A-45).
    """
    store = CaseStore(tx)
    network = tx.execute(networks.insert(), {"key": "NW", "name": "Fictief netwerk", "rulebook": "oost-vlaanderen"}).inserted_primary_key[0]
    store.add_site("LDC", "ldc", True)
    site = store.ids["sites"]["LDC"]
    tx.execute(sites.update().values(network=network))
    persons = [store.person(f"P{number}") for number in range(count)]
    tx.execute(memberships.insert(), [{"person": person, "network": network} for person in persons])
    for number, some in enumerate([[person] for person in persons] if apart else [persons]):
        store.add_grant(f"G{number}", "O2", some, site, None, date(2026, 1, 1), date(2026, 12, 31), limit, 0, None)
    if used:
        store.add_opening(store.grant(store.ids["grants"]["G0"]), persons[0], date(2026, 2, 1), used, 0)
    return persons


def presence(tx: Connection, person: int, minutes: int = 60, at: time = time(14)) -> Submission:
    """A visit of a person to the site, that only quota, overlap or clock can refuse."""
    site = tx.execute(select(sites.c.id).where(sites.c.key == "LDC")).scalar_one()
    return Submission(
        person, "O2", "presentie", site, start=datetime.combine(DAY, at), minutes=minutes, present={"bezoeker": 3},
        text="praatcafé", purpose="presentie",
    )  # fmt: skip


def register(tx: Connection, person: int, key: str, book: Rulebook = BOOK, **more: int) -> registering.Registered:
    """Submit that visit."""
    return registering.register(tx, book, presence(tx, person, **more), key, {}, NOW)


def used_minutes(tx: Connection) -> int:
    """What is booked on all grants, by the postings; the running totals must say the same."""
    posted = int(tx.execute(select(func.coalesce(func.sum(postings.c.minutes), 0))).scalar_one())
    assert posted == int(tx.execute(select(func.coalesce(func.sum(day_totals.c.minutes), 0))).scalar_one())
    return posted


def accepted(tx: Connection) -> list[int]:
    """The ids of the moments that count."""
    return list(tx.execute(select(moments.c.id).where(moments.c.state == "accepted").order_by(moments.c.id)).scalars())


def limit_of(tx: Connection) -> int:
    """The minutes of the (first) pool."""
    return int(tx.execute(select(grants.c.minutes).order_by(grants.c.id)).scalars().first() or 0)


def ids(tx: Connection, keys: Iterable[str]) -> list[int]:
    """The rows of people by their keys."""
    return [int(tx.execute(select(people.c.id).where(people.c.key == key)).scalar_one()) for key in keys]


def link(tx: Connection, person: int, user: str, platform: str = "terminal", workspace: str = "") -> None:
    """Let an account be a person's."""
    account = accounts.ensure_account(tx, accounts.read_session(tx, platform, workspace, user), platform, workspace, user, user)
    accounts.change_account(tx, account, person=person, linked_at=as_stored(NOW))


def said(tx: Connection, user: str, key: str, text: str) -> Screen:
    """What an account gets for something typed."""
    event = Event(key, Who("terminal", "", user), "text", NOW, text=text, chat=user)
    if text.startswith("/"):
        name, _, rest = text[1:].partition(" ")
        event = replace(event, kind="command", action=name, text=rest)
    screen = dispatch.handle(tx, WORLD, event)
    events.claim(tx, key, {"said": "something"}, NOW)
    return screen


def pressed(tx: Connection, user: str, key: str, meant: str) -> Screen:
    """What an account gets for a press."""
    screen = dispatch.handle(tx, WORLD, Event(key, Who("terminal", "", user), "press", NOW, action=meant, chat=user))
    events.claim(tx, key, {"said": "something"}, NOW)
    return screen


def button(screen: Screen, verb: str) -> str:
    """The meaning of the button with this verb."""
    return next(choice.press for row in screen.choices for choice in row if verb in choice.press)


def add_person(tx: Connection, key: str) -> int:
    """One more provider, in no network."""
    return CaseStore(tx).person(key)


def add_consultation(tx: Connection, person: int) -> None:
    """A grant of oproep 1 at a general practice, for one who holds a pool already."""
    store = CaseStore(tx)
    store.add_site("GP", "huisartsenpraktijk", True)
    site = store.ids["sites"]["GP"]
    key = tx.execute(select(people.c.key).where(people.c.id == person)).scalar_one()
    store.ids["people"][key] = person
    store.add_offer(key, site, date(2025, 1, 1), True, 300, 0)
    store.add_grant("GP", "O1", [person], site, None, date(2026, 1, 1), date(2026, 12, 31), None, 0, None)


def register_consultation(tx: Connection, person: int, key: str) -> registering.Registered:
    """A consultation there, at the hour of `presence`."""
    site = tx.execute(select(sites.c.id).where(sites.c.key == "GP")).scalar_one()
    sub = Submission(
        person, "O1", "overleg", site, start=datetime.combine(DAY, time(14, 30)), minutes=60, present={"arts": 1},
        topic="samenwerking", text="x", purpose="samenwerking",
    )  # fmt: skip
    return registering.register(tx, BOOK, sub, key, {}, NOW)
