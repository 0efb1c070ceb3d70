"""The command line: what operators get for a command, a mistake and a missing thing; always one sentence, never a traceback."""

import csv
import errno
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from bot import checking
from bot.command_line import CODES, EXIT_CODES, main

TOKEN = "123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ-geheim"  # fictional
ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "bot" / "sample"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the clock of the sample data and no other setting."""
    for name in [name for name in os.environ if name.startswith("UURWIJZER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UURWIJZER_NOW", "2026-06-15T09:00:00")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as `migrate` and `import` of the sample data leave it; tests work on copies of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UURWIJZER_NOW", "2026-06-15T09:00:00")
        patch.chdir(tmp_path_factory.mktemp("ready"))
        assert main(["migrate"]) == 0
        assert main(["import", str(SAMPLE)]) == 0
        return Path("uurwijzer.db").absolute()


@pytest.fixture
def filled(folder: Path, ready: Path) -> Path:
    """The same, with a database that holds the sample data."""
    shutil.copy(ready, folder)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out, told.err


def test_help_imports_next_to_nothing() -> None:
    code = (
        "import sys; from bot.command_line import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'sqlalchemy', 'jinja2', 'telegram', 'aiohttp', 'asyncio', "
        "'alembic', 'openpyxl', 'rules', 'handlers', 'storage', 'logging', 'datetime'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
    assert "exit codes:" in done.stdout


def test_the_help_and_the_guide_give_every_exit_code_the_same_words() -> None:
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    helped = re.findall(r"^ +(\d+)  (.+)$", EXIT_CODES, re.MULTILINE)
    assert helped == re.findall(r"^\| (\d+) \| (.+) \|$", guide[guide.index("## Exit codes") :], re.MULTILINE)
    assert {str(code) for code in CODES.values()} <= {code for code, _ in helped}
    assert "restore" in dict(helped)[str(CODES["BackupError"])]


def test_every_command_of_the_contract_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    names = "demo chat serve import invite unlink cases check reconcile export backup restore migrate"
    for name in names.split():
        assert re.search(rf"^    {name}\s", told, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["fly"], ["import"], ["backup", "a", "b"]])
def test_a_wrong_command_line_is_2(folder: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


def test_without_a_command_it_says_where_to_begin(folder: Path, capsys) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    named = [line.split()[1] for line in err.splitlines() if line.startswith("  uurwijzer ")]
    assert named == ["demo", "migrate", "import", "check", "serve"]
    assert "uurwijzer --help" in err
    assert list(folder.iterdir()) == []


COMMANDS = (
    ("chat",), ("import", SAMPLE), ("invite", "K1"), ("unlink", "K1"), ("reconcile",), ("export", "out"), ("backup", "copy.db"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_a_database_every_command_refuses_and_makes_none(folder: Path, capsys, command) -> None:
    code, out, err = run(capsys, *command)
    assert (code, out) == (5, "")
    assert f"The database {folder / 'uurwijzer.db'} does not exist: make it with `uurwijzer migrate`, or restore a backup" in err
    assert list(folder.iterdir()) == []


def test_serve_without_a_database_or_anything_to_serve(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = run(capsys, "serve")
    assert code == 3
    assert "There is nothing to serve: set UURWIJZER_TELEGRAM_TOKEN" in err
    monkeypatch.setenv("UURWIJZER_PORT", "8080")
    assert run(capsys, "serve")[0] == 5
    monkeypatch.setenv("UURWIJZER_TELEGRAM_TOKEN", "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    code, _, err = run(capsys, "serve")
    assert code == 3
    assert "UURWIJZER_NOW moves the clock and a Telegram token is set" in err


def test_migrate_makes_a_private_database_and_says_so_again(folder: Path, capsys) -> None:
    path = folder / "uurwijzer.db"
    code, out, err = run(capsys, "migrate")
    assert (code, out) == (0, f"The database sqlite:///{path} was made at version 0001.\n")
    assert err == "The clock is moved by UURWIJZER_NOW: it starts at 2026-06-15 09:00.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run(capsys, "migrate")[1] == f"The database sqlite:///{path} is already at version 0001.\n"


@pytest.mark.parametrize("left", [b"", b"SQLite format 3"], ids=["empty", "cut off"])
def test_what_is_left_of_a_database_is_not_made_a_new_one(folder: Path, capsys, left: bytes) -> None:
    file = folder / "uurwijzer.db"
    file.write_bytes(left)
    code, out, err = run(capsys, "migrate")
    assert (code, out, file.read_bytes()) == (5, "", left)
    assert "restore a backup with `uurwijzer restore FILE` when there was a database, or remove the file when there was none" in err
    file.unlink()
    assert run(capsys, "migrate")[0] == 0


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("sqlite:///weg/x.db", "is no folder: make it"), ("sqlite:///:memory:", "set UURWIJZER_DATABASE_URL to a file"),
        ("sqlite:///rubbish", "rubbish is no SQLite database: restore a backup"), ("sqlite:///.", "is a folder"),
        ("postgresql://geheim:wachtwoord@127.0.0.1:1/x", "was not changed"),
    ],
)  # fmt: skip
def test_a_database_that_cannot_be_made(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch, url: str, cure: str) -> None:
    (folder / "rubbish").write_text("dear diary, " * 50)
    monkeypatch.setenv("UURWIJZER_DATABASE_URL", url)
    code, out, err = run(capsys, "migrate")
    assert (code, out) == (5, "")
    assert cure in err
    assert "wachtwoord" not in err
    assert [path.name for path in folder.iterdir()] == ["rubbish"]


def test_wrong_settings_are_named_with_their_cure(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UURWIJZER_LANGUAGE", "de")
    monkeypatch.setenv("UURWIJZER_PORTT", "1")
    code, _, err = run(capsys, "reconcile")
    assert code == 3
    assert err.splitlines() == [
        "UURWIJZER_PORTT is not a setting: did you mean UURWIJZER_PORT?",
        "UURWIJZER_LANGUAGE must be one of nl, fr, en, it is 'de': choose one of them.",
    ]
    code, out, _ = run(capsys, "check")
    assert code == 3
    assert "FAULT UURWIJZER_LANGUAGE must be one of" in out


def test_import_prints_counts_and_refused_rows(filled: Path, capsys) -> None:
    code, out, _ = run(capsys, "import", SAMPLE)
    assert code == 0
    assert "momenten            0 added      0 changed     16 left alone\n" in out
    shutil.copytree(SAMPLE, filled / "again")
    content = (filled / "again" / "personen.csv").read_text().replace("K8;Ines;Fictieux;verstrekker", "K8;Ines;Fictieux;piloot")
    (filled / "again" / "personen.csv").write_text(content)
    code, out, err = run(capsys, "import", "again")
    assert (code, out) == (1, ""), "no counts of what was not done"
    assert "personen.csv, row 9, column rollen: must be one of: verstrekker, coordinator, werking, beheerder\n" in err
    assert "Nothing was imported: " in err


def test_import_of_nothing_is_7(filled: Path, capsys) -> None:
    code, _, err = run(capsys, "import", "weg")
    assert (code, err.splitlines()[-1]) == (7, "weg does not exist: give a folder with CSV files, or an .xlsx file.")


@pytest.mark.parametrize("command", ["invite", "unlink"])
@pytest.mark.parametrize(("person", "hint"), [("K11", "K1"), ("Lote Voorbeeld", "Lotte Voorbeeld")])
def test_an_unknown_person_is_6_with_the_nearest_names(filled: Path, capsys, command: str, person: str, hint: str) -> None:
    code, _, err = run(capsys, command, person)
    assert code == 6
    assert hint in err


@pytest.mark.parametrize("person", ["K1", "k1", "Voorbeeld", "lotte voorbeeld"])
def test_invite_prints_a_code_that_voids_the_one_before(filled: Path, capsys, person: str) -> None:
    codes = [run(capsys, "invite", person)[1].splitlines()[0].removeprefix("Lotte Voorbeeld: ") for _ in range(2)]
    assert codes[0] != codes[1]
    assert {len(code) for code in codes} == {26}
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        kept = connection.execute("SELECT hash, void_at IS NULL FROM invites").fetchall()
        assert [is_open for _, is_open in kept] == [0, 1]
        assert not any(code in str(kept) for code in codes)


def test_without_a_token_it_is_said_what_to_do_with_the_code(filled: Path, capsys) -> None:
    _, out, err = run(capsys, "invite", "K1")
    name, how, until = out.splitlines()
    assert how == f"In a private chat with the bot: /start {name.rpartition(' ')[2]}"
    assert until.startswith("For one use, until 2026-06-22 09:00")
    assert "UURWIJZER_TELEGRAM_TOKEN is not set" in err


def test_a_qr_picture_is_written_for_its_owner(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)  # it comes after: nobody may read before
    code, out, _ = run(capsys, "invite", "K1", "--qr", "lotte.svg")
    assert code == 0
    assert "lotte.svg holds the code as a QR picture." in out
    assert "<svg" in (filled / "lotte.svg").read_text()
    assert stat.S_IMODE((filled / "lotte.svg").stat().st_mode) == 0o600
    assert run(capsys, "invite", "K1", "--qr", "lotte.bmp")[0] == 2


def test_a_mail_merge_holds_everybody_without_an_account(filled: Path, capsys) -> None:
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        connection.execute(
            'INSERT INTO accounts (platform, workspace, "user", person) SELECT \'telegram\', \'\', \'7\', id FROM people WHERE key = \'K2\''
        )
        connection.commit()
    code, out, _ = run(capsys, "invite", "--network", "NW-A", "--csv", "codes.csv")
    assert (code, out) == (0, "codes.csv: 3 codes, each for one use until 2026-06-22 09:00.\n")
    with (filled / "codes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["persoon"] for row in rows] == ["K1", "K8", "C-1"]
    assert len({row["code"] for row in rows}) == 3
    assert stat.S_IMODE((filled / "codes.csv").stat().st_mode) == 0o600
    assert run(capsys, "invite", "--network", "NW-Z", "--csv", "x.csv")[0] == 6
    assert run(capsys, "invite")[0] == 2


def test_unlink_ends_access_and_is_remembered_for_a_restore(filled: Path, capsys) -> None:
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        connection.execute(
            'INSERT INTO accounts (platform, workspace, "user", person, linked_at) '
            "SELECT 'telegram', '', '7', id, '2026-06-01 00:00:00.000000' FROM people WHERE key = 'K2'"
        )
        connection.commit()
    assert run(capsys, "backup", "copy.db")[0] == 0
    code, out, _ = run(capsys, "unlink", "Proefman")
    assert (code, out) == (0, "Bram Proefman: 1 account(s) unlinked; the hours stay.\n")
    code, out, _ = run(capsys, "restore", "copy.db")
    assert code == 0
    assert "1 account(s) that were unlinked since are unlinked again." in out
    assert run(capsys, "unlink", "K2", "--platform", "telegram")[1] == "Bram Proefman has no linked account on Telegram.\n"
    assert run(capsys, "unlink", "K2")[1] == "Bram Proefman has no linked account.\n"


def test_reconcile_agrees_and_names_a_difference(filled: Path, capsys) -> None:
    assert run(capsys, "reconcile")[:2] == (0, "Every balance agrees with its postings.\n")
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        connection.execute("UPDATE day_totals SET minutes = minutes + 1 WHERE day = '2026-06-03'")
        connection.execute("UPDATE moments SET minutes = 7 WHERE source = 'MO-01'")
        connection.commit()
    code, out, _ = run(capsys, "reconcile")
    assert code == 1
    assert out.splitlines()[0].split(", day")[-1] == (
        " 2026-06-03: the postings come to 120 min and 0 preparation hours, the day total says 121 min and 0 preparation hours"
    )
    assert "its postings come to 60 min and 0 preparation hours, it says 7 min and 0 preparation hours" in out
    assert "month 2026-06: the days come to 121 min and 0 preparation hours, the month total says 120 min and 0 preparation hours" in out
    assert len(out.splitlines()) == 3


def test_export_of_all_of_one_and_of_a_network(filled: Path, capsys) -> None:
    assert run(capsys, "export", "alles")[0] == 0
    assert len(json.loads((filled / "alles" / "alles.json").read_text())["tables"]["moments"]) == 16
    assert run(capsys, "export", "een", "--person", "K4")[0] == 0
    assert len((filled / "een" / "momenten.csv").read_text().splitlines()) == 7
    assert run(capsys, "export", "net", "--network", "Voorbeeldnetwerk Jong Oost")[0] == 0
    assert run(capsys, "export", "x", "--network", "NW-C", "--person", "K1")[0] == 2
    (filled / "bezet").write_text("")
    code, _, err = run(capsys, "export", "bezet")
    assert code == 7
    assert "bezet" in err


def test_backup_and_restore(filled: Path, capsys) -> None:
    code, out, _ = run(capsys, "backup", "copy.db")
    assert code == 0
    assert out.startswith("copy.db: ")
    assert run(capsys, "restore", "copy.db")[0] == 0
    code, _, err = run(capsys, "restore", "weg.db")
    assert (code, err.splitlines()[-1]) == (7, "weg.db does not exist: it was not restored and the database is as it was.")


def test_check_of_content_needs_no_database(folder: Path, capsys) -> None:
    code, out, _ = run(capsys, "check", "--content")
    assert "rulebook oost-vlaanderen: read" in out
    assert "database" not in out
    assert code in (0, 4)  # 4 while a translation is not built


def test_check_names_a_text_that_no_language_has(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = folder / "templates"
    shutil.copytree(str(files("templates") / "locale"), copied / "locale")
    (copied / "messages").mkdir()
    monkeypatch.setattr(checking, "files", lambda _: copied)
    assert run(capsys, "check", "--content")[0] == 0
    (copied / "messages" / "nieuw.j2").write_text(
        "{% block a %}{% trans %}Iets nieuws{% endtrans %}{% endblock %}"
        "{% block b %}{% trans count=count %}Een ding{% pluralize count %}Veel dingen{% endtrans %}{% endblock %}"
    )
    code, out, _ = run(capsys, "check", "--content")
    assert code == 4
    for language in ("fr", "en"):
        assert f"FAULT translation {language}: lacks 2 texts of templates/messages, such as 'Een ding': translate and compile" in out


def west(folder: Path, monkeypatch: pytest.MonkeyPatch, named: str = '[name]\nnl = "W"\nfr = "O"\nen = "W"\n') -> Path:
    """The folder of a rulebook of one's own that is used."""
    own = folder / "books" / "west"
    own.mkdir(parents=True)
    (own / "book.toml").write_text('id = "west"\nextends = "oost-vlaanderen"\n' + named)
    monkeypatch.setenv("UURWIJZER_RULEBOOKS", "books")
    return own


