"""The private calendar address: made, shown once, made anew or ended by its owner; what it gives is place and time only."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from handlers.access import ALPHABET, LETTERS, hash_of
from handlers.screen import Choice, Event, Screen, say
from handlers.showing import TO_PLANS
from handlers.world import World
from rules.periods import BRUSSELS
from storage import plans
from storage.accounts import Session
from storage.plans import CalendarRow
from storage.redo import remember_feed

PATH = "/agenda/"
ENDING = ".ics"
BEHIND, AHEAD = timedelta(days=62), timedelta(days=400)


def show_feed(tx: Connection, world: World, session: Session, event: Event, value: str = "") -> Screen:
    """Whether there is an address, and what can be done about it."""
    if not world.public_url:
        return Screen(say("plans.feed_missing"), choices=TO_PLANS)
    there = plans.has_feed(tx, session.person or 0)
    make = Choice(say("plans.feed_anew" if there else "plans.feed_make"), "plan:feednew")
    end = (Choice(say("plans.feed_end"), "plan:feedoff"),) if there else ()
    body = (say("plans.feed_there" if there else "plans.feed_none"), say("plans.feed_what"))
    return Screen(say("plans.feed_title"), body, choices=((make, *end), *TO_PLANS))


def make_feed(tx: Connection, world: World, session: Session, event: Event, value: str = "") -> Screen:
    """A new address, which ends the one before; it is said this once, only its hash is kept."""
    if not world.public_url:
        return show_feed(tx, world, session, event)
    token = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    remember_feed(tx, session.person or 0, event.now)
    plans.set_feed(tx, session.person or 0, hash_of(token), event.now)
    address = f"{world.public_url}{PATH}{token}{ENDING}"
    body = (say("plans.feed_address", address=address), say("plans.feed_once"), say("plans.feed_how"))
    return Screen(say("plans.feed_made"), body, choices=TO_PLANS, unkept=True)


def end_feed(tx: Connection, world: World, session: Session, event: Event, value: str = "") -> Screen:
    """The address stops at once."""
    remember_feed(tx, session.person or 0, event.now)
    plans.end_feed(tx, session.person or 0)
    return Screen(say("plans.feed_ended"), choices=TO_PLANS, notice=say("plans.feed_ended"))


def calendar_of(tx: Connection, token: str, now: datetime) -> list[CalendarRow] | None:
    """What an address gives now: the last two months and what is to come; None for an address that is nobody's (any more)."""
    today: date = now.astimezone(BRUSSELS).date()
    if len(token) != LETTERS:
        return None
    person = plans.owner_of_feed(tx, hash_of(token), today)
    return None if person is None else plans.calendar_rows(tx, person, now - BEHIND, now + AHEAD)
