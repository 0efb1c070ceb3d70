"""The clock that everything is handed: the system's, or one that the setting NOW moved and that runs on from there."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

Clock = Callable[[], datetime]


def make_clock(now: datetime | None, timezone: tzinfo, elapsed: Callable[[], float] = time.monotonic) -> Clock:
    """Return a function that gives the present moment, with its zone.

    `now` (local, without a zone) is what the clock shows at this call; afterwards it runs on with `elapsed` (seconds
    from any start). Without `now` it is the system's clock.
    """
    if now is None:
        return lambda: datetime.now(timezone)
    shown = now.replace(tzinfo=timezone).astimezone(UTC)
    started = elapsed()
    return lambda: (shown + timedelta(seconds=elapsed() - started)).astimezone(timezone)
