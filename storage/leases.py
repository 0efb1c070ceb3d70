"""Leases: who of several processes does a job; the one that has it renews it, and when it ends without a word another takes over."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from storage.instants import as_stored
from storage.tables import leases


def take_lease(tx: Connection, name: str, holder: str, now: datetime, term: timedelta) -> bool:
    """Take or renew a lease for `term` from `now` (aware); False while somebody else holds it.

    The clock is the caller's. A lease that ends later than twice the term from now was written by a clock that was moved,
    and does not count.
    """
    at = as_stored(now)
    found = tx.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    if found is None:  # when another process inserts at the same time, the step runs again and finds its row
        tx.execute(leases.insert(), {"name": name, "holder": holder, "until": at + term})
        return True
    if found.holder != holder and at < found.until <= at + 2 * term:
        return False
    tx.execute(leases.update().where(leases.c.name == name), {"holder": holder, "until": at + term})
    return True


def holder_of(tx: Connection, name: str) -> str | None:
    """Who holds a lease, also when it has ended; None when nobody does."""
    return tx.execute(select(leases.c.holder).where(leases.c.name == name)).scalar_one_or_none()


def drop_lease(tx: Connection, name: str, holder: str) -> None:
    """Let go of a lease, so that another need not wait for its end; nothing happens when somebody else holds it."""
    tx.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))
