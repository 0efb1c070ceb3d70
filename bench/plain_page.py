"""The anchor for the pages: bare Starlette and Jinja2, which list a person's newest moments by the same query.

python -m bench.plain_page DATABASE PORT   until it is killed
"""

import sys

import uvicorn
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from handlers.pages import PAGE
from storage.database import Database
from storage.page_rows import Filter, read_moments

PERSON = 1
TEMPLATE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Momenten</title></head>
<body><main><h1>Momenten</h1>
<p>{{ count }} momenten, {{ minutes }} minuten</p>
<table><thead><tr><th>Dag</th><th>Wat</th><th>Duur</th></tr></thead><tbody>
{% for each in rows %}
<tr><th>{{ each.day }}, {{ each.begins }}</th><td>{{ each.werkvorm }}, {{ each.place }}</td><td>{{ each.minutes }}</td></tr>
{% endfor %}
</tbody></table></main></body></html>
"""


def serve(url: str, port: int) -> None:
    """Listen until the process ends."""
    database = Database(url)
    templates = Jinja2Templates(env=Environment(loader=DictLoader({"page.html": TEMPLATE}), autoescape=True))

    def page(request: Request) -> HTMLResponse:
        with database.engine.connect() as tx:
            rows, count, minutes = read_moments(tx, Filter(person=PERSON), 0, PAGE)
        return templates.TemplateResponse(request, "page.html", {"rows": rows, "count": count, "minutes": minutes})

    uvicorn.run(Starlette(routes=[Route("/momenten", page)]), port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
