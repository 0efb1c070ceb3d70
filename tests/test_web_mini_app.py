"""A Mini App is believed with the platform's signature only: vectors made by hand, and every small change of a good one."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mini_app import read_init_data
from rules.periods import BRUSSELS
from storage import accounts
from tests.talk import Office, id_of
from tests.telegram_standin import TOKEN
from tests.web_talk import ADDRESS, Web

NOW = datetime(2026, 6, 15, 9, tzinfo=BRUSSELS)
USER = {"id": 4211, "first_name": "Aïcha", "language_code": "nl"}
FROM_HERE = {"origin": ADDRESS}


def signed(fields: Mapping[str, str], token: str = TOKEN) -> str:
    """initData as the platform makes it, by the words of its documentation."""
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    said = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return urlencode({**fields, "hash": hmac.new(key, said.encode(), hashlib.sha256).hexdigest()}, quote_via=quote)


def fields(at: datetime = NOW, **more: str) -> dict[str, str]:
    user = json.dumps(USER, ensure_ascii=False, separators=(",", ":"))
    return {"query_id": "AAHdF6IQAAAAAN0XohDhrOrc", "user": user, "auth_date": str(int(at.timestamp())), "signature": "x-_9", **more}


GOOD = signed(fields())


def user_of(text: str, now: datetime) -> str | None:
    """Whom an initData names, when it is believed."""
    found = read_init_data(text, TOKEN, now)
    return found.user if found is not None else None


def test_what_the_platform_signed_is_believed_for_an_hour() -> None:
    assert user_of(GOOD, NOW) == "4211"
    assert user_of(GOOD, NOW + timedelta(minutes=60)) == "4211"
    assert read_init_data(GOOD, TOKEN, NOW + timedelta(minutes=60, seconds=1)) is None
    assert user_of(GOOD, NOW - timedelta(seconds=30)) == "4211"
    assert read_init_data(GOOD, TOKEN, NOW - timedelta(seconds=31)) is None


def test_the_order_of_the_fields_and_new_fields_do_not_matter() -> None:
    turned = "&".join(reversed(GOOD.split("&")))
    assert read_init_data(turned, TOKEN, NOW) == read_init_data(GOOD, TOKEN, NOW)
    assert user_of(turned, NOW) == user_of(signed(fields(chat_type="sender", start_param="")), NOW) == "4211"


def regrouped(start: str, cut: Mapping[str, str], rest: str) -> str:
    """What the platform signed with `start` as its start_param, with the same lines as other fields: those of `cut`, and the user
    whom it signed under another name, or within another value."""
    user = json.dumps({**USER, "first_name": "A=b"}, separators=(",", ":"))
    genuine = fields(start_param=start, user=user)
    hashed = parse_qsl(signed(genuine))[-1][1]
    name, _, value = f"user={user}".rpartition("=") if rest == "user=" else (rest, "", f"\nuser={user}")
    kept = {key: genuine[key] for key in ("query_id", "auth_date", "signature")}
    return urlencode({**kept, **cut, name: value, "hash": hashed}, quote_via=quote)


def forged() -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield "no hash", "&".join(part for part in GOOD.split("&") if not part.startswith("hash="))
    yield "empty hash", GOOD[: GOOD.index("hash=") + 5]
    yield "hash twice", f"{GOOD}&hash={GOOD[-64:]}"
    yield "another hash before it", f"hash={'0' * 64}&{GOOD}"
    yield "hash in capitals", GOOD[:-64] + GOOD[-64:].upper()
    yield "hash and more", GOOD + "0"
    yield "a field added", GOOD + "&start_param=x"
    yield "an empty field added", GOOD + "&x="
    yield "a field twice", GOOD + "&auth_date=" + fields()["auth_date"]
    yield "user twice", GOOD + "&user=" + quote(json.dumps({"id": 1}))
    yield "signature left out", "&".join(part for part in GOOD.split("&") if not part.startswith("signature="))
    yield "another user", GOOD.replace("4211", "4212")
    yield "a later hour", GOOD.replace(fields()["auth_date"], fields(NOW + timedelta(minutes=5))["auth_date"])
    yield "another bot", signed(fields(), "701:AAanother-bot-of-somebody-else-0000000000")
    yield "signed without the key of the platform", urlencode({**fields(), "hash": hmac.new(TOKEN.encode(), b"x", "sha256").hexdigest()})
    yield "an hour and a second old", signed(fields(NOW - timedelta(hours=1, seconds=1)))
    yield "of tomorrow", signed(fields(NOW + timedelta(days=1)))
    yield "no date", signed({key: value for key, value in fields().items() if key != "auth_date"})
    for odd in ("", "-1", "1e9", "９", " 1781506800", "1781506800.5", "9" * 30, "nan"):
        yield f"date {odd!r}", signed(fields(auth_date=odd))
    yield "no user", signed({key: value for key, value in fields().items() if key != "user"})
    for odd in ("", "null", "[]", "4211", '{"id":"4211"}', '{"id":true}', '{"id":-4211}', '{"id":4211.0}', '{"id":null}', "{", "[" * 5000):
        yield f"user {odd[:20]!r}", signed(fields(user=odd))
    other = json.dumps({"id": 4212})
    yield "a field cut in lines that are fields", regrouped(f"x\nuser={other}\nv=", {"start_param": "x", "user": other}, "v")
    yield "a field behind the name of another", regrouped(f"x\nuser={other}", {"start_param": "x", "user": other}, "user=")
    yield "broken text", GOOD + "&x=%FF"
    yield "no fields", "&&&"
    yield "too many", GOOD + "".join(f"&x{number}=" for number in range(40))


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in forged()])
def test_what_is_forged_old_or_odd_is_not_believed(text: str) -> None:
    assert read_init_data(text, TOKEN, NOW) is None


def test_no_change_of_one_byte_is_believed() -> None:
    """A change that writes the same fields in another way is no change."""
    meant = parse_qsl(GOOD, keep_blank_values=True)
    for at in range(len(GOOD)):
        for other in ("", "0", "a", "A", "&", "=", "%", "+", "\n", "\x00", chr(ord(GOOD[at]) ^ 1)):
            text = GOOD[:at] + other + GOOD[at + 1 :]
            if parse_qsl(text, keep_blank_values=True) != meant:
                assert read_init_data(text, TOKEN, NOW) is None, (at, other)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_text_is_believed_or_raises(text: str) -> None:
    assert read_init_data(text, TOKEN, NOW) is None


# Over HTTP


@pytest.fixture
def web(office: Office, tmp_path: Any) -> Iterator[Web]:
    found = Web(office, tmp_path)
    office.link("telegram", TOKEN.partition(":")[0], "4211", "4211", "K3")
    yield found
    found.close()


def test_who_is_linked_comes_in_once_with_it(web: Web) -> None:
    browser = web.browser()
    assert browser.get("/app").status_code == 200
    entered = browser.post("/app", data={"init_data": GOOD}, headers=FROM_HERE)
    assert entered.json() == {"leads_to": "/", "is_link": False}
    assert "Aïcha" in browser.get("/").text
    again = browser.post("/app", data={"init_data": GOOD}, headers=FROM_HERE)
    assert again.json()["leads_to"] == "/"
    assert "set-cookie" not in again.headers
    reversed_ = "&".join(reversed(GOOD.split("&")))
    for spelt in (GOOD, reversed_, GOOD.replace("hash=", "%68ash="), GOOD.replace("auth_date", "%61uth_date")):
        for by_link in ("", "1"):
            replayed = web.browser().post("/app", data={"init_data": spelt, "by_link": by_link}, headers=FROM_HERE)
            assert replayed.status_code == 403, spelt
            assert "set-cookie" not in replayed.headers
            assert "Aïcha" not in replayed.text


def test_in_a_frame_or_an_ordinary_browser_it_gives_a_link_that_says_for_whom_it_is_and_no_cookie(web: Web) -> None:
    browser = web.browser()
    answer = browser.post("/app", data={"init_data": GOOD, "by_link": "1"}, headers=FROM_HERE)
    assert answer.json()["is_link"]
    assert "set-cookie" not in answer.headers
    outside = web.browser()
    assert "Aïcha" in outside.get(answer.json()["leads_to"]).text, "who will be signed in, before the press"
    assert outside.post(answer.json()["leads_to"], headers=FROM_HERE).status_code == 303
    assert "Aïcha" in outside.get("/").text
    assert web.browser().post("/app", data={"init_data": GOOD, "by_link": "1"}, headers=FROM_HERE).status_code == 403


def test_who_is_not_linked_or_no_longer_gets_nothing(web: Web) -> None:
    stranger = signed(fields(user=json.dumps({"id": 99})))
    assert web.browser().post("/app", data={"init_data": stranger}, headers=FROM_HERE).status_code == 403
    assert web.browser().post("/app", data={"init_data": GOOD}, headers={"origin": "https://web.telegram.org"}).status_code == 403
    web.office.run(lambda tx: accounts.unlink(tx, id_of(tx, "K3")))
    assert web.browser().post("/app", data={"init_data": GOOD}, headers=FROM_HERE).status_code == 403


def test_somebody_who_is_signed_in_is_not_mixed_with_another(web: Web) -> None:
    other = web.signed_in("K4").browser
    for by_link in ("", "1"):
        refused = other.post("/app", data={"init_data": GOOD, "by_link": by_link}, headers=FROM_HERE)
        assert refused.status_code == 409
        assert "al iemand aangemeld" in refused.json()["said"]
        assert "set-cookie" not in refused.headers
    assert "Nele" in other.get("/").text
    assert "Aïcha" not in other.get("/").text
    assert web.browser().post("/app", data={"init_data": GOOD}, headers=FROM_HERE).status_code == 200, "it was not spent"
