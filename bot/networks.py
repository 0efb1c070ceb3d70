"""Finding the network that an operator means, and who in it has no account yet."""

from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, select

from bot.people import NobodyError
from storage.tables import accounts, memberships, networks, people


def find_network(tx: Connection, wanted: str) -> Any:
    """The row of a network by its key or name. Raises NobodyError with the names that are near."""
    rows = list(tx.execute(select(networks).order_by(networks.c.id)))
    asked = wanted.strip().casefold()
    found = [row for row in rows if asked in (row.key.casefold(), row.name.casefold())]
    if len(found) == 1:
        return found[0]
    near = get_close_matches(wanted, [name for row in rows for name in (row.key, row.name)], n=3, cutoff=0.4)
    known = near or [row.key for row in rows][:10]
    raise NobodyError(f"There is no network {wanted!r}: " + (f"choose {', '.join(known)}." if known else "import first."))


def without_account(tx: Connection, network: int) -> list[Any]:
    """The people of a network who have no account on a platform; the operator's terminal does not count."""
    linked = select(accounts.c.person).where(accounts.c.person.is_not(None), accounts.c.platform != "terminal")
    query = select(people).join(memberships, memberships.c.person == people.c.id)
    return list(tx.execute(query.where(memberships.c.network == network, people.c.id.not_in(linked)).order_by(people.c.id)))
