"""From chat to a page: a signed link for one person, one account and one time, that lives a quarter of an hour."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from handlers.screen import Choice, Event, Screen, say
from handlers.world import World
from rules.periods import BRUSSELS
from storage import scope, web_sessions
from storage.accounts import Session, read_session
from storage.instants import as_stored
from storage.redo import is_before_restore

LIVES, STAYS = timedelta(minutes=15), timedelta(hours=8)
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
PATH = "/in/"
# Where a link can lead: its name in the link, the page it opens.
TARGETS: Mapping[str, str] = {"": "/", "formulier": "/formulier", "momenten": "/momenten", "netwerk": "/netwerk", "gesprek": "/gesprek"}


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link that is signed and not over: whose account it is for, when it was made (aware), where it leads; `hash` is what is
    remembered of it."""

    account: int
    person: int
    made_at: datetime
    target: str
    hash: str


def has_pages(world: World) -> bool:
    """Whether there are pages to link to: an address, a port and a key to sign with."""
    return bool(world.public_url and world.pages_key)


def make_link(world: World, session: Session, target: str, now: datetime) -> str:
    """The address of a page for who is talking, good once and for 15 minutes."""
    made = (now - EPOCH) // MICROSECOND
    said = f"{session.account}.{session.person}.{made}.{target}.{secrets.token_urlsafe(12)}".encode()
    return f"{world.public_url}{PATH}{_written(said)}.{_written(_signed(world, said))}"


def read_link(world: World, token: str, now: datetime) -> PageLink | None:
    """The link that a token is; None for one that was not signed here, or is over."""
    said, _, signature = token.partition(".")
    try:
        content, given = _read(said), _read(signature)
        if not has_pages(world) or not hmac.compare_digest(given, _signed(world, content)):
            return None
        account, person, made, target, _ = content.decode().split(".", 4)
    except (ValueError, binascii.Error):
        return None
    made_at = EPOCH + int(made) * MICROSECOND
    if now >= made_at + LIVES or target not in TARGETS:
        return None
    return PageLink(int(account), int(person), made_at, target, hash_of(token))


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signed(world: World, content: bytes) -> bytes:
    return hmac.digest(world.pages_key, b"page link:" + content, "sha256")


def _written(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read(text: str) -> bytes:
    """Base64 in the one way that it can be written; raises ValueError for any other."""
    content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _written(content) != text:
        raise ValueError
    return content


# In chat


def offer_page(tx: Connection, world: World, session: Session, event: Event, value: str = "") -> Screen:
    """/pagina and the button "Open als pagina": the link, in private; where an open form is, it leads there. A page gives none: whoever
    is at a browser that was left open could stay in after its eight hours."""
    if not has_pages(world) or event.extra.get("page"):
        return Screen(say("pages.here" if has_pages(world) else "pages.none"), fresh=True)
    target = value if value in TARGETS else ""
    if not value and session.draft is not None:
        target = "formulier"
    address = make_link(world, session, target, event.now)
    return Screen(say("pages.link"), (say("pages.link_address", address=address), say("pages.link_how")), fresh=True, unkept=True)


def page_button(world: World, event: Event) -> tuple[tuple[Choice, ...], ...]:
    """The row with the button that asks for a link; none when there are no pages, or who asks is on one."""
    return ((Choice(say("pages.open"), "page"),),) if has_pages(world) and not event.extra.get("page") else ()


# At the door


def spend_link(tx: Connection, world: World, link: PageLink, token: str, now: datetime) -> Session | None:
    """Sign in with a link, once: `token` is what the browser will show from now on. None when it was used, or access has ended."""
    session = holder_of(tx, link, now)
    if session is None or not _open(tx, link.hash, session, token, now, STAYS):
        return None
    return session


def holder_of(tx: Connection, link: PageLink, now: datetime) -> Session | None:
    """Who a link is for, while it can be used: not used before, the account hers ever since it was made, and not suspended."""
    identity = web_sessions.identity_of(tx, link.account, as_stored(link.made_at))
    if identity is None or web_sessions.is_spent(tx, link.hash) or is_before_restore(tx, as_stored(link.made_at)):
        return None
    session = read_session(tx, *identity)
    return session if session.person == link.person and may_enter(session, now) else None


def enter(tx: Connection, shown: str, shown_at: datetime, session: Session, token: str, now: datetime, stays: timedelta) -> bool:
    """Sign in who was recognised otherwise; `shown`: what she showed, which opens one session only, and was made at `shown_at`."""
    if not may_enter(session, now) or is_before_restore(tx, as_stored(shown_at)):
        return False
    return _open(tx, hash_of(shown), session, token, now, stays)


def _open(tx: Connection, link: str, session: Session, token: str, now: datetime, stays: timedelta) -> bool:
    at = as_stored(now)
    return web_sessions.open_session(tx, hash_of(token), link, session.account or 0, session.person or 0, at, at + stays)


def may_enter(session: Session, now: datetime) -> bool:
    """Whether somebody who is linked may use the pages: not while she is suspended."""
    return session.person is not None and scope.SUSPENDED not in scope.roles_of(session, now.astimezone(BRUSSELS).date())


def signed_in(tx: Connection, token: str, now: datetime) -> web_sessions.SignedIn | None:
    """Who shows this token now; None when the session is over, or her access."""
    found = web_sessions.read_signed_in(tx, hash_of(token), as_stored(now))
    return found if found is not None and may_enter(found.session, now) else None
