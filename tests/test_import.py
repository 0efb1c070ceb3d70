"""Import: what an operator's files become, what is refused and how that is said, and that nothing half is ever kept."""

import csv
import shutil
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from sqlalchemy import select

from bot.book_files import read_books
from bot.tables_in import TablesError, read_tables
from handlers.access import erase
from handlers.import_lines import Report
from handlers.importing import run_import
from rules.periods import BRUSSELS
from storage import ledger
from storage.database import Database
from storage.tables import (
    agreements,
    audit,
    day_totals,
    grant_people,
    grants,
    moment_versions,
    moments,
    networks,
    openings,
    people,
    sites,
)

BOOKS = read_books()
NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
SAMPLE = Path(__file__).parent.parent / "bot" / "sample"
GRANT = "toekenning,oproep,persoon,vindplaats,van,reden"
TABLES = (networks, people, sites, agreements, grants, moments, openings)


def take(database: Database, folder: Path, *, dry_run: bool = False, now: datetime = NOW) -> Report:
    sheets, refusals, remarks = read_tables(folder)
    report = run_import(database, BOOKS, sheets, now, dry_run=dry_run, refused=refusals)
    report.remarks[:0] = remarks
    return report


def count(database: Database) -> list[int]:
    return [len(database.run(lambda tx, table=table: tx.execute(select(table)).all())) for table in TABLES]


