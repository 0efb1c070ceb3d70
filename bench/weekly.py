"""The weekly summaries of all networks and a personal text for each of 10,000 providers, over 1,000,000 moments.

The anchor is what cannot be saved: a bare query with an index of its own that covers it, streamed into the same number of texts of
the same templates, without rules or balances.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url, text

from bench.filled import add_sums, build, kept_file
from bench.goals import Measured, ratio
from bench.postgres import postgres
from bench.timing import ROOT, _environment
from bot.book_files import read_books
from bot.wording import paragraphs, say
from handlers.personal_week import personal_weeks
from handlers.screen import Screen
from handlers.screen import say as say_text
from handlers.summary import summary_screen
from handlers.summary_figures import WEEKS, Snapshot, make_snapshot
from handlers.world import World
from rules.periods import BRUSSELS
from rules.weeks import week_of
from storage import directory, holdings
from storage.database import Database
from storage.tables import grant_people, grants, memberships, networks, offers, people, sites

PROVIDERS, SMALL = 10_000, 400
OF_NETWORK = 200  # providers in a network
EACH = 100  # moments of a provider
TIMES = 20  # that the summary of one network is made
NOW = datetime(2026, 11, 20, 17, tzinfo=BRUSSELS)
START = date(2026, 1, 1)
DAYS = 323  # up to and with 19 November

# Moment k of a provider falls on the same day for everybody: four of ten at her vindplaats for oproep 1, the others in the pool
# of oproep 2 that she shares with one colleague.
FILL_MOMENTS = """
INSERT INTO moments (id, person, submission, version, state, oproep, werkvorm, "grant", day, begins, ends, minutes,
                     preparations, submitted, outcome, findings, registered_on, changed_at)
SELECT p.person * :each + s.n, p.person, 'bench-' || s.n, 1, 'accepted', s.oproep, s.werkvorm,
       CASE s.oproep WHEN 'O1' THEN p.first ELSE p.second END,
       s.day, s.begins, s.ends, s.minutes, 0, '{}', 'accepted', '[]', s.day, s.ends
FROM bench_slots s CROSS JOIN bench_people p ORDER BY s.day, p.person
"""
SLOTS = """
CREATE TEMPORARY TABLE bench_slots
(n INTEGER, oproep TEXT, werkvorm TEXT, day DATE, begins TIMESTAMP, ends TIMESTAMP, minutes INTEGER)
"""
COVER = 'CREATE INDEX bench_cover ON moments (person, "grant", state, day, minutes, preparations)'
BARE = """
SELECT person, "grant", sum(minutes), sum(preparations), sum(CASE WHEN day >= '2026-11-16' THEN 1 ELSE 0 END),
       sum(CASE WHEN day >= '2026-11-16' THEN minutes ELSE 0 END)
