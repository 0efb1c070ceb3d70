"""The auditor: finds each kind of damage and debt once it is there, says so in every place, and cries over nothing else."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.auditor import WORDS, audit_now, metrics, sentences
from bot.command_line import main
from bot.settings import read_settings
from bot.web import make_app
from bot.wording import say as worded
from handlers import nightly
from handlers.access import erase
from handlers.owed import TELLERS
from handlers.screen import say
from handlers.world import World
from rules.periods import BRUSSELS
from storage import auditing
from storage import events as stored_events
from storage.audit_trail import add_audit, verify
from storage.auditing import CODES, FAULTS, REMARKS, Round, advance, last_audit
from storage.database import Database
from storage.instants import as_stored
from storage.tables import (
    accounts,
    audit,
    audits,
    channels,
    day_totals,
    events,
    invites,
    jobs,
    moments,
    month_totals,
    networks,
    openings,
    outbox,
    people,
    postings,
    requests,
    stand_ins,
)
from storage.terms import DEFAULTS
from tests.talk import BOOKS, NOW

WORLD = World(BOOKS)
AT = as_stored(NOW)


@pytest.fixture
def sampled(sampled: Database) -> Database:
    """The sample data on each engine, with an administrator who can be reached."""
    sampled.run(add_administrator)
    return sampled


def add_administrator(tx: Any) -> None:
    person = tx.execute(people.insert().returning(people.c.id), {
        "key": "B-1", "first_name": "Bea", "name": "Beheer", "roles": "beheerder", "contract_from": date(2024, 1, 1), "themes": "",
    }).scalar_one()  # fmt: skip
    tx.execute(accounts.insert(), {
        "platform": "telegram", "workspace": "", "user": "900", "chat": "900", "person": person, "linked_at": AT})


def look(database: Database, now: datetime = NOW) -> auditing.Audit:
    """A whole round, with its place kept as JSON between the pieces, as in the night."""
    place: dict[str, Any] = {}
    while True:
        here = Round(**place)
        result = database.run(lambda tx, here=here: advance(tx, here, DEFAULTS, now))
        if result is not None:
            return result
        place = here.as_row()


def first(tx: Any, column: Any) -> Any:
    return tx.execute(select(column).order_by(column)).scalars().first()


def owe_late(tx: Any) -> None:
    account = tx.execute(select(accounts.c.id)).scalars().first()
    late = AT - timedelta(minutes=6)
    # Tried a moment ago: the attempt moved `due_at`, and it is late all the same.
    tx.execute(outbox.insert(), {"key": "k", "account": account, "told": {"told": "x"}, "due_at": AT, "owed_at": late})


def ask(tx: Any, **more: Any) -> None:
    row = {"person": first(tx, people.c.id), "network": first(tx, networks.c.id), "kind": "more", "oproep": "O2", "answers": {},
           "state": "waiting", "asked_at": AT - timedelta(days=3), "next_at": AT + timedelta(days=1)}  # fmt: skip
    tx.execute(requests.insert(), {**row, **more})


def break_trail(tx: Any) -> None:
    for number in range(3):
        add_audit(tx, AT, "person:1", "view", str(number))
    tx.execute(audit.update().where(audit.c.about == "1").values(about="2"))


def erase_badly(tx: Any) -> None:
    person = first(tx, people.c.id)
    tx.execute(people.update().where(people.c.id == person).values(erased_on=date(2026, 6, 1), email="x@example.org"))


def stand_in(tx: Any) -> None:
    person = first(tx, people.c.id)
    tx.execute(people.update().where(people.c.id == person).values(suspended_on=date(2026, 6, 1)))
    network = first(tx, networks.c.id)
    tx.execute(stand_ins.insert(), {"coordinator": person, "person": person, "network": network, "start": date(2026, 6, 1)})


def add_opening(tx: Any) -> None:
    row = tx.execute(select(postings.c.grant, postings.c.person)).first()
    opening = {"key": "B-9", "grant": row[0], "person": row[1], "day": date(2026, 1, 1), "minutes": 60, "preparations": 0}
    tx.execute(openings.insert(), opening)


def everywhere(table: Any, **values: Any) -> Callable[[Any], None]:
    return lambda tx: tx.execute(table.update().values(values))


def go_below(tx: Any) -> None:
    row = tx.execute(select(day_totals)).first()
    tx.execute(day_totals.update().where(day_totals.c.grant == row.grant, day_totals.c.day == row.day).values(minutes=-5))


DAMAGE: dict[str, Callable[[Any], None]] = {
    "ledger_days": lambda tx: tx.execute(day_totals.delete()),
    "ledger_months": lambda tx: tx.execute(month_totals.update().values(minutes=month_totals.c.minutes + 1)),
    "ledger_moments": lambda tx: tx.execute(moments.update().values(minutes=moments.c.minutes + 15)),
    "ledger_openings": add_opening,
    "negative_totals": go_below,
    "trail_broken": break_trail,
    "messages_late": owe_late,
    "answers_late": lambda tx: tx.execute(events.insert(), {"key": "t:1", "at": AT - timedelta(minutes=6), "reply": {"calls": []}}),
    "events_without_outcome": lambda tx: tx.execute(events.insert(), {"key": "t:1", "at": AT, "reply": None}),
    "requests_late": lambda tx: ask(tx, next_at=AT - timedelta(hours=2)),
    "requests_undecided": lambda tx: ask(tx, state="granted", decided_at=AT),
    "erased_reachable": erase_badly,
    "retention_late": lambda tx: tx.execute(invites.insert(), {
        "person": first(tx, people.c.id), "hash": "h", "made_at": AT, "expires_at": AT - timedelta(days=93)}),
    "network_without_coordinator": everywhere(people, roles="beheerder"),
    "coordinator_without_network": lambda tx: tx.execute(people.update().where(people.c.key == "B-1").values(roles="coordinator")),
    "stand_in_without_access": stand_in,
    "channels_lost": everywhere(channels, state="lost"),
    "people_unreachable": everywhere(accounts, chat=None),
}  # fmt: skip


def retry(tx: Any) -> None:
    """An answer that was owed six minutes ago, and tried again and put back since."""
    owed = AT.replace(tzinfo=UTC) - timedelta(minutes=6)
    stored_events.claim(tx, "t:1", {"calls": ["words"]}, owed)
    for minutes in (1, 3, 5):
        assert len(stored_events.take_unsent(tx, "t:", owed + timedelta(minutes=minutes), timedelta(minutes=1))) == 1
    stored_events.put_back(tx, "t:1", {"calls": ["words"]}, owed + timedelta(minutes=9))


ALONG = {"ledger_days": {"ledger_months"}, "negative_totals": {"ledger_days", "ledger_months"}, "stand_in_without_access": set()}


def test_every_code_can_be_made_has_words_and_is_told() -> None:
    assert list(CODES) == list(DAMAGE) == list(WORDS)
    assert "audit" in TELLERS
    for code in FAULTS:
        assert all(worded(say(f"audit.{code}"), language) for language in ("nl", "fr", "en"))


def test_nothing_is_wrong_with_a_database_in_use(sampled: Database) -> None:
    result = look(sampled)
    assert (result.healthy, dict(result.found)) == (True, {})
    assert sampled.run(last_audit) == result


def test_an_answer_that_is_tried_again_and_again_is_late_all_the_same(sampled: Database) -> None:
    sampled.run(retry)
    assert dict(look(sampled).found) == {"answers_late": 1}
    sampled.run(lambda tx: stored_events.mark_sent(tx, ["t:1"], NOW))
    assert dict(look(sampled).found) == {}


@pytest.mark.parametrize("code", DAMAGE)
def test_each_damage_is_found_by_its_code(sampled: Database, code: str) -> None:
    sampled.run(DAMAGE[code])
    result = look(sampled)
    assert result.found.get(code, 0) > 0
    assert set(result.found) <= {code} | ALONG.get(code, set())
    assert result.healthy is (code in REMARKS)
    said = sentences(result)
    assert any(grave is (code in FAULTS) and WORDS[code] in text for grave, text in said)


@pytest.mark.parametrize("row", [
    {"due_at": AT - timedelta(minutes=4), "owed_at": AT - timedelta(minutes=4)},
    {"due_at": AT - timedelta(minutes=9), "sent_at": AT},
    {"due_at": AT - timedelta(minutes=9), "failed": "refused"},
    {"due_at": AT - timedelta(minutes=9), "use_until": AT - timedelta(minutes=1)},
    {"due_at": AT + timedelta(days=1)},
])  # fmt: skip
def test_what_is_not_due_or_lost_its_use_is_not_late(sampled: Database, row: dict[str, Any]) -> None:
    account = sampled.run(lambda tx: first(tx, accounts.c.id))
    sampled.run(lambda tx: tx.execute(outbox.insert(), {"key": "k", "account": account, "told": {"told": "x"}, **row}))
    assert look(sampled).healthy


def test_a_trail_that_lost_its_end_is_found_the_next_time(sampled: Database) -> None:
    for number in range(4):
        sampled.run(lambda tx, number=number: add_audit(tx, AT, "person:1", "view", str(number)))
    assert look(sampled).healthy
    sampled.run(lambda tx: tx.execute(audit.delete().where(audit.c.about == "3")))
    assert look(sampled).found == {"trail_broken": 1}


@pytest.mark.parametrize("tamper", [
    lambda tx: tx.execute(audit.delete().where(audit.c.about == "1")),
    lambda tx: tx.execute(audit.update().where(audit.c.about == "1").values(at=AT + timedelta(seconds=1))),
    lambda tx: tx.execute(audit.update().where(audit.c.about == "1").values(detail="x")),
    lambda tx: tx.execute(audit.insert(), {"at": AT, "who": "operator", "what": "export", "chain": "0" * 64}),
    lambda tx: tx.execute(audit.delete().where(audit.c.about == "0")),
])  # fmt: skip
def test_a_line_that_is_changed_taken_out_or_added_breaks_the_chain(database: Database, tamper: Callable[[Any], Any]) -> None:
    for number in range(4):
        database.run(lambda tx, number=number: add_audit(tx, AT, "person:1", "view", str(number)))
    assert database.run(lambda tx: verify(tx, 0, "", 100)[2]) == 0
    assert sum(verified(database)) == 0
    database.run(tamper)
    assert sum(verified(database)) == 1


def verified(database: Database) -> Iterator[int]:
    """The broken links, two lines a piece."""
    after, chain = 0, ""
    while True:
        following, chain, broken = database.run(lambda tx, after=after, chain=chain: verify(tx, after, chain, 2))
        yield broken
        if following is None:
            return
        after = following


@pytest.mark.parametrize("said", [{"who": "Lotte Voorbeeld"}, {"what": "view it"}, {"about": "x@example.org"}, {"about": "é"}])
def test_the_trail_takes_numbers_and_keys_only(database: Database, said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="numbers and keys"):
        database.run(lambda tx: add_audit(tx, AT, **{"who": "person:1", "what": "view", **said}))
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(audit)).scalar_one()) == 0


def test_many_who_write_the_trail_at_once_make_one_chain(database: Database) -> None:
    def write(who: int) -> None:
        other = Database(database.url)
        for number in range(15):
            other.run(lambda tx, number=number: add_audit(tx, AT, f"person:{who}", "view", str(number)))
        other.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(audit)).scalar_one()) == 60
    assert database.run(lambda tx: verify(tx, 0, "", 1000)[2]) == 0


def test_only_the_trail_writes_the_trail() -> None:
    root = Path(__file__).parent.parent
    writes = [path.name for package in ("storage", "handlers", "bot") for path in (root / package).rglob("*.py")
              if "audit.insert()" in path.read_text(encoding="utf-8") and path.name != "audit_trail.py"]  # fmt: skip
    assert writes == []


# Where it is said


def night(database: Database, start: datetime, minutes: int) -> None:
    """The auditor's job each minute from `start` on, each with all its pieces."""
    for minute in range(minutes):
        now = start + timedelta(minutes=minute)
        while database.run(lambda tx, now=now: nightly.audit(tx, WORLD, now)):
            pass


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BRUSSELS)  # type: ignore[misc, arg-type]


