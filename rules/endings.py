"""What ends soon with hours unused or a remainder open: the starter bonus, the period, the collaboration, the contract, the rules."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.book import Settings
from rules.ledger import Balance
from rules.periods import FAR

AHEAD = (14, 60)  # days before an end at which it is told (DRV-14)


@dataclass(frozen=True, slots=True)
class Ending:
    """An end that lies ahead. `kind`: bonus, period, agreement, contract or rules; `last`: the last day that counts; `left`:
    minutes that can still be booked; `rest`: minutes done that do not make a whole hour and lapse; `lost`: minutes that can
    still become paid hours and else never will."""

    kind: str
    last: date
    left: int
    rest: int
    lost: int


def endings(
    settings: Settings, found: Balance, today: date, *, rules_to: date | None = None, agreement_to: date | None = None,
    contract_to: date | None = None,
) -> list[Ending]:
    """What ends within 60 days of `today` for a grant that runs, soonest cause only beside the bonus (DRV-14, A-15)."""
    soon = today + timedelta(days=AHEAD[-1])
    ends: list[Ending] = []
    window = found.bonus_window
    if found.bonus_left and window is not None and today in window and window.last_day <= soon:
        ends.append(Ending("bonus", window.last_day, found.bonus_left, 0, found.bonus_left))
    last = end_of_period(found, today)
    causes = [("period", last), ("rules", rules_to), ("agreement", agreement_to), ("contract", contract_to)]
    kind, day = min(((kind, day) for kind, day in causes if day is not None), key=lambda each: each[1], default=("", FAR))
    if today <= day <= soon:
        lapses = _rest_lapses(settings, found, kind, day)
        rest = found.hours.rest if lapses else 0
        lost = (found.left + rest) // 60 * 60 if lapses else found.left
        if found.left or rest:
            ends.append(Ending(kind, day, found.left, rest, lost))
    return ends


def end_of_period(found: Balance, today: date) -> date | None:
    """The last day on which minutes of the present period can be booked or billed; None when it has no end."""
    end = min(found.billing.end, found.period.end) if found.period.end > today + timedelta(days=1) else found.billing.end
    return end - timedelta(days=1) if end != FAR else None


def _rest_lapses(settings: Settings, found: Balance, kind: str, day: date) -> bool:
    """Whether minutes that do not make a whole hour are gone after the end (A-15)."""
    way = settings["remainder_at_period_end"]
    if settings["aggregation"] == "prorata" or way == "prorata":
        return False
    return way == "lapse" or kind != "period" or found.grant.to == day
