"""When a channel's summary is due: what the schedule owes each open channel, once a week, late when the process was down."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.summary import freeze
from handlers.world import World
from rules.facts import Id
from rules.periods import BRUSSELS
from rules.weeks import Week, occurrence, week_of
from storage import directory, outbox, weekly
from storage.instants import as_stored

log = logging.getLogger("uurwijzer")
LATE = timedelta(hours=2)  # after this the post says that it comes late
USE = timedelta(days=28)  # what is later than this is not posted any more
AGAIN = timedelta(hours=1)


def owe_summaries(tx: Connection, world: World, now: datetime) -> bool:
    """Owe the channel that waits longest its summary of the ISO week that ended last, and move its next time on by a week on a
    Brussels clock; one a call: True when there was one. A channel without a next time gets one and nothing else."""
    channel = weekly.due_channel(tx, as_stored(now))
    if channel is None:
        return False
    if channel.next_at is None:
        following = occurrence(channel.weekday, channel.hour, now)
    else:
        meant = channel.next_at.replace(tzinfo=UTC)
        following = occurrence(channel.weekday, channel.hour, max(meant, now - USE))
        try:
            with tx.begin_nested():
                if now - meant <= USE:
                    _owe(tx, world, channel, meant, now)
        except Exception:  # one network that cannot be added up must not keep the others from their summary
            log.exception("the summary of channel %s could not be made, trying again in an hour", channel.id)
            following = now + AGAIN
    weekly.move_next(tx, channel.id, as_stored(following))
    return True


def _owe(tx: Connection, world: World, channel: Any, meant: datetime, now: datetime) -> None:
    day = meant.astimezone(BRUSSELS).date()
    week = week_of(day).back()
    freeze(tx, world, directory.read_network(tx, channel.network), week, now)
    told = {"told": "summary", "network": channel.network, "week": str(week), "late": day.isoformat() if now - meant > LATE else None}
    outbox.owe(tx, _key(channel.id, week), told, now, channel=channel.id, use_until=meant + USE)


def post_now(tx: Connection, world: World, network: Any, week: Week, now: datetime) -> tuple[int, int]:
    """Owe a week to every open channel of a network: (how many got it, how many had it already)."""
    freeze(tx, world, network, week, now)
    channels = weekly.open_channels(tx, network.id)
    new = [row for row in channels if not outbox.is_owed(tx, _key(row.id, week))]
    for row in new:
        told = {"told": "summary", "network": network.id, "week": str(week), "late": None}
        outbox.owe(tx, _key(row.id, week), told, now, channel=row.id, use_until=now + USE)
    return len(new), len(channels) - len(new)


def _key(channel: Id, week: Week) -> str:
    return f"summary:{channel}:{week}"
