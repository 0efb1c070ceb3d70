"""What is sent to Slack, block by block: kept in tests/golden, and checked against Block Kit's limits while it is made.

After a wanted change:  UPDATE_GOLDEN=1 pytest tests/test_slack_golden.py, and read the difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from storage.tables import channels
from tests.slack_people import SlackOffice, linked
from tests.talk import Office

GOLDEN = Path(__file__).parent / "golden"
LINE = "/presentie De Kade gisteren 14u-16u koken, 12 jongeren, 2 begeleiders"


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_the_blocks_are_as_they_were(office: Office, slack: SlackOffice, language: str) -> None:
    aicha = linked(office, slack)
    aicha.command(f"/taal {language}")
    seen: dict[str, Any] = {}
    seen["balance, where it was asked"] = aicha.command("/saldo", "C7").body
    aicha.open_home()
    seen["home"] = _view(aicha.home)
    aicha.command(LINE, "C7")
    seen["form"] = _view(aicha.modal)
    aicha.fill("declared", "yes")
    seen["form, judged"] = _view(aicha.modal)
    aicha.submit()
    seen["receipt"] = {"text": aicha.sees[-1].text, "blocks": aicha.sees[-1].blocks}
    aicha.say("presentie")
    seen["question"] = {"text": aicha.sees[-1].text, "blocks": aicha.sees[-1].blocks}
    office.run(lambda tx: tx.execute(channels.update().values(language=language)))
    lotte = linked(office, slack, "K1", "U2")
    lotte.command("/samenvatting", "C0SAMPLE01")
    seen["summary"] = _sent(slack, "respond")
    slack.standin.refuses["data_visualization"] = "invalid_blocks"
    lotte.command("/samenvatting", "C0SAMPLE01")
    seen["summary, refused"] = _sent(slack, "respond")
    found = json.dumps(seen, ensure_ascii=False, indent=1) + "\n"
    kept = GOLDEN / f"slack-{language}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 keeps the new blocks"


def _sent(slack: SlackOffice, method: str) -> dict[str, Any]:
    """What was sent last, without where to."""
    sent = [params for name, params in slack.standin.calls if name == method][-1]
    return {"text": sent["text"], "blocks": sent["blocks"]}


def _view(view: Any) -> dict[str, Any]:
    """A view without what the stand-in adds."""
    return {name: value for name, value in view.items() if name not in ("id", "hash", "state")}
