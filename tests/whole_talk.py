"""A person before a form with all its questions in sight, on a page or in a modal: with the same deeds as in a chat."""

from dataclasses import dataclass

from handlers.commands import COMMAND_OF
from rules.typed import fold
from tests.talk import Talk


@dataclass(frozen=True)
class Filled:
    """A field of a form: what it holds, in words too; `options`: value and label of what can be chosen, None for what is typed, for which
    something may be `offered`."""

    key: str
    label: str
    value: str
    said: str
    wrong: bool
    options: tuple[tuple[str, str], ...] | None
    offered: tuple[str, ...] = ()

    def value_of(self, text: str) -> str | None:
        """What a person who means this text fills in or chooses; None when it is none of the options."""
        if self.options is None:
            return text
        words = fold(text)
        for fits in (str.__eq__, str.startswith, str.__contains__):
            if found := [value for value, label in self.options if fits(fold(label), words)]:
                return found[0]
        return self.options[0][0] if self.key == "declared" and words in ("ja", "klopt", "oui") else None


class WholeTalk(Talk):
    """An answer to a question goes into its field; to change one is to go to that field."""

    field: str | None = None  # where she went to change something; empty: she has yet to say where
    present: tuple[str, ...] = ()  # who was there, as far as she chose

    @property
    def whole(self) -> list[Filled] | None:
        """The fields of the form in sight."""
        raise NotImplementedError

    @property
    def buttons(self) -> list[str]:
        """What the buttons read."""
        raise NotImplementedError

    def press_button(self, label: str) -> str:
        """Press a button that is one."""
        raise NotImplementedError

    def put(self, key: str, value: str) -> str:
        """Fill in a field, and have the form read."""
        raise NotImplementedError

    def type(self, text: str) -> str:
        """Type something beside the form."""
        raise NotImplementedError

    def press(self, label: str) -> str:
        """Press a button; of a form also: go to a field ("Wijzig", then its name), choose an option, take the last answer back."""
        whole = self.whole
        if whole is None or any(each.startswith(label) for each in self.buttons):
            self.field = None
            return self.press_button(label)
        named = [each.key for each in whole if each.label.startswith(label)]
        if label == "Wijzig":
            self.field = ""
        elif label == "Terug" and self.field is not None:
            self.field = None
        elif named and not self.field:
            self.field = named[0]
        elif (at := self.at) is not None and at.key == "present" and label not in ("Terug", "Annuleren"):
            return self.count(label)
        else:
            return self.say(label)
        return self.screen()

    def count(self, label: str) -> str:
        """Say who was there by the buttons of a chat, which are words in a field: a role, how many, Klaar."""
        if label.startswith("Klaar"):
            said, self.present = ", ".join(self.present) or label.partition(": ")[2], ()
            return self.say(said)
        if label[0].isdigit() and not label.isdecimal():
            return self.say(label)
        if label.isdecimal():
            self.present = (*self.present[:-1], f"{label} {self.present[-1]}")
        elif label != "Andere rollen":
            self.present = (*self.present, label)
        return self.screen()

    def say(self, text: str) -> str:
        """Fill in the open question, or the field that she went to; what is no answer is typed in the conversation."""
        if self.whole is not None and fold(text.lstrip("/")) not in {*COMMAND_OF, "terug", "bevestigen"} and not text.startswith("/"):
            words = fold(text)
            if found := [label for label in self.buttons if fold(label) == words]:
                return self.press(found[0])
            at = self.at
            if at is not None and (value := at.value_of(text)) is not None:
                self.field = None
                return self.put(at.key, value)
        return self.type(text)

    @property
    def at(self) -> Filled | None:
        """The field that is next: where she went, else the first that is open or wrong."""
        return next((each for each in self.whole or [] if (each.key == self.field if self.field else each.wrong or not each.value)), None)

    @property
    def filled_in(self) -> list[str]:
        """What stands in the fields, as the card of a chat says it."""
        return [f"{each.label}: {each.said}" for each in self.whole or [] if each.value]

    @property
    def labels(self) -> list[str]:
        """The buttons, what can be chosen in the fields of a form, and what the open field offers while she types."""
        chosen = [label for each in self.whole or [] for _, label in each.options or ()]
        return [*self.buttons, *chosen, *(self.at.offered if self.whole is not None and self.at is not None else ())]
