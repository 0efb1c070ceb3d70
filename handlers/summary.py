"""The weekly summary: /samenvatting, the post in a network's channel and its Excel button."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from handlers.coordinating import audit
from handlers.personal_week import personal_weeks
from handlers.screen import SILENCE, Choice, Event, Picture, Screen, Table, Text, Workbook, say
from handlers.summary_asked import asked_week, near_week, unread_week, week_buttons
from handlers.summary_figures import SECTORS, Snapshot, make_snapshot
from handlers.summary_shown import HEADER, alternative, burn_line, charts, percent, picture_figures, rows
from handlers.world import World
from rules.typed import whole
from rules.weeks import Week, read_week, week_of
from storage import channels, directory, scope, weekly
from storage.accounts import Session
from storage.instants import as_stored
from storage.scope import PROVIDER

VIEW, EXPORT = "summary.view", "summary.export"
MOST = 12  # places near their limit that are named
FOCUS = tuple(dict.fromkeys(("onderwijs", "overkop", *SECTORS.values())))  # GEN-08


def show_summary(tx: Connection, world: World, session: Session, event: Event, written: str = "") -> Screen:
    """/samenvatting in private: a week of her network, this one when none is typed; a choice when she has several networks; a
    provider sees her own week. `written`: the week that a button names."""
    today = event.today
    week = asked_week(written or ("" if event.kind == "press" else event.text), today)
    if week is None:
        return unread_week(today, private=event.private)
    reached = scope.networks_in_reach(tx, session, VIEW, today)
    nets = [row for row in directory.all_networks(tx) if reached is None or row.id in reached]
    if len(nets) == 1:
        return _week_in_private(tx, world, nets[0], week, session, event)
    if nets:
        choices = tuple((Choice(say("summary.network", network=row.name), f"summary:{row.id}:{week}"),) for row in nets)
        return Screen(asks=say("summary.which"), choices=choices, fresh=True)
    if PROVIDER in session.roles and session.person is not None:
        return next(screen for _, screen in personal_weeks(tx, world, [session.person], min(week.last, today)))
    return Screen(say("summary.not_found"), fresh=True)


def show_network(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """The network that was chosen, NETWORK or NETWORK:WEEK; the right is checked at the press."""
    number, _, written = rest.partition(":")
    network, today = whole(number) or 0, event.today
    week = near_week(written, today) if written else week_of(today)
    if week is None or not scope.may(tx, session, VIEW, today, network=network):
        return Screen(say("summary.not_found"), notice=say("summary.not_found"), fresh=True)
    return _week_in_private(tx, world, directory.read_network(tx, network), week, session, event)


def show_in_group(tx: Connection, world: World, event: Event) -> Screen:
    """/samenvatting in a group: a week, in the open, of the networks that have their channel there; else silence."""
    bound = channels.at_place(tx, event.who.platform, event.who.workspace, event.chat)
    found = [row for row in bound if row.state == channels.OPEN and row.topic in ("", event.extra.get("topic", row.topic))]
    if not found:
        return SILENCE
    today = event.today
    week = asked_week(event.text, today)
    if week is None:
        return replace(unread_week(today, private=False), language=found[0].language)
    screens = [_week(tx, world, directory.read_network(tx, row.network), week, event, row.language) for row in found]
    return replace(screens[0], also=tuple(screens[1:]))


def _week(tx: Connection, world: World, network: Any, week: Week, event: Event, language: str) -> Screen:
    over = week.last < event.today
    read = frozen_or_new if over else make_snapshot
    return summary_screen(read(tx, world, network, week, event.now), network, language)


def _week_in_private(tx: Connection, world: World, network: Any, week: Week, session: Session, event: Event) -> Screen:
    shown = _week(tx, world, network, week, event, session.language or "nl")
    return replace(shown, choices=(*shown.choices, week_buttons(network.id, week, event.today)))


def frozen_or_new(tx: Connection, world: World, network: Any, week: Week, now: datetime) -> Snapshot:
    """The week as it was posted, or as it is now when it was not."""
    posted = weekly.read_summary(tx, network.id, str(week))
    return posted.snapshot if posted is not None else make_snapshot(tx, world, network, week, now)


def freeze(tx: Connection, world: World, network: Any, week: Week, now: datetime) -> None:
    """Keep the figures of a week as they are posted, once, whatever channels it goes to."""
    if weekly.read_summary(tx, network.id, str(week)) is None:
        made_at = as_stored(now)
        weekly.add_summary(tx, network.id, str(week), make_snapshot(tx, world, network, week, now), made_at)


def told_summary(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The post in a channel: the week as it was frozen. None when it is not there any more."""
    posted = weekly.read_summary(tx, told["network"], told["week"])
    if posted is None:
        return None
    return summary_screen(posted.snapshot, directory.read_network(tx, told["network"]), language, late=told.get("late"))


