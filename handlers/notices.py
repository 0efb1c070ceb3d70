"""Kept moments that could not be judged and can now: who kept one is told so, once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Screen, say
from handlers.world import World
from storage import accounts, directory, drafts, outbox


def owe_notices(tx: Connection, world: World, now: datetime) -> None:
    """Owe word of each kept moment whose day the rules cover now, once whatever instance or restart: keys are unique (A-28)."""
    for row in drafts.waiting_drafts(tx):
        day = row.answers.get("day")
        if day and world.book(directory.read_network(tx, row.network)).covers(date.fromisoformat(day)):
            for account in accounts.accounts_of(tx, row.person):
                told = {"told": "ready", "draft": row.id, "form": row.form, "day": day}
                outbox.owe(tx, f"ready:{row.id}:{account.id}", told, now, account=account.id)


def told_ready(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """A kept moment can be judged now: the button opens it again."""
    resume = Choice(say("card.resume", form=told["form"], day=told["day"], begins=None), f"resume:{told['draft']}")
    return Screen(say("notices.ready", day=told["day"]), choices=((resume,),))
