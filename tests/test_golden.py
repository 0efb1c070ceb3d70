"""What stands on the screen, word for word, in each language at the terminal and in Telegram.

The screens are kept in tests/golden. After a wanted change:  UPDATE_GOLDEN=1 pytest tests/test_golden.py, and read the difference.
"""

import os
import re
from pathlib import Path

import pytest

from rules.words import LANGUAGES
from tests.talk import Office, Talk, TelegramTalk, read_markup

GOLDEN = Path(__file__).parent / "golden"

# A line that is typed, or "=meaning" for the button that means it.
REGISTRATION = (
    "/start",
    "=form:presentie",
    "=day:2026-06-14",
    "=start:14:00",
    "=length:120 min",
    "koken",
    "=.role:jongere",
    "=.count:12",
    "=.role:begeleider",
    "=.count:2",
    "=.counted",
    "=declared:yes",
    "=.why",
    "=.back",
    "=declared:yes",
    "=.change",
    "=.field:length",
    "2u30",
    "misschien",
    "=.ok",
    "=saldo",
    "/overzicht",
    "=moment:17",
    "=why:17",
    "/overzicht",
    "=moment:17",
    "=correct:17",
    "=.field:length",
    "=length:60 min",
    "=.ok",
    "=restore:17:2",
)
SIDE = ("/help", "/privacy", "/taal", "/watals presentie De Kade 3u 12/12", "/foo", "bla", "/annuleer", "/saldo", "/overzicht")
COORDINATOR = ("/start", "/help", "/saldo", "/samnvatting", "/zoek 99")
REFUSED = (
    "/presentie gisteren 9u-18u spelen, 12 bezoekers",
    "=.why",
    "bevestigen",
    "=.cancel",
    "/presentie",
    "=.back",
    "31 juni",
    "morgen",
    "=.back",
    "8 juni",
    "3",
    "=start:15:00",
    "25 uur",
    "=length:60 min",
    "bel 0475 12 34 56",
    "spelen",
    "leerkrachten",
    "=.nobody",
    "=declared:onthaalpermanentie",
    "=.cancel",
    "/presentie 1/1/2027 14u-15u spelen, 12 bezoekers",
    "=.wait",
    "/intervisie",
)


def transcript(talk: Talk, deeds: tuple[str, ...]) -> str:
    """Each deed with the screens that answer it."""
    parts = []
    for deed in deeds:
        if deed.startswith("="):
            if not offered(talk, deed[1:]):
                parts.append(f">>> [{deed[1:]}] is not offered")
                continue
            talk.choose(deed[1:])
        else:
            talk.say(deed)
        parts.append(f">>> {'[' + deed[1:] + ']' if deed.startswith('=') else deed}\n\n{shown(talk)}")
    return "\n\n\n".join(parts) + "\n"


def offered(talk: Talk, meaning: str) -> bool:
    if isinstance(talk, TelegramTalk):
        return any(
            button["callback_data"].endswith(meaning) for message in talk.person.replies for row in message.buttons for button in row
        )
    return any(choice.press.endswith(meaning) for _, _, choice in talk.terminal.choices)


def shown(talk: Talk) -> str:
    if not isinstance(talk, TelegramTalk):
        return talk.screen()
    return "\n\n".join(payload(call.method, call.params) for call in talk.calls)


def payload(method: str, params: dict) -> str:
    """A call of the Bot API as it goes over the wire, readable."""
    rows = ["".join(f"[{button['text']}]" for button in row) for row in (read_markup(params) or {}).get("inline_keyboard", [])]
    return "\n".join([f"-- {method}", *([params["text"]] if params.get("text") else []), *rows])


def without_chance(text: str) -> str:
    """Nothing in these screens may depend on chance or on this machine; only references of reports do."""
    return re.sub(r"(refer\w+ )[A-Z2-7]{6}\b", r"\1......", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("surface", ["terminal", "telegram"])
@pytest.mark.parametrize(("name", "key", "deeds"), [
    ("registration", "K3", REGISTRATION), ("side", "K3", SIDE), ("refused", "K2", REFUSED), ("coordinator", "C-1", COORDINATOR),
])  # fmt: skip
def test_the_screens_are_the_kept_ones(office: Office, name: str, key: str, deeds: tuple[str, ...], surface: str, language: str) -> None:
    talk = office.talk(surface, key)
    talk.say(f"/taal {language}")
    found = without_chance(transcript(talk, deeds))
    assert "is not offered" not in found, found
    path = GOLDEN / f"{name}-{surface}-{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{path.name} differs; see the top of this file"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("surface", ["terminal", "telegram"])
@pytest.mark.parametrize("name", ["registration", "side", "refused", "coordinator"])
def test_no_screen_mixes_languages(name: str, surface: str, language: str) -> None:
    """No line that is Dutch words stands unchanged in the French or English screens; names and what was typed may."""
    dutch, other = (set((GOLDEN / f"{name}-{surface}-{each}.txt").read_text(encoding="utf-8").splitlines()) for each in ("nl", language))
    same = {line for line in dutch & other if re.search(r"[a-z]{4}", line) and not line.startswith((">>>", "-- "))}
    assert same <= SAME


# Languages by their own name, what was typed earlier, and a word that two languages share.
SAME = {
    "[Nederlands][Français][English]",
    "  [a] Nederlands   [b] Français   [c] English",
    "[samen koken]",
    "  [a] samen koken",
    "Moment 17",
    "<b>Moment 17</b>",
}


def test_the_kept_screens_hold_no_machine_and_no_chance() -> None:
    for path in GOLDEN.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "/tmp" not in text
        assert "127.0.0.1" not in text
        assert "Traceback" not in text
        assert "None" not in text
