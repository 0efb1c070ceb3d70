"""Cards that come filled in from elsewhere, a planned moment or one that a colleague registered; booked once, whichever way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.draft_verdict import early_verdict
from handlers.receipt import receipt
from handlers.screen import Event, Screen, say
from handlers.share_news import tell_answer
from handlers.showing import keep_verdict, show_fresh
from handlers.turn import Turn, turn_on
from handlers.world import World
from storage import directory, drafts, plans, shares
from storage.accounts import Draft, Session


def open_prefilled(
    tx: Connection, world: World, session: Session, event: Event, origin: tuple[str, int], form: str, network: int,
    answers: Mapping[str, Any], *, pick: bool = False,
) -> Screen:
    """Open the card of a registration with these answers; `origin`: ("plan" or "share", its id). One that was opened for it
    before goes on. `pick`: begin with the question what to change."""
    kind, number = origin
    person = session.person or 0
    draft = session.draft if session.draft is not None and session.draft.aside.get(kind) == number else None
    if draft is None:
        kept = next((row.id for row in drafts.kept_drafts(tx, person) if row.aside.get(kind) == number and row.purpose == "register"), None)
        draft = drafts.resume_draft(tx, person, kept, event.now) if kept is not None else None
    if draft is None:
        aside = {kind: number, **({"pick": True} if pick else {})}
        draft = drafts.open_draft(tx, person, form, network, dict(answers), event.now, aside=aside)
    if draft.aside.get("pick"):
        return show_fresh(tx, world, replace(session, draft=draft), event, draft)
    turn = turn_on(tx, world, session, event, draft)
    return replace(keep_verdict(turn, early_verdict(turn)), fresh=True)


def booked_before(turn: Turn) -> Screen | None:
    """The receipt of what the origin of this draft became in the meantime; None when nothing yet, or without one."""
    aside = turn.draft.aside
    moment = None
    if "plan" in aside and (row := plans.read_plan(turn.tx, turn.person, aside["plan"])) is not None:
        moment = row.moment
    if "share" in aside and (row := shares.read_share(turn.tx, turn.person, aside["share"])) is not None:
        moment = row.made
    found = directory.read_moment(turn.tx, turn.person, moment) if moment is not None else None
    if found is None:
        return None
    drafts.end_draft(turn.tx, turn.draft, "cancelled", turn.event.now)
    screen = receipt(turn.tx, turn.world, turn.session, found, again=True, draft=turn.draft.id)
    return replace(screen, notice=say("problems.already_booked", moment=found.id))


def note_booked(tx: Connection, draft: Draft, person: int, moment: int, event: Event) -> None:
    """The origin of a draft that was booked is done with it."""
    if "plan" in draft.aside:
        plans.end_plan(tx, draft.aside["plan"], plans.DONE, moment)
    if "share" in draft.aside and shares.answer(tx, draft.aside["share"], person, shares.CONFIRMED, event.now, moment):
        tell_answer(tx, draft.aside["share"], event.now)
