"""The pages in a real browser, at the width of a phone and of a desk, by keyboard; what axe-core finds wrong with them."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import DESK, HERE, LEFT_OUT, PHONE, REQUIRED, Site, chromium_browser, enter, press
from tests.screens_of_pages import FOLDER, SHOTS, take, words_of
from tests.talk import Office
from tests.telegram_standin import TOKEN
from tests.test_web_mini_app import GOOD

pytestmark = pytest.mark.skipif(not HERE and not REQUIRED, reason=LEFT_OUT)
WIDTHS, NARROWEST = (PHONE, DESK), 320  # a page read at four times its size on a desk is as narrow


@pytest.fixture
def site(office: Office, tmp_path: Path) -> Iterator[Site]:
    found = Site(office, tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    assert HERE, LEFT_OUT
    with chromium_browser() as browser:
        yield browser


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_registration_by_keyboard_alone(site: Site, chromium: Any, width: int, scripts: bool) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, java_script_enabled=scripts)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    enter(page, site, "K3")
    press(page, "Presentie")
    for label, text in (("Datum", "gisteren 14u-16u30"), ("Omschrijving", "kookactiviteit"), ("Aanwezig", "12 jongeren, 2 begeleiders")):
        page.get_by_label(label, exact=True).focus()
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    with page.expect_navigation() if scripts else nullcontext():
        page.keyboard.press("Space")
    if not scripts:
        press(page, "Nakijken")
    assert "Dit kan: 2u30" in page.inner_text("main")
    press(page, "Bevestigen")
    assert "Geboekt" in page.inner_text("h1")
    assert not said, "nothing is blocked or broken"
    assert site.office.booked("K3")[0].minutes == 150
    context.close()


def test_the_way_back_of_the_browser_shows_the_form_and_a_reload_sends_nothing_again(site: Site, chromium: Any) -> None:
    page = chromium.new_page()
    enter(page, site, "K3")
    press(page, "Presentie")
    page.locator("#f-length").fill("2u")
    press(page, "Nakijken")
    page.locator("#f-text").fill("kookactiviteit")
    press(page, "Nakijken")
    page.go_back()
    assert (page.url, page.locator("#f-text").input_value()) == (f"{site.address}/formulier", "kookactiviteit")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.go_forward()
    page.reload()
    assert "POST" not in sent
    assert page.inner_text("h1") == "Presentie"


def test_why_is_read_first(site: Site, chromium: Any) -> None:
    page = chromium.new_page()
    enter(page, site, "K2")
    press(page, "Presentie")
    for key, typed in (("day", "10/6"), ("start", "9:00"), ("length", "9u30")):
        page.locator(f"#f-{key}").fill(typed)
    press(page, "Nakijken")
    press(page, "Waarom?")
    assert page.evaluate("document.activeElement.id") == "before"


@pytest.mark.parametrize("scripts", [True, False])
def test_what_the_rules_say_is_in_sight_after_a_check_with_what_can_be_done(site: Site, chromium: Any, scripts: bool) -> None:
    context = chromium.new_context(viewport={"width": PHONE, "height": 740}, java_script_enabled=scripts, reduced_motion="reduce")
    page = context.new_page()
    enter(page, site, "K2")
    press(page, "Presentie")
    page.locator("#f-place").select_option(index=1)
    for key, typed in (("day", "10/6"), ("start", "9:00"), ("length", "9u30"), ("text", "koken"), ("present", "12 jongeren")):
        page.locator(f"#f-{key}").fill(typed)
    page.locator("#f-declared").check()
    press(page, "Nakijken")
    for words in ("Dit kan zo niet geboekt worden.", "Nakijken", "Waarom?"):
        spot = page.get_by_text(words, exact=True).bounding_box()
        assert spot is not None
        assert 0 <= spot["y"] <= 740 - spot["height"], words
    if scripts:
        assert page.evaluate("document.activeElement.id") == "outcome"
        assert page.url == f"{site.address}/formulier"
    context.close()


FITS = "all => all.every(each => each.scrollWidth <= each.parentElement.clientWidth)"


@pytest.mark.parametrize("width", [NARROWEST, *WIDTHS])
def test_no_page_is_wider_than_the_window(site: Site, chromium: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    for key, paths in (("K1", ("", "momenten", "gesprek")), ("C-1", ("netwerk", "netwerk/1/momenten"))):
        enter(page, site, key)
        for path in paths:
            page.goto(f"{site.address}/{path}")
            page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
            assert page.eval_on_selector_all(".figures, .lines", FITS), "no number stands out of sight"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        press(page, "Afmelden")
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_coordinator_decides_and_looks_behind_a_figure_by_keyboard_alone(site: Site, chromium: Any, width: int) -> None:
    ask_more(site)
    context = chromium.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    enter(page, site, "C-1")
    reach(page, "Toekennen", "Enter")
    assert "Toegekend" in page.inner_text("main")
    reach(page, "Netwerk", "Enter")
    assert "Er wacht geen aanvraag op jou" in page.inner_text("main")
    reach(page, "Als tabel", "Space", stays=True)
    assert page.get_by_role("rowheader", name="Heel het netwerk").is_visible()
    reach(page, "oproep 1 – overleg: Huisartsenpraktijk De Linde, Lotte Voorbeeld", "Enter")
    assert page.get_by_label("Oproep", exact=True).input_value() == "O1"
    reach(page, "10 mrt 2026, 12:00", "Enter")
    assert "Lotte Voorbeeld" in page.inner_text("main")
    context.close()


FOCUSED = "document.activeElement.innerText"


def reach(page: Any, words: str, key: str, *, stays: bool = False) -> None:
    """Go with Tab to what reads these words, and press a key there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == words:
            break
    assert page.evaluate(FOCUSED) == words
    with nullcontext() if stays else page.expect_navigation():
        page.keyboard.press(key)


