"""Invitations from chat: one person, or all who have no account; each a message that can be forwarded as it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers.access import VALID, make_invite
from handlers.coordinating import audit, back_to, full_name, member, not_found, read_people
from handlers.csv_text import csv_text
from handlers.member_card import can_invite
from handlers.screen import Choice, Event, File, Question, Screen, say
from handlers.world import World
from storage import scope
from storage.accounts import Session

MOST = 10  # as messages; more people are a file


def link(world: World, code: str, *, group: bool = False) -> str:
    """The address that opens the bot with a code; empty when the bot has no name."""
    return f"https://t.me/{world.bot_name}?start{'group' if group else ''}={code}" if world.bot_name else ""


def invite(tx: Connection, world: World, session: Session, event: Event, network: int, person: int) -> Screen:
    """A new code for one person, in a message of its own to forward; what she had before is void. Who is linked needs none: she adds
    an account herself."""
    row = member(tx, session, event, network, person, "person.invite")
    if row is not None and row.linked:
        back = Choice(say("network.person", name=full_name(row)), f"who:{network}:{person}")
        return Screen(say("network.linked_already", name=full_name(row)), choices=((back,), (back_to(network),)))
    if row is None or _suspended(row, event) or not can_invite(session, row):
        return not_found(event)
    made = _message(tx, world, session, event, row)
    choices = ((Choice(say("network.person", name=full_name(row)), f"who:{network}:{person}"),), (back_to(network),))
    void = (say("network.earlier_void", name=full_name(row)),) if row.invited else ()
    return Screen(say("network.invited", count=1), (*void, say("network.forward")), choices=choices, fresh=True, unkept=True, also=(made,))


def invite_all(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """NETWORK asks, NETWORK:yes makes a code for everybody without an account whom it is for her to invite."""
    number, _, verb = rest.partition(":")
    network = int(number) if number.isdecimal() and len(number) < 10 else 0
    if not scope.may(tx, session, "person.invite", event.today, network=network):
        return not_found(event)
    rows = [row for row in read_people(tx, session, network, event).listed("unlinked") if can_invite(session, row)]
    if not rows:
        return Screen(say("network.nobody_to_invite"), choices=((back_to(network),),))
    if verb != "yes":
        yes = Choice(say("network.invite_all", count=len(rows)), f"inviteall:{network}:yes")
        invited = sum(row.invited is not None for row in rows)
        asked = Question(yes=yes.press, no=back_to(network).press, back=back_to(network).press)
        return Screen(say("network.invite_sure", count=len(rows), invited=invited), choices=((yes,), (back_to(network),)), question=asked)
    done = Screen(say("network.invited", count=len(rows)), choices=((back_to(network),),), fresh=True, unkept=True)
    if len(rows) <= MOST:
        messages = tuple(_message(tx, world, session, event, row) for row in rows)
        return Screen(done.title, (say("network.forward"),), choices=done.choices, fresh=True, unkept=True, also=messages)
    lines = [(full_name(row), row.email or "", link(world, code) or code) for row in rows for code in [_code(tx, session, event, row)]]
    file = File("uitnodigingen.csv", f"\ufeff{csv_text([('naam', 'email', 'link'), *lines])}".encode(), say("network.codes"))
    return Screen(done.title, choices=done.choices, fresh=True, unkept=True, files=(file,))


def _message(tx: Connection, world: World, session: Session, event: Event, row: Any) -> Screen:
    code = _code(tx, session, event, row)
    words = say("network.invitation", first=row.first_name, link=link(world, code), code=code, until=_until(event.now))
    return Screen(words, language=row.language, fresh=True)


def _code(tx: Connection, session: Session, event: Event, row: Any) -> str:
    audit(tx, session, event, "person.invited", f"person:{row.id}")
    return make_invite(tx, row.id, event.now)


def _until(now: datetime) -> Any:
    return (now + VALID).date()


def _suspended(row: Any, event: Event) -> bool:
    return row.suspended_on is not None and row.suspended_on <= event.today
