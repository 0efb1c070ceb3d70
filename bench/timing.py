"""Compares variants of the same work round by round; absolute times drift on a shared machine, ratios hardly.

A variant is a function without arguments that returns (CPU seconds, number of updates). Two ready makers of variants:
`fresh` for work inside a Python process, `served` for a bot process that polls a stub of the Bot API.

    print(table(interleave({"anchor": fresh("bench.ptb_memory:run", 4000), "ours": ...}), "anchor"))
"""

import importlib
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.bot_api_stub import TOKEN, OnCall, Stub, stub_thread

ROOT = Path(__file__).parent.parent
Variant = Callable[[], tuple[float, int]]
Prepare = Callable[[Stub, int], int]


def interleave(variants: Mapping[str, Variant], rounds: int = 5) -> dict[str, list[float]]:
    """CPU seconds per update of every variant in every round; the order turns, so that no variant is always first."""
    names = list(variants)
    costs: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            seconds, updates = variants[name]()
            costs[name].append(seconds / updates)
    return costs


def ratios(costs: Mapping[str, Sequence[float]], anchor: str) -> dict[str, tuple[float, float, float]]:
    """Minimum, median and maximum of each variant's cost over the anchor's cost in the same round."""
    spread = {}
    for name, own in costs.items():
        each = [mine / base for mine, base in zip(own, costs[anchor], strict=True)]
        spread[name] = (min(each), statistics.median(each), max(each))
    return spread


def table(costs: Mapping[str, Sequence[float]], anchor: str) -> str:
    """One line per variant: median CPU microseconds per update, and the ratio against the anchor."""
    rounds = len(costs[anchor])
    lines = [f"{'variant':<32}{'CPU us/update':>14}{'ratio min':>11}{'median':>8}{'max':>8}   ({rounds} rounds)"]
    for name, (least, middle, most) in ratios(costs, anchor).items():
        cost = statistics.median(costs[name]) * 1e6
        lines.append(f"{name:<32}{cost:>14.0f}{least:>11.2f}{middle:>8.2f}{most:>8.2f}")
    return "\n".join(lines)


def fresh(target: str, updates: int) -> Variant:
    """A variant that calls `module:function` (updates -> CPU seconds per update) in a new Python process each time."""

    def run() -> tuple[float, int]:
        argv = [sys.executable, "-m", "bench.timing", target, str(updates)]
        done = subprocess.run(argv, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1]) * updates, updates

    return run


def served(
    argv: Sequence[str],
    updates: int,
    *,
    warm_up: int = 200,
    environment: Mapping[str, str] | None = None,
    prepare: Prepare = Stub.feed_texts,
    on_call: OnCall | None = None,
    patience: float = 120.0,
) -> Variant:
    """A variant that starts a bot against a stub and reads its CPU from outside; it kills the bot afterwards.

    {api} and {token} are filled in in `argv` and in the values of `environment`.
    `prepare(stub, n)` queues about n updates and returns how many sendMessage, editMessageText and answerCallbackQuery
    calls tell that all is done; `on_call` may queue what the answer leads to (see Stub). AssertionError when the bot
    has not answered after `patience` seconds.
    """

    def run() -> tuple[float, int]:
        with stub_thread(on_call) as stub:
            filled = [part.format(api=stub.url, token=TOKEN) for part in argv]
            more = {key: value.format(api=stub.url, token=TOKEN) for key, value in (environment or {}).items()}
            bot = subprocess.Popen(filled, cwd=ROOT, env=_environment() | more, stdout=subprocess.DEVNULL)
            try:
                stub.wait(prepare(stub, warm_up), patience)
                before, handled = process_cpu(bot.pid), stub.fed
                stub.wait(prepare(stub, updates), patience)
                return process_cpu(bot.pid) - before, stub.fed - handled
            finally:
                bot.kill()
                bot.wait()

    return run


def process_cpu(pid: int) -> float:
    """User and system CPU seconds of a running process, all its threads (Linux; in steps of 10 ms)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _environment() -> dict[str, str]:
    # Byte code is kept, as in a normal installation: otherwise a start compiles every module.
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    print(repr(getattr(importlib.import_module(module), function)(int(sys.argv[2]))))
