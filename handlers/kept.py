"""Drafts that wait: put aside by the person or until there are rules for their day, and taken up again."""

from datetime import date

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, say
from handlers.showing import WAY_ON, show_fresh
from handlers.turn import Turn
from handlers.world import World
from storage import directory, drafts
from storage.accounts import Session


def put_aside(turn: Turn, value: str) -> Screen:
    """Keep the draft for later."""
    drafts.end_draft(turn.tx, turn.draft, "parked", turn.event.now)
    return Screen(say("registration.kept", page=bool(turn.event.extra.get("page"))), choices=WAY_ON, draft=turn.draft.id)


def await_rules(turn: Turn, value: str) -> Screen:
    """Keep the draft until a rulebook covers its day (GEN-01)."""
    drafts.end_draft(turn.tx, turn.draft, "waiting", turn.event.now)
    return Screen(say("registration.waits", page=bool(turn.event.extra.get("page"))), choices=WAY_ON, draft=turn.draft.id)


def resume_choices(tx: Connection, session: Session) -> tuple[tuple[Choice, ...], ...]:
    """A button for each kept draft, newest first, at most three."""
    kept = drafts.kept_drafts(tx, session.person or 0)[:3]
    return tuple(
        (Choice(say("card.resume", form=row.form, day=row.answers.get("day"), begins=row.answers.get("start")), f"resume:{row.id}"),)
        for row in kept
    )


def resume(tx: Connection, world: World, session: Session, event: Event, draft_id: int) -> Screen:
    """Go on with a kept draft."""
    draft = drafts.resume_draft(tx, session.person or 0, draft_id, event.now)
    if draft is None:
        return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON)
    return show_fresh(tx, world, session, event, draft)


def ready_again(tx: Connection, world: World, session: Session) -> tuple[tuple[Choice, ...], ...]:
    """Waiting drafts whose day a rulebook covers by now: offered to be judged."""
    found = []
    for row in drafts.kept_drafts(tx, session.person or 0):
        day = row.answers.get("day")
        if row.state == "waiting" and day and world.book(directory.read_network(tx, row.network)).covers(date.fromisoformat(day)):
            found.append((Choice(say("card.resume", form=row.form, day=day, begins=row.answers.get("start")), f"resume:{row.id}"),))
    return tuple(found)
