"""Policy cases that are wrong themselves: each fails with one sentence that says where and why, and never crashes the run."""

from pathlib import Path

import pytest

from bot.cases import run_cases
from tests.talk import BOOKS

SITUATION = """
sites = [{ id = "V1", kind = "huisartsenpraktijk" }, { id = "V3", kind = "ldc" }]
agreements = [{ id = "AG", person = "E", partner = "P", from = 2026-01-01, to = 2026-12-31 }]
grants = [
  { id = "G", oproep = "O1", person = "A", site = "V1", from = 2026-01-01, to = 2026-12-31 },
  { id = "P", oproep = "O2", persons = ["A", "B"], site = "V3", from = 2026-01-01, to = 2026-12-31 },
]
"""
REGISTER = """
[[case.steps]]
do = "register"
id = "m"
person = "A"
oproep = "O1"
site = "V1"
start = 2026-03-02T10:00:00
end = 2026-03-02T11:00:00
"""


def said(tmp_path: Path, text: str) -> list[str]:
    """What running a file with this text says, one line per case."""
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    return [str(outcome) for outcome in run_cases([file], BOOKS)]


def case(steps: str = REGISTER, more: str = "", situation: str = SITUATION) -> str:
    """A case that holds, with lines added to it or steps replaced."""
    return f'[[case]]\nid = "C"\ntitle = "T"\n{situation}\n{more}\n{steps}'


def with_grant(grant: str) -> str:
    """The situation with one more grant, before the others."""
    return SITUATION.replace("grants = [", f"grants = [\n  {grant},")


def step(**fields: str) -> str:
    """One step; the values are TOML."""
    return "\n[[case.steps]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())


def test_the_case_all_others_are_made_from_holds(tmp_path: Path) -> None:
    assert said(tmp_path, case()) == ["ok C T"]


def test_all_differences_of_a_case_stand_in_one_line(tmp_path: Path) -> None:
    expect = 'expect = { verdict = "refused", rules = ["O1-11"], balance_minutes = 120, amount = "0.00" }\n'
    assert said(tmp_path, case(REGISTER + expect)) == [
        "FAIL C step 1: verdict expected refused, got accepted; step 1: rules expected O1-11, got none; "
        "step 1: balance_minutes expected 120, got 180; step 1: amount expected 0.00, got 86.69"
    ]


