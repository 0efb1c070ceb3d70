"""Drafts that register no moment: who shows, reads and presses them, by the purpose of the draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from handlers import adjusting, regranting, requesting, sharing, standing_in
from handlers.screen import Event, Screen
from handlers.world import World
from storage import drafts
from storage.accounts import Session


@dataclass(frozen=True)
class Conversation:
    """A conversation around an open draft: its card as it stands, a typed answer, a press on a revision of it. `action`: its row in
    storage.scope.ACTIONS; `refused`: what is said to who may not go on with it; `brief`: below another screen it is one line, and
    what is typed is no answer any more until it is taken up again."""

    resume: Callable[[Connection, World, Session, Event], Screen]
    type_answer: Callable[[Connection, World, Session, Event], Screen]
    press: Callable[[Connection, World, Session, Event, int, str, str], Screen]
    action: str
    refused: str = "problems.not_found"
    brief: bool = False


_HERE = "requests.not_found"
CONVERSATIONS: Mapping[str, Conversation] = {
    requesting.PURPOSE: Conversation(requesting.resume, requesting.type_answer, requesting.press_card, "request.ask", _HERE),
    adjusting.PURPOSE: Conversation(adjusting.resume, adjusting.type_answer, adjusting.press_card, "request.decide", _HERE, True),
    sharing.PURPOSE: Conversation(sharing.resume, sharing.type_answer, sharing.press_card, "share.ask", "shares.gone"),
    standing_in.PURPOSE: Conversation(
        standing_in.resume, standing_in.type_answer, standing_in.press_card, "request.stand_in", _HERE, True
    ),
    regranting.PURPOSE: Conversation(regranting.resume, regranting.type_answer, regranting.press_card, regranting.ACTION, brief=True),
}


AWAY = "away"  # beside the answers of a brief one: another screen came below it


def is_away(session: Session) -> bool:
    """Whether the open conversation is out of sight: what is typed is no answer to it."""
    return session.draft is not None and bool(session.draft.aside.get(AWAY))


def taken_up(tx: Connection, session: Session) -> Session:
    """The session with its open card in sight again."""
    if session.draft is None or not is_away(session):
        return session
    aside = {key: value for key, value in session.draft.aside.items() if key != AWAY}
    return replace(session, draft=drafts.note_aside(tx, session.draft, aside))


def conversation_of(session: Session) -> Conversation | None:
    """The conversation of the open draft; None without one, or when it registers a moment."""
    return CONVERSATIONS.get(session.draft.purpose) if session.draft is not None else None
