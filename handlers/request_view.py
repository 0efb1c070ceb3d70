"""Bekijk: what a coordinator needs to decide a request, in private: balance, pace, motive, earlier requests."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.request_cards import about, local_day, outcome_lines, rule_words, title_of
from handlers.request_form import KNOWN
from handlers.screen import Screen, Text, say
from handlers.world import World
from rules.book import NoValueError, Rulebook
from rules.facts import Grant
from rules.periods import BRUSSELS, add_months
from rules.requests import HOURS, REOPEN
from storage import directory, fact_reading, requests

PACE = 3  # whole months before this one


def view(tx: Connection, world: World, request: Any, now: datetime, language: str) -> Screen:
    """The facts around a request, for one who reads `language`. `request` is its row with the names."""
    today = now.astimezone(BRUSSELS).date()
    book = world.book(directory.read_network(tx, request.network))
    body: list[Text] = [say("requests.asks", name=f"{request.first_name} {request.name}", network=request.network_name), *about(request)]
    body += [*_sector(book, request, today), *_renewed(tx, request)]
    body += rule_words(tx, world, request, language)
    body += _declared(request.answers)
    if request.motive:
        body.append(say("requests.motive", motive=request.motive))
    if request.kind != REOPEN:
        body += _balance(tx, book, request, today)
        body += _pace(tx, request.person, request.oproep, today)
    earlier = [each for each in requests.own_requests(tx, request.person, 6) if each.id != request.id]
    body.append(say("requests.earlier", count=len(earlier)))
    body += [
        say("requests.row", request=each.id, what=title_of(each), state=each.state, day=local_day(each.asked_at)) for each in earlier[:5]
    ]
    said = outcome_lines(request) if request.state != requests.WAITING else (say("requests.asked_on", day=local_day(request.asked_at)),)
    return Screen(say("requests.one", request=request.id), tuple(body), said)


def _sector(book: Rulebook, request: Any, today: date) -> list[Text]:
    """The sector of the place, where the network wants it seen (A-24)."""
    try:
        shown = book.on(today)["sector_rules"].get(request.place_kind) == "show"
    except NoValueError:
        return []
    return [say("requests.sector", kind=request.place_kind)] if shown else []


def _renewed(tx: Connection, request: Any) -> list[Text]:
    """A collaboration with the same partner that began less than twelve months before: its hours were for that year (A-44)."""
    begun = requests.earlier_agreement(tx, request.person, request.agreement) if request.kind == HOURS and request.agreement else None
    return [say("requests.renewed", start=begun.start, end=begun.to)] if begun is not None else []


def _declared(answers: dict[str, str]) -> list[Text]:
    statements = [key for key, value in answers.items() if key.startswith("declared") and value == "yes"]
    lines = [say("requests.declared")] if statements else []
    if answers.get("offer", KNOWN) != KNOWN:
        lines.append(say("requests.attested", offer=answers["offer"]))
    return lines


def _balance(tx: Connection, book: Rulebook, request: Any, today: date) -> list[Text]:
    grant = _grant_at(tx, request, today)
    if grant is None:
        return [say("requests.no_grant_yet")]
    person = request.person if request.person in grant.persons else grant.persons[0]
    try:
        mine, offers = fact_reading.read_grants(tx, person), fact_reading.read_offers(tx, person)
        found = fact_reading.read_balance(tx, book, grant, person, today, mine, offers)
    except NoValueError:
        return []
    return [say("requests.balance", used=found.used, limit=found.used + found.left, left=found.left, pooled=len(grant.persons),
                end=found.period.last_day)]  # fmt: skip


def _grant_at(tx: Connection, request: Any, today: date) -> Grant | None:
    """The grant that the request is about, or that runs at its place already."""
    mine = fact_reading.read_grants(tx, request.person)
    if request.grant is not None:
        return next((each for each in mine if each.id == request.grant), None)
    if request.oproep == "O2":
        return requests.pool_at(tx, request.site, today)
    return None


def _pace(tx: Connection, person: int, oproep: str, today: date) -> list[Text]:
    since = add_months(today.replace(day=1), -PACE)
    months = dict(requests.minutes_by_month(tx, person, oproep, since))
    shown = [(add_months(since, number), months.get(add_months(since, number), 0)) for number in range(PACE + 1)]
    count = requests.count_moments(tx, person, oproep, since)
    months_ago = (say("requests.month", month=month, minutes=minutes) for month, minutes in shown)
    return [say("requests.history", count=count, oproep=oproep, since=since), *months_ago]
