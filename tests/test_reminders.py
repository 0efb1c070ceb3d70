"""Reminders: what is due, in what order, how often; each thing once whatever happens; the buttons and the preferences."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bot.wording import say as words
from handlers import reminding
from handlers.dispatch import handle
from handlers.owed import owed_screen
from handlers.reminding import owe_reminders
from handlers.screen import Event, Screen, Text, Who
from handlers.world import World
from rules.belgian_days import days_off, easter, public_holidays
from rules.facts import Entry
from rules.ledger import Balance
from rules.periods import BRUSSELS
from rules.quiet_hours import Quiet, last_use, may_write, next_time
from rules.reminding import KINDS, OF_COORDINATORS, Item, Said, Told, choose
from rules.rhythm import broken_rhythm
from storage import directory, fact_reading, ledger, outbox
from storage import preferences as wishes
from storage.balances import balances_of_many
from storage.database import Database
from storage.instants import as_stored
from storage.tables import (
    accounts,
    add_row,
    agreements,
    day_totals,
    grant_people,
    grants,
    memberships,
    moments,
    networks,
    offers,
    people,
    plans,
    preferences,
    sites,
    stand_ins,
)
from storage.tables import (
    outbox as outbox_rows,
)
from storage.tables import reminders as reminder_rows
from tests.talk import BOOKS, Office

WORLD = World(BOOKS)
BOOK = BOOKS["oost-vlaanderen"]


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=BRUSSELS)


# --- days and hours ---


def test_holidays_and_school_weeks_are_those_of_the_library() -> None:
    from holidays.countries.belgium import Belgium

    for year in range(2024, 2041):
        public = set(Belgium(years=year))
        assert set(public_holidays(year)) == public
        for language, community in (("nl", "Flemish"), ("fr", "French")):
            school = set(Belgium(years=year, subdiv=community, categories=("school",)))
            assert {day for day in days_off(year, language).school if day.year == year} == school | public, (year, language)


def test_the_autumn_weeks_differ_by_community() -> None:
    monday = date(2027, 10, 25)
    assert days_off(2027, "fr").holds(monday, school_bound=True)
    assert not days_off(2027, "nl").holds(monday, school_bound=True)
    assert days_off(2027, "nl").holds(date(2027, 11, 3), school_bound=True)
    assert not days_off(2027, "nl").holds(date(2027, 11, 3))
    assert easter(2027) == date(2027, 3, 28)


OFF = days_off(2026, "nl")


@pytest.mark.parametrize(
    ("now", "may"),
    [
        (at(2026, 6, 15, 8, 59), False), (at(2026, 6, 15, 9), True), (at(2026, 6, 15, 19, 59), True), (at(2026, 6, 15, 20), False),
        (at(2026, 6, 14, 12), False), (at(2026, 7, 21, 12), False), (at(2026, 6, 13, 12), True),
    ],
)  # fmt: skip
def test_nothing_is_sent_in_quiet_hours_on_sunday_or_on_a_holiday(now: datetime, may: bool) -> None:
    assert may_write(Quiet(), OFF, now) is may


def test_the_next_look_is_at_her_hour_on_a_day_that_is_not_quiet_also_when_the_clock_changes() -> None:
    assert next_time(Quiet(), OFF, at(2026, 6, 13, 9)) == at(2026, 6, 15, 9)
    assert next_time(Quiet(), OFF, at(2026, 3, 27, 9)) == at(2026, 3, 28, 9)
    assert next_time(Quiet(), OFF, at(2026, 3, 28, 9)) == at(2026, 3, 30, 9)  # summer time began on the 29th
    assert next_time(Quiet(), OFF, at(2026, 10, 24, 9)) == at(2026, 10, 26, 9)
    assert next_time(Quiet(hour=time(21)), OFF, at(2026, 6, 15, 9)) == at(2026, 6, 16, 8)
    away = Quiet(away_from=date(2026, 6, 16), away_to=date(2026, 9, 30))
    assert next_time(away, OFF, at(2026, 6, 16, 9)) == at(2026, 10, 1, 9)


def test_a_message_loses_its_use_when_her_quiet_hours_begin() -> None:
    assert last_use(Quiet(), at(2026, 6, 15, 9)) == at(2026, 6, 15, 20)
    assert last_use(Quiet(start=time(0), end=time(6)), at(2026, 6, 15, 9)) == at(2026, 6, 16, 0)
    assert last_use(Quiet(start=time(8), end=time(8)), at(2026, 10, 25, 1)) == at(2026, 10, 26, 0)


# --- the rhythm and the kind empty week ---


def weekly(last: date, weeks: int, every: int = 1) -> list[date]:
    return [last - timedelta(weeks=number * every) for number in range(weeks)]


def never(day: date) -> bool:
    return False


def test_an_empty_week_is_asked_about_once_its_last_usual_day_has_passed() -> None:
    tuesdays = weekly(date(2026, 6, 9), 8)
    assert broken_rhythm(tuesdays, never, date(2026, 6, 17)) is None  # a Wednesday
    found = broken_rhythm(tuesdays, never, date(2026, 6, 18))
    assert found is not None
    assert (found.every, found.last) == ("week", date(2026, 6, 9))
    assert broken_rhythm([*tuesdays, date(2026, 6, 15)], never, date(2026, 6, 19)) is None
    assert broken_rhythm(tuesdays[:3], never, date(2026, 6, 19)) is None


def test_two_weekly_and_monthly_rhythms_are_seen_too() -> None:
    tuesdays = weekly(date(2026, 6, 2), 8, every=2)
    assert broken_rhythm(tuesdays, never, date(2026, 6, 12)) is None
    found = broken_rhythm(tuesdays, never, date(2026, 6, 18))
    assert found is not None
    assert found.every == "two_weeks"
    first_mondays = [date(2026, month, 5) for month in range(1, 6)]
    found = broken_rhythm(first_mondays, never, date(2026, 6, 29))
    assert found is not None
    assert found.every == "month"
    assert broken_rhythm(first_mondays, never, date(2026, 6, 12)) is None


def test_a_week_in_which_nothing_was_expected_is_no_empty_week() -> None:
    tuesdays = weekly(date(2026, 7, 14), 8)  # the next Tuesday is a public holiday
    assert broken_rhythm(tuesdays, OFF.holds, date(2026, 7, 24)) is None
    assert broken_rhythm(tuesdays, never, date(2026, 7, 24)) is not None
    before_holidays = weekly(date(2026, 6, 30), 8)
    assert broken_rhythm(before_holidays, lambda day: OFF.holds(day, school_bound=True), date(2026, 7, 10)) is None
    assert broken_rhythm(before_holidays, OFF.holds, date(2026, 7, 10)) is not None


# --- what goes into a message ---

TODAY = date(2026, 6, 17)  # a Wednesday


def test_a_loss_of_money_comes_first_and_the_rest_waits_when_the_message_is_full() -> None:
    losses = [Item("ends", f"g{number}", "60", TODAY + timedelta(days=40), 60, 8669 * number) for number in range(1, 5)]
    others = [Item("quota", f"g{number}", "80") for number in range(1, 5)]
    chosen = choose([*sorted(losses, key=lambda item: -item.cents), *others], Said(), TODAY)
    assert [item.kind for item in chosen] == ["ends"] * 4 + ["quota"]


def test_at_most_one_message_a_day_and_three_a_week_the_third_only_for_a_loss() -> None:
    loss, other = Item("ends", "g1", "60", None, 60, 8669), Item("quota", "g1", "80")
    monday, tuesday = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
    assert choose([other], Said(days=frozenset({TODAY})), TODAY) == []
    assert choose([other], Said(days=frozenset({monday})), TODAY) == [other]
    assert choose([other], Said(days=frozenset({monday, tuesday})), TODAY) == []
    assert choose([loss, other], Said(days=frozenset({monday, tuesday})), TODAY) == [loss, other]
    assert choose([loss], Said(days=frozenset({monday, tuesday, TODAY})), TODAY + timedelta(days=1)) == []


def test_a_thing_is_said_once_a_mark_unless_put_off_or_never_heard() -> None:
    item = Item("ends", "g1", "14:2026-06-30", None, 60, 8669)
    before = TODAY - timedelta(days=10)

    def after(**how: Any) -> list[Item]:
        return choose([item], Said((Told("ends", "g1", how.pop("mark", "14:2026-06-30"), before, **how),)), TODAY)

    assert after() == []
    assert after(mark="60:2026-06-30") == [item]
    assert after(again_on=TODAY) == [item]
    assert after(again_on=TODAY + timedelta(days=1)) == []
    assert after(mark="60:2026-06-30", again_on=TODAY + timedelta(days=1)) == []
    assert after(unheard=True) == [item]
    assert choose([item], Said(), TODAY, off={"ends"}) == []


# --- the same numbers as /saldo ---


class Town:
    """Some people with grants in one network of a rulebook."""

    def __init__(self, tx: Connection, persons: int = 1, role: str = "verstrekker", chat: bool = True) -> None:
        self.tx = tx
        self.network = add_row(tx, networks, {"key": "NW", "name": "Fictief netwerk", "rulebook": "oost-vlaanderen"})
        self.people = [self.person(role, chat) for _ in range(persons)]

    def person(self, role: str = "verstrekker", chat: bool = True) -> int:
        number = self.tx.execute(select(func.count()).select_from(people)).scalar_one() + 1
        row = {"key": f"K{number}", "first_name": f"An{number}", "name": "Fictief", "roles": role, "contract_from": date(2024, 1, 1)}
        person = add_row(self.tx, people, row)
        self.tx.execute(memberships.insert(), {"person": person, "network": self.network})
        user = f"u{number}"
        account = {"platform": "terminal", "workspace": "", "user": user, "chat": user if chat else None, "person": person}
        add_row(self.tx, accounts, account)
        return person

    def site(self, kind: str = "overkop") -> int:
        number = self.tx.execute(select(func.count()).select_from(sites)).scalar_one() + 1
        row = {"key": f"V{number}", "name": f"Plaats {number}", "kind": kind, "network": self.network, "cooperates": True}
        return add_row(self.tx, sites, row)

    def grant(self, oproep: str, holders: list[int], start: date, to: date | None, site: int | None = None, **more: Any) -> int:
        number = self.tx.execute(select(func.count()).select_from(grants)).scalar_one() + 1
        row = {"key": f"G{number}", "oproep": oproep, "network": self.network, "site": site, "start": start, "to": to, "extra_minutes": 0}
        grant = add_row(self.tx, grants, {**row, **more})
        self.tx.execute(grant_people.insert(), [{"grant": grant, "person": person} for person in holders])
        return grant

    def book(self, grant: int, person: int, day: date, minutes: int) -> None:
        ledger.post(self.tx, [Entry(grant, person, day, minutes)], at(day.year, day.month, day.day, 12))

    def plan(self, person: int, begins: datetime, minutes: int) -> int:
        row = {"person": person, "network": self.network, "form": "presentie", "answers": {}, "state": "planned"}
        start = as_stored(begins)
        times = {"begins": start, "ends": start + timedelta(minutes=minutes), "made_at": start - timedelta(days=9)}
        return add_row(self.tx, plans, {**row, **times})

    def agreement(self, start: date, **more: Any) -> int:
        """The agreement of the first person with a partner."""
        row = {"key": "A1", "person": self.people[0], "partner": "P1", "partner_name": "OCMW Fictie", "partner_kind": "ocmw", "blocks": ""}
        return add_row(self.tx, agreements, {**row, "start": start, **more})


def quota_town(
    tx: Connection, first: date = date(2026, 1, 1), last: date = date(2027, 12, 31), minutes: int = 600, booked: int = 480
) -> Town:
    """One person with one grant between two days, of which some minutes are booked."""
    town = Town(tx)
    town.book(town.grant("O2", town.people, first, last, town.site(), minutes=minutes), town.people[0], date(2026, 2, 3), booked)
    return town


def figures(found: Balance) -> Balance:
    """The balance with what is left of an hour summed per rate: in how many pieces it was read does not matter."""
    left = Counter[int]()
    for minutes, cents in found.hours.leftover:
        left[cents] += minutes
    return found._replace(hours=found.hours._replace(leftover=tuple(sorted(left.items()))))


VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"quota.period": "calendar", "remainder_at_period_end": "carry"},
    {"quota.period": "rolling"},
    {"aggregation.scope": "code", "o1.scope": "provider", "o1.bonus_order": "base_first"},
    {"aggregation.scope": "oproep", "o1.bonus_anchor": "grant_start", "prep.counts_against_quota": True},
    {"aggregation.scope": "code", "billing.code.O4": "726994"},
    {"aggregation": "short_only"},
    {"o2.joint": "count_once", "o2.scope": "provider_site"},
)


@pytest.mark.parametrize("number", range(len(VARIANTS)))
def test_the_balances_of_many_are_the_balances_of_each(database: Database, number: int) -> None:
    dice = random.Random(number)
    books = {**BOOKS, "oost-vlaanderen": BOOK.with_values(VARIANTS[number], [(date(2024, 1, 1), 8669), (date(2026, 4, 17), 9000)])}
    today = date(2026, 6, 15)

    def step(tx: Connection) -> None:
        town = Town(tx, 7)
        places = [town.site() for _ in range(4)]
        for person in town.people[:5]:
            for place in dice.sample(places, 2):
                start = date(2025, 1, 1) + timedelta(days=dice.randrange(500))
                tx.execute(offers.insert(), {
                    "person": person, "site": place, "since": start, "structural": True, "individual_minutes_per_week": 0,
                    "group_tracks_per_year": 0,
                })  # fmt: skip
                town.grant("O1", [person], start, dice.choice((None, start + timedelta(days=364))), place)
        for place in places:
            start = date(2025, dice.randrange(1, 13), dice.randrange(1, 28))
            town.grant("O2", dice.sample(town.people, 3), start, None, place, minutes=2880)
            town.grant("O2", dice.sample(town.people, 2), date(2026, 1, 1), date(2026, 12, 31), place)
        town.grant("O4", town.people[:1], date(2026, 2, 11), date(2027, 2, 10))
        given = tx.execute(select(grants.c.id, grants.c.start, grants.c.to, grant_people.c.person).join(grant_people)).all()
        for _ in range(400):
            grant, start, to, person = dice.choice(given)
            day = start + timedelta(days=dice.randrange((min(to or today, today) - start).days + 1)) if start <= today else start
            town.book(grant, person, day, dice.randrange(5, 130))
        found = dict(balances_of_many(tx, books, town.people, today))
        assert list(found) == town.people
        compared = 0
        for person in town.people:
            mine, with_offers = fact_reading.read_grants(tx, person), fact_reading.read_offers(tx, person)
            expected = {
                grant.id: fact_reading.read_balance(tx, books["oost-vlaanderen"], grant, person, today, mine, with_offers)
                for grant in mine if grant.covers(today)
            }  # fmt: skip
            assert {made.grant.id: figures(made) for _, made in found[person]} == {key: figures(made) for key, made in expected.items()}
            compared += len(expected)
        assert compared > 10

    database.run(step)


# --- the whole round ---


def round_at(database: Database, now: datetime) -> None:
    for _ in range(50):
        if not database.run(lambda tx: owe_reminders(tx, WORLD, now)):
            return
    raise AssertionError("the round does not end")


def deliver(database: Database, now: datetime) -> list[tuple[str, list[str]]]:
    """Send what is owed; to whom, and the lines of each message."""

    def step(tx: Connection) -> list[tuple[str, list[str]]]:
        outbox.skip_late(tx, now)
        sent = []
        for owed in outbox.take_owed(tx, "terminal", "", now, timedelta(minutes=5), 1000):
            screen = owed_screen(tx, WORLD, owed)
            if screen is not None:
                sent.append((owed.chat, lines(screen)))
            outbox.mark_sent(tx, owed.id, now)
        return sent

    return database.run(step)


def days_heard(database: Database, start: datetime, days: int, about: str) -> dict[str, list[date]]:
    """With a round a day from `start` on: on which days each account got a message with these words in it."""
    heard: dict[str, list[date]] = defaultdict(list)
    for number in range(days):
        now = start + timedelta(days=number)
        round_at(database, now)
        for who, message in deliver(database, now):
            if about in " ".join(message):
                heard[who].append(now.date())
    return heard


def lines(screen: Screen, language: str = "nl") -> list[str]:
    found: list[Text] = [*([screen.title] if screen.title else []), *screen.body]
    return [words(text, language) for text in found]


def presses(screen: Screen) -> list[str]:
    return [choice.press for row in screen.choices for choice in row]


def the_message(database: Database) -> Screen:
    """The screen of the newest owed message."""

    def step(tx: Connection) -> Screen:
        row = tx.execute(select(outbox_rows.c.told).order_by(outbox_rows.c.id.desc())).scalars().first()
        assert row is not None
        screen = owed_screen(tx, WORLD, outbox.Owed(1, "", row, "", "", "nl", 1, None))
        assert screen is not None
        return screen

    return database.run(step)


def test_hours_that_lapse_are_told_60_and_14_days_ahead_with_what_is_still_to_win(database: Database) -> None:
    database.run(lambda tx: quota_town(tx, date(2025, 9, 1), date(2026, 8, 31), 600, 380))
    heard = {}
    for number in range(64):
        now = at(2026, 7, 1, 9) + timedelta(days=number)
        round_at(database, now)
        heard |= {now.date(): message for _, message in deliver(database, now)}
    line = "Nog 3u40 presentie bij Plaats 1, tot en met 31 aug 2026. Nog 40 min en je hebt een vol uur meer."
    assert heard == {date(2026, 7, 2): ["Herinnering", line], date(2026, 8, 17): ["Herinnering", line]}
    assert presses(the_message(database))[0] == "form:presentie"


def test_nothing_is_said_of_minutes_that_can_never_become_an_hour(database: Database) -> None:
    database.run(lambda tx: quota_town(tx, date(2025, 9, 1), date(2026, 8, 31), 50, 15))
    for day in range(1, 31):
        round_at(database, at(2026, 8, day, 9))
        assert deliver(database, at(2026, 8, day, 9)) == []


def test_a_planned_moment_that_ended_is_asked_about_the_day_after_and_not_once_it_is_done(database: Database) -> None:
    def step(tx: Connection) -> int:
        town = Town(tx)
        town.grant("O2", town.people, date(2026, 1, 1), date(2027, 12, 31), town.site(), minutes=6000)
        plan = town.plan(town.people[0], at(2026, 6, 15, 14), 120)
        here = directory.read_places(tx, town.people[0])[0]
        places.append(here.name)
        tx.execute(plans.update().values(answers={"place": here.value}))
        return plan

    places: list[str] = []
    plan = database.run(step)
    round_at(database, at(2026, 6, 15, 18))
    assert deliver(database, at(2026, 6, 15, 18)) == []
    round_at(database, at(2026, 6, 16, 9))
    screen = the_message(database)
    assert f"Gepland en nog niet geregistreerd: Presentie bij {places[-1]}, maandag 15 juni 2026 om 14:00 (2u)." in lines(screen)
    assert f"plan:{plan}" in presses(screen)
    database.run(lambda tx: tx.execute(plans.update().values(state="done")))
    assert deliver(database, at(2026, 6, 16, 9)) == []
    round_at(database, at(2026, 6, 17, 9))
    assert deliver(database, at(2026, 6, 17, 9)) == []


def test_the_evaluation_is_asked_of_the_provider_and_told_late_to_the_coordinator(database: Database) -> None:
    def step(tx: Connection) -> None:
        town = Town(tx)
        town.person("coordinator")
        town.agreement(date(2025, 9, 1))

    database.run(step)
    heard = days_heard(database, at(2026, 7, 20, 9), 60, "evalu")
    assert heard["u1"] == [date(2026, 8, 1), date(2026, 8, 24), date(2026, 9, 1)]
    assert heard["u2"] == [date(2026, 9, 1)]


def test_who_stands_in_hears_what_the_coordinator_hears_while_she_does_and_may_look_at_it(database: Database) -> None:
    standing = (date(2026, 8, 20), date(2026, 9, 10))

    def step(tx: Connection) -> None:
        town = Town(tx)
        coordinator, stand_in = town.person("coordinator"), town.person()
        away = {"coordinator": coordinator, "network": town.network, "person": stand_in, "start": standing[0], "to": standing[1]}
        add_row(tx, stand_ins, away)
        town.agreement(date(2025, 9, 1))

    database.run(step)
    heard = days_heard(database, at(2026, 8, 25, 9), 90, "te laat")
    assert heard["u3"] == [date(2026, 9, 1)]
    assert heard["u2"] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 2)]
    during, after = at(2026, 9, 1, 10), at(2026, 9, 11, 10)
    assert "OCMW Fictie" in " ".join(lines(press(database, "u3", "evaluations:1", during)))
    assert "OCMW Fictie" not in " ".join(lines(press(database, "u3", "evaluations:1", after)))
    switch = "remind:overdue:0"
    assert switch in presses(press(database, "u3", "herinneringen", during))
    assert switch not in presses(press(database, "u3", "herinneringen", after))


@pytest.mark.parametrize(("to", "heard"), [
    (date(2026, 8, 31), [date(2026, 9, 1), date(2026, 10, 1)]),  # a year, and never evaluated: still shown for 60 days
    (date(2026, 8, 30), []),  # it ended before a year was round
])  # fmt: skip
def test_the_coordinator_hears_of_a_collaboration_that_ended_without_its_evaluation(
    database: Database, to: date, heard: list[date]
) -> None:
    def step(tx: Connection) -> None:
        town = Town(tx)
        town.person("coordinator")
        town.agreement(date(2025, 9, 1), to=to)

    database.run(step)
    assert days_heard(database, at(2026, 8, 25, 9), 90, "te laat")["u2"] == heard
    late = "OCMW Fictie" in " ".join(lines(press(database, "u2", "evaluations:1", at(2026, 9, 10, 10))))
    assert late == bool(heard)
    assert "OCMW Fictie" not in " ".join(lines(press(database, "u2", "evaluations:1", at(2026, 11, 20, 10))))


def test_the_coordinator_hears_60_and_14_days_ahead_that_rules_end(database: Database) -> None:
    database.run(lambda tx: Town(tx, role="coordinator"))
    heard = []
    for number in range(70):
        now = at(2026, 10, 28, 9) + timedelta(days=number)
        round_at(database, now)
        heard += [(now.date(), message[1][:15]) for _, message in deliver(database, now)]
    assert heard == [(date(2026, 11, 2), "Fictief netwerk"), (date(2026, 12, 17), "Fictief netwerk")]  # the 1st is a Sunday


def test_what_was_not_delivered_in_time_is_not_sent_but_said_again_if_still_true(database: Database) -> None:
    database.run(quota_town)
    round_at(database, at(2026, 6, 15, 9))
    assert deliver(database, at(2026, 6, 15, 21)) == []
    round_at(database, at(2026, 6, 16, 9))
    assert len(deliver(database, at(2026, 6, 16, 9))) == 1
    round_at(database, at(2026, 6, 17, 9))
    assert deliver(database, at(2026, 6, 17, 9)) == []


def test_a_crash_between_noting_and_owing_leaves_nothing_and_the_next_round_says_it_once(database: Database, monkeypatch: Any) -> None:
    database.run(quota_town)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "owe", lambda *all_of, **more: (_ for _ in ()).throw(RuntimeError("power cut")))
        with pytest.raises(RuntimeError):
            round_at(database, at(2026, 6, 15, 9))
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(reminder_rows)).scalar_one()) == 0
    round_at(database, at(2026, 6, 15, 10))
    round_at(database, at(2026, 6, 15, 11))
    assert len(deliver(database, at(2026, 6, 15, 11))) == 1


def test_on_leave_she_hears_nothing_and_afterwards_one_message_of_what_is_still_true(database: Database) -> None:
    def step(tx: Connection) -> None:
        town = quota_town(tx)
        town.plan(town.people[0], at(2026, 6, 10, 14), 60)
        wishes.change_preferences(
            tx, town.people[0], at(2026, 6, 8, 12), away_from=date(2026, 6, 8), away_to=date(2026, 6, 28)
        )

    database.run(step)
    for day in range(8, 29):
        round_at(database, at(2026, 6, day, 9))
        assert deliver(database, at(2026, 6, day, 9)) == []
    round_at(database, at(2026, 6, 29, 9))
    [(_, message)] = deliver(database, at(2026, 6, 29, 9))
    assert message[0] == "Welkom terug. Dit staat nog open."
    assert len(message) == 3


def test_who_blocked_the_bot_is_skipped_and_listed(database: Database) -> None:
    def step(tx: Connection) -> tuple[int, list[Any]]:
        town = quota_town(tx)
        tx.execute(accounts.update().values(chat=None))
        town.person()
        return town.network, wishes.unreachable(tx, town.network)

    network, listed = database.run(step)
    assert [row.first_name for row in listed] == ["An1"]
    round_at(database, at(2026, 6, 15, 9))
    assert database.run(lambda tx: tx.execute(select(func.count()).select_from(outbox_rows)).scalar_one()) == 0
    database.run(lambda tx: tx.execute(accounts.update().values(chat="u1")))
    assert database.run(lambda tx: wishes.unreachable(tx, network)) == []
    round_at(database, at(2026, 6, 16, 9))
    assert len(deliver(database, at(2026, 6, 16, 9))) == 1


def test_her_own_hour_is_the_median_of_her_last_ten_registrations(database: Database) -> None:
    def step(tx: Connection) -> time:
        town = quota_town(tx)
        for number, hour in enumerate((7, 16, 16, 17, 16, 8, 16, 17, 16, 9, 16, 23)):
            begins = datetime(2026, 6, 1 + number, 6)
            changed = begins.replace(hour=hour - 2, minute=40)
            add_row(tx, moments, {
                "person": 1, "submission": f"s{number}", "version": 1, "state": "accepted", "oproep": "O2", "werkvorm": "presentie",
                "grant": 1, "day": begins.date(), "begins": begins, "ends": begins, "minutes": 60, "preparations": 0, "submitted": {},
                "outcome": "accepted", "findings": [], "registered_on": begins.date(), "changed_at": changed,
            })  # fmt: skip
        assert town.people == [1]
        return wishes.usual_times(tx, [1], at(2026, 6, 15, 9))[1]

    assert database.run(step) == time(16, 30)


def test_many_people_take_a_bounded_number_of_queries(sqlite_database: Database) -> None:
    from sqlalchemy import event

    def step(tx: Connection, count: int) -> None:
        town = Town(tx, count)
        for person in town.people:
            grant = town.grant("O2", [person], date(2026, 1, 1), date(2026, 12, 31), town.site(), minutes=600)
            town.book(grant, person, date(2026, 2, 3), 100)

    sqlite_database.run(lambda tx: step(tx, 150))
    asked: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    round_at(sqlite_database, at(2026, 6, 15, 9))
    assert len(asked) < 90, "three batches and no query per person"
    assert sqlite_database.run(lambda tx: tx.execute(select(func.count()).select_from(preferences)).scalar_one()) == 150


# --- the buttons ---


def press(database: Database, user: str, action: str, now: datetime) -> Screen:
    """A press by an account of the terminal."""
    event = Event(f"{user}:{action}:{now}", Who("terminal", "", user), "press", now, action=action, chat=user, message="1")
    return database.run(lambda tx: handle(tx, WORLD, event))


def test_a_reminder_is_put_off_and_comes_again_on_its_day(database: Database) -> None:
    database.run(quota_town)
    heard = []
    for number in range(20):
        now = at(2026, 6, 15, 9) + timedelta(days=number)
        round_at(database, now)
        heard += [now.date() for _ in deliver(database, now)]
        if number == 0:
            later = next(each for each in presses(the_message(database)) if each.startswith("later:"))
            asked = press(database, "u1", later, now)
            assert [words(choice.label, "nl") for choice in asked.choices[0]] == ["Morgen", "Over een week"]
            assert "maandag 22 juni 2026" in lines(press(database, "u1", asked.choices[0][1].press, now))[0]
    assert heard == [date(2026, 6, 15), date(2026, 6, 22)]


def test_nobody_puts_off_what_was_said_to_somebody_else(database: Database) -> None:
    database.run(lambda tx: quota_town(tx).person() and None)
    round_at(database, at(2026, 6, 15, 9))
    before = database.run(lambda tx: tx.execute(select(reminder_rows)).all())
    for action in ("later:1", "snooze:1:7", "snooze:1:0", "snooze:99:7"):
        assert lines(press(database, "u2", action, at(2026, 6, 15, 10)))[0] == "Dat is er niet, of niet meer."
    assert database.run(lambda tx: tx.execute(select(reminder_rows)).all()) == before


def test_what_is_switched_off_is_not_said(database: Database) -> None:
    database.run(quota_town)
    press(database, "u1", "remind:quota:0", at(2026, 6, 15, 7))
    round_at(database, at(2026, 6, 15, 9))
    assert deliver(database, at(2026, 6, 15, 9)) == []
    press(database, "u1", "remind:quota:1", at(2026, 6, 15, 10))
    round_at(database, at(2026, 6, 15, 10))
    assert len(deliver(database, at(2026, 6, 15, 10))) == 1


@pytest.mark.parametrize("wanted", ["", "quota", "quota:2", "quotas:0", "4:0"])
def test_a_switch_that_is_none_changes_nothing(database: Database, wanted: str) -> None:
    database.run(quota_town)
    screen = press(database, "u1", f"remind:{wanted}", at(2026, 6, 15, 7))
    assert {each for each in presses(screen) if each.startswith("remind:")} == {
        f"remind:{kind}:0" for kind in KINDS if kind not in OF_COORDINATORS
    }


FIGURES = {
    "day": "2026-06-30", "minutes": 60, "rest": 0, "oproep": "O3", "pooled": False, "cause": "period", "used": 100, "whole": 160,
    "plans": 1, "every": "week", "over": True, "late": True, "count": 2, "short": 90,
}  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_each_kind_has_a_name_a_line_of_its_own_and_a_button(language: str) -> None:
    """A kind that is added to KINDS alone fails here; it is never said in the words of another."""
    found = {"plan": (SimpleNamespace(form="presentie", begins=datetime(2026, 6, 15, 12)), "De Kade")}
    lines = [reminding._line(reminding.Line(1, kind, "x1", FIGURES), found.get(kind, "De Kade"), 0) for kind in KINDS]
    assert len({words(line, language) for line in lines}) == len(KINDS)
    assert len({words(Text(f"reminders.kind_{kind}"), language) for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert reminding._buttons(reminding.Line(1, kind, "x1", FIGURES), 0)[-1].press == "later:1"


def test_a_kind_without_words_is_an_error() -> None:
    with pytest.raises(ValueError, match="no words for a reminder of kind 'other'"):
        reminding._line(reminding.Line(1, "other", "x1", FIGURES), "De Kade", 0)


def test_an_evaluation_that_was_done_is_noted_by_her_whose_it_is(database: Database) -> None:
    def step(tx: Connection) -> int:
        town = Town(tx, 2)
        town.person("coordinator")
        return town.agreement(date(2025, 1, 1))

    number = database.run(step)
    now = at(2026, 6, 15, 9)
    late = press(database, "u3", "evaluations:1", now)
    assert late.private
    assert lines(late) == ["Fictief netwerk: één late evaluatie", "OCMW Fictie (An1 Fictief): sinds 1 jan 2026"]
    for who in ("u1", "u2"):
        assert lines(press(database, who, "evaluations:1", now))[0] == "Dat is er niet, of niet meer."
    press(database, "u2", f"evaluatedon:{number}:0", now)
    assert database.run(lambda tx: tx.execute(select(agreements.c.evaluated_on)).scalar_one()) is None
    asked = press(database, "u1", f"evaluated:{number}", now)
    press(database, "u1", asked.choices[0][1].press, now)
    assert database.run(lambda tx: tx.execute(select(agreements.c.evaluated_on)).scalar_one()) == date(2026, 6, 14)
    assert lines(press(database, "u3", "evaluations:1", now)) == ["Fictief netwerk: geen enkele evaluatie is te laat."]


def test_the_evaluation_shows_the_hours_beside_the_least_that_was_agreed(database: Database) -> None:
    def step(tx: Connection) -> int:
        town = Town(tx)
        town.person("coordinator")
        agreement = town.agreement(date(2025, 1, 1), evaluated_on=date(2025, 3, 1), minimum_minutes=1200)
        grant = add_row(tx, grants, {"key": "GA", "oproep": "O3", "agreement": agreement, "start": date(2025, 1, 1), "extra_minutes": 0})
        for day, minutes in ((date(2025, 2, 1), 600), (date(2025, 3, 2), 200), (date(2026, 5, 1), 145)):
            tx.execute(day_totals.insert(), {"grant": grant, "person": 1, "day": day, "minutes": minutes, "preparations": 0})
        return agreement

    number, now = database.run(step), at(2026, 6, 15, 9)
    said = "Sinds 1 mrt 2025: 5u45 gedaan, afgesproken is minstens 20u."
    assert lines(press(database, "u1", f"evaluated:{number}", now))[1:] == [said]
    assert lines(press(database, "u2", "evaluations:1", now))[2:] == [said]


def test_preferences_by_button_and_by_a_sentence(office: Office) -> None:
    talk = office.terminal("K1")
    shown = talk.say("/herinneringen")
    assert "vanaf 09:00, nooit tussen 20:00 en 08:00. Niet op zondag en feestdagen." in shown
    assert "Staat uit: ritme" in talk.press("Staat aan: ritme")
    assert "Staat aan: ritme" in talk.press("Staat uit: ritme")
    talk.press("Mijn uur")
    assert "rond het uur waarop je meestal registreert" in talk.press("Op mijn ritme")
    talk.press("Stille uren")
    assert "nooit tussen 18:00 en 08:00" in talk.press("Van 18:00")
    talk.press("Stille uren")
    assert "Niet in het weekend" in talk.press("Weekend")
    assert "woensdag 1 juli 2026" in talk.say("ik ben er niet tot 1 juli")
    assert "Ik ben terug" in talk.say("/herinneringen")
    assert "Ik ben er niet" in talk.press("Ik ben terug")
    assert "Welke dag" in talk.say("ik ben er niet tot later")
    assert "Welke dag" in talk.say("ik ben er niet tot en met eind december 9999")
    assert "18 août 2026" in office.terminal("K7").say("je suis absente jusqu'au 17 août")
