"""A whole moment in one typed line, and readings to offer for what was unclear; typed words are never echoed or kept."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from handlers.card import problem
from handlers.moment_form import OPROEP_OF_FORM, Setting, line_answers
from handlers.screen import Text, say
from rules import clientdata
from rules.forms import Answers, Field, apply, fill_known, options_of
from rules.line import Line, read_line
from rules.typed import Unclear
from rules.when import read_minutes
from rules.when_clock import Span

NAMED_IN_LINES = ("werkvorm", "role", "channel", "topic")
ROLE_REASONS = frozenset({"unknown_role", "which_role", "how_many", "ambiguous_role", "too_many"})
# What is wrong with a line and changes nothing of what was read: it may be confirmed as it stands.
REMARKS = frozenset({"card.place_assumed", "card.part_lost", "card.once", "plans.once"})


@dataclass(frozen=True)
class TypedLine:
    """What a line gave: `answers`; `counted` people beside a count that must be asked; what is wrong, the readings to offer;
    `every` (rules.recurring) when it says that it comes back."""

    answers: Answers = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    problems: tuple[Text, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    every: str | None = None

    @property
    def sure(self) -> bool:
        """Whether nothing of the line needs an answer."""
        return not self.readings and all(each.key in REMARKS for each in self.problems)


def client_data_seen(seen: tuple[clientdata.Sighting, ...], *, chat: bool = True) -> Text:
    """Which kinds of client data were typed; never the text. `chat`: typed in one, where it still stands."""
    return say("problems.client_data", kinds=tuple(sorted({each.kind for each in seen})), chat=chat)


def without_words(unclear: Unclear) -> Unclear:
    """Without what was typed: words out of a person's text are never echoed or kept."""
    return Unclear(unclear.reason, tuple(option for option in unclear.options if not isinstance(option, str)))


def as_raw(key: str, option: Any) -> tuple[str, str]:
    """A reading as the field and value that its button gives; an empty value for one that cannot be a button."""
    if isinstance(option, Span):
        return "start", f"{option.start:%H:%M}-{option.end:%H:%M}"
    if isinstance(option, date):
        return "day", option.isoformat()
    if isinstance(option, time):
        return key if key == "length" else "start", option.strftime("%H:%M")
    if isinstance(option, int) and not isinstance(option, bool):
        return ("length", f"{option} min") if key in ("length", "start", "day") else (key, "")
    return key, str(option) if key in ("place", "partner", "werkvorm", "topic") else ""


def typed_line(setting: Setting, text: str, *, ahead: bool = False) -> TypedLine:
    """Read a whole typed line in a setting.

    With client data in it, only what cannot hold any is kept: place, day, hours, counts; never the words.
    """
    form, asked = setting.form, setting.asked
    line = _read(setting, text, ahead)
    answers = line_answers(form, line)
    problems: list[Text] = []
    if not_hers(setting, answers.get("werkvorm")):
        begins = setting.begins(answers.pop("werkvorm"))
        problems.append(say("problems.not_your_werkvorm") if begins is None else say("problems.werkvorm_begins", day=begins))
    unsure = any(each.reason in ROLE_REASONS for each in line.unclear)
    counted = answers.pop("present", {}) if unsure else {}
    if seen := clientdata.screen(text):
        return TypedLine(answers, counted, (client_data_seen(seen),))
    rest = (line.text or "").strip()
    if "length" not in answers and (hours := _bare_hours(rest)) is not None:
        answers["length"], rest = hours
    if rest and (kept := _described(setting, answers, rest)) is not None:
        answers = dict(kept)
    elif rest and not line.unclear:
        problems.append(say("card.part_lost"))
    if line.place is None and line.leads and (" " in rest or rest[:1].isupper()) and not line.unclear:
        only = setting.place(fill_known(form, answers, asked).get("place"))
        if only is not None and only.name:
            problems.append(say("card.place_assumed", place=only.name))
    if line.every is not None:
        problems.append(say("plans.once" if asked.ahead else "card.once"))
    readings: list[tuple[str, str]] = []
    for unclear in line.unclear:
        problems.append(problem(without_words(unclear)))
        if unclear.reason in ROLE_REASONS:
            continue
        key = "place" if unclear.reason == "ambiguous_place" else _field_of(unclear)
        readings += [pair for option in unclear.options if (pair := as_raw(key, option))[1]]
    return TypedLine(answers, counted, tuple(problems), tuple(readings), line.every)


def not_hers(setting: Setting, werkvorm: str | None) -> bool:
    """Whether a werkvorm is one that she has no hours for (O4-25)."""
    return werkvorm is not None and all(option.value != werkvorm for option in setting.asked.options.get("werkvormen", ()))


def _read(setting: Setting, text: str, ahead: bool) -> Line:
    form, asked = setting.form, setting.asked
    places = {place.value: (place.name or "ad hoc",) for place in setting.places if place.oproep in OPROEP_OF_FORM[form.id]}
    choices = {
        each.key: {
            option.value: option.names for option in (setting.all_werkvormen if each.options == "werkvormen" else options_of(each, asked))
        }
        for each in form.fields
        if each.key in NAMED_IN_LINES and each.kind == "choice"
    }
    people: Field | None = next((each for each in form.fields if each.kind == "roles"), None)
    alone = people.options[0] if people is not None and isinstance(people.options, tuple) and people.options else None
    return read_line(text, asked.today, places, asked.roles, ahead or asked.ahead, choices=choices, alone=alone)


def _described(setting: Setting, answers: Answers, rest: str) -> Answers | None:
    """The answers with the words that nothing else took as what they describe; None when they fit nowhere."""
    keys = {each.key for each in setting.form.fields}
    for key in ("topic", "text"):
        if key in keys:
            kept, found = apply(setting.form, answers, {key: rest}, setting.asked)
            return None if found else kept
    return None


def _bare_hours(text: str) -> tuple[int, str] | None:
    """A length such as 1,5 that stands alone in a typed line, in minutes, and the line without it."""
    for position, word in enumerate(words := text.split()):
        if "," in word.strip(",.") and isinstance(minutes := read_minutes(word.strip(",.")), int):
            return minutes, " ".join(words[:position] + words[position + 1 :])
    return None


def _field_of(unclear: Unclear) -> str:
    first = unclear.options[0] if unclear.options else None
    if isinstance(first, date):
        return "day"
    return "start" if isinstance(first, time | Span) else "length"
