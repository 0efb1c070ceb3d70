"""What has outlived its term goes: a bounded piece of it at each call, so that nobody waits and a crash costs nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    String,
    Table,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from rules.book import Rulebook
from storage import audit_trail, erasing, events, old_hours
from storage.instants import as_stored
from storage.tables import (
    accounts,
    audits,
    bindings,
    drafts,
    guesses,
    invites,
    outbox,
    plans,
    refusals,
    reminders,
    requests,
    series,
    shares,
    stand_ins,
    summaries,
    web_sessions,
)
from storage.tables import events as stored_events
from storage.terms import Terms

AT_ONCE = 200  # rows a call
GONE = "gone:"  # what the name of an account begins with that was linked once


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The first instant (UTC) and day that are still within a term, and now (UTC)."""

    at: datetime
    day: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Sweep:
    """What of a table has outlived a term; then it is deleted, or gets these `values`."""

    term: str
    table: Table
    outlived: Callable[[Cutoff], ColumnElement[bool]]
    values: Mapping[str, Any] | None = None


_asked_for = exists().where(requests.c.draft == drafts.c.id, requests.c.state == "waiting")
_sent_at = func.coalesce(outbox.c.sent_at, outbox.c.due_at)
_settled = or_(outbox.c.sent_at.is_not(None), outbox.c.failed.is_not(None))
# The row with the highest number stays: SQLite would give its number away again, and moments remember the number of their draft.
_last_draft: ScalarSelect[Any] = select(func.max(drafts.c.id)).scalar_subquery()


def _full(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """A JSON object that is not empty."""
    return cast(column, Text) != "{}"


def _invited(at: datetime) -> ColumnElement[bool]:
    return exists().where(invites.c.id == accounts.c.pending_invite, invites.c.used_at.is_(None), invites.c.expires_at > at)


EMPTY_DRAFT: Mapping[str, Any] = {"answers": {}, "aside": {}, "state": "cancelled"}
SWEEPS: tuple[Sweep, ...] = (
    Sweep("drafts", drafts, lambda c: and_(drafts.c.state == "open", drafts.c.changed_at < c.at, ~_asked_for), EMPTY_DRAFT),
    Sweep("parked", drafts, lambda c: and_(drafts.c.state == "parked", drafts.c.changed_at < c.at, ~_asked_for), EMPTY_DRAFT),
    Sweep("drafts", drafts, lambda c: and_(
        drafts.c.state.in_(("done", "cancelled")), drafts.c.changed_at < c.at, drafts.c.id < _last_draft,
        ~exists().where(requests.c.draft == drafts.c.id),
    )),
    Sweep("messages", outbox, lambda c: and_(~_settled, outbox.c.due_at < c.at), {"failed": "late"}),
    Sweep("messages", outbox, lambda c: and_(
        _settled, _sent_at < c.at, or_(outbox.c.account.is_not(None), outbox.c.message.is_not(None), _full(outbox.c.told)),
    ), {"account": null(), "message": null(), "told": {}}),
    Sweep("keys", outbox, lambda c: and_(_settled, _sent_at < c.at)),
    Sweep("invites", invites, lambda c: invites.c.expires_at < c.at),
    Sweep("invites", bindings, lambda c: bindings.c.expires_at < c.at),
    Sweep("sessions", web_sessions, lambda c: web_sessions.c.ends_at < c.at),
    Sweep("guesses", guesses, lambda c: guesses.c.at < c.at),
    Sweep("notes", requests, lambda c: and_(
        requests.c.state != "waiting", func.coalesce(requests.c.decided_at, requests.c.asked_at) < c.at,
        or_(requests.c.motive.is_not(None), _full(requests.c.answers)),
    ), {"motive": null(), "answers": {}}),
    Sweep("hours", requests, lambda c: and_(requests.c.state != "waiting", requests.c.asked_at < c.at)),
    Sweep("hours", refusals, lambda c: refusals.c.day < c.day),
    Sweep("hours", summaries, lambda c: summaries.c.made_at < c.at),
    Sweep("trail", stand_ins, lambda c: stand_ins.c.to < c.day),
    Sweep("trail", audits, lambda c: audits.c.at < c.at),
    Sweep("reminders", reminders, lambda c: and_(
        reminders.c.sent_on < c.day, or_(reminders.c.again_on.is_(None), reminders.c.again_on < c.day),
    )),
    Sweep("plans", plans, lambda c: plans.c.ends < c.at),
    Sweep("plans", series, lambda c: and_(
        or_(series.c.until < c.day, series.c.ended_at < c.at), ~exists().where(plans.c.series == series.c.id),
    )),
    Sweep("plans", shares, lambda c: func.coalesce(shares.c.decided_at, shares.c.asked_at) < c.at),
    Sweep("account", accounts, lambda c: and_(
        accounts.c.person.is_(None), ~accounts.c.user.startswith(GONE), ~_invited(c.now),
    ), {"user": literal(GONE) + cast(accounts.c.id, String), "workspace": "", "chat": null(), "language": null(),
        "linked_at": null(), "pending_invite": null(), "card": null(), "asked": null()}),
)  # fmt: skip


def end_terms(tx: Connection, books: Mapping[str, Rulebook], terms: Terms, now: datetime, limit: int = AT_ONCE) -> bool:
    """Delete or empty a piece of what has outlived its term: at most `limit` rows of one kind, or one person's old hours.

    `books` are the rulebooks by id, by which what was paid stays paid. Returns True when there may be more to do.
    """
    for sweep in SWEEPS:
        if _swept(tx, sweep, _cutoff(terms, sweep, now), limit):
            return True
    if audit_trail.cut(tx, terms["trail"].instant(now), limit):
        return True
    hours = terms["hours"]
    if old_hours.delete_old(tx, books, hours.cutoff(now), hours.instant(now), now):
        return True
    if erasing.drop_unused(tx, hours.cutoff(now), limit):
        return True
    if erasing.drop_left(tx, hours.cutoff(now), now):
        return True
    events.empty_old_replies(tx, now)
    return False


def overdue(tx: Connection, terms: Terms, now: datetime) -> int:
    """How many rows have outlived their term at `now` and are still there."""
    found = 0
    for sweep in (each for each in SWEEPS if terms[each.term].ends):
        query = select(func.count()).select_from(sweep.table).where(sweep.outlived(_cutoff(terms, sweep, now)))
        found += tx.execute(query).scalar_one()
    late = select(func.count()).select_from(stored_events).where(or_(
        stored_events.c.at < terms["deliveries"].instant(now),
        and_(stored_events.c.at < terms["replies"].instant(now), or_(stored_events.c.sent_at.is_(None), _full(stored_events.c.reply))),
    ))
    return int(found + tx.execute(late).scalar_one() + old_hours.count_old(tx, terms["hours"].cutoff(now)))


def _cutoff(terms: Terms, sweep: Sweep, now: datetime) -> Cutoff:
    term = terms[sweep.term]
    return Cutoff(term.instant(now), term.cutoff(now), as_stored(now))


def _swept(tx: Connection, sweep: Sweep, cutoff: Cutoff, limit: int) -> int:
    key = sweep.table.c.id
    found = tx.execute(select(key).where(sweep.outlived(cutoff)).order_by(key).limit(limit)).scalars().all()
    if found and sweep.values is not None:
        tx.execute(sweep.table.update().where(key.in_(found)).values(dict(sweep.values)))
    elif found:
        tx.execute(sweep.table.delete().where(key.in_(found)))
    return len(found)
