"""What a person should be reminded of today, loss of money first; from facts that were read, without clock or database."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rules.book import Settings
from rules.days_off import DAY, NOTHING_OFF, DaysOff
from rules.endings import AHEAD, endings
from rules.ledger import Balance
from rules.rhythm import broken_rhythm

# The kinds that can each be switched off, heaviest first.
KINDS = ("plan", "bonus", "ends", "billing", "quota", "rhythm", "evaluation", "offer", "overdue", "offers", "rules")
OF_COORDINATORS = frozenset({"overdue", "offers", "rules"})

MOST_LINES = 5  # of one message
MOST_DAYS = 3  # with a message, of one ISO week; the last of them only for a loss of money
EVALUATION_AHEAD = (7, 30)  # days
ATTEST_AHEAD = 14  # days
NEVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Item:
    """Something due. `about` and `mark` tell it from others of its kind; `day`: by when; `cents`: what is lost without it (0:
    nothing); `minutes`: the time that this is about; `figures`: what its words need besides."""

    kind: str
    about: str
    mark: str
    day: date | None = None
    minutes: int = 0
    cents: int = 0
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A balance of today with what stands around it: the settings of its rulebook, cents per hour, the last day of the rules
    and of the collaboration, and whether its place is a school."""

    balance: Balance
    settings: Settings
    rate: int
    rules_to: date | None = None
    agreement_to: date | None = None
    school: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned moment that is not registered. `day` and `minutes` as planned; `over`: it ended before today."""

    id: int
    day: date
    minutes: int
    over: bool


@dataclass(frozen=True, slots=True)
class Collaboration:
    """An agreement of oproep 3 that runs; `due`: the last day to evaluate it; `blocks`: too late stops the hours (A-36); `short`: the
    minutes that are still lacking of the least that was agreed, where the network warns of that (A-29)."""

    id: int
    due: date
    blocks: bool = False
    short: int = 0


@dataclass(frozen=True, slots=True)
class Attested:
    """What a provider attested to offer at a site, for an oproep; from `due` on it counts as not attested any more (A-22, A-42)."""

    site: int
    oproep: str
    due: date


@dataclass(frozen=True, slots=True)
class Team:
    """A network as its coordinator must mind it: collaborations whose evaluation is late, offers that are not attested any more and
    the last day on which one of them was taken back, the last day of its rules."""

    network: int
    late: int
    rules_to: date | None
    unsure: int = 0
    withdrawn: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that is looked at for one person on `today`. `worked`: minutes per day of the last months; `cutoff`: the day of the
    month up to which last month can still be billed (0: none)."""

    today: date
    held: tuple[Held, ...] = ()
    plans: tuple[Plan, ...] = ()
    collaborations: tuple[Collaboration, ...] = ()
    attested: tuple[Attested, ...] = ()
    worked: Mapping[date, int] = field(default_factory=dict)
    contract_to: date | None = None
    cutoff: int = 0
    off: DaysOff = NOTHING_OFF
    away: tuple[date, date] | None = None
    teams: tuple[Team, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody was reminded of on `on`; `again_on`: put off until then. `unheard`: the message never reached her."""

    kind: str
    about: str
    mark: str
    on: date
    again_on: date | None = None
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """All that a person was reminded of lately, and the days of this week on which a message went to her."""

    told: tuple[Told, ...] = ()
    days: frozenset[date] = frozenset()


def due_items(known: Known) -> list[Item]:
    """Everything that deserves a word today, heaviest first; whether it was said before is not looked at."""
    found = [
        *_plans(known), *_endings(known), *_billing(known), *_quota(known), *_rhythm(known), *_evaluations(known), *_attested(known),
        *_teams(known),
    ]  # fmt: skip
    return sorted(found, key=lambda item: _weight(item, known.today))


def _weight(item: Item, today: date) -> tuple[Any, ...]:
    """Loss of money first: what is lost within 14 days before the rest, then the most; then by kind and day."""
    far = item.day is not None and (item.day - today).days > AHEAD[0]
    return (not item.cents, far, -item.cents, KINDS.index(item.kind), item.day or NEVER, item.about, item.mark)


def choose(items: Sequence[Item], said: Said, today: date, off: Collection[str] = ()) -> list[Item]:
    """What goes into the message of today, at most five lines; nothing when today or this week has had enough.

    A thing is said once a mark, unless it was put off until a day that has come or its message never arrived.
    """
    if today in said.days or len(said.days) >= MOST_DAYS:
        return []
    before = {(each.kind, each.about, each.mark): each for each in said.told}
    asleep = {(each.kind, each.about) for each in said.told if each.again_on is not None and each.again_on > today}

    def is_due(item: Item) -> bool:
        last = before.get((item.kind, item.about, item.mark))
        return last is None or last.unheard or last.again_on is not None

    found = [item for item in items if item.kind not in off and (item.kind, item.about) not in asleep and is_due(item)]
    if len(said.days) == MOST_DAYS - 1 and not any(item.cents for item in found):
        return []
    return found[:MOST_LINES]


def _plans(known: Known) -> Iterator[Item]:
    """DRV-16: a planned moment that ended and is not registered: work that is not paid yet."""
    rate = max((held.rate for held in known.held), default=0)
    for plan in known.plans:
        if plan.over:
            yield Item("plan", f"p{plan.id}", "open", plan.day, plan.minutes, plan.minutes * rate // 60)


def _endings(known: Known) -> Iterator[Item]:
    """DRV-14: 60 and 14 days before a bonus, period, collaboration, contract or convention ends, if hours can still be won."""
    for held in known.held:
        found, grant = held.balance, held.balance.grant
        for end in endings(
            held.settings, found, known.today, rules_to=held.rules_to, agreement_to=held.agreement_to, contract_to=known.contract_to
        ):
            if end.lost:
                mark = next(days for days in AHEAD if (end.last - known.today).days <= days)
                figures = {"oproep": grant.oproep, "cause": end.kind, "rest": end.rest, "pooled": found.pooled}
                kind = "bonus" if end.kind == "bonus" else "ends"
                yield Item(kind, f"g{grant.id}", f"{mark}:{end.last}", end.last, end.left, end.lost * held.rate // 60, figures)


def _quota(known: Known) -> Iterator[Item]:
    """DRV-14: the share of a quota that is used, and its end."""
    for held in known.held:
        found, grant = held.balance, held.balance.grant
        whole, percent = found.used + found.left, int(held.settings["warn.share_percent"])
        if not whole or 100 * found.used < percent * whole:
            continue
        rolling = held.settings["quota.period"] == "rolling"
        since = found.period.start.year if rolling else found.period.start
        share = 100 if not found.left else percent
        more = grant.oproep in held.settings["more_hours.allowed"]
        figures = {"oproep": grant.oproep, "used": found.used, "whole": whole, "share": share, "pooled": found.pooled, "more": more}
        yield Item("quota", f"g{grant.id}", f"{share}:{since}", None, found.left, 0, figures)


def _billing(known: Known) -> Iterator[Item]:
    """The first days of a month: what is registered of the month before, and until when the rest can still come along."""
    today = known.today
    last = today.replace(day=1) - DAY
    if not known.cutoff or today.day > known.cutoff:
        return
    done = sum(minutes for day, minutes in known.worked.items() if day.replace(day=1) == last.replace(day=1))
    waiting = [plan for plan in known.plans if plan.over and plan.day <= last]
    if done <= 0 and not waiting:
        return
    rate = max((held.rate for held in known.held), default=0)
    lost = sum(plan.minutes for plan in waiting) * rate // 60
    day = today.replace(day=known.cutoff)
    yield Item("billing", "month", f"{last:%Y-%m}", day, max(0, done), lost, {"plans": len(waiting)})


def _rhythm(known: Known) -> Iterator[Item]:
    """The usual rhythm stopped, while hours are left and something was expected: an empty week can be right."""
    running = [held for held in known.held if held.balance.left]
    if not running:
        return
    schools = all(held.school for held in running)

    def is_off(day: date) -> bool:
        away = known.away is not None and known.away[0] <= day <= known.away[1]
        return away or known.off.holds(day, schools)

    broken = broken_rhythm([day for day, minutes in known.worked.items() if minutes > 0], is_off, known.today)
    if broken is None or any(broken.window.first <= plan.day <= broken.window.last for plan in known.plans):
        return
    figures = {"every": broken.every, "over": broken.window.last < known.today}
    yield Item("rhythm", "all", broken.last.isoformat(), broken.window.last, figures=figures)


def _evaluations(known: Known) -> Iterator[Item]:
    """O3-09: the yearly evaluation, a month and a week ahead and when it is late; where a late one stops the hours it is a loss (A-36)."""
    for each in known.collaborations:
        left = (each.due - known.today).days
        mark = "late" if left < 0 else next((str(days) for days in EVALUATION_AHEAD if left <= days), None)
        if mark is not None:
            cents = max((held.rate for held in known.held), default=0) if each.blocks else 0
            yield Item("evaluation", f"a{each.id}", f"{mark}:{each.due}", each.due, 0, cents, {"late": left < 0, "short": each.short})


def _attested(known: Known) -> Iterator[Item]:
    """O2-09, O1-03: what she attested is asked anew, two weeks ahead and when it is late (A-22, A-42)."""
    for each in known.attested:
        late = known.today >= each.due
        if late or (each.due - known.today).days <= ATTEST_AHEAD:
            mark = "late" if late else str(ATTEST_AHEAD)
            yield Item("offer", f"s{each.site}", f"{mark}:{each.due}", each.due, figures={"late": late, "oproep": each.oproep})


def _teams(known: Known) -> Iterator[Item]:
    """For a coordinator: evaluations that are late and offers that are not attested any more, once a month, and at once when one is taken
    back (A-36, A-22); the end of the rules, 60 and 14 days ahead (GEN-05, A-28)."""
    for team in known.teams:
        if team.late:
            yield Item("overdue", f"n{team.network}", f"{known.today:%Y-%m}", figures={"count": team.late})
        if team.unsure:
            mark = f"{known.today:%Y-%m}:{team.withdrawn or ''}"
            yield Item("offers", f"n{team.network}", mark, team.withdrawn, figures={"count": team.unsure})
        left = (team.rules_to - known.today).days if team.rules_to is not None else None
        ahead = next((days for days in AHEAD if left is not None and 0 <= left <= days), None)
        if ahead is not None:
            yield Item("rules", f"n{team.network}", f"{ahead}:{team.rules_to}", team.rules_to)


def back_from_leave(away_to: date | None, said: Said, today: date) -> bool:
    """Whether this is the first message after a leave that ended in the last two weeks."""
    if away_to is None or not away_to < today <= away_to + timedelta(days=14):
        return False
    return not any(each.on > away_to for each in said.told if not each.unheard)
