"""A provider's own week in a few lines: what she registered, and of each grant what is left; for one person or for thousands."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Screen, Text, say
from handlers.world import World
from rules.endings import endings
from rules.facts import Id
from rules.ledger import Balance
from rules.weeks import Week, week_of
from storage import weekly
from storage.balances import balances_of_many
from storage.holdings import CHUNK, Held

Mine = list[tuple[Held, Balance]]  # what a person holds, and how it stands


def personal_weeks(tx: Connection, world: World, people: Iterable[Id], today: date) -> Iterator[tuple[Id, Screen]]:
    """The week so far of each person, in one pass whatever their number; people without a grant that runs get no balances."""
    week = week_of(today)
    found = balances_of_many(tx, world.books, people, today)
    for chunk in _chunks(found):
        done = weekly.read_weeks_of(tx, [person for person, _ in chunk], week.first, today)
        for person, mine in chunk:
            yield person, personal_week(week, today, mine, *done.get(person, (0, 0)))


def personal_week(week: Week, today: date, mine: Mine, moments: int, minutes: int) -> Screen:
    """One person's week: how many moments and minutes, then a line for each grant with used, left and remainder, and what ends."""
    lines: list[dict[str, Any]] = []
    for each, found in mine:
        ends = endings(each.book.on(today), found, today, rules_to=each.book.last_day(), agreement_to=each.agreement_to)
        rest = found.hours.rest
        lines.append({
            "oproep": found.grant.oproep, "place": each.place, "used": found.used, "limit": found.used + found.left,
            "left": found.left, "pooled": found.pooled, "rest": rest, "missing": 60 - rest if rest else 0,
            "ends": min((end.last for end in ends if end.lost), default=None),
        })  # fmt: skip
    body: Text = say("summary.personal", moments=moments, minutes=minutes, lines=lines)
    return Screen(say("summary.personal_title", number=week.number, start=week.first, end=week.last), (body,), fresh=True)


def _chunks(found: Iterable[tuple[Id, Mine]]) -> Iterator[list[tuple[Id, Mine]]]:
    chunk: list[tuple[Id, Mine]] = []
    for each in found:
        chunk.append(each)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
