"""From an event to a screen: who is it, what may she do, which conversation. The one door of every surface."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from handlers import access, balances, commands, overview, personal, registration, typed_line, what_if
from handlers.screen import SILENCE, Event, Screen, say
from handlers.world import World
from rules import clientdata
from rules.typed import fold, readable, whole
from storage import accounts
from storage.accounts import Session

Handler = Callable[[Connection, World, Session, Event], Screen]

# What can be typed instead of pressing a button of the open card.
WORDS: Mapping[str, tuple[str, ...]] = {
    ".ok": ("bevestigen", "bevestig", "confirmer", "confirm"),
    ".back": ("terug", "retour", "back"),
    ".cancel": ("annuleren", "annuleer", "annuler", "cancel"),
    ".change": ("wijzig", "wijzigen", "modifier", "change"),
    ".why": ("waarom", "waarom?", "pourquoi", "pourquoi?", "why", "why?"),
}
VERB_OF = {word: verb for verb, words in WORDS.items() for word in words}


def handle(tx: Connection, world: World, event: Event, session: Session | None = None) -> Screen:
    """The screen that answers an event. What it writes and the answer it owes belong to one transaction, the caller's."""
    if not event.text.isprintable():
        event = replace(event, text=readable(event.text))
    session = session or accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    return _in_language(_handle(tx, world, session, event), session, event)


def language_of(session: Session, event: Event) -> str:
    """The person's choice, else what the platform guesses, else Dutch."""
    guess = event.language[:2].lower()
    return session.language or (guess if guess in ("nl", "fr", "en") else "nl")


def _in_language(screen: Screen, session: Session, event: Event) -> Screen:
    if screen.silent or screen.language != "nl":
        return screen
    chosen = screen.title is not None and screen.title.key == "personal.language_set"
    return (
        screen
        if chosen
        else replace(screen, language=language_of(session, event), also=tuple(_in_language(each, session, event) for each in screen.also))
    )


