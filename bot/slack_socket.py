"""Socket Mode: Bolt keeps the connection and carries what comes to the workspace; the acknowledgement leaves when that is done."""

import json
import logging
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.slack_acknowledging import take
from bot.slack_workspace import Workspace

QUIET = logging.getLogger("slack_bolt")
QUIET.setLevel(logging.WARNING)  # below that it writes what people type


async def connect(workspace: Workspace, app_token: str) -> AsyncSocketModeHandler:
    """Open the connection of a workspace; it is made anew by itself when it breaks. Raises SlackApiError when the token is refused."""

    async def take_in(body: dict[str, Any]) -> BoltResponse:
        ack = await take(workspace, body)
        if ack.body is None:
            return BoltResponse(status=ack.status, body="")
        return BoltResponse(status=ack.status, body=json.dumps(ack.body), headers={"content-type": "application/json"})

    # Everything is dealt with before Bolt would ask who it is from: that is our own business.
    app = AsyncApp(
        client=workspace.delivery.client, before_authorize=take_in, process_before_response=True, request_verification_enabled=False,
        logger=QUIET,
    )  # fmt: skip
    handler = AsyncSocketModeHandler(app, app_token, logger=QUIET)
    try:
        handler.client.wss_uri = await handler.client.issue_new_wss_url()  # raises here: connecting itself tries for ever
        await handler.connect_async()  # type: ignore[no-untyped-call]
    except BaseException:
        await handler.close_async()  # type: ignore[no-untyped-call]
        raise
    return handler
