"""A whole moment in one typed line, and readings to offer for what was unclear; typed words are never echoed or kept."""

from datetime import date, time
from typing import Any

from handlers.card import problem
from handlers.moment_form import OPROEP_OF_FORM, Setting, line_answers
from handlers.screen import Text, say
from rules import clientdata
from rules.forms import Answers, apply, fill_known
from rules.line import read_line
from rules.typed import Unclear, fold
from rules.when import read_minutes
from rules.when_clock import Span
from rules.words import CHOICE_WORDS


def client_data_seen(seen: tuple[clientdata.Sighting, ...]) -> Text:
    """Which kinds of client data were typed; never the text."""
    return say("problems.client_data", kinds=tuple(sorted({each.kind for each in seen})))


def without_words(unclear: Unclear) -> Unclear:
    """Without what was typed: words out of a person's text are never echoed or kept."""
    return Unclear(unclear.reason, tuple(option for option in unclear.options if not isinstance(option, str)))


def as_raw(key: str, option: Any) -> tuple[str, str]:
    if isinstance(option, Span):
        return "start", f"{option.start:%H:%M}-{option.end:%H:%M}"
    if isinstance(option, date):
        return "day", option.isoformat()
    if isinstance(option, time):
        return key if key == "length" else "start", option.strftime("%H:%M")
    if isinstance(option, int) and not isinstance(option, bool):
        return (key, f"{option} min") if key == "length" else (key, "")
    return key, str(option) if key in ("place", "partner", "werkvorm", "topic") else ""


def typed_line(setting: Setting, text: str, *, ahead: bool = False) -> tuple[Answers, tuple[Text, ...], tuple[tuple[str, str], ...]]:
    """The answers in a whole typed line, what is wrong with it, and the readings to offer.

    With client data in it, only what cannot hold any is kept: place, day, hours, counts; never the words.
    """
    form, asked = setting.form, setting.asked
    places = {place.value: (place.name or "ad hoc",) for place in setting.places if place.oproep in OPROEP_OF_FORM[form.id]}
    line = read_line(text, asked.today, places, asked.roles, ahead)
    answers = line_answers(form, line)
    keys = {each.key: each for each in form.fields}
    rest = (line.text or "").strip()
    if seen := clientdata.screen(text):
        return answers, (client_data_seen(seen),), ()
    if "length" not in answers and (hours := _bare_hours(rest)) is not None:
        answers["length"], rest = hours
    if "werkvorm" in keys and (named := _named_werkvorm(rest, keys["werkvorm"].options)) is not None:
        answers["werkvorm"], rest = named
    problems: list[Text] = []
    readings: list[tuple[str, str]] = []
    if rest:
        for key in ("werkvorm", "topic", "text"):
            if key in keys and key not in answers:
                kept, found = apply(form, answers, {key: rest}, asked)
                if not found:
                    answers = dict(kept)
                    break
        else:
            problems.append(say("card.part_lost"))
    only = setting.place(fill_known(form, answers, asked).get("place"))
    if line.place is None and len(rest.split()) > 1 and only is not None and only.name:
        problems.append(say("card.place_assumed", place=only.name))
    for unclear in line.unclear:
        problems.append(problem(without_words(unclear)))
        key = {"ambiguous_place": "place"}.get(unclear.reason, _field_of(unclear))
        readings += [pair for option in unclear.options if (pair := as_raw(key, option))[1]]
    return answers, tuple(problems), tuple(readings)


def _named_werkvorm(text: str, allowed: str | tuple[str, ...]) -> tuple[str, str] | None:
    """The werkvorm whose word stands in a typed line, and the line without it."""
    for position, word in enumerate(words := text.split()):
        for werkvorm in allowed:
            if fold(word.strip(",;:")) in CHOICE_WORDS.get(werkvorm, ()):
                return werkvorm, " ".join(words[:position] + words[position + 1 :])
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