FROM moments WHERE state = 'accepted' GROUP BY person, "grant" ORDER BY person, "grant"
"""
ANY_WEEK = Snapshot(
    week="2026-W47", first="2026-11-16", last="2026-11-20",
    weeks=[{"week": f"2026-W{36 + n}", "oproepen": {"O1": [400, 20_000, 0], "O2": [600, 42_000, 0]}} for n in range(WEEKS)],
    active=OF_NETWORK, providers=OF_NETWORK, cents_week=2_000_000, hours_week=230, preparations_week=0, lapsed_week=0,
    cents=100_000_000, hours=12_000, preparations=0, rest=6_000,
    burn=[{"oproep": oproep, "granted": 1_000_000, "used": 900_000, "expected": 880_000} for oproep in ("O1", "O2")],
    near=[{"oproep": "O1", "place": f"Plaats {n}", "percent": 85, "left": 600} for n in range(15)], near_people=0, refusals=[], waiting=0,
    evaluations_soon=0, evaluations_late=0, new=0, billed={"O1": 1_000_000, "O2": 1_000_000},
    sectors={"huisartsen": [1, 2, 3], "andere": [1, 2, 3]}, changed=None,
)  # fmt: skip


def fill(tx: Connection, providers: int) -> None:
    """So many fictional providers in networks of 200, each with a vindplaats of her own and half a pool, and 100 moments."""
    count = -(-providers // OF_NETWORK)
    tx.execute(networks.insert(), [
        {"id": n, "key": f"N{n}", "name": f"Netwerk {n}", "language": "nl", "rulebook": "oost-vlaanderen"} for n in range(1, count + 1)
    ])  # fmt: skip
    whos, where, given, held, offered, rows = [], [], [], [], [], []
    for n in range(1, providers + 1):
        network, pool = (n - 1) // OF_NETWORK + 1, providers + (n + 1) // 2
        whos.append({"id": n, "key": f"P{n}", "first_name": f"P{n}", "name": "Bench", "roles": "verstrekker", "contract_from": START})
        wanted = [(n, "O1", "huisartsenpraktijk", 90 * 60)] + ([(pool, "O2", "ldc", 240 * 60)] if n % 2 else [])
        for place, oproep, kind, minutes in wanted:
            where.append({"id": place, "key": f"S{place}", "name": f"Plaats {place}", "kind": kind, "network": network, "cooperates": True})
            given.append({
                "id": place, "key": f"G{place}", "oproep": oproep, "site": place, "network": network, "minutes": minutes,
                "extra_minutes": 0, "start": START, "to": date(2026, 12, 31),
            })  # fmt: skip
        offered.append({
            "person": n, "site": n, "since": date(2025, 3, 1), "structural": True, "individual_minutes_per_week": 240,
            "group_tracks_per_year": 0,
        })  # fmt: skip
        held += [{"person": n, "grant": n}, {"person": n, "grant": pool}]
        rows.append({"person": n, "first": n, "second": pool})
    for table, filled in (
        (people, whos), (memberships, [{"person": n, "network": (n - 1) // OF_NETWORK + 1} for n in range(1, providers + 1)]),
        (sites, where), (grants, given), (grant_people, held), (offers, offered),
    ):  # fmt: skip
        tx.execute(table.insert(), filled)
    tx.execute(text("CREATE TEMPORARY TABLE bench_people (person INTEGER, first INTEGER, second INTEGER)"))
    tx.execute(text(SLOTS))
    tx.execute(text("INSERT INTO bench_people VALUES (:person, :first, :second)"), rows)
    slots = [_slot(n) for n in range(EACH)]
    tx.execute(text("INSERT INTO bench_slots VALUES (:n, :oproep, :werkvorm, :day, :begins, :ends, :minutes)"), slots)
    tx.execute(text(FILL_MOMENTS), {"each": EACH})
    add_sums(tx)


def _slot(n: int) -> dict[str, Any]:
    day = START + timedelta(days=n * DAYS // EACH)
    first = n % 10 < 4
    minutes = 50 if first else 70
    begins = datetime(day.year, day.month, day.day, 13)
    return {
        "n": n, "oproep": "O1" if first else "O2", "werkvorm": "overleg" if first else "presentie", "day": day.isoformat(),
        "begins": f"{begins}.000000", "ends": f"{begins + timedelta(minutes=minutes)}.000000", "minutes": minutes,
    }  # fmt: skip


def bare(tx: Connection) -> Iterator[str]:
    """The anchor: one covering query, streamed into the same templates, filled with what the rows say; no rules, no balances."""
    rows = tx.execution_options(stream_results=True, yield_per=1000).exec_driver_sql(BARE)
    week = week_of(NOW.date())
    title = say_text("summary.personal_title", number=week.number, start=week.first, end=week.last)
    for _, group in groupby(rows, key=itemgetter(0)):
        mine = list(group)
        lines = [{
            "oproep": "O1", "place": f"Plaats {grant}", "used": minutes, "limit": minutes + 600, "left": 600, "pooled": False,
            "rest": minutes % 60, "missing": 60 - minutes % 60, "ends": NOW.date(),
        } for _, grant, minutes, _, _, _ in mine]  # fmt: skip
        figures = {"moments": sum(row[4] for row in mine), "minutes": sum(row[5] for row in mine), "lines": lines}
        yield _said(Screen(title, (say_text("summary.personal", **figures),)))
    for network in directory.all_networks(tx):
        yield _said(summary_screen(ANY_WEEK, network, "nl"))


def ours(tx: Connection) -> Iterator[str]:
    """The personal text of every provider, and the summary of every network."""
    world, today = World(read_books()), NOW.date()
    for _, screen in personal_weeks(tx, world, holdings.holders(tx, today, today), today):
        yield _said(screen)
    for network in directory.all_networks(tx):
        yield _said(summary_screen(make_snapshot(tx, world, network, week_of(today), NOW), network, "nl"))


def _said(screen: Screen) -> str:
    assert screen.title is not None
    return "\n".join([say(screen.title, screen.language), *paragraphs(screen.body, screen.language)])


def work(side: str, url: str) -> tuple[float, float, int]:
    """CPU seconds of this process, MiB by which its peak memory grew from when it was ready, and how many texts were made."""
    database = Database(url)
    make = {"ours": ours, "bare": bare}[side]
    try:
        database.run(_one_of_each)  # rulebooks, templates and statements are there, as in a process that runs
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak of reading the rulebooks
        before, cpu = _mebibytes("VmRSS"), time.process_time()
        count = database.run(lambda tx: sum(1 for _ in make(tx)))
        return time.process_time() - cpu, _mebibytes("VmHWM") - before, count
    finally:
        database.close()


def _one_of_each(tx: Connection) -> None:
    for _, screen in personal_weeks(tx, World(read_books()), [1], NOW.date()):
        _said(screen)
    _said(summary_screen(ANY_WEEK, directory.read_network(tx, 1), "nl"))


def _mebibytes(name: str) -> float:
    """What this process uses (VmRSS), or used at most (VmHWM); Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def fresh_work(side: str, url: str) -> tuple[float, float]:
    """The CPU seconds of `work` in a new Python process, with those of a PostgreSQL for it, and its MiB."""
    before = server_seconds(url)
    code = f"from bench.weekly import work; print(*work({side!r}, {url!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True)
    seconds, grown, _ = map(float, done.stdout.split())
    return seconds + server_seconds(url) - before, grown


