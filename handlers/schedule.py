"""What is owed without anybody asking: the jobs of the schedule, each a plain function that is run once a minute.

A job owes what is due by `now` and no more: keys of the outbox are unique and each "next" is moved in the same transaction, so
a job may run twice, late, or on two instances, and nothing is lost or doubled. It does a bounded piece of work and returns True
when there is more to do at once.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from handlers import nightly
from handlers.afterwards import owe_plans
from handlers.channels import owe_warnings
from handlers.notices import owe_notices
from handlers.reminding import owe_reminders
from handlers.request_schedule import owe_requests
from handlers.summary_posting import owe_summaries
from handlers.world import World

Job = Callable[[Connection, World, datetime], bool | None]

# Plans before the reminders, which follow them; the auditor last: what is owed was owed before it looks.
JOBS: tuple[Job, ...] = (owe_notices, owe_requests, owe_plans, owe_reminders, owe_summaries, owe_warnings, nightly.end_terms, nightly.audit)
