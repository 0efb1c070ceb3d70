"""The pages: signing in once, whole forms without JavaScript, one's own hours, a network's dashboard; and nothing of somebody else."""

import asyncio
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from bot.page_words import STATIC, static_file
from bot.web import make_app
from storage import accounts
from storage import people as stored
from storage.tables import audit, invites, people, requests, web_sessions
from tests.page_reader import Page
from tests.talk import Office, id_of
from tests.test_network import add_person
from tests.web_talk import ADDRESS, Web, WebTalk, page_settings

WHOLE = {"day": "2026-06-14", "start": "14:00", "length": "2u30", "text": "kookactiviteit", "present": "12 jongeren, 2 begeleiders"}
FROM_HERE = {"origin": ADDRESS}


@pytest.fixture
def web(office: Office, tmp_path: Any) -> Iterator[Web]:
    found = Web(office, tmp_path)
    yield found
    found.close()


# Signing in


def test_a_link_opens_the_page_once_and_a_preview_does_not_spend_it(web: Web) -> None:
    link, browser = web.link("K3"), web.browser()
    for _ in range(3):
        assert web.browser().get(link).status_code == 200
        assert web.browser().head(link).status_code == 200
    entered = browser.post(link, headers=FROM_HERE)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    for part in ("__Host-uurwijzer=", "Secure", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=28800"):
        assert part in cookie
    assert "Aïcha" in browser.get("/").text
    for again in (web.browser(), browser):
        assert again.post(link, headers=FROM_HERE).status_code in (409, 410)
    assert web.browser().get(link).status_code == 410
    assert browser.get("/").status_code == 200
    ways = [[each.given["href"] for each in Page(who.get(link).text).root.all("main")[0].all("a")] for who in (browser, web.browser())]
    assert ways == [["/"], []], "who opens her link again in the same browser finds her page"


@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
def test_of_many_at_once_one_gets_in(web: Web) -> None:
    link, browsers = web.link("K3"), [web.browser() for _ in range(6)]

    async def all_at_once() -> list[int]:
        answers = await asyncio.gather(*(each.client.post(link, headers=FROM_HERE) for each in browsers))
        return sorted(each.status_code for each in answers)

    assert web.call(all_at_once()) == [303, 410, 410, 410, 410, 410]


def test_the_door_says_who_will_be_signed_in(web: Web) -> None:
    assert "aan als Aïcha" in Page(web.browser().get(web.link("K3")).text).text
    assert "Aïcha" not in web.signed_in("K4").browser.get(web.link("K3")).text, "and tells another nothing"


def test_a_link_ends_after_a_quarter_of_an_hour_and_its_session_after_eight(web: Web) -> None:
    late = web.link("K3")
    talk = web.signed_in("K3")
    web.office.clock.move(minutes=15)
    assert web.browser().get(late).status_code == 410
    assert web.browser().post(late, headers=FROM_HERE).status_code == 410
    web.office.clock.move(hours=7, minutes=44)
    assert talk.browser.get("/").status_code == 200
    web.office.clock.move(minutes=1)
    assert talk.browser.get("/").status_code == 401


def test_a_changed_link_is_worth_nothing(web: Web) -> None:
    link = web.link("K3")
    browser = web.browser()
    for at in range(len("/in/"), len(link)):
        for other in "A0_.":
            forged = link[:at] + other + link[at + 1 :]
            if forged != link:
                assert browser.get(forged).status_code in (404, 410), forged
    assert browser.get(link).status_code == 200


def test_somebody_elses_link_is_not_mixed_with_who_is_signed_in(web: Web) -> None:
    hers = web.signed_in("K3")
    foreign = web.link("K4")
    answer = hers.browser.post(foreign, headers=FROM_HERE)
    assert answer.status_code == 409
    assert "Nele" not in hers.browser.get(foreign).text + answer.text
    assert Page(answer.text).root.all("main")[0].all("a")[0].given["href"] == "/", "where she can sign out"
    assert "Aïcha" in hers.browser.get("/").text
    assert web.browser().post(foreign, headers=FROM_HERE).status_code == 303, "it was not spent"


def test_access_that_ends_ends_the_page_at_once(web: Web) -> None:
    for end in (
        lambda tx: accounts.unlink(tx, id_of(tx, "K3")),
        lambda tx: tx.execute(update(people).where(people.c.key == "K4").values(suspended_on=web.office.clock().date())),
    ):
        talk = web.signed_in("K3" if end.__code__.co_names[0] == "accounts" else "K4")
        kept = web.link(talk.key)
        assert talk.browser.get("/").status_code == 200
        web.office.run(end)
        for path in ("/", "/momenten", "/formulier", "/gesprek"):
            assert talk.browser.get(path).status_code == 401
        assert web.browser().post(kept, headers=FROM_HERE).status_code == 410


def test_an_account_that_was_linked_again_does_not_bring_the_old_page_back(web: Web) -> None:
    talk = web.signed_in("K3")
    web.office.run(lambda tx: accounts.unlink(tx, id_of(tx, "K3")))
    web.office.clock.move(minutes=1)
    web.office.link("terminal", "", "page:K3", "", "K3")
    assert talk.browser.get("/").status_code == 401
    web.office.link("terminal", "", "page:K3", "", "K4")
    assert talk.browser.get("/").status_code == 401


def test_a_link_from_before_an_account_was_unlinked_does_not_come_back_with_it(web: Web) -> None:
    kept = web.link("K3")
    web.office.run(lambda tx: accounts.unlink(tx, id_of(tx, "K3")))
    web.office.clock.move(minutes=1)
    fresh = web.link("K3")
    assert web.browser().get(kept).status_code == 410
    assert web.browser().post(kept, headers=FROM_HERE).status_code == 410
    assert web.browser().post(fresh, headers=FROM_HERE).status_code == 303


def test_a_sign_in_does_not_outlive_a_suspension(web: Web) -> None:
    talk, other = web.signed_in("K3"), web.signed_in("K4")
    now = web.office.clock()
    web.office.run(lambda tx: stored.suspend(tx, id_of(tx, "K3"), now.date(), now))
    web.office.run(lambda tx: stored.restore(tx, id_of(tx, "K3")))
    assert talk.browser.get("/").status_code == 401
    assert other.browser.get("/").status_code == 200


def test_signing_out_ends_it_and_does_not_give_the_link_back(web: Web) -> None:
    link, browser = web.link("K3"), web.browser()
    browser.post(link, headers=FROM_HERE)
    page = Page(browser.get("/").text)
    form = next(each for each in page.forms if each.action == "/uit")
    stolen = browser.cookies.get("__Host-uurwijzer")
    assert browser.post("/uit", data=form.values, headers=FROM_HERE).status_code == 200
    assert web.browser().get("/", headers={"cookie": f"__Host-uurwijzer={stolen}"}).status_code == 401
    assert web.browser().post(link, headers=FROM_HERE).status_code == 410


def test_only_hashes_of_what_opens_a_page_are_stored(web: Web) -> None:
    link, browser = web.link("K3"), web.browser()
    browser.post(link, headers=FROM_HERE)
    stored = web.office.everything()
    assert link.removeprefix("/in/") not in stored
    assert browser.cookies["__Host-uurwijzer"] not in stored
    assert web.office.run(lambda tx: len(tx.execute(select(web_sessions)).all())) == 1


# What is posted


def forms_of(talk: WebTalk) -> list[tuple[str, dict[str, str]]]:
    return [(form.action, form.values) for form in talk.page.forms if form.method == "post"]


def test_what_is_posted_must_come_from_here_with_the_token_of_its_form(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    sent = forms_of(talk)
    assert {action for action, _ in sent} == {"/formulier", "/uit"}
    before = web.office.everything()
    for action, values in [*sent, ("/gesprek", {"token": sent[0][1]["token"], "press": "form:overleg"})]:
        for origin in ({}, {"origin": "null"}, {"origin": "https://evil.example"}, {"origin": ADDRESS + ".evil.example"},
                       {"origin": ADDRESS.replace("https", "http")}, {"referer": ADDRESS + "/"}):  # fmt: skip
            assert talk.browser.post(action, data=values, headers=origin).status_code == 403
        for token in ("", "0" * 64, "é", values["token"][:-1]):
            assert talk.browser.post(action, data={**values, "token": token}, headers=FROM_HERE).status_code == 403
        other = next(token for there, token in ((a, v["token"]) for a, v in sent) if there != action and token != values["token"])
        assert talk.browser.post(action, data={**values, "token": other}, headers=FROM_HERE).status_code == 403
    assert talk.browser.post("/gesprek", json={"press": "menu"}, headers=FROM_HERE).status_code == 400
    assert talk.browser.post("/gesprek", content=b"a=" + b"x" * 70_000, headers={
        **FROM_HERE, "content-type": "application/x-www-form-urlencoded"}).status_code == 400  # fmt: skip
    assert web.office.everything() == before


def test_a_form_of_one_person_is_of_no_use_to_another(web: Web) -> None:
    hers, other = web.signed_in("K3"), web.signed_in("K4")
    hers.press("Presentie")
    form = next(each for each in hers.page.forms if each.action == "/formulier")
    taken = other.browser.post("/formulier", data={**form.values, "f-text": "tuin"}, headers=FROM_HERE)
    assert taken.status_code == 403
    theirs = {**form.values, "token": _token(other, "/formulier"), "f-text": "tuin", "do": "confirm"}
    assert "tuin" not in other.browser.post("/formulier", data=theirs, headers=FROM_HERE).text
    assert "tuin" not in web.office.everything()


def _token(talk: WebTalk, action: str) -> str:
    talk.go("/")
    talk.press("Intervisie")
    return next(each.values["token"] for each in talk.page.forms if each.action == action)


# Headers

PUBLIC = ["/healthz", "/readyz", "/metrics", "/agenda/x.ics", "/nowhere", "/in/x", "/app", *(f"/{name}" for name in STATIC)]
PRIVATE = ["/", "/momenten", "/gesprek", "/formulier", "/netwerk", "/netwerk/1/momenten", "/netwerk/1/moment/1"]


@pytest.mark.parametrize("path", [*PUBLIC, *PRIVATE])
def test_every_route_has_the_strict_headers(web: Web, path: str) -> None:
    talk = web.signed_in("C-1")
    for browser in (talk.browser, web.browser()):
        headers = browser.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        framed = path == "/app"
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == ("https://web.telegram.org" if framed else "'none'")
        assert policy["script-src"] == ("'self' https://telegram.org" if framed else "'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert policy["base-uri"] == "'none'"
        assert ("x-frame-options" in headers) is not framed
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["strict-transport-security"]
        assert ("no-store" in headers["cache-control"]) is not (path[1:] in STATIC)


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "9" * 10, "-1", "x", "٣"])
def test_an_address_with_a_number_that_is_none_is_not_found(web: Web, number: str) -> None:
    for browser, status in ((web.signed_in("C-1").browser, 404), (web.browser(), 401)):
        for path in (f"/netwerk/{number}/momenten", f"/netwerk/1/moment/{number}", f"/netwerk/{number}/moment/1"):
            answer = browser.get(path)
            assert answer.status_code == status
            assert answer.headers["x-frame-options"] == "DENY"


def test_an_error_that_nobody_caught_has_the_strict_headers(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.web.calendar_of", broken)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(web.serve, raise_app_exceptions=False), base_url=ADDRESS)
    answer = web.call(client.get("/agenda/x.ics"))
    assert answer.status_code == 500
    assert answer.headers["x-frame-options"] == "DENY"
    assert "'none'" in answer.headers["content-security-policy"]


def test_no_answer_leads_to_the_host_that_a_request_names(web: Web) -> None:
    for path in ("/momenten/", "/in/abcdef.ghijk/", "/agenda/SECRET.ics/", "/healthz/", "/app/"):
        answer = web.browser().get(path, headers={"host": "evil.example"})
        assert answer.status_code == 404
        assert "evil.example" not in f"{answer.headers}{answer.text}"


def test_the_tables_above_hold_every_route(web: Web) -> None:
    known = {path.split("/")[1] for path in [*PUBLIC, *PRIVATE]} | {"telegram", "slack", "uit"}
    assert {route.path.split("/")[1] for route in web.app.routes} <= known  # type: ignore[attr-defined]


def test_who_is_not_signed_in_sees_nothing(web: Web) -> None:
    for path in PRIVATE:
        answer = web.browser().get(path)
        assert answer.status_code == 401
        assert not Page(answer.text).faults()


def test_without_address_port_or_key_there_are_no_pages(office: Office, tmp_path: Any) -> None:
    app = make_app(page_settings(tmp_path), office.database, None, office.clock, office.world)
    there = {getattr(route, "path", "") for route in app.routes}
    assert not there & {*PRIVATE, "/in/{token}", "/app", "/style.css"}
    talk = office.terminal("K3")
    assert "Open als pagina" not in talk.say("/start")
    assert "geen pagina's" in talk.say("/pagina")


# In chat


def test_chat_gives_a_link_that_works_and_leads_to_the_open_form(web: Web) -> None:
    web.office.world = web.world
    talk = web.office.terminal("K3")
    assert "Open als pagina" in talk.say("/start")
    talk.say("/presentie gisteren 14u")
    said = talk.say("/pagina")
    address = next(word for word in said.split() if word.startswith(ADDRESS))
    browser = web.browser()
    answer = browser.post(address, headers=FROM_HERE)
    assert answer.headers["location"] == "/formulier"
    page = Page(browser.get("/formulier").text)
    assert page.by_id["f-start"].given["value"] == "14:00"


def said_in_conversation(talk: WebTalk, asked: dict[str, str]) -> str:
    """The page that answers what is typed or pressed in the conversation."""
    talk.go("/gesprek")
    form = next(each for each in talk.page.forms if each.action == "/gesprek")
    answer = talk.send(form, asked)
    assert answer.status_code == 200
    return answer.text


def test_a_page_gives_no_link_with_which_somebody_stays_in(web: Web) -> None:
    talk = web.signed_in("K3")
    for asked in ({"typed": "/pagina"}, {"press": "page:momenten"}):
        said = said_in_conversation(talk, asked)
        assert "Je bent al op de pagina" in said
        assert "/in/" not in said


def test_a_page_gives_no_code_with_which_somebody_becomes_her(web: Web) -> None:
    talk = web.signed_in("K3")
    for asked in ({"typed": "/koppel"}, {"typed": "/koppel telegram"}, {"press": "linkcode"}, {"press": "cmd:koppel"}):
        said = said_in_conversation(talk, asked)
        assert "Nog een account koppelen doe je in het gesprek met de bot" in said
        assert "/start" not in said
    assert web.office.run(lambda tx: tx.execute(select(invites)).all()) == []


def test_a_card_in_chat_has_a_button_to_its_page_and_a_page_has_none(web: Web) -> None:
    web.office.world = web.world
    talk = web.office.terminal("K3")
    talk.say("/presentie")
    assert talk.labels[-1] == "Open als pagina"
    address = next(word for word in talk.press("Open als pagina").split() if word.startswith(ADDRESS))
    assert web.browser().post(address, headers=FROM_HERE).headers["location"] == "/formulier"
    assert "Open als pagina" not in talk.say("/presentie gisteren 14u-15u koken, 12 jongeren"), "nothing is left to fill in"
    talk.do("/aanvraag", "[Uren voor een oproep]")
    assert talk.labels[-1] == "Open als pagina"
    at_page = web.signed_in("K3")
    at_page.say("/presentie gisteren")
    assert "Open als pagina" not in at_page.labels


# A whole registration


def test_a_registration_without_javascript_gives_the_moment_that_chat_gives(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(**WHOLE, declared="yes")
    assert "Dit kan: 2u30" in talk.screen()
    assert talk.page.by_id["f-present"].given["value"] == "12 jongeren, 2 begeleiders"
    assert "Geboekt" in talk.press("Bevestigen")
    chat = web.office.terminal("K3")
    chat.say("/presentie 13/6 14u-16u30 kookactiviteit, 12 jongeren, 2 begeleiders")
    chat.press("Bevestigen")
    first, second = web.office.booked("K3")
    assert {**first.submitted["answers"], "day": "", "length": ""} == {**second.submitted["answers"], "day": "", "length": ""}
    assert (first.minutes, first.grant, first.outcome) == (second.minutes, second.grant, second.outcome)
    assert [(each["rule"], each["level"]) for each in first.findings] == [(each["rule"], each["level"]) for each in second.findings]


def test_errors_stand_next_to_their_field_and_what_was_typed_stays(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(**{**WHOLE, "day": "31/2", "present": "12 wolven", "length": ""}, declared="yes")
    assert talk.page.root.all("title")[0].text().startswith("Nog niet goed")
    for key, typed in (("day", "31/2"), ("present", "12 wolven"), ("length", "")):
        control = talk.page.by_id[f"f-{key}"]
        assert control.given["value"] == typed
        assert control.given["aria-invalid"] == "true"
        assert f"f-{key}-problem" in control.given["aria-describedby"]
        assert talk.page.by_id[f"f-{key}-problem"].text()
    assert talk.page.by_id["f-start"].given["value"] == "14:00"
    assert "Bevestigen" not in talk.labels
    links = {each.given["href"] for each in talk.page.by_id["wrong"].all("a")}
    assert links == {"#f-day", "#f-length", "#f-present"}


def test_a_question_without_a_choice_is_named_as_open(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(**WHOLE)
    assert [each.given["href"] for each in talk.page.by_id["wrong"].all("a")] == ["#f-declared"]


def test_client_data_is_never_given_back_by_the_page(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(text="gesprek met Jan Peeters, 0471 23 45 67")
    assert "0471" not in talk.response.text
    assert "0471" not in web.office.everything()


def test_begun_in_chat_finished_on_the_page_and_pressed_twice(web: Web) -> None:
    chat = web.office.terminal("K3")
    chat.say("/presentie gisteren 14u")
    talk = web.signed_in("K3", "formulier")
    talk.fill(length="2u", text="tuin", present="3 jongeren", declared="yes")
    form = next(each for each in talk.page.forms if each.action == "/formulier")
    first = talk.send(form, {"do": "confirm"})
    second = talk.send(form, {"do": "confirm"})
    assert "Geboekt" in Page(first.text).text
    assert "al geboekt" in Page(second.text).text
    assert len(web.office.booked("K3")) == 1


def test_a_form_that_was_changed_elsewhere_says_so_and_keeps_what_is(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    old = talk.page
    talk.fill(text="tuin")
    talk.page = old
    talk.fill(text="keuken")
    assert "Intussen" in talk.screen()
    assert talk.page.by_id["f-text"].given["value"] == "tuin"


def test_fields_follow_the_answers_with_a_press(web: Web) -> None:
    talk = web.signed_in("K4")
    talk.press("Intervisie")
    assert "f-werkvorm" not in talk.page.by_id
    talk.fill(role="given")
    assert {"f-werkvorm", "f-place"} <= talk.page.by_id.keys()


def test_a_request_is_a_page_too(web: Web) -> None:
    talk = web.signed_in("K1")
    talk.say("/aanvraag")
    talk.choose(":more")
    grant = talk.page.by_id["f-grant"].all("option")[1].given["value"]
    talk.fill(grant=grant, hours="3", motive="er komt een overleg bij")
    talk.press("Versturen")
    assert web.office.run(lambda tx: tx.execute(select(requests)).one()).minutes == 180


# One's own hours


def test_the_own_page_shows_balances_as_bars_with_a_table_behind(web: Web) -> None:
    talk = web.signed_in("K1")
    bars = talk.page.root.all("svg")
    assert bars
    assert all("% gebruikt" in each.given["aria-label"] for each in bars)
    assert len(talk.page.root.all("table")) >= 1
    assert "Huisartsenpraktijk De Linde" in talk.screen()


def test_why_stands_above_the_form_and_takes_no_answer_back(web: Web) -> None:
    talk = web.signed_in("K2")
    talk.do("/presentie De Zonnebloem 10/6 9u-17u30 kookactiviteit, 12 jongeren")
    talk.fill(declared="yes")
    said = talk.press("Waarom?")
    assert said.index("Regel O2-10") < said.index("Waar was het?")
    assert {each.key: each.value for each in talk.whole or []}["declared"] == "yes"
    assert "Dit kan: 2u" in talk.fill(length="2u")


def test_a_day_is_written_as_on_paper_and_stays_the_same_when_it_is_left_alone(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.do("/presentie gisteren 14u-16u kookactiviteit, 12 jongeren")
    assert {each.key: each.value for each in talk.whole or []}["day"] == "14/06/2026"
    revision = next(each.values["revision"] for each in talk.page.forms if "revision" in each.values)
    talk.press("Opnieuw nakijken")
    assert next(each.values["revision"] for each in talk.page.forms if "revision" in each.values) == revision
    talk.fill("Opnieuw nakijken", day="13/06/2026")
    talk.press("Bevestigen")
    assert [str(each.day) for each in web.office.booked("K3")] == ["2026-06-13"]


def test_moments_are_filtered_corrected_and_cancelled(web: Web) -> None:
    chat = web.office.terminal("K3")
    for day in ("11/6", "12/6"):
        chat.say(f"/presentie {day} 14u-16u kookactiviteit, 12 jongeren")
        chat.press("Bevestigen")
    talk = web.signed_in("K3")
    newest = web.office.booked("K3")[-1]
    talk.go("/momenten?oproep=O2&van=2026-06-12&tot=2026-06-12")
    assert "1 moment, 2u geboekt" in talk.screen()
    talk.go("/momenten?oproep=O1")
    assert "Geen momenten gevonden" in talk.screen()
    for odd in ("oproep=%00", "van=morgen", "plaats=s999999999999999999999", "pagina=-1", "pagina=99999", "plaats=x'--", "verstrekker=1"):
        assert talk.browser.get(f"/momenten?{odd}").status_code == 200
    talk.go("/momenten")
    talk.press(f"Corrigeren, Moment {newest.id}")
    talk.fill("Opnieuw nakijken", length="1u")
    talk.press("Bevestigen")
    assert web.office.booked("K3")[-1].minutes == 60
    talk.go("/momenten")
    assert "kookactiviteit" in talk.press(f"Bekijk, Moment {newest.id}")
    talk.go("/momenten")
    assert "annuleren? Dat is definitief" in talk.press(f"Annuleren, Moment {newest.id}")
    talk.choose(f"undo:{newest.id}:2")
    assert [each.id for each in web.office.booked("K3")] == [newest.id - 1]


def test_a_list_says_what_it_was_filtered_by_and_leads_to_all(web: Web) -> None:
    talk = web.signed_in("K1")
    page = talk.go("/momenten?oproep=O1&van=2026-03-01")
    assert "Filter: oproep 1 – overleg, vanaf 1 mrt 2026" in page.text
    assert "open" not in page.root.all("details")[0].given, "what was found is in sight"
    assert next(each.given["href"] for each in page.root.all("a") if each.text() == "Zonder filter") == "/momenten"
    assert "Zonder filter" not in talk.go("/momenten").text


def test_what_is_put_aside_is_found_again_where_the_page_says(web: Web) -> None:
    talk = web.signed_in("K3")
    talk.press("Presentie")
    talk.fill(day="16/6/2026")
    assert "Je vindt het terug bij Begin." in talk.press("Bewaar voor later")
    assert "/start" not in talk.screen()
    talk.go("/")
    assert "Verder: Presentie, 16 jun 2026" in talk.buttons


def test_a_field_says_how_it_is_filled_in_here(web: Web) -> None:
    talk = web.signed_in("K1")
    said = talk.press("Overleg")
    assert "Waar was het?" in said
    assert "Typ bijvoorbeeld 2 huisartsen" in said
    assert "Kies, of typ" not in said, "there is a list, or there is not"


def test_nobody_sees_or_changes_a_moment_of_somebody_else(web: Web) -> None:
    chat = web.office.terminal("K3")
    chat.say("/presentie 12/6 14u-16u kookactiviteit, 12 jongeren")
    chat.press("Bevestigen")
    moment = web.office.booked("K3")[0]
    talk = web.signed_in("K4")
    token = next(each.values["token"] for each in talk.page.forms if each.action == "/gesprek")
    for press in (*(f"{verb}:{moment.id}:1" for verb in ("moment", "correct", "undo", "why")), "rq:1:grant", "excel:1:2026-W24"):
        answer = talk.browser.post("/gesprek", data={"token": token, "press": press}, headers=FROM_HERE)
        assert "De Kade" not in answer.text
        assert "kookactiviteit" not in answer.text
    assert web.office.booked("K3")[0].state == "accepted"
    assert "De Kade" not in talk.browser.get(f"/momenten?verstrekker={moment.person}").text
    for path in ("/netwerk", "/netwerk/3/momenten", f"/netwerk/3/moment/{moment.id}"):
        assert talk.browser.get(path).status_code == 404


# A network


def ask_more(web: Web) -> None:
    talk = web.signed_in("K1")
    talk.say("/aanvraag")
    talk.choose(":more")
    grant = talk.page.by_id["f-grant"].all("option")[1].given["value"]
    talk.fill(grant=grant, hours="3", motive="er komt een overleg bij")
    talk.press("Versturen")


def test_a_coordinator_of_two_networks_sees_behind_which_tab_a_request_waits(web: Web) -> None:
    ask_more(web)
    add_person(web.office, "C-9", "NW-A", "NW-B", roles="coordinator")
    talk = web.signed_in("C-9")
    for address in ("/", "/netwerk?netwerk=2"):
        tabs = [each.text() for each in talk.go(address).root.all("a") if "netwerk?netwerk=" in each.given["href"]]
        assert tabs == ["Voorbeeldnetwerk Leie & Schelde (1 wacht)", "Voorbeeldnetwerk Dender & Waas"]
    assert "Er wacht geen aanvraag op jou" in talk.screen()
    assert "Lotte Voorbeeld: 3u extra" in talk.go("/netwerk").text


def test_the_dashboard_shows_burn_limits_requests_and_refusals_and_decides(web: Web) -> None:
    ask_more(web)
    talk = web.signed_in("C-1")
    said = talk.screen()
    for words in ("Voorbeeldnetwerk Leie & Schelde", "Gebruik per oproep", "Op schema", "Lokaal dienstencentrum De Zonnebloem", "O2-10"):
        assert words in said
    assert "Lotte Voorbeeld" in said
    whole = next(each for each in talk.page.root.all("article") if "Heel het netwerk" in each.text())
    assert "43u40 van 62u gebruikt (70 %), nog 18u20 over. Op schema: 45 %." in whole.text(), "3u40 of 14u and 40u of 48u"
    assert "Huisartsenpraktijk De Linde, Lotte Voorbeeld" in said, "whose budget it is"
    talk.press("Goedkeuren") if "Goedkeuren" in talk.labels else talk.choose(":grant")
    row = web.office.run(lambda tx: tx.execute(select(requests)).one())
    assert row.state == "granted"
    answer = talk.browser.post("/gesprek", data={
        "token": next(each.values["token"] for each in talk.go("/netwerk").forms if each.action == "/gesprek"),
        "press": next(value for each in talk.page.forms for _, _, value in each.buttons if value.startswith("excel:")),
    }, headers=FROM_HERE)  # fmt: skip
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.content.startswith(b"PK")


@pytest.mark.parametrize(("coordinator", "oproep", "shared"), [("C-1", "O1", False), ("C-3", "O2", True), ("C-2", "O3", False)])
def test_a_bar_leads_to_the_moments_that_it_counts(web: Web, coordinator: str, oproep: str, shared: bool) -> None:
    talk = web.signed_in(coordinator)
    links = [each.given["href"] for each in talk.go("/netwerk").root.all("a") if f"?oproep={oproep}&plaats=" in each.given.get("href", "")]
    assert links
    for link in links:
        assert ("verstrekker=" not in link) == shared, "everybody who uses a shared budget"
        name = next(each.text() for each in talk.go("/netwerk").root.all("a") if each.given.get("href") == link)
        page = talk.go(link)
        chosen = [each.text() for each in page.root.all("option") if "selected" in each.given]
        assert any(each.split(" (")[0] in name for each in chosen), (name, chosen)
        assert len(chosen) == (2 if shared else 3)
        for row in (each for table in page.root.all("table") for each in table.all("tr")[1:]):
            assert name.split(": ")[-1].split(", ")[-1] in row.text() or chosen[1].split(" (")[0] in row.text()
        assert "Mijn momenten" not in " ".join(each.text() for each in page.root.all("caption"))


def test_a_network_is_filtered_by_who_has_hours_there_also_when_she_left(web: Web) -> None:
    add_person(web.office, "C-9", "NW-A", roles="coordinator")
    web.office.run(lambda tx: tx.execute(people.update().where(people.c.key == "K2").values(suspended_on=date(2026, 6, 1))))
    talk = web.signed_in("C-1")
    page = talk.go("/netwerk/1/momenten")
    offered = next(each for each in page.root.all("select") if each.given["name"] == "verstrekker")
    assert [each.text() for each in offered.all("option")] == ["Alle", "Bram Proefman", "Lotte Voorbeeld"]
    nobody = web.office.run(lambda tx: id_of(tx, "C-9"))
    assert talk.go(f"/netwerk/1/momenten?verstrekker={nobody}").text == page.text


def test_a_coordinator_takes_along_the_week_that_ended_and_this_one(web: Web) -> None:
    talk = web.signed_in("C-1")
    assert [each for each in talk.buttons if "Excel" in each] == ["Excel van week 24", "Excel van week 25"]


def test_a_coordinator_drills_down_in_her_own_network_only_and_it_is_on_the_trail(web: Web) -> None:
    chat = web.office.terminal("K3")
    chat.say("/presentie 12/6 14u-16u kookactiviteit, 12 jongeren")
    chat.press("Bevestigen")
    moment = web.office.booked("K3")[0]
    hers, other = web.signed_in("C-3"), web.signed_in("C-1")
    network = hers.web.office.run(lambda tx: accounts.networks_of(tx, id_of(tx, "C-3"))[0].id)
    behind = hers.go(f"/netwerk/{network}/momenten?oproep=O2").text
    assert "OverKophuis De Kade" in behind
    assert "Daarnaast 48u uit een beginsaldo" in behind, "what else is behind the figure"
    assert "beginsaldo" not in hers.go(f"/netwerk/{network}/momenten?oproep=O1").text
    seen = hers.go(f"/netwerk/{network}/moment/{moment.id}").text
    assert "Aïcha Testouri" in seen
    assert "kookactiviteit" not in hers.response.text
    lines = web.office.run(lambda tx: [(row.what, row.about) for row in tx.execute(select(audit))])
    assert ("moment.viewed", f"moment:{moment.id}") in lines
    assert any(what == "moments.viewed" for what, _ in lines)
    for path in (f"/netwerk/{network}/momenten", f"/netwerk/{network}/moment/{moment.id}", f"/netwerk?netwerk={network}"):
        assert other.browser.get(path).status_code == 404
    own = web.office.run(lambda tx: accounts.networks_of(tx, id_of(tx, "C-1"))[0].id)
    assert other.browser.get(f"/netwerk/{own}/moment/{moment.id}").status_code == 404


# Languages


@pytest.mark.parametrize(("language", "button", "look"), [
    ("nl", "Presentie", "Nakijken"), ("fr", "Présence", "Vérifier"), ("en", "Active presence", "Check"),
])  # fmt: skip
def test_every_page_speaks_the_persons_language(web: Web, language: str, button: str, look: str) -> None:
    talk = web.signed_in("K3")
    talk.say(f"/taal {language}")
    for path in ("/", "/momenten", "/gesprek"):
        assert talk.go(path).root.all("html")[0].given["lang"] == language
    talk.go("/")
    talk.press(button)
    talk.fill(look, day="31/2")
    assert talk.page.root.all("html")[0].given["lang"] == language
    assert talk.page.by_id["f-day-problem"].text()
    board = web.signed_in("C-3")
    board.say(f"/taal {language}")
    for path in ("/", "/netwerk", "/netwerk/3/momenten"):
        assert board.go(path).root.all("html")[0].given["lang"] == language


def test_the_colours_can_be_read_by_day_and_by_night() -> None:
    """WCAG 2.2 AA: 4.5 to 1 for words, 3 to 1 for what else must be seen."""
    css = static_file("style.css").decode()
    themes = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{([^}]*)\}", css)]
    assert len(themes) == 2
    for colours in themes:
        for ground in ("ground", "shade"):
            for words in ("ink", "soft", "main", "bad", "good"):
                assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
            assert contrast(colours["line"], colours[ground]) >= 3, ("line", ground)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    lights = []
    for colour in (one, other):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("path", ["/nergens", "/netwerk/1/nergens", "/netwerk/99999999/momenten", "/agenda/nothing.ics"])
def test_an_address_where_nothing_is_has_a_page_in_her_language(web: Web, path: str) -> None:
    html = {"accept": "text/html,*/*;q=0.8"}
    outside = web.browser().get(path, headers={**html, "accept-language": "fr-BE"})
    private = path.startswith("/netwerk/9")
    assert outside.status_code == (401 if private else 404)
    assert private or "Introuvable" in outside.text
    talk = web.signed_in("K3")
    talk.say("/taal fr")
    answer = talk.browser.get(path, headers=html)
    page = talk.show(answer)
    assert answer.status_code == 404
    assert page.root.all("html")[0].given["lang"] == "fr"
    assert "Aïcha" in page.text
    assert page.root.all("nav")[0].all("a")[0].given["href"] == "/"


def test_a_program_that_asks_for_what_is_not_there_gets_no_page(web: Web) -> None:
    for answer in (web.browser().get("/nergens", headers={"accept": "application/json"}), web.browser().post("/nergens")):
        assert (answer.status_code, answer.text) == (404, "Not Found")


def test_an_unexpected_failure_gives_a_reference_and_nothing_else(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = web.signed_in("K3")
    monkeypatch.setattr("handlers.pages.home", lambda *_: 1 / 0)
    answer = talk.browser.get("/")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert "Er ging iets mis" in answer.text
