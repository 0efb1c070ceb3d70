"""Who left is erased: nothing that names, reaches or was typed by that person is left, and no backup brings it back."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, String, Text, func, select

from bot.backup import back_up, restore
from bot.book_files import read_books
from bot.command_line import main
from bot.people import find_person
from bot.sample_data import load_sample
from handlers.access import erase
from handlers.exporting import export_all, export_person
from rules.periods import BRUSSELS
from storage import erasing
from storage.accounts import people_with_role
from storage.database import Database
from storage.erasing import ERASED, PLAIN
from storage.reconciling import differences
from storage.redo import lines_of_database, redo, redo_file
from storage.tables import CHAT, NONE, PERSON, SECRET, TEXT, accounts, audit, metadata, moments, people, requests

BOOKS = read_books()
NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
CANARY = "KANARIE"
# Lines of the trail hold numbers only (below); a channel is of its network; what is owed to a channel names nobody.
NOT_HERS = {("audit", "who"), ("audit", "about"), ("audit", "detail"), ("channels", "place"), ("channels", "topic"),
            ("channels", "title"), ("channels", "workspace"), ("events", "key")}  # fmt: skip


def value_of(table: Any, column: Any, ids: dict[str, int], number: int) -> Any:
    """A value for a column: her number, the number of another row, a canary where the column is about a person."""
    if (table.name, column.name) == ("outbox", "channel"):
        return None
    for key in column.foreign_keys:
        return ids.get(key.column.table.name)
    named = (table.name, column.name)
    special = {
        ("people", "roles"): "coordinator+beheerder", ("events", "key"): f"t:{number}", ("accounts", "platform"): "telegram",
        ("guesses", "who"): f"telegram:{CANARY}:accounts.workspace:{CANARY}:accounts.user", ("audit", "who"): "person:1",
        ("audit", "about"): "1", ("networks", "rulebook"): "oost-vlaanderen", ("moments", "oproep"): "O2",
        ("requests", "state"): "waiting", ("moments", "state"): "accepted", ("drafts", "state"): "open", ("events", "sent_at"): None,
        ("people", "suspended_on"): None, ("people", "erased_on"): None, ("audits", "healthy"): True,
    }  # fmt: skip
    if named in special:
        return special[named]
    if table.name == "events" and column.name == "reply":
        return {"account": 1, "calls": [{"chat_id": f"{CANARY}:chat", "text": CANARY}]}
    if column.name == "submitted":
        answers = {"text": CANARY, "topic": CANARY, "place": "s1", "present": {"bezoeker": 2}}
        return {"form": "presentie", "answers": answers, "note": CANARY}
    about_her = column.info["privacy"] != NONE and named not in NOT_HERS
    if isinstance(column.type, JSON):
        return {"text": CANARY} if about_her else {}
    if isinstance(column.type, Date):
        return date(2026, 6, 1)
    if isinstance(column.type, DateTime):
        return datetime(2026, 6, 1, 9)
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return 7
    room = column.type.length or 200
    if about_her and room >= 10:
        return f"{CANARY}:{table.name}.{column.name}"[:room]
    return f"x{number}"[:room]


def fill(tx: Any) -> int:
    """A row in every table, all of them about one person; returns her number."""
    ids: dict[str, int] = {}
    for number, table in enumerate(metadata.sorted_tables, 1):
        row = {
            column.name: value_of(table, column, ids, number) for column in table.columns
            if not (column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys and len(table.primary_key) == 1)
        }
        key = tx.execute(table.insert(), row).inserted_primary_key
        ids[table.name] = key[0] if key and isinstance(key[0], int) else 0
    return ids["people"]


def dump(database: Database) -> str:
    """All that is stored, as text."""
    def read(tx: Any) -> str:
        rows = {table.name: [tuple(row) for row in tx.execute(select(table))] for table in metadata.sorted_tables}
        return json.dumps(rows, default=str)
    return database.run(read)


@pytest.fixture
def filled(database: Database) -> tuple[Database, int]:
    """A database with a row about one person in every table."""
    return database, database.run(fill)


def test_every_table_says_what_an_erasure_does_to_it() -> None:
    assert set(ERASED) == set(metadata.tables)
    for table in metadata.tables.values():
        if ERASED[table.name] == "none":
            assert not [column.name for column in table.columns if column.info["privacy"] in (PERSON, CHAT, TEXT, SECRET)], table.name


def test_no_answer_that_is_typed_outlives_an_erasure() -> None:
    fields = [field for book in BOOKS.values() for form in book.forms.values() for field in form.fields]
    typed = {field.key for field in fields if field.kind in ("text", "partner")}
    assert typed
    assert not typed & PLAIN


def test_the_canaries_are_there_before(filled: tuple[Database, int]) -> None:
    database, _ = filled
    told = dump(database)
    for place in ("people.email", "accounts.user", "drafts", "requests.motive", "moments.title", "grants.reason", "feeds.hash"):
        assert place in told
    assert told.count(CANARY) > 30


def test_all_that_is_hers_can_be_taken_along_before(filled: tuple[Database, int]) -> None:
    database, person = filled
    found = database.run(lambda tx: export_person(tx, person))
    hers = {table.name for table in metadata.tables.values() if ERASED[table.name] != "none"}
    assert hers - set(found) == {"channels", "events"}  # of the network; and answers, which go after two days
    for table, rows in found.items():
        secret = {column.name for column in metadata.tables[table].columns if column.info["privacy"] == SECRET}
        assert all(not secret & set(row) for row in rows), table


def test_nothing_of_an_erased_person_is_left(filled: tuple[Database, int]) -> None:
    database, person = filled
    before = database.run(lambda tx: tx.execute(select(func.count()).select_from(audit)).scalar_one())
    label = database.run(lambda tx: erase(tx, person, NOW))
    assert CANARY not in dump(database)
    row = database.run(lambda tx: tx.execute(select(people)).one())
    assert (row.key, row.name, row.erased_on, row.email) == (label, label, NOW.date(), None)
    kept = database.run(lambda tx: tx.execute(select(moments)).one())
    assert kept.submitted["answers"] == {"place": "s1", "present": {"bezoeker": 2}}
    assert kept.person == person
    assert database.run(lambda tx: tx.execute(select(requests.c.state)).scalar_one()) == "withdrawn"
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(audit)).scalar_one()) > before
    assert database.run(lambda tx: people_with_role(tx, "coordinator") + people_with_role(tx, "beheerder")) == []
    path = redo_file(database.engine)
    assert path is not None
    assert CANARY not in path.read_text()
    path.unlink()


def test_nothing_of_an_erased_person_is_left_in_the_file(sqlite_database: Database) -> None:
    person = sqlite_database.run(fill)
    path = Path(str(sqlite_database.engine.url.database))
    assert CANARY.encode() in path.read_bytes()
    sqlite_database.run(lambda tx: erase(tx, person, NOW))
    sqlite_database.close()
    assert CANARY.encode() not in path.read_bytes()


def test_an_erasure_is_done_again_in_an_older_backup(filled: tuple[Database, int], engines: Any) -> None:
    database, person = filled
    label = database.run(lambda tx: erase(tx, person, NOW))
    lines = database.run(lines_of_database)
    older = Database(engines.with_tables("sqlite" if database.is_sqlite else "postgresql"))
    older.run(fill)
    assert CANARY in dump(older)
    older.run(lambda tx: redo(tx, lines))
    assert CANARY not in dump(older)
    assert older.run(lambda tx: tx.execute(select(people.c.key)).scalar_one()) == label
    older.run(lambda tx: redo(tx, lines))
    assert older.run(lambda tx: tx.execute(select(people.c.key)).scalar_one()) == label
    older.close()
    for each in (database, older):
        path = redo_file(each.engine)
        if path is not None:
            path.unlink(missing_ok=True)


def test_somebody_else_who_has_the_number_by_now_is_not_erased(filled: tuple[Database, int]) -> None:
    database, person = filled
    database.run(lambda tx: erase(tx, person, NOW))
    lines = database.run(lines_of_database)
    database.run(lambda tx: tx.execute(people.update().values(key="K99", name="Iemand", erased_on=None)))
    database.run(lambda tx: redo(tx, lines))
    assert database.run(lambda tx: tx.execute(select(people.c.name)).scalar_one()) == "Iemand"


def sample(path: Path) -> str:
    """An SQLite file with the sample data."""
    url = f"sqlite:///{path}"
    database = Database(url, create=True)
    load_sample(database, BOOKS, NOW)
    database.run(lambda tx: tx.execute(accounts.insert(), {
        "platform": "telegram", "workspace": "", "user": "77001", "chat": "77001", "linked_at": datetime(2026, 1, 5),
        "person": find_person(tx, "K1").id,
    }))  # fmt: skip
    database.close()
    return url


def test_a_restored_backup_brings_nobody_back_and_the_hours_add_up(tmp_path: Path) -> None:
    url = sample(tmp_path / "uurwijzer.db")
    back_up(url, tmp_path / "monday.db")
    database = Database(url)
    person = database.run(lambda tx: find_person(tx, "K1").id)
    hours = database.run(lambda tx: tx.execute(select(func.sum(moments.c.minutes)).where(moments.c.person == person)).scalar_one())
    database.run(lambda tx: erase(tx, person, NOW))
    assert not database.run(differences)
    database.close()
    restore(url, tmp_path / "monday.db", NOW + timedelta(hours=1))
    database = Database(url)
    for gone in ("Lotte", "77001", "lotte.voorbeeld"):
        assert gone not in dump(database)
    row = database.run(lambda tx: tx.execute(select(people).where(people.c.id == person)).one())
    assert row.erased_on == NOW.date()
    assert database.run(lambda tx: tx.execute(select(func.sum(moments.c.minutes)).where(moments.c.person == person)).scalar_one()) == hours
    assert not database.run(differences)
    database.close()


def test_an_export_with_an_erased_person_can_be_imported(engines: Any, tmp_path: Path) -> None:
    from bot.tables_in import read_tables
    from bot.tables_out import write_tables
    from handlers.importing import run_import

    database = Database(sample(tmp_path / "uurwijzer.db"))
    database.run(lambda tx: erase(tx, find_person(tx, "K1").id, NOW))
    write_tables(database.run(lambda tx: export_all(tx, NOW)), tmp_path / "out")
    database.close()
    other = Database(engines.with_tables("sqlite"))
    sheets, refused, _ = read_tables(tmp_path / "out")
    assert [str(each) for each in run_import(other, BOOKS, sheets, NOW, refused=refused).refusals] == []
    other.close()


@pytest.mark.parametrize(("typed", "code"), [("K1\n", 0), ("k2\n", 1), ("", 1)])
def test_the_command_asks_for_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, code: int
) -> None:
    import io

    url = sample(tmp_path / "uurwijzer.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UURWIJZER_DATABASE_URL", url)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(["erase", "Lotte"]) == code
    told = capsys.readouterr()
    database = Database(url)
    assert ("Lotte" in dump(database)) is bool(code)
    database.close()
    if code:
        assert "Nothing was erased." in told.err
    else:
        assert "the hours stay as X-" in told.out
        assert main(["erase", "Lotte", "--yes"]) == 6


def test_the_label_says_nothing() -> None:
    labels = {erasing.new_label() for _ in range(200)}
    assert len(labels) == 200
    assert all(len(label) == 10 and label.startswith("X-") for label in labels)


def test_texts_have_no_other_kind() -> None:
    """The canaries reach every kind of column that can hold a text."""
    kinds = {type(column.type) for table in metadata.tables.values() for column in table.columns if column.info["privacy"] != NONE}
    assert {kind.__name__ for kind in kinds} <= {each.__name__ for each in (String, Text, JSON, Integer, Date, DateTime)}
