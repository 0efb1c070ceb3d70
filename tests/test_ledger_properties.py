"""What holds for the ledger whatever is registered: random histories over one pool grant and one oproep 1 grant with bonus."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.book_files import read_books
from handlers import registering
from rules.book import Rulebook
from rules.facts import Entry, Grant, Id, Offer, Submission
from rules.grants import entries_of
from rules.ledger import Balance, Holding, balance, breakpoints, due
from rules.periods import real_span, to_utc
from storage import fact_reading
from storage.case_store import CaseStore
from storage.database import Database
from storage.reconciling import differences
from storage.tables import day_totals, metadata, moments, postings

RATES = [(date(2024, 1, 1), 8669), (date(2025, 9, 1), 9000), (date(2026, 3, 1), 9111)]
BOOK = read_books()["oost-vlaanderen"].with_values({}, RATES)
NOW = to_utc(datetime(2026, 12, 31, 23, 59))
FIRST, SINCE, BONUS_END, LIMIT = date(2025, 2, 1), date(2025, 2, 1), date(2025, 8, 1), 600
BOUNDED = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@dataclass(frozen=True)
class Visit:
    """A moment to register: in the pool (B only there) or in oproep 1, minutes after noon of a day."""

    pool: bool
    person: str
    day: date
    after_noon: int
    minutes: int


days = st.integers(0, 690).map(lambda number: FIRST + timedelta(days=number))
visits = st.builds(Visit, st.booleans(), st.sampled_from("AB"), days, st.integers(0, 500), st.integers(1, 200))
histories = st.lists(visits, max_size=12)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One database with empty tables."""
    found = Database("sqlite://")
    metadata.create_all(found.engine)
    yield found
    found.close()


class World:
    """Two providers with a shared pool of ten hours a year, and a starter's oproep 1 grant of the first of them."""

    def __init__(self, tx: Connection, roomy: bool = False) -> None:
        self.tx = tx
        store = CaseStore(tx)
        store.add_site("LDC", "ldc", True)
        store.add_site("GP", "huisartsenpraktijk", True)
        self.people = {name: store.person(name) for name in "AB"}
        self.ldc, self.gp = store.ids["sites"]["LDC"], store.ids["sites"]["GP"]
        store.add_offer("A", self.gp, SINCE, True, 0, 0)
        store.add_grant("P", "O2", self.people.values(), self.ldc, None, FIRST, None, 20_000 if roomy else LIMIT, 0, None)
        store.add_grant("G", "O1", [self.people["A"]], self.gp, None, FIRST, None, 20_000 if roomy else None, 0, None)
        self.number = 0

    def submission(self, visit: Visit, minutes: int | None = None, at: time | None = None) -> Submission:
        """A submission that only the quota, an overlap or the clock can refuse."""
        start = datetime.combine(visit.day, at) if at else datetime.combine(visit.day, time(12)) + timedelta(minutes=visit.after_noon)
        common: dict[str, Any] = {"start": start, "minutes": minutes or visit.minutes, "topic": "samenwerking", "text": "praatcafé"}
        if visit.pool:
            person = self.people[visit.person]
            return Submission(person, "O2", "presentie", self.ldc, present={"bezoeker": 3}, purpose="presentie", **common)
        return Submission(self.people["A"], "O1", "overleg", self.gp, present={"arts": 1}, purpose="samenwerking", **common)

    def register(self, visit: Visit) -> registering.Registered:
        """Submit a visit under a message id of its own."""
        self.number += 1
        return registering.register(self.tx, BOOK, self.submission(visit), f"message-{self.number}", {}, NOW)

    def row(self, moment: int | None) -> Any:
        """The row of a moment."""
        return self.tx.execute(select(moments).where(moments.c.id == moment)).one()

    def balance(self, visit: Visit, day: date) -> Balance:
        """The balance that a visit of that kind would use on a day."""
        person = self.people[visit.person if visit.pool else "A"]
        mine = fact_reading.read_grants(self.tx, person)
        grant = next(each for each in mine if each.oproep == ("O2" if visit.pool else "O1"))
        return fact_reading.read_balance(self.tx, BOOK, grant, person, day, mine, fact_reading.read_offers(self.tx, person))

    def picture(self) -> list[tuple[int, int, int, int, int]]:
        """All balances in every period, in and out of the bonus months: left, bonus, hours, rest, cents."""
        kinds = [Visit(True, "A", FIRST, 0, 1), Visit(True, "B", FIRST, 0, 1), Visit(False, "A", FIRST, 0, 1)]
        shown = (FIRST, BONUS_END - timedelta(days=1), BONUS_END, date(2026, 1, 31), date(2026, 2, 1))
        found = [self.balance(kind, day) for kind in kinds for day in shown]
        return [(each.left, each.bonus_left, each.hours.hours, each.hours.rest, each.hours.cents) for each in found]


