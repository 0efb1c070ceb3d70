"""/saldo: every balance of a person: used, left, a plain bar, the remainder to the next whole hour, what ends soon."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError
from rules.ledger import Balance
from rules.periods import BRUSSELS, FAR
from storage import accounts, directory, ledger
from storage.accounts import Session

SOON = timedelta(days=60)


def show_balances(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The balances of today, the grants that run now; the ones that ended within the last year after them in short."""
    today = event.now.astimezone(BRUSSELS).date()
    person = session.person or 0
    mine, offers = ledger.read_grants(tx, person), ledger.read_offers(tx, person)
    places = {place.grant: place for place in reversed(directory.read_places(tx, person))}
    networks = {row.id: row for row in accounts.networks_of(tx, person)}
    if not mine or not networks:
        return Screen(say("balances.none"), fresh=True)
    first = next(iter(networks.values()))
    body: list[Text] = []
    coming: list[Text] = []
    for grant in sorted(mine, key=lambda each: (each.oproep, str(each.id))):
        place = places[int(grant.id)]
        if not grant.covers(today):
            if grant.start > today:
                coming.append(say("balances.coming", oproep=grant.oproep, place=place.name, start=grant.start))
            continue
        row = networks.get(place.network or 0)
        row = row or (directory.read_network(tx, place.network) if place.network else first)
        book = world.book(row)
        try:
            found = ledger.read_balance(tx, book, grant, person, today, mine, offers)
        except NoValueError:
            body.append(say("balances.no_rules", oproep=grant.oproep, place=place.name))
            continue
        body.append(
            say(
                "balances.grant",
                oproep=grant.oproep,
                place=place.name,
                used=found.used,
                limit=_whole(found),
                left=found.left,
                pooled=found.pooled,
                hours=found.hours.hours,
                preparations=found.hours.preparations,
                rest=found.hours.rest,
                missing=60 - found.hours.rest if found.hours.rest else 0,
                exception=grant.exception is not None,
                network=row.name if len(networks) > 1 else "",
            )
        )
        body += _ends(found, today, book.last_day())
    lines = body or [say("balances.nothing_runs")]
    choices = ((Choice(say("balances.overview"), "overzicht:0"), Choice(say("balances.register"), "menu")),)
    return Screen(say("balances.title", day=today), (*lines, *coming), choices=choices, fresh=True, language=session.language or "nl")


def _whole(found: Balance) -> int:
    """What used and left make together on the day: lapsed bonus does not count as available (DRV-14)."""
    return found.used + found.left


def _ends(found: Balance, today: date, last_day: date | None) -> Sequence[Text]:
    """The bonus, the period or the convention that ends within 60 days with hours unused or a remainder open (DRV-14)."""
    lines = []
    window = found.bonus_window
    if found.bonus_left and window is not None and today in window and window.end - today <= SOON:
        lines.append(say("balances.bonus_ends", minutes=found.bonus_left, day=window.last_day))
    end = min(found.billing.end, found.period.end) if found.period.end > today + timedelta(days=1) else found.billing.end
    last = end - timedelta(days=1) if end != FAR else None
    if last_day is not None and (last is None or last_day < last):
        if last_day - today <= SOON and (found.left or found.hours.rest):
            lines.append(say("balances.rules_end", day=last_day))
    elif last is not None and last - today <= SOON and (found.left or found.hours.rest):
        lines.append(say("balances.period_ends", day=last, left=found.left, rest=found.hours.rest))
    return lines
