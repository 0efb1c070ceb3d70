"""One event of Slack, handled and committed in one step: a message, a modal, the Home, or somebody who left."""

from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from bot import slack_surface as surface
from bot.answering import BUSY, Calls, answer, unexpected
from bot.outgoing import Note, note_sent, with_card
from bot.slack_channels import with_channel
from bot.slack_home import home_view
from bot.slack_modal import screen_view
from bot.slack_reading import in_passing, is_slash_command
from bot.slack_steps import Answered, in_modal, in_view, opens_modal
from bot.slack_workspace import Workspace
from bot.wording import say
from handlers.commands import COMMAND_OF
from handlers.screen import Event, Screen
from handlers.screen import say as text
from handlers.world import World
from rules.words import LANGUAGES
from storage import accounts, events
from storage.accounts import Session
from storage.database import BusyError
from storage.instants import as_stored
from storage.redo import remember_unlinked

# Commands whose answer changes nothing. With SQLite one process answers, and its memory tells those that come again; with PostgreSQL
# it may be another, so they are claimed as everything else.
LOOKS = frozenset({"saldo", "overzicht", "help"})
LOOKED = 4096  # that a process remembers
TRIES = 6  # at a database that is taken, of 1.5 seconds each: who waits longer than Slack does was told that it is being worked on


async def answer_event(here: Workspace, event: Event) -> Answered:
    """Handle and commit; what answers it. Whatever goes wrong, the person hears it and nothing is half done."""
    if event.key in here.looked:
        return Answered(repeated=True)
    event = await with_channel(here, event)
    for _ in range(TRIES):
        try:
            with here.carried() as pending:
                return await here.database.step(partial(_step, here=here, event=event, pending=pending))
        except events.RepeatedError:
            return Answered(repeated=True)
        except BusyError:
            continue
        except Exception:
            return _sorry(event, unexpected("an event could not be handled"))
    return _sorry(event, BUSY)


def _step(tx: Connection, here: Workspace, event: Event, pending: list[Note]) -> Answered:
    known = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    note_sent(tx, pending, here.clock())  # after the lock on the person: two instances lock in the same order
    session = with_card(known, pending)
    found = answer_in(tx, here.world, event, session)
    kept = found.kept if found.kept is not None else found.calls
    if here.database.is_sqlite and _only_looks(event, kept):
        here.looked[event.key] = None
        if len(here.looked) > LOOKED:
            del here.looked[next(iter(here.looked))]
        return found
    events.claim(tx, event.key, {"account": session.account, "calls": kept} if kept else None, event.now)
    return replace(found, key=event.key if kept else "", account=session.account, card=session.card)


def answer_in(tx: Connection, world: World, event: Event, session: Session) -> Answered:
    """What answers an event, within a step."""
    if event.kind == "gone":
        _unlink(tx, event, session)
        return Answered()
    if event.kind == "home":
        view = home_view(tx, world, session, event)
        return Answered(views=({"method": "views.publish", "user_id": surface.person_of(event.who.user), "view": view},), home=True)
    if event.extra.get("view") or opens_modal(event):
        return in_modal(tx, world, event, session)
    screen = answer(tx, world, event, session)
    if screen.silent and _typed_here(event):
        return answer_in(tx, world, in_passing(event), session)
    calls = surface.show(screen, event, session.card)
    unkept = screen.files or screen.unkept or any(each.files or each.unkept for each in screen.also)
    return Answered(calls, kept=surface.show(replace(BUSY, language=screen.language), event) if unkept else None)


def _unlink(tx: Connection, event: Event, session: Session) -> None:
    """Who was deactivated in Slack has no access from there any more."""
    if session.account is not None and session.person is not None:
        remember_unlinked(tx, session.person, None, event.now, session.account)
        accounts.unlink(tx, session.person, account=session.account)
        at = as_stored(event.now)
        accounts.add_audit(tx, at, "slack", "unlink", str(session.person), "deactivated")


def _typed_here(event: Event) -> bool:
    """Whether it is a slash command in a channel, which Slack shows to her alone: silence looks like a fault."""
    return is_slash_command(event) and not event.private and not event.text


def _only_looks(event: Event, calls: Calls) -> bool:
    """Whether an answer that goes with the acknowledgement tells what is so and changes nothing."""
    return event.kind == "command" and COMMAND_OF.get(event.action) in LOOKS and len(calls) == 1 and calls[0]["method"] == "respond"


def _sorry(event: Event, why: Screen) -> Answered:
    """Why nothing came of it, to her alone where Slack can; whose language it is, is not known."""
    if event.kind in ("home", "gone", "group"):
        return Answered(failed=event.kind != "home")
    lines = [say(why.title, language) for language in LANGUAGES if why.title is not None]
    screen = Screen(body=tuple(text("card.plain", value=line) for line in lines), fresh=True)
    if event.extra.get("view"):
        return in_view(event, screen)
    if event.kind == "press" and not event.private:
        screen = Screen(notice=text("card.plain", value=" / ".join(lines)), silent=True)
    elif is_slash_command(event) and not event.private:
        event = in_passing(event)
    return Answered(surface.show(screen, event), late=lambda: screen_view(screen))
