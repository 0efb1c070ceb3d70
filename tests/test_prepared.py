"""Prepared statements: on both engines they give, keep and raise what SQLAlchemy Core does."""

from datetime import date, datetime

import pytest
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.prepared import Prepared, insert
from storage.tables import add_row, events, people, sites
from tests.databases import Engines

AT = datetime(2026, 6, 14, 23, 5, 7)
REPLY = {"calls": [{"text": "Één uur", "rows": [1, None, True]}]}
KEEP = Prepared(insert(events, "key", "at", "reply", "sent_at"))
PERSON = {"key": "P1", "first_name": "Ann", "name": "Bench", "roles": "verstrekker", "contract_from": date(2024, 2, 29)}
SITE = {"key": "S1", "name": "Jeugdhuis", "kind": "jeugdhuis", "cooperates": True}


def test_what_is_written_and_read_is_what_core_writes_and_reads(database: Database) -> None:
    def step(tx: Connection) -> None:
        KEEP.write(tx, key="own", at=AT, reply=REPLY, sent_at=None)
        tx.execute(events.insert(), {"key": "core", "at": AT, "reply": REPLY, "sent_at": None})
        add_row(tx, people, PERSON)
        add_row(tx, sites, SITE)
        for table in (events, people, sites):
            query = select(table).order_by(table.c.key)
            assert [tuple(row) for row in Prepared(query).rows(tx)] == [tuple(row) for row in tx.execute(query)]
        raw = tx.exec_driver_sql("SELECT CAST(at AS TEXT), CAST(reply AS TEXT) FROM events").all()
        assert [*raw] == [raw[0]] * 2
        assert Prepared(select(events).where(events.c.key == "own")).first(tx).reply == REPLY
        assert Prepared(select(sites)).first(tx).cooperates is True

    database.run(step)


def test_an_added_row_gets_the_next_id_and_keeps_what_is_not_given(database: Database) -> None:
    ids = database.run(lambda tx: [add_row(tx, people, {**PERSON, "key": key}) for key in ("P1", "P2")])
    found = database.run(lambda tx: Prepared(select(people).order_by(people.c.id)).rows(tx))
    assert [row.id for row in found] == ids
    assert [(row.language, row.email, row.contract_from) for row in found] == [("nl", None, date(2024, 2, 29))] * 2


def test_values_in_the_statement_stay_and_the_count_of_written_rows_is_given(database: Database) -> None:
    rename = Prepared(people.update().where(people.c.name == "Bench", people.c.key == bindparam("who")).values(name="Kade"))

    def step(tx: Connection) -> tuple[int, int, int]:
        add_row(tx, people, PERSON)
        return rename.write(tx, who="P2"), rename.write(tx, who="P1"), rename.write(tx, who="P1")

    assert database.run(step) == (0, 1, 0)


def test_many_rows_are_written_and_none_when_there_are_none(database: Database) -> None:
    rows = [{"key": f"k{number}", "at": AT, "reply": None, "sent_at": AT} for number in range(3)]
    for part in ([], rows[:1], rows[1:]):
        database.run(lambda tx, part=part: KEEP.write_all(tx, part))
    kept = database.run(lambda tx: Prepared(select(events.c.key).order_by(events.c.key)).rows(tx))
    assert [row.key for row in kept] == ["k0", "k1", "k2"]


def test_an_error_of_the_driver_is_sqlalchemys_and_does_not_tell_the_values(database: Database) -> None:
    def twice(tx: Connection) -> None:
        for _ in range(2):
            add_row(tx, people, {**PERSON, "email": "ann@example.invalid"})

    with pytest.raises(IntegrityError) as raised:
        database.run(twice)
    assert "ann@example.invalid" not in str(raised.value)
    assert database.run(lambda tx: Prepared(select(people)).first(tx)) is None


def test_a_step_that_is_undone_leaves_the_next_ones_as_they_were(database: Database) -> None:
    def fails(tx: Connection) -> None:
        for _ in range(7):  # so often that psycopg would prepare it by itself
            tx.execute(select(people.c.id).where(people.c.key == "P1"))
        add_row(tx, people, PERSON)
        raise ValueError("undone")

    for _ in range(3):
        with pytest.raises(ValueError, match="undone"):
            database.run(fails)
    assert database.run(lambda tx: add_row(tx, people, PERSON)) > 0
    assert len(database.run(lambda tx: Prepared(select(people)).rows(tx))) == 1


def test_after_a_lost_connection_the_step_runs_on_another(engines: Engines) -> None:
    database = Database(engines.with_tables("postgresql"))
    seen: list[int] = []

    def end(backend: int) -> None:
        with database.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({backend}, 5000)")

    def step(tx: Connection) -> int:
        seen.append(tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if len(seen) == 1:
            end(seen[0])
        return add_row(tx, people, PERSON)

    try:
        assert database.run(step) > 0
        assert len(set(seen)) == 2
    finally:
        database.close()
        engines.drop(database.url)
