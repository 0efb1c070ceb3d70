"""What handlers stand on besides the database: the rulebooks, by the network whose book it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.book import Rulebook


@dataclass(frozen=True)
class World:
    """The rulebooks by id; `bot_name` for links (empty when there is none)."""

    books: Mapping[str, Rulebook]
    bot_name: str = ""

    def book(self, network: Any) -> Rulebook:
        """The rulebook of a network's row. Raises KeyError when it is not loaded."""
        return self.books[network.rulebook]
