"""Reads the rulebooks from their folders: those that come with the program and those of the setting RULEBOOKS."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from rules.book import Rulebook
from rules.book_reading import BookError, Fault, read_book


def own_books() -> Any:
    """The folder of the rulebooks that travel with the program."""
    return files("rules") / "books"


def read_books(extra: Path | None = None) -> dict[str, Rulebook]:
    """All rulebooks by id. Raises BookError naming file, key and cure of every fault in every book; never leaves one out."""
    folders: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    for place in (own_books(), extra):
        if place is None:
            continue
        if not place.is_dir():
            faults.append(Fault(str(place), "(folder)", "is no folder: set UURWIJZER_RULEBOOKS to the folder that holds your rulebooks"))
            continue
        for folder in sorted(place.iterdir(), key=lambda each: each.name):
            if folder.is_dir() and not folder.name.startswith((".", "__")):
                folders[folder.name] = _texts(folder, faults)
    books: dict[str, Rulebook] = {}
    for name, texts in folders.items():
        try:
            book = read_book(texts, folders)
        except BookError as error:
            faults += [Fault(f"{name}/{fault.file}", fault.key, fault.cure) for fault in error.faults]
            continue
        if book.id != name:
            faults.append(Fault(f"{name}/book.toml", "id", f"must be the name of its folder, {name!r}"))
        books[book.id] = book
    if faults:
        raise BookError(tuple(faults))
    return books


def _texts(folder: Any, faults: list[Fault]) -> dict[str, str]:
    texts = {}
    for prefix, place in (("", folder), ("forms/", folder / "forms")):
        if not place.is_dir():
            continue
        for file in place.iterdir():
            if file.name.endswith(".toml"):
                try:
                    texts[prefix + file.name] = file.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    faults.append(Fault(f"{folder.name}/{prefix}{file.name}", "(file)", f"cannot be read as UTF-8 text: {error}"))
    return texts
