"""The week of a network in figures, totals only: what is posted, frozen, compared with later, drawn and put in a workbook."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import Connection

from handlers.world import World
from rules.book import NoValueError, Settings
from rules.eligibility import evaluation_due, needs_evaluation
from rules.facts import Grant, Id
from rules.ledger import Balance, due, pool_ids, quota_key
from rules.periods import BRUSSELS, FAR, grant_end, to_utc
from rules.weeks import Week, read_week, week_of
from rules.words import OPROEPEN
from storage import holdings, weekly
from storage.holdings import Held
from storage.instants import as_stored

WEEKS = 12  # in the picture, and in which later changes are looked for
NEAR = 80  # per cent of a limit
EVALUATE_AHEAD = timedelta(days=60)
DAY = timedelta(days=1)
SECTORS: Mapping[str, str] = {
    "huisartsenpraktijk": "huisartsen", "wijkgezondheidscentrum": "huisartsen", "overkop": "overkop",
    "basisonderwijs": "onderwijs", "secundair_onderwijs": "onderwijs", "clb": "onderwijs", "hoger_onderwijs": "onderwijs",
}  # fmt: skip
SECTOR_NAMES = ("onderwijs", "overkop", "huisartsen", "ad_hoc", "andere")


class WeekFigures(TypedDict):
    """One week: per oproep accepted moments, minutes, preparation hours."""

    week: str
    oproepen: dict[str, list[int]]


class Burn(TypedDict):
    """Minutes of the running periods of an oproep: granted, used, and what the part of the period that is over would give
    (None where the rules know no fixed period)."""

    oproep: str
    granted: int
    used: int
    expected: int | None


class Budget(TypedDict):
    """What is used of one budget: of a vindplaats, of a collaboration, or of a person; `expected` as of an oproep. `at`: its place as
    a filter of moments knows it, empty when it is of no one place; `shared`: `person` is only one of those who use it."""

    oproep: str
    place: str
    at: str
    person: Id
    shared: bool
    granted: int
    used: int
    left: int
    expected: int | None


class Near(TypedDict):
    """A vindplaats or collaboration near its limit: per cent used, minutes left."""

    oproep: str
    place: str
    percent: int
    left: int


class Changed(TypedDict):
    """What changed in the weeks before this one since the week `since` was posted."""

    since: str
    late: int
    corrected: int
    cancelled: int
    moments: int
    minutes: int
    cents: int


class Snapshot(TypedDict):
    """The figures of a network and week: minutes, whole hours, cents, counts; nothing about one person.

    `last`: the last day counted. `weeks`: the last 12, oldest first, this one at the end. `cents`, `hours`, `preparations` and
    `rest` are of the running periods, those with _week of the week alone; `lapsed_week`: rests that were lost in it.
    `billed`: the cents of the running periods per oproep; where hours of several are combined, under "O1+O2" (A-14).
    `near_people`: grants of oproep 4 near their limit. `sectors`: of the running periods, per sector minutes used, minutes
    granted, cents (GEN-02, GEN-08).
    """

    week: str
    first: str
    last: str
    weeks: list[WeekFigures]
    active: int
    providers: int
    cents_week: int
    hours_week: int
    preparations_week: int
    lapsed_week: int
    cents: int
    hours: int
    preparations: int
    rest: int
    billed: dict[str, int]
    burn: list[Burn]
    near: list[Near]
    near_people: int
    refusals: list[list[Any]]
    waiting: int
    evaluations_soon: int
    evaluations_late: int
    new: int
    sectors: dict[str, list[int]]
    changed: Changed | None


def make_snapshot(tx: Connection, world: World, network: Any, week: Week, now: datetime) -> Snapshot:
    """The figures of a network's week: up to and with its Sunday, or today when it is not over (DRV-15, GEN-08, O3-09, A-07, A-15)."""
    today = now.astimezone(BRUSSELS).date()
    last = min(week.last, today)
    weeks = _weeks(tx, network.id, week, last)
    money = add_up(tx, world, network.id, week, last)
    this = weeks[-1]["oproepen"].values()
    begin, end = (as_stored(to_utc(datetime.combine(day, datetime.min.time()))) for day in (week.first, last + DAY))
    soon, late = _evaluations(tx, world, network, last)
    return Snapshot(
        week=str(week), first=week.first.isoformat(), last=last.isoformat(), weeks=weeks,
        active=weekly.count_active(tx, network.id, week.first, last), providers=len(money.people),
        cents_week=money.cents_week, hours_week=money.hours_week,
        preparations_week=sum(preparations for _, _, preparations in this), lapsed_week=money.lapsed_week,
        cents=money.cents, hours=money.hours, preparations=money.preparations, rest=money.rest,
        billed=dict(sorted(money.billed.items())),
        burn=[money.burn[oproep] for oproep in OPROEPEN if oproep in money.burn],
        near=sorted(money.near, key=lambda each: (-each["percent"], each["place"])), near_people=money.near_people,
        refusals=[list(each) for each in weekly.count_refused(tx, network.id, week.first, last)],
        waiting=weekly.count_waiting(tx, network.id), evaluations_soon=soon, evaluations_late=late,
        new=weekly.count_new(tx, network.id, week.first, last, begin, end),
        sectors={name: money.sectors[name] for name in SECTOR_NAMES if name in money.sectors},
        changed=_changed(tx, world, network.id, week, weeks),
    )  # fmt: skip


