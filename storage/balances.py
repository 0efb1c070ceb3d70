"""The balances of many people in one pass: the batch reading of storage/holdings and the one sum of rules/ledger."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import Connection

from rules.book import NoValueError, Rulebook
from rules.facts import Id
from rules.ledger import Balance
from storage.holdings import Held, read_held


def balances_of_many(
    tx: Connection, books: Mapping[str, Rulebook], people: Iterable[Id], today: date
) -> Iterator[tuple[Id, list[tuple[Held, Balance]]]]:
    """Each person of `people`, in that order, with what she holds today and its balance: the same numbers as /saldo.

    `books`: the rulebooks by id, as the world holds them. Streamed: people are read a few hundred at a time with the same
    queries, so memory does not grow with their number. Grants without rules in force are left out.
    """
    for person, several in read_held(tx, books, people, today):
        found = []
        for held in several:
            try:
                found.append((held, held.balance()))
            except NoValueError:
                continue
        yield person, found
