"""/zoek: the directory of admitted providers by theme (O4-14, O4-15); and the activities that existing workings may see (O3-26)."""

from dataclasses import replace
from difflib import get_close_matches
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from handlers import overview
from handlers.choices import in_rows
from handlers.coordinating import audit, full_name, networks_for, not_found
from handlers.network_pages import VIEW_PERSON, network_moment
from handlers.screen import Choice, Event, Screen, Text, say
from handlers.summary_figures import SECTORS
from handlers.world import World
from rules.typed import fold, whole
from storage import accounts, directory, people, scope
from storage.accounts import Session

MOST, MOST_THEMES = 15, 18
PAGE = 12


def command(tx: Connection, world: World, session: Session, event: Event) -> Screen:
    """/zoek with a theme behind it finds, with the reference of a moment shows it; without either the themes are there to choose from."""
    wanted = event.text.strip()[:100]
    if (moment := whole(wanted.removeprefix("#"))) is not None:
        return _moment(tx, world, session, event, moment)
    rows = _specialists(tx, session, event)
    return _find(tx, session, event, rows, wanted) if wanted else _ask(rows)


def _moment(tx: Connection, world: World, session: Session, event: Event, moment: int) -> Screen:
    """A number is the reference of a moment: her own, or one of her networks as the page shows it; else what /zoek does."""
    own = directory.read_moment(tx, session.person or 0, moment)
    if own is not None and scope.may(tx, session, "moment.view", event.today):
        return replace(overview.show_moment(tx, world, session, event, own.id), fresh=True)
    for network in networks_for(tx, session, event, VIEW_PERSON):
        if (found := network_moment(tx, world, session, event, network.id, moment)) is not None:
            title, lines = found
            return Screen(title, tuple(lines), choices=((Choice(say("card.back"), f"net:{network.id}"),),), fresh=True)
    return Screen(say("finding.no_moment", moment=moment), choices=((Choice(say("finding.title"), "find"),),), fresh=True)


def pressed(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A button with a theme, by its mark; without one the themes."""
    rows = _specialists(tx, session, event)
    theme = next((each for each in _themes(rows) if _mark(each) == rest), None)
    return _find(tx, session, event, rows, theme) if theme is not None else _ask(rows)


def _specialists(tx: Connection, session: Session, event: Event) -> list[Any]:
    reached = scope.networks_in_reach(tx, session, "directory.search", event.today)
    return people.specialists(tx, reached, event.today)


def _themes_of(row: Any) -> list[str]:
    return [each for each in row.themes.split("+") if each]


def _themes(rows: list[Any]) -> list[str]:
    """Every theme once, by the alphabet."""
    found: dict[str, str] = {}
    for row in rows:
        for theme in _themes_of(row):
            found.setdefault(fold(theme), theme)
    return [found[each] for each in sorted(found)]


def _mark(theme: str) -> str:
    return sha256(fold(theme).encode()).hexdigest()[:12]


def _buttons(themes: list[str]) -> tuple[tuple[Choice, ...], ...]:
    return tuple(in_rows([Choice(say("card.plain", value=each), f"find:{_mark(each)}") for each in themes[:MOST_THEMES]], 2))


def _ask(rows: list[Any]) -> Screen:
    themes = _themes(rows)
    body = (say("finding.how") if themes else say("finding.nobody_yet"),)
    return Screen(say("finding.title"), body, choices=_buttons(themes), fresh=True)


def _find(tx: Connection, session: Session, event: Event, rows: list[Any], wanted: str) -> Screen:
    """Who has a theme like this one; whose line she sees stands on the audit trail, what she typed does not."""
    asked, themes = fold(wanted), _themes(rows)
    meant = {fold(each) for each in themes if asked in fold(each)} or set(get_close_matches(asked, [fold(each) for each in themes], 3, 0.7))
    found = [row for row in rows if meant & {fold(each) for each in _themes_of(row)}]
    if not themes:
        return _ask(rows)
    if not found:
        return Screen(say("finding.none"), choices=_buttons(themes), fresh=True)
    body = [_line(tx, row) for row in found[:MOST]]
    if len(found) > MOST:
        body.append(say("network.more_found", count=len(found) - MOST))
    if others := [f"person:{row.id}" for row in found[:MOST] if row.id != session.person]:
        audit(tx, session, event, "directory.viewed", "directory", " ".join(others))
    return Screen(say("finding.found", count=len(found)), tuple(body), choices=((Choice(say("finding.other"), "find"),),), fresh=True)


def _line(tx: Connection, row: Any) -> Text:
    """Who, her themes, and how to reach her: by the address that she gave, else through her coordinators."""
    ids = tuple(each.id for each in accounts.networks_of(tx, row.id))
    named = ", ".join(full_name(each) for each in accounts.people_with_role(tx, scope.COORDINATOR, ids))
    return say("finding.line", name=full_name(row), themes=", ".join(_themes_of(row)), email=row.email or "", coordinator=named)


def show_activities(tx: Connection, world: World, session: Session, event: Event, page: int) -> Screen:
    """The activities of oproep 3 and 4 in her networks, month by month: werkvorm, theme, length, sector; nobody's name."""
    reach = scope.reach_of(tx, session, "activity.view", event.today)
    if not reach:
        return not_found(event)
    page = min(max(page, 0), 1000)
    rows = people.activities(tx, reach.networks, page * PAGE, PAGE + 1)
    body: list[Text] = []
    for month, each in groupby(rows[:PAGE], key=lambda row: row.day.replace(day=1)):
        body.append(say("finding.month", month=month))
        body += [_activity(world, row) for row in each]
    choices = [(Choice(say("finding.older"), f"acts:{page + 1}"),)] if len(rows) > PAGE else []
    choices += [(Choice(say("finding.newer"), f"acts:{page - 1}"),)] if page else []
    choices.append((Choice(say("finding.title"), "find"),))
    shown = tuple(body) or (say("finding.no_activities"),)
    return Screen(say("finding.activities"), shown, choices=tuple(choices), fresh=event.kind != "press")


def _activity(world: World, row: Any) -> Text:
    sector = SECTORS.get(row.kind, "ad_hoc" if row.oproep == "O4" else "andere")
    return say("finding.activity", werkvorm=world.werkvorm(row.werkvorm), title=row.title or "", minutes=row.minutes, sector=sector)
