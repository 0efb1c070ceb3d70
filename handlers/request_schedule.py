"""Requests that wait: reminders after so many working days, then they expire; both sides hear it, once each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers.request_cards import cards_to, local_day, morning, tell_outcome
from handlers.world import World
from rules.belgian_days import days_off
from rules.periods import BRUSSELS
from rules.requests import next_step
from storage import accounts, requests
from storage.instants import as_stored

AT_ONCE = 50


def owe_requests(tx: Connection, world: World, now: datetime) -> bool | None:
    """Remind of the requests that wait, and let the oldest expire (the days: request.nag_workdays, request.expire_workdays).

    After a time down only the newest reminder is sent. Returns True when there may be more to do.
    """
    rows = requests.due_requests(tx, now, AT_ONCE)
    for row in rows:
        _look(tx, world, row, now)
    return len(rows) == AT_ONCE


def _look(tx: Connection, world: World, row: Any, now: datetime) -> None:
    today, asked = now.astimezone(BRUSSELS).date(), local_day(row.asked_at)
    settings = world.books[row.rulebook].on(today)
    due, day, expired = next_step(settings, asked, today, days_off(today.year, "nl").public)
    if expired and now >= morning(day):
        if requests.decide(tx, row.id, requests.EXPIRED, now):
            accounts.add_audit(tx, as_stored(now), "schedule", "request.expired", f"request:{row.id}")
            tell_outcome(tx, row.id, now, asker=True)
            cards_to(tx, row, f"expired:{row.id}", {"told": "request_expired", "request": row.id}, now)
        return
    if due > row.nags:
        if now < morning(today):  # the day has begun, its morning has not
            requests.look_again(tx, row.id, row.nags, morning(today))
            return
        days = settings["request.nag_workdays"][due - 1]
        told = {"told": "request_nag", "request": row.id, "days": days, "left": settings["request.expire_workdays"] - days}
        cards_to(tx, row, f"nag:{row.id}:{due}", told, now, use_until=morning(day), also=True)
    requests.look_again(tx, row.id, due, morning(day))
