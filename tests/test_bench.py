"""The benches run and print their tables; what they measure is judged elsewhere, on a machine that does nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.goals import Measured, ratio, table

ROOT = Path(__file__).parent.parent
LONG = pytest.mark.long
GOALS = {"registration": 4, "http": 2, "saldo": 4, "cold_start": 4, "memory": 2, "instances": 1, "weekly": 6, "slack": 4, "pages": 1}


@pytest.mark.parametrize("name", [pytest.param(each, marks=[] if each == "cold_start" else LONG) for each in GOALS])
def test_a_bench_prints_every_goal_with_its_figures(name: str) -> None:
    argv = [sys.executable, "-m", "bench", name, "--small", "--rounds", "1"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    title, *lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert title.split() == [name, "min", "median", "max", "must", "goal", "reached"]
    assert len(lines) == GOALS[name]
    for line in lines:
        least, middle, most = map(float, line[58:82].split())
        assert least == middle == most


def test_a_bench_that_is_not_there_is_a_mistake_of_the_command_line() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "nothing"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no such bench: nothing" in done.stderr


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio("ours", 3, 2, [4.0, 9.0, 2.0], [2.0, 3.0, 2.0]).figures == (2.0, 3.0, 1.0)


@pytest.mark.parametrize(("figures", "reached"), [((1.9, 2.0, 9.0), "goal"), ((2.1, 2.9, 1.0), "must"), ((1.0, 3.1, 3.1), "MISSED")])
def test_the_median_decides(figures: tuple[float, ...], reached: str) -> None:
    assert Measured("less", 3, 2, figures).verdict == reached


@pytest.mark.parametrize(("figure", "reached"), [(1.3, "goal"), (1.0, "must"), (0.9, "MISSED")])
def test_of_some_figures_more_is_better(figure: float, reached: str) -> None:
    assert Measured("more", 1.0, 1.3, (figure,), at_least=True).verdict == reached


def test_the_table_names_what_was_asked_and_what_was_seen() -> None:
    line = table("title", [Measured("growth", 16, 4, (5.0, 6.0, 7.5), unit="MiB")]).splitlines()[1]
    assert line.split() == ["growth", "5.00", "6.00", "7.50", "<=16", "<=4", "must", "(MiB)"]
