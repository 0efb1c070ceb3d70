"""What a provider's pages show: what was told her, her balances, her moments; and moments as every page lists them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from handlers import balances
from handlers.kept import resume_choices
from handlers.moment_form import OPROEP_OF_FORM
from handlers.owed import owed_screen
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.world import World
from rules.words import OPROEPEN
from storage import accounts, channels, directory, page_rows, requests, scope
from storage.accounts import Session
from storage.instants import as_stored
from storage.outbox import Owed
from storage.page_rows import Filter

PAGE = 20
Row = Mapping[str, Any]
# What was told her in chat and stands on her page too: questions until she has answered them, news for some days. A request that waits
# stands on the dashboard.
TOLD = frozenset((
    "plan", "share", "share_answer", "share_changed", "request_decided", "regrant", "ready", "stand_in",
))  # fmt: skip
# What a coordinator was told, with the networks that it is of: it stands there only while one of them is hers.
TOLD_OF: Mapping[str, Callable[[Connection, Row], Collection[int]]] = {
    "handover": lambda _, told: (told["network"],),
    "regrant_other": lambda _, told: (told["network"],),
    "access_other": lambda tx, told: {each.id for each in accounts.networks_of(tx, told["person"])},
    "channel_warning": lambda tx, told: _network_of(channels.read_channel(tx, told["channel"])),
    "request_expired": lambda tx, told: _network_of(requests.read_request(tx, told["request"])),
}
NEWS, MESSAGES, MOST_READ = timedelta(days=7), 8, 40  # MOST_READ: some of them may have lost their use
FORMS = ("presentie", "overleg", "intervisie", "ondersteuning")


@dataclass(frozen=True)
class Bar:
    """A budget as a picture: minutes used of all, where an even pace would be (None: unknown), and the words beside it."""

    label: Text
    used: int
    whole: int
    left: int
    pace: int | None = None
    lines: tuple[Text, ...] = ()
    place: str = ""

    @property
    def percent(self) -> int:
        """Per cent used, halves up; nothing of nothing is nothing."""
        return _percent(self.used, self.whole)

    @property
    def pace_percent(self) -> int | None:
        """Per cent that an even pace would have used by now."""
        return None if self.pace is None else _percent(self.pace, self.whole)


@dataclass(frozen=True)
class Moments:
    """A page of moments with what they were filtered by. `rows`: per moment its figures and the text of its place and werkvorm."""

    rows: tuple[Row, ...]
    count: int
    minutes: int
    page: int
    wanted: Filter
    places: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[int, str], ...] = ()
    opening: int = 0  # minutes of opening balances, behind which there are no moments

    @property
    def more(self) -> bool:
        """Whether there are older ones."""
        return (self.page + 1) * PAGE < self.count


@dataclass(frozen=True)
class Home:
    """A provider's first page: what was told her (each with a number), forms to open, what else to ask for, drafts that wait, balances,
    her newest moments."""

    messages: tuple[tuple[int, Screen], ...]

    forms: tuple[Choice, ...]
    others: tuple[Choice, ...]
    kept: tuple[Choice, ...]
    bars: tuple[Bar, ...]
    newest: tuple[Row, ...]


def home(tx: Connection, world: World, session: Session, event: Event, language: str) -> Home | None:
    """The first page of a provider; None for who is none."""
    today, person = event.today, session.person or 0
    if not scope.may(tx, session, "balance.view", today, person=person):
        return None
    granted = {place.oproep for place in directory.read_places(tx, person)}
    offered = [form for form in FORMS if granted & set(OPROEP_OF_FORM[form])] or list(FORMS)
    forms = tuple(Choice(say(f"words.form_{form}"), f"form:{form}") for form in offered)
    kept = tuple(choice for row in resume_choices(tx, session) for choice in row)
    rows, _, _ = page_rows.read_moments(tx, Filter(person=person), 0, 5)
    others = (Choice(say("plans.list"), "plan:list"), Choice(say("requests.title"), "ask"))
    told = messages(tx, world, session, event, language)
    return Home(told, forms, others, kept, tuple(_own_bars(tx, world, person, today)), tuple(_shown(world, row) for row in rows))


def messages(tx: Connection, world: World, session: Session, event: Event, language: str) -> tuple[tuple[int, Screen], ...]:
    """What was told a person lately as it reads now, each with a number, the newest first, without what has lost its use or needs no
    page."""
    return tuple(islice(_messages(tx, world, session, event, language), MESSAGES))


def _messages(tx: Connection, world: World, session: Session, event: Event, language: str) -> Iterator[tuple[int, Screen]]:
    now = as_stored(event.now)
    reach = scope.networks_in_reach(tx, session, "request.view", event.today)
    for row in page_rows.told_lately(tx, session.person or 0, TOLD | TOLD_OF.keys(), now - NEWS, now, MOST_READ):
        of = TOLD_OF.get(row.told["told"])
        if of is not None and reach is not None and reach.isdisjoint(of(tx, row.told)):
            continue
        screen = owed_screen(tx, world, Owed(row.id, row.key, row.told, "", "", language, row.account, None))
        if screen is not None:
            yield row.id, screen


def _network_of(row: Any) -> Collection[int]:
    return () if row is None else (row.network,)


def _own_bars(tx: Connection, world: World, person: int, today: date) -> list[Bar]:
    several = len(accounts.networks_of(tx, person)) > 1
    found = []
    for each in balances.running(tx, world, person, today):
        lines = balances.lines_of(each, today, several=several)
        label = say("pages.budget", oproep=each.grant.oproep, place=each.place.name)
        stands = each.balance
        if stands is None:
            found.append(Bar(label, 0, 0, 0, lines=lines))
        else:
            found.append(Bar(label, stands.used, balances.whole_of(stands), stands.left, lines=lines[1:]))
    return found


def own_moments(tx: Connection, world: World, session: Session, event: Event, given: Mapping[str, str]) -> Moments | None:
    """A person's own moments, filtered by what stands in the address: oproep, van, tot, plaats, pagina. None for who has none."""
    person = session.person or 0
    if not scope.may(tx, session, "moment.view", event.today, person=person):
        return None
    places = tuple({place.value: place.name for place in directory.read_places(tx, person)}.items())
    wanted = replace(read_filter(given), person=person, network=None)
    return moments_of(tx, world, wanted, given, places)


