"""The vocabulary between people and handlers: an Event comes in, a Screen goes out; text keys and values, no markup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from rules.periods import BRUSSELS

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Text(NamedTuple):
    """Something to say: the key "file.block" of templates/messages and the raw values that its words need."""

    key: str
    values: Mapping[str, Any] = NOTHING

    def __hash__(self) -> int:
        return hash((self.key, tuple(self.values.items())))


def say(key: str, **values: Any) -> Text:
    """A Text with its values."""
    return Text(key, values)


class Choice(NamedTuple):
    """A button: what it says and what a press of it means (at most 64 bytes)."""

    label: Text
    press: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over in private."""

    name: str
    content: bytes
    caption: Text


@dataclass(frozen=True, slots=True)
class Workbook:
    """An .xlsx file that is made when it is sent, by bot/workbooks.py: which sheets, and of which figures."""

    name: str
    sheets: str
    figures: Mapping[str, Any]
    caption: Text


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures for a surface that draws itself, as "line" or "bar": the labels along the axis, what the axis is called, and each series
    by its name, with a value for each label."""

    kind: str
    title: Text
    axis: Text
    labels: tuple[Text, ...]
    series: tuple[tuple[Text, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to draw when it is sent: which drawing of bot/drawings.py, of which figures, and what it says in words.

    `charts`: what it shows, for a surface that draws itself and then needs no picture.
    """

    drawing: str
    figures: Mapping[str, Any]
    alternative: Text
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in rows and columns, for a surface that shows tables; the first column names the row, the others are figures.

    `beside`: the body of the screen there, without what the table says; elsewhere the whole body says it in words.
    """

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    beside: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What makes a screen that is no card a question: words typed next are held against its buttons. `reader`: who takes other words,
    in handlers.registry.ANSWERS, with what it is about behind a colon (empty: nobody). `yes`, `no`, `back`: the buttons that "ja",
    "nee" and "terug" press. Without any of these nothing is asked: the open card comes back below it, and only the words of its
    buttons count."""

    reader: str = ""
    yes: str = ""
    no: str = ""
    back: str = ""

    @property
    def asks(self) -> bool:
        """Whether the screen waits for an answer."""
        return bool(self.reader or self.yes or self.no or self.back)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees next. `verdict`: what the rulebook says, below the body. `draft`: the card of
    that draft, edited in place. `notice`: the short answer to a press.

    `fresh`: always a new message, never the edit of the message whose button was pressed. `silent`: say nothing at all.
    `also`: screens that follow in the same breath. `private`: for the eyes of who pressed, also when the press was in a group.
    `unkept`: holds a code that is not kept while it is on its way, as files are not. `question`: what it asks, when it is no card.
    """

    title: Text | None = None
    body: tuple[Text, ...] = ()
    verdict: tuple[Text, ...] = ()
    problems: tuple[Text, ...] = ()
    asks: Text | None = None
    choices: tuple[tuple[Choice, ...], ...] = ()
    notice: Text | None = None
    draft: int | None = None
    fresh: bool = False
    silent: bool = False
    language: str = "nl"
    files: tuple[File, ...] = ()
    workbooks: tuple[Workbook, ...] = ()
    pictures: tuple[Picture, ...] = ()
    table: Table | None = None
    private: bool = False
    unkept: bool = False
    question: Question | None = None
    also: tuple["Screen", ...] = ()


SILENCE = Screen(silent=True)


@dataclass(frozen=True, slots=True)
class Who:
    """An identity with its place: platform, workspace, user (a user id is unique in its workspace only)."""

    platform: str
    workspace: str
    user: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person did, the same for every surface.

    `kind`: command (`action` its name, `text` what follows), text, press (`action` the meaning of the button), other (`action`:
    voice, photo, edited, forwarded, blocked ...), group (what happened in one: `action` renamed, joined, moved, removed). `key` is
    unique per delivery and the same for a repeated one. `language`: the platform's guess. `extra`: more facts of the platform.
    """

    key: str
    who: Who
    kind: str
    now: datetime
    action: str = ""
    text: str = ""
    chat: str = ""
    message: str = ""
    private: bool = True
    language: str = ""
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return self.now.astimezone(BRUSSELS).date()
