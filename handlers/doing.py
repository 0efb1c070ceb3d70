"""What a command or a button does, when storage.scope lets her; else what is said instead; and the open question below it again."""

from dataclasses import replace

from sqlalchemy import Connection

from handlers import commands, requesting, steps
from handlers.choices import press as button
from handlers.conversations import AWAY, conversation_of, is_away, taken_up
from handlers.language import changed_language, language_of
from handlers.receipt import receipt
from handlers.registry import COMMANDS, PRESSES, Row, lock_of
from handlers.screen import Choice, Event, Screen, say
from handlers.showing import WAY_ON, show
from handlers.turn import turn_on
from handlers.world import World
from rules.typed import whole
from storage import directory, drafts, requests, scope
from storage.accounts import Session


def do(tx: Connection, world: World, session: Session, event: Event, row: Row, rest: str) -> Screen | None:
    """Do what a row of the registry says, when storage.scope lets her; None when what follows its name means nothing."""
    if not scope.may(tx, session, row.action, event.today):
        return _refuse(tx, world, session, event, row)
    screen = row.do(tx, world, session, event, rest)
    return with_open_question(tx, world, session, event, screen) if screen is not None and row.aside else screen


def _refuse(tx: Connection, world: World, session: Session, event: Event, row: Row) -> Screen:
    """What is said to who may not: the same as when there is nothing to find. Who is suspended hears that; who may look somebody up
    hears how; who coordinates no network any more, that; in a channel, where everybody sees the button, whose it is."""
    if is_suspended(session, event):
        return suspended(event)
    if not event.private and event.kind == "press":
        return Screen(silent=True, notice=say("requests.only_coordinator"), language=language_of(world, session, event))
    if row.action in ("balance.view", "overview.view") and scope.may(tx, session, "network.view", event.today):
        return Screen(say("network.somebodys_hours"), choices=((Choice(say("network.title"), "net"),),), fresh=True)
    own = "registration.not_provider" if set(scope.ACTIONS[row.action]) == {scope.PROVIDER} else "problems.not_found"
    coordinates = scope.COORDINATOR in session.roles & set(scope.ACTIONS[row.action])
    none_yours = coordinates and not scope.may(tx, session, "network.view", event.today)
    said = say("network.none_yours" if none_yours else row.refused or own)
    return Screen(said, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


def is_suspended(session: Session, event: Event) -> bool:
    """Whether she may do nothing now but see to her own data."""
    return scope.SUSPENDED in scope.roles_of(session, event.today)


def suspended(event: Event) -> Screen:
    """What is said to who is suspended."""
    said = say("access.suspended")
    own = ((Choice(say("access.own_data"), "privacy"),),)
    return Screen(said, choices=own, notice=said if event.kind == "press" else None, fresh=True, silent=not event.private)


def row_of(event: Event, command: str | None) -> tuple[Row | None, str]:
    """The row of a command or of a press in private, and what follows the name of the button."""
    if event.kind == "command":
        return COMMANDS.get(command or ""), ""
    if event.kind != "press":
        return None, ""
    verb, _, rest = event.action.partition(":")
    return (PRESSES[event.action], "") if event.action in PRESSES else (PRESSES.get(verb), rest)


def give_command(tx: Connection, world: World, session: Session, event: Event, command: str | None) -> Screen:
    """A command in private, by its Dutch name; None for one that there is not."""
    if command == "annuleer" and session.draft is not None:
        return press_card(tx, world, session, event, session.draft.id, session.draft.revision, ".cancel", "")
    if command == "annuleer" and scope.may(tx, session, "self.draft", event.today):
        return Screen(say("registration.nothing_open"), choices=WAY_ON, fresh=True)
    row, rest = row_of(event, command)
    screen = do(tx, world, session, event, row, rest) if row is not None else None
    if screen is None and is_suspended(session, event):
        return suspended(event)
    return screen or with_open_question(tx, world, session, event, _unknown(tx, world, session, event))


def _unknown(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A command that there is not, with one that is written nearly so, when she may give it."""
    near = next((each for each in commands.near(event.action) if each in COMMANDS), None)
    if near is None or not scope.may(tx, session, COMMANDS[near].action, event.today):
        return Screen(say("personal.unknown_command"), fresh=True)
    written = say("card.plain", value=f"/{commands.name_in(near, language_of(world, session, event))}")
    return Screen(say("personal.did_you_mean", label=written), choices=((Choice(written, f"cmd:{near}"),),), fresh=True)


def press(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A button in private: of a card ("d:DRAFT:REVISION:VERB:VALUE"), of a command ("cmd:NAME"), or a row of the registry."""
    parts = event.action.split(":", 4)
    if parts[0] == "d" and len(parts) >= 4 and (draft := whole(parts[1])) is not None and (revision := whole(parts[2])) is not None:
        return press_card(tx, world, session, event, draft, revision, parts[3], parts[4] if len(parts) > 4 else "")
    if parts[0] == "cmd" and len(parts) == 2 and parts[1] in COMMANDS:
        return give_command(tx, world, session, replace(event, kind="command", action=parts[1], text=""), parts[1])
    row, rest = row_of(event, None)
    screen = do(tx, world, session, event, row, rest) if row is not None else None
    if screen is None and is_suspended(session, event):
        return suspended(event)
    return screen or _stale()


def _stale() -> Screen:
    return Screen(say("problems.stale_nothing_open"), notice=say("problems.stale"), choices=WAY_ON, fresh=True)


def press_card(tx: Connection, world: World, session: Session, event: Event, draft: int, revision: int, verb: str, value: str) -> Screen:
    """A button of a card: of the open conversation, or of a registration."""
    open_one = conversation_of(session)
    if (refused := refuse_card(tx, session, event)) is not None:
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


def refuse_card(tx: Connection, session: Session, event: Event) -> Screen | None:
    """What is said when she may not go on with the open card any more, which is then closed; None when she may."""
    open_one = conversation_of(session)
    if scope.may(tx, session, open_one.action if open_one is not None else "moment.register", event.today):
        return None
    if is_suspended(session, event):
        return suspended(event)
    if open_one is None or session.draft is None:
        return _stale()
    drafts.end_draft(tx, session.draft, "cancelled", event.now)
    said = say(open_one.refused)
    return Screen(said, notice=said if event.kind == "press" else None, choices=WAY_ON, draft=session.draft.id)


def with_open_question(tx: Connection, world: World, session: Session, event: Event, screen: Screen) -> Screen:
    """A side question is answered, and the open question stands below it again; after /taal in the new language."""
    changed = changed_language(screen)
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
