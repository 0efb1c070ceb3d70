"""The screens in the documents: docs/screens.toml says what people do, the real program answers, nothing is drawn by hand.

`python -m tests.screens_for_docs` puts text screens between their markers and writes docs/pictures; test_docs compares.
"""

import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from textwrap import fill
from typing import Any

from sqlalchemy import Connection

from bot import telegram_surface as surface
from bot.sample_data import load_sample
from handlers import dispatch
from handlers.access import VALID, hash_of
from handlers.world import World
from storage import accounts
from storage.database import Database
from storage.instants import as_stored
from tests.talk import BOOKS, NOW, id_of

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
GUIDES = ("docs/gebruik.md", "docs/utilisation.md")
MARKED = re.compile(r"(<!-- screen: ([a-z0-9-]+) -->\n).*?(<!-- end of screen -->)", re.S)
BOT, USER = 4200000001, 7000001
COLUMNS = 64  # of a text screen


@dataclass(frozen=True)
class Said:
    """One thing in a conversation: `who` typed, pressed or answered; of an answer the title and the rows of buttons."""

    who: str
    text: str
    title: str = ""
    buttons: tuple[tuple[str, ...], ...] = ()


class Phone:
    """A Telegram chat as its person sees it: the surface's own payloads, without a network."""

    def __init__(self, database: Database, language: str) -> None:
        self.database, self.language = database, language
        self.world = World(BOOKS)
        self.said: list[Said] = []
        self.keyboard: list[tuple[str, str, int]] = []
        self.updates = self.messages = 0

    def do(self, deed: str) -> None:
        """Type a text, or press the button that a deed in brackets names."""
        sender = {"id": USER, "is_bot": False, "first_name": "Fictief", "language_code": self.language}
        chat = {"id": USER, "type": "private"}
        self.updates += 1
        update: dict[str, Any] = {"update_id": self.updates}
        if deed.startswith("["):
            label = deed.strip("[]")
            found = [each for each in self.keyboard if each[0].startswith(label)]
            if not found:
                raise LookupError(f"no button {label!r}, there are {[name for name, _, _ in self.keyboard]}")
            name, data, message = found[0]
            self.said.append(Said("pressed", name))
            update["callback_query"] = {"id": "1", "from": sender, "data": data, "message": {"message_id": message, "chat": chat}}
        else:
            self.messages += 1
            self.said.append(Said("typed", deed))
            update["message"] = {"message_id": self.messages, "date": 0, "chat": chat, "from": sender, "text": deed}
        for call in self.database.run(lambda tx: self._step(tx, update)):
            self._receive(call)

    def _step(self, tx: Connection, update: dict[str, Any]) -> list[dict[str, Any]]:
        event = surface.read(update, BOT, "voorbeeldbot", NOW)
        assert event is not None
        session = accounts.read_session(tx, "telegram", str(BOT), str(USER))
        calls = surface.show(dispatch.handle(tx, self.world, event, session), event, session.card)
        for call in calls:
            if call["method"] == "sendMessage":
                self.messages += 1
                call["message_id"] = self.messages
            if call.get("draft") is not None and session.account is not None:
                accounts.place_card(tx, session.account, f"{call['draft']}:{call['message_id']}")
        return calls

    def _receive(self, call: dict[str, Any]) -> None:
        if "text" not in call or call["method"] == "answerCallbackQuery":
            return
        keyboard = (call.get("reply_markup") or {}).get("inline_keyboard", [])
        if keyboard:
            self.keyboard = [(each["text"], each["callback_data"], call["message_id"]) for row in keyboard for each in row]
        bold = re.match(r"<b>(.*?)</b>\n*", call["text"], re.S)
        title, rest = (bold[1], call["text"][bold.end():]) if bold else ("", call["text"])
        rows = tuple(tuple(each["text"] for each in row) for row in keyboard)
        self.said.append(Said("answered", unescape(rest), unescape(title), rows))


def scenes() -> dict[str, dict[str, Any]]:
    """The scenes by name; each says whose phone it is and what is done, unseen (`before`) and in sight (`deeds`)."""
    return tomllib.loads((ROOT / "docs" / "screens.toml").read_text(encoding="utf-8"))


def play(folder: Path, wanted: dict[str, dict[str, Any]]) -> dict[str, list[Said]]:
    """What was said in each scene, in a fresh copy of the sample data each."""
    sample = folder / "sample.db"
    database = Database(f"sqlite:///{sample}", create=True, durable=False)
    load_sample(database, BOOKS, NOW)
    database.close()
    return {name: _play(folder / f"{name}.db", sample, scene) for name, scene in wanted.items()}


def _play(path: Path, sample: Path, scene: dict[str, Any]) -> list[Said]:
    shutil.copyfile(sample, path)
    database = Database(f"sqlite:///{path}", durable=False)
    try:
        database.run(lambda tx: _begin(tx, scene))
        phone = Phone(database, scene["language"])
        for deed in scene.get("before", []):
            phone.do(deed)
        phone.said.clear()
        for deed in scene["deeds"]:
            phone.do(deed)
        return phone.said
    finally:
        database.close()


def _begin(tx: Connection, scene: dict[str, Any]) -> None:
    person = id_of(tx, scene["person"])
    now = as_stored(NOW)
    if code := scene.get("code"):
        accounts.add_invite(tx, person, hash_of(code), now, VALID)
    else:
        session = accounts.read_session(tx, "telegram", str(BOT), str(USER))
        account = accounts.ensure_account(tx, session, "telegram", str(BOT), str(USER), str(USER))
        accounts.change_account(tx, account, person=person, linked_at=now)


