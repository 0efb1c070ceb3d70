"""/netwerk: a coordinator's people at a glance, in lists, by name and one by one; what she sees of a person is on the audit trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError
from rules.periods import BRUSSELS
from rules.typed import fold, whole
from storage import accounts, channels, directory, ledger, people, preferences, requests, scope
from storage.accounts import Session
from storage.scope import ADMINISTRATOR, COORDINATOR, PROVIDER

PAGE = 8
MOST_GRANTS = 12
Rows = tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True)
class People:
    """The people of a network, and who of them cannot be reached."""

    rows: tuple[Any, ...]
    unreachable: frozenset[int]
    today: date
    asker: int | None = None

    def suspended(self, row: Any) -> bool:
        """Whether somebody may do nothing now."""
        return row.suspended_on is not None and row.suspended_on <= self.today

    def listed(self, name: str) -> list[Any]:
        """The people of one of the lists."""
        return [row for row in self.rows if LISTS[name](self, row)]


# The lists of people; a person who is suspended stands in no other than that one.
LISTS: Mapping[str, Callable[[People, Any], bool]] = {
    "unlinked": lambda all_, row: not row.linked and not all_.suspended(row) and row.id != all_.asker,
    "silent": lambda all_, row: bool(row.linked) and not row.registered and PROVIDER in row.roles.split("+") and not all_.suspended(row),
    "unreachable": lambda all_, row: row.id in all_.unreachable and not all_.suspended(row),
    "suspended": lambda all_, row: all_.suspended(row),
    "all": lambda all_, row: True,
}


def today_of(event: Event) -> date:
    """The Brussels day of an event."""
    return event.now.astimezone(BRUSSELS).date()


def full_name(row: Any) -> str:
    """First name and name."""
    return f"{row.first_name} {row.name}"


def not_found(event: Event) -> Screen:
    """The same words for what is not there and for what is not for her."""
    said = say("problems.not_found")
    return Screen(said, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


def audit(tx: Connection, session: Session, event: Event, what: str, about: str, detail: str | None = None) -> None:
    """A line of the audit trail about what this person did."""
    accounts.add_audit(tx, event.now.astimezone(UTC).replace(tzinfo=None), f"person:{session.person}", what, about, detail)


def networks_for(tx: Connection, session: Session, event: Event, action: str) -> list[Any]:
    """The networks in which she may do this."""
    reached = scope.networks_in_reach(tx, session, action, today_of(event))
    return [row for row in directory.all_networks(tx) if reached is None or row.id in reached]


def choose(networks: list[Any], verb: str, event: Event) -> Screen:
    """Which of her networks? `verb`: what a button means, before the network's number."""
    if not networks:
        return not_found(event)
    choices = tuple((Choice(say("network.one", network=row.name), f"{verb}:{row.id}"),) for row in networks)
    return Screen(say("network.title"), asks=say("network.which"), choices=choices, fresh=True)


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/netwerk, with or without (a part of) somebody's name behind it."""
    found = networks_for(tx, session, event, "network.view")
    if event.text.strip():
        return _search(tx, world, session, event, found)
    return _menu(tx, session, event, found[0]) if len(found) == 1 else choose(found, "net", event)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button: "" the menu, NETWORK its menu, NETWORK:LIST[:PAGE] a list."""
    number, _, which = rest.partition(":")
    if not rest:
        return command(tx, world, session, event)
    network = whole(number)
    if network is None or not scope.may(tx, session, "network.view", today_of(event), network=network):
        return not_found(event)
    row = next((each for each in directory.all_networks(tx) if each.id == network), None)
    if row is None:
        return not_found(event)
    name, _, page = which.partition(":")
    if name == "search":
        return Screen(say("network.search"), (say("network.search_how"),), choices=((back_to(network),),))
    return _list(tx, session, event, row, name, whole(page) or 0) if name in LISTS else _menu(tx, session, event, row)


def back_to(network: int) -> Choice:
    """The button back to a network's menu."""
    return Choice(say("card.back"), f"net:{network}")


