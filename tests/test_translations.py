"""The French and English catalogues: complete, in step with the templates, and every block says something in them."""

import ast
import gettext
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from types import MappingProxyType
from typing import Any

import pytest
from jinja2 import nodes

from bot.wording import catalogue, environment
from bot.wording import say as say_text
from handlers.commands import COMMAND_OF, NAMES
from handlers.screen import Text
from handlers.steps import CONFIRM_WORDS
from handlers.summary_figures import SECTOR_NAMES
from handlers.typed_text import WORDS
from rules.line import read_line
from rules.periods import BRUSSELS
from rules.role_words import ROLE_WORDS
from rules.roles import read_roles
from rules.rule_ids import REPORTED
from rules.typed import fold
from rules.when import Span, read_minutes, read_span
from rules.words import OPROEPEN, ROLES
from tests import catalogues
from tests.catalogues import LANGUAGES, as_mo, as_po, extract, path_of, read, texts
from tests.test_wording import (
    COUNTED,
    DAY,
    FACTS,
    GUARD_KINDS,
    LEVELS,
    MESSAGES,
    NUMBERS,
    ROOT,
    assert_plain,
    reasons_in_code,
)

ALL = ("nl", *LANGUAGES)
LONGEST_LABEL = 40
FILES = sorted(path.stem for path in MESSAGES.glob("*.j2"))

# The same words in French and Dutch.
STATES = ("suspended", "unreachable", "invited", "unlinked", "silent", "active")
CAUSES = ("rules", "agreement", "contract", "period")
SAME_IN_FRENCH = {
    "%(what)s, %(place)s, %(day)s, %(minutes)s", "%(what)s, %(day)s, %(minutes)s", "Moment %(moment)s", "Contact", "Terminal",
    "Budget", "%(count)s moment, %(minutes)s",
}

# Words that give untranslated Dutch away.
DUTCH = re.compile(
    r"\b(?:aan|bedoel|bij|bijvoorbeeld|dag|datum|deze|dit|een|geboekt|gebruikt|geen|geregistreerd|het|hoogstens|ik|jij|jouw|"
    r"kan|kies|kijk|kun|maar|meer|minstens|moet|naar|niemand|niet|niets|nodig|nog|overleg|plaats|presentie|saldo|"
    r"toekenning|tot|typ|uren|uur|van|voor|vraag|wat|wel|werkvorm|wijzig|wordt|zijn|zonder)\b", re.IGNORECASE,
)

NOW = datetime(2026, 6, 14, 14, 30, tzinfo=BRUSSELS)

