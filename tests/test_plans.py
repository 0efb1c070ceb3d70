"""Planned moments: no effect until they took place, asked about once, booked once; series, the list, the private calendar."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import Connection, func, select

from bot.calendar_file import make_calendar
from bot.settings import read_settings
from bot.terminal import show
from bot.web import make_app
from handlers.afterwards import owe_plans
from handlers.owed import owed_screen
from handlers.planned import span_of
from handlers.reminding import owe_reminders
from handlers.world import World
from rules.days_off import NOTHING_OFF
from rules.periods import BRUSSELS
from rules.quiet_hours import Quiet, next_free
from rules.recurring import coming_days, month_ends
from storage import preferences
from storage.database import Database
from storage.instants import as_stored
from storage.outbox import Owed, take_owed
from storage.plans import CalendarRow
from storage.tables import feeds, grants, moments, outbox, people, plans, postings
from tests.databases import ENGINES
from tests.talk import BOOKS, NOW, Office, TelegramTalk, id_of
from tests.test_journeys import CHATS, on_each_surface
from tests.test_reminders import WORLD, Town

PLAN = "/planning presentie De Kade vrijdag 14u-16u30 koken, 12 jongeren, 2 begeleiders"
LONGER = {key: book.with_values({"convention.valid_to": date(2027, 12, 31)}) for key, book in BOOKS.items()}


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=BRUSSELS)


def planned(office: Office, **more: Any) -> list[Any]:
    query = select(plans).where(plans.c.state == more.get("state", "planned")).order_by(plans.c.begins)
    return list(office.run(lambda tx: tx.execute(query).all()))


def new_moments(office: Office) -> list[Any]:
    """The accepted moments that were made here, not in the sample."""
    query = select(moments).where(moments.c.source.is_(None), moments.c.state == "accepted").order_by(moments.c.id)
    return list(office.run(lambda tx: tx.execute(query).all()))


def tick(office: Office) -> None:
    """The jobs of the schedule that may speak of plans, in their order."""
    for job in (owe_plans, owe_reminders):
        while office.run(lambda tx, job=job: job(tx, office.world, office.clock())):
            pass


def deliver(tx: Connection, now: datetime) -> None:
    """All that is due arrives."""
    due = outbox.update().where(outbox.c.sent_at.is_(None), outbox.c.due_at <= as_stored(now))
    tx.execute(due.values(sent_at=outbox.c.due_at))


def set_clock(office: Office, now: datetime) -> None:
    office.clock.now = now


# --- planning ---


@on_each_surface
def test_a_plan_has_no_effect_until_it_took_place_and_is_booked_with_one_press(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    before = office.run(lambda tx: tx.execute(select(func.count()).select_from(postings)).scalar_one())
    assert "Zoals het er nu voor staat, past dit: 2u30." in talk.say(PLAN)
    assert "vrijdag 19 juni 2026" in talk.screen()
    assert "verklaar" not in talk.screen()
    shown = talk.press("Bevestigen")
    assert "Gepland." in shown
    assert "Het telt nog niet mee in je saldo." in shown
    assert "nog 46u over. Gepland: 2u30" in talk.say("/saldo")
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(postings)).scalar_one()) == before
    assert "ging het door" not in talk.say("/planning")

    set_clock(office, at(2026, 6, 19, 16, 31))
    tick(office)
    assert "Ging dit door?" in talk.hear()
    assert "12 jongeren, 2 begeleiders" in talk.screen()
    assert "Ik was er aanvullend" in talk.screen()
    assert "Geboekt. Referentie 17." in talk.press("Ging door zoals gepland")
    assert "nog 43u30 over" in talk.say("/saldo")
    assert "Gepland" not in talk.screen()
    assert [(row.day, row.minutes) for row in new_moments(office)] == [(date(2026, 6, 19), 150)]
    assert new_moments(office)[0].submitted["answers"]["declared"] == "yes"
    tick(office)
    assert talk.hear() == ""


def test_the_button_pressed_twice_books_once(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]")
    assert "Dit is al gepland." in talk.act(talk.person.repress)
    assert len(planned(office)) == 1
    set_clock(office, at(2026, 6, 19, 17))
    tick(office)
    talk.hear()
    for _ in range(2):
        assert "Referentie 17" in talk.forge("plan:went:1")
    assert "al geboekt" in talk.forge("plan:other:1")
    assert "al geboekt" in talk.forge("plan:not:1")
    assert len(new_moments(office)) == 1


@on_each_surface
def test_otherwise_opens_the_card_with_what_was_planned_and_books_it_once(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do(PLAN, "[Bevestigen]")
    set_clock(office, at(2026, 6, 19, 17))
    tick(office)
    talk.hear()
    opened = talk.press("Anders")
    assert "Wat wil je wijzigen?" in opened or surface not in CHATS, "a page has all of it open"
    talk.do("[Aanwezig]", "3 jongeren")
    assert "Aanwezig: 3 jongeren" in talk.screen()
    assert "Ik was er aanvullend" in talk.screen()
    office.restart()
    assert "Geboekt. Referentie 17." in talk.press("Bevestigen")
    assert planned(office, state="done")[0].moment == 17
    assert "Je hebt niets gepland." in talk.say("/planning")
    if isinstance(talk, TelegramTalk):
        assert "Dit was al geboekt" in talk.forge("plan:went:1")
    assert len(new_moments(office)) == 1


def test_a_card_that_was_opened_before_the_plan_was_booked_books_nothing_more(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]")
    set_clock(office, at(2026, 6, 19, 17))
    talk.forge("plan:other:1")
    talk.press("Terug")
    card = talk.data("Bevestigen")
    talk.forge("plan:went:1")
    assert "Referentie 17" in talk.forge(card)
    assert len(new_moments(office)) == 1


def test_what_is_still_to_come_cannot_be_confirmed(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]")
    assert "Verplaats" in talk.forge("plan:went:1")
    assert talk.forge("plan:other:1") == ""  # the same once more
    assert new_moments(office) == []


def test_it_did_not_take_place(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]")
    set_clock(office, at(2026, 6, 19, 17))
    tick(office)
    talk.hear()
    assert "Er is niets geboekt." in talk.press("Ging niet door")
    assert "Ging dit door?" in talk.press("Toch houden")
    assert "Geboekt" in talk.press("Ging door")


@on_each_surface
def test_the_rest_can_be_filled_in_afterwards(office: Office, surface: str) -> None:
    talk = office.talk(surface, "K3")
    talk.do("/planning", "[Iets plannen]", "[Presentie]", "vrijdag 14u-16u")
    assert "Wat ga je er doen?" in talk.screen()
    assert "vul je dan in" in talk.press("Nu bewaren, de rest later")
    set_clock(office, at(2026, 6, 19, 17))
    tick(office)
    talk.hear()
    assert "Wat deed je er?" in talk.press("Ging door: vul aan")
    talk.do("koken", "12 jongeren", "[Bevestigen]")
    assert "Geboekt. Referentie 17." in talk.screen()
    assert planned(office) == []


def test_what_is_refused_because_it_is_to_come_can_be_planned(office: Office) -> None:
    talk = office.terminal("K3")
    assert "Plan dit moment" in talk.say("/presentie morgen 14u-16u koken, 12 jongeren")
    assert "past dit: 2u" in talk.press("Plan dit moment")
    talk.press("Bevestigen")
    assert planned(office)[0].answers["day"] == "2026-06-16"


def test_what_is_over_is_registered_instead(office: Office) -> None:
    talk = office.terminal("K3")
    assert "Dat is al voorbij: je registreert het" in talk.say("/planning presentie De Kade gisteren 14u-16u koken, 12 jongeren")
    assert "Klopt dit allemaal?" in talk.press("Bevestigen")
    talk.do("ja", "[Bevestigen]")
    assert "Geboekt" in talk.screen()
    assert planned(office) == []


def test_what_the_rules_would_refuse_is_said_and_can_be_planned(office: Office) -> None:
    talk = office.terminal("K3")
    shown = talk.say("/planning presentie De Kade 8/1/2027 14u-16u koken, 12 jongeren")
    assert "Je kunt dit plannen. Maar zoals het er nu voor staat, zou het later geweigerd worden:" in shown
    assert "31 dec 2026" in shown
    assert "over" not in shown.partition("geweigerd worden")[2].partition("[a]")[0]
    assert "Zo kan" not in talk.press("Waarom?")
    talk.press("Bevestigen")
    assert len(planned(office)) == 1


def test_days_look_forward_and_a_holiday_or_double_booking_is_said(office: Office) -> None:
    talk = office.terminal("K3")
    talk.do("/planning", "[Iets plannen]", "[Presentie]")
    assert "Morgen" in talk.labels
    assert "21 juli 2026 is een feestdag" in talk.do("21/7 14u-16u", "koken", "12 jongeren")
    talk.press("Bevestigen")
    assert "je plande dan al iets anders" in talk.say("/planning presentie De Kade 21/7 15u-17u koken, 12 jongeren")
    talk.press("Annuleren")
    assert len(planned(office)) == 1


def test_a_moment_longer_than_half_a_day_cannot_be_planned(office: Office) -> None:
    talk = office.terminal("K3")
    talk.do("/planning presentie De Kade vrijdag", "8u", "13 uur")
    assert not any(label.startswith("Bevestigen") for label in talk.labels)


def test_client_data_is_not_kept_in_a_plan(office: Office) -> None:
    talk = office.terminal("K3")
    talk.do("/planning presentie De Kade vrijdag 14u-16u", "gesprek met Jan Peeters, geboren 3/4/1985")
    assert "Peeters" not in office.everything()


# --- the list ---


def test_a_plan_is_moved_and_dropped(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]", "/planning", "[1. 19 jun 2026]")
    talk.press("Verplaats")
    assert "Wanneer?" in talk.screen()
    assert "Begin: 14:00" in talk.screen()
    talk.do("26/6", "[Bevestigen]")
    assert "Verplaatst." in talk.screen()
    assert [row.begins for row in planned(office)] == [datetime(2026, 6, 26, 12)]
    assert "Geschrapt" in talk.press("Schrap")
    assert planned(office) == []
    talk.press("Toch houden")
    assert len(planned(office)) == 1
    talk.forge("plan:drop:1")
    assert "Geschrapt" in talk.forge("plan:move:1")


def test_nobody_sees_or_touches_the_plan_of_another(office: Office) -> None:
    talk, other = office.telegram("K3"), office.telegram("K2", "Bram")
    talk.do(PLAN, "[Bevestigen]", "[Elke week]", "[Tot 31 jul]")
    other.say("/start")
    for press in ("plan:1", "plan:went:1", "plan:drop:1", "plan:move:1", "plan:every:1:week", "plan:until:1:week:2026-07-31",
                  "plan:free:1", "plan:dropall:1", "plan:dropsure:1"):
        assert "Dat staat niet (meer) in je planning." in other.forge(press)
    assert len(planned(office)) == 7
    stranger = office.telegram("C-1", "Katrijn")
    stranger.say("/start")
    assert "De Kade" not in stranger.forge("plan:1")


FORGED = (
    "plan:", "plan:x", "plan:until:1:week", "plan:until:1:day:2026-12-31", "plan:until:1:week:x", "plan:list:99", "plan:every:1:",
    "plan:form:x", "plan:went:", "plan:99999999999",
)  # fmt: skip


@pytest.mark.parametrize("press", FORGED)
def test_a_forged_press_does_no_harm(office: Office, press: str) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]")
    assert "Sorry" not in talk.forge(press)
    assert len(planned(office)) == 1


# --- what comes back ---


def test_each_week_over_the_new_year_and_no_further_than_the_rules(office: Office) -> None:
    office.world = World(LONGER)
    talk = office.terminal("K2")
    set_clock(office, at(2026, 12, 1, 9))
    talk.do("/planning overleg Anker vrijdag 12u-13u samenwerking, 2 huisartsen", "[Bevestigen]")
    talk.press("Elke week")
    assert "Tot 31 jan 2027, einde van je uren" in talk.labels
    shown = talk.press("Tot 31 jan 2027")
    days = [row.begins.date() for row in planned(office)]
    assert days == [date(2026, 12, 4) + timedelta(weeks=number) for number in range(9)]
    assert "9 keer gepland, elke week." in shown
    assert "De laatste keer: vrijdag 29 januari 2027." in shown
    assert "Op een feestdag: 25 dec 2026, 1 jan 2027. Ze staan er ook in." in shown
    assert "Geschrapt: 25 dec 2026, 1 jan 2027." in talk.press("Schrap de feestdagen")
    assert len(planned(office)) == 7
    office.world = World(BOOKS)
    office.restart()
    talk.do("/planning overleg Anker 9/12 12u-13u samenwerking, 2 huisartsen", "[Bevestigen]", "[Elke week]")
    assert "Tot 31 dec 2026, einde van de regels" in talk.labels


def test_a_series_is_made_once_and_dropped_as_a_whole(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]", "[Om de twee weken]")
    press = talk.data("Tot 31 dec 2026")
    talk.forge(press)
    made = len(planned(office))
    assert made == 14
    talk.forge(press)
    talk.forge("plan:until:1:week:2026-12-31")
    assert len(planned(office)) == made
    assert "(om de twee weken)" in talk.say("/planning")
    set_clock(office, at(2026, 6, 20, 9))
    talk.press("2. ")
    assert f"Zeker? Nog {made - 1} momenten" in talk.press("Schrap de hele reeks")
    talk.press("Ja, schrap ze")
    assert [row.id for row in planned(office)] == [1]  # it ended, and waits for her word


def test_more_than_is_left_is_said(office: Office) -> None:
    talk = office.terminal("K3")
    talk.do("/planning presentie De Kade vrijdag 14u-18u koken, 12 jongeren", "[Bevestigen]", "[Elke week]")
    assert "Let op: samen is er 112u gepland, en er is nog 46u over." in talk.press("Tot 31 dec 2026")


def test_a_series_keeps_its_hour_when_the_clock_changes(office: Office) -> None:
    talk = office.terminal("K3")
    set_clock(office, at(2026, 10, 19, 9))
    talk.do("/planning presentie De Kade vrijdag 14u-16u koken, 12 jongeren", "[Bevestigen]", "[Elke week]", "[Tot 30 nov 2026]")
    assert [row.begins.hour for row in planned(office)][:3] == [12, 13, 13]
    assert {row.begins.replace(tzinfo=UTC).astimezone(BRUSSELS).hour for row in planned(office)} == {14}


def test_an_hour_that_the_clock_skips_is_left_out_and_said(office: Office) -> None:
    office.world = World(LONGER)
    office.run(lambda tx: tx.execute(grants.update().values(to=date(2027, 12, 31))))
    office.restart()
    talk = office.terminal("K3")
    set_clock(office, at(2027, 3, 15, 9))
    talk.do("/planning presentie De Kade 21/3 2u30-3u30 nachtopvang, 12 jongeren")
    if "[a] 02:30" in talk.screen():
        talk.press("02:30")
    talk.do("[Bevestigen]", "[Elke week]")
    assert "Niet gepland, omdat de klok dat uur overslaat: 28 mrt 2027." in talk.press("Tot 30 apr 2027")
    assert date(2027, 3, 28) not in [row.begins.date() for row in planned(office)]
    assert len(planned(office)) == 5


def test_months_keep_the_weekday_and_weeks_their_step() -> None:
    assert list(coming_days(date(2026, 6, 16), "month", date(2026, 10, 31))) == [
        date(2026, 7, 21), date(2026, 8, 18), date(2026, 9, 15), date(2026, 10, 20)
    ]  # fmt: skip
    last = list(coming_days(date(2026, 6, 30), "month", date(2027, 2, 28)))
    assert last[0] == date(2026, 7, 28)
    assert all(day.weekday() == 1 and (day + timedelta(weeks=1)).month != day.month for day in last)
    assert list(coming_days(date(2026, 12, 16), "two_weeks", date(2027, 1, 13))) == [date(2026, 12, 30), date(2027, 1, 13)]
    assert list(coming_days(date(2026, 6, 16), "week", date(2026, 6, 22))) == []
    assert list(month_ends(date(2026, 11, 30), date(2027, 1, 31))) == [date(2026, 12, 31)]


def test_of_two_hours_of_the_same_name_a_plan_means_the_first() -> None:
    span = span_of({"day": "2026-10-25", "start": "02:30", "length": "04:00"})
    assert span is not None
    assert span.minutes == 150
    assert span_of({"day": "2027-03-28", "start": "02:30", "length": 60}) is None


# --- when she is asked ---


def asked(tx: Connection) -> list[tuple[str, datetime]]:
    rows = tx.execute(select(outbox.c.key, outbox.c.due_at).order_by(outbox.c.id))
    return [(row.key.split(":")[0], row.due_at.replace(tzinfo=UTC).astimezone(BRUSSELS)) for row in rows]


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        (at(2026, 6, 16, 16), at(2026, 6, 16, 16, 1)),
        (at(2026, 6, 16, 21, 30), at(2026, 6, 17, 9)),  # quiet hours: her hour of the next day
        (at(2026, 6, 17, 7), at(2026, 6, 17, 8)),
        (at(2026, 6, 20, 21), at(2026, 6, 22, 9)),  # a Saturday evening, and the Sunday after it
        (at(2026, 7, 20, 21), at(2026, 7, 22, 9)),  # the holiday after it
        (at(2026, 10, 24, 21), at(2026, 10, 26, 9)),  # the clock changed in between
    ],
)
def test_she_is_asked_right_after_it_outside_her_quiet_hours(database: Database, ends: datetime, due: datetime) -> None:
    def step(tx: Connection) -> list[tuple[str, datetime]]:
        town = Town(tx)
        town.plan(town.people[0], ends - timedelta(hours=2), 120)
        owe_plans(tx, WORLD, ends - timedelta(minutes=1))
        assert asked(tx) == []
        for _ in range(2):
            owe_plans(tx, WORLD, ends + timedelta(minutes=1))
        return asked(tx)

    assert database.run(step) == [("plan", due)]


def test_the_reminder_comes_a_day_after_the_question_never_with_it(database: Database) -> None:
    def step(tx: Connection, now: datetime) -> None:
        owe_plans(tx, WORLD, now)
        owe_reminders(tx, WORLD, now)
        deliver(tx, now)

    def begin(tx: Connection) -> None:
        town = Town(tx)
        grant = town.grant("O2", town.people, date(2026, 1, 1), None, town.site())
        town.book(grant, town.people[0], date(2026, 6, 1), 60)
        town.plan(town.people[0], at(2026, 6, 16, 19, 30), 120)

    database.run(begin)
    for hours in range(24 * 5):
        database.run(lambda tx, hours=hours: step(tx, at(2026, 6, 16, 0) + timedelta(hours=hours)))
    assert database.run(asked) == [("plan", at(2026, 6, 17, 9)), ("remind", at(2026, 6, 18, 9))]


@pytest.mark.parametrize("late", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=9)])
def test_after_time_down_nothing_is_lost_and_nothing_said_twice(database: Database, late: timedelta) -> None:
    def begin(tx: Connection) -> None:
        town = Town(tx)
        grant = town.grant("O2", town.people, date(2026, 1, 1), None, town.site())
        town.book(grant, town.people[0], date(2026, 6, 1), 60)
        for hour in (10, 13):
            town.plan(town.people[0], at(2026, 6, 16, hour), 60)

    database.run(begin)
    now = at(2026, 6, 16, 14, 1) + late
    for hours in range(72):
        for _ in range(2):
            database.run(lambda tx, hours=hours: owe_plans(tx, WORLD, now + timedelta(hours=hours)))
            database.run(lambda tx, hours=hours: owe_reminders(tx, WORLD, now + timedelta(hours=hours)))
            database.run(lambda tx, hours=hours: deliver(tx, now + timedelta(hours=hours)))
    kinds = [kind for kind, _ in database.run(asked)]
    assert kinds.count("plan") == (0 if late.days > 2 else 2)
    assert kinds.count("remind") == 1  # both in one message


def test_who_switched_it_off_is_not_asked(database: Database) -> None:
    def step(tx: Connection) -> list[Any]:
        town = Town(tx)
        preferences.change_preferences(tx, town.people[0], at(2026, 6, 15, 9), off="plan")
        town.plan(town.people[0], at(2026, 6, 16, 10), 60)
        owe_plans(tx, WORLD, at(2026, 6, 16, 12))
        return asked(tx)

    assert database.run(step) == []


def test_a_question_that_was_answered_or_moved_is_not_sent(office: Office) -> None:
    talk = office.telegram("K3")
    talk.do(PLAN, "[Bevestigen]", "/planning presentie De Kade donderdag 9u-10u koken, 12 jongeren", "[Bevestigen]")
    set_clock(office, at(2026, 6, 19, 17))
    tick(office)
    talk.forge("plan:went:1")
    talk.forge("plan:drop:2")
    assert talk.hear() == ""


def test_quiet_hours_that_lie_within_a_day_end_that_day() -> None:
    siesta = Quiet(start=time(12), end=time(14), days=frozenset())
    assert next_free(siesta, NOTHING_OFF, at(2026, 6, 16, 12, 30)) == at(2026, 6, 16, 14)
    assert next_free(siesta, NOTHING_OFF, at(2026, 6, 16, 23)) == at(2026, 6, 16, 23)
    away = replace(siesta, away_from=date(2026, 6, 16), away_to=date(2026, 6, 30))
    assert next_free(away, NOTHING_OFF, at(2026, 6, 16, 10)) == at(2026, 7, 1, 9)


# --- the calendar ---


async def fetch(office: Office, tmp_path: Any, path: str) -> httpx.Response:
    settings = read_settings({"UURWIJZER_DATABASE_URL": office.url}, tmp_path)
    app = make_app(settings, office.database, None, office.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://fictief.be") as client:
        return await client.get(path)


def address_in(screen: str) -> str:
    found = re.search(r"https://uren\.[a-z.]+(/agenda/[^\s>]+)", screen)
    assert found is not None, screen
    return found[1]


def events_of(answer: httpx.Response) -> dict[str, Any]:
    return {str(each["uid"]): each for each in Calendar.from_ical(answer.content).walk("VEVENT")}


@on_each_surface
async def test_the_calendar_holds_place_and_time_only_under_an_address_that_is_kept_nowhere(
    office: Office, surface: str, tmp_path: Any
) -> None:
    talk = office.talk(surface, "K3")
    asked = talk.do("/planning", "[In mijn agenda]")
    assert "PUBLIC_URL" in asked or surface not in CHATS, "a page has an address"
    office.world = replace(office.world, public_url="https://uren.fictief.be")
    office.restart()
    talk.do(PLAN, "[Bevestigen]", "[Elke week]", "[Tot 30 jun 2026]")
    talk.do("/planning", "[In mijn agenda]")
    path = address_in(talk.press("Maak een adres"))
    token = path.removeprefix("/agenda/").removesuffix(".ics")
    assert len(token) == 26
    assert token not in office.everything()
    answer = await fetch(office, tmp_path, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    found = events_of(answer)
    assert set(found) == {"plan-1@uurwijzer", "plan-2@uurwijzer", "moment-16@uurwijzer"}
    first = found["plan-1@uurwijzer"]
    assert first.decoded("dtstart").astimezone(BRUSSELS) == at(2026, 6, 19, 14)
    assert first.decoded("dtend").astimezone(BRUSSELS) == at(2026, 6, 19, 16, 30)
    assert str(first["location"]) == "OverKophuis De Kade, Demodonk"
    assert not any(word in answer.text for word in ("koken", "jongere", "Testouri", "K3", "Presentie"))

    talk.do("/planning", "[1. 19 jun 2026]", "[Verplaats]", "20/6", "[Bevestigen]")
    talk.do("/planning", "[2. 26 jun 2026]", "[Schrap]")
    found = events_of(await fetch(office, tmp_path, path))
    assert set(found) == {"plan-1@uurwijzer", "moment-16@uurwijzer"}
    assert found["plan-1@uurwijzer"].decoded("dtstart").astimezone(BRUSSELS) == at(2026, 6, 20, 14)
    set_clock(office, at(2026, 6, 20, 18))
    tick(office)
    talk.hear()
    talk.press("Ging door")
    assert set(events_of(await fetch(office, tmp_path, path))) == {"plan-1@uurwijzer", "moment-16@uurwijzer"}
    talk.press("Ongedaan maken")
    assert set(events_of(await fetch(office, tmp_path, path))) == {"moment-16@uurwijzer"}


async def test_an_address_ends_when_she_wants_or_her_access_does_and_says_no_more_than_any_path(office: Office, tmp_path: Any) -> None:
    office.world = replace(office.world, public_url="https://uren.fictief.be")
    talk = office.terminal("K3")
    paths = [address_in(talk.do("/planning", "[In mijn agenda]", label)) for label in ("[Maak een adres]", "[Maak een nieuw adres]")]
    assert (await fetch(office, tmp_path, paths[1])).status_code == 200
    nothing = await fetch(office, tmp_path, "/nergens")
    for path in (paths[0], "/agenda/" + "A" * 26 + ".ics", "/agenda/x.ics", "/agenda/.ics", "/agenda/"):
        wrong = await fetch(office, tmp_path, path)
        assert (wrong.status_code, wrong.content, dict(wrong.headers)) == (404, nothing.content, dict(nothing.headers))

    def suspended(on: date | None) -> Callable[[Connection], Any]:
        return lambda tx: tx.execute(people.update().where(people.c.id == id_of(tx, "K3")).values(suspended_on=on))

    office.run(suspended(NOW.date()))
    assert (await fetch(office, tmp_path, paths[1])).status_code == 404
    office.run(suspended(None))
    assert (await fetch(office, tmp_path, paths[1])).status_code == 200
    talk.do("/planning", "[In mijn agenda]", "[Stop het adres]")
    assert (await fetch(office, tmp_path, paths[1])).status_code == 404
    assert office.run(lambda tx: tx.execute(select(func.count()).select_from(feeds)).scalar_one()) == 0


def test_a_calendar_over_the_change_of_the_clock_shows_the_same_local_hour() -> None:
    stamp = datetime(2026, 6, 15, 7)
    rows = [CalendarRow(f"plan-{day}", datetime(2026, 10, day, hour), datetime(2026, 10, day, hour + 2), stamp, "De Kade", "")
            for day, hour in ((23, 12), (30, 13))]
    found = Calendar.from_ical(make_calendar(rows)).walk("VEVENT")
    assert [each.decoded("dtstart").astimezone(BRUSSELS).hour for each in found] == [14, 14]
    assert make_calendar(rows) == make_calendar(rows)
    assert b"VEVENT" not in make_calendar([])


# --- words ---

FRENCH = """\
Cela a-t-il eu lieu ?
---------------------
Concertation, Maison médicale Les Tilleuls, vendredi 19 juin 2026, 14:00-15:00
Attendus : 2 médecins généralistes

