"""What handlers stand on besides the database: the rulebooks, by the network whose book it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.book import Rulebook
from storage.terms import DEFAULTS, Terms


@dataclass(frozen=True, eq=False)
class World:
    """The rulebooks by id; `bot_name` for links and `public_url` of the web part (empty when there is none); how long things are kept;
    `pages_key` signs the links to pages (empty when there are no pages). `language`: of whom nobody knows it."""

    books: Mapping[str, Rulebook]
    bot_name: str = ""
    terms: Terms = field(default_factory=lambda: DEFAULTS)
    public_url: str = ""
    pages_key: bytes = field(default=b"", repr=False)
    language: str = "nl"

    def werkvorm(self, werkvorm: str) -> str | Mapping[str, str]:
        """What to say of a werkvorm: its id, or the words (nl, fr, en) of the rulebook that added it."""
        added = (book.werkvormen[werkvorm].words for book in self.books.values() if werkvorm in book.werkvormen)
        return next(filter(None, added), werkvorm)

    def book(self, network: Any) -> Rulebook:
        """The rulebook of a network's row. Raises KeyError when it is not loaded."""
        return self.books[network.rulebook]
