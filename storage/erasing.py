"""People who left: erased, with their hours kept under a label until the term ends; then the label goes too."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, null, or_, select

from rules.facts import Id
from rules.periods import BRUSSELS
from rules.words import TOPICS
from storage.instants import as_stored
from storage.remembered import forget
from storage.tables import (
    accounts,
    agreements,
    batches,
    bindings,
    drafts,
    events,
    feeds,
    grant_names,
    grant_people,
    grants,
    guesses,
    invites,
    metadata,
    moment_versions,
    moments,
    openings,
    outbox,
    people,
    plans,
    postings,
    preferences,
    reminders,
    requests,
    series,
    shares,
    stand_ins,
    web_sessions,
)

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
NOBODY = "N.N."  # the first name of whoever was erased

# What becomes of each table when a person is erased: her rows go (deleted), stay without what is hers (emptied), stay as they
# are under her label (labelled), or are not about a person (none).
ERASED: Mapping[str, str] = {
    **dict.fromkeys(("people", "accounts", "drafts", "requests", "moments", "moment_versions", "grants", "outbox", "events"), "emptied"),
    **dict.fromkeys(("preferences", "reminders", "feeds", "plans", "series", "shares", "invites", "guesses", "stand_ins", "bindings",
                     "web_sessions"),
                    "deleted"),
    **dict.fromkeys(("memberships", "offers", "agreements", "grant_people", "openings", "postings", "day_totals", "month_totals",
                     "batches", "batch_lines", "channels", "audit"), "labelled"),
    **dict.fromkeys(("networks", "sites", "grant_names", "refusals", "summaries", "stamps", "leases", "jobs", "audits"), "none"),
}  # fmt: skip

# Answers that are no text of hers: choices, days, hours and numbers.
PLAIN = frozenset((
    "werkvorm", "place", "day", "start", "length", "clock", "present", "channel", "role", "declared", "declared_co_consult",
    "initiative", "partner_kind",
))  # fmt: skip
# While a row of these names a person, the label stays.
_HOLD = ((moments, "person"), (openings, "person"), (postings, "person"), (batches, "person"), (requests, "person"),
         (requests, "decided_by"), (agreements, "person"), (grant_people, "person"))  # fmt: skip


def new_label() -> str:
    """What stands for an erased person from then on: made of chance only."""
    return "X-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def erase(tx: Connection, person: Id, label: str, now: datetime) -> None:
    """Erase a person: what names her, reaches her or was typed by her is deleted or emptied; her hours stay under the label."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete = ON")  # the pages of the file, too
    today = now.astimezone(BRUSSELS).date()
    _empty_messages(tx, person)
    for table in (preferences, reminders, feeds, plans, series, shares, invites, web_sessions):
        tx.execute(table.delete().where(table.c.person == person))
    tx.execute(stand_ins.delete().where(or_(stand_ins.c.person == person, stand_ins.c.coordinator == person)))
    tx.execute(bindings.delete().where(bindings.c.made_by == person))
    tx.execute(drafts.update().where(drafts.c.person == person).values(answers={}, aside={}, state="cancelled"))
    _empty_texts(tx, person, now)
    row = tx.execute(select(people.c.contract_to).where(people.c.id == person)).one()
    tx.execute(people.update().where(people.c.id == person), {
        "key": label, "first_name": NOBODY, "name": label, "roles": "verstrekker", "language": "nl", "employer": None,
        "o4_admitted_from": None, "portfolio_on": None, "themes": "", "email": None, "suspended_on": None, "erased_on": today,
        "contract_to": min(row.contract_to or today, today),
    })  # fmt: skip
    forget(tx)


def _empty_messages(tx: Connection, person: Id) -> None:
    """Her accounts, what was tried and answered there, and what is or was owed to them."""
    mine = tx.execute(select(accounts).where(accounts.c.person == person)).all()
    ids = [row.id for row in mine]
    tx.execute(outbox.delete().where(outbox.c.account.in_(ids), outbox.c.sent_at.is_(None)))
    tx.execute(outbox.update().where(outbox.c.account.in_(ids)).values(account=None, message=None, told={}))
    tx.execute(guesses.delete().where(guesses.c.who.in_([f"{row.platform}:{row.workspace}:{row.user}" for row in mine])))
    rows = tx.execute(select(events.c.key, events.c.reply).where(events.c.reply.is_not(None)))
    keys = [row.key for row in rows if isinstance(row.reply, dict) and row.reply.get("account") in ids]
    for key in keys:
        tx.execute(events.update().where(events.c.key == key).values(reply=null(), sent_at=func.coalesce(events.c.sent_at, events.c.at)))
    for row in mine:
        tx.execute(accounts.update().where(accounts.c.id == row.id), {
            "user": f"gone:{row.id}", "workspace": "", "chat": None, "person": None, "language": None, "linked_at": None,
            "pending_invite": None, "card": None, "asked": None,
        })  # fmt: skip


