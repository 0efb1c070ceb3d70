"""The audit trail: who did what, when, about whom; lines are only added, each with a hash over itself and the one before.

Nothing in it was typed by anybody, and people and accounts stand in it by number: when one is erased, no line changes.
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from storage.tables import audit

LOCK = 0x617564  # any number that nobody else uses as advisory lock
WORDS = re.compile(r"[A-Za-z0-9_.:/+-]{1,140}")
CUT = "cut"  # a line that holds only the hash from which the next one goes on: what was before it outlived its term
LAST = select(audit.c.id, audit.c.chain).order_by(audit.c.id.desc()).limit(1)


def add_audit(tx: Connection, at: datetime, who: str, what: str, about: str | None = None, detail: str | None = None) -> None:
    """One line of the audit trail, at an instant (UTC, no offset); never what a person typed.

    On PostgreSQL others who add a line wait until this transaction ends: call it late in a step. Raises ValueError when `who`,
    `what` or `about` is more than a number or a key of ours.
    """
    for said in (who, what, about):
        if said is not None and not WORDS.fullmatch(said):
            raise ValueError("the audit trail holds numbers and keys only")
    if tx.dialect.name != "sqlite" and not tx.get_execution_options().get("unlocked"):
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    chain = hash_of(last_line(tx)[1], at, who, what, about, detail)
    tx.execute(audit.insert(), {"at": at, "who": who, "what": what, "about": about, "detail": detail, "chain": chain})


def audited_since(tx: Connection, who: str, what: str, at: datetime) -> int:
    """How often somebody did something since then."""
    query = select(func.count()).select_from(audit).where(audit.c.who == who, audit.c.what == what, audit.c.at > at)
    return int(tx.execute(query).scalar_one())


def hash_of(before: str, at: datetime, who: str, what: str, about: str | None, detail: str | None) -> str:
    """The hash of a line (64 hexadecimal digits), from that of the line before it."""
    said = json.dumps([before, at.isoformat(timespec="microseconds"), who, what, about, detail])
    return hashlib.sha256(said.encode()).hexdigest()


def last_line(tx: Connection) -> tuple[int, str]:
    """The number and the hash of the last line; 0 and nothing when there is none."""
    row = tx.execute(LAST).first()
    return (row.id, row.chain) if row is not None else (0, "")


def verify(tx: Connection, after: int, before: str, limit: int) -> tuple[int | None, str, int]:
    """Check at most `limit` lines after a line and its hash (0 and nothing: from the first).

    Returns the last line that was checked (None: it was the end), its hash, and how many lines do not follow from the one before.
    """
    rows = tx.execute(select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(limit)).all()
    broken = 0
    for row in rows:
        first = not after and row is rows[0]
        broken += not (first and row.what == CUT) and row.chain != hash_of(before, row.at, row.who, row.what, row.about, row.detail)
        before = row.chain
    return (rows[-1].id if len(rows) == limit else None), before, broken


def holds(tx: Connection, line: int, chain: str) -> bool:
    """Whether a line that was once the last is still there as it was, or was cut off since with all before it."""
    if not line:
        return True
    row: Any = tx.execute(select(audit.c.chain).where(audit.c.id == line)).first()
    if row is not None:
        return bool(row.chain == chain)
    first = tx.execute(select(audit.c.id, audit.c.what).order_by(audit.c.id).limit(1)).first()
    return first is not None and first.id > line and first.what == CUT


def cut(tx: Connection, before: datetime, limit: int) -> int:
    """Delete at most `limit` of the first lines, up to the first one since `before`; the last of them stays as a hash only.

    Returns how many are gone.
    """
    keep = tx.execute(select(func.min(audit.c.id)).where(audit.c.at >= before, audit.c.what != CUT)).scalar_one()
    old = select(audit.c.id, audit.c.what).order_by(audit.c.id).limit(limit + 1)
    rows = tx.execute(old if keep is None else old.where(audit.c.id < keep)).all()
    if not rows or (len(rows) == 1 and rows[0].what == CUT):
        return 0
    last = rows[-1].id
    tx.execute(audit.delete().where(audit.c.id < last))
    tx.execute(audit.update().where(audit.c.id == last), {"who": "", "what": CUT, "about": None, "detail": None})
    return len(rows) - int(rows[0].what == CUT)
