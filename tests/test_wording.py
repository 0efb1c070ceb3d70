"""What people read: every verdict, problem, word and question has Dutch words that render, are plain and short."""

import ast
import csv
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from jinja2 import meta, nodes

from bot.book_files import read_books
from bot.cases import run_cases
from bot.wording import environment
from bot.wording import say as say_text
from handlers.screen import Text
from rules import applications, clientdata, demands, eligibility, judge, meetings, quota
from rules.role_words import ROLE_WORDS
from rules.roles import read_roles
from rules.rule_ids import REPORTED
from rules.typed import Unclear
from rules.verdict import Finding
from rules.when import Span, read_clock, read_day, read_minutes, read_span
from rules.words import BLOCKS, CHANNELS, INITIATIVES, OPROEPEN, ROLES, SITE_KINDS, TOPICS, WERKVORMEN

ROOT = Path(__file__).resolve().parents[1]
MESSAGES = ROOT / "templates" / "messages"
FILES = ("reasons", "problems", "words", "questions")
LONGEST = 300
LEVELS = ("ask", "refuse", "warn", "met")
GUARD_KINDS = clientdata.NUMBER_KINDS + clientdata.PERSON_KINDS + clientdata.CAUTION_KINDS
DAY = date(2026, 12, 31)

# Rules whose findings count something at every level; the others must do without numbers.
QUOTA = ("O1-11", "O2-10", "O2-11", "O3-30", "O4-16")
COUNTED = (
    *QUOTA,
    *("O1-01", "O2-12", "O3-02", "O3-36", "O3-39", "O3-40", "O4-21", "O4-24", "DRV-14", "DRV-17", "DRV-20"),
    *("MDO-02", "MDO-03", "F-12", "F-22", "F-32", "MPO-07", "MPO-17", "MPO-23"),
)
NUMBERS = ((240, 205, 60, 35), (240, 240, 60, 0), (1, 0, 0, 120), (3, 120, 1, 480), (3, 0, 4, 60))
FACTS: dict[str, list[dict[str, Any]]] = {
    **{rule: [{"grant": 7}, {"room": 35}, {"booked": 35}] for rule in QUOTA},
    "GEN-01": [{"last_day": DAY}],
    "GEN-04": [{"kind": "hoger_onderwijs", "closed": True}],
    "O1-13": [{"due": DAY}, {"withdrawn": DAY}],
    "O2-09": [{"due": DAY}, {"withdrawn": DAY}],
    "GEN-17": [{"werkvorm": "workshop"}, {"werkvorm": "presentie", "channel": "telefoon"}],
    "O2-01": [{"channel": "online"}, {"channel": "telefoon"}],
    "O2-11": [{"other": True}, {"grant": 7}, {"room": 35}],
    "O3-02": [{"channel": "telefoon"}],
    "O3-10": [{"missing": BLOCKS}],
    "O3-27": [{"consent": consent, "present": present} for consent in (True, False) for present in (True, False)],
    "O3-37": [{"days": (DAY, date(2026, 1, 2))}],
    "O4-14": [
        {"admitted": None, "initiative": "actor"},
        {"admitted": DAY, "initiative": "actor"},
        {"admitted": DAY, "initiative": "eigen"},
    ],
    "O4-22": [{"days": ("2026-01-02",)}],
    "O4-25": [{"werkvorm": "casus_intervisie"}, {"werkvorm": "casus_intervisie", "channel": "telefoon"}],
    "DRV-03": [{"problem": problem} for problem in ("gap", "twice", "order")],
    "DRV-04": [
        {"convention": True},
        {"starts": None, "ends": None},
        {"starts": DAY, "ends": None},
        {"starts": DAY, "ends": DAY},
    ],
    "DRV-05": [{"missing": ("text", "topic", "present", "end")}, {"missing": ()}],
    "DRV-19": [{"contract_from": DAY, "contract_to": None}, {"contract_from": DAY, "contract_to": DAY}],
}


def say(key: str, **values: Any) -> str:
    return say_text(Text(key, values), "nl")


def reason(rule: str, level: str, facts: dict[str, Any] | None = None, **numbers: Any) -> str:
    values = {"limit": None, "used": None, "asked": None, "left": None} | numbers
    return say(f"reasons.{rule}", level=level, facts=MappingProxyType(facts or {}), **values)


def assert_plain(words: str) -> None:
    assert words
    assert len(words) <= LONGEST
    assert not re.search(r"[<>{}*`\n]|&\w+;|\bNone\b|  | [.,;?]", words), words
    assert words[-1] in ".?", words


def parsed(file: str) -> nodes.Template:
    return environment("nl").parse((MESSAGES / f"{file}.j2").read_text(encoding="utf-8"))


