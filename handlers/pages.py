"""What the pages show: a provider's balances and moments, a coordinator's network; each look at others' hours on the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers import balances
from handlers.card import reason
from handlers.kept import resume_choices
from handlers.moment_form import OPROEP_OF_FORM
from handlers.overview import moment_lines
from handlers.registering import stored_findings
from handlers.request_cards import buttons, title_of
from handlers.screen import Choice, Event, Text, say
from handlers.summary_figures import NEAR, Budget, Burn, add_up
from handlers.world import World
from rules.periods import BRUSSELS
from rules.weeks import week_of
from storage import accounts, directory, page_rows, requests, scope, weekly
from storage.accounts import Session
from storage.page_rows import Filter

PAGE = 20
LOOK_BACK = 12  # weeks of refusals
FORMS = ("presentie", "overleg", "intervisie", "ondersteuning")
VIEW, VIEW_PERSON = "network.view", "person.view"
Row = Mapping[str, Any]


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

    @property
    def more(self) -> bool:
        """Whether there are older ones."""
        return (self.page + 1) * PAGE < self.count


@dataclass(frozen=True)
class Home:
    """A provider's first page: forms to open, what else to ask for, drafts that wait, balances, her newest moments."""

    forms: tuple[Choice, ...]
    others: tuple[Choice, ...]
    kept: tuple[Choice, ...]
    bars: tuple[Bar, ...]
    newest: tuple[Row, ...]


@dataclass(frozen=True)
class Dashboard:
    """A network as its coordinator sees it today."""

    network: Any
    networks: tuple[tuple[int, str], ...]
    oproepen: tuple[Bar, ...]
    places: tuple[Bar, ...]
    near: tuple[Bar, ...]
    waiting: tuple[tuple[Text, tuple[Choice, ...]], ...]
    refusals: tuple[tuple[str, int, str], ...]
    since: date
    export: Choice | None


def today_of(event: Event) -> date:
    """The Brussels day of an event."""
    return event.now.astimezone(BRUSSELS).date()


def home(tx: Connection, world: World, session: Session, event: Event) -> Home | None:
    """The first page of a provider; None for who is none."""
    today, person = today_of(event), session.person or 0
    if not scope.may(tx, session, "balance.view", today, person=person):
        return None
    granted = {place.oproep for place in directory.read_places(tx, person)}
    offered = [form for form in FORMS if granted & set(OPROEP_OF_FORM[form])] or list(FORMS)
    forms = tuple(Choice(say(f"words.form_{form}"), f"form:{form}") for form in offered)
    kept = tuple(choice for row in resume_choices(tx, session) for choice in row)
    rows, _, _ = page_rows.read_moments(tx, Filter(person=person), 0, 5)
    others = (Choice(say("plans.list"), "plan:list"), Choice(say("requests.title"), "ask"))
    return Home(forms, others, kept, tuple(_own_bars(tx, world, person, today)), tuple(_shown(world, row) for row in rows))


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
    if not scope.may(tx, session, "moment.view", today_of(event), person=person):
        return None
    places = tuple({place.value: place.name for place in directory.read_places(tx, person)}.items())
    wanted = replace(read_filter(given), person=person, network=None)
    return _moments(tx, world, wanted, given, places)


def _moments(tx: Connection, world: World, wanted: Filter, given: Mapping[str, str], places: tuple[tuple[str, str], ...]) -> Moments:
    if wanted.place not in {value for value, _ in places}:
        wanted = replace(wanted, place=None)
    page = int(given["pagina"]) if given.get("pagina", "").isdecimal() and len(given["pagina"]) < 6 else 0
    rows, count, minutes = page_rows.read_moments(tx, wanted, page, PAGE)
    return Moments(tuple(_shown(world, row) for row in rows), count, minutes, page, wanted, places)


def read_filter(given: Mapping[str, str]) -> Filter:
    """The filter of an address; what cannot be read is left out."""
    oproep = given.get("oproep", "")
    number = given.get("verstrekker", "")
    return Filter(
        oproep if oproep in ("O1", "O2", "O3", "O4") else None,
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
        "moment": row.id, "day": row.day, "begins": row.begins.replace(tzinfo=UTC), "ends": row.ends.replace(tzinfo=UTC),
        "minutes": row.minutes, "place": row.place, "werkvorm": world.werkvorm(row.werkvorm), "oproep": row.oproep,
        "cancelled": row.state == "cancelled", "name": f"{row.first_name} {row.name}", "person": row.person,
    }  # fmt: skip


# A network


def networks_of(tx: Connection, session: Session, event: Event) -> list[Any]:
    """The networks whose dashboard this person may see."""
    reach = scope.networks_in_reach(tx, session, VIEW, today_of(event))
    return [row for row in directory.all_networks(tx) if reach is None or row.id in reach]


