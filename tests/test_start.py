"""The first start as a newcomer meets it: start.py in a folder of its own, with a pip or uv that only pretends."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"

FAKE_PYTHON = """#!/bin/sh
case "$*" in *compileall*) exit 0;; esac
echo "ran: $*"
case "$*" in *"$FAKE_FAILING"*) exit 1;; esac
"""

# A uv that notes its calls and makes the folders that start.py looks at; FAKE_INSTALL says how an installation goes.
FAKE_UV = f"""#!/bin/sh
case "$1" in
--version) eval "$FAKE_VERSION"; exit 0;;
venv) echo venv >> calls
    mkdir -p .venv/bin .venv/lib/{VERSION}/site-packages
    touch .venv/pyvenv.cfg
    ln -s "$FAKES/python" .venv/bin/python;;
pip) for list; do :; done
    echo "install $(basename "$list")" >> calls
    touch .venv/half-installed
    eval "$FAKE_INSTALL";;
esac
"""

# Runs a script with some modules of the standard library hidden, as on a Debian without python3-venv.
HIDE = """import runpy, sys
for name in sys.argv[1].split(","): sys.modules[name] = None
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Project:
    """A copy of what start.py needs, in a folder with a space and an accent in its name."""

    folder: Path
    fakes: Path

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of a start: a PATH with the fakes first, and no setting of pip, uv or ours."""
        return {
            "PATH": f"{self.fakes}:/usr/bin:/bin",
            "HOME": str(self.fakes),
            "FAKES": str(self.fakes),
            "FAKE_FAILING": "nothing fails",
            **more,
        }

    def start(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `python3 start.py ARGUMENTS` from another folder and wait for it."""
        command = [sys.executable, str(self.folder / "start.py"), *arguments]
        return subprocess.run(command, env=self.environment(**more), cwd=self.fakes, capture_output=True, text=True)

    @contextmanager
    def starting(self, **more: str) -> Iterator[subprocess.Popen[str]]:
        """A start of `demo` that goes on in the background; killed at the end when it still runs."""
        command = [sys.executable, str(self.folder / "start.py"), "demo"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=self.environment(**more), **pipes) as process:
            try:
                yield process
            finally:
                process.kill()

    def start_without(self, modules: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The same with a Python that lacks these modules (joined by commas)."""
        python = str(Path(getattr(sys, "_base_executable", sys.executable)))
        command = [python, "-c", HIDE, modules, str(self.folder / "start.py"), *arguments]
        return subprocess.run(command, env=self.environment(**more), cwd=self.fakes, capture_output=True, text=True)

    def calls(self) -> list[str]:
        """What the fake uv was asked to do so far."""
        notes = self.folder / "calls"
        return notes.read_text().splitlines() if notes.exists() else []


def write_command(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder, fakes = tmp_path / "mijn uurwijzer é", tmp_path / "fakes"
    (folder / "requirements").mkdir(parents=True)
    fakes.mkdir()
    (folder / "start.py").write_text((ROOT / "start.py").read_text())
    for kind in ("run", "develop"):
        (folder / "requirements" / f"{kind}.txt").write_text(f"{kind}==1\n")
    write_command(fakes / "uv", FAKE_UV)
    write_command(fakes / "python", FAKE_PYTHON)
    return Project(folder, fakes)


def only_sentence(result: subprocess.CompletedProcess[str]) -> str:
    """The last line of a start that failed as it should: exit code 1, no traceback, nothing on standard output."""
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


def test_the_first_start_installs_and_runs_the_command(project: Project) -> None:
    result = project.start("demo", "--as", "Noor Ézia")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "ran: -P -m bot demo --as Noor Ézia\n"
    assert project.calls() == ["venv", "install run.txt"]


def test_the_second_start_installs_nothing_and_needs_no_installer(project: Project) -> None:
    project.start("demo")
    (project.fakes / "uv").unlink()
    result = project.start_without("venv,pip,ensurepip,subprocess,shutil,fcntl", "check")
    assert (result.stdout, result.stderr) == ("ran: -P -m bot check\n", "")


def test_the_environment_finds_the_project_after_the_folder_was_moved(project: Project) -> None:
    project.start("demo")
    moved = project.folder.rename(project.folder.parent / "elders ü")
    packages = moved / ".venv" / "lib" / VERSION / "site-packages"
    assert (packages / (packages / "uurwijzer.pth").read_text().strip()).resolve() == moved
    inside = [str(moved / ".venv" / "bin" / "uurwijzer"), "due"]
    result = subprocess.run(inside, env=project.environment(), capture_output=True, text=True)
    assert result.stdout == "ran: -P -m bot due\n"
    assert Project(moved, project.fakes).start("due").stdout == "ran: -P -m bot due\n"
    assert (moved / "calls").read_text().splitlines() == ["venv", "install run.txt"]


def test_a_changed_list_makes_the_environment_anew(project: Project) -> None:
    project.start("demo")
    (project.folder / "requirements" / "run.txt").write_text("run==2\n")
    left_over = project.folder / ".venv" / "half-installed"
    left_over.write_text("of the old one")
    project.start("demo")
    assert project.calls() == ["venv", "install run.txt"] * 2
    assert left_over.read_text() == ""


def test_a_python_that_was_upgraded_or_removed_makes_the_environment_anew(project: Project) -> None:
    project.start("demo")
    python = project.folder / ".venv" / "bin" / "python"
    other = project.fakes / "python-of-tomorrow"
    write_command(other, FAKE_PYTHON)
    python.unlink()
    python.symlink_to(other)
    project.start("demo")
    (project.folder / ".venv" / "bin" / "python").unlink()
    project.start("demo")
    assert project.calls() == ["venv", "install run.txt"] * 3


def test_a_start_that_was_killed_half_way_leaves_nothing_that_is_used(project: Project) -> None:
    killed = project.start("demo", FAKE_INSTALL="kill -9 $PPID; exit 1")
    assert killed.returncode == -9
    result = project.start("demo")
    assert result.stdout == "ran: -P -m bot demo\n"
    assert project.calls() == ["venv", "install run.txt"] * 2


def test_an_interrupted_start_says_so_and_the_next_one_repairs(project: Project) -> None:
    result = project.start("demo", FAKE_INSTALL="kill -2 $PPID; exit 1")
    assert only_sentence(result) == "Interrupted; the next start begins the environment anew."
    assert project.start("demo").stdout == "ran: -P -m bot demo\n"


@pytest.fixture
def gate(project: Project) -> Iterator[Callable[[], int]]:
    """A named pipe on which the fake installation waits; calling the fixture lets it go on."""
    pipe = project.fakes / "gate"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # so that opening it waits for no one, and a failed test leaves nobody waiting
    yield lambda: os.write(held, b"go\n")
    os.close(held)


def test_two_starts_at_the_same_time_make_one_environment(project: Project, gate: Callable[[], int]) -> None:
    with project.starting(FAKE_INSTALL='read line < "$FAKES/gate"') as first:
        assert re.search(r"Making the environment in .*, once; this takes (seconds|a minute or two)\.", first.stderr.readline())
        assert first.stderr.readline() == "Downloading and installing the packages ...\n"
        with project.starting() as second:
            assert second.stderr.readline() == "Another start is making the environment; waiting for it.\n"
            gate()
            assert first.communicate()[0] == second.communicate()[0] == "ran: -P -m bot demo\n"
    assert project.calls() == ["venv", "install run.txt"]


def test_a_tool_that_outlives_its_killed_start_is_waited_for(project: Project, gate: Callable[[], int]) -> None:
    project.start("demo", FAKE_INSTALL='kill -9 $PPID; exec >&- 2>&-; read line < "$FAKES/gate"; echo late >> calls')
    with project.starting() as second:
        assert second.stderr.readline() == "Another start is making the environment; waiting for it.\n"
        gate()
        assert second.communicate()[0] == "ran: -P -m bot demo\n"
    assert project.calls() == ["venv", "install run.txt", "late", "venv", "install run.txt"]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("error: dns error: failed to lookup address", "The packages could not be downloaded, it looks like"),
        ("Failed to establish a new connection: [Errno -3]", "The packages could not be downloaded, it looks like"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package is not the one that was checked"),
        ("No space left on device (os error 28)", "The disk is full, and the environment needs about 250 MB in"),
        ("Permission denied (os error 13)", "{folder} cannot be written to, and the environment is made in it"),
        ("error: it went wrong", "The environment could not be made (error: it went wrong): the whole output is in"),
    ],
)
def test_a_failed_installation_is_one_sentence_with_the_cure(project: Project, written: str, sentence: str) -> None:
    result = project.start("demo", FAKE_INSTALL=f"echo '{written}'; exit 2")
    assert only_sentence(result).startswith(sentence.format(folder=project.folder))
    assert written in (project.folder / ".venv" / "install.log").read_text()
    assert project.start("demo").stdout == "ran: -P -m bot demo\n"


def test_without_network_the_real_pip_ends_in_the_sentence(project: Project) -> None:
    (project.fakes / "uv").unlink()
    (project.folder / "requirements" / "run.txt").write_text("jinja2==3.1.6 --hash=sha256:" + "0" * 64 + "\n")
    nobody_there = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    result = project.start_without("nothing", "demo", **nobody_there)
    assert only_sentence(result).startswith("The packages could not be downloaded, it looks like there is no network")


@pytest.mark.parametrize("missing", ["venv", "pip,ensurepip"])
def test_a_python_without_any_installer_gets_the_line_to_type(project: Project, missing: str) -> None:
    (project.fakes / "uv").unlink()
    assert "`sudo apt install python3-venv`" in only_sentence(project.start_without(missing, "demo"))
    assert not (project.folder / ".venv").exists()


def test_a_uv_that_does_not_work_is_not_used(project: Project) -> None:
    result = project.start_without("pip,ensurepip", "demo", FAKE_VERSION="exit 127")
    assert "`sudo apt install python3-venv`" in only_sentence(result)


def test_a_folder_of_someone_else_is_never_removed(project: Project) -> None:
    (project.folder / ".venv").mkdir()
    (project.folder / ".venv" / "thesis.txt").write_text("years of work")
    assert "it is no Python environment: move it elsewhere" in only_sentence(project.start("demo"))
    assert (project.folder / ".venv" / "thesis.txt").exists()


def test_a_read_only_folder_is_one_sentence(project: Project) -> None:
    # A folder in the place of the lock file cannot be opened for writing, whoever asks: root may write anywhere.
    (project.folder / ".venv.lock").mkdir()
    assert only_sentence(project.start("demo")).startswith(f"{project.folder} cannot be written to")


def test_every_check_runs_and_the_failed_ones_are_named(project: Project) -> None:
    result = project.start("test", "tests/test_one.py", FAKE_FAILING="mypy", UURWIJZER_TELEGRAM_TOKEN="1:fictional")
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert project.calls() == ["venv", "install develop.txt"]
    assert [line.split("  ")[0] for line in lines if "ran: " not in line] == [
        "ruff check", "mypy --strict", "content check", "pytest", "Failed: mypy --strict",
    ]  # fmt: skip
    assert "ran: -m mypy --strict bot handlers storage rules start.py" in lines
    assert "ran: -m pytest -q -n 2 --dist worksteal tests/test_one.py" in lines
    assert project.start("test", "--long").stdout.splitlines()[-1] == "All is well."
    assert project.calls() == ["venv", "install develop.txt"]


def test_the_development_packages_are_added_to_a_good_environment(project: Project) -> None:
    project.start("demo")
    assert project.start("test").returncode == 0
    assert project.start("demo").stdout == "ran: -P -m bot demo\n"
    assert project.calls() == ["venv", "install run.txt", "install develop.txt"]


def test_development_packages_that_came_half_way_are_not_used_either(project: Project) -> None:
    project.start("demo")
    assert project.start("test", FAKE_INSTALL="kill -9 $PPID; exit 1").returncode == -9
    assert project.start("demo").stdout == "ran: -P -m bot demo\n"
    assert project.calls() == ["venv", "install run.txt", "install develop.txt", "venv", "install run.txt"]


def test_an_old_python_can_read_the_file_far_enough_to_say_what_it_lacks() -> None:
    ast.parse((ROOT / "start.py").read_text(), feature_version=(3, 5))


def test_the_pinned_lists_hold_hashes_and_no_address() -> None:
    for kind in ("run", "develop"):
        lines = (ROOT / "requirements" / f"{kind}.txt").read_text().splitlines()
        packages = [number for number, line in enumerate(lines) if "==" in line]
        assert packages, kind
        assert all("--hash=sha256:" in lines[number + 1] for number in packages), kind
        assert not any("://" in line or line.startswith("--") for line in lines), kind