def rows(database: Database, query):
    return database.run(lambda tx: tx.execute(query).all())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small network: one provider, one house, one pool."""
    write(tmp_path, "netwerken", "netwerk,naam,provincie,taal,rulebook", "N,Proefnetwerk,Oost-Vlaanderen,nl,oost-vlaanderen")
    write(
        tmp_path, "personen", "persoon,voornaam,naam,rollen,netwerk,taal,contract_van",
        "K1,Lotte,Voorbeeld,verstrekker,N,nl,2024-01-01", "K2,Bram,Proefman,verstrekker,N,nl,01/02/2024",
    )  # fmt: skip
    write(
        tmp_path, "vindplaatsen", "vindplaats,naam,soort,netwerk,gemeente,samenwerking",
        "V1,Buurthuis De Proef,buurthuis,N,Testelare,ja", "V2,OverKop De Test,overkophuis,N,Testelare,ja",
    )  # fmt: skip
    columns = "toekenning,oproep,netwerk,persoon,vindplaats,overeenkomst,van,uren,uitzondering,reden"
    write(tmp_path, "toekenningen", columns, "G1,2,,K1,V1,,2026-01-01,,,")
    return tmp_path


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def refusals(report: Report) -> list[str]:
    return [str(refusal) for refusal in report.refusals]


def test_the_sample_is_added_and_a_second_time_left_alone(database: Database) -> None:
    first = take(database, SAMPLE)
    assert refusals(first) == []
    assert {name: (each.added, each.changed, each.left) for name, each in first.counts.items()} == {
        "netwerken": (4, 0, 0), "vindplaatsen": (10, 0, 0), "personen": (12, 0, 0), "aanbod": (8, 0, 0),
        "overeenkomsten": (2, 0, 0), "toekenningen": (10, 0, 0), "kanalen": (4, 0, 0), "beginsaldi": (3, 0, 0),
        "momenten": (16, 0, 0),
    }  # fmt: skip
    before = count(database)
    second = take(database, SAMPLE)
    assert refusals(second) == []
    assert {(each.added, each.changed) for each in second.counts.values()} == {(0, 0)}
    assert count(database) == before
    kept = rows(database, select(audit))
    assert [row.what for row in kept] == ["import", "import"]


def test_a_dry_run_says_the_same_and_writes_nothing(sqlite_database: Database) -> None:
    report = take(sqlite_database, SAMPLE, dry_run=True)
    assert report.counts["momenten"].added == 16
    assert count(sqlite_database) == [0] * len(TABLES)
    assert rows(sqlite_database, select(audit)) == []


def test_one_refused_row_keeps_everything_out(sqlite_database: Database, folder: Path) -> None:
    write(folder, "personen", "persoon,voornaam,naam,rollen,netwerk", "K1,Lotte,Voorbeeld,verstrekker,N", "K2,Bram,Proefman,tovenaar,N")
    report = take(sqlite_database, folder)
    assert refusals(report) == ["personen.csv, row 3, column rollen: must be one of: verstrekker, coordinator, werking, beheerder"]
    assert count(sqlite_database) == [0] * len(TABLES)


def test_every_fault_is_told_at_once_with_its_row_and_column(sqlite_database: Database, folder: Path) -> None:
    write(
        folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van,uren,uitzondering",
        "G1,5,K1,V1,2026-01-01,,", "G2,2,K9,V1,2026-01-01,,", "G3,2,K1,V1,31/02/2026,,", "G4,2,K1,V1,2026-01-01,veel,",
        "G5,2,K1,V1,2026-01-01,,overkop", "G6,1,K1,,2026-01-01,,", "G7,1,K1+K2,V1,2026-01-01,,", "G8,3,K1,,2026-01-01,,",
    )  # fmt: skip
    assert refusals(take(sqlite_database, folder)) == [
        "toekenningen.csv, row 2, column oproep: must be one of: 1, 2, 3, 4",
        "toekenningen.csv, row 3, column persoon: refers to no row of personen that is known: correct the key (the nearest is K2)",
        "toekenningen.csv, row 4, column van: is a day that does not exist: correct it",
        "toekenningen.csv, row 5, column uren: must be hours such as 48, 4,5 or 4u30",
        "toekenningen.csv, row 6, column uitzondering: holds for oproep 2 in an overkophuis only (O2-11): leave it empty",
        "toekenningen.csv, row 7, column vindplaats: is empty and oproep 1 is given per vindplaats: fill it in",
        "toekenningen.csv, row 8, column persoon: joins persons, and only the hours of oproep 2 without uitzondering are shared: "
        "give each person a row",
        "toekenningen.csv, row 9, column overeenkomst: is empty and oproep 3 is given per overeenkomst: fill it in",
    ]


# A folder with every kind of fault in every file; behind the # of a row what is told about it, a column and the begin of a cure.
ALL_WRONG = {
    "netwerken": """netwerk,naam,taal,rulebook,patient   # patient looks like data of clients
        N,Proefnetwerk,nl,oost-vlaanderen
        N2,,nl,west                      # naam is empty; rulebook is no rulebook
        N,Nog eens,nl,oost-vlaanderen    # - has the key of row 2
        N3,"Stuk,nl,oost-vlaanderen      # - has a quote
        N4,Komma, te veel,nl,x,y         # - has more cells
        N+5,Plus,de,oost-vlaanderen      # netwerk must be a key; taal must be one of""",
    "personen": """persoon,voornaam,naam,rollen,netwerk,contract_van,contract_tot,werkgever
        K1,Lotte,Voorbeeld,verstrekker,N,,,
        K2,Bram,Proefman,tovenaar,N+N8+N9,2026-02-01,2026-01-01,V1
            # rollen must be one of; netwerk refers to no row; contract_tot must not
        K3,Fictief,85.07.30-033.28,verstrekker,N2,,,  # naam looks like a national number
        K4,Test,Voorbeeld,verstrekker,N3,31/02/2026,2020-01-01,  # contract_van is a day that does not exist
        K5,Test,Voorbeeld,verstrekker,N,,2020-01-01,  # contract_tot must not
        K6,Zonder,Netwerk,verstrekker,,,,""",
    "vindplaatsen": """vindplaats,naam,naam,netwerk  # soort is missing; naam stands twice
        V1,,Buurthuis De Proef,N
        V2,,mevrouw Peeters,N9     # naam looks like somebody's name; netwerk refers to no row
        V1,,Nog eens,N             # - has the key of row 2""",
    "aanbod": """persoon,vindplaats,sinds,individueel_minuten_per_week
        K1,V8,gisteren,veel    # vindplaats refers to no row; sinds must be a day; individueel_minuten_per_week must be a whole
        K9,V8,,                # persoon refers to no row; vindplaats refers to no row
        K2,V1,,
        K2,V1,,                # - has the key of row 4""",
    "overeenkomsten": """overeenkomst,persoon,partner,vindplaats,van,tot,minimum_uren
        O1,K9,Een partner,V9,2026-02-01,2026-01-01,veel
            # persoon refers to no row; partner_soort is empty; vindplaats refers to no row; tot must not; minimum_uren must be hours
        O2,K1,V1,,2026-02-01,,
        O3,K1,Buurthuis De Proef,,,,      # van is empty
        O4,K1,"""
    + "x" * 70
    + """,,2026-01-01,,  # partner is longer""",
    "toekenningen": """toekenning,oproep,netwerk,persoon,vindplaats,overeenkomst,van,tot,uitzondering,uren
        G1,2,,K1,V1,,2026-01-01,,,
        G2,1,,K1+K9+K8,,,2026-02-01,2026-01-01,overkop,
            # vindplaats is empty; persoon refers to no row; persoon joins persons; uitzondering holds; tot must not
        G3,5,,K9,V9,,morgen,,,veel
            # oproep must be; vindplaats refers to no row; persoon refers to no row; van must be a day; uren must be hours
        G4,3,,K1,,,2026-01-01,,,    # overeenkomst is empty
        G5,3,,K9,,O2,2026-01-01,,,  # persoon refers to no row
        G6,4,,K6,,,2026-01-01,,,    # netwerk is empty
        G7,4,,,,,2026-01-01,,,      # persoon is empty
        G8,4,N,K1,,,2026-03-01,,,
        G9,4,N,K1,,,2026-03-01,,,   # van begins while""",
    "kanalen": """netwerk,platform,kanaal,dag,uur
        N9,fax,-100,zon,25:00    # netwerk refers to no row; platform must be; dag must be; uur must be
        N,slack,C1,ma,08:00
        N,slack,C1,di,09:00      # - has the key of row 3""",
    "beginsaldi": """beginsaldo,toekenning,persoon,op,minuten
        B1,G77,K9,2026-02-30,x   # toekenning refers to no row; persoon refers to no row; op is a day; minuten must be
        B2,G8,K6,2026-02-01,5    # persoon may not use; op lies outside
        B3,G3,K1,2026-02-01,5
        B4,G8,K1,2026-03-01,5""",
    "momenten": """moment,persoon,oproep,werkvorm,vindplaats,overeenkomst,begin,minuten,aanwezigen
        M1,K9,1,,V9,,2026-05-01 25:00,0,veel
            # persoon refers to no row; vindplaats refers to no row; begin must be; minuten must be; aanwezigen must be counts
        M2,K1,3,,,,2027-05-01 10:00,30,  # overeenkomst is empty; werkvorm is empty; begin has not ended
        M3,K6,4,casus_intervisie,,,2026-03-29 02:30,30,   # begin does not exist
        M4,K6,4,casus_intervisie,,,2026-05-04 10:00,30,
        M5,K1,4,casus_intervisie,,,2026-05-04 10:00,30,
        M6,K1,4,casus_intervisie,,,2026-05-04 10:29,30,   # begin overlaps
        M7,K1,4,toverles,,,2026-05-04 13:00,30,           # werkvorm must be
        M8,K1,4,casus_intervisie,,,2026-05-04 13:29,30,   # begin overlaps
        M5,K1,4,casus_intervisie,,,2026-05-05 10:00,30,   # - has the key
        M9,K1,4,casus_intervisie,,,2026-01-05 10:00,30,""",
}


