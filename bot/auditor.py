"""The auditor on demand: `check --deep` looks at all that is stored, keeps the result, and tells the administrators."""

from datetime import datetime

from bot.settings import Settings
from handlers.nightly import tell
from storage.auditing import CODES, FAULTS, Audit, Round, advance
from storage.database import Database

# What each code means, and its cure.
WORDS = {
    "ledger_days": "day totals that differ from the postings: run `uurwijzer reconcile`, restore a backup or report it",
    "ledger_months": "month totals that differ from their days: run `uurwijzer reconcile`, restore a backup or report it",
    "ledger_moments": "moments that differ from their postings: run `uurwijzer reconcile`, restore a backup or report it",
    "ledger_openings": "opening balances that differ from their postings: run `uurwijzer reconcile`, restore a backup or report it",
    "negative_totals": "days on which less than nothing is booked: restore a backup or report it",
    "trail_broken": "places where the audit trail was changed or cut short: keep this database and compare it with a backup",
    "messages_late": "messages that should have been sent more than 5 minutes ago: is `serve` running, does `check` reach the platform?",
    "answers_late": "answers that should have been sent more than 5 minutes ago: is `serve` running, does `check` reach the platform?",
    "events_without_outcome": "events without an outcome: look in the log at that time, and report it",
    "requests_late": "requests that wait beyond their time: is `serve` running, or `due` called by cron?",
    "requests_undecided": "decided requests without who or when: look in the audit trail, and report it",
    "erased_reachable": "erased people of whom data is left: run `uurwijzer erase` again",
    "retention_late": "rows that are past their term: is `serve` running, or `due` called by cron; are all rulebooks loaded?",
    "network_without_coordinator": "networks with people and no coordinator who may decide: import one, or lift the suspension",
    "coordinator_without_network": "coordinators without a network: give them one in personen",
    "stand_in_without_access": "stand-ins who are suspended or erased: name another one",
    "channels_lost": "channels in which the bot may not write any more: bind them anew",
    "people_unreachable": "people who blocked the bot: they write to it again, or get a new invitation",
}


def audit_now(database: Database, settings: Settings, now: datetime) -> Audit:
    """A whole round of the auditor, each piece in a transaction of its own; the administrators hear of faults."""
    here = Round()
    while (result := database.run(lambda tx: advance(tx, here, settings.retention, now))) is None:
        pass
    database.run(lambda tx: tell(tx, result, now))
    return result


def sentences(result: Audit) -> list[tuple[bool, str]]:
    """For each thing that was found: whether it is a fault, and a sentence with the cure."""
    return [(code in FAULTS, f"auditor: {result.found[code]} {WORDS[code]}") for code in CODES if result.found.get(code)]


def metrics(result: Audit | None) -> list[str]:
    """The lines of the auditor for /metrics; none when it never looked."""
    if result is None:
        return []
    seconds = int((result.at - datetime(1970, 1, 1)).total_seconds())
    counts = [f'uurwijzer_audit_findings{{code="{code}"}} {result.found.get(code, 0)}' for code in CODES]
    return [f"uurwijzer_healthy {int(result.healthy)}", f"uurwijzer_audit_timestamp_seconds {seconds}", *counts]
