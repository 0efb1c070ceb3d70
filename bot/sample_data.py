"""The sample data of the demo, all of it fictional: files in bot/sample, and refusals for the coordinators' log."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files

from sqlalchemy import Connection

from bot.tables_in import read_tables
from handlers.import_lines import Report
from handlers.importing import import_tables
from rules.book import Rulebook
from storage import requests
from storage.database import Database
from storage.import_rows import add_row, by_key
from storage.schema import make_tables
from storage.tables import grants, networks, people, refusals

# Network, day, rules: presence beyond the pool, a workshop too short, too few actors, no admission, data of a client.
REFUSALS = (
    ("NW-A", date(2026, 6, 10), ("O2-10",)),
    ("NW-B", date(2026, 6, 10), ("O4-21",)),
    ("NW-B", date(2026, 6, 11), ("O3-40",)),
    ("NW-A", date(2026, 6, 11), ("O4-14",)),
    ("NW-B", date(2026, 6, 12), ("DRV-12", "O3-26")),
)


def add_sample_request(tx: Connection, now: datetime) -> None:
    """A request that waits for the coordinator of NW-A: more hours on the oproep 1 grant of K2."""
    grant = by_key(tx, grants)["GR-03"]
    row = {
        "person": by_key(tx, people)["K2"].id, "network": by_key(tx, networks)["NW-A"].id, "kind": "more", "oproep": "O1",
        "rule": "O1-16", "site": grant.site, "grant": grant.id, "minutes": 120, "answers": {},
        "motive": "er komt maandelijks een teamoverleg bij",
    }  # fmt: skip
    requests.add_request(tx, row, now - timedelta(days=3), now)


def load_sample(database: Database, books: Mapping[str, Rulebook], now: datetime) -> None:
    """Make the tables in an empty database and fill them with the sample data, judged at `now` (aware)."""
    with as_file(files("bot") / "sample") as folder:
        sheets, unread, _ = read_tables(folder)
    report = Report(refusals=unread)

    def step(tx: Connection) -> None:
        make_tables(tx)
        import_tables(tx, books, sheets, now, report)
        if report.refusals:
            raise RuntimeError("The sample data does not fit this version: " + "; ".join(map(str, report.refusals)))
        ids = {key: row.id for key, row in by_key(tx, networks).items()}
        for network, day, rules in REFUSALS:
            for rule in rules:
                add_row(tx, refusals, {"network": ids[network], "rule": rule, "day": day})

    database.run(step)
