"""INSERT ... ON CONFLICT: SQLAlchemy has one for each engine, and importing PostgreSQL's takes long for who has SQLite."""

from functools import cache
from typing import Any

from sqlalchemy import Table


@cache
def inserting(dialect: str, table: Table) -> Any:
    """An INSERT that can be given what to do on a conflict, for the engine of that name."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgres_insert

    return postgres_insert(table)


@cache
def insert_new(dialect: str, table: Table) -> Any:
    """An INSERT that leaves a row alone whose key is there."""
    return inserting(dialect, table).on_conflict_do_nothing()
