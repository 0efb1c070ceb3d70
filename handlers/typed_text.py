"""What a text that is typed in private means: each reader in turn, until one makes something of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from handlers import commands, network, preferring, steps, typed_line
from handlers.confirm_words import CARRY_OUT, confirm_word, plain
from handlers.conversations import Conversation, conversation_of, is_away
from handlers.doing import do, give_command, press, press_card, refuse_card, with_open_question
from handlers.last_question import meant, still_asked
from handlers.personal import menu
from handlers.receipt import just_booked
from handlers.registry import ANSWERS, SIDE
from handlers.screen import Event, Screen, say
from handlers.showing import WAY_ON
from handlers.turn import PLAN
from handlers.typed_form import form_of_another, form_of_line
from handlers.world import World
from rules import clientdata
from rules.typed import fold, whole
from storage import directory, scope
from storage.accounts import Draft, LastQuestion, Session

# What can be typed instead of pressing a button of the open card.
WORDS: Mapping[str, tuple[str, ...]] = {
    ".back": ("terug", "retour", "back"),
    ".cancel": ("annuleren", "annuleer", "annuler", "cancel", "stop"),
    ".change": ("wijzig", "wijzigen", "modifier", "change"),
    ".why": ("waarom", "waarom?", "pourquoi", "pourquoi?", "why", "why?"),
}
VERB_OF = {word: verb for verb, words in WORDS.items() for word in words}


@dataclass(frozen=True)
class Typed:
    """A text and what is open when it comes: `draft` her open card, `open_one` the conversation it is of (None: it registers a moment),
    `question` the one that was put last beside it."""

    tx: Connection
    world: World
    session: Session
    event: Event
    text: str
    draft: Draft | None
    open_one: Conversation | None
    question: LastQuestion | None

    @cached_property
    def word(self) -> str:
        """The whole text as one word to look up."""
        return fold(self.text)

    @cached_property
    def begins(self) -> tuple[str | None, str]:
        """The command whose name it begins with, None when it does not, and what follows."""
        return commands.typed(self.text)

    @property
    def turn(self) -> tuple[Connection, World, Session, Event]:
        """What every handler takes."""
        return self.tx, self.world, self.session, self.event

    @property
    def away(self) -> bool:
        """Whether the open conversation is out of sight."""
        return is_away(self.session)

    def command(self, name: str, text: str = "") -> Screen:
        """The answer to a command in its stead."""
        return give_command(self.tx, self.world, self.session, replace(self.event, kind="command", action=name, text=text), name)


def read_typed(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """The screen that answers a text typed in private."""
    open_one = conversation_of(session)
    draft = session.draft if open_one is not None or scope.PROVIDER in session.roles else None
    typed = Typed(tx, world, session, event, event.text.strip(), draft, open_one, still_asked(session.question, event.now))
    return next(screen for reader in READERS if (screen := reader(typed)) is not None)


def _button(typed: Typed) -> Screen | None:
    """The words of a button of the question, "ja", "nee"."""
    if typed.question is None:
        return None
    pressed = meant(typed.question, typed.text, card=typed.draft is not None and not typed.away)
    if pressed is None:
        return None
    return press(typed.tx, typed.world, typed.session, replace(typed.event, kind="press", action=pressed, text=""))


def _button_of_card(typed: Typed) -> Screen | None:
    """ "terug", "annuleren", "wijzig", "waarom" while a card is open."""
    verb = VERB_OF.get(typed.word) if typed.draft is not None else None
    if typed.draft is None or verb is None:
        return None
    return press_card(*typed.turn, typed.draft.id, typed.draft.revision, verb, "")


def _side_command(typed: Typed) -> Screen | None:
    """A command that is answered at once, whatever is open: its bare name, or "watals" and a line."""
    command, rest = typed.begins
    if command == "watals" or (not rest and command in (*SIDE, "start")):
        return typed.command(command, rest)
    return None


def _leave(typed: Typed) -> Screen | None:
    """ "ik ben er niet tot 15 augustus"."""
    kept = preferring.typed_leave(*typed.turn)
    return with_open_question(*typed.turn, kept) if kept is not None else None


def _answer(typed: Typed) -> Screen | None:
    """The answer to the question beside the card, for who reads it."""
    if typed.question is None or not typed.question.reader or typed.begins[0] is not None:
        return None
    name, _, about = typed.question.reader.partition(":")
    return do(*typed.turn, ANSWERS[name], about)


def _another_moment(typed: Typed) -> Screen | None:
    """A line that tells another moment than the open card: it gets a card of its own, a plan where one is open, and the other is kept."""
    if typed.draft is None:
        return None
    form = form_of_another(typed.world, typed.event, typed.draft.form if typed.open_one is None else "")
    if form is None:
        return None
    command, rest = typed.begins
    line = rest if command == form else typed.text
    return typed.command("planning", f"{form} {line}") if typed.draft.purpose == PLAN else typed.command(form, line)


def _answer_of_card(typed: Typed) -> Screen | None:
    """The answer to the question of the open card, when she may still go on with it."""
    if typed.draft is None:
        return None
    if (refused := refuse_card(typed.tx, typed.session, typed.event)) is not None:
        return refused
    if typed.open_one is None:
        return steps.type_answer(*typed.turn)
    return None if typed.away else typed.open_one.type_answer(*typed.turn)


def _command(typed: Typed) -> Screen | None:
    """A command without its slash, "presentie OCMW gisteren 10u-12u"."""
    command, rest = typed.begins
    return typed.command(command, rest) if command is not None else None


def _person(typed: Typed) -> Screen | None:
    """The name of somebody in a coordinator's network."""
    return network.find_typed(*typed.turn)


