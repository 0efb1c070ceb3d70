"""The transport against the stand-in: answers, uploads, every fault as the right error, the token in none of them."""

import asyncio
import io
import logging
import socket
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram_transport import (
    CONNECTIONS,
    AiohttpRequest,
    DiscreetBot,
    Doubtful,
    DoubtfulInTime,
    Unsent,
    UnsentInTime,
    call,
    fetch_updates,
    make_bot,
    pause,
)
from tests.telegram_standin import Person, Standin

SECRET = "AAFictional-token"
HASTY = {"read_timeout": 0.15, "write_timeout": 0.05, "connect_timeout": 0.15, "pool_timeout": 0.15}


@pytest.fixture
async def telegram() -> AsyncIterator[Standin]:
    async with Standin() as standin:
        yield standin


@pytest.fixture
async def ann(telegram: Standin) -> Person:
    ann = telegram.person("Ann")
    ann.say("/start")
    return ann


@asynccontextmanager
async def open_bot(token: str, api: str, connections: int = CONNECTIONS, **options: Any) -> AsyncIterator[DiscreetBot]:
    bot = DiscreetBot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=AiohttpRequest(connections=connections, **options),
        get_updates_request=AiohttpRequest(connections=1, **options),
    )
    await bot.request.initialize()
    await bot.poller.initialize()
    try:
        yield bot
    finally:
        await bot.poller.shutdown()
        await bot.request.shutdown()


