"""The weekly summary in the shell: printed, or owed to the channels of the network."""

import sys
from functools import partial

from sqlalchemy import Connection

from bot.assembly import make_world, operator_clock
from bot.networks import find_network
from bot.opening import open_database
from bot.settings import Settings
from bot.terminal import show
from handlers.summary import frozen_or_new, summary_screen
from handlers.summary_posting import post_now
from rules.periods import BRUSSELS
from rules.weeks import read_week, week_of
from storage import directory, weekly


def _off(tx: Connection, settings: Settings, network: int) -> str:
    """What is added when a platform with an open channel of the network is off."""
    used = {row.platform for row in weekly.open_channels(tx, network)}
    tokens = {"Telegram": ("TELEGRAM_TOKEN", settings.telegram_token), "Slack": ("SLACK_BOT_TOKEN", settings.slack_bot_tokens)}
    off = [(name, variable) for name, (variable, token) in tokens.items() if name.lower() in used and not token]
    return "".join(f", but {name} is off: set UURWIJZER_{variable}" for name, variable in off)


def summarise(settings: Settings, network: str | None, written: str | None, *, post: bool) -> int:
    """Print the summary of a network (default: of each) and week (default: the one that ended last), or post it. 2: no such week."""
    world, now = make_world(settings), operator_clock(settings)()
    this = week_of(now.astimezone(BRUSSELS).date())
    try:
        week = read_week(written) if written else this.back()
    except ValueError:
        print(f"{written!r} is no week: write it as {this}.", file=sys.stderr)
        return 2
    if week > this or (post and week == this):
        why = "is not over: only a week that ended is posted" if week == this else "is to come"
        print(f"Week {week} {why}.", file=sys.stderr)
        return 2
    database = open_database(settings)
    try:
        rows = database.run(lambda tx: [find_network(tx, network)] if network is not None else directory.all_networks(tx))
        for row in rows:
            if post:
                new, before = database.run(partial(post_now, world=world, network=row, week=week, now=now))
                already = f", {before} had it already" if before else ""
                off = database.run(partial(_off, settings=settings, network=row.id)) if new else ""
                print(f"{row.name}: week {week} goes to {new} channel(s){already}; `uurwijzer serve` sends it{off}.")
            else:
                figures = database.run(partial(frozen_or_new, world=world, network=row, week=week, now=now))
                print(show(summary_screen(figures, row, row.language)), end="\n\n")
    finally:
        database.close()
    return 0
