"""One person of a network as her coordinator sees her: access, last moment, grants, and what can be done; each view is audited."""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import People, audit, back_to, full_name, member, not_found, state_of
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.book import NoValueError
from storage import directory, fact_reading, people, scope
from storage.accounts import Session
from storage.scope import ADMINISTRATOR, COORDINATOR, PROVIDER

MOST_GRANTS = 12
Rows = tuple[tuple[Choice, ...], ...]


def show_person(tx: Connection, world: World, session: Session, event: Event, network: int, person: int) -> Screen:
    """A person of a network: access, last moment, grants; with what can be done for her."""
    row = member(tx, session, event, network, person, "person.view")
    if row is None:
        return not_found(event)
    audit(tx, session, event, "person.viewed", f"person:{person}", f"network:{network}")
    return person_screen(tx, world, session, event, network, row)


def person_screen(tx: Connection, world: World, session: Session, event: Event, network: int, row: Any) -> Screen:
    """The card of a person. `row` is hers in this network."""
    known = people.linked_accounts(tx, row.id)
    unreachable = bool(known) and all(each.chat is None for each in known)
    found = People((row,), frozenset({int(row.id)} if unreachable else ()), event.today)
    linked = tuple(dict.fromkeys(each.platform for each in known))
    body: list[Text] = [say("network.roles", roles=tuple(row.roles.split("+")))]
    if len(names := people.networks_named(tx, row.id)) > 1:
        body.append(say("network.also_in", networks=", ".join(names)))
    body.append(say("network.access", state=state_of(found, row), platforms=linked, day=row.suspended_on, until=row.invited))
    provider = PROVIDER in row.roles.split("+")
    if provider:
        body.append(say("network.last_moment", day=people.last_moment(tx, row.id)))
    lines, corrections = _grants(tx, world, session, network, row, found.today) if provider else ((), ())
    choices: list[tuple[Choice, ...]] = []
    if not found.suspended(row) and not row.linked and row.id != session.person and not can_invite(session, row):
        body.append(say("network.invited_above"))
    if not found.suspended(row) and can_invite(session, row):
        choices.append((Choice(say("network.invite", again=bool(row.invited)), f"invite:{network}:{row.id}"),))
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


def can_invite(session: Session, row: Any) -> bool:
    """Whether it is for her to give this person an account: as for suspending, for a code is that person to whoever types it; and
    only while she has none, for then she adds one herself."""
    return not row.linked and can_suspend(session, row)


def _grants(
    tx: Connection, world: World, session: Session, network: int, row: Any, today: date
) -> tuple[tuple[Text, ...], Rows]:
    """The grants of a person in this network with what is used, and a button to correct each."""
    book = world.book(directory.read_network(tx, network))
    mine, offers = fact_reading.read_grants(tx, row.id), fact_reading.read_offers(tx, row.id)
    places = {place.grant: place for place in directory.read_places(tx, row.id) if place.network == network}
    lines: list[Text] = []
    choices: list[tuple[Choice, ...]] = []
    correct = scope.may(tx, session, "grant.correct", today, network=network)
    here = [each for each in mine if int(each.id) in places]
    for grant in sorted(here, key=lambda each: (each.to is not None and each.to < today, each.oproep)):
        place = places[int(grant.id)]
        try:
            found = fact_reading.read_balance(tx, book, grant, row.id, min(max(today, grant.start), grant.to or date.max), mine, offers)
        except NoValueError:
            continue
        whole_ = found.used + found.left - found.over
        about = {"oproep": grant.oproep, "place": place.name}
        lines.append(say("network.grant", **about, used=found.used, limit=whole_, start=grant.start, end=grant.to))
        if correct and session.person not in grant.persons:
            choices.append((Choice(say("network.correct", **about), f"regrant:{network}:{row.id}:{grant.id}"),))
    return tuple(lines[:MOST_GRANTS]) or (say("network.no_grants"),), tuple(choices[:MOST_GRANTS])
