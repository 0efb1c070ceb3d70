"""Makes the HTML of pages: templates/pages with the words of templates/messages, everything escaped."""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import wording
from handlers.screen import Text
from handlers.whole_fields import WholeField
from rules.words import OPROEPEN

STATIC: Mapping[str, str] = {"style.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
                             "mini_app.js": "text/javascript; charset=utf-8"}  # fmt: skip


@lru_cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("templates", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
    said = wording.environment(language)
    made.filters.update({name: said.filters[name] for name in ("duration", "day", "short_day", "clock", "money")})
    made.filters["say"] = lambda text: wording.say(text, language)
    made.filters["words"] = lambda key: wording.say(Text(key), language)
    made.filters["pieces"] = lambda text: list(pieces(wording.say(text, language)))
    made.filters["hint"] = lambda text, field: hint(wording.say(text, language), field, language)
    made.filters["oproep"] = lambda oproep: wording.say(Text(f"words.oproep_{oproep}"), language)
    made.filters["werkvorm"] = lambda werkvorm: (
        werkvorm[language] if isinstance(werkvorm, Mapping) else wording.say(Text(f"words.werkvorm_{werkvorm}"), language)
    )
    made.globals.update(t=partial(_escaped, language), language=language, oproepen=OPROEPEN)
    return made


def render(template: str, language: str, **values: Any) -> str:
    """A page in a language."""
    return _environment(language).get_template(f"{template}.html").render(**values)


def words_of(name: str, language: str, /, **values: Any) -> str:
    """A text of the pages, or "file.block" of those that every surface has, without any page around it."""
    return wording.say(Text(name if "." in name else f"pages.{name}", values), language)


def _escaped(language: str, name: str, /, **values: Any) -> Markup:
    """A text of the pages within one; most say the same each time."""
    return escape(words_of(name, language, **values)) if values else _fixed(language, name)


@lru_cache
def _fixed(language: str, name: str) -> Markup:
    return escape(words_of(name, language))


def hint(said: str, field: WholeField, language: str) -> str:
    """A question as it stands at its field: how to type is not said at a list to choose from, nor to choose where there is none."""
    choose_or_type = wording.say(Text("whole.choose_or_type"), language)
    if field.kind in ("place", "choice"):
        return said.partition(choose_or_type)[0].rstrip()
    return said if field.options else said.replace(choose_or_type, wording.say(Text("whole.type"), language))


def pieces(said: str) -> Iterator[tuple[str, list[str]]]:
    """Said words as paragraphs and lists: ("p", [line]) and ("ul", [lines that began with a dash])."""
    items: list[str] = []
    for line in [*said.split("\n"), ""]:
        if line.startswith("- "):
            items.append(line[2:])
            continue
        if items:
            yield "ul", items
            items = []
        if line.strip():
            yield "p", [line]


@lru_cache
def static_file(name: str) -> bytes:
    """The content of a file that pages need. Raises KeyError for any other name."""
    if name not in STATIC:
        raise KeyError(name)
    return (files("templates") / "pages" / name).read_bytes()
