"""All workspaces of Slack in one process, and whom a request over HTTP is for: 401 unless Slack signed it, lately, for the first time."""

import asyncio
import time
from binascii import a2b_qp
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from bot.slack_acknowledging import Ack, take
from bot.slack_delivery import Delivery, Pace
from bot.slack_rounds import publish_homes
from bot.slack_signature import AHEAD, is_signed
from bot.slack_workspace import Workspace
from handlers.world import World
from storage.database import Database

OK, NOT_OURS, MALFORMED = Ack(), Ack(401), Ack(400)
FIELDS = 50  # of a form that Slack sends


class Slack:
    """All workspaces of one process."""

    def __init__(self, workspaces: list[Workspace], seconds: Callable[[], float]) -> None:
        self.workspaces, self.seconds = workspaces, seconds
        self.began = seconds()

    @property
    def ready(self) -> bool:
        """Whether each workspace that Slack does not refuse is known."""
        return all(each.ready or each.refused for each in self.workspaces) and not self.refused

    @property
    def refused(self) -> bool:
        """Whether Slack refuses every token."""
        return all(each.refused for each in self.workspaces)

    async def receive(self, headers: Mapping[str, str], raw: bytes) -> Ack:
        """A request over HTTP: 401 unless Slack signed it, lately, for an app of ours, and it was not heard before."""
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        now = self.seconds()
        ours = [each for each in self.workspaces if each.secret and is_signed(each.secret, stamp, signature, raw, now)]
        if not ours or int(stamp) < self.began - AHEAD:  # who listened before may have heard it, and not have kept that it did
            return NOT_OURS
        try:
            body = _decoded(headers.get("content-type", ""), raw)
            found = _meant(ours, body)
        except (ValueError, TypeError, RecursionError):
            return MALFORMED
        if body.get("type") == "url_verification":
            return Ack(body={"challenge": str(body.get("challenge", ""))})
        if "ssl_check" in body:
            return OK
        # Slack sends an event that was not acknowledged again, signed anew, and says so; everything else it sends once.
        anew = body.get("type") == "event_callback" and "x-slack-retry-num" in headers
        return await take(found, body, again=OK if anew else NOT_OURS) if found is not None else NOT_OURS

    async def flush(self) -> None:
        """Note what was sent."""
        for each in self._served():
            await each.flush()

    async def send_owed_answers(self) -> None:
        """Send the answers that were committed and not sent."""
        for each in self._served():
            await each.send_owed_answers()

    async def deliver_owed(self) -> int:
        """Send what is owed, and publish the Homes that changed."""
        count = 0
        for each in self._served():
            count += await each.deliver_owed()
            await publish_homes(each)
        return count

    async def end(self, seconds: float = 10.0) -> None:
        """Finish what is in hand and let go."""
        await asyncio.gather(*(each.end(seconds) for each in self.workspaces))

    def _served(self) -> list[Workspace]:
        return [each for each in self.workspaces if each.ready and not each.refused]


def make_slack(
    tokens: list[str], secrets_: list[str], api: str, database: Database, world: World, clock: Callable[[], datetime], *,
    sleep: Any = asyncio.sleep, pace: float | None = None, seconds: Callable[[], float] = time.time,
) -> Slack:
    """The workspaces of the settings: a token each, with the signing secrets in the same order (none in Socket Mode)."""
    made = []
    for number, token in enumerate(tokens):
        own = Pace(sleep) if pace is None else Pace(sleep, pace)
        secret = secrets_[number] if number < len(secrets_) else ""
        made.append(Workspace(Delivery(token, api, sleep, own), database, world, clock, secret, number + 1))
    return Slack(made, seconds)


def _decoded(kind: str, raw: bytes) -> dict[str, Any]:
    """What a request says: JSON, a form, or a form with JSON in it. Raises ValueError."""
    if kind.startswith("application/json"):
        body = orjson.loads(raw)
    else:
        pairs = (each.partition(b"=") for each in raw.split(b"&", FIELDS))
        fields = {name.decode(): _unquoted(value) for name, _, value in pairs}
        body = orjson.loads(fields["payload"]) if "payload" in fields else {name: value.decode() for name, value in fields.items()}
    if not isinstance(body, dict):
        raise ValueError
    return body


def _unquoted(value: bytes) -> bytes:
    """A value of a form as it was before it was encoded. Quoted-printable is the same code with another sign, and is read in C:
    a modal holds thousands of such signs."""
    return a2b_qp(value.replace(b"+", b" ").replace(b"%", b"="))


def _meant(ours: list[Workspace], body: Mapping[str, Any]) -> Workspace | None:
    """The workspace that a request is about, of those whose secret it is signed with; the only one when none is named that we know."""
    named = {str(body.get("team_id") or "")}
    for key in ("team", "user", "view"):
        if isinstance(found := body.get(key), dict):
            named |= {str(found.get("id") if key == "team" else found.get("team_id") or found.get("app_installed_team_id") or "")}
    named |= {str(each.get("team_id") or "") for each in body.get("authorizations") or () if isinstance(each, dict)}
    found = [each for each in ours if each.team in named]
    return found[0] if found else ours[0] if len(ours) == 1 else None
