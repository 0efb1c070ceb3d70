"""The anchor for Slack: a bare Bolt app with its default settings and its own server, which only acknowledges.

python -m bench.bolt_ack API PORT   until it is killed
"""

import sys
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.slack_stub import SECRET, TOKEN
from bot.slack_modal import CALLBACK


def serve(api: str, port: int) -> None:
    """Listen until the process ends."""
    app = AsyncApp(token=TOKEN, signing_secret=SECRET, client=AsyncWebClient(TOKEN, base_url=f"{api}/"))

    @app.view(CALLBACK)
    async def submitted(ack: Any) -> None:
        await ack()

    @app.command("/saldo")
    async def asked(ack: Any) -> None:
        await ack("Nog 46u van 60u.")

    app.start(port, host="127.0.0.1")


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