def moments_of(tx: Connection, world: World, wanted: Filter, given: Mapping[str, str], places: tuple[tuple[str, str], ...]) -> Moments:
    """The page of these moments that an address asks for. `places`: value and name of those that can be chosen."""
    if wanted.place not in {value for value, _ in places}:
        wanted = replace(wanted, place=None)
    page = int(given["pagina"]) if given.get("pagina", "").isdecimal() and len(given["pagina"]) < 6 else 0
    rows, count, minutes = page_rows.read_moments(tx, wanted, page, PAGE)
    opening = page_rows.opening_minutes(tx, wanted)
    return Moments(tuple(_shown(world, row) for row in rows), count, minutes, page, wanted, places, opening=opening)


def read_filter(given: Mapping[str, str]) -> Filter:
    """The filter of an address; what cannot be read is left out."""
    oproep = given.get("oproep", "")
    number = given.get("verstrekker", "")
    return Filter(
        oproep if oproep in OPROEPEN else None,
        _day(given.get("van", "")),
        _day(given.get("tot", "")),
        given.get("plaats") or None,
        int(number) if number.isdecimal() and len(number) < 10 else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(world: World, row: Any) -> Row:
    return {
        "moment": row.id, "version": row.version, "day": row.day,
        "begins": row.begins.replace(tzinfo=UTC), "ends": row.ends.replace(tzinfo=UTC),
        "minutes": row.minutes, "place": row.place, "werkvorm": world.werkvorm(row.werkvorm), "oproep": row.oproep,
        "cancelled": row.state == "cancelled", "name": f"{row.first_name} {row.name}", "person": row.person,
    }  # fmt: skip


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole) if whole > 0 else 0
