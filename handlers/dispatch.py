"""From an event to a screen: who is it, which row of the registry, may she. The one door of every surface."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from handlers import access, channels, commands, network, preferring, requesting, steps, typed_line
from handlers.asked import meant, still_asked
from handlers.choices import press as button
from handlers.conversations import AWAY, conversation_of, is_away, taken_up
from handlers.personal import menu
from handlers.receipt import receipt
from handlers.registry import ANSWERS, COMMANDS, GROUP_COMMANDS, GROUP_EVENTS, GROUP_PRESSES, PRESSES, SIDE, Row, lock_of
from handlers.screen import SILENCE, Choice, Event, Screen, say
from handlers.showing import WAY_ON, show
from handlers.turn import PLAN, turn_on
from handlers.unnamed import form_of_another, form_of_line
from handlers.world import World
from rules import clientdata
from rules.periods import BRUSSELS
from rules.typed import fold, readable, too_long, whole
from rules.words import LANGUAGES
from storage import accounts, directory, drafts, outbox, requests, scope
from storage.accounts import Session

# What can be typed instead of pressing a button of the open card.
WORDS: Mapping[str, tuple[str, ...]] = {
    ".back": ("terug", "retour", "back"),
    ".cancel": ("annuleren", "annuleer", "annuler", "cancel", "stop"),
    ".change": ("wijzig", "wijzigen", "modifier", "change"),
    ".why": ("waarom", "waarom?", "pourquoi", "pourquoi?", "why", "why?"),
}
VERB_OF = {word: verb for verb, words in WORDS.items() for word in words}


def handle(tx: Connection, world: World, event: Event, session: Session | None = None) -> Screen:
    """The screen that answers an event. What it writes and the answer it owes belong to one transaction, the caller's."""
    if not event.text.isprintable():
        event = replace(event, text=readable(event.text))
    session = session or accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
    if too_long(event.text):
        screen = Screen(problems=(say("problems.too_long"),), fresh=True) if event.private else SILENCE
    else:
        screen = _handle(tx, world, session, event)
    return _in_language(world, screen, session, event)


def language_of(world: World, session: Session, event: Event) -> str:
    """The person's choice, else what the platform guesses, else that of the settings."""
    guess = event.language[:2].lower()
    return session.language or (guess if guess in LANGUAGES else world.language)


def _in_language(world: World, screen: Screen, session: Session, event: Event) -> Screen:
    in_the_open = not event.private and not screen.private  # a channel has a language of its own
    if screen.silent or screen.language != "nl" or in_the_open:
        return screen
    language = language_of(world, session, event)
    if (language == "nl" and not screen.also) or (screen.title is not None and screen.title.key == "personal.language_set"):
        return screen
    return replace(screen, language=language, also=tuple(_in_language(world, each, session, event) for each in screen.also))


