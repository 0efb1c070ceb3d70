"""The catalogues in step with the templates: `python -m tests.catalogues update` extracts, updates and compiles them.

Translations are written by hand in templates/locale/<language>/LC_MESSAGES/messages.po; run this before and after.
"""

import io
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rules.words import LANGUAGES as ALL

ROOT = Path(__file__).resolve().parents[1]
MESSAGES = ROOT / "templates" / "messages"
LOCALE = ROOT / "templates" / "locale"
LANGUAGES = ALL[1:]  # Dutch is the source
HEADERS = {"Project-Id-Version", "Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms"}


class SteadyCatalog(Catalog):
    """A catalogue whose header holds no dates, tools or people, so that the same messages give the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What tells how the file is to be read, and nothing that changes with the day."""
        return [(name, value) for name, value in super().mime_headers if name in HEADERS]


def steady(messages: Iterable[Message], language: str | None = None) -> SteadyCatalog:
    """The messages as a catalogue of a language; without a language the template."""
    made = SteadyCatalog(
        language, project="Uurwijzer", version="1", fuzzy=False,
        header_comment="# The words of Uurwijzer; the Dutch source text stands in templates/messages.",
    )
    for message in messages:
        if message.id:
            made.add(message.id, message.string, flags=message.flags, user_comments=message.user_comments)
    return made


def extract() -> SteadyCatalog:
    """What stands in {% trans %} now, in the order of the files, as babel.cfg says."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(MESSAGES, methods, options)
    return steady(Message(message) for _, _, message, _, _ in found)


def path_of(language: str, ending: str = "po") -> Path:
    """The catalogue file of a language."""
    return LOCALE / language / "LC_MESSAGES" / f"messages.{ending}"


def read(language: str) -> SteadyCatalog:
    """The committed translations of a language; empty when there is no file yet."""
    path = path_of(language)
    if not path.exists():
        return steady((), language)
    with path.open("rb") as file:
        return steady(read_po(file, language, abort_invalid=True), language)


def as_po(catalog: Catalog) -> bytes:
    """The text of a catalogue, one line per message, without places in the templates."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, no_location=True, ignore_obsolete=True)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The compiled catalogue; untranslated and fuzzy messages are left out."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update() -> dict[str, list[str]]:
    """Write the template and, per language, .po and .mo; give the messages that still need words."""
    template = extract()
    LOCALE.mkdir(exist_ok=True)
    (LOCALE / "messages.pot").write_bytes(as_po(template))
    missing: dict[str, list[str]] = {}
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template, no_fuzzy_matching=True)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(as_po(catalog))
        path_of(language, "mo").write_bytes(as_mo(catalog))
        missing[language] = [first(each) for each in catalog if each.id and not all(texts(each.string))]
    return missing


def texts(words: str | Iterable[str]) -> tuple[str, ...]:
    """A message or its plural forms, always as a tuple."""
    return (words,) if isinstance(words, str) else tuple(words)


def first(message: Message) -> str:
    """The source text of a message, of two forms the singular."""
    return texts(message.id)[0]


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit("Use: python -m tests.catalogues update")
    for language, messages in update().items():
        print(f"{language}: {len(messages)} without words", *messages, sep="\n  ")
