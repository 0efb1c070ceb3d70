"""What has outlived its term goes, each night, in pieces; hours go with all their postings, and nobody is owed more or less by it."""

import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.sample_data import load_sample
from bot.scheduling import Schedule
from bot.settings import NAMES
from handlers import nightly
from handlers.world import World
from rules.facts import Entry
from rules.periods import BRUSSELS
from storage import billing, ledger, old_hours, retention
from storage.audit_trail import CUT, add_audit, verify
from storage.database import Database
from storage.instants import as_stored
from storage.jobs import next_time
from storage.reconciling import differences
from storage.tables import (
    accounts,
    audit,
    batch_lines,
    batches,
    day_totals,
    drafts,
    events,
    grant_people,
    grants,
    invites,
    jobs,
    memberships,
    metadata,
    moment_versions,
    moments,
    month_totals,
    networks,
    openings,
    outbox,
    people,
    plans,
    postings,
    requests,
)
from storage.terms import DEFAULTS, OF_COLUMN, OF_TABLE, Term, read_terms
from tests.talk import BOOKS, NOW

ROOT = Path(__file__).parent.parent
WORLD = World(BOOKS)


def at(*parts: int) -> datetime:
    """A local date and time."""
    return datetime(*parts, tzinfo=BRUSSELS)  # type: ignore[misc, arg-type]


def clean(tx: Any, now: datetime, terms: Any = DEFAULTS, limit: int = 200) -> int:
    """All pieces of a night; returns how many."""
    pieces = 0
    while retention.end_terms(tx, BOOKS, terms, now, limit):
        pieces += 1
        assert pieces < 5000, "it does not end"
    return pieces


@pytest.fixture
def filled(database: Database) -> Database:
    """The sample data on both engines; the tables are there already."""
    from bot.tables_in import read_tables
    from handlers.importing import run_import

    sheets, refused, _ = read_tables(ROOT / "bot" / "sample")
    assert not run_import(database, BOOKS, sheets, NOW, refused=refused).refusals
    return database


def count(database: Database, table: Any, *conditions: Any) -> int:
    return database.run(lambda tx: tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


# Terms


def test_every_table_has_a_term_and_every_term_is_of_something() -> None:
    assert set(OF_TABLE) == set(metadata.tables)
    for table, column in OF_COLUMN:
        assert column in metadata.tables[table].columns
    of_drafts = {"parked"}
    assert {*OF_TABLE.values(), *OF_COLUMN.values(), *of_drafts} == set(DEFAULTS)


def term_of(table: str, column: str) -> Term:
    return DEFAULTS[OF_COLUMN.get((table, column), OF_TABLE[table])]


def test_every_column_about_a_person_has_a_term_that_ends_or_ends_with_an_erasure() -> None:
    lasting = {term_of(table.name, column.name).name for table in metadata.tables.values() for column in table.columns
               if column.info["privacy"] != "none" and not term_of(table.name, column.name).ends}  # fmt: skip
    assert lasting == {"person", "account", "network"}


def test_the_document_has_the_terms_of_the_program() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    kept = text.split("<!-- terms -->\n")[1].split("<!-- end of terms -->")[0]
    assert kept == retention_table(), "run: python -m tests.test_retention"


def retention_table() -> str:
    """The tables of docs/privacy.md: each term, and each table with its classes, its terms and what an erasure does."""
    from storage.erasing import ERASED

    lines = ["| term | how long | counted from | then | may be set |", "|---|---|---|---|---|"]
    for term in DEFAULTS.values():
        settable = f"at least {term.least} days" if term.least is not None else "no"
        lines.append(f"| `{term.name}` | {term} | {term.since} | {term.then} | {settable} |")
    lines += ["", "| table | classes of data | term | when a person is erased |", "|---|---|---|---|"]
    for table in sorted(metadata.tables.values(), key=lambda each: each.name):
        classes = sorted({column.info["privacy"] for column in table.columns} - {"none"})
        terms = [OF_TABLE[table.name], *(f"{name}: {term}" for (of, name), term in OF_COLUMN.items() if of == table.name)]
        done = {"none": "nothing, it is about nobody"}.get(ERASED[table.name], ERASED[table.name])
        lines.append(f"| `{table.name}` | {', '.join(classes) or 'none'} | {', '.join(terms)} | {done} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("text", "name", "said"), [
    ("hours=12y", "hours", "12 calendar years"), (" drafts = 14d , parked=60d", "parked", "60 days"), ("", "hours", "10 calendar years"),
])  # fmt: skip
def test_an_operator_sets_terms(text: str, name: str, said: str) -> None:
    assert str(read_terms(text)[name]) == said


