"""What travels in the wheel, and that the two places that name our dependencies agree."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def named(kind: str) -> list[str]:
    """The packages of requirements/KIND.in, without remarks and references to other lists."""
    lines = (ROOT / "requirements" / f"{kind}.in").read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def test_both_places_name_the_same_dependencies() -> None:
    assert PROJECT["project"]["dependencies"] == named("run")
    assert PROJECT["dependency-groups"]["dev"] == named("develop")


def test_both_pinned_lists_have_the_same_versions() -> None:
    run, develop = (
        {line.split()[0] for line in (ROOT / "requirements" / f"{kind}.txt").read_text().splitlines() if "==" in line}
        for kind in ("run", "develop")
    )
    assert run <= develop


def test_the_wheel_holds_the_code_and_every_content_file(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    here = {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "handlers", "rules", "storage", "templates")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= packed
    others = {name for name in packed - here if ".dist-info/" not in name}
    assert others == set()
