"""What a Telegram Mini App says of who opened it: believed only with the platform's signature, and for an hour."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

FRESH = timedelta(hours=1)
AHEAD = timedelta(seconds=30)  # a clock of the platform that is a little before ours
FIELDS = 32


@dataclass(frozen=True, slots=True)
class InitData:
    """What the platform signed: the number of the Telegram user, since when (seconds since 1970), and the signature that we computed,
    the same in whatever way the fields were written."""

    user: str
    at: int
    signature: str


def read_init_data(text: str, token: str, now: datetime) -> InitData | None:
    """What an initData says; None for what the platform did not sign for the bot with this `token`, or not within the hour before
    `now` (aware)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        return None
    given = dict(pairs)
    if len(given) != len(pairs) or any("=" in key or "\n" in f"{key}{value}" for key, value in pairs):
        return None  # what is signed is lines of key=value: no line may be read as another field, or two as one
    said = "\n".join(f"{key}={value}" for key, value in sorted(pairs) if key != "hash")
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    expected = hmac.new(key, said.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), given.get("hash", "").encode()):
        return None
    at = given.get("auth_date", "")
    if not (at.isascii() and at.isdecimal() and len(at) <= 12):
        return None
    age = now.timestamp() - int(at)
    if not -AHEAD.total_seconds() <= age <= FRESH.total_seconds():
        return None
    user = _user(given.get("user", ""))
    return InitData(user, int(at), expected) if user is not None else None


def _user(text: str) -> str | None:
    try:
        user = json.loads(text)
    except (ValueError, RecursionError):
        return None
    number = user.get("id") if isinstance(user, dict) else None
    return str(number) if type(number) is int and number > 0 else None
