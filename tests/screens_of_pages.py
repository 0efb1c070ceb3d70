"""Pictures of the pages for the guides, taken in a browser of the real program with fictional people.

`python -m tests.screens_of_pages` writes docs/screens; each picture holds the words that it shows, and a test compares those.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.sample_data import load_sample
from storage.database import Database
from tests.browsers import PHONE, Site, chromium_browser
from tests.talk import BOOKS, NOW, Office

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
COLOURS = 64
# How much of the end of a form fits in the window with no field cut in two.
END = """() => {
  const whole = document.documentElement.scrollHeight;
  const tops = [...document.querySelectorAll(".field")].map((each) => each.getBoundingClientRect().top + scrollY - 16);
  return whole - Math.ceil(tops.find((top) => whole - top <= innerHeight));
}"""


@dataclass(frozen=True)
class Shot:
    """A picture: whose page in which language, how large, and what is done before it is taken."""

    name: str
    key: str
    language: str
    width: int
    height: int
    reach: Callable[[Any, str], None]


def _home(page: Any, address: str) -> None:
    page.goto(address)


def _form(page: Any, address: str) -> None:
    with page.expect_navigation():
        page.locator("button[value='form:presentie']").press("Enter")
    dutch = page.locator("html").get_attribute("lang") == "nl"
    present = "12 jongeren, 2 begeleiders" if dutch else "12 jeunes, 2 accompagnateurs"
    text = "kookactiviteit" if dutch else "atelier cuisine"
    given = {"day": "14/6", "start": "14:00", "length": "2u30", "text": text, "present": present}
    for key, typed in given.items():
        page.locator(f"#f-{key}").fill(typed)
    with page.expect_navigation():
        page.locator("#f-declared").check()
    page.set_viewport_size({"width": PHONE, "height": page.evaluate(END)})
    page.evaluate("document.activeElement.blur(), window.scrollTo(0, document.body.scrollHeight)")


def _network(page: Any, address: str) -> None:
    page.goto(f"{address}/netwerk")


SHOTS = tuple(
    Shot(f"{language}-{name}", key, language, width, height, reach)
    for language in ("nl", "fr")
    for name, key, width, height, reach in (
        ("home", "K1", PHONE, 844, _home), ("form", "K3", PHONE, 844, _form), ("network", "C-1", 900, 800, _network),
    )
)  # fmt: skip


def take(browser: Any, folder: Path) -> None:
    """Take every picture into a folder."""
    with tempfile.TemporaryDirectory() as made:
        sample = Path(made) / "sample.db"
        database = Database(f"sqlite:///{sample}", create=True, durable=False)
        load_sample(database, BOOKS, NOW)
        database.close()
        for shot in SHOTS:
            office = Office(f"sqlite:///{shutil.copyfile(sample, Path(made) / f'{shot.name}.db')}")
            site = Site(office, Path(made))
            try:
                (folder / f"{shot.name}.png").write_bytes(_take(browser, site, shot))
            finally:
                site.close()
                office.close()


def _take(browser: Any, site: Site, shot: Shot) -> bytes:
    size = {"width": shot.width, "height": shot.height}
    context = browser.new_context(viewport=size, locale=f"{shot.language}-BE", reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.link(shot.key, language=shot.language))
    with page.expect_navigation():
        page.locator("main button").press("Enter")
    shot.reach(page, site.address)
    words = PngInfo()
    words.add_itxt("words", _words(page))
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    context.close()
    saved = BytesIO()
    picture.save(saved, "PNG", optimize=True, pnginfo=words)
    return saved.getvalue()


def _words(page: Any) -> str:
    """The words of a page, and what stands in its fields."""
    typed = page.eval_on_selector_all("main input:not([type=hidden]):not([type=radio])", "all => all.map(each => each.value)")
    return "\n".join([*page.inner_text("body").split("\n"), *typed])


def words_of(path: Path) -> str:
    """The words that a picture shows."""
    with Image.open(path) as picture:
        return str(picture.text["words"])  # type: ignore[attr-defined]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with chromium_browser() as chromium:
        take(chromium, FOLDER)
