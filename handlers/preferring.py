"""/herinneringen: how a person wants to be reminded, her leave, and the buttons under a reminder that put it off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Question, Screen, Text, say
from handlers.world import World
from rules.days_off import DAY
from rules.reminding import KINDS, NEVER, OF_COORDINATORS
from rules.typed import Unclear
from rules.until import Leave, is_back, read_leave
from rules.when import read_clock, read_span
from storage import preferences, reminders, scope
from storage.accounts import Session
from storage.preferences import OWN_RHYTHM, quiet_of
from storage.scope import COORDINATOR, PROVIDER

HOURS = ("07:30", "08:00", "09:00", "10:00", "12:00", "13:00", "16:00", "17:00", "18:00", OWN_RHYTHM)
QUIET = (("18:00", "08:00"), ("20:00", "08:00"), ("21:00", "07:00"), ("22:00", "07:00"))
QUIET_DAYS = ("7", "67", "567", "")
LEAVES = (7, 14, 21, 30)  # days
LONGEST_LEAVE = timedelta(days=366)
SNOOZES = (1, 7, 30, 0)  # days; 0: never again
TO_MAIN = "herinneringen"


def show(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """What is on and off, when nothing is sent, and the leave; a day typed behind the command sets a leave."""
    if event.kind != "press" and event.text.strip():
        return _take_leave(tx, session, event, read_leave(event.text, event.today, asked=True))
    return _main(tx, session, event)


def _main(tx: Connection, session: Session, event: Event, notice: Text | None = None) -> Screen:
    row = preferences.read_preferences(tx, session.person or 0)
    quiet = quiet_of(row)
    today = event.today
    off = frozenset(row.off.split()) if row is not None else frozenset()
    hour = row.hour if row is not None and row.hour else f"{quiet.hour:%H:%M}"
    away = quiet.away_to if quiet.away_to is not None and quiet.away_to >= today else None
    body = (
        say("reminders.when", hour=hour, from_hour=f"{quiet.start:%H:%M}", to_hour=f"{quiet.end:%H:%M}", days=_days(quiet.days)),
        say("reminders.away", start=_ahead(quiet.away_from, today), day=away + DAY) if away is not None else say("reminders.here"),
        say("reminders.press_turns"),
    )
    minds = COORDINATOR in session.roles or bool(scope.stands_in_for(tx, session.person or 0, today))
    kinds = [each for each in KINDS if (minds if each in OF_COORDINATORS else PROVIDER in session.roles)]
    switches = [_switch(each, each not in off) for each in kinds]
    rows = [tuple(switches[start : start + 2]) for start in range(0, len(switches), 2)]
    rows.append((Choice(say("reminders.set_hour"), "prefs:hour"), Choice(say("reminders.set_quiet"), "prefs:quiet")))
    leave = Choice(say("reminders.end_leave"), "away:0") if away is not None else Choice(say("reminders.set_leave"), "prefs:away")
    rows.append((leave, Choice(say("card.back"), "menu")))
    return Screen(say("reminders.preferences"), body, choices=tuple(rows), notice=notice, fresh=event.kind != "press")


def _switch(kind: str, on: bool) -> Choice:
    """What a kind is now; a press turns it over."""
    return Choice(say("reminders.switch", label=say(f"reminders.kind_{kind}"), on=on), f"remind:{kind}:{int(not on)}")


def _days(days: frozenset[int]) -> str:
    return "".join(str(day) for day in sorted(days))


def switch(tx: Connection, world: World, session: Session, event: Event, wanted: str) -> Screen:
    """Switch a kind of reminders on or off, `wanted` as "quota:0"; the same press twice changes nothing."""
    kind, _, state = wanted.partition(":")
    if kind not in KINDS or state not in ("0", "1"):
        return _main(tx, session, event)
    on = state == "1"
    row = preferences.read_preferences(tx, session.person or 0)
    off = set(row.off.split()) if row is not None else set()
    off = off - {kind} if on else off | {kind}
    preferences.change_preferences(tx, session.person or 0, event.now, off=" ".join(each for each in KINDS if each in off))
    return _main(tx, session, event, say("reminders.switch", label=say(f"reminders.kind_{kind}"), on=on))


def ask_hour(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """At what hour?"""
    choices = [Choice(say("reminders.hour", hour=hour), f"hour:{number}") for number, hour in enumerate(HOURS)]
    rows = tuple(tuple(choices[start : start + 3]) for start in range(0, len(choices), 3))
    return Screen(say("reminders.ask_hour"), choices=(*rows, _back()), question=Question("hour", back=TO_MAIN))


def set_hour(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """Her own hour, or the hour at which she tends to register."""
    return _set(tx, session, event, number, HOURS, lambda hour: {"hour": hour})


def type_hour(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Her own hour, typed."""
    hour = read_clock(event.text)
    if isinstance(hour, Unclear):
        return replace(ask_hour(tx, world, session, event), problems=(_unclear(hour, "hour"),), fresh=True)
    return _keep(tx, session, event, {"hour": f"{hour:%H:%M}"})


