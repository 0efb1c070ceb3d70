"""The groups and channels that a network writes to, and the codes that bind one: each code once, for an hour."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from rules.facts import Id
from storage.instants import as_stored
from storage.tables import add_row, bindings, channels

OPEN, RELEASED, LOST, ASKED = "open", "released", "lost", "asked"  # asked: its coordinator must still say that it is hers
STAYING, ACCEPTED = ("public", "shared"), "-"  # what is odd for as long as it is so; the mark of what a coordinator accepted
CODE_VALID = timedelta(hours=1)


def add_binding(tx: Connection, network: Id, hashed: str, person: Id, now: datetime) -> int:
    """A code with which a channel is bound to a network; what the same coordinator was given before is void."""
    mine = (bindings.c.made_by == person, bindings.c.network == network, bindings.c.used_at.is_(None))
    tx.execute(bindings.update().where(*mine).values(used_at=as_stored(now)))
    row = {"network": network, "hash": hashed, "made_by": person, "expires_at": as_stored(now) + CODE_VALID}
    return add_row(tx, bindings, row)


def spend_binding(tx: Connection, hashed: str, now: datetime) -> Any:
    """Use a code up: its row, or None when it is unknown, expired or was used, whoever types it at the same time."""
    row = tx.execute(select(bindings).where(bindings.c.hash == hashed)).first()
    if row is None or row.expires_at <= as_stored(now):
        return None
    spent = bindings.update().where(bindings.c.id == row.id, bindings.c.used_at.is_(None)).values(used_at=as_stored(now))
    return row if tx.execute(spent).rowcount == 1 else None


def void_bindings(tx: Connection, person: Id, network: Id | None, now: datetime) -> None:
    """The codes that a person was given (for one network, or all) work no more."""
    query = bindings.update().where(bindings.c.made_by == person, bindings.c.used_at.is_(None))
    tx.execute((query if network is None else query.where(bindings.c.network == network)).values(used_at=as_stored(now)))


def _here(platform: str, workspace: str, place: str) -> ColumnElement[bool]:
    """The rows of one chat; an imported one has no workspace."""
    return and_(channels.c.platform == platform, channels.c.workspace.in_((workspace, "")), channels.c.place == place)


def at_place(tx: Connection, platform: str, workspace: str, place: str) -> list[Any]:
    """What is bound in a chat, open or lost."""
    query = select(channels).where(_here(platform, workspace, place), channels.c.state.in_((OPEN, LOST)))
    return list(tx.execute(query.order_by(channels.c.id)))


def bind(
    tx: Connection, network: Any, platform: str, workspace: str, place: str, topic: str, title: str, person: Id, now: datetime,
    state: str = OPEN,
) -> int:
    """Bind a chat (and its thread, empty for none) to a network. A network has one channel in a chat: bound again in another
    thread it moves there, with the day, hour and language that it had. `network`: its row."""
    query = select(channels).where(_here(platform, workspace, place), channels.c.network == network.id)
    known = tx.execute(query.order_by(channels.c.state != OPEN, channels.c.id)).all()
    values = {
        "workspace": workspace, "topic": topic, "title": title[:200], "state": state, "warned": None, "bound_by": person,
        "bound_at": as_stored(now), "next_at": None,
    }  # fmt: skip
    chosen = next((row for row in known if row.topic == topic), known[0] if known else None)
    if chosen is None:
        usual = {"language": network.language, "weekday": "ma", "hour": "08:30"}
        return add_row(tx, channels, {**usual, **values, "network": network.id, "platform": platform, "place": place})
    others = [row.id for row in known if row.id != chosen.id]
    tx.execute(channels.update().where(channels.c.id.in_(others)).values(state=RELEASED))
    if chosen.id != known[0].id:
        values |= {name: getattr(known[0], name) for name in ("language", "weekday", "hour")}
    tx.execute(channels.update().where(channels.c.id == chosen.id).values(values))
    return int(chosen.id)


def read_channel(tx: Connection, channel: Id) -> Any:
    """A channel's row; None when there is none."""
    return tx.execute(select(channels).where(channels.c.id == channel)).first()