@contextmanager
def world(database: Database, history: Iterable[Visit] = (), *, roomy: bool = False) -> Iterator[World]:
    """A world in which this was registered, and that leaves no trace."""
    with database.engine.connect() as tx:
        whole = tx.begin()
        try:
            here = World(tx, roomy)
            for visit in history:
                here.register(visit)
            yield here
        finally:
            whole.rollback()


@BOUNDED
@given(histories, visits)
def test_the_balance_shown_is_the_balance_enforced(database: Database, history: list[Visit], probe: Visit) -> None:
    with world(database, history) as here:
        left = here.balance(probe, probe.day).left
        before_noon = time(0, 0)
        if left:
            most = registering.judge_moment(here.tx, BOOK, here.submission(probe, left, before_noon), NOW)
            assert most.accepted
            assert most.minutes == left
        more = registering.judge_moment(here.tx, BOOK, here.submission(probe, left + 1, before_noon), NOW)
        assert more.outcome == "refused"
        assert ("O2-10" if probe.pool else "O1-11") in more.rules


@BOUNDED
@given(st.lists(visits, min_size=6, max_size=14))
def test_no_period_is_ever_over_its_limit(database: Database, history: list[Visit]) -> None:
    used: dict[tuple[bool, bool], int] = defaultdict(int)
    in_bonus_months = 0
    with world(database) as here:
        for visit in history:
            if here.register(visit).verdict.accepted:
                used[visit.pool, visit.day < date(2026, 2, 1)] += visit.minutes
                in_bonus_months += 0 if visit.pool or visit.day >= BONUS_END else visit.minutes
        for (pool, first_year), minutes in used.items():
            bonus = min(120, in_bonus_months) if first_year else 0
            assert minutes <= (LIMIT if pool else 240 + bonus)
            kind = Visit(pool, "A", FIRST, 0, 1)
            day = date(2026, 1, 31) if first_year else date(2026, 2, 1)
            assert here.balance(kind, day).left == (LIMIT if pool else 240 + bonus) - minutes


@BOUNDED
@given(histories, visits)
def test_cancelling_gives_back_exactly_what_was_booked(database: Database, history: list[Visit], last: Visit) -> None:
    with world(database, history) as here:
        before = here.picture()
        moment = here.register(last).moment
        if moment is not None:
            registering.cancel(here.tx, BOOK, here.row(moment), NOW)
        assert here.picture() == before


@BOUNDED
@given(histories, visits, visits)
def test_correcting_is_cancelling_and_registering(database: Database, history: list[Visit], old: Visit, new: Visit) -> None:
    if old.pool and new.pool:
        new = Visit(True, old.person, new.day, new.after_noon, new.minutes)
    elif old.pool or new.pool:
        old, new = (Visit(each.pool, "A", each.day, each.after_noon, each.minutes) for each in (old, new))
    with world(database, history) as here:
        moment = here.register(old).moment
        if moment is None:
            return
        before = here.picture()
        point = here.tx.begin_nested()
        registering.cancel(here.tx, BOOK, here.row(moment), NOW)
        booked = here.register(new).verdict.accepted
        expected = here.picture()
        point.rollback()
        corrected = registering.correct(here.tx, BOOK, here.row(moment), here.submission(new), {}, NOW)
        assert corrected.accepted == booked
        assert here.picture() == (expected if booked else before)


@BOUNDED
@given(histories, st.lists(st.tuples(st.integers(0, 11), st.booleans(), st.integers(1, 200)), max_size=6))
def test_day_totals_are_the_sums_of_the_postings(
    database: Database, history: list[Visit], changes: list[tuple[int, bool, int]]
) -> None:
    with world(database) as here:
        booked = [(visit, result.moment) for visit in history if (result := here.register(visit)).moment is not None]
        for index, cancelled, minutes in changes:
            if index >= len(booked):
                continue
            visit, moment = booked[index]
            row = here.row(moment)
            if row.state == "cancelled":
                continue
            if cancelled:
                registering.cancel(here.tx, BOOK, row, NOW)
            else:
                registering.correct(here.tx, BOOK, row, here.submission(visit, minutes), {}, NOW)

        def sums(table: Any) -> set[tuple[Any, ...]]:
            key = (table.c.grant, table.c.person, table.c.day)
            rows = here.tx.execute(select(*key, func.sum(table.c.minutes), func.sum(table.c.preparations)).group_by(*key))
            return {tuple(row) for row in rows if row[3] or row[4]}

        assert sums(day_totals) == sums(postings)
        assert differences(here.tx) == []
        held = {(row.grant, row.person, row.day): 0 for row in here.tx.execute(select(moments).where(moments.c.state == "accepted"))}
        for row in here.tx.execute(select(moments).where(moments.c.state == "accepted")):
            held[row.grant, row.person, row.day] += row.minutes
        assert {key[:3]: key[3] for key in sums(day_totals)} == held


