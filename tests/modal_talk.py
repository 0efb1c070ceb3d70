"""A person who does in Slack's windows what others do in a conversation: commands open a modal, the Home takes up what is open."""

from collections.abc import Callable
from datetime import time
from functools import partial
from typing import TYPE_CHECKING, Any

from handlers.commands import COMMAND_OF, FORMS
from rules.typed import fold
from rules.when import read_clock, read_when
from tests.slack_people import Body, SlackPerson, buttons_in, value_of, view_text
from tests.slack_talk import SlackTalk, without_prefix
from tests.whole_talk import Filled, WholeTalk

if TYPE_CHECKING:
    from tests.talk import Office

AT_HOME = {"aanvraag": "ask", "overzicht": "overzicht:0", "planning": "plan:list"}  # commands that open no modal: their buttons


class ModalTalk(WholeTalk, SlackTalk):
    """A person at a modal; what comes as a message she sees too."""

    def __init__(self, office: "Office", person: SlackPerson) -> None:
        super().__init__(office, person)
        self.last: Callable[[], object] = lambda: None

    def press_button(self, label: str) -> str:
        modal, person = self.person.modal, self.person
        if modal is None:
            return self.again(lambda: person.press(label), person.repress)
        if "submit" in modal and modal["submit"]["text"].startswith(label):
            return self.again(lambda: person.submit(modal), lambda: self.submit_again(modal))
        button = next(each for each in buttons_in(modal) if fold(each["text"]["text"]).startswith(fold(label)))
        return self.again(lambda: person.press_in(modal, button), lambda: person.press_in(modal, button))

    def again(self, deed: Callable[[], object], once_more: Callable[[], object]) -> str:
        """A deed that can be done once more as it was."""
        self.last = once_more
        return self.act(deed)

    def submit_again(self, view: Body) -> None:
        """A second press of the button, before the first was answered."""
        self.person.team.modals[self.person.user] = [view]
        self.person.submit(view)

    def press_again(self) -> str:
        return self.act(self.last)

    def put(self, key: str, value: str) -> str:
        for name, given in self.picked(key, value).items():
            deed = partial(self.person.fill, name, given)
            self.again(deed, deed)
        return self.screen()

    def fill(self, button: str, **fields: str) -> str:
        """Fill in fields by their key, without a word to the app, and press a button."""
        for key, value in fields.items():
            self.person.fill(key, value, enter=False)
        return self.press(button)

    def picked(self, key: str, value: str) -> dict[str, str]:
        """What she picks and types for an answer: a calendar and a clock take no words, and each is a field of its own."""
        if self.element(key)["type"] not in ("datepicker", "timepicker"):
            return {key: value}
        if isinstance(clock := read_clock(value), time):  # "12u" alone could be a length too
            return {key: f"{clock:%H:%M}"}
        planned = "plan" in str((self.person.modal or {})["title"]["text"])
        when = read_when(value, self.office.clock().date(), ahead=planned)
        found = {"day": str(when.day or ""), "start": str(when.start or "")[:5], "length": f"tot {when.end:%H:%M}" if when.end else ""}
        return {name: given for name, given in found.items() if given}

    def element(self, key: str) -> Body:
        """The part of the modal in which a field is filled in."""
        found: Body = next(each["element"] for each in self.blocks if each["type"] == "input" and key_of(each) == key)
        return found

    def type(self, text: str) -> str:
        name, command = text.lstrip("/").split(" ", 1)[0].lower(), COMMAND_OF.get(text.lstrip("/").split(" ", 1)[0].lower())
        if text.startswith("/") and command in FORMS:
            return self.act(lambda: self.person.command(f"/uren {text[1:]}"))
        if text.startswith("/") and command in AT_HOME and text == f"/{name}":
            return self.at_home(AT_HOME[command])
        self.person.team.modals.pop(self.person.user, None)
        return SlackTalk.say(self, text)

    def resume(self) -> str:
        return self.at_home("slack:open")

    def at_home(self, meaning: str) -> str:
        """Open the Home and press what means this."""

        def deed() -> None:
            self.person.team.modals.pop(self.person.user, None)
            self.person.open_home()
            button = next(each for each in buttons_in(self.person.home) if each["value"] == meaning)
            self.person.press_in(self.person.home, button)

        return self.act(deed)

    def act(self, deed: Callable[[], object]) -> str:
        SlackTalk.act(self, deed)
        return self.screen()

    @property
    def blocks(self) -> list[Body]:
        """What the modal is made of."""
        return list(self.person.modal["blocks"]) if self.person.modal is not None else []

    @property
    def whole(self) -> list[Filled] | None:
        modal = self.person.modal
        if modal is None or modal["callback_id"] != "whole":
            return None
        below = [*self.blocks[1:], {"type": ""}]
        return [
            filled(each, modal["state"]["values"], self.person.errors, after)
            for each, after in zip(self.blocks, below, strict=True)
            if each["type"] == "input"
        ]

    @property
    def buttons(self) -> list[str]:
        modal = self.person.modal
        if modal is None:
            return SlackTalk.labels.fget(self)  # type: ignore[attr-defined,no-any-return]
        return [*([modal["submit"]["text"]] if "submit" in modal else []), *(each["text"]["text"] for each in buttons_in(modal))]

    def screen(self) -> str:
        modal = self.person.modal
        if modal is None:
            return self.shown
        return without_prefix("\n".join([self.shown, view_text(modal), *self.person.errors.values(), *self.filled_in]))


def key_of(block: Body) -> str:
    """The field of a block."""
    return str(block["block_id"]).partition("~")[0]


def filled(block: Body, values: Any, errors: Body, after: Body) -> Filled:
    """Read a field; what is wrong with it stands below it, or came as an error."""
    element = block["element"]
    given = values[block["block_id"]][element["action_id"]]
    said = value_of(given)
    options = tuple((each["value"], each["text"]["text"]) for each in element["options"]) if "options" in element else None
    wrong = block["block_id"] in errors or (after["type"] == "section" and shown_line(after).startswith("! "))
    hint = (block.get("hint") or {"text": ""})["text"]
    offered = tuple(hint.partition("Vaak gekozen: ")[2].rstrip(".").split(" / "))
    return Filled(key_of(block), block["label"]["text"], said, said, wrong, options, offered)


def shown_line(block: Body) -> str:
    """The words of a section."""
    return str(block["text"]["text"])
