"""From an event to a screen: who is it, and did she type, press or command something. The one door of every surface."""

from dataclasses import replace

from sqlalchemy import Connection

from handlers import access, channels, commands
from handlers.doing import do, give_command, is_suspended, press, row_of, suspended, with_open_question
from handlers.language import in_language
from handlers.registry import GROUP_COMMANDS, GROUP_EVENTS, GROUP_PRESSES
from handlers.screen import SILENCE, Event, Screen, say
from handlers.typed_text import read_typed
from handlers.world import World
from rules.typed import readable, too_long
from storage import accounts, outbox, scope
from storage.accounts import Session

# What is said to what is no text, by what it was; a voice message, a photo and the like: that it is not read.
_OTHER = {"edited": "problems.edited", "forwarded": "problems.forwarded_card"}


def handle(tx: Connection, world: World, event: Event, session: Session | None = None) -> Screen:
    """The screen that answers an event. What it writes and the answer it owes belong to one transaction, the caller's."""
    if not event.text.isprintable():
        event = replace(event, text=readable(event.text))
    session = session or accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    if too_long(event.text):
        screen = Screen(problems=(say("problems.too_long"),), fresh=True) if event.private else SILENCE
    elif event.private:
        screen = _in_private(tx, world, session, event)
    else:
        screen = _in_group(tx, world, session, event)
    return in_language(world, screen, session, event)


def _in_private(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    if event.kind == "other" and event.action == "blocked":
        if session.account is not None:
            outbox.close_account(tx, session.account)
        return SILENCE
    command = commands.meant(event.action) if event.kind == "command" else None
    if session.person is None:
        return _stranger(tx, world, session, event, command)
    if session.account is not None and event.chat and session.chat != event.chat:
        accounts.change_account(tx, session.account, chat=event.chat)
    if event.kind == "other" and event.action == "unblocked":
        return SILENCE
    if event.kind == "command":
        return give_command(tx, world, session, event, command)
    if event.kind == "press":
        return press(tx, world, session, event)
    if is_suspended(session, event):
        return suspended(event)
    if event.kind == "text":
        return read_typed(tx, world, session, event)
    unread = Screen(say(_OTHER.get(event.action, "problems.not_text")), fresh=True)
    return with_open_question(tx, world, session, event, unread)


def _in_group(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """In a group nothing personal is answered in the open; a code shown there is void; else silence."""
    channels.look_public(tx, event)
    name, _, rest = event.action.partition(":")
    if event.kind == "press":
        row = GROUP_PRESSES.get(name)
    elif event.kind == "group":
        row = GROUP_EVENTS.get(event.action)
    else:
        row = GROUP_COMMANDS.get(commands.meant(event.action) or "") if event.kind == "command" else None
    screen = do(tx, world, session, event, row, rest) if row is not None else None
    addressed = event.kind == "command" and event.extra.get("addressed") and event.action in commands.COMMAND_OF
    if addressed and (screen is None or screen.silent):
        return Screen(say("access.private_please"), fresh=True)
    return screen or SILENCE


def _stranger(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    """Who is not linked may knock and link; whatever else she does, she gets the door."""
    row, rest = row_of(event, command)
    if row is None or not scope.may(tx, session, row.action, event.today):
        return access.door(event)
    return row.do(tx, world, session, event, rest) or access.door(event)