def block_names(file: str) -> list[str]:
    return [block.name for block in parsed(file).find_all(nodes.Block)]


@cache
def forms() -> list[dict[str, Any]]:
    return [
        tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "rules" / "books").glob("*/forms/*.toml"))
    ]


def fields() -> Iterator[dict[str, Any]]:
    for form in forms():
        yield from form["field"]


# --- reasons ---


@pytest.mark.parametrize("rule", REPORTED)
@pytest.mark.parametrize("level", LEVELS)
def test_every_reported_rule_has_plain_words_at_every_level(rule: str, level: str) -> None:
    for facts in ({}, *FACTS.get(rule, [])):
        if rule not in COUNTED:
            assert_plain(reason(rule, level, facts))
        for limit, used, asked, left in NUMBERS:
            assert_plain(reason(rule, level, facts, limit=limit, used=used, asked=asked, left=left))


def test_whatever_the_policy_cases_find_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Finding] = []

    def record(*values: Any, **named: Any) -> Finding:
        found.append(Finding(*values, **named))
        return found[-1]

    for module in (judge, demands, eligibility, quota, applications, meetings):
        monkeypatch.setattr(module, "Finding", record)
    cases = [ROOT / "tests" / "cases" / f"{name}.toml" for name in ("o1", "o2", "o3", "o4", "meetings")]
    assert len(list(run_cases(cases, read_books()))) > 50
    said = {each.rule for each in found}
    assert {"O1-11", "O2-11", "O3-40", "O4-14", "DRV-05", "DRV-14", "MPO-23"} <= said <= set(REPORTED)
    for each in found:
        numbers = {"limit": each.limit, "used": each.used, "asked": each.asked, "left": each.left}
        assert_plain(reason(each.rule, each.level, dict(each.facts), **numbers))


# rule and level, (limit, used, asked, left), what else is known, what is said
SENTENCES: list[tuple[str, tuple[int | None, ...], dict[str, Any], str]] = [
    ("O1-11 refuse", (240, 205, 60, 35), {"room": 35}, "Dat past niet meer: van de 4u is er nog 35 min over, "
     "en dit moment duurt 1u."),
    ("O1-11 refuse", (240, 240, 60, 0), {"room": 0},
     "De uren zijn op: er is al 4u gebruikt."),
    ("O1-11 met", (240, 0, 60, 360), {}, "Dit past: van de 6u is er nog 6u over."),
    ("O2-10 refuse", (2880, 2400, 510, 480), {"room": 480},
     "Dat past niet meer: van de 48u is er nog 8u over, en dit moment duurt 8u30."),
    ("O3-30 warn", (2880, 2845, 60, 35), {"booked": 35},
     "Van dit moment (1u) past er nog 35 min bij. Alleen dat telt mee."),
    ("DRV-14 warn", (2880, 2400, None, 480), {}, "Let op: 83 % gebruikt, nog 8u over."),
    ("DRV-14 warn", (240, 240, None, 0), {}, "Let op: de uren zijn nu op, 4u gebruikt."),
    ("O3-40 refuse", (3, None, 2, None), {}, "Er zijn minstens 3 eerstelijnsactoren nodig. Er tellen er 2 mee."),
    ("O3-39 refuse", (1, None, 0, None), {}, "Er is minstens 1 eerstelijnsactor nodig. Er telt niemand mee."),
    ("O4-24 warn", (3, None, 1, None), {"nonbillable": True}, "Er zijn minstens 3 eerstelijnsactoren nodig. "
     "Er telt er 1 mee. Je mag het noteren, maar het wordt niet gefactureerd."),
    ("O4-21 refuse", (120, None, 90, None), {"short": True},
     "Dit moet minstens 2u duren, zonder de voorbereiding. Je gaf 1u30 op."),
    ("O3-36 refuse", (240, None, 270, None), {"long": True},
     "Dit mag hoogstens 4u duren, zonder de voorbereiding. Je gaf 4u30 op."),
    ("O3-36 warn", (240, None, 270, None), {"capped": True},
     "Van de 4u30 telt hoogstens 4u mee. De rest wordt niet gefactureerd."),
    ("DRV-01 refuse", (), {}, "Dit moment is nog niet voorbij. Registreer het als het afgelopen is."),
    ("DRV-05 ask", (), {"missing": ("topic", "end")},
     "Nog in te vullen: Onderwerp, Einde of duur. Er is nog niets geboekt."),
    ("MPO-23 refuse", (None, None, 1, None), {},
     "Dit MPO wordt betaald: er ontbreekt nog 1 evaluatie voor het afgesloten kan worden."),
]


