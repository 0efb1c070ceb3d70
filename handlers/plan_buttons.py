"""The buttons of planned moments: "plan:" with what to do and with which plan or series; who may is checked at each press."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers import afterwards, calendar_feed, planning, repeating
from handlers.screen import Event, Screen
from handlers.world import World
from rules.typed import whole
from storage import plans
from storage.accounts import Session

OfPlan = Callable[[Connection, World, Session, Event, Any], Screen]
OfSeries = Callable[[Connection, World, Session, Event, int], Screen]
Alone = Callable[[Connection, World, Session, Event, str], Screen]

PLANS: Mapping[str, OfPlan] = {
    "went": afterwards.went,
    "other": afterwards.otherwise,
    "not": afterwards.not_held,
    "back": afterwards.take_back,
    "drop": planning.drop,
    "move": planning.move,
}
SERIES: Mapping[str, OfSeries] = {
    "free": repeating.drop_holidays,
    "dropall": repeating.ask_drop_all,
    "dropsure": repeating.drop_all,
}
ALONE: Mapping[str, Alone] = {
    "list": lambda tx, world, session, event, value: planning.list_page(tx, world, session, event, whole(value) or 0),
    "new": planning.ask_form,
    "form": planning.open_form,
    "feed": calendar_feed.show_feed,
    "feednew": calendar_feed.make_feed,
    "feedoff": calendar_feed.end_feed,
}


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button about plans."""
    if not planning.may_plan(tx, session, event):
        return planning.gone()
    verb, _, value = rest.partition(":")
    number, *more = value.split(":", 2)
    if verb in ALONE:
        return ALONE[verb](tx, world, session, event, value)
    person = session.person or 0
    if verb in SERIES:
        found = plans.read_series(tx, person, whole(number) or 0)
        return SERIES[verb](tx, world, session, event, found.id) if found is not None else planning.gone()
    row = plans.read_plan(tx, person, whole(verb) or whole(number) or 0)
    if row is None:
        return planning.gone()
    if whole(verb) is not None:
        shown = afterwards.show_one(tx, world, session, event, row)
        return replace(shown, fresh=row.state == plans.PLANNED and planning.ended(row, event))
    if verb in PLANS:
        return PLANS[verb](tx, world, session, event, row)
    if verb == "every" and len(more) == 1:
        return repeating.ask_until(tx, world, session, event, row, more[0])
    if verb == "until" and len(more) == 2:
        return repeating.repeat(tx, world, session, event, row, more[0], more[1])
    return planning.gone()
