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
        found = 0
        for folder in sorted(place.iterdir(), key=lambda each: each.name):
            if not folder.is_dir() or folder.name.startswith((".", "__")):
                continue
            found += 1
            texts = _texts(folder, faults)
            if "book.toml" in texts:
                folders[folder.name] = texts
            elif not any(fault.file == f"{folder.name}/book.toml" for fault in faults):
                faults.append(Fault(folder.name, "(folder)", "holds no book.toml: copy a whole rulebook into it, or remove the folder"))
        if not found:
            cure = "holds no folders with a rulebook: set UURWIJZER_RULEBOOKS to the folder above them, or remove the setting"
            faults.append(Fault(str(place), "(folder)", cure))
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
    faults += _two_names(books)
    if faults:
        raise BookError(tuple(faults))
    return books


def _two_names(books: dict[str, Rulebook]) -> list[Fault]:
    """A werkvorm that two books call differently: a moment of it could be shown under the wrong name."""
    first: dict[str, tuple[str, Any]] = {}
    faults = []
    for book in books.values():
        for werkvorm in book.werkvormen.values():
            name, words = first.setdefault(werkvorm.id, (book.id, werkvorm.words))
            if words != werkvorm.words:
                faults.append(Fault(f"{book.id}/werkvormen.toml", werkvorm.id, f"has another name in rulebook {name}: give it another id"))
    return faults


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