def test_it_looks_once_a_night_and_tells_each_administrator_each_fault_once_a_day(sampled: Database) -> None:
    sampled.run(lambda tx: ask(tx, state="granted", decided_at=AT))
    sampled.run(DAMAGE["ledger_months"])
    night(sampled, at(2026, 6, 16, 3, 30), 20)
    assert sampled.run(lambda tx: tx.execute(select(func.count()).select_from(audits)).scalar_one()) == 1
    sampled.run(lambda tx: tx.execute(outbox.update().values(sent_at=AT)))
    settings = read_settings({}, Path("/"))
    audit_now(sampled, settings, at(2026, 6, 16, 9))
    owed = sampled.run(lambda tx: [row.told for row in tx.execute(select(outbox).order_by(outbox.c.id))])
    assert [(told["told"], told["code"]) for told in owed] == [("audit", "ledger_months"), ("audit", "requests_undecided")]
    screen = nightly.told_audit(None, WORLD, owed[1], "nl")  # type: ignore[arg-type]
    said = " ".join(worded(part, "nl") for part in (screen.title, *screen.body))
    assert "1 afwijking" in said
    assert "check --deep" in said
    night(sampled, at(2026, 6, 17, 3, 30), 20)
    owed = sampled.run(lambda tx: [row.told for row in tx.execute(select(outbox).order_by(outbox.c.id))])
    assert len([told for told in owed if told["code"] == "ledger_months"]) == 2


