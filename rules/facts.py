"""What a judgement stands on: people, places, grants, entries of the ledger and the submission itself; data only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

CONTRACT_START = date(2024, 1, 1)

Id = int | str


@dataclass(frozen=True, slots=True)
class Person:
    """A provider (KPKO). Contract days are both included; `o4_admitted_from` is the first day in the oproep 4 file."""

    id: Id
    contract_from: date = CONTRACT_START
    contract_to: date | None = None
    employer: str | None = None
    o4_admitted_from: date | None = None
    portfolio: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """A place. `cooperates`: the provider works together with the organisation there (VP-03, VP-04)."""

    id: Id
    kind: str
    cooperates: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider's structural offer at a site; `since` starts the bonus months of oproep 1 (O1-14). `attested`: when she last said
    that it holds (None: not on record); `withdrawn`: since when she says that it no longer does (A-22, A-42)."""

    person: Id
    site: Id
    since: date | None = None
    structural: bool = True
    individual_minutes_per_week: int = 0
    group_tracks_per_year: int = 0
    attested: date | None = None
    withdrawn: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A structural collaboration of oproep 3; `to` is its last day, `blocks` what its text holds (O3-10), `callback_hours` the clock
    hours within which the provider calls back (O3-19; None: it says nothing of that)."""

    id: Id
    person: Id
    partner: str
    start: date
    to: date | None = None
    partner_kind: str = "andere"
    delivered: bool = True
    blocks: frozenset[str] = frozenset({"uren", "periodiciteit", "afspraken", "evaluatie"})
    evaluated: date | None = None
    callback_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Hours given. `minutes` None: the rulebook's limit; `extra_minutes` come on top, each period (O1-16, O4-17)."""

    id: Id
    oproep: str
    persons: tuple[Id, ...]
    start: date
    to: date | None = None
    site: Id | None = None
    agreement: Id | None = None
    minutes: int | None = None
    extra_minutes: int = 0
    exception: str | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` lies in the grant, both ends included (DRV-04)."""
        return self.start <= day and (self.to is None or day <= self.to)


class Entry(NamedTuple):
    """Booked time on one day: of one moment, or several moments summed between two days that make no difference.

    `earlier` and `later`: minutes of the same moment on the day before and the day after (boundary = split, A-25).
    """

    grant: Id
    person: Id
    day: date
    minutes: int
    preparations: int = 0
    begin: datetime | None = None
    end: datetime | None = None
    title: str | None = None
    earlier: int = 0
    later: int = 0


class Submission(NamedTuple):
    """A moment as submitted: local Brussels times without offset, whole minutes, people per role. None: not given."""

    person: Id
    oproep: str
    werkvorm: str | None = None
    site: Id | None = None
    agreement: Id | None = None
    day: date | None = None
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    clock: str | None = None
    present: Mapping[str, int] | None = None
    channel: str = "f2f"
    topic: str | None = None
    title: str | None = None
    text: str | None = None
    purpose: str | None = None
    concrete_client: bool = False
    client_present: bool = True
    prior_consent: bool = True
    initiative: str = "actor"
    partner: str | None = None
    partner_kind: str = "andere"
    with_local_network: bool = False
    on_request_of_site: bool = True
    other_financing: bool = False
    regular_mission: bool = False

    @property
    def first_day(self) -> date | None:
        """The local day that decides period, grant and rate (A-25)."""
        return self.start.date() if self.start else self.day


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything stored that one judgement may look at, loaded for one person, oproep and place.

    `grants`: those of the person for that place; `siblings`: all that may touch their balances, with `entries` booked on them;
    `times`: moments of this werkvorm in the quota period, counted where the werkvorm limits them.
    """

    person: Person
    grants: tuple[Grant, ...] = ()
    site: Site | None = None
    offer: Offer | None = None
    offers: tuple[Offer, ...] = ()
    agreement: Agreement | None = None
    entries: tuple[Entry, ...] = ()
    siblings: tuple[Grant, ...] = ()
    overlaps: tuple[Id, ...] = ()
    exception_of_other: bool = False
    partner_agreements: tuple[Agreement, ...] = ()
    same_title_days: tuple[date, ...] = ()
    preparation_taken: bool = False
    registered_on: date | None = None
    exported: bool = False
    same_title_minutes: int = 0
    times: int = 0
