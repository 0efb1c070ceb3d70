"""The sample data of the demo gives exactly the balances that the domain document lists for 2026-06-15."""

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.book_files import read_books
from bot.sample_data import load_sample
from rules.periods import BRUSSELS
from storage import fact_reading
from storage.database import Database
from storage.tables import grants, moments, networks, people, refusals

NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
BOOKS = read_books()

# grant, person: used, left (minutes), hours to bill, of which preparation, rest (minutes), cents
WANTED = {
    ("GR-01", "K1"): (85, 155, 1, 0, 25, 8669),
    ("GR-02", "K1"): (0, 240, 0, 0, 0, 0),
    ("GR-03", "K2"): (135, 225, 2, 0, 15, 17338),
    ("GR-04", "K1"): (2400, 480, 25, 0, 0, 216725),
    ("GR-04", "K2"): (2400, 480, 15, 0, 0, 130035),
    ("GR-05", "K3"): (3000, 2760, 50, 0, 0, 433450),
    ("GR-06", "K6"): (90, 2790, 1, 0, 30, 8669),
    ("GR-07", "K4"): (320, 2560, 6, 1, 20, 52014),
    ("GR-08", "K4"): (0, 2880, 0, 0, 0, 0),
    ("GR-09", "K5"): (320, 280, 7, 2, 20, 60683),
    ("GR-10", "K7"): (30, 210, 0, 0, 30, 0),
}


@pytest.fixture
def sample() -> Database:
    database = Database("sqlite://")
    load_sample(database, BOOKS, NOW)
    return database


def test_every_balance_is_the_one_of_the_domain_document(sample: Database) -> None:
    def read(tx):
        keys = {row.id: row for row in tx.execute(select(grants))}
        books = {row.id: BOOKS[row.rulebook] for row in tx.execute(select(networks))}
        found = {}
        for person in tx.execute(select(people)):
            mine, offers = fact_reading.read_grants(tx, person.id), fact_reading.read_offers(tx, person.id)
            for grant in mine:
                row = keys[grant.id]
                got = fact_reading.read_balance(tx, books[row.network], grant, person.id, NOW.date(), mine, offers)
                hours = got.hours
                found[row.key, person.key] = (got.used, got.left, hours.hours, hours.preparations, hours.rest, hours.cents)
        return found

    found = sample.run(read)
    assert found == WANTED
    assert sum(row[2] for row in found.values()) == 107
    assert sum(row[5] for row in found.values()) == 927583


def test_the_sample_holds_its_moments_and_refusals(sample: Database) -> None:
    def read(tx):
        return (
            tx.execute(select(moments.c.source)).scalars().all(),
            sorted(tx.execute(select(refusals.c.rule)).scalars()),
        )

    kept, refused = sample.run(read)
    assert len(kept) == 16
    assert refused == ["DRV-12", "O2-10", "O3-26", "O3-40", "O4-14", "O4-21"]
