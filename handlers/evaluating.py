"""The yearly evaluation of a collaboration: a provider says that it was done, a coordinator sees which are late (O3-09)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import audit
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError, Settings
from rules.eligibility import callback_hours, evaluation_due, needs_evaluation
from rules.facts import Agreement, Id
from storage import accounts, directory, evaluations, fact_reading, reminders
from storage.accounts import Session
from storage.scope import may

DAYS_AGO = (0, 1, 2, 7, 14, 30)
MOST_SHOWN = 40
_BACK = ((Choice(say("card.back"), "menu"),),)


def due_of(settings: Settings, row: Any) -> date:
    """The first day on which the evaluation of this collaboration is late (O3-09)."""
    return evaluation_due(settings, row.start, row.evaluated_on)


def is_late(settings: Settings, row: Any, today: date) -> bool:
    """Whether the evaluation of this collaboration should have been done, also when it ended without (O3-09)."""
    due = due_of(settings, row)
    return due <= today and needs_evaluation(due, row.to)


def ask_when(tx: Connection, world: World, session: Session, event: Event, agreement: int) -> Screen:
    """The evaluation was done: on which day?"""
    row = evaluations.own_agreement(tx, session.person or 0, agreement)
    today = event.today
    if row is None or not may(tx, session, "evaluation.note", today, person=row.person):
        return _gone()
    days = [Choice(_day_words(ago, today), f"evaluatedon:{agreement}:{ago}") for ago in DAYS_AGO]
    return Screen(
        say("reminders.evaluated_when", place=row.partner_name),
        (*_done(tx, [row])[row.id], *_promised(tx, world, row, today)),
        choices=(*(tuple(days[start : start + 2]) for start in range(0, len(days), 2)), *_BACK),
        fresh=True,
    )


def _day_words(ago: int, today: date) -> Any:
    return say(f"card.day_{ago}") if ago < 3 else say("card.day", day=today - timedelta(days=ago))


def note_evaluation(tx: Connection, world: World, session: Session, event: Event, agreement: int, ago: int) -> Screen:
    """Keep the day of the evaluation; it counts a year from there."""
    row = evaluations.own_agreement(tx, session.person or 0, agreement)
    today = event.today
    if row is None or ago not in DAYS_AGO or not may(tx, session, "evaluation.note", today, person=row.person):
        return _gone()
    day = today - timedelta(days=ago)
    if day < row.start:
        return Screen(say("reminders.evaluated_early", place=row.partner_name, start=row.start), choices=_BACK)
    evaluations.set_evaluated(tx, agreement, day)
    audit(tx, session, event, "evaluation.note", f"agreement:{agreement}", day.isoformat())
    return Screen(say("reminders.evaluated", place=row.partner_name, day=day), choices=((Choice(say("balances.register"), "menu"),),))


def show_late(tx: Connection, world: World, session: Session, event: Event, network: int) -> Screen:
    """The collaborations of a network whose evaluation is late, for who coordinates it."""
    today = event.today
    if not may(tx, session, "evaluation.view", today, network=network):
        return _gone()
    row = directory.read_network(tx, network)
    try:
        settings = world.book(row).on(today)
        running = reminders.collaborations_in(tx, [network], today).get(network, [])
        late = [(due_of(settings, each), each) for each in running if is_late(settings, each, today)]
    except NoValueError:
        late = []
    shown = sorted(late, key=lambda pair: (pair[0], pair[1].id))
    audit(tx, session, event, "evaluation.view", f"network:{network}")
    if not shown:
        return Screen(say("reminders.none_late", network=row.name), fresh=True, private=True)
    done = _done(tx, [each for _, each in shown[:MOST_SHOWN]])
    lines = [
        line
        for due, each in shown[:MOST_SHOWN]
        for line in (say("reminders.late_one", place=each.partner_name, name=f"{each.first_name} {each.name}", day=due), *done[each.id])
    ]
    return Screen(say("reminders.late_title", network=row.name, count=len(shown)), tuple(lines), fresh=True, private=True)


def _done(tx: Connection, rows: Sequence[Any]) -> dict[Id, list[Text]]:
    """Per collaboration a line with the hours since the last evaluation beside the least that was agreed, if any (O3-10, A-29)."""
    minutes = evaluations.minutes_done(tx, [each.id for each in rows])
    return {
        each.id: [
            say("reminders.done_of_least", since=each.evaluated_on or each.start, done=minutes[each.id], least=each.minimum_minutes)
        ] if each.minimum_minutes else []
        for each in rows
    }


def minutes_short(tx: Connection, rows: Sequence[Any]) -> dict[Id, int]:
    """Per collaboration with a least number of hours the minutes of it that were not done since the last evaluation (O3-10, A-29)."""
    agreed = [each for each in rows if each.minimum_minutes]
    done = evaluations.minutes_done(tx, [each.id for each in agreed])
    return {each.id: max(0, each.minimum_minutes - done[each.id]) for each in agreed}


def promise_of(settings: Settings, agreement: Agreement) -> list[Text]:
    """Within how many hours she calls back, as a line; nothing when that was not agreed (O3-19, A-41)."""
    hours = callback_hours(settings, agreement)
    return [say("reminders.callback", hours=hours)] if hours else []


def _promised(tx: Connection, world: World, row: Any, today: date) -> list[Text]:
    networks = accounts.networks_of(tx, row.person)
    try:
        return promise_of(world.book(networks[0]).on(today), fact_reading.read_agreement(tx, row.id)) if networks else []
    except NoValueError:
        return []


def _gone() -> Screen:
    return Screen(say("reminders.gone"), notice=say("reminders.gone"))
