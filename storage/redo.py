"""What a restore must do again, because it was done after the backup was made: access that was ended, people who were erased.

It is kept twice: as a line of a file beside the database (in the working folder for PostgreSQL), which outlives the database, and
as a row of the audit trail, which all instances on one PostgreSQL write to. Accounts and people stand in it by a mark only.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, select

from storage import accounts as stored_accounts
from storage.erasing import erase
from storage.instants import as_stored
from storage.remembered import forget
from storage.tables import accounts, audit, bindings, feeds, invites, leases, people, web_sessions

REDO, RESTORED = "redo", "restored"  # what the audit trail calls these rows, and the restore itself


class RedoError(ValueError):
    """The list holds something that this version cannot do; the text says what."""


@dataclass(frozen=True, slots=True)
class Redone:
    """What became of a list: accounts unlinked again; people erased again, who were not there, and who wait for `migrate`; lines
    that could not be read; calendar addresses ended again. What the database has had done already counts nowhere.

    Then what was ended whatever the list says: open invitations and codes for channels, sign-ins on the pages."""

    unlinked: int = 0
    erased: int = 0
    absent: int = 0
    waiting: int = 0
    unread: int = 0
    feeds: int = 0
    invited: int = 0
    codes: int = 0
    signed_out: int = 0


def redo_file(engine: Engine) -> Path | None:
    """The file beside an SQLite database, or for PostgreSQL one in the working folder; None for a database in memory."""
    path = engine.url.database
    return Path(f"{path}.redo") if path and path != ":memory:" else None


def remember_unlinked(tx: Connection, person: int, platform: str | None, now: datetime, account: int | None = None) -> None:
    """Note the accounts of a person (all, of one platform, or one) as unlinked; call it before they are."""
    rows = tx.execute(select(accounts).where(accounts.c.person == person)).all()
    rows = [row for row in rows if platform in (None, row.platform) and account in (None, row.id)]
    remember(tx, person, [{"what": "unlink", "account": _mark_of_account(row)} for row in rows], now)


def remember_erased(tx: Connection, person: int, label: str, now: datetime) -> None:
    """Note a person as erased under a label; call it before it is done."""
    key = tx.execute(select(people.c.key).where(people.c.id == person)).scalar_one()
    remember(tx, person, [{"what": "erase", "person": person, "key": mark_of(key), "label": label}], now)


def remember_feed(tx: Connection, person: int, now: datetime) -> None:
    """Note the calendar address of a person as ended; call it before it is."""
    hashes = tx.execute(select(feeds.c.hash).where(feeds.c.person == person)).scalars()
    remember(tx, person, [{"what": "feed", "hash": each} for each in hashes], now)


def mark_of(text: str) -> str:
    """What stands for a key or a chat account in the list: it can be recognised and not be read."""
    return hashlib.sha256(f"uurwijzer {text}".encode()).hexdigest()[:32]


def _mark_of_account(row: Any) -> str:
    return mark_of(f"{row.platform}:{row.workspace}:{row.user}")


def remember(tx: Connection, person: int, told: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Note things about a person to do again after a restore; each has a `what` that AGAIN knows.

    A line too much, when the transaction fails afterwards, ends a link only after a restore; a line too little would
    give a lost phone its access back.
    """
    lines = [json.dumps({"at": now.astimezone(UTC).isoformat(timespec="seconds"), **each}) for each in told]
    if not lines:
        return
    _add_rows(tx, [(as_stored(now), str(person), line) for line in lines])
    path = redo_file(tx.engine)
    if path is None:
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())


def lines_of_file(path: Path | None) -> list[str]:
    """The list of a file; empty when there is none."""
    return path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []


def lines_of_database(tx: Connection) -> list[str]:
    """The list that a database itself keeps."""
    return [str(line) for line in tx.execute(select(audit.c.detail).where(audit.c.what == REDO).order_by(audit.c.id)).scalars()]


def erased_marks(tx: Connection) -> frozenset[str]:
    """The marks of the keys of everybody who was erased, as far as the database keeps the list."""
    found = (json.loads(line) for line in lines_of_database(tx))
    return frozenset(str(told["key"]) for told in found if told.get("what") == "erase")