# A value for each name that a template uses; NONE: what may be absent, absent.
VALUES: dict[str, Any] = {
    "cause": "rules", "days": 7, "every": "week", "from_hour": "20:00", "hour": "09:00", "late": True, "number": 2,
    "on": True, "over": True, "chat": False, "page": True,
    "to_hour": "08:00",
    "about": Text("card.plain", {"value": "kookactiviteit"}),
    "again": True, "asked": 60, "before": 240, "after": 180, "begins": "14:00", "booked": 120, "cancelled": True, "clock": "16:30",
    "coordinator": "Mia Fictief", "count": 12, "day": DAY, "end": DAY, "ends": "16:30", "exception": True, "first": 1, "form": "presentie",
    "hours": 2, "kinds": ("name", "email"), "label": Text("words.field_place"), "last": 5, "left": 35, "limit": 240, "minutes": 150,
    "missing": 25, "moment": 41, "name": "An Fictief", "network": "Netwerk Fictief", "now": NOW, "oproep": "O2",
    "options": (date(2026, 6, 16), time(14), 90, "De Kade", Span(time(14), time(16, 30))), "outcome": "accepted", "place": "De Kade",
    "platform": "telegram", "platforms": ("telegram", "terminal"), "pooled": True, "preparations": 1, "provider": True, "purpose": "",
    "present": {"jongere": 12, "begeleider": 2}, "reached": True, "slack": True, "reference": "K7Q-2M",
    "registered": DAY, "rest": 35, "restored": True,
    "role": "jongere",
    "rule": "O2-10", "source": "§ 1", "start": DAY, "statements": (Text("words.declare_kennismaking"), Text("words.declare_no_consent")),
    "used": 205, "value": "De Kade", "version": 2, "werkvorm": "presentie", "what": "form_presentie", "words": "Fictif.",
    "years": 10, "drafts": 7, "parked": 30, "nl": "x", "fr": "x", "en": "x",
    "request": 12, "kind": "more", "state": "granted", "who": "Mia Fictief", "reason": "Fictif.", "motive": "Fictif.",
    "how": "refuse", "offer": "both", "month": DAY, "months": 6,
    "all": 12, "unlinked": 3, "silent": 2, "unreachable": 1, "suspended": 1, "lost": 1, "invited": 2, "until": DAY,
    "roles": ("verstrekker", "coordinator"), "networks": "Netwerk Fictief, Netwerk Tweede", "code": "ABCDEFGHIJKL",
    "link": "https://t.me/fictief_bot?startgroup=ABCDEFGHIJKL", "title": "Team Fictief", "weekday": "ma", "spoken": "nl",
    "themes": "rouw, emotieregulatie", "email": "fictief@example.org", "sector": "onderwijs", "channels": 1, "requests": 2, "stand_ins": 0,
    "pace": 45, "choices": "30 min / 45 min",
    "fits": True, "moved": True, "planned": 180, "address": "https://fictief.be/agenda/A.ics",
    "names": ("An Fictief", "Bo Fictief"),
    "linked": True, "chosen": True, "nth": 2, "dates": (DAY, DAY), "more": 2,
    "so_far": True, "active": 3, "providers": 5, "lines": (), "cents_week": 8669, "hours_week": 1, "cents": 17338, "preparations_week": 1,
    "lapsed_week": 25, "people": 2, "soon": 1, "percent": 83, "moments": 3, "corrected": 1, "week": "2026-W24", "granted": 2880,
    "weeks": (0, 90), "home": True, "since": DAY, "done": 300, "least": 1200, "pages": True,
    "travels": True, "short": 90, "withdrawn": DAY,
    "base": 240, "extra": 180, "starter": 120, "total": 540,
}
NONE: dict[str, Any] = {
    "home": False, "pages": False, "late": False, "number": 0, "on": False, "over": False,
    "again": False, "cancelled": False, "coordinator": "", "count": 1, "day": DAY, "exception": False, "hours": 1, "left": 0, "minutes": 45,
    "moment": 0, "network": "", "options": (), "place": "", "pooled": False, "preparations": 0, "provider": False, "purpose": "correct",
    "fits": False, "page": False, "moved": False, "planned": 0, "linked": False, "chosen": False, "dates": (), "more": 0,
    "travels": False, "short": 0,
    "reached": False, "slack": False, "rest": 0, "restored": False, "present": {}, "version": 1,
}
CHANGED = Text("regrant.earlier_to", {"before": None, "after": "2026-06-14"})
HOURS_NOW = Text("regrant.sum", {"base": 240, "extra": 180, "starter": 0, "total": 420})
BURN = {"oproep": "O2", "granted": 2880, "used": 2400, "expected": 1309, "percent": 83, "pace": 45}
NEAR = {"oproep": "O2", "place": "De Kade", "percent": 83, "left": 480}
OWN_LINE = {
    "oproep": "O2", "place": "De Kade", "used": 60, "limit": 240, "left": 180, "pooled": False, "rest": 25, "missing": 35, "ends": DAY,
}
ASKED = Text("requests.what", {"kind": "more", "oproep": "O1", "place": "De Kade", "minutes": 120})
STATES = ("waiting", "granted", "refused", "expired", "withdrawn")
# Blocks with values of another kind than the name tells, or with more to say.
SPECIAL: dict[str, list[dict[str, Any]]] = {
    "card.answer": [{"value": Text("card.place", {"value": value, "name": "De Kade"})} for value in ("1", "x")],
    "card.place": [{"value": "1"}, {"value": "x"}],
    "card.resume": [{"day": DAY}, {"day": None}],
    "card.verdict": [
        *({"outcome": outcome} for outcome in ("refused", "ask_back", "accepted")), {"outcome": "accepted", "preparations": 0},
    ],
    "balances.period_ends": [{"left": 35, "rest": 35}, {"left": 35, "rest": 0}, {"left": 0, "rest": 35}],
    "why.rule": [{"version": DAY}],
    "summary.moments": [
        {"count": 0}, *({"count": count, "lines": [{"oproep": "O2", "moments": count, "minutes": 90}]} for count in (1, 3)),
    ],
    "pages.bar": [{"pace": 45}, {"pace": None}],
    "summary.burn": [{"lines": [BURN, {**BURN, "pace": None}]}],
    "summary.table_names": [{"names": ("O1",)}, {"names": ("O1", "O2")}],
    "summary.near": [{"lines": [NEAR], "more": more, "people": people} for more, people in ((0, 0), (1, 1), (3, 2))],
    "summary.refusals": [{"count": count, "lines": [{"rule": "O2-10", "count": count}]} for count in (1, 2)],
    "summary.sectors": [{"lines": [{"sector": each, "percent": 20} for each in SECTOR_NAMES]}],
    "summary.evaluations": [{"soon": 1, "late": 2}],
    "summary.changed": [
        {"late": late, "corrected": corrected, "cancelled": cancelled, "moments": sign, "minutes": sign * 45, "cents": sign * 8669}
        for late, corrected, cancelled, sign in ((1, 1, 1, 1), (2, 0, 0, -1), (0, 2, 2, 0), (0, 0, 0, 1))
    ],
    "summary.alternative": [{"lines": [BURN, {**BURN, "pace": None}]}],
    "summary.personal": [
        {"moments": moments, "lines": lines}
        for moments, lines in ((0, ()), (1, (OWN_LINE,)), (3, ({**OWN_LINE, "pooled": True, "rest": 0},)))
    ],
    "summary.late": [{"day": "2026-06-08"}],
    "card.title": [{"purpose": purpose} for purpose in ("register", "correct", "plan")],
    "plans.what": [{"begins": NOW, "ends": NOW, "werkvorm": werkvorm} for werkvorm in ("presentie", "")],
    "plans.row": [
        {"what": Text("plans.what", {"form": "presentie", "werkvorm": "", "place": "", "begins": NOW, "ends": NOW}), "every": every}
        for every in ("", "week", "two_weeks", "month")
    ],
    "plans.each_month": [{"nth": nth} for nth in range(1, 6)],
    **{f"plans.{key}": [{"cause": cause} for cause in ("grant", "rules", "contract", "year")] for key in ("until_last", "no_next")},
    **{f"plans.{key}": [{"every": every} for every in ("week", "two_weeks", "month")] for key in ("repeated", "comes_back")},
    "shares.state": [{"state": state} for state in ("asked", "confirmed", "declined", "withdrawn")],
    "shares.answered": [{"state": state} for state in ("confirmed", "declined")],
    "requests.what": [
        *({"kind": kind, "oproep": oproep} for kind in ("hours", "more", "overkop", "reopen") for oproep in OPROEPEN),
        {"kind": "hours", "minutes": 0, "place": ""},
    ],
    "requests.card": [{"what": what} for what in ("hours", "more", "overkop", "reopen", None)],
    "requests.row": [{"what": ASKED, "state": state} for state in STATES],
    "requests.sector": [{"kind": "hoger_onderwijs"}],
    "requests.waiting_row": [{"what": ASKED}],
    "requests.outcome": [{"state": state} for state in STATES],
    "requests.heard": [{"state": state} for state in STATES],
    "requests.done": [{"state": state} for state in STATES],
    "requests.oproep": [{"oproep": oproep} for oproep in OPROEPEN],
    "requests.grant": [{"place": ""}, {"place": "De Kade"}],
    "requests.locked": [{"rule": "DRV-08"}, {"rule": "DRV-17"}],
    "requests.sent": [{"again": False, "reached": reached, "coordinator": name} for reached in (True, False) for name in ("", "An")],
    "requests.deciding": [{"how": "refuse"}, {"how": "both"}],
    "requests.balance": [{"pooled": 1}, {"pooled": 2}],
    "requests.earlier": [{"count": 0}, {"count": 2}],
    "requests.long_ago": [{"months": 0}, {"months": 1}, {"months": 6}],
    **{key: [{"state": state} for state in STATES] for key in ("network.person_line", "network.access")},
    "network.one": [{"network": "Netwerk Fictief"}],
    "summary.network": [{"network": "Netwerk Fictief"}],
    "network.grant": [{"place": place, "end": end} for place in ("De Kade", "") for end in (DAY, None)],
    "network.channels": [{"count": count, "lost": lost} for count in (0, 1, 2) for lost in (0, 1, 2)],
    "network.requests": [{"count": 0}, {"count": 1}],
    "network.last_moment": [{"day": DAY}, {"day": None}],
    "network.invitation": [{"first": "An"}, {"first": "An", "link": ""}],
    "network.invite_sure": [{"count": 1, "invited": 0}, {"count": 2, "invited": 1}],
    "regrant.sum": [{"extra": extra, "starter": starter} for extra in (0, 180) for starter in (0, 120)],
    "regrant.now": [{"what": HOURS_NOW, "end": DAY}, {"what": HOURS_NOW, "end": None}],
    "regrant.new_hours": [{"what": HOURS_NOW}],
    "regrant.changed_hours": [{"before": HOURS_NOW, "after": HOURS_NOW}],
    "regrant.changed_to": [{"start": DAY}, {"start": None}],
    "regrant.earlier": [{"what": CHANGED, "who": "Mia Fictief"}, {"what": CHANGED, "who": None}],
    "regrant.earlier_start": [{"before": DAY, "after": DAY}],
    "regrant.earlier_to": [{"before": DAY, "after": DAY}],
    "regrant.runs_into": [{"end": DAY}, {"end": None}],
    "channels.line": [{"state": state} for state in ("open", "lost", "asked")],
    "channels.how": [{}, {"link": ""}],
    "personal.help_line": [{"form": "overleg"}, {"form": "ondersteuning"}],
    "what_if.how": [{"form": "overleg"}, {"form": "ondersteuning"}],
    "finding.line": [{}, {"email": ""}, {"email": "", "coordinator": ""}],
    "finding.activity": [{"title": "Rouw"}, {"title": ""}],
    "reminders.ends": [{"cause": each, "place": place} for each in CAUSES for place in ("De Kade", "")],
    "reminders.hour": [{"hour": "09:00"}, {"hour": "auto"}],
    "reminders.quiet_days": [{"days": days} for days in ("7", "67", "567", "")],
    "reminders.offer": [{"oproep": oproep, "late": late} for oproep in ("O1", "O2") for late in (True, False)],
    "reminders.rhythm": [{"every": every, "over": over} for every in ("week", "two_weeks", "month") for over in (True, False)],
    "reminders.snooze": [{"days": days} for days in (0, 1, 7, 30)],
    "reminders.when": [{"hour": hour, "days": days} for hour in ("09:00", "auto") for days in ("7", "67", "567", "")],
}


