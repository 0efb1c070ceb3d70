"""Databases with many moments: how they are filled at once, and the SQLite file that is kept for the next run."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, text

from storage.database import Database
from storage.schema import make_tables

LAYOUT = 6  # of the kept files: raise it with the tables or with what is filled in
POSTINGS = """
INSERT INTO postings (id, moment, version, "grant", person, day, minutes, preparations, at)
SELECT id, id, 1, "grant", person, day, minutes, 0, changed_at FROM moments
"""
DAYS = """
INSERT INTO day_totals ("grant", person, day, minutes, preparations)
SELECT "grant", person, day, sum(minutes), 0 FROM moments GROUP BY "grant", person, day
"""
MONTHS = """
INSERT INTO month_totals ("grant", person, month, minutes, preparations)
SELECT "grant", person, {month}, sum(minutes), 0 FROM day_totals GROUP BY 1, 2, 3
"""
MONTH = {"sqlite": "date(day, 'start of month')", "postgresql": "date_trunc('month', day)::date"}
Fill = Callable[[Connection], None]


def add_sums(tx: Connection) -> None:
    """The postings and the totals of all moments that there are, and away with the temporary tables that they came from."""
    for statement in (POSTINGS, DAYS, MONTHS.format(month=MONTH[tx.dialect.name]), "DROP TABLE bench_people", "DROP TABLE bench_slots"):
        tx.execute(text(statement))


def build(url: str, fill: Fill, *more: str) -> None:
    """Fill a database that is not there yet (SQLite) or empty (PostgreSQL). `more`: statements after that, such as an index."""
    database = Database(url, create=True, durable=False)
    database.run(make_tables)
    database.run(fill)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (*more, "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"):
            connection.execute(text(statement))
    database.close()


def kept_file(name: str, count: int, fill: Fill, *more: str) -> str:
    """The address of the SQLite file that a measurement keeps with so many rows, built when it is not there yet."""
    path = Path(tempfile.gettempdir()) / f"uurwijzer-bench-{os.getuid()}-{name}{LAYOUT}-{count}.sqlite"
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        build(f"sqlite:///{part}", fill, *more)
        Path(f"{part}-journal").unlink(missing_ok=True)
        part.rename(path)
    return f"sqlite:///{path}"
