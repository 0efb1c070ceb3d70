"""Drafts: one open form a person, the others kept; a change counts only for the revision it was made on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from rules.facts import Id
from storage.accounts import Draft
from storage.instants import as_stored
from storage.prepared import Prepared
from storage.tables import add_row, drafts

KEPT_DRAFTS = 20
_change = (
    drafts.update()
    .where(drafts.c.id == bindparam("draft"), drafts.c.revision == bindparam("before"), drafts.c.state == "open")
    .values(answers=bindparam("new_answers"), aside=bindparam("new_aside"), revision=bindparam("after"), changed_at=bindparam("at"))
)
CHANGE = Prepared(_change)
END = Prepared(_change.values(state=bindparam("new_state")))
PARK = Prepared(
    drafts.update().where(drafts.c.person == bindparam("of"), drafts.c.state == "open").values(state="parked", changed_at=bindparam("at"))
)
KEPT = Prepared(
    select(drafts)
    .where(drafts.c.person == bindparam("of"), or_(drafts.c.state == "parked", drafts.c.state == "waiting"))
    .order_by(drafts.c.changed_at.desc(), drafts.c.id.desc())
)


def open_draft(
    tx: Connection,
    person: Id,
    form: str,
    network: Id,
    answers: dict[str, Any],
    now: datetime,
    *,
    purpose: str = "register",
    moment: int | None = None,
    aside: dict[str, Any] | None = None,
) -> Draft:
    """Open a draft; the one that was open is kept, the oldest beyond 20 go. A correction replaces the one begun before."""
    park(tx, person, now)
    if moment is not None:
        tx.execute(drafts.delete().where(drafts.c.person == person, drafts.c.moment == moment, drafts.c.state == "parked"))
    for row in [each for each in kept_drafts(tx, person) if each.state == "parked"][KEPT_DRAFTS:]:
        tx.execute(drafts.delete().where(drafts.c.id == row.id))
    row = {
        "person": person,
        "form": form,
        "network": network,
        "purpose": purpose,
        "moment": moment,
        "answers": answers,
        "aside": aside or {},
        "revision": 1,
        "state": "open",
        "changed_at": as_stored(now),
    }
    draft = add_row(tx, drafts, row)
    return Draft(draft, form, int(network), purpose, moment, answers, aside or {}, 1)


def change_draft(tx: Connection, draft: Draft, answers: dict[str, Any], aside: dict[str, Any], now: datetime) -> Draft | None:
    """The draft with new answers, or None when somebody else changed it in between."""
    values = {
        "draft": draft.id,
        "before": draft.revision,
        "new_answers": answers,
        "new_aside": aside,
        "after": draft.revision + 1,
        "at": as_stored(now),
    }
    if CHANGE.write(tx, **values) != 1:
        return None
    return Draft(draft.id, draft.form, draft.network, draft.purpose, draft.moment, answers, aside, draft.revision + 1)


def note_aside(tx: Connection, draft: Draft, aside: dict[str, Any]) -> Draft:
    """The draft with something else beside its answers; its revision stays, so that its buttons go on to work."""
    tx.execute(drafts.update().where(drafts.c.id == draft.id, drafts.c.state == "open").values(aside=aside))
    return draft._replace(aside=aside)


def is_at(tx: Connection, draft: int, revision: int) -> bool:
    """Whether a draft is still open at a revision."""
    query = select(drafts.c.id).where(drafts.c.id == draft, drafts.c.revision == revision, drafts.c.state == "open")
    return tx.execute(query).first() is not None


def end_draft(tx: Connection, draft: Draft, state: str, now: datetime) -> bool:
    """Close a draft at its revision: done, cancelled, parked or waiting (for a rulebook). False when it had changed."""
    kept = state not in ("done", "cancelled")
    values = {
        "draft": draft.id,
        "before": draft.revision,
        "new_answers": draft.answers if kept else {},
        "new_aside": draft.aside if kept else {},
        "after": draft.revision + 1,
        "at": as_stored(now),
        "new_state": state,
    }
    return END.write(tx, **values) == 1


def park(tx: Connection, person: Id, now: datetime) -> None:
    """Put the open draft of a person aside."""
    PARK.write(tx, of=person, at=as_stored(now))


def kept_drafts(tx: Connection, person: Id) -> list[Any]:
    """The drafts that wait for their person, newest first."""
    return KEPT.rows(tx, of=person)


def waiting_drafts(tx: Connection) -> list[Any]:
    """All drafts that wait for a rulebook, of everybody."""
    return list(tx.execute(select(drafts).where(drafts.c.state == "waiting").order_by(drafts.c.id)))


def purpose_of(tx: Connection, person: Id, draft: int) -> str | None:
    """What a draft of the person is for; None when it is not hers or gone."""
    return tx.execute(select(drafts.c.purpose).where(drafts.c.id == draft, drafts.c.person == person)).scalar_one_or_none()


def done_as(tx: Connection, person: Id, draft: int) -> Any:
    """A draft of the person that was booked or sent: its purpose, its moment and when (UTC, no offset); None for any other."""
    query = select(drafts.c.purpose, drafts.c.moment, drafts.c.changed_at)
    return tx.execute(query.where(drafts.c.id == draft, drafts.c.person == person, drafts.c.state == "done")).first()


def resume_draft(tx: Connection, person: Id, draft: int, now: datetime) -> Draft | None:
    """Open a kept draft of the person again; None when it is not hers or gone."""
    row = tx.execute(select(drafts).where(drafts.c.id == draft, drafts.c.person == person)).first()
    if row is None or row.state not in ("parked", "waiting"):
        return None
    park(tx, person, now)
    tx.execute(drafts.update().where(drafts.c.id == draft), {"state": "open", "revision": row.revision + 1, "changed_at": as_stored(now)})
    return Draft(row.id, row.form, row.network, row.purpose, row.moment, row.answers, row.aside, row.revision + 1)
