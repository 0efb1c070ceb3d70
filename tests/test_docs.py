"""The documents say what the program does: settings, commands and screens are its own, and every link leads somewhere."""

import argparse
import difflib
import re
from pathlib import Path

import pytest

from bot.command_line import _parser
from bot.settings import NAMES
from handlers.commands import NAMES as CHAT_COMMANDS
from tests.screens_for_docs import GUIDES, MARKED, PICTURES, ROOT, documents, scenes
from tests.screens_of_pages import SHOTS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```(?:.|\n)*?^```$|^    .*$", re.M)


def section(title: str) -> str:
    """What stands below a heading of the README."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page are linked."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_lists_every_setting_in_the_programs_order() -> None:
    assert tuple(re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.M)) == NAMES


def test_the_readme_lists_every_command_and_no_other() -> None:
    (commands,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    rows = re.findall(r"^\| `([a-z]+)([^`]*)` \|(.*)\|$", section("Commands"), re.M)
    assert [name for name, _, _ in rows] == list(commands.choices)
    for name, usage, does in rows:
        known = {option for each in commands.choices[name]._actions for option in each.option_strings}
        assert set(re.findall(r"--[a-z-]+", usage + does)) <= known, name


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "README.md"], ids=lambda path: path.name)
def test_no_document_names_a_setting_or_command_that_does_not_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"UURWIJZER_([A-Z_]+)", text)) <= set(NAMES)
    (commands,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    called = set(re.findall(r"(?:^    |`|'|bin/)uurwijzer ([a-z]+)", text, re.M))
    assert called <= set(commands.choices)


@pytest.mark.parametrize("name", GUIDES)
def test_the_guides_name_only_chat_commands_that_exist(name: str) -> None:
    text = MARKED.sub("", (ROOT / name).read_text(encoding="utf-8"))
    named = set(re.findall(r"(?<![\w/])/([a-z]+)\b", text))
    assert named <= {each for names in CHAT_COMMANDS.values() for each in names}
    assert len(named) > 10


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        place, _, anchor = target.partition("#")
        page = path.parent / place if place else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_three_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]


def test_the_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_screen_in_the_documents_is_what_the_program_shows(tmp_path: Path) -> None:
    stale = []
    for path, wanted in documents(tmp_path).items():
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        stale += difflib.unified_diff(found.splitlines(), wanted.splitlines(), path.name, "the program", n=1, lineterm="")
    assert not stale, "run: python -m tests.screens_for_docs\n" + "\n".join(stale[:40])


def test_every_scene_is_used_and_every_picture_has_its_scene() -> None:
    shown = {found[2] for name in GUIDES for found in MARKED.finditer((ROOT / name).read_text(encoding="utf-8"))}
    drawn = {name for name, scene in scenes().items() if "picture" in scene}
    assert shown | drawn == set(scenes())
    assert {path.stem for path in PICTURES.glob("*.svg")} == drawn
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert all(f"pictures/{name}.svg" in texts for name in drawn)


def test_every_picture_of_a_page_is_small_and_shown() -> None:
    pictures = sorted((ROOT / "docs" / "screens").glob("*"))
    texts = "".join((ROOT / guide).read_text(encoding="utf-8") for guide in GUIDES)
    assert {path.name for path in pictures} == {f"{shot.name}.png" for shot in SHOTS}
    for path in pictures:
        assert path.stat().st_size < 60_000, path.name
        assert f"](screens/{path.name})" in texts, path.name
