"""Which of several processes polls: one at a time holds the lease, the others stand by and take over when it ends."""

import logging
import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from storage.database import BusyError, Database
from storage.leases import drop_lease, holder_of, take_lease

log = logging.getLogger("uurwijzer.telegram")
TERM = timedelta(seconds=60)
RENEW = timedelta(seconds=20)  # what is left of the term outlasts the longest poll
STANDBY_SECONDS = 2.0


class PollingTurn:
    """The lease of one bot for one process."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database, self.clock = database, clock
        self.holder = f"{_process(os.getpid())}:{secrets.token_hex(4)}"
        self.renewed: datetime | None = None
        self.waiting = False

    async def held(self, bot: int) -> bool:
        """Whether this process may poll for a bot now; takes or renews the lease when that is due."""
        now = self.clock()
        if self.renewed is not None and self.renewed <= now < self.renewed + RENEW:
            return True
        self.renewed = None
        try:
            taken = await self.database.step(lambda tx: self._take(tx, f"poll:{bot}", now))
        except BusyError:
            return False
        if taken:
            self.renewed, self.waiting = now, False
        elif not self.waiting:
            log.info("another process polls for this bot; standing by to take over when it ends")
            self.waiting = True
        return taken

    async def end(self, bot: int) -> None:
        """Let go, so that another takes over at once."""
        if self.renewed is not None:
            self.renewed = None
            await self.database.step(lambda tx: drop_lease(tx, f"poll:{bot}", self.holder))

    def _take(self, tx: Connection, name: str, now: datetime) -> bool:
        if take_lease(tx, name, self.holder, now, TERM):
            return True
        other = holder_of(tx, name)
        if other is None or not _has_ended(other):
            return False
        drop_lease(tx, name, other)
        return take_lease(tx, name, self.holder, now, TERM)


def _process(pid: int) -> str:
    """A name for a process that no other has, on this machine, ever: `machine:process`; no process part when it is not there."""
    try:
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        machine += f"/{Path('/proc/self/ns/pid').stat().st_ino}"  # in a container other processes have these numbers
    except OSError:
        return f"{secrets.token_hex(8)}:"
    try:
        started = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return f"{machine}:"
    dead = started[0] in "ZX"
    return f"{machine}:" if dead else f"{machine}:{pid}/{started[19]}"


def _has_ended(holder: str) -> bool:
    """Whether a holder is a process of this machine that is no more: then nobody has to wait for the end of its lease."""
    machine, process, *_ = f"{holder}::".split(":")
    pid = process.partition("/")[0]
    here, _, found = _process(int(pid) if pid.isdigit() else 0).partition(":")
    return here == machine and bool(process) and found != process