def server_seconds(url: str) -> float:
    """CPU seconds of the connections to a PostgreSQL on this machine that have ended so far; 0 for SQLite."""
    host = make_url(url).query.get("host")
    if not isinstance(host, str):
        return 0.0
    time.sleep(0.2)  # until the server has noticed the end of the last one
    pid = (Path(host) / "postmaster.pid").read_text().splitlines()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def one_network(url: str) -> float:
    """CPU seconds of the figures and the words of one network, with those of a PostgreSQL for it: the mean of several."""
    database, world, week = Database(url), World(read_books()), week_of(NOW.date())
    server = server_seconds(url)

    def make(tx: Connection) -> None:
        network = directory.read_network(tx, 1)
        _said(summary_screen(make_snapshot(tx, world, network, week, NOW), network, "nl"))

    begun = time.process_time()
    try:
        for _ in range(TIMES):
            database.run(make)
    finally:
        database.close()
    return (time.process_time() - begun + server_seconds(url) - server) / TIMES


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """CPU and memory of the whole against the anchor, and of one network among ten times as many, on both engines."""
    many = SMALL if small else PROVIDERS
    few = max(OF_NETWORK, many // 10)
    fills = {count: partial(fill, providers=count) for count in (many, few)}
    kept = {count: kept_file("weekly", count, fills[count], COVER) for count in fills}
    goals = _measured("SQLite", kept[many], kept[few], rounds)
    with postgres() as make:
        filled = {count: make() for count in fills}
        for count, url in filled.items():
            build(url, fills[count], COVER)
        return [*goals, *_measured("PostgreSQL", filled[many], filled[few], rounds)]


def _measured(engine: str, url: str, smaller: str, rounds: int) -> list[Measured]:
    done: dict[str, list[tuple[float, float]]] = {"ours": [], "bare": []}
    single: dict[str, list[float]] = {url: [], smaller: []}
    for turn in range(rounds):
        for side in ("ours", "bare") if turn % 2 else ("bare", "ours"):
            done[side].append(fresh_work(side, url))
        for each in (url, smaller) if turn % 2 else (smaller, url):
            single[each].append(one_network(each))
    cpu = {side: [seconds for seconds, _ in pairs] for side, pairs in done.items()}
    grown = tuple(mine for _, mine in done["ours"])
    return [
        ratio(f"all texts / bare query and texts, {engine}", 3.0, 1.3, cpu["ours"], cpu["bare"]),
        Measured(f"growth of memory meanwhile, {engine}", 32, 8, grown, unit="MiB"),
        ratio(f"one summary, ten times the networks / few, {engine}", 1.2, 1.05, single[url], single[smaller]),
    ]

