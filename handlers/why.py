"""Waarom?: the rule behind a verdict, its id, words, source and version, and the rows that were counted."""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from handlers.card import reason
from handlers.screen import Screen, Text, say
from rules.book import Rulebook, Settings
from rules.ledger import Balance
from rules.verdict import MET, Finding, Verdict
from storage import fact_reading

ROWS = 10


def explain(tx: Connection, book: Rulebook, verdict: Verdict, person: int, language: str) -> Screen:
    """The rules that decided, with the values of the moment's day, or when nothing stood in the way the quota that was met; and
    the rows of the balance."""
    found = verdict.reasons() or tuple(finding for finding in verdict.findings if finding.level == MET)
    balance = verdict.after or verdict.before
    settings = book.on(verdict.day or (balance.day if balance is not None else date.max))
    lines: list[Text] = [say("why.outcome", outcome=verdict.outcome)]
    for rule in dict.fromkeys(finding.rule for finding in found):
        lines += _rule(book, rule, [finding for finding in found if finding.rule == rule], settings, language)
    if balance is not None:
        lines += _counted(tx, balance, person)
    return Screen(say("why.title"), tuple(lines), fresh=True, language=language)


def _rule(book: Rulebook, rule: str, findings: list[Finding], settings: Settings, language: str) -> list[Text]:
    """Every reason that a rule gave, then its words, once."""
    text = book.rules.get(rule)
    lines: list[Text] = []
    for finding in findings:
        if finding.level != MET and (said := reason(finding)) not in lines:
            lines.append(said)
    if text is not None:
        lines.append(
            say(
                "why.rule",
                rule=rule,
                words=text.on(settings, language),
                source=text.source.split("§", 1)[1].strip() if "§" in text.source else "",
                version=text.version,
            )
        )
    return lines


def _counted(tx: Connection, balance: Balance, person: int) -> list[Text]:
    """The rows behind the balance: the person's own, newest first; of colleagues in a pool only the total."""
    rows: list[Any] = fact_reading.read_rows(tx, balance.grant.id, balance.period.start, balance.period.end)
    own = [row for row in rows if row.person == person]
    others = sum(row.minutes for row in rows if row.person != person)
    lines = [
        say(
            "why.counted",
            start=balance.period.start,
            end=balance.period.last_day,
            used=balance.used,
            limit=balance.limit,
            left=balance.left,
        )
    ]
    lines += [say("why.row", day=row.day, minutes=row.minutes, moment=row.moment) for row in own[:ROWS]]
    if len(own) > ROWS:
        lines.append(say("why.more_rows", count=len(own) - ROWS, minutes=sum(row.minutes for row in own[ROWS:])))
    if others:
        lines.append(say("why.others", minutes=others))
    return lines
