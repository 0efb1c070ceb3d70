"""Finding the person that an operator means: by key, e-mail, or a name that only one has."""

from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, select

from storage.tables import people


class NobodyError(LookupError):
    """No such person, or several; the text says so with the nearest names."""


def find_person(tx: Connection, wanted: str | None) -> Any:
    """The row of a person. Without a name: the only person there is. Raises NobodyError with the cure."""
    rows = list(tx.execute(select(people).order_by(people.c.id)))
    if wanted is None:
        if len(rows) == 1:
            return rows[0]
        known = ", ".join(row.key for row in rows[:10]) or "there is nobody yet, import first"
        raise NobodyError(f"Say who you are with --as PERSON: {known}.")
    asked = wanted.strip().casefold()
    exact = [row for row in rows if asked in (row.key.casefold(), (row.email or "").casefold())]
    named = exact or [
        row for row in rows if asked in (f"{row.first_name} {row.name}".casefold(), row.name.casefold(), row.first_name.casefold())
    ]
    if len(named) == 1:
        return named[0]
    if named:
        several = ", ".join(f"{row.key} ({row.first_name} {row.name})" for row in named)
        raise NobodyError(f"{wanted!r} is the name of several: choose {several}.")
    names = {key: row for row in rows for key in (row.key, f"{row.first_name} {row.name}")}
    near = get_close_matches(wanted, names, n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(near)}?" if near else "`uurwijzer export FOLDER` writes all names to FOLDER/personen.csv."
    raise NobodyError(f"There is no {wanted!r}: {hint}")