def redo(tx: Connection, lines: Iterable[str], *, current: bool = True) -> Redone:
    """Do in a restored database what was done since, and keep the list there.

    `current`: it has the tables of this version, and nobody may go on with what was remembered of the replaced one.
    Raises RedoError for what this version does not know: then the restore must not be done.
    """
    if current:
        forget(tx)
    there = set(lines_of_database(tx)) if current else set()
    done = Counter[str]()
    for line in dict.fromkeys(each for each in lines if each.strip()):
        try:
            told = json.loads(line)
            at = as_stored(datetime.fromisoformat(told["at"]))
            what = str(told["what"])
        except (ValueError, KeyError, TypeError):
            done["unread"] += 1  # the last line of a write that was cut off
            continue
        if what not in AGAIN:
            raise RedoError(what)
        if current or what != "erase":
            done += AGAIN[what](tx, told, at)
        else:  # tables of an earlier version: `migrate` does it
            done["waiting"] += 1
        if current and line not in there:
            _add_rows(tx, [(at, None, line)])
    return Redone(**done)


def close_doors(tx: Connection, redone: Redone, now: datetime) -> Redone:
    """End in a restored database whatever could open something that was used or ended since the backup: open codes, sign-ins on the
    pages, links to them (by a line of the audit trail, see is_before_restore). The sentences of `redone` with how many.

    Leases end too. Of the tables of an earlier version, what is there.
    """
    at, there = as_stored(now), set(inspect(tx).get_table_names())
    ends = {
        "invited": (invites, {"void_at": at}, (invites.c.used_at.is_(None), invites.c.void_at.is_(None), invites.c.expires_at > at)),
        "codes": (bindings, {"used_at": at}, (bindings.c.used_at.is_(None), bindings.c.expires_at > at)),
        "signed_out": (web_sessions, {"ends_at": at}, (web_sessions.c.ends_at > at,)),
    }
    if leases.name in there:  # of who worked when the backup was made
        tx.execute(leases.delete())
    if audit.name in there:
        stored_accounts.add_audit(tx, at, "operator", RESTORED)
    return replace(redone, **{
        name: int(tx.execute(table.update().where(*still), change).rowcount)
        for name, (table, change, still) in ends.items() if table.name in there
    })  # fmt: skip


def is_before_restore(tx: Connection, at: datetime) -> bool:
    """Whether an instant (UTC, no offset) is before the last restore: what was made then may have been used since."""
    return stored_accounts.audited_since(tx, "operator", RESTORED, at) > 0


def _add_rows(tx: Connection, rows: list[tuple[datetime, str | None, str]]) -> None:
    for at, about, line in rows:
        stored_accounts.add_audit(tx, at, "operator", REDO, about, line)


def _unlink(tx: Connection, told: Mapping[str, Any], at: datetime) -> Counter[str]:
    """End a link again; an account that was linked later stays."""
    linked = tx.execute(select(accounts).where(accounts.c.person.is_not(None))).all()
    row = next((each for each in linked if _mark_of_account(each) == told["account"]), None)
    if row is None or (row.linked_at is not None and row.linked_at > at):
        return Counter()
    return Counter(unlinked=stored_accounts.unlink(tx, row.person, account=row.id))


def _erase(tx: Connection, told: Mapping[str, Any], at: datetime) -> Counter[str]:
    """Erase a person again under the same label, which ends her links; somebody else who has the number by now stays."""
    row = tx.execute(select(people.c.key, people.c.erased_on).where(people.c.id == told["person"])).first()
    if row is not None and row.key == told["label"] and row.erased_on is not None:
        return Counter()
    if row is None or mark_of(row.key) != told["key"]:
        return Counter(absent=1)
    ended = len(stored_accounts.accounts_of(tx, told["person"]))
    erase(tx, told["person"], told["label"], at.replace(tzinfo=UTC))
    return Counter(erased=1, unlinked=ended)


def _end_feed(tx: Connection, told: Mapping[str, Any], at: datetime) -> Counter[str]:
    """End a calendar address again."""
    return Counter(feeds=tx.execute(feeds.delete().where(feeds.c.hash == told["hash"])).rowcount)


AGAIN: Mapping[str, Callable[[Connection, Mapping[str, Any], datetime], Counter[str]]] = {
    "unlink": _unlink, "erase": _erase, "feed": _end_feed,
}  # fmt: skip
