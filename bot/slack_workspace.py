"""What one workspace of Slack sends is taken in: commit first, then acknowledge, then send the answer.

Slack waits three seconds. What the database takes longer for is acknowledged with a word or view to wait by, and finished after that.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot import slack_promises
from bot import slack_reading as reading
from bot import slack_surface as surface
from bot.answering import answer, take_owed
from bot.slack_delivery import Delivery, GivenUpError, LaterError, RefusedError, UnreachableError
from bot.slack_home import home_view
from bot.slack_modal import judged_in, waiting_view
from bot.slack_steps import Answered, in_modal, opens_modal
from bot.wording import say as words
from handlers.commands import COMMAND_OF
from handlers.screen import Event, Screen, Who, say
from handlers.world import World
from rules.words import LANGUAGES
from storage import accounts, drafts, events, homes, outbox
from storage.database import BusyError, Database
from storage.outbox import Owed
from storage.redo import remember_unlinked

log = logging.getLogger("uurwijzer.slack")
ACK_SECONDS = 1.5  # of the three that Slack waits; an acknowledgement leaves only after its listener
NOTE_SECONDS = 0.2  # what was sent is noted with the next commit, or by itself after this
LATER = timedelta(seconds=60)
AT_ONCE = 16  # of these together
CLEAR = {"response_action": "clear"}
LOOKS = frozenset({"saldo", "overzicht", "help"})  # commands whose answer changes nothing: no commit needs to remember them
LOOKED = 1000  # that this process remembers, so that a second delivery stays silent


@dataclass(frozen=True, slots=True)
class Ack:
    """The acknowledgement: an HTTP status, and what it carries (None: nothing)."""

    status: int = 200
    body: Any = None


OK, MALFORMED = Ack(), Ack(400)
BUSY = Screen(say("problems.busy"), notice=say("problems.busy"), fresh=True)


@dataclass
class _Sent:
    """What left and waits to be noted with a commit: answers by key, owed messages."""

    answers: list[tuple[str, int | None, str | None]] = field(default_factory=list)
    owed: list[tuple[Owed, str | None, str | None]] = field(default_factory=list)


class Workspace:
    """One workspace of Slack in one process: who the bot is there, what is in hand, what was sent and waits to be noted."""

    def __init__(
        self, delivery: Delivery, database: Database, world: World, clock: Callable[[], datetime], secret: str = "", number: int = 1,
    ) -> None:
        self.delivery, self.database, self.world, self.clock, self.secret, self.number = delivery, database, world, clock, secret, number
        self.team = self.enterprise = self.bot_user = self.name = ""
        self.sent = _Sent()
        self.turns: dict[str, tuple[asyncio.Lock, list[None]]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self.homes: dict[int, str] = {}  # by account: what its Home was made of when it was published; empty: publish it
        self.changing: dict[int, str] = {}  # what it was made of in the last round, when that differed
        self.stopping = asyncio.Event()
        self.ready = self.refused = False
        self.noting: asyncio.TimerHandle | None = None
        self.unheard, self.heard_at = 0, 0.0  # who waits for an acknowledgement now, and when the last one left
        self.behind = asyncio.Semaphore(AT_ONCE)
        self.looked: dict[str, None] = {}

    # Beginning and end

    async def begin(self) -> None:
        """Ask who the bot is, and send what was owed when the process ended. Raises RefusedError, LaterError or GivenUpError."""
        await self.sign_in()
        await self.send_owed_answers(timedelta(0))
        self.homes = dict.fromkeys(await self.database.step(lambda tx: homes.linked_accounts(tx, "slack", self.team)), "")
        self.ready = True

    async def sign_in(self) -> None:
        """Ask who the bot is, and of which workspace."""
        await self.delivery.open()
        found = await self.delivery.ask("auth.test")
        self.team, self.enterprise = str(found["team_id"]), str(found.get("enterprise_id") or "")
        self.bot_user, self.name = str(found["user_id"]), str(found.get("team") or "")

    def refuse(self) -> None:
        """Slack does not know the token any more: say so once, and leave it in peace."""
        if not self.refused:
            cure = "copy it again from the app's page and restart"
            log.error("Slack refuses token %s of UURWIJZER_SLACK_BOT_TOKEN: %s. This workspace stops, the others go on.", self.number, cure)
        self.refused = True
        self.stopping.set()

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand, at most `seconds`, and let go."""
        self.stopping.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        if self.noting is not None:
            self.noting.cancel()
        try:
            await self.flush()
        finally:
            await self.delivery.close()

    # What comes in

    async def take(self, body: Mapping[str, Any]) -> Ack:
        """Deal with what Slack sent and say when it is committed, or after 1.5 seconds that it was heard."""
        if self.refused or not self.ready:
            return Ack(503)
        try:
            event = reading.read(body, self.team, self.bot_user, self.clock(), self.enterprise)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError):
            return MALFORMED
        if event is None:
            return OK
        heard: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self.unheard += 1
        try:
            return await self._hear(event, heard)
        finally:
            self.unheard -= 1
            self.heard_at = asyncio.get_running_loop().time()

    async def _hear(self, event: Event, heard: "asyncio.Future[Ack]") -> Ack:
        self._start(self._handle(event, heard))
        await asyncio.wait({heard}, timeout=ACK_SECONDS)
        if heard.done():
            return heard.result()
        waiting, view = _waiting(event), None
        if opens_modal(event) and event.extra.get("trigger"):  # the trigger is good for three seconds
            view = await self._open_waiting(event)
        if not heard.done():
            heard.set_result(Ack(body=view))
            return waiting
        return heard.result()

    async def _open_waiting(self, event: Event) -> str | None:
        try:
            opened = await self.delivery.ask("views.open", trigger_id=event.extra["trigger"], view=waiting_view())
            return str(opened["view"]["id"])
        except (GivenUpError, LaterError, RefusedError, KeyError):
            return None

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @asynccontextmanager
    async def _turn(self, user: str) -> AsyncIterator[None]:
        """One at a time for a person, in the order of asking."""
        lock, users = self.turns.setdefault(user, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                yield
        finally:
            users.pop()
            if not users:
                del self.turns[user]

    async def _handle(self, event: Event, heard: "asyncio.Future[Ack]") -> None:
        try:
            async with self._turn(event.who.user):
                judged = judged_in(event.extra["view"]) if event.kind == "submit" else None
                if judged is not None and await slack_promises.promise(self, event, *judged):
                    late = heard.done()
                    if not late:
                        heard.set_result(Ack(body=CLEAR))
                    found = await slack_promises.keep_promise(self, event, *judged)
                    if found is not None:
                        await self.deliver(found, [*views_of(found, event, late, None), *found.calls])
                    return
                found = await self.answer_event(event)
                late = heard.done()
                calls = found.calls
                if not late:
                    ack = found.ack
                    if ack is None and calls and calls[0]["method"] == "respond" and event.kind == "command" and _goes_along(calls[0]):
                        ack, calls = _carried(calls[0]), calls[1:]
                    heard.set_result(Ack(body=ack))
                view = heard.result().body if late else None
                await self.deliver(found, [*views_of(found, event, late, view), *calls])
        except Exception:
            log.exception("what Slack sent could not be dealt with")
        finally:
            if not heard.done():
                heard.set_result(OK)
            if self.sent.answers and self.noting is None:
                self.noting = asyncio.get_running_loop().call_later(NOTE_SECONDS, self._note_later)

    def _note_later(self) -> None:
        self.noting = None
        self._start(self._note())

    async def _note(self) -> None:
        try:
            await self.flush()
        except Exception as error:
            log.warning("what was sent could not be noted yet (%s)", type(error).__name__)

    async def answer_event(self, event: Event) -> Answered:
        """Handle and commit; what answers it. Whatever goes wrong, the person hears it and nothing is half done."""
        if event.key in self.looked:
            return Answered()
        pending, self.sent.answers = self.sent.answers, []

        def step(tx: Connection) -> Answered:
            session = accounts.read_session(tx, event.who.platform, event.who.workspace, event.who.user)
            _note_sent(tx, pending, self.clock())  # after the lock on the person: two instances lock in the same order
            cards = [card for _, account, card in pending if card is not None and account == session.account is not None]
            session = replace(session, card=cards[-1]) if cards else session
            found = self.do(tx, event, session)
            kept = found.kept if found.kept is not None else found.calls
            if _only_looks(event, kept):
                self._remember_look(event.key)
                return found
            events.claim(tx, event.key, {"account": session.account, "calls": kept} if kept else None, event.now)
            return replace(found, key=event.key if kept else "", account=session.account, card=session.card)

        try:
            return await self.database.step(step)
        except events.RepeatedError:
            self.sent.answers = pending + self.sent.answers
            return Answered()
        except BusyError:
            self.sent.answers = pending + self.sent.answers
            return self._sorry(event, BUSY)
        except Exception:
            self.sent.answers = pending + self.sent.answers
            reference = secrets.token_hex(4)
            log.exception("an event could not be handled, reference %s", reference)
            return self._sorry(event, Screen(say("problems.unexpected", reference=reference), fresh=True))

    def _remember_look(self, key: str) -> None:
        self.looked[key] = None
        if len(self.looked) > LOOKED:
            del self.looked[next(iter(self.looked))]

    def do(self, tx: Connection, event: Event, session: accounts.Session) -> Answered:
        if event.kind == "gone":
            if session.account is not None and session.person is not None:
                remember_unlinked(tx, session.person, None, event.now, session.account)
                accounts.unlink(tx, session.person, account=session.account)
                at = event.now.astimezone(UTC).replace(tzinfo=None)
                accounts.add_audit(tx, at, "slack", "unlink", str(session.person), "deactivated")
            return Answered()
        if event.kind == "home":
            return Answered(views=({"method": "views.publish", "user_id": surface.person_of(event.who.user),
                                    "view": home_view(tx, self.world, session, event)},), home=True)
        if event.extra.get("view") or opens_modal(event):
            return in_modal(tx, self.world, event, session)
        screen = answer(tx, self.world, event, session)
        calls = surface.show(screen, event, session.card)
        unkept = screen.files or screen.unkept or any(each.files or each.unkept for each in screen.also)
        return Answered(calls, kept=surface.show(BUSY, event) if unkept else None)

    def _sorry(self, event: Event, screen: Screen) -> Answered:
        if event.kind in ("home", "gone", "group"):
            return Answered()
        if event.extra.get("view"):
            from bot.slack_steps import in_view

            return in_view(event, screen)
        return Answered(surface.show(screen, event))

    # What goes out

    async def deliver(self, found: Answered, calls: list[dict[str, Any]]) -> None:
        if self.refused:
            return
        card = None
        try:
            if calls:
                card = (await self.delivery.send(calls)).card
        except UnreachableError:
            pass
        except RefusedError:
            self.refuse()
            return
        except LaterError as error:
            log.warning("an answer could not be sent now: %s", error)
            left = [each for each in error.left if not each["method"].startswith("views.")]
            if found.kept is not None:
                return  # what stands in its place is sent with a later round
            if found.key and left:
                at = self.clock() + max(timedelta(seconds=error.seconds) - LATER, timedelta(0))
                rest = {"account": found.account, "calls": left}
                await self.database.step(lambda tx: events.put_back(tx, found.key, rest, at))
                return
        except GivenUpError as error:
            log.error("an answer was given up: %s", error)
        if found.home and found.account is not None:
            self.homes.setdefault(found.account, "")
        if found.key:
            self.sent.answers.append((found.key, found.account, card if card != found.card else None))

    async def send_owed_answers(self, older: timedelta = LATER) -> None:
        """The answers that were committed and perhaps never sent: at most one duplicate each."""
        await self.flush()

        def take(tx: Connection) -> list[tuple[str, Any]]:
            owed = events.take_unsent(tx, f"slack:{self.team}:", self.clock(), older)
            return [(key, {**reply, "calls": _of_use(tx, reply["calls"])} if "calls" in reply else reply) for key, reply in owed]

        for key, reply in await self.database.step(take):
            if "book" in reply:
                now = self.clock()
                event = Event(key, Who("slack", self.team, reply["user"]), "submit", now, chat=reply["user"])
                async with self._turn(reply["user"]):
                    found = await slack_promises.book(self, event, *reply["book"])
                if found is not None:
                    await self.deliver(found, found.calls)
                continue
            await self.deliver(Answered(key=key, account=reply["account"]), reply["calls"])
        await self.flush()

    async def flush(self) -> None:
        """Note what was sent, when no next commit comes to carry it."""
        pending, self.sent = self.sent, _Sent()
        if not pending.answers and not pending.owed:
            return

        def step(tx: Connection) -> None:
            _note_sent(tx, pending.answers, self.clock())
            for owed, failed, message in pending.owed:
                _note_told(tx, owed, failed, message, self.clock())

        try:
            await self.database.step(step)
        except Exception:
            self.sent = _Sent(pending.answers + self.sent.answers, pending.owed + self.sent.owed)
            raise

    async def deliver_owed(self) -> int:
        """Send the messages that are owed to accounts and channels now, one after the other, each noted before the next leaves;
        returns how many were."""
        def take(tx: Connection) -> list[tuple[Owed, list[dict[str, Any]]]]:
            return take_owed(tx, self.world, "slack", self.team, self.clock(), LATER, surface.show)

        count = 0
        while not self.stopping.is_set() and (messages := await self.database.step(take)):
            for owed, calls in messages:
                if self.stopping.is_set():
                    break
                await self._tell(owed, calls)
                await self.flush()
                count += 1
        return count

    async def _tell(self, owed: Owed, calls: list[dict[str, Any]]) -> None:
        try:
            shown = await self.delivery.send(calls, live=False)
        except RefusedError:
            self.refuse()
        except LaterError as error:
            log.warning("a message could not be sent now: %s", error)
        except UnreachableError:
            self.sent.owed.append((owed, "unreachable", None))
        except GivenUpError as error:
            log.error("a message was given up: %s", error)
            self.sent.owed.append((owed, "refused", None))
        else:
            self.sent.owed.append((owed, None, shown.message))


def _waiting(event: Event) -> Ack:
    """What is said when the database takes its time."""
    if event.kind == "submit":
        return Ack(body={"response_action": "update", "view": waiting_view()})
    if event.kind == "command" and event.extra.get("passing") and not opens_modal(event):
        said = " / ".join(words(say("slack.waiting"), language) for language in LANGUAGES)
        return Ack(body={"response_type": "ephemeral", "text": said})
    return OK


def _only_looks(event: Event, calls: list[dict[str, Any]]) -> bool:
    """Whether an answer that goes with the acknowledgement tells what is so and changes nothing."""
    return event.kind == "command" and COMMAND_OF.get(event.action) in LOOKS and len(calls) == 1 and calls[0]["method"] == "respond"


def _goes_along(call: dict[str, Any]) -> bool:
    """Whether an answer can go with the acknowledgement, of which nobody hears whether Slack took its blocks."""
    return "native" not in call


def _carried(call: dict[str, Any]) -> dict[str, Any]:
    return {key: call[key] for key in ("text", "blocks", "response_type")}


def views_of(found: Answered, event: Event, late: bool, view: str | None) -> list[dict[str, Any]]:
    """The calls that open or change a modal; what was acknowledged with a view to wait by is put in its place."""
    if not late or found.late is None:
        return list(found.views)
    waiting = view or (event.extra.get("view") or {}).get("id")
    return [{"method": "views.update", "view_id": waiting, "view": found.late(), "optional": True}] if waiting else list(found.views)


def _of_use(tx: Connection, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the cards of drafts that have moved on: a later answer shows, or will show, what is asked now."""
    found = []
    for each in calls:
        pressed = [element.get("value", "") for block in each.get("blocks", ()) for element in block.get("elements", ())]
        verb, *parts = str(pressed[0]).split(":") if pressed else [""]
        if verb != "d" or len(parts) < 2 or drafts.is_at(tx, int(parts[0]), int(parts[1])):
            found.append(each)
    return found


def _note_sent(tx: Connection, pending: list[tuple[str, int | None, str | None]], now: datetime) -> None:
    events.mark_sent(tx, [key for key, _, _ in pending], now)
    for _, account, card in pending:
        if account is not None and card is not None:
            accounts.place_card(tx, account, card)


def _note_told(tx: Connection, owed: Owed, failed: str | None, message: str | None, now: datetime) -> None:
    if failed == "unreachable":
        outbox.mark_unreachable(tx, owed)
    elif failed is not None:
        outbox.mark_failed(tx, owed.id, failed)
    else:
        outbox.mark_sent(tx, owed.id, now, message)