def read_people(tx: Connection, session: Session, network: int, event: Event) -> People:
    """The people of a network as they are now, for one who asks (she is linked, or she could not ask)."""
    unreachable = frozenset(row.id for row in preferences.unreachable(tx, network))
    return People(tuple(people.members(tx, network, event.now)), unreachable, today_of(event), session.person)


def _menu(tx: Connection, session: Session, event: Event, network: Any) -> Screen:
    found = read_people(tx, session, network.id, event)
    counts = {name: len(found.listed(name)) for name in LISTS}
    bound = channels.channels_of(tx, network.id)
    lost = sum(row.state == channels.LOST for row in bound)
    body = [say("network.counts", **counts), say("network.channels", count=len(bound) - lost, lost=lost)]
    lists = [Choice(say(f"network.list_{name}", count=counts[name]), f"net:{network.id}:{name}") for name in LISTS if counts[name]]
    rows = [tuple(lists[start : start + 2]) for start in range(0, len(lists), 2)]
    rows.append((Choice(say("network.search"), f"net:{network.id}:search"),))
    if counts["unlinked"]:
        rows.append((Choice(say("network.invite_all", count=counts["unlinked"]), f"inviteall:{network.id}"),))
    rows.append((Choice(say("channels.title"), f"chans:{network.id}"),))
    today = today_of(event)
    if scope.may(tx, session, "request.view", today, network=network.id):
        waiting = len(requests.waiting_requests(tx, (network.id,), 100))
        body.append(say("network.requests", count=waiting))
        rows.append((Choice(say("requests.list_waiting"), "rq"), Choice(say("network.week"), f"summary:{network.id}")))
    else:
        rows.append((Choice(say("network.week"), f"summary:{network.id}"),))
    if scope.may(tx, session, "network.hand_over", today, network=network.id):
        rows.append((Choice(say("requests.stand_in"), "standin"), Choice(say("handover.title"), f"handover:{network.id}")))
    return Screen(say("network.of", network=network.name), tuple(body), choices=tuple(rows), fresh=event.kind != "press")


def _list(tx: Connection, session: Session, event: Event, network: Any, name: str, page: int) -> Screen:
    found = read_people(tx, session, network.id, event)
    rows = found.listed(name)
    near = rows[page * PAGE : page * PAGE + PAGE]
    choices: list[tuple[Choice, ...]] = [
        (Choice(say("network.person_line", name=full_name(row), state=_state(found, row), until=row.invited), f"who:{network.id}:{row.id}"),)
        for row in near
    ]
    if len(rows) > PAGE:
        following = page + 1 if (page + 1) * PAGE < len(rows) else 0
        choices.append((Choice(say("card.more"), f"net:{network.id}:{name}:{following}"),))
    if name == "unlinked" and rows:
        choices.append((Choice(say("network.invite_all", count=len(rows)), f"inviteall:{network.id}"),))
    choices.append((back_to(network.id),))
    return Screen(say(f"network.list_{name}", count=len(rows)), () if rows else (say("network.nobody"),), choices=tuple(choices))


def _person_button(network: int, row: Any) -> Choice:
    return Choice(say("network.person", name=full_name(row)), f"who:{network}:{row.id}")


def _state(found: People, row: Any) -> str:
    """What stands out about a person, as the end of a text key."""
    if found.suspended(row):
        return "suspended"
    if row.id in found.unreachable:
        return "unreachable"
    if not row.linked:
        return "invited" if row.invited else "unlinked"
    return "silent" if not row.registered and PROVIDER in row.roles.split("+") else "active"


def _search(tx: Connection, world: World, session: Session, event: Event, networks: list[Any]) -> Screen:
    """The people whose name or key holds what was typed; the card of the only one at once."""
    wanted = fold(event.text.strip()[:100])
    found = [
        (network, row) for network in networks for row in people.members(tx, network.id, event.now)
        if wanted in fold(full_name(row)) or wanted == fold(row.key)
    ]  # fmt: skip
    back = Choice(say("card.back"), "net")
    if not found:
        return Screen(say("network.no_such"), choices=((back,),), fresh=True)
    if len(found) == 1:
        return replace(show_person(tx, world, session, event, found[0][0].id, found[0][1].id), fresh=True)
    near = found[:PAGE]
    choices = tuple((_person_button(network.id, row),) for network, row in near)
    more = (say("network.more_found", count=len(found) - PAGE),) if len(found) > PAGE else ()
    return Screen(say("network.found", count=len(found)), more, choices=(*choices, (back,)), fresh=True)


