"""A submission that the rules said yes to on screen: promised in one small commit, acknowledged, and booked a moment later."""

from dataclasses import replace

from sqlalchemy import Connection

from bot import slack_surface as surface
from bot.answering import unexpected
from bot.slack_steps import Answered, book_later
from handlers.screen import Event
from handlers.world import World
from storage import accounts, events
from storage.database import BusyError, Database


async def promise(database: Database, event: Event, draft: int, revision: int) -> bool:
    """Keep that a draft is to be booked as it was judged. False when it has moved on, or was promised before."""

    def step(tx: Connection) -> bool:
        session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
        if session.draft is None or (session.draft.id, session.draft.revision) != (draft, revision):
            return False
        promised = {"account": session.account, "user": event.who.user, "book": [draft, revision]}
        events.claim(tx, event.key, promised, event.now)
        return True

    try:
        return await database.step(step)
    except (events.RepeatedError, BusyError):
        return False  # the way of everything else tells what is so


async def book(database: Database, world: World, event: Event, draft: int, revision: int) -> Answered | None:
    """What answers a promised booking, made now; None when that was done before or must wait: it is tried again with what is owed."""

    def step(tx: Connection) -> Answered | None:
        session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
        reply = events.stored_reply(tx, event.key)
        if not reply or "book" not in reply:
            return None
        found = replace(book_later(tx, world, event, session, draft, revision), key=event.key)
        events.put_back(tx, event.key, {"account": found.account, "calls": found.calls}, event.now)
        return found

    try:
        return await database.step(step)
    except BusyError:
        return None
    except Exception:
        sorry = Answered(surface.show(unexpected("a booking could not be made"), replace(event, extra={})))
        kept = {"account": None, "calls": sorry.calls}
        await database.step(lambda tx: events.put_back(tx, event.key, kept, event.now))
        return replace(sorry, key=event.key)
