"""Runs the jobs of the schedule, once a minute and by one process at a time; a job that fails does not keep the others."""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.file_errors import database_sentence
from handlers.schedule import JOBS, Job
from handlers.world import World
from storage.database import BusyError, Database
from storage.leases import drop_lease, take_lease

log = logging.getLogger("uurwijzer.schedule")
LEASE = timedelta(minutes=3)
ROUNDS = 500  # bounded pieces of one job in one tick; the rest comes with the next


class Schedule:
    """The schedule of one process."""

    def __init__(self, database: Database, world: World, clock: Callable[[], datetime], jobs: tuple[Job, ...] = JOBS) -> None:
        self.database, self.world, self.clock, self.jobs = database, world, clock, jobs
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    async def tick(self) -> bool:
        """Owe what is due now. False when another process has the lease, which is renewed before each job."""
        for job in self.jobs:
            try:
                for _ in range(ROUNDS):
                    mine, more = await self.database.step(lambda tx, job=job: self._piece(tx, job))  # type: ignore[misc]
                    if not mine:
                        return False
                    if not more:
                        break
            except BusyError:
                log.warning("the database is busy, %s comes with the next tick", job.__name__)
            except Exception as error:
                if told := database_sentence(error):  # it would fail each job alike
                    log.error("%s The schedule comes again with the next tick.", told)
                    break
                log.exception("%s failed, it comes again with the next tick", job.__name__)
        return True

    def _piece(self, tx: Connection, job: Job) -> tuple[bool, bool]:
        if not take_lease(tx, "schedule", self.holder, self.clock(), LEASE):
            return False, False
        return True, bool(job(tx, self.world, self.clock()))

    async def end(self) -> None:
        """Let go of the lease, so that another process need not wait for its end."""
        await self.database.step(lambda tx: drop_lease(tx, "schedule", self.holder))
