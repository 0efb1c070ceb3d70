"""What others hear of a corrected grant: who holds it, and the coordinators when somebody who stands in for one did it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import full_name
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.facts import Grant, Id
from storage import accounts, directory, grant_corrections, outbox, people, requests
from storage.accounts import Session
from storage.scope import COORDINATOR

Told = Mapping[str, Any]


def sum_of(base: int, extra: int = 0, starter: int = 0) -> Text:
    """The hours of a grant in words, in minutes: its own, what came on top (O1-16, O4-17), the starter bonus (O1-14), together."""
    return say("regrant.sum", base=base, extra=extra, starter=starter, total=base + extra + starter)


def tell_corrected(
    tx: Connection, session: Session, event: Event, network: int, person: int, grant: Grant, what: str, before: Any, after: Any, place: int
) -> None:
    """Tell everybody who holds the grant; and the coordinators of its network, when it was none of them who corrected it.

    `what`: the column, "minutes", "start" or "to"; `before`, `after`: minutes, or days (None: without end); `place`: that of the
    correction in the history of the grant.
    """
    values = {name: each.isoformat() if isinstance(each, date) else each for name, each in (("before", before), ("after", after))}
    told = {"grant": grant.id, "place": place, "by": session.person, "network": network, "what": what, "extra": grant.extra_minutes}
    told |= values
    key = f"regrant:{grant.id}:{event.now.timestamp():.6f}.{place}"
    for holder in grant.persons:
        outbox.owe_person(tx, f"{key}:{holder}", {"told": "regrant", "person": holder, **told}, holder, event.now)
    mine = [row.id for row in accounts.people_with_role(tx, COORDINATOR, (network,))]
    if session.person in mine:
        return
    for each in mine:
        if each not in grant.persons:
            outbox.owe_person(tx, f"{key}:c{each}", {"told": "regrant_other", "person": person, **told}, each, event.now)


def told_regrant(tx: Connection, world: World, told: Told, language: str) -> Screen:
    """What the person hears whose grant was corrected: before, after, why, by whom."""
    body = (*_what_changed(tx, told), say("regrant.by", name=full_name(people.read_person(tx, told["by"]))))
    return Screen(say("regrant.heard"), body, choices=((Choice(say("receipt.balance"), "saldo"),),))


def told_regrant_other(tx: Connection, world: World, told: Told, language: str) -> Screen:
    """What a coordinator hears of a correction by somebody who stands in."""
    who, name = (full_name(people.read_person(tx, told[each])) for each in ("by", "person"))
    card = Choice(say("network.person", name=name), f"who:{told['network']}:{told['person']}")
    return Screen(say("regrant.heard_other", who=who, name=name), _what_changed(tx, told), choices=((card,),))


def _what_changed(tx: Connection, told: Told) -> tuple[Text, ...]:
    reason = grant_corrections.reason_of(tx, told["grant"], told["place"])
    lines = [say("regrant.which", oproep=requests.oproep_of(tx, told["grant"]), place=place_of(tx, told["person"], told["grant"]))]
    if told["what"] == "minutes":
        before, after = (sum_of(told[each], told["extra"]) for each in ("before", "after"))
        lines.append(say("regrant.changed_hours", before=before, after=after))
    else:
        lines.append(say(f"regrant.changed_{told['what']}", start=told["before"], end=told["after"]))
    return (*lines, *((say("requests.because", reason=reason),) if reason else ()))


def place_of(tx: Connection, person: Id, grant: Id) -> str:
    """The name of the place or partner of a person's grant; empty for oproep 4."""
    return next((each.name for each in directory.read_places(tx, person) if each.grant == grant), "")
