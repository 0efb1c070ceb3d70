"""Reminders that prevent a loss: once a day at most each person's open things in one private message, with buttons that do them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers.attesting import due_of as attest_due
from handlers.attesting import is_unsure
from handlers.evaluating import due_of, is_late, minutes_short
from handlers.moment_form import OPROEP_OF_FORM
from handlers.screen import Choice, Screen, Text, say
from handlers.world import World
from rules.belgian_days import days_off
from rules.book import NoValueError
from rules.days_off import DAY, DaysOff
from rules.eligibility import needs_evaluation
from rules.ledger import Balance
from rules.periods import BRUSSELS
from rules.quiet_hours import last_use, may_write, next_time
from rules.reminding import Attested, Collaboration, Held, Item, Known, Plan, Team, back_from_leave, choose, due_items
from rules.rhythm import LOOK_BACK
from storage import attested, directory, holdings, outbox, preferences, reminders, scope
from storage.balances import balances_of_many
from storage.preferences import Recipient
from storage.scope import COORDINATOR, PROVIDER

BATCH = 50  # people looked at in one call: live answers wait no longer than that takes
NEW = 1000  # people who get a row of preferences in one call
PLANS_AHEAD = timedelta(days=31)
FORM_OF_OPROEP = {"O3": "ondersteuning"} | {oproepen[0]: form for form, oproepen in OPROEP_OF_FORM.items() if len(oproepen) == 1}


def owe_reminders(tx: Connection, world: World, now: datetime) -> bool:
    """Look at the people whose hour has come: owe each what deserves a word, note that it was said, set her next look.

    All of that in one transaction, so whatever crashes nobody hears a thing twice. True when more people are due at once.
    """
    more = preferences.add_missing(tx, now, NEW)
    due = preferences.take_due(tx, now, BATCH)
    if due:
        _look_at(tx, world, due, now)
    return more or len(due) == BATCH


def _look_at(tx: Connection, world: World, due: Sequence[Recipient], now: datetime) -> None:
    networks = reminders.networks_of_many(tx, [each.person for each in due])
    local_year = now.astimezone(BRUSSELS).year
    off = {each.person: days_off(local_year, _language(networks.get(each.person, ()))) for each in due}
    preferences.move(tx, {each.person: next_time(each.quiet, off[each.person], now) for each in due})
    awake = [each for each in due if each.active and each.account is not None and may_write(each.quiet, off[each.person], now)]
    if not awake:
        return
    today = now.astimezone(BRUSSELS).date()
    said = reminders.said_to(tx, [each.person for each in awake], now)
    known = _known(tx, world, awake, networks, off, now)
    chosen = {each.person: choose(due_items(known[each.person]), said[each.person], today, each.off) for each in awake}
    rows = [(person, item.kind, item.about, item.mark) for person, items in chosen.items() for item in items]
    ids = reminders.note_told(tx, rows, today)
    for each in awake:
        if items := chosen[each.person]:
            back = back_from_leave(each.quiet.away_to, said[each.person], today)
            told = {
                "told": "reminders", "person": each.person, "back": back,
                "items": [_kept(ids[each.person, item.kind, item.about, item.mark], item) for item in items],
            }  # fmt: skip
            key = reminders.message_key(each.person, today)
            outbox.owe(tx, key, told, now, account=each.account, use_until=last_use(each.quiet, now))


def _language(networks: Sequence[Any]) -> str:
    return networks[0].language if networks else "nl"


def _kept(reminder: int, item: Item) -> dict[str, Any]:
    """An item as the outbox keeps it: ids and figures, days as text."""
    kept = {"id": reminder, "kind": item.kind, "about": item.about, "day": item.day, "minutes": item.minutes, **item.figures}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in kept.items()}


def _known(
    tx: Connection, world: World, awake: Sequence[Recipient], networks: Mapping[int, Sequence[Any]], off: Mapping[int, DaysOff],
    now: datetime,
) -> dict[int, Known]:
    """What is known of each of these people, read for all of them together."""
    today = now.astimezone(BRUSSELS).date()
    providers = [each.person for each in awake if PROVIDER in each.roles]
    balances = dict(balances_of_many(tx, world.books, providers, today))
    worked = reminders.worked_days(tx, providers, today - LOOK_BACK, today)
    plans = reminders.open_plans(tx, providers, now + PLANS_AHEAD)
    collaborations = reminders.collaborations_of(tx, providers, today)
    offered = attested.offers_of_many(tx, providers, today)
    teams = _teams(tx, world, _led(tx, awake, networks, today), today)
    found = {}
    for each in awake:
        hers = networks.get(each.person, ())
        away = (each.quiet.away_from, each.quiet.away_to)
        found[each.person] = Known(
            today,
            tuple(_held(held, balance, today) for held, balance in balances.get(each.person, ())),
            tuple(_plan(row, now) for row in plans.get(each.person, ())),
            tuple(_collaborations(tx, world, hers, collaborations.get(each.person, ()), today)),
            tuple(_attested(world, hers, offered.get(each.person, ()), today)),
            worked.get(each.person, {}),
            each.contract_to,
            _cutoff(world, hers, today),
            off[each.person],
            (away[0], away[1]) if away[0] is not None and away[1] is not None else None,
            tuple(teams.get(each.person, ())),
        )
    return found


def _held(held: holdings.Held, balance: Balance, today: date) -> Held:
    settings = held.book.on(today)
    school = held.kind in settings.get("education_kinds", ())
    return Held(balance, settings, held.book.rate_on(today), held.book.last_day(), held.agreement_to, school)


def _plan(row: Any, now: datetime) -> Plan:
    begins, ends = row.begins.replace(tzinfo=UTC), row.ends.replace(tzinfo=UTC)
    said = max(ends, row.asked_at.replace(tzinfo=UTC)) if row.asked_at is not None else ends  # the question right after it comes first
    over = said < now and said.astimezone(BRUSSELS).date() < now.astimezone(BRUSSELS).date()
    return Plan(row.id, begins.astimezone(BRUSSELS).date(), int((ends - begins).total_seconds()) // 60, over)


def _collaborations(tx: Connection, world: World, networks: Sequence[Any], rows: Sequence[Any], today: date) -> list[Collaboration]:
    """Her collaborations with the last day to evaluate each; one that ends before that day needs no evaluation."""
    if not networks or not rows:
        return []
    try:
        settings = world.book(networks[0]).on(today)
        found = [(row, due_of(settings, row) - DAY) for row in rows]
        blocks = settings["evaluation.overdue"] == "block"
        short = minutes_short(tx, rows) if settings["agreement.min_hours_action"] == "warn" else {}
    except NoValueError:
        return []
    return [Collaboration(row.id, due, blocks, short.get(row.id, 0)) for row, due in found if needs_evaluation(due + DAY, row.to)]


def _attested(world: World, networks: Sequence[Any], rows: Sequence[Any], today: date) -> list[Attested]:
    """What she attested to offer, with the day from which each must be attested anew; the earliest of a site."""
    found: dict[int, Attested] = {}
    for row in rows:
        network = next((each for each in networks if each.id == row.network), networks[0] if networks else None)
        due = attest_due(world, network, row, today) if network is not None else None
        if due is not None and (row.site not in found or due < found[row.site].due):
            found[row.site] = Attested(row.site, row.oproep, due)
    return list(found.values())


def _cutoff(world: World, networks: Sequence[Any], today: date) -> int:
    """The day of the month up to which last month can be billed, the earliest of her networks; 0 for none."""
    return min((days for row in networks if (days := world.book(row).on(today).get("billing.cutoff_days", 0))), default=0)


def _led(
    tx: Connection, awake: Sequence[Recipient], networks: Mapping[int, Sequence[Any]], today: date
) -> dict[int, list[Any]]:
    """Per person the networks that she minds today: as their coordinator, or in the place of one."""
    led = {each.person: list(networks.get(each.person, ())) for each in awake if COORDINATOR in each.roles}
    stood_in = scope.stand_in_networks(tx, [each.person for each in awake], today)
    known = {row.id: row for row in directory.all_networks(tx)} if stood_in else {}
    for person, ids in stood_in.items():
        mine = led.setdefault(person, [])
        here = {row.id for row in mine}
        mine += [known[each] for each in ids if each not in here]
    return led


def _teams(tx: Connection, world: World, led: Mapping[int, Sequence[Any]], today: date) -> dict[int, list[Team]]:
    rows = {row.id: row for mine in led.values() for row in mine}
    agreed = reminders.collaborations_in(tx, sorted(rows), today) if rows else {}
    offered = attested.offers_in(tx, sorted(rows), today) if rows else {}
    teams = {}
    for number, row in rows.items():
        book = world.book(row)
        try:
            late = sum(is_late(book.on(today), each, today) for each in agreed.get(number, ()))
        except NoValueError:
            late = 0
        unsure = {(each.person, each.site): each.withdrawn_on for each in offered.get(number, ()) if is_unsure(world, row, each, today)}
        withdrawn = max((day for day in unsure.values() if day is not None), default=None)
        teams[number] = Team(number, late, book.last_day(), len(unsure), withdrawn)
    return {person: [teams[row.id] for row in mine] for person, mine in led.items()}


def told_reminders(tx: Connection, world: World, told: Mapping[str, Any], language: str) -> Screen | None:
    """The message: a line for each thing and a button that does it. What was done in the meantime is left out."""
    kept = [Line(item["id"], item["kind"], item["about"], item) for item in told["items"]]
    names = reminders.names_of(tx, [item.about for item in kept])
    plans = [item.about for item in kept if item.kind == "plan" and item.about in names]
    names |= {about: (names[about], _where(tx, names[about])) for about in plans}
    items = [item for item in kept if item.about in names]
    if not items:
        return None
    alone = len(items) == 1
    lines = tuple(_line(item, names[item.about], 0 if alone else number) for number, item in enumerate(items, 1))
    rows = [_buttons(item, 0 if alone else number) for number, item in enumerate(items, 1)]
    settings = (Choice(say("reminders.settings"), "herinneringen"),)
    title = say("reminders.title_back") if told.get("back") else say("reminders.title", count=len(items))
    return Screen(title, lines, choices=(*rows, settings))


def _where(tx: Connection, plan: Any) -> str:
    """The name of the place where a moment was planned; empty when she has no hours there any more, or none was given."""
    return next((each.name for each in directory.read_places(tx, plan.person) if each.value == plan.answers.get("place")), "")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a message as the outbox kept it."""

    id: int
    kind: str
    about: str
    figures: Mapping[str, Any]