def channels_of(tx: Connection, network: Id) -> list[Any]:
    """The channels of a network that were not released."""
    query = select(channels).where(channels.c.network == network, channels.c.state != RELEASED)
    return list(tx.execute(query.order_by(channels.c.id)))


def change_channel(tx: Connection, channel: Id, **values: Any) -> None:
    """Set columns of a channel; with another day or hour its next summary is reckoned anew."""
    if values.keys() & {"weekday", "hour"}:
        values["next_at"] = None
    tx.execute(channels.update().where(channels.c.id == channel).values(values))


def lose(tx: Connection, platform: str, workspace: str, place: str) -> list[Any]:
    """The bot may write in a chat no more; returns the channels that were open there."""
    found = [row for row in at_place(tx, platform, workspace, place) if row.state == OPEN]
    tx.execute(channels.update().where(channels.c.id.in_([row.id for row in found])).values(state=LOST))
    return found


def move_place(tx: Connection, platform: str, workspace: str, old: str, new: str) -> int:
    """A chat goes on under another id; returns how many channels moved with it. Done twice, it changes nothing."""
    moved = 0
    for row in tx.execute(select(channels).where(_here(platform, workspace, old))).all():
        same = (channels.c.network == row.network, channels.c.topic == row.topic)
        if tx.execute(select(channels.c.id).where(_here(platform, workspace, new), *same)).first() is not None:
            change_channel(tx, row.id, state=RELEASED)  # it was bound anew before the news of the move came
            continue
        change_channel(tx, row.id, place=new)
        moved += 1
    return moved


def lost_untold(tx: Connection, limit: int) -> list[Any]:
    """Channels that were lost and of which nobody was told yet."""
    untold = or_(channels.c.warned.is_(None), ~channels.c.warned.contains("lost"))
    return list(tx.execute(select(channels).where(channels.c.state == LOST, untold).order_by(channels.c.id).limit(limit)))


def open_places(tx: Connection, platform: str, workspace: str) -> list[str]:
    """The chats of a workspace in which something is bound, and those that were imported without a workspace."""
    here = (channels.c.platform == platform, channels.c.workspace.in_((workspace, "")), channels.c.state == OPEN)
    return list(tx.execute(select(channels.c.place).where(*here).distinct().order_by(channels.c.place)).scalars())


def warned_of(channel: Any) -> list[str]:
    """What is odd about a channel and was not accepted yet. `channel` is its row."""
    return [each for each in (channel.warned or "").split("+") if each and not each.startswith(ACCEPTED)]


def accept(tx: Connection, channel: Any) -> None:
    """A coordinator finds a channel in order as it is: what happens again is told again, what stays so is not. `channel` is its row."""
    told = (channel.warned or "").split("+")
    kept = [f"{ACCEPTED}{each}" for each in STAYING if each in told or f"{ACCEPTED}{each}" in told]
    change_channel(tx, channel.id, warned="+".join([*kept, *(["lost"] if channel.state == LOST else [])]) or None)


def note_warned(tx: Connection, channel: Any, what: str) -> bool:
    """Note that the coordinators are told of something odd about a channel; False when they were. `channel` is its row."""
    told = [each for each in (channel.warned or "").split("+") if each]
    if what in told or f"{ACCEPTED}{what}" in told:
        return False
    before = channels.c.warned.is_(None) if channel.warned is None else channels.c.warned == channel.warned
    noted = channels.update().where(channels.c.id == channel.id, before).values(warned="+".join([*told, what]))
    return tx.execute(noted).rowcount == 1


def hand_over(tx: Connection, network: Id, person: Id, to: Id) -> int:
    """The channels that somebody bound for a network are another's from now on; returns how many."""
    mine = channels.update().where(channels.c.network == network, channels.c.bound_by == person)
    return int(tx.execute(mine.values(bound_by=to)).rowcount)
