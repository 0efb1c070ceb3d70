"""Who is talking: accounts on the platforms, the person behind each, her open draft; invitations and guesses."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select

from rules.facts import Id
from storage import remembered
from storage.audit_trail import add_audit as add_audit
from storage.audit_trail import audited_since as audited_since
from storage.prepared import Prepared
from storage.tables import accounts, add_row, drafts, guesses, invites, memberships, networks, outbox, people

SESSION = Prepared(
    select(
        accounts.c.id.label("account"),
        accounts.c.language.label("chosen"),
        accounts.c.chat,
        accounts.c.card,
        accounts.c.pending_invite,
        accounts.c.asked,
        people.c.id.label("person"),
        people.c.key,
        people.c.first_name,
        people.c.name,
        people.c.roles,
        people.c.language,
        people.c.suspended_on,
        drafts.c.id.label("draft"),
        drafts.c.form,
        drafts.c.network,
        drafts.c.purpose,
        drafts.c.moment,
        drafts.c.answers,
        drafts.c.aside,
        drafts.c.revision,
        remembered.STAMP.label("stamp"),
    )
    .select_from(
        accounts.outerjoin(people, people.c.id == accounts.c.person).outerjoin(
            drafts, and_(drafts.c.person == people.c.id, drafts.c.state == "open")
        )
    )
    .where(
        accounts.c.platform == bindparam("platform"), accounts.c.workspace == bindparam("workspace"), accounts.c.user == bindparam("user")
    )
)

# PostgreSQL: two steps of one person, on whatever surface and instance, come one after the other. SQLite has no other way.
LOCK_SESSION = Prepared(
    select(people.c.id)
    .join(accounts, accounts.c.person == people.c.id)
    .where(
        accounts.c.platform == bindparam("platform"), accounts.c.workspace == bindparam("workspace"), accounts.c.user == bindparam("user")
    )
    .with_for_update(of=people, key_share=True)
)


class Draft(NamedTuple):
    """An open form of a person, the same on all her surfaces. `purpose`: register or correct."""

    id: int
    form: str
    network: int
    purpose: str
    moment: int | None
    answers: dict[str, Any]
    aside: dict[str, Any]
    revision: int


@dataclass(frozen=True, slots=True)
class LastQuestion:
    """The question that was put last on an account, and is no card's: what each of its `buttons` means, by the words on it without
    capitals and accents. `reader`: who takes other words (empty: nobody). `yes`, `no`, `back`: the buttons that these words mean
    (empty: none). `at`: when it was put, an ISO instant. `came`: by itself, not in answer to what she did."""

    buttons: Mapping[str, str]
    reader: str
    yes: str
    no: str
    back: str
    at: str
    came: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of who talks: account (None: never seen), person (None: not linked), language, open draft, since when she is
    suspended, and the question beside the card that was put to her last."""

    account: int | None = None
    person: int | None = None
    key: str = ""
    first_name: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    language: str | None = None
    chat: str | None = None
    card: str | None = None
    pending_invite: int | None = None
    draft: Draft | None = None
    suspended_on: date | None = None
    question: LastQuestion | None = None


def read_session(tx: Connection, platform: str, workspace: str, user: str) -> Session:
    """The session of an identity: one query, whatever is linked or open."""
    if tx.dialect.name != "sqlite" and not tx.get_execution_options().get("unlocked"):
        LOCK_SESSION.first(tx, platform=platform, workspace=workspace, user=user)
    row = SESSION.first(tx, platform=platform, workspace=workspace, user=user)
    if row is None:
        return Session()
    remembered.use_stamp(tx, row.stamp)
    if row.person is None:
        return Session(row.account, language=row.chosen, chat=row.chat, pending_invite=row.pending_invite)
    draft = None
    if row.draft is not None:
        draft = Draft(row.draft, row.form, row.network, row.purpose, row.moment, row.answers, row.aside, row.revision)
    return Session(
        row.account,
        row.person,
        row.key,
        row.first_name,
        row.name,
        frozenset(row.roles.split("+")),
        row.chosen or row.language,
        row.chat,
        row.card,
        row.pending_invite,
        draft,
        row.suspended_on,
        None if row.asked is None else LastQuestion(**json.loads(row.asked)),
    )


def ensure_account(tx: Connection, session: Session, platform: str, workspace: str, user: str, chat: str) -> int:
    """The account's id; an identity that was never seen gets a row."""
    if session.account is not None:
        if session.chat != chat:
            tx.execute(accounts.update().where(accounts.c.id == session.account), {"chat": chat})
        return session.account
    return add_row(tx, accounts, {"platform": platform, "workspace": workspace, "user": user, "chat": chat})


PLACE_CARD = Prepared(accounts.update().where(accounts.c.id == bindparam("account")).values(card=bindparam("place")))


def place_card(tx: Connection, account: int, card: str) -> None:
    """Note where the card of an account's draft stands: "draft:message"."""
    PLACE_CARD.write(tx, account=account, place=card)