def ask_quiet(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """From when until when, and on which days, is nothing sent?"""
    hours = tuple(
        (Choice(say("reminders.quiet", from_hour=start, to_hour=end), f"quiet:{number}"),) for number, (start, end) in enumerate(QUIET)
    )
    days = tuple(Choice(say("reminders.quiet_days", days=days), f"quietdays:{number}") for number, days in enumerate(QUIET_DAYS))
    return Screen(say("reminders.ask_quiet"), choices=(*hours, days[:2], days[2:], _back()), question=Question("quiet", back=TO_MAIN))


def set_quiet(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """The quiet hours."""
    return _set(tx, session, event, number, QUIET, lambda hours: {"quiet_from": hours[0], "quiet_to": hours[1]})


def type_quiet(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The quiet hours, typed: "21u-7u"."""
    span = read_span(event.text)
    if isinstance(span, Unclear):
        return replace(ask_quiet(tx, world, session, event), problems=(_unclear(span, "quiet"),), fresh=True)
    return _keep(tx, session, event, {"quiet_from": f"{span.start:%H:%M}", "quiet_to": f"{span.end:%H:%M}"})


def _unclear(found: Unclear, about: str) -> Text:
    """What is asked about a typed hour that has more than one reading, or none."""
    return say(f"problems.{found.reason}", options=found.options) if found.options else say("reminders.typed_unclear", about=about)


def _keep(tx: Connection, session: Session, event: Event, values: dict[str, Any]) -> Screen:
    """Keep what was typed, and say so above what holds now."""
    preferences.change_preferences(tx, session.person or 0, event.now, **values)
    found = _main(tx, session, event)
    return replace(found, body=(say("reminders.kept"), *found.body))


def set_quiet_days(tx: Connection, world: World, session: Session, event: Event, number: int) -> Screen:
    """The days on which nothing is sent."""
    return _set(tx, session, event, number, QUIET_DAYS, lambda days: {"quiet_days": days})


def _set(
    tx: Connection, session: Session, event: Event, number: int, options: tuple[Any, ...], values: Callable[[Any], dict[str, Any]]
) -> Screen:
    if not 0 <= number < len(options):
        return _main(tx, session, event)
    preferences.change_preferences(tx, session.person or 0, event.now, **values(options[number]))
    return _main(tx, session, event, say("reminders.kept"))


def ask_leave(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """Until when is she not there? By button, or typed."""
    today = event.today
    choices = [Choice(say("reminders.back_on", day=today + timedelta(days=days)), f"away:{days}") for days in LEAVES]
    return Screen(
        say("reminders.ask_leave"), (say("reminders.leave_typed"),), choices=(*((each,) for each in choices), _back()),
        question=Question("leave", back=TO_MAIN),
    )  # fmt: skip


def set_leave(tx: Connection, world: World, session: Session, event: Event, days: int) -> Screen:
    """On leave from today for so many days; 0: she is back."""
    today = event.today
    if days == 0:
        row = preferences.read_preferences(tx, session.person or 0)
        if row is not None and row.away_to is not None and row.away_to >= today:
            _keep_leave(tx, session, event, row.away_from if row.away_from < today else None, today - DAY)
        return _main(tx, session, event, say("reminders.kept"))
    if days not in LEAVES:
        return _main(tx, session, event)
    return _away(tx, session, event, today, today + timedelta(days=days))


def typed_leave(tx: Connection, world: World, session: Session, event: Event) -> Screen | None:
    """A leave told in words, "ik ben er niet tot 15 augustus", or that it is over; None when the text says nothing of the kind."""
    if is_back(event.text):
        settings = set_leave(tx, world, session, event, 0)
        return replace(settings, body=(say("reminders.kept"), *settings.body), fresh=True)
    found = read_leave(event.text, event.today)
    return _take_leave(tx, session, event, found) if found is not None else None


def type_leave(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """When she is back, or from when until when she is away, typed under the question."""
    return _take_leave(tx, session, event, read_leave(event.text, event.today, asked=True))


def _take_leave(tx: Connection, session: Session, event: Event, found: Leave | Unclear | None) -> Screen:
    """Keep a leave that was typed; what is no leave within a year is asked again."""
    today = event.today
    if not isinstance(found, Leave) or not today <= found.start < found.back <= today + LONGEST_LEAVE:
        asks = say("reminders.away_unclear")
        choices = ((Choice(say("reminders.set_leave"), "prefs:away"),), _back())
        return Screen(asks, choices=choices, fresh=True, question=Question("leave", back=TO_MAIN))
    return replace(_away(tx, session, event, found.start, found.back), fresh=True)


def _away(tx: Connection, session: Session, event: Event, start: date, back: date) -> Screen:
    row = preferences.read_preferences(tx, session.person or 0)
    told = (row.away_from, row.away_to) if row is not None and row.away_to is not None and row.away_to >= event.today else None
    _keep_leave(tx, session, event, start, back - DAY)
    choices = ((Choice(say("reminders.end_leave"), "away:0"), Choice(say("reminders.settings"), TO_MAIN)),)
    body = (say("reminders.away_instead"),) if told not in (None, (start, back - DAY)) else ()
    return Screen(say("reminders.away_set", start=_ahead(start, event.today), day=back), body, choices=choices)


def _ahead(start: date | None, today: date) -> date | None:
    """The first day of a leave that has not begun."""
    return start if start is not None and start > today else None


def _keep_leave(tx: Connection, session: Session, event: Event, start: date | None, last: date) -> None:
    values = {"away_from": start, "away_to": last if start is not None else None}
    preferences.change_preferences(tx, session.person or 0, event.now, **values)


def ask_later(tx: Connection, world: World, session: Session, event: Event, reminder: int) -> Screen:
    """Put off until when? Or never again, or nothing of this kind any more."""
    row = reminders.read_reminder(tx, session.person or 0, reminder)
    if row is None:
        return Screen(say("reminders.gone"), notice=say("reminders.gone"))
    days = [Choice(say("reminders.snooze", days=days), f"snooze:{reminder}:{days}") for days in SNOOZES]
    off = Choice(say("reminders.never_kind", label=say(f"reminders.kind_{row.kind}")), f"remind:{row.kind}:0")
    return Screen(say("reminders.ask_later"), choices=(tuple(days[:2]), tuple(days[2:]), (off,)), fresh=True, question=Question())


def snooze(tx: Connection, world: World, session: Session, event: Event, reminder: int, days: int) -> Screen:
    """Say it again after so many days, if it is still true then; 0: never."""
    row = reminders.read_reminder(tx, session.person or 0, reminder)
    if row is None or days not in SNOOZES:
        return Screen(say("reminders.gone"), notice=say("reminders.gone"))
    until = event.today + timedelta(days=days) if days else NEVER
    reminders.put_off(tx, reminder, until)
    return Screen(say("reminders.put_off", day=until) if days else say("reminders.dropped"))


def _back() -> tuple[Choice, ...]:
    return (Choice(say("card.back"), TO_MAIN),)
