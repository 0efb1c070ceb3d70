"""One turn of a conversation on an open draft: what every step of it needs, whatever the conversation asks."""

from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import Connection

from handlers.screen import Event
from handlers.world import World
from storage.accounts import Draft, Session


@dataclass(frozen=True)
class DraftTurn:
    """Who acts, on what she did, on which draft as it stands after what was done so far."""

    tx: Connection
    world: World
    session: Session
    event: Event
    draft: Draft

    def on(self, draft: Draft) -> Self:
        """The same turn on another state of the draft."""
        return replace(self, draft=draft)