def add_up(tx: Connection, world: World, network: Id, week: Week, last: date) -> "Money":
    """What the grants of a network that ran in the week come to on the day `last`; what came after it is left out."""
    first = week.first
    opened = weekly.opening_days(tx, network, week.first, last)
    money = Money(week.first - DAY, last, opened)
    people = holdings.holders(tx, first, last, network)
    cuts = tuple(set(opened.values()))
    for _, held in holdings.read_held(tx, world.books, people, last, first=first, until=last, cuts=cuts):
        money.add([each for each in held if each.network == network])
    return money


def _weeks(tx: Connection, network: Id, week: Week, last: date) -> list[WeekFigures]:
    found = {
        str(each): WeekFigures(week=str(each), oproepen={}) for each in (week.back(back) for back in range(WEEKS - 1, -1, -1))
    }
    for day, oproep, *figures in weekly.read_days(tx, network, week.back(WEEKS - 1).first, last):
        sums = found[str(week_of(day))]["oproepen"].setdefault(oproep, [0, 0, 0])
        for number, figure in enumerate(figures):
            sums[number] += figure
    return list(found.values())


def _evaluations(tx: Connection, world: World, network: Any, day: date) -> tuple[int, int]:
    """How many collaborations are to be evaluated within 60 days, and how many should have been (O3-09)."""
    book = world.books.get(network.rulebook)
    soon = late = 0
    for row in weekly.agreements_on(tx, network.id, day) if book is not None else ():
        assert book is not None  # noqa: S101 - else there is nothing to go through
        until = evaluation_due(book.on(day), row.start, row.evaluated_on)
        if needs_evaluation(until, row.to):
            late += until <= day
            soon += day < until <= day + EVALUATE_AHEAD
    return soon, late


def _changed(tx: Connection, world: World, network: Id, week: Week, weeks: list[WeekFigures]) -> Changed | None:
    """The earlier weeks against what was last posted of them: late registrations, corrections, cancellations."""
    posted = weekly.read_last_summary(tx, network, str(week))
    if posted is None:
        return None
    before: Snapshot = posted.snapshot
    then = {each["week"]: each["oproepen"] for each in before["weeks"]}
    moments = minutes = 0
    differs = False
    for each in weeks[:-1]:
        if each["week"] in then:
            was, now = then[each["week"]], each["oproepen"]
            differs = differs or was != now
            moments += _total(now, 0) - _total(was, 0)
            minutes += _total(now, 1) - _total(was, 1)
    if not differs:
        return None
    since = read_week(before["week"])
    counts = weekly.count_changed(tx, network, week.back(WEEKS - 1).first, date.fromisoformat(before["last"]), posted.made_at)
    money = add_up(tx, world, network, since, date.fromisoformat(before["last"]))
    return Changed(
        since=before["week"], late=counts["late"], corrected=counts["corrected"], cancelled=counts["cancelled"],
        moments=moments, minutes=minutes, cents=money.cents - before["cents"],
    )  # fmt: skip


def _total(oproepen: Mapping[str, list[int]], number: int) -> int:
    return sum(figures[number] for figures in oproepen.values())