@pytest.mark.parametrize(("text", "why"), [
    ("hours=1y", "too short"), ("hours=", "must be like"), ("uren=9y", "cannot set 'uren'"), ("keys=1d", "cannot set 'keys'"),
    ("drafts=0d", "too short"), ("hours=9000y", "too long"), ("hours=-1y", "must be like"),
])  # fmt: skip
def test_a_term_that_cannot_be_is_refused_with_the_cure(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_terms(text)
    assert "RETENTION" in NAMES


def test_hours_are_kept_for_whole_calendar_years() -> None:
    hours = DEFAULTS["hours"]
    assert hours.cutoff(at(2036, 12, 31, 23, 59)) == date(2026, 1, 1)
    assert hours.cutoff(at(2037, 1, 1, 0, 1)) == date(2027, 1, 1)
    assert hours.instant(at(2037, 1, 1, 0, 1)) == datetime(2026, 12, 31, 23)


# What goes


def person_of(tx: Any, key: str) -> int:
    return tx.execute(select(people.c.id).where(people.c.key == key)).scalar_one()


def test_drafts_go_after_their_last_change_and_those_that_wait_stay(filled: Database) -> None:
    def fill(tx: Any) -> None:
        network = tx.execute(select(networks.c.id)).scalars().first()
        shape = {"person": person_of(tx, "K1"), "form": "presentie", "network": network, "purpose": "register", "aside": {},
                 "revision": 1, "answers": {"text": "kookles"}}  # fmt: skip
        for state, days in (("open", 6), ("open", 8), ("parked", 8), ("parked", 31), ("waiting", 700), ("done", 8), ("open", 9)):
            tx.execute(drafts.insert(), {**shape, "state": state, "changed_at": as_stored(NOW - timedelta(days=days))})
        held = tx.execute(select(func.max(drafts.c.id))).scalar_one()
        tx.execute(requests.insert(), {
            "person": person_of(tx, "K1"), "network": network, "kind": "more", "oproep": "O2", "answers": {}, "draft": held,
            "state": "waiting", "asked_at": as_stored(NOW - timedelta(days=9)), "next_at": as_stored(NOW),
        })  # fmt: skip
        tx.execute(drafts.insert(), {**shape, "state": "open", "changed_at": as_stored(NOW - timedelta(days=8))})

    filled.run(fill)
    filled.run(lambda tx: clean(tx, NOW))
    left = filled.run(lambda tx: [(row.state, bool(row.answers)) for row in tx.execute(select(drafts).order_by(drafts.c.id))])
    # The last row keeps its number from being given away again, and nothing else.
    assert left == [("open", True), ("parked", True), ("waiting", True), ("open", True), ("cancelled", False)]


def test_what_was_sent_is_emptied_and_its_key_still_keeps_it_from_being_sent_again(filled: Database) -> None:
    def fill(tx: Any) -> None:
        account = tx.execute(accounts.insert().returning(accounts.c.id), {
            "platform": "telegram", "workspace": "", "user": "7", "chat": "7", "person": person_of(tx, "K1")}).scalar_one()
        for key, days, sent in (("old", 31, True), ("new", 29, True), ("never", 31, False), ("ancient", 401, True), ("soon", 1, False)):
            when = as_stored(NOW - timedelta(days=days))
            tx.execute(outbox.insert(), {
                "key": key, "account": account, "told": {"told": "ready"}, "due_at": when,
                "sent_at": when if sent else None, "message": "9",
            })  # fmt: skip

    filled.run(fill)
    filled.run(lambda tx: clean(tx, NOW))
    left = filled.run(lambda tx: {row.key: (row.account is not None, row.told, row.message, row.failed)
                                  for row in tx.execute(select(outbox))})  # fmt: skip
    assert left == {
        "old": (False, {}, None, None), "new": (True, {"told": "ready"}, "9", None), "never": (False, {}, None, "late"),
        "soon": (True, {"told": "ready"}, "9", None),
    }  # fmt: skip


def test_an_account_that_is_linked_to_nobody_is_forgotten_the_night_after(filled: Database) -> None:
    def fill(tx: Any) -> None:
        person = person_of(tx, "K1")
        code = {"person": person, "made_at": as_stored(NOW), "hash": "a", "expires_at": as_stored(NOW + timedelta(days=1))}
        soon = tx.execute(invites.insert().returning(invites.c.id), code).scalar_one()
        for user, linked, invite in (("1", person, None), ("2", None, None), ("3", None, soon)):
            tx.execute(accounts.insert(), {
                "platform": "telegram", "workspace": "", "user": user, "chat": user, "person": linked, "pending_invite": invite,
            })  # fmt: skip

    filled.run(fill)
    filled.run(lambda tx: clean(tx, NOW))
    users = filled.run(lambda tx: [(row.user, row.chat) for row in tx.execute(select(accounts).order_by(accounts.c.id))])
    assert users[0] == ("1", "1")
    assert users[1][0].startswith("gone:")
    assert users[1][1] is None
    assert users[2] == ("3", "3")


def test_motives_go_and_decisions_stay(filled: Database) -> None:
    def fill(tx: Any) -> None:
        network = tx.execute(select(networks.c.id)).scalars().first()
        for state, days in (("granted", 91), ("granted", 89), ("waiting", 91), ("refused", 4100)):
            when = as_stored(NOW - timedelta(days=days))
            tx.execute(requests.insert(), {
                "person": person_of(tx, "K1"), "network": network, "kind": "more", "oproep": "O2", "answers": {"why": "druk"},
                "motive": "druk", "reason": "past", "state": state, "asked_at": when, "next_at": as_stored(NOW),
                "decided_at": None if state == "waiting" else when, "decided_by": None if state == "waiting" else person_of(tx, "K2"),
            })  # fmt: skip

    filled.run(fill)
    filled.run(lambda tx: clean(tx, NOW))
    rows = filled.run(lambda tx: tx.execute(select(requests).order_by(requests.c.id)).all())
    left = [(row.state, row.motive, row.answers, row.reason) for row in rows]
    full = {"why": "druk"}
    assert left == [("granted", None, {}, "past"), ("granted", "druk", full, "past"), ("waiting", "druk", full, "past")]


def test_answers_go_after_two_days_and_old_plans_after_ninety(filled: Database) -> None:
    def fill(tx: Any) -> None:
        for key, days in (("a", 1), ("b", 3), ("c", 91)):
            tx.execute(events.insert(), {"key": key, "at": as_stored(NOW - timedelta(days=days)), "reply": {"calls": []}, "sent_at": None})
        for days in (89, 91):
            when = as_stored(NOW - timedelta(days=days))
            tx.execute(plans.insert(), {
                "person": person_of(tx, "K1"), "network": tx.execute(select(networks.c.id)).scalars().first(), "form": "presentie",
                "answers": {}, "begins": when, "ends": when, "state": "planned", "made_at": when,
            })  # fmt: skip

    filled.run(fill)
    filled.run(lambda tx: clean(tx, NOW))
    assert filled.run(lambda tx: [(row.key, row.reply) for row in tx.execute(select(events).order_by(events.c.key))]) == [
        ("a", {"calls": []}), ("b", None)]
    assert count(filled, plans) == 1


def test_the_trail_loses_its_beginning_and_can_still_be_verified(database: Database) -> None:
    def fill(tx: Any) -> None:
        for days in range(400, 0, -20):
            add_audit(tx, as_stored(NOW - timedelta(days=days)), "person:1", "view", "2")

    database.run(fill)
    assert database.run(lambda tx: clean(tx, NOW, limit=3)) > 0
    rows = database.run(lambda tx: tx.execute(select(audit).order_by(audit.c.id)).all())
    assert rows[0].what == CUT
    assert [row.at >= as_stored(NOW - timedelta(days=365)) for row in rows[1:]] == [True] * 18
    assert database.run(lambda tx: verify(tx, 0, "", 1000)[2]) == 0
    assert database.run(lambda tx: clean(tx, NOW + timedelta(days=500))) > 0
    assert count(database, audit) == 1
    database.run(lambda tx: add_audit(tx, as_stored(NOW), "person:1", "view", "2"))
    assert database.run(lambda tx: verify(tx, 0, "", 1000)[2]) == 0


def test_nothing_of_the_sample_is_left_when_all_terms_are_over(filled: Database) -> None:
    def leave(tx: Any) -> None:
        tx.execute(people.update().values(contract_to=date(2026, 12, 31)))
        billing.close_batch(tx, BOOKS["oost-vlaanderen"], person_of(tx, "K1"), date(2026, 6, 30), NOW)

    filled.run(leave)
    filled.run(lambda tx: clean(tx, at(2036, 12, 31, 12)))
    assert count(filled, moments) > 0
    assert count(filled, people) > 0
    filled.run(lambda tx: clean(tx, at(2038, 1, 1, 12)))
    for table in (moments, moment_versions, postings, openings, day_totals, month_totals, batches, batch_lines):
        assert count(filled, table) == 0, table.name
    # Whoever had no hours left is erased at once; a grant without an end goes a term after its people.
    assert count(filled, people, people.c.erased_on.is_(None)) == 0
    filled.run(lambda tx: clean(tx, at(2049, 1, 1, 12)))
    for table in (people, memberships, grants, grant_people):
        assert count(filled, table) == 0, table.name
    assert not filled.run(differences)


# Hours and money


def book_hours(tx: Any, rng: random.Random, years: tuple[int, int], moments_of_one: int) -> None:
    """Random moments of everybody with a grant, booked as they are, some cancelled, some over midnight."""
    rows = tx.execute(select(grants, grant_people.c.person.label("holder")).join(grant_people)).all()
    for row in rows:
        for _ in range(moments_of_one):
            day = date(years[0], 1, 1) + timedelta(days=rng.randrange(365 * (years[1] - years[0])))
            minutes, over, cancelled = rng.randrange(15, 200, 5), rng.random() < 0.2, rng.random() < 0.2
            begins = datetime(day.year, day.month, day.day, 12)
            key = f"r{rng.getrandbits(60)}"
            moment = tx.execute(moments.insert().returning(moments.c.id), {
                "person": row.holder, "submission": key, "version": 1, "state": "cancelled" if cancelled else "accepted",
                "oproep": row.oproep, "werkvorm": "presentie", "grant": row.id, "day": day, "begins": begins,
                "ends": begins + timedelta(minutes=minutes),
                "minutes": minutes, "preparations": 0, "submitted": {}, "outcome": "accepted", "findings": [], "registered_on": day,
                "changed_at": begins,
            }).scalar_one()  # fmt: skip
            here = rng.randrange(0, minutes) if over else minutes
            parts = [Entry(row.id, row.holder, day, here, 0), Entry(row.id, row.holder, day + timedelta(days=1), minutes - here, 0)]
            ledger.post(tx, parts, NOW, moment=moment)
            if cancelled:
                ledger.withdraw(tx, moment, 2, NOW)


def owed_to_all(tx: Any, now: datetime) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for person in tx.execute(select(people.c.id)).scalars().all():
        book_of = old_hours._books(tx, BOOKS, person)
        assert book_of is not None
        for grant, owed in old_hours._owed(tx, book_of, person, now).items():
            found[(person, grant)] = owed
    return found


@pytest.fixture(scope="module")
def with_sample(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The sample data in an SQLite file for the whole module; what a test writes is rolled back."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('terms') / 'sample.db'}", create=True, durable=False)
    load_sample(database, BOOKS, NOW)
    yield database
    database.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), days=st.lists(st.integers(0, 365 * 16), min_size=1, max_size=4), paid=st.booleans())