def test_one_run_names_every_fault_of_every_kind_in_every_file(sqlite_database: Database, tmp_path: Path) -> None:
    expected = set()
    for name, text in ALL_WRONG.items():
        lines: list[str] = []
        for line in text.splitlines():
            cells, _, told = line.partition("#")
            if cells.strip():
                lines.append(cells.strip())
            for each in filter(None, (part.strip() for part in told.split(";"))):
                column, _, cure = each.partition(" ")
                expected.add((f"{name}.csv", len(lines), None if column == "-" else column, cure))
        write(tmp_path, name, *lines)
    (tmp_path / "personen.csv").write_bytes((tmp_path / "personen.csv").read_text().replace("Bram", "Ren\xe9").encode("cp1252"))
    expected.add(("personen.csv", 0, None, "is no UTF-8 text"))
    report = take(sqlite_database, tmp_path)
    found = {(each.file, each.row or 0, each.column, each.cure) for each in report.refusals}
    told_of = {(one, want) for one in found for want in expected if one[:3] == want[:3] and one[3].startswith(want[3])}
    assert found - {one for one, _ in told_of} == set(), "told, and no fault"
    assert expected - {want for _, want in told_of} == set(), "a fault, and not told"
    assert len(report.refusals) == len(found), "each once"
    assert count(sqlite_database) == [0] * len(TABLES)