def _moment(typed: Typed) -> Screen | None:
    """A moment told without the word of a form, "advies OCMW gisteren 10u-10u30"."""
    if scope.PROVIDER not in typed.session.roles:
        return None
    told = form_of_line(*typed.turn)
    return typed.command(*told) if told is not None else None


def _number(typed: Typed) -> Screen | None:
    """ "moment 12", "#12": one of her moments."""
    number = whole(typed.word.removeprefix("moment ").lstrip("#"))
    if number is None or directory.read_moment(typed.tx, typed.session.person or 0, number) is None:
        return None
    return typed.command("overzicht", str(number))


def _yes_again(typed: Typed) -> Screen | None:
    """ "ja" once more below a receipt: it is booked already; "versturen" once more: nothing waits for it."""
    if confirm_word(typed.text) != ".ok" or typed.draft is not None:
        return None
    booked = just_booked(*typed.turn) if scope.PROVIDER in typed.session.roles else None
    if booked is None and plain(typed.text) in CARRY_OUT:
        return Screen(say("registration.nothing_open"), choices=WAY_ON, fresh=True)
    return booked


def _client_data(typed: Typed) -> Screen | None:
    """Client data: which kinds were seen, nothing more."""
    if not (seen := clientdata.screen(typed.text)):
        return None
    return Screen(typed_line.client_data_seen(seen), choices=menu(*typed.turn).choices, fresh=True)


def _named_inside(typed: Typed) -> Screen | None:
    """A sentence that names one command that only shows, "zet de herinneringen af"."""
    command = commands.named_in(typed.text)
    return typed.command(command) if command is not None else None


def _nothing(typed: Typed) -> Screen:
    said = Screen(say("personal.not_understood"), choices=menu(*typed.turn).choices, fresh=True)
    return with_open_question(*typed.turn, said) if typed.away else said


# In this order: what answers the screen she sees comes before what may mean anything.
READERS: tuple[Callable[[Typed], Screen | None], ...] = (
    _button, _button_of_card, _side_command, _leave, _answer, _another_moment, _answer_of_card, _command, _person, _moment, _number,
    _yes_again, _client_data, _named_inside, _nothing,
)  # fmt: skip