def test_after_retention_on_any_day_the_ledger_adds_up_and_nobody_is_owed_more_or_less(
    with_sample: Database, seed: int, days: list[int], paid: bool
) -> None:
    class UndoneError(Exception):
        pass

    def step(tx: Any) -> None:
        book_hours(tx, random.Random(seed), (2024, 2032), 4)
        last = at(2033, 1, 1, 12)
        if paid:
            for person in tx.execute(select(people.c.id)).scalars().all():
                for book in {book.id: book for book in (old_hours._books(tx, BOOKS, person) or {}).values()}.values():
                    billing.close_batch(tx, book, person, date(2032, 12, 31), last)
                    break
        for day in sorted(days):
            now = last + timedelta(days=day)
            before = owed_to_all(tx, now) if paid else {}
            clean(tx, now)
            assert not differences(tx)
            cutoff = DEFAULTS["hours"].cutoff(now)
            assert tx.execute(select(func.count()).select_from(moments).where(moments.c.day < cutoff)).scalar_one() == 0
            assert tx.execute(select(func.count()).select_from(postings).where(postings.c.day < cutoff)).scalar_one() == 0
            after = owed_to_all(tx, now) if paid else {}
            left = set(tx.execute(select(postings.c.person).distinct()).scalars())
            assert {key: owed for key, owed in before.items() if key in after and key[0] in left} == {
                key: owed for key, owed in after.items() if key[0] in left
            }
        raise UndoneError

    with pytest.raises(UndoneError):
        with_sample.run(step)


