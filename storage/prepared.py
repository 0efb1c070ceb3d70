"""The statements of every step: written in SQLAlchemy Core, compiled once, then handed straight to the driver.

Core looks a statement up, converts its values and wraps its result anew each time; that costs more than carrying it out.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, methodcaller
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Insert, Table, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
_ALL, _ONE, _COUNT = methodcaller("fetchall"), methodcaller("fetchone"), attrgetter("rowcount")


def insert(table: Table, *columns: str) -> Insert:
    """An INSERT with a parameter for each of the named columns."""
    return table.insert().values({name: bindparam(name) for name in columns})


class Prepared:
    """A Core statement for many executions in a transaction that SQLAlchemy began. Every `bindparam` is given by its name each
    time, values that stand in the statement stay; it must have no IN with a list. What it raises is what Core raises."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, **values: Any) -> list[Any]:
        """Execute and return the rows, as named tuples."""
        compiled = self._on(tx)
        return compiled.read(compiled.execute(tx, values, _ALL))

    def first(self, tx: Connection, **values: Any) -> Any:
        """Execute and return the first row or None."""
        compiled = self._on(tx)
        found = compiled.execute(tx, values, _ONE)
        return None if found is None else compiled.read([found])[0]

    def write(self, tx: Connection, **values: Any) -> int:
        """Execute and return how many rows were written."""
        return int(self._on(tx).execute(tx, values, _COUNT))

    def write_all(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute for each of these values."""
        if len(rows) == 1:  # psycopg prepares much for many
            self.write(tx, **rows[0])
        elif rows:
            self._on(tx).execute_all(tx, rows)

    def _on(self, tx: Connection) -> "_Compiled":
        name = tx.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self.statement, tx.dialect)
        return self._compiled[name]


class _Compiled:
    """A statement as one of the drivers takes it: SQL with positions, and how values and cells are converted."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.fixed: dict[str, Any] = {}
        self.given: list[tuple[str, Convert | None]] = []
        for name in compiled.positiontup:
            bound = compiled.binds[name]
            convert = _written(bound.type, dialect)
            if not bound.required:
                self.fixed[name] = convert(bound.value) if convert is not None else bound.value
                convert = None
            self.given.append((name, convert))
        columns = list(statement.exported_columns) if isinstance(statement, ReturnsRows) else []
        self.row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
        cells = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self.cells: list[tuple[int, Convert]] = [(place, convert) for place, convert in enumerate(cells) if convert is not None]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters by position."""
        if self.fixed:
            given = {**self.fixed, **given}
        return [given[name] if convert is None else convert(given[name]) for name, convert in self.given]

    def read(self, found: list[Any]) -> list[Any]:
        """Rows of the driver as named tuples."""
        make, cells = self.row._make, self.cells
        if not cells:
            return [make(row) for row in found]
        rows = []
        for each in found:
            row = list(each)
            for place, convert in cells:
                row[place] = convert(row[place])
            rows.append(make(row))
        return rows

    def execute(self, tx: Connection, given: Mapping[str, Any], take: Callable[[Any], Any]) -> Any:
        """Execute, and what `take` gets of the driver's cursor."""
        try:
            return take(_driver(tx).execute(self.sql, self.values(given)))
        except tx.dialect.loaded_dbapi.Error as error:
            raise _known(tx, self.sql, error) from error

    def execute_all(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute for each of the rows."""
        try:
            _driver(tx).executemany(self.sql, [self.values(given) for given in rows])
        except tx.dialect.loaded_dbapi.Error as error:
            raise _known(tx, self.sql, error) from error


def _written(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How a value of a column type is given to the driver."""
    if dialect.name == "sqlite" and isinstance(kind, DateTime):
        return _instant  # the same text as SQLAlchemy's, in a third of the time
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(" ", "microseconds")


def _driver(tx: Connection) -> Any:
    """What executes on the connection: sqlite3's own is quick enough, psycopg's is not (see storage/libpq.py)."""
    connection: Any = tx.connection.dbapi_connection
    return connection if tx.dialect.name == "sqlite" else connection.hot


def _known(tx: Connection, sql: str, error: Exception) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that is lost is given up, as Core does."""
    lost = tx.dialect.is_disconnect(error, tx.connection, None)  # type: ignore[arg-type]
    if lost:
        tx.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, tx.dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=tx.dialect
    )
