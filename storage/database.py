"""The database: one engine, one transaction a step, and for SQLite one thread that commits what waits together."""

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from storage.remembered import clear, no_stamp

T = TypeVar("T")
Step = Callable[[Connection], Any]

TOGETHER = 16
POSTGRES_THREADS = 4
LOCK_WAIT_SECONDS = 1.5
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS  # what would not come back as it went is refused
_JSON: Any = {"json_serializer": lambda value: orjson.dumps(value, option=_STRICT).decode(), "json_deserializer": orjson.loads}


class BusyError(RuntimeError):
    """Somebody else held the database for too long; nothing was written, trying again is safe."""


class MissingError(RuntimeError):
    """The database file is not there, or no longer; nothing was written. The text is one sentence with the cure."""


class _AgainError(Exception):
    """Nothing was written and the connection is of no use any more: the step can be run again on another."""


class Database:
    """A database by its SQLAlchemy address. A missing SQLite file is made only with `create`. `locking` False is for the test
    that shows what the locks are for; `durable` False for a database that is thrown away (the demo): it need not wait for the disk."""

    def __init__(self, url: str, *, create: bool = False, locking: bool = True, durable: bool = True) -> None:
        clear()
        self.url = url
        self.locking = locking
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, create, locking, durable) if self.is_sqlite else _postgres(url, locking)
        self._waiting: queue.SimpleQueue[tuple[Step, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._held: Connection | None = None
        self._pool: ThreadPoolExecutor | None = None

    def run(self, step: Callable[[Connection], T]) -> T:
        """Run a step in a transaction of its own, in this thread. Raises BusyError when the lock cannot be had, MissingError
        when the file is gone. On PostgreSQL a step may be run a second time, after another transaction wrote the same row first."""
        for last in (False, True):
            try:
                return self._once(step)
            except _AgainError as error:
                self.engine.dispose()
                if last:
                    raise self._named(error.__cause__ or error) from error
            except IntegrityError:
                if last or self.is_sqlite:
                    raise
            except OperationalError as error:
                if last or "deadlock detected" not in str(error.orig):
                    raise self._named(error) from error
        raise AssertionError  # the second round returns or raises

    def _once(self, step: Callable[[Connection], T]) -> T:
        with self.engine.begin() as tx:
            no_stamp(tx)
            try:
                return step(tx)
            except OperationalError as error:
                raise (_AgainError() if error.connection_invalidated else error) from error

    def _named(self, error: BaseException) -> BaseException:
        """The error that callers know for one of the driver."""
        if isinstance(error, OperationalError | _AgainError):
            path = self.engine.url.database
            if isinstance(error, _AgainError) or (self.is_sqlite and "unable to open" in str(error.orig) and _file(path or "") is None):
                return MissingError(f"The database {path} is not there: put it back with `restore`, or make one with `migrate`.")
            if _is_lock(error):
                return BusyError()
        return error

    async def step(self, step: Callable[[Connection], T]) -> T:
        """Run a step in the database thread and return its value after the commit. Raises as `run`."""
        loop = asyncio.get_running_loop()
        if not self.is_sqlite:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(POSTGRES_THREADS, "database")
            return await loop.run_in_executor(self._pool, self.run, step)
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="database", daemon=True)
            self._writer.start()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.put((step, future))
        return await future  # type: ignore[no-any-return]

    def close(self) -> None:
        """Finish what waits and let go of the connections."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
            self._writer = None
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        self.engine.dispose()
        clear()

    def _write(self) -> None:
        last = False
        while not last:
            first = self._waiting.get()
            if first is None:
                break
            batch = [first]
            while len(batch) < TOGETHER and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    last = True
                    break
                batch.append(following)
            outcomes = self._commit([step for step, _ in batch])
            _deliver([future for _, future in batch], outcomes)
        self._let_go()

    def _commit(self, steps: list[Step]) -> list[Any]:
        """Run the steps, each from a savepoint of its own, and commit once; an exception stands in the place of a failed step's value."""
        for last in (False, True):
            try:
                if self._held is None:
                    self._held = self.engine.connect()
                return _together(self._held, steps)
            except Exception as error:
                # A commit that failed leaves its transaction open, and every other process locked out: end the connection.
                self._let_go()
                if last or not isinstance(error, _AgainError):
                    return [self._named(error)] * len(steps)
                self.engine.dispose()
        raise AssertionError  # the second round returns

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with suppress(Exception):
                held.invalidate()
                held.close()


def _together(connection: Connection, steps: list[Step]) -> list[Any]:
    """The values of the steps, or the error of a step that failed; what such a step wrote is undone, and nothing else.

    No savepoint is released before the commit, which releases them all: each would be a statement more.
    """
    outcomes: list[Any] = []
    with connection.begin() as transaction:
        driver: Any = connection.connection.driver_connection  # savepoints past SQLAlchemy: two statements less a step
        for step in steps:
            if len(steps) > 1:
                driver.execute("SAVEPOINT step")
            try:
                no_stamp(connection)
                outcomes.append(step(connection))
            except Exception as error:
                if not driver.in_transaction:  # a full disk: SQLite has undone the whole of it by itself
                    raise
                outcomes.append(error)
                if len(steps) > 1:
                    driver.execute("ROLLBACK TO step")
                else:
                    transaction.rollback()
    return outcomes


def _deliver(futures: list[asyncio.Future[Any]], outcomes: list[Any]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for future, outcome in zip(futures, outcomes, strict=True):
        by_loop.setdefault(future.get_loop(), []).append((future, outcome))

    def settle(pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
        for future, outcome in pairs:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    for loop, pairs in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(settle, pairs)


def _sqlite(url: str, create: bool, locking: bool, durable: bool) -> Engine:
    path = make_url(url).database or ":memory:"
    memory = path == ":memory:"
    options: dict[str, Any] = {"poolclass": StaticPool} if memory else {}

    def open_file() -> sqlite3.Connection:
        address = path if memory else f"{Path(path).absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        return sqlite3.connect(address, timeout=LOCK_WAIT_SECONDS, check_same_thread=False, uri=not memory)

    engine = create_engine(url, creator=open_file, hide_parameters=True, **_JSON, **options)

    # The driver would start transactions by itself, at the first write: measured to overbook the last hour. We begin them.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        if locking:
            connection.isolation_level = None
        for pragma in ("journal_mode=TRUNCATE", f"synchronous={'FULL' if durable else 'OFF'}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        record.info["file"] = None if memory else _file(path)

    def begin(connection: Any) -> None:
        # A file that was removed or replaced stays writable for who has it open, and what is written there is lost.
        if not memory and _file(path) != connection.info.get("file"):
            connection.invalidate()
            raise _AgainError
        if locking:
            connection.driver_connection.execute("BEGIN IMMEDIATE")

    # On the dialect, not as a "begin" listener: with one of those every statement runs through SQLAlchemy's events.
    engine.dialect.do_begin = begin  # type: ignore[method-assign, assignment]
    return engine


def _file(path: str) -> tuple[int, int] | None:
    """Which file stands at the path, None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgres(url: str, locking: bool) -> Engine:
    engine = create_engine(
        url, paramstyle="format", pool_size=POSTGRES_THREADS, max_overflow=POSTGRES_THREADS, hide_parameters=True, **_JSON,
        execution_options={} if locking else {"unlocked": True},
        # Not prepared by psycopg: at a rollback it would take away the statements that storage/libpq.py prepared.
        connect_args={"options": f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)} -c timezone=UTC", "prepare_threshold": None},
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_: Any, __: Any, arguments: Any, options: Any) -> Any:
        from storage.libpq import QuickConnection  # who has SQLite does not wait for psycopg's import

        return QuickConnection.connect(*arguments, **options)

    return engine


def _is_lock(error: OperationalError) -> bool:
    text = str(error.orig)
    return "database is locked" in text or "lock timeout" in text or "deadlock detected" in text