class Money:
    """Adds up what the holdings of a network come to on the day `last`: each quota and each billing pool once."""

    def __init__(self, before: date, last: date, opened: Mapping[tuple[Id, Id], date]) -> None:
        self.before, self.last, self.after, self.opened = before, last, last + DAY, opened
        self.cents_week = self.hours_week = self.lapsed_week = 0
        self.cents = self.hours = self.preparations = self.rest = self.near_people = 0
        self.billed: dict[str, int] = {}
        self.burn: dict[str, Burn] = {}
        self.near: list[Near] = []
        self.budgets: list[Budget] = []
        self.sectors: dict[str, list[int]] = {}
        self.people: set[Id] = set()
        self._quotas: set[Any] = set()
        self._paces: dict[Any, tuple[int, int] | None] = {}  # days gone and days in all, by the shape of a period

    def add(self, mine: list[Held]) -> None:
        """The grants of one person."""
        pools: set[Id] = set()
        for held in mine:
            try:
                settings = held.book.on(self.last)
                ids = {held.grant.id} if held.terms is not None else pool_ids(settings, held.holding)
                first = pools.isdisjoint(ids)
                pools |= ids
                found = held.balance() if held.grant.covers(self.last) else None
                if first:
                    self._add_due(held, ids, found)
                if found is not None:
                    self._add_balance(held, settings, found, bill=_oproepen(mine, held, ids) if first else "")
            except NoValueError:
                continue

    def _add_due(self, held: Held, ids: set[Id], found: Balance | None) -> None:
        """What became due of a billing pool this week; what an opening balance brought was due elsewhere, before it."""
        before = self.before
        if self.opened:
            before = max((self.opened[each] for grant in ids if (each := (grant, held.person)) in self.opened), default=before)
        if found is not None and held.terms is not None and before >= found.billing.start and found.billing.end > self.after:
            then = held.terms.hours_until(held.person, held.booked, before)  # one period, so no rest lapsed
            self.cents_week += found.hours.cents - then.cents
            self.hours_week += found.hours.hours - then.hours
            return
        holding = held.holding
        by_now, by_then = due(held.book, holding, self.last), due(held.book, holding, before)
        self.cents_week += by_now.cents - by_then.cents
        self.hours_week += by_now.hours - by_then.hours
        self.lapsed_week += by_now.lapsed - by_then.lapsed

    def _add_balance(self, held: Held, settings: Settings, found: Balance, *, bill: str) -> None:
        """A balance on the last day. `bill`: under which oproepen its amount counts, none when it did already."""
        grant = found.grant
        self.people.add(found.person)
        sector = self.sectors.setdefault("ad_hoc" if grant.oproep == "O4" else SECTORS.get(held.kind, "andere"), [0, 0, 0])
        if bill:
            sector[2] += found.hours.cents
            self.cents += found.hours.cents
            self.billed[bill] = self.billed.get(bill, 0) + found.hours.cents
            self.hours += found.hours.hours
            self.preparations += found.hours.preparations
            self.rest += found.hours.rest
        key = quota_key(settings, grant, found.person)
        if key in self._quotas:
            return
        self._quotas.add(key)
        granted = found.used + found.left - found.over
        burn = self.burn.setdefault(grant.oproep, Burn(oproep=grant.oproep, granted=0, used=0, expected=0))
        burn["granted"] += granted
        burn["used"] += found.used
        expected = self._expected(settings, found, granted)
        burn["expected"] = None if expected is None or burn["expected"] is None else burn["expected"] + expected
        self.budgets.append(Budget(
            oproep=grant.oproep, place=held.place, at=_place_of(grant) if len(key) > 2 else "", person=found.person,
            shared=key[1] is None, granted=granted, used=found.used, left=found.left, expected=expected,
        ))  # fmt: skip
        sector[0] += found.used
        sector[1] += granted
        if granted > 0 and found.used * 100 >= NEAR * granted:
            if held.place:
                percent = found.used * 100 // granted
                self.near.append(Near(oproep=grant.oproep, place=held.place, percent=percent, left=found.left))
            else:
                self.near_people += 1

    def _expected(self, settings: Settings, found: Balance, granted: int) -> int | None:
        """Minutes that would be used by now at an even pace over the period, as far as the convention lasts."""
        key = (found.period, found.grant.start, found.grant.to)
        if key not in self._paces:
            start = max(found.period.start, found.grant.start)
            end = min(found.period.end, grant_end(found.grant), settings.get("convention.valid_to", FAR - DAY) + DAY)
            days = max(1, (end - start).days)
            self._paces[key] = None if settings["quota.period"] == "rolling" else (min((found.day + DAY - start).days, days), days)
        pace = self._paces[key]
        return granted * pace[0] // pace[1] if pace is not None else None


def _oproepen(mine: list[Held], held: Held, ids: set[Id]) -> str:
    """The oproepen whose hours are combined with those of a grant: "O1", or "O1+O2"."""
    if len(ids) == 1:
        return held.grant.oproep
    return "+".join(sorted({each.grant.oproep for each in mine if each.grant.id in ids}))


def _place_of(grant: Grant) -> str:
    """The place of a grant as a filter of moments knows it; empty in oproep 4."""
    if grant.agreement is not None:
        return f"a{grant.agreement}"
    return f"s{grant.site}" if grant.site is not None else ""
