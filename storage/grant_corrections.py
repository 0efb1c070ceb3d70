"""The corrections of a grant, kept with it: what was changed, by whom, and why; oldest first.

The audit trail holds what was changed and never what was typed: the reasons stand here, and go when a holder is erased.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from rules.facts import Id
from storage import remembered
from storage.tables import grants, people


@dataclass(frozen=True, slots=True)
class Correction:
    """One change of a grant: `what` is the column, `before` and `after` minutes or ISO days (None: without end), `by` a name (None: of
    nobody we know). Without `what` it is only the reason that came with the grant."""

    reason: str
    what: str | None = None
    before: int | str | None = None
    after: int | str | None = None
    on: str | None = None
    by: str | None = None


def correct(
    tx: Connection, grant: Id, what: str, before: int | date | None, after: int | date, reason: str, by: Id | None, on: date
) -> int:
    """Set a column of a grant and keep why; returns the place of the correction in the history of the grant."""
    row = tx.execute(select(grants.c.corrections, grants.c.reason).where(grants.c.id == grant)).one()
    history = row.corrections or ([{"reason": row.reason}] if row.reason else [])
    history = [*history, {"what": what, "before": _plain(before), "after": _plain(after), "reason": reason, "by": by, "on": on.isoformat()}]
    tx.execute(grants.update().where(grants.c.id == grant), {what: after, "reason": reason, "corrections": history})
    remembered.forget(tx)
    return len(history) - 1


def _plain(value: int | date | None) -> int | str | None:
    return value.isoformat() if isinstance(value, date) else value


def read_corrections(tx: Connection, grant: Id) -> list[Correction]:
    """The history of a grant, oldest first; empty when nothing was corrected."""
    history: list[dict[str, Any]] = tx.execute(select(grants.c.corrections).where(grants.c.id == grant)).scalar_one() or []
    made_by = {each["by"] for each in history if each.get("by") is not None}
    rows = tx.execute(select(people.c.id, people.c.first_name, people.c.name).where(people.c.id.in_(made_by))) if made_by else ()
    names = {row.id: f"{row.first_name} {row.name}" for row in rows}
    return [Correction(**{**each, "by": names.get(each.get("by"))}) for each in history]


def reason_of(tx: Connection, grant: Id, place: int) -> str | None:
    """Why the correction at a place of the history was made; None when a holder was erased since."""
    found = read_corrections(tx, grant)
    return found[place].reason if place < len(found) else None
