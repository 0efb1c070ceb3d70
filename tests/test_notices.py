"""What is owed without anybody asking: a kept moment that can be judged now, once."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from bot.book_files import read_books
from handlers.notices import owe_notices, told_ready
from handlers.world import World
from rules.periods import BRUSSELS
from storage.database import Database
from storage.tables import accounts, add_row, drafts, memberships, metadata, networks, outbox, people


@pytest.fixture
def office() -> Database:
    database = Database("sqlite://")
    metadata.create_all(database.engine)
    with database.engine.begin() as tx:
        network = add_row(tx, networks, {"key": "NW", "name": "Fictief netwerk", "rulebook": "oost-vlaanderen"})
        for key, role in (("K", "verstrekker"), ("C", "coordinator")):
            person = add_row(
                tx, people, {"key": key, "first_name": key, "name": "Fictief", "roles": role, "contract_from": date(2024, 1, 1)}
            )
            tx.execute(memberships.insert(), {"person": person, "network": network})
            add_row(tx, accounts, {"platform": "telegram", "workspace": "1", "user": key, "chat": key, "person": person})
        add_row(
            tx,
            drafts,
            {
                "person": 1,
                "form": "presentie",
                "network": network,
                "purpose": "register",
                "answers": {"day": "2027-01-05"},
                "aside": {},
                "revision": 3,
                "state": "waiting",
                "changed_at": datetime(2026, 12, 1),
            },
        )
    return database


def owed(database: Database) -> list[str]:
    with database.engine.begin() as tx:
        return [row.told["told"] for row in tx.execute(select(outbox).order_by(outbox.c.id))]


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=BRUSSELS)


def test_a_kept_moment_is_offered_as_soon_as_a_rulebook_covers_its_day(office: Database) -> None:
    books = read_books()
    office.run(lambda tx: owe_notices(tx, World(books), at(2026, 6, 1, 9)))
    assert owed(office) == []
    successor = {**books, "oost-vlaanderen": books["oost-vlaanderen"].with_values({"convention.valid_to": date(2027, 12, 31)})}
    for _ in range(2):
        office.run(lambda tx: owe_notices(tx, World(successor), at(2026, 6, 2, 9)))
    assert owed(office) == ["ready"]
    with office.engine.begin() as tx:
        screen = told_ready(tx, World(successor), tx.execute(select(outbox.c.told)).scalar_one(), "nl")
    assert screen.choices[0][0].press == "resume:1"