def export(tx: Connection, world: World, session: Session, event: Event, network: int, written: str) -> Screen:
    """The Excel button: the numbers of that week in a file, in private, to who has the right; on the audit trail."""
    today = event.today
    week = near_week(written, today)
    if week is None or not scope.may(tx, session, EXPORT, today, network=network):
        said = say("summary.not_found" if event.private else "requests.only_coordinator")
        return Screen(said, notice=said, fresh=True, silent=not event.private, language=session.language or "nl")
    if not event.private and session.chat is None:
        return Screen(notice=say("summary.open_private"), silent=True)
    row = directory.read_network(tx, network)
    snapshot = frozen_or_new(tx, world, row, week, event.now)
    audit(tx, session, event, EXPORT, f"network:{row.key}", str(week))
    caption = say("summary.excel_caption", network=row.name, week=str(week))
    rules, settings, language = world.book(row).rules, world.book(row).on(min(week.last, today)), session.language or "nl"
    words = {rule: rules[rule].on(settings, language) for rule, _ in snapshot["refusals"] if rule in rules}
    file = Workbook(f"{row.key}-{week}.xlsx", "summary", {"network": row.name, "rule_words": words, **snapshot}, caption)
    notice = None if event.private else say("summary.sent_private")
    return Screen(say("summary.here"), workbooks=(file,), notice=notice, fresh=True, private=True)


def press_excel(tx: Connection, world: World, session: Session, event: Event, rest: str) -> Screen:
    """A press of "excel:NETWORK:WEEK", in a channel or in private; `rest` is what follows the verb."""
    network, _, week = rest.partition(":")
    return export(tx, world, session, event, whole(network) or 0, week)


def summary_screen(snapshot: Snapshot, network: Any, language: str, *, late: str | None = None) -> Screen:
    """The figures in words, with the picture, the table and the Excel button. `late`: the day for which it was meant."""
    week = read_week(snapshot["week"])
    so_far = snapshot["last"] < week.last.isoformat()
    body = [say("summary.days", start=week.first, end=date.fromisoformat(snapshot["last"]))]
    if late:
        body.append(say("summary.late", day=late))
    to_do = _to_do(snapshot)
    lines = rows(snapshot)
    return Screen(
        say("summary.title", network=network.name, number=week.number, so_far=so_far),
        (*body, *_work(snapshot), *to_do),
        choices=((Choice(say("summary.excel"), f"excel:{network.id}:{week}"),),),
        pictures=(Picture("summary", picture_figures(snapshot), alternative(snapshot), charts(snapshot)),),
        table=Table(HEADER, lines, (*body, *_work(snapshot, in_table=True), *to_do)) if lines else None,
        language=language,
        fresh=True,
    )


def _work(snapshot: Snapshot, *, in_table: bool = False) -> list[Text]:
    """What was done, what it is worth, and how the budget stands; without each oproep when a table says that."""
    this = snapshot["weeks"][-1]["oproepen"]
    lines = [] if in_table else [{"oproep": oproep, "moments": this[oproep][0], "minutes": this[oproep][1]} for oproep in sorted(this)]
    said = [say(
        "summary.moments", count=sum(each[0] for each in this.values()), minutes=sum(each[1] for each in this.values()),
        active=snapshot["active"], providers=snapshot["providers"], lines=lines,
    )]  # fmt: skip
    names = ("cents_week", "hours_week", "cents", "hours", "preparations_week", "preparations", "rest", "lapsed_week")
    values: Mapping[str, Any] = snapshot
    said.append(say("summary.money", **{name: values[name] for name in names}))
    if snapshot["burn"] and not in_table:
        said.append(say("summary.burn", lines=[burn_line(each) for each in snapshot["burn"]]))
    if snapshot["near"] or snapshot["near_people"]:
        near = snapshot["near"]
        said.append(say("summary.near", lines=near[:MOST], more=len(near[MOST:]), people=snapshot["near_people"]))
    if (changed := snapshot["changed"]) is not None:
        said.append(say("summary.changed", number=read_week(changed["since"]).number, **{
            name: value for name, value in changed.items() if name != "since"
        }))  # fmt: skip
    return said


def _to_do(snapshot: Snapshot) -> list[Text]:
    """What waits for somebody, and what is worth knowing; nothing about what is not there."""
    said: list[Text] = []
    if snapshot["waiting"]:
        said.append(say("summary.waiting", count=snapshot["waiting"]))
    if snapshot["evaluations_soon"] or snapshot["evaluations_late"]:
        said.append(say("summary.evaluations", soon=snapshot["evaluations_soon"], late=snapshot["evaluations_late"]))
    if refused := snapshot["refusals"]:
        lines = [{"rule": rule, "count": count} for rule, count in refused]
        said.append(say("summary.refusals", count=sum(count for _, count in refused), lines=lines))
    if snapshot["new"]:
        said.append(say("summary.new", count=snapshot["new"]))
    used = {sector: figures[0] for sector, figures in snapshot["sectors"].items()}
    if whole_used := sum(used.values()):
        lines = [{"sector": sector, "percent": percent(minutes, whole_used)} for sector, minutes in used.items()]
        focus = sum(minutes for sector, minutes in used.items() if sector in FOCUS)
        said.append(say("summary.sectors", percent=percent(focus, whole_used), lines=lines))
    return said