def dashboard(tx: Connection, world: World, session: Session, event: Event, network: int | None, language: str) -> Dashboard | None:
    """A network's dashboard, the first that she may see without a number; None when it is not hers to see, or not there."""
    mine = networks_of(tx, session, event)
    row = next((each for each in mine if network in (None, each.id)), None)
    today = today_of(event)
    if row is None:
        return None
    week = week_of(today)
    money = add_up(tx, world, row.id, week, today)
    names = {each.id: f"{each.first_name} {each.name}" for each in requests.people_of(tx, row.id)}
    places = tuple(_budget_bar(each, names) for each in sorted(money.budgets, key=lambda each: (each["oproep"], each["place"])))
    near = sorted((each for each in places if each.whole and each.used * 100 >= NEAR * each.whole), key=lambda each: -each.percent)
    since = week.back(LOOK_BACK - 1).first
    book, settings = world.book(row), world.book(row).on(today)
    refused = tuple(
        (rule, count, book.rules[rule].on(settings, language) if rule in book.rules else "")
        for rule, count in weekly.count_refused(tx, row.id, since, today)
    )
    may_export = scope.may(tx, session, "summary.export", today, network=row.id)
    _audit(tx, session, event, VIEW, f"network:{row.key}", None)
    return Dashboard(
        row, tuple((each.id, each.name) for each in mine), tuple(_burn_bar(each) for each in money.burn.values()), places, tuple(near),
        _waiting(tx, session, event, row.id), refused, since,
        Choice(say("summary.excel"), f"excel:{row.id}:{week}") if may_export else None,
    )  # fmt: skip


def _burn_bar(burn: Burn) -> Bar:
    label = say("pages.budget", oproep=burn["oproep"], place="")
    return Bar(label, burn["used"], burn["granted"], burn["granted"] - burn["used"], burn["expected"], place=f"oproep={burn['oproep']}")


def _budget_bar(budget: Budget, names: Mapping[int, str]) -> Bar:
    place = budget["place"] or names.get(int(budget["person"]), "")
    label = say("pages.budget", oproep=budget["oproep"], place=place)
    seen = f"oproep={budget['oproep']}"
    seen += f"&plaats={budget['at']}" if budget["at"] else ""
    seen += "" if budget["shared"] else f"&verstrekker={budget['person']}"
    return Bar(label, budget["used"], budget["granted"], budget["left"], budget["expected"], place=seen)


def _waiting(tx: Connection, session: Session, event: Event, network: int) -> tuple[tuple[Text, tuple[Choice, ...]], ...]:
    if not scope.may(tx, session, "request.view", today_of(event), network=network):
        return ()
    return tuple(
        (
            say("requests.waiting_row", request=row.id, name=f"{row.first_name} {row.name}", what=title_of(row)),
            tuple(choice for line in buttons(row.id) for choice in line),
        )
        for row in requests.waiting_requests(tx, (network,))
    )


def network_moments(
    tx: Connection, world: World, session: Session, event: Event, network: int, given: Mapping[str, str]
) -> tuple[Any, Moments] | None:
    """The moments of a network behind its figures, without what was typed in them; None when they are not hers to see."""
    if not scope.may(tx, session, VIEW_PERSON, today_of(event), network=network):
        return None
    row = next((each for each in directory.all_networks(tx) if each.id == network), None)
    if row is None:
        return None
    wanted = replace(read_filter(given), network=network)
    sites = tuple((f"s{each.id}", each.name) for each in requests.sites_of(tx, network))
    partners = tuple(
        (f"a{each.id}", f"{each.partner_name} ({each.first_name} {each.name})") for each in page_rows.agreements_in(tx, network)
    )
    found = _moments(tx, world, wanted, given, sites + partners)
    people = tuple((int(each.id), f"{each.first_name} {each.name}") for each in requests.people_of(tx, network))
    _audit(tx, session, event, "moments.viewed", f"network:{row.key}", f"person:{wanted.person}" if wanted.person is not None else None)
    return row, replace(found, people=people)


def network_moment(
    tx: Connection, world: World, session: Session, event: Event, network: int, moment: int
) -> tuple[Text, Sequence[Text]] | None:
    """One moment of a network: what it was and the rules that spoke, without what was typed; None when it is not hers to see."""
    if not scope.may(tx, session, VIEW_PERSON, today_of(event), network=network):
        return None
    row = page_rows.read_moment_of(tx, network, moment)
    if row is None:
        return None
    _audit(tx, session, event, "moment.viewed", f"moment:{moment}", None)
    said = [say("card.plain", value=f"{row.first_name} {row.name}"), moment_lines(tx, world, row, typed=False)]
    said += [reason(each) for each in stored_findings(row) if each.level == "warn"]
    return say("overview.moment_title", moment=row.id), said


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole) if whole > 0 else 0


def _audit(tx: Connection, session: Session, event: Event, what: str, about: str, detail: str | None) -> None:
    at: datetime = event.now.astimezone(UTC).replace(tzinfo=None)
    accounts.add_audit(tx, at, f"person:{session.person}", what, about, detail)
