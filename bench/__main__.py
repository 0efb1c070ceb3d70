"""python -m bench [NAME...]: measures the goals of speed and prints a table for each bench; exits 1 when a must is missed."""

import argparse
import importlib
import os
import sys

from bench.goals import Measured, ratio, table
from bench.postgres import postgres
from bench.timing import fresh, interleave

NAMES = ("registration", "http", "saldo", "cold_start", "memory", "instances", "weekly", "reminders", "slack", "pages")


def registration(rounds: int, *, small: bool = False) -> list[Measured]:
    """CPU per update in process, against the library's own conversation in memory."""
    updates = 400 if small else 1600
    with postgres() as make:
        os.environ["BENCH_POSTGRES"] = make()
        sides = ("sqlite_16", "sqlite_1", "postgres_16", "postgres_1")
        ours = {side: fresh(f"bench.registration:run_{side}", updates) for side in sides}
        costs = interleave({"anchor": fresh("bench.ptb_memory:run", updates), **ours}, rounds)
    return [
        ratio("registration / PTB in memory, SQLite, 16 in flight", 2.5, 1.8, costs["sqlite_16"], costs["anchor"]),
        ratio("the same, one at a time", 5.5, 5.5, costs["sqlite_1"], costs["anchor"]),
        ratio("registration / PTB in memory, PostgreSQL, 16 in flight", 4.5, 3.0, costs["postgres_16"], costs["anchor"]),
        ratio("the same, one at a time", 6.5, 6.5, costs["postgres_1"], costs["anchor"]),
    ]


def main() -> int:
    """Run the benches that are named, or all."""
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--small", action="store_true", help="tiny counts, to see that it runs; its figures decide nothing")
    given = words.parse_args()
    if unknown := set(given.names) - set(NAMES):
        words.error(f"no such bench: {', '.join(sorted(unknown))}")
    missed = False
    for name in given.names or NAMES:
        measure = registration if name == "registration" else importlib.import_module(f"bench.{name}").measure
        goals: list[Measured] = measure(given.rounds, small=given.small)
        print(table(name, goals), flush=True)
        missed = missed or any(each.verdict == "MISSED" for each in goals)
    return int(missed and not given.small)


if __name__ == "__main__":
    sys.exit(main())