def keep_question(tx: Connection, account: int, question: LastQuestion | None) -> None:
    """Keep the question that was put last on an account; None: there is none any more."""
    change_account(tx, account, asked=None if question is None else json.dumps(asdict(question), ensure_ascii=False))


def change_account(tx: Connection, account: int, **values: Any) -> None:
    """Set columns of an account."""
    tx.execute(accounts.update().where(accounts.c.id == account), values)


def accounts_of(tx: Connection, person: Id) -> list[Any]:
    """The accounts linked to a person now."""
    return list(tx.execute(select(accounts).where(accounts.c.person == person).order_by(accounts.c.id)))


def unlink(tx: Connection, person: Id, platform: str | None = None, account: int | None = None) -> int:
    """End the access of a person's accounts (all, of one platform, or one); the hours stay. Returns how many ended.

    When all end, her open invitations are worthless too: whoever holds the lost phone may hold the code.
    """
    mine = select(accounts.c.id).where(accounts.c.person == person)
    if platform is not None:
        mine = mine.where(accounts.c.platform == platform)
    if account is not None:
        mine = mine.where(accounts.c.id == account)
    tx.execute(outbox.delete().where(outbox.c.account.in_(mine), outbox.c.sent_at.is_(None)))
    if platform is None and account is None:
        tx.execute(invites.delete().where(invites.c.person == person, invites.c.used_at.is_(None)))
    query = accounts.update().where(accounts.c.person == person)
    if platform is not None:
        query = query.where(accounts.c.platform == platform)
    if account is not None:
        query = query.where(accounts.c.id == account)
    return int(tx.execute(query, {"person": None, "linked_at": None, "pending_invite": None, "card": None, "asked": None}).rowcount)


def add_invite(tx: Connection, person: Id, hashed: str, at: datetime, valid: timedelta) -> int:
    """A new invitation; the earlier ones of that person are void."""
    void_invites(tx, person, at)
    return add_row(tx, invites, {"person": person, "hash": hashed, "made_at": at, "expires_at": at + valid})


def find_invite(tx: Connection, hashed: str, at: datetime) -> Any:
    """The invitation that is still open under this hash, with its person; None for used, void, expired and unknown alike."""
    return tx.execute(
        select(invites.c.id, people.c.id.label("person"), people.c.first_name, people.c.name, people.c.language)
        .join(people, people.c.id == invites.c.person)
        .where(invites.c.hash == hashed, invites.c.used_at.is_(None), invites.c.void_at.is_(None), invites.c.expires_at > at)
    ).first()


def open_invite(tx: Connection, invite: int, at: datetime) -> Any:
    """An invitation by its id while it is still open, else None."""
    return tx.execute(
        select(invites.c.id, invites.c.person)
        .where(invites.c.id == invite, invites.c.used_at.is_(None), invites.c.void_at.is_(None), invites.c.expires_at > at)
        .with_for_update()
    ).first()


def spend_invite(tx: Connection, invite: int, at: datetime) -> bool:
    """Use an invitation up; False when another was first."""
    return (
        tx.execute(
            invites.update().where(invites.c.id == invite, invites.c.used_at.is_(None), invites.c.void_at.is_(None)), {"used_at": at}
        ).rowcount
        == 1
    )


def void_invite(tx: Connection, invite: int, at: datetime) -> None:
    """Make an invitation worthless: it was shown to others."""
    tx.execute(invites.update().where(invites.c.id == invite, invites.c.used_at.is_(None)), {"void_at": at})


def void_invites(tx: Connection, person: Id, at: datetime) -> None:
    """Make every open invitation of a person worthless: somebody else may have asked for them."""
    open_ones = invites.update().where(invites.c.person == person, invites.c.used_at.is_(None), invites.c.void_at.is_(None))
    tx.execute(open_ones, {"void_at": at})


def add_guess(tx: Connection, who: str, at: datetime) -> None:
    """Count a code that was tried."""
    tx.execute(guesses.insert(), {"who": who, "at": at})


def guesses_since(tx: Connection, at: datetime, who: str | None = None) -> int:
    """How many codes were tried since then, by one identity or by all."""
    query = select(func.count()).select_from(guesses).where(guesses.c.at > at)
    return int(tx.execute(query if who is None else query.where(guesses.c.who == who)).scalar_one())


@remembered.remembered
def networks_of(tx: Connection, person: Id) -> list[Any]:
    """The networks a person works in, oldest first."""
    return list(
        tx.execute(
            select(networks)
            .join(memberships, memberships.c.network == networks.c.id)
            .where(memberships.c.person == person)
            .order_by(networks.c.id)
        )
    )


@remembered.remembered
def people_with_role(tx: Connection, role: str, network_ids: tuple[int, ...] | None = None) -> list[Any]:
    """The people who hold a role, in these networks or anywhere."""
    query = select(people).where(people.c.roles.contains(role), people.c.erased_on.is_(None)).order_by(people.c.id)
    if network_ids is not None:
        query = query.join(memberships, memberships.c.person == people.c.id).where(memberships.c.network.in_(network_ids)).distinct()
    return [row for row in tx.execute(query) if role in row.roles.split("+")]
