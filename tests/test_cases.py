"""The policy cases: every answer that tests/cases promises is the answer of the real rules and ledger."""

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.cases import Outcome, run_cases
from tests.talk import BOOKS

FOLDER = Path(__file__).parent / "cases"
CASES = [
    (file, case["id"]) for file in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
]


@cache
def outcomes(file: Path) -> dict[str, Outcome]:
    """The outcome of each case of a file by its id; the file is run once."""
    return {outcome.id: outcome for outcome in run_cases([file], BOOKS)}


@pytest.mark.parametrize(("file", "case"), CASES, ids=[case for _, case in CASES])
def test_case_holds(file: Path, case: str) -> None:
    assert str(outcomes(file)[case]).startswith(f"ok {case} ")


def test_no_id_stands_twice() -> None:
    assert [case for case, times in Counter(case for _, case in CASES).items() if times > 1] == []
