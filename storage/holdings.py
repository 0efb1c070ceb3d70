"""The holdings of many people in one pass, a few hundred people at a time: what all their balances are made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, bindparam, case, func, or_, select

from rules.book import NoValueError, Rulebook
from rules.facts import Entry, Grant, Id, Offer
from rules.ledger import Balance, Holding, balance, breakpoints, first_day_that_matters, needs_moments, shares_with
from rules.periods import add_months
from rules.plain_balance import Plain, Sum, plain_terms
from storage.fact_reading import read_entries
from storage.grant_networks import NETWORK_OF_GRANT, grants_of
from storage.tables import agreements, day_totals, grant_people, grants, month_totals, networks, offers, sites

CHUNK = 200  # people
DAY = timedelta(days=1)
NOTHING: tuple[Sum, ...] = ()

_mine = grant_people.alias()
_others = grant_people.alias()
GRANTS_OF = (
    select(
        _mine.c.person.label("holder"),
        *(grants.c[name] for name in (
            "id", "oproep", "site", "agreement", "start", "to", "minutes", "extra_minutes", "exception",
        )),
        networks.c.id.label("network"),
        networks.c.rulebook,
        select(func.count()).where(_others.c.grant == grants.c.id).scalar_subquery().label("holders"),
        sites.c.name.label("site_name"),
        sites.c.kind.label("site_kind"),
        agreements.c.partner_name,
        agreements.c.partner_kind,
        agreements.c.to.label("agreement_to"),
    )
    .select_from(
        _mine.join(grants, grants.c.id == _mine.c.grant)
        .outerjoin(sites, sites.c.id == grants.c.site)
        .outerjoin(networks, networks.c.id == NETWORK_OF_GRANT)
        .outerjoin(agreements, agreements.c.id == grants.c.agreement)
    )
    .where(_mine.c.person.in_(bindparam("people", expanding=True, literal_execute=True)))
    .order_by(_mine.c.person, grants.c.oproep, grants.c.id)
)  # fmt: skip
HOLDERS_OF = (
    select(grant_people.c.grant, grant_people.c.person)
    .where(grant_people.c.grant.in_(bindparam("grants", expanding=True, literal_execute=True)))
    .order_by(grant_people.c.person)
)
POOLS_AT = select(grants).where(
    grants.c.site.in_(bindparam("sites", expanding=True, literal_execute=True)), grants.c.oproep == "O2", grants.c.exception.is_(None)
)
OFFERS_OF = select(
    offers.c.person, offers.c.site, offers.c.since, offers.c.structural, offers.c.individual_minutes_per_week,
    offers.c.group_tracks_per_year,
).where(offers.c.person.in_(bindparam("people", expanding=True, literal_execute=True)))


class Held:
    """A grant of a person, the book whose rules hold, and all that its balance is made of: put together when it is asked for.

    `terms`: those of its shape, when nothing but sums matters to its balance.
    """

    __slots__ = ("_chunk", "_holding", "_plan", "book", "grant", "person", "row", "terms")

    def __init__(self, chunk: "_Chunk", plan: "Plan") -> None:
        self._chunk, self._plan = chunk, plan
        self._holding: Holding | None = None
        self.row, self.book, self.grant, _, _, self.terms = plan
        self.person: Id = self.row.holder

    @property
    def holding(self) -> Holding:
        """What `rules.ledger` works out a balance from."""
        if self._holding is None:
            _, _, grant, siblings, single, _ = self._plan
            entries = self._chunk.entries(siblings, single)
            self._holding = Holding(grant, self.person, siblings, entries, self._chunk.offers.get(self.person, ()))
        return self._holding

    @property
    def booked(self) -> Sequence[Sum]:
        """The time on the grant, summed between the days that matter: of a grant with `terms`."""
        return self._chunk.booked.get(self.grant.id, NOTHING)

    def balance(self) -> Balance:
        """The balance on the day that was asked for. Raises NoValueError."""
        if self.terms is not None:
            return self.terms.balance(self.grant, self.person, self.booked)
        return balance(self.book, self.holding, self._chunk.day)

    @property
    def network(self) -> int | None:
        """The network that gave the grant."""
        return self.row.network  # type: ignore[no-any-return]

    @property
    def place(self) -> str:
        """The name of the partner or vindplaats; empty for oproep 4."""
        return self.row.partner_name or self.row.site_name or ""

    @property
    def kind(self) -> str:
        """The kind of the partner or vindplaats; empty for oproep 4."""
        return self.row.partner_kind or self.row.site_kind or ""

    @property
    def agreement_to(self) -> date | None:
        """The last day of the collaboration, of oproep 3."""
        return self.row.agreement_to  # type: ignore[no-any-return]


def holders(tx: Connection, first: date, day: date, network: Id | None = None) -> list[int]:
    """The people who hold a grant that runs on a day from `first` up to and with `day`, of a network or of all; by id."""
    query = (
        select(grant_people.c.person)
        .join(grants, grants.c.id == grant_people.c.grant)
        .where(grants.c.start <= day, or_(grants.c.to.is_(None), grants.c.to >= first))
        .distinct()
        .order_by(grant_people.c.person)
    )
    return list(tx.execute(query if network is None else query.where(grants.c.id.in_(grants_of(network)))).scalars())


def read_held(
    tx: Connection,
    books: Mapping[str, Rulebook],
    people: Iterable[Id],
    day: date,
    *,
    first: date | None = None,
    until: date | None = None,
    cuts: Sequence[date] = (),
) -> Iterator[tuple[Id, list[Held]]]:
    """For each person, in the order given, her grants that run on a day from `first` (else `day`) up to and with `day`.

    Right for a balance on `day`, and for the difference between what was due on two days that are each `first` - 1, `day` or
    one of `cuts`. What happened after `until` is left out. Grants without a rulebook that holds are left out too.
    """
    left = iter(people)
    needs: dict[Any, Need] = {}  # by the shape of a grant: most are alike
    terms: dict[Any, Plain | None] = {}
    while chunk := list(islice(left, CHUNK)):
        yield from _Chunk(tx, books, chunk, day, first, until, cuts, needs, terms).held()


Need = tuple[date, frozenset[date]]  # the first day of the month from which booked time matters; the days between which it may be summed
Plan = tuple[Any, Rulebook, Grant, tuple[Grant, ...], bool, Plain | None]


class _Chunk:
    """The grants of a few hundred people, and the booked time that their balances look at."""

    def __init__(
        self, tx: Connection, books: Mapping[str, Rulebook], chunk: Sequence[Id], day: date, first: date | None, until: date | None,
        cuts: Sequence[date], needs: dict[Any, Need], terms: dict[Any, Plain | None],
    ) -> None:
        self.tx, self.books, self.people, self.day, self.until = tx, books, chunk, day, until
        self.first = day if first is None else first
        self.cuts = frozenset(each + DAY for each in (*cuts, *((first - DAY, day) if first else ()), *((until,) if until else ())))
        self.days = (day,) if first is None else (first - DAY, day)
        self.rows = tx.execute(GRANTS_OF, {"people": list(chunk)}).all()
        self.grants: dict[Id, Grant] = {}
        self.of_person: dict[Id, list[Grant]] = {person: [] for person in chunk}
        self.offers: dict[Id, tuple[Offer, ...]] = {}
        self.pools: dict[Id, list[Grant]] = {}
        self._read_grants()
        self.needs, self.terms = needs, terms
        self.booked: dict[Id, list[Any]] = {}
        self.need: dict[Id, Need] = {}  # of each grant

    def _read_grants(self) -> None:
        more = self._other_pools()
        together: dict[Id, list[Id]] = {}
        shared = {row.id for row in self.rows if row.holders > 1}.union(row.id for row in more)
        for grant, person in self.tx.execute(HOLDERS_OF, {"grants": list(shared)}).all() if shared else ():
            together.setdefault(grant, []).append(person)
        of_person, known = self.of_person, self.grants
        for person, grant, oproep, site, agreement, start, to, minutes, extra, exception, *_ in self.rows:
            found = known.get(grant)
            if found is None:
                people = tuple(together[grant]) if grant in shared else (person,)
                found = known[grant] = Grant(grant, oproep, people, start, to, site, agreement, minutes, extra, exception)
            of_person[person].append(found)
        for row in more:
            self.pools.setdefault(row.site, []).append(self.grants.get(row.id) or _grant(row, tuple(together.get(row.id, ()))))
        for row in self.tx.execute(OFFERS_OF, {"people": list(self.people)}).all():
            self.offers[row[0]] = (*self.offers.get(row[0], ()), Offer(*row))

    def _other_pools(self) -> list[Any]:
        """All pools of the sites, where a year is not the grant's own: then several grants are one pool (A-01, A-45)."""
        at = set()
        for rulebook in {row.rulebook for row in self.rows} & self.books.keys():
            if self.books[rulebook].on(self.day).get("quota.period") != "anniversary":
                at |= {row.site for row in self.rows if row.rulebook == rulebook and row.oproep == "O2" and row.exception is None}
        return list(self.tx.execute(POOLS_AT, {"sites": list(at)})) if at else []

    def held(self) -> Iterator[tuple[Id, list[Held]]]:
        """The people of the chunk with what they hold."""
        wanted: dict[Id, list[Plan]] = {person: [] for person in self.people}
        for row in self.rows:
            book = self.books.get(row.rulebook)
            if book is None or row.start > self.day or (row.to is not None and row.to < self.first):
                continue
            try:
                wanted[row.holder].append(self._plan(row, book))
            except NoValueError:
                continue
        self._read_booked()
        for person, plans in wanted.items():
            yield person, [Held(self, plan) for plan in plans]

    def _plan(self, row: Any, book: Rulebook) -> Plan:
        """A grant with those that share its hours; notes which of their time must be read."""
        person, settings = row.holder, book.on(self.day)
        grant, mine = self.grants[row.id], self.of_person[person]
        siblings = (grant,) if len(mine) == 1 else tuple([each for each in mine if each is grant or shares_with(settings, grant, each)])
        if self.pools and grant.oproep == "O2" and grant.exception is None:
            siblings += tuple(other for other in self.pools.get(row.site, ()) if other not in siblings)
        if needs_moments(settings, grant):
            return row, book, grant, siblings, True, None
        with_offers = self.offers.get(person, ())
        offered = next((each.since for each in with_offers if each.site == grant.site), None) if grant.oproep == "O1" else None
        alone = len(siblings) == 1 and (offered is None or settings["o1.bonus_once"] != "per_provider")
        key = (book.id, grant.oproep, grant.start, grant.to, offered) if alone else (grant.id, person)
        need = self.needs.get(key)
        if need is None:
            marks = {mark for day in self.days for mark in breakpoints(book, grant, siblings, person, with_offers, day)}
            since = first_day_that_matters(book, grant, siblings, person, self.days[0])
            need = self.needs[key] = (since.replace(day=1), frozenset(marks) | self.cuts)
        for other in siblings:
            before = self.need.setdefault(other.id, need)
            if before is not need:
                self.need[other.id] = (min(before[0], need[0]), before[1] | need[1])
        return row, book, grant, siblings, False, self._terms(key, book, grant, person, with_offers) if alone else None

    def _terms(self, key: Any, book: Rulebook, grant: Grant, person: Id, with_offers: tuple[Offer, ...]) -> Plain | None:
        shape = (*key, grant.minutes, grant.extra_minutes, grant.exception)
        if shape not in self.terms:
            self.terms[shape] = plain_terms(book, grant, person, with_offers, self.day) if grant.covers(self.day) else None
        return self.terms[shape]

    def entries(self, siblings: tuple[Grant, ...], single: bool) -> tuple[Entry, ...]:
        """The booked time on grants; `single`: moment by moment."""
        if single:
            found = read_entries(self.tx, [other.id for other in siblings], (), single=True)
            return tuple(entry for entry in found if self.until is None or entry.day <= self.until)
        return tuple([Entry(other.id, *each) for other in siblings for each in self.booked.get(other.id, NOTHING)])

    def _read_booked(self) -> None:
        """Booked time per grant, summed between the days that matter: whole months, and days in a month that is cut in two."""
        alike: dict[Need, list[Id]] = {}
        for grant, need in self.need.items():
            alike.setdefault(need, []).append(grant)
        for (since, marks), ids in alike.items():
            within = sorted(mark for mark in marks if mark > since)
            cut = sorted({mark.replace(day=1) for mark in within if mark.day != 1})
            if self.until is not None and within:
                cut = [month for month in cut if month <= self.until]
            low = since
            for month in cut:
                if low < month:
                    self._add(month_totals, month_totals.c.month, ids, low, month, within)
                low = add_months(month, 1)
                self._add(day_totals, day_totals.c.day, ids, month, low, within)
            end = date.max if self.until is None else self.until + DAY
            if low < end:
                self._add(month_totals, month_totals.c.month, ids, low, end, within)

    def _add(self, table: Table, column: Column[Any], ids: list[Id], low: date, high: date, marks: Sequence[date]) -> None:
        """Sums per grant, person and stretch between marks, of the rows from `low` up to and not with `high`."""
        end = high if self.until is None else min(high, self.until + DAY)
        inside = [mark for mark in marks if low < mark < end]
        query, names = _summed(table, column, len(inside))
        values = {"grants": ids, "low": low, "high": end, **dict(zip(names, inside, strict=True))}
        found = self.booked
        for grant, *booked in self.tx.execute(query, values).all():
            if grant in found:
                found[grant].append(booked)
            else:
                found[grant] = [booked]


_SUMMED: dict[tuple[str, int], tuple[Select[Any], list[str]]] = {}


def _summed(table: Table, column: Column[Any], marks: int) -> tuple[Select[Any], list[str]]:
    """The query that sums per stretch between so many marks, and the names of its marks."""
    key = (table.name, marks)
    if key not in _SUMMED:
        names = [f"mark{number}" for number in range(marks)]
        stretch: Any = None
        if names:
            stretch = case(*((column < bindparam(name, type_=column.type), number) for number, name in enumerate(names)), else_=marks)
        low, high = bindparam("low", type_=column.type), bindparam("high", type_=column.type)
        query = (
            select(table.c.grant, table.c.person, func.min(column), func.sum(table.c.minutes), func.sum(table.c.preparations))
            .where(table.c.grant.in_(bindparam("grants", expanding=True, literal_execute=True)), column >= low, column < high)
            .group_by(table.c.grant, table.c.person, *(() if stretch is None else (stretch,)))
        )
        _SUMMED[key] = query, names
    return _SUMMED[key]


def _grant(row: Any, persons: tuple[Id, ...]) -> Grant:
    return Grant(
        row.id, row.oproep, persons, row.start, row.to, row.site, row.agreement, row.minutes, row.extra_minutes, row.exception
    )