def _line(item: Line, found: Any, number: int) -> Text:
    """The words of one thing; `found`: the name it has now; of a plan the row, and where."""
    more = item.figures
    if item.kind == "plan":
        row, where = found
        begins = row.begins.replace(tzinfo=UTC)
        text = say("reminders.plan", form=row.form, place=where, day=more["day"], begins=begins, minutes=more["minutes"])
    elif item.kind in ("bonus", "ends"):
        rest, left = more["rest"], more["minutes"]
        missing = 60 - rest if rest and rest + left >= 60 else 0
        shared = {"place": found, "day": more["day"], "left": left}
        ends = {"oproep": more["oproep"], "missing": missing, "pooled": more["pooled"], "cause": more["cause"]}
        text = say("reminders.bonus", **shared) if item.kind == "bonus" else say("reminders.ends", **shared, **ends)
    elif item.kind == "quota":
        text = say(
            "reminders.quota", oproep=more["oproep"], place=found, used=more["used"], limit=more["whole"], left=more["minutes"],
            pooled=more["pooled"],
        )  # fmt: skip
    elif item.kind == "billing":
        text = say("reminders.billing", day=more["day"], minutes=more["minutes"], count=more["plans"])
    elif item.kind == "rhythm":
        text = say("reminders.rhythm", every=more["every"], over=more["over"])
    elif item.kind == "evaluation":
        text = say("reminders.evaluation", place=found, day=more["day"], late=more["late"], short=more["short"])
    elif item.kind == "offer":
        text = say("reminders.offer", place=found, day=more["day"], late=more["late"], oproep=more["oproep"])
    elif item.kind == "offers":
        text = say("reminders.offers", network=found, count=more["count"], day=more["day"])
    elif item.kind == "overdue":
        text = say("reminders.overdue", network=found, count=more["count"])
    elif item.kind == "rules":
        text = say("reminders.rules", network=found, day=more["day"])
    else:
        raise ValueError(f"no words for a reminder of kind {item.kind!r}")
    return say("reminders.numbered", number=number, label=text) if number else text