Avec « A eu lieu comme prévu », vous déclarez :
- Il ne s'agissait pas d'un client concret que je suis.
- Cela ne servait pas à organiser une offre unique.
- C'était plus que faire connaissance.
- Si des partenaires du réseau local étaient là, c'était à la demande du lieu d'accroche.
  [a] A eu lieu comme prévu
  [b] Autrement   [c] N'a pas eu lieu"""


def test_in_french(office: Office) -> None:
    talk = office.terminal("K7")
    shown = talk.say("/planning concertation Tilleuls vendredi 14h-15h collaboration, 2 médecins généralistes").replace("\u00a0", " ")
    assert "Planifier : Concertation" in shown
    assert "À l'heure actuelle, c'est possible : 1h." in shown
    talk.press("Confirmer")
    assert "Cela ne compte pas encore dans votre solde." in talk.screen()
    assert "Chaque mois, 3e vendredi" in talk.labels
    set_clock(office, at(2026, 6, 19, 16))
    tick(office)
    shown = office.run(lambda tx: owed_screen(tx, office.world, take(tx, office)))
    assert shown is not None
    assert show(shown).replace("\u00a0", " ") == FRENCH


def take(tx: Connection, office: Office) -> Owed:
    """The one message that is owed."""
    [owed] = take_owed(tx, "terminal", "", office.clock(), timedelta(minutes=1))
    return owed


@pytest.mark.parametrize("engine", ENGINES)
def test_two_ticks_at_once_ask_once(engines: Any, engine: str) -> None:
    from tests.test_races import at_once

    url = engines.with_tables(engine)
    database = Database(url)

    def begin(tx: Connection) -> None:
        town = Town(tx)
        town.plan(town.people[0], at(2026, 6, 16, 10), 60)

    database.run(begin)
    found = at_once(database, [lambda tx: owe_plans(tx, WORLD, at(2026, 6, 16, 12))] * 4)
    assert not any(isinstance(each, Exception) for each in found)
    assert [kind for kind, _ in database.run(asked)] == ["plan"]
    database.close()
    engines.drop(url)