def _handle(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    if not event.private:
        return _in_group(tx, world, session, event)
    command = commands.COMMAND_OF.get(event.action) if event.kind == "command" else None
    if session.person is None:
        return _stranger(tx, world, session, event, command)
    if session.account is not None and event.chat and session.chat != event.chat:
        accounts.change_account(tx, session.account, chat=event.chat)
    if event.kind == "command":
        return _command(tx, world, session, event, command)
    if event.kind == "press":
        return _press(tx, world, session, event)
    if event.kind == "text":
        return _typed(tx, world, session, event)
    return _repeat_question(tx, world, session, event, Screen(say(_OTHER.get(event.action, "problems.not_text")), fresh=True))


_OTHER = {"edited": "problems.edited", "forwarded": "problems.forwarded_card"}


def _in_group(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """In a group nothing personal is answered in the open; a code shown there is void; else silence."""
    if event.kind == "command" and commands.COMMAND_OF.get(event.action) == "start" and event.text.strip():
        return access.knock(tx, session, event)
    if event.kind == "command" and event.extra.get("addressed") and commands.COMMAND_OF.get(event.action):
        return Screen(say("access.private_please"), fresh=True)
    return SILENCE


def _stranger(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    if command == "start":
        return access.knock(tx, session, event)
    if event.kind == "press" and event.action.startswith("link:") and (invite := whole(event.action[5:])) is not None:
        refused = access.link(tx, session, event, invite)
        if refused is not None:
            return refused
        linked = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
        return replace(personal.menu(tx, world, linked, event, linked=True), language=linked.language or "nl")
    if event.kind == "press" and event.action == "notme":
        return access.decline(tx, session)
    return access.door(event)


def _command(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    if command is None:
        return _repeat_question(tx, world, session, event, Screen(say("personal.unknown_command"), fresh=True))
    if command in commands.FORMS:
        return replace(registration.start(tx, world, session, event, command), fresh=True)
    if command == "watals":
        return _repeat_question(tx, world, session, event, what_if.judge_line(tx, world, session, event))
    if command == "annuleer":
        if session.draft is None:
            return Screen(say("registration.nothing_open"), choices=registration.WAY_ON, fresh=True)
        return registration.press(tx, world, session, event, session.draft.id, session.draft.revision, ".cancel", "")
    if command == "start" and event.text.strip():
        return Screen(say("access.already_linked", name=session.first_name), fresh=True)
    if command == "start":
        return _repeat_question(tx, world, session, event, personal.menu(tx, world, session, event))
    if command in ("saldo", "overzicht") and "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    return _repeat_question(tx, world, session, event, SIDE[command](tx, world, session, event))


SIDE: Mapping[str, Handler] = {
    "saldo": balances.show_balances,
    "overzicht": overview.show_page,
    "taal": personal.ask_language,
    "privacy": personal.privacy,
    "help": personal.help_screen,
}


def _repeat_question(tx: Connection, world: World, session: Session, event: Event, screen: Screen) -> Screen:
    """A side question is answered, and the open question stands below it again; after /taal in the new language."""
    changed = screen.title is not None and screen.title.key == "personal.language_set"
    draft = session.draft
    if draft is None or not (screen.fresh or changed):
        return screen
    if changed:
        session = replace(session, language=screen.language)
    setting = registration.present_setting(tx, world, session, event)
    card = registration.show(tx, world, session, setting, draft, event)
    return replace(screen, also=(replace(card, fresh=True),))


def _typed(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    text = event.text.strip()
    word = fold(text)
    draft = session.draft if "verstrekker" in session.roles else None
    if draft is not None and (verb := VERB_OF.get(word)):
        return registration.press(tx, world, session, event, draft.id, draft.revision, verb, "")
    first, _, rest = text.partition(" ")
    command = commands.COMMAND_OF.get(fold(first))
    if command is not None and (command == "watals" or (command in SIDE and not rest)):
        return _command(tx, world, session, replace(event, kind="command", action=command, text=rest), command)
    if draft is not None:
        return registration.type_answer(tx, world, session, event)
    if command is not None:
        return _command(tx, world, session, replace(event, kind="command", action=command, text=rest), command)
    if seen := clientdata.screen(text):
        return Screen(typed_line.client_data_seen(seen), choices=personal.menu(tx, world, session, event).choices, fresh=True)
    return Screen(say("personal.not_understood"), choices=personal.menu(tx, world, session, event).choices, fresh=True)


def _press(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    verb, _, rest = event.action.partition(":")
    parts = rest.split(":", 3)
    numbers = [whole(part) for part in parts]
    if verb == "d" and "verstrekker" in session.roles and len(parts) >= 3 and numbers[0] is not None and numbers[1] is not None:
        return registration.press(tx, world, session, event, numbers[0], numbers[1], parts[2], parts[3] if len(parts) > 3 else "")
    if verb == "form" and parts[0] in commands.FORMS:
        network = numbers[1] if len(parts) > 1 else None
        return replace(registration.start(tx, world, session, replace(event, text=""), parts[0], network=network), fresh=True)
    if verb in PROVIDERS_ONLY and "verstrekker" not in session.roles:
        return Screen(say("registration.not_provider"), fresh=True)
    one = numbers[0]
    if verb == "overzicht":
        return overview.show_page(tx, world, session, event, one or 0)
    if one is not None and verb in ONE:
        return ONE[verb](tx, world, session, event, one)
    if one is not None and len(numbers) > 1 and numbers[1] is not None and verb in TWO:
        return TWO[verb](tx, world, session, event, one, numbers[1])
    if verb == "taal" and rest:
        return _repeat_question(tx, world, session, event, personal.set_language(tx, world, session, event, rest))
    if event.action in PRESSES:
        return _repeat_question(tx, world, session, event, PRESSES[event.action](tx, world, session, event))
    return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=registration.WAY_ON, fresh=True)


def _undo_link(tx: Connection, world: World, session: Session, event: Event, account: int) -> Screen:
    return access.undo_link(tx, session, event, account)


PROVIDERS_ONLY = frozenset({"correct", "resume", "undo", "cancel"})
ONE: Mapping[str, Callable[[Connection, World, Session, Event, int], Screen]] = {
    "moment": overview.show_moment,
    "why": overview.explain,
    "correct": overview.correct,
    "resume": registration.resume,
    "unlink": _undo_link,
}
TWO: Mapping[str, Callable[[Connection, World, Session, Event, int, int], Screen]] = {"undo": overview.undo, "cancel": overview.ask_cancel}
PRESSES: Mapping[str, Handler] = {
    "saldo": balances.show_balances,
    "menu": personal.menu,
    "help": personal.help_screen,
    "taal": personal.ask_language,
    "privacy": personal.privacy,
    "export": personal.export,
    "unlinkme": personal.ask_unlink,
    "unlinkme:yes": personal.unlink,
    "report": personal.report,
}
