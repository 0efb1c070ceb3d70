"""The jobs of the night: what outlived its term goes, then the auditor looks; the administrators hear what it finds."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.screen import Screen, say
from handlers.world import World
from rules.periods import BRUSSELS
from storage import accounts, auditing, jobs, outbox, retention
from storage.auditing import Round

# Neither hour comes twice or not at all when the clock changes.
RETENTION, RETENTION_AT = "retention", time(3, 10)
AUDIT, AUDIT_AT = "audit", time(3, 40)
REST = timedelta(minutes=15)
OF_USE = timedelta(days=1)


def end_terms(tx: Connection, world: World, now: datetime) -> bool:
    """Once a night, piece by piece: delete or empty what has outlived its term."""
    if jobs.due_job(tx, RETENTION, RETENTION_AT, now) is None:
        return False
    if retention.end_terms(tx, world.books, world.terms, now):
        return True
    jobs.end_job(tx, RETENTION, RETENTION_AT, now)
    return False


def audit(tx: Connection, world: World, now: datetime) -> bool:
    """Once a night, piece by piece: look whether all is whole, and tell the administrators what is not."""
    position = jobs.due_job(tx, AUDIT, AUDIT_AT, now, REST)
    if position is None:
        return False
    here = Round(**position)
    result = auditing.advance(tx, here, world.terms, now)
    if result is None:
        jobs.keep_place(tx, AUDIT, here.as_row())
        return True
    jobs.end_job(tx, AUDIT, AUDIT_AT, now)
    tell(tx, result, now)
    return False


def tell(tx: Connection, result: auditing.Audit, now: datetime) -> None:
    """Owe each administrator each fault, once a day."""
    today = now.astimezone(BRUSSELS).date()
    for code in (each for each in auditing.FAULTS if result.found.get(each)):
        for person in accounts.people_with_role(tx, "beheerder"):
            told = {"told": "audit", "code": code, "count": result.found[code]}
            outbox.owe_person(tx, f"audit:{code}:{today}:{person.id}", told, person.id, now, now + OF_USE)


def told_audit(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen:
    """What the auditor found, in one sentence, and what to do."""
    return Screen(say("audit.fault", count=told["count"]), (say(f"audit.{told['code']}"), say("audit.cure")))
