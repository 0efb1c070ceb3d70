"""The stand-in refuses, confirms and repeats as the Bot API does, and its people see what the bot shows."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError

from bot.telegram_transport import DiscreetBot, call, fetch_updates, make_bot
from tests.telegram_standin import Person, Standin, standin_thread

BOLD = {"inline_keyboard": [[{"text": "✅ Bevestigen", "callback_data": "yes"}, {"text": "Terug", "callback_data": "b"}]]}


@pytest.fixture
async def telegram() -> AsyncIterator[Standin]:
    async with Standin() as standin:
        yield standin


@pytest.fixture
async def bot(telegram: Standin) -> AsyncIterator[DiscreetBot]:
    async with make_bot(telegram.token, telegram.url) as bot:
        yield bot


@pytest.fixture
def ann(telegram: Standin) -> Person:
    ann = telegram.person("Ann")
    ann.start()
    telegram.waiting.clear()
    telegram._owed.clear()
    return ann


async def answer_everything(bot: DiscreetBot) -> None:
    """A small bot: a card for every text, an alert and an edit for every press."""
    offset = 0
    while True:
        for update in await fetch_updates(bot, offset, 20):
            offset = update["update_id"] + 1
            if query := update.get("callback_query"):
                await call(bot, "answerCallbackQuery", callback_query_id=query["id"], text="Geboekt")
                where = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
                with suppress(BadRequest):
                    await call(bot, "editMessageText", text=f"U koos {query['data']}", **where)
            elif message := update.get("message"):
                text = f"<b>U zei</b> {message.get('text', 'iets')}"
                await call(
                    bot, "sendMessage", chat_id=message["chat"]["id"], text=text, parse_mode="HTML", reply_markup=BOLD
                )


@pytest.fixture
async def talking(bot: DiscreetBot) -> AsyncIterator[None]:
    task = asyncio.create_task(answer_everything(bot))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("talking")
async def test_a_person_talks_presses_and_sees_the_screen(telegram: Standin, ann: Person) -> None:
    ann.say("hallo")
    await ann.settle()
    assert ann.screen() == "U zei hallo\n\n[✅ Bevestigen][Terug]"
    ann.press("Bevestigen")
    await ann.settle()
    assert ann.screen() == "U koos yes"
    assert [alert["text"] for alert in ann.alerts] == ["Geboekt"]
    assert telegram.unanswered() == []
    assert telegram.requests["sendMessage"] == telegram.requests["editMessageText"] == 1
    with pytest.raises(AssertionError, match="No button 'Wijzig'"):
        ann.press("Wijzig")


@pytest.mark.usefixtures("talking")
async def test_presses_that_are_stale_or_come_again(telegram: Standin, ann: Person) -> None:
    ann.say("hallo")
    await ann.settle()
    card = ann.last
    first = ann.press("Terug")
    again, same = ann.repress(), ann.repress(same_query=True)
    ann.press_data(card.message_id, "forged")
    ann.press_data(5, "gone")
    await ann.settle()
    assert first == same != again
    assert len(telegram.answers[first]) == 2
    assert telegram.unanswered() == []


@pytest.mark.usefixtures("talking")
async def test_everything_that_is_no_text_arrives_too(telegram: Standin, ann: Person) -> None:
    sent = [ann.send_voice(), ann.send_photo(), ann.send_sticker(), ann.send_location(), ann.send_contact()]
    sent += [ann.forward("doorgestuurd"), ann.send_document("a.csv", b"a")]
    ann.edit(ann.say("typfout"), "geen typfout")
    await ann.settle()
    assert telegram.requests["sendMessage"] == len(sent) + 1
    assert not telegram.waiting


async def test_settle_says_what_the_bot_left_undone(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    ann.say("hallo")
    with pytest.raises(AssertionError, match=r"not confirmed.*Ann: 'hallo'"):
        await ann.settle(timeout=0.05)
    (update,) = await call(bot, "getUpdates")
    await call(bot, "getUpdates", offset=update["update_id"] + 1)
    with pytest.raises(AssertionError, match=r"not answered.*Ann: 'hallo'"):
        await ann.settle(timeout=0.05)
    await ann.settle(timeout=0.05, answer=False)


async def test_an_update_comes_again_until_it_is_confirmed(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    ann.say("een")
    ann.say("twee")
    first, second = await call(bot, "getUpdates")
    assert await call(bot, "getUpdates", offset=first["update_id"]) == [first, second]
    assert await call(bot, "getUpdates", offset=second["update_id"]) == [second]
    assert await call(bot, "getUpdates", offset=second["update_id"] + 1) == []
    telegram.redeliver(second)
    assert await call(bot, "getUpdates", offset=second["update_id"] + 1) == [second]
    assert await call(bot, "getUpdates", offset=second["update_id"] + 1) == []


async def test_of_two_pollers_the_first_gets_a_conflict(telegram: Standin, bot: DiscreetBot) -> None:
    first = asyncio.create_task(fetch_updates(bot, 0, 20))
    while not telegram.polls:
        await asyncio.sleep(0)
    async with make_bot(telegram.token, telegram.url) as other:
        await call(other, "getUpdates", timeout=0)
    with pytest.raises(Conflict, match="terminated by other"):
        await first


REFUSALS: list[tuple[str, dict[str, Any], type, str]] = [
    ("sendMessage", {"text": "x", "chat_id": 1}, BadRequest, "Chat not found"),
    ("sendMessage", {"text": " "}, BadRequest, "Message text is empty"),
    ("sendMessage", {"text": "🙂" * 2049}, BadRequest, "Message is too long"),
    ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, BadRequest, "Can't find end tag.*\"b\""),
    ("sendMessage", {"text": "é < 3", "parse_mode": "HTML"}, BadRequest, "Unclosed start tag at byte offset 3"),
    ("sendMessage", {"text": "<x>a</x>", "parse_mode": "HTML"}, BadRequest, 'Unsupported start tag "x"'),
    ("sendMessage", {"text": "<b><i>a</b></i>", "parse_mode": "HTML"}, BadRequest, 'expected "</i>", found "</b>"'),
    ("editMessageText", {"text": "x", "message_id": 1}, BadRequest, "Message to edit not found"),
    ("editMessageText", {"text": "Dag", "reply_markup": BOLD}, BadRequest, "Message is not modified"),
    ("editMessageText", {"text": "<b>" + "x" * 4097 + "</b>", "parse_mode": "HTML"}, BadRequest, "TOO_LONG"),
    ("editMessageReplyMarkup", {"reply_markup": BOLD}, BadRequest, "Message is not modified"),
    ("deleteMessage", {"message_id": 1}, BadRequest, "Message to delete not found"),
    ("answerCallbackQuery", {"callback_query_id": "q0"}, BadRequest, "Query is too old"),
    ("sendDocument", {"document": "nothing"}, BadRequest, "Wrong remote file identifier"),
    ("sendChatAction", {"action": "sleeping"}, BadRequest, "Wrong parameter action"),
    ("setMyCommands", {"commands": [{"command": "Saldo!", "description": "x"}]}, BadRequest, "BOT_COMMAND_INVALID"),
    ("setWebhook", {"url": "http://example.org"}, BadRequest, "An HTTPS URL must be provided"),
    ("setWebhook", {"url": "https://x", "secret_token": "é"}, BadRequest, "unallowed characters"),
    ("getFile", {"file_id": "nothing"}, BadRequest, "Wrong file_id"),
    ("sendRichMessage", {}, InvalidToken, "Not Found"),
]


@pytest.mark.parametrize(("method", "params", "error", "words"), REFUSALS)
async def test_it_refuses_what_the_bot_api_refuses(
    telegram: Standin, bot: DiscreetBot, ann: Person, method: str, params: dict[str, Any], error: type, words: str
) -> None:
    sent = await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag", reply_markup=BOLD)
    with pytest.raises(error, match=f"(?i){words}"):
        await call(bot, method, **{"chat_id": ann.chat.id, "message_id": sent["message_id"], **params})
    assert ann.screen() == "Dag\n\n[✅ Bevestigen][Terug]"


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_callback_data_is_1_to_64_bytes(bot: DiscreetBot, ann: Person, data: str) -> None:
    for size, good in ((data, False), ("é" * 32, True)):
        markup = {"inline_keyboard": [[{"text": "Ja", "callback_data": size}]]}
        if good:
            await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag", reply_markup=markup)
        else:
            with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
                await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag", reply_markup=markup)


async def test_4096_characters_count_after_the_markup(bot: DiscreetBot, ann: Person) -> None:
    text = "<b>" + "&lt;" * 4096 + "</b>"
    sent = await call(bot, "sendMessage", chat_id=ann.chat.id, text=text, parse_mode="HTML")
    assert sent["text"] == "<" * 4096
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_strangers_and_those_who_blocked_are_refused(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    stranger = telegram.person("Bo")
    with pytest.raises(Forbidden, match="initiate"):
        await call(bot, "sendMessage", chat_id=stranger.chat.id, text="Dag")
    ann.block()
    with pytest.raises(Forbidden, match="blocked"):
        await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    ann.unblock()
    await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    blocked, back = await bot.get_updates()
    assert (blocked.my_chat_member.new_chat_member.status, back.my_chat_member.new_chat_member.status) == (
        "kicked",
        "member",
    )


async def test_a_group_shows_the_bot_only_what_is_for_it(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    team = telegram.group("Team", [ann])
    ann.say("onder ons", chat=team)
    ann.say("/samenvatting@uurwijzer_bot", chat=team)
    updates = await bot.get_updates()
    assert [update.message.text for update in updates if update.message and update.message.text] == [
        "/samenvatting@uurwijzer_bot"
    ]
    assert updates[0].my_chat_member.new_chat_member.status == "member"
    team.remove_bot(ann)
    with pytest.raises(Forbidden, match="kicked"):
        await call(bot, "sendMessage", chat_id=team.chat.id, text="Dag")


async def test_every_update_kind_reads_as_the_librarys_object(
    telegram: Standin, bot: DiscreetBot, ann: Person
) -> None:
    team = telegram.group("Team", [ann])
    team.migrate(-1005, ann)
    ann.forward("x")
    ann.send_contact()
    await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag", reply_markup=BOLD)
    ann.press("Terug")
    ann.press_data(3, "gone")
    updates = await bot.get_updates()
    assert updates[-1].callback_query.message.is_accessible is False
    assert updates[-2].callback_query.message.text == "Dag"
    assert (await bot.get_chat(ann.chat.id)).first_name == "Ann"
    assert (await bot.get_chat_member(-1005, ann.user["id"])).status == "creator"
    await bot.set_my_commands([("saldo", "Saldo")], language_code="nl")
    assert telegram.commands["default", "nl"][0]["command"] == "saldo"
    assert (await bot.get_my_commands(language_code="nl"))[0].command == "saldo"


async def test_the_webhook_is_posted_with_its_secret_until_it_is_taken(
    telegram: Standin, bot: DiscreetBot, ann: Person
) -> None:
    got: list[tuple[str | None, Any]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        if len(got) < 3:
            return web.Response(status=503)
        return web.json_response({"method": "sendMessage", "chat_id": ann.chat.id, "text": "Dag"})

    app = web.Application()
    app.router.add_post("/telegram/webhook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/webhook"
    await bot.set_webhook(url, secret_token="geheim")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    ann.say("hallo")
    await ann.settle()
    assert [secret for secret, _ in got] == ["geheim"] * 3
    assert len({update["update_id"] for _, update in got}) == 1
    assert ann.screen() == "Dag"
    assert (await bot.get_webhook_info()).last_error_message == "Wrong response from the webhook: 503"
    await bot.delete_webhook()
    ann.say("nog iets")
    assert [update.message.text for update in await bot.get_updates()] == ["nog iets"]
    assert telegram.dropped == 0
    await runner.cleanup()


async def test_faults_follow_the_script_and_end(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    telegram.fail_next("sendMessage", "500", times=2)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    telegram.fail_next("*", "403", times=None, chat=ann.chat.id)
    with pytest.raises(Forbidden):
        await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    await call(bot, "getMe")
    telegram.heal()
    await call(bot, "sendMessage", chat_id=ann.chat.id, text="Dag")
    assert [each.status for each in telegram.of("sendMessage")] == [500, 500, 200, 403, 200]


async def test_an_outage_keeps_what_was_said(telegram: Standin, bot: DiscreetBot, ann: Person) -> None:
    await telegram.__aexit__()
    ann.say("hallo")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    await telegram.__aenter__()
    assert [update.message.text for update in await bot.get_updates()] == ["hallo"]


async def test_a_wrong_or_retired_token_is_refused(telegram: Standin, bot: DiscreetBot) -> None:
    for token in ("700:AAFictional-but-another-one-0000000", "nonsense"):
        other = make_bot(token, telegram.url)
        with pytest.raises(InvalidToken):
            await other.initialize()
        await other.shutdown()
    await bot.log_out()
    with pytest.raises(InvalidToken):
        await bot.get_me()


def test_a_bot_in_another_process_is_talked_to_from_this_thread() -> None:
    program = (
        "import asyncio, sys; from bot.telegram_transport import make_bot;"
        "from tests.test_telegram_standin import answer_everything\n"
        "async def main():\n"
        "    async with make_bot(sys.argv[1], sys.argv[2]) as bot: await answer_everything(bot)\n"
        "asyncio.run(main())"
    )
    with standin_thread() as telegram:
        process = subprocess.Popen([sys.executable, "-c", program, telegram.token, telegram.url])
        try:
            ann = telegram.person("Ann")
            ann.say("hallo")
            telegram.settled(timeout=30)
            assert ann.screen() == "U zei hallo\n\n[✅ Bevestigen][Terug]"
            ann.press("Terug")
            telegram.settled()
            assert ann.screen() == "U koos b"
        finally:
            process.kill()
            process.wait()
