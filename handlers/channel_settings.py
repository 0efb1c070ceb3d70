"""The channels of a network in private: day, hour and language of each, releasing one."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from handlers.channels import name_of, release
from handlers.choices import in_rows
from handlers.coordinating import audit, back_to, choose, networks_for, not_found
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.typed import whole
from rules.weeks import WEEKDAYS
from rules.words import LANGUAGES
from storage import channels, directory, outbox, scope
from storage.accounts import Session

HOURS = ("07:30", "08:00", "08:30", "09:00", "10:00", "12:00", "13:30", "16:00", "17:00")
VALUES = {"weekday": WEEKDAYS, "hour": HOURS, "language": LANGUAGES}


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/koppel in private: the channels of her network, and a code for a new one."""
    found = networks_for(tx, session, event, "channel.view")
    if len(found) != 1:
        return choose(found, "chans", event)
    return replace(show_channels(tx, world, session, event, found[0].id), fresh=True)


def show_channels(tx: Connection, world: World, session: Session, event: Event, network: int) -> Screen:
    """The channels of a network, and a button for a new one."""
    if not scope.may(tx, session, "channel.view", event.today, network=network):
        return not_found(event)
    rows = channels.channels_of(tx, network)
    body = tuple(_line(row) for row in rows)
    choices: list[tuple[Choice, ...]] = [(Choice(say("channels.one", title=name_of(row)), f"chan:{row.id}"),) for row in rows]
    if scope.may(tx, session, "channel.bind", event.today, network=network):
        choices.append((Choice(say("channels.bind"), f"bind:{network}"),))
    choices.append((back_to(network),))
    title = say("channels.of", network=directory.read_network(tx, network).name)
    return Screen(title, body or (say("channels.none"),), choices=tuple(choices))


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """ID shows a channel; ID:weekday, ID:hour, ID:language ask, with a value they set; ID:fine, ID:release, ID:yes, ID:no."""
    number, _, verb = rest.partition(":")
    row = channels.read_channel(tx, whole(number) or 0)
    if row is None or row.state == channels.RELEASED or not scope.may(tx, session, "channel.change", event.today, network=row.network):
        return not_found(event)
    name, _, value = verb.partition(":")
    if row.state == channels.ASKED:
        return _settle(tx, world, session, event, row, name)
    if name in VALUES and not value:
        return _ask(row, name)
    value = value.replace(".", ":")
    if name in VALUES and value in VALUES[name]:
        channels.change_channel(tx, row.id, **{name: value})
        audit(tx, session, event, "channel.changed", f"channel:{row.id}", f"{name} {getattr(row, name)} {value}")
    elif name == "fine":
        channels.accept(tx, row)
    elif name == "release" and value != "yes":
        yes = Choice(say("channels.release_yes"), f"chan:{row.id}:release:yes")
        choices = ((yes,), (Choice(say("card.back"), f"chan:{row.id}"),))
        return Screen(say("channels.release_sure", title=name_of(row)), (say("channels.release_means"),), choices=choices)
    elif name == "release":
        release(tx, session, event, row)
        return show_channels(tx, world, session, event, row.network)
    return _show(tx, channels.read_channel(tx, row.id))


def _settle(tx: Connection, world: World, session: Session, event: Event, row: Any, answer: str) -> Screen:
    """Whether a channel that asks to be bound is hers: a coordinator of that network says so."""
    if answer == "yes" and scope.may(tx, session, "channel.bind", event.today, network=row.network):
        channels.change_channel(tx, row.id, state=channels.OPEN, next_at=None)
        audit(tx, session, event, "channel.bound", f"channel:{row.id}", f"network:{row.network}")
        told = {"told": "channel_welcome", "channel": row.id}
        outbox.owe(tx, f"channel:{row.id}:welcome:{event.now.timestamp():.0f}", told, event.now, channel=row.id)
        return _show(tx, channels.read_channel(tx, row.id))
    if answer == "no":
        release(tx, session, event, row)
        return show_channels(tx, world, session, event, row.network)
    yes, no = Choice(say("channels.yes_bind"), f"chan:{row.id}:yes"), Choice(say("channels.no_bind"), f"chan:{row.id}:no")
    network = directory.read_network(tx, row.network).name
    return Screen(say("channels.is_it_yours", title=name_of(row), network=network), choices=((yes, no),))


def _show(tx: Connection, row: Any) -> Screen:
    body: list[Text] = [say("channels.what_comes", weekday=row.weekday, hour=row.hour), say("channels.speaks", spoken=row.language)]
    if row.topic:
        body.append(say("channels.in_topic"))
    if row.state == channels.LOST:
        body.append(say("channels.is_lost"))
    warned = [each for each in channels.warned_of(row) if each != "lost"]
    network = directory.read_network(tx, row.network).name
    body += [say(f"channels.warning_{each}", title=name_of(row), network=network) for each in warned]
    rows = [
        (Choice(say("channels.day"), f"chan:{row.id}:weekday"), Choice(say("channels.hour"), f"chan:{row.id}:hour")),
        (Choice(say("personal.language_button"), f"chan:{row.id}:language"), Choice(say("channels.release"), f"chan:{row.id}:release")),
        *([(Choice(say("channels.fine"), f"chan:{row.id}:fine"),)] if warned else []),
        (Choice(say("card.back"), f"chans:{row.network}"),),
    ]
    return Screen(say("channels.one", title=name_of(row)), tuple(body), choices=tuple(rows))


def _ask(row: Any, name: str) -> Screen:
    labels = {
        "weekday": lambda value: say(f"words.day_{value}"), "hour": lambda value: say("card.plain", value=value),
        "language": lambda value: say(f"words.language_{value}"),
    }  # fmt: skip
    choices = [Choice(labels[name](value), f"chan:{row.id}:{name}:{value.replace(':', '.')}") for value in VALUES[name]]
    back = (Choice(say("card.back"), f"chan:{row.id}"),)
    return Screen(say("channels.one", title=name_of(row)), asks=say(f"channels.which_{name}"), choices=(*in_rows(choices, 3), back))


def _line(row: Any) -> Text:
    return say("channels.line", title=name_of(row), weekday=row.weekday, hour=row.hour, state=row.state, platform=row.platform)
