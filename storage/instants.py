"""How an instant is stored: in UTC, without a zone."""

from datetime import UTC, datetime


def as_stored(instant: datetime) -> datetime:
    """An instant, of whatever zone, as the tables hold it."""
    return instant.astimezone(UTC).replace(tzinfo=None)
