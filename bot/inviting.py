"""`invite`: one-time codes, as text, deep link, QR picture or a CSV for a mail merge."""

import csv
import os
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.assembly import operator_clock
from bot.networks import find_network, without_account
from bot.opening import open_database
from bot.people import find_person
from bot.settings import Settings
from bot.telegram_name import ask_name
from handlers.access import VALID, make_invite
from handlers.csv_text import guarded
from storage.accounts import add_audit
from storage.instants import as_stored

PICTURES = (".svg", ".png")


def invite_person(settings: Settings, person: str, picture: Path | None) -> int:
    """Print a new code for a person, the link or what to type in Slack when a token is set, and write the link as a QR picture."""
    if picture is not None and picture.suffix.lower() not in PICTURES:
        print(f"{picture} must end in .svg or .png.", file=sys.stderr)
        return 2
    if picture is not None and not picture.absolute().parent.is_dir():
        print(f"{picture.absolute().parent} is no folder: make it first. No code was made.", file=sys.stderr)
        return 7
    now = operator_clock(settings)()
    database = open_database(settings)
    try:
        row = database.run(lambda tx: find_person(tx, person))
        name = _bot_name(settings)
        code = database.run(lambda tx: _new_code(tx, row.id, now))
    finally:
        database.close()
    print(f"{row.first_name} {row.name}: {code}")
    if name is not None:
        print(link(name, code))
    elif not settings.slack_bot_tokens:
        print(f"In a private chat with the bot: /start {code}")
    if settings.slack_bot_tokens:
        print(f"In Slack: /uren start {code}")
    print(f"For one use, until {now + VALID:%Y-%m-%d %H:%M}; an earlier code of this person no longer works.")
    if picture is not None:
        import segno

        os.close(os.open(picture, os.O_WRONLY | os.O_CREAT, 0o600))  # for nobody else while it is written either
        segno.make_qr(link(name, code) if name else code).save(str(picture), scale=8)
        picture.chmod(0o600)
        print(f"{picture} holds the {'link' if name else 'code'} as a QR picture.")
    return 0


def invite_network(settings: Settings, network: str, target: Path) -> int:
    """Write a code for each person of a network without an account to a CSV file."""
    now = operator_clock(settings)()
    database = open_database(settings)

    def step(tx: Connection) -> int:
        found = without_account(tx, find_network(tx, network).id)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["persoon", "voornaam", "naam", "email", "taal", "code", "link", "geldig_tot"])
            for row in found:
                code = _new_code(tx, row.id, now)
                until = f"{now + VALID:%Y-%m-%d %H:%M}"
                cells = [row.key, row.first_name, row.name, row.email or "", row.language, code, link(name, code) if name else "", until]
                writer.writerow([guarded(cell) for cell in cells])
        return len(found)

    try:
        database.run(lambda tx: find_network(tx, network))  # one that there is not is said before Telegram is asked
        name = _bot_name(settings)
        count = database.run(step)
    finally:
        database.close()
    print(f"{target}: {count} codes, each for one use until {now + VALID:%Y-%m-%d %H:%M}.")
    return 0


def link(name: str, code: str) -> str:
    """The deep link that opens the bot with a code."""
    return f"https://t.me/{name}?start={code}"


def _new_code(tx: Connection, person: int, now: datetime) -> str:
    add_audit(tx, as_stored(now), "operator", "invite", str(person))
    return make_invite(tx, person, now)


def _bot_name(settings: Settings) -> str | None:
    """The bot's name for links; a sentence on standard error when nothing can make one, or Telegram does not say the name."""
    if settings.telegram_token is None:
        if settings.slack_bot_tokens:
            return None  # there a code is typed
        print("There is no link, because UURWIJZER_TELEGRAM_TOKEN is not set. The code works all the same.", file=sys.stderr)
        return None
    name, problem = ask_name(settings)
    if name is None:
        print(f"There is no link: UURWIJZER_TELEGRAM_TOKEN: {problem}. The code works all the same.", file=sys.stderr)
    return name