@pytest.mark.parametrize("fault", ["large", "unread", "empty"])
def test_a_file_that_cannot_be_read_is_the_only_one_to_blame(sqlite_database, tmp_path, monkeypatch, fault: str) -> None:
    shutil.copytree(SAMPLE, tmp_path / "in")
    file = tmp_path / "in" / "personen.csv"
    if fault == "large":
        monkeypatch.setattr("bot.tables_in.LARGEST", file.stat().st_size - 1)
        for other in file.parent.glob("*.csv"):
            if other.stat().st_size > file.stat().st_size:
                other.write_text("".join(other.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    elif fault == "unread":
        file.unlink()
        file.symlink_to("/proc/self/mem")
    else:
        file.write_text("")
    report = take(sqlite_database, tmp_path / "in")
    assert [refusal.file for refusal in report.refusals] == ["personen.csv"]


@pytest.mark.parametrize(
    ("delimiter", "encoding", "day"),
    [(",", "utf-8", "2026-03-01"), (";", "utf-8-sig", "01/03/2026"), (";", "utf-8", "1/3/2026")],
)
def test_commas_semicolons_bom_and_both_ways_to_write_a_day(sqlite_database, folder, delimiter, encoding, day) -> None:
    header = ["toekenning", "oproep", "persoon", "vindplaats", "van", "uren"]
    with (folder / "toekenningen.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, ["G1", "2", "K1", "V1", day, "4,5"]])
    assert refusals(take(sqlite_database, folder)) == []
    (grant,) = rows(sqlite_database, select(grants))
    assert (grant.start, grant.minutes) == (date(2026, 3, 1), 270)


def test_a_workbook_gives_what_the_folder_gives(engines, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for file in SAMPLE.glob("*.csv"):
        sheet = book.create_sheet(file.stem)
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines(), delimiter=";"):
            sheet.append([typed(cell) for cell in row])
    book.save(tmp_path / "alles.xlsx")
    contents = []
    for path in (SAMPLE, tmp_path / "alles.xlsx"):
        database = Database(engines.with_tables("sqlite"))
        assert refusals(take(database, path)) == []
        contents.append([rows(database, select(table)) for table in (people, grants, day_totals, openings)])
        database.close()
    assert contents[0] == contents[1]


def typed(cell: str):
    """A cell as a spreadsheet would hold it: numbers and days are no text there."""
    if cell.isdigit():
        return int(cell)
    for pattern in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(cell, pattern)
        except ValueError:
            pass
    return cell or None


def test_unknown_columns_are_left_out_and_named(sqlite_database: Database, folder: Path) -> None:
    write(folder, "vindplaatsen", "vindplaats,naam,soort,netwerk,gemeente,kleur", "V1,Buurthuis,buurthuis,N,Testelare,rood")
    report = take(sqlite_database, folder)
    assert refusals(report) == []
    assert report.remarks == ["vindplaatsen.csv: column kleur is not known and was left out."]


@pytest.mark.parametrize(("written", "meant"), [("uur", "uren"), ("extra_uur", "extra_uren"), ("redenn", "reden"), ("oproepen", "oproep")])
def test_a_column_that_is_misspelt_is_refused_with_its_name(sqlite_database: Database, folder: Path, written: str, meant: str) -> None:
    columns = ["toekenning", "oproep", "persoon", "vindplaats", "van", "uren", "extra_uren", "reden"]
    write(folder, "toekenningen", ",".join(written if each == meant else each for each in columns), "G1,2,K1,V1,2026-01-01,40,0,x")
    cure = f"is not known: rename it to {meant} if that is meant, or remove it"
    assert refusals(take(sqlite_database, folder))[0] == f"toekenningen.csv, row 1, column {written}: {cure}"
    assert count(sqlite_database) == [0] * len(TABLES)


def test_of_a_file_in_another_encoding_that_only_is_said(sqlite_database: Database, folder: Path) -> None:
    personen = folder / "personen.csv"
    personen.write_bytes(personen.read_text(encoding="utf-8").replace(",", "\t").encode("utf-16"))
    assert refusals(take(sqlite_database, folder)) == ["personen.csv: is no UTF-8 text: save it as “CSV UTF-8”"]


def test_old_files_do_not_bring_back_who_was_erased(sqlite_database: Database, folder: Path) -> None:
    write(folder, "momenten", "moment,persoon,oproep,werkvorm,vindplaats,begin,minuten", "M1,K1,2,presentie,V1,2026-03-02T14:00,60")
    assert refusals(take(sqlite_database, folder)) == []
    sqlite_database.run(lambda tx: erase(tx, tx.execute(select(people.c.id).where(people.c.key == "K1")).scalar_one(), NOW))
    row = "refers to a person who was erased: take this row out, or that key when it names several"
    assert refusals(take(sqlite_database, folder)) == [
        f"momenten.csv, row 2, column persoon: {row}",
        "personen.csv, row 2, column persoon: was erased: take this row out; who comes back gets another key",
        f"toekenningen.csv, row 2, column persoon: {row}",
    ]


@pytest.mark.parametrize("column", ["rijksregisternummer", "geboortedatum", "naam cliënt", "numéro NISS", "patient"])
def test_a_column_about_clients_refuses_the_import(sqlite_database: Database, folder: Path, column: str) -> None:
    write(folder, "vindplaatsen", f"vindplaats,naam,soort,netwerk,{column}", "V1,Buurthuis,buurthuis,N,x")
    (refusal,) = take(sqlite_database, folder).refusals
    assert refusal.cure == "looks like data of clients, which never belong here: remove the column"
    assert count(sqlite_database) == [0] * len(TABLES)


@pytest.mark.parametrize(
    ("sheet", "header", "row", "column", "kind"),
    [
        ("toekenningen", GRANT, "G1,2,K1,V1,2026-01-01,85.07.30-033.28", "reden", "a national number"),
        ("toekenningen", GRANT, "G1,2,K1,V1,2026-01-01,mail jan@voorbeeld.be", "reden", "an e-mail address"),
        ("vindplaatsen", "vindplaats,naam,soort,netwerk", "V1,thuis bij mevrouw Peeters,buurthuis,N", "naam", "somebody's name"),
        ("vindplaatsen", "vindplaats,naam,soort,netwerk", "85073003328,Buurthuis,buurthuis,N", "vindplaats", "a national number"),
        ("personen", "persoon,voornaam,naam,rollen,netwerk", "K1,Lotte,85.07.30-033.28,verstrekker,N", "naam", "a national number"),
    ],
)  # fmt: skip
def test_client_data_is_refused_by_kind_and_never_repeated(sqlite_database, folder, sheet, header, row, column, kind) -> None:
    write(folder, sheet, header, row)
    told = refusals(take(sqlite_database, folder))
    assert f"{sheet}.csv, row 2, column {column}: looks like {kind}: data of clients never belong here, take it out" in told
    for typed_text in ("85.07.30", "85073003328", "jan@", "Peeters"):
        assert not any(typed_text in line for line in told)


def test_a_practice_may_be_called_after_its_doctor(sqlite_database: Database, folder: Path) -> None:
    places = ("V1,Praktijk dokter Voorbeelds,huisartsenpraktijk,N", "V2,b,overkophuis,N")
    write(folder, "vindplaatsen", "vindplaats,naam,soort,netwerk", *places)
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van", "G1,1,K1,V1,2026-01-01")
    assert refusals(take(sqlite_database, folder)) == []


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Huisartsenpraktijk", "huisartsenpraktijk"), ("lokaal dienstencentrum", "ldc"), ("OverKophuis", "overkop"),
        ("woonzorgcentrum", "wzc"), ("kinderopvang", "kinderdagverblijf"), ("eigen praktijk", "own_practice"),
        ("groepspraktijk", "group_practice"), ("ggz-dienst", "ggz_service"), ("secundair onderwijs", "secundair_onderwijs"),
        ("maison médicale", "wijkgezondheidscentrum"), ("école secondaire", "secundair_onderwijs"), ("CPAS", "ocmw"),
        ("andere", "andere"), ("ldc", "ldc"),
    ],
)  # fmt: skip
def test_kinds_of_places_in_dutch_and_french(sqlite_database: Database, folder: Path, word: str, kind: str) -> None:
    (folder / "toekenningen.csv").unlink()
    write(folder, "vindplaatsen", "vindplaats,naam,soort,netwerk", f"V1,Plaats,{word},N")
    assert refusals(take(sqlite_database, folder)) == []
    assert [row.kind for row in rows(sqlite_database, select(sites))] == [kind]


def test_several_rows_of_one_house_are_one_pool(database: Database, folder: Path) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van,uren", "G1,2,K1,V1,2026-01-01,", "G2,2,K2,V1,2026-03-01,")
    write(folder, "beginsaldi", "beginsaldo,toekenning,persoon,op,minuten", "B1,G2,K2,2026-04-01,60")
    report = take(database, folder)
    assert refusals(report) == []
    assert report.remarks == ["toekenning G2 joins the pool G1 of the same vindplaats (A-45)."]
    (pool,) = rows(database, select(grants))
    assert len(rows(database, select(grant_people))) == 2
    assert [row.grant for row in rows(database, select(openings))] == [pool.id]
    again = take(database, folder)
    assert [(each.added, each.changed) for each in again.counts.values()] == [(0, 0)] * len(again.counts)


def test_a_row_with_other_hours_does_not_join_a_pool(sqlite_database: Database, folder: Path) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van,uren", "G1,2,K1,V1,2026-01-01,", "G2,2,K2,V1,2026-03-01,20")
    assert refusals(take(sqlite_database, folder)) == [
        "toekenningen.csv, row 3, column uren: differs from the pool G1 that this row joins (A-45): leave it empty, or end that pool first"
    ]


def test_the_next_grant_of_a_person_ends_the_one_before(sqlite_database: Database, folder: Path) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van", "G2,1,K1,V1,2026-05-01", "G1,1,K1,V1,2025-05-01")
    assert refusals(take(sqlite_database, folder)) == []
    assert {row.key: row.to for row in rows(sqlite_database, select(grants))} == {"G1": date(2026, 4, 30), "G2": None}
    assert {(each.added, each.changed) for each in take(sqlite_database, folder).counts.values()} == {(0, 0)}


def test_without_a_limit_in_the_rulebook_the_hours_must_be_given(sqlite_database: Database, folder: Path) -> None:
    write(folder, "netwerken", "netwerk,naam,rulebook", "N,Proefnetwerk,generic-art8")
    assert refusals(take(sqlite_database, folder)) == [
        "toekenningen.csv, row 2, column uren: is empty and the rulebook generic-art8 gives no hours of its own: "
        "write the hours that the network granted"
    ]


def moments_csv(folder: Path, *lines: str) -> None:
    write(folder, "momenten", "moment,persoon,oproep,werkvorm,vindplaats,begin,minuten,aanwezigen,contact,omschrijving", *lines)


def test_history_is_judged_warned_and_booked_all_the_same(database: Database, folder: Path) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van,uren", "G1,2,K1,V1,2026-01-01,2")
    moments_csv(
        folder, "M1,K1,2,,V1,2026-03-02 14:00,90,bezoeker=8,ter plaatse,koffie",
        "M2,K1,2,,V1,2026-03-03 14:00,60,bezoeker=5,ter plaatse,spelen",
    )  # fmt: skip
    report = take(database, folder)
    assert refusals(report) == []
    assert report.remarks == ["moment M2 was booked, the rulebook refuses: O2-10."]
    kept = rows(database, select(moments).order_by(moments.c.begins))
    assert [(row.outcome, row.minutes, row.source) for row in kept] == [("imported", 90, "M1"), ("imported", 60, "M2")]
    assert sum(row.minutes for row in rows(database, select(day_totals))) == 150


@pytest.mark.parametrize(
    ("line", "column", "cure"),
    [
        ("M1,K1,2,,V1,2026-03-29 02:30,30,niemand,,x", "begin", "does not exist, the clock went forward then: correct it"),
        ("M1,K1,2,,V1,2025-10-26 02:30,30,niemand,,x", "begin", "exists twice"),
        ("M1,K1,2,,V1,2023-10-01 14:00,30,niemand,,x", "begin", "lies in no toekenning"),
        ("M1,K1,2,,V2,2026-03-01 14:00,30,niemand,,x", "begin", "lies in no toekenning"),
        ("M1,K1,2,,V1,2026-06-15 08:30,31,niemand,,x", "begin", "has not ended yet"),
        ("M1,K1,2,,V1,2026-06-01 08:30,0,niemand,,x", "minuten", "must be a whole number from 1"),
        ("M1,K1,2,,V1,2026-06-01 25:30,10,niemand,,x", "begin", "must be a day and time"),
        ("M1,K1,2,,V1,2026-06-01 10:30,10,twaalf mensen,,x", "aanwezigen", "must be counts per role"),
        ("M1,K1,2,,V1,2026-06-01 10:30,10,tovenaar=2,,x", "aanwezigen", "must be one of: huisarts"),
        ("M1,K1,2,,V1,2026-06-01 10:30,10,niemand,,85.07.30-033.28 kwam", "omschrijving", "looks like a national number"),
        ("M1,K1,3,workshop,V1,2026-06-01 10:30,10,niemand,,x", "overeenkomst", "is empty and needed for oproep 3"),
    ],
)  # fmt: skip
def test_history_that_cannot_be_is_refused(sqlite_database: Database, folder: Path, line: str, column: str, cure: str) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van", "G1,2,K1,V1,2024-01-01")
    moments_csv(folder, line)
    (refusal,) = take(sqlite_database, folder).refusals
    assert (refusal.row, refusal.column) == (2, column)
    assert refusal.cure.startswith(cure)


def test_two_moments_of_one_person_never_overlap(sqlite_database: Database, folder: Path) -> None:
    moments_csv(folder, "M1,K1,2,,V1,2026-03-02 14:00,90,bezoeker=8,,a", "M2,K1,2,,V1,2026-03-02 15:29,60,bezoeker=5,,b")
    assert refusals(take(sqlite_database, folder)) == [
        "momenten.csv, row 3, column begin: overlaps another moment of the same person: correct one of them"
    ]


def test_the_doubled_hour_is_taken_with_its_offset(sqlite_database: Database, folder: Path) -> None:
    write(folder, "toekenningen", "toekenning,oproep,persoon,vindplaats,van", "G1,2,K1,V1,2025-01-01")
    moments_csv(folder, "M1,K1,2,,V1,2025-10-26 02:30+02:00,30,bezoeker=1,,a", "M2,K1,2,,V1,2025-10-26 02:30+01:00,30,bezoeker=1,,b")
    assert refusals(take(sqlite_database, folder)) == []
    assert [row.begins.hour for row in rows(sqlite_database, select(moments).order_by(moments.c.begins))] == [0, 1]


def test_an_opening_over_the_hours_of_its_grant_is_said_once(database: Database, folder: Path) -> None:
    header = "beginsaldo,toekenning,persoon,op,minuten"
    write(folder, "beginsaldi", header, "B1,G1,K1,2026-02-01,2880", "B2,G1,K1,2026-02-02,100")
    report = take(database, folder)
    assert refusals(report) == []
    assert report.remarks == ["beginsaldo B2 was taken: toekenning G1 is 100 minutes over its hours."]
    assert take(database, folder).remarks == []
    write(folder, "beginsaldi", header, "B1,G1,K1,2026-02-01,2780", "B2,G1,K1,2026-02-02,100")
    assert take(database, folder).remarks == []


@pytest.mark.parametrize("text", ["geen-mail", "an@voorbeeld", "an @voorbeeld.be", "an@voorbeeld.be;jan@voorbeeld.be"])
def test_an_address_that_cannot_be_one_is_refused(sqlite_database: Database, folder: Path, text: str) -> None:
    write(folder, "personen", "persoon,voornaam,naam,rollen,netwerk,email", f"K1,Lotte,Voorbeeld,verstrekker,N,{text}",
          "K2,Bram,Proefman,verstrekker,N,bram@voorbeeld.example")
    told = "personen.csv, row 2, column email: must be an e-mail address such as naam@voorbeeld.be, or empty"
    assert refusals(take(sqlite_database, folder)) == [told]


def test_changed_rows_change_what_stands_there(database: Database, folder: Path) -> None:
    write(folder, "beginsaldi", "beginsaldo,toekenning,persoon,op,minuten", "B1,G1,K1,2026-02-01,600")
    moments_csv(folder, "M1,K1,2,,V1,2026-03-02 14:00,90,bezoeker=8,,a")
    take(database, folder)
    write(folder, "beginsaldi", "beginsaldo,toekenning,persoon,op,minuten", "B1,G1,K1,2026-02-02,540")
    moments_csv(folder, "M1,K1,2,,V1,2026-03-02 14:00,75,bezoeker=8,,a")
    write(folder, "personen", "persoon,voornaam,naam,rollen,netwerk", "K1,Lotte,Anders,verstrekker,N", "K2,Bram,Proefman,verstrekker,")
    report = take(database, folder)
    assert refusals(report) == []
    assert {name: each.changed for name, each in report.counts.items() if each.changed} == {"personen": 2, "beginsaldi": 1, "momenten": 1}
    assert sum(row.minutes for row in rows(database, select(day_totals))) == 540 + 75
    assert [row.version for row in rows(database, select(moment_versions).order_by(moment_versions.c.version))] == [1, 2]


def test_what_was_corrected_in_the_chat_is_not_overwritten(sqlite_database: Database, folder: Path) -> None:
    line = "M1,K1,2,,V1,2026-03-02 14:00,90,bezoeker=8,,a"
    moments_csv(folder, line)
    take(sqlite_database, folder)
    sqlite_database.run(lambda tx: ledger.cancel_moment(tx, tx.execute(select(moments)).one(), NOW))
    assert refusals(take(sqlite_database, folder)) == []
    moments_csv(folder, line.replace("90", "60"))
    (refusal,) = take(sqlite_database, folder).refusals
    assert "was registered or changed in the chat" in refusal.cure


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("netwerken.csv", b"netwerk;naam;rulebook\nN;caf\xe9;oost-vlaanderen\n", "is no UTF-8 text: save it as “CSV UTF-8”"),
        ("netwerken.csv", b"", "is empty: write the names of the columns on the first row"),
        ("netwerken.csv", b'netwerk,naam,rulebook\n"N,x,y\n', "has a quote that is not closed or is broken: save the file anew"),
        ("netwerken.csv", b"netwerk,naam,naam,rulebook\nN,x,y,oost-vlaanderen\n", "stands twice: keep one column of this name"),
        (
            "netwerken.csv", b"netwerk,naam,rulebook\nN,x,y,z\n",
            "has more cells than the header: put texts with a comma or semicolon in quotes",
        ),
        ("netwerken.csv", b"netwerk,naam\nN,x\n", "is missing: add this column"),
        ("netwerken.csv", b"netwerk,naam,rulebook\nN,x,oost-vlaanderen\nN,y,oost-vlaanderen\n", "has the key of row 2: keep one of them"),
        (
            "netwerken.csv", b"netwerk,naam,rulebook\nN,x,west\n",
            "is no rulebook that is installed: choose one of generic-art8, oost-vlaanderen, or set UURWIJZER_RULEBOOKS",
        ),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(sqlite_database: Database, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    report = take(sqlite_database, tmp_path)
    assert [refusal.cure for refusal in report.refusals] == [told]


def test_paths_that_hold_nothing(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "netwerken.csv", tmp_path / "lijst.txt")
    for path, told in (
        (tmp_path, "holds nothing to import"), (tmp_path / "weg", "does not exist"),
        (tmp_path / "lijst.txt", r"is no folder and no \.xlsx"),
    ):
        with pytest.raises(TablesError, match=told):
            read_tables(path)
    (tmp_path / "stuk.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(TablesError, match=r"cannot be read as an \.xlsx workbook"):
        read_tables(tmp_path / "stuk.xlsx")


def workbook(path: Path, cells: str) -> Path:
    """A workbook whose one sheet holds these cells, as whoever packs it by hand writes them."""
    book = openpyxl.Workbook()
    book.active.title = "vindplaatsen"
    book.active["A1"] = 1
    book.save(path.with_suffix(".plain"))
    with ZipFile(path.with_suffix(".plain")) as plain, ZipFile(path, "w") as made:
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content[: content.index(b"<sheetData>")] + f"<sheetData>{cells}</sheetData></worksheet>".encode()
            made.writestr(name, content)
    return path


@pytest.mark.parametrize(("cells", "cure"), [
    ('<row r="1"><c r="A1"><v>1</v></c></row><row r="12"><c r="A12"><v>1</v></c></row>', "beyond row 10 or column 256"),
    ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "beyond row 10 or column 256"),
    ('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</c></row>', "cannot be read"),
])  # fmt: skip
def test_a_workbook_made_to_fill_the_memory_or_broken_within_is_refused(tmp_path: Path, monkeypatch, cells: str, cure: str) -> None:
    monkeypatch.setattr("bot.tables_in.MOST_ROWS", 10)
    sheets, refusals, _ = read_tables(workbook(tmp_path / "in.xlsx", cells))
    assert [(each.file, cure in each.cure) for each in refusals] == [("in.xlsx/vindplaatsen", True)]
    assert [each.unread for each in sheets] == [True]


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path, monkeypatch) -> None:
    file = workbook(tmp_path / "in.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>')
    monkeypatch.setattr("bot.tables_in.UNPACKED", 1000)
    with pytest.raises(TablesError, match="split it"):
        read_tables(file)


def test_a_row_that_is_coloured_to_its_end_is_as_wide_as_what_it_holds(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>vindplaats</t></is></c><c r="XFD1" s="0"/></row>'
    sheets, refusals, _ = read_tables(workbook(tmp_path / "in.xlsx", row))
    assert refusals == []
    assert [each.columns for each in sheets] == [("vindplaats",)]
