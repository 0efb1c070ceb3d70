"""What every conversation of a coordinator about her network shares: her networks, the people in them, the words of a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, say
from storage import accounts, directory, people, preferences, scope
from storage.accounts import Session
from storage.instants import as_stored
from storage.scope import PROVIDER


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


def full_name(row: Any) -> str:
    """First name and name."""
    return f"{row.first_name} {row.name}"


def not_found(event: Event) -> Screen:
    """The same words for what is not there and for what is not for her."""
    said = say("problems.not_found")
    return Screen(said, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


def audit(tx: Connection, session: Session, event: Event, what: str, about: str, detail: str | None = None) -> None:
    """A line of the audit trail about what this person did."""
    accounts.add_audit(tx, as_stored(event.now), f"person:{session.person}", what, about, detail)


def networks_for(tx: Connection, session: Session, event: Event, action: str) -> list[Any]:
    """The networks in which she may do this."""
    reached = scope.networks_in_reach(tx, session, action, event.today)
    return [row for row in directory.all_networks(tx) if reached is None or row.id in reached]


def choose(networks: list[Any], verb: str, event: Event) -> Screen:
    """Which of her networks? `verb`: what a button means, before the network's number."""
    if not networks:
        return not_found(event)
    choices = tuple((Choice(say("network.one", network=row.name), f"{verb}:{row.id}"),) for row in networks)
    return Screen(say("network.title"), asks=say("network.which"), choices=choices, fresh=True)


def back_to(network: int) -> Choice:
    """The button back to a network's menu."""
    return Choice(say("card.back"), f"net:{network}")


def member(tx: Connection, session: Session, event: Event, network: int, person: int, action: str) -> Any:
    """A person of this network for whom she may do this; None when there is none."""
    if not scope.may(tx, session, action, event.today, network=network):
        return None
    return people.read_member(tx, network, person, event.now)


def read_people(tx: Connection, session: Session, network: int, event: Event) -> People:
    """The people of a network as they are now, for one who asks (she is linked, or she could not ask)."""
    unreachable = frozenset(row.id for row in preferences.unreachable(tx, network))
    return People(tuple(people.members(tx, network, event.now)), unreachable, event.today, session.person)


def state_of(found: People, row: Any) -> str:
    """What stands out about a person, as the end of a text key."""
    if found.suspended(row):
        return "suspended"
    if row.id in found.unreachable:
        return "unreachable"
    if not row.linked:
        return "invited" if row.invited else "unlinked"
    return "silent" if not row.registered and PROVIDER in row.roles.split("+") else "active"
