"""The figures of a network's week as they are shown: in a picture, in charts that a surface draws itself, in a table."""

from typing import Any

from handlers.screen import Chart, Text, say
from handlers.summary_figures import Burn, Snapshot
from rules.weeks import read_week
from rules.words import OPROEPEN

HEADER = tuple(say(f"summary.table_{name}") for name in ("oproep", "moments", "hours", "billed", "used", "pace", "left"))
NOTHING = say("card.plain", value="–")


def burn_line(burn: Burn) -> dict[str, Any]:
    """The budget of an oproep with what is used of it, and what an even pace would use, in per cent."""
    pace = None if burn["expected"] is None else percent(burn["expected"], burn["granted"])
    return {**burn, "percent": percent(burn["used"], burn["granted"]), "pace": pace}


def percent(part: int, all_of_it: int) -> int:
    """Per cent, halves up; nothing of nothing is nothing."""
    return (200 * part + all_of_it) // (2 * all_of_it) if all_of_it > 0 else 0


def picture_figures(snapshot: Snapshot) -> dict[str, Any]:
    """What the picture shows: minutes per week and oproep, and per oproep per cent used against the pace."""
    weeks = [{
        "number": read_week(each["week"]).number, "minutes": {name: figures[1] for name, figures in each["oproepen"].items()},
    } for each in snapshot["weeks"]]  # fmt: skip
    return {"weeks": weeks, "burn": [burn_line(each) for each in snapshot["burn"]]}


def alternative(snapshot: Snapshot) -> Text:
    """What the picture shows, in words."""
    totals = [sum(figures[1] for figures in each["oproepen"].values()) for each in snapshot["weeks"]]
    lines = [burn_line(each) for each in snapshot["burn"]]
    return say("summary.alternative", number=read_week(snapshot["week"]).number, weeks=totals, lines=lines)


def charts(snapshot: Snapshot) -> tuple[Chart, ...]:
    """What the picture shows: the hours of each oproep in each week, and per cent used against the pace; who has no pace is left to
    the table, as every column of a chart needs its values."""
    weeks, burn = picture_figures(snapshot).values()
    labels = tuple(say("card.plain", value=str(each["number"])) for each in weeks)
    hours = {oproep: tuple(round(each["minutes"].get(oproep, 0) / 60, 2) for each in weeks) for oproep in OPROEPEN}
    series = tuple((say(f"words.hours_{oproep}"), values) for oproep, values in hours.items() if any(values))
    found = [Chart("line", say("summary.hours_per_week"), say("summary.week_axis"), labels, series)] if series else []
    if paced := [each for each in burn if each["pace"] is not None]:
        labels = tuple(say(f"words.hours_{each['oproep']}") for each in paced)
        series = tuple((say(f"summary.chart_{name}"), tuple(each[name] for each in paced)) for name in ("percent", "pace"))
        found.append(Chart("bar", say("summary.used_of_budget"), say("summary.pace"), labels, series))
    return tuple(found)


def rows(snapshot: Snapshot) -> tuple[tuple[Text, ...], ...]:
    """The rows of the table, below HEADER: a row for each oproep, and one for each amount that several of them make together."""
    this, billed = snapshot["weeks"][-1]["oproepen"], snapshot["billed"]
    burn = {each["oproep"]: burn_line(each) for each in snapshot["burn"]}
    return tuple(
        (say("summary.table_names", names=tuple(key.split("+"))), *_done(this, key), _amount(billed.get(key)), *_budget(burn.get(key)))
        for key in sorted({*this, *billed, *burn})
    )


def _done(this: dict[str, list[int]], key: str) -> tuple[Text, Text]:
    if key not in OPROEPEN:  # of several together: what was done stands in the row of each
        return NOTHING, NOTHING
    figures = this.get(key, (0, 0))
    return say("card.plain", value=str(figures[0])), say("summary.table_duration", minutes=figures[1])


def _amount(cents: int | None) -> Text:
    return NOTHING if cents is None else say("summary.table_amount", cents=cents)


def _budget(line: dict[str, Any] | None) -> tuple[Text, Text, Text]:
    if line is None:
        return NOTHING, NOTHING, NOTHING
    used = say("summary.table_share", used=line["used"], granted=line["granted"], percent=line["percent"])
    pace = NOTHING if line["pace"] is None else say("summary.table_percent", percent=line["pace"])
    return used, pace, say("summary.table_duration", minutes=line["granted"] - line["used"])
