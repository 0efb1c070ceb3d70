"""Remembers beside the database which accounts were unlinked, so that restoring an older copy does not link them again."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from storage import accounts as stored_accounts
from storage.remembered import forget
from storage.tables import accounts


def unlinked_file(engine: Engine) -> Path | None:
    """The file beside an SQLite database, or for PostgreSQL one in the working folder; None for a database in memory."""
    if engine.dialect.name == "sqlite":
        path = engine.url.database
        return Path(f"{path}.unlinked") if path and path != ":memory:" else None
    return Path(f"{engine.url.database}.unlinked")


def remember_unlinked(tx: Connection, person: int, platform: str | None, now: datetime, account: int | None = None) -> None:
    """Note the accounts of a person (all, of one platform, or one) as unlinked; call it before they are.

    A line too much, when the transaction fails afterwards, ends a link only after a restore; a line too little would
    give a lost phone its access back.
    """
    path = unlinked_file(tx.engine)
    rows = tx.execute(select(accounts).where(accounts.c.person == person)).all()
    rows = [row for row in rows if platform in (None, row.platform) and account in (None, row.id)]
    if path is None or not rows:
        return
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    lines = [json.dumps({"at": at, "platform": row.platform, "workspace": row.workspace, "user": row.user}) for row in rows]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())


def unlink_again(tx: Connection, path: Path | None, *, current: bool = True) -> int:
    """Unlink in a restored database what was unlinked since; an account that was linked later stays. Returns how many.

    `current`: it has the tables of this version, and nobody may go on with what was remembered of the replaced one.
    """
    if current:
        forget(tx)
    if path is None or not path.exists():
        return 0
    ended = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
            at = datetime.fromisoformat(told["at"]).astimezone(UTC).replace(tzinfo=None)
            who = (told["platform"], told["workspace"], told["user"])
        except (ValueError, KeyError, TypeError):
            continue  # the last line of a write that was cut off
        row = tx.execute(select(accounts).where(
            accounts.c.platform == who[0], accounts.c.workspace == who[1], accounts.c.user == who[2],
        )).first()  # fmt: skip
        if row is not None and row.person is not None and (row.linked_at is None or row.linked_at <= at):
            ended += stored_accounts.unlink(tx, row.person, account=row.id)
    return ended