def test_what_is_wrong_is_read_first(site: Site, chromium: Any) -> None:
    page = chromium.new_page()
    enter(page, site, "K3")
    press(page, "Presentie")
    press(page, "Nakijken")
    assert page.evaluate("document.activeElement.id") == "wrong"


PLATFORM = """
window.Telegram = {WebApp: {initData: %s, ready() {}, openLink(address) { window.opened = address; }}};
"""


WITHIN = "window.TelegramWebviewProxy = {};"  # what the platform puts in its own windows


def open_app(page: Any, site: Site, init_data: str, within: str = WITHIN) -> list[str]:
    """Open the Mini App as Telegram does; returns what the browser complains of."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    script = PLATFORM % json.dumps(init_data) + within
    page.route("https://telegram.org/js/*", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto(f"{site.address}/app")
    return said


def test_the_mini_app_signs_in_who_is_linked(site: Site, chromium: Any) -> None:
    site.office.link("telegram", TOKEN.partition(":")[0], "4211", "4211", "K3")
    context = chromium.new_context(viewport={"width": PHONE, "height": 700}, locale="nl-BE")
    page = context.new_page()
    said = open_app(page, site, GOOD)
    page.wait_for_url(f"{site.address}/")
    assert page.inner_text("h1") == "Dag Aïcha"
    assert not said, "nothing is blocked or broken"
    context.close()


def test_in_an_ordinary_browser_the_mini_app_says_who_will_be_signed_in_and_asks(site: Site, chromium: Any) -> None:
    site.office.link("telegram", TOKEN.partition(":")[0], "4211", "4211", "K3")
    context = chromium.new_context(viewport={"width": PHONE, "height": 700}, locale="nl-BE")
    page = context.new_page()
    said = open_app(page, site, GOOD, within="")
    page.wait_for_url(f"{site.address}/in/*")
    assert "aan als Aïcha" in page.inner_text("main")
    page.goto(f"{site.address}/momenten")
    assert "Je bent niet aangemeld" in page.inner_text("h1")
    assert [each for each in said if "401" not in each] == []
    context.close()


@pytest.mark.parametrize("init_data", ["", GOOD.replace("4211", "4212")])
def test_the_mini_app_says_so_when_it_cannot_tell_who_it_is(site: Site, chromium: Any, init_data: str) -> None:
    context = chromium.new_context(viewport={"width": PHONE, "height": 700}, locale="nl-BE")
    page = context.new_page()
    open_app(page, site, init_data)
    page.get_by_text("Dat lukte niet. Sluit dit venster").wait_for()
    context.close()


# What axe-core finds wrong


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["nl", "fr"])
def test_nothing_is_seriously_wrong_with_any_page(site: Site, chromium: Any, language: str) -> None:
    ask_more(site)
    context = chromium.new_context(viewport={"width": PHONE, "height": 844}, locale=f"{language}-BE")
    page = context.new_page()
    walk = Walk(page, site, language)
    for address in (f"{site.address}/in/forged", site.address, f"{site.address}/nergens"):
        walk.go(address)
    walk.sign_in("K1", "sign-in")
    walk.look("provider's page")
    walk.go(f"{site.address}/momenten")
    walk.go(f"{site.address}/momenten?oproep=O1")
    walk.go(f"{site.address}/gesprek")
    walk.go(f"{site.address}/netwerk")
    walk.go(f"{site.address}/nergens")
    walk.say("/overleg", "form")
    walk.press("button[value=check]", "form with everything open")
    for field, text in (("day", "31/2"), ("start", "12u"), ("length", "45 min"), ("present", "2 huisartsen")):
        page.locator(f"#f-{field}").fill(text)
    walk.press("button[value=check]", "form with a mistake")
    page.locator("#f-place").select_option(index=1)
    page.locator("#f-day").fill("14/6")
    page.locator("#f-topic").check()
    page.locator("#f-declared").check()
    walk.press("button[value=check]", "form that can be confirmed")
    walk.press("button[value$='.why']", "why above the form")
    walk.press("button[value=confirm]", "receipt")
    for command in ("/saldo", "/overzicht", "/planning", "/privacy", "/help"):
        walk.say(command, command)
    walk.say("/aanvraag", "what to request")
    walk.press("button[value$=':more']", "request")
    walk.press("button[value=check]", "request with everything open")
    walk.say("/annuleer", "given up")
    walk.say("/planning", "plans")
    walk.press("button[value='plan:new']", "what to plan")
    walk.press("button[value^='plan:form:']", "plan")
    walk.press("form.who button", "signed out")
    walk.sign_in("C-1")
    walk.look("coordinator's page")
    walk.go(f"{site.address}/netwerk")
    for each in page.locator("details").all():
        each.locator("summary").click()
    walk.look("dashboard with its tables open")
    walk.go(f"{site.address}/netwerk/1/momenten")
    page.locator("tbody th a").first.click()
    walk.look("a moment of the network")
    walk.say("/samenvatting", "summary")
    walk.go(f"{site.address}/app")
    assert not walk.found, walk.found
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=/style.css>')")
    walk.look("a page with a picture that says nothing")
    assert walk.found, "axe-core looks, under the policy of the pages"
    context.close()


class Walk:
    """Goes from page to page and has axe-core look at each. `found`: what is serious or critical, by page."""

    def __init__(self, page: Any, site: Site, language: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        self.page, self.site, self.language, self.axe = page, site, language, Axe()
        self.found: dict[str, list[str]] = {}
        page.route("https://telegram.org/**", lambda route: route.fulfill(body="", content_type="text/javascript"))

    def look(self, name: str) -> None:
        """Read the page that stands there."""
        assert self.page.locator("html").get_attribute("lang") == self.language, name
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE, name
        found = self.axe.run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        wrong = [each for each in found if each["impact"] in ("serious", "critical")]
        if wrong:
            self.found[name] = [f"{each['id']}: {node['html'][:200]}" for each in wrong for node in each["nodes"]]

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.look(address.removeprefix(self.site.address))

    def sign_in(self, key: str, name: str = "") -> None:
        self.page.goto(self.site.link(key, language=self.language))
        if name:
            self.look(name)
        self.press("main button", "signed in")

    def press(self, which: str, name: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(which).first.press("Enter")
        self.look(name)

    def say(self, text: str, name: str) -> None:
        self.page.goto(f"{self.site.address}/gesprek")
        self.page.locator("#typed").fill(text)
        self.press("form.typed button", name)


def ask_more(site: Site) -> None:
    """Let a request wait for the coordinator."""
    talk = site.office.terminal("K1")
    talk.do("/aanvraag")
    talk.choose(":more")
    talk.do("[Huisartsenpraktijk De Linde]", "3u", "er komt een overleg bij", "[Versturen]")


def test_the_pictures_in_the_guides_are_of_the_pages_as_they_are(chromium: Any, tmp_path: Path) -> None:
    take(chromium, tmp_path)
    for shot in SHOTS:
        path = FOLDER / f"{shot.name}.png"
        assert words_of(path) == words_of(tmp_path / path.name), f"{path.name}: run python -m tests.screens_of_pages"