def say(key: str, language: str, **values: Any) -> str:
    return say_text(Text(key, values), language)


@cache
def blocks(file: str) -> list[nodes.Block]:
    source = (MESSAGES / f"{file}.j2").read_text(encoding="utf-8")
    return list(environment("nl").parse(source).find_all(nodes.Block))


def words_in(language: str) -> Iterator[tuple[str, str]]:
    """Each message with its translation, plural forms one by one."""
    for message in read(language):
        for words in texts(message.string) if message.id else ():
            yield texts(message.id)[0], words


def occasions(key: str) -> Iterator[dict[str, Any]]:
    """The values with which a block is said here: reasons as the rulebook gives them, others from the tables above."""
    file, _, name = key.partition(".")
    rule = name.replace("_", "-")
    if file == "reasons":
        for level in LEVELS:
            for facts in ({}, *FACTS.get(rule, [])):
                counts = NUMBERS if rule in COUNTED or rule not in REPORTED else (*NUMBERS, (None,) * 4)
                for limit, used, asked, left in counts:
                    yield {"level": level, "facts": MappingProxyType(facts), "limit": limit, "used": used, "asked": asked, "left": left}
        return
    block = next(each for each in blocks(file) if each.name == name)
    names = list(block.find_all(nodes.Name))
    own = {each.name for each in names if each.ctx == "store"} | {"self", "gettext", "ngettext", "own", "loop"}
    needed = {each.name for each in names} - own | ({"options"} if file == "problems" else set())
    unknown = needed - VALUES.keys()
    assert not unknown, f"{key}: give {unknown} a value in VALUES"
    for more in SPECIAL.get(key, [{}, NONE]):
        yield {each: (VALUES | more)[each] for each in needed}


