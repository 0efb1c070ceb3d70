"""Whether a request was signed by Slack, lately. Whatever is malformed is false, never an error."""

import hashlib
import hmac

LATE = 300  # seconds
AHEAD = 30  # seconds that our clock may be behind Slack's


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether `signature` is Slack's over this time and body, and the time (in seconds) is not over five minutes old nor to come."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if not -AHEAD <= now - int(timestamp) <= LATE:
        return False
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode("utf-8", "surrogateescape"))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body at a time in seconds."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