def test_check_notes_what_begins_after_the_convention(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    own = west(folder, monkeypatch)
    late = '["limit.O1"]\nsource = "x"\nvalues = [{ from = 2027-01-01, value = 300 }]\n'
    (own / "settings.toml").write_text(late)
    said = "rulebook west: limit.O1 begins 2027-01-01, after the convention ends on 2026-12-31: give convention.valid_to"
    assert said in run(capsys, "check", "--content")[1]
    longer = '["convention.valid_to"]\nsource = "x"\nvalues = [{ from = 2026-09-01, value = 2028-12-31 }]\n'
    (own / "settings.toml").write_text(late + longer)
    assert said not in run(capsys, "check", "--content")[1]


def test_check_notes_two_werkvormen_that_are_called_alike(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    own = west(folder, monkeypatch)
    (own / "werkvormen.toml").write_text("""
[raad]
nl = "Raad"
fr = "Avis"
en = "Counsel"
forms = ["ondersteuning"]
typed = ["raad", "Conseil"]
[[raad.O3]]
from = 2026-09-01
source = "x"
rule = "O3-02"
channels = ["f2f"]
""")
    notes = [line for line in run(capsys, "check", "--content")[1].splitlines() if line.startswith("note")]
    assert notes == ['note  rulebook west: advies and raad are both called "conseil": give each words of its own in werkvormen.toml']


def test_check_names_the_class_of_the_first_fault(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    west(folder, monkeypatch, named="")
    code, out, _ = run(capsys, "check")
    assert code == 4
    assert "FAULT rulebook west/book.toml: name: give a name in nl, fr and en" in out
    assert "does not exist: make it with `uurwijzer migrate`" in out


def test_check_of_all_that_works(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = run(capsys, "check")
    for told in (
        "the clock shows 2026-06-15 09:00 (Europe/Brussels), moved by UURWIJZER_NOW", "SQLite ", "journal mode truncate", "free disk: ",
        "Telegram: no token, that surface is off",
    ):  # fmt: skip
        assert told in out
    assert "FAULT database" not in out
    monkeypatch.setenv("UURWIJZER_NOW", "2026-11-22T09:00:00")
    out = run(capsys, "check")[1]
    assert "note  rulebook oost-vlaanderen: the convention ends on 2026-12-31, within 60 days: load its successor" in out
    monkeypatch.setenv("UURWIJZER_NOW", "2026-12-20T09:00:00")
    assert "within 14 days" in run(capsys, "check")[1]


@pytest.mark.parametrize(("given", "said"), [
    ({}, "ok    Pages: off, for there is no address of them: they want UURWIJZER_PUBLIC_URL and UURWIJZER_PORT and UURWIJZER_SECRET"),
    ({"PUBLIC_URL": "https://uren.example"}, "although UURWIJZER_PUBLIC_URL is set: set UURWIJZER_PORT and UURWIJZER_SECRET too"),
    ({"PUBLIC_URL": "https://uren.example", "PORT": "8080"}, "set UURWIJZER_SECRET too"),
    ({"PUBLIC_URL": "http://uren.example", "PORT": "8080", "SECRET": "x" * 40}, "note  Pages: nobody can sign in over http"),
    ({"PUBLIC_URL": "https://uren.example", "PORT": "8080", "SECRET": "x" * 40}, "ok    Pages: at https://uren.example"),
])  # fmt: skip
def test_check_says_what_the_pages_lack(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"UURWIJZER_{name}", value)
    assert said in run(capsys, "check")[1]


def test_a_token_that_telegram_cannot_be_asked_about_is_masked(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UURWIJZER_TELEGRAM_TOKEN", "123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ-geheim")
    monkeypatch.setenv("UURWIJZER_TELEGRAM_API", "http://127.0.0.1:9")
    _, out, _ = run(capsys, "check")
    assert "FAULT Telegram: token 1234…im: Telegram cannot be reached" in out
    code, out, err = run(capsys, "invite", "K1")
    assert code == 0
    assert "There is no link: UURWIJZER_TELEGRAM_TOKEN: Telegram cannot be reached" in err
    assert "geheim" not in out + err


async def test_with_a_token_there_is_a_deep_link(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from tests.telegram_standin import Standin

    async with Standin() as telegram:
        monkeypatch.setenv("UURWIJZER_TELEGRAM_TOKEN", telegram.token)
        monkeypatch.setenv("UURWIJZER_TELEGRAM_API", telegram.url)
        command = [sys.executable, "-m", "bot", "invite", "K1"]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=filled, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
    assert done.returncode == 0, done.stderr
    code = done.stdout.splitlines()[0].rpartition(" ")[2]
    assert done.stdout.splitlines()[1].endswith(f"?start={code}")
    assert done.stdout.splitlines()[1].startswith("https://t.me/")


def test_cases_print_one_line_each_and_1_when_one_fails(folder: Path, capsys) -> None:
    (folder / "good.toml").write_text(
        '[[case]]\nid = "G"\ntitle = "goed"\n[[case.steps]]\ndo = "check"\nwhat = "mdo"\nparticipants = 3\ncare_providers = 2\n'
        'minutes = 15\ninvoiced = 0\nexpect = { verdict = "accepted" }\n'
    )
    code, out, err = run(capsys, "cases", "good.toml")
    assert (code, out) == (0, "ok G goed\n")
    (folder / "bad.toml").write_text((folder / "good.toml").read_text().replace('"accepted"', '"refused"').replace('"G"', '"B"'))
    code, out, err = run(capsys, "cases", folder)
    assert code == 1
    assert out.startswith("FAIL B step 1: verdict expected refused, got accepted")
    assert "2 cases, 1 failed." in err
    assert run(capsys, "cases", "weg.toml")[0] == 7


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no folders with a rulebook: set UURWIJZER_RULEBOOKS to the folder above them, or remove the setting"),
        ("oost-vlaanderen", "holds no book.toml: copy a whole rulebook into it, or remove the folder"),
        ("west/forms", "holds no book.toml: copy a whole rulebook into it, or remove the folder"),
    ],
)
def test_a_folder_without_a_rulebook_is_one_sentence(folder: Path, capsys, monkeypatch, content: str, told: str) -> None:
    (folder / "books" / content).mkdir(parents=True)
    monkeypatch.setenv("UURWIJZER_RULEBOOKS", "books")
    code, out, _ = run(capsys, "check", "--content")
    assert code == 4
    (fault,) = [line for line in out.splitlines() if line.startswith("FAULT")]
    assert fault.endswith(told)


PATHS = [
    ("a folder", "is a folder: give the name of a file in it", [("invite", "--network", "NW-A", "--csv"), ("restore",), ("backup",)]),
    ("weg/diep/bestand", "", [("invite", "--network", "NW-A", "--csv"), ("backup",), ("restore",), ("import",), ("cases",)]),
    ("bestand/dieper", "", [("export",), ("invite", "--network", "NW-A", "--csv"), ("backup",), ("restore",), ("import",), ("cases",)]),
    ("bestand", "is there already and is no folder: give another name", [("export",)]),
    ("x" * 300, "is too long a name: choose a shorter one", [("export",), ("invite", "--network", "NW-A", "--csv")]),
]


@pytest.mark.parametrize(
    ("path", "cure", "command"), [(path, cure, command) for path, cure, commands in PATHS for command in commands]
)
def test_a_path_that_cannot_be_used_is_one_sentence_with_its_cure(filled: Path, capsys, path: str, cure: str, command) -> None:
    (filled / "a folder").mkdir()
    (filled / "bestand").write_text("x")
    code, _, err = run(capsys, *command, path)
    (told,) = [line for line in err.splitlines() if "UURWIJZER_" not in line]
    assert code == 7
    assert path in told or f"{Path(path).parent} is no folder: make it first" in told
    assert ": " in told, "what is wrong and its cure"
    assert told.endswith(".")
    assert not any(word in told for word in ("Errno", "mistake", ".part", "unverified", "restoring"))
    if command[0] in ("export", "invite"):
        assert cure in told


def test_a_full_disk_is_said(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    import bot.tables_out

    def full(path, *more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(bot.tables_out.os, "open", full)
    code, _, err = run(capsys, "export", "uit")
    assert code == 7
    assert err.splitlines()[-1] == "uit: the disk is full: make room, or choose another place."


@pytest.mark.parametrize(
    ("reason", "cure"),
    [
        ("database or disk is full", "make room there"), ("attempt to write a readonly database", "check the owner and the rights"),
        ("disk I/O error", "restore a backup"), ("database disk image is malformed", "restore a backup"),
        ("unable to open database file", "check the owner and the rights"),
    ],
)  # fmt: skip
def test_a_database_that_fails_on_the_way_is_said(filled: Path, capsys, monkeypatch, reason: str, cure: str) -> None:
    import storage.reconciling

    def fail(tx) -> None:
        raise DatabaseError("SELECT secret", {}, sqlite3.DatabaseError(reason))

    monkeypatch.setattr(storage.reconciling, "differences", fail)
    code, out, err = run(capsys, "reconcile")
    assert (code, out) == (5, "")
    assert cure in err
    assert "SELECT" not in err
    assert err.splitlines()[-1].endswith("Nothing was written.")


def test_a_fault_of_ours_is_one_sentence_without_its_text(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    import storage.reconciling

    def fail(tx) -> None:
        raise ZeroDivisionError("85.07.30-033.28")

    monkeypatch.setattr(storage.reconciling, "differences", fail)
    code, out, err = run(capsys, "reconcile")
    assert code == 70
    assert "Uurwijzer made a mistake (ZeroDivisionError at test_command_line.py:" in err
    assert "85.07" not in out + err


def test_due_says_that_telegram_is_away_and_closes_what_it_opened(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"UURWIJZER_TELEGRAM_TOKEN": TOKEN, "UURWIJZER_TELEGRAM_API": "http://127.0.0.1:9"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **away}
    command = [sys.executable, "-m", "bot", "due"]
    done = subprocess.run(command, cwd=filled, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (8, "")
    told = "Telegram cannot be reached: check the network and UURWIJZER_TELEGRAM_API; what is owed is sent with the next run."
    assert told in done.stderr.splitlines()
    assert "Unclosed" not in done.stderr
    assert "mistake" not in done.stderr


@pytest.fixture
def read_only(filled: Path) -> Iterator[Path]:
    """The same, on a disk that takes no more."""
    disk = filled / "disk"
    disk.mkdir()
    shutil.copyfile(filled / "uurwijzer.db", disk / "uurwijzer.db")
    for command in (["mount", "--bind", disk, disk], ["mount", "-o", "remount,bind,ro", disk]):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no file system of its own")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_check_tries_to_write(read_only: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "check_content", lambda *_: [])
    monkeypatch.setenv("UURWIJZER_DATABASE_URL", f"sqlite:///{read_only / 'uurwijzer.db'}")
    code, out, _ = run(capsys, "check")
    assert code == 5
    file = read_only / "uurwijzer.db"
    assert f"FAULT database sqlite:///{file}: The database cannot be written to: check the owner and the rights" in out


def test_a_backup_onto_a_disk_that_is_read_only_names_the_file_that_was_asked_for(read_only: Path, capsys) -> None:
    code, _, err = run(capsys, "backup", read_only / "copy.db")
    assert code == 7
    cure = "lies on a disk that is read-only: choose another place. The backup was not made."
    assert err.splitlines()[-1] == f"{read_only / 'copy.db'}: {cure}"


def test_check_calls_a_full_disk_a_fault_and_leaves_nothing_of_its_test(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "check_content", lambda *_: [])
    assert run(capsys, "check")[0] == 0
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    monkeypatch.setattr(checking.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    code, out, _ = run(capsys, "check")
    assert code == 5
    assert "FAULT free disk: 0 MB: make room" in out


def test_check_notes_an_env_file_that_others_can_read(filled: Path, capsys) -> None:
    (filled / ".env").write_text("UURWIJZER_LANGUAGE=nl\n")
    (filled / ".env").chmod(0o644)
    assert "note  .env can be read by others: chmod 600 .env" in run(capsys, "check")[1]
    (filled / ".env").chmod(0o600)
    assert "read by others" not in run(capsys, "check")[1]


def test_a_summary_for_a_platform_that_is_off_says_so(filled: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(filled / "uurwijzer.db")) as connection:
        connection.execute("DELETE FROM channels")
        columns = "network, platform, workspace, place, topic, language, weekday, hour, state"
        values = "id, 'slack', 'T1', 'C1', '', 'nl', 'ma', '08:30', 'open'"
        connection.execute(f"INSERT INTO channels ({columns}) SELECT {values} FROM networks WHERE key = 'NW-A'")
        connection.commit()
    out = run(capsys, "summary", "--network", "NW-A", "--post")[1]
    assert "goes to 1 channel(s); `uurwijzer serve` sends it, but Slack is off: set UURWIJZER_SLACK_BOT_TOKEN.\n" in out
