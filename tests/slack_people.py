"""People who use Slack: they type commands and messages, press, fill in modals, open their Home; and an app of ours that hears it."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from bot.slack_acknowledging import Ack
from bot.slack_intake import Slack, make_slack
from rules.typed import fold
from tests.slack_standin import Body, Said, SlackStandin, Team, request_of
from tests.talk import Part


class SlackOffice(Part):
    """Slack and the app, on one loop in a thread of its own. `make`: gives (database, world, clock) of the app, anew at each start."""

    def __init__(self, make: Callable[[], tuple[Any, Any, Any]], teams: int = 1) -> None:
        self.make = make
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="slack", daemon=True)
        self.thread.start()
        self.standin = self.call(_made())
        self.call(self.standin.start())
        self.teams = [self.standin.team(number + 1) for number in range(teams)]
        self.slept: list[float] = []
        self.seconds = time.time()
        self.start()

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def start(self) -> None:
        self.slack: Slack = self.call(self._begin())

    async def _begin(self) -> Slack:
        database, world, clock = self.make()
        tokens, hidden = [each.token for each in self.teams], [each.secret for each in self.teams]
        fake = {"sleep": self._sleep, "pace": 0, "seconds": lambda: self.seconds}
        slack = make_slack(tokens, hidden, self.standin.url, database, world, clock, **fake)
        for each in slack.workspaces:
            await each.begin()
        return slack

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def stop(self) -> None:
        self.call(self.slack.end(5))

    def close(self) -> None:
        self.stop()
        self.call(self.standin.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def deliver_owed(self) -> None:
        self.call(self.slack.deliver_owed())

    def hear(self, body: Body, team: Team, *, settle: bool = True) -> Ack:
        """Let the app hear a signed request, and wait until all is done that it brings."""
        return self.hear_signed(*request_of(body, team.secret, int(self.seconds)), settle=settle)

    def hear_signed(self, headers: dict[str, str], raw: bytes, *, settle: bool = True) -> Ack:
        """Let the app hear a request as it is, and wait until all is done that it brings."""
        return self.call(self._hear(headers, raw, settle))

    async def _hear(self, headers: dict[str, str], raw: bytes, settle: bool) -> Ack:
        ack = await self.slack.receive(headers, raw)
        while settle and (tasks := [task for each in self.slack.workspaces for task in each.tasks]):
            await asyncio.wait(tasks)
        return ack

    def person(self, user: str = "U1", team: Team | None = None) -> "SlackPerson":
        return SlackPerson(self, user, team or self.teams[0])


class SlackPerson:
    """Somebody in a workspace, with what she sees."""

    def __init__(self, office: SlackOffice, user: str, team: Team) -> None:
        self.office, self.user, self.team = office, user, team
        self.direct = f"D{user[1:]}"
        self.errors: dict[str, str] = {}
        self.pressed: Body | None = None

    # What she sees

    @property
    def sees(self) -> list[Said]:
        """The messages in her conversation with the app, and those that only she sees elsewhere."""
        return [each for each in self.team.said if (each.channel == self.direct and not each.only) or each.only == self.user]

    @property
    def modal(self) -> Body | None:
        stack = self.team.modals.get(self.user)
        return stack[-1] if stack else None

    @property
    def home(self) -> Body:
        return self.team.homes[self.user]

    # What she does

    def act(self, body: Body, **more: Any) -> Ack:
        ack = self.office.hear(body, self.team, **more)
        if "command" in body and isinstance(ack.body, dict):
            self.office.standin.answered(self.team, self.user, body["channel_id"], ack.body)
        return ack

    def trigger(self) -> str:
        return f"{self.user}.{next(self.office.standin.numbers)}"

    def command(self, line: str, channel: str = "", **more: Any) -> Ack:
        """A slash command: "/uren saldo", in a channel or in her conversation with the app."""
        name, _, text = line.partition(" ")
        channel = channel or self.direct
        url = self.office.standin.response(self.team, self.user, channel)
        body = {
            "command": name, "text": text, "user_id": self.user, "team_id": self.team.id, "channel_id": channel, "channel_name": "algemeen",
            "response_url": url, "trigger_id": self.trigger(), "api_app_id": "A1", **more,
        }  # fmt: skip
        return self.act(body)

    def event(self, event: Body, **more: Any) -> Ack:
        number = f"Ev{next(self.office.standin.numbers)}"
        return self.act({"type": "event_callback", "team_id": self.team.id, "event_id": number, "event": event, **more})

    def say(self, text: str, thread: str = "") -> Ack:
        """A message in her conversation with the app, or in a thread of it."""
        ts = self.office.standin.ts()
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.team.said.append(Said(self.direct, ts, escaped, [], self.user, thread=thread))
        said = {"channel": self.direct, "user": self.user, "text": escaped, "ts": ts, **({"thread_ts": thread} if thread else {})}
        return self.event({"type": "message", "channel_type": "im", **said})

    def open_home(self) -> Ack:
        return self.event({"type": "app_home_opened", "tab": "home", "user": self.user, "channel": self.direct})

    def shortcut(self, message: str | None = None) -> Ack:
        body: Body = {"type": "shortcut", "callback_id": "register", "user": {"id": self.user, "team_id": self.team.id},
                      "team": {"id": self.team.id}, "trigger_id": self.trigger()}  # fmt: skip
        if message is not None:
            body |= {"type": "message_action", "message": {"text": message, "ts": "1.1"}, "channel": {"id": "C1"}}
        return self.act(body)

    def press(self, label: str) -> Ack:
        """The newest button that reads so, in the modal when one is open, else in a message."""
        wanted = fold(label)

        def reads(button: Body) -> bool:
            return fold(button["text"]["text"]).startswith(wanted)

        if self.modal is not None:
            return self.press_in(self.modal, next(each for each in buttons_in(self.modal) if reads(each)))
        found = self._button(lambda button: fold(button["text"]["text"]) == wanted) or self._button(reads)
        assert found, f"No button {label!r} in:\n{self.screen()}"
        return self.press_on(*found)

    def _button(self, which: Callable[[Body], bool]) -> tuple[Said, Body] | None:
        return next(((said, button) for said in reversed(self.sees) for button in said.buttons if which(button)), None)

    def choose(self, meaning: str) -> Ack:
        """The newest button that means this."""
        found = self._button(lambda button: button["value"].endswith(meaning))
        assert found, f"No button means {meaning!r} in:\n{self.screen()}"
        return self.press_on(*found)

    def press_on(self, said: Said, button: Body, **more: Any) -> Ack:
        url = self.office.standin.response(self.team, self.user, said.channel)
        if said.only:
            said.response = url
        container = {"type": "message", "message_ts": said.ts, "channel_id": said.channel, "is_ephemeral": bool(said.only)}
        message = {"ts": said.ts, **({"thread_ts": said.thread} if said.thread else {})}
        body = {
            "type": "block_actions", "team": {"id": self.team.id}, "user": {"id": self.user, "team_id": self.team.id},
            "channel": {"id": said.channel, "name": "directmessage"}, "container": container, "message": message,
            "actions": [{"type": "button", "value": button["value"], "action_id": button["action_id"], "action_ts": "1.2"}],
            "response_url": url, "trigger_id": self.trigger(), **more,
        }  # fmt: skip
        self.pressed = body
        return self.act(body)

    def repress(self) -> Ack:
        """The last press on a message, again."""
        assert self.pressed is not None
        return self.act({**self.pressed, "trigger_id": self.trigger()})

    def press_in(self, view: Body, button: Body) -> Ack:
        """A button in a modal or in the Home."""
        return self._in_view(view, {"type": "button", "value": button["value"], "action_id": button["action_id"]})

    def press_home(self, label: str) -> Ack:
        found = next(each for each in buttons_in(self.home) if fold(each["text"]["text"]).startswith(fold(label)))
        return self.press_in(self.home, found)

    def _in_view(self, view: Body, action: Body) -> Ack:
        body = {"type": "block_actions", "team": {"id": self.team.id}, "user": {"id": self.user, "team_id": self.team.id},
                "view": {**view, "team_id": self.team.id}, "container": {"type": "view", "view_id": view["id"]}, "actions": [action],
                "trigger_id": self.trigger()}  # fmt: skip
        return self.act(body)

    def fill(self, key: str, value: str, *, enter: bool = True) -> None:
        """Fill in a field of the modal; a choice and a day tell the app at once, what is typed when Enter is pressed."""
        assert self.modal is not None
        block = next(each for each in self.modal["blocks"] if each["type"] == "input" and each["block_id"].partition("~")[0] == key)
        element = block["element"]
        given = self.modal["state"]["values"][block["block_id"]][element["action_id"]]
        if element["type"] == "static_select":
            wanted = [each for each in element["options"] if value in (each["value"], each["text"]["text"])]
            wanted = wanted or [each for each in element["options"] if fold(each["text"]["text"]).startswith(fold(value))]
            assert wanted, f"{key} offers {[each['text']['text'] for each in element['options']]}"
            given["selected_option"] = wanted[0]
        else:
            given[{"datepicker": "selected_date", "timepicker": "selected_time"}.get(element["type"], "value")] = value
        if enter:
            self._in_view(self.modal, {"type": element["type"], "block_id": block["block_id"], "action_id": element["action_id"]})

    def close(self) -> None:
        """Close the modal that lies on top."""
        self.team.modals[self.user].pop()

    def submit(self, view: Body | None = None, **more: Any) -> Ack:
        """Press the button of the modal; what is answered happens to it."""
        view = view or self.modal
        assert view is not None
        body = {"type": "view_submission", "team": {"id": self.team.id}, "user": {"id": self.user, "team_id": self.team.id},
                "view": {**view, "team_id": self.team.id}, "trigger_id": self.trigger(), **more}  # fmt: skip
        ack = self.act(body)
        self.errors = {}
        match (ack.body or {}).get("response_action"):
            case "errors":
                known = {each.get("block_id") for each in view["blocks"]}
                assert set(ack.body["errors"]) <= known, f"errors at blocks that are not there: {ack.body['errors']}"
                self.errors = ack.body["errors"]
            case "update":
                stack = self.team.modals[self.user]
                made = self.office.standin.replaced(view, ack.body["view"])
                stack[-1] = stack[-1] if stack[-1]["hash"] != view["hash"] else made
            case _:
                self.team.modals.pop(self.user, None)
        return ack

    # As text

    def screen(self) -> str:
        return "\n\n".join(shown(each) for each in self.sees[-3:] if each.user == self.team.bot)

    def modal_text(self) -> str:
        assert self.modal is not None
        return view_text(self.modal)


def shown(said: Said) -> str:
    """A message as text: its words, then each row of buttons."""
    if said.file:
        return f"<file {said.file}> {said.text}"
    return "\n".join(_lines(said.blocks)) if said.blocks else said.text


def view_text(view: Body) -> str:
    """A modal or a Home as text, with what stands in its fields."""
    titles = [view[each]["text"] for each in ("title", "submit", "close") if each in view]
    values = (view.get("state") or {}).get("values") or {}
    return "\n".join([" | ".join(titles), *_lines(view["blocks"], values)])


def value_of(given: Body) -> str:
    """What stands in a field."""
    option = given.get("selected_option")
    return str(option["text"]["text"] if option else given.get("selected_date") or given.get("selected_time") or given.get("value") or "")


def _lines(blocks: list[Body], values: Body | None = None) -> list[str]:
    found = []
    for block in blocks:
        match block["type"]:
            case "actions":
                found.append("".join(f"[{each['text']['text']}]" for each in block["elements"]))
            case "context":
                found.append("* " + " ".join(each["text"] for each in block["elements"]))
            case "input":
                element = block["element"]
                given = ((values or {}).get(block["block_id"]) or {}).get(element["action_id"]) or {}
                found.append(f"({element['type']}) {block['label']['text']}: {value_of(given)}".rstrip())
                found.append("  " + (block.get("hint") or {"text": ""})["text"])
                found += [f"  ( ) {each['text']['text']}" for each in element.get("options", ())]
            case "divider":
                found.append("---")
            case "table":
                found += [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
            case "data_visualization":
                found.append(f"<{block['chart']['type']} chart> {block['title']}")
            case _:
                found.append(block["text"]["text"])
    return found


def buttons_in(view: Body) -> list[Body]:
    return [element for block in view["blocks"] if block["type"] == "actions" for element in block["elements"]]


def linked(office: Any, slack: SlackOffice, key: str = "K3", user: str = "U1", team: str = "T1") -> SlackPerson:
    """Somebody of the sample with an account in a workspace."""
    office.link("slack", team, user, user, key)
    return slack.person(user, next(each for each in slack.teams if each.id == team))


async def _made() -> SlackStandin:
    return SlackStandin()
