"""What Slack sends is taken in: commit first, then acknowledge, then send the answer.

Slack waits three seconds. What the database takes longer for is acknowledged with a word or view to wait by, and finished after that.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import slack_promises
from bot import slack_reading as reading
from bot.answering import Calls
from bot.outgoing import GivenUpError, LaterError, RefusedError
from bot.slack_answering import answer_event
from bot.slack_modal import judged_in, waiting_view
from bot.slack_steps import Answered, opens_modal
from bot.slack_workspace import Workspace
from bot.wording import say as words
from handlers.screen import Event, say
from rules.words import LANGUAGES

log = logging.getLogger("uurwijzer.slack")
ACK_SECONDS = 1.5  # of the three that Slack waits; an acknowledgement leaves only after its listener
CLEAR = {"response_action": "clear"}


@dataclass(frozen=True, slots=True)
class Ack:
    """The acknowledgement: an HTTP status, and what it carries (None: nothing). `view`: gives the modal to wait by that is opened
    meanwhile."""

    status: int = 200
    body: Any = None
    view: "asyncio.Task[Any] | None" = None


OK, MALFORMED, NOT_READY = Ack(), Ack(400), Ack(503)


async def take(here: Workspace, body: Mapping[str, Any], again: Ack = OK) -> Ack:
    """Deal with what Slack sent and say when it is committed, or after 1.5 seconds that it was heard. `again`: what is said to what was
    heard before."""
    if here.refused or not here.ready:
        return NOT_READY
    try:
        event = reading.read(body, here.team, here.bot_user, here.clock(), here.enterprise)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        return MALFORMED
    if event is None:
        return OK
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[Ack] = loop.create_future()
    here.unheard += 1
    here.start(_handle(here, event, heard, again))
    late = loop.call_later(ACK_SECONDS, _acknowledge_late, here, event, heard)
    try:
        return await heard
    finally:
        late.cancel()
        here.unheard -= 1
        here.heard_at = loop.time()


def _acknowledge_late(here: Workspace, event: Event, heard: "asyncio.Future[Ack]") -> None:
    """Acknowledge with something to wait by. The trigger is good for one modal: what is answered from now on goes into the one that is
    opened here."""
    if not heard.done():
        view = here.start(_open_waiting(here, event)) if opens_modal(event) else None
        heard.set_result(replace(_waiting(event), view=view))


def _waiting(event: Event) -> Ack:
    """What is said when the database takes its time."""
    if event.kind == "submit":
        return Ack(body={"response_action": "update", "view": waiting_view()})
    if reading.is_slash_command(event) and event.extra.get("passing") and not opens_modal(event):
        said = " / ".join(words(say("slack.waiting"), language) for language in LANGUAGES)
        return Ack(body={"response_type": "ephemeral", "text": said})
    return OK


async def _open_waiting(here: Workspace, event: Event) -> str | None:
    try:
        opened = await here.delivery.ask("views.open", trigger_id=event.extra["trigger"], view=waiting_view())
        return str(opened["view"]["id"])
    except (GivenUpError, LaterError, RefusedError, KeyError):
        return None


async def _handle(here: Workspace, event: Event, heard: "asyncio.Future[Ack]", again: Ack) -> None:
    try:
        async with here.turn(event.who.user):
            judged = judged_in(event.extra["view"]) if event.kind == "submit" else None
            if judged is not None and await slack_promises.promise(here.database, event, *judged):
                late = heard.done()
                if not late:
                    heard.set_result(Ack(body=CLEAR))
                kept = await here.keep_promise(event, *judged)
                if kept is not None:
                    await here.deliver(kept, [*_views(kept, event, late, None), *kept.calls])
                return
            found = await answer_event(here, event)
            late, calls = heard.done(), found.calls
            if not late:
                ack = found.ack
                if ack is None and calls and calls[0]["method"] == "respond" and reading.is_slash_command(event) and _goes_along(calls[0]):
                    ack, calls = _carried(calls[0]), calls[1:]
                heard.set_result(again if found.repeated else NOT_READY if found.failed else Ack(body=ack))
            opening = None if heard.cancelled() else heard.result().view
            waiting = await opening if opening is not None else None
            await here.deliver(found, [*_views(found, event, late, waiting), *calls])
    except Exception:
        log.exception("what Slack sent could not be dealt with")
    finally:
        if not heard.done():
            heard.set_result(OK)
        here.note_soon()


def _goes_along(call: dict[str, Any]) -> bool:
    """Whether an answer can go with the acknowledgement, of which nobody hears whether Slack took its blocks."""
    return "native" not in call


def _carried(call: dict[str, Any]) -> dict[str, Any]:
    return {key: call[key] for key in ("text", "blocks", "response_type")}


def _views(found: Answered, event: Event, late: bool, view: str | None) -> Calls:
    """The calls that open or change a modal; what was acknowledged with a view to wait by is put in its place."""
    if not late or found.late is None:
        return list(found.views)
    waiting = view or (event.extra.get("view") or {}).get("id")
    return [{"method": "views.update", "view_id": waiting, "view": found.late(), "optional": True}] if waiting else list(found.views)
