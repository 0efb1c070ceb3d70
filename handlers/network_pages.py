"""What a coordinator's pages show: her network against its pace, the requests that wait, the moments behind the figures; each look at
others' hours on the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.card import reason
from handlers.coordinating import audit, networks_for
from handlers.overview import moment_lines
from handlers.pages import Bar, Moments, moments_of, read_filter
from handlers.registering import stored_findings
from handlers.request_cards import buttons, title_of
from handlers.screen import Choice, Event, Text, say
from handlers.summary_figures import NEAR, Budget, Burn, add_up
from handlers.world import World
from rules.weeks import week_of
from storage import directory, page_rows, requests, scope, weekly
from storage.accounts import Session

LOOK_BACK = 12  # weeks of refusals
WAITING = 100  # requests: far more than ever wait
VIEW, VIEW_PERSON = "network.view", "person.view"


@dataclass(frozen=True)
class Dashboard:
    """A network as its coordinator sees it today."""

    network: Any
    networks: tuple[tuple[int, str, int], ...]  # number, name, how many requests wait there
    oproepen: tuple[Bar, ...]  # with all of them together, where there are several
    places: tuple[Bar, ...]
    near: tuple[Bar, ...]
    waiting: tuple[tuple[Text, tuple[Choice, ...]], ...]
    refusals: tuple[tuple[str, int, str], ...]
    since: date
    exports: tuple[Choice, ...]  # of the week that ended, and of this one so far


def coordinates(tx: Connection, session: Session, event: Event) -> bool:
    """Whether there is a network whose dashboard this person may see."""
    reach = scope.networks_in_reach(tx, session, VIEW, event.today)
    return bool(directory.all_networks(tx)) if reach is None else bool(reach)


def dashboard(tx: Connection, world: World, session: Session, event: Event, network: int | None, language: str) -> Dashboard | None:
    """A network's dashboard, the first that she may see without a number; None when it is not hers to see, or not there."""
    mine = networks_for(tx, session, event, VIEW)
    row = next((each for each in mine if network in (None, each.id)), None)
    today = event.today
    if row is None:
        return None
    week = week_of(today)
    money = add_up(tx, world, row.id, week, today)
    names = {each.id: f"{each.first_name} {each.name}" for each in requests.people_of(tx, row.id)}
    places = tuple(_budget_bar(each, names) for each in sorted(money.budgets, key=lambda each: (each["oproep"], each["place"])))
    near = sorted((each for each in places if each.whole and each.used * 100 >= NEAR * each.whole), key=lambda each: -each.percent)
    since = week.back(LOOK_BACK - 1).first
    book, settings = world.book(row), world.book(row).on(today)
    refused = tuple(
        (rule, count, book.rules[rule].on(settings, language) if rule in book.rules else "")
        for rule, count in weekly.count_refused(tx, row.id, since, today)
    )
    may_export = scope.may(tx, session, "summary.export", today, network=row.id)
    waiting = _waiting(tx, session, event)
    audit(tx, session, event, VIEW, f"network:{row.key}", None)
    return Dashboard(
        row, tuple((each.id, each.name, sum(at == each.id for at, _, _ in waiting)) for each in mine),
        _burn_bars(tuple(money.burn.values())), places, tuple(near),
        tuple((said, choices) for at, said, choices in waiting if at == row.id), refused, since,
        tuple(Choice(say("pages.export", number=each.number), f"excel:{row.id}:{each}") for each in (week.back(), week) if may_export),
    )  # fmt: skip


def _burn_bars(burns: Sequence[Burn]) -> tuple[Bar, ...]:
    bars = tuple(
        Bar(say("pages.budget", oproep=each["oproep"], place=""), each["used"], each["granted"], each["granted"] - each["used"],
            each["expected"], place=f"oproep={each['oproep']}")
        for each in burns
    )  # fmt: skip
    if len(bars) < 2:
        return bars
    used, whole = sum(each.used for each in bars), sum(each.whole for each in bars)
    paces = [each.pace for each in bars if each.pace is not None]
    return (Bar(say("pages.whole_network"), used, whole, whole - used, sum(paces) if len(paces) == len(bars) else None), *bars)


def _budget_bar(budget: Budget, names: Mapping[int, str]) -> Bar:
    """A budget, with its person where it is hers alone."""
    person = "" if budget["shared"] else names.get(int(budget["person"]), "")
    label = say("pages.budget", oproep=budget["oproep"], place=", ".join(filter(None, (budget["place"], person))))
    seen = f"oproep={budget['oproep']}"
    seen += f"&plaats={budget['at']}" if budget["at"] else ""
    seen += "" if budget["shared"] else f"&verstrekker={budget['person']}"
    return Bar(label, budget["used"], budget["granted"], budget["left"], budget["expected"], place=seen)


def _waiting(tx: Connection, session: Session, event: Event) -> list[tuple[int, Text, tuple[Choice, ...]]]:
    """The requests that wait in her networks, oldest first: the network, the words, the buttons."""
    reach = scope.networks_in_reach(tx, session, "request.view", event.today)
    return [
        (
            row.network,
            say("requests.waiting_row", request=row.id, name=f"{row.first_name} {row.name}", what=title_of(row)),
            tuple(choice for line in buttons(row.id) for choice in line),
        )
        for row in requests.waiting_requests(tx, reach, WAITING)
    ]


def network_moments(
    tx: Connection, world: World, session: Session, event: Event, network: int, given: Mapping[str, str]
) -> tuple[Any, Moments] | None:
    """The moments of a network behind its figures, without what was typed in them; None when they are not hers to see."""
    if not scope.may(tx, session, VIEW_PERSON, event.today, network=network):
        return None
    row = next((each for each in directory.all_networks(tx) if each.id == network), None)
    if row is None:
        return None
    people = tuple((int(each.id), f"{each.first_name} {each.name}") for each in page_rows.providers_in(tx, network))
    wanted = replace(read_filter(given), network=network)
    if wanted.person not in {number for number, _ in people}:
        wanted = replace(wanted, person=None)
    sites = tuple((f"s{each.id}", each.name) for each in requests.sites_of(tx, network))
    partners = tuple(
        (f"a{each.id}", f"{each.partner_name} ({each.first_name} {each.name})") for each in page_rows.agreements_in(tx, network)
    )
    found = moments_of(tx, world, wanted, given, sites + partners)
    audit(tx, session, event, "moments.viewed", f"network:{row.key}", f"person:{wanted.person}" if wanted.person is not None else None)
    return row, replace(found, people=people)


def network_moment(
    tx: Connection, world: World, session: Session, event: Event, network: int, moment: int
) -> tuple[Text, Sequence[Text]] | None:
    """One moment of a network: what it was and the rules that spoke, without what was typed; None when it is not hers to see."""
    if not scope.may(tx, session, VIEW_PERSON, event.today, network=network):
        return None
    row = page_rows.read_moment_of(tx, network, moment)
    if row is None:
        return None
    audit(tx, session, event, "moment.viewed", f"moment:{moment}", None)
    said = [say("card.plain", value=f"{row.first_name} {row.name}"), moment_lines(tx, world, row, typed=False)]
    remarks = [reason(each) for each in stored_findings(row) if each.level == "warn"]
    said += [say("finding.remarks"), *remarks] if remarks else []
    return say("overview.moment_title", moment=row.id), said
