"""Export: files that an import reads back into the same content, that no spreadsheet runs, and that hold all there is."""

import csv
import json
import stat
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.book_files import read_books
from bot.tables_in import _cell, read_tables
from bot.tables_out import write_tables
from handlers import exporting, registering
from handlers.csv_text import guarded
from handlers.importing import run_import
from rules.facts import Submission
from rules.periods import BRUSSELS
from storage import ledger
from storage.database import Database
from storage.tables import SECRET, metadata, moments, networks, people, sites

BOOKS = read_books()
NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
SAMPLE = Path(__file__).parent.parent / "bot" / "sample"


def take(database: Database, folder: Path) -> list[str]:
    sheets, refusals, _ = read_tables(folder)
    report = run_import(database, BOOKS, sheets, NOW, refused=refusals)
    return [str(refusal) for refusal in report.refusals]


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def all_text(export: exporting.Export, folder: Path) -> str:
    """All that stands in the files of an export."""
    return "".join(path.read_text(encoding="utf-8-sig") for path in write_tables(export, folder))


def id_of(database: Database, table, key: str) -> int:
    return database.run(lambda tx: tx.execute(select(table.c.id).where(table.c.key == key)).scalar_one())


def chat_moment(database: Database) -> int:
    """A moment registered in the chat, as the conversation books it."""
    submitted = {"form": "presentie", "answers": {"text": "=spel + muziek", "present": {"bezoeker": 9}, "place": "s3"}}
    sub = Submission(
        id_of(database, people, "K1"), "O2", "presentie", site=id_of(database, sites, "V3"), start=datetime(2026, 6, 11, 14),
        minutes=50, present={"bezoeker": 9}, text="=spel + muziek", purpose="presentie",
    )
    done = database.run(lambda tx: registering.register(tx, BOOKS["oost-vlaanderen"], sub, "draft-1", submitted, NOW))
    assert done.moment is not None
    return done.moment


@pytest.fixture
def filled(sampled: Database) -> Database:
    """The sample data, with a moment of the chat and one that was cancelled."""
    chat_moment(sampled)
    sampled.run(lambda tx: ledger.cancel_moment(tx, tx.execute(select(moments).where(moments.c.source == "MO-02")).one(), NOW))
    return sampled


def test_export_import_export_gives_the_same_files(filled: Database, engines, tmp_path: Path) -> None:
    write_tables(filled.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "first")
    other = Database(engines.with_tables("postgresql" if filled.is_sqlite else "sqlite"))
    assert take(other, tmp_path / "first") == []
    write_tables(other.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "second")
    other.close()
    assert texts(tmp_path / "first") == texts(tmp_path / "second")
    assert len(texts(tmp_path / "first")) == 9
    assert len((tmp_path / "first" / "momenten.csv").read_text().splitlines()) == 1 + 16


def test_moments_carry_the_pseudocode_of_their_werkvorm_as_the_rulebook_gives_it_that_day(filled: Database, tmp_path: Path) -> None:
    own = BOOKS["oost-vlaanderen"].with_values({"billing.code.O3": "123456"})
    write_tables(filled.run(lambda tx: exporting.export_all(tx, NOW, {**BOOKS, "oost-vlaanderen": own})), tmp_path)
    with (tmp_path / "momenten.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    found = {(row["oproep"], row["pseudocode"]) for row in rows if row["persoon"] != "K7"}
    assert found == {("1", "726994"), ("2", "726994"), ("3", "123456"), ("4", "")}
    assert {row["pseudocode"] for row in rows if row["persoon"] == "K7"} == {""}, "her network's rulebook has none"


def test_importing_an_export_into_its_own_database_changes_nothing(filled: Database, tmp_path: Path) -> None:
    write_tables(filled.run(lambda tx: exporting.export_all(tx, NOW, BOOKS)), tmp_path)
    sheets, _, _ = read_tables(tmp_path)
    report = run_import(filled, BOOKS, sheets, NOW)
    assert [str(refusal) for refusal in report.refusals] == []
    assert {(each.added, each.changed) for each in report.counts.values()} == {(0, 0)}


@pytest.mark.parametrize("which", ["K1", "K2", "K4", "NW-A", "NW-C"])
def test_a_part_can_be_imported_by_itself(filled: Database, engines, tmp_path: Path, which: str) -> None:
    if which.startswith("K"):
        person = id_of(filled, people, which)
        write_tables(filled.run(lambda tx: exporting.export_one(tx, person, NOW)), tmp_path)
    else:
        network = id_of(filled, networks, which)
        write_tables(filled.run(lambda tx: exporting.export_network(tx, network, NOW)), tmp_path)
    other = Database(engines.with_tables("sqlite"))
    assert take(other, tmp_path) == []
    other.close()


def test_a_persons_export_names_no_other_person(filled: Database, tmp_path: Path) -> None:
    person = id_of(filled, people, "K2")
    written = all_text(filled.run(lambda tx: exporting.export_one(tx, person, NOW)), tmp_path)
    assert "Proefman" in written
    for other in ("Voorbeeld;", "Lotte", "K1", "Modelaar", "Testouri", "C0SAMPLE"):
        assert other not in written


def test_a_network_export_holds_nothing_of_another_network(filled: Database, tmp_path: Path) -> None:
    network = id_of(filled, networks, "NW-A")
    written = all_text(filled.run(lambda tx: exporting.export_network(tx, network, NOW)), tmp_path)
    assert "Lotte" in written
    for other in ("Testouri", "NW-B", "NW-C", "De Kade", "C0SAMPLE03", "Demodael"):
        assert other not in written


def test_the_json_of_all_holds_every_table_and_no_secret(filled: Database) -> None:
    stored = filled.run(lambda tx: exporting.export_all(tx, NOW)).stored
    json.dumps(stored)
    assert set(stored["tables"]) == set(metadata.tables)
    assert len(stored["tables"]["moments"]) == 17
    columns = [column for table in metadata.tables.values() for column in table.columns]
    secrets = [(column.table.name, column.name) for column in columns if column.info["privacy"] == SECRET]
    assert secrets
    for table, column in secrets:
        assert all(column not in row for row in stored["tables"][table])


def test_files_are_for_their_owner_only(filled: Database, tmp_path: Path) -> None:
    written = write_tables(filled.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path / "nieuw")
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert sorted(path.name for path in (tmp_path / "nieuw").iterdir()) == sorted(path.name for path in written)


def test_a_formula_in_a_text_is_written_so_that_nothing_runs(filled: Database, tmp_path: Path) -> None:
    write_tables(filled.run(lambda tx: exporting.export_all(tx, NOW)), tmp_path)
    content = (tmp_path / "momenten.csv").read_text(encoding="utf-8-sig")
    assert "'=spel + muziek" in content
    assert ";=spel" not in content
    assert ";'-1000000000002;" in (tmp_path / "kanalen.csv").read_text(encoding="utf-8-sig")


@given(st.text(alphabet="'=+-@ab ", max_size=12))
def test_a_guarded_cell_reads_back_as_it_was(text: str) -> None:
    text = " ".join(text.split())
    assert guarded(text)[:1] not in tuple("=+-@")
    assert _cell(guarded(text)) == text
