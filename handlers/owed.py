"""The screens of owed messages: for each kind the function that makes it, at the moment that it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers import (
    access,
    afterwards,
    channels,
    handing_over,
    nightly,
    notices,
    personal,
    regrant_news,
    reminding,
    request_cards,
    share_news,
    standing_in,
    summary,
    suspending,
)
from handlers.screen import Screen
from handlers.world import World
from storage.outbox import Owed

Told = Mapping[str, Any]
Teller = Callable[[Connection, World, Told, str], Screen | None]

# Each makes the screen from (tx, world, what the outbox keeps, language); None: the message lost its use.
TELLERS: Mapping[str, Teller] = {
    "linked": access.told_linked,
    "ready": notices.told_ready,
    "plan": afterwards.told_plan,
    "share": share_news.told_share,
    "share_answer": share_news.told_answer,
    "share_changed": share_news.told_changed,
    "reminders": reminding.told_reminders,
    "report": personal.told_report,
    "request": request_cards.told_card,
    "request_nag": request_cards.told_nag,
    "request_done": request_cards.told_done,
    "request_expired": request_cards.told_expired,
    "request_decided": request_cards.told_decided,
    "stand_in": standing_in.told_stand_in,
    "regrant": regrant_news.told_regrant,
    "regrant_other": regrant_news.told_regrant_other,
    "access": suspending.told_access,
    "access_other": suspending.told_access_other,
    "channel_asked": channels.told_asked,
    "channel_bound": channels.told_bound,
    "channel_warning": channels.told_warning,
    "channel_welcome": channels.told_welcome,
    "handover": handing_over.told_handover,
    "summary": summary.told_summary,
    "audit": nightly.told_audit,
}


def owed_screen(tx: Connection, world: World, owed: Owed) -> Screen | None:
    """The screen of an owed message, in the language of who gets it; None when it lost its use in the meantime."""
    screen = TELLERS[str(owed.told["told"])](tx, world, owed.told, owed.language)
    return replace(screen, language=owed.language, fresh=True) if screen is not None else None
