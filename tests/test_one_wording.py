"""What a form asks, what a rule says and what became of it stands once, for every surface; a surface has words for itself only."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MESSAGES = ROOT / "templates" / "messages"
OWN = ("pages", "slack", "terminal")  # the files of one surface
ABOUT_PAGES = {"page_links.py", "pages.py", "network_pages.py"}  # what is made for pages, and the way to them
# What is called the same and is something else: the page Begin, the day of a list, a network to go to, a page or window to look at
# or leave.
NAMESAKES = {"Begin", "Dag", "Netwerk", "Bekijk", "Sluiten", "geannuleerd", "Bijna op (80 % of meer)", "{{ percent }} % gebruikt"}
TRANSLATED = re.compile(r"{%-? ?trans[^%]*%}(.*?){%-? ?endtrans ?%}", re.S)


@cache
def sentences(file: Path) -> frozenset[str]:
    """What can be said with a file of messages, but for what only puts values beside each other."""
    found = (each.strip() for each in TRANSLATED.findall(file.read_text(encoding="utf-8")))
    return frozenset(each for each in found if re.search(r"[^\W\d_]", re.sub(r"{{.*?}}", "", each)))


@pytest.mark.parametrize("own", OWN)
def test_no_conversation_uses_the_words_of_one_surface(own: str) -> None:
    used = {
        f"{file.name}: {key}"
        for file in (ROOT / "handlers").glob("*.py")
        if own != "pages" or file.name not in ABOUT_PAGES
        for key in re.findall(rf"[\"']({own}\.[a-z_]+)[\"']", file.read_text(encoding="utf-8"))
    }
    assert not used


@pytest.mark.parametrize("own", OWN)
def test_a_surface_has_no_words_that_stand_elsewhere_already(own: str) -> None:
    shared = {each for file in MESSAGES.glob("*.j2") if file.stem != own for each in sentences(file)}
    assert not (sentences(MESSAGES / f"{own}.j2") & shared) - NAMESAKES


@pytest.mark.parametrize("page", sorted((ROOT / "templates" / "pages").glob("*.html")), ids=lambda page: page.stem)
def test_a_page_has_no_words_of_its_own(page: Path) -> None:
    source = re.sub(r"{#.*?#}", "", page.read_text(encoding="utf-8"), flags=re.S)
    for named in re.findall(r"[\"']([^\"']*)[\"']", " ".join(re.findall(r"{[%{].*?[%}]}", source, re.S))):
        assert not re.search(r"[A-ZÀ-Ý]|[^\W\d_] ", named), f"{named!r}: a key has no capitals and no spaces"
    bare = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
    outside = re.sub(r"<[^>]*>", " ", bare)
    seen = re.findall(r"\b(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"", bare)
    assert set(re.findall(r"[^\W\d_]{2,}", " ".join([outside, *seen]))) <= {"Uurwijzer"}
