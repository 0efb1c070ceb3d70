"""Binding a group or channel to a network with a code typed in it, and what happens to one that is bound: renamed, moved, lost."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import access
from handlers.coordinating import audit, not_found
from handlers.inviting import link
from handlers.screen import SILENCE, Choice, Event, Screen, say
from handlers.world import World
from rules.periods import BRUSSELS
from rules.typed import fold
from storage import accounts, channels, directory, outbox, people, scope
from storage.accounts import Session
from storage.instants import as_stored

CODE_LETTERS = 12  # of 32: 60 random bits, for an hour, once
GUESSES = 5  # wrong codes in an hour in one group, after which it is silent
RELEASE = ("los", "loslaten", "detacher", "release")  # what is typed after the command to release


def give_code(tx: Connection, world: World, session: Session, event: Event, network: int) -> Screen:
    """ "Kanaal koppelen": a code to type in the group, and a link that adds the bot to one."""
    if not scope.may(tx, session, "channel.bind", event.today, network=network):
        return not_found(event)
    code = access.new_code(CODE_LETTERS)
    channels.add_binding(tx, network, access.hash_of(code), session.person or 0, event.now)
    audit(tx, session, event, "channel.code", f"network:{network}")
    row = directory.read_network(tx, network)
    slack = event.who.platform == "slack"
    body = (say("channels.how", code=code, link=link(world, code, group=True), slack=slack), say("channels.how_long", slack=slack))
    choices = ((Choice(say("card.back"), f"chans:{network}"),),)
    return Screen(say("channels.bind_title", network=row.name), body, choices=choices, unkept=True)


def typed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen | None:
    """/koppel or /start with a code, in a group or channel: by an administrator of it who has the right over the network. Others
    have seen the code, so it is used up whatever comes of it."""
    code = event.text.strip()
    if fold(code) in RELEASE:
        return _release_here(tx, session, event)
    if not code:
        return None
    row = channels.spend_binding(tx, access.hash_of(code), event.now)
    if row is None:
        return _wrong(tx, session, event)
    network = directory.read_network(tx, row.network)
    language = network.language
    if (administrator := event.extra.get("administrator")) is not True:
        said = "channels.not_administrator" if administrator is False else "channels.not_seen"
        return Screen(say(said), language=language, fresh=True)
    title = str(event.extra.get("title", ""))
    place = (event.who.platform, event.who.workspace, event.chat, str(event.extra.get("topic", "")), title)
    if event.extra.get("nameless"):  # a post of a channel, or of an administrator who does not show who she is
        if row.made_by not in scope.coordinators_of(tx, row.network, event.today):
            return _wrong(tx, session, event)
        channel = channels.bind(tx, network, *place, person=row.made_by, now=event.now, state=channels.ASKED)
        told = {"told": "channel_asked", "channel": channel}
        outbox.owe_person(tx, f"channel:{channel}:asked:{row.id}", told, row.made_by, event.now)
        return Screen(say("channels.asked", title=title), language=language, fresh=True)
    if not scope.may(tx, session, "channel.bind", event.today, network=row.network):
        return _wrong(tx, session, event)
    channel = channels.bind(tx, network, *place, person=session.person or 0, now=event.now)
    audit(tx, session, event, "channel.bound", f"channel:{channel}", f"network:{row.network}")
    told = {"told": "channel_bound", "channel": channel}
    outbox.owe_person(tx, f"channel:{channel}:bound:{row.id}", told, session.person or 0, event.now)
    look_public(tx, event)
    return welcome(tx, channel)


def welcome(tx: Connection, channel: int) -> Screen:
    """What a group reads when it is bound: its title, which network, what comes when."""
    row = channels.read_channel(tx, channel)
    network = directory.read_network(tx, row.network)
    said = say("channels.bound", title=name_of(row), network=network.name)
    comes = say("channels.what_comes", weekday=row.weekday, hour=row.hour)
    return Screen(said, (comes, say("channels.totals_only")), language=row.language, fresh=True)


def name_of(row: Any) -> str:
    """What a channel is called; one of which nothing was heard yet, as an imported one, only has its number. `row` is the channel's."""
    return str(row.title or row.place)


def _wrong(tx: Connection, session: Session, event: Event) -> Screen:
    """A code that does not work; an invitation that was typed here is void too. After too many in an hour: silence."""
    where, now = f"{event.who.platform}:{event.who.workspace}:{event.chat}", as_stored(event.now)
    if event.action in START:
        return access.knock(tx, session, event)
    if (invite := accounts.find_invite(tx, access.hash_of(event.text), now)) is not None:
        accounts.void_invite(tx, invite.id, now)
    if accounts.guesses_since(tx, now - timedelta(hours=1), where) >= GUESSES:
        return SILENCE
    accounts.add_guess(tx, where, now)
    return Screen(say("channels.wrong_code"), fresh=True)


START = ("start", "menu")


def _release_here(tx: Connection, session: Session, event: Event) -> Screen:
    """Release what is bound in this group, of the networks over which she has the right; silence when there is none."""
    found = channels.at_place(tx, event.who.platform, event.who.workspace, event.chat)
    mine = [row for row in found if scope.may(tx, session, "channel.change", event.today, network=row.network)]
    for row in mine:
        release(tx, session, event, row)
    return Screen(say("channels.released"), language=mine[0].language, fresh=True) if mine else SILENCE


