"""The auditor: looks whether what is stored is whole and what is owed gets done, piece by piece; keeps a count by code."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Table,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from rules.periods import BRUSSELS
from storage import audit_trail, retention
from storage.instants import as_stored
from storage.tables import (
    accounts,
    add_row,
    audits,
    channels,
    day_totals,
    drafts,
    events,
    grants,
    memberships,
    moments,
    month_totals,
    networks,
    openings,
    outbox,
    people,
    postings,
    requests,
    stand_ins,
)
from storage.terms import Terms

# What makes the whole unhealthy, in the order in which it is told.
FAULTS = (
    "ledger_days", "ledger_months", "ledger_moments", "ledger_openings", "negative_totals", "trail_broken", "messages_late",
    "answers_late", "events_without_outcome", "requests_late", "requests_undecided", "erased_reachable", "retention_late",
)  # fmt: skip
# What a person should look at.
REMARKS = ("network_without_coordinator", "coordinator_without_network", "stand_in_without_access", "channels_lost", "people_unreachable")
CODES = FAULTS + REMARKS

LATE = timedelta(minutes=5)
OVERDUE = timedelta(hours=1)
NIGHTS = timedelta(days=2)  # what outlived its term two nights ago should be gone
SLICE = 100  # grants a piece; of moments and lines of the trail, twenty times as many


@dataclass
class Round:
    """How far a round of the auditor is: the step, the last row it looked at, the hash of the trail there, what was found."""

    step: int = 0
    after: int = 0
    chain: str = ""
    found: dict[str, int] = field(default_factory=dict)

    def note(self, code: str, count: int) -> None:
        """Count findings of a code."""
        if count:
            self.found[code] = self.found.get(code, 0) + count

    def as_row(self) -> dict[str, Any]:
        """The round as it is kept between two pieces."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Audit:
    """What the auditor found last: when (UTC), whether all is well, and how often each code, the ones of no fault among them."""

    at: datetime
    healthy: bool
    found: Mapping[str, int]


Step = Callable[[Connection, Round, Terms, datetime], bool]


def advance(tx: Connection, here: Round, terms: Terms, now: datetime) -> Audit | None:
    """Do the next piece of a round; at its end the result is stored and returned."""
    if here.step < len(STEPS):
        if not STEPS[here.step](tx, here, terms, now):
            here.step, here.after = here.step + 1, 0
        return None
    line, chain = audit_trail.last_line(tx)
    result = Audit(as_stored(now), not any(here.found.get(code) for code in FAULTS), dict(here.found))
    add_row(tx, audits, {"at": result.at, "healthy": result.healthy, "findings": dict(result.found), "line": line, "chain": chain})
    return result


def last_audit(tx: Connection) -> Audit | None:
    """What the auditor found last; None when it never looked."""
    row = tx.execute(select(audits).order_by(audits.c.id.desc()).limit(1)).first()
    return Audit(row.at, row.healthy, row.findings) if row is not None else None


