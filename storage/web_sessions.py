"""Who is signed in to the pages: opened once by a link, ended with the access or by herself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from rules.facts import Id
from storage import accounts
from storage.accounts import Session
from storage.prepared import Prepared
from storage.tables import accounts as account_rows
from storage.tables import web_sessions

READ = Prepared(
    select(
        web_sessions.c.id,
        web_sessions.c.account,
        web_sessions.c.person,
        account_rows.c.platform,
        account_rows.c.workspace,
        account_rows.c.user,
    )
    .join(account_rows, account_rows.c.id == web_sessions.c.account)
    .where(
        web_sessions.c.hash == bindparam("hash"),
        web_sessions.c.ends_at > bindparam("at"),
        account_rows.c.person == web_sessions.c.person,
        account_rows.c.linked_at <= web_sessions.c.made_at,
    )
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live sign-in: the identity whose account opened it, with its session as it stands now."""

    id: int
    platform: str
    workspace: str
    user: str
    session: Session


def open_session(tx: Connection, hashed: str, link: str, account: int, person: int, now: datetime, ends: datetime) -> bool:
    """Open a session; False when its link opened one before. `now` and `ends` in UTC without offset."""
    if is_spent(tx, link):
        return False
    row = {"hash": hashed, "link": link, "account": account, "person": person, "made_at": now, "ends_at": ends}
    tx.execute(web_sessions.insert(), row)
    return True


def is_spent(tx: Connection, link: str) -> bool:
    """Whether a link opened a session before, ended or not."""
    return tx.execute(select(web_sessions.c.id).where(web_sessions.c.link == link)).first() is not None


def read_signed_in(tx: Connection, hashed: str, at: datetime) -> SignedIn | None:
    """The sign-in with this hash; None when it is over, or the account is no longer that person's since it began."""
    row = READ.first(tx, hash=hashed, at=at)
    if row is None:
        return None
    session = accounts.read_session(tx, row.platform, row.workspace, row.user)
    if session.person != row.person:
        return None
    return SignedIn(row.id, row.platform, row.workspace, row.user, session)


def identity_of(tx: Connection, account: int, since: datetime) -> tuple[str, str, str] | None:
    """Platform, workspace and user of an account; None when it is not linked, or was linked after `since` (UTC, no offset)."""
    query = select(account_rows.c.platform, account_rows.c.workspace, account_rows.c.user).where(
        account_rows.c.id == account, account_rows.c.linked_at <= since
    )
    row = tx.execute(query).first()
    return (row.platform, row.workspace, row.user) if row is not None else None


def end_session(tx: Connection, number: int, at: datetime) -> None:
    """End a sign-in; what opened it stays spent."""
    tx.execute(web_sessions.update().where(web_sessions.c.id == number), {"ends_at": at})


def end_sessions(tx: Connection, at: datetime, person: Id | None = None) -> int:
    """End the sign-ins of a person, or all; what opened them stays spent. Returns how many were live."""
    live = web_sessions.update().where(web_sessions.c.ends_at > at)
    if person is not None:
        live = live.where(web_sessions.c.person == person)
    return int(tx.execute(live, {"ends_at": at}).rowcount)
