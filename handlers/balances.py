"""/saldo: every balance of a person: used, left, a plain bar, the remainder to the next whole hour, what ends soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.attesting import ask_anew
from handlers.evaluating import promise_of
from handlers.planned import minutes_by_grant
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError, Rulebook
from rules.endings import endings
from rules.facts import Agreement, Grant, Offer
from rules.ledger import Balance
from storage import accounts, directory, fact_reading
from storage.accounts import Session
from storage.directory import Place


@dataclass(frozen=True)
class Running:
    """A grant that runs today, with its place, the network and rulebook that it stands under, and its balance; None when the rules
    say nothing of today. `planned`: minutes that are planned on it and not booked yet. `agreement`: the collaboration of oproep 3."""

    grant: Grant
    place: Place
    network: Any
    book: Rulebook
    balance: Balance | None
    planned: int
    agreement: Agreement | None = None


def running(tx: Connection, world: World, person: int, today: date) -> list[Running]:
    """The grants of a person that run today, by oproep."""
    mine, offers = fact_reading.read_grants(tx, person), fact_reading.read_offers(tx, person)
    places = _places(tx, person)
    networks = {row.id: row for row in accounts.networks_of(tx, person)}
    planned = minutes_by_grant(tx, person)
    found = []
    for grant in sorted(mine, key=lambda each: (each.oproep, str(each.id))):
        if not networks or not grant.covers(today):
            continue
        place = places[int(grant.id)]
        row = networks.get(place.network or 0)
        row = row or directory.read_network(tx, place.network or min(networks))
        book = world.book(row)
        try:
            balance = fact_reading.read_balance(tx, book, grant, person, today, mine, offers)
        except NoValueError:
            balance = None
        agreement = fact_reading.read_agreement(tx, grant.agreement) if grant.agreement is not None else None
        found.append(Running(grant, place, row, book, balance, planned.get(int(grant.id), 0), agreement))
    return found


def _places(tx: Connection, person: int) -> dict[int, Place]:
    """Her places by grant."""
    return {place.grant: place for place in reversed(directory.read_places(tx, person))}


def lines_of(each: Running, today: date, *, several: bool) -> tuple[Text, ...]:
    """What is said of a grant: used, left, the remainder to the next whole hour, what ends soon; `several`: name the network."""
    found = each.balance
    if found is None:
        return (say("balances.no_rules", oproep=each.grant.oproep, place=each.place.name),)
    said = say(
        "balances.grant",
        oproep=each.grant.oproep,
        place=each.place.name,
        used=found.used,
        limit=whole_of(found),
        left=found.left,
        planned=each.planned,
        pooled=found.pooled,
        hours=found.hours.hours,
        preparations=found.hours.preparations,
        rest=found.hours.rest,
        missing=60 - found.hours.rest if found.hours.rest else 0,
        exception=each.grant.exception is not None,
        network=each.network.name if several else "",
    )
    promised = promise_of(each.book.on(today), each.agreement) if each.agreement is not None else ()
    return (said, *_ends(each.book, found, today), *promised)


def show_balances(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The balances of today, the grants that run now; the ones that ended within the last year after them in short."""
    today, person = event.today, session.person or 0
    mine, networks = fact_reading.read_grants(tx, person), accounts.networks_of(tx, person)
    if not mine or not networks:
        return Screen(say("balances.none"), fresh=True)
    now = running(tx, world, person, today)
    found = [line for each in now for line in lines_of(each, today, several=len(networks) > 1)]
    lines = found or [say("balances.nothing_runs")]
    coming = _coming(tx, person, [grant for grant in mine if grant.start > today])
    asked = _to_attest(now, fact_reading.read_offers(tx, person), today)
    choices = (*asked.values(), (Choice(say("balances.overview"), "overzicht:0"), Choice(say("balances.register"), "menu")))
    body = [*lines, *coming, *asked]
    return Screen(say("balances.title", day=today), tuple(body), choices=choices, fresh=True, language=session.language or "nl")


def _coming(tx: Connection, person: int, later: list[Grant]) -> list[Text]:
    """A line for each grant that has yet to start, by oproep."""
    if not later:
        return []
    places = _places(tx, person)
    later.sort(key=lambda each: (each.oproep, str(each.id)))
    return [say("balances.coming", oproep=each.oproep, place=places[int(each.id)].name, start=each.start) for each in later]


def _to_attest(now: Sequence[Running], offers: Sequence[Offer], today: date) -> dict[Text, tuple[Choice, ...]]:
    """What she must attest anew about an offer where hours run (A-22, A-42): a line and its buttons, once a place."""
    found: dict[Any, tuple[Text, tuple[Choice, ...]]] = {}
    for each in now:
        offer = next((offer for offer in offers if each.balance is not None and offer.site == each.grant.site), None)
        asked = ask_anew(each.book.on(today), each.grant.oproep, offer, each.place.name, today) if offer is not None else None
        if asked is not None:
            found.setdefault(each.grant.site, asked)
    return dict(found.values())


def whole_of(found: Balance) -> int:
    """What used and left make together on the day: lapsed bonus does not count as available (DRV-14)."""
    return found.used + found.left


def _ends(book: Rulebook, found: Balance, today: date) -> Sequence[Text]:
    """The bonus, the period or the convention that ends within 60 days with hours unused or a remainder open (DRV-14)."""
    lines = []
    for end in endings(book.on(today), found, today, rules_to=book.last_day()):
        if end.kind == "bonus":
            lines.append(say("balances.bonus_ends", minutes=end.left, day=end.last))
        elif end.kind == "rules":
            lines.append(say("balances.rules_end", day=end.last))
        else:
            lines.append(say("balances.period_ends", day=end.last, left=end.left, rest=end.rest))
    return lines
