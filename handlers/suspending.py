"""Suspending a person and letting her in again: asked twice, on the audit trail, told to her and to the coordinators of her networks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import audit, full_name, member, not_found
from handlers.member_card import can_suspend, person_screen
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from storage import accounts, channels, directory, outbox, people, scope
from storage.accounts import Session

VERBS = {False: "suspend", True: "letin"}


def suspend(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """NETWORK:PERSON asks, NETWORK:PERSON:yes ends all that she may do from now on; her hours and her account stay."""
    return _change(tx, world, session, event, rest, back=False)


def restore(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """NETWORK:PERSON asks, NETWORK:PERSON:yes lets her do everything again."""
    return _change(tx, world, session, event, rest, back=True)


def _change(tx: Connection, world: World, session: Session, event: Event, rest: str, *, back: bool) -> Screen:
    numbers, verb = rest.split(":")[:2], ":".join(rest.split(":")[2:])
    if len(numbers) < 2 or not all(each.isdecimal() and len(each) < 10 for each in numbers):
        return not_found(event)
    network, person = map(int, numbers)
    row = member(tx, session, event, network, person, "person.suspend")
    if row is None or not can_suspend(session, row):
        return not_found(event)
    word = "restore" if back else "suspend"
    if verb != "yes":
        also = [each for each in people.networks_named(tx, person) if each != directory.read_network(tx, network).name]
        yes = Choice(say("network.restore_yes" if back else "network.suspend_yes"), f"{VERBS[back]}:{network}:{person}:yes")
        no = Choice(say("card.back"), f"who:{network}:{person}")
        body = (say(f"network.{word}_means"), *((say("network.elsewhere", networks=", ".join(also)),) if also else ()))
        return Screen(say(f"network.{word}_sure", name=full_name(row)), body, choices=((yes,), (no,)))
    today = event.today
    done = people.restore(tx, person) if back else people.suspend(tx, person, today, event.now)
    if done:
        if not back:
            channels.void_bindings(tx, person, None, event.now)
        audit(tx, session, event, "person.restored" if back else "person.suspended", f"person:{person}", f"network:{network}")
        _tell(tx, session, event, person, back=back)
    shown = person_screen(tx, world, session, event, network, people.read_member(tx, network, person, event.now))
    return replace(shown, notice=say(f"network.{word}_done", name=full_name(row)))


def _tell(tx: Connection, session: Session, event: Event, person: int, *, back: bool) -> None:
    """Tell her, and the other coordinators of all her networks."""
    key = f"access:{person}:{VERBS[back]}:{event.now.timestamp():.6f}"
    outbox.owe_person(tx, key, {"told": "access", "person": person, "back": back}, person, event.now)
    others = {each for network in accounts.networks_of(tx, person) for each in scope.coordinators_of(tx, network.id, event.today)}
    for other in sorted(others - {session.person, person}, key=str):
        told = {"told": "access_other", "person": person, "by": session.person, "back": back}
        outbox.owe_person(tx, f"{key}:{other}", told, other, event.now)


def told_access(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """What the person hears."""
    if told["back"]:
        return Screen(say("access.restored"), choices=((Choice(say("balances.register"), "menu"),),))
    return Screen(say("access.suspended"), choices=((Choice(say("access.own_data"), "privacy"),),))


def told_access_other(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """What the other coordinators hear."""
    who, by = (full_name(people.read_person(tx, told[each])) for each in ("person", "by"))
    return Screen(say("network.told_restored" if told["back"] else "network.told_suspended", name=who, who=by))
