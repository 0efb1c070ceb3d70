"""The door: invitations, linking an account to a person, unlinking; unknown people get a friendly word and nothing else."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from storage import accounts, erasing, outbox, plans
from storage.accounts import Session
from storage.instants import as_stored
from storage.redo import remember_erased, remember_feed, remember_unlinked

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
LETTERS = 26  # of 32: 130 random bits
VALID = timedelta(days=7)
HOUR = timedelta(hours=1)
# Wrong codes in an hour: so many each; while all together gave more than so many, one each. Nobody is kept out by what others try,
# and a code of 130 bits cannot be found by trying.
TRIES_EACH, TRIES_ALL = 5, 100


def new_code(letters: int = LETTERS) -> str:
    """A code made of chance only."""
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


def make_invite(tx: Connection, person: int, now: datetime) -> str:
    """A new code for a person: single use, 7 days; the earlier ones are void. Only its hash is kept."""
    code = new_code()
    accounts.add_invite(tx, person, hash_of(code), as_stored(now), VALID)
    return code


def unlink_person(tx: Connection, person: int, platform: str | None, now: datetime, who: str = "operator") -> int:
    """End a person's access at once, on one platform or all, and her calendar address, for a lost phone knows it; returns how many
    accounts that were. The hours stay."""
    remember_unlinked(tx, person, platform, now)
    _end_feed(tx, person, now)
    ended = accounts.unlink(tx, person, platform)
    accounts.add_audit(tx, as_stored(now), who, "unlink", str(person), platform)
    return ended


def unlink_account(tx: Connection, session: Session, account: int, now: datetime) -> int:
    """End the access of one account of who is talking; her others, and her hours, stay. Returns how many ended."""
    person = session.person or 0
    remember_unlinked(tx, person, None, now, account)
    ended = accounts.unlink(tx, person, account=account)
    if ended:
        accounts.add_audit(tx, as_stored(now), f"account:{session.account}", "unlink", str(person))
    return ended


def _end_feed(tx: Connection, person: int, now: datetime) -> bool:
    remember_feed(tx, person, now)
    return plans.end_feed(tx, person)


def erase(tx: Connection, person: int, now: datetime) -> str:
    """Erase a person who left, also in whatever backup is restored later; returns the label that the hours stay under."""
    label = erasing.new_label()
    remember_erased(tx, person, label, now)
    erasing.erase(tx, person, label, now)
    accounts.add_audit(tx, as_stored(now), "operator", "erase", str(person), label)
    return label


def hash_of(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def knock(tx: Connection, session: Session, event: Event) -> Screen:
    """/start from somebody, with or without a code; in a group a code is refused and void (others have seen it)."""
    code = event.text.strip()
    if not code:
        return door(event)
    now = as_stored(event.now)
    if not event.private:
        if (invite := accounts.find_invite(tx, hash_of(code), now)) is not None:
            accounts.void_invite(tx, invite.id, now)
        return Screen(say("access.code_in_group"), fresh=True)
    who = f"{event.who.platform}:{event.who.workspace}:{event.who.user}"
    tried = accounts.guesses_since(tx, now - HOUR, who)
    if tried >= TRIES_EACH or (tried and accounts.guesses_since(tx, now - HOUR) >= TRIES_ALL):
        return Screen(say("access.too_many"), fresh=True)
    invite = accounts.find_invite(tx, hash_of(code), now)
    if invite is None:
        accounts.add_guess(tx, who, now)
        return Screen(say("access.wrong_code"), fresh=True)
    account = accounts.ensure_account(tx, session, event.who.platform, event.who.workspace, event.who.user, event.chat)
    accounts.change_account(tx, account, pending_invite=invite.id)
    return Screen(
        say("access.are_you", name=f"{invite.first_name} {invite.name}"),
        language=invite.language,
        fresh=True,
        choices=((Choice(say("access.yes_me"), f"link:{invite.id}"), Choice(say("access.not_me"), "notme")),),
    )


def link(tx: Connection, session: Session, event: Event, invite_id: int) -> Screen | None:
    """ "ja, dat ben ik": the account counts from now on; the person's other accounts are told, with a button that undoes it.

    Returns None when linked, for the caller to greet; otherwise the screen that says why not.
    """
    now = as_stored(event.now)
    if session.account is None or session.pending_invite != invite_id:
        return Screen(say("access.wrong_code"), fresh=True)
    invite = accounts.open_invite(tx, invite_id, now)
    if invite is None or not accounts.spend_invite(tx, invite_id, now):
        accounts.change_account(tx, session.account, pending_invite=None)
        return Screen(say("access.wrong_code"), fresh=True)
    for other in accounts.accounts_of(tx, invite.person):
        if other.id != session.account:
            told = {"told": "linked", "platform": event.who.platform, "undo": f"unlink:{session.account}"}
            outbox.owe(tx, f"linked:{invite_id}:{other.id}", told, event.now, account=other.id)
    accounts.change_account(tx, session.account, person=invite.person, linked_at=now, pending_invite=None, language=None, card=None)
    accounts.add_audit(tx, now, f"account:{session.account}", "link", str(invite.person), event.who.platform)
    return None


def told_linked(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """The message to a person's other accounts that one was linked, with the button that undoes it."""
    undo = Choice(say("access.undo_link"), str(told["undo"]))
    return Screen(say("access.linked_elsewhere", platform=told["platform"]), choices=((undo,),))


def undo_link(tx: Connection, session: Session, event: Event, account: int) -> Screen:
    """The button on another account of the same person that ends the new link, and what it could see: her open codes, her calendar
    address."""
    linked = {row.id: row.linked_at for row in accounts.accounts_of(tx, session.person or 0)}
    newer = session.account in linked and account in linked and (linked[account], account) > (linked[session.account], session.account)
    if not newer:  # never an older one: a thief who linked last could shut the owner out
        return Screen(say("access.nothing_to_undo"), fresh=True)
    unlink_account(tx, session, account, event.now)
    accounts.void_invites(tx, session.person or 0, as_stored(event.now))
    told = (say("plans.feed_ended"),) if _end_feed(tx, session.person or 0, event.now) else ()
    return Screen(say("access.link_undone"), told, fresh=True)


def decline(tx: Connection, session: Session) -> Screen:
    """ "nee, dat ben ik niet": nothing is linked, the code stays for whom it was meant."""
    if session.account is not None:
        accounts.change_account(tx, session.account, pending_invite=None)
    return Screen(say("access.declined"), fresh=True)


def door(event: Event) -> Screen:
    """What somebody unknown gets, and nothing else."""
    return replace(Screen(say("access.door"), (say("access.door_how"),), fresh=True), silent=not event.private)