def test_hours_under_a_rulebook_that_is_not_loaded_stay(filled: Database) -> None:
    before = count(filled, moments)
    filled.run(lambda tx: tx.execute(networks.update().values(rulebook="elders")))
    filled.run(lambda tx: clean(tx, at(2040, 1, 1, 12)))
    assert count(filled, moments) == before
    assert filled.run(lambda tx: retention.overdue(tx, DEFAULTS, at(2040, 1, 1, 12))) >= before


# Nights


async def nights(database: Database, start: datetime, hours: int, world: World = WORLD, step: int = 1) -> list[datetime]:
    """The schedule from `start` on, every `step` hours; the times at which a night's cleaning ended."""
    ended: list[datetime] = []
    clock = {"now": start}
    schedule = Schedule(database, world, lambda: clock["now"], jobs=(nightly.end_terms, nightly.audit))
    def next_at() -> Any:
        return database.run(lambda tx: tx.execute(select(jobs.c.next_at).where(jobs.c.name == nightly.RETENTION)).scalar_one_or_none())

    for _ in range(0, hours, step):
        before = next_at()
        assert await schedule.tick()
        if before is not None and next_at() != before:
            ended.append(clock["now"])
        clock["now"] += timedelta(hours=step)
    return ended


@pytest.mark.parametrize("start", [at(2026, 6, 15, 9), at(2027, 3, 26, 9), at(2027, 10, 29, 9)], ids=["summer", "forward", "back"])
def test_it_runs_once_a_night_also_when_the_clock_changes(sqlite_database: Database, start: datetime) -> None:
    import asyncio

    ended = asyncio.run(nights(sqlite_database, start, 24 * 5))
    assert len(ended) == 5
    assert len({when.astimezone(BRUSSELS).date() for when in ended}) == 5


