"""Every delivery once: the key of each event with the answer that is owed for it, and when it was sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, null, select

from storage.instants import as_stored
from storage.on_conflict import inserting
from storage.prepared import Prepared
from storage.tables import events, moments

_ROW: dict[str, Any] = {"key": bindparam("key"), "at": bindparam("at"), "reply": bindparam("reply"), "sent_at": bindparam("sent_at")}
MARK_SENT = Prepared(events.update().where(events.c.key == bindparam("event")).values(sent_at=bindparam("when")))
STORED = Prepared(select(events.c.reply).where(events.c.key == bindparam("event")))
PUT_BACK = Prepared(
    events.update().where(events.c.key == bindparam("event"), events.c.sent_at.is_(None))
    .values(reply=bindparam("left"), tried_at=bindparam("when"))
)
KEEP_REPLY = timedelta(hours=48)


@cache
def _claim(dialect: str) -> Prepared:
    return Prepared(inserting(dialect, events).values(_ROW).on_conflict_do_nothing())


class RepeatedError(Exception):
    """This event was handled before: its effect and its answer stand."""


def claim(tx: Connection, key: str, reply: Any, now: datetime) -> None:
    """Keep the event with the answer it is owed, as the last statement of its step. Raises RepeatedError when it was there."""
    at = as_stored(now)
    if _claim(tx.dialect.name).write(tx, key=key, at=at, reply=reply, sent_at=None if reply is not None else at) != 1:
        raise RepeatedError


def stored_reply(tx: Connection, key: str) -> Any:
    """The answer owed for an event that was handled before (None: none, or no longer kept)."""
    row = STORED.first(tx, event=key)
    return None if row is None else row.reply


def mark_sent(tx: Connection, keys: Iterable[str], now: datetime) -> None:
    """The answers of these events have left."""
    at = as_stored(now)
    if rows := [{"event": key, "when": at} for key in keys]:
        MARK_SENT.write_all(tx, rows)


def take_unsent(tx: Connection, prefix: str, now: datetime, older: timedelta) -> list[tuple[str, Any]]:
    """The answers of a surface that are owed, and not tried, since `older` ago (0: all), oldest first; older than two days lost
    their use.

    They are taken: no other process gets the same ones before `older` has passed again.
    """
    at = as_stored(now)
    query = (
        select(events.c.key, events.c.reply, events.c.tried_at).where(events.c.sent_at.is_(None), events.c.at > at - KEEP_REPLY)
        .where(events.c.key.startswith(prefix, autoescape=True)).order_by(events.c.at)
    )
    rows = tx.execute(query.where(func.coalesce(events.c.tried_at, events.c.at) <= at - older) if older else query).all()
    taken = events.update().values(tried_at=at).where(events.c.sent_at.is_(None))
    return [
        (row.key, row.reply) for row in rows
        if tx.execute(taken.where(events.c.key == row.key, events.c.tried_at.is_not_distinct_from(row.tried_at))).rowcount == 1
    ]


def put_back(tx: Connection, key: str, reply: Any, at: datetime) -> None:
    """Owe what is left of an answer that could not be sent, as if it was tried at `at`."""
    PUT_BACK.write(tx, event=key, left=reply, when=as_stored(at))


def empty_old_replies(tx: Connection, now: datetime) -> None:
    """Drop what answers said after two days; the key stays 90 days to recognise a repeat."""
    old = events.update().where(events.c.at < as_stored(now) - KEEP_REPLY, events.c.reply.is_not(None))
    tx.execute(old.values(reply=null(), sent_at=as_stored(now)))
    tx.execute(events.delete().where(events.c.at < as_stored(now) - timedelta(days=90)))


def counts(tx: Connection) -> tuple[int, int]:
    """How many moments there are, and how many answers were not yet sent."""
    unsent = tx.execute(select(func.count()).select_from(events).where(events.c.sent_at.is_(None))).scalar_one()
    return int(tx.execute(select(func.count()).select_from(moments)).scalar_one()), int(unsent)