def _handle(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    if not event.private:
        return _in_group(tx, world, session, event)
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
        return _command(tx, world, session, event, command)
    if event.kind == "press":
        return _press(tx, world, session, event)
    if scope.SUSPENDED in scope.roles_of(session, _today(event)):
        return _suspended(event)
    if event.kind == "text":
        return _typed(tx, world, session, event)
    return _repeat_question(tx, world, session, event, Screen(say(_OTHER.get(event.action, "problems.not_text")), fresh=True))


_OTHER = {"edited": "problems.edited", "forwarded": "problems.forwarded_card"}


def _today(event: Event) -> date:
    return event.now.astimezone(BRUSSELS).date()


def _do(tx: Connection, world: World, session: Session, event: Event, row: Row, rest: str) -> Screen | None:
    """Do what a row of the registry says, when storage.scope lets her; None when what follows its name means nothing."""
    if not scope.may(tx, session, row.action, _today(event)):
        return _refuse(tx, world, session, event, row)
    screen = row.do(tx, world, session, event, rest)
    return _repeat_question(tx, world, session, event, screen) if screen is not None and row.aside else screen


def _refuse(tx: Connection, world: World, session: Session, event: Event, row: Row) -> Screen:
    """What is said to who may not: the same as when there is nothing to find. Who is suspended hears that; who may look somebody up
    hears how; who coordinates no network any more, that; in a channel, where everybody sees the button, whose it is."""
    if scope.SUSPENDED in scope.roles_of(session, _today(event)):
        return _suspended(event)
    if not event.private and event.kind == "press":
        return Screen(silent=True, notice=say("requests.only_coordinator"), language=language_of(world, session, event))
    if row.action in ("balance.view", "overview.view") and scope.may(tx, session, "network.view", _today(event)):
        return Screen(say("network.somebodys_hours"), choices=((Choice(say("network.title"), "net"),),), fresh=True)
    own = "registration.not_provider" if set(scope.ACTIONS[row.action]) == {scope.PROVIDER} else "problems.not_found"
    none_yours = scope.COORDINATOR in session.roles & set(scope.ACTIONS[row.action]) and not scope.may(
        tx, session, "network.view", _today(event)
    )
    said = say("network.none_yours" if none_yours else row.refused or own)
    return Screen(said, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


def _suspended(event: Event) -> Screen:
    said = say("access.suspended")
    own = ((Choice(say("access.own_data"), "privacy"),),)
    return Screen(said, choices=own, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


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
    screen = _do(tx, world, session, event, row, rest) if row is not None else None
    addressed = event.kind == "command" and event.extra.get("addressed") and event.action in commands.COMMAND_OF
    if addressed and (screen is None or screen.silent):
        return Screen(say("access.private_please"), fresh=True)
    return screen or SILENCE


def _stranger(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    """Who is not linked may knock and link; whatever else she does, she gets the door."""
    row, rest = _row_of(event, command)
    if row is None or not scope.may(tx, session, row.action, _today(event)):
        return access.door(event)
    return row.do(tx, world, session, event, rest) or access.door(event)


def _row_of(event: Event, command: str | None) -> tuple[Row | None, str]:
    """The row of a command or of a press in private, and what follows the name of the button."""
    if event.kind == "command":
        return COMMANDS.get(command or ""), ""
    if event.kind != "press":
        return None, ""
    verb, _, rest = event.action.partition(":")
    return (PRESSES[event.action], "") if event.action in PRESSES else (PRESSES.get(verb), rest)


def _command(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    if command == "annuleer" and session.draft is not None:
        return _press_draft(tx, world, session, event, session.draft.id, session.draft.revision, ".cancel", "")
    if command == "annuleer" and scope.may(tx, session, "self.draft", _today(event)):
        return Screen(say("registration.nothing_open"), choices=WAY_ON, fresh=True)
    row, rest = _row_of(event, command)
    screen = _do(tx, world, session, event, row, rest) if row is not None else None
    if screen is None and scope.SUSPENDED in scope.roles_of(session, _today(event)):
        return _suspended(event)
    return screen or _repeat_question(tx, world, session, event, _unknown(tx, world, session, event))


def _unknown(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A command that there is not, with one that is written nearly so, when she may give it."""
    near = next((each for each in commands.near(event.action) if each in COMMANDS), None)
    if near is None or not scope.may(tx, session, COMMANDS[near].action, _today(event)):
        return Screen(say("personal.unknown_command"), fresh=True)
    written = say("card.plain", value=f"/{commands.name_in(near, language_of(world, session, event))}")
    return Screen(say("personal.did_you_mean", label=written), choices=((Choice(written, f"cmd:{near}"),),), fresh=True)


def _repeat_question(tx: Connection, world: World, session: Session, event: Event, screen: Screen) -> Screen:
    """A side question is answered, and the open question stands below it again; after /taal in the new language."""
    changed = screen.title is not None and screen.title.key == "personal.language_set"
    draft = session.draft
    asks = screen.question is not None and screen.question.asks
    if draft is None or asks or not (screen.fresh or changed) or screen.draft not in (None, draft.id):
        return screen
    if changed:
        session = replace(session, language=screen.language)
    open_one = conversation_of(session)
    if open_one is not None and open_one.brief:
        return replace(screen, also=(_still_open(tx, session),))
    card = open_one.resume(tx, world, session, event) if open_one else show(turn_on(tx, world, session, event, draft))
    return replace(screen, also=(replace(card, fresh=True),))


def _still_open(tx: Connection, session: Session) -> Screen:
    """One line below another screen: what is open, to go on with or to drop."""
    assert session.draft is not None  # noqa: S101
    draft = session.draft if is_away(session) else drafts.note_aside(tx, session.draft, {**session.draft.aside, AWAY: True})
    choices = ((Choice(say("card.go_on"), button(draft, ".show")), Choice(say("card.drop"), button(draft, ".cancel"))),)
    return Screen(say("card.still_open", form=draft.form), choices=choices, fresh=True, language=session.language or "nl")


def _typed(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    text = event.text.strip()
    word = fold(text)
    draft = session.draft if scope.PROVIDER in session.roles or conversation_of(session) is not None else None
    asked = still_asked(session.asked, event.now)
    if asked is not None and (press := meant(asked, text, card=draft is not None and not is_away(session))) is not None:
        return _press(tx, world, session, replace(event, kind="press", action=press, text=""))
    if draft is not None and (verb := VERB_OF.get(word)):
        return _press_draft(tx, world, session, event, draft.id, draft.revision, verb, "")
    command, rest = commands.typed(text)
    if command is not None and (command == "watals" or (not rest and command in (*SIDE, "start"))):
        return _command(tx, world, session, replace(event, kind="command", action=command, text=rest), command)
    if (leave := preferring.typed_leave(tx, world, session, event)) is not None:
        return _repeat_question(tx, world, session, event, leave)
    if asked is not None and asked.reader and command is None:
        name, _, about = asked.reader.partition(":")
        if (read := _do(tx, world, session, event, ANSWERS[name], about)) is not None:
            return read
    open_one = conversation_of(session)
    if draft is not None and (form := form_of_another(world, event, draft.form if open_one is None else "")) is not None:
        return _another_moment(tx, world, session, event, form, rest if command == form else text)
    if draft is not None and (refused := _refuse_draft(tx, session, event)) is not None:
        return refused
    if open_one is not None and not is_away(session):
        return open_one.type_answer(tx, world, session, event)
    if draft is not None and open_one is None:
        return steps.type_answer(tx, world, session, event)
    if command is not None:
        return _command(tx, world, session, replace(event, kind="command", action=command, text=rest), command)
    if (found := network.find_typed(tx, world, session, event)) is not None:
        return found
    if scope.PROVIDER in session.roles and (told := form_of_line(tx, world, session, event)) is not None:
        return _command(tx, world, session, replace(event, kind="command", action=told[0], text=told[1]), told[0])
    number = whole(word.removeprefix("moment ").lstrip("#"))
    if number is not None and directory.read_moment(tx, session.person or 0, number) is not None:
        return _command(tx, world, session, replace(event, kind="command", action="overzicht", text=str(number)), "overzicht")
    if seen := clientdata.screen(text):
        return Screen(typed_line.client_data_seen(seen), choices=menu(tx, world, session, event).choices, fresh=True)
    if (side := commands.named_in(text)) is not None:
        return _command(tx, world, session, replace(event, kind="command", action=side, text=""), side)
    said = Screen(say("personal.not_understood"), choices=menu(tx, world, session, event).choices, fresh=True)
    return _repeat_question(tx, world, session, event, said) if is_away(session) else said


def _another_moment(tx: Connection, world: World, session: Session, event: Event, form: str, line: str) -> Screen:
    """A line that tells another moment than the open card: it gets a card of its own, a plan where one is open, and the other is kept."""
    plans = session.draft is not None and session.draft.purpose == PLAN
    name, line = ("planning", f"{form} {line}") if plans else (form, line)
    return _command(tx, world, session, replace(event, kind="command", action=name, text=line), name)


def _press(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    parts = event.action.split(":", 4)
    if parts[0] == "d" and len(parts) >= 4 and (draft := whole(parts[1])) is not None and (revision := whole(parts[2])) is not None:
        return _press_draft(tx, world, session, event, draft, revision, parts[3], parts[4] if len(parts) > 4 else "")
    if parts[0] == "cmd" and len(parts) == 2 and parts[1] in COMMANDS:
        return _command(tx, world, session, replace(event, kind="command", action=parts[1], text=""), parts[1])
    row, rest = _row_of(event, None)
    screen = _do(tx, world, session, event, row, rest) if row is not None else None
    if screen is None and scope.SUSPENDED in scope.roles_of(session, _today(event)):
        return _suspended(event)
    return screen or _stale()


def _stale() -> Screen:
    return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON, fresh=True)


def _press_draft(
    tx: Connection, world: World, session: Session, event: Event, draft: int, revision: int, verb: str, value: str
) -> Screen:
    """A button of a card: of the open conversation, or of a registration."""
    open_one = conversation_of(session)
    if (refused := _refuse_draft(tx, session, event)) is not None:
        return refused
    if (session.draft is None or session.draft.id != draft) and (done := _done_before(tx, world, session, event, draft)) is not None:
        return done
    if open_one is None or session.draft is None:
        correcting = session.draft.moment if session.draft is not None and session.draft.purpose == "correct" else None
        if verb == ".ok" and correcting is not None and (locked := lock_of(tx, world, session, event, correcting)) is not None:
            return locked
        return steps.press(tx, world, session, event, draft, revision, verb, value)
    if session.draft.id == draft:
        session = taken_up(tx, session)
        if verb == ".show":
            return open_one.resume(tx, world, session, event)
        return open_one.press(tx, world, session, event, revision, verb, value)
    if (booked := directory.submitted_as(tx, session.person or 0, f"draft:{draft}")) is not None:
        return replace(receipt(tx, world, session, booked, again=True), notice=say("problems.already_booked", moment=booked.id))
    return replace(open_one.resume(tx, world, session, event), notice=say("problems.stale"))


def _done_before(tx: Connection, world: World, session: Session, event: Event, draft: int) -> Screen | None:
    """What became of a request or a correction whose card is pressed once more; None for any other card."""
    person = session.person or 0
    row = drafts.done_as(tx, person, draft)
    if row is not None and row.purpose == requesting.PURPOSE and (request := requests.sent_at(tx, person, row.changed_at)) is not None:
        return requesting.sent_before(tx, session, request)
    moment = directory.read_moment(tx, person, row.moment) if row is not None and row.purpose == "correct" else None
    if moment is None or moment.state != "accepted":
        return None
    return replace(receipt(tx, world, session, moment, again=True), notice=say("problems.already_booked", moment=moment.id))


def _refuse_draft(tx: Connection, session: Session, event: Event) -> Screen | None:
    """What is said when she may not go on with the open card any more, which is then closed; None when she may."""
    open_one = conversation_of(session)
    if scope.may(tx, session, open_one.action if open_one is not None else "moment.register", _today(event)):
        return None
    if scope.SUSPENDED in scope.roles_of(session, _today(event)):
        return _suspended(event)
    if open_one is None or session.draft is None:
        return _stale()
    drafts.end_draft(tx, session.draft, "cancelled", event.now)
    said = say(open_one.refused)
    return Screen(said, notice=said if event.kind == "press" else None, choices=WAY_ON, draft=session.draft.id)