def test_after_a_time_down_what_is_owed_goes_first(sampled: Database) -> None:
    night(sampled, at(2026, 6, 16, 3, 30), 20)
    sampled.run(owe_late)
    night(sampled, at(2026, 6, 25, 12, 0), 10)
    assert sampled.run(lambda tx: tx.execute(select(func.count()).select_from(audits)).scalar_one()) == 1
    sampled.run(lambda tx: tx.execute(outbox.update().values(sent_at=AT)))
    night(sampled, at(2026, 6, 25, 12, 10), 10)
    assert sampled.run(lambda tx: tx.execute(select(audits.c.healthy).order_by(audits.c.id)).scalars().all()) == [True, True]


def test_it_goes_on_where_it_was_after_a_crash(sampled: Database) -> None:
    sampled.run(DAMAGE["ledger_months"])
    sampled.run(lambda tx: nightly.audit(tx, WORLD, at(2026, 6, 16, 3, 30)))
    now = at(2026, 6, 16, 3, 41)
    places = []
    while sampled.run(lambda tx: nightly.audit(tx, WORLD, now)):
        places.append(sampled.run(lambda tx: tx.execute(select(jobs.c.position).where(jobs.c.name == nightly.AUDIT)).scalar_one())["step"])
        sampled.close()
    assert places == sorted(places)
    assert len(set(places)) > 5
    found = sampled.run(last_audit)
    assert found is not None
    assert not found.healthy