@asynccontextmanager
async def raw_server(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A server that speaks just what the test writes; yields its address."""
    tasks = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()


def everything_told(error: BaseException) -> str:
    """What a log would show of an error, with all that hangs on it."""
    seen, texts = [error], ["".join(traceback.format_exception(error, chain=True))]
    while seen:
        one = seen.pop()
        texts += [str(one), repr(one)]
        seen += [each for each in (one.__cause__, one.__context__) if each]
    return "\n".join(texts)


async def test_a_call_gives_the_raw_answer_and_a_method_of_bot_the_object(telegram: Standin, ann: Person) -> None:
    async with make_bot(telegram.token, telegram.url) as bot:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Vandaag", callback_data="k1")]])
        raw = await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag", reply_markup=keyboard, parse_mode=None)
        message = await bot.send_message(ann.chat.id, "Welke <b>datum</b>?", parse_mode="HTML")

    assert raw["text"] == "Dag"
    assert raw["reply_markup"] == {"inline_keyboard": [[{"text": "Vandaag", "callback_data": "k1"}]]}
    assert "parse_mode" not in telegram.of("sendMessage")[0].params
    assert message.text == "Welke datum?"
    assert ann.screen() == "Welke datum?"


async def test_letters_of_every_kind_arrive_as_they_were_sent(telegram: Standin, ann: Person) -> None:
    text = 'één uur "15" & meer\n<ü> 🙂 \\u0041'
    async with make_bot(telegram.token, telegram.url) as bot:
        await call(bot, "sendMessage", chat_id=ann.chat.id, text=text)
    assert ann.last.text == text


FAULTS = [
    ("400", BadRequest, False),
    ("400_not_modified", BadRequest, False),
    ("401", InvalidToken, False),
    ("403", Forbidden, False),
    ("404", InvalidToken, False),
    ("409", Conflict, False),
    ("429", RetryAfter, False),
    ("500", NetworkError, False),
    ("502_html", NetworkError, False),
    ("timeout_before", DoubtfulInTime, False),
    ("reset_before", Doubtful, False),
    ("timeout_after_effect", DoubtfulInTime, True),
    ("reset_mid_body", Doubtful, True),
    ("bad_json", Doubtful, True),
]


@pytest.mark.parametrize(("kind", "expected", "carried_out"), FAULTS)
async def test_every_fault_is_the_librarys_error_and_never_shows_the_token(
    telegram: Standin, ann: Person, caplog: pytest.LogCaptureFixture, kind: str, expected: type, carried_out: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.fail_next("sendMessage", kind, retry_after=7)
    async with open_bot(telegram.token, telegram.url, **HASTY) as bot:
        with pytest.raises(TelegramError) as raised:
            await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
        assert type(raised.value) is expected
        assert bool(ann.replies) is carried_out
        assert not isinstance(raised.value, Unsent), "a request that reached the server may have been carried out"
        if kind == "429":
            assert pause(raised.value) == 7
        shown = everything_told(raised.value) + caplog.text + repr(bot) + repr(bot.request) + str(bot)
        assert SECRET not in shown
        telegram.heal()
        assert (await call(bot, "sendMessage", chat_id=ann.chat.id, text="Weer goed"))["text"] == "Weer goed"


async def test_a_proxys_page_is_reduced_to_its_status(telegram: Standin) -> None:
    telegram.fail_next("getMe", "502_html")
    async with open_bot(telegram.token, telegram.url) as bot:
        with pytest.raises(NetworkError) as raised:
            await call(bot, "getMe")
    assert str(raised.value) == "HTTP status 502 without an answer of Telegram"


async def test_an_unreadable_answer_is_not_logged(
    telegram: Standin, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    telegram.fail_next("sendMessage", "bad_json")
    async with open_bot(telegram.token, telegram.url) as bot:
        with pytest.raises(NetworkError):
            await call(bot, "sendMessage", chat_id=ann.chat.id, text="een eigen tekst")
    assert "een eigen tekst" not in caplog.text


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"x"', b"{}", b"[" * 100_000, b"\xff\xfe", b""])
@pytest.mark.parametrize("status", [b"200 OK", b"502 Bad Gateway", b"302 Found"])
async def test_answers_that_are_none_are_network_errors(body: bytes, status: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nLocation: /elsewhere\r\n\r\n" % (status, len(body))
        writer.write(head + body)
        await writer.drain()
        await reader.read(1)

    async with raw_server(talk) as url, open_bot("1:x", url, **HASTY) as bot:
        with pytest.raises(NetworkError):
            await call(bot, "getMe")


async def test_the_group_that_became_a_supergroup_tells_its_new_id(telegram: Standin, ann: Person) -> None:
    team = telegram.group("Team", [ann])
    old = team.chat.id
    team.migrate(-1009, ann)
    async with open_bot(telegram.token, telegram.url) as bot:
        with pytest.raises(ChatMigrated) as raised:
            await call(bot, "sendMessage", chat_id=old, text="Dag")
    assert raised.value.new_chat_id == -1009


async def test_a_refused_token_stays_out_of_the_start_up_error(
    telegram: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot = make_bot("701:AAFictional-token-that-nobody-knows", telegram.url)
    with pytest.raises(InvalidToken) as raised:
        await bot.initialize()
    assert SECRET not in everything_told(raised.value) + caplog.text
    await bot.shutdown()


async def test_nothing_was_sent_when_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with open_bot(f"1:{SECRET}", f"http://127.0.0.1:{port}", **HASTY) as bot:
        with pytest.raises(Unsent) as raised:
            await call(bot, "getMe")
    assert "ECONNREFUSED" in str(raised.value)
    assert SECRET not in everything_told(raised.value)


@pytest.mark.parametrize("api", ["nonsense", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://[::1"])
async def test_an_address_that_is_none_is_an_error_without_the_token(api: str) -> None:
    async with open_bot(f"1:{SECRET}", api, **HASTY) as bot:
        with pytest.raises(NetworkError) as raised:
            await call(bot, "getMe")
    assert SECRET not in everything_told(raised.value)


async def test_nothing_was_sent_when_the_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_names(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_names)
    async with open_bot(f"1:{SECRET}", "http://api.example.invalid", **HASTY) as bot:
        with pytest.raises(Unsent) as raised:
            await call(bot, "getMe")
    assert SECRET not in everything_told(raised.value)


async def test_nothing_was_sent_when_no_connection_is_made_in_time() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for caller in (first, second):  # they fill the queue, so that the next one is not let in
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        async with open_bot(f"1:{SECRET}", f"http://127.0.0.1:{full.getsockname()[1]}", **HASTY) as bot:
            with pytest.raises(UnsentInTime) as raised:
                await call(bot, "getMe")
    assert isinstance(raised.value, TimedOut)
    assert SECRET not in everything_told(raised.value)


async def test_nothing_was_sent_when_no_connection_comes_free(telegram: Standin, ann: Person) -> None:
    telegram.fail_next("sendMessage", "timeout_before")
    async with open_bot(telegram.token, telegram.url, connections=1, **HASTY | {"read_timeout": 5}) as bot:
        hangs = asyncio.create_task(call(bot, "sendMessage", chat_id=ann.chat.id, text="1"))
        while not telegram.requests["sendMessage"]:
            await asyncio.sleep(0)
        with pytest.raises(UnsentInTime):
            await call(bot, "getMe")
        assert not telegram.requests["getMe"]
        telegram.heal()
        with pytest.raises(NetworkError):
            await hangs


async def test_an_upload_that_the_other_side_does_not_take_ends() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with raw_server(talk) as url, open_bot("1:x", url, media_write_timeout=0.05, **HASTY) as bot:
        with pytest.raises(TimedOut):
            await call(bot, "sendDocument", chat_id=1, document=InputFile(b"x" * (12 << 20)))


async def test_an_answer_that_trickles_for_ever_ends() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.01)

    async with raw_server(talk) as url, open_bot("1:x", url, **HASTY) as bot:
        with pytest.raises(TimedOut):
            await call(bot, "getMe")


async def test_a_file_may_take_its_time_while_bytes_come() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n")
        for _ in range(25):  # longer than the four times together
            writer.write(b"x")
            await asyncio.sleep(0.03)

    async with raw_server(talk) as url, open_bot("1:x", url, **HASTY) as bot:
        assert await bot.request.retrieve(f"{url}/file/bot1:x/documents/a") == b"x" * 25


@pytest.mark.parametrize("name", ["uren.csv", 'été "2026".xlsx', "a\r\nX-Header: b.csv", "🙂.pdf"])
async def test_documents_go_out_with_name_caption_and_every_byte(telegram: Standin, ann: Person, name: str) -> None:
    content = bytes(range(256)) * 300
    async with make_bot(telegram.token, telegram.url) as bot:
        await bot.send_document(ann.chat.id, content, caption="Uw <b>uren</b>", parse_mode="HTML", filename=name)
    (file,) = ann.files
    assert file.content == content
    assert file.name.replace("\\", "") == " ".join(name.splitlines())
    assert file.caption == "Uw uren"


async def test_a_picture_and_a_file_handle_go_out_and_known_files_go_by_id(telegram: Standin, ann: Person) -> None:
    async with make_bot(telegram.token, telegram.url) as bot:
        sent = await bot.send_photo(ann.chat.id, b"\x89PNG picture", caption="Saldo")
        await call(bot, "sendPhoto", chat_id=ann.chat.id, photo=sent.photo[-1].file_id)
        await bot.send_document(ann.chat.id, io.BytesIO(b"a;b"), filename="a.csv")
        await call(bot, "sendDocument", chat_id=ann.chat.id, document=InputFile(b"c;d", filename="c.csv"), caption="C")
    assert [file.content for file in ann.files] == [b"\x89PNG picture", b"\x89PNG picture", b"a;b", b"c;d"]


async def test_what_a_person_sends_is_fetched(telegram: Standin, ann: Person) -> None:
    sent = ann.send_document("momenten.csv", b"moment;persoon\n")
    async with make_bot(telegram.token, telegram.url) as bot:
        file = await bot.get_file(sent.content["document"]["file_id"])
        assert bytes(await file.download_as_bytearray()) == b"moment;persoon\n"


async def test_a_file_that_is_gone_or_breaks_off_is_an_error_without_the_token(telegram: Standin, ann: Person) -> None:
    async with open_bot(telegram.token, telegram.url, **HASTY) as bot:
        sent = ann.send_document("a.csv", b"a")
        file = await bot.get_file(sent.content["document"]["file_id"])
        for kind in ("404", "reset_before", "502_html", "timeout_before"):
            telegram.fail_next("file", kind, times=None)  # a download is safe to repeat, and aiohttp does
            with pytest.raises(TelegramError) as raised:
                await file.download_as_bytearray()
            telegram.heal()
            assert SECRET not in everything_told(raised.value)


async def test_sixteen_connections_carry_any_number_of_calls() -> None:
    open_now, most, answered = 0, 0, 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most, answered
        open_now += 1
        most = max(most, open_now)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.001)
                answered += 1
                writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}')
        except asyncio.IncompleteReadError:
            open_now -= 1

    async with raw_server(talk) as url, open_bot("1:x", url) as bot:
        assert await asyncio.gather(*(call(bot, "getMe") for _ in range(200))) == [True] * 200
    assert most == CONNECTIONS == 16
    assert answered == 200


async def test_one_call_after_the_other_takes_one_connection() -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}')

    async with raw_server(talk) as url, open_bot("1:x", url) as bot:
        for _ in range(5):
            await call(bot, "getMe")
    assert connections == 1


async def test_a_proxy_of_the_environment_is_not_used(telegram: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with open_bot(telegram.token, telegram.url) as bot:
        assert (await call(bot, "getMe"))["is_bot"]


async def test_a_proxy_that_is_asked_for_is_used() -> None:
    asked = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked = await reader.readuntil(b"\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}')
        await writer.drain()

    async with raw_server(talk) as url, open_bot("1:x", "http://api.example.invalid", proxy=url) as bot:
        assert await call(bot, "getMe") is True
    assert asked.startswith(b"POST http://api.example.invalid/bot1:x/getMe")


async def test_a_long_poll_waits_longer_than_the_read_time_out(telegram: Standin, ann: Person) -> None:
    async with open_bot(telegram.token, telegram.url, **HASTY) as bot:
        (first,) = await fetch_updates(bot, 0, 1)
        poll = asyncio.create_task(fetch_updates(bot, first["update_id"] + 1, 5, allowed_updates=["message"]))
        await asyncio.sleep(HASTY["read_timeout"] + 0.05)
        assert not poll.done()
        ann.say("Dag")
        assert [update["message"]["text"] for update in await poll] == ["Dag"]


async def test_a_poll_can_be_broken_off_and_the_connection_is_free_again(telegram: Standin) -> None:
    async with open_bot(telegram.token, telegram.url) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        while not telegram.polls:
            await asyncio.sleep(0)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        assert await bot.get_updates(timeout=0) == ()


async def test_the_transport_opens_closes_and_opens_again(telegram: Standin) -> None:
    bot = make_bot(telegram.token, telegram.url)
    with pytest.raises(Unsent):
        await call(bot, "getMe")
    for _ in range(2):
        async with bot:
            await bot.request.initialize()
            assert (await call(bot, "getMe"))["is_bot"]
        with pytest.raises(Unsent):
            await call(bot, "getMe")


def test_aiohttp_is_not_imported_before_a_connection_is_opened() -> None:
    program = "import sys, bot.telegram_transport as t; t.make_bot('1:x'); sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
