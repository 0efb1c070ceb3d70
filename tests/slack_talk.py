"""A person who talks with Uurwijzer in Slack, with the same few deeds as on the other surfaces."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from handlers.commands import COMMAND_OF, FORMS
from tests.slack_people import SlackOffice, SlackPerson, linked, shown
from tests.talk import Talk

if TYPE_CHECKING:
    from tests.talk import Office


class SlackTalk(Talk):
    """A person in her conversation with the app. A form is asked for in a message: a slash command would open it as a modal."""

    @classmethod
    def of(cls, office: "Office", key: str | None) -> "SlackTalk":
        """The person with this key in a workspace."""
        slack = office.part(SlackOffice, lambda: SlackOffice(lambda: (office.database, office.world, office.clock)))
        user = f"U{len(office.talks) + 1}"
        return cls(office, linked(office, slack, key, user) if key else slack.person(user))

    def __init__(self, office: "Office", person: SlackPerson) -> None:
        self.office, self.person, self.shown = office, person, ""

    def say(self, text: str) -> str:
        name = text[1:].split(" ", 1)[0].lower()
        if text.startswith("/") and COMMAND_OF.get(name) not in FORMS:
            return self.act(lambda: self.person.command(f"/uren {text[1:]}"))
        return self.act(lambda: self.person.say(text))

    def press(self, label: str) -> str:
        return self.act(lambda: self.person.press(label))

    def choose(self, meaning: str) -> str:
        return self.act(lambda: self.person.choose(meaning))

    def press_again(self) -> str:
        return self.act(self.person.repress)

    def hear(self) -> str:
        return self.act(self.office.deliver_owed)

    def act(self, deed: Callable[[], object]) -> str:
        """Anything that a person can do; returns what comes back, empty for silence."""
        before = {id(each): _look(each) for each in self.person.sees}
        deed()
        mine = [each for each in self.person.sees if each.user == self.person.team.bot]
        self.shown = without_prefix("\n\n".join(_look(each) for each in mine if before.get(id(each)) != _look(each)))
        assert self.person.office.standin.wrong == []
        return self.shown

    def screen(self) -> str:
        return self.shown

    @property
    def labels(self) -> list[str]:
        """The buttons of the newest message that has some."""
        found = next((each for each in reversed(self.person.sees) if each.user == self.person.team.bot), None)
        return [each["text"]["text"] for each in found.buttons] if found else []


def without_prefix(words: str) -> str:
    """Words with the commands as the other surfaces call them."""
    return words.replace("/uren ", "/")


def _look(said: object) -> str:
    return shown(said)  # type: ignore[arg-type]