def test_health_and_metrics_say_it_in_a_word_and_in_figures(sqlite_database: Database, tmp_path: Path) -> None:
    settings = read_settings({"UURWIJZER_METRICS_TOKEN": "m" * 40}, tmp_path)

    def get(path: str) -> tuple[int, str]:
        app, sent = make_app(settings, sqlite_database, None), []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"authorization", b"Bearer " + b"m" * 40)]
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        asyncio.run(app(scope, receive, send))
        return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:]).decode()

    assert get("/healthz") == (200, "ok")
    assert "uurwijzer_healthy" not in get("/metrics")[1]
    look(sqlite_database)
    assert get("/healthz") == (200, "ok")
    assert "uurwijzer_healthy 1\n" in get("/metrics")[1]
    sqlite_database.run(break_trail)
    look(sqlite_database)
    assert get("/healthz") == (200, "unhealthy")
    told = get("/metrics")[1]
    assert "uurwijzer_healthy 0\n" in told
    assert 'uurwijzer_audit_findings{code="trail_broken"} 1\n' in told
    assert metrics(None) == []


def test_check_deep_names_what_is_wrong_and_check_remembers_it(
    tmp_path: Path, sample_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{shutil.copy(sample_file, tmp_path / 'uurwijzer.db')}"
    database = Database(url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UURWIJZER_DATABASE_URL", url)
    assert main(["check"]) == 0
    assert "auditor: has not looked yet" in capsys.readouterr().out
    assert main(["check", "--deep"]) == 0
    assert "all is whole" in capsys.readouterr().out
    database.run(DAMAGE["ledger_moments"])
    assert main(["check", "--deep"]) == 5
    assert "FAULT auditor: " in capsys.readouterr().out
    assert main(["check"]) == 5
    database.close()


def test_an_erasure_is_no_fault(sampled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sampled.run(lambda tx: erase(tx, tx.execute(select(people.c.id).where(people.c.key == "K1")).scalar_one(), NOW))
    assert look(sampled).healthy


def test_it_reads_the_ledger_in_pieces_and_finds_as_much(sampled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sampled.run(DAMAGE["ledger_moments"])
    whole = look(sampled).found
    monkeypatch.setattr(auditing, "SLICE", 1)
    assert look(sampled).found == whole


def test_a_month_is_compared_as_a_day_on_both_engines(sampled: Database) -> None:
    rows = sampled.run(lambda tx: tx.execute(text("SELECT count(*) FROM month_totals")).scalar_one())
    sampled.run(lambda tx: tx.execute(month_totals.delete()))
    assert look(sampled).found["ledger_months"] == rows