class Untranslated(gettext.NullTranslations):
    """What a catalogue falls back on: nothing may."""

    def gettext(self, message: str) -> str:
        raise AssertionError(f"no words for: {message}")

    def ngettext(self, one: str, many: str, number: int) -> str:
        raise AssertionError(f"no words for: {one}")


# --- the files ---


def test_the_template_holds_what_stands_in_the_templates_now() -> None:
    assert (ROOT / "templates" / "locale" / "messages.pot").read_bytes() == as_po(extract()), "python -m tests.catalogues update"


def test_what_is_extracted_is_what_the_environment_asks_for_when_it_runs() -> None:
    asked_for = set()
    for file in FILES:
        source = (MESSAGES / f"{file}.j2").read_text(encoding="utf-8")
        for _, _, message in environment("fr").extract_translations(source):  # type: ignore[attr-defined]
            asked_for.add(tuple(each for each in texts(message) if each))
    assert asked_for == {texts(message.id) for message in extract() if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_as_the_update_writes_it_and_compiled(language: str) -> None:
    committed = path_of(language).read_bytes()
    catalog = read(language)
    assert committed == as_po(catalog)
    assert path_of(language, "mo").read_bytes() == as_mo(catalog)
    assert not re.search(rb"-Date:|Generated|^#[:~]", committed, re.MULTILINE)
    catalog.update(extract(), no_fuzzy_matching=True)
    assert committed == as_po(catalog), "python -m tests.catalogues update"


def test_a_new_message_is_reported_until_it_has_words(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some.j2").write_text("{% block a %}{% trans %}Nieuw{% endtrans %}{% endblock %}", encoding="utf-8")
    monkeypatch.setattr(catalogues, "MESSAGES", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "locale")
    assert catalogues.update() == {"fr": ["Nieuw"], "en": ["Nieuw"]}
    written = (tmp_path / "locale" / "fr" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    (tmp_path / "locale" / "fr" / "LC_MESSAGES" / "messages.po").write_text(
        written.replace('msgid "Nieuw"\nmsgstr ""', 'msgid "Nieuw"\nmsgstr "Nouveau"'), encoding="utf-8",
    )
    assert catalogues.update() == {"fr": [], "en": ["Nieuw"]}


# --- the words ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_words_with_the_same_values_in_them(language: str) -> None:
    catalog = read(language)
    assert {texts(each.id) for each in catalog} == {texts(each.id) for each in extract()} | {("",)}
    assert not catalog.fuzzy
    for message in catalog:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        assert len(texts(message.string)) == len(texts(message.id)), message.id
        for words, source in zip(texts(message.string), texts(message.id), strict=True):
            assert words
            assert words == words.strip()
            said, asked = (set(re.findall(r"%\(\w+\)s|%%", text)) for text in (words, source))
            one = len(texts(message.id)) > 1 and source == texts(message.id)[0]  # "one moment" need not name its number
            assert said - {"%(count)s"} == asked - {"%(count)s"} if one else said == asked, words
            assert words.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    ("language", "plural"), [("fr", "nplurals=2; plural=(n > 1);"), ("en", "nplurals=2; plural=(n != 1);")]
)
def test_the_plural_is_that_of_the_language(language: str, plural: str) -> None:
    assert dict(read(language).mime_headers)["Plural-Forms"] == plural
    assert say("words.count_jongere", "fr", count=0) == "0 jeune"
    assert say("words.count_jongere", "en", count=0) == "0 young people"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_dutch_is_left(language: str) -> None:
    for source, words in words_in(language):
        assert not DUTCH.search(re.sub(r"%\(\w+\)s", "", words)), f"{source} -> {words}"


def test_french_says_it_in_its_own_words() -> None:
    assert {source for source, words in words_in("fr") if source == words} == SAME_IN_FRENCH


def test_french_marks_have_a_space_that_does_not_break() -> None:
    for _, words in words_in("fr"):
        if words != say("card.why", "fr"):  # a label, so that it can be typed with any space
            plain = re.sub(r"%\(\w+\)s", "x", words)
            assert not re.search(r" [:;?!»]|\w[;?!]|« |[^\W\d]:|\d %|’", plain), words


def test_french_is_formal_and_writes_hours_with_an_h() -> None:
    for _, words in words_in("fr"):
        assert not re.search(r"\b(tu|ton|tes|toi|t')\b", words), words
        assert not re.search(r"\d ?u\d?", words), words
        assert "oproep" not in words, words


# --- every block ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", FILES)
def test_every_block_can_be_said_without_falling_back_on_dutch(
    file: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue(language), "_fallback", Untranslated())
    for block in blocks(file):
        for values in occasions(f"{file}.{block.name}"):
            words = say(f"{file}.{block.name}", language, **values)
            assert "%(" not in words
            assert "None" not in words
            assert words or file == "problems" or not all(values.values()), block.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", REPORTED)
def test_every_reason_is_plain_and_short(rule: str, language: str) -> None:
    for values in occasions(f"reasons.{rule.replace('-', '_')}"):
        if values["asked"] is not None:
            assert_plain(say(f"reasons.{rule}", language, **values).replace("\u00a0", "~"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_plain_and_short(language: str) -> None:
    for each in reasons_in_code():
        for options in ((), ("16 juin 2026", "17 juin 2026")):
            assert_plain(say(f"problems.{each}", language, options=options))
    for kind in GUARD_KINDS:
        for chat in (True, False):
            assert_plain(say("problems.client_data", language, kinds=(kind, "name"), chat=chat))


# --- what is pressed and what is typed ---


def buttons() -> Iterator[str]:
    """The keys of every label that a handler gives to a Choice, and of the closed lists that stand on buttons."""
    every = [f"{file}.{block.name}" for file in FILES for block in blocks(file)]
    for path in sorted((ROOT / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Choice" and isinstance(node.args[0], ast.Call)):
                continue
            key = node.args[0].args[0]
            if isinstance(key, ast.Constant):
                yield key.value
            elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                yield from (each for each in every if each.startswith(key.values[0].value))
    lists = ("field", "form", "werkvorm", "intervisie", "choice", "clock", "channel", "initiative", "topic", "role", "kind")
    yield from (each for each in every if each.startswith(tuple(f"words.{group}_" for group in lists)))


STATEMENT = "words.declare_not_on_request"  # its button is declare_not_not_on_request


@pytest.mark.parametrize("language", ALL)
def test_labels_of_buttons_fit(language: str) -> None:
    keys = set(buttons())
    assert {"card.confirm", "card.day_2", "words.role_jongere"} <= keys
    assert len(keys) > 100
    too_long = {}
    for key in keys - {"card.plain", STATEMENT}:
        for values in occasions(key):
            label = say(key, language, **values)
            if not 0 < len(label) <= LONGEST_LABEL:
                too_long[key] = label
    assert not too_long


LABELS = {".ok": "card.confirm", ".back": "card.back", ".cancel": "card.cancel", ".change": "card.change", ".why": "card.why"}


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize("verb", LABELS)
def test_the_word_on_a_button_can_be_typed(verb: str, language: str) -> None:
    assert fold(say(LABELS[verb], language)).rstrip(" \u00a0?") in {**WORDS, ".ok": CONFIRM_WORDS}[verb]


def test_the_buttons_have_the_agreed_words() -> None:
    keys = ("card.confirm", "card.change", "card.cancel", "card.back")
    assert [say(key, "nl") for key in keys] == ["Bevestigen", "Wijzig", "Annuleren", "Terug"]
    assert [say(key, "fr") for key in keys] == ["Confirmer", "Modifier", "Annuler", "Retour"]
    assert [say(key, "en") for key in keys] == ["Confirm", "Change", "Cancel", "Back"]


def test_the_choice_of_a_language_is_answered_in_it() -> None:
    assert say("personal.language_set", "fr") == "C'est noté, désormais en français."
    assert say("personal.language_set", "en") == "Done, English from now on."


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_in_the_text_have_their_name_in_that_language(language: str) -> None:
    place = ALL.index(language)
    found = set()
    for source, words in words_in(language):
        named = [re.findall(r"(?<!\w)/([a-z]+)", each) for each in (source, words)]
        meant = [COMMAND_OF.get(name, name) for name in named[0]]
        assert [COMMAND_OF.get(name, name) for name in named[1]] == meant, words
        assert named[1] == [NAMES[command][place] if command in NAMES else command for command in meant], words
        found |= set(meant)
    assert set(NAMES) <= found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_counts_are_shown_in_words_that_can_be_typed_back(role: str, language: str) -> None:
    one, twelve = (say(f"words.count_{role}", language, count=count) for count in (1, 12))
    assert one.casefold() == "1 " + say(f"words.role_{role}", language).casefold()
    assert twelve != "12" + one[1:]
    assert read_roles(one, ROLE_WORDS) == {role: 1}
    assert read_roles(twelve, ROLE_WORDS) == {role: 12}


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_in_the_text_are_understood(language: str) -> None:
    spans, counts, lengths = set(), set(), set()
    for _, words in words_in(language):
        spans |= set(re.findall(r"\d+(?:h|:)\d*-\d+(?:h|:)\d*", words))
        counts |= set(re.findall(r"12 \w+(?: \w+)?, 2 \w+(?: workers)?", words))
        lengths |= set(re.findall(r"(?:\b1h30\b|\b90 min\b)(?=[.,]| ou| or)", words))
    assert spans
    assert counts
    assert len(lengths) == 2
    hours = {Span(time(14), time(16, 30)), Span(time(21), time(7)), Span(time(12), time(13)), Span(time(10), time(10, 30))}
    assert {read_span(each) for each in spans} == hours
    assert [read_roles(each, ROLE_WORDS) for each in counts] == [{"jongere": 12, "begeleider": 2}] * len(counts)
    assert {read_minutes(each) for each in lengths} == {90}


@pytest.mark.parametrize(("language", "activity"), [("fr", "activité cuisine"), ("en", "cooking activity")])
def test_the_line_in_the_help_is_read_as_it_is_meant(language: str, activity: str) -> None:
    example = "/" + say("personal.help_line", language, form="presentie").partition("/")[2]
    line = read_line(example, date(2026, 6, 15), {"1": ["De Kade"]}, ROLE_WORDS)
    assert line.unclear == ()
    assert (line.place, line.day, line.start, line.end) == ("1", date(2026, 6, 14), time(14), time(16, 30))
    assert line.present == {"jongere": 12, "begeleider": 2}
    assert line.text == activity


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_what_if_line_in_the_text_is_read_as_it_is_meant(language: str) -> None:
    example = re.search(r": /(\w+) (\w+) (De Kade .*?)\.", say("what_if.how", language, form="presentie"))
    assert example
    assert (COMMAND_OF[example[1]], COMMAND_OF[example[2]]) == ("watals", "presentie")
    line = read_line(example[3], date(2026, 6, 15), {"1": ["De Kade"]}, ROLE_WORDS, ahead=True)
    assert (line.place, line.day, line.minutes, line.unclear) == ("1", date(2026, 12, 12), 180, ())
