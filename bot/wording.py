"""Turns Text into words: one Jinja2 environment per language over templates/messages, with gettext and CLDR formats."""

import gettext
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Context

from handlers.screen import Text
from rules.periods import BRUSSELS

LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_BE"}


@lru_cache
def environment(language: str) -> Environment:
    """The templates in a language: Dutch is their source text, French and English come from the catalogues."""
    made = Environment(
        loader=PackageLoader("templates", "messages"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - plain words come out; each surface escapes what it sends
        auto_reload=False,
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        duration=lambda minutes: duration(minutes, language),
        day=lambda day: long_day(day, language),
        short_day=lambda day: short_day(day, language),
        clock=clock,
        money=lambda cents: money(cents, language),
        word=lambda value, group: value[language] if isinstance(value, Mapping) else say(Text(f"words.{group}_{value}"), language),
        roles=lambda present: roles(present, language),
        bar=bar,
        localday=lambda moment: moment.astimezone(BRUSSELS).date(),
        text=lambda text: say(text, language),
        lookup=lambda key: key[language] if isinstance(key, Mapping) else say(Text(f"words.{key}"), language),
        weekday=lambda day: weekday(day, language),
        month=lambda day: month(day, language),
        platforms=lambda names: ", ".join(say(Text(f"words.platform_{name}"), language) for name in names),
    )
    made.globals["own"] = lambda nl, fr, en: {"nl": nl, "fr": fr, "en": en}[language]
    return made


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The gettext catalogue of a language; Dutch needs none. Raises FileNotFoundError when one is missing."""
    if language == "nl":
        return gettext.NullTranslations()
    with as_file(files("templates") / "locale" / language / "LC_MESSAGES" / "messages.mo") as path, path.open("rb") as file:
        return gettext.GNUTranslations(file)


@lru_cache
def _block(key: str, language: str) -> tuple[Environment, dict[str, Any], dict[str, list[Any]], Any]:
    file, _, name = key.partition(".")
    made = environment(language)
    template = made.get_template(f"{file}.j2")
    blocks = {each: [block] for each, block in template.blocks.items()}
    return made, dict(template.globals), blocks, template.blocks[name.replace("-", "_")]


def say(text: Text, language: str) -> str:
    """The words of a text in a language, without markup. Raises KeyError for a key without words."""
    values = tuple(text.values.items())
    try:
        return _said(text.key, values, language)
    except TypeError:  # a value that cannot be hashed, such as a dict
        return _render(text.key, values, language)


def _render(key: str, values: tuple[tuple[str, Any], ...], language: str) -> str:
    made, known, blocks, block = _block(key, language)
    context = Context(made, {**known, **dict(values)}, key, {})
    context.blocks = blocks  # for self.other_block(); template.new_context would copy all of them for each text
    return "".join(block(context)).strip()


_said = lru_cache(maxsize=2048)(_render)


def paragraphs(texts: tuple[Text, ...], language: str) -> list[str]:
    """The lines of several texts, with an empty line before and after one that has several lines."""
    lines: list[str] = []
    long = False
    for text in texts:
        said = say(text, language).split("\n")
        if lines and (long or len(said) > 1):
            lines.append("")
        lines += said
        long = len(said) > 1
    return lines


def duration(minutes: int, language: str) -> str:
    """Minutes as people write them: 2u35, 45 min, 0u (French and English: 2h35)."""
    mark = "u" if language == "nl" else "h"
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else ""
    if hours == 0 and rest:
        return f"{sign}{rest} min"
    return f"{sign}{hours}{mark}{rest:02}" if rest else f"{sign}{hours}{mark}"


@lru_cache(maxsize=2048)
def long_day(day: date | str, language: str) -> str:
    """A day with its weekday, by CLDR: zondag 14 juni 2026."""
    from babel.dates import format_date

    day = date.fromisoformat(day) if isinstance(day, str) else day
    return _first(format_date(day, "EEEE d MMMM y", LOCALES[language]), day, language)


@lru_cache(maxsize=2048)
def short_day(day: date | str, language: str) -> str:
    """A day in short, by CLDR: 14 jun 2026."""
    from babel.dates import format_date

    day = date.fromisoformat(day) if isinstance(day, str) else day
    return _first(format_date(day, "d MMM y", LOCALES[language]), day, language)


@lru_cache(maxsize=64)
def weekday(day: date | str, language: str) -> str:
    """A day of this week by its name: donderdag 11."""
    from babel.dates import format_date

    day = date.fromisoformat(day) if isinstance(day, str) else day
    return _first(format_date(day, "EEEE d", LOCALES[language]), day, language)


def _first(written: str, day: date, language: str) -> str:
    """A written day as French writes the first of a month, 1er juillet, which CLDR's patterns leave out."""
    return re.sub(r"\b1\b", "1er", written, count=1) if language == "fr" and day.day == 1 else written


@lru_cache(maxsize=64)
def month(day: date, language: str) -> str:
    """The month of a day: juni 2026."""
    from babel.dates import format_date

    return format_date(day, "MMMM y", LOCALES[language])


def clock(moment: datetime | str) -> str:
    """A Brussels clock time, 14:30; text is taken as it is."""
    return moment if isinstance(moment, str) else moment.astimezone(BRUSSELS).strftime("%H:%M")


@lru_cache(maxsize=2048)
def money(cents: int, language: str) -> str:
    """An amount in euro, by CLDR, right to the cent."""
    from decimal import Decimal

    from babel.numbers import format_currency

    return format_currency(Decimal(cents) / 100, "EUR", locale=LOCALES[language])


def roles(present: Mapping[str, int], language: str) -> str:
    """People per role in words: 12 jongeren, 2 begeleiders."""
    if not present:
        return say(Text("words.nobody"), language)
    return ", ".join(say(Text(f"words.count_{role}", {"count": count}), language) for role, count in present.items())


def bar(used: int, whole: int, width: int = 10) -> str:
    """A bar of plain characters: [######....]."""
    filled = 0 if whole <= 0 else min(width, used * width // whole)
    filled = max(filled, int(used > 0))
    return "[" + "#" * filled + "." * (width - filled) + "]"