def _empty_texts(tx: Connection, person: Id, now: datetime) -> None:
    """Motives, reasons and descriptions of hers; what a moment was, where, when and for how many stays."""
    at = as_stored(now)
    hers = requests.c.person == person
    tx.execute(requests.update().where(hers, requests.c.state == "waiting").values(state="withdrawn", decided_at=at, next_at=None))
    tx.execute(requests.update().where(hers).values(motive=None, reason=None, answers={}))
    held = select(grant_people.c.grant).where(grant_people.c.person == person)
    tx.execute(grants.update().where(grants.c.id.in_(held)).values(reason=None, corrections=null()))
    titles: dict[str, str] = {}
    for row in tx.execute(select(moments).where(moments.c.person == person).order_by(moments.c.id)).all():
        title = titles.setdefault(row.title.casefold(), f"T{len(titles) + 1}") if row.title is not None else None
        tx.execute(moments.update().where(moments.c.id == row.id).values(title=title, submitted=_plain(row.submitted)))
    own = select(moments.c.id).where(moments.c.person == person)
    for row in tx.execute(select(moment_versions).where(moment_versions.c.moment.in_(own))).all():
        here = and_(moment_versions.c.moment == row.moment, moment_versions.c.version == row.version)
        tx.execute(moment_versions.update().where(here).values(submitted=_plain(row.submitted)))


def _plain(submitted: Mapping[str, Any]) -> dict[str, Any]:
    """What was submitted, without what was typed."""
    answers = submitted.get("answers", {})
    kept = {key: value for key, value in answers.items() if key in PLAIN or (key == "topic" and value in TOPICS)}
    return {key: submitted[key] for key in ("form", "import") if key in submitted} | {"answers": kept}


def drop_unused(tx: Connection, before: date, limit: int) -> bool:
    """Delete grants and agreements that ended before a day, or whose people were erased before it, when nothing hangs on them."""
    left = and_(people.c.erased_on.is_not(None), people.c.erased_on < before)
    here = exists().where(grant_people.c.grant == grants.c.id, people.c.id == grant_people.c.person, ~left)
    over = or_(grants.c.to < before, and_(grants.c.to.is_(None), ~here, exists().where(grant_people.c.grant == grants.c.id)))
    old = _unused(tx, grants, over, limit, besides=(grant_people.name, grant_names.name))
    if old:
        tx.execute(grant_people.delete().where(grant_people.c.grant.in_(old)))
        tx.execute(grant_names.delete().where(grant_names.c.grant.in_(old)))
        tx.execute(grants.delete().where(grants.c.id.in_(old)))
        forget(tx)
        return True
    gone = and_(agreements.c.to.is_(None), exists().where(people.c.id == agreements.c.person, left))
    old = _unused(tx, agreements, or_(agreements.c.to < before, gone), limit)
    if old:
        tx.execute(agreements.delete().where(agreements.c.id.in_(old)))
        forget(tx)
    return bool(old)


def _unused(tx: Connection, table: Any, over: ColumnElement[bool], limit: int, besides: Iterable[str] = ()) -> list[int]:
    """The ids of rows that are over and to which nothing else refers."""
    referring = [
        ~exists().where(column == table.c.id)
        for other in metadata.sorted_tables if other.name not in besides
        for column in other.columns if any(key.column is table.c.id for key in column.foreign_keys)
    ]  # fmt: skip
    return list(tx.execute(select(table.c.id).where(over, *referring).order_by(table.c.id).limit(limit)).scalars())


def drop_left(tx: Connection, before: date, now: datetime) -> bool:
    """Erase one person whose contract ended before a day and of whom no hours are left; of one that was erased, delete the label."""
    unused = and_(*(~exists().where(table.c[name] == people.c.id) for table, name in _HOLD))
    row = tx.execute(
        select(people.c.id, people.c.erased_on)
        .where(unused, or_(people.c.erased_on.is_not(None), people.c.contract_to < before)).order_by(people.c.id).limit(1)
    ).first()
    if row is None:
        return False
    if row.erased_on is None:
        erase(tx, row.id, new_label(), now)
        return True
    for table in reversed(metadata.sorted_tables):
        for column in table.columns:
            if any(key.column is people.c.id for key in column.foreign_keys):
                theirs = column == row.id
                tx.execute(table.update().where(theirs).values({column.name: None}) if column.nullable else table.delete().where(theirs))
    tx.execute(people.delete().where(people.c.id == row.id))
    forget(tx)
    return True
