"""A planned moment that comes back: how often, until when, on which days; nothing is left out without saying so."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.moment_form import OPROEP_OF_FORM
from handlers.planned import is_holiday, minutes_by_grant, place_of, span_of, what_is_planned
from handlers.receipt import book_of_grant
from handlers.screen import Choice, Event, Question, Screen, Text, say
from handlers.showing import TO_PLANS
from handlers.world import World
from rules.book import NoValueError
from rules.periods import BRUSSELS
from rules.recurring import EVERY, LONGEST, coming_days, month_ends, nth_of_month
from rules.typed import whole
from rules.until import read_until
from storage import directory, fact_reading, plans
from storage.accounts import Session

Rows = tuple[tuple[Choice, ...], ...]
MOST_ENDS = 12
SHOWN_DAYS = 8


def repeat_buttons(row: Any) -> Rows:
    """Let it come back: offered for a plan that stands alone."""
    if row.series is not None or row.state != plans.PLANNED:
        return ()
    day = _day(row)
    week = Choice(say("plans.each_week"), f"plan:every:{row.id}:week")
    two_weeks = Choice(say("plans.each_two_weeks"), f"plan:every:{row.id}:two_weeks")
    month = Choice(say("plans.each_month", nth=nth_of_month(day), day=day), f"plan:every:{row.id}:month")
    return (week, two_weeks), (month,)


def end_series_button(row: Any) -> tuple[Choice, ...]:
    """Drop all that is to come of a series."""
    return (Choice(say("plans.drop_all"), f"plan:dropall:{row.series}"),)


def ask_until(tx: Connection, world: World, session: Session, event: Event, row: Any, every: str) -> Screen:
    """Until when does it come back: as long as the hours run, or to the end of a month before that."""
    if every not in EVERY or not repeat_buttons(row):
        return _as_it_is(tx, world, row)
    last, cause = last_day(tx, world, row)
    days = list(coming_days(_day(row), every, last))
    if not days:
        return Screen(say("plans.no_next", day=last, cause=cause), choices=(_back(row),))
    far = Choice(say("plans.until_last", day=last, cause=cause), f"plan:until:{row.id}:{every}:{last}")
    ends = [each for each in month_ends(_day(row), last) if each >= days[0]][:MOST_ENDS]
    choices = [Choice(say("plans.until", day=each), f"plan:until:{row.id}:{every}:{each}") for each in ends]
    rows = tuple(tuple(choices[at : at + 2]) for at in range(0, len(choices), 2))
    asked = Question(f"until:{row.id}:{every}", back=_back(row)[0].press)
    return Screen(say("plans.ask_until"), (what_is_planned(tx, world, row),), choices=((far,), *rows, _back(row)), question=asked)


def type_until(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    """The last day, typed: "tot eind augustus". None when the plan that it was about does not stand any more."""
    number, _, every = rest.partition(":")
    row = plans.read_plan(tx, session.person or 0, whole(number) or 0)
    if row is None or every not in EVERY or not repeat_buttons(row):
        return None
    until = read_until(event.text, event.today)
    if isinstance(until, date) and any(coming_days(_day(row), every, min(until, last_day(tx, world, row)[0]))):
        return replace(repeat(tx, world, session, event, row, every, until.isoformat()), fresh=True)
    key = "too_soon" if isinstance(until, date) else "until_unclear"
    return replace(ask_until(tx, world, session, event, row, every), problems=(say(f"plans.{key}"),), fresh=True)


def _back(row: Any) -> tuple[Choice, ...]:
    return (Choice(say("card.back"), f"plan:{row.id}"),)


def last_day(tx: Connection, world: World, row: Any) -> tuple[date, str]:
    """The last day on which a plan may come back, and what ends then: grant, rules, contract, or year (none is planned further)."""
    day = _day(row)
    places = directory.read_places(tx, row.person)
    here = [each for each in places if each.value == row.answers.get("place") and each.oproep in OPROEP_OF_FORM[row.form]]
    ends = [(day + LONGEST, "year")]
    runs = _end_of(here, day)
    if runs is not None:
        ends.append((runs, "grant"))
    grant = place_of(places, row)
    book = book_of_grant(tx, world, row.person, grant.grant) if grant is not None else None
    if book is not None and (last := book.last_day()) is not None:
        ends.append((last, "rules"))
    contract = fact_reading.read_person(tx, row.person).contract_to
    if contract is not None:
        ends.append((contract, "contract"))
    return min(ends)


def _end_of(here: list[directory.Place], day: date) -> date | None:
    """The last day of the hours at a place from `day` on, through grants that follow each other; None when they do not end."""
    end = day
    for each in sorted(here, key=lambda place: place.start):
        if each.start <= end + timedelta(days=1) and (each.to is None or each.to > end):
            if each.to is None:
                return None
            end = each.to
    return end


def repeat(tx: Connection, world: World, session: Session, event: Event, row: Any, every: str, until: str) -> Screen:
    """Make the series, once."""
    last, _ = last_day(tx, world, row)
    try:
        end = min(date.fromisoformat(until), last)
    except ValueError:
        return _as_it_is(tx, world, row)
    if every not in EVERY or not repeat_buttons(row):
        return _as_it_is(tx, world, row)
    days = list(coming_days(_day(row), every, end))
    if not days:
        return _as_it_is(tx, world, row)
    number = plans.add_series(tx, row.person, row.id, every, _day(row), end)
    made: list[date] = []
    without: list[date] = []
    twice: list[date] = []
    for day in days:
        answers = {key: given for key, given in row.answers.items() if key != "clock"} | {"day": day.isoformat()}
        span = span_of(answers)
        if span is None:  # the clock goes forward over that hour
            without.append(day)
            continue
        if plans.overlapping(tx, row.person, span, None):
            twice.append(day)
        plans.add_plan(tx, row.person, row.network, row.form, answers, span, event.now, f"series:{number}:{day}", of=number)
        made.append(day)
    said = say("plans.repeated", count=len(made) + 1, every=every)
    body = [what_is_planned(tx, world, row), say("plans.last_time", day=(made or [_day(row)])[-1])]
    holidays = [day for day in (_day(row), *made) if is_holiday(day)]
    for key, found in (("on_holidays", holidays), ("no_such_hour", without), ("beside_others", twice)):
        if found:
            body.append(say(f"plans.{key}", dates=found[:SHOWN_DAYS], more=max(0, len(found) - SHOWN_DAYS)))
    if (much := _too_much(tx, world, row)) is not None:
        body.append(much)
    drop = ((Choice(say("plans.drop_holidays"), f"plan:free:{number}"),),) if holidays else ()
    series = plans.read_plan(tx, row.person, row.id)
    return Screen(said, tuple(body), choices=(*drop, end_series_button(series), *TO_PLANS), notice=said)


def _too_much(tx: Connection, world: World, row: Any) -> Text | None:
    """A warning when more is planned on a grant than it holds now."""
    place = place_of(directory.read_places(tx, row.person), row)
    if place is None:
        return None
    mine = fact_reading.read_grants(tx, row.person)
    grant = next((each for each in mine if each.id == place.grant), None)
    if grant is None:
        return None
    book = book_of_grant(tx, world, row.person, grant.id)
    try:
        left = fact_reading.read_balance(tx, book, grant, row.person, _day(row), mine, fact_reading.read_offers(tx, row.person)).left
    except NoValueError:
        return None
    planned = minutes_by_grant(tx, row.person).get(place.grant, 0)
    return say("plans.too_much", minutes=planned, left=left) if planned > left else None


def drop_holidays(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """Drop what falls on public holidays."""
    rows = plans.plans_of_series(tx, number)
    found = [row for row in rows if is_holiday(_day(row))]
    for row in found:
        plans.end_plan(tx, row.id, plans.DROPPED)
    said = say("plans.dropped_days", dates=[_day(row) for row in found])
    return Screen(said, choices=TO_PLANS, notice=say("plans.dropped_short"))


def ask_drop_all(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """Sure? It is more than one."""
    coming = [row for row in plans.plans_of_series(tx, number) if row.begins.replace(tzinfo=UTC) > event.now]
    if not coming:
        return Screen(say("plans.series_over"), choices=TO_PLANS, notice=say("plans.series_over"))
    choices = ((Choice(say("plans.yes_drop_all"), f"plan:dropsure:{number}"), Choice(say("plans.keep_all"), "plan:list")),)
    asked = Question(yes=f"plan:dropsure:{number}", no="plan:list")
    return Screen(say("plans.drop_sure", count=len(coming)), (what_is_planned(tx, world, coming[0]),), choices=choices, question=asked)


def drop_all(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """Drop what is to come of a series; what ended and waits for her word stays."""
    count = plans.drop_coming(tx, number, event.now)
    said = say("plans.dropped_all", count=count) if count else say("plans.series_over")
    return Screen(said, choices=TO_PLANS, notice=say("plans.dropped_short"))


def _as_it_is(tx: Connection, world: World, row: Any) -> Screen:
    """A button that was pressed before, or is too late: what stands now."""
    stale = say("problems.stale")
    return Screen(what_is_planned(tx, world, row), choices=((Choice(say("plans.view"), f"plan:{row.id}"),), *TO_PLANS), notice=stale)


def _day(row: Any) -> date:
    found: date = row.begins.replace(tzinfo=UTC).astimezone(BRUSSELS).date()
    return found
