"""/netwerk: a coordinator's people at a glance, in lists, and by name."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.attesting import unsure_in
from handlers.coordinating import (
    LISTS,
    audit,
    back_to,
    choose,
    full_name,
    networks_for,
    not_found,
    read_people,
    state_of,
)
from handlers.member_card import can_invite, show_person
from handlers.screen import Choice, Event, Question, Screen, say
from handlers.world import World
from rules.typed import fold, whole
from storage import channels, directory, people, requests, scope
from storage.accounts import Session

PAGE = 8
MOST_NETWORKS = 5  # in which a name is looked up that was typed without a command


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/netwerk, with or without (a part of) somebody's name behind it."""
    found = networks_for(tx, session, event, "network.view")
    if event.text.strip():
        return _search(tx, world, session, event, found)
    return _menu(tx, world, session, event, found[0]) if len(found) == 1 else choose(found, "net", event)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button: "" the menu, NETWORK its menu, NETWORK:LIST[:PAGE] a list."""
    number, _, which = rest.partition(":")
    if not rest:
        return command(tx, world, session, event)
    network = whole(number)
    if network is None or not scope.may(tx, session, "network.view", event.today, network=network):
        return not_found(event)
    row = next((each for each in directory.all_networks(tx) if each.id == network), None)
    if row is None:
        return not_found(event)
    name, _, page = which.partition(":")
    if name == "search":
        return ask_name(network)
    return _list(tx, session, event, row, name, whole(page) or 0) if name in LISTS else _menu(tx, world, session, event, row)


def ask_name(network: int) -> Screen:
    """Who is looked for? The line typed next is (a part of) a name."""
    back = back_to(network)
    asked = Question(f"who:{network}", back=back.press)
    return Screen(say("network.search"), (say("network.search_how"),), choices=((back,),), question=asked)


def type_name(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    """(A part of) a name, typed under "Iemand zoeken" of the network `rest`."""
    network = whole(rest)
    if network is None or not scope.may(tx, session, "network.view", event.today, network=network):
        return None
    found = _search(tx, world, session, event, [directory.read_network(tx, network)])
    nobody = found.title is not None and found.title.key == "network.no_such"
    return replace(found, question=ask_name(network).question) if nobody else found


def _menu(tx: Connection, world: World, session: Session, event: Event, network: Any) -> Screen:
    found = read_people(tx, session, network.id, event)
    counts = {name: len(found.listed(name)) for name in LISTS}
    bound = channels.channels_of(tx, network.id)
    lost = sum(row.state == channels.LOST for row in bound)
    body = [say("network.counts", **counts), say("network.channels", count=len(bound) - lost, lost=lost)]
    lists = [Choice(say(f"network.list_{name}", count=counts[name]), f"net:{network.id}:{name}") for name in LISTS if counts[name]]
    rows = [tuple(lists[start : start + 2]) for start in range(0, len(lists), 2)]
    rows.append((Choice(say("network.search"), f"net:{network.id}:search"),))
    if invitable := sum(can_invite(session, row) for row in found.listed("unlinked")):
        rows.append((Choice(say("network.invite_all", count=invitable), f"inviteall:{network.id}"),))
    today = event.today
    if scope.may(tx, session, "offer.view", today, network=network.id) and (unsure := unsure_in(tx, world, network, today)):
        rows.append((Choice(say("network.unsure", count=len(unsure)), f"offers:{network.id}"),))
    rows.append((Choice(say("channels.title"), f"chans:{network.id}"),))
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
    if near:
        audit(tx, session, event, "people.viewed", f"network:{network.id}", name)
    choices: list[tuple[Choice, ...]] = []
    for row in near:
        label = say("network.person_line", name=full_name(row), state=state_of(found, row), until=row.invited)
        choices.append((Choice(label, f"who:{network.id}:{row.id}"),))
    if len(rows) > PAGE:
        following = page + 1 if (page + 1) * PAGE < len(rows) else 0
        choices.append((Choice(say("card.more"), f"net:{network.id}:{name}:{following}"),))
    if name == "unlinked" and (invitable := sum(can_invite(session, row) for row in rows)):
        choices.append((Choice(say("network.invite_all", count=invitable), f"inviteall:{network.id}"),))
    choices.append((back_to(network.id),))
    return Screen(say(f"network.list_{name}", count=len(rows)), () if rows else (say("network.nobody"),), choices=tuple(choices))


def find_typed(tx: Connection, world: World, session: Session, event: Event) -> Screen | None:
    """What a coordinator types without a command, when it is the name of somebody in her network; else None."""
    wanted = fold(event.text.strip())
    if len(wanted) < 3 or not scope.may(tx, session, "network.view", event.today):
        return None
    found = networks_for(tx, session, event, "network.view")
    if len(found) > MOST_NETWORKS or not any(_is_called(row, wanted) for each in found for row in people.members(tx, each.id, event.now)):
        return None
    return _search(tx, world, session, event, found)


def _is_called(row: Any, wanted: str) -> bool:
    """Whether what was typed is somebody's first name, name, both, or key, and not only a part of one."""
    return wanted in (fold(row.first_name), fold(row.name), fold(full_name(row)), fold(row.key))


def _person_button(network: int, row: Any) -> Choice:
    return Choice(say("network.person", name=full_name(row)), f"who:{network}:{row.id}")


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
    for network in dict.fromkeys(network.id for network, _ in near):
        audit(tx, session, event, "people.viewed", f"network:{network}", "found")
    choices = tuple((_person_button(network.id, row),) for network, row in near)
    more = (say("network.more_found", count=len(found) - PAGE),) if len(found) > PAGE else ()
    return Screen(say("network.found", count=len(found)), more, choices=(*choices, (back,)), fresh=True)