def _buttons(item: Line, number: int) -> tuple[Choice, ...]:
    """The button that does the thing, if one can, and the one that puts it off."""
    does = {
        "plan": ("register", f"plan:{item.about[1:]}"), "billing": ("register", "menu"), "rhythm": ("register", "menu"),
        "bonus": ("register", f"form:{_form(item)}"), "ends": ("register", f"form:{_form(item)}"), "quota": ("balance", "saldo"),
        "evaluation": ("evaluated", f"evaluated:{item.about[1:]}"), "overdue": ("show", f"evaluations:{item.about[1:]}"),
        "offers": ("show", f"offers:{item.about[1:]}"), "offer": ("holds", f"offer:{item.about[1:]}:1"), "rules": None,
    }[item.kind]  # fmt: skip
    if item.figures.get("more"):
        does = ("more", f"ask:more:{item.about[1:]}")
    later = Choice(say("reminders.later", number=number), f"later:{item.id}")
    if does is None:
        return (later,)
    done = Choice(say(f"reminders.do_{does[0]}", number=number), does[1])
    if item.kind == "offer":
        return done, Choice(say("reminders.do_withdraw", number=number), f"offer:{item.about[1:]}:0"), later
    return done, later


def _form(item: Line) -> str:
    return FORM_OF_OPROEP.get(item.figures.get("oproep", ""), "ondersteuning")