# One person


def show_person(tx: Connection, world: World, session: Session, event: Event, network: int, person: int) -> Screen:
    """A person of a network: access, last moment, grants; with what can be done for her."""
    row = member(tx, session, event, network, person, "person.view")
    if row is None:
        return not_found(event)
    audit(tx, session, event, "person.viewed", f"person:{person}", f"network:{network}")
    return person_screen(tx, world, session, event, network, row)


def member(tx: Connection, session: Session, event: Event, network: int, person: int, action: str) -> Any:
    """A person of this network for whom she may do this; None when there is none."""
    if not scope.may(tx, session, action, today_of(event), network=network):
        return None
    return people.read_member(tx, network, person, event.now)


def person_screen(tx: Connection, world: World, session: Session, event: Event, network: int, row: Any) -> Screen:
    """The card of a person. `row` is hers in this network."""
    found = read_people(tx, session, network, event)
    today = found.today
    linked = tuple(dict.fromkeys(each.platform for each in people.linked_accounts(tx, row.id)))
    body: list[Text] = [say("network.roles", roles=tuple(row.roles.split("+")))]
    if len(names := people.networks_named(tx, row.id)) > 1:
        body.append(say("network.also_in", networks=", ".join(names)))
    body.append(say("network.access", state=_state(found, row), platforms=linked, day=row.suspended_on, until=row.invited))
    provider = PROVIDER in row.roles.split("+")
    if provider:
        body.append(say("network.last_moment", day=people.last_moment(tx, row.id)))
    lines, corrections = _grants(tx, world, session, network, row, today) if provider else ((), ())
    choices: list[tuple[Choice, ...]] = []
    if not found.suspended(row):
        choices.append((Choice(say("network.invite", again=bool(row.linked or row.invited)), f"invite:{network}:{row.id}"),))
    choices += corrections
    if can_suspend(session, row):
        again = Choice(say("network.restore"), f"letin:{network}:{row.id}")
        choices.append((again if found.suspended(row) else Choice(say("network.suspend"), f"suspend:{network}:{row.id}"),))
    choices.append((back_to(network),))
    return Screen(say("network.person", name=full_name(row)), (*body, *lines), choices=tuple(choices))


def can_suspend(session: Session, row: Any) -> bool:
    """Whether it is for her to suspend this person: never herself, and who coordinates or administers only by an administrator."""
    above = {COORDINATOR, ADMINISTRATOR} & set(row.roles.split("+"))
    return bool(row.id != session.person and (not above or ADMINISTRATOR in session.roles))


def _grants(
    tx: Connection, world: World, session: Session, network: int, row: Any, today: date
) -> tuple[tuple[Text, ...], Rows]:
    """The grants of a person in this network with what is used, and a button to correct each."""
    book = world.book(directory.read_network(tx, network))
    mine, offers = ledger.read_grants(tx, row.id), ledger.read_offers(tx, row.id)
    places = {place.grant: place for place in directory.read_places(tx, row.id) if place.network == network}
    lines: list[Text] = []
    choices: list[tuple[Choice, ...]] = []
    correct = scope.may(tx, session, "grant.correct", today, network=network)
    here = [each for each in mine if int(each.id) in places]
    for grant in sorted(here, key=lambda each: (each.to is not None and each.to < today, each.oproep)):
        place = places[int(grant.id)]
        try:
            found = ledger.read_balance(tx, book, grant, row.id, min(max(today, grant.start), grant.to or date.max), mine, offers)
        except NoValueError:
            continue
        whole_ = found.used + found.left - found.over
        about = {"oproep": grant.oproep, "place": place.name}
        lines.append(say("network.grant", **about, used=found.used, limit=whole_, start=grant.start, end=grant.to))
        if correct:
            choices.append((Choice(say("network.correct", **about), f"regrant:{network}:{row.id}:{grant.id}"),))
    return tuple(lines[:MOST_GRANTS]) or (say("network.no_grants"),), tuple(choices[:MOST_GRANTS])
