"""The yearly evaluation of a collaboration (O3-09): whose it is, the day on which it was done, and the hours since the last one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from rules.facts import Id
from storage import remembered
from storage.tables import agreements, day_totals, grants

_since = func.coalesce(agreements.c.evaluated_on, agreements.c.start)
DONE = (
    select(agreements.c.id, func.sum(day_totals.c.minutes))
    .join(grants, grants.c.agreement == agreements.c.id)
    .join(day_totals, (day_totals.c.grant == grants.c.id) & (day_totals.c.person == agreements.c.person) & (day_totals.c.day >= _since))
    .group_by(agreements.c.id)
)


def own_agreement(tx: Connection, person: Id, agreement: Id) -> Any:
    """The row of a person's own agreement; None when it is not hers or not there."""
    return tx.execute(select(agreements).where(agreements.c.id == agreement, agreements.c.person == person)).first()


def minutes_done(tx: Connection, ids: Sequence[Id]) -> dict[Id, int]:
    """Per collaboration the minutes that were registered on it since its last evaluation, or since its start (O3-10)."""
    found = {agreement: int(minutes) for agreement, minutes in tx.execute(DONE.where(agreements.c.id.in_(ids)))}
    return {each: found.get(each, 0) for each in ids}


def set_evaluated(tx: Connection, agreement: Id, day: date) -> None:
    """Note the day of the last evaluation; an earlier day than the one that is known changes nothing."""
    later = agreements.c.evaluated_on.is_(None) | (agreements.c.evaluated_on < day)
    tx.execute(agreements.update().where(agreements.c.id == agreement, later), {"evaluated_on": day})
    remembered.forget(tx)
