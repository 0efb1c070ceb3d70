"""Recomputes from the postings what is kept beside them, and names every difference."""

from typing import Any

from sqlalchemy import Connection, Table, func, select

from storage.tables import day_totals, moments, month_totals, openings, postings

PLACE = ("grant", "person", "day")


def differences(tx: Connection) -> list[str]:
    """One line per difference between postings and running day totals, moments or opening balances; none when all is well."""
    return [*_of_days(tx), *_of_months(tx), *_of(tx, moments, "moment"), *_of(tx, openings, "opening")]


def _of_days(tx: Connection) -> list[str]:
    keys = [postings.c[name] for name in PLACE]
    query = select(*keys, func.sum(postings.c.minutes), func.sum(postings.c.preparations)).group_by(*keys)
    posted = {(row[0], row[1], row[2]): (int(row[3]), int(row[4])) for row in tx.execute(query)}
    kept = {(row.grant, row.person, row.day): (row.minutes, row.preparations) for row in tx.execute(select(day_totals))}
    found = []
    for place in sorted(posted.keys() | kept.keys()):
        posted_here, kept_here = posted.get(place, (0, 0)), kept.get(place, (0, 0))
        if posted_here != kept_here:
            grant, person, day = place
            where = f"grant {grant}, person {person}, day {day}"
            found.append(f"{where}: the postings come to {_said(posted_here)}, the day total says {_said(kept_here)}")
    return found


def _of_months(tx: Connection) -> list[str]:
    """Month totals against the day totals that make them."""
    summed: dict[Any, tuple[int, int]] = {}
    for row in tx.execute(select(day_totals)):
        place = (row.grant, row.person, row.day.replace(day=1))
        minutes, preparations = summed.get(place, (0, 0))
        summed[place] = (minutes + row.minutes, preparations + row.preparations)
    kept = {(row.grant, row.person, row.month): (row.minutes, row.preparations) for row in tx.execute(select(month_totals))}
    return [
        f"grant {place[0]}, person {place[1]}, month {place[2]:%Y-%m}: the days come to {_said(summed.get(place, (0, 0)))}, "
        f"the month total says {_said(kept.get(place, (0, 0)))}"
        for place in sorted(summed.keys() | kept.keys())
        if summed.get(place, (0, 0)) != kept.get(place, (0, 0))
    ]


def _of(tx: Connection, table: Table, column: str) -> list[str]:
    """Moments or opening balances that differ from their own postings; a cancelled moment holds nothing."""
    key = postings.c[column]
    query = select(key, func.sum(postings.c.minutes), func.sum(postings.c.preparations)).where(key.is_not(None)).group_by(key)
    posted = {row[0]: (int(row[1]), int(row[2])) for row in tx.execute(query)}
    found = []
    for row in tx.execute(select(table).order_by(table.c.id)):
        wanted = (0, 0) if getattr(row, "state", "accepted") == "cancelled" else (row.minutes, row.preparations)
        if posted.get(row.id, (0, 0)) != wanted:
            got: Any = _said(posted.get(row.id, (0, 0)))
            found.append(f"{column} {row.id}: its postings come to {got}, it says {_said(wanted)}")
    return found


def _said(pair: tuple[int, int]) -> str:
    return f"{pair[0]} min and {pair[1]} preparation hours"