@BOUNDED
@given(histories)
def test_hours_and_rest_make_up_all_minutes_of_a_period(database: Database, history: list[Visit]) -> None:
    minutes: dict[tuple[bool, str, bool], int] = defaultdict(int)
    with world(database) as here:
        for visit in history:
            if here.register(visit).verdict.accepted:
                minutes[visit.pool, visit.person if visit.pool else "A", visit.day < date(2026, 2, 1)] += visit.minutes
        for (pool, person, first_year), total in minutes.items():
            shown = here.balance(Visit(pool, person, FIRST, 0, 1), date(2025, 6, 1) if first_year else date(2026, 6, 1)).hours
            assert shown.hours * 60 + shown.rest == total
            assert shown.rest < 60


@BOUNDED
@given(st.lists(visits, min_size=4, max_size=12, unique_by=lambda visit: visit.day), st.randoms(use_true_random=False))
def test_the_order_of_registration_does_not_matter(database: Database, history: list[Visit], random: Any) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    pictures = []
    for order in (history, shuffled):
        with world(database, roomy=True) as here:
            assert all(here.register(visit).verdict.accepted for visit in order)
            pictures.append(here.picture())
    assert pictures[0] == pictures[1]


CHOICES = {
    "quota.period": ("anniversary", "calendar", "rolling"), "month_end": ("forward", "clamp"), "o1.scope": ("provider_site", "provider"),
    "boundary": ("start", "split"),
    "o1.bonus_expiry": ("lapse", "first_year"), "o1.bonus_order": ("bonus_first", "base_first"),
    "o1.bonus_anchor": ("site_start", "grant_start"), "o2.scope": ("site", "provider_site"), "prep.counts_against_quota": (False, True),
    "aggregation": ("pool", "prorata"), "aggregation.scope": ("grant", "oproep", "code"),
    "billing.code.O2": ("726994", "726995"),
    "remainder_at_period_end": ("lapse", "carry", "prorata"), "rate.on_mixed_hour": ("completing", "first", "split"),
}
books = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in CHOICES.items()}).map(lambda keys: BOOK.with_values(keys))
GRANTS = (
    Grant("G1", "O1", ("A",), date(2025, 1, 31), date(2025, 10, 15), "GP"), Grant("G2", "O1", ("A",), date(2025, 10, 16), None, "GP"),
    Grant("W", "O1", ("A",), date(2025, 3, 1), None, "WGC"), Grant("P", "O2", ("A", "B"), date(2025, 2, 28), None, "LDC"),
)
OFFERS = (Offer("A", "GP", date(2025, 8, 31)), Offer("A", "WGC", date(2025, 4, 1)))
busy = st.lists(
    st.tuples(st.sampled_from(GRANTS), st.sampled_from("AAB"), st.integers(0, 700), st.integers(1, 90)), min_size=15, max_size=40
)


@settings(max_examples=100, deadline=None)
@given(books, busy, st.sampled_from(GRANTS), days, st.lists(days, max_size=4))
def test_sums_between_breakpoints_give_the_balance_of_single_moments(
    book: Rulebook, history: list[tuple[Grant, str, int, int]], grant: Grant, day: date, more: list[date]
) -> None:
    single = []
    for number, (used, person, after, minutes) in enumerate(history):
        start = datetime.combine(used.start + timedelta(days=after), time(9)) + timedelta(minutes=number)
        span = real_span(start, None, minutes, None)
        assert not isinstance(span, str)
        if used.covers(span.day) and (used.oproep == "O2" or person == "A"):
            single += entries_of(book.on(span.day), used, person, span, minutes, number % 2, None)
    through = day + timedelta(days=1)
    marks = sorted({date.min, *breakpoints(book, grant, GRANTS, "A", OFFERS, day), *more, through})
    sums: dict[tuple[Id, Id, date], Entry] = {}
    for entry in single:
        first = max(mark for mark in marks if mark <= entry.day)
        key = entry.grant, entry.person, first
        before = sums.get(key)
        minutes = entry.minutes + (before.minutes if before else 0)
        preparations = entry.preparations + (before.preparations if before else 0)
        sums[key] = Entry(entry.grant, entry.person, first, minutes, preparations)
    exact = Holding(grant, "A", GRANTS, tuple(single), OFFERS)
    summed = Holding(grant, "A", GRANTS, tuple(sums.values()), OFFERS)
    found = [(each.left, each.over, each.used, each.bonus_left, each.hours.hours, each.hours.rest, each.hours.cents) for each in (
        balance(book, exact, day), balance(book, summed, day)
    )]
    assert found[0] == found[1]
    assert due(book, exact, day) == due(book, summed, day)
    if book.on(day)["boundary"] == "split":  # a moment that passes midnight is held against the day after too
        after = [balance(book, each, day + timedelta(days=1)) for each in (exact, summed)]
        assert len({(each.left, each.over, each.used, each.bonus_left) for each in after}) == 1
