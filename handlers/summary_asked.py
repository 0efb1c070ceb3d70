"""Which week of a summary is meant: typed behind /samenvatting, or on a button."""

from datetime import date

from handlers.screen import Choice, Screen, say
from rules.typed import fold
from rules.weeks import Week, read_week, week_of
from rules.when import read_day

OLDEST = 156  # weeks back
THIS = ("", "deze week", "nu", "cette semaine", "this week")
LAST = (
    "vorige week", "vorige", "afgelopen week", "verleden week", "semaine derniere", "la semaine derniere", "semaine passee",
    "la semaine passee", "last week", "previous week",
)  # fmt: skip
BEFORE_NUMBER = ("week ", "semaine ", "sem. ", "wk ", "w")


def asked_week(text: str, today: date) -> Week | None:
    """The week that was typed: in words, by its number (the latest such week up to today), as 2026-W24, or by a day in it. None
    when it cannot be read, has still to begin, or lies more than three years back."""
    now, said = week_of(today), " ".join(fold(text).split())
    if said in THIS:
        return now
    if said in LAST:
        return now.back()
    number = next((said.removeprefix(words) for words in BEFORE_NUMBER if said.startswith(words)), said)
    if number.isascii() and number.isdecimal():
        return next((week for back in range(53) if (week := now.back(back)).number == int(number[:3])), None)
    day = read_day(text, today)
    return near_week(text, today) or (week_of(day) if isinstance(day, date) and _is_near(week_of(day), today) else None)


def near_week(written: str, today: date) -> Week | None:
    """A week written as 2026-W24; None when it is none, has still to begin, or lies more than three years back."""
    try:
        week = read_week(written)
    except ValueError:
        return None
    return week if _is_near(week, today) else None


def _is_near(week: Week, today: date) -> bool:
    return week_of(today).back(OLDEST) <= week <= week_of(today)


def week_buttons(network: int, week: Week, today: date) -> tuple[Choice, ...]:
    """The way to the week before, and from an older one to the week of today."""
    now = week_of(today)
    label = say("summary.last_week") if week == now else say("summary.week_number", number=week.back().number)
    before = Choice(label, f"summary:{network}:{week.back()}")
    return (before,) if week == now else (before, Choice(say("summary.this_week"), f"summary:{network}:{now}"))


def unread_week(today: date, *, private: bool) -> Screen:
    """What was typed is no week: how to say one; in private the two that are wanted most, on buttons."""
    now = week_of(today)
    rows = ((Choice(say("summary.last_week"), f"samenvatting:{now.back()}"), Choice(say("summary.this_week"), "samenvatting")),)
    return Screen(say("summary.unread"), choices=rows if private else (), fresh=True)