def test_after_nine_days_down_it_runs_once(sqlite_database: Database) -> None:
    import asyncio

    asyncio.run(nights(sqlite_database, at(2026, 6, 15, 9), 2))
    assert len(asyncio.run(nights(sqlite_database, at(2026, 6, 24, 12), 6))) == 1


@pytest.mark.parametrize(("now", "wanted"), [
    (at(2026, 6, 15, 3, 9), at(2026, 6, 15, 3, 10)), (at(2026, 6, 15, 3, 10), at(2026, 6, 16, 3, 10)),
    (at(2027, 3, 27, 23), at(2027, 3, 28, 3, 10)), (at(2027, 10, 30, 23), at(2027, 10, 31, 3, 10)),
])  # fmt: skip
def test_the_next_time(now: datetime, wanted: datetime) -> None:
    assert next_time(nightly.RETENTION_AT, now) == as_stored(wanted)


def test_a_crash_in_the_middle_costs_nothing(filled: Database) -> None:
    """Each piece is its own transaction: whichever fails, the next run goes on."""
    now = at(2040, 1, 1, 12)
    broken = 0
    while True:
        def piece(tx: Any, fail: bool = broken % 2 == 0) -> bool:
            more = retention.end_terms(tx, BOOKS, DEFAULTS, now, 5)
            if fail:
                raise RuntimeError("killed")
            return more

        try:
            if not filled.run(piece):
                break
        except RuntimeError:
            pass
        assert not filled.run(differences)
        broken += 1
    assert count(filled, moments) == 0


def test_the_chat_says_the_terms_that_are_set() -> None:
    text = (ROOT / "templates" / "messages" / "personal.j2").read_text(encoding="utf-8")
    said = re.search(r"block privacy_terms %}(.*?){% endblock", text)
    assert said is not None
    assert {"years", "drafts", "parked"} == set(re.findall(r"{{ (\w+) }}", said[1]))


if __name__ == "__main__":
    page = ROOT / "docs" / "privacy.md"
    head, _, rest = page.read_text(encoding="utf-8").partition("<!-- terms -->\n")
    after = rest.partition("<!-- end of terms -->")[2]
    page.write_text(f"{head}<!-- terms -->\n{retention_table()}<!-- end of terms -->{after}", encoding="utf-8")
