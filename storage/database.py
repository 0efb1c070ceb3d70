"""The database: one engine, one transaction a step, and for SQLite one thread that commits what waits together."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
Step = Callable[[Connection], Any]

TOGETHER = 16
POSTGRES_THREADS = 4
LOCK_WAIT_SECONDS = 1.5


class BusyError(RuntimeError):
    """Somebody else held the database for too long; nothing was written, trying again is safe."""


class Database:
    """A database by its SQLAlchemy address. `locking` False is for the test that shows what the locks are for; `durable`
    False for a database that is thrown away (the demo): it need not wait for the disk."""

    def __init__(self, url: str, *, locking: bool = True, durable: bool = True) -> None:
        self.url = url
        self.locking = locking
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, locking, durable) if self.is_sqlite else _postgres(url, locking)
        self._waiting: queue.SimpleQueue[tuple[Step, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    def run(self, step: Callable[[Connection], T]) -> T:
        """Run a step in a transaction of its own, in this thread. Raises BusyError when the lock cannot be had."""
        try:
            with self.engine.begin() as tx:
                return step(tx)
        except OperationalError as error:
            raise (BusyError() if _is_lock(error) else error) from error

    async def step(self, step: Callable[[Connection], T]) -> T:
        """Run a step in the database thread and return its value after the commit."""
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

    def _write(self) -> None:
        with self.engine.connect() as connection:
            while True:
                first = self._waiting.get()
                if first is None:
                    return
                batch, last = [first], False
                while len(batch) < TOGETHER and not self._waiting.empty():
                    following = self._waiting.get()
                    if following is None:
                        last = True
                        break
                    batch.append(following)
                outcomes = self._commit(connection, [step for step, _ in batch])
                _deliver([future for _, future in batch], outcomes)
                if last:
                    return

    def _commit(self, connection: Connection, steps: list[Step]) -> list[Any]:
        """Run the steps, each in its savepoint, and commit once; an exception stands in the place of a failed step's value."""
        outcomes: list[Any] = []
        try:
            with connection.begin():
                for step in steps:
                    connection.exec_driver_sql("SAVEPOINT step")
                    try:
                        outcomes.append(step(connection))
                        connection.exec_driver_sql("RELEASE step")
                    except Exception as error:
                        outcomes.append(error)
                        connection.exec_driver_sql("ROLLBACK TO step")
                        connection.exec_driver_sql("RELEASE step")
        except OperationalError as error:
            return [BusyError() if _is_lock(error) else error] * len(steps)
        except Exception as error:
            return [error] * len(steps)
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
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, pairs)


def _sqlite(url: str, locking: bool, durable: bool) -> Engine:
    memory = url in ("sqlite://", "sqlite:///:memory:")
    options: dict[str, Any] = {"poolclass": StaticPool} if memory else {}
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}, hide_parameters=True, **options)

    # The driver would start transactions by itself, deferred: measured to overbook the last hour. We begin them.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=TRUNCATE", f"synchronous={'FULL' if durable else 'OFF'}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if locking else "BEGIN")

    return engine


def _postgres(url: str, locking: bool) -> Engine:
    return create_engine(
        url, pool_size=POSTGRES_THREADS, max_overflow=POSTGRES_THREADS, hide_parameters=True, execution_options={} if locking else {"unlocked": True},
        connect_args={"options": f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)} -c timezone=UTC"},
    )


def _is_lock(error: OperationalError) -> bool:
    text = str(error.orig)
    return "database is locked" in text or "lock timeout" in text or "deadlock detected" in text