@pytest.mark.parametrize(("what", "numbers", "facts", "words"), SENTENCES)
def test_a_reason_says_what_holds_and_the_cure(
    what: str, numbers: tuple[int | None, ...], facts: dict[str, Any], words: str
) -> None:
    named = zip(("limit", "used", "asked", "left"), numbers, strict=False)
    assert reason(*what.split(), facts, **dict(named)) == words


def test_a_day_outside_the_convention_names_its_last_day() -> None:
    assert re.search(r"tot en met 31 dec\.? 2026", reason("GEN-01", "refuse", {"last_day": DAY}))


def test_an_overlap_says_that_the_other_moment_is_ones_own() -> None:
    assert "een ander moment van jou op dat uur" in reason("DRV-02", "refuse", {"moments": (3,)})


# --- problems ---


def reasons_in_code() -> set[str]:
    """The first argument of every Unclear(...) in rules/, and what a name there may stand for in the same file."""
    found: set[str] = set()
    for path in sorted((ROOT / "rules").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unclear":
                found |= strings(node.args[0])
            elif isinstance(node, ast.Assign) and "reason" in {ast.unparse(target) for target in node.targets}:
                found |= strings(node.value)
    return found


def strings(node: ast.expr) -> set[str]:
    if isinstance(node, ast.IfExp):
        return strings(node.body) | strings(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def phrasings() -> list[dict[str, str]]:
    with (ROOT / "tests" / "phrasings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|"))


def reasons_in_phrasings() -> set[str]:
    return {word for row in phrasings() for word in re.findall(r"\?([a-z_]+)", row["expected"])}


READERS: dict[str, Callable[[str, date], Any]] = {
    "day": read_day,
    "clock": lambda text, _: read_clock(text),
    "span": lambda text, _: read_span(text),
    "minutes": lambda text, _: read_minutes(text),
}


def test_every_unclear_reason_has_words_with_and_without_readings_to_offer() -> None:
    reasons = reasons_in_code() | reasons_in_phrasings()
    assert {"ambiguous_day", "day_mismatch", "date_or_time", "not_a_choice", "ambiguous_choice", "empty"} <= reasons
    for each in reasons:
        assert_plain(say(f"problems.{each}"))
        assert_plain(say(f"problems.{each}", options=()))
        assert_plain(say(f"problems.{each}", options=["dinsdag 16 juni 2026", "woensdag 17 juni 2026"]))


def test_the_readings_are_offered_in_the_words() -> None:
    assert say("problems.am_or_pm", options=(time(2), time(14))) == "Welk uur bedoel je: 02:00 / 14:00?"
    assert say("problems.minutes_or_hours", options=(15, 900)) == "Hoelang bedoel je: 15 min / 15u?"
    assert say("problems.end_before_start", options=(Span(time(14), time(16, 30)),)).endswith("Bedoel je 14:00-16:30?")
    assert say("problems.not_a_date", options=(date(2026, 6, 16),)).endswith("Bedoel je dinsdag 16 juni 2026?")
    assert say("problems.ambiguous_role", options=("arts", "huisarts")) == "Welke functie bedoel je: arts / huisarts?"


def test_what_the_readers_ask_back_can_be_said_with_their_own_readings() -> None:
    rows = [row for row in phrasings() if row["kind"] in READERS]
    answers = [READERS[row["kind"]](row["text"], date(2026, 6, 17)) for row in rows]
    asked_back = [each for each in answers if isinstance(each, Unclear)]
    assert len({each.reason for each in asked_back}) > 10
    for each in asked_back:
        assert_plain(say(f"problems.{each.reason}", options=each.options))


@pytest.mark.parametrize("key", ["unknown_role", "not_understood", "too_long", "which_role", "how_many", "too_many"])
def test_typed_words_and_bare_numbers_are_not_repeated(key: str) -> None:
    assert "Fictiva" not in say(f"problems.{key}", options=["Fictiva", "Voorbeeld"])


@pytest.mark.parametrize("kind", GUARD_KINDS)
def test_the_guard_names_what_it_saw_and_that_nothing_was_kept(kind: str) -> None:
    words = say("problems.client_data", kinds=(kind, "name"), chat=True)
    assert_plain(words)
    assert say(f"words.guard_{kind}") in words
    assert "een naam" in words
    assert "niets van bewaard" in words


@pytest.mark.parametrize(
    "key", ["stale", "stale_nothing_open", "busy", "not_text", "edited", "forwarded_card", "typed_for_button"]
)
def test_what_a_surface_says(key: str) -> None:
    assert_plain(say(f"problems.{key}"))


def test_a_second_confirmation_names_the_moment_that_is_booked() -> None:
    words = say("problems.already_booked", moment=41)
    assert_plain(words)
    assert "moment 41" in words


def test_something_unexpected_gives_the_reference_to_report() -> None:
    words = say("problems.unexpected", reference="K7Q-2M")
    assert_plain(words)
    assert "K7Q-2M" in words


# --- words and questions ---


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("oproep", OPROEPEN),
        ("werkvorm", WERKVORMEN),
        ("role", ROLES),
        ("topic", TOPICS),
        ("channel", CHANNELS),
        ("initiative", INITIATIVES),
        ("kind", SITE_KINDS),
        ("guard", GUARD_KINDS),
        ("block", BLOCKS),
        ("intervisie", ("given", "attended")),
        ("outcome", ("accepted", "accepted_with_warning", "refused", "ask_back")),
        ("choice", ("yes", "no")),
        ("clock", ("first", "second")),
        ("language", ("nl", "fr", "en")),
        ("platform", ("telegram", "slack", "terminal", "web")),
        ("form", ("overleg", "presentie", "intervisie", "ondersteuning")),
    ],
)
def test_every_value_of_a_closed_list_has_its_own_word(group: str, values: tuple[str, ...]) -> None:
    words = [say(f"words.{group}_{value}") for value in values]
    assert all(words)
    assert max(map(len, words)) <= 40
    assert len(set(words)) == len(words)