def _count(tx: Connection, query: Select[Any]) -> int:
    return int(tx.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _rows(tx: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def _differing(one: Select[Any], other: Select[Any]) -> Select[Any]:
    """The places (all columns but the last two) where the sums of the last two columns of both differ, in one statement."""
    both = union_all(one, other).subquery()
    *place, minutes, preparations = both.columns
    uneven = or_(func.sum(minutes) != 0, func.sum(preparations) != 0)
    return select(*place).group_by(*place).having(uneven)


def _grants(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    """Day totals against the postings, and month totals against the day totals, of the next grants."""
    last = tx.execute(select(grants.c.id).where(grants.c.id > here.after).order_by(grants.c.id).limit(SLICE)).scalars().all()
    if not last:
        return False

    def of(table: Table, day: Any, sign: int) -> Select[Any]:
        return select(
            table.c.grant, table.c.person, day.label("day"), (sign * table.c.minutes).label("minutes"),
            (sign * table.c.preparations).label("preparations"),
        ).where(table.c.grant > here.after, table.c.grant <= last[-1])  # fmt: skip

    day = day_totals.c.day
    month = func.date(day, "start of month", type_=Date) if tx.dialect.name == "sqlite" else cast(func.date_trunc("month", day), Date)
    here.note("ledger_days", _count(tx, _differing(of(postings, postings.c.day, 1), of(day_totals, day, -1))))
    here.note("ledger_months", _count(tx, _differing(of(day_totals, month, 1), of(month_totals, month_totals.c.month, -1))))
    within = (day_totals.c.grant > here.after, day_totals.c.grant <= last[-1])
    here.note("negative_totals", _rows(tx, day_totals, *within, or_(day_totals.c.minutes < 0, day_totals.c.preparations < 0)))
    here.after = last[-1]
    return True


def _moments(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    """The next moments against their own postings; a cancelled one holds nothing."""
    return _own_postings(tx, here, moments, "moment", "ledger_moments", moments.c.state != "cancelled")


def _openings(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    return _own_postings(tx, here, openings, "opening", "ledger_openings", literal(True))


def _own_postings(tx: Connection, here: Round, table: Table, name: str, code: str, holds: ColumnElement[bool]) -> bool:
    key = postings.c[name]
    last = tx.execute(select(func.max(key))).scalar_one() or 0, tx.execute(select(func.max(table.c.id))).scalar_one() or 0
    end = here.after + 20 * SLICE
    posted = select(key.label("id"), postings.c.minutes, postings.c.preparations).where(key > here.after, key <= end)
    told = select(table.c.id, -table.c.minutes, -table.c.preparations).where(table.c.id > here.after, table.c.id <= end, holds)
    here.note(code, _count(tx, _differing(posted, told)))
    here.after = end
    return end < max(last)


def _trail(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    """The next lines of the audit trail; first, whether the one that was last at an earlier audit is still there."""
    if not here.after:
        here.chain = ""
        row = tx.execute(select(audits.c.line, audits.c.chain).order_by(audits.c.id.desc()).limit(1)).first()
        here.note("trail_broken", int(row is not None and not audit_trail.holds(tx, row.line, row.chain)))
    following, here.chain, broken = audit_trail.verify(tx, here.after, here.chain, 20 * SLICE)
    here.note("trail_broken", broken)
    here.after = following or here.after
    return following is not None


def _owed(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    """What is owed and was not done in time."""
    at = as_stored(now)
    reached = or_(
        exists().where(accounts.c.id == outbox.c.account, accounts.c.chat.is_not(None)),
        exists().where(channels.c.id == outbox.c.channel, channels.c.state == "open"),
    )
    of_use = or_(outbox.c.use_until.is_(None), outbox.c.use_until > at)
    due = func.coalesce(outbox.c.owed_at, outbox.c.due_at) < at - LATE
    here.note("messages_late", _rows(tx, outbox, outbox.c.sent_at.is_(None), outbox.c.failed.is_(None), due, of_use, reached))
    waiting, old = events.c.sent_at.is_(None), events.c.at < at - LATE
    nothing = or_(events.c.reply.is_(None), cast(events.c.reply, Text) == "null")
    here.note("answers_late", _rows(tx, events, waiting, old, ~nothing))
    here.note("events_without_outcome", _rows(tx, events, waiting, nothing))
    late = or_(requests.c.next_at.is_(None), requests.c.next_at < at - OVERDUE)
    here.note("requests_late", _rows(tx, requests, requests.c.state == "waiting", late))
    decided = requests.c.state.in_(("granted", "refused"))
    here.note("requests_undecided", _rows(tx, requests, decided, or_(requests.c.decided_by.is_(None), requests.c.decided_at.is_(None))))
    return False


def _people(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    """Roles and ways to reach people that do not hold together."""
    today = now.astimezone(BRUSSELS).date()
    coordinates = and_(("+" + people.c.roles + "+").contains("+coordinator+"), people.c.erased_on.is_(None))
    active = and_(coordinates, people.c.suspended_on.is_(None))
    member = and_(memberships.c.network == networks.c.id, memberships.c.person == people.c.id)
    has = exists().where(member, active)
    inhabited = exists().where(memberships.c.network == networks.c.id)
    here.note("network_without_coordinator", _rows(tx, networks, inhabited, ~has))
    here.note("coordinator_without_network", _rows(tx, people, coordinates, ~exists().where(memberships.c.person == people.c.id)))
    running = and_(stand_ins.c.start <= today, or_(stand_ins.c.to.is_(None), stand_ins.c.to >= today))
    without = exists().where(people.c.id == stand_ins.c.person, or_(people.c.suspended_on.is_not(None), people.c.erased_on.is_not(None)))
    here.note("stand_in_without_access", _rows(tx, stand_ins, running, without))
    linked = exists().where(accounts.c.person == people.c.id)
    opened = exists().where(drafts.c.person == people.c.id, drafts.c.state.in_(("open", "parked", "waiting")))
    here.note("erased_reachable", _rows(tx, people, people.c.erased_on.is_not(None), or_(people.c.email.is_not(None), linked, opened)))
    here.note("channels_lost", _rows(tx, channels, channels.c.state == "lost"))
    reached = exists().where(accounts.c.person == people.c.id, accounts.c.chat.is_not(None))
    here.note("people_unreachable", _rows(tx, people, linked, ~reached))
    return False


def _retention(tx: Connection, here: Round, terms: Terms, now: datetime) -> bool:
    here.note("retention_late", retention.overdue(tx, terms, now - NIGHTS))
    return False


STEPS: tuple[Step, ...] = (_grants, _moments, _openings, _trail, _owed, _people, _retention)
