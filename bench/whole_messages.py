"""HTTP as the stand-ins of the platforms read it: messages with a Content-Length, whole."""

import asyncio
import re
from typing import Any

LENGTH = re.compile(rb"content-length:\s*(\d+)", re.I)


class WholeMessages(asyncio.Protocol):
    """A connection over which whole messages come: a head, and a body of the length that stands in it."""

    def __init__(self) -> None:
        self._buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            head, body, self._buffer = self._buffer[:end], self._buffer[end + 4 : whole], self._buffer[whole:]
            self.took(head, body)

    def took(self, head: bytes, body: bytes) -> None:
        """A message came: its head without the empty line, and its body."""
        raise NotImplementedError