def test_every_form_field_has_a_label_a_question_and_words_for_its_values() -> None:
    for field in fields():
        key, options = field["key"], field.get("options", [])
        assert 0 < len(say(f"words.field_{key}")) <= 20
        question = "topic_free" if key == "topic" and field["kind"] == "text" else key
        assert_plain(say(f"questions.ask_{question}", oproep="O3", travels=False))
        if field["kind"] == "declare":
            for statement in options:
                assert_plain(say(f"words.declare_{statement}"))
                assert 0 < len(say(f"words.declare_not_{statement}")) <= 40
        elif field["kind"] == "choice" and isinstance(options, list):
            group = {"role": "intervisie", "partner_kind": "kind"}.get(key, key)
            assert all(say(f"words.{group}_{value}") for value in options)
    assert {say(f"words.form_{form['id']}") for form in forms()}
    assert_plain(say("questions.ask_network"))
    assert_plain(say("questions.ask_present_count", role="jongere"))


@pytest.mark.parametrize("role", ROLES)
def test_counts_are_shown_in_words_that_can_be_typed_back(role: str) -> None:
    one, twelve = (say(f"words.count_{role}", count=count) for count in (1, 12))
    assert one.casefold() == "1 " + say(f"words.role_{role}").casefold()
    assert twelve != "12" + one[1:]
    assert read_roles(one, ROLE_WORDS) == {role: 1}
    assert read_roles(twelve, ROLE_WORDS) == {role: 12}
    assert environment("nl").filters["roles"]({role: 12}) == twelve


def test_nobody_has_a_word_that_can_be_typed_back() -> None:
    assert read_roles(environment("nl").filters["roles"]({}), ROLE_WORDS) == {}


# --- all of it ---


@pytest.mark.parametrize("file", FILES)
def test_all_words_are_translatable_and_plain(file: str) -> None:
    own_names = ("language_", "platform_telegram", "platform_slack", "sector_overkop")
    for block in parsed(file).find_all(nodes.Block):
        loose = "".join(data.data for data in block.find_all(nodes.TemplateData))
        assert not loose.strip() or block.name.startswith(own_names), (
            f"{block.name}: {loose.strip()} stands outside trans"
        )
    source = (MESSAGES / f"{file}.j2").read_text(encoding="utf-8")
    messages = [line for _, _, line in environment("nl").extract_translations(source)]  # type: ignore[attr-defined]
    assert messages
    for words in (part for line in messages for part in (line if isinstance(line, tuple) else (line,)) if part):
        assert words == words.strip()
        assert not re.search(r"<[a-z/!]|&[a-z]+;|\n|\*", words, re.IGNORECASE), words
        assert all(ord(sign) < 0x2600 for sign in words), words


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("reasons", {"level", "limit", "used", "asked", "left", "facts"}),
        ("problems", {"options", "kinds", "chat", "moment", "reference", "day"}),
        ("words", {"count"}),
        ("questions", {"oproep", "role", "travels"}),
    ],
)
def test_only_the_agreed_values_are_used(file: str, values: set[str]) -> None:
    assert meta.find_undeclared_variables(parsed(file)) - {"self", "gettext", "ngettext", "_"} <= values


def test_no_reason_stands_there_for_a_rule_that_is_never_reported() -> None:
    shared = {
        "quota", "more_hours", "attendance", "counted", "length", "repeated", "not_met", "whole_steps", "too_many", "too_often",
        "offer_unsure",
    }  # fmt: skip
    assert set(block_names("reasons")) - shared == {rule.replace("-", "_") for rule in REPORTED}
