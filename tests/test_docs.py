"""The documents say what the program does: settings, commands and screens are its own, and every link leads somewhere."""

import argparse
import difflib
import re
from datetime import date
from pathlib import Path

import pytest

from bot import case_format, checking
from bot.book_files import read_books
from bot.cases import run_cases
from bot.command_line import _parser
from bot.settings import NAMES
from bot.slack_reading import ALL_COMMAND
from handlers.commands import NAMES as CHAT_COMMANDS
from tests.screens_for_docs import GUIDES, MARKED, PICTURES, ROOT, documents, scenes
from tests.screens_of_pages import SHOTS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CASES = ROOT / "docs" / "policy-cases.md"
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
    assert named <= {ALL_COMMAND, *(each for names in CHAT_COMMANDS.values() for each in names)}
    assert len(named) > 10


def test_the_guides_tell_the_same_in_both_languages() -> None:
    dutch, french = ((ROOT / name).read_text(encoding="utf-8") for name in GUIDES)
    outline = re.compile(r"^#+ |^\* |(?<=\n\n)\*\*|^<!-- screen: ..(-\w+)", re.M)  # headings, points, screens
    told = [[(found[0][:3], found[1]) for found in outline.finditer(text)] for text in (dutch, french)]
    assert told[0] == told[1]


def test_french_has_its_hard_spaces() -> None:
    guide, privacy = ((ROOT / name).read_text(encoding="utf-8") for name in (GUIDES[1], "docs/privacy.md"))
    for text in (guide, privacy.split("français\n")[1].split("\n## ")[0]):
        assert re.findall(r".{0,20} [:;?!»]|« .{0,20}", re.sub(r"```.*?```|`[^`\n]*`|<!--.*?-->", "", text, flags=re.S)) == []


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


def example(heading: str, number: int = 0) -> str:
    """A TOML example of the README below a heading in bold."""
    found = re.findall(r"^( *)```toml\n(.*?)^ *```$", README.split(f"**{heading}")[1], re.M | re.S)
    indent, text = found[number]
    return "".join(line.removeprefix(indent) + "\n" for line in text.splitlines())


def my_network(folder: Path) -> Path:
    """The rulebook that the README shows, copied literally."""
    own = folder / "my-network"
    own.mkdir()
    own.joinpath("book.toml").write_text('id = "my-network"\nextends = "oost-vlaanderen"\nname = { nl = "N", fr = "N", en = "N" }\n')
    own.joinpath("settings.toml").write_text(example("A rulebook for a network"))
    own.joinpath("rules.toml").write_text(example("A rulebook for a network", 1))
    own.joinpath("werkvormen.toml").write_text(example("A werkvorm"))
    return folder


def test_the_rulebook_of_the_readme_can_be_used_as_it_stands(tmp_path: Path) -> None:
    folder = my_network(tmp_path)
    said = [finding for finding in checking.check_content(folder, date(2026, 6, 15)) if "rulebook my-network" in finding.text]
    assert [finding.level for finding in said] == ["ok"]
    book = read_books(folder)["my-network"]
    assert [book.on(day)["limit.O3"] for day in (date(2026, 8, 31), date(2026, 9, 1))] == [2880, 3000]
    assert book.on(date(2026, 9, 1)).terms("O3", "supervisie") is not None


def test_the_policy_case_of_the_document_holds_for_that_rulebook(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(re.findall(r"^```toml\n(.*?)^```$", CASES.read_text(encoding="utf-8"), re.M | re.S)[0])
    (tmp_path / "books").mkdir()
    (outcome,) = run_cases([file], read_books(my_network(tmp_path / "books")))
    assert str(outcome).startswith("ok NET-01-A ")


def test_the_document_of_policy_cases_names_every_key() -> None:
    named = set(re.findall(r"`([a-z_0-9]+)`", CASES.read_text(encoding="utf-8")))
    groups = (case_format.SITUATION, case_format.BEFORE, case_format.STEPS)
    tables = (case_format.CASE, case_format.EXPECT, *(table for group in groups for table in group.values()))
    keys = {key for table in tables for key in table} | {*case_format.STEPS, *case_format.CHECKS}
    assert keys - named == set()
