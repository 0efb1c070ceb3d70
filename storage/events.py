"""Every delivery once: the key of each event with the answer that is owed for it, and when it was sent."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import events, outbox

_ROW = {"key": bindparam("key"), "at": bindparam("at"), "reply": bindparam("reply"), "sent_at": bindparam("sent_at")}
CLAIM = {
    "sqlite": sqlite.insert(events).values(_ROW).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(events).values(_ROW).on_conflict_do_nothing(),
}
ENQUEUE = {"sqlite": sqlite.insert(outbox).on_conflict_do_nothing(), "postgresql": postgresql.insert(outbox).on_conflict_do_nothing()}
KEEP_REPLY = timedelta(hours=48)


class RepeatedError(Exception):
    """This event was handled before: its effect and its answer stand."""


def _utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None)


def claim(tx: Connection, key: str, reply: Any, now: datetime) -> None:
    """Keep the event with the answer it is owed, as the last statement of its step. Raises RepeatedError when it was there."""
    at = _utc(now)
    row = {"key": key, "at": at, "reply": reply, "sent_at": None if reply is not None else at}
    if tx.execute(CLAIM[tx.dialect.name], row).rowcount != 1:
        raise RepeatedError


def was_handled(tx: Connection, key: str) -> bool:
    """Whether the event was handled before."""
    return tx.execute(select(events.c.key).where(events.c.key == key)).first() is not None


def stored_reply(tx: Connection, key: str) -> Any:
    """The answer owed for an event that was handled before (None: none, or no longer kept)."""
    return tx.execute(select(events.c.reply).where(events.c.key == key)).scalar_one_or_none()


def mark_sent(tx: Connection, keys: Iterable[str], now: datetime) -> None:
    """The answers of these events have left."""
    wanted = list(keys)
    if wanted:
        tx.execute(events.update().where(events.c.key.in_(wanted)).values(sent_at=_utc(now)))


def unsent(tx: Connection, prefix: str, now: datetime) -> list[tuple[str, Any]]:
    """The answers of a surface that were owed when the process ended, oldest first; older than two days lost their use."""
    rows = tx.execute(
        select(events.c.key, events.c.reply)
        .where(events.c.sent_at.is_(None), events.c.at > _utc(now) - KEEP_REPLY, events.c.key.startswith(prefix, autoescape=True))
        .order_by(events.c.at)
    )
    return [(row.key, row.reply) for row in rows]


def empty_old_replies(tx: Connection, now: datetime) -> None:
    """Drop what answers said after two days; the key stays 90 days to recognise a repeat."""
    tx.execute(events.update().where(events.c.at < _utc(now) - KEEP_REPLY, events.c.reply.is_not(None)).values(reply=None, sent_at=_utc(now)))
    tx.execute(events.delete().where(events.c.at < _utc(now) - timedelta(days=90)))


def owe(tx: Connection, key: str, account: int, screen: Any, due: datetime) -> None:
    """Owe a message to an account, once per key."""
    tx.execute(ENQUEUE[tx.dialect.name], {"key": key, "account": account, "screen": screen, "due_at": _utc(due)})


def owed(tx: Connection, now: datetime, limit: int = 30) -> list[Any]:
    """Messages that are due and not sent, oldest first."""
    return list(tx.execute(
        select(outbox).where(outbox.c.sent_at.is_(None), outbox.c.failed.is_(None), outbox.c.due_at <= _utc(now)).order_by(outbox.c.due_at).limit(limit)
    ))


def mark_owed(tx: Connection, message: int, now: datetime, failed: str | None = None) -> None:
    """An owed message was sent, or can never be."""
    tx.execute(outbox.update().where(outbox.c.id == message).values(sent_at=None if failed else _utc(now), failed=failed))
