"""A form with all its questions at once, for a page or a modal: the fields as data, and many typed values taken together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.card import problem
from handlers.requesting import PURPOSE as REQUEST
from handlers.screen import Choice, Screen, Text, say
from handlers.typed_line import client_data_seen, without_words
from rules import clientdata
from rules.forms import Answers, Asked, Field, Form, apply, options_of
from rules.typed import Unclear, readable

DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
STORED_AS_TYPED = ("text", "partner")
LONGEST = 1000
# Buttons of the card that mean something on a whole form too; the others are the questions themselves.
OFFERED = frozenset({".same", ".fit", ".advice", ".ask", ".wait", ".park", ".plan", ".later", ".why", ".more", ".cancel"})


@dataclass(frozen=True)
class WholeField:
    """One question. `value`: the option chosen, or the answer as it can be typed, or what was typed and has a `problem`; empty when
    open. `shown`: the answer in words. `options` of what is typed (a time, a length, a partner) are suggestions."""

    key: str
    kind: str
    label: Text
    options: tuple[tuple[str, Text], ...] = ()
    value: str = ""
    problem: Text | None = None
    hints: tuple[Text, ...] = ()
    shown: Text | None = None
    required: bool = True

    @property
    def written(self) -> str:
        """The value as it stands in a field to type in: a day as on paper."""
        return on_paper(self.value) if self.kind == "day" else self.value


@dataclass(frozen=True)
class WholeForm:
    """A draft as a form. `fields`: those that apply with the answers now. `verdict`: what the rulebook says so far, in words; it can
    be confirmed when it is `complete` and not `refused`. `offers`: what can be done instead, as buttons of the card."""

    draft: int
    revision: int
    form: str
    title: Text
    fields: tuple[WholeField, ...]
    verdict: tuple[Text, ...]
    refused: bool
    complete: bool
    language: str
    purpose: str = "register"
    problems: tuple[Text, ...] = ()
    offers: tuple[Choice, ...] = ()

    @property
    def confirms(self) -> Text:
        """What its last button reads."""
        return say("requests.send" if self.purpose == REQUEST else "card.confirm")

    @property
    def wrong(self) -> bool:
        """Whether an answer could not be taken, or something else must be read first."""
        return bool(self.problems) or any(each.problem for each in self.fields)


@dataclass(frozen=True)
class Taken:
    """Answers with what was typed in them: `typed`: what could not be taken, by field, and `problems`: why."""

    answers: dict[str, Any]
    typed: Mapping[str, str]
    problems: Mapping[str, Text]


NOTHING = Taken({}, {}, {})
# A second look at an answer that was unclear: the text that must have been meant, or the question to ask.
Reread = Callable[[str, Unclear, Answers], str | Unclear]


def take(form: Form, answers: Answers, raw: Mapping[str, str], asked: Asked, reread: Reread, language: str) -> Taken:
    """Take typed or chosen values, many at once, in the order of the form. An emptied field is open again.

    One that is not required and left empty is answered with nothing.
    A value that stands as it stood is left alone, so that "gisteren 14u-16u" in one field fills the next. What looks like client
    data is neither kept nor given back.
    """
    kept: Answers = dict(answers)
    typed: dict[str, str] = {}
    problems: dict[str, Text] = {}
    given = {each.key: readable(raw[each.key])[:LONGEST].strip() for each in form.fields if each.key in raw}
    stood = {each.key: as_typed(each, answers.get(each.key), asked, language) for each in form.fields}
    changed = [
        each for each in form.fields
        if given.get(each.key) not in (None, stood[each.key], on_paper(stood[each.key]) if each.kind == "day" else None)
        or (not each.required and given.get(each.key) == "" and each.key not in answers)
    ]  # fmt: skip
    for each in (each for each in changed if not given[each.key]):  # first, for what is typed elsewhere may fill it again
        kept = {key: value for key, value in kept.items() if key != each.key}
        kept = kept if each.required else {**kept, each.key: ""}
    for each in (each for each in changed if given[each.key]):
        text = given[each.key]
        kept, unclear = _read(form, kept, each, text, asked, reread)
        seen = clientdata.screen(text) if unclear or each.kind in STORED_AS_TYPED else ()
        if seen:
            kept = {key: value for key, value in kept.items() if key != each.key}
            problems[each.key] = client_data_seen(seen, chat=False)
        elif unclear:
            typed[each.key], problems[each.key] = text, problem(without_words(unclear))
    return Taken(dict(kept), typed, problems)


def _read(form: Form, kept: Answers, each: Field, text: str, asked: Asked, reread: Reread) -> tuple[Answers, Unclear | None]:
    read, found = apply(form, kept, {each.key: text}, asked)
    if each.key not in found:
        return read, None
    again = reread(each.key, found[each.key], kept)
    if isinstance(again, Unclear):
        return kept, again
    read, found = apply(form, kept, {each.key: again}, asked)
    return read, found.get(each.key)


def as_typed(field: Field, value: Any, asked: Asked, language: str) -> str:
    """An answer as a person could type it, or the option's value; empty for an open question."""
    if value is None:
        return ""
    if isinstance(value, int):
        mark = "u" if language == "nl" else "h"
        hours, rest = divmod(value, 60)
        return f"{hours}{mark}{rest:02}" if hours else f"{rest} min"
    if field.kind == "length":
        return {"nl": "tot", "fr": "jusqu'à"}.get(language, "until") + f" {value}"
    if field.kind == "roles":
        return ", ".join(f"{count} {role.replace('_', ' ')}" for role, count in value.items()) or "0"
    if field.kind == "partner":
        return next((option.label for option in options_of(field, asked) if option.value == value), value.removeprefix("~"))
    return str(value)


def on_paper(day: str) -> str:
    """A day as people write it, 10/06/2026; what is no day of the calendar as it is."""
    return DAY.sub(r"\3/\2/\1", day)


def missing() -> Text:
    """What is said of a question that was left open."""
    return say("whole.needed")


def with_missing(taken: Taken, raw: Mapping[str, str]) -> Taken:
    """What was taken, with a problem at each field that was given empty and must not be."""
    open_ones = {key: missing() for key, text in raw.items() if not text.strip() and key not in taken.answers}
    return replace(taken, problems={**open_ones, **taken.problems})


def offers_of(card: Screen) -> tuple[Choice, ...]:
    """The buttons of a card that are no answer to its question."""
    return tuple(each for row in card.choices for each in row if each.press.startswith("d:") and each.press.split(":", 4)[3] in OFFERED)
