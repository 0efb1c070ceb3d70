"""The shape of the tree holds: who may import whom, what a start loads, and a privacy class on every column."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from storage.tables import CHAT, NONE, PERSON, SECRET, TEXT, metadata

ROOT = Path(__file__).parent.parent
ORDER = ("rules", "storage", "handlers", "bot")
PACKAGES = {*ORDER, "templates", "tests", "bench"}
SURFACES = {"telegram", "slack_bolt", "slack_sdk", "starlette", "uvicorn", "aiohttp", "prompt_toolkit"}


@cache
def imports(file: Path) -> set[str]:
    """The names that a module imports, first part only; `importlib.resources.files("templates")` is no import."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def imported_modules(file: Path) -> set[str]:
    """The modules that a module imports by their full names, also in a function or for its types only."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = set(ORDER[: ORDER.index(package) + 1])
    wrong = {
        str(file.relative_to(ROOT)): upward for file in modules(package) if (upward := imports(file) & (PACKAGES - {"templates"}) - allowed)
    }
    assert not wrong


def test_no_module_needs_one_that_needs_it_itself() -> None:
    files = {f"{package}.{file.stem}": file for package in ORDER for file in modules(package)}
    needs = {name: imported_modules(file) & set(files) - {name} for name, file in files.items()}
    while free := {name for name, needed in needs.items() if not needed}:
        needs = {name: needed - free for name, needed in needs.items() if name not in free}
    assert not needs, "these go in a circle, or need who does"


def test_the_rules_need_the_standard_library_only() -> None:
    wrong = {file.name: others for file in modules("rules") if (others := imports(file) - sys.stdlib_module_names - {"rules"})}
    assert not wrong


@pytest.mark.parametrize(("library", "package"), [(each, "bot") for each in sorted(SURFACES)])
def test_a_surface_library_is_imported_in_bot_only(library: str, package: str) -> None:
    wrong = [str(file.relative_to(ROOT)) for each in ORDER if each != package for file in modules(each) if library in imports(file)]
    assert not wrong


def test_the_rules_never_ask_the_clock() -> None:
    asked = [
        file.name
        for file in modules("rules")
        for call in ("datetime.now", "date.today", "time.time")
        if call in file.read_text(encoding="utf-8")
    ]
    assert not asked


def test_every_column_has_a_privacy_class() -> None:
    classes = {NONE, PERSON, CHAT, TEXT, SECRET}
    without = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.info.get("privacy") not in classes
    ]
    assert not without


def test_help_loads_no_library() -> None:
    code = (
        "import sys\nfrom bot.command_line import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "libraries = {'telegram', 'sqlalchemy', 'jinja2', 'babel', 'aiohttp', 'starlette', 'alembic', 'openpyxl'}\n"
        "print('LOADED', sorted(libraries & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_a_start_loads_nothing_that_it_does_not_need() -> None:
    heavy = str({"alembic", "openpyxl", "segno", "starlette", "uvicorn", "prompt_toolkit", "sqlalchemy.orm", "telegram.ext", "httpx"})
    code = (
        f"import sys\nimport bot.serving, bot.telegram_intake, bot.telegram_transport\nprint('LOADED', sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert loaded in ("LOADED []", "LOADED ['httpx']"), "python-telegram-bot imports httpx by itself; nothing else may come along"
