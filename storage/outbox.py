"""Messages that are owed to an account or a channel without an event to answer: each key once, whatever crashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal, select

from rules.facts import Id
from storage.instants import as_stored
from storage.on_conflict import insert_new
from storage.prepared import Prepared
from storage.tables import accounts, channels, outbox, people

SENT = Prepared(outbox.update().where(outbox.c.id == bindparam("owed")).values(sent_at=bindparam("at"), message=bindparam("shown_as")))


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that is due: where it goes (chat, and thread of a group), in which language, and what it is made of."""

    id: int
    key: str
    told: Mapping[str, Any]
    chat: str
    topic: str
    language: str
    account: int | None
    channel: int | None


def owe(
    tx: Connection, key: str, told: Mapping[str, Any], due: datetime, *,
    account: int | None = None, channel: int | None = None, use_until: datetime | None = None,
) -> None:
    """Owe a message to an account or a channel from `due` on, once per key; after `use_until` it is not sent any more."""
    row = {
        "key": key, "account": account, "channel": channel, "told": dict(told), "due_at": as_stored(due), "owed_at": as_stored(due),
        "use_until": as_stored(use_until) if use_until else None,
    }
    tx.execute(insert_new(tx.dialect.name, outbox), row)


def owe_person(tx: Connection, key: str, told: Mapping[str, Any], person: Id, due: datetime, use_until: datetime | None = None) -> bool:
    """Owe a message to a person: on the account that she linked last and that can be reached. False when there is none."""
    account = reachable_account(tx, person)
    if account is None:
        return False
    owe(tx, key, told, due, account=account, use_until=use_until)
    return True


def reachable_account(tx: Connection, person: Id) -> int | None:
    """The account on which a person can be reached, the one linked last; None when there is none (never linked, or blocked)."""
    query = select(accounts.c.id).where(accounts.c.person == person, accounts.c.chat.is_not(None))
    return tx.execute(query.order_by(accounts.c.linked_at.desc(), accounts.c.id.desc())).scalars().first()


def skip_late(tx: Connection, now: datetime) -> int:
    """Mark what lost its use as late, and what goes to an account that cannot be reached: it is not sent. Returns how many were late."""
    closed = select(accounts.c.id).where(accounts.c.chat.is_(None))
    nowhere = outbox.update().where(outbox.c.sent_at.is_(None), outbox.c.failed.is_(None), outbox.c.account.in_(closed))
    tx.execute(nowhere.values(failed="unreachable"))
    late = outbox.update().where(outbox.c.sent_at.is_(None), outbox.c.failed.is_(None), outbox.c.use_until < as_stored(now))
    return int(tx.execute(late.values(failed="late")).rowcount)


def take_owed(tx: Connection, platform: str, workspace: str, now: datetime, lease: timedelta, limit: int = 30) -> list[Owed]:
    """Messages that are due on a platform, oldest first. They are taken: not marked within `lease` they are due again,
    for whichever process comes first."""
    at = as_stored(now)
    due = (outbox.c.sent_at.is_(None), outbox.c.failed.is_(None), outbox.c.due_at <= at)
    found = [row for query in (_to_accounts(platform, workspace), _to_channels(platform, workspace))
             for row in tx.execute(query.where(*due).order_by(outbox.c.due_at, outbox.c.id).limit(limit))]
    found = sorted(found, key=lambda row: (row.due_at, row.id))[:limit]
    if not found:
        return []
    mine = outbox.update().where(outbox.c.id.in_([row.id for row in found]), *due).values(due_at=at + lease).returning(outbox.c.id)
    taken = set(tx.execute(mine).scalars())
    return [
        Owed(row.id, row.key, row.told, row.chat, row.topic or "", row.language or "nl", row.account, row.channel)
        for row in found
        if row.id in taken
    ]


def _to_accounts(platform: str, workspace: str) -> Select[Any]:
    language = func.coalesce(accounts.c.language, people.c.language).label("language")
    return (
        select(outbox, accounts.c.chat, literal("").label("topic"), language)
        .select_from(outbox.join(accounts, accounts.c.id == outbox.c.account).outerjoin(people, people.c.id == accounts.c.person))
        .where(accounts.c.platform == platform, accounts.c.workspace == workspace, accounts.c.chat.is_not(None))
    )


def _to_channels(platform: str, workspace: str) -> Select[Any]:
    return (
        select(outbox, channels.c.place.label("chat"), channels.c.topic, channels.c.language)
        .select_from(outbox.join(channels, channels.c.id == outbox.c.channel))
        .where(channels.c.platform == platform, channels.c.workspace.in_((workspace, "")), channels.c.state == "open")
    )


def mark_sent(tx: Connection, message: int, now: datetime, shown_as: str | None = None) -> None:
    """An owed message was sent; `shown_as` is what the platform calls it."""
    SENT.write(tx, owed=message, at=as_stored(now), shown_as=shown_as)


def mark_failed(tx: Connection, message: int, why: str) -> None:
    """An owed message can never be sent: `why` is refused or unreachable."""
    tx.execute(outbox.update().where(outbox.c.id == message).values(failed=why))


def drop_channel(tx: Connection, channel: Id) -> None:
    """What is still owed to a channel is not sent: it was released."""
    tx.execute(outbox.delete().where(outbox.c.channel == channel, outbox.c.sent_at.is_(None), outbox.c.failed.is_(None)))


def mark_unreachable(tx: Connection, owed: Owed) -> None:
    """Nothing reaches this account or channel any more. A message to a person goes to her next account, if she has one.

    An account that cannot be reached has no chat, until its person writes again; a channel is lost until it is bound anew.
    """
    if owed.channel is not None:
        tx.execute(channels.update().where(channels.c.id == owed.channel).values(state="lost"))
        return mark_failed(tx, owed.id, "unreachable")
    return close_account(tx, owed.account or 0)


def close_account(tx: Connection, account: int) -> None:
    """Nothing reaches an account any more, until its person writes again: what is owed to it goes to her next account, if any."""
    tx.execute(accounts.update().where(accounts.c.id == account).values(chat=None))
    person = tx.execute(select(accounts.c.person).where(accounts.c.id == account)).scalar_one_or_none()
    other = reachable_account(tx, person) if person is not None else None
    waiting = outbox.update().where(outbox.c.account == account, outbox.c.sent_at.is_(None), outbox.c.failed.is_(None))
    tx.execute(waiting.values(account=other) if other is not None else waiting.values(failed="unreachable"))


def is_owed(tx: Connection, key: str) -> bool:
    """Whether a message was ever owed under this key."""
    return tx.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is not None


def where_sent(tx: Connection, key: str) -> tuple[str, str] | None:
    """The chat and the platform's name of an owed message that was sent, to edit it; None when it was not."""
    chat = func.coalesce(channels.c.place, accounts.c.chat)
    query = (
        select(chat, outbox.c.message)
        .select_from(outbox.outerjoin(accounts, accounts.c.id == outbox.c.account).outerjoin(channels, channels.c.id == outbox.c.channel))
        .where(outbox.c.key == key, outbox.c.message.is_not(None))
    )
    row = tx.execute(query).first()
    return (row[0], row[1]) if row is not None else None
