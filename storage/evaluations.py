"""The yearly evaluation of a collaboration (O3-09): whose it is, and the day on which it was done."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from rules.facts import Id
from storage import remembered
from storage.tables import agreements


def own_agreement(tx: Connection, person: Id, agreement: Id) -> Any:
    """The row of a person's own agreement; None when it is not hers or not there."""
    return tx.execute(select(agreements).where(agreements.c.id == agreement, agreements.c.person == person)).first()


def set_evaluated(tx: Connection, agreement: Id, day: date) -> None:
    """Note the day of the last evaluation; an earlier day than the one that is known changes nothing."""
    later = agreements.c.evaluated_on.is_(None) | (agreements.c.evaluated_on < day)
    tx.execute(agreements.update().where(agreements.c.id == agreement, later), {"evaluated_on": day})
    remembered.forget(tx)