def _filled(line: str) -> str:
    return fill(line, COLUMNS, subsequent_indent="  " if line.startswith(("> ", "- ", "! ")) else "", break_on_hyphens=False)


def as_text(said: list[Said]) -> str:
    """A conversation as a block of text: what is typed after >, a press as an arrow, buttons in brackets."""
    parts = []
    for each in said:
        if each.who == "typed":
            parts.append(_filled(f"> {each.text}"))
        elif each.who == "pressed":
            parts.append(f"→ [{each.text}]")
        else:
            rows = ["  " + " ".join(f"[{label}]" for label in row) for row in each.buttons]
            lines = [each.title, *each.text.split("\n")] if each.title else each.text.split("\n")
            parts.append("\n".join([*(_filled(line) for line in lines if each.text or line), *rows]))
    return "```text\n" + "\n\n".join(parts) + "\n```\n"


# The picture. Widths are those of a wide font, so that a line fits its bubble in every font a reader may have.

WIDTH, SIZE, LINE, INSIDE, BUTTON = 420, 15, 20, 12, 36
NARROW, WIDE = "ijl.,:;!|'’()[]ft ", "mwMWQO@%–—€"


def _wide(text: str, bold: bool = False) -> float:
    per = sum(0.36 if each in NARROW else 0.92 if each in WIDE else 0.69 if each.isupper() else 0.6 for each in text)
    return per * SIZE * (1.08 if bold else 1)


def _wrap(text: str, width: float, bold: bool = False) -> Iterator[str]:
    for line in text.split("\n"):
        current = ""
        for word in line.split(" "):
            if current and _wide(f"{current} {word}", bold) > width:
                yield current
                current = word
            else:
                current = f"{current} {word}" if current else word
        yield current


def as_picture(said: list[Said], description: str) -> str:
    """A conversation as an SVG picture: bubbles, buttons, the pressed one dark; light, and as wide as a phone."""
    drawn: list[str] = []
    top = 16.0
    for number, each in enumerate(said):
        if each.who == "pressed":
            continue
        after = said[number + 1] if number + 1 < len(said) else None
        top = _bubble(drawn, each, after.text if after is not None and after.who == "pressed" else "", top)
    height = round(top)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"',
        f'  font-family="Helvetica, Arial, sans-serif" font-size="{SIZE}" fill="#1c2733">',
        f"<title>{escape(description, quote=False)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#e9eef3"/>',
        *drawn, "</svg>", "",
    ])  # fmt: skip


def _bubble(drawn: list[str], said: Said, pressed: str, top: float) -> float:
    """Draw one bubble with its buttons; returns where the next one begins."""
    mine = said.who == "typed"
    most = WIDTH - 2 * 16 - (60 if mine else 24)
    lines = [(line, True) for line in _wrap(said.title, most - 2 * INSIDE, bold=True)] if said.title else []
    lines += [(line, False) for line in _wrap(said.text, most - 2 * INSIDE)] if said.text else []
    wide = max(_wide(line, bold) for line, bold in lines) + 2 * INSIDE
    width = round(most if said.buttons else min(most, wide))
    left = WIDTH - 16 - width if mine else 16
    high = len(lines) * LINE + 2 * INSIDE - 4
    drawn.append(f'<rect x="{left}" y="{top:g}" width="{width}" height="{high}" rx="12" fill="{"#d7f0c8" if mine else "#ffffff"}"/>')
    for number, (line, bold) in enumerate(lines):
        if line:
            weight = ' font-weight="bold"' if bold else ""
            drawn.append(f'<text x="{left + INSIDE}" y="{top + INSIDE + 13 + number * LINE:g}"{weight}>{escape(line, quote=False)}</text>')
    top += high + 4
    for row in said.buttons:
        each = (width - 4 * (len(row) - 1)) / len(row)
        for place, label in enumerate(row):
            x, dark = left + place * (each + 4), label == pressed
            shown = label if _wide(label) <= each - 8 else _shorter(label, each - 8)
            fill_in = "#1f6fb2" if dark else "#cfdce8"
            drawn.append(f'<rect x="{x:g}" y="{top:g}" width="{each:g}" height="{BUTTON - 4}" rx="8" fill="{fill_in}"/>')
            white = ' fill="#ffffff"' if dark else ""
            drawn.append(f'<text x="{x + each / 2:g}" y="{top + 21:g}" text-anchor="middle"{white}>{escape(shown, quote=False)}</text>')
        top += BUTTON
    return top + 12


def _shorter(label: str, width: float) -> str:
    while _wide(label + "…") > width:
        label = label[:-1]
    return label.rstrip() + "…"


def documents(folder: Path) -> dict[Path, str]:
    """Every document and picture that holds screens, as it should be now."""
    wanted = scenes()
    said = play(folder, wanted)
    texts: dict[Path, str] = {}
    for name in GUIDES:
        path = ROOT / name
        texts[path] = MARKED.sub(lambda found: found[1] + as_text(said[found[2]]) + found[3], path.read_text(encoding="utf-8"))
    for name, scene in wanted.items():
        if "picture" in scene:
            texts[PICTURES / f"{name}.svg"] = as_picture(said[name], scene["picture"])
    return texts


def main() -> None:
    """Write everything anew and say what changed."""
    with tempfile.TemporaryDirectory(prefix="uurwijzer-screens-") as folder:
        for path, text in documents(Path(folder)).items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(f"{path.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