def release(tx: Connection, session: Session, event: Event, row: Any) -> None:
    """Nothing goes to this channel any more. `row` is the channel's."""
    channels.change_channel(tx, row.id, state=channels.RELEASED)
    outbox.drop_channel(tx, row.id)
    audit(tx, session, event, "channel.released", f"channel:{row.id}", f"network:{row.network}")


def group_help(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """/help in a group that is bound: what can be done there; elsewhere silence."""
    found = channels.at_place(tx, event.who.platform, event.who.workspace, event.chat)
    return Screen(say("channels.help"), language=found[0].language, fresh=True) if found else SILENCE


# What happens without anybody asking


def renamed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """The group has another title: the coordinators hear it once."""
    for row in channels.at_place(tx, event.who.platform, event.who.workspace, event.chat):
        channels.change_channel(tx, row.id, title=str(event.extra.get("title", ""))[:200])
        warn(tx, row, "renamed", event.now)
    return SILENCE


def joined(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """Somebody was added who is not known in the network: the coordinators hear it once, without a name."""
    users = [str(each) for each in event.extra.get("users", ())]
    for row in channels.at_place(tx, event.who.platform, event.who.workspace, event.chat):
        if people.outsiders(tx, event.who.platform, event.who.workspace, users, row.network):
            warn(tx, row, "outsider", event.now)
    return SILENCE


def look_public(tx: Connection, event: Event) -> None:
    """Something happens in a group where others can read along ("public": who finds it, "shared": another workspace): the coordinators
    hear it once."""
    for what in ("public", "shared"):
        if event.extra.get(what):
            for row in channels.at_place(tx, event.who.platform, event.who.workspace, event.chat):
                warn(tx, row, what, event.now)


def look_at(tx: Connection, event: Event) -> None:
    """What the platform says of a group that is bound, nobody having done anything: its title is kept, and see `look_public`."""
    title = str(event.extra.get("title") or "")[:200]
    for row in channels.at_place(tx, event.who.platform, event.who.workspace, event.chat):
        if title and title != row.title:
            channels.change_channel(tx, row.id, title=title)
    look_public(tx, event)


def warn_public(tx: Connection, platform: str, workspace: str, places: Collection[str], now: datetime) -> None:
    """Groups show to be such that everybody can find them: the coordinators of what is bound there hear it once."""
    for place in places:
        for row in channels.at_place(tx, platform, workspace, place):
            warn(tx, row, "public", now)


def moved(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """The group became a supergroup: what was bound to it goes on under its new id."""
    old, new = str(event.extra.get("old", "")), str(event.extra.get("new", ""))
    if old and new:
        channels.move_place(tx, event.who.platform, event.who.workspace, old, new)
    return SILENCE


def removed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """The bot was put out of the group, or may not write there any more: it is lost until it is bound anew."""
    for row in channels.lose(tx, event.who.platform, event.who.workspace, event.chat):
        warn(tx, row, "lost", event.now)
    return SILENCE


def owe_warnings(tx: Connection, world: World, now: datetime) -> bool:
    """A job of the schedule: channels whose loss showed when something was sent; the coordinators hear it."""
    found = channels.lost_untold(tx, 20)
    for row in found:
        warn(tx, row, "lost", now)
    return bool(found)


def warn(tx: Connection, row: Any, what: str, now: datetime) -> None:
    """Tell the coordinators of a channel's network something odd about it, once, until one of them has seen to it."""
    row = channels.read_channel(tx, row.id)
    if not channels.note_warned(tx, row, what):
        return
    told = {"told": "channel_warning", "channel": row.id, "what": what}
    for person in scope.coordinators_of(tx, row.network, now.astimezone(BRUSSELS).date()):
        outbox.owe_person(tx, f"channel:{row.id}:{what}:{now.timestamp():.0f}:{person}", told, person, now)


# What is told in private


def told_warning(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """A warning about a channel; None when it was released in the meantime."""
    row = channels.read_channel(tx, told["channel"])
    if row is None or row.state == channels.RELEASED:
        return None
    said = say(f"channels.warning_{told['what']}", title=name_of(row), network=directory.read_network(tx, row.network).name)
    return Screen(said, choices=((Choice(say("channels.settings"), f"chan:{row.id}"),),))


def told_bound(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """Which group was bound, by its title; with its settings, and a way to undo it."""
    row = channels.read_channel(tx, told["channel"])
    if row is None or row.state != channels.OPEN:
        return None
    said = say("channels.you_bound", title=name_of(row), network=directory.read_network(tx, row.network).name)
    choices = ((Choice(say("channels.settings"), f"chan:{row.id}"),), (Choice(say("channels.release"), f"chan:{row.id}:release"),))
    return Screen(said, (say("channels.what_comes", weekday=row.weekday, hour=row.hour),), choices=choices)


def told_asked(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """Her code was typed in a channel where nobody shows who she is: is it hers? None when that is settled."""
    row = channels.read_channel(tx, told["channel"])
    if row is None or row.state != channels.ASKED:
        return None
    said = say("channels.is_it_yours", title=name_of(row), network=directory.read_network(tx, row.network).name)
    yes, no = Choice(say("channels.yes_bind"), f"chan:{row.id}:yes"), Choice(say("channels.no_bind"), f"chan:{row.id}:no")
    return Screen(said, (say("channels.code_typed"),), choices=((yes, no),))


def told_welcome(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The first word in a channel that its coordinator confirmed."""
    row = channels.read_channel(tx, told["channel"])
    return welcome(tx, row.id) if row is not None and row.state == channels.OPEN else None