WRONG = {
    "unknown key of a case": (case(more='sittings = "x"'), "case: unknown key sittings"),
    "unknown key of a step": (case(REGISTER + 'presence = { arts = 1 }\n'), "step 1: unknown key presence"),
    "key of another step": (case(REGISTER + 'moment = "m"\n'), "step 1: unknown key moment"),
    "unknown key of expect": (case(REGISTER + "expect = { balance = 3 }\n"), "step 1: expect: unknown key balance"),
    "unknown key of a grant": (
        case(situation='grants = [{ id = "G", oproep = "O4", person = "A", form = 2026-01-01 }]'), "grants G: unknown key form"
    ),
    "unknown key of used": (case(more='used = [{ grant = "G", minutes = 5, day = 2026-01-01 }]'), "used: unknown key day"),
    "unknown setting": (case(more='settings = { "o1.limit" = 3 }'), "unknown setting o1.limit"),
    "unknown value of a setting": (
        case(more='settings = { boundary = "both" }'), "setting boundary must be one of: start, split"
    ),
    "unknown rulebook": (case(more='rulebook = "antwerpen"'), "there is no rulebook 'antwerpen'"),
    "unknown role": (case(REGISTER + "present = { kok = 2 }\n"), "step 1: unknown role kok"),
    "unknown role in a correction": (
        case(REGISTER + step(do='"correct"', moment='"m"', present="{ kok = 2 }")), "step 2: unknown role kok"
    ),
    "unknown kind of site": (
        case(situation='sites = [{ id = "V1", kind = "cafe" }]'), "sites V1: kind must be one of huisartsenpraktijk, "
    ),
    "unknown werkvorm": (case(REGISTER + 'werkvorm = "yoga"\n'), "step 1: unknown werkvorm yoga"),
    "unknown topic of oproep 1": (case(REGISTER + 'topic = "weer"\n'), "step 1: unknown topic weer"),
    "unknown purpose": (case(REGISTER + 'purpose = "feest"\n'), "step 1: purpose must be one of "),
    "unknown required field": (case(REGISTER + 'missing = ["site"]\n'), "step 1: missing: site is no required field of O1"),
    "unknown verdict": (case(REGISTER + 'expect = { verdict = "fine" }\n'), "step 1: expect: verdict must be one of accepted, "),
    "unknown step": (case(step(do='"book"')), "step 1: do must be one of register, judge, correct, "),
    "unknown check": (case(step(do='"check"', what='"party"')), "step 1: what must be one of mdo, "),
    "field of another check": (
        case(step(do='"check"', what='"group_session"', function="1", participants="9", paid="true")), "step 1: unknown key paid"
    ),
    "unknown site": (case(REGISTER.replace("V1", "V9")), "step 1: there is no 'V9' in sites"),
    "unknown grant": (case(step(do='"show"', grant='"X"')), "step 1: there is no 'X' in grants"),
    "unknown grant in used": (case(more='used = [{ grant = "X", minutes = 5 }]'), "there is no 'X' in grants"),
    "unknown moment": (case(step(do='"cancel"', moment='"x"')), "step 1: there is no moment x"),
    "unknown agreement": (
        case(step(do='"apply"', person='"E"', oproep='"O3"', agreement='"X"')), "step 1: there is no 'X' in agreements"
    ),
    "no site": (case(REGISTER.replace('site = "V1"\n', "")), "step 1: site is missing"),
    "no werkvorm in oproep 3": (
        case(step(do='"register"', person='"E"', oproep='"O3"', agreement='"AG"', start="2026-03-02T10:00:00", minutes="30")),
        "step 1: werkvorm is missing",
    ),
    "no length": (case(REGISTER.replace("end = 2026-03-02T11:00:00\n", "")), "step 1: end or minutes is missing"),
    "no title": ('[[case]]\nid = "C"\nsteps = []', "case: title is missing"),
    "no person in a pool": (case(more='used = [{ grant = "P", minutes = 5 }]'), "P is a pool: say whose time it is (person)"),
    "an offset": (case(REGISTER.replace("10:00:00", "10:00:00+01:00")), "step 1: start must be a local date-time without offset, not "),
    "a date as text": (case(more='used = [{ grant = "G", minutes = 5, on = "2026-03-01" }]'), "used: on must be a date, not '2026-03-01'"),
    "minutes as text": (case(more='used = [{ grant = "G", minutes = "5" }]'), "used: minutes must be a whole number, not '5'"),
    "money as a number": (
        case(REGISTER + "expect = { amount = 86.69 }\n"), 'step 1: expect: amount must be money such as "86.69", not 86.69'
    ),
    "time that goes back": (
        case(REGISTER + step(do='"cancel"', at="2026-03-01T09:00:00", moment='"m"')),
        "step 2: time goes back: 2026-03-01 09:00:00 after 2026-03-03 09:00:00",
    ),
    "cancelled twice": (
        case(REGISTER + 2 * step(do='"cancel"', moment='"m"')), "step 3: moment m was cancelled already"
    ),
    "corrected after it was cancelled": (
        case(REGISTER + step(do='"cancel"', moment='"m"') + step(do='"correct"', moment='"m"', minutes="30")),
        "step 3: moment m was cancelled",
    ),
    "an id twice in a list": (case(situation=SITUATION.replace('"V3"', '"V1"')), "sites: an id stands twice"),
    "two pools of one site": (
        case(situation=with_grant('{ id = "Q", oproep = "O2", person = "C", site = "V3", from = 2026-12-31 }')),
        "grants Q and P cover the same day",
    ),
    "two grants of one person and site": (
        case(situation=with_grant('{ id = "H", oproep = "O1", person = "A", site = "V1", from = 2025-01-01 }')),
        "grants H and G cover the same day",
    ),
    "a grant from no day": (
        case(situation='grants = [{ id = "F", oproep = "O4", person = "F" }]', steps=step(do='"show"', grant='"F"')),
        "grant F: from is missing",
    ),
    "an application under a name that is taken": (
        case(step(do='"apply"', person='"C"', oproep='"O1"', site='"V1"', id='"G"')), "step 1: there is a grant G already"
    ),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_case_fails_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (line,) = said(tmp_path, text)
    assert line.startswith(f"FAIL C {sentence}")


@pytest.mark.parametrize(("text", "sentence"), [
    ("[[case", "FAIL wrong.toml cannot be read: "),
    ("[cases]\n", "FAIL wrong.toml file: unknown key cases"),
    ("[case]\nid = 3", "FAIL wrong.toml file: case must be a list"),
    ("[common]\nused = []", "FAIL wrong.toml common: unknown key used"),
])
def test_a_wrong_file_fails_as_a_whole(tmp_path: Path, text: str, sentence: str) -> None:
    (line,) = said(tmp_path, text)
    assert line.startswith(sentence)


def test_a_wrong_case_does_not_stop_the_others(tmp_path: Path) -> None:
    lines = said(tmp_path, case(more='sittings = "x"') + case().replace('id = "C"', 'id = "D"'))
    assert lines == ["FAIL C case: unknown key sittings", "ok D T"]


def test_an_exception_and_a_pool_of_one_person_may_cover_the_same_day(tmp_path: Path) -> None:
    situation = """
sites = [{ id = "V4", kind = "overkop" }]
grants = [
  { id = "P", oproep = "O2", persons = ["C", "D"], site = "V4", from = 2026-01-01 },
  { id = "X", oproep = "O2", person = "C", site = "V4", from = 2026-03-01, exception = "overkop" },
]
"""
    show = step(do='"show"', grant='"X"', expect='{ balance_minutes = 5760 }')
    assert said(tmp_path, case(show, situation=situation)) == ["ok C T"]
