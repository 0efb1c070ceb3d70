"""What a person's dashboard is made of, in short: when it differs, the App Home of Slack is published anew."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, case, func, select

from storage import remembered
from storage.tables import accounts, drafts, moments, people, plans, requests


def linked_accounts(tx: Connection, platform: str, workspace: str) -> dict[int, str]:
    """The accounts of a workspace that belong to somebody, each with its user."""
    query = select(accounts.c.id, accounts.c.user).where(accounts.c.platform == platform, accounts.c.workspace == workspace)
    return {row.id: row.user for row in tx.execute(query.where(accounts.c.person.is_not(None)).order_by(accounts.c.id))}


def _of_person(*what: Any, where: tuple[Any, ...]) -> list[Any]:
    return [select(each).where(*where).correlate(people).scalar_subquery() for each in what]


_OPEN = ("open", "parked", "waiting")
# What waits for whoever decides; of a network more than hers, now and then her Home is published for nothing.
_WAITING = [
    case((people.c.roles != "verstrekker", select(each).where(requests.c.state == "waiting").scalar_subquery()), else_=None)
    for each in (func.count(), func.sum(requests.c.id))
]
DASHBOARD = (
    select(
        accounts.c.id, accounts.c.user, accounts.c.person, accounts.c.language.label("chosen"), people.c.language, people.c.roles,
        people.c.suspended_on, remembered.STAMP.label("stamp"),
        *_of_person(func.count(), func.max(moments.c.changed_at), where=(moments.c.person == people.c.id,)),
        *_of_person(func.count(), func.sum(drafts.c.revision), func.max(drafts.c.changed_at),
                    where=(drafts.c.person == people.c.id, drafts.c.state.in_(_OPEN))),
        *_of_person(func.count(), func.max(requests.c.decided_at), where=(requests.c.person == people.c.id,)),
        *_of_person(func.count(), func.max(plans.c.made_at), func.sum(plans.c.id),
                    where=(plans.c.person == people.c.id, plans.c.state == "planned")),
        *_WAITING,
    )
    .select_from(accounts.outerjoin(people, people.c.id == accounts.c.person))
)  # fmt: skip


def dashboards(tx: Connection, of: Sequence[int]) -> dict[int, tuple[str, str]]:
    """By account: its user, and a text that differs when something on its dashboard may."""
    rows = tx.execute(DASHBOARD.where(accounts.c.id.in_(of))).all()
    return {row.id: (row.user, "|".join(map(str, row[2:]))) for row in rows}
