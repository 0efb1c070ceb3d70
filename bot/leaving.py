"""`erase`: what an operator does when somebody left; the hours stay under a label until their term ends."""

import sys
from typing import Any

from bot.assembly import operator_clock
from bot.opening import open_database
from bot.people import find_person
from bot.settings import Settings

AFTER = (
    "A restore erases this person again. Take the rows out of the files that you import (personen, aanbod, overeenkomsten, momenten,\n"
    "beginsaldi, toekenningen; in toekenningen only the key when others share the row): an import names each that is left. Delete\n"
    "backups, `*.replaced-*` and `*.before-*` files made before today as soon as you can do without them."
)


def erase_person(settings: Settings, wanted: str, *, sure: bool) -> int:
    """Erase a person, once the operator has typed the key; 1 when it was not typed, then nothing changes."""
    from handlers.access import erase

    now = operator_clock(settings)()
    database = open_database(settings)
    try:
        row = database.run(lambda tx: find_person(tx, wanted))
        if row.erased_on is not None:
            print(f"{row.key} was erased on {row.erased_on} already.")
            return 0
        if not sure and not _confirmed(row):
            print("Nothing was erased.", file=sys.stderr)
            return 1
        label = database.run(lambda tx: erase(tx, row.id, now))
    finally:
        database.close()
    print(f"{row.key} was erased; the hours stay as {label} until {settings.retention['hours']} have passed.\n{AFTER}")
    return 0


def _confirmed(row: Any) -> bool:
    """Whether the key is typed in answer."""
    print(f"This erases {row.first_name} {row.name} for good: name, e-mail, accounts, drafts, plans, texts.")
    print(f"The hours stay, without a name. Hand over the data first: `uurwijzer export FOLDER --person {row.key}`.")
    print(f"Type {row.key} to go on: ", end="", flush=True)
    return sys.stdin.readline().strip() == str(row.key)
