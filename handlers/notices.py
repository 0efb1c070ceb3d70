"""What is owed without anybody asking: a kept moment that can be judged now, rules that end; and the screens of owed messages."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.access import told_screen
from handlers.screen import Choice, Screen, say
from handlers.world import World
from rules.periods import BRUSSELS
from storage import accounts, directory, drafts, events

AHEAD = (14, 60)  # days before the end of the rules at which the coordinator hears it


def owe_notices(tx: Connection, world: World, now: datetime) -> None:
    """Owe what is due today, once each whatever instance or restart: the keys of the outbox are unique (GEN-05, A-28)."""
    for row in drafts.waiting_drafts(tx):
        day = row.answers.get("day")
        if day and world.book(directory.read_network(tx, row.network)).covers(date.fromisoformat(day)):
            for account in accounts.accounts_of(tx, row.person):
                events.owe(
                    tx, f"ready:{row.id}:{account.id}", account.id, {"told": "ready", "draft": row.id, "form": row.form, "day": day}, now
                )
    today = now.astimezone(BRUSSELS).date()
    for network in directory.all_networks(tx):
        last_day = world.book(network).last_day()
        left = (last_day - today).days if last_day is not None else None
        mark = next((days for days in AHEAD if left is not None and 0 <= left <= days), None)
        if mark is None or last_day is None:
            continue
        for coordinator in accounts.people_with_role(tx, "coordinator", (network.id,)):
            for account in accounts.accounts_of(tx, coordinator.id):
                kept = {"told": "rules_end", "day": last_day.isoformat(), "network": network.name}
                events.owe(tx, f"rules-end:{network.id}:{last_day}:{mark}:{account.id}", account.id, kept, now)


def owed_screen(kept: dict[str, Any], language: str) -> Screen:
    """The screen of an owed message, from what the outbox keeps of it."""
    if kept["told"] == "linked":
        return told_screen(kept, language)
    if kept["told"] == "ready":
        resume = Choice(say("card.resume", form=kept["form"], day=kept["day"], begins=None), f"resume:{kept['draft']}")
        return Screen(say("notices.ready", day=kept["day"]), choices=((resume,),), language=language, fresh=True)
    if kept["told"] == "rules_end":
        return Screen(say("notices.rules_end", day=kept["day"], network=kept["network"]), language=language, fresh=True)
    return Screen(say("personal.told_report", reference=kept["reference"]), language=language, fresh=True)
