"""Jobs of the night: each has a row that tells when it is due next and, while it runs, how far it is."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, null, select

from rules.periods import BRUSSELS, to_utc
from storage.instants import as_stored
from storage.tables import jobs


def due_job(tx: Connection, name: str, hour: time, now: datetime, rest: timedelta = timedelta()) -> Mapping[str, Any] | None:
    """How far a job is that is due at `now` (empty when it begins); None when it is not due.

    It is first due at the next `hour` in Brussels. One that could not run for longer than `rest` (when given) is put off by it,
    so that what was owed in the meantime can be done first.
    """
    at = as_stored(now)
    row = tx.execute(select(jobs).where(jobs.c.name == name).with_for_update()).first()
    if row is None:
        tx.execute(jobs.insert(), {"name": name, "next_at": next_time(hour, now)})
        return None
    if at < row.next_at:
        return None
    if rest and row.position is None and at - row.next_at > rest:
        tx.execute(jobs.update().where(jobs.c.name == name), {"next_at": at + rest})
        return None
    return row.position or {}


def keep_place(tx: Connection, name: str, position: Mapping[str, Any]) -> None:
    """A job that is due goes on from here."""
    tx.execute(jobs.update().where(jobs.c.name == name), {"position": dict(position)})


def end_job(tx: Connection, name: str, hour: time, now: datetime) -> None:
    """A job is done until the next `hour`."""
    tx.execute(jobs.update().where(jobs.c.name == name).values(next_at=next_time(hour, now), position=null()))


def next_time(hour: time, now: datetime) -> datetime:
    """The next instant (UTC, no offset) after `now` at which clocks in Brussels show `hour`."""
    local = now.astimezone(BRUSSELS)
    day = local.date() if local.time() < hour else local.date() + timedelta(days=1)
    return as_stored(to_utc(datetime.combine(day, hour)))
