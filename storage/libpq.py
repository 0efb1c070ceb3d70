"""The hot statements on PostgreSQL: prepared once on each connection and executed by libpq, past psycopg's cursor.

The cursor's own work costs twice what libpq and the conversion of values cost together; those are psycopg's too (`pq`, `adapt`).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult


class QuickConnection(Connection[Any]):
    """A connection of psycopg that commits, as it executes the hot statements, by libpq itself."""

    @cached_property
    def hot(self) -> "Libpq":
        """What executes the hot statements; made after SQLAlchemy has set how values are converted."""
        return Libpq(self)

    def commit(self) -> None:
        """Commit, when anything began. Raises psycopg's errors."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self.hot.commit()

    def rollback(self) -> None:
        """Undo, when anything began."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()


class Libpq:
    """As much of a cursor as `storage.prepared` needs, for one connection that one thread uses at a time."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection, self.libpq = connection, connection.pgconn
        self.converter = Transformer(connection)
        self.names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self.result: PGresult | None = None

    def execute(self, sql: str, values: Sequence[Any]) -> "Libpq":
        """Execute SQL with a %s for each value, in a transaction as psycopg would begin it. Raises psycopg's errors."""
        if self.libpq.transaction_status == TransactionStatus.IDLE and not self.connection.autocommit:
            self._checked(self.libpq.exec_(b"BEGIN"))
        dumped = self.converter.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types, formats = self.converter.types or (), self.converter.formats
        name = self.names.get((sql, types)) or self._prepare(sql, types)
        self.result = self._checked(self.libpq.exec_prepared(name, dumped, formats))  # type: ignore[arg-type]  # None is NULL
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute for each of the rows."""
        for values in rows:
            self.execute(sql, values)

    def commit(self) -> None:
        """Commit what was executed."""
        self._checked(self.libpq.exec_(b"COMMIT"))

    @property
    def rowcount(self) -> int:
        """How many rows the last execution wrote or found."""
        return (self.result.command_tuples or 0) if self.result is not None else 0

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last execution."""
        if self.result is None or not self.result.ntuples:
            return []
        self.converter.set_pgresult(self.result)
        return self.converter.load_rows(0, self.result.ntuples, tuple)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row of the last execution, or None."""
        if self.result is None or not self.result.ntuples:
            return None
        self.converter.set_pgresult(self.result)
        return self.converter.load_row(0, tuple)

    def _prepare(self, sql: str, types: tuple[int, ...]) -> bytes:
        first, *others = sql.split("%s")
        numbered = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
        name = f"uurwijzer{len(self.names)}".encode()
        self._checked(self.libpq.prepare(name, numbered.replace("%%", "%").encode(), types))
        self.names[sql, types] = name
        return name

    def _checked(self, result: PGresult) -> PGresult:
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            if self.libpq.status == ConnStatus.BAD:
                raise OperationalError(self.libpq.get_error_message())
            raise error_from_result(result)
        return result
