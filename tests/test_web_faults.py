"""A page that cannot be made: nothing that it would have told of has happened, and the person reads a sentence with a reference."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jinja2 import UndefinedError

from bot import page_site
from tests.page_reader import Page
from tests.talk import Office
from tests.test_web_pages import FROM_HERE, WHOLE
from tests.web_talk import Web

REFERENCE = re.compile(r"meld dan dit kenmerk: [0-9a-f]{8}\b")


@pytest.fixture
def web(office: Office, tmp_path: Any) -> Iterator[Web]:
    found = Web(office, tmp_path)
    yield found
    found.close()


class Broken:
    """Templates with a fault in them, until `mend`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        self._render = page_site.render
        monkeypatch.setattr("bot.page_site.render", self.render)

    def render(self, template: str, language: str, **values: Any) -> str:
        if self.names & {template, "frame"}:
            raise UndefinedError("'each' is undefined")
        return self._render(template, language, **values)

    def mend(self) -> None:
        self.names = set()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    return Broken(monkeypatch)


@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
def test_a_confirmation_whose_receipt_cannot_be_shown_books_nothing_and_can_be_done_again(web: Web, broken: Broken) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(**WHOLE, declared="yes")
    form, before = next(each for each in talk.page.forms if each.action == "/formulier"), web.office.everything()
    broken.names = {"screen"}
    answer = talk.send(form, {"do": "confirm"})
    assert answer.status_code == 500
    assert REFERENCE.search(Page(answer.text).text)
    assert "Er is niets veranderd" in answer.text
    assert web.office.everything() == before
    broken.mend()
    assert "Geboekt" in Page(talk.send(form, {"do": "confirm"}).text).text
    assert len(web.office.booked("K3")) == 1


def test_what_was_filled_in_is_not_kept_by_half(web: Web, broken: Broken) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    form, before = next(each for each in talk.page.forms if each.action == "/formulier"), web.office.everything()
    broken.names = {"form"}
    assert talk.send(form, {"do": "check", "f-text": "tuin"}).status_code == 500
    assert web.office.everything() == before
    broken.mend()
    talk.fill(text="tuin")
    assert "Intussen" not in talk.screen(), "the page that was in sight still counts"
    assert talk.page.by_id["f-text"].given["value"] == "tuin"


@pytest.mark.parametrize("target", ["", "formulier", "momenten"])
def test_a_link_is_not_lost_with_the_page_that_it_leads_to(web: Web, broken: Broken, target: str) -> None:
    link, browser = web.link("K3", target), web.browser()
    broken.names = {"door"}
    assert REFERENCE.search(browser.get(link).text)
    broken.names = {"home", "screen", "moments"}
    entered = browser.post(link, headers=FROM_HERE)
    assert entered.status_code == 303
    there = browser.get(entered.headers["location"])
    assert there.status_code == 500
    assert REFERENCE.search(there.text)
    broken.mend()
    assert browser.get(entered.headers["location"]).status_code == 200, "she is signed in all the same"


def test_where_no_page_can_be_made_at_all_the_sentence_comes_alone(web: Web, broken: Broken) -> None:
    talk = web.signed_in("K3")
    form, before = next(each for each in talk.page.forms if each.action == "/uit"), web.office.everything()
    broken.names = {"frame"}
    for answer in (talk.browser.get("/"), talk.browser.get("/nergens", headers={"accept": "text/html"}), web.browser().get("/"),
                   web.browser().get("/in/nothing"), talk.send(form, {})):  # fmt: skip
        assert answer.status_code == 500
        assert answer.headers["content-type"].startswith("text/plain")
        assert REFERENCE.search(answer.text)
    assert web.office.everything() == before
    broken.mend()
    assert talk.browser.get("/").status_code == 200, "she was not signed out"


def test_a_picture_that_cannot_be_drawn_leaves_its_words(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = web.signed_in("C-1")
    assert talk.say("/samenvatting")
    shown = [each.given["src"][:22] for each in talk.page.root.all("img")]
    assert shown
    assert set(shown) == {"data:image/png;base64,"}
    monkeypatch.setattr("bot.drawings.draw", lambda *_: 1 / 0)
    talk.say("/samenvatting")
    assert talk.response.status_code == 200
    assert all(each.given["alt"] for each in talk.page.root.all("img"))
