"""What rarely changes (people, places, grants) is read once per process and stamp: a write to it gives a new stamp.

The stamp is read with each session, in the same transaction; without one (imports, commands) nothing is remembered.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, select

from storage.on_conflict import inserting
from storage.tables import stamps

P = ParamSpec("P")
T = TypeVar("T")

STAMP = select(stamps.c.value).where(stamps.c.name == "directory").scalar_subquery()
KEPT = 4096
_kept: dict[Any, Any] = {}  # the oldest goes first
_NOTHING = object()
_lock = Lock()


def use_stamp(tx: Connection, stamp: int | None) -> None:
    """Remember for this step under the stamp that was read in its transaction."""
    tx.info["stamp"] = (id(tx.engine), stamp or 0)


def no_stamp(tx: Connection) -> None:
    """Remember nothing from here on: a step begins, or it writes what is remembered."""
    tx.info.pop("stamp", None)


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """Keep what `read(tx, ...)` returns, under the stamp and its hashable arguments; it must not be changed by callers."""
    @wraps(read)
    def look(*args: P.args, **options: P.kwargs) -> T:
        tx: Any = args[0]
        stamp = tx.info.get("stamp")
        if stamp is None:
            return read(*args, **options)
        key = (stamp, read, args[1:])
        found = _kept.get(key, _NOTHING)
        if found is _NOTHING:
            found = read(*args, **options)
            with _lock:
                _kept[key] = found
                while len(_kept) > KEPT:
                    del _kept[next(iter(_kept))]
        return cast("T", found)
    return look


def clear() -> None:
    """Drop everything that is remembered: a database was opened or closed, and an engine's id may come again."""
    with _lock:
        _kept.clear()


def forget(tx: Connection) -> None:
    """People, places or grants were written: a new stamp, for every process, with the commit."""
    row = {"name": "directory", "value": secrets.randbits(62)}
    insert = inserting(tx.dialect.name, stamps).values(row)
    tx.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": row["value"]}))
    no_stamp(tx)
