"""Cold start, byte code cached: `serve` until it says "ready" and `--help` until it ends, against `import telegram`."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.bot_api_stub import TOKEN, stub_thread
from bench.goals import Measured, ratio
from bench.http import SERVE, filled_file, serve_environment
from bench.timing import ROOT, _environment

IMPORT = (sys.executable, "-c", "import telegram")
HELP = (sys.executable, "-m", "bot", "--help")
Start = Callable[[], tuple[float, float]]


def ends(argv: Sequence[str]) -> tuple[float, float]:
    """(wall, CPU) seconds from the start of a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(argv, cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{argv} ended with {process.returncode}"
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime


def is_ready() -> tuple[float, float]:
    """(wall, CPU) seconds until `serve`, with Telegram and SQLite and no port, says that it is ready."""
    with tempfile.TemporaryDirectory() as folder, stub_thread() as stub:
        path = Path(folder) / "bench.sqlite"
        path.write_bytes(filled_file())
        settings = {name: value.format(api=stub.url, token=TOKEN) for name, value in serve_environment(path).items()}
        begun = time.perf_counter()
        process = subprocess.Popen(
            SERVE, cwd=ROOT, env=_environment() | settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line == "ready\n":
                break
        wall = time.perf_counter() - begun
        process.kill()
        process.stderr.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert said[-1:] == ["ready\n"], f"serve was never ready: {said}"
        return wall, used.ru_utime + used.ru_stime


def measure(rounds: int, *, small: bool = False) -> list[Measured]:
    """Wall time decides; the CPU is printed beside it, as it suffers less from what else runs. A first round fills the cache."""
    starts: dict[str, Start] = {"import": lambda: ends(IMPORT), "ready": is_ready, "help": lambda: ends(HELP)}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
    for turn in range(rounds + 1):
        for name, start in starts.items():
            each = start()
            if turn:
                seen[name].append(each)
    wall, cpu = ({name: [each[kind] for each in seen[name]] for name in starts} for kind in (0, 1))
    note = "rich is installed, which `import telegram` then imports: every ratio is flattered" if importlib.util.find_spec("rich") else ""
    return [
        ratio("serve ready / import telegram, wall", 3.5, 2.8, wall["ready"], wall["import"], note=note),
        ratio("serve ready / import telegram, CPU", 3.5, 2.8, cpu["ready"], cpu["import"]),
        ratio("--help / import telegram, wall", 1.0, 0.5, wall["help"], wall["import"]),
        ratio("--help / import telegram, CPU", 1.0, 0.5, cpu["help"], cpu["import"]),
    ]
