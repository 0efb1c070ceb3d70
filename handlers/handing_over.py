"""/overdracht: a coordinator hands her part of a network to another coordinator of it, in one step.

The network's people, requests and hours belong to the network and stay where they are. Hers are the channels that she bound, the
stand-ins that she named or is, what is owed to her about requests, and her role. Away for a while is a stand-in; leaving is this.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import audit, back_to, choose, full_name, networks_for, not_found
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from rules.typed import whole
from storage import accounts, channels, directory, outbox, people, scope
from storage.accounts import Session

ACTION = "network.hand_over"


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/overdracht: for a while, or for good?"""
    found = networks_for(tx, session, event, ACTION)
    return _ask(found[0], event) if len(found) == 1 else choose(found, "handover", event)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """NETWORK asks how, NETWORK:leave to whom, NETWORK:PERSON shows what moves, NETWORK:PERSON:yes does it."""
    if not rest:
        return command(tx, world, session, event)
    first, _, rest = rest.partition(":")
    network = whole(first) or 0
    if not scope.may(tx, session, ACTION, event.today, network=network):
        return not_found(event)
    row = directory.read_network(tx, network)
    if not rest:
        return _ask(row, event)
    if not people.can_leave(tx, session.person or 0):
        return Screen(say("handover.cannot"), choices=((back_to(network),),))
    others = successors(tx, session, event, network)
    if rest == "leave":
        choices = tuple((Choice(say("network.person", name=full_name(each)), f"handover:{network}:{each.id}"),) for each in others)
        asks = say("handover.to_whom") if others else say("handover.nobody")
        return Screen(say("handover.title"), asks=asks, choices=(*choices, (Choice(say("card.back"), f"handover:{network}"),)))
    number, _, verb = rest.partition(":")
    other = next((each for each in others if each.id == whole(number)), None)
    if other is None:
        return not_found(event)
    if verb != "yes":
        return _show(tx, session, event, row, other)
    return _hand_over(tx, session, event, row, other)


def successors(tx: Connection, session: Session, event: Event, network: int) -> list[Any]:
    """The other coordinators of a network who are not suspended: nobody gets the role by this."""
    rows = accounts.people_with_role(tx, scope.COORDINATOR, (network,))
    return [row for row in rows if row.id != session.person and not scope.is_suspended(tx, row.id, event.today)]


def _ask(network: Any, event: Event) -> Screen:
    choices = (
        (Choice(say("handover.for_a_while"), "standin:new"),),
        (Choice(say("handover.for_good"), f"handover:{network.id}:leave"),),
        (back_to(network.id),),
    )
    return Screen(say("handover.title"), (say("handover.which", network=network.name),), choices=choices, fresh=event.kind != "press")


def _show(tx: Connection, session: Session, event: Event, network: Any, other: Any) -> Screen:
    moves = people.what_moves(tx, network.id, session.person or 0, event.today)
    body = (say("handover.moves", **moves), say("handover.role_ends", network=network.name))
    yes = Choice(say("handover.yes"), f"handover:{network.id}:{other.id}:yes")
    back = Choice(say("card.back"), f"handover:{network.id}")
    return Screen(say("handover.to", name=full_name(other), network=network.name), body, choices=((yes,), (back,)))


def _hand_over(tx: Connection, session: Session, event: Event, network: Any, other: Any) -> Screen:
    person = session.person or 0
    moves = people.what_moves(tx, network.id, person, event.today)
    channels.hand_over(tx, network.id, person, other.id)
    channels.void_bindings(tx, person, network.id, event.now)
    people.move_stand_ins(tx, network.id, person, other.id)
    people.drop_messages(tx, network.id, person)
    people.leave(tx, network.id, person)
    counted = " ".join(f"{name}:{count}" for name, count in moves.items())
    audit(tx, session, event, "network.handed_over", f"network:{network.id}", f"person:{other.id} {counted}")
    told = {"told": "handover", "network": network.id, "by": person, **moves}
    reached = outbox.owe_person(tx, f"handover:{network.id}:{person}:{event.now.timestamp():.6f}", told, other.id, event.now)
    said = say("handover.done", name=full_name(other), network=network.name)
    body = (say("handover.moves", **moves), *(() if reached else (say("handover.unreached", name=full_name(other)),)))
    return Screen(said, body)


def told_handover(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """What the successor hears: from whom, of which network, what is hers now."""
    network = directory.read_network(tx, told["network"])
    said = say("handover.yours", name=full_name(people.read_person(tx, told["by"])), network=network.name)
    moves = say("handover.moves", **{name: told[name] for name in ("channels", "requests", "stand_ins")})
    choices = ((Choice(say("requests.list_waiting"), "rq"),), (Choice(say("channels.title"), f"chans:{network.id}"),))
    return Screen(said, (moves,), choices=choices)
