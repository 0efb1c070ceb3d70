"""Memory of a ready process against a ready stock bot, and its growth over 10,000 updates."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.bot_api_stub import TOKEN, Stub, stub_thread
from bench.goals import Measured, ratio
from bench.http import FEW, SERVE, People, filled_file, quiet, serve_environment
from bench.ptb_echo import BOT
from bench.ptb_memory import PEOPLE, STEPS
from bench.timing import ROOT, _environment

MIB = 1 << 20
PATIENCE = 300.0  # seconds
BLOCKS = 5


def resident(pid: int) -> float:
    """MiB of memory in use by a process (Linux: RSS)."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / MIB


@contextmanager
def polling(argv: Sequence[str], stub: Stub, settings: Mapping[str, str]) -> Iterator[int]:
    """The id of a bot process that is ready: it asks for updates. It is killed afterwards."""
    environment = _environment() | {name: value.format(api=stub.url, token=TOKEN) for name, value in settings.items()}
    filled = [part.format(api=stub.url, token=TOKEN) for part in argv]
    bot = subprocess.Popen(filled, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while "getUpdates" not in stub.calls:
            assert bot.poll() is None, f"the bot ended with {bot.returncode}"
            assert time.monotonic() < end, f"the bot never asked for updates; calls: {stub.calls}"
            time.sleep(0.02)
        yield bot.pid
    finally:
        bot.kill()
        bot.wait()


def echo_ready() -> float:
    """MiB of the stock bot when it is ready."""
    with stub_thread() as stub, polling(BOT, stub, {}) as pid:
        return resident(pid)


def ours(blocks: int, updates: int, count: int = PEOPLE) -> list[float]:
    """MiB of `serve` when it is ready, after registrations to warm up, and after each of so many blocks of updates."""
    people = People(16, count)
    with tempfile.TemporaryDirectory() as folder, stub_thread(people.on_call) as stub:
        path = Path(folder) / "bench.sqlite"
        path.write_bytes(filled_file())
        with polling(quiet(SERVE, Path(folder) / "log"), stub, serve_environment(path)) as pid:
            seen = [resident(pid)]
            for _ in range(blocks and 1 + blocks):
                stub.wait(people.prepare(stub, updates), PATIENCE)
                seen.append(resident(pid))
            return seen


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """Ready against ready in every round; the growth once, over 10,000 updates in five blocks after one to warm up."""
    count = FEW if small else PEOPLE
    updates = count * STEPS * (1 if small else 5)
    pairs = [(ours(0, 0)[0], echo_ready()) for _ in range(rounds)]
    ready, *after = ours(BLOCKS, updates, count)
    course = ", ".join(f"{each:.1f}" for each in after)
    return [
        ratio("serve ready / stock PTB ready, RSS", 2.0, 1.6, [own for own, _ in pairs], [echo for _, echo in pairs]),
        Measured(
            f"growth over {BLOCKS * updates:,} updates", 16, 4, (after[-1] - after[0],), unit="MiB, measured once",
            note=f"RSS in MiB: ready {ready:.1f}; after the first block and each of the next five {course}",
        ),
    ]
