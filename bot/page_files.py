"""What a screen brings to a browser beside its words: pictures within the page, a file to keep, our own style and scripts."""

import asyncio
import base64
import logging
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.page_words import STATIC, static_file
from handlers.screen import Screen

log = logging.getLogger("uurwijzer")
_BLANK = "picture:{}"  # no address: a browser goes nowhere for it


def blanks(screens: Sequence[Screen]) -> list[list[tuple[str, Any]]]:
    """Per screen its pictures, each by a name of its own that `with_pictures` replaces, with what it says in words."""
    numbered = enumerate(each.alternative for screen in screens for each in screen.pictures)
    named = iter([(_BLANK.format(number), words) for number, words in numbered])
    return [[next(named) for _ in screen.pictures] for screen in screens]


async def with_pictures(html: str, screens: Sequence[Screen]) -> str:
    """A page with its pictures in it. One that cannot be drawn is left out: its words stand there."""
    drawn = [(each, screen.language) for screen in screens for each in screen.pictures]
    for number, (each, language) in enumerate(drawn):
        from bot.drawings import draw

        try:
            content = await asyncio.to_thread(draw, each.drawing, each.figures, language)
        except Exception:
            log.exception("the picture %s could not be drawn for a page", each.drawing)
            continue
        address = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        html = html.replace(f'src="{_BLANK.format(number)}"', f'src="{address}"')
    return html


async def as_file(screens: Sequence[Screen]) -> Response | None:
    """The first file of a screen, to keep; None when there is none."""
    for each in screens:
        if each.workbooks:
            from bot.workbooks import make_workbook

            book = each.workbooks[0]
            return _download(book.name, await asyncio.to_thread(make_workbook, book.sheets, book.figures, each.language))
        if each.files:
            return _download(each.files[0].name, each.files[0].content)
    return None


def _download(name: str, content: bytes) -> Response:
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name)
    return Response(content, media_type="application/octet-stream", headers={"content-disposition": f'attachment; filename="{safe}"'})


async def static(request: Request) -> Response:
    """A style or script of ours."""
    name = request.url.path.rpartition("/")[2]
    return Response(static_file(name), headers={"content-type": STATIC[name], "cache-control": "public, max-age=3600"})
