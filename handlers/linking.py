"""One person, several platforms: a code that she gives to the other app, there or here, to be the same person in both."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from handlers import channel_settings
from handlers.access import hash_of, new_code
from handlers.inviting import link
from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from rules.typed import fold
from storage import accounts, scope
from storage.accounts import Session
from storage.instants import as_stored

VALID = timedelta(minutes=15)
IN_SLACK = "/uren start"  # there a name like /start is not ours
PLATFORMS = ("slack", "telegram", "terminal")


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/koppel in private: with the name of a platform a code for an account of one's own there; without, the channels of her network
    for who has some, and the code for anybody else."""
    if fold(event.text.strip()) not in PLATFORMS and scope.may(tx, session, "channel.view", event.today):
        return channel_settings.command(tx, world, session, event)
    return replace(give_code(tx, world, session, event), fresh=True)


def give_code(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """A code that links one more account to who asks: single use, a quarter of an hour, her earlier codes are void; only its hash is
    kept. Her other accounts are told when it was used, as at any linking. A page gives none: whoever is at a browser that was left
    open could be her ever after."""
    if event.extra.get("page"):
        return Screen(say("access.other_in_chat"), fresh=True)
    code, now = new_code(), as_stored(event.now)
    accounts.add_invite(tx, session.person or 0, hash_of(code), now, VALID)
    accounts.add_audit(tx, now, f"account:{session.account}", "linkcode", str(session.person))
    address = link(world, code) if event.who.platform != "telegram" else ""
    body = [say("access.other_slack", code=f"{IN_SLACK} {code}")] if event.who.platform != "slack" else []
    body += [say("access.other_app", code=code, link=address)] if event.who.platform != "telegram" or not body else []
    choices = ((Choice(say("personal.privacy_title"), "privacy"),),)
    return Screen(say("access.other_title"), (*body, say("access.other_long")), choices=choices, unkept=True)
